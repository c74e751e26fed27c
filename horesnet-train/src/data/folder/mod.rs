//! The data set `folder`: pictures of the user, in a folder for each class.
//!
//! Classes and images are in the order of their names, so that the same files give the same data set everywhere.

mod list;
mod read;
#[cfg(test)]
mod tests;

use std::path::Path;

use super::dataset::TEST_EVERY;
use super::{DataSource, Dataset, ModelInfo, Origin, Resize, Split};
use crate::error::{Error, Result};
use list::{ImageList, Layout};
use read::{Input, read};

pub use list::{Skipped, images_in};

pub(super) const FOLDER: DataSource = DataSource {
    name: NAME,
    origin: Origin::Pictures {
        wants: "a folder of PNG or JPEG images for each class: train/CLASS/ and test/CLASS/ (or val/CLASS/), or just \
                CLASS/, where every fifth image is for the test",
        load,
        test,
        skipped,
    },
};

const NAME: &str = "folder";

fn load(dir: &Path, resize: Option<Resize>) -> Result<Split> {
    let input = Input {
        resize,
        model: None,
    };
    let layout = Layout::of(dir)?;
    let lists = layout.lists();
    let Some(names) = lists.first().map(|list| list.names()) else {
        return Err(no_images());
    };
    let mut parts = datasets(&lists, &names, input)?.into_iter();
    match (parts.next(), parts.next(), parts.next()) {
        (Some(all), None, _) => all.split(TEST_EVERY),
        (Some(train), Some(test), None) => Split::new(train, test),
        (Some(train), Some(test), Some(validation)) => {
            Split::new(train, test)?.with_validation(validation)
        }
        (None, ..) => Err(no_images()),
    }
}

/// Reads test images alone, in the classes of a model.
fn test(dir: &Path, info: &ModelInfo, resize: Option<Resize>) -> Result<Dataset> {
    let mut list = ImageList::of_test(dir)?;
    let mut labels = Vec::new();
    // A test may lack classes; unknown ones have no logits.
    for name in list.names() {
        let Some(label) = info.label_names.iter().position(|known| *known == name) else {
            let problem = format!(
                "has a class `{name}`, which the model does not know; it knows {}",
                info.label_names.join(", ")
            );
            return Err(Error::file(&list.dir, problem));
        };
        labels.push(label as u8);
    }
    for (label, _) in &mut list.images {
        *label = labels[usize::from(*label)];
    }
    let input = Input {
        resize,
        model: Some(info.input_size),
    };
    let mut parts = datasets(&[&list], &info.label_names, input)?;
    parts.pop().ok_or_else(no_images)
}

/// Counts the files that [`load`], or for the `test` alone [`test`](self::test), skips.
fn skipped(dir: &Path, test: bool) -> Result<Option<Skipped>> {
    if test {
        return Ok(ImageList::of_test(dir)?.skipped);
    }
    let layout = Layout::of(dir)?;
    let found = layout.lists().into_iter();
    let found = found.filter_map(|list| list.skipped.clone());
    Ok(found.reduce(|earlier, later| earlier.followed_by(&later)))
}

/// Reads the images of all `lists`, which get one shape.
fn datasets(lists: &[&ImageList], names: &[String], input: Input) -> Result<Vec<Dataset>> {
    let (shape, parts) = read(lists, input)?;
    let crop_pct = input.resize.map_or(1.0, Resize::crop_pct);
    let parts = lists.iter().zip(parts).map(|(list, pixels)| {
        let labels = list.images.iter().map(|(label, _)| *label).collect();
        let set = Dataset::new(NAME, shape, names.len(), pixels, labels)?;
        set.with_crop_pct(crop_pct).named(names)
    });
    parts.collect()
}

fn no_images() -> Error {
    Error::data(NAME, "there are no images")
}
