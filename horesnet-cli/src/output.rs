//! Where results go that may also go to a file: standard output, or the file, which is written all or not at all.
//!
//! The output is often the input, so what stood there before is lost only once all of the new is on disk.

use std::error::Error;
use std::fmt::Display;
use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::report;

/// Whether `path` means standard output.
pub(crate) fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

/// Writes to standard output if `path` is `-`, and to that file otherwise.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    if is_stdout(path) {
        let mut out = io::stdout().lock();
        return Ok(report::sent(
            out.write_all(bytes).and_then(|()| out.flush()),
        )?);
    }
    replace(path, bytes)
}

/// Gives the file new contents: a reader sees the old ones or the new ones and nothing between.
///
/// Links stay links, files keep their permissions, and devices and pipes are written to as they are.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let written = match fs::metadata(path) {
        Ok(before) if before.permissions().readonly() => {
            return Err(failed(path, &"it is read-only").into());
        }
        Ok(before) if before.is_file() => exchange(path, bytes, &before),
        Ok(_) => fs::write(path, bytes),
        Err(_) => create(path, bytes),
    };
    written.map_err(|error| failed(path, &error).into())
}

fn failed(path: &Path, why: &dyn Display) -> String {
    format!("{} cannot be written: {why}", path.display())
}

/// A new file beside the old one takes its place.
fn exchange(path: &Path, bytes: &[u8], before: &Metadata) -> io::Result<()> {
    // A link stays a link to what it links to.
    let target = fs::canonicalize(path)?;
    let folder = target.parent().unwrap_or_else(|| Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(before.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&target)?;
    Ok(())
}

/// Where nothing was, nothing is left of a failure either.
fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let is_link = fs::symlink_metadata(path).is_ok();
    fs::write(path, bytes).inspect_err(|_| {
        if !is_link {
            // If it cannot go, the error that follows says why.
            let _ = fs::remove_file(path);
        }
    })
}
