//! The resizing of pictures of mixed sizes, as in timm's evaluation transform.
//!
//! A picture is resized so that its shorter side is the input's divided by `crop_pct`; then its centre is cropped.

use std::fmt::{self, Display};
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::picture::MAX_SIDE;
use crate::error::{Error, Result};
use crate::limits::within;

/// timm's default.
const DEFAULT_CROP_PCT: f64 = 0.875;

/// Shares of the shorter side that a crop can take. Smaller ones would enlarge pictures beyond what memory holds.
pub(super) const CROP_PCTS: RangeInclusive<f64> = 0.5..=1.0;

const EXPECTED: &str = "N or HxW pixels, such as 64 or 48x64, each from 1 to 4096";

/// The height and width of images, from 1 to 4096 pixels each: written `64`, or `48x64` (height first).
///
/// ```
/// use horesnet_train::ImageSize;
///
/// let size: ImageSize = "48x64".parse()?;
/// assert_eq!(size.sides(), [48, 64]);
/// assert_eq!(ImageSize::new(64, 64)?.to_string(), "64");
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageSize {
    height: usize,
    width: usize,
}

impl ImageSize {
    /// Fails with [`Error::Setting`] if a side is not from 1 to 4096.
    pub fn new(height: usize, width: usize) -> Result<Self> {
        within("image_size", height, 1..=MAX_SIDE as usize)?;
        within("image_size", width, 1..=MAX_SIDE as usize)?;
        Ok(Self { height, width })
    }

    /// Returns height and width in pixels.
    #[must_use]
    pub fn sides(self) -> [usize; 2] {
        [self.height, self.width]
    }
}

impl FromStr for ImageSize {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (height, width) = text.split_once('x').unwrap_or((text, text));
        if let (Ok(height), Ok(width)) = (height.trim().parse(), width.trim().parse()) {
            return Self::new(height, width);
        }
        let problem = format!("expected {EXPECTED}; found `{text}`");
        Err(Error::setting("image_size", problem))
    }
}

impl Display for ImageSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sides() {
            [height, width] if height == width => write!(f, "{height}"),
            [height, width] => write!(f, "{height}x{width}"),
        }
    }
}

impl Serialize for ImageSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.sides() {
            [height, width] if height == width => serializer.serialize_u64(height as u64),
            _ => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for ImageSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;

        impl Visitor<'_> for NumberOrText {
            type Value = ImageSize;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }

            fn visit_u64<E: serde::de::Error>(self, side: u64) -> Result<ImageSize, E> {
                self.visit_str(&side.to_string())
            }

            fn visit_i64<E: serde::de::Error>(self, side: i64) -> Result<ImageSize, E> {
                self.visit_str(&side.to_string())
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ImageSize, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(NumberOrText)
    }
}

/// The resizing of pictures to one size.
///
/// ```
/// use horesnet_train::data::Resize;
///
/// let resize = Resize::new("224".parse()?, None)?;
/// assert_eq!(resize.crop_pct(), 0.875); // shorter sides are resized to 256 pixels
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resize {
    size: ImageSize,
    crop_pct: f64,
}

impl Resize {
    /// Resizes to `size`, of which the centre takes `crop_pct` of the shorter side, by default 0.875.
    ///
    /// Fails with [`Error::Setting`] if `crop_pct` is not from 0.5 to 1.
    pub fn new(size: ImageSize, crop_pct: Option<f64>) -> Result<Self> {
        let crop_pct = crop_pct.unwrap_or(DEFAULT_CROP_PCT);
        within("crop_pct", crop_pct, CROP_PCTS)?;
        Ok(Self { size, crop_pct })
    }

    /// Returns the size of the results.
    #[must_use]
    pub fn size(self) -> ImageSize {
        self.size
    }

    /// Returns the share of the shorter side of a resized picture that the result shows.
    #[must_use]
    pub fn crop_pct(self) -> f64 {
        self.crop_pct
    }
}
