//! SVG to PNG, for papers and slides that take no SVG. Text is drawn in a font of the system.

use std::sync::Arc;

use crate::error::Reason;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Family, Query, Style, Weight};
use resvg::usvg::{Options, Tree};

/// Pixels of the picture a pixel of the SVG: sharp in print and on fine screens.
const SCALE: f32 = 2.0;

const NO_FONT: &str =
    "no font was found on this system; install one, such as DejaVu, or end the name in .svg";

/// The picture `svg` as PNG.
///
/// # Errors
/// The system has no font.
pub(super) fn png(svg: &str) -> Result<Vec<u8>, Reason> {
    let options = Options { fontdb: Arc::new(fonts()?), ..Options::default() };
    let tree = Tree::from_str(svg, &options)?;
    let size = tree.size().to_int_size().scale_by(SCALE).ok_or("a picture without an area")?;
    let mut picture =
        Pixmap::new(size.width(), size.height()).ok_or("a picture without an area")?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut picture.as_mut());
    Ok(picture.encode_png()?)
}

/// The system's fonts, one of which stands for "sans-serif": text in a font that is not there would
/// be left out.
fn fonts() -> Result<Database, Reason> {
    let mut fonts = Database::new();
    fonts.load_system_fonts();
    if fonts.query(&Query { families: &[Family::SansSerif], ..Query::default() }).is_some() {
        return Ok(fonts);
    }
    let name = |wanted: &str| {
        let plain = fonts
            .faces()
            .filter(|face| face.style == Style::Normal && face.weight == Weight::NORMAL);
        let mut names = plain.filter_map(|face| Some(face.families.first()?.0.clone()));
        names.find(|name| name.contains(wanted))
    };
    let name = name("Sans").or_else(|| name("")).ok_or(NO_FONT)?;
    fonts.set_sans_serif_family(name);
    Ok(fonts)
}
