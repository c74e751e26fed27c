//! A combination computes the weighted sum, for every shape, layout, dtype, arity and number of threads.

#![allow(clippy::float_cmp, reason = "these numbers are exact in binary")]

mod tableau;

use candle_core::{DType, Device, Result, Tensor};
use horesnet_runtime::{Operand, combine, weighted_sum};
use proptest::collection::vec;
use proptest::prelude::*;
use tableau::{random, refuses};

/// How a tensor lies in memory.
#[derive(Clone, Copy, Debug)]
enum Lie {
    Plain,
    /// Its axes are stored the other way round.
    Permuted,
    /// It is the middle of a longer tensor, along its first or its last axis.
    Narrowed {
        last: bool,
    },
    /// It repeats one value along its first or its last axis.
    Broadcast {
        last: bool,
    },
    /// It is one value.
    Scalar,
}

fn lie() -> impl Strategy<Value = Lie> {
    prop_oneof![
        Just(Lie::Plain),
        Just(Lie::Permuted),
        any::<bool>().prop_map(|last| Lie::Narrowed { last }),
        any::<bool>().prop_map(|last| Lie::Broadcast { last }),
        Just(Lie::Scalar),
    ]
}

fn lay(dims: &[usize], lie: Lie, dtype: DType, seed: u64) -> Result<Tensor> {
    let axis = |last| if last { dims.len() - 1 } else { 0 };
    match lie {
        _ if dims.is_empty() => random(dims, dtype, seed),
        Lie::Plain => random(dims, dtype, seed),
        Lie::Permuted => {
            let reversed: Vec<usize> = dims.iter().rev().copied().collect();
            let order: Vec<usize> = (0..dims.len()).rev().collect();
            random(&reversed, dtype, seed)?.permute(order)
        }
        Lie::Narrowed { last } => {
            let mut longer = dims.to_vec();
            longer[axis(last)] += 3;
            random(&longer, dtype, seed)?.narrow(axis(last), 2, dims[axis(last)])
        }
        Lie::Broadcast { last } => {
            let mut thin = dims.to_vec();
            thin[axis(last)] = 1;
            random(&thin, dtype, seed)?.broadcast_as(dims)
        }
        Lie::Scalar => random(&[], dtype, seed)?.broadcast_as(dims),
    }
}

/// `x + Σ cᵢkᵢ`, one element at a time in `f64`, and `|x| + Σ |cᵢkᵢ|`, to which the rounding bound is relative.
fn by_hand(tensors: &[Tensor], c: &[f64]) -> Result<Vec<(f64, f64)>> {
    let mut sums = vec![(0.0, 0.0); tensors[0].elem_count()];
    for (tensor, c) in tensors.iter().zip([&[1.0], c].concat()) {
        let values = tensor
            .to_dtype(DType::F64)?
            .flatten_all()?
            .to_vec1::<f64>()?;
        for ((sum, size), value) in sums.iter_mut().zip(values) {
            *sum += c * value;
            *size += (c * value).abs();
        }
    }
    Ok(sums)
}

fn operands(tensors: &[Tensor]) -> Result<Vec<Operand>> {
    tensors.iter().cloned().map(Operand::new).collect()
}

fn combined(tensors: &[Tensor], c: &[f64]) -> Result<Tensor> {
    let operands = operands(tensors)?;
    let terms: Vec<_> = c.iter().copied().zip(&operands[1..]).collect();
    combine(&operands[0], &terms)
}

/// The relative rounding error of the sums and of the result, by dtype.
fn rounding(dtype: DType, terms: usize) -> f64 {
    let sums = (terms as f64 + 1.0) * f64::from(f32::EPSILON);
    match dtype {
        DType::F64 => (terms as f64 + 1.0) * f64::EPSILON,
        DType::BF16 => sums + 1.0 / 256.0,
        DType::F16 => sums + 1.0 / 2048.0,
        _ => sums,
    }
}

fn check(tensors: &[Tensor], c: &[f64]) -> Result<()> {
    let y = combined(tensors, c)?;
    assert_eq!(y.dims(), tensors[0].dims());
    assert_eq!(y.dtype(), tensors[0].dtype());
    assert!(c.is_empty() || y.is_contiguous());
    if y.elem_count() == 0 {
        return Ok(()); // Candle cannot read an empty view that does not start its storage.
    }
    let rounding = rounding(y.dtype(), c.len());
    let found = y.to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>()?;
    for (found, (sum, size)) in found.iter().zip(by_hand(tensors, c)?) {
        // `f16` has a coarse step near zero, 2⁻²⁴.
        let bound = rounding * size + if y.dtype() == DType::F16 { 6e-8 } else { 0.0 };
        assert!((found - sum).abs() <= bound, "{found} is not {sum}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_combination_is_the_sum(
        dims in vec(0usize..6, 0..5),
        terms in vec((lie(), -2.0..2.0f64), 0..18),
        x in lie(),
        dtype in prop_oneof![
            Just(DType::F32), Just(DType::F64), Just(DType::BF16), Just(DType::F16)
        ],
    ) {
        let mut tensors = vec![lay(&dims, x, dtype, 0).unwrap()];
        for (i, (lie, _)) in terms.iter().enumerate() {
            tensors.push(lay(&dims, *lie, dtype, i as u64 + 1).unwrap());
        }
        let c: Vec<f64> = terms.iter().map(|(_, c)| *c).collect();
        check(&tensors, &c).unwrap();
    }

    #[test]
    fn a_weighted_sum_is_the_combination_without_x(
        c in vec(-2.0..2.0f64, 1..10),
        shape in vec(1usize..5, 0..4),
    ) {
        let zeros = Tensor::zeros(shape.as_slice(), DType::F32, &Device::Cpu).unwrap();
        let mut tensors = vec![zeros];
        for i in 0..c.len() {
            tensors.push(random(&shape, DType::F32, i as u64).unwrap());
        }
        let expected = combined(&tensors, &c).unwrap();
        let operands = operands(&tensors[1..]).unwrap();
        let terms: Vec<_> = c.iter().copied().zip(&operands).collect();
        let found = weighted_sum(&terms).unwrap();
        prop_assert_eq!(
            found.flatten_all().unwrap().to_vec1::<f32>().unwrap(),
            expected.flatten_all().unwrap().to_vec1::<f32>().unwrap()
        );
    }
}

#[test]
fn any_length_is_summed_to_its_end() -> Result<()> {
    for len in [1, 1023, 1024, 1025, 16 * 1024 + 1, 150_001] {
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
            let tensors = [1, 2, 3].map(|seed| random(&[len], dtype, seed));
            let tensors = tensors.into_iter().collect::<Result<Vec<_>>>()?;
            check(&tensors, &[0.3, -0.7])?;
        }
    }
    Ok(())
}

#[test]
fn large_views_are_read_in_order() -> Result<()> {
    let dims = [7, 33, 31, 19];
    for last in [false, true] {
        let lies = [
            Lie::Permuted,
            Lie::Narrowed { last },
            Lie::Broadcast { last },
            Lie::Scalar,
            Lie::Plain,
        ];
        let tensors = lies.iter().map(|lie| lay(&dims, *lie, DType::F32, 1));
        check(
            &tensors.collect::<Result<Vec<_>>>()?,
            &[0.3, -0.7, 0.2, 1.1],
        )?;
    }
    Ok(())
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() -> Result<()> {
    let tensors: Vec<Tensor> = (0..9)
        .map(|seed| lay(&[3, 70_001], Lie::Plain, DType::F32, seed))
        .collect::<Result<_>>()?;
    let c = [0.3, -0.7, 0.2, 1.1, -0.9, 0.01, 7.0, 0.6];
    let sums = [1, 2, 5].map(|threads| -> Result<Vec<u32>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().expect("a thread pool");
        let sum = pool.install(|| combined(&tensors, &c))?.flatten_all()?;
        Ok(sum
            .to_vec1::<f32>()?
            .into_iter()
            .map(f32::to_bits)
            .collect())
    });
    let [one, two, five] = sums;
    let one = one?;
    assert_eq!(one, two?);
    assert_eq!(one, five?);
    Ok(())
}

#[test]
fn half_precision_is_rounded_once() -> Result<()> {
    // In bf16, 1 + 2⁻⁹ rounds to 1; only a sum that is rounded once, at its end, shows four such terms.
    for dtype in [DType::BF16, DType::F16] {
        let one = Operand::new(Tensor::ones(5, dtype, &Device::Cpu)?)?;
        let small = 2f64.powi(if dtype == DType::BF16 { -9 } else { -12 });
        let y = combine(&one, &[(small, &one); 4])?.to_dtype(DType::F32)?;
        assert_eq!(y.to_vec1::<f32>()?, [1.0 + 4.0 * small as f32; 5]);
    }
    Ok(())
}

#[test]
fn a_sum_of_nothing_but_x_is_x_to_the_bit() -> Result<()> {
    let x = Operand::new(Tensor::new(
        &[0.0f32, -0.0, f32::NAN, f32::INFINITY],
        &Device::Cpu,
    )?)?;
    let bits = |y: Tensor| -> Result<Vec<u32>> {
        Ok(y.to_vec1::<f32>()?.into_iter().map(f32::to_bits).collect())
    };
    let expected = bits(x.tensor().clone())?;
    assert_eq!(bits(combine(&x, &[])?)?, expected);
    assert_eq!(bits(combine(&x, &[(0.0, &x)])?)?, expected);
    assert_eq!(bits(weighted_sum(&[(1.0, &x)])?)?, expected);
    Ok(())
}

#[test]
fn a_term_with_coefficient_zero_is_not_read() -> Result<()> {
    let x = Operand::new(Tensor::new(&[1.0, 2.0], &Device::Cpu)?)?;
    let bad = Operand::new(Tensor::new(&[f64::NAN, f64::INFINITY], &Device::Cpu)?)?;
    assert_eq!(combine(&x, &[(0.0, &bad)])?.to_vec1::<f64>()?, [1.0, 2.0]);
    assert_eq!(weighted_sum(&[(0.0, &bad)])?.to_vec1::<f64>()?, [0.0, 0.0]);
    Ok(())
}

#[test]
fn operands_that_do_not_match_are_refused_by_name() -> Result<()> {
    let of = |shape: &[usize], dtype| Operand::new(random(shape, dtype, 0)?);
    let x = of(&[2, 3], DType::F32)?;
    refuses(
        combine(&x, &[(0.5, &x), (0.5, &of(&[3, 2], DType::F32)?)]),
        "term 2 of a combination\nshape mismatch in combine, lhs: [2, 3], rhs: [3, 2]",
    );
    refuses(
        combine(&x, &[(0.5, &of(&[2, 3], DType::F64)?)]),
        "term 1 of a combination\ndtype mismatch in combine, lhs: F32, rhs: F64",
    );
    // Broadcasting must be explicit.
    refuses(
        combine(&x, &[(0.0, &of(&[], DType::F32)?)]),
        "term 1 of a combination\nshape mismatch in combine, lhs: [2, 3], rhs: []",
    );
    refuses(
        weighted_sum(&[(0.5, &x), (0.5, &of(&[6], DType::F32)?)]),
        "term 2 of a weighted sum\nshape mismatch in combine, lhs: [2, 3], rhs: [6]",
    );
    refuses(weighted_sum(&[]), "a weighted sum needs at least one term");
    Ok(())
}

#[test]
fn integers_are_no_operands() -> Result<()> {
    for dtype in [DType::U8, DType::U32, DType::I64] {
        let tensor = Tensor::zeros((2, 3), dtype, &Device::Cpu)?;
        let message = format!("unsupported dtype {dtype:?} for op combine");
        refuses(Operand::new(tensor), &message);
    }
    Ok(())
}

#[test]
fn a_sum_that_no_memory_can_hold_is_an_error() -> Result<()> {
    // A broadcast costs nothing to make.
    let one = random(&[1, 4], DType::F32, 1)?;
    let huge = Operand::new(one.broadcast_as((1 << 50, 4))?)?;
    let error = combine(&huge, &[(0.5, &huge)]).unwrap_err().to_string();
    assert!(error.contains("no memory"), "{error}");
    Ok(())
}
