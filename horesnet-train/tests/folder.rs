//! A data set that is a folder of images per class.

use std::fs::{self, File};
use std::path::Path;

use horesnet_train::data::{self, Dataset, Split};
use horesnet_train::{Error, ExperimentConfig, Result};
use image::{GrayImage, Rgb, RgbImage};

fn load(dir: &Path) -> Result<Split> {
    data::load("folder", Some(dir))
}

/// A grey image of 3×2 pixels, row by row `level`, `level + 1`, … .
fn grey(path: &Path, level: u8) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let image = GrayImage::from_fn(3, 2, |x, y| [level + (3 * y + x) as u8].into());
    image.save(path).unwrap();
}

/// A colour image of the same size, all of one colour.
fn coloured(path: &Path, colour: [u8; 3]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    RgbImage::from_pixel(3, 2, Rgb(colour)).save(path).unwrap();
}

/// What is said of a folder that cannot be read, without the folder itself.
fn said(dir: &Path) -> String {
    let message = load(dir).unwrap_err().to_string();
    message.replace(&format!("{}", dir.display()), "DIR")
}

#[test]
fn two_parts_are_read_in_the_order_of_names() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    for (path, level) in [
        ("train/dog/b.png", 20),
        ("train/dog/a.PNG", 10),
        ("train/cat/z.png", 30),
        ("test/cat/1.png", 40),
        ("test/dog/1.png", 50),
    ] {
        grey(&dir.join(path), level);
    }
    // What is hidden, and files beside the classes, are no images.
    fs::write(dir.join("train/cat/.DS_Store"), "").unwrap();
    fs::write(dir.join("train/README.txt"), "").unwrap();
    let split = load(dir).unwrap();
    assert_eq!(split.train.image_shape(), [1, 2, 3]);
    assert_eq!(
        (split.train.classes(), split.train.labels()),
        (2, &[0, 1, 1][..])
    );
    let images: Vec<&[u8]> = split.train.images().collect();
    let expected = [30, 10, 20].map(|level| (level..level + 6).collect::<Vec<u8>>());
    assert_eq!(images, expected);
    assert_eq!(split.test.labels(), [0, 1]);
}

#[test]
fn of_a_single_folder_every_fifth_image_is_for_the_test() {
    let temporary = tempfile::tempdir().unwrap();
    for index in 0..6 {
        for (class, level) in [("cat", 10), ("dog", 110)] {
            let path = format!("{class}/{index}.png");
            grey(&temporary.path().join(path), level + 10 * index);
        }
    }
    let split = load(temporary.path()).unwrap();
    assert_eq!((split.train.len(), split.test.len()), (10, 2));
    assert_eq!(split.test.labels(), [0, 1]);
    let firsts: Vec<u8> = split.test.images().map(|image| image[0]).collect();
    assert_eq!(firsts, [50, 150]);
}

#[test]
fn val_is_for_the_test_as_in_imagenet_or_for_validation_beside_test() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    for (part, level) in [("train", 10), ("val", 20)] {
        grey(&dir.join(part).join("a/1.png"), level);
        grey(&dir.join(part).join("b/1.png"), level + 1);
    }
    let firsts = |set: &Dataset| set.images().map(|image| image[0]).collect::<Vec<_>>();
    let split = load(dir).unwrap();
    assert_eq!(firsts(&split.train), [10, 11]);
    assert_eq!(firsts(&split.test), [20, 21]);
    assert!(split.validation.is_none());

    grey(&dir.join("test/a/1.png"), 30);
    grey(&dir.join("test/b/1.png"), 31);
    let split = load(dir).unwrap();
    assert_eq!(firsts(&split.test), [30, 31]);
    let validation = split.validation.unwrap();
    assert_eq!(firsts(&validation), [20, 21]);
    assert_eq!(validation.class_names(), ["a", "b"]);

    grey(&dir.join("val/c/1.png"), 0);
    assert_eq!(
        said(dir),
        "`DIR/train` has no folder `c`, a class in `DIR/val`"
    );
    for name in ["valid", "validation"] {
        fs::rename(dir.join("val"), dir.join(name)).unwrap();
        assert_eq!(
            said(dir),
            format!("`DIR` has train/ and {name}/; rename {name}/ to val/")
        );
        fs::rename(dir.join(name), dir.join("val")).unwrap();
    }
}

#[test]
fn a_single_class_is_a_data_set() {
    let temporary = tempfile::tempdir().unwrap();
    for part in ["train", "test"] {
        grey(&temporary.path().join(part).join("only/1.png"), 0);
    }
    let split = load(temporary.path()).unwrap();
    assert_eq!(split.train.class_names(), ["only"]);
}

#[test]
fn files_that_are_no_images_are_skipped_and_counted() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    for part in ["train", "test"] {
        grey(&dir.join(part).join("a/1.png"), 0);
    }
    let config = ExperimentConfig {
        data: "folder".to_owned(),
        data_dir: Some(dir.to_owned()),
        ..ExperimentConfig::default()
    };
    assert_eq!(config.skipped().unwrap(), None);
    fs::write(dir.join("test/a/Thumbs.db"), "").unwrap();
    let skipped = || config.skipped().unwrap().unwrap().to_string();
    let said = skipped().replace(&format!("{}", dir.display()), "DIR");
    assert_eq!(
        said,
        "skipped a file that is not .png, .jpg or .jpeg: `DIR/test/a/Thumbs.db`"
    );
    fs::write(dir.join("train/a/notes.txt"), "").unwrap();
    fs::write(dir.join("train/a/desktop.ini"), "").unwrap();
    let said = skipped().replace(&format!("{}", dir.display()), "DIR");
    assert_eq!(
        said,
        "skipped 3 files that are not .png, .jpg or .jpeg, the first is `DIR/train/a/desktop.ini`"
    );
    let split = load(dir).unwrap();
    assert_eq!((split.train.len(), split.test.len()), (1, 1));
    assert_eq!(ExperimentConfig::default().skipped().unwrap(), None);
}

#[test]
fn one_coloured_image_makes_all_of_them_coloured() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    grey(&dir.join("train/a/grey.png"), 7);
    coloured(&dir.join("train/a/red.png"), [200, 2, 3]);
    coloured(&dir.join("test/a/blue.jpg"), [4, 5, 250]);
    let split = load(dir).unwrap();
    assert_eq!(split.train.image_shape(), [3, 2, 3]);
    let images: Vec<&[u8]> = split.train.images().collect();
    assert_eq!(images[0], (7..13).collect::<Vec<u8>>().repeat(3));
    assert_eq!(images[1], [[200; 6], [2; 6], [3; 6]].concat());
    // JPEG loses a little.
    let blue = split.test.images().next().unwrap();
    for (found, expected) in blue.iter().zip([[4; 6], [5; 6], [250; 6]].concat()) {
        assert!(found.abs_diff(expected) <= 3, "{blue:?}");
    }
}

#[test]
fn images_of_different_sizes_are_refused() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    grey(&dir.join("a/1.png"), 0);
    GrayImage::new(4, 2).save(dir.join("a/2.png")).unwrap();
    assert_eq!(
        said(dir),
        "`DIR/a/2.png` has 4×2 pixels, but `DIR/a/1.png` has 3×2; resize all with --image-size N, such as --image-size 64"
    );
    GrayImage::new(4097, 1).save(dir.join("a/2.png")).unwrap();
    assert_eq!(
        said(dir),
        "`DIR/a/2.png` has 4097×1 pixels; expected at most 4096×4096"
    );
}

#[test]
fn damaged_images_are_refused_by_name() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    grey(&dir.join("a/1.png"), 0);
    coloured(&dir.join("a/2.jpg"), [1, 2, 3]);
    for name in ["1.png", "2.jpg"] {
        let path = dir.join("a").join(name);
        let whole = fs::read(&path).unwrap();
        // In the header, in the image, before its last byte, and not there at all.
        for length in [10, whole.len() - 20, whole.len() - 1, 0] {
            fs::write(&path, &whole[..length]).unwrap();
            let message = said(dir);
            assert!(
                message.starts_with(&format!("`DIR/a/{name}` ")),
                "{message}"
            );
            assert!(
                message.contains(&format!(" byte {length}")),
                "{length}: {message}"
            );
        }
        fs::write(&path, "GIF89a, or so it says").unwrap();
        let message = said(dir);
        assert!(message.contains("cannot be decoded"), "{message}");
        fs::write(&path, whole).unwrap();
    }
    File::create(dir.join("a/3.png"))
        .unwrap()
        .set_len((64 << 20) + 1)
        .unwrap();
    assert_eq!(
        said(dir),
        "`DIR/a/3.png` is 67108865 bytes long; expected at most 67108864"
    );
}

#[test]
fn folders_that_are_no_data_set_are_refused() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    assert_eq!(
        said(dir),
        "`DIR` holds 0 folders; expected 1 to 256, one for each class"
    );
    fs::create_dir(dir.join("a")).unwrap();
    let empty = "`DIR/a` holds no .png, .jpg or .jpeg images";
    assert_eq!(said(dir), empty);
    fs::write(dir.join("a/notes.txt"), "").unwrap();
    assert_eq!(said(dir), empty);
    grey(&dir.join("a/1.png"), 0);
    grey(&dir.join("a/more/1.png"), 0);
    assert_eq!(
        said(dir),
        "`DIR/a/more` is a folder inside of a class; move its images to the class"
    );
    fs::remove_dir_all(dir.join("a")).unwrap();

    grey(&dir.join("train/a/1.png"), 0);
    grey(&dir.join("test/a/1.png"), 0);
    grey(&dir.join("test/b/1.png"), 0);
    assert_eq!(
        said(dir),
        "`DIR/train` has no folder `b`, a class in `DIR/test`"
    );
    fs::remove_dir_all(dir.join("test/b")).unwrap();
    grey(&dir.join("train/b/1.png"), 0);
    assert_eq!(
        said(dir),
        "`DIR/test` has no folder `b`, a class in `DIR/train`"
    );

    fs::remove_dir_all(dir.join("test")).unwrap();
    fs::remove_dir_all(dir.join("train/b")).unwrap();
    assert_eq!(
        said(dir),
        "`DIR` has train/ but not the others; expected train/ with test/, val/ or both"
    );
    fs::rename(dir.join("train"), dir.join("val")).unwrap();
    assert_eq!(
        said(dir),
        "`DIR` has val/ but not the others; expected train/ with test/, val/ or both"
    );
    fs::rename(dir.join("val"), dir.join("train")).unwrap();
    assert_eq!(
        said(&dir.join("train")),
        "data set `folder`: of 1 images in 1 classes, 1 are left to train on and 0 for the test, when every 5th of a \
         class is for the test"
    );

    let error = load(&dir.join("absent")).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf_8_are_read() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join(OsStr::from_bytes(b"images\xff"));
    let class = OsStr::from_bytes(b"red\xe9");
    for part in ["train", "test"] {
        for (name, level) in [(&b"1.png"[..], 10), (b"\xe9t\xe9.png", 20)] {
            grey(
                &dir.join(part).join(class).join(OsStr::from_bytes(name)),
                level,
            );
        }
    }
    fs::write(
        dir.join("train")
            .join(class)
            .join(OsStr::from_bytes(b".\xff")),
        "",
    )
    .unwrap();
    let split = load(&dir).unwrap();
    assert_eq!((split.train.len(), split.test.len()), (2, 2));
    let firsts: Vec<u8> = split.train.images().map(|image| image[0]).collect();
    assert_eq!(firsts, [10, 20]);
    fs::create_dir(dir.join("test").join(OsStr::from_bytes(b"\xff"))).unwrap();
    let message = load(&dir).unwrap_err().to_string();
    assert!(
        message.ends_with("holds no .png, .jpg or .jpeg images"),
        "{message}"
    );
}

/// A grey progressive JPEG image of 8×8 pixels with so many scans: the first has the means, each other one bit of a coefficient,
/// which is always 0.
fn progressive(scans: usize) -> Vec<u8> {
    let segment = |marker: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], body].concat()
    };
    // Each code table has one code, of one bit: no difference of a mean, and the end of a block.
    let codes = |class: u8| {
        let mut body = vec![class, 1];
        body.extend([0; 15]);
        body.push(0);
        segment(0xc4, &body)
    };
    let scan = |first: u8, last: u8, bits: u8, data: &[u8]| {
        [segment(0xda, &[1, 1, 0, first, last, bits]), data.to_vec()].concat()
    };
    let mut quantisation = vec![0];
    quantisation.extend([1; 64]);
    let mut bytes = [
        vec![0xff, 0xd8],
        segment(0xdb, &quantisation),
        segment(0xc2, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]),
        codes(0x00),
        codes(0x10),
        scan(0, 0, 0, &[0x7f]),
    ]
    .concat();
    for _ in 1..scans {
        bytes.extend(scan(1, 63, 0, &[0x7f]));
    }
    bytes.extend([0xff, 0xd9]);
    bytes
}

#[test]
fn a_progressive_image_has_a_bounded_number_of_scans() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    fs::create_dir(dir.join("a")).unwrap();
    for name in ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"] {
        fs::write(dir.join("a").join(name), progressive(64)).unwrap();
    }
    let split = load(dir).unwrap();
    assert_eq!(split.train.image_shape(), [1, 8, 8]);
    assert!(split.train.images().all(|image| image == [128; 64]));
    for scans in [65, 5000] {
        fs::write(dir.join("a/1.jpg"), progressive(scans)).unwrap();
        assert_eq!(
            said(dir),
            format!(
                "`DIR/a/1.jpg` has {scans} scans; expected at most 64; save it again, as baseline JPEG or as PNG"
            )
        );
    }
}
