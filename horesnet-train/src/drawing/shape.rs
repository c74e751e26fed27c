//! Shapes of a drawing, as elements of SVG and as outlines for other formats.

use std::fmt::{self, Display};

use super::{Path, Point, Short, Step, Style, Text};

/// An element of a drawing.
pub(super) enum Shape {
    Path {
        path: Path,
        style: Style,
        is_clipped: bool,
    },
    Circle {
        centre: Point,
        radius: f64,
        style: Style,
    },
    /// A rectangle: the corner with the least coordinates, width and height, radius of the corners.
    Rect {
        corner: Point,
        size: Point,
        radius: f64,
        style: Style,
    },
    Text(Text),
}

/// A shape as lines and curves: circles and letters are curves too.
pub struct Outline {
    /// Lines and curves.
    pub path: Path,
    /// Fill and stroke.
    pub style: Style,
    /// Fills by the even-odd rule; letters fill by the nonzero rule.
    pub is_even_odd: bool,
    /// Shows only what lies in the clipping rectangle of the drawing.
    pub is_clipped: bool,
}

impl Shape {
    pub(super) fn outline(&self) -> Outline {
        let plain = |path, style| Outline {
            path,
            style,
            is_even_odd: true,
            is_clipped: false,
        };
        match self {
            Self::Path {
                path,
                style,
                is_clipped,
            } => Outline {
                is_clipped: *is_clipped,
                ..plain(path.clone(), *style)
            },
            &Self::Circle {
                centre: (x, y),
                radius,
                style,
            } => {
                let corner = (x - radius, y - radius);
                let side = 2.0 * radius;
                plain(rounded(corner, (side, side), radius), style)
            }
            &Self::Rect {
                corner,
                size,
                radius,
                style,
            } => plain(rounded(corner, size, radius), style),
            Self::Text(text) => Outline {
                is_even_odd: false,
                ..plain(text.outline(), Style::filled(text.ink()))
            },
        }
    }
}

impl Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path {
                path,
                style,
                is_clipped,
            } => {
                let clip = if *is_clipped {
                    " clip-path=\"url(#frame)\""
                } else {
                    ""
                };
                write!(f, "<path d=\"{path}\"{style}{clip}/>")
            }
            &Self::Circle {
                centre: (x, y),
                radius,
                style,
            } => {
                let [x, y, r] = [x, y, radius].map(Short);
                write!(f, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"{style}/>")
            }
            &Self::Rect {
                corner: (x, y),
                size: (w, h),
                radius,
                style,
            } => {
                let [x, y, w, h, rx] = [x, y, w, h, radius].map(Short);
                write!(
                    f,
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{rx}\"{style}/>"
                )
            }
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// A rectangle whose corners are quarters of a circle.
fn rounded((left, top): Point, (width, height): Point, radius: f64) -> Path {
    let (right, bottom) = (left + width, top + height);
    if radius <= 0.0 {
        return Path::around([(left, top), (right, top), (right, bottom), (left, bottom)]);
    }
    // A cubic curve with these controls is within 3·10⁻⁴ radii of the circle.
    let k = radius * (1.0 - 4.0 / 3.0 * (2.0_f64.sqrt() - 1.0));
    let r = radius;
    Path(vec![
        Step::Move((left + r, top)),
        Step::Line((right - r, top)),
        Step::Cubic((right - k, top), (right, top + k), (right, top + r)),
        Step::Line((right, bottom - r)),
        Step::Cubic(
            (right, bottom - k),
            (right - k, bottom),
            (right - r, bottom),
        ),
        Step::Line((left + r, bottom)),
        Step::Cubic((left + k, bottom), (left, bottom - k), (left, bottom - r)),
        Step::Line((left, top + r)),
        Step::Cubic((left, top + k), (left + k, top), (left + r, top)),
        Step::Close,
    ])
}
