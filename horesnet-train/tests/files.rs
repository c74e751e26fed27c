//! Data sets in files: what is read from whole ones, and what is said of damaged ones.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use horesnet_train::data::{self, Split};

fn idx(magic: u32, sizes: &[u32], bytes: &[u8]) -> Vec<u8> {
    let head = [&[magic], sizes].concat();
    let head = head.iter().flat_map(|number| number.to_be_bytes());
    head.chain(bytes.iter().copied()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

const IMAGES: &str = "train-images-idx3-ubyte";
const LABELS: &str = "train-labels-idx1-ubyte";

/// Two images of 2×3 pixels to train on, labelled 3 and 9, and one for the test, labelled 0.
fn mnist(dir: &Path) {
    let images = idx(0x803, &[2, 2, 3], &(1..=12).collect::<Vec<_>>());
    fs::write(dir.join(IMAGES), images).unwrap();
    fs::write(dir.join(LABELS), idx(0x801, &[2], &[3, 9])).unwrap();
    let images = idx(0x803, &[1, 2, 3], &[7; 6]);
    fs::write(dir.join("t10k-images-idx3-ubyte"), images).unwrap();
    let labels = idx(0x801, &[1], &[0]);
    fs::write(dir.join("t10k-labels-idx1-ubyte"), labels).unwrap();
}

fn expect_two_and_one(split: &Split) {
    assert_eq!(split.train.image_shape(), [1, 2, 3]);
    assert_eq!((split.train.classes(), split.test.classes()), (10, 10));
    let images: Vec<&[u8]> = split.train.images().collect();
    assert_eq!(images, [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]]);
    assert_eq!(split.train.labels(), [3, 9]);
    assert_eq!(split.test.labels(), [0]);
}

#[test]
fn idx_files_are_read_plain_or_gzip() {
    let dir = tempfile::tempdir().unwrap();
    mnist(dir.path());
    expect_two_and_one(&data::load("mnist", Some(dir.path())).unwrap());
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let packed = gzip(&fs::read(&path).unwrap());
        let name = path.file_name().unwrap().to_str().unwrap();
        fs::write(dir.path().join(format!("{name}.gz")), packed).unwrap();
        fs::remove_file(path).unwrap();
    }
    let split = data::load("fashion", Some(dir.path())).unwrap();
    expect_two_and_one(&split);
    assert_eq!(split.train.name(), "fashion");
}

/// What is said when `file` of a data set that is otherwise whole holds `bytes`; it must name the file.
fn said(file: &str, bytes: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    mnist(dir.path());
    fs::write(dir.path().join(file), bytes).unwrap();
    if let Some(plain) = file.strip_suffix(".gz") {
        fs::remove_file(dir.path().join(plain)).unwrap();
    }
    let message = data::load("mnist", Some(dir.path()))
        .unwrap_err()
        .to_string();
    let path = format!("`{}` ", dir.path().join(file).display());
    message.strip_prefix(&path).expect(&message).to_owned()
}

#[test]
fn damaged_idx_files_are_refused_with_the_place() {
    let images = idx(0x803, &[2, 2, 3], &[0; 12]);
    for (file, bytes, expected) in [
        (
            IMAGES,
            images[..20].to_vec(),
            "ends at byte 20; expected 28 bytes",
        ),
        (
            IMAGES,
            images[..3].to_vec(),
            "ends at byte 3; expected 16 bytes",
        ),
        (
            IMAGES,
            images[..6].to_vec(),
            "ends at byte 6; expected 16 bytes",
        ),
        (IMAGES, Vec::new(), "ends at byte 0; expected 16 bytes"),
        (
            IMAGES,
            [&images[..], &[0]].concat(),
            "has data after byte 28, where it should end",
        ),
        (
            IMAGES,
            idx(0x801, &[2], &[0; 2]),
            "starts with 0x00000801; IDX images start with 0x00000803",
        ),
        (
            LABELS,
            b"<html>".to_vec(),
            "starts with 0x3c68746d; IDX labels start with 0x00000801",
        ),
        (
            IMAGES,
            idx(0x803, &[u32::MAX; 3], &[]),
            "claims 4294967295 images of 4294967295×4294967295 in its header (bytes 4 to 15): expected 1 to \
             4294967296 pixels",
        ),
        (
            IMAGES,
            idx(0x803, &[0, 28, 28], &[]),
            "claims 0 images of 28×28 in its header (bytes 4 to 15): expected 1 to 4294967296 pixels",
        ),
        // A gigabyte is promised, and nothing comes.
        (
            IMAGES,
            idx(0x803, &[1 << 20, 32, 32], &[]),
            "ends at byte 16; expected 1073741840 bytes",
        ),
        (
            LABELS,
            idx(0x801, &[3], &[0; 3]),
            "has 3 labels for 2 images",
        ),
        (
            LABELS,
            idx(0x801, &[u32::MAX], &[0; 3]),
            "ends at byte 11; expected 4294967303 bytes",
        ),
        (
            LABELS,
            idx(0x801, &[2], &[0, 10]),
            "has a label 10 at byte 9; expected 0 to 9",
        ),
    ] {
        assert_eq!(said(file, &bytes), expected);
    }
}

#[test]
fn damaged_gzip_is_refused_with_the_place_in_the_unpacked_data() {
    let plain = idx(0x803, &[2, 2, 3], &[0; 12]);
    let packed = gzip(&plain);
    let name = "train-images-idx3-ubyte.gz";
    assert_eq!(
        said(name, &gzip(&plain[..20])),
        "ends at byte 20 of the unpacked data; expected 28 bytes"
    );
    assert_eq!(
        said(name, &gzip(&[&plain[..], &[0; 100]].concat())),
        "has data after byte 28 of the unpacked data, where it should end"
    );
    let cut = said(name, &packed[..packed.len() - 9]);
    assert!(
        cut.starts_with("is truncated: unpacking ends at byte "),
        "{cut}"
    );
    for place in [2, packed.len() - 5, packed.len() - 1] {
        let mut damaged = packed.clone();
        damaged[place] ^= 0xff;
        let message = said(name, &damaged);
        assert!(
            message.starts_with("is damaged: unpacking fails at byte "),
            "{place}: {message}"
        );
    }
}

#[test]
fn a_folder_without_the_files_is_told_which_are_missing() {
    let dir = tempfile::tempdir().unwrap();
    let place = format!("`{}` ", dir.path().display());
    for (name, expected) in [
        (
            "mnist",
            "has no file train-images-idx3-ubyte or train-images-idx3-ubyte.gz",
        ),
        (
            "cifar10",
            "has no file data_batch_1.bin or cifar-10-batches-bin/data_batch_1.bin",
        ),
        (
            "cifar100",
            "has no file train.bin or cifar-100-binary/train.bin",
        ),
    ] {
        let error = data::load(name, Some(dir.path())).unwrap_err().to_string();
        assert_eq!(error, format!("{place}{expected}"));
        let error = data::load(name, None);
        let error = error.unwrap_err().to_string();
        let expected = format!("data set `{name}`: it needs a folder (--data-dir) with ");
        assert!(error.starts_with(&expected), "{error}");
    }
    let error = data::load("digits", Some(dir.path())).unwrap_err();
    assert!(error.to_string().contains("it is bundled"), "{error}");
}

/// A file of zeros, which take no place on the disk, but for `bytes` at `at`.
fn zeros(path: &Path, length: u64, at: u64, bytes: &[u8]) {
    let mut file = File::create(path).unwrap();
    file.set_len(length).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
}

const CIFAR10: u64 = 10_000 * 3073;

fn cifar10(dir: &Path) {
    for batch in 1..=5 {
        // The second image: its label, a red pixel, and a green one.
        let path = dir.join(format!("data_batch_{batch}.bin"));
        zeros(&path, CIFAR10, 3073, &[batch, 10 * batch]);
    }
    zeros(&dir.join("test_batch.bin"), CIFAR10, 0, &[9]);
}

#[test]
fn cifar10_is_read_in_the_order_of_its_files() {
    let dir = tempfile::tempdir().unwrap();
    // The archive's own folder, and one that holds it.
    let inside = dir.path().join("cifar-10-batches-bin");
    fs::create_dir(&inside).unwrap();
    cifar10(&inside);
    for dir in [dir.path(), &inside] {
        let split = data::load("cifar10", Some(dir)).unwrap();
        assert_eq!((split.train.len(), split.test.len()), (50_000, 10_000));
        assert_eq!(split.train.image_shape(), [3, 32, 32]);
        for batch in 0..5u8 {
            let index = 10_000 * usize::from(batch) + 1;
            assert_eq!(split.train.labels()[index], batch + 1);
            let image = split.train.images().nth(index).unwrap();
            assert_eq!(image[..2], [10 * (batch + 1), 0]);
        }
        assert_eq!(split.test.labels()[..2], [9, 0]);
    }
}

#[test]
fn cifar100_has_fine_labels() {
    let dir = tempfile::tempdir().unwrap();
    // Coarse and fine label, and a red pixel, of the second image.
    zeros(
        &dir.path().join("train.bin"),
        50_000 * 3074,
        3074,
        &[19, 99, 7],
    );
    zeros(&dir.path().join("test.bin"), 10_000 * 3074, 3074, &[19, 98]);
    let split = data::load("cifar100", Some(dir.path())).unwrap();
    assert_eq!((split.train.len(), split.test.len()), (50_000, 10_000));
    assert_eq!(split.train.classes(), 100);
    assert_eq!((split.train.labels()[1], split.test.labels()[1]), (99, 98));
    assert_eq!(split.train.images().nth(1).unwrap()[..2], [7, 0]);

    zeros(&dir.path().join("test.bin"), 10_000 * 3074, 3075, &[100]);
    let error = data::load("cifar100", Some(dir.path())).unwrap_err();
    let expected = "test.bin` has a label 100 at byte 3075; expected 0 to 99";
    assert!(error.to_string().ends_with(expected), "{error}");
}

#[test]
fn damaged_cifar_files_are_refused_with_the_place() {
    for (length, at, byte, expected) in [
        (
            CIFAR10 - 1,
            0,
            0,
            "ends at byte 30729999; expected 30730000 bytes",
        ),
        (3073, 0, 0, "ends at byte 3073; expected 30730000 bytes"),
        (
            CIFAR10 + 1,
            0,
            0,
            "has data after byte 30730000, where it should end",
        ),
        (
            CIFAR10,
            3073,
            10,
            "has a label 10 at byte 3073; expected 0 to 9",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data_batch_1.bin");
        zeros(&path, length, at, &[byte]);
        let error = data::load("cifar10", Some(dir.path())).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("`{}` {expected}", path.display())
        );
    }
}

#[test]
fn the_python_version_of_cifar_is_recognised() {
    for (name, file, expected) in [
        (
            "cifar10",
            "data_batch_1",
            "with data_batch_1.bin: unpack cifar-10-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html",
        ),
        (
            "cifar10",
            "cifar-10-batches-py/data_batch_1",
            "with data_batch_1.bin: unpack cifar-10-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html",
        ),
        (
            "cifar100",
            "train",
            "with train.bin: unpack cifar-100-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html",
        ),
        (
            "cifar100",
            "cifar-100-python/train",
            "with train.bin: unpack cifar-100-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"\x80\x02}q\x01(").unwrap();
        let error = data::load(name, Some(dir.path())).unwrap_err();
        let dir = dir.path().display();
        assert_eq!(
            error.to_string(),
            format!(
                "`{dir}` has the Python version ({file}); the binary version is needed, {expected}"
            )
        );
    }
}
