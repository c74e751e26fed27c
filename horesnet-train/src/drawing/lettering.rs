//! Fonts and the width of words.
//!
//! `DejaVu` Sans is wider than the Helvetica and Arial that most readers of an SVG have, so what fits here fits there.

pub use horesnet_compiler::report::raised;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// The weight of letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Face {
    /// Plain letters.
    Regular,
    /// Bold letters.
    Bold,
}

/// The font of a face; under the permissive licence of Bitstream Vera.
#[must_use]
pub fn font(face: Face) -> &'static [u8] {
    match face {
        Face::Regular => dejavu::sans::regular(),
        Face::Bold => dejavu::sans::bold(),
    }
}

/// The width in pixels of words in a font of `size` pixels.
#[must_use]
pub fn width(words: &str, face: Face, size: f64) -> f64 {
    let Ok(font) = FontRef::new(font(face)) else {
        return 0.0;
    };
    let letters = font.charmap();
    let metrics = font.glyph_metrics(Size::new(size as f32), LocationRef::default());
    let advance = |c| {
        let glyph = letters.map(c).unwrap_or_default();
        metrics.advance_width(glyph).map_or(size, f64::from)
    };
    words.chars().map(advance).sum()
}

/// Truncates a name to `most` characters, the last of which is then an ellipsis.
#[must_use]
pub fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let kept: String = name.chars().take(most.saturating_sub(1)).collect();
    kept.trim_end().to_owned() + "…"
}

/// The characters of words for which the font has no glyph, control characters aside: pictures never show those.
pub(super) fn missing(words: &str, face: Face) -> Vec<char> {
    let Ok(font) = FontRef::new(font(face)) else {
        return Vec::new();
    };
    let letters = font.charmap();
    let missing = |c: &char| !c.is_control() && letters.map(*c).is_none();
    words.chars().filter(missing).collect()
}
