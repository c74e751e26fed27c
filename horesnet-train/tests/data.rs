//! The digits, their split, and batches.

use candle_core::Device;
use horesnet_train::data::Dataset;
use horesnet_train::data::digits;
use horesnet_train::{Augmentation, Batches, Error, Normalisation, data};

/// Ten images of 1×2×3 pixels: image `i` holds `6i … 6i + 5`; labels alternate.
fn counting() -> Dataset {
    let labels = (0..10).map(|i| i % 2).collect();
    Dataset::new("counting", [1, 2, 3], 2, (0..60).collect(), labels).unwrap()
}

#[test]
fn the_digits_are_those_of_the_source() {
    let bytes = include_bytes!("../data/digits.bin");
    assert_eq!(crc32fast::hash(bytes), 0xe7d8_9aa3);
    let all = digits::all().unwrap();
    assert_eq!((all.len(), all.image_shape()), (1797, [1, 8, 8]));
    assert_eq!(
        all.class_counts(),
        [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    );
    let ink: u32 = all.images().flatten().map(|pixel| u32::from(*pixel)).sum();
    assert_eq!(ink, 561_718);
    assert_eq!(all.images().flatten().max(), Some(&16));
}

#[test]
fn the_split_is_stratified_and_has_no_chance_in_it() {
    let split = digits::split().unwrap();
    assert_eq!((split.train.len(), split.test.len()), (1442, 355));
    assert_eq!(
        split.test.class_counts(),
        [35, 36, 35, 36, 36, 36, 36, 35, 34, 36]
    );
    let again = data::load("digits", None).unwrap();
    assert!(split.test.images().eq(again.test.images()));

    let split = counting().split(5).unwrap();
    let first = |set: &Dataset| set.images().map(|image| image[0] / 6).collect::<Vec<_>>();
    assert_eq!(first(&split.test), [8, 9]);
    assert_eq!(first(&split.train), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn data_that_does_not_fit_is_refused() {
    for (pixels, labels) in [(11, vec![0, 1]), (12, vec![0, 2]), (0, vec![])] {
        let error = Dataset::new("odd", [1, 2, 3], 2, vec![0; pixels], labels).unwrap_err();
        assert!(matches!(error, Error::Data { .. }), "{error}");
    }
    for (image, classes) in [([usize::MAX, 2, 1], 2), ([1, 2, 3], usize::MAX)] {
        let error = Dataset::new("vast", image, classes, vec![0; 6], vec![0]).unwrap_err();
        assert!(matches!(error, Error::Data { .. }), "{error}");
    }
    for every in [0, 1, 9] {
        let error = counting().split(every).unwrap_err();
        assert!(matches!(error, Error::Data { .. }), "{error}");
    }
    let error = data::load("digit", None).unwrap_err().to_string();
    assert_eq!(
        error,
        "unknown data set `digit`; known: digits, mnist, fashion, cifar10, cifar100, folder; did you mean `digits`?"
    );
}

#[test]
fn training_images_are_normalised_to_mean_0_and_deviation_1() {
    let set = counting();
    let normalisation = Normalisation::of(&set);
    // The mean of 0 … 59, and √((60² − 1)/12).
    assert_eq!(normalisation.channels(), [(29.5, 17.318_102)]);
    let batches = Batches::new(&set, &normalisation, 100, &Device::Cpu);
    let batch = batches.in_order().next().unwrap().unwrap();
    assert_eq!(batch.images.dims(), [10, 1, 2, 3]);
    let mean = batch.images.mean_all().unwrap().to_scalar::<f32>().unwrap();
    let squares = batch.images.sqr().unwrap().mean_all().unwrap();
    assert!(mean.abs() < 1e-6);
    assert!((squares.to_scalar::<f32>().unwrap() - 1.0).abs() < 1e-5);
}

#[test]
fn an_epoch_shows_every_image_once_in_a_seeded_order() {
    let set = counting();
    let normalisation = Normalisation::of(&set);
    let batches = Batches::new(&set, &normalisation, 4, &Device::Cpu);
    let order = |seed, epoch| {
        let firsts: Vec<f32> = batches
            .shuffled(&Augmentation::default(), seed, epoch)
            .unwrap()
            .flat_map(|batch| {
                let images = batch.unwrap().images.flatten_all().unwrap();
                images.to_vec1::<f32>().unwrap().into_iter().step_by(6)
            })
            .map(|first| (first * 17.318_102 + 29.5).round() / 6.0)
            .collect();
        firsts
    };
    assert_eq!(order(1, 1), order(1, 1));
    assert_ne!(order(1, 1), order(2, 1));
    assert_ne!(order(1, 1), order(1, 2));
    let mut sorted = order(1, 1);
    sorted.sort_by(f32::total_cmp);
    assert_eq!(sorted, (0..10u8).map(f32::from).collect::<Vec<_>>());
}

#[test]
fn a_last_batch_of_one_image_joins_the_one_before() {
    let set = counting();
    let normalisation = Normalisation::of(&set);
    let sizes = |size| {
        let batches = Batches::new(&set, &normalisation, size, &Device::Cpu);
        let sizes: Vec<usize> = batches
            .in_order()
            .map(|batch| batch.unwrap().labels.elem_count())
            .collect();
        assert_eq!(sizes.len(), batches.len());
        sizes
    };
    assert_eq!(sizes(4), [4, 4, 2]);
    assert_eq!(sizes(3), [3, 3, 4]);
    assert_eq!(sizes(9), [10]);
    assert_eq!(sizes(50), [10]);
}
