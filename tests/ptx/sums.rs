//! A sum by a kernel in the interpreter of these tests, and the same sum by the CPU's pass.

use candle_core::{CpuStorage, DType, Device, Storage, Tensor};
use half::{bf16, f16};
use horesnet::{Operand, weighted_sum};
use horesnet_compiler::emit::ptx::{Element, Kernel};

use crate::machine::Launch;
use crate::memory::Memory;
use crate::program::{self, Program};

/// Operands in the type of a kernel, as bytes, and their coefficients.
pub(crate) struct Sum {
    element: Element,
    coefficients: Vec<f64>,
    operands: Vec<Vec<u8>>,
    len: usize,
}

impl Sum {
    /// Creates a sum with one operand per term; its numbers are rounded to the type.
    pub(crate) fn new(element: Element, terms: &[(f64, Vec<f64>)]) -> Self {
        let bytes = |values: &Vec<f64>| -> Vec<u8> {
            let one = |value: &f64| match element {
                Element::F32 => (*value as f32).to_le_bytes().to_vec(),
                Element::F64 => value.to_le_bytes().to_vec(),
                Element::BF16 => bf16::from_f64(*value).to_le_bytes().to_vec(),
                Element::F16 => f16::from_f64(*value).to_le_bytes().to_vec(),
            };
            values.iter().flat_map(one).collect()
        };
        Self {
            element,
            coefficients: terms.iter().map(|(c, _)| *c).collect(),
            operands: terms.iter().map(|(_, values)| bytes(values)).collect(),
            len: terms.first().map_or(0, |(_, values)| values.len()),
        }
    }

    /// Creates a sum of `operands` operands of `len` random numbers each.
    pub(crate) fn random(element: Element, operands: usize, len: usize, seed: u64) -> Self {
        let mut random = Random(seed);
        let terms: Vec<_> = (0..operands)
            .map(|_| (random.next(), (0..len).map(|_| random.next()).collect()))
            .collect();
        Self::new(element, &terms)
    }

    /// The operands.
    pub(crate) fn bytes(&self) -> &[Vec<u8>] {
        &self.operands
    }

    pub(crate) fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// The bytes of the sum as the CPU forms it.
    pub(crate) fn expected(&self) -> Vec<u8> {
        let operands = self.operands.iter().map(|bytes| {
            let dtype = match self.element {
                Element::F32 => DType::F32,
                Element::F64 => DType::F64,
                Element::BF16 => DType::BF16,
                Element::F16 => DType::F16,
            };
            let tensor = Tensor::from_raw_buffer(bytes, dtype, &[self.len], &Device::Cpu);
            Operand::new(tensor.expect("a tensor")).expect("an operand")
        });
        let operands: Vec<Operand> = operands.collect();
        let terms: Vec<(f64, &Operand)> =
            std::iter::zip(self.coefficients.clone(), &operands).collect();
        let sum = weighted_sum(&terms).expect("a sum");
        let (storage, _) = sum.storage_and_layout();
        let Storage::Cpu(storage) = &*storage else {
            panic!("a sum on another device")
        };
        match storage {
            CpuStorage::F32(sum) => sum.iter().flat_map(|x| x.to_le_bytes()).collect(),
            CpuStorage::F64(sum) => sum.iter().flat_map(|x| x.to_le_bytes()).collect(),
            CpuStorage::BF16(sum) => sum.iter().flat_map(|x| x.to_le_bytes()).collect(),
            CpuStorage::F16(sum) => sum.iter().flat_map(|x| x.to_le_bytes()).collect(),
            _ => panic!("a sum of another type"),
        }
    }

    /// The bytes of the sum as the kernel forms it.
    pub(crate) fn by(&self, kernel: &Kernel) -> Result<Vec<u8>, String> {
        self.by_text(kernel, &kernel.text, 0)
    }

    /// [`by`](Self::by) with another text.
    ///
    /// The `i`-th operand, counted from 1, begins `i·skew` elements past a multiple of 256 bytes.
    pub(crate) fn by_text(
        &self,
        kernel: &Kernel,
        text: &str,
        skew: usize,
    ) -> Result<Vec<u8>, String> {
        self.to_place(kernel, text, skew, 0)
    }

    /// [`by_text`](Self::by_text) with a result that begins `out` elements past a multiple of 256 bytes.
    pub(crate) fn to_place(
        &self,
        kernel: &Kernel,
        text: &str,
        skew: usize,
        out: usize,
    ) -> Result<Vec<u8>, String> {
        let program = program::parse(text)?;
        let mut memory = Memory::default();
        let size = self.element.bytes();
        let place = |elements: usize| (elements * size) as u64 % 256;
        let bytes = self.len * size;
        let out = memory.result(bytes as u64, place(out));
        let operands = self.operands.iter().enumerate();
        let operands: Vec<u64> = operands
            .map(|(i, bytes)| memory.operand(bytes, place((i + 1) * skew)))
            .collect();
        let launch = launch(
            &program,
            self.len as u64,
            out,
            &self.coefficients,
            &operands,
        );
        launch.run(kernel.blocks(self.len) as u64, &mut memory)?;
        memory.written(out, bytes)
    }
}

/// A launch with these coefficients, converted to the type of the sums, and these addresses of operands.
pub(crate) fn launch<'a>(
    program: &'a Program,
    len: u64,
    out: u64,
    coefficients: &[f64],
    operands: &[u64],
) -> Launch<'a> {
    let mut arguments = vec![len, out];
    // The third parameter is the first operand, and the fourth its coefficient.
    let single = program.parameters[3].1 == 4;
    for (c, operand) in coefficients.iter().zip(operands) {
        let c = if single {
            u64::from((*c as f32).to_bits())
        } else {
            c.to_bits()
        };
        arguments.extend([*operand, c]);
    }
    Launch { program, arguments }
}

/// Steele, Lea and Flood's generator, `SplitMix`.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From −1 to 1.
    pub(crate) fn next(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u64) as usize
    }
}
