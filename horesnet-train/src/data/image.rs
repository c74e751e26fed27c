//! Images of any size and colour type, brought to the input of a model.

use std::borrow::Cow;
use std::path::Path;

use image::imageops::FilterType;
use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};

use super::ModelInfo;
use super::picture::Picture;
use crate::error::{Error, Result};

/// Most pixels of a resized image: long and thin pictures are cropped first.
const MAX_RESIZED: u64 = 1 << 26;
/// Pixels that the bicubic filter sees beyond the centre, on both sides together.
const BORDER: usize = 8;

/// A decoded image: upright as its EXIF orientation says, in 8 bits a channel, on white where it is transparent.
///
/// ```
/// use horesnet_train::Image;
///
/// let image = Image::from_rgb(2, 1, vec![255, 0, 0, 0, 0, 255])?;
/// assert_eq!(image.size(), [1, 2]);
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Image(DynamicImage);

impl Image {
    /// Reads a PNG or JPEG file of at most 64 MiB and 4096×4096 pixels.
    ///
    /// Fails with [`Error::Io`] or [`Error::File`] if it is none, is truncated or damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Picture::read(path.as_ref())?.image()
    }

    /// Takes the pixels of an image, row by row, each three bytes of red, green and blue.
    ///
    /// Fails with [`Error::Data`] if their number does not match.
    pub fn from_rgb(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self> {
        let found = pixels.len();
        let image = RgbImage::from_raw(width, height, pixels).filter(|_| found > 0);
        image.map(|image| Self(image.into())).ok_or_else(|| {
            let problem = format!("{found} bytes are not {width}×{height} pixels of three bytes");
            Error::data("image", problem)
        })
    }

    /// Returns height and width in pixels.
    #[must_use]
    pub fn size(&self) -> [usize; 2] {
        [self.0.height() as usize, self.0.width() as usize]
    }

    /// Returns the pixels as the model takes them, `channels·height·width` bytes, channel by channel: as in training, the
    /// shorter side is resized (bicubic) and the middle cut out.
    pub(crate) fn input(&self, info: &ModelInfo) -> Vec<u8> {
        let [channels, height, width] = info.input_size;
        let fitted = self.fitted([height, width], info.crop_pct);
        let mut pixels = Vec::with_capacity(channels * height * width);
        fitted.planes(channels, &mut pixels);
        pixels
    }

    /// Returns the centre of the resized image, of `size`: it takes `crop_pct` of the shorter side.
    pub(super) fn fitted(&self, size: [usize; 2], crop_pct: f64) -> Self {
        let scaled = size.map(|side| (side as f64 / crop_pct).floor());
        let [height, width] = self.size();
        let scale = (scaled[0] / height as f64).max(scaled[1] / width as f64);
        let resized = |image: &DynamicImage| {
            let side = |side: u32, least: usize| {
                ((f64::from(side) * scale).round() as u32).max(least as u32)
            };
            [side(image.height(), size[0]), side(image.width(), size[1])]
        };
        let mut image = Cow::Borrowed(&self.0);
        let [high, wide] = resized(&image);
        if u64::from(high) * u64::from(wide) > MAX_RESIZED {
            // Only the centre will be seen, and a border for the filter.
            let seen = |found: usize, side: usize| {
                let seen = (side as f64 / scale).ceil() as usize + BORDER;
                // An even difference keeps the centre where it is.
                if seen < found {
                    seen + (found - seen) % 2
                } else {
                    found
                }
            };
            let [high, wide] = [seen(height, size[0]), seen(width, size[1])];
            let (x, y) = ((width - wide) / 2, (height - high) / 2);
            let centre = image.crop_imm(x as u32, y as u32, wide as u32, high as u32);
            image = Cow::Owned(centre);
        }
        let [high, wide] = resized(&image);
        // Of the same size, this is a copy.
        let resized = image.resize_exact(wide, high, FilterType::CatmullRom);
        let offset = |side: u32, size: usize| (f64::from(side - size as u32) / 2.0).round() as u32;
        let (x, y) = (offset(wide, size[1]), offset(high, size[0]));
        Self(resized.crop_imm(x, y, size[1] as u32, size[0] as u32))
    }

    /// Returns true if the image has colours, though they may all be grey.
    pub(super) fn is_coloured(&self) -> bool {
        self.0.color().has_color()
    }

    /// Appends the planes of the image, three or one, to `pixels`.
    pub(super) fn planes(&self, channels: usize, pixels: &mut Vec<u8>) {
        if channels == 3 {
            let image = self.0.to_rgb8();
            for channel in 0..3 {
                pixels.extend(image.iter().skip(channel).step_by(3));
            }
        } else {
            pixels.extend_from_slice(&self.0.to_luma8());
        }
    }
}

impl From<DynamicImage> for Image {
    fn from(image: DynamicImage) -> Self {
        let color = image.color();
        Self(match (color.has_color(), color.has_alpha()) {
            (true, true) => rgb_on_white(&image.into_rgba8()).into(),
            (true, false) => image.into_rgb8().into(),
            (false, true) => grey_on_white(&image.into_luma_alpha8()).into(),
            (false, false) => image.into_luma8().into(),
        })
    }
}

fn rgb_on_white(image: &RgbaImage) -> RgbImage {
    let pixel = |x, y| {
        let [r, g, b, alpha] = image.get_pixel(x, y).0;
        [r, g, b].map(|value| on_white(value, alpha)).into()
    };
    RgbImage::from_fn(image.width(), image.height(), pixel)
}

fn grey_on_white(image: &GrayAlphaImage) -> GrayImage {
    let pixel = |x, y| {
        let [value, alpha] = image.get_pixel(x, y).0;
        [on_white(value, alpha)].into()
    };
    GrayImage::from_fn(image.width(), image.height(), pixel)
}

fn on_white(value: u8, alpha: u8) -> u8 {
    let [value, alpha] = [value, alpha].map(u32::from);
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use image::{Luma, LumaA, Rgba};

    use super::*;

    fn input(image: &Image, input_size: [usize; 3]) -> Vec<u8> {
        let info = ModelInfo {
            label_names: Vec::new(),
            input_size,
            mean: Vec::new(),
            std: Vec::new(),
            crop_pct: 1.0,
        };
        image.input(&info)
    }

    #[test]
    fn transparent_pixels_are_white() {
        let image = RgbaImage::from_fn(2, 1, |x, _| {
            Rgba([10, 20, 30, if x == 0 { 0 } else { 255 }])
        });
        let image = Image::from(DynamicImage::from(image));
        assert_eq!(input(&image, [3, 1, 2]), [255, 10, 255, 20, 255, 30]);
        let grey = GrayAlphaImage::from_pixel(1, 1, LumaA([0, 51]));
        let grey = Image::from(DynamicImage::from(grey));
        assert_eq!(input(&grey, [1, 1, 1]), [204]);
    }

    #[test]
    fn deep_images_keep_their_range() {
        let deep = image::ImageBuffer::from_fn(2, 1, |x, _| Luma([x as u16 * 65535]));
        let image = Image::from(DynamicImage::ImageLuma16(deep));
        assert_eq!(input(&image, [3, 1, 2]), [0, 255, 0, 255, 0, 255]);
    }

    #[test]
    fn the_middle_of_the_shorter_side_is_kept() {
        // Columns of 0, 0, 100, 100, 100, 100, 0, 0.
        let wide = GrayImage::from_fn(8, 4, |x, _| {
            Luma([if (2..6).contains(&x) { 100 } else { 0 }])
        });
        let image = Image::from(DynamicImage::from(wide));
        assert_eq!(input(&image, [1, 4, 4]), [100; 16]);
        let small = input(&image, [1, 2, 2]);
        assert!(
            small.iter().all(|value| (80..=110).contains(value)),
            "{small:?}"
        );
        assert_eq!(input(&image, [1, 9, 3]).len(), 27);
    }
}
