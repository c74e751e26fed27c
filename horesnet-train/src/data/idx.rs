//! The IDX format of MNIST, plain or gzip.
//!
//! A header of big-endian numbers, a magic number for type and dimensions and the size of each dimension, precedes the data
//! (`LeCun`, Cortes, Burges, *The MNIST database of handwritten digits*).

use std::path::{Path, PathBuf};

use super::stream::Stream;
use super::{DataSource, Dataset, MAX_PIXELS, Origin, Split, labels};
use crate::error::{Error, Result};

pub(super) const MNIST: DataSource = DataSource {
    name: "mnist",
    origin: Origin::Folder {
        wants: "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, \
                plain or gzip (.gz)",
        default: None,
        load: |dir| MNIST_FILES.load(dir),
        test: |dir, _| MNIST_FILES.part(dir, TEST),
    },
};

pub(super) const FASHION: DataSource = DataSource {
    name: "fashion",
    origin: Origin::Folder {
        wants: "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, \
                plain or gzip (.gz); Debian's package dataset-fashion-mnist has them, and is found by itself",
        default: Some("/usr/share/datasets/fashion-mnist"),
        load: |dir| FASHION_FILES.load(dir),
        test: |dir, _| FASHION_FILES.part(dir, TEST),
    },
};

const CLASSES: usize = 10;
/// Unsigned bytes in three dimensions: images, height, width.
const IMAGES: u32 = 0x0803;
/// Unsigned bytes in one dimension.
const LABELS: u32 = 0x0801;

const MNIST_FILES: Files = Files {
    name: "mnist",
    classes: labels::DIGITS,
};

const FASHION_FILES: Files = Files {
    name: "fashion",
    classes: labels::FASHION,
};

/// Stems of the names of files.
const TRAIN: &str = "train";
const TEST: &str = "t10k";

/// A data set in this format.
struct Files {
    name: &'static str,
    classes: [&'static str; CLASSES],
}

impl Files {
    fn load(&self, dir: &Path) -> Result<Split> {
        Split::new(self.part(dir, TRAIN)?, self.part(dir, TEST)?)
    }

    /// Reads the two files whose names start with `stem`.
    fn part(&self, dir: &Path, stem: &str) -> Result<Dataset> {
        let (size, pixels) = images(&find(dir, &format!("{stem}-images-idx3-ubyte"))?)?;
        let path = find(dir, &format!("{stem}-labels-idx1-ubyte"))?;
        let labels = read_labels(&path)?;
        let count = pixels.len() / (size[0] * size[1]).max(1);
        if labels.len() != count {
            let problem = format!("has {} labels for {count} images", labels.len());
            return Err(Error::file(path, problem));
        }
        let shape = [1, size[0], size[1]];
        Dataset::new(self.name, shape, CLASSES, pixels, labels)?.named(self.classes)
    }
}

/// Finds `name` or `name.gz` in `dir`.
fn find(dir: &Path, name: &str) -> Result<PathBuf> {
    let names = [name.to_owned(), format!("{name}.gz")];
    let found = names
        .iter()
        .map(|name| dir.join(name))
        .find(|path| path.exists());
    found.ok_or_else(|| Error::file(dir, format!("has no file {name} or {name}.gz")))
}

/// Reads height and width of the images, and their pixels.
fn images(path: &Path) -> Result<([usize; 2], Vec<u8>)> {
    let mut stream = Stream::open(path)?;
    let [count, height, width] = header(&mut stream, IMAGES, "images")?;
    let pixels = [height, width]
        .iter()
        .try_fold(count, |size, side| size.checked_mul(*side))
        .filter(|pixels| (1..=MAX_PIXELS).contains(pixels));
    let Some(pixels) = pixels else {
        return Err(stream.wrong(format!(
            "claims {count} images of {height}×{width} in its header (bytes 4 to 15{}): expected 1 to {MAX_PIXELS} pixels",
            stream.of()
        )));
    };
    let pixels = stream.take(pixels, 16 + pixels)?;
    stream.end()?;
    Ok(([height as usize, width as usize], pixels))
}

fn read_labels(path: &Path) -> Result<Vec<u8>> {
    let mut stream = Stream::open(path)?;
    let [count] = header(&mut stream, LABELS, "labels")?;
    let labels = stream.take(count, 8 + count)?;
    stream.end()?;
    for (&label, at) in labels.iter().zip(8..) {
        stream.expect_label(label, at, CLASSES)?;
    }
    Ok(labels)
}

/// Reads the sizes of the dimensions, after the magic number.
fn header<const N: usize>(stream: &mut Stream, magic: u32, what: &str) -> Result<[u64; N]> {
    let length = 4 + 4 * N as u64;
    let found = number(&stream.take(4, length)?);
    if found != magic {
        return Err(stream.wrong(format!(
            "starts with 0x{found:08x}; IDX {what} start with 0x{magic:08x}"
        )));
    }
    let mut sizes = [0; N];
    for size in &mut sizes {
        *size = u64::from(number(&stream.take(4, length)?));
    }
    Ok(sizes)
}

fn number(bytes: &[u8]) -> u32 {
    let digits = bytes.iter().map(|byte| u32::from(*byte));
    digits.fold(0, |number, byte| number << 8 | byte)
}
