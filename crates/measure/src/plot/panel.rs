//! A panel: lines and marks over common axes, before it is drawn.

use super::axis::{Axis, AxisScale};

/// More points than a picture has columns only make the file larger.
const MOST_POINTS: usize = 400;

/// Points and their name.
#[derive(Clone, Debug)]
pub struct Series {
    /// As the legend calls it.
    pub name: String,
    /// (x, y), ascending by x.
    pub points: Vec<(f64, f64)>,
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum SeriesStyle {
    /// A line.
    Line,
    /// A line with a mark at each point.
    MarkedLine,
    /// A small mark at each point, no line.
    Scatter,
}

/// The part of the plane that the axes show.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Extent {
    /// The range of x, and y from zero up.
    YFromZero,
    /// The ranges, with some room around them.
    Data,
    /// Both from zero up, with some room beyond.
    BothFromZero,
}

/// Lines and marks over common axes. Series of the same name have the same color.
#[derive(Clone, Debug)]
pub struct Panel {
    pub(super) title: String,
    pub(super) series: Vec<(SeriesStyle, Series)>,
    extent: Extent,
    pub(super) x: AxisScale,
    pub(super) y: AxisScale,
}

impl Panel {
    /// Curves of the series that have points, seen from zero up.
    pub fn curves(title: impl Into<String>, series: Vec<Series>) -> Self {
        let series =
            series.into_iter().map(thinned).map(|series| (SeriesStyle::Line, series)).collect();
        Self { extent: Extent::YFromZero, ..Self::new(title.into(), series) }
    }

    /// The series that have points, every point marked; the axes show their range, with some room
    /// around it.
    pub fn points(title: impl Into<String>, series: Vec<Series>) -> Self {
        Self::new(
            title.into(),
            series.into_iter().map(|series| (SeriesStyle::MarkedLine, series)).collect(),
        )
    }

    /// Many points of each series and lines through them, both axes seen from zero up.
    pub fn scatter(title: impl Into<String>, points: Vec<Series>, lines: Vec<Series>) -> Self {
        let points = points.into_iter().map(|series| (SeriesStyle::Scatter, series));
        let lines = lines.into_iter().map(|series| (SeriesStyle::Line, series));
        Self {
            extent: Extent::BothFromZero,
            ..Self::new(title.into(), points.chain(lines).collect())
        }
    }

    /// With logarithms of y; points whose y is not above zero have none and are left out.
    #[must_use]
    pub fn logarithmic(mut self) -> Self {
        self.y = AxisScale::Logarithmic;
        for (_, series) in &mut self.series {
            series.points.retain(|point| point.1 > 0.0);
        }
        self
    }

    /// With these labels on the x axis, and no others.
    #[must_use]
    pub fn with_x_labels(mut self, labels: Vec<(f64, String)>) -> Self {
        self.x = AxisScale::Labeled(labels);
        self
    }

    /// The names of its series in the order of their colors.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (_, series) in &self.series {
            if !names.contains(&series.name.as_str()) {
                names.push(&series.name);
            }
        }
        names
    }

    /// Whether each series is a single mark.
    pub(super) fn is_of_single_marks(&self) -> bool {
        self.series
            .iter()
            .all(|(style, series)| *style == SeriesStyle::MarkedLine && series.points.len() == 1)
    }

    /// Whether no series has a point.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// Points that are not finite have no place and are left out, and series without points.
    fn new(title: String, mut series: Vec<(SeriesStyle, Series)>) -> Self {
        for (_, series) in &mut series {
            series.points.retain(|(x, y)| x.is_finite() && y.is_finite());
        }
        series.retain(|(_, series)| !series.points.is_empty());
        Self { title, series, extent: Extent::Data, x: AxisScale::Linear, y: AxisScale::Linear }
    }

    /// The axes across and up.
    pub(super) fn axes(&self) -> (Axis, Axis) {
        let points = || self.series.iter().flat_map(|(_, series)| &series.points);
        let (zero_x, zero_y, room) = match self.extent {
            Extent::YFromZero => (None, Some(0.0), (0.0, 0.0)),
            Extent::Data => (None, None, (0.05, 0.05)),
            Extent::BothFromZero => (Some(0.0), Some(0.0), (0.0, 0.05)),
        };
        let x = points().map(|point| point.0).chain(zero_x);
        let y = points().map(|point| point.1).chain(zero_y);
        (Axis::new(&self.x, x, room), Axis::new(&self.y, y, room))
    }

    /// A series' points as the axes place them.
    pub(super) fn placed(&self, series: &Series) -> Vec<(f64, f64)> {
        series.points.iter().map(|&(x, y)| (self.x.place(x), self.y.place(y))).collect()
    }
}

/// Means of neighbors where there are too many points.
fn thinned(series: Series) -> Series {
    let each = series.points.len().div_ceil(MOST_POINTS).max(1);
    let mean = |points: &[(f64, f64)]| {
        let sum = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
        (sum.0 / points.len() as f64, sum.1 / points.len() as f64)
    };
    Series { name: series.name, points: series.points.chunks(each).map(mean).collect() }
}
