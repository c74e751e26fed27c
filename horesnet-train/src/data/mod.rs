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
//! | `folder` | yours, of one size or [resized](Resize) to one, grey or colour | PNG or JPEG: `train/CLASS/…` and `test/CLASS/…`, or `CLASS/…` alone, of which every fifth image is for the test |
//!
//! In a `folder`, `val/CLASS/…` holds the test images if there is no `test/`, as in `ImageNet`; beside `test/`, it holds
//! the [validation](Split::validation) images. Images are grey unless any of them has colours. Transparent pixels are
//! composited on white. Files with other extensions are skipped, see [`Skipped`].
//!
//! Limits: 256 classes, 4 GiB of pixels, and in a `folder` 1,048,576 images of up to 4096×4096 pixels,
//! 64 MiB and 64 scans of progressive JPEG.

mod batches;
mod cifar;
mod dataset;
pub mod digits;
mod fit;
mod folder;
mod idx;
mod image;
mod info;
mod labels;
mod normalisation;
mod picture;
mod resize;
mod split;
mod stream;

use std::path::Path;

pub use batches::{Batch, Batches, Mixed};
pub use dataset::Dataset;
pub use folder::{Skipped, images_in};
pub use image::Image;
pub use info::ModelInfo;
pub use normalisation::Normalisation;
pub use resize::{ImageSize, Resize};
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
    /// A folder of pictures, which can be resized.
    Pictures {
        /// Its contents, to follow "needs a folder with".
        wants: &'static str,
        /// Reads it.
        load: fn(&Path, Option<Resize>) -> Result<Split>,
        /// Reads the test images alone, for a model.
        test: fn(&Path, &ModelInfo, Option<Resize>) -> Result<Dataset>,
        /// Counts the files that `load`, or with true `test`, skips.
        skipped: fn(&Path, bool) -> Result<Option<Skipped>>,
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

/// Finds the data set called `name`.
fn find(name: &str) -> Result<&'static DataSource> {
    let source = SOURCES.iter().find(|source| source.name == name);
    source.ok_or_else(|| Error::unknown("data set", name, names()))
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
    load_resized(name, dir, None)
}

/// Loads a data set like [`load`], and resizes its images: those of a `folder`.
///
/// Fails also with [`Error::Setting`] if `resize` is given for another data set.
pub fn load_resized(name: &str, dir: Option<&Path>, resize: Option<Resize>) -> Result<Split> {
    let source = find(name)?;
    if resize.is_some() {
        expect_resizable(name)?;
    }
    let wrong = |problem: String| Err(Error::data(name, problem));
    match (&source.origin, dir) {
        (Origin::Bundled(load), None) => load(),
        (Origin::Bundled(_), Some(dir)) => wrong(format!(
            "it is bundled; there is nothing to read in `{}` (--data-dir)",
            dir.display()
        )),
        (Origin::Folder { load, .. }, Some(dir)) => load(dir),
        (Origin::Pictures { load, .. }, Some(dir)) => load(dir, resize),
        (Origin::Folder { default, load, .. }, None)
            if let Some(default) = default.map(Path::new).filter(|dir| dir.is_dir()) =>
        {
            load(default)
        }
        (Origin::Folder { wants, .. } | Origin::Pictures { wants, .. }, None) => {
            wrong(format!("it needs a folder (--data-dir) with {wants}"))
        }
    }
}

/// Fails with [`Error::Setting`] if the images of the data set called `name` have a size of their own.
pub(crate) fn expect_resizable(name: &str) -> Result<()> {
    if let Origin::Pictures { .. } = find(name)?.origin {
        return Ok(());
    }
    let problem = format!(
        "images of `{name}` have one size and are not resized; leave it out, or use the data set `folder`"
    );
    Err(Error::setting("image_size", problem))
}

/// Loads the test images of the data set called `name` from the folder `dir`, to test a model: training images need not be there.
///
/// A `folder` has one folder for each class, or for some of the model's, in `dir/test`, `dir/val` or `dir`. Pictures are
/// resized by `resize`; without it, they must have the size that the model takes.
///
/// Fails like [`load_resized`], and with [`Error::Data`] or [`Error::File`] if the images or classes are not those of the
/// model.
pub fn load_test(
    name: &str,
    dir: &Path,
    info: &ModelInfo,
    resize: Option<Resize>,
) -> Result<Dataset> {
    if resize.is_some() {
        expect_resizable(name)?;
    }
    let data = match &find(name)?.origin {
        Origin::Folder { test, .. } => test(dir, info)?,
        Origin::Pictures { test, .. } => test(dir, info, resize)?,
        Origin::Bundled(_) => {
            return Err(Error::data(
                name,
                "it is bundled; there is nothing to read (--test-only)",
            ));
        }
    };
    match info.difference(&data) {
        Some(difference) => Err(Error::data(name, difference)),
        None => Ok(data),
    }
}

/// Counts the files in `dir` that [`load`], or for the `test` alone [`load_test`], skips because they are no images.
pub(crate) fn skipped(name: &str, dir: Option<&Path>, test: bool) -> Result<Option<Skipped>> {
    match (&find(name)?.origin, dir) {
        (Origin::Pictures { skipped, .. }, Some(dir)) => skipped(dir, test),
        _ => Ok(None),
    }
}
