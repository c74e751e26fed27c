//! Fonts and the width of words.
//!
//! `DejaVu` Sans is wider than the Helvetica and Arial that most readers of an SVG have, so what fits here fits there.

pub use horesnet_compiler::report::raised;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::raw::TableProvider;
use skrifa::raw::tables::kern::{Kern, SubtableKind};
use skrifa::{FontRef, GlyphId, MetadataProvider};

use super::{Path, Point, Step};

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

/// The outlines of words that begin at the origin, and their width with kerning.
pub(super) fn outline(words: &str, face: Face, size: f64) -> (Path, f64) {
    let mut letters = Letters::default();
    let Ok(font) = FontRef::new(font(face)) else {
        return (letters.path, 0.0);
    };
    let (glyphs, outlines) = (font.charmap(), font.outline_glyphs());
    let settings = (Size::new(size as f32), LocationRef::default());
    let metrics = font.glyph_metrics(settings.0, settings.1);
    let em = font.metrics(Size::unscaled(), settings.1).units_per_em;
    let kern = font.kern().ok();
    let mut last = None;
    for c in words.chars() {
        let glyph = glyphs.map(c).unwrap_or_default();
        if let (Some(last), Some(kern)) = (last, &kern) {
            letters.left += f64::from(kerning(kern, last, glyph)) * size / f64::from(em);
        }
        if let Some(outline) = outlines.get(glyph) {
            // The bundled font has no damaged glyphs; one would be blank.
            let _ = outline.draw(DrawSettings::unhinted(settings.0, settings.1), &mut letters);
        }
        letters.left += metrics.advance_width(glyph).map_or(size, f64::from);
        last = Some(glyph);
    }
    (letters.path, letters.left)
}

/// Units that move `right` away from `left`.
fn kerning(kern: &Kern, left: GlyphId, right: GlyphId) -> i32 {
    let tables = kern.subtables().filter_map(Result::ok);
    let tables = tables.filter(|table| table.is_horizontal() && !table.is_cross_stream());
    let pairs = tables.filter_map(|table| match table.kind() {
        Ok(SubtableKind::Format0(pairs)) => pairs.kerning(left, right),
        _ => None,
    });
    pairs.sum()
}

/// Outlines of letters side by side, with y downwards.
#[derive(Default)]
struct Letters {
    path: Path,
    left: f64,
}

impl Letters {
    fn point(&self, x: f32, y: f32) -> Point {
        (self.left + f64::from(x), -f64::from(y))
    }

    fn put(&mut self, step: Step) {
        self.path.0.push(step);
    }
}

impl OutlinePen for Letters {
    fn move_to(&mut self, x: f32, y: f32) {
        self.put(Step::Move(self.point(x, y)));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.put(Step::Line(self.point(x, y)));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.put(Step::Bend(self.point(cx, cy), self.point(x, y)));
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let controls = [self.point(ax, ay), self.point(bx, by)];
        self.put(Step::Cubic(controls[0], controls[1], self.point(x, y)));
    }

    fn close(&mut self) {
        self.put(Step::Close);
    }
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
