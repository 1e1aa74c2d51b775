//! Columns of a table as panels.

use super::panel::{Panel, Series};
use crate::error::Result;
use crate::table::Table;

/// A panel for each column of `y` against column `x`; rows with the same text in column `by` are a
/// line.
///
/// # Errors
/// The table lacks a column, or one of `x` and `y` holds something else than finite numbers.
pub fn column_panels(table: &Table, x: &str, y: &[String], by: Option<&str>) -> Result<Vec<Panel>> {
    let names = by.map_or_else(|| Ok(vec![""; table.height()]), |by| table.texts(by))?;
    let x = table.numbers(x)?;
    let panel = |name: &String| Ok(Panel::points(name, by_name(&names, &x, &table.numbers(name)?)));
    y.iter().map(panel).collect()
}

/// The points of each name, ascending by x; names in the order of the rows.
fn by_name(names: &[&str], x: &[f64], y: &[f64]) -> Vec<Series> {
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
