//! `spork bench report`: results of benchmarks as one HTML page that needs nothing else.
//!
//! [`loads`] brings the rows of all results together; [`pictures`] draws them, [`tables`] lists them result by result, both
//! onto a [`page`]. [`evaluations`] adds how good the rankings are.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use spork_files::Output;

use super::record::Benchmark;
use crate::args::ReportArgs;

mod evaluations;
mod loads;
mod page;
mod pictures;
mod tables;

use evaluations::Evaluations;
use page::Page;

/// A result and the file that it was read from.
struct Source {
    path: PathBuf,
    benchmark: Benchmark,
}

pub(super) fn run(args: &ReportArgs) -> Result<()> {
    let read = |path: &PathBuf| Ok(Source { path: path.clone(), benchmark: Benchmark::read(path)? });
    let sources = args.input.iter().map(read).collect::<Result<Vec<Source>>>()?;
    let evaluations = args.evaluations.as_deref().map(Evaluations::read).transpose()?;
    let mut page = Page::new("spork bench");
    pictures::draw(&mut page, &sources, evaluations.as_ref())?;
    for source in &sources {
        tables::write(&mut page, source);
    }
    let mut output = Output::open(args.output.as_deref())?;
    output.write_all(page.finish().as_bytes())?;
    Ok(output.finish()?)
}
