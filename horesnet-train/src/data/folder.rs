//! A folder of images for each class: `train/CLASS/…` and `test/CLASS/…`, or `CLASS/…` alone.
//!
//! Classes and images are in the order of their names, so that the same files give the same data set everywhere.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::dataset::{MAX_CLASSES, TEST_EVERY};
use super::picture::{Header, Picture};
use super::{DataSource, Dataset, MAX_PIXELS, ModelInfo, Origin, Split};
use crate::error::{Error, Result};

pub(super) const FOLDER: DataSource = DataSource {
    name: NAME,
    origin: Origin::Folder {
        wants: "a folder of PNG or JPEG images for each class, all of one size: train/CLASS/ and test/CLASS/, or just \
                CLASS/, where every fifth image is for the test",
        default: None,
        load,
        test,
    },
};

const NAME: &str = "folder";
/// Most training or test images.
const MAX_IMAGES: usize = 1 << 20;

fn load(dir: &Path) -> Result<Split> {
    let (train, test) = (dir.join("train"), dir.join("test"));
    if !(train.is_dir() && test.is_dir()) {
        let part = ImageList::list(dir)?;
        let kind = kind(&[&part])?;
        return part.read(kind, part.names())?.split(TEST_EVERY);
    }
    let (train, test) = (ImageList::list(&train)?, ImageList::list(&test)?);
    train.expect_classes_of(&test)?;
    test.expect_classes_of(&train)?;
    let kind = kind(&[&train, &test])?;
    let names = train.names();
    Split::new(train.read(kind, names.clone())?, test.read(kind, names)?)
}

/// Reads test images alone, from `dir` or its folder `test`, in the classes of a model.
fn test(dir: &Path, info: &ModelInfo) -> Result<Dataset> {
    let inside = dir.join("test");
    let mut part = ImageList::list(if inside.is_dir() { &inside } else { dir })?;
    let label = |name: &String| info.label_names.iter().position(|known| known == name);
    let mut labels = Vec::new();
    // A test may lack classes; unknown ones have no logits.
    for name in part.names() {
        let Some(label) = label(&name) else {
            let problem = format!(
                "has a class `{name}`, which the model does not know; it knows {}",
                info.label_names.join(", ")
            );
            return Err(Error::file(&part.dir, problem));
        };
        labels.push(label as u8);
    }
    for (label, _) in &mut part.images {
        *label = labels[usize::from(*label)];
    }
    let [channels, height, width] = info.input_size;
    let kind = Header {
        height,
        width,
        coloured: channels == 3,
    };
    part.read(kind, info.label_names.clone())
}

/// The files of training or test images, class by class.
struct ImageList {
    dir: PathBuf,
    classes: Vec<OsString>,
    /// Class and path.
    images: Vec<(u8, PathBuf)>,
}

impl ImageList {
    /// Lists `dir` without opening images.
    fn list(dir: &Path) -> Result<Self> {
        let mut classes = entries(dir, MAX_IMAGES)?;
        classes.retain(|(_, path)| path.is_dir());
        let problem = match classes.as_slice() {
            [(name, _)] if name == "train" || name == "test" => Some(format!(
                "has {}/ and nothing else; train/ and test/ belong together",
                name.display()
            )),
            some if (1..=MAX_CLASSES).contains(&some.len()) => None,
            others => Some(format!(
                "holds {} folders; expected 1 to {MAX_CLASSES}, one for each class",
                others.len()
            )),
        };
        if let Some(problem) = problem {
            return Err(Error::file(dir, problem));
        }
        let mut images = Vec::new();
        for (label, (_, class)) in (0u8..=u8::MAX).zip(&classes) {
            let files = entries(class, MAX_IMAGES - images.len())?;
            if files.is_empty() {
                return Err(Error::file(class, "holds no images"));
            }
            for (_, file) in files {
                if !is_image(&file) {
                    let problem = "is not .png, .jpg or .jpeg; convert or move it";
                    return Err(Error::file(file, problem));
                }
                images.push((label, file));
            }
        }
        Ok(Self {
            dir: dir.to_owned(),
            classes: classes.into_iter().map(|(name, _)| name).collect(),
            images,
        })
    }

    /// Fails with [`Error::File`] if a class of `other` is missing.
    fn expect_classes_of(&self, other: &Self) -> Result<()> {
        let missing = |class: &&OsString| !self.classes.contains(class);
        if let Some(class) = other.classes.iter().find(missing) {
            let (class, other) = (class.display(), other.dir.display());
            let problem = format!("has no folder `{class}`, a class in `{other}`");
            return Err(Error::file(&self.dir, problem));
        }
        Ok(())
    }

    /// The names of the classes.
    fn names(&self) -> Vec<String> {
        let names = self.classes.iter();
        names.map(|name| name.display().to_string()).collect()
    }

    fn read(&self, kind: Header, names: Vec<String>) -> Result<Dataset> {
        let mut pixels = Vec::new();
        let mut labels = Vec::new();
        for (label, path) in &self.images {
            let picture = Picture::read(path)?;
            // Checked again, because the file may have been replaced.
            expect(&picture, picture.header()?, kind)?;
            picture.image()?.planes(kind.channels(), &mut pixels);
            labels.push(*label);
        }
        let shape = [kind.channels(), kind.height, kind.width];
        Dataset::new(NAME, shape, names.len(), pixels, labels)?.named(names)
    }
}

/// Returns the common header: the size of the first image, and coloured if any is.
///
/// Fails with [`Error::File`] on the first image of another size, with [`Error::Data`] if all together are too large.
fn kind(parts: &[&ImageList]) -> Result<Header> {
    let mut kind: Option<Header> = None;
    for (_, path) in parts.iter().flat_map(|part| &part.images) {
        let picture = Picture::read(path)?;
        let header = picture.header()?;
        let common = kind.get_or_insert(header);
        expect(&picture, header, *common)?;
        common.coloured |= header.coloured;
    }
    let Some(kind) = kind else {
        return Err(Error::data(NAME, "there are no images"));
    };
    let count: usize = parts.iter().map(|part| part.images.len()).sum();
    let size = (kind.width * kind.height * kind.channels()) as u64;
    if size * count as u64 > MAX_PIXELS {
        let problem = format!(
            "expected at most {MAX_PIXELS} bytes, found {count} images of {size} bytes each; make them smaller, or take fewer"
        );
        return Err(Error::data(NAME, problem));
    }
    Ok(kind)
}

fn expect(picture: &Picture<'_>, header: Header, common: Header) -> Result<()> {
    if (header.width, header.height) == (common.width, common.height) {
        return Ok(());
    }
    Err(picture.wrong(format!(
        "has {}×{} pixels; the first image has {}×{}, and all must have the same size",
        header.width, header.height, common.width, common.height
    )))
}

/// Lists names and paths in `dir`, sorted by name, without hidden files.
fn entries(dir: &Path, limit: usize) -> Result<Vec<(OsString, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(Error::io("list", dir))? {
        let entry = entry.map_err(Error::io("list", dir))?;
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if found.len() == limit {
            let problem = format!("holds too many files; expected at most {MAX_IMAGES} images");
            return Err(Error::file(dir, problem));
        }
        found.push((name, entry.path()));
    }
    found.sort();
    Ok(found)
}

/// Returns true if a file is an image by its name.
fn is_image(path: &Path) -> bool {
    let extension = path.extension().map(OsStr::to_ascii_lowercase);
    let extension = extension.as_deref().and_then(OsStr::to_str);
    matches!(extension, Some("png" | "jpg" | "jpeg"))
}

/// Lists the PNG and JPEG files in `dir` and its folders, in the order of their paths, without hidden ones.
///
/// Links to folders are not followed. Fails with [`Error::Io`] if a folder cannot be listed, with [`Error::File`] if there are
/// more than 1,048,576 files.
pub fn images_in(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut images = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(path) = open.pop() {
        if images.len() > MAX_IMAGES {
            let problem = format!("holds too many files; expected at most {MAX_IMAGES} images");
            return Err(Error::file(dir, problem));
        }
        let is_folder = path.is_dir() && (path == dir || !path.is_symlink());
        if is_folder {
            let found = entries(&path, MAX_IMAGES)?;
            open.extend(found.into_iter().rev().map(|(_, path)| path));
        } else if is_image(&path) {
            images.push(path);
        }
    }
    Ok(images)
}
