//! Renders SVG as PNG with a bundled font: the same pixels on every machine.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb::Database};

use horesnet_train::drawing::lettering::{self, Face};

/// Limit of pixels: half a gigabyte of memory.
const LARGEST: u64 = 1 << 27;

/// Renders `svg` at `scale` times its size.
pub(crate) fn from_svg(svg: &str, scale: f32) -> Result<Vec<u8>, String> {
    let tree = Tree::from_str(svg, &options()).map_err(|error| error.to_string())?;
    let size = tree.size().to_int_size();
    let (width, height) = (
        (size.width() as f32 * scale).ceil() as u32,
        (size.height() as f32 * scale).ceil() as u32,
    );
    let fits = u64::from(width) * u64::from(height) <= LARGEST;
    let pixels = fits.then(|| Pixmap::new(width, height)).flatten();
    let mut pixels = pixels.ok_or_else(|| {
        format!("a picture of {width} × {height} pixels is too large\n  = help: set --width, or write SVG")
    })?;
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixels.as_mut(),
    );
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
