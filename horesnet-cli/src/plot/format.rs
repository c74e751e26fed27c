//! The formats of pictures.

use std::ffi::OsStr;
use std::path::Path;

use horesnet_train::drawing::Drawing;

use super::{pdf, png};
use crate::output;

/// A format of pictures.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Svg,
    Png,
    Pdf,
}

impl Format {
    /// Returns the format of a file by its extension; checks the path before any work is done.
    pub(crate) fn of(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        if output::is_stdout(path) {
            return Ok(Self::Svg);
        }
        if let Some(folder) = path.parent()
            && !folder.as_os_str().is_empty()
            && !folder.is_dir()
        {
            let folder = folder.display();
            return Err(format!(
                "{shown} cannot be written: there is no folder {folder}"
            ));
        }
        if path.is_dir() {
            return Err(format!("{shown} cannot be written: it is a folder"));
        }
        let ending = path.extension().map(OsStr::to_ascii_lowercase);
        match ending.as_ref().and_then(|ending| ending.to_str()) {
            Some("svg") => Ok(Self::Svg),
            Some("png") => Ok(Self::Png),
            Some("pdf") => Ok(Self::Pdf),
            _ => Err(format!(
                "{shown} does not end in .svg, .png or .pdf\n  = help: the extension selects the format; `-o -` prints SVG"
            )),
        }
    }

    /// The bytes of a picture, that many pixels wide.
    pub(crate) fn draw(self, drawing: &Drawing, width: Option<u32>) -> Result<Vec<u8>, String> {
        match self {
            Self::Svg => Ok(drawing.svg(width).into_bytes()),
            Self::Png => png::draw(drawing, width),
            Self::Pdf => pdf::draw(drawing, width),
        }
    }
}
