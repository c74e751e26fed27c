//! A file of binary data, plain or gzip, read to the last byte.
//!
//! Nothing is allocated on a header's word: bytes are taken as they come, and no more than were expected.

use std::io::{self, BufReader, ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};
use crate::storage;

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file that knows how far it has been read, and says so when something is wrong.
pub(super) struct Stream {
    path: PathBuf,
    bytes: Box<dyn Read>,
    packed: bool,
    at: u64,
}

impl Stream {
    /// Opens `path`, whose first bytes tell whether it is gzip.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let (mut file, _) = storage::open(path, u64::MAX)?;
        let mut start = Vec::new();
        (&mut file)
            .take(GZIP.len() as u64)
            .read_to_end(&mut start)
            .and_then(|_| file.rewind())
            .map_err(Error::io("read", path))?;
        let packed = start == GZIP;
        let bytes: Box<dyn Read> = if packed {
            Box::new(MultiGzDecoder::new(BufReader::new(file)))
        } else {
            Box::new(file)
        };
        Ok(Self {
            path: path.to_owned(),
            bytes,
            packed,
            at: 0,
        })
    }

    /// The next `count` bytes of a file in which `expected` bytes are expected in all.
    pub(super) fn take(&mut self, count: u64, expected: u64) -> Result<Vec<u8>> {
        let bytes = self.up_to(count)?;
        if bytes.len() as u64 == count {
            return Ok(bytes);
        }
        Err(self.wrong(format!(
            "ends at byte {}{}; {expected} were expected",
            self.at,
            self.of()
        )))
    }

    /// Makes sure that nothing follows.
    pub(super) fn end(&mut self) -> Result<()> {
        let end = self.at;
        if self.up_to(1)?.is_empty() {
            return Ok(());
        }
        Err(self.wrong(format!(
            "goes on after byte {end}{}, where it should end",
            self.of()
        )))
    }

    /// An [`Error::File`] about this file.
    pub(super) fn wrong(&self, problem: impl Into<String>) -> Error {
        Error::file(&self.path, problem)
    }

    /// To follow "byte N": of what, unless it is simply the file.
    pub(super) fn of(&self) -> &'static str {
        if self.packed {
            " of the unpacked data"
        } else {
            ""
        }
    }

    /// The next `count` bytes, or all that are left.
    fn up_to(&mut self, count: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = (&mut self.bytes).take(count).read_to_end(&mut bytes);
        self.at += bytes.len() as u64;
        match read {
            Ok(_) => Ok(bytes),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Why the bytes stopped coming: the unpacker's complaints are about the file, others the system's.
    fn failed(&self, error: io::Error) -> Error {
        let at = self.at;
        match error.kind() {
            ErrorKind::UnexpectedEof if self.packed => self.wrong(format!(
                "is cut short: unpacking it ends at byte {at} of the unpacked data"
            )),
            ErrorKind::InvalidInput | ErrorKind::InvalidData if self.packed => self.wrong(format!(
                "is damaged: unpacking it fails at byte {at} of the unpacked data ({error})"
            )),
            _ => Error::io("read", &self.path)(error),
        }
    }
}
