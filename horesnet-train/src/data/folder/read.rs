//! The pixels of listed images: each file is read and decoded once.
//!
//! Images stay grey, a plane each, until the first coloured one; then all get three planes.

use std::path::Path;

use super::list::ImageList;
use super::{NAME, no_images};
use crate::data::picture::Picture;
use crate::data::{Image, MAX_PIXELS, Resize};
use crate::error::{Error, Result};

/// The images that a reader needs.
#[derive(Clone, Copy)]
pub(super) struct Input {
    /// The common size, for pictures of any; by default, all have that of the first.
    pub(super) resize: Option<Resize>,
    /// The shape that a model takes; by default, images are coloured if any is.
    pub(super) model: Option<[usize; 3]>,
}

/// Reads the images of `lists`; returns their common shape `[channels, height, width]`, and the pixels of each list.
///
/// Fails with [`Error::Io`] or [`Error::File`] on a file that cannot be read or has another size than the first, and with
/// [`Error::Data`] if all together are too large.
pub(super) fn read(lists: &[&ImageList], input: Input) -> Result<([usize; 3], Vec<Vec<u8>>)> {
    let mut reader = Reader {
        input,
        count: lists.iter().map(|list| list.images.len()).sum(),
        size: None,
        channels: input.model.map_or(1, |[channels, ..]| channels),
    };
    let mut parts = Vec::with_capacity(lists.len());
    for list in lists {
        parts.push(reader.list(list)?);
    }
    let Some((_, [height, width])) = reader.size else {
        return Err(no_images());
    };
    let channels = reader.channels;
    for part in &mut parts {
        part.widen(channels);
    }
    let parts = parts.into_iter().map(|part| part.pixels).collect();
    Ok(([channels, height, width], parts))
}

struct Reader<'a> {
    input: Input,
    /// The number of images in all lists.
    count: usize,
    /// The first file and its size: that of all.
    size: Option<(&'a Path, [usize; 2])>,
    /// 3 from the first coloured image on.
    channels: usize,
}

impl<'a> Reader<'a> {
    fn list(&mut self, list: &'a ImageList) -> Result<Planes> {
        let mut planes = Planes::default();
        for (_, path) in &list.images {
            let image = self.image(path)?;
            let becomes_coloured = self.channels == 1 && image.is_coloured();
            if becomes_coloured && self.input.model.is_none() {
                self.channels = 3;
            }
            if planes.channels != self.channels {
                self.expect_memory(image.size())?;
                planes.widen(self.channels);
                let [height, width] = image.size();
                let all = self.channels * height * width * list.images.len();
                planes.pixels.reserve_exact(all - planes.pixels.len());
                planes.plane = height * width;
            }
            image.planes(self.channels, &mut planes.pixels);
        }
        Ok(planes)
    }

    /// Reads an image in the common size.
    fn image(&mut self, path: &'a Path) -> Result<Image> {
        let picture = Picture::read(path)?;
        let mut image = picture.image()?;
        if let Some(resize) = self.input.resize {
            image = image.fitted(resize.size().sides(), resize.crop_pct());
        }
        let text = |[height, width]: [usize; 2]| format!("{width}×{height}");
        let size = image.size();
        if let Some([_, height, width]) = self.input.model
            && size != [height, width]
        {
            let (size, expected) = (text(size), text([height, width]));
            let problem =
                format!("has {size} pixels; the model was trained on images of {expected}");
            return Err(picture.wrong(problem));
        }
        let (first, expected) = *self.size.get_or_insert((path, size));
        if size != expected {
            let (size, expected, first) = (text(size), text(expected), first.display());
            return Err(picture.wrong(format!(
                "has {size} pixels, but `{first}` has {expected}; resize all with --image-size N, such as --image-size 64"
            )));
        }
        Ok(image)
    }

    fn expect_memory(&self, [height, width]: [usize; 2]) -> Result<()> {
        let (size, count) = ((self.channels * height * width) as u64, self.count);
        if size * count as u64 <= MAX_PIXELS {
            return Ok(());
        }
        Err(Error::data(
            NAME,
            format!(
                "expected at most {MAX_PIXELS} bytes, found {count} images of {size} bytes each; make them smaller, as with \
                 --image-size N, or take fewer"
            ),
        ))
    }
}

/// The planes of the images of a list.
#[derive(Default)]
struct Planes {
    /// Planes of an image, 0 if there is none yet.
    channels: usize,
    /// Pixels of a plane.
    plane: usize,
    pixels: Vec<u8>,
}

impl Planes {
    /// Gives images `channels` planes: grey ones show the same in each.
    fn widen(&mut self, channels: usize) {
        if self.channels == 1 && channels > 1 && self.plane > 0 {
            let mut pixels = Vec::with_capacity(channels * self.pixels.len());
            for plane in self.pixels.chunks_exact(self.plane) {
                for _ in 0..channels {
                    pixels.extend_from_slice(plane);
                }
            }
            self.pixels = pixels;
        }
        self.channels = channels;
    }
}
