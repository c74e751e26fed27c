//! Colours and pens of shapes.

use std::fmt::{self, Display};

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
