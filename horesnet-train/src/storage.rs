//! Files read within limits, and written so that a power cut leaves what was there or all of what is new.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use crate::error::{Error, Result};

/// Opens `path` for reading, and says how long it is.
///
/// Fails with [`Error::File`] if it is not a regular file, or longer than `limit` bytes.
pub(crate) fn open(path: &Path, limit: u64) -> Result<(File, u64)> {
    // Asked before it is opened: to open a pipe is to wait for its writer.
    let about = fs::metadata(path).map_err(Error::io("read", path))?;
    if !about.is_file() {
        return Err(Error::file(path, "is not a regular file"));
    }
    let file = File::open(path).map_err(Error::io("read", path))?;
    let length = file.metadata().map_err(Error::io("read", path))?.len();
    if length > limit {
        let problem = format!("is {length} bytes long; at most {limit} can belong to such a run");
        return Err(Error::file(path, problem));
    }
    Ok((file, length))
}

/// All of `path`, which [`open`] must accept.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let (file, _) = open(path, limit)?;
    let mut bytes = Vec::new();
    // Limited again, because a length is only a promise: files of /proc say 0, and a log grows.
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(Error::io("read", path))?;
    Ok(bytes)
}

/// Gives `path` new contents: a reader, or a power cut, sees the old ones or the new ones and nothing between.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let aside = path.with_added_extension("new");
    File::create(&aside)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&aside, path))
        .inspect_err(|_| {
            // On a full disk, what was not finished gives back its room. If it cannot go, it is replaced the next time.
            let _ = fs::remove_file(&aside);
        })
        .map_err(Error::io("write", path))?;
    sync_folder_of(path);
    Ok(())
}

/// Adds `bytes` to the end of `path`; on return they are on the disk.
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

/// Puts the name of `path` on the disk too, where the system can.
pub(crate) fn sync_folder_of(path: &Path) {
    // Not every file system syncs folders, and not every system opens them; the contents are safe either way.
    if let Some(Ok(folder)) = path.parent().map(File::open) {
        let _ = folder.sync_all();
    }
}
