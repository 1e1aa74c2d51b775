//! `spork plot`: columns of a table as a picture.

use std::path::Path;

use anyhow::{Result, bail};

use crate::args::PlotArgs;
use crate::plot::{Panel, Series, draw_lines};
use crate::table::Table;

/// Endings of pictures of other kinds.
const OTHERS: [&str; 5] = ["jpg", "jpeg", "gif", "webp", "pdf"];

pub(crate) fn run(args: &PlotArgs) -> Result<()> {
    check_ending(&args.output)?;
    let table = Table::read(&args.input)?;
    let names = table.column(args.by.as_deref())?;
    let panels: Result<Vec<Panel>> = args
        .y
        .iter()
        .map(|y| Ok(Panel::points(y, series(&names, &table.numbers(&args.x)?, &table.numbers(y)?))))
        .collect();
    draw_lines(&args.output, &args.x, &panels?)
}

/// A name that promises another kind of picture is refused.
fn check_ending(path: &Path) -> Result<()> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    if OTHERS.contains(&ending.as_str()) {
        bail!("{}: pictures are SVG or PNG; end the name in .svg or .png", path.display());
    }
    Ok(())
}

/// The points of each name, ascending by x; names in the order of the rows.
fn series(names: &[&str], x: &[f64], y: &[f64]) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    for ((&name, &x), &y) in names.iter().zip(x).zip(y) {
        match all.iter_mut().find(|series| series.name == name) {
            Some(series) => series.points.push((x, y)),
            None => all.push(Series { name: name.to_owned(), points: vec![(x, y)] }),
        }
    }
    for series in &mut all {
        series.points.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    all
}
