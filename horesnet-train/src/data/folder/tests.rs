//! Pixels of pictures of mixed sizes, for training, test and prediction.

use std::fs;
use std::path::Path;

use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage};

use super::*;
use crate::data::{Image, ImageSize};

/// A picture with texture in every pixel; its shade tells it from others.
fn picture(width: u32, height: u32, shade: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([(7 * x + shade) as u8, (5 * y * y) as u8, (3 * x * y) as u8])
    })
}

fn save(path: &Path, image: impl Into<DynamicImage>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    image.into().save(path).unwrap();
}

fn resize(height: usize, width: usize, crop_pct: Option<f64>) -> Resize {
    let size = ImageSize::new(height, width).unwrap();
    Resize::new(size, crop_pct).unwrap()
}

/// Trains on three pictures of mixed sizes, tests on one.
fn mixed(dir: &Path) {
    save(&dir.join("train/a/1.png"), picture(31, 20, 0));
    save(&dir.join("train/a/2.png"), picture(12, 12, 9));
    save(&dir.join("train/b/1.jpg"), picture(9, 40, 60));
    save(&dir.join("test/a/1.png"), picture(8, 8, 5));
    save(&dir.join("test/b/1.png"), picture(64, 100, 200));
}

#[test]
fn pictures_are_the_same_in_training_test_and_prediction() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    mixed(dir);
    for (height, width, crop_pct) in [(8, 8, None), (12, 12, Some(1.0)), (6, 15, Some(0.7))] {
        let resize = Some(resize(height, width, crop_pct));
        let split = load(dir, resize).unwrap();
        let info = ModelInfo::of(&split.train);
        assert_eq!(info.input_size, [3, height, width]);
        assert_eq!(info.crop_pct, crop_pct.unwrap_or(0.875));
        let files = [
            ("train/a/1.png", split.train.images().next()),
            ("train/a/2.png", split.train.images().nth(1)),
            ("train/b/1.jpg", split.train.images().nth(2)),
            ("test/a/1.png", split.test.images().next()),
            ("test/b/1.png", split.test.images().nth(1)),
        ];
        for (file, trained) in files {
            let predicted = Image::open(dir.join(file)).unwrap().input(&info);
            assert_eq!(trained.unwrap(), predicted, "{file}");
        }
        let alone = test(dir, &info, resize).unwrap();
        assert!(alone.images().eq(split.test.images()));
    }
}

#[test]
fn the_centre_of_the_resized_picture_is_kept() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    // Stripes of 8 columns, one shade each: of 64 columns, 0.75 are 8 to 55.
    let stripes = GrayImage::from_fn(64, 64, |x, _| Luma([20 * (x / 8) as u8]));
    for index in 0..5 {
        save(&dir.join(format!("a/{index}.png")), stripes.clone());
    }
    let split = load(dir, Some(resize(48, 48, Some(0.75)))).unwrap();
    assert_eq!(split.train.image_shape(), [1, 48, 48]);
    let row = &split.train.images().next().unwrap()[..48];
    let expected: Vec<u8> = (8..56).map(|x| 20 * (x / 8)).collect();
    assert_eq!(row, expected);
    // Of the whole picture, halved, the stripes have 4 columns; the filter blurs their borders.
    let split = load(dir, Some(resize(32, 32, Some(1.0)))).unwrap();
    let row = &split.train.images().next().unwrap()[..32];
    for (x, shade) in row.iter().enumerate().filter(|(x, _)| x % 4 == 1) {
        assert!(shade.abs_diff(20 * (x / 4) as u8) <= 2, "{row:?}");
    }
}

#[test]
fn grey_pictures_stay_grey_and_widen_with_the_first_coloured_one() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    let grey = |shade| GrayImage::from_pixel(5, 7, Luma([shade]));
    for part in ["train", "test", "val"] {
        save(&dir.join(part).join("a/1.png"), grey(10));
        save(&dir.join(part).join("a/2.png"), grey(20));
    }
    let split = load(dir, Some(resize(2, 2, None))).unwrap();
    assert_eq!(split.train.image_shape(), [1, 2, 2]);
    assert_eq!(split.train.images().flatten().max(), Some(&20));
    // The last file of the last part is coloured.
    let red = RgbImage::from_pixel(5, 7, Rgb([200, 1, 2]));
    save(&dir.join("val/a/2.png"), red);
    let split = load(dir, None).unwrap();
    for part in [&split.train, &split.test] {
        assert_eq!(part.image_shape(), [3, 7, 5]);
        let expected = [vec![10; 105], vec![20; 105]];
        assert!(part.images().eq(expected));
    }
    let validation = split.validation.unwrap();
    let expected = [vec![10; 105], [[200; 35], [1; 35], [2; 35]].concat()];
    assert!(validation.images().eq(expected));
}

#[test]
fn long_and_thin_pictures_need_little_memory() {
    let thin = GrayImage::from_fn(4096, 1, |x, _| Luma([if x < 2048 { 50 } else { 150 }]));
    let image = Image::from(DynamicImage::from(thin));
    let fitted = image.fitted([512, 512], 0.5);
    assert_eq!(fitted.size(), [512, 512]);
    let mut pixels = Vec::new();
    fitted.planes(1, &mut pixels);
    // The border between the two halves stays in the centre.
    let row = &pixels[..512];
    assert!(row[..250].iter().all(|shade| *shade < 101), "{row:?}");
    assert!(row[262..].iter().all(|shade| *shade > 99), "{row:?}");
}
