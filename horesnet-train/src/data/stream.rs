//! Binary files, plain or gzip, read to the last byte.
//!
//! Sizes in headers are not trusted: memory grows with the bytes that arrive, up to the expected number.

use std::io::{self, BufReader, ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};
use crate::files::storage;

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file and the position in it, for error messages.
pub(super) struct Stream {
    path: PathBuf,
    bytes: Box<dyn Read>,
    packed: bool,
    at: u64,
}

impl Stream {
    /// Opens `path`, whose first bytes tell if it is gzip.
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

    /// Reads the next `count` bytes of a file with `expected` bytes in all.
    pub(super) fn take(&mut self, count: u64, expected: u64) -> Result<Vec<u8>> {
        let bytes = self.up_to(count)?;
        if bytes.len() as u64 == count {
            return Ok(bytes);
        }
        Err(self.wrong(format!(
            "ends at byte {}{}; expected {expected} bytes",
            self.at,
            self.of()
        )))
    }

    /// Fails with [`Error::File`] if more data follows.
    pub(super) fn end(&mut self) -> Result<()> {
        let end = self.at;
        if self.up_to(1)?.is_empty() {
            return Ok(());
        }
        Err(self.wrong(format!(
            "has data after byte {end}{}, where it should end",
            self.of()
        )))
    }

    /// Fails with [`Error::File`] unless the `label` at byte `at` is one of so many `classes`.
    pub(super) fn expect_label(&self, label: u8, at: usize, classes: usize) -> Result<()> {
        if usize::from(label) < classes {
            return Ok(());
        }
        let (of, last) = (self.of(), classes - 1);
        let problem = format!("has a label {label} at byte {at}{of}; expected 0 to {last}");
        Err(self.wrong(problem))
    }

    /// Makes an [`Error::File`] about this file.
    pub(super) fn wrong(&self, problem: impl Into<String>) -> Error {
        Error::file(&self.path, problem)
    }

    /// Says, after "byte N", that it is a byte of the unpacked data.
    pub(super) fn of(&self) -> &'static str {
        if self.packed {
            " of the unpacked data"
        } else {
            ""
        }
    }

    /// Reads the next `count` bytes, or the rest.
    fn up_to(&mut self, count: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = (&mut self.bytes).take(count).read_to_end(&mut bytes);
        self.at += bytes.len() as u64;
        read.map_err(|error| self.failed(error))?;
        Ok(bytes)
    }

    /// Tells errors of the unpacker, which are about the file, from those of the system.
    fn failed(&self, error: io::Error) -> Error {
        let at = self.at;
        match error.kind() {
            ErrorKind::UnexpectedEof if self.packed => self.wrong(format!(
                "is truncated: unpacking ends at byte {at} of the unpacked data"
            )),
            ErrorKind::InvalidInput | ErrorKind::InvalidData if self.packed => self.wrong(format!(
                "is damaged: unpacking fails at byte {at} of the unpacked data ({error})"
            )),
            _ => Error::io("read", &self.path)(error),
        }
    }
}
