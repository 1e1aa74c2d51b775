//! SVG pictures and their sizes.

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::error::Reason;

/// Width of a picture in a file and height of its panels, in pixels.
pub(super) const PANEL: (u32, u32) = (760, 260);
/// A picture of a page: narrow enough for a telephone.
pub(super) const FIGURE: (u32, u32) = (380, 270);

/// A drawing area of an SVG picture, in pixels.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// An SVG of `size` pixels, drawn by `draw`.
pub(super) fn svg(
    size: (u32, u32),
    draw: impl FnOnce(&Area<'_>) -> Result<(), Reason>,
) -> Result<String, Reason> {
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    draw(&root)?;
    root.present()?;
    drop(root);
    Ok(svg)
}

/// The end of a name of more than `most` letters, which tells more than its start: names are paths.
pub(super) fn shortened(name: &str, most: usize) -> String {
    let letters = name.chars().count();
    if letters <= most {
        return name.to_owned();
    }
    std::iter::once('…').chain(name.chars().skip(letters + 1 - most)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_its_end() {
        assert_eq!(shortened("index", 5), "index");
        assert_eq!(shortened("a/b/index", 6), "…index");
    }
}
