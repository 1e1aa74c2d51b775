//! Bar charts: a length for each name.

use plotters::prelude::*;

use super::canvas::{FIGURE, shortened, svg};
use super::style::color;
use crate::error::DrawError;

/// Height that a bar and its name take, in pixels.
const EACH: u32 = 44;
/// Letters of a name that fit above a bar.
const LETTERS: usize = 46;

/// A bar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bar {
    /// Written above it; the start of a long one is left out.
    pub(crate) name: String,
    /// Its length; the longest one is as wide as the picture.
    pub(crate) length: f64,
    /// Written in it.
    pub(crate) label: String,
}

/// Bars one below the other, for a page.
///
/// # Errors
/// They can't be drawn.
pub(crate) fn draw_bars(bars: &[Bar]) -> Result<String, DrawError> {
    let longest = bars.iter().map(|bar| bar.length).fold(f64::MIN_POSITIVE, f64::max);
    let width = f64::from(FIGURE.0 - 16);
    svg((FIGURE.0, EACH * bars.len() as u32 + 8), |area| {
        let text = ("sans-serif", 12).into_font();
        for (bar, top) in bars.iter().zip((8..).step_by(EACH as usize)) {
            area.draw(&Text::new(shortened(&bar.name, LETTERS), (8, top), text.clone()))?;
            let end = 8 + (width * bar.length / longest).max(1.0) as i32;
            let corners = [(8, top + 16), (end, top + 34)];
            area.draw(&Rectangle::new(corners, color(0).mix(0.35).filled()))?;
            area.draw(&Text::new(bar.label.clone(), (14, top + 19), text.clone()))?;
        }
        Ok(())
    })
    .map_err(|reason| DrawError::new("bars", reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_a_name() {
        let long = format!("{}/bisection", "folder/".repeat(20));
        let bar = |name: &str, length| Bar {
            name: name.to_owned(),
            length,
            label: format!("{length} MB"),
        };
        let svg = draw_bars(&[bar("input", 200.0), bar(&long, 100.0), bar("none", 0.0)]).unwrap();
        assert_eq!(svg.matches("<rect").count(), 3);
        assert!(svg.contains("width=\"364\"") && svg.contains("width=\"182\""), "{svg}");
        assert!(svg.contains("200 MB") && svg.contains("/bisection") && svg.contains('…'), "{svg}");
        draw_bars(&[]).unwrap();
    }
}
