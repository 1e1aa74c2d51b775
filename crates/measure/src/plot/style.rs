//! Colors and marks: the n-th name of a picture has the n-th of them.

use plotters::element::{Drawable, PointCollection};
use plotters::prelude::*;
use plotters_backend::{BackendCoord, DrawingErrorKind};

use super::canvas::svg;
use crate::error::DrawError;

/// Colors that stay apart for color-blind eyes (Okabe and Ito 2008).
const COLORS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];
/// The first name whose color is not its own, so that its mark has another shape.
pub(super) const SHAPED_FROM: usize = COLORS.len();
/// Side of a swatch, in pixels.
const SWATCH: u32 = 14;

pub(super) fn color(number: usize) -> RGBColor {
    COLORS[number % COLORS.len()]
}

/// The n-th name's mark at a point; where colors come again, its shape is another.
pub(super) struct Mark<C> {
    pub(super) number: usize,
    pub(super) at: C,
}

impl<'a, C> PointCollection<'a, C> for &'a Mark<C> {
    type Point = &'a C;
    type IntoIter = std::iter::Once<&'a C>;

    fn point_iter(self) -> Self::IntoIter {
        std::iter::once(&self.at)
    }
}

impl<C, B: DrawingBackend> Drawable<B> for Mark<C> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        mut points: I,
        backend: &mut B,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<B::ErrorType>> {
        let Some((x, y)) = points.next() else { return Ok(()) };
        let style = color(self.number).filled();
        match self.number / COLORS.len() % 3 {
            0 => backend.draw_circle((x, y), 4, &style, true),
            1 => backend.draw_rect((x - 4, y - 4), (x + 4, y + 4), &style, true),
            _ => backend.fill_polygon([(x, y - 6), (x - 5, y + 4), (x + 5, y + 4)], &style),
        }
    }
}

/// The n-th name's mark by itself, for a legend.
///
/// # Errors
/// It can't be drawn.
pub(crate) fn swatch(number: usize) -> Result<String, DrawError> {
    let middle = (SWATCH / 2) as i32;
    svg((SWATCH, SWATCH), |area| Ok(area.draw(&Mark { number, at: (middle, middle) })?))
        .map_err(|reason| DrawError::new("a mark", reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eighteen_marks_differ() {
        let marks: std::collections::HashSet<String> =
            (0..18).map(|number| swatch(number).unwrap()).collect();
        assert_eq!(marks.len(), 18);
    }
}
