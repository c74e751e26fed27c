//! Lines of words.

use std::fmt::{self, Display};

use super::lettering::{self, Face};
use super::{Escaped, INK, Path, Point, Short};

/// A line of words.
pub struct Text {
    at: Point,
    words: String,
    size: f64,
    face: Face,
    colour: &'static str,
    anchor: Anchor,
    upwards: bool,
}

/// The part of the words that is at the point.
#[derive(Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
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
            anchor: Anchor::Start,
            upwards: false,
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
        Self {
            anchor: Anchor::Middle,
            ..self
        }
    }

    /// Ends the words at the point.
    #[must_use]
    pub fn ending(self) -> Self {
        Self {
            anchor: Anchor::End,
            ..self
        }
    }

    /// Turns the words to read upwards.
    #[must_use]
    pub fn upwards(self) -> Self {
        Self {
            upwards: true,
            ..self
        }
    }

    /// The colour of the words.
    pub(super) const fn ink(&self) -> &'static str {
        self.colour
    }

    /// The characters for which the font has no glyph.
    pub(super) fn missing(&self) -> Vec<char> {
        lettering::missing(&self.words, self.face)
    }

    /// The outlines of all letters.
    pub(super) fn outline(&self) -> Path {
        // SVG shows several blanks as one.
        let words = self.words.split(' ').filter(|word| !word.is_empty());
        let words: String = words.collect::<Vec<_>>().join(" ");
        let words: String = words.chars().map(super::printable).collect();
        let (letters, width) = lettering::outline(&words, self.face, self.size);
        let before = match self.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => width / 2.0,
            Anchor::End => width,
        };
        let (left, base) = self.at;
        let place = |(x, y): Point| {
            if self.upwards {
                (left + y, base - (x - before))
            } else {
                (left + x - before, base + y)
            }
        };
        Path(letters.0.into_iter().map(|step| step.map(place)).collect())
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (x, y) = (Short(self.at.0), Short(self.at.1));
        let bold = match self.face {
            Face::Regular => "",
            Face::Bold => " font-weight=\"bold\"",
        };
        let anchor = match self.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let turned = if self.upwards {
            format!(" transform=\"rotate(-90 {x} {y})\"")
        } else {
            String::new()
        };
        write!(
            f,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" fill=\"{}\"{bold}{anchor}{turned}>{}</text>",
            self.size,
            self.colour,
            Escaped(&self.words)
        )
    }
}
