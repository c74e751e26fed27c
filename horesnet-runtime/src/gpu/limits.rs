//! Decisions before a launch, testable without a GPU: passes, grids, sizes, and advice for driver errors.

use std::ops::Range;

use candle_core::{Error, Layout, Result, bail};

/// Driver errors by name, and what to do.
const ADVICE: [(&str, &str); 6] = [
    (
        "CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
        "the GPU's driver is older than the CUDA toolkit that this program was built with: update the driver, or build with \
         a toolkit no newer than the version that `nvidia-smi` shows",
    ),
    ("CUDA_ERROR_NO_BINARY_FOR_GPU", OTHER_GPU),
    ("CUDA_ERROR_INVALID_PTX", OTHER_GPU),
    ("CUDA_ERROR_INVALID_IMAGE", OTHER_GPU),
    ("CUDA_ERROR_INVALID_SOURCE", OTHER_GPU),
    (
        "CUDA_ERROR_JIT_COMPILER_NOT_FOUND",
        "the GPU's driver lacks its library libnvidia-ptxjitcompiler: install the complete driver",
    ),
];
const OTHER_GPU: &str = "this program was built for other GPUs: build it with CUDA_COMPUTE_CAP set to what \
     `nvidia-smi --query-gpu=compute_cap --format=csv` shows, without the dot; the minimum is 7.0";

/// The error of a driver, with advice where something can be done about it.
pub(crate) fn advised(error: Error) -> Error {
    let said = error.to_string();
    match ADVICE.iter().find(|(name, _)| said.contains(name)) {
        Some((_, advice)) => error.context(*advice),
        None => error,
    }
}

/// The number of blocks that compute `len` elements, `each` per block.
pub(crate) fn grid(len: usize, each: usize) -> Result<u32> {
    // A grid has 2³¹ − 1 blocks at most.
    match i32::try_from(len.div_ceil(each)) {
        Ok(blocks) => Ok(blocks.unsigned_abs()),
        Err(_) => bail!("a combination of {len} elements is too large for a GPU"),
    }
}

/// Splits `count` operands into passes of at most `most`, which is two or more.
///
/// Every pass after the first also takes the sum so far, which counts as one operand.
pub(crate) fn passes(count: usize, most: usize) -> Vec<Range<usize>> {
    let mut end = count.min(most);
    let mut passes = Vec::new();
    passes.push(0..end);
    while end < count {
        let start = end;
        end = count.min(start + most - 1);
        passes.push(start..end);
    }
    passes
}

/// Fails if candle's kernels, whose counts and offsets are 32-bit, cannot copy or convert a tensor of this layout.
pub(crate) fn expect_reach(layout: &Layout) -> Result<()> {
    let steps = layout.dims().iter().zip(layout.stride());
    let last = steps.fold(0usize, |sum, (size, stride)| {
        sum.saturating_add(size.saturating_sub(1).saturating_mul(*stride))
    });
    let reach = last.max(layout.shape().elem_count());
    // Half the 32-bit range, because offsets run past the end by up to the same amount again.
    if i32::try_from(reach).is_err() {
        bail!(
            "{} elements over {reach} offsets are too many for candle to copy or convert on a GPU: split the tensor into \
             `contiguous` pieces of at most 2³¹ − 1 elements",
            layout.shape().elem_count()
        )
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use candle_core::{Error, Layout, Shape};

    use super::{ADVICE, advised, expect_reach, grid, passes};

    #[test]
    fn errors_of_drivers_come_with_advice() {
        for (name, advice) in ADVICE {
            let text = format!("DriverError({name}, \"what the driver says\")");
            let error = advised(Error::msg(text.clone())).to_string();
            assert!(error.contains(&text) && error.contains(advice), "{error}");
        }
        let other = advised(Error::msg(
            "DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")",
        ));
        let other = other.to_string();
        assert!(other.contains("OUT_OF_MEMORY"), "{other}");
        assert!(ADVICE.iter().all(|(_, advice)| !other.contains(advice)));
    }

    #[test]
    fn grids_cover_every_element_and_have_an_end() {
        for (len, blocks) in [(1, 1), (1024, 1), (1025, 2), (5 << 32, 5 << 22)] {
            assert_eq!(grid(len, 1024).unwrap(), blocks, "{len}");
        }
        let most = 1024 * (i32::MAX as usize);
        assert_eq!(grid(most, 1024).unwrap(), i32::MAX.unsigned_abs());
        let refused = grid(most + 1, 1024).unwrap_err().to_string();
        assert!(refused.contains("too large for a GPU"), "{refused}");
    }

    #[test]
    fn passes_take_every_operand_once_and_no_more_than_there_are_kernels_for() {
        for most in [2, 3, 16] {
            for count in 1..100 {
                let passes = passes(count, most);
                let all: Vec<usize> = passes.iter().cloned().flatten().collect();
                assert!(all.into_iter().eq(0..count), "{passes:?}");
                for (index, pass) in passes.iter().enumerate() {
                    let operands = pass.len() + usize::from(index > 0);
                    assert!((1..=most).contains(&operands), "{passes:?}");
                }
            }
        }
        assert_eq!(passes(20, 16), [0..16, 16..20]);
    }

    #[test]
    fn what_candle_cannot_count_is_refused() {
        let layout = |dims: [usize; 2], stride: [usize; 2]| {
            Layout::new(Shape::from((dims[0], dims[1])), stride.to_vec(), 7)
        };
        let most = i32::MAX as usize;
        for allowed in [
            layout([2, 3], [1, 2]),
            layout([0, 3], [1, 2]),
            layout([2, 1], [most, 1]),
            layout([1, most], [0, 0]),
        ] {
            assert!(expect_reach(&allowed).is_ok(), "{allowed:?}");
        }
        for refused in [
            layout([2, 1], [most + 1, 1]),
            layout([1 << 16, 1 << 16], [0, 0]),
            layout([usize::MAX, 1], [usize::MAX, 1]),
        ] {
            let why = expect_reach(&refused).unwrap_err().to_string();
            assert!(why.contains("too many"), "{why}");
        }
    }
}
