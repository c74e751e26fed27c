//! The files of a folder data set, class by class, listed without opening images.

use std::ffi::{OsStr, OsString};
use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};

use crate::data::dataset::MAX_CLASSES;
use crate::error::{Error, Result};

/// Most training or test images.
const MAX_IMAGES: usize = 1 << 20;

/// Folders of images for one purpose; they are no classes.
const PARTS: [&str; 3] = ["train", "test", "val"];

/// Names that others give to `val`.
const OTHER_NAMES: [&str; 2] = ["valid", "validation"];

/// The lists of a data set.
pub(super) struct Layout {
    /// `train/CLASS/…`, or `CLASS/…`: all images.
    train: ImageList,
    /// `test/CLASS/…`, or `val/CLASS/…` if that is for the test.
    test: Option<ImageList>,
    /// `val/CLASS/…` beside `test`.
    validation: Option<ImageList>,
}

impl Layout {
    /// Lists `dir`. As in `ImageNet`, `val` is for the test where there is no `test`.
    pub(super) fn of(dir: &Path) -> Result<Self> {
        let whole = || {
            Ok(Self {
                train: ImageList::list(dir)?,
                test: None,
                validation: None,
            })
        };
        let Some(train) = inside(dir, "train") else {
            return whole();
        };
        if let Some(name) = OTHER_NAMES.into_iter().find(|name| dir.join(name).is_dir()) {
            let problem = format!("has train/ and {name}/; rename {name}/ to val/");
            return Err(Error::file(dir, problem));
        }
        let (test, validation) = match (inside(dir, "test"), inside(dir, "val")) {
            (Some(test), validation) => (test, validation),
            (None, Some(validation)) => (validation, None),
            (None, None) => return whole(),
        };
        let train = ImageList::list(&train)?;
        let like_train = |dir: &Path| train.expect_same_classes(ImageList::list(dir)?);
        Ok(Self {
            test: Some(like_train(&test)?),
            validation: validation.as_deref().map(like_train).transpose()?,
            train,
        })
    }

    /// Returns the lists for training, test and validation, as far as there are such folders.
    pub(super) fn lists(&self) -> Vec<&ImageList> {
        let others = self.test.iter().chain(&self.validation);
        [&self.train].into_iter().chain(others).collect()
    }
}

/// Returns the folder `name` of `dir`, if there is one.
fn inside(dir: &Path, name: &str) -> Option<PathBuf> {
    Some(dir.join(name)).filter(|path| path.is_dir())
}

/// The images of one purpose.
pub(super) struct ImageList {
    pub(super) dir: PathBuf,
    classes: Vec<OsString>,
    /// Class and path.
    pub(super) images: Vec<(u8, PathBuf)>,
    pub(super) skipped: Option<Skipped>,
}

impl ImageList {
    /// Lists test images alone: `dir/test`, `dir/val`, or else `dir`.
    pub(super) fn of_test(dir: &Path) -> Result<Self> {
        let part = inside(dir, "test").or_else(|| inside(dir, "val"));
        Self::list(part.as_deref().unwrap_or(dir))
    }

    fn list(dir: &Path) -> Result<Self> {
        let mut classes = entries(dir, MAX_IMAGES)?;
        classes.retain(|(_, path)| path.is_dir());
        expect_classes(dir, &classes)?;
        let mut images = Vec::new();
        let mut skipped: Option<Skipped> = None;
        for (label, (_, class)) in (0u8..=u8::MAX).zip(&classes) {
            let before = images.len();
            for (_, file) in entries(class, MAX_IMAGES - before)? {
                if is_image(&file) {
                    images.push((label, file));
                } else if file.is_dir() {
                    let problem = "is a folder inside of a class; move its images to the class";
                    return Err(Error::file(file, problem));
                } else {
                    let found = Skipped::one(file);
                    skipped = Some(match skipped {
                        Some(earlier) => earlier.followed_by(&found),
                        None => found,
                    });
                }
            }
            if images.len() == before {
                return Err(Error::file(class, "holds no .png, .jpg or .jpeg images"));
            }
        }
        Ok(Self {
            dir: dir.to_owned(),
            classes: classes.into_iter().map(|(name, _)| name).collect(),
            images,
            skipped,
        })
    }

    /// Returns `other`, or [`Error::File`] if one of the two has a class that the other lacks.
    fn expect_same_classes(&self, other: Self) -> Result<Self> {
        self.expect_classes_of(&other)?;
        other.expect_classes_of(self)?;
        Ok(other)
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
    pub(super) fn names(&self) -> Vec<String> {
        let names = self.classes.iter();
        names.map(|name| name.display().to_string()).collect()
    }
}

/// Fails with [`Error::File`] unless the folders in `dir` can be classes.
fn expect_classes(dir: &Path, folders: &[(OsString, PathBuf)]) -> Result<()> {
    let is_part = |name: &OsStr| PARTS.iter().any(|part| name == *part);
    let problem = match folders {
        [(name, _), ..] if folders.iter().all(|(name, _)| is_part(name)) => {
            let name = name.display();
            format!("has {name}/ but not the others; expected train/ with test/, val/ or both")
        }
        some if (1..=MAX_CLASSES).contains(&some.len()) => return Ok(()),
        others => format!(
            "holds {} folders; expected 1 to {MAX_CLASSES}, one for each class",
            others.len()
        ),
    };
    Err(Error::file(dir, problem))
}

/// Files in the folders of classes that are no images by their names.
///
/// Displayed as `skipped 3 files that are not .png, .jpg or .jpeg, the first is …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The number of files, at least 1.
    pub count: usize,
    /// The first of them.
    pub first: PathBuf,
}

impl Skipped {
    fn one(first: PathBuf) -> Self {
        Self { count: 1, first }
    }

    /// Adds the files that were skipped later.
    pub(super) fn followed_by(self, later: &Self) -> Self {
        let count = self.count + later.count;
        Self { count, ..self }
    }
}

impl Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.first.display();
        match self.count {
            1 => write!(
                f,
                "skipped a file that is not .png, .jpg or .jpeg: `{first}`"
            ),
            count => write!(
                f,
                "skipped {count} files that are not .png, .jpg or .jpeg, the first is `{first}`"
            ),
        }
    }
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
