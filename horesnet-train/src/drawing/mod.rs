//! Vector pictures: shapes, axes and charts, written as SVG with one palette and one set of fonts, and pages with them.
//! Lengths are pixels of a picture at its natural size, y downwards.
//! Knows no schemes, runs or experiments: those who draw hand over numbers and names.

mod axes;
mod chart;
pub mod lettering;
pub(crate) mod page;
mod path;
mod shape;
mod style;
mod text;

use std::collections::BTreeSet;
use std::fmt::{self, Display, Write};

pub use axes::{Axes, Scale};
pub(crate) use chart::{Chart, Series};
pub use path::{Path, Step};
pub use shape::Outline;
use shape::Shape;
pub use style::Style;
pub use text::Text;

/// The palette of Okabe and Ito, which people with any colour vision can tell apart.
pub const PALETTE: [&str; 7] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222",
];
/// Lines and words.
pub const INK: &str = "#222222";
/// Words of less weight.
pub const GREY: &str = "#555555";
/// The background.
pub const WHITE: &str = "#ffffff";

/// Size of a title.
pub const TITLE: f64 = 17.0;
/// Size of the words below a title.
pub const SUBTITLE: f64 = 12.5;

/// Fonts of readers without the font of the PNG; all have the letters and signs used.
const FONT: &str = "Helvetica, Arial, 'DejaVu Sans', sans-serif";

/// `(x, y)` in pixels.
pub type Point = (f64, f64);

/// A picture with a white background.
#[derive(Default)]
pub struct Drawing {
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels.
    pub height: f64,
    /// The accessible name, read aloud by screen readers.
    pub title: String,
    /// The clipping rectangle of [`Drawing::clipped`]: its corners with least and largest coordinates.
    pub clip: Option<(Point, Point)>,
    shapes: Vec<Shape>,
    missing: BTreeSet<char>,
}

impl Drawing {
    /// An empty picture of a width and height.
    #[must_use]
    pub fn new((width, height): Point, title: &str) -> Self {
        Self {
            width,
            height,
            title: title.to_owned(),
            ..Self::default()
        }
    }

    /// Draws lines and curves.
    pub fn path(&mut self, path: &Path, style: Style) {
        self.put_path(path, style, false);
    }

    /// Draws lines and curves inside the clipping rectangle.
    pub fn clipped(&mut self, path: &Path, style: Style) {
        self.put_path(path, style, true);
    }

    fn put_path(&mut self, path: &Path, style: Style, is_clipped: bool) {
        let path = path.clone();
        self.shapes.push(Shape::Path {
            path,
            style,
            is_clipped,
        });
    }

    /// Draws a circle.
    pub fn circle(&mut self, centre: Point, radius: f64, style: Style) {
        self.shapes.push(Shape::Circle {
            centre,
            radius,
            style,
        });
    }

    /// Draws a rectangle from its corner with the least coordinates, with rounded corners if `radius` is not 0.
    pub fn rect(&mut self, corner: Point, size: Point, radius: f64, style: Style) {
        self.shapes.push(Shape::Rect {
            corner,
            size,
            radius,
            style,
        });
    }

    /// Writes words.
    pub fn text(&mut self, text: Text) {
        self.missing.extend(text.missing());
        self.shapes.push(Shape::Text(text));
    }

    /// The shapes as lines and curves, in the order of painting.
    pub fn outlines(&self) -> impl Iterator<Item = Outline> {
        self.shapes.iter().map(Shape::outline)
    }

    /// The characters for which the font of the PNG has no glyph, each once.
    #[must_use]
    pub fn missing(&self) -> String {
        self.missing.iter().collect()
    }

    /// The picture as SVG, `width` pixels wide where a program asks for its size; the view box lets any program scale it.
    #[must_use]
    pub fn svg(&self, width: Option<u32>) -> String {
        let shown = width.map_or(self.width, f64::from);
        let high = shown * self.height / self.width;
        let [w, h, shown, high] = [self.width, self.height, shown, high].map(Short);
        let clip = self.clip.map_or_else(String::new, |((x, y), (right, bottom))| {
            let [x, y, w, h] = [x, y, right - x, bottom - y].map(Short);
            format!(
                "<clipPath id=\"frame\"><rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/></clipPath>\n"
            )
        });
        let mut body = String::new();
        for shape in &self.shapes {
            // Writing to a string cannot fail.
            let _ = writeln!(body, "{shape}");
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{shown}\" height=\"{high}\" viewBox=\"0 0 {w} {h}\" \
             role=\"img\" font-family=\"{FONT}\">\n<title>{}</title>\n\
             <rect width=\"{w}\" height=\"{h}\" fill=\"{WHITE}\"/>\n{clip}{body}</svg>\n",
            Escaped(&self.title),
        )
    }
}

/// A length to a hundredth of a pixel, which nobody sees.
struct Short(f64);

impl Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Adding zero turns the negative zero into the plain one.
        write!(f, "{}", (self.0 * 100.0).round() / 100.0 + 0.0)
    }
}

/// Text with the characters of markup escaped; control characters, which XML forbids, become U+FFFD.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            c => f.write_char(printable(c)),
        })
    }
}

/// The character that is shown for `c`.
fn printable(c: char) -> char {
    if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') {
        char::REPLACEMENT_CHARACTER
    } else {
        c
    }
}
