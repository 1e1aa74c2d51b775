//! Pictures as SVG or PNG: panels of lines and marks, in a file one below the other, or each by itself for a page.

use std::io::Write;
use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::prelude::*;
use spork_files::Output;

mod axis;
mod bars;
mod chart;
mod legend;
mod png;
mod style;

use axis::{Axis, Scale};
use chart::Room;
use style::Area;

pub use bars::{Bar, draw_bars};
pub use style::swatch;

/// Width of a picture in a file and height of its panels, in pixels.
const PANEL: (u32, u32) = (760, 260);
/// A picture of a page: narrow enough for a telephone.
const FIGURE: (u32, u32) = (380, 270);
/// More points than a picture has columns only make the file larger.
const MOST_POINTS: usize = 400;

/// What can't be drawn.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A line and its name.
#[derive(Clone, Debug)]
pub struct Series {
    /// As the legend calls it.
    pub name: String,
    /// (x, y), ascending by x.
    pub points: Vec<(f64, f64)>,
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Look {
    /// A line.
    Curve,
    /// A line with a mark at each point.
    Marks,
    /// A small mark at each point, no line.
    Cloud,
}

/// What the axes show.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Frame {
    /// The range of x, and y from zero up.
    Above,
    /// The ranges, with some room around them.
    Around,
    /// Both from zero up, with some room beyond.
    FromZero,
}

/// Lines and marks over common axes. Series of the same name have the same colour.
#[derive(Clone, Debug)]
pub struct Panel {
    title: String,
    series: Vec<(Look, Series)>,
    frame: Frame,
    x: Scale,
    y: Scale,
}

impl Panel {
    /// Curves of the series that have points, seen from zero up.
    pub fn curves(title: impl Into<String>, series: Vec<Series>) -> Self {
        let series = series.into_iter().map(thinned).map(|series| (Look::Curve, series)).collect();
        Self { frame: Frame::Above, ..Self::new(title.into(), series) }
    }

    /// The series that have points, every point marked; the axes show their range, with some room around it.
    pub fn points(title: impl Into<String>, series: Vec<Series>) -> Self {
        Self::new(title.into(), series.into_iter().map(|series| (Look::Marks, series)).collect())
    }

    /// Many points of each series and lines through them, both axes seen from zero up.
    pub fn clouds(title: impl Into<String>, clouds: Vec<Series>, lines: Vec<Series>) -> Self {
        let clouds = clouds.into_iter().map(|series| (Look::Cloud, series));
        let lines = lines.into_iter().map(|series| (Look::Curve, series));
        Self { frame: Frame::FromZero, ..Self::new(title.into(), clouds.chain(lines).collect()) }
    }

    /// With logarithms of y, of which those that are not above zero have none and are left out.
    #[must_use]
    pub fn logarithmic(mut self) -> Self {
        self.y = Scale::Logarithmic;
        for (_, series) in &mut self.series {
            series.points.retain(|point| point.1 > 0.0);
        }
        self
    }

    /// With these names of places on the x axis, and no others.
    #[must_use]
    pub fn with_places(mut self, places: Vec<(f64, String)>) -> Self {
        self.x = Scale::Named(places);
        self
    }

    /// The panel by itself, for a page: no background, and no legend, for which there is [`names`](Self::names).
    ///
    /// # Errors
    /// It can't be drawn.
    pub fn figure(&self, x: &str) -> Result<String> {
        drawn(FIGURE, |root| chart::draw(root, x, self, Room::Figure))
            .map_err(|error| anyhow!("{}: {error}", self.title))
    }

    /// The names of its series in the order of their colours: the n-th has the n-th [`swatch`].
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (_, series) in &self.series {
            if !names.contains(&series.name.as_str()) {
                names.push(&series.name);
            }
        }
        names
    }

    /// Points that are not finite have no place and are left out, and series without points.
    fn new(title: String, mut series: Vec<(Look, Series)>) -> Self {
        for (_, series) in &mut series {
            series.points.retain(|(x, y)| x.is_finite() && y.is_finite());
        }
        series.retain(|(_, series)| !series.points.is_empty());
        Self { title, series, frame: Frame::Around, x: Scale::Linear, y: Scale::Linear }
    }

    /// The axes across and up.
    fn axes(&self) -> (Axis, Axis) {
        let points = || self.series.iter().flat_map(|(_, series)| &series.points);
        let (zero_x, zero_y, room) = match self.frame {
            Frame::Above => (None, Some(0.0), (0.0, 0.0)),
            Frame::Around => (None, None, (0.05, 0.05)),
            Frame::FromZero => (Some(0.0), Some(0.0), (0.0, 0.05)),
        };
        let x = points().map(|point| point.0).chain(zero_x);
        let y = points().map(|point| point.1).chain(zero_y);
        (Axis::new(&self.x, x, room), Axis::new(&self.y, y, room))
    }
}

/// Writes the panels that are not empty to `path`, over one meaning of x: as PNG where its name ends so, else as SVG.
///
/// # Errors
/// The file can't be written, or the system has no font for a PNG.
pub fn draw_lines(path: &Path, x: &str, panels: &[Panel]) -> Result<()> {
    let panels: Vec<&Panel> = panels.iter().filter(|panel| !panel.series.is_empty()).collect();
    if panels.is_empty() {
        return Ok(());
    }
    let failed = |error: &dyn std::fmt::Display| anyhow!("{}: {error}", path.display());
    let svg = drawn((PANEL.0, PANEL.1 * panels.len() as u32), |root| {
        root.fill(&WHITE)?;
        let areas = root.split_evenly((panels.len(), 1));
        areas.iter().zip(&panels).try_for_each(|(area, panel)| chart::draw(area, x, panel, Room::File))
    });
    let svg = svg.map_err(|error| failed(&error))?;
    let is_png = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"));
    let picture = if is_png { png::png(&svg).map_err(|error| failed(&error))? } else { svg.into_bytes() };
    let mut output = Output::open(Some(path))?;
    output.write_all(&picture).map_err(|error| failed(&error))?;
    Ok(output.finish()?)
}

/// What `draw` draws, as SVG of `size` pixels.
fn drawn(size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Result<(), Failure>) -> Result<String, Failure> {
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    draw(&root)?;
    root.present()?;
    drop(root);
    Ok(svg)
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

    fn series(name: &str, points: Vec<(f64, f64)>) -> Series {
        Series { name: name.to_owned(), points }
    }

    #[test]
    fn a_picture_of_what_has_points() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("curve.svg");
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

    #[test]
    fn marks_lie_in_their_panel() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("two.svg");
        let panel = |title| Panel::points(title, vec![series("a", vec![(0.0, 1.0), (1.0, 2.0)])]);
        draw_lines(&path, "x", &[panel("upper"), panel("lower")]).unwrap();
        let picture = std::fs::read_to_string(&path).unwrap();
        let heights: Vec<u32> =
            picture.split("cy=\"").skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok()).collect();
        let lower = heights.iter().filter(|&&y| y > PANEL.1).count();
        assert!(heights.len() == 4 && lower == 2 && heights.iter().all(|&y| y < 2 * PANEL.1), "{heights:?}");
    }

    #[test]
    fn a_figure_without_legend_or_background() {
        let cloud = (0..30).map(|x| (f64::from(x), f64::from(x % 7))).collect();
        let line = vec![(0.0, 1.0), (29.0, 2.0)];
        let panel = Panel::clouds("time & <work>", vec![series("taat", cloud)], vec![series("taat", line)]);
        let svg = panel.figure("postings").unwrap();
        assert_eq!(svg.matches("<circle").count(), 30);
        assert!(svg.contains("time &amp; &lt;work") && !svg.contains("<work"), "{svg}");
        assert!(!svg.contains("taat") && !svg.contains("#FFFFFF"), "{svg}");
        assert_eq!(panel.names(), ["taat"]);
    }

    #[test]
    fn logarithms_and_named_places() {
        let points = vec![(0.0, 0.0), (1.0, 1.0), (2.0, 100.0)];
        let places = vec![(1.0, "p50".to_owned()), (2.0, "p99".to_owned())];
        let svg = Panel::points("ms", vec![series("a", points)]).logarithmic().with_places(places);
        let svg = svg.figure("percentile").unwrap();
        for label in ["p50", "p99", ">\n1\n<", ">\n10\n<", ">\n100\n<"] {
            assert!(svg.contains(label), "{label}: {svg}");
        }
        assert_eq!(svg.matches("<circle").count(), 2, "zero has no logarithm");
    }
}
