//! Images of any size and colour type, brought to the input of a model.

use std::borrow::Cow;
use std::path::Path;

use image::imageops::FilterType;
use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};

use super::ModelInfo;
use super::fit::Fit;
use super::picture::Picture;
use crate::error::{Error, Result};

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
        let fit = Fit::new(self.size(), size, crop_pct);
        let mut image = Cow::Borrowed(&self.0);
        if let Some([high, wide]) = fit.visible([image.height(), image.width()]) {
            let (x, y) = ((image.width() - wide) / 2, (image.height() - high) / 2);
            image = Cow::Owned(image.crop_imm(x, y, wide, high));
        }
        let [high, wide] = fit.resized([image.height(), image.width()]);
        // Of the same size, this is a copy.
        let resized = image.resize_exact(wide, high, FilterType::CatmullRom);
        let [y, x] = fit.offset([high, wide]);
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
    fn pictures_are_resized_as_by_timm() {
        // `timm.data.create_transform(n, crop_pct=…, interpolation="bicubic")`, in the words of Pillow 13.0: resize((5, 4))
        // and crop((0, 0, 4, 4)); resize((8, 17)) and crop((1, 6, 7, 12)).
        let pictures: [(_, _, _, &[u8]); 2] = [
            (
                [5, 7],
                4,
                0.875,
                &[
                    5, 31, 60, 89, 29, 55, 84, 113, 21, 47, 76, 105, 35, 61, 90, 119,
                ],
            ),
            (
                [11, 5],
                6,
                0.75,
                &[
                    31, 45, 58, 70, 83, 97, 73, 87, 100, 112, 125, 139, 107, 121, 134, 146, 159,
                    173, 36, 50, 63, 75, 88, 102, 15, 29, 42, 54, 67, 81, 72, 86, 99, 111, 124,
                    138,
                ],
            ),
        ];
        for ([height, width], side, crop_pct, expected) in pictures {
            let pixel = |x, y| Luma([(20 * x + 10 * y * (y % 3)) as u8]);
            let image = GrayImage::from_fn(width, height, pixel);
            let image = Image::from(DynamicImage::from(image));
            let mut found = Vec::new();
            let fitted = image.fitted([side, side], crop_pct);
            fitted.planes(1, &mut found);
            // The two round differently between the passes over rows and columns.
            let is_close = |(a, b): (&u8, &u8)| a.abs_diff(*b) <= 1;
            assert!(found.iter().zip(expected).all(is_close), "{found:?}");
            assert_eq!(found.len(), expected.len());
        }
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
