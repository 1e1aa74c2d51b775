//! Panels as a file: SVG or PNG.

use std::io::Write;
use std::path::Path;

use plotters::prelude::*;
use spork_files::Output;

use super::canvas::{PANEL, svg};
use super::chart::draw_with_names;
use super::panel::Panel;
use super::png;
use crate::error::{DrawError, Error, Result};

/// Endings of pictures of other kinds: a name that promises one is refused.
const OTHERS: [&str; 5] = ["jpg", "jpeg", "gif", "webp", "pdf"];

/// Writes the panels that are not empty to `path`, over one meaning of x: as PNG where its name
/// ends so, else as SVG. Writes nothing if all are empty.
///
/// # Errors
/// The file can't be written, its name promises another kind of picture, or the system has no font
/// for a PNG.
pub fn draw_panels(path: &Path, x: &str, panels: &[Panel]) -> Result<()> {
    let ending =
        path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    let failed = |reason| DrawError::new(path.display(), reason);
    if OTHERS.contains(&ending.as_str()) {
        return Err(failed("pictures are SVG or PNG; end the name in .svg or .png".into()).into());
    }
    let panels: Vec<&Panel> = panels.iter().filter(|panel| !panel.is_empty()).collect();
    if panels.is_empty() {
        return Ok(());
    }
    let svg = svg((PANEL.0, PANEL.1 * panels.len() as u32), |root| {
        root.fill(&WHITE)?;
        let areas = root.split_evenly((panels.len(), 1));
        areas.iter().zip(&panels).try_for_each(|(area, panel)| draw_with_names(area, x, panel))
    });
    let svg = svg.map_err(failed)?;
    let picture = if ending == "png" { png::png(&svg).map_err(failed)? } else { svg.into_bytes() };
    let mut output = Output::open(Some(path))?;
    output.write_all(&picture).map_err(|error| Error::io(path, error))?;
    Ok(output.finish()?)
}

#[cfg(test)]
mod tests {
    use super::super::panel::Series;
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
        draw_panels(&path, "steps", &panels).unwrap();
        let picture = std::fs::read_to_string(&path).unwrap();
        for (word, there) in [("loss", true), ("dot", true), ("empty", false), ("absent", false)] {
            assert_eq!(picture.contains(word), there, "{word}");
        }
        let bad = draw_panels(Path::new("no/such/folder/curve.svg"), "steps", &panels).unwrap_err();
        assert!(bad.to_string().contains("curve.svg"), "{bad}");
    }

    #[test]
    fn marks_lie_in_their_panel() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("two.svg");
        let panel = |title| Panel::points(title, vec![series("a", vec![(0.0, 1.0), (1.0, 2.0)])]);
        draw_panels(&path, "x", &[panel("upper"), panel("lower")]).unwrap();
        let picture = std::fs::read_to_string(&path).unwrap();
        let heights: Vec<u32> = picture
            .split("cy=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next()?.parse().ok())
            .collect();
        let lower = heights.iter().filter(|&&y| y > PANEL.1).count();
        assert!(
            heights.len() == 4 && lower == 2 && heights.iter().all(|&y| y < 2 * PANEL.1),
            "{heights:?}"
        );
    }

    #[test]
    fn names_of_single_marks_stand_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("engines.svg");
        let engines = vec![series("fast", vec![(1.0, 1.0)]), series("small", vec![(0.5, 2.0)])];
        draw_panels(&path, "x", &[Panel::points("y", engines)]).unwrap();
        let picture = std::fs::read_to_string(&path).unwrap();
        assert_eq!(picture.matches("<circle").count(), 2, "a mark each, and none in a legend");
        assert!(picture.contains("fast") && picture.contains("small"), "{picture}");
    }

    /// Marks at all four corners of a panel: wherever a legend lay over it, it would cover one.
    #[test]
    fn the_legend_covers_no_point() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("corners.svg");
        let corners = vec![(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)];
        draw_panels(&path, "x", &[Panel::points("y", vec![series("corner", corners)])]).unwrap();
        let picture = std::fs::read_to_string(&path).unwrap();
        let number = |text: &str, key: &str| -> f64 {
            text.split_once(key).and_then(|(_, rest)| rest.split('"').next()?.parse().ok()).unwrap()
        };
        let marks = picture.split("<circle").skip(1).map(|circle| number(circle, "cx=\""));
        let (before, _) = picture.split_once("corner").unwrap();
        let legend = number(&before[before.rfind("<text").unwrap()..], " x=\"");
        assert!(marks.fold(0.0, f64::max) < legend, "{picture}");
    }
}
