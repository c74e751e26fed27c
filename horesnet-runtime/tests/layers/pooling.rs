//! Max pooling: values and gradients are those of a maximum over shifted images.

use candle_core::{DType, Result, Tensor};
use horesnet_runtime::backward;
use horesnet_runtime::layers::max_pool;

use super::{CPU, distance, loss, variable};

#[test]
fn max_pooling_is_the_maximum_of_shifted_images() {
    for (kernel, stride, padding, height, width) in
        [(3, 2, 1, 7, 6), (2, 2, 0, 4, 5), (3, 1, 1, 3, 3)]
    {
        let xs = variable(&[2, height, width, 3], DType::F64, 20);
        let low = -1e9;
        let padded = |xs: &Tensor| -> Result<Tensor> {
            // Shifted up by `-low` before padding with zeros, and back after: padding is then lower than all numbers.
            let xs = (xs - low)?.pad_with_zeros(1, padding, padding)?;
            xs.pad_with_zeros(2, padding, padding)? + low
        };
        let side = |length: usize| (length + 2 * padding - kernel) / stride + 1;
        let every = |xs: Tensor, dim: usize, first: usize, count: usize| -> Result<Tensor> {
            let places: Vec<u32> = (0..count).map(|i| (first + i * stride) as u32).collect();
            xs.index_select(&Tensor::new(places, &CPU)?, dim)
        };
        let slow = |xs: &Tensor| -> Result<Tensor> {
            let xs = padded(xs)?;
            let mut best: Option<Tensor> = None;
            for y in 0..kernel {
                for x in 0..kernel {
                    let shifted = every(every(xs.clone(), 1, y, side(height))?, 2, x, side(width))?;
                    best = Some(match best {
                        Some(best) => best.maximum(&shifted)?,
                        None => shifted,
                    });
                }
            }
            Ok(best.unwrap())
        };
        let (fast, slow) = (
            max_pool(&xs, kernel, stride, padding).unwrap(),
            slow(&xs).unwrap(),
        );
        assert!(distance(&fast, &slow) < 1e-6);
        let gradient = |ys: &Tensor| backward(&loss(ys).unwrap()).unwrap().remove(&xs).unwrap();
        assert!(distance(&gradient(&fast), &gradient(&slow)) < 1e-12);
    }
}

#[test]
fn max_pooling_keeps_what_is_not_a_number_and_refuses_what_has_no_maximum() {
    let xs = Tensor::new(&[1f32, f32::NAN, 3.0, 2.0], &CPU)
        .unwrap()
        .reshape((1, 2, 2, 1))
        .unwrap();
    let ys = max_pool(&xs, 2, 2, 0).unwrap();
    assert!(ys.flatten_all().unwrap().to_vec1::<f32>().unwrap()[0].is_nan());
    for (kernel, stride, padding) in [(0, 1, 0), (2, 0, 0), (2, 1, 2), (3, 1, 0)] {
        assert!(max_pool(&xs, kernel, stride, padding).is_err());
    }
    let empty = Tensor::zeros((1, 0, 2, 1), DType::F32, &CPU).unwrap();
    assert!(max_pool(&empty, 3, 2, 1).is_err());
}
