//! PNG and JPEG files, decoded within limits.

use std::fmt::Display;
use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageReader, Limits};

use super::Image;
use crate::error::{Error, Result};
use crate::files::storage;

/// Longest file.
const MAX_FILE: u64 = 64 << 20;
/// Largest width and height, in pixels.
pub(super) const MAX_SIDE: u32 = 4096;
/// Memory of a decoder: twice that of the largest image with 8 bytes a pixel.
const MAX_MEMORY: u64 = 2 * 8 * (MAX_SIDE as u64) * (MAX_SIDE as u64);

/// Most scans of a JPEG image: each takes as long as the whole image of a single one, and encoders make about ten.
const MAX_SCANS: usize = 64;
/// The JPEG marker of the start of a scan; like that of the end of the image, it does not occur in the data of a scan.
const SCAN: [u8; 2] = [0xff, 0xda];
const END: [u8; 2] = [0xff, 0xd9];

/// The undecoded file of an image.
pub(super) struct Picture<'a> {
    path: &'a Path,
    bytes: Vec<u8>,
}

impl<'a> Picture<'a> {
    /// Reads the bytes of `path`.
    pub(super) fn read(path: &'a Path) -> Result<Self> {
        let bytes = storage::read(path, MAX_FILE)?;
        Ok(Self { path, bytes })
    }

    /// Decodes the image, as it is shown. Fails with [`Error::File`] if it is too large.
    pub(super) fn image(&self) -> Result<Image> {
        self.expect_small()?;
        self.expect_whole()?;
        self.expect_few_scans()?;
        let mut bytes = Cursor::new(self.bytes.as_slice());
        let image = decoder(&mut bytes).and_then(|mut decoder| {
            let orientation = decoder.orientation()?;
            let mut image = DynamicImage::from_decoder(decoder)?;
            image.apply_orientation(orientation);
            Ok(image)
        });
        let image = image.map_err(|error| self.damaged(bytes.position(), error))?;
        Ok(image.into())
    }

    pub(super) fn wrong(&self, problem: impl Into<String>) -> Error {
        Error::file(self.path, problem)
    }

    /// Fails on a header that is damaged, or of an image that is too large.
    fn expect_small(&self) -> Result<()> {
        let mut bytes = Cursor::new(self.bytes.as_slice());
        let size = decoder(&mut bytes).map(|decoder| decoder.dimensions());
        let (width, height) = size.map_err(|error| self.damaged(bytes.position(), error))?;
        if width <= MAX_SIDE && height <= MAX_SIDE {
            return Ok(());
        }
        Err(self.wrong(format!(
            "has {width}×{height} pixels; expected at most {MAX_SIDE}×{MAX_SIDE}"
        )))
    }

    /// Fails on a truncated file. Decoders may accept one, and fill in missing parts of a JPEG image with grey.
    fn expect_whole(&self) -> Result<()> {
        let last = |marker: &[u8]| {
            let mut windows = self.bytes.windows(marker.len());
            windows.rposition(|bytes| bytes == marker)
        };
        let is_whole = if self.is_jpeg() {
            last(&END) > last(&SCAN)
        } else {
            last(b"IEND\xae\x42\x60\x82").is_some()
        };
        if is_whole {
            return Ok(());
        }
        let length = self.bytes.len();
        Err(self.wrong(format!("ends at byte {length}, before the image does")))
    }

    /// Fails on a JPEG image whose decoding would take long for its size.
    fn expect_few_scans(&self) -> Result<()> {
        if !self.is_jpeg() {
            return Ok(());
        }
        // Previews inside of metadata have scans too: one or a few.
        let scans = self
            .bytes
            .windows(SCAN.len())
            .filter(|bytes| *bytes == SCAN);
        let count = scans.count();
        if count <= MAX_SCANS {
            return Ok(());
        }
        Err(self.wrong(format!(
            "has {count} scans; expected at most {MAX_SCANS}; save it again, as baseline JPEG or as PNG"
        )))
    }

    fn is_jpeg(&self) -> bool {
        self.bytes.starts_with(&[0xff, 0xd8])
    }

    fn damaged(&self, at: u64, error: impl Display) -> Error {
        self.wrong(format!(
            "cannot be decoded: {error} (read up to byte {at} of {})",
            self.bytes.len()
        ))
    }
}

fn decoder(bytes: &mut Cursor<&[u8]>) -> image::ImageResult<impl ImageDecoder> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::new(bytes).with_guessed_format()?;
    reader.limits(limits);
    reader.into_decoder()
}
