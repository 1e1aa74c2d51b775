//! A panel on its area: axes, lines and marks, and in a file the legend.

use plotters::prelude::*;

use super::axis::Axis;
use super::legend::emptiest_corner;
use super::style::{Area, Mark, colour};
use super::{Failure, Look, Panel, Series};

/// What a panel is drawn for, which says how much room its parts have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Room {
    /// A picture in a file, with a legend in it.
    File,
    /// A figure of a page, which has a legend below.
    Figure,
}

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;

pub(super) fn draw(area: &Area<'_>, x: &str, panel: &Panel, room: Room) -> Result<(), Failure> {
    let (across, up) = panel.axes();
    let (margin, right, left) = if room == Room::File { (12, 12, 56) } else { (8, 18, 50) };
    let mut chart = ChartBuilder::on(area)
        .margin(margin)
        .margin_right(right)
        .caption(&panel.title, ("sans-serif", if room == Room::File { 16 } else { 14 }))
        .x_label_area_size(36)
        .y_label_area_size(left)
        .build_cartesian_2d(across, up)?;
    chart.configure_mesh().light_line_style(TRANSPARENT).x_desc(x).label_style(("sans-serif", 12)).draw()?;
    let names = panel.names();
    for (look, series) in &panel.series {
        let number = names.iter().position(|&name| name == series.name).unwrap_or(0);
        draw_series(&mut chart, panel, *look, series, number)?;
    }
    if room == Room::File && names.iter().any(|name| !name.is_empty()) {
        let lines: Vec<_> = panel.series.iter().map(|(_, series)| placed(panel, series)).collect();
        let mut legend = chart.configure_series_labels();
        legend
            .position(emptiest_corner(&lines))
            .background_style(WHITE.mix(0.8))
            .border_style(BLACK.mix(0.2))
            .draw()?;
    }
    Ok(())
}

/// A series' points as the axes place them.
fn placed(panel: &Panel, series: &Series) -> Vec<(f64, f64)> {
    series.points.iter().map(|&(x, y)| (panel.x.place(x), panel.y.place(y))).collect()
}

fn draw_series(
    chart: &mut Chart<'_, '_>,
    panel: &Panel,
    look: Look,
    series: &Series,
    number: usize,
) -> Result<(), Failure> {
    let points = placed(panel, series);
    let colour = colour(number);
    if look != Look::Cloud {
        let line = chart.draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?;
        line.label(&series.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    match look {
        Look::Curve => {}
        Look::Marks => {
            chart.draw_series(points.into_iter().map(|point| Mark { number, at: point }))?;
        }
        Look::Cloud => {
            let marks = points.iter().map(|&point| Circle::new(point, 2, colour.mix(0.55).filled()));
            chart.draw_series(marks)?;
        }
    }
    Ok(())
}
