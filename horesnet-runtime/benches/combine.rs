//! Fused combinations against the chain of candle ops they replace, and against the floor: a plain copy that
//! moves as many bytes as a combination must read and write.
//!
//! `cargo bench -p horesnet-runtime`. Arguments are the number of terms, or of stages.

use candle_core::{DType, Device, Result, Tensor, Var};
use divan::{Bencher, black_box};
use horesnet_runtime::{Operand, combine};

const SHAPE: (usize, usize, usize, usize) = (32, 16, 32, 32);
const TINY: (usize, usize, usize, usize) = (1, 16, 1, 1);
const ARITIES: [usize; 3] = [4, 8, 14];

fn main() {
    divan::main();
}

/// One combination of tensors without gradient.
#[divan::bench_group]
mod forward {
    use super::{ARITIES, Bencher, black_box, chain_sum, fused_sum, operands, tensors};

    #[divan::bench(args = ARITIES)]
    fn copy(bencher: Bencher, terms: usize) {
        // `x`, the terms and the result; a copy reads and writes each byte.
        let bytes = 32 * 16 * 32 * 32 * size_of::<f32>() * (terms + 2);
        let from = vec![1u8; bytes / 2];
        let mut to = vec![0u8; bytes / 2];
        bencher.bench_local(|| black_box(&mut to).copy_from_slice(black_box(&from)));
    }

    #[divan::bench(args = ARITIES)]
    fn fused(bencher: Bencher, terms: usize) {
        let tensors = tensors(terms + 1);
        bencher.bench_local(|| fused_sum(&operands(&tensors).unwrap()).unwrap());
    }

    #[divan::bench(args = ARITIES)]
    fn chain(bencher: Bencher, terms: usize) {
        let tensors = tensors(terms + 1);
        bencher.bench_local(|| chain_sum(&tensors).unwrap());
    }
}

/// One combination of 8 terms in other dtypes and layouts.
#[divan::bench_group]
mod forward_of_eight {
    use super::{Bencher, DType, Tensor, chain_sum, fused_sum, operands, tensors};

    const KINDS: [Kind; 5] = [
        Kind::Bf16,
        Kind::F16,
        Kind::F64,
        Kind::ChannelsLast,
        Kind::Transposed,
    ];

    #[derive(Clone, Copy, Debug)]
    enum Kind {
        Bf16,
        F16,
        F64,
        ChannelsLast,
        Transposed,
    }

    fn kind(kind: Kind) -> Vec<Tensor> {
        let make = |t: Tensor| match kind {
            Kind::Bf16 => t.to_dtype(DType::BF16),
            Kind::F16 => t.to_dtype(DType::F16),
            Kind::F64 => t.to_dtype(DType::F64),
            Kind::ChannelsLast => t.permute((0, 2, 3, 1)),
            Kind::Transposed => t.t(),
        };
        tensors(9).into_iter().map(|t| make(t).unwrap()).collect()
    }

    #[divan::bench(args = KINDS)]
    fn fused(bencher: Bencher, of: Kind) {
        let tensors = kind(of);
        bencher.bench_local(|| fused_sum(&operands(&tensors).unwrap()).unwrap());
    }

    #[divan::bench(args = KINDS)]
    fn chain(bencher: Bencher, of: Kind) {
        let tensors = kind(of);
        bencher.bench_local(|| chain_sum(&tensors).unwrap());
    }
}

/// The combinations of a block in which every stage uses all earlier ones.
///
/// The residual function is one pass over memory.
#[divan::bench_group]
mod block_forward {
    use super::{ARITIES, Bencher, SHAPE, chain_block, fused_block, tensor};

    #[divan::bench(args = ARITIES)]
    fn fused(bencher: Bencher, stages: usize) {
        let x = tensor(SHAPE);
        bencher.bench_local(|| fused_block(&x, stages).unwrap());
    }

    #[divan::bench(args = ARITIES)]
    fn chain(bencher: Bencher, stages: usize) {
        let x = tensor(SHAPE);
        bencher.bench_local(|| chain_block(&x, stages).unwrap());
    }
}

/// The combinations of the same block, forward and backward.
#[divan::bench_group]
mod block_forward_and_backward {
    use super::{ARITIES, Bencher, SHAPE, chain_block, fused_block, variable};

    #[divan::bench(args = ARITIES)]
    fn fused(bencher: Bencher, stages: usize) {
        let x = variable(SHAPE);
        bencher.bench_local(|| fused_block(&x, stages).unwrap().backward().unwrap());
    }

    #[divan::bench(args = ARITIES)]
    fn chain(bencher: Bencher, stages: usize) {
        let x = variable(SHAPE);
        bencher.bench_local(|| chain_block(&x, stages).unwrap().backward().unwrap());
    }
}

/// Runs the block on 16 numbers, forward and backward, which measures the cost of the graph itself.
#[divan::bench_group]
mod tiny_block_forward_and_backward {
    use super::{ARITIES, Bencher, TINY, chain_block, fused_block, variable};

    #[divan::bench(args = ARITIES)]
    fn fused(bencher: Bencher, stages: usize) {
        let x = variable(TINY);
        bencher.bench_local(|| fused_block(&x, stages).unwrap().backward().unwrap());
    }

    #[divan::bench(args = ARITIES)]
    fn chain(bencher: Bencher, stages: usize) {
        let x = variable(TINY);
        bencher.bench_local(|| chain_block(&x, stages).unwrap().backward().unwrap());
    }
}

/// One combination of variables, forward and backward.
#[divan::bench_group]
mod forward_and_backward {
    use super::{ARITIES, Bencher, chain_sum, fused_sum, operands, variables};

    #[divan::bench(args = ARITIES)]
    fn fused(bencher: Bencher, terms: usize) {
        let tensors = variables(terms + 1);
        bencher.bench_local(|| {
            let sum = fused_sum(&operands(&tensors).unwrap()).unwrap();
            sum.backward().unwrap()
        });
    }

    #[divan::bench(args = ARITIES)]
    fn chain(bencher: Bencher, terms: usize) {
        let tensors = variables(terms + 1);
        bencher.bench_local(|| chain_sum(&tensors).unwrap().backward().unwrap());
    }
}

fn fused_block(x: &Tensor, stages: usize) -> Result<Tensor> {
    let mut operands = vec![Operand::new(x.clone())?];
    for _ in 0..stages {
        let k = (fused_sum(&operands)? * 0.5)?;
        operands.push(Operand::new(k)?);
    }
    fused_sum(&operands)
}

fn chain_block(x: &Tensor, stages: usize) -> Result<Tensor> {
    let mut tensors = vec![x.clone()];
    for _ in 0..stages {
        tensors.push((chain_sum(&tensors)? * 0.5)?);
    }
    chain_sum(&tensors)
}

fn fused_sum(operands: &[Operand]) -> Result<Tensor> {
    let terms: Vec<_> = operands[1..].iter().map(|k| (0.1, k)).collect();
    combine(&operands[0], &terms)
}

fn chain_sum(tensors: &[Tensor]) -> Result<Tensor> {
    let mut sum = tensors[0].clone();
    for k in &tensors[1..] {
        sum = (sum + (k * 0.1)?)?;
    }
    Ok(sum)
}

fn operands(tensors: &[Tensor]) -> Result<Vec<Operand>> {
    tensors.iter().cloned().map(Operand::new).collect()
}

fn tensors(count: usize) -> Vec<Tensor> {
    (0..count).map(|_| tensor(SHAPE)).collect()
}

fn variables(count: usize) -> Vec<Tensor> {
    (0..count).map(|_| variable(SHAPE)).collect()
}

fn tensor(shape: (usize, usize, usize, usize)) -> Tensor {
    Tensor::randn(0f32, 1.0, shape, &Device::Cpu).unwrap()
}

fn variable(shape: (usize, usize, usize, usize)) -> Tensor {
    Var::from_tensor(&tensor(shape)).unwrap().into_inner()
}
