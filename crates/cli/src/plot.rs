//! Pictures as SVG: panels of lines, one below the other.

use std::io::Write;
use std::ops::Range;
use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use spork_vectors::Output;

/// Width of a picture and height of a panel, in pixels.
const PANEL: (u32, u32) = (760, 260);
/// Colours that stay apart for colour-blind eyes (Okabe and Ito 2008).
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];
/// More points than a picture has columns only make the file larger.
const MOST_POINTS: usize = 400;

/// A line and its name.
#[derive(Clone, Debug)]
pub struct Series {
    /// As the legend calls it.
    pub name: String,
    /// (x, y), ascending by x.
    pub points: Vec<(f64, f64)>,
}

/// Lines over common axes.
#[derive(Clone, Debug)]
pub struct Panel {
    title: String,
    series: Vec<Series>,
    marked: bool,
}

impl Panel {
    /// Curves of the series that have points, seen from zero up.
    pub fn curves(title: impl Into<String>, series: Vec<Series>) -> Self {
        let series = series.into_iter().filter(|series| !series.points.is_empty()).map(thinned).collect();
        Self { title: title.into(), series, marked: false }
    }

    /// The series that have points, every point marked; the axes show their range, with some room around it.
    pub fn points(title: impl Into<String>, mut series: Vec<Series>) -> Self {
        series.retain(|series| !series.points.is_empty());
        Self { title: title.into(), series, marked: true }
    }

    fn ranges(&self) -> (Range<f64>, Range<f64>) {
        let points = || self.series.iter().flat_map(|series| &series.points);
        if self.marked {
            (roomy(range(points().map(|point| point.0))), roomy(range(points().map(|point| point.1))))
        } else {
            (range(points().map(|point| point.0)), range(points().map(|point| point.1).chain([0.0])))
        }
    }
}

/// Writes the panels that are not empty to `path`, over one meaning of x.
///
/// # Errors
/// The file can't be written.
pub fn draw_lines(path: &Path, x: &str, panels: &[Panel]) -> Result<()> {
    let panels: Vec<&Panel> = panels.iter().filter(|panel| !panel.series.is_empty()).collect();
    if panels.is_empty() {
        return Ok(());
    }
    let failed = |error: &dyn std::fmt::Display| anyhow!("{}: {error}", path.display());
    let mut svg = String::new();
    {
        let size = (PANEL.0, PANEL.1 * panels.len() as u32);
        let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        root.fill(&WHITE).map_err(|error| failed(&error))?;
        for (area, panel) in root.split_evenly((panels.len(), 1)).iter().zip(&panels) {
            draw_panel(area, x, panel).map_err(|error| failed(&error))?;
        }
        root.present().map_err(|error| failed(&error))?;
    }
    let mut output = Output::open(Some(path))?;
    output.write_all(svg.as_bytes()).map_err(|error| failed(&error))?;
    Ok(output.finish()?)
}

fn draw_panel(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    x: &str,
    panel: &Panel,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let (across, up) = panel.ranges();
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .caption(&panel.title, ("sans-serif", 16))
        .x_label_area_size(34)
        .y_label_area_size(56)
        .build_cartesian_2d(across, up)
        .map_err(|error| error.to_string())?;
    let mut mesh = chart.configure_mesh();
    mesh.light_line_style(TRANSPARENT).x_desc(x).draw().map_err(|error| error.to_string())?;
    for (series, colour) in panel.series.iter().zip(COLOURS.iter().cycle()) {
        let line = LineSeries::new(series.points.iter().copied(), colour.stroke_width(2));
        chart
            .draw_series(line)
            .map_err(|error| error.to_string())?
            .label(&series.name)
            .legend(|(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
        if panel.marked {
            let marks = series.points.iter().map(|&point| Circle::new(point, 4, colour.filled()));
            chart.draw_series(marks).map_err(|error| error.to_string())?;
        }
    }
    if panel.series.iter().all(|series| series.name.is_empty()) {
        return Ok(());
    }
    let mut legend = chart.configure_series_labels();
    legend.background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.2));
    legend.draw().map_err(|error| error.to_string())?;
    Ok(())
}

/// From the least to the largest number that is finite, never empty.
fn range(numbers: impl Iterator<Item = f64>) -> Range<f64> {
    let finite = numbers.filter(|number| number.is_finite());
    let (least, most) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), number| {
        (least.min(number), most.max(number))
    });
    if least < most { least..most } else { least.min(0.0)..most.max(1.0) }
}

/// With a twentieth more on both sides.
fn roomy(range: Range<f64>) -> Range<f64> {
    let room = (range.end - range.start) / 20.0;
    range.start - room..range.end + room
}

/// Means of neighbours where there are too many points.
fn thinned(series: Series) -> Series {
    let each = series.points.len().div_ceil(MOST_POINTS).max(1);
    let mean = |points: &[(f64, f64)]| {
        let sum = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
        (sum.0 / points.len() as f64, sum.1 / points.len() as f64)
    };
    Series { name: series.name, points: series.points.chunks(each).map(mean).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_what_has_points() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("curve.svg");
        let series = |name: &str, points: Vec<(f64, f64)>| Series { name: name.to_owned(), points };
        let many = (0..1000).map(|step| (f64::from(step), 2.0)).collect();
        let panels = [
            Panel::curves("loss", vec![series("all", many), series("absent", Vec::new())]),
            Panel::curves("empty", vec![series("nothing", Vec::new())]),
            Panel::curves("one", vec![series("dot", vec![(1.0, f64::NAN), (2.0, 0.0)])]),
        ];
        draw_lines(&path, "steps", &panels).unwrap();
        let picture = std::fs::read_to_string(&path).unwrap();
        for (word, there) in [("loss", true), ("dot", true), ("empty", false), ("absent", false)] {
            assert_eq!(picture.contains(word), there, "{word}");
        }
        let bad = draw_lines(Path::new("no/such/folder/curve.svg"), "steps", &panels).unwrap_err();
        assert!(bad.to_string().contains("curve.svg"), "{bad}");
    }
}
