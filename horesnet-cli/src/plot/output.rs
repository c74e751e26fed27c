//! Where a picture goes: the ending of the file's name says in which format.

use std::error::Error;
use std::path::{Path, PathBuf};

use super::drawing::Drawing;
use super::png;
use crate::{output, report};

/// Pixels of a PNG for each pixel of the picture at its natural size: sharp on paper and on fine screens.
const DENSITY: f32 = 2.0;

/// A place for a picture.
pub(crate) enum Output {
    Svg(PathBuf),
    Png(PathBuf),
    /// SVG on standard output.
    Stdout,
}

impl Output {
    /// What `path` asks for, refused before any work is done if it cannot be had.
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
                "{shown} ends in neither .svg nor .png\n  = help: the ending says in which format to draw; `-o -` prints SVG"
            )),
        }
    }

    /// Draws, `width` pixels wide if that is said.
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
                        "note: the font of PNG pictures has no letters for `{missing}`, and shows boxes\n  = help: draw SVG, which is shown in the fonts of its reader"
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
