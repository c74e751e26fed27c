//! Bounded reads, and atomic writes: after a crash, a file has its old or its new contents.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::{Error, Result};

/// Opens `path` for reading and returns its length.
///
/// Fails with [`Error::File`] if it is not a regular file, or longer than `limit` bytes.
pub(crate) fn open(path: &Path, limit: u64) -> Result<(File, u64)> {
    // Asked before it is opened: opening a pipe waits for its writer.
    let about = fs::metadata(path).map_err(Error::io("read", path))?;
    if !about.is_file() {
        return Err(Error::file(path, "is not a regular file"));
    }
    let file = File::open(path).map_err(Error::io("read", path))?;
    let length = file.metadata().map_err(Error::io("read", path))?.len();
    if length > limit {
        let problem = format!("is {length} bytes long; expected at most {limit}");
        return Err(Error::file(path, problem));
    }
    Ok((file, length))
}

/// Returns true if `path` exists.
pub(crate) fn exists(path: &Path) -> Result<bool> {
    fs::exists(path).map_err(Error::io("read", path))
}

/// Reads all of `path`, within the limits of [`open`].
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let (file, _) = open(path, limit)?;
    let mut bytes = Vec::new();
    // Limited again, because lengths change: files of /proc have length 0, and logs grow.
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(Error::io("read", path))?;
    Ok(bytes)
}

/// Writes `value` as indented JSON, in place of what `path` holds.
pub(crate) fn replace_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value).map_err(unserialisable(path))?;
    text.push('\n');
    replace(path, text.as_bytes())
}

/// Makes an [`Error::File`] about a value that JSON cannot hold, for `map_err`.
pub(crate) fn unserialisable(path: &Path) -> impl Fn(serde_json::Error) -> Error {
    move |error| Error::file(path, format!("cannot be written: {error}"))
}

/// Replaces the contents of `path`: a reader, or a crash, sees the old or the new ones and nothing between.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let aside = unfinished(path);
    File::create(&aside)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&aside, path))
        .inspect_err(|_| {
            // Frees the space of an unfinished file on a full disk. If that fails too, the next write replaces it.
            let _ = fs::remove_file(&aside);
        })
        .map_err(Error::io("write", path))?;
    sync_folder_of(path);
    Ok(())
}

/// The file that [`replace`] writes first.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

/// Removes what a [`replace`] that was killed left beside `path`.
pub(crate) fn remove_unfinished(path: &Path) -> Result<()> {
    let aside = unfinished(path);
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Error::io("remove", &aside)(error))
        }
        _ => Ok(()),
    }
}

/// Appends `bytes` to `path`; on return they are on the disk.
pub(crate) fn append(path: &Path, bytes: &[u8]) -> Result<()> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .map_err(Error::io("write", path))?;
    sync_folder_of(path);
    Ok(())
}

/// Syncs the folder of `path`, so that its name is on the disk too, where the system can.
pub(crate) fn sync_folder_of(path: &Path) {
    // Not every file system syncs folders, and not every system opens them; the contents are safe either way.
    if let Some(Ok(folder)) = path.parent().map(File::open) {
        let _ = folder.sync_all();
    }
}
