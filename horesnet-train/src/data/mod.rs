//! Data sets of labelled images, their batches and normalisation.
//! A data set is a file with a `DataSource` and its line in the table.
//! Must not know networks or training.
//!
//! `digits` is bundled; the others are read from a folder:
//!
//! | name | images | files |
//! |---|---|---|
//! | `digits` | 1,442 + 355 handwritten digits, grey, 8×8 | none |
//! | `mnist` | 60,000 + 10,000 handwritten digits, grey, 28×28 | IDX, plain or gzip: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-…` |
//! | `fashion` | 60,000 + 10,000 pieces of clothing, grey, 28×28 | as `mnist`; Debian's package `dataset-fashion-mnist` is found by itself |
//! | `cifar10` | 50,000 + 10,000 photographs, colour, 32×32 | the binary version: `data_batch_1.bin` to `data_batch_5.bin`, `test_batch.bin` |
//! | `cifar100` | as many, in 100 classes (the fine labels) | the binary version: `train.bin`, `test.bin` |
//! | `folder` | yours, all of one size, grey or colour | PNG or JPEG: `train/CLASS/…` and `test/CLASS/…`, or `CLASS/…` alone, of which every fifth image is for the test |
//!
//! Limits: 256 classes, 4 GiB of pixels, and in a `folder` 1,048,576 images of up to 4096×4096 pixels,
//! 64 MiB and 64 scans of progressive JPEG.

mod batches;
mod cifar;
mod dataset;
pub mod digits;
mod folder;
mod idx;
mod image;
mod info;
mod labels;
mod normalisation;
mod picture;
mod split;
mod stream;

use std::path::Path;

pub use batches::{Batch, Batches, Mixed};
pub use dataset::Dataset;
pub use folder::images_in;
pub use image::Image;
pub use info::ModelInfo;
pub use normalisation::Normalisation;
pub use split::Split;

pub(crate) use batches::prefetch;

use serde::Deserializer;

use crate::choice::{Words, one_of};
use crate::error::{Error, Result};

const SOURCES: &[DataSource] = &[
    digits::DIGITS,
    idx::MNIST,
    idx::FASHION,
    cifar::CIFAR10,
    cifar::CIFAR100,
    folder::FOLDER,
];

/// Most bytes of pixels: 4 GiB, eighty times MNIST.
const MAX_PIXELS: u64 = 1 << 32;

/// A data set by name.
struct DataSource {
    name: &'static str,
    origin: Origin,
}

/// The origin of its images.
enum Origin {
    /// Embedded in the program.
    Bundled(fn() -> Result<Split>),
    /// A folder.
    Folder {
        /// Its contents, to follow "needs a folder with".
        wants: &'static str,
        /// The default folder.
        default: Option<&'static str>,
        /// Reads it.
        load: fn(&Path) -> Result<Split>,
        /// Reads the test images alone, for a model.
        test: fn(&Path, &ModelInfo) -> Result<Dataset>,
    },
}

/// Returns the names of the data sets.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    SOURCES.iter().map(|source| source.name)
}

/// Reads a name in settings; anything but text is answered with the names.
pub(crate) fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let names: Vec<_> = names().collect();
    deserializer.deserialize_str(Words(one_of(&names)))
}

/// Loads the data set called `name`, from the folder `dir` unless it is bundled.
///
/// `fashion` without a folder is that of Debian's package, if it is installed.
///
/// Fails with [`Error::Unknown`], which lists the names; with [`Error::Data`] if a folder is missing or superfluous, or if
/// training and test images do not match; and with [`Error::Io`] or [`Error::File`], which say where, if a file is missing,
/// truncated, damaged or inconsistent.
///
/// ```
/// use horesnet_train::data;
///
/// let digits = data::load("digits", None)?;
/// assert_eq!(digits.train.image_shape(), [1, 8, 8]);
/// # Ok::<(), horesnet_train::Error>(())
/// ```
pub fn load(name: &str, dir: Option<&Path>) -> Result<Split> {
    let Some(source) = SOURCES.iter().find(|source| source.name == name) else {
        return Err(Error::unknown("data set", name, names()));
    };
    let wrong = |problem: String| Err(Error::data(name, problem));
    match (&source.origin, dir) {
        (Origin::Bundled(load), None) => load(),
        (Origin::Bundled(_), Some(dir)) => wrong(format!(
            "it is bundled; there is nothing to read in `{}` (--data-dir)",
            dir.display()
        )),
        (Origin::Folder { load, .. }, Some(dir)) => load(dir),
        (Origin::Folder { default, load, .. }, None)
            if let Some(default) = default.map(Path::new).filter(|dir| dir.is_dir()) =>
        {
            load(default)
        }
        (Origin::Folder { wants, .. }, None) => {
            wrong(format!("it needs a folder (--data-dir) with {wants}"))
        }
    }
}

/// Loads the test images of the data set called `name` from the folder `dir`, to test a model: training images need not be there.
///
/// A `folder` has one folder for each class, or for some of the model's, in `dir` or `dir/test`.
///
/// Fails like [`load`], and with [`Error::Data`] or [`Error::File`] if the images or classes are not those of the model.
pub fn load_test(name: &str, dir: &Path, info: &ModelInfo) -> Result<Dataset> {
    let Some(source) = SOURCES.iter().find(|source| source.name == name) else {
        return Err(Error::unknown("data set", name, names()));
    };
    let Origin::Folder { test, .. } = &source.origin else {
        return Err(Error::data(
            name,
            "it is bundled; there is nothing to read (--test-only)",
        ));
    };
    let data = test(dir, info)?;
    match info.difference(&data) {
        Some(difference) => Err(Error::data(name, difference)),
        None => Ok(data),
    }
}
