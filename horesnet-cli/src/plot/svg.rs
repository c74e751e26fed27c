//! A drawing as SVG; the view box lets any program scale it.

use std::fmt::{self, Write};

use super::drawing::{Anchor, Drawing, Face, Path, Shape, Step, Style, Text};

/// What readers without the font of the PNG get; all have the letters and signs used.
const FONT: &str = "Helvetica, Arial, 'DejaVu Sans', sans-serif";

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
