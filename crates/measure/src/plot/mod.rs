//! Pictures as SVG or PNG: panels of lines and marks, in a file one below the other, or each by
//! itself for a page.

mod axis;
mod bar_chart;
mod canvas;
mod chart;
mod columns;
mod labels;
mod legend;
mod panel;
mod picture;
mod png;
mod style;

pub use columns::column_panels;
pub use panel::{Panel, Series};
pub use picture::draw_panels;

pub(crate) use bar_chart::{Bar, draw_bars};
pub(crate) use chart::draw_figure;
pub(crate) use style::swatch;
