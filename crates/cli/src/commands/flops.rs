//! `spork flops`: what queries cost before they are run.

use std::io::Write;

use anyhow::Result;
use spork_files::Output;
use spork_index::Index;
use spork_measure::expected_flops;
use spork_searcher::Query;

use crate::args::FlopsArgs;
use crate::inputs::read_query_vectors;
use crate::query_fit;

pub(crate) fn run(args: &FlopsArgs) -> Result<()> {
    let index = Index::open(&args.index)?;
    let queries = read_query_vectors(&args.vectors)?;
    query_fit::check(&index, &args.vectors, &queries, true)?;
    let parsed = queries
        .iter()
        .map(|query| Query::new(&index, &query.weights))
        .collect::<Result<Vec<_>, _>>()?;
    let documents = index.manifest().documents;
    let flops = expected_flops(&index, &parsed)?;
    let mut output = Output::open(None)?;
    writeln!(output, "FLOPS\t{flops:.4}")?;
    writeln!(output, "documents\t{documents}")?;
    writeln!(output, "queries\t{}", queries.len())?;
    writeln!(output, "postings per query\t{:.1}", flops * f64::from(documents))?;
    Ok(output.finish()?)
}
