//! Results to standard output or to a file, which is replaced as a whole or not at all.
//!
//! The output is often the input, so the old contents are kept until all of the new ones are on disk.

use std::error::Error;
use std::fmt::Display;
use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::report;

/// Returns true if `path` means standard output.
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

/// Replaces the contents of a file atomically.
///
/// Links stay links, files keep their permissions, and devices and pipes are written in place.
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

/// Fails if a path exists, unless it may be replaced.
pub(crate) fn expect_new(path: &Path, force: bool) -> Result<(), Box<dyn Error>> {
    if force || is_stdout(path) || fs::symlink_metadata(path).is_err() {
        return Ok(());
    }
    let shown = path.display();
    Err(format!("{shown} exists; name another output, or replace it with --force").into())
}

/// Writes files to a folder: a new one appears with all of them, in an existing one each is replaced atomically.
pub(crate) fn write_folder(folder: &Path, files: &[(&str, Vec<u8>)]) -> Result<(), Box<dyn Error>> {
    if folder.is_dir() {
        let mut files = files.iter();
        return files.try_for_each(|(name, bytes)| replace(&folder.join(name), bytes));
    }
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let aside = folder.with_file_name(name);
    fs::create_dir(&aside).map_err(|error| failed(&aside, &error))?;
    let mut written = files.iter();
    let written = written.try_for_each(|(name, bytes)| fs::write(aside.join(name), bytes));
    let moved = written.and_then(|()| fs::rename(&aside, folder));
    let moved = moved.inspect_err(|_| {
        // The error that follows says why.
        let _ = fs::remove_dir_all(&aside);
    });
    moved.map_err(|error| failed(folder, &error).into())
}

fn failed(path: &Path, why: &dyn Display) -> String {
    format!("{} cannot be written: {why}", path.display())
}

/// Replaces a file by a new one beside it.
fn exchange(path: &Path, bytes: &[u8], before: &Metadata) -> io::Result<()> {
    // Replace the target of a link, not the link.
    let target = fs::canonicalize(path)?;
    let folder = target.parent().unwrap_or_else(|| Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(before.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&target)?;
    Ok(())
}

/// Creates a file; a failure leaves none behind.
fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let is_link = fs::symlink_metadata(path).is_ok();
    fs::write(path, bytes).inspect_err(|_| {
        if !is_link {
            // The error that follows says why.
            let _ = fs::remove_file(path);
        }
    })
}
