//! Combinations on a GPU against the floor, a copy from device to device that moves as many bytes.
//!
//! `cargo bench -p horesnet-runtime --features cuda --bench cuda`. Arguments are numbers of operands; the throughput is in
//! bytes read and written.

use candle_core::{DType, Device, Result, Tensor};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use horesnet_runtime::{Operand, gpu, weighted_sum};

/// Elements of a tensor: 64 MiB of `f32`, more than any cache holds.
const ELEMENTS: usize = 1 << 24;
const OPERANDS: [usize; 5] = [2, 5, 9, 14, 16];

fn main() {
    if let Err(why) = gpu::open(0) {
        println!("skipped: no GPU ({why})");
        return;
    }
    divan::main();
}

/// Opens the first GPU, which keeps freed memory, so that none is requested again during a measurement.
fn first_gpu() -> Device {
    gpu::open(0).expect("a GPU")
}

fn tensors(count: usize, dtype: DType, device: &Device) -> Result<Vec<Tensor>> {
    let tensor = |_| Tensor::randn(0f32, 1.0, ELEMENTS, device)?.to_dtype(dtype);
    (0..count).map(tensor).collect()
}

/// The bytes that a sum of `operands` operands reads and writes.
fn bytes(operands: usize, dtype: DType) -> BytesCount {
    BytesCount::new((operands + 1) * ELEMENTS * dtype.size_in_bytes())
}

#[divan::bench(args = OPERANDS)]
fn copy(bencher: Bencher, operands: usize) {
    let device = first_gpu();
    // A copy reads and writes each byte, so half of the elements move as many bytes.
    let count = ELEMENTS * (operands + 1) / 2;
    let from = Tensor::zeros(count, DType::F32, &device).expect("a tensor");
    bencher
        .counter(bytes(operands, DType::F32))
        .bench_local(|| {
            black_box(from.copy().expect("a copy"));
            device.synchronize().expect("an end");
        });
}

#[divan::bench(args = OPERANDS, consts = [32, 64, 16])]
fn fused<const BITS: usize>(bencher: Bencher, operands: usize) {
    let dtype = match BITS {
        64 => DType::F64,
        16 => DType::BF16,
        _ => DType::F32,
    };
    let device = first_gpu();
    let tensors = tensors(operands, dtype, &device).expect("tensors");
    let operand = |tensor: Tensor| Operand::new(tensor).expect("an operand");
    let all: Vec<Operand> = tensors.into_iter().map(operand).collect();
    let terms: Vec<(f64, &Operand)> = all.iter().map(|operand| (0.5, operand)).collect();
    bencher.counter(bytes(operands, dtype)).bench_local(|| {
        black_box(weighted_sum(&terms).expect("a sum"));
        device.synchronize().expect("an end");
    });
}

/// The sum as a chain of candle's ops.
#[divan::bench(args = OPERANDS)]
fn chain(bencher: Bencher, operands: usize) {
    let device = first_gpu();
    let tensors = tensors(operands, DType::F32, &device).expect("tensors");
    let sum = || -> Result<Tensor> {
        let mut sum = (&tensors[0] * 0.5)?;
        for tensor in &tensors[1..] {
            sum = (sum + (tensor * 0.5)?)?;
        }
        Ok(sum)
    };
    bencher
        .counter(bytes(operands, DType::F32))
        .bench_local(|| {
            black_box(sum().expect("a sum"));
            device.synchronize().expect("an end");
        });
}
