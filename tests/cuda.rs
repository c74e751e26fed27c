//! On a GPU: the same sums, blocks and gradients as on the CPU. Where there is no GPU, all of it is skipped with a message.

#![cfg(feature = "cuda")]

use candle_core::{DType, Device, Result, Tensor, Var};
use horesnet::candle_nn::{VarBuilder, VarMap};
use horesnet::{
    Adaptive, Block, Learned, Operand, backward, combine, for_each_scheme, ho_block, weighted_sum,
};

type Field = fn(&Tensor) -> Result<Tensor>;

macro_rules! declare {
    ($(($name:ident, $type:ident)),*) => {
        $(ho_block!($name);)*

        fn blocks(field: Field) -> Vec<(&'static str, Box<dyn Block>)> {
            vec![$((stringify!($name), Box::new($type::shared(field)))),*]
        }
    };
}
for_each_scheme!(declare);

const DTYPES: [DType; 4] = [DType::F32, DType::F64, DType::BF16, DType::F16];

/// The first GPU.
fn gpu() -> Option<Device> {
    match horesnet::gpu::open(0) {
        Ok(gpu) => Some(gpu),
        Err(why) => {
            println!("skipped: no GPU ({why})");
            None
        }
    }
}

/// Irregular numbers from −1 to 1, on the CPU.
fn irregular(shape: (usize, usize), seed: usize, dtype: DType) -> Result<Tensor> {
    let count = shape.0 * shape.1;
    let values = (0..count).map(|i| ((i + 131 * seed + 1) as f64 * 12.9898).sin());
    Tensor::from_iter(values, &Device::Cpu)?
        .reshape(shape)?
        .to_dtype(dtype)
}

/// All numbers, bit by bit.
fn bits(tensor: &Tensor) -> Result<Vec<u64>> {
    let values = values(tensor)?.into_iter();
    Ok(values.map(f64::to_bits).collect())
}

/// All numbers, without loss.
fn values(tensor: &Tensor) -> Result<Vec<f64>> {
    tensor
        .to_device(&Device::Cpu)?
        .flatten_all()?
        .to_dtype(DType::F64)?
        .to_vec1()
}

#[test]
fn sums_have_the_bits_of_the_cpu() -> Result<()> {
    let Some(gpu) = gpu() else { return Ok(()) };
    for dtype in DTYPES {
        for operands in (1..=18).chain([31, 32, 50]) {
            for shape in [(1, 1), (3, 5), (7, 601), (64, 64)] {
                let tensors = (0..operands).map(|i| irregular(shape, i, dtype));
                let tensors: Vec<Tensor> = tensors.collect::<Result<_>>()?;
                let sum = |device: &Device| {
                    let operands = tensors
                        .iter()
                        .map(|tensor| Operand::new(tensor.to_device(device)?));
                    let operands: Vec<Operand> = operands.collect::<Result<_>>()?;
                    // One of the coefficients is 0.
                    let terms = operands
                        .iter()
                        .enumerate()
                        .map(|(i, k)| (1.5 - i as f64, k));
                    let terms: Vec<_> = terms
                        .map(|(c, k)| (if c == -0.5 { 0.0 } else { c }, k))
                        .collect();
                    weighted_sum(&terms)
                };
                let (found, expected) = (bits(&sum(&gpu)?)?, bits(&sum(&Device::Cpu)?)?);
                assert_eq!(
                    found, expected,
                    "{operands} operands of {shape:?}, {dtype:?}"
                );
            }
        }
    }
    Ok(())
}

#[test]
fn operands_may_have_any_layout_and_no_elements() -> Result<()> {
    let Some(gpu) = gpu() else { return Ok(()) };
    for dtype in DTYPES {
        for rows in [0, 1, 37] {
            let on = |device: &Device| -> Result<Vec<u64>> {
                let x = irregular((rows + 3, 21), 0, dtype)?.to_device(device)?;
                // At an odd offset; transposed; broadcast.
                let narrow = x.narrow(0, 3, rows)?;
                let turned = irregular((21, rows), 1, dtype)?.to_device(device)?.t()?;
                let row = irregular((1, 21), 2, dtype)?.to_device(device)?;
                let repeated = row.broadcast_as((rows, 21))?;
                let operands = [narrow, turned, repeated].map(Operand::new);
                let [x, a, b] = operands.map(|operand| operand.expect("an operand"));
                bits(&combine(&x, &[(0.3, &a), (-1.7, &b), (0.1, &a)])?)
            };
            assert_eq!(on(&gpu)?, on(&Device::Cpu)?, "{rows} rows, {dtype:?}");
        }
    }
    Ok(())
}

#[test]
fn operands_of_another_device_or_dtype_are_refused() -> Result<()> {
    let Some(gpu) = gpu() else { return Ok(()) };
    let here = Operand::new(irregular((2, 2), 0, DType::F32)?)?;
    let there = Operand::new(irregular((2, 2), 0, DType::F32)?.to_device(&gpu)?)?;
    let other = Operand::new(irregular((2, 2), 0, DType::F64)?.to_device(&gpu)?)?;
    for (x, k) in [(&here, &there), (&there, &here), (&there, &other)] {
        let refused = combine(x, &[(1.0, k)]).expect_err("an error").to_string();
        assert!(refused.contains("term 1 of a combination"), "{refused}");
    }
    Ok(())
}

/// The result of a block and the gradient of its input, each as numbers.
fn run(block: &dyn Block, x: &Tensor, plain: bool) -> Result<[Vec<f64>; 2]> {
    let x = Var::from_tensor(x)?;
    let y = block.step_t(&1.0, x.as_tensor(), true)?;
    let loss = y.to_dtype(DType::F32)?.sqr()?.sum_all()?;
    let gradients = if plain {
        loss.backward()?
    } else {
        backward(&loss)?
    };
    let gradient = gradients.get(x.as_tensor()).expect("a gradient");
    Ok([values(&y)?, values(gradient)?])
}

/// The largest difference, as a share of the largest number.
fn apart(found: &[f64], expected: &[f64]) -> f64 {
    let largest = expected.iter().fold(0.0, |most, x| x.abs().max(most));
    let pairs = std::iter::zip(found, expected);
    pairs.fold(0.0, |most, (a, b)| (a - b).abs().max(most)) / largest
}

#[test]
fn every_block_and_its_gradient_are_those_of_the_cpu() -> Result<()> {
    let Some(gpu) = gpu() else { return Ok(()) };
    // The blocks' sums have the same bits; what candle computes between them is rounded differently.
    let field: Field = |x| (x.sqr()? * 0.25)? - (x * 0.5)?;
    for (dtype, most) in [
        (DType::F32, 1e-5),
        (DType::F64, 1e-13),
        (DType::BF16, 0.05),
        (DType::F16, 5e-3),
    ] {
        let x = irregular((6, 35), 3, dtype)?;
        if x.to_device(&gpu)?.sqr().is_err() {
            println!("skipped for {dtype:?}: candle has no operations on it for this GPU");
            continue;
        }
        for (name, block) in blocks(field) {
            let expected = run(block.as_ref(), &x, false)?;
            for plain in [false, true] {
                let found = run(block.as_ref(), &x.to_device(&gpu)?, plain)?;
                for (found, expected) in std::iter::zip(&found, &expected) {
                    let apart = apart(found, expected);
                    assert!(apart < most, "{name}, {dtype:?}: {apart:e}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn learned_coefficients_get_the_gradient_of_the_cpu() -> Result<()> {
    let Some(gpu) = gpu() else { return Ok(()) };
    let on = |device: &Device| -> Result<Vec<f64>> {
        let variables = VarMap::new();
        let vb = VarBuilder::from_varmap(&variables, DType::F32, device);
        let learned = Learned::new(0.75, vb)?;
        let block = Rk4::shared(|x: &Tensor| x * -0.5);
        let x = irregular((6, 35), 3, DType::F32)?.to_device(device)?;
        let y = block.step_t(&learned, &x, true)?;
        let gradients = backward(&y.sqr()?.sum_all()?)?;
        values(gradients.get(&variables.all_vars()[0]).expect("a gradient"))
    };
    assert!(apart(&on(&gpu)?, &on(&Device::Cpu)?) < 1e-5);
    Ok(())
}

#[test]
fn adaptive_steps_are_those_of_the_cpu() -> Result<()> {
    let Some(gpu) = gpu() else { return Ok(()) };
    let on = |device: &Device| -> Result<[Vec<f64>; 2]> {
        let x = Var::from_tensor(&irregular((6, 35), 3, DType::F32)?.to_device(device)?)?;
        let block = Dopri5::shared(|x: &Tensor| x * -3.0);
        let y = block.step_t(&Adaptive::new(1e-3), x.as_tensor(), true)?;
        let gradients = backward(&y.sqr()?.sum_all()?)?;
        let gradient = gradients.get(x.as_tensor()).expect("a gradient");
        Ok([values(&y)?, values(gradient)?])
    };
    for (found, expected) in std::iter::zip(on(&gpu)?, on(&Device::Cpu)?) {
        assert!(apart(&found, &expected) < 1e-4);
    }
    Ok(())
}
