//! Vector pictures: shapes, axes and charts, written as SVG with one palette and one set of fonts, and pages with them.
//! Lengths are pixels of a picture at its natural size, y downwards.
//! Knows no schemes, runs or experiments: those who draw hand over numbers and names.

mod axes;
mod chart;
pub mod lettering;
pub(crate) mod page;

use std::collections::BTreeSet;
use std::fmt::{self, Display, Write};

pub use axes::{Axes, Scale};
pub(crate) use chart::{Chart, Series};
use lettering::Face;

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
    body: String,
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
        self.put(format_args!("<path d=\"{path}\"{style}/>"));
    }

    /// Draws lines and curves inside the clipping rectangle.
    pub fn clipped(&mut self, path: &Path, style: Style) {
        self.put(format_args!(
            "<path d=\"{path}\"{style} clip-path=\"url(#frame)\"/>"
        ));
    }

    /// Draws a circle.
    pub fn circle(&mut self, (x, y): Point, radius: f64, style: Style) {
        let (x, y, r) = (Short(x), Short(y), Short(radius));
        self.put(format_args!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"{style}/>"
        ));
    }

    /// Draws a rectangle from its corner with the least coordinates, with rounded corners if `radius` is not 0.
    pub fn rect(&mut self, (x, y): Point, (w, h): Point, radius: f64, style: Style) {
        let [x, y, w, h, rx] = [x, y, w, h, radius].map(Short);
        self.put(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{rx}\"{style}/>"
        ));
    }

    /// Writes words.
    pub fn text(&mut self, text: &Text) {
        self.missing
            .extend(lettering::missing(&text.words, text.face));
        self.put(text);
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
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{shown}\" height=\"{high}\" viewBox=\"0 0 {w} {h}\" \
             role=\"img\" font-family=\"{FONT}\">\n<title>{}</title>\n\
             <rect width=\"{w}\" height=\"{h}\" fill=\"{WHITE}\"/>\n{clip}{}</svg>\n",
            Escaped(&self.title),
            self.body
        )
    }

    fn put(&mut self, element: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.body, "{element}");
    }
}

/// One or more lines, each open or closed.
#[derive(Clone, Default)]
pub struct Path(pub Vec<Step>);

/// A step of a path.
#[derive(Clone, Copy)]
pub enum Step {
    /// Begins a line.
    Move(Point),
    /// Goes straight.
    Line(Point),
    /// Control point and end of a quadratic curve.
    Bend(Point, Point),
    /// Returns to where the line began.
    Close,
}

impl Path {
    /// A line through points.
    pub fn through(points: impl IntoIterator<Item = Point>) -> Self {
        let mut points = points.into_iter();
        let first = points.next().map(Step::Move);
        Self(first.into_iter().chain(points.map(Step::Line)).collect())
    }

    /// A line through points and back to the first.
    pub fn around(points: impl IntoIterator<Item = Point>) -> Self {
        let mut path = Self::through(points);
        path.0.push(Step::Close);
        path
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| match *step {
            Step::Move((x, y)) => write!(f, "M{} {}", Short(x), Short(y)),
            Step::Line((x, y)) => write!(f, "L{} {}", Short(x), Short(y)),
            Step::Bend((cx, cy), (x, y)) => {
                let [cx, cy, x, y] = [cx, cy, x, y].map(Short);
                write!(f, "Q{cx} {cy} {x} {y}")
            }
            Step::Close => f.write_char('Z'),
        })
    }
}

/// Fill and stroke of a shape.
#[derive(Clone, Copy)]
pub struct Style {
    /// Colour of the inside.
    pub fill: Option<&'static str>,
    /// Opacity of the inside.
    pub opacity: f64,
    /// Colour of the line.
    pub stroke: Option<&'static str>,
    /// Width of the line.
    pub width: f64,
    /// Lengths of dashes and gaps by turns; none for a solid line.
    pub dashes: &'static [f64],
}

impl Style {
    /// A line.
    #[must_use]
    pub const fn line(stroke: &'static str, width: f64) -> Self {
        Self {
            fill: None,
            opacity: 1.0,
            stroke: Some(stroke),
            width,
            dashes: &[],
        }
    }

    /// A filled shape without outline.
    #[must_use]
    pub const fn filled(fill: &'static str) -> Self {
        Self {
            stroke: None,
            ..Self::line(fill, 0.0).over(fill)
        }
    }

    /// This style with another opacity of the inside.
    #[must_use]
    pub const fn opacity(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }

    /// This line around a filled shape.
    #[must_use]
    pub const fn over(self, fill: &'static str) -> Self {
        Self {
            fill: Some(fill),
            ..self
        }
    }
}

impl Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " fill=\"{}\"", self.fill.unwrap_or("none"))?;
        if self.fill.is_some() {
            if self.opacity < 1.0 {
                write!(f, " fill-opacity=\"{}\"", self.opacity)?;
            }
            // Regions may have holes.
            f.write_str(" fill-rule=\"evenodd\"")?;
        }
        let Some(stroke) = self.stroke else {
            return Ok(());
        };
        let width = self.width;
        write!(
            f,
            " stroke=\"{stroke}\" stroke-width=\"{width}\" stroke-linejoin=\"round\""
        )?;
        if !self.dashes.is_empty() {
            let dashes: Vec<_> = self.dashes.iter().map(f64::to_string).collect();
            write!(f, " stroke-dasharray=\"{}\"", dashes.join(" "))?;
        }
        Ok(())
    }
}

/// A line of words.
pub struct Text {
    at: Point,
    words: String,
    size: f64,
    face: Face,
    colour: &'static str,
    attributes: String,
}

impl Text {
    /// Words in the regular face that start at a point of the baseline.
    pub fn new(at: Point, words: impl Into<String>, size: f64) -> Self {
        Self {
            at,
            words: words.into(),
            size,
            face: Face::Regular,
            colour: INK,
            attributes: String::new(),
        }
    }

    /// Sets the face.
    #[must_use]
    pub fn face(self, face: Face) -> Self {
        Self { face, ..self }
    }

    /// Sets the colour.
    #[must_use]
    pub fn colour(self, colour: &'static str) -> Self {
        Self { colour, ..self }
    }

    /// Centres the words on the point.
    #[must_use]
    pub fn centred(self) -> Self {
        self.attribute(" text-anchor=\"middle\"")
    }

    /// Ends the words at the point.
    #[must_use]
    pub fn ending(self) -> Self {
        self.attribute(" text-anchor=\"end\"")
    }

    /// Turns the words to read upwards.
    #[must_use]
    pub fn upwards(self) -> Self {
        let (x, y) = (Short(self.at.0), Short(self.at.1));
        self.attribute(&format!(" transform=\"rotate(-90 {x} {y})\""))
    }

    fn attribute(mut self, attribute: &str) -> Self {
        self.attributes.push_str(attribute);
        self
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (x, y) = (Short(self.at.0), Short(self.at.1));
        let bold = match self.face {
            Face::Regular => "",
            Face::Bold => " font-weight=\"bold\"",
        };
        write!(
            f,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" fill=\"{}\"{bold}{}>{}</text>",
            self.size,
            self.colour,
            self.attributes,
            Escaped(&self.words)
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
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                f.write_char(char::REPLACEMENT_CHARACTER)
            }
            c => f.write_char(c),
        })
    }
}
