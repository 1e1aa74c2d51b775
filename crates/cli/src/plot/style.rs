//! Colours and marks: the n-th name of a picture has the n-th of them.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::{Failure, drawn};

/// A drawing area of an SVG picture, in pixels.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Colours that stay apart for colour-blind eyes (Okabe and Ito 2008).
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];
/// Side of a swatch, in pixels.
const SWATCH: u32 = 14;

pub(super) fn colour(number: usize) -> RGBColor {
    COLOURS[number % COLOURS.len()]
}

/// A mark of `size` pixels in the middle of what it is drawn on; where colours come again, its shape is another.
pub(super) fn draw_mark(
    area: &Area<'_>,
    number: usize,
    (x, y): (i32, i32),
    size: i32,
) -> Result<(), Failure> {
    let style = colour(number).filled();
    match number / COLOURS.len() % 3 {
        0 => area.draw(&Circle::new((x, y), size, style))?,
        1 => area.draw(&Rectangle::new([(x - size, y - size), (x + size, y + size)], style))?,
        _ => area.draw(&TriangleMarker::new((x, y), size + 2, style))?,
    }
    Ok(())
}

/// The n-th name's mark by itself, for a legend.
///
/// # Errors
/// It can't be drawn.
pub fn swatch(number: usize) -> anyhow::Result<String> {
    let middle = (SWATCH / 2) as i32;
    drawn((SWATCH, SWATCH), |area| draw_mark(area, number, (middle, middle), 4))
        .map_err(|error| anyhow::anyhow!("a mark: {error}"))
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
