//! `spork flops`: what queries cost before they are run.

use std::collections::HashMap;
use std::io::Write;

use anyhow::Result;
use spork_eval::expected_flops;
use spork_index::Index;
use spork_searcher::Query;
use spork_vectors::Output;

use crate::args::FlopsArgs;
use crate::inputs::read_query_vectors;

pub(crate) fn run(args: &FlopsArgs) -> Result<()> {
    let index = Index::open(&args.index)?;
    let queries = read_query_vectors(&args.vectors)?;
    let mut frequencies: HashMap<u32, (u64, u64)> = HashMap::new();
    for query in &queries {
        for &(term, _) in Query::new(&index, &query.weights)?.terms() {
            let df = u64::from(index.lexicon().statistics(term)?.df);
            frequencies.entry(term.0).or_insert((df, 0)).1 += 1;
        }
    }
    let documents = u64::from(index.manifest().documents);
    // In the order of terms, so that the sum is the same to the last digit each time.
    let mut frequencies: Vec<(u32, (u64, u64))> = frequencies.into_iter().collect();
    frequencies.sort_unstable();
    let pairs = frequencies.into_iter().map(|(_, pair)| pair);
    let flops = expected_flops(pairs, documents, queries.len() as u64);
    let mut output = Output::open(None)?;
    writeln!(output, "FLOPS\t{flops:.4}")?;
    writeln!(output, "documents\t{documents}")?;
    writeln!(output, "queries\t{}", queries.len())?;
    writeln!(output, "postings per query\t{:.1}", flops * documents as f64)?;
    Ok(output.finish()?)
}
