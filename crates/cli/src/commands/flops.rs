//! `spork flops`: what queries cost before they are run.

use std::collections::HashMap;
use std::io::Write;

use anyhow::Result;
use spork_eval::expected_flops;
use spork_files::Output;
use spork_index::Index;
use spork_searcher::Query;

use crate::args::FlopsArgs;
use crate::inputs::read_query_vectors;

pub(crate) fn run(args: &FlopsArgs) -> Result<()> {
    let index = Index::open(&args.index)?;
    let queries = read_query_vectors(&args.vectors)?;
    let parsed =
        queries.iter().map(|query| Query::new(&index, &query.weights)).collect::<Result<Vec<_>, _>>()?;
    let documents = index.manifest().documents;
    let flops = flops(&index, &parsed)?;
    let mut output = Output::open(None)?;
    writeln!(output, "FLOPS\t{flops:.4}")?;
    writeln!(output, "documents\t{documents}")?;
    writeln!(output, "queries\t{}", queries.len())?;
    writeln!(output, "postings per query\t{:.1}", flops * f64::from(documents))?;
    Ok(output.finish()?)
}

/// Expected FLOPS of a pair of one of the queries and one of the index's documents.
pub(super) fn flops(index: &Index, queries: &[Query]) -> Result<f64> {
    let mut frequencies: HashMap<u32, (u64, u64)> = HashMap::new();
    for &(term, _) in queries.iter().flat_map(Query::terms) {
        let df = u64::from(index.lexicon().statistics(term)?.df);
        frequencies.entry(term.0).or_insert((df, 0)).1 += 1;
    }
    // In the order of terms, so that the sum is the same to the last digit each time.
    let mut frequencies: Vec<(u32, (u64, u64))> = frequencies.into_iter().collect();
    frequencies.sort_unstable();
    let pairs = frequencies.into_iter().map(|(_, pair)| pair);
    Ok(expected_flops(pairs, u64::from(index.manifest().documents), queries.len() as u64))
}
