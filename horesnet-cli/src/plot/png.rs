//! Renders SVG as PNG with a bundled font: the same pixels on every machine.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb::Database};

use horesnet_train::drawing::Drawing;
use horesnet_train::drawing::lettering::{self, Face};

use crate::report;

/// Limit of pixels: half a gigabyte of memory.
const LARGEST: u64 = 1 << 27;

/// Pixels for each pixel of the picture at its natural size: sharp on paper and on fine screens.
const DENSITY: f32 = 2.0;

/// Renders a drawing, `width` pixels wide if given; notes letters that its font lacks.
pub(crate) fn draw(drawing: &Drawing, width: Option<u32>) -> Result<Vec<u8>, String> {
    note_missing(drawing, "PNG");
    let density = if width.is_some() { 1.0 } else { DENSITY };
    from_svg(&drawing.svg(width), density)
}

/// Notes letters that the bundled font lacks.
pub(crate) fn note_missing(drawing: &Drawing, format: &str) {
    let missing = drawing.missing();
    if !missing.is_empty() {
        report::note(format_args!(
            "note: the font of {format} pictures has no glyphs for `{missing}` and shows boxes\n  = help: write SVG, which uses the fonts of its viewer"
        ));
    }
}

/// Renders `svg` at `scale` times its size.
pub(crate) fn from_svg(svg: &str, scale: f32) -> Result<Vec<u8>, String> {
    let tree = Tree::from_str(svg, &options()).map_err(|error| error.to_string())?;
    let size = tree.size().to_int_size();
    let [width, height] =
        [size.width(), size.height()].map(|side| (side as f32 * scale).ceil() as u32);
    let fits = u64::from(width) * u64::from(height) <= LARGEST;
    let pixels = fits.then(|| Pixmap::new(width, height)).flatten();
    let mut pixels = pixels.ok_or_else(|| {
        format!("a picture of {width} × {height} pixels is too large\n  = help: set --width, or write SVG")
    })?;
    let scale = Transform::from_scale(scale, scale);
    resvg::render(&tree, scale, &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| error.to_string())
}

/// Options with the font that measured the words, whatever family the SVG names.
pub(crate) fn options() -> Options<'static> {
    let mut fonts = Database::new();
    for face in [Face::Regular, Face::Bold] {
        fonts.load_font_data(lettering::font(face).to_vec());
    }
    fonts.set_sans_serif_family("DejaVu Sans");
    Options {
        fontdb: Arc::new(fonts),
        font_family: "DejaVu Sans".to_owned(),
        ..Options::default()
    }
}
