//! Compiles each kernel for several instruction sets, and chooses the best one at run time.
//!
//! Kernels are plain loops over arrays of fixed size, which the compiler vectorises for each instruction set. Constants tell
//! a kernel what differs between the sets: whether `a·b + c` is one instruction, and how many rows of sums fit in the
//! registers.

use std::sync::OnceLock;

/// A computation that can be compiled for any instruction set. `run` and all it calls must be `#[inline(always)]`.
pub(crate) trait Kernel: Sized {
    type Output;

    /// Does the work. `FUSED`: `a·b + c` is one instruction, and rounded once. `ROWS`: rows of sums in a register tile.
    fn run<const FUSED: bool, const ROWS: usize>(self) -> Self::Output;
}

/// An instruction set that kernels are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isa {
    /// The instructions that every machine of the target has.
    Portable,
    /// 256-bit vectors with fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 512-bit vectors.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Isa {
    /// The best instruction set of this machine; with `HORESNET_MAX_CPU_ISA=AVX2`, none that is newer.
    pub(crate) fn best() -> Self {
        static BEST: OnceLock<Isa> = OnceLock::new();
        *BEST.get_or_init(|| {
            let most = std::env::var("HORESNET_MAX_CPU_ISA").ok();
            let mut all = Self::available().into_iter().rev();
            let found = all.find(|isa| most.as_deref().is_none_or(|most| isa.is_at_most(most)));
            found.unwrap_or(Self::Portable)
        })
    }

    /// Returns true unless the set has instructions that a set of this name, as oneDNN's, has not.
    fn is_at_most(self, name: &str) -> bool {
        match name.to_ascii_uppercase().as_str() {
            "PORTABLE" | "SSE41" | "AVX" => self == Self::Portable,
            #[cfg(target_arch = "x86_64")]
            "AVX2" => self != Self::Avx512,
            _ => true,
        }
    }

    /// All that this machine can run, the best one last.
    pub(crate) fn available() -> Vec<Self> {
        let mut all = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            all.push(Self::Avx2);
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
                all.push(Self::Avx512);
            }
        }
        all
    }

    /// Runs `kernel` with the instructions of this set, which must be [available](Self::available).
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self {
            // NEON has 32 registers and fused multiply-add on every machine.
            Self::Portable if cfg!(target_arch = "aarch64") => kernel.run::<true, 6>(),
            Self::Portable => kernel.run::<false, 3>(),
            // SAFETY: an `Isa` other than `Portable` comes from `available`, which found its instructions.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { avx2(kernel) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => unsafe { avx512(kernel) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<true, 6>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<true, 12>()
}

#[cfg(test)]
mod tests {
    use super::Isa;

    #[test]
    fn names_of_instruction_sets_limit_the_choice() {
        for isa in Isa::available() {
            assert!(isa.is_at_most("AVX512_CORE"));
            assert_eq!(isa.is_at_most("portable"), isa == Isa::Portable);
            #[cfg(target_arch = "x86_64")]
            assert_eq!(isa.is_at_most("avx2"), isa != Isa::Avx512);
        }
    }
}
