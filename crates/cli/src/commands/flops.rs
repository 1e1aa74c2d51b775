//! `spork flops`: what queries cost before they are run.

use std::io::Write;

use anyhow::Result;
use spork_files::Output;
use spork_index::Index;
use spork_measure::{expected_flops, field_flops};
use spork_searcher::QueryPruning;

use crate::args::FlopsArgs;
use crate::program::Program;
use crate::queries::Queries;

pub(crate) fn run(args: &FlopsArgs, program: Program<'_>) -> Result<()> {
    let index = Index::open(&args.index)?;
    let queries = Queries::open(&args.queries, None, &[&index], false, program)?
        .all()?
        .look_up(&index, QueryPruning::default())?;
    let manifest = index.manifest();
    let flops = expected_flops(&index, &queries);
    let mut output = Output::open(None)?;
    writeln!(output, "FLOPS\t{flops:.4}")?;
    if manifest.fields.len() > 1 {
        for (field, flops) in manifest.fields.iter().zip(field_flops(&index, &queries)) {
            writeln!(output, "  of {}\t{flops:.4}", field.name)?;
        }
    }
    writeln!(output, "documents\t{}", index.documents())?;
    writeln!(output, "queries\t{}", queries.len())?;
    writeln!(output, "postings per query\t{:.1}", flops * f64::from(index.documents()))?;
    Ok(output.finish()?)
}
