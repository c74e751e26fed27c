//! What training images go through at random.

use candle_core::{Device, Tensor};
use horesnet_train::data::Dataset;
use horesnet_train::{
    Augmentation, Batch, Batches, Error, Normalisation, RandAugment, batch_loss, cross_entropy,
};

/// The first image of `set`'s only batch in as many epochs as asked for, in units of the bytes.
fn epochs(set: &Dataset, augmentation: &Augmentation, count: usize) -> Vec<Vec<u8>> {
    let normalisation = Normalisation::of(set);
    let (mean, std) = normalisation.channels()[0];
    let batches = Batches::new(set, &normalisation, set.len(), &Device::Cpu);
    (0..count)
        .map(|epoch| {
            let mut batches = batches.shuffled(augmentation, 0, epoch).unwrap();
            let images = batches.next().unwrap().unwrap().images;
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
    let set = image([3, 4], (1..=12).map(|value| 10 * value).collect());
    let mean = 65;
    let crop = Augmentation {
        crop: 2,
        ..Augmentation::default()
    };
    let mut seen = [[false; 5]; 5];
    for pixels in epochs(&set, &crop, 400) {
        // Any pixel of the image tells by how much all have moved.
        let (at, value) = (0..12)
            .map(|at| (at, pixels[at]))
            .find(|(_, value)| *value != mean)
            .unwrap();
        let from = value / 10 - 1;
        let [down, right] = [(at / 4, from / 4), (at % 4, from % 4)]
            .map(|(to, from)| i32::from(to as u8) - i32::from(from));
        for row in 0..3 {
            for column in 0..4 {
                let inside = (0..3).contains(&(row - down)) && (0..4).contains(&(column - right));
                let expected = if inside {
                    10 * (4 * (row - down) + column - right + 1)
                } else {
                    i32::from(mean)
                };
                assert_eq!(i32::from(pixels[(4 * row + column) as usize]), expected);
            }
        }
        seen[(down + 2) as usize][(right + 2) as usize] = true;
    }
    assert_eq!(seen, [[true; 5]; 5]);
}

#[test]
fn a_border_is_the_mean_so_that_a_constant_channel_stays_constant() {
    // The second of three channels is 200 everywhere.
    let pixel = |i: usize| {
        if i / 16 % 3 == 1 {
            200
        } else {
            (i * 37 % 251) as u8
        }
    };
    let pixels = (0..10 * 48).map(pixel).collect();
    let set = Dataset::new("some", [3, 4, 4], 2, pixels, [0, 1].repeat(5)).unwrap();
    let normalisation = Normalisation::of(&set);
    let batches = Batches::new(&set, &normalisation, 4, &Device::Cpu);
    let crop = Augmentation {
        crop: 3,
        flip: true,
        ..Augmentation::default()
    };
    let mut zeros = 0;
    for epoch in 0..5 {
        for batch in batches.shuffled(&crop, 0, epoch).unwrap() {
            let images = batch.unwrap().images;
            let channel = |index: usize| -> Vec<f32> {
                let channel = images.narrow(1, index, 1).unwrap();
                channel.flatten_all().unwrap().to_vec1().unwrap()
            };
            assert!(channel(1).iter().all(|pixel| *pixel == 0.0));
            for index in [0, 2] {
                zeros += channel(index).iter().filter(|pixel| **pixel == 0.0).count();
            }
        }
    }
    // A third of two channels of 50 images, or more: the border.
    assert!(zeros > 500, "{zeros}");
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
fn a_square_is_hidden_behind_the_mean() {
    let set = image([4, 5], (0..20).map(|i| 200 + i).collect());
    let mean = 210; // 209.5, rounded as the others are
    let cutout = |cutout| Augmentation {
        cutout,
        ..Augmentation::default()
    };
    let mut seen = [false; 20];
    for pixels in epochs(&set, &cutout(2), 300) {
        let hidden: Vec<usize> = (0..20).filter(|i| pixels[*i] != 200 + *i as u8).collect();
        assert!(hidden.iter().all(|i| pixels[*i] == mean), "{pixels:?}");
        // The pixel of the mean's own value is hidden unseen.
        let rows =
            hidden.iter().map(|i| i / 5).max().unwrap_or(0) - hidden.first().map_or(0, |i| i / 5);
        assert!(rows <= 1 && hidden.len() <= 4, "{pixels:?}");
        for i in hidden {
            seen[i] = true;
        }
    }
    assert_eq!(seen.iter().filter(|seen| **seen).count(), 19);
    for pixels in epochs(&set, &cutout(1024), 20) {
        assert_eq!(pixels, [mean; 20]);
    }
}

#[test]
fn brightness_and_contrast_change_within_their_strength() {
    let set = image([1, 2], vec![100, 140]);
    let colour = Augmentation {
        colour: 0.25,
        ..Augmentation::default()
    };
    let seen = epochs(&set, &colour, 300);
    let (mut darkest, mut brightest) = (f32::MAX, 0f32);
    for pixels in &seen {
        let [low, high] = [f32::from(pixels[0]), f32::from(pixels[1])];
        let brightness = (low + high) / 240.0;
        let contrast = (high - low) / 40.0 / brightness;
        // A unit of rounding on either side.
        assert!((0.74..=1.26).contains(&brightness), "{pixels:?}");
        assert!((0.70..=1.30).contains(&contrast), "{pixels:?}");
        (darkest, brightest) = (darkest.min(brightness), brightest.max(brightness));
    }
    assert!(darkest < 0.77 && brightest > 1.23, "{darkest} {brightest}");
}

#[test]
fn random_operations_do_nothing_at_magnitude_0_and_much_at_10() {
    let set = image([6, 7], (0..42).map(|i| 5 * i + 10).collect());
    let random = |magnitude| Augmentation {
        random: RandAugment {
            operations: 2,
            magnitude,
        },
        ..Augmentation::default()
    };
    let before: Vec<u8> = set.images().next().unwrap().to_vec();
    assert!(
        epochs(&set, &random(0.0), 50)
            .iter()
            .all(|pixels| *pixels == before)
    );
    let changed = epochs(&set, &random(10.0), 200);
    let changed = changed.iter().filter(|pixels| **pixels != before).count();
    // Two operations of ten leave a grey image as it is, and cutout of one pixel, sometimes.
    assert!((150..200).contains(&changed), "{changed} of 200");
}

/// Ten images of one pixel, 20 times the label.
fn levels() -> Dataset {
    let pixels = (0..10).map(|label| 20 * label).collect();
    Dataset::new("levels", [1, 1, 1], 10, pixels, (0..10).collect()).unwrap()
}

fn mixed(alpha: f64, epoch: usize) -> Vec<Batch> {
    let set = levels();
    let normalisation = Normalisation::of(&set);
    let batches = Batches::new(&set, &normalisation, 4, &Device::Cpu);
    let mixup = Augmentation {
        mixup: alpha,
        ..Augmentation::default()
    };
    let batches = batches.shuffled(&mixup, 0, epoch).unwrap();
    batches.map(Result::unwrap).collect()
}

#[test]
fn mixup_mixes_labels_as_it_mixes_images() {
    let normalisation = Normalisation::of(&levels());
    let (mean, std) = normalisation.channels()[0];
    for batch in mixed(1.0, 0) {
        let others = batch.mixed.unwrap();
        assert!((0.0..=0.5).contains(&others.share));
        let images = batch
            .images
            .flatten_all()
            .unwrap()
            .to_vec1::<f32>()
            .unwrap();
        let labels = batch.labels.to_vec1::<u32>().unwrap();
        let other_labels = others.labels.to_vec1::<u32>().unwrap();
        for ((image, label), other) in images.iter().zip(labels).zip(other_labels) {
            assert_ne!(label, other);
            let level =
                20.0 * ((1.0 - others.share) * f64::from(label) + others.share * f64::from(other));
            assert!((f64::from(image * std + mean) - level).abs() < 1e-3);
        }
    }
}

#[test]
fn shares_of_mixup_are_beta_distributed() {
    // Of a uniform λ, the smaller of λ and 1 − λ has mean 1/4; of Beta(2, 2), 5/16.
    for (alpha, expected) in [(1.0, 0.25), (2.0, 0.3125), (0.01, 0.0067), (100.0, 0.472)] {
        let batches: Vec<Batch> = (0..400).flat_map(|epoch| mixed(alpha, epoch)).collect();
        let shares = batches
            .iter()
            .map(|batch| batch.mixed.as_ref().unwrap().share);
        let mean = shares.sum::<f64>() / batches.len() as f64;
        assert!((mean - expected).abs() < 0.012, "{alpha}: {mean}");
    }
}

#[test]
fn the_loss_of_a_mixture_is_the_mixture_of_the_losses() {
    let logits: Vec<f32> = (0..40).map(|i| (i * i % 17) as f32 / 5.0).collect();
    let logits = Tensor::from_vec(logits, (4, 10), &Device::Cpu).unwrap();
    let value = |loss: Tensor| loss.to_scalar::<f32>().unwrap();
    let mut batch = mixed(1.0, 3).swap_remove(0);
    let others = batch.mixed.clone().unwrap();
    for smoothing in [0.0, 0.1] {
        let [own, other] = [&batch.labels, &others.labels]
            .map(|labels| value(cross_entropy(&logits, labels, smoothing).unwrap()));
        let share = others.share as f32;
        let expected = (1.0 - share) * own + share * other;
        let found = value(batch_loss(&logits, &batch, smoothing).unwrap());
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
    batch.mixed = None;
    let plain = value(cross_entropy(&logits, &batch.labels, 0.1).unwrap());
    assert_eq!(value(batch_loss(&logits, &batch, 0.1).unwrap()), plain);
}

/// Everything at once.
fn all() -> Augmentation {
    Augmentation {
        crop: 2,
        flip: true,
        random: RandAugment {
            operations: 2,
            magnitude: 8.0,
        },
        colour: 0.4,
        cutout: 2,
        mixup: 0.4,
    }
}

#[test]
fn an_epoch_can_be_made_without_those_before_it_and_a_batch_without_the_rest() {
    let pixels: Vec<u8> = (0..10 * 48).map(|i| (i * 37 % 251) as u8).collect();
    let set = Dataset::new("some", [3, 4, 4], 2, pixels, [0, 1].repeat(5)).unwrap();
    let normalisation = Normalisation::of(&set);
    let batches = Batches::new(&set, &normalisation, 4, &Device::Cpu);
    let augmentation = all();
    let epoch = |seed, epoch, skipped| -> Vec<Vec<f32>> {
        let batches = batches.shuffled(&augmentation, seed, epoch).unwrap();
        batches
            .skip(skipped)
            .map(|batch| {
                batch
                    .unwrap()
                    .images
                    .flatten_all()
                    .unwrap()
                    .to_vec1()
                    .unwrap()
            })
            .collect()
    };
    let [_, second] = [epoch(0, 1, 0), epoch(0, 2, 0)];
    assert_eq!(epoch(0, 2, 0), second);
    assert_eq!(epoch(0, 2, 2), second[2..]);
    assert_ne!(epoch(0, 1, 0), second);
    assert_ne!(epoch(1, 2, 0), second);
    assert!(second.iter().flatten().all(|pixel| pixel.is_finite()));
}

#[test]
fn what_cannot_be_done_to_images_is_refused() {
    let random = |operations, magnitude| Augmentation {
        random: RandAugment {
            operations,
            magnitude,
        },
        ..all()
    };
    for (augmentation, expected) in [
        (
            Augmentation { crop: 65, ..all() },
            "crop: 65 is not from 0 to 64",
        ),
        (
            Augmentation {
                colour: -0.1,
                ..all()
            },
            "colour: -0.1 is not from 0 to 1",
        ),
        (
            Augmentation {
                colour: f64::NAN,
                ..all()
            },
            "colour: NaN is not from 0 to 1",
        ),
        (
            Augmentation {
                cutout: 1025,
                ..all()
            },
            "cutout: 1025 is not from 0 to 1024",
        ),
        (
            Augmentation {
                mixup: -1.0,
                ..all()
            },
            "mixup: -1 is not 0, or from 0.01 to 100",
        ),
        (
            Augmentation {
                mixup: f64::INFINITY,
                ..all()
            },
            "mixup: inf is not 0, or from 0.01 to 100",
        ),
        (random(17, 5.0), "random.operations: 17 is not from 0 to 16"),
        (
            random(2, 10.5),
            "random.magnitude: 10.5 is not from 0 to 10",
        ),
    ] {
        let error = augmentation.validate().unwrap_err();
        assert_eq!(error.to_string(), format!("augmentation.{expected}"));
        let set = levels();
        let normalisation = Normalisation::of(&set);
        let batches = Batches::new(&set, &normalisation, 4, &Device::Cpu);
        let refused = batches.shuffled(&augmentation, 0, 0).err();
        assert!(matches!(refused, Some(Error::Setting { .. })));
    }
    all().validate().unwrap();
    Augmentation::default().validate().unwrap();
}
