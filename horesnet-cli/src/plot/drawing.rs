//! A picture as a list of shapes, and that list as SVG.
//!
//! Lengths are pixels of a picture at its natural size, y downwards; the view box lets any program scale it.

use std::fmt::{self, Write};

/// `(x, y)` in pixels.
pub(crate) type Point = (f64, f64);

/// What readers without the font of the PNG get; all have the letters and signs used.
const FONT: &str = "Helvetica, Arial, 'DejaVu Sans', sans-serif";

/// A picture with a white background.
pub(crate) struct Drawing {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// What programs that read pictures aloud say.
    pub(crate) title: String,
    pub(crate) shapes: Vec<Shape>,
    /// The rectangle to which [`Shape::Clipped`] is cut: its corners with least and largest coordinates.
    pub(crate) clip: Option<(Point, Point)>,
}

/// What a picture is made of.
pub(crate) enum Shape {
    /// Lines and curves.
    Path(Path, Style),
    /// Lines and curves, cut to the drawing's clip.
    Clipped(Path, Style),
    /// Centre, radius.
    Circle(Point, f64, Style),
    /// Corner with the least coordinates, size, radius of the rounded corners.
    Box(Point, Point, f64, Style),
    /// Words.
    Text(Text),
}

/// One or more lines, each open or closed.
#[derive(Clone, Default)]
pub(crate) struct Path(pub(crate) Vec<Step>);

/// A step of a path.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    /// Begins a line.
    Move(Point),
    /// Goes straight.
    Line(Point),
    /// Bends: control point and end of a quadratic curve.
    Bend(Point, Point),
    /// Returns to where the line began.
    Close,
}

/// How a shape is painted: nothing, unless said.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) fill: Option<&'static str>,
    pub(crate) opacity: f64,
    pub(crate) stroke: Option<&'static str>,
    pub(crate) width: f64,
    pub(crate) dashes: &'static [f64],
}

/// A line of words.
pub(crate) struct Text {
    /// The point of the baseline that `anchor` names.
    pub(crate) at: Point,
    pub(crate) words: String,
    pub(crate) size: f64,
    pub(crate) face: Face,
    pub(crate) anchor: Anchor,
    pub(crate) colour: &'static str,
    /// Whether it reads upwards.
    pub(crate) upwards: bool,
}

/// The cut of the letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Face {
    Regular,
    Bold,
    Italic,
}

/// Which part of a text stands at its point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Style {
    /// A line.
    pub(crate) const fn line(stroke: &'static str, width: f64) -> Self {
        Self {
            fill: None,
            opacity: 1.0,
            stroke: Some(stroke),
            width,
            dashes: &[],
        }
    }

    /// A filled shape without outline.
    pub(crate) const fn filled(fill: &'static str) -> Self {
        Self {
            fill: Some(fill),
            opacity: 1.0,
            stroke: None,
            width: 0.0,
            dashes: &[],
        }
    }

    /// The same with a filling.
    pub(crate) const fn over(self, fill: &'static str) -> Self {
        Self {
            fill: Some(fill),
            ..self
        }
    }
}

impl Path {
    /// A line through points.
    pub(crate) fn through(points: impl IntoIterator<Item = Point>) -> Self {
        let mut points = points.into_iter();
        let first = points.next().map(Step::Move);
        Self(first.into_iter().chain(points.map(Step::Line)).collect())
    }

    /// A line through points and back to the first.
    pub(crate) fn around(points: impl IntoIterator<Item = Point>) -> Self {
        let mut path = Self::through(points);
        path.0.push(Step::Close);
        path
    }
}

impl Text {
    /// Black words of regular face that start at a point.
    pub(crate) fn new(at: Point, words: impl Into<String>, size: f64) -> Self {
        Self {
            at,
            words: words.into(),
            size,
            face: Face::Regular,
            anchor: Anchor::Start,
            colour: "#222222",
            upwards: false,
        }
    }

    pub(crate) fn face(self, face: Face) -> Self {
        Self { face, ..self }
    }

    pub(crate) fn anchor(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub(crate) fn colour(self, colour: &'static str) -> Self {
        Self { colour, ..self }
    }

    pub(crate) fn upwards(self) -> Self {
        Self {
            upwards: true,
            ..self
        }
    }
}

impl Drawing {
    /// The picture as SVG, so many pixels wide where a program asks for its size.
    pub(crate) fn svg(&self, width: Option<u32>) -> String {
        let shown = width.map_or(self.width, f64::from);
        let size = Size(shown, shown * self.height / self.width);
        let (w, h) = (Short(self.width), Short(self.height));
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" {size} viewBox=\"0 0 {w} {h}\" role=\"img\" \
             font-family=\"{FONT}\">\n<title>{}</title>\n",
            Escaped(&self.title)
        );
        // Writing into a string does not fail.
        let _ = self.body(&mut svg);
        svg.push_str("</svg>\n");
        svg
    }

    fn body(&self, svg: &mut String) -> fmt::Result {
        let (w, h) = (Short(self.width), Short(self.height));
        writeln!(svg, "<rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>")?;
        if let Some(((left, top), (right, bottom))) = self.clip {
            let (x, y, w, h) = (left, top, right - left, bottom - top);
            writeln!(
                svg,
                "<clipPath id=\"frame\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>",
                Short(x),
                Short(y),
                Short(w),
                Short(h)
            )?;
        }
        self.shapes
            .iter()
            .try_for_each(|shape| writeln!(svg, "{shape}"))
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path, style) => write!(f, "<path d=\"{path}\"{style}/>"),
            Self::Clipped(path, style) => {
                write!(f, "<path d=\"{path}\"{style} clip-path=\"url(#frame)\"/>")
            }
            Self::Circle((x, y), radius, style) => write!(
                f,
                "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{style}/>",
                Short(*x),
                Short(*y),
                Short(*radius)
            ),
            Self::Box((x, y), (w, h), radius, style) => write!(
                f,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"{style}/>",
                Short(*x),
                Short(*y),
                Short(*w),
                Short(*h),
                Short(*radius)
            ),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0 {
            match step {
                Step::Move((x, y)) => write!(f, "M{} {}", Short(*x), Short(*y))?,
                Step::Line((x, y)) => write!(f, "L{} {}", Short(*x), Short(*y))?,
                Step::Bend((cx, cy), (x, y)) => write!(
                    f,
                    "Q{} {} {} {}",
                    Short(*cx),
                    Short(*cy),
                    Short(*x),
                    Short(*y)
                )?,
                Step::Close => f.write_char('Z')?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " fill=\"{}\"", self.fill.unwrap_or("none"))?;
        if self.fill.is_some() && self.opacity < 1.0 {
            write!(f, " fill-opacity=\"{}\"", self.opacity)?;
        }
        // Regions may have holes.
        if self.fill.is_some() {
            f.write_str(" fill-rule=\"evenodd\"")?;
        }
        let Some(stroke) = self.stroke else {
            return Ok(());
        };
        write!(f, " stroke=\"{stroke}\" stroke-width=\"{}\"", self.width)?;
        f.write_str(" stroke-linejoin=\"round\"")?;
        if !self.dashes.is_empty() {
            let dashes: Vec<_> = self.dashes.iter().map(f64::to_string).collect();
            write!(f, " stroke-dasharray=\"{}\"", dashes.join(" "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (x, y) = (Short(self.at.0), Short(self.at.1));
        write!(
            f,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" fill=\"{}\"",
            self.size, self.colour
        )?;
        f.write_str(match self.face {
            Face::Regular => "",
            Face::Bold => " font-weight=\"bold\"",
            Face::Italic => " font-style=\"italic\"",
        })?;
        f.write_str(match self.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        })?;
        if self.upwards {
            write!(f, " transform=\"rotate(-90 {x} {y})\"")?;
        }
        write!(f, ">{}</text>", Escaped(&self.words))
    }
}

/// Width and height.
struct Size(f64, f64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "width=\"{}\" height=\"{}\"",
            Short(self.0),
            Short(self.1)
        )
    }
}

/// A length to a hundredth of a pixel, which nobody sees.
struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Adding zero turns the negative zero into the plain one.
        write!(f, "{}", (self.0 * 100.0).round() / 100.0 + 0.0)
    }
}

/// Text as XML has it; characters that XML has not are shown as such.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                    f.write_char('\u{fffd}')?;
                }
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
