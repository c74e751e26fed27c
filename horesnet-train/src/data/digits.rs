//! 1,797 handwritten digits of 8×8 pixels, embedded so that the first training needs no download.
//!
//! Optical Recognition of Handwritten Digits by E. Alpaydin and C. Kaynak, UCI Machine Learning Repository (1998),
//! <https://doi.org/10.24432/C50P49>, CC BY 4.0. `data/README.md` says how the file was made.

use super::dataset::TEST_EVERY;
use super::{DataSource, Dataset, Origin, Split};
use crate::error::Result;

pub(super) const DIGITS: DataSource = DataSource {
    name: "digits",
    origin: Origin::Bundled(split),
};

/// Records of 64 pixels, 0 to 16, and a label.
static RECORDS: &[u8] = include_bytes!("../../data/digits.bin");

const PIXELS: usize = 64;

/// The value of black.
const INK: u8 = 16;

/// Returns all digits in the order of the source, writer by writer: images `[1797, 1, 8, 8]` from 0 (paper) to 16 (ink).
pub fn all() -> Result<Dataset> {
    let mut pixels = Vec::with_capacity(RECORDS.len());
    let mut labels = Vec::with_capacity(RECORDS.len() / (PIXELS + 1));
    for record in RECORDS.chunks_exact(PIXELS + 1) {
        if let Some((label, image)) = record.split_last() {
            pixels.extend_from_slice(image);
            labels.push(*label);
        }
    }
    Ok(Dataset::new("digits", [1, 8, 8], 10, pixels, labels)?.with_white(INK))
}

/// Returns 1,442 training and 355 test digits: every fifth of each class is a test digit. Both have digits of every writer.
pub fn split() -> Result<Split> {
    all()?.split(TEST_EVERY)
}
