//! A number that tells outputs apart, to notice a function that gives another output when it runs again.

use candle_core::{CpuStorage, Result, Storage, Tensor};

/// Numbers hashed at a time, so that a compiler can use vectors.
const LANES: usize = 8;

/// A hash of the bits of a tensor's elements; `None` if it is not on the CPU.
pub(super) fn fingerprint(tensor: &Tensor) -> Result<Option<u64>> {
    if !tensor.device().is_cpu() {
        return Ok(None);
    }
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    let Some((start, end)) = layout.contiguous_offsets() else {
        return Ok(None);
    };
    let Storage::Cpu(storage) = &*storage else {
        return Ok(None);
    };
    Ok(match storage {
        CpuStorage::F32(xs) => xs.get(start..end).map(|xs| hash(xs, |x| x.to_bits())),
        CpuStorage::F64(xs) => xs.get(start..end).map(|xs| {
            let high = hash(xs, |x| (x.to_bits() >> 32) as u32);
            high.rotate_left(32) ^ hash(xs, |x| x.to_bits() as u32)
        }),
        CpuStorage::BF16(xs) => xs
            .get(start..end)
            .map(|xs| hash(xs, |x| x.to_bits().into())),
        CpuStorage::F16(xs) => xs
            .get(start..end)
            .map(|xs| hash(xs, |x| x.to_bits().into())),
        _ => None,
    })
}

/// FNV-1a over words, in lanes.
fn hash<T: Copy>(xs: &[T], bits: impl Fn(T) -> u32) -> u64 {
    const PRIME: u32 = 0x0100_0193;
    let mut lanes = [0x811c_9dc5_u32; LANES];
    let (chunks, rest) = xs.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane = (*lane ^ bits(*x)).wrapping_mul(PRIME);
        }
    }
    for (lane, x) in lanes.iter_mut().zip(rest) {
        *lane = (*lane ^ bits(*x)).wrapping_mul(PRIME);
    }
    let wide = |hash: u64, lane: &u32| (hash ^ u64::from(*lane)).wrapping_mul(0x0100_0000_01b3);
    lanes.iter().fold(xs.len() as u64, wide)
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Result, Tensor};

    use super::fingerprint;

    #[test]
    fn one_bit_of_one_element_changes_it() -> Result<()> {
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
            let of = |numbers: Vec<f64>| {
                let tensor = Tensor::new(numbers, &Device::Cpu)?.to_dtype(dtype)?;
                fingerprint(&tensor)
            };
            let numbers: Vec<f64> = (0..21).map(f64::from).collect();
            let first = of(numbers.clone())?;
            assert!(first.is_some());
            assert_eq!(first, of(numbers.clone())?);
            for at in 0..numbers.len() {
                let mut other = numbers.clone();
                other[at] = -other[at];
                assert_ne!(first, of(other)?, "{dtype:?}, {at}");
            }
        }
        Ok(())
    }

    #[test]
    fn the_layout_does_not_change_it() -> Result<()> {
        let xs = Tensor::arange(0f32, 12.0, &Device::Cpu)?.reshape((3, 4))?;
        let rows = xs.narrow(0, 1, 2)?;
        assert_eq!(fingerprint(&rows)?, fingerprint(&rows.force_contiguous()?)?);
        assert_eq!(
            fingerprint(&xs.t()?)?,
            fingerprint(&xs.t()?.force_contiguous()?)?
        );
        Ok(())
    }
}
