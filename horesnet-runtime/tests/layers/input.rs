//! Unusual input: layouts, dtypes, sizes, and input that cannot be computed.

use candle_core::{DType, Result, Tensor, Var};
use candle_nn::{Conv2dConfig, Module, ModuleT};
use horesnet_runtime::layers::{
    Conv2d, NormRelu, NormReluConv, channels_first, channels_last, global_avg_pool,
};
use horesnet_runtime::{Operand, combine, no_grad};

use super::{CPU, distance, loss, parts, random};

/// A unit of 16 channels, its value and all its gradients.
fn everything(xs: &Tensor) -> Vec<Tensor> {
    let config = Conv2dConfig {
        padding: 1,
        ..Conv2dConfig::default()
    };
    let parts = parts(16, 16, 3, config, xs.dtype());
    let xs = Var::from_tensor(xs).unwrap();
    let unit = NormReluConv::new(parts.norm, parts.conv);
    let ys = unit.forward_t(&xs, true).unwrap();
    let gradients = loss(&ys).unwrap().backward().unwrap();
    let mut all = vec![ys];
    for var in parts.vars.iter().chain([&xs]) {
        all.push(gradients.get(var).unwrap().clone());
    }
    all
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let xs = random(&[50, 9, 7, 16], DType::F32, 6);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| everything(&xs))
    };
    let one = run(1);
    for threads in [2, 3, 8] {
        for (a, b) in std::iter::zip(&one, run(threads)) {
            let bits = |t: &Tensor| -> Vec<u32> {
                let all: Vec<f32> = t.flatten_all().unwrap().to_vec1().unwrap();
                all.into_iter().map(f32::to_bits).collect()
            };
            assert_eq!(bits(a), bits(&b), "{threads} threads");
        }
    }
}

#[test]
fn any_layout_is_read_in_logical_order() {
    let whole = random(&[4, 16, 6, 8], DType::F32, 6);
    let seen = [
        whole.permute((0, 2, 3, 1)).unwrap(),
        random(&[4, 6, 8, 32], DType::F32, 6)
            .narrow(3, 8, 16)
            .unwrap(),
        random(&[4, 6, 8, 1], DType::F32, 6)
            .broadcast_as((4, 6, 8, 16))
            .unwrap(),
    ];
    for xs in seen {
        assert!(!xs.is_contiguous());
        for (a, b) in std::iter::zip(everything(&xs), everything(&xs.contiguous().unwrap())) {
            assert_eq!(distance(&a, &b), 0.0);
        }
    }
}

#[test]
fn half_precision_is_computed_in_single() {
    for (dtype, eps) in [(DType::F16, 1e-3), (DType::BF16, 8e-3)] {
        let xs = random(&[4, 6, 6, 16], dtype, 6);
        let found = everything(&xs);
        let expected = everything(&xs.to_dtype(DType::F32).unwrap());
        for (found, expected) in std::iter::zip(found, expected) {
            assert_eq!(found.dtype(), dtype);
            let apart = distance(&found, &expected);
            assert!(apart < 2.0 * eps, "{dtype:?}: {apart:e}");
        }
    }
}

#[test]
fn half_precision_rounds_once_whatever_the_algorithm() -> Result<()> {
    let config = Conv2dConfig {
        padding: 1,
        ..Conv2dConfig::default()
    };
    // Direct, tiles of 4×4 and of 2×2, and kernel gradients plane by plane.
    for (channels, side) in [(3, 7), (16, 8), (16, 6), (96, 4)] {
        for dtype in [DType::F16, DType::BF16] {
            let parts = parts(channels, channels, 3, config, DType::F32);
            let unit = NormReluConv::new(parts.norm.clone(), parts.conv.clone());
            let norm = NormRelu::from(parts.norm.clone());
            let half = random(&[5, side, side, channels], dtype, 6);
            let run = |xs: &Tensor| -> Result<Vec<Tensor>> {
                let xs = Var::from_tensor(xs)?;
                let normed = norm.forward_t(&xs, true)?;
                let ys = unit.forward_t(&xs, true)?;
                let weights = random(ys.dims(), dtype, 9).to_dtype(ys.dtype())?;
                let weighted = ((&ys * &weights)?.sum_all()? + (&normed * &weights)?.sum_all()?)?;
                let gradients = weighted.backward()?;
                let all = parts
                    .vars
                    .iter()
                    .chain([&xs])
                    .map(|var| gradients.get(var).unwrap());
                Ok([ys, normed].into_iter().chain(all.cloned()).collect())
            };
            let (found, expected) = (run(&half)?, run(&half.to_dtype(DType::F32)?)?);
            for (index, (found, expected)) in std::iter::zip(&found, &expected).enumerate() {
                if index < 2 {
                    let rounded = expected.to_dtype(dtype)?;
                    assert_eq!(distance(found, &rounded), 0.0, "{channels} {dtype:?}");
                }
                let eps = if dtype == DType::F16 { 2e-3 } else { 1.6e-2 };
                let apart = distance(found, expected);
                assert!(apart < eps, "{index} of {channels} in {dtype:?}: {apart:e}");
            }
            // Weights keep their precision.
            assert_eq!(found[2].dtype(), DType::F32);
            assert_eq!(found[5].dtype(), dtype);
        }
    }
    Ok(())
}

#[test]
fn what_is_not_a_number_stays_where_candle_has_it() {
    // From 16 to 16 channels, the convolution uses Winograd's algorithm, which on its own would spread it further.
    for channels in [3, 16] {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut values = vec![0.5f32; 2 * 6 * 6 * channels];
            values[3 * channels + 1] = bad;
            let xs = Tensor::from_vec(values, (2, 6, 6, channels), &CPU).unwrap();
            let xs = Var::from_tensor(&xs).unwrap();
            let config = Conv2dConfig {
                padding: 1,
                ..Conv2dConfig::default()
            };
            let parts = parts(channels, channels, 3, config, DType::F32);
            let ours = Conv2d::from(parts.conv.clone()).forward(&xs).unwrap();
            let theirs = parts.conv.forward(&channels_first(&xs).unwrap()).unwrap();
            let theirs = channels_last(&theirs).unwrap();
            let kinds = |t: &Tensor| -> Vec<(bool, bool)> {
                let all: Vec<f32> = t.flatten_all().unwrap().to_vec1().unwrap();
                all.iter().map(|x| (x.is_nan(), x.is_infinite())).collect()
            };
            assert_eq!(kinds(&ours), kinds(&theirs), "{bad} in {channels}");
            assert_ne!(kinds(&ours), vec![(false, false); ours.elem_count()]);
            // The loss is linear, so all gradients of the images are finite; those of kernel entries that saw the bad number
            // are not.
            let ours = ours.sum_all().unwrap().backward().unwrap();
            let theirs = theirs.sum_all().unwrap().backward().unwrap();
            for var in [&xs, &parts.vars[2]] {
                let (ours, theirs) = (ours.get(var).unwrap(), theirs.get(var).unwrap());
                let ours = ours.contiguous().unwrap();
                assert_eq!(kinds(&ours), kinds(&theirs.contiguous().unwrap()));
            }
        }
    }
}

#[test]
fn empty_batches_give_empty_results() {
    let config = Conv2dConfig {
        padding: 1,
        ..Conv2dConfig::default()
    };
    let parts = parts(16, 8, 3, config, DType::F32);
    let unit = NormReluConv::new(parts.norm.clone(), parts.conv.clone());
    let none = Var::zeros((0, 5, 5, 16), DType::F32, &CPU).unwrap();
    let ys = unit.forward_t(&none, false).unwrap();
    assert_eq!(ys.dims(), [0, 5, 5, 8]);
    let gradients = ys.sum_all().unwrap().backward().unwrap();
    assert_eq!(gradients.get(&none).unwrap().dims(), [0, 5, 5, 16]);
    let kernel = gradients.get(&parts.vars[2]).unwrap();
    assert_eq!(distance(kernel, &kernel.zeros_like().unwrap()), 0.0);
    assert_eq!(global_avg_pool(&none).unwrap().dims(), [0, 16]);
    let error = unit.forward_t(&none, true).unwrap_err().to_string();
    assert!(error.contains("two pixels or more"), "{error}");
}

#[test]
fn what_cannot_be_computed_is_an_error() {
    let unit = |padding| {
        let config = Conv2dConfig {
            padding,
            ..Conv2dConfig::default()
        };
        let parts = parts(3, 4, 3, config, DType::F32);
        NormReluConv::new(parts.norm, parts.conv)
    };
    let says = |result: Result<Tensor>, what: &str| {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    };
    let zeros = |shape: [usize; 4], dtype| Tensor::zeros(&shape, dtype, &CPU).unwrap();
    says(
        unit(1).forward_t(&zeros([2, 4, 4, 3], DType::U32), false),
        "unsupported dtype",
    );
    says(
        unit(1).forward_t(&zeros([2, 3, 4, 4], DType::F32), false),
        "channels are last",
    );
    says(
        unit(0).forward_t(&zeros([2, 2, 4, 3], DType::F32), false),
        "does not fit",
    );
    says(
        unit(1).forward_t(&zeros([2, 0, 4, 3], DType::F32), false),
        "does not fit",
    );
    says(
        unit(1).forward_t(&zeros([1, 1, 1, 3], DType::F32), true),
        "two pixels or more",
    );
    let conv = unit(1).conv().clone();
    says(
        conv.forward(&zeros([2, 3, 4, 4], DType::F32)),
        "channels are last",
    );
    says(
        conv.forward(&zeros([2, 4, 4, 3], DType::U8)),
        "unsupported dtype",
    );
    says(global_avg_pool(&zeros([2, 0, 4, 3], DType::F32)), "no mean");
}

#[test]
fn a_batch_that_no_memory_can_hold_is_an_error() {
    // A broadcast costs nothing to make.
    let one = random(&[1, 8, 8, 3], DType::F32, 6);
    let huge = one.broadcast_as((1 << 40, 8, 8, 3)).unwrap();
    let parts = parts(3, 4, 3, Conv2dConfig::default(), DType::F32);
    let unit = NormReluConv::new(parts.norm.clone(), parts.conv);
    for result in [
        unit.forward_t(&huge, false),
        NormRelu::from(parts.norm).forward_t(&huge, true),
        unit.conv().forward(&huge),
        global_avg_pool(&huge),
    ] {
        let error = result.unwrap_err().to_string();
        assert!(error.contains("no memory"), "{error}");
    }
}

#[test]
fn groups_and_dilations_are_left_to_candle() {
    let kernel = random(&[4, 2, 3, 3], DType::F64, 3);
    for (groups, dilation) in [(2, 1), (1, 2)] {
        let config = Conv2dConfig {
            padding: 2,
            groups,
            dilation,
            ..Conv2dConfig::default()
        };
        let stock = candle_nn::Conv2d::new(kernel.clone(), None, config);
        let xs = random(&[2, 2 * groups, 6, 6], DType::F64, 6);
        let ours = Conv2d::from(stock.clone())
            .forward(&channels_last(&xs).unwrap())
            .unwrap();
        let theirs = channels_last(&stock.forward(&xs).unwrap()).unwrap();
        assert_eq!(distance(&ours, &theirs), 0.0);
    }
}

#[test]
fn images_are_permuted_as_by_candle() -> Result<()> {
    for shape in [(2, 3, 5, 4), (1, 1, 1, 1), (3, 16, 2, 7), (0, 3, 4, 4)] {
        let xs = Tensor::randn(0f32, 1.0, shape, &CPU)?;
        for xs in [
            xs.clone(),
            xs.to_dtype(DType::F64)?,
            xs.to_dtype(DType::BF16)?,
        ] {
            let tracked = Var::from_tensor(&xs)?;
            let expected = tracked.permute((0, 2, 3, 1))?.contiguous()?;
            for found in [
                channels_last(&xs)?,
                channels_last(tracked.as_tensor())?,
                channels_last(&xs.t()?.contiguous()?.t()?)?,
            ] {
                assert_eq!(found.dims(), expected.dims());
                let values = |xs: &Tensor| xs.to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>();
                assert_eq!(values(&found)?, values(&expected)?);
            }
        }
    }
    Ok(())
}

#[test]
fn without_a_graph_the_bits_stay() -> Result<()> {
    let parts = parts(16, 16, 3, Conv2dConfig::default(), DType::F32);
    let (norm, unit) = (
        NormRelu::from(parts.norm.clone()),
        NormReluConv::new(parts.norm, parts.conv),
    );
    let xs = Var::randn(0f32, 1.0, (2, 6, 5, 16), &CPU)?;
    let forward = |train| -> Result<Tensor> {
        let k = unit.forward_t(&norm.forward_t(&xs, train)?, train)?;
        combine(&Operand::new(k.clone())?, &[(0.5, &Operand::new(k)?)])
    };
    for train in [false, true] {
        let (recorded, free) = (forward(train)?, no_grad(|| forward(train))?);
        assert!(recorded.track_op() && !free.track_op());
        let bits = |ys: &Tensor| ys.flatten_all()?.to_vec1::<f32>();
        assert_eq!(bits(&recorded)?, bits(&free)?);
        assert!(recorded.sum_all()?.backward()?.get(&xs).is_some());
    }
    Ok(())
}
