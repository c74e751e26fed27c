//! Lines and curves.

use std::fmt::{self, Display, Write};

use super::{Point, Short};

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
    /// Control points and end of a cubic curve.
    Cubic(Point, Point, Point),
    /// Returns to where the line began.
    Close,
}

impl Step {
    /// Moves the points of the step.
    pub(super) fn map(self, place: impl Fn(Point) -> Point) -> Self {
        match self {
            Self::Move(to) => Self::Move(place(to)),
            Self::Line(to) => Self::Line(place(to)),
            Self::Bend(control, to) => Self::Bend(place(control), place(to)),
            Self::Cubic(a, b, to) => Self::Cubic(place(a), place(b), place(to)),
            Self::Close => Self::Close,
        }
    }
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
            Step::Cubic((ax, ay), (bx, by), (x, y)) => {
                let [ax, ay, bx, by, x, y] = [ax, ay, bx, by, x, y].map(Short);
                write!(f, "C{ax} {ay} {bx} {by} {x} {y}")
            }
            Step::Close => f.write_char('Z'),
        })
    }
}
