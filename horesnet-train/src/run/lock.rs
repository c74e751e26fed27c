//! The hold of a training on its folder: no other training writes to it, and it is still the folder that it was.

use std::fs::{self, File, Metadata, TryLockError};
use std::path::{Path, PathBuf};

use super::folder::{ACCURACY, CHECKPOINT, CONFIG, LOSS, METRICS, MODEL, REPORT, RunFolder};
use crate::error::{Error, Result};
use crate::files::storage;

/// The files that are replaced as a whole.
const REPLACED: [&str; 7] = [CONFIG, METRICS, MODEL, CHECKPOINT, REPORT, LOSS, ACCURACY];

/// A folder in use by a training, until this is dropped.
pub(crate) struct Lock {
    path: PathBuf,
    /// The open folder, where the system opens folders; while it is open, no other has its number.
    folder: Option<File>,
}

impl RunFolder {
    /// Locks the folder against other trainings, where the system can lock folders, and removes what a training that was
    /// killed left unfinished.
    ///
    /// Fails with [`Error::File`] if another training holds the lock.
    pub(crate) fn lock(&self) -> Result<Lock> {
        let folder = File::open(&self.path).ok();
        match folder.as_ref().map(File::try_lock) {
            Some(Ok(())) => {
                for name in REPLACED {
                    storage::remove_unfinished(&self.path.join(name))?;
                }
            }
            Some(Err(TryLockError::WouldBlock)) => {
                let problem = "is in use: another training writes to it; wait until it has ended";
                return Err(Error::file(&self.path, problem));
            }
            Some(Err(TryLockError::Error(_))) | None => {}
        }
        let path = self.path.clone();
        Ok(Lock { path, folder })
    }
}

impl Lock {
    /// Fails with [`Error::Removed`] if the folder has been removed or replaced since, or lacks one of the files `kept`.
    pub(crate) fn expect_held(&self, kept: &[&str]) -> Result<()> {
        let removed = |path: &Path, what| {
            let path = path.to_owned();
            Err(Error::Removed { path, what })
        };
        let Ok(now) = fs::metadata(&self.path) else {
            return removed(&self.path, "removed");
        };
        let then = self.folder.as_ref().map(File::metadata);
        if let Some(Ok(then)) = then
            && !is_same(&then, &now)
        {
            return removed(&self.path, "removed and made again");
        }
        let mut files = [CONFIG].iter().chain(kept).map(|name| self.path.join(name));
        match files.find(|path| !path.exists()) {
            Some(path) => removed(&path, "removed"),
            None => Ok(()),
        }
    }
}

/// Returns true if both are of one folder, as far as the system tells.
#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Other systems do not remove a folder that is open.
#[cfg(not(unix))]
fn is_same(_: &Metadata, other: &Metadata) -> bool {
    other.is_dir()
}
