//! Files of every colour type, written by another program: `make.py`. Each has an orange half and a blue one, or two shades.

use std::fs;
use std::path::Path;

use horesnet_train::data::{self, Split};

const ORANGE: [u8; 3] = [230, 120, 40];
const BLUE: [u8; 3] = [30, 60, 200];

fn load(name: &str) -> Split {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/pictures")
        .join(name);
    let temporary = tempfile::tempdir().unwrap();
    for part in ["train", "test"] {
        let class = temporary.path().join(part).join("a");
        fs::create_dir_all(&class).unwrap();
        fs::copy(&file, class.join(name)).unwrap();
    }
    data::load("folder", Some(temporary.path())).unwrap()
}

/// Checks that the left 8 of 16 columns are of one colour and the right 8 of another, up to a difference.
fn expect<const N: usize>(name: &str, left: [u8; N], right: [u8; N], difference: u8) {
    let split = load(name);
    assert_eq!(split.train.image_shape(), [N, 8, 16], "{name}");
    let image = split.train.images().next().unwrap();
    for (channel, plane) in image.chunks_exact(8 * 16).enumerate() {
        for row in plane.chunks_exact(16) {
            for (half, expected) in row.chunks_exact(8).zip([left, right]) {
                let is_close = |found: &u8| found.abs_diff(expected[channel]) <= difference;
                assert!(
                    half.iter().all(is_close),
                    "{name}, channel {channel}: {row:?}"
                );
            }
        }
    }
}

#[test]
fn cmyk_and_ycck_of_adobe_are_inverted() {
    expect("cmyk.jpg", ORANGE, BLUE, 3);
    expect("ycck.jpg", ORANGE, BLUE, 3);
}

#[test]
fn palettes_are_looked_up() {
    expect("palette.png", ORANGE, BLUE, 0);
}

#[test]
fn one_bit_is_black_or_white() {
    expect("bits.png", [255], [0], 0);
}

#[test]
fn sixteen_bits_are_scaled_to_eight() {
    expect("deep.png", [2], [255], 0);
}

#[test]
fn transparent_pixels_are_composited_on_white() {
    // A fifth of the colour, and four fifths of white.
    expect("palette-transparent.png", ORANGE, [210, 216, 244], 0);
    expect("grey-alpha.png", [100], [224], 0);
    expect("rgba.png", ORANGE, [255; 3], 0);
    // One shade of grey is transparent.
    expect("grey.png", [90], [255], 0);
}

#[test]
fn pictures_are_turned_as_exif_says() {
    let split = load("turned.jpg");
    assert_eq!(split.train.image_shape(), [3, 16, 8]);
    let image = split.train.images().next().unwrap();
    for (channel, plane) in image.chunks_exact(16 * 8).enumerate() {
        let (top, bottom) = plane.split_at(8 * 8);
        for (half, colour) in [(top, ORANGE), (bottom, BLUE)] {
            let is_close = |found: &u8| found.abs_diff(colour[channel]) <= 3;
            assert!(half.iter().all(is_close), "channel {channel}: {plane:?}");
        }
    }
}
