//! The legend of a panel in a file: names beside the panel, where they cover no point.

use plotters::prelude::*;

use super::canvas::{Area, shortened};
use super::style::{Mark, SHAPED_FROM, color};
use crate::error::Reason;

/// Letters of a name that a legend shows, or that stand beside a mark.
pub(super) const LETTERS: usize = 34;
/// Width of a letter at this size, generously, in pixels.
const LETTER: f64 = 7.2;
/// From the legend's left edge to its names, and from its names to its right edge.
const MARGINS: (i32, i32) = (30, 10);
/// Height of an entry.
const LINE: i32 = 18;

/// The width that a legend of `names` takes, in pixels; 0 if none of them has a letter.
pub(super) fn width(names: &[&str]) -> u32 {
    let letters = names.iter().map(|name| name.chars().count().min(LETTERS)).max().unwrap_or(0);
    if letters == 0 { 0 } else { (letters as f64 * LETTER) as u32 + (MARGINS.0 + MARGINS.1) as u32 }
}

/// Draws the names from `top` down, each after a piece of its line.
pub(super) fn draw(area: &Area<'_>, names: &[&str], top: i32) -> Result<(), Reason> {
    let font = ("sans-serif", 12).into_font();
    for ((number, name), y) in names.iter().enumerate().zip((top..).step_by(LINE as usize)) {
        let middle = y + 6;
        area.draw(&PathElement::new([(6, middle), (24, middle)], color(number).stroke_width(2)))?;
        // Where colors repeat, shapes tell names apart.
        if number >= SHAPED_FROM {
            area.draw(&Mark { number, at: (15, middle) })?;
        }
        area.draw(&Text::new(shortened(name, LETTERS), (MARGINS.0, y), font.clone()))?;
    }
    Ok(())
}
