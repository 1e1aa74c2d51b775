//! A panel drawn: axes, lines and marks, by itself or with a legend beside it.

use plotters::prelude::*;

use super::axis::Axis;
use super::canvas::{Area, FIGURE, shortened, svg};
use super::labels::{self, Rectangle};
use super::legend;
use super::panel::{Panel, Series, SeriesStyle};
use super::style::{Mark, color};
use crate::error::{DrawError, Reason};

/// Sizes of a panel's parts, in pixels.
struct Layout {
    margin: i32,
    margin_right: i32,
    /// Width of the labels of the y axis.
    labels: i32,
    title: i32,
}

/// A panel in a file.
const FILE_LAYOUT: Layout = Layout { margin: 12, margin_right: 16, labels: 56, title: 16 };
/// A figure of a page.
const FIGURE_LAYOUT: Layout = Layout { margin: 8, margin_right: 18, labels: 50, title: 14 };
/// Height of the labels of the x axis.
const X_LABELS: i32 = 36;

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;

/// The panel by itself, for a page: no background, and no legend, for which there are its names.
///
/// # Errors
/// It can't be drawn.
pub(crate) fn draw_figure(panel: &Panel, x: &str) -> Result<String, DrawError> {
    svg(FIGURE, |area| draw(area, x, panel, &FIGURE_LAYOUT).map(drop))
        .map_err(|reason| DrawError::new(&panel.title, reason))
}

/// The panel and its names: beside their marks where they have one each, else as a legend on the
/// right of it.
pub(super) fn draw_with_names(area: &Area<'_>, x: &str, panel: &Panel) -> Result<(), Reason> {
    if panel.is_of_single_marks() {
        return draw_names(&draw(area, x, panel, &FILE_LAYOUT)?, panel);
    }
    let names = panel.names();
    let taken = legend::width(&names);
    let (left, right) = area.split_horizontally(area.dim_in_pixel().0.saturating_sub(taken));
    draw(&left, x, panel, &FILE_LAYOUT)?;
    if taken == 0 {
        Ok(())
    } else {
        legend::draw(&right, &names, FILE_LAYOUT.margin + 2 * FILE_LAYOUT.title)
    }
}

/// The name of each series beside its mark.
fn draw_names(chart: &Chart<'_, '_>, panel: &Panel) -> Result<(), Reason> {
    let plane = chart.plotting_area();
    let (across, up) = plane.get_pixel_range();
    let bounds = Rectangle { left: across.start, top: up.start, right: across.end, bottom: up.end };
    let points: Vec<(f64, f64)> =
        panel.series.iter().flat_map(|(_, series)| panel.placed(series)).collect();
    let names: Vec<String> =
        panel.series.iter().map(|(_, series)| shortened(&series.name, legend::LETTERS)).collect();
    let marks: Vec<((i32, i32), &str)> = points
        .iter()
        .map(|point| plane.map_coordinate(point))
        .zip(names.iter().map(String::as_str))
        .collect();
    let font = ("sans-serif", 12).into_font();
    for ((offset, point), name) in labels::offsets(&marks, bounds).zip(points).zip(&names) {
        let text = Text::new(name.clone(), offset, font.clone());
        plane.draw(&(EmptyElement::at(point) + text))?;
    }
    Ok(())
}

fn draw<'a, 'b>(
    area: &Area<'b>,
    x: &str,
    panel: &Panel,
    layout: &Layout,
) -> Result<Chart<'a, 'b>, Reason> {
    let (across, up) = panel.axes();
    let mut chart = ChartBuilder::on(area)
        .margin(layout.margin)
        .margin_right(layout.margin_right)
        .caption(&panel.title, ("sans-serif", layout.title))
        .x_label_area_size(X_LABELS)
        .y_label_area_size(layout.labels)
        .build_cartesian_2d(across, up)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc(x)
        .label_style(("sans-serif", 12))
        .draw()?;
    let names = panel.names();
    for (style, series) in &panel.series {
        let number = names.iter().position(|&name| name == series.name).unwrap_or(0);
        draw_series(&mut chart, panel, *style, series, number)?;
    }
    Ok(chart)
}

fn draw_series(
    chart: &mut Chart<'_, '_>,
    panel: &Panel,
    style: SeriesStyle,
    series: &Series,
    number: usize,
) -> Result<(), Reason> {
    let points = panel.placed(series);
    let color = color(number);
    if style == SeriesStyle::Scatter {
        let marks = points.iter().map(|&point| Circle::new(point, 2, color.mix(0.55).filled()));
        chart.draw_series(marks)?;
        return Ok(());
    }
    chart.draw_series(LineSeries::new(points.iter().copied(), color.stroke_width(2)))?;
    if style == SeriesStyle::MarkedLine {
        chart.draw_series(points.into_iter().map(|point| Mark { number, at: point }))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, points: Vec<(f64, f64)>) -> Series {
        Series { name: name.to_owned(), points }
    }

    #[test]
    fn a_figure_without_legend_or_background() {
        let cloud = (0..30).map(|x| (f64::from(x), f64::from(x % 7))).collect();
        let line = vec![(0.0, 1.0), (29.0, 2.0)];
        let panel = Panel::scatter(
            "time & <work>",
            vec![series("taat", cloud)],
            vec![series("taat", line)],
        );
        let svg = draw_figure(&panel, "postings").unwrap();
        assert_eq!(svg.matches("<circle").count(), 30);
        assert!(svg.contains("time &amp; &lt;work") && !svg.contains("<work"), "{svg}");
        assert!(!svg.contains("taat") && !svg.contains("#FFFFFF"), "{svg}");
        assert_eq!(panel.names(), ["taat"]);
    }

    #[test]
    fn logarithms_and_named_places() {
        let points = vec![(0.0, 0.0), (1.0, 1.0), (2.0, 100.0)];
        let places = vec![(1.0, "p50".to_owned()), (2.0, "p99".to_owned())];
        let panel =
            Panel::points("ms", vec![series("a", points)]).logarithmic().with_x_labels(places);
        let svg = draw_figure(&panel, "percentile").unwrap();
        for label in ["p50", "p99", ">\n1\n<", ">\n10\n<", ">\n100\n<"] {
            assert!(svg.contains(label), "{label}: {svg}");
        }
        assert_eq!(svg.matches("<circle").count(), 2, "zero has no logarithm");
    }
}
