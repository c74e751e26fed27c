//! What training images go through at random.

use candle_core::Device;
use horesnet_train::data::Dataset;
use horesnet_train::{Augmentation, Batches, Normalisation};

/// The first image of `set`'s only batch in as many epochs as asked for, in units of the bytes.
fn epochs(set: &Dataset, augmentation: &Augmentation, count: usize) -> Vec<Vec<u8>> {
    let normalisation = Normalisation::of(set);
    let (mean, std) = normalisation.channels()[0];
    let batches = Batches::new(set, &normalisation, set.len(), &Device::Cpu);
    (0..count)
        .map(|epoch| {
            let batch = batches.shuffled(augmentation, 0, epoch).next();
            let images = batch.unwrap().unwrap().images;
            let image = images.get(0).unwrap().flatten_all().unwrap();
            let pixels = image.to_vec1::<f32>().unwrap();
            let bytes = pixels.iter().map(|pixel| (pixel * std + mean).round());
            bytes.map(|byte| byte as u8).collect()
        })
        .collect()
}

/// One grey image.
fn image(size: [usize; 2], pixels: Vec<u8>) -> Dataset {
    Dataset::new("one", [1, size[0], size[1]], 1, pixels, vec![0]).unwrap()
}

#[test]
fn cropped_images_move_and_keep_what_stays_inside() {
    let set = image([3, 4], (1..=12).collect());
    let crop = Augmentation {
        crop: 2,
        ..Augmentation::default()
    };
    let mut seen = [[false; 5]; 5];
    for pixels in epochs(&set, &crop, 400) {
        // Where pixel 6, row 1 and column 1, would have to come from: any pixel tells by how much all have moved.
        let (at, value) = (0..12)
            .map(|at| (at, pixels[at]))
            .find(|(_, value)| *value > 0)
            .unwrap();
        let [down, right] = [(at / 4, (value - 1) / 4), (at % 4, (value - 1) % 4)]
            .map(|(to, from)| i32::from(to as u8) - i32::from(from));
        for row in 0..3 {
            for column in 0..4 {
                let inside = (0..3).contains(&(row - down)) && (0..4).contains(&(column - right));
                let expected = if inside {
                    4 * (row - down) + column - right + 1
                } else {
                    0
                };
                assert_eq!(i32::from(pixels[(4 * row + column) as usize]), expected);
            }
        }
        seen[(down + 2) as usize][(right + 2) as usize] = true;
    }
    assert_eq!(seen, [[true; 5]; 5]);
}

#[test]
fn every_second_image_is_mirrored() {
    let set = image([2, 3], vec![1, 2, 3, 4, 5, 6]);
    let flip = Augmentation {
        flip: true,
        ..Augmentation::default()
    };
    let seen = epochs(&set, &flip, 200);
    let mirrored = seen
        .iter()
        .filter(|pixels| **pixels == [3, 2, 1, 6, 5, 4])
        .count();
    let kept = seen
        .iter()
        .filter(|pixels| **pixels == [1, 2, 3, 4, 5, 6])
        .count();
    assert_eq!(mirrored + kept, 200);
    assert!((70..=130).contains(&mirrored), "{mirrored} of 200");
}

#[test]
fn a_border_of_any_width_is_no_danger() {
    let set = image([1, 2], vec![1, 2]);
    for crop in [3, 1 << 20, usize::MAX] {
        let crop = Augmentation {
            crop,
            ..Augmentation::default()
        };
        assert!(
            epochs(&set, &crop, 8)
                .iter()
                .any(|pixels| pixels == &[0, 0])
        );
    }
}
