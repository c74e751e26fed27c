//! CIFAR-10 and CIFAR-100, the binary versions.
//!
//! Records of one or two labels and three planes of 32×32 pixels, red, green, blue, without a header (Krizhevsky, *Learning
//! Multiple Layers of Features from Tiny Images*, 2009).

use std::path::{Path, PathBuf};

use super::stream::Stream;
use super::{DataSource, Dataset, Origin, Split, labels};
use crate::error::{Error, Result};

pub(super) const CIFAR10: DataSource = DataSource {
    name: TEN.name,
    origin: Origin::Folder {
        wants: "data_batch_1.bin to data_batch_5.bin and test_batch.bin, the binary version of CIFAR-10, or with its \
                folder cifar-10-batches-bin",
        default: None,
        load: |dir| TEN.load(dir),
        test: |dir, _| TEN.part(dir, &[TEN.test], TEST),
    },
};

pub(super) const CIFAR100: DataSource = DataSource {
    name: HUNDRED.name,
    origin: Origin::Folder {
        wants: "train.bin and test.bin, the binary version of CIFAR-100, or with its folder cifar-100-binary",
        default: None,
        load: |dir| HUNDRED.load(dir),
        test: |dir, _| HUNDRED.part(dir, &[HUNDRED.test], TEST),
    },
};

const TEN: Layout = Layout {
    name: "cifar10",
    inside: "cifar-10-batches-bin",
    python: Python {
        inside: "cifar-10-batches-py",
        file: "data_batch_1",
        instead: "cifar-10-binary.tar.gz",
    },
    train: &[
        "data_batch_1.bin",
        "data_batch_2.bin",
        "data_batch_3.bin",
        "data_batch_4.bin",
        "data_batch_5.bin",
    ],
    test: "test_batch.bin",
    label_bytes: 1,
    classes: &labels::CIFAR10,
};

const HUNDRED: Layout = Layout {
    name: "cifar100",
    inside: "cifar-100-binary",
    python: Python {
        inside: "cifar-100-python",
        file: "train",
        instead: "cifar-100-binary.tar.gz",
    },
    train: &["train.bin"],
    test: "test.bin",
    label_bytes: 2,
    classes: &labels::CIFAR100,
};

const SHAPE: [usize; 3] = [3, 32, 32];
const PIXELS: usize = 3 * 32 * 32;
/// Training images, in one file or several.
const TRAIN: usize = 50_000;
const TEST: usize = 10_000;

/// The files of a data set.
struct Layout {
    name: &'static str,
    /// The folder of the files in the archive.
    inside: &'static str,
    python: Python,
    train: &'static [&'static str],
    test: &'static str,
    /// Bytes before the pixels; the last is the label, after the coarse label of CIFAR-100.
    label_bytes: usize,
    classes: &'static [&'static str],
}

/// The version of a data set for Python, which is often downloaded instead.
struct Python {
    /// The folder of the files in the archive.
    inside: &'static str,
    /// One of the files.
    file: &'static str,
    /// The archive of the binary version.
    instead: &'static str,
}

impl Layout {
    fn load(&self, dir: &Path) -> Result<Split> {
        let train = self.part(dir, self.train, TRAIN)?;
        let test = self.part(dir, &[self.test], TEST)?;
        Split::new(train, test)
    }

    /// Reads the `count` images of `files`.
    fn part(&self, dir: &Path, files: &[&str], count: usize) -> Result<Dataset> {
        let mut pixels = Vec::with_capacity(count * PIXELS);
        let mut labels = Vec::with_capacity(count);
        for file in files {
            let path = self.find(dir, file)?;
            self.read(&path, count / files.len(), &mut pixels, &mut labels)?;
        }
        let classes = self.classes.len();
        Dataset::new(self.name, SHAPE, classes, pixels, labels)?.named(self.classes.iter().copied())
    }

    /// Finds `file` in `dir`, or in the archive's folder there.
    fn find(&self, dir: &Path, file: &str) -> Result<PathBuf> {
        let places = [dir.join(file), dir.join(self.inside).join(file)];
        let path = places.into_iter().find(|path| path.exists());
        path.ok_or_else(|| {
            let mut problem = format!("has no file {file} or {}/{file}", self.inside);
            if let Some(found) = self.python.find(dir) {
                problem = format!(
                    "has the Python version ({found}); the binary version is needed, with {file}: unpack {} from \
                     https://www.cs.toronto.edu/~kriz/cifar.html",
                    self.python.instead
                );
            }
            Error::file(dir, problem)
        })
    }

    fn read(
        &self,
        path: &Path,
        count: usize,
        pixels: &mut Vec<u8>,
        labels: &mut Vec<u8>,
    ) -> Result<()> {
        let mut stream = Stream::open(path)?;
        let size = self.label_bytes + PIXELS;
        let length = (count * size) as u64;
        let bytes = stream.take(length, length)?;
        stream.end()?;
        for (index, record) in bytes.chunks_exact(size).enumerate() {
            let Some((head, image)) = record.split_at_checked(self.label_bytes) else {
                continue;
            };
            let label = head.last().copied().unwrap_or_default();
            let at = index * size + self.label_bytes - 1;
            stream.expect_label(label, at, self.classes.len())?;
            labels.push(label);
            pixels.extend_from_slice(image);
        }
        Ok(())
    }
}

impl Python {
    /// Returns the name of a file of this version in `dir`, if there is one.
    fn find(&self, dir: &Path) -> Option<String> {
        let inside = format!("{}/{}", self.inside, self.file);
        let mut names = [self.file.to_owned(), inside].into_iter();
        names.find(|name| dir.join(name).is_file())
    }
}
