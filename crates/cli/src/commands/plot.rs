//! `spork plot`: columns of a table as a picture.

use anyhow::Result;

use crate::args::PlotArgs;

/// The remedy where pictures are not built in.
#[cfg(not(feature = "plot"))]
pub(crate) const WITHOUT_PLOT: &str = "\
    this program was built without plots; build it with the feature \"plot\", which is on by \
    default: cargo install spork-cli";

#[cfg(feature = "plot")]
pub(crate) fn run(args: &PlotArgs) -> Result<()> {
    use anyhow::bail;
    use spork_measure::{plot, table::Table};

    let table = Table::read(&args.input)?;
    let mut panels = plot::column_panels(&table, &args.x, &args.y, args.by.as_deref())?;
    if args.log {
        for column in &args.y {
            if let Some(value) = table.numbers(column)?.into_iter().find(|&value| value <= 0.0) {
                bail!("column {column:?} holds {value}, which has no logarithm; leave out --log");
            }
        }
        panels = panels.into_iter().map(plot::Panel::logarithmic).collect();
    }
    Ok(plot::draw_panels(&args.output, &args.x, &panels)?)
}

#[cfg(not(feature = "plot"))]
pub(crate) fn run(_: &PlotArgs) -> Result<()> {
    anyhow::bail!(WITHOUT_PLOT)
}
