//! Fonts and the width of words.
//!
//! `DejaVu` Sans is wider than the Helvetica and Arial that most readers of an SVG have, so what fits here fits there.

pub use horesnet_compiler::report::raised;
use ttf_parser::{GlyphId, OutlineBuilder, kern};

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
    let Some(font) = parsed(face) else {
        return 0.0;
    };
    words
        .chars()
        .map(|c| advance(&font, glyph(&font, c), size))
        .sum()
}

/// The outlines of words that begin at the origin, and their width with kerning.
pub(super) fn outline(words: &str, face: Face, size: f64) -> (Path, f64) {
    let Some(font) = parsed(face) else {
        return (Path::default(), 0.0);
    };
    let unit = size / f64::from(font.units_per_em());
    let mut letters = Letters {
        path: Path::default(),
        left: 0.0,
        unit,
    };
    let mut last = None;
    for c in words.chars() {
        let glyph = glyph(&font, c);
        if let (Some(last), Some(kern)) = (last, font.tables().kern) {
            letters.left += f64::from(kerning(kern, last, glyph)) * unit;
        }
        font.outline_glyph(glyph, &mut letters);
        letters.left += advance(&font, glyph, size);
        last = Some(glyph);
    }
    (letters.path, letters.left)
}

fn parsed(face: Face) -> Option<ttf_parser::Face<'static>> {
    ttf_parser::Face::parse(font(face), 0).ok()
}

/// The glyph of a character, or that of missing ones.
fn glyph(font: &ttf_parser::Face, c: char) -> GlyphId {
    font.glyph_index(c).unwrap_or_default()
}

/// The distance in pixels to the next letter.
fn advance(font: &ttf_parser::Face, glyph: GlyphId, size: f64) -> f64 {
    let units = font.glyph_hor_advance(glyph);
    units.map_or(size, |units| {
        f64::from(units) * size / f64::from(font.units_per_em())
    })
}

/// Units that move `right` away from `left`.
fn kerning(kern: kern::Table, left: GlyphId, right: GlyphId) -> i32 {
    let tables = kern
        .subtables
        .into_iter()
        .filter(|table| table.horizontal && !table.has_cross_stream);
    tables
        .filter_map(|table| table.glyphs_kerning(left, right))
        .map(i32::from)
        .sum()
}

/// Outlines of letters side by side, with y downwards.
struct Letters {
    path: Path,
    /// Where the letter begins, in pixels.
    left: f64,
    /// Pixels of a unit of the font.
    unit: f64,
}

impl Letters {
    fn point(&self, x: f32, y: f32) -> Point {
        (
            self.left + f64::from(x) * self.unit,
            -f64::from(y) * self.unit,
        )
    }

    fn put(&mut self, step: Step) {
        self.path.0.push(step);
    }
}

impl OutlineBuilder for Letters {
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
    let Some(font) = parsed(face) else {
        return Vec::new();
    };
    let missing = |c: &char| !c.is_control() && font.glyph_index(*c).is_none();
    words.chars().filter(missing).collect()
}
