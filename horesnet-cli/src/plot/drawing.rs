//! A picture as a list of shapes.
//!
//! Lengths are pixels of a picture at its natural size, y downwards.

use std::collections::BTreeSet;

use super::lettering;

/// `(x, y)` in pixels.
pub(crate) type Point = (f64, f64);

/// A picture with a white background.
pub(crate) struct Drawing {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// What programs that read pictures aloud say.
    pub(crate) title: String,
    pub(crate) shapes: Vec<Shape>,
    /// The rectangle to which [`Shape::Clipped`] is cut: its corners with least and largest coordinates.
    pub(crate) clip: Option<(Point, Point)>,
    /// What the picture does not show, for who asked for it.
    pub(crate) notes: Vec<String>,
}

impl Drawing {
    /// The characters that the font of the PNG has no letters for, each once.
    pub(crate) fn missing(&self) -> String {
        let texts = self.shapes.iter().filter_map(|shape| match shape {
            Shape::Text(text) => Some(lettering::missing(&text.words, text.face)),
            _ => None,
        });
        let missing: BTreeSet<_> = texts.flatten().collect();
        missing.into_iter().collect()
    }
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

    /// The same with a line that is not interrupted.
    pub(crate) const fn solid(self) -> Self {
        Self {
            dashes: &[],
            ..self
        }
    }

    /// The same without its filling.
    pub(crate) const fn hollow(self) -> Self {
        Self { fill: None, ..self }
    }

    /// The same without its line.
    pub(crate) const fn borderless(self) -> Self {
        Self {
            stroke: None,
            ..self
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
