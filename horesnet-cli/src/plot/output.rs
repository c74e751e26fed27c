//! The file of a picture: its extension selects the format.

use std::error::Error;
use std::path::{Path, PathBuf};

use horesnet_train::drawing::Drawing;

use super::png;
use crate::{output, report};

/// Pixels of a PNG for each pixel of the picture at its natural size: sharp on paper and on fine screens.
const DENSITY: f32 = 2.0;

/// Format and file of a picture.
pub(crate) enum Output {
    Svg(PathBuf),
    Png(PathBuf),
    /// SVG on standard output.
    Stdout,
}

impl Output {
    /// Checks `path` before any work is done.
    pub(crate) fn new(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        if output::is_stdout(path) {
            return Ok(Self::Stdout);
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return Err(format!(
                "{shown} cannot be written: there is no folder {}",
                folder.display()
            ));
        }
        if path.is_dir() {
            return Err(format!("{shown} cannot be written: it is a folder"));
        }
        let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        match ending.as_ref().and_then(|ending| ending.to_str()) {
            Some("svg") => Ok(Self::Svg(path.to_owned())),
            Some("png") => Ok(Self::Png(path.to_owned())),
            _ => Err(format!(
                "{shown} ends in neither .svg nor .png\n  = help: the extension selects the format; `-o -` prints SVG"
            )),
        }
    }

    /// Writes the drawing, `width` pixels wide if given.
    pub(crate) fn write(
        &self,
        drawing: &Drawing,
        width: Option<u32>,
    ) -> Result<(), Box<dyn Error>> {
        let svg = drawing.svg(width);
        match self {
            Self::Svg(path) => output::replace(path, svg.as_bytes())?,
            Self::Png(path) => {
                let missing = drawing.missing();
                if !missing.is_empty() {
                    report::note(format_args!(
                        "note: the font of PNG pictures has no glyphs for `{missing}` and shows boxes\n  = help: write SVG, which uses the fonts of its viewer"
                    ));
                }
                let density = if width.is_some() { 1.0 } else { DENSITY };
                output::replace(path, &png::from_svg(&svg, density)?)?;
            }
            Self::Stdout => output::write(Path::new("-"), svg.as_bytes())?,
        }
        Ok(())
    }
}
