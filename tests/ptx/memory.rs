//! A strict model of GPU memory: every access must lie in one tensor and be aligned, reads must find what was written before
//! the launch, and each byte must be written only once.

use std::collections::HashMap;

/// Tensors at addresses, stored sparsely, so that large ones cost only the bytes that are accessed.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    tensors: Vec<Tensor>,
}

#[derive(Debug)]
struct Tensor {
    name: &'static str,
    start: u64,
    len: u64,
    /// True if kernels may write it, false if they may read it.
    result: bool,
    bytes: HashMap<u64, u8>,
}

/// Distance between the starts of tensors; no tensor is longer.
const APART: u64 = 1 << 40;

impl Memory {
    /// Adds a tensor of `len` bytes, and returns its address, `misaligned` bytes past a multiple of 256.
    fn place(&mut self, name: &'static str, len: u64, misaligned: u64, result: bool) -> u64 {
        let start = (self.tensors.len() as u64 + 1) * APART + misaligned;
        self.tensors.push(Tensor {
            name,
            start,
            len,
            result,
            bytes: HashMap::new(),
        });
        start
    }

    /// A tensor that a kernel reads.
    pub(crate) fn operand(&mut self, bytes: &[u8], misaligned: u64) -> u64 {
        let start = self.place("an operand", bytes.len() as u64, misaligned, false);
        self.fill(start, bytes);
        start
    }

    /// A tensor that a kernel reads, not filled yet.
    pub(crate) fn large_operand(&mut self, len: u64) -> u64 {
        self.place("an operand", len, 0, false)
    }

    /// A tensor that a kernel writes.
    pub(crate) fn result(&mut self, len: u64, misaligned: u64) -> u64 {
        self.place("the result", len, misaligned, true)
    }

    /// Sets bytes before a launch.
    pub(crate) fn fill(&mut self, address: u64, bytes: &[u8]) {
        let tensor = self.tensor(address, bytes.len()).expect("a place");
        let start = address - tensor.start;
        let places = (start..).zip(bytes.iter().copied());
        tensor.bytes.extend(places);
    }

    /// Returns what a kernel has written, or an error if it has left out a byte.
    pub(crate) fn written(&mut self, address: u64, len: usize) -> Result<Vec<u8>, String> {
        let tensor = self.tensor(address, len)?;
        let start = address - tensor.start;
        let bytes = (start..start + len as u64).map(|at| tensor.bytes.get(&at).copied());
        let bytes: Option<Vec<u8>> = bytes.collect();
        bytes.ok_or_else(|| format!("not all of {len} bytes were written"))
    }

    pub(crate) fn read(&mut self, address: u64, bytes: usize) -> Result<u64, String> {
        let tensor = self.tensor(address, bytes)?;
        if tensor.result {
            return Err(format!("{} is read", tensor.name));
        }
        let start = address - tensor.start;
        let mut value = 0;
        for at in (0..bytes as u64).rev() {
            let byte = tensor.bytes.get(&(start + at));
            value = value << 8 | u64::from(*byte.ok_or("a read of uninitialised memory")?);
        }
        Ok(value)
    }

    pub(crate) fn write(&mut self, address: u64, bytes: usize, value: u64) -> Result<(), String> {
        let tensor = self.tensor(address, bytes)?;
        if !tensor.result {
            return Err(format!("{} is written", tensor.name));
        }
        let start = address - tensor.start;
        for at in 0..bytes as u64 {
            if tensor
                .bytes
                .insert(start + at, (value >> (8 * at)) as u8)
                .is_some()
            {
                return Err(format!(
                    "byte {} of the result is written twice",
                    start + at
                ));
            }
        }
        Ok(())
    }

    fn tensor(&mut self, address: u64, bytes: usize) -> Result<&mut Tensor, String> {
        let end = address + bytes as u64;
        let mut tensors = self.tensors.iter_mut();
        let inside =
            |tensor: &&mut Tensor| tensor.start <= address && end <= tensor.start + tensor.len;
        tensors
            .find(inside)
            .ok_or_else(|| format!("an access out of bounds at {address:#x}"))
    }
}
