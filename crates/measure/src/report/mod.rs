//! Benchmarks as one HTML page that needs nothing else.

// `views` brings the measurements of all results together; `figures` draws them, `tables` lists
// them result by result, both onto a `page`. `evaluations` adds the effectiveness of the rankings.

use std::path::{Path, PathBuf};

use crate::error::Result;

mod evaluations;
mod figures;
mod numbers;
mod page;
mod result_file;
mod tables;
mod views;

use evaluations::Evaluations;
use page::Page;
use result_file::ResultFile;

/// The page of the results in `inputs`, with the effectiveness of their indexes from the table
/// `evaluations`, whose columns are `index` and measures.
///
/// # Errors
/// A file can't be read or holds something else, or a figure can't be drawn.
pub fn page(inputs: &[PathBuf], evaluations: Option<&Path>) -> Result<String> {
    let results = inputs.iter().map(|path| ResultFile::read(path)).collect::<Result<Vec<_>>>()?;
    let evaluations = evaluations.map(Evaluations::read).transpose()?;
    let mut page = Page::new("spork bench");
    figures::draw(&mut page, &results, evaluations.as_ref())?;
    for result in &results {
        tables::write(&mut page, result);
    }
    Ok(page.finish())
}
