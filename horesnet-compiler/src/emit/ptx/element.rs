//! The dtype-specific parts of a kernel: loads, widening to the accumulator type, rounding, stores.

use std::str::FromStr;

use super::VECTOR;
use super::lines::Lines;

/// The type of the elements of a combination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// 32 bits, summed as they are.
    F32,
    /// 64 bits, summed as they are.
    F64,
    /// The upper half of an `f32`, summed in `f32`.
    BF16,
    /// IEEE 754's 16 bits, summed in `f32`.
    F16,
}

impl Element {
    /// All element types.
    pub const ALL: [Self; 4] = [Self::F32, Self::F64, Self::BF16, Self::F16];

    /// The name of the type in Rust.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::BF16 => "bf16",
            Self::F16 => "f16",
        }
    }

    /// The type of sums and coefficients.
    #[must_use]
    pub const fn sum(self) -> &'static str {
        match self {
            Self::F64 => "f64",
            _ => "f32",
        }
    }

    /// The size of an element.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F64 => 8,
            Self::BF16 | Self::F16 => 2,
        }
    }

    /// The number of elements that a thread computes: those of one vector load.
    #[must_use]
    pub const fn lanes(self) -> usize {
        VECTOR / self.bytes()
    }

    /// Declares the registers that this type needs in addition to those of all kernels.
    pub(super) fn registers(self, to: &mut Lines) {
        match self {
            Self::F32 | Self::F64 => {}
            Self::BF16 => {
                to.line(".reg .b16 %half;");
                to.line(".reg .b32 %pair<4>, %bits, %up, %nan;");
            }
            Self::F16 => {
                to.line(".reg .b16 %half, %upper;");
                to.line(".reg .b32 %pair<4>;");
            }
        }
    }

    /// Loads all `%k` from `[%address]`.
    pub(super) fn load(self, to: &mut Lines) {
        match self {
            Self::F32 => to.line("ld.global.nc.v4.f32 {%k0, %k1, %k2, %k3}, [%address];"),
            Self::F64 => to.line("ld.global.nc.v2.f64 {%k0, %k1}, [%address];"),
            Self::BF16 | Self::F16 => {
                to.line("ld.global.nc.v4.b32 {%pair0, %pair1, %pair2, %pair3}, [%address];");
                for pair in 0..4 {
                    self.widen_pair(pair, to);
                }
            }
        }
    }

    fn widen_pair(self, pair: usize, to: &mut Lines) {
        let (low, high) = (2 * pair, 2 * pair + 1);
        if self == Self::F16 {
            to.line(&format!("mov.b32 {{%half, %upper}}, %pair{pair};"));
            to.line(&format!("cvt.f32.f16 %k{low}, %half;"));
            to.line(&format!("cvt.f32.f16 %k{high}, %upper;"));
        } else {
            to.line(&format!("shl.b32 %bits, %pair{pair}, 16;"));
            to.line(&format!("mov.b32 %k{low}, %bits;"));
            to.line(&format!("and.b32 %bits, %pair{pair}, 0xffff0000;"));
            to.line(&format!("mov.b32 %k{high}, %bits;"));
        }
    }

    /// Loads `%k0` from `[%address]`.
    pub(super) fn load_one(self, to: &mut Lines) {
        match self {
            Self::F32 => to.line("ld.global.nc.f32 %k0, [%address];"),
            Self::F64 => to.line("ld.global.nc.f64 %k0, [%address];"),
            Self::BF16 => {
                to.line("ld.global.nc.u16 %half, [%address];");
                to.line("cvt.u32.u16 %bits, %half;");
                to.line("shl.b32 %bits, %bits, 16;");
                to.line("mov.b32 %k0, %bits;");
            }
            Self::F16 => {
                to.line("ld.global.nc.u16 %half, [%address];");
                to.line("cvt.f32.f16 %k0, %half;");
            }
        }
    }

    /// Stores all `%sum` to `[%address]`.
    pub(super) fn store(self, to: &mut Lines) {
        match self {
            Self::F32 => to.line("st.global.v4.f32 [%address], {%sum0, %sum1, %sum2, %sum3};"),
            Self::F64 => to.line("st.global.v2.f64 [%address], {%sum0, %sum1};"),
            Self::BF16 | Self::F16 => {
                for pair in 0..4 {
                    self.narrow_pair(pair, to);
                }
                to.line("st.global.v4.b32 [%address], {%pair0, %pair1, %pair2, %pair3};");
            }
        }
    }

    fn narrow_pair(self, pair: usize, to: &mut Lines) {
        let (low, high) = (2 * pair, 2 * pair + 1);
        if self == Self::F16 {
            to.line(&format!("cvt.rn.f16.f32 %half, %sum{low};"));
            to.line(&format!("cvt.rn.f16.f32 %upper, %sum{high};"));
            to.line(&format!("mov.b32 %pair{pair}, {{%half, %upper}};"));
        } else {
            round(low, to);
            to.line(&format!("mov.b32 %pair{pair}, %bits;"));
            round(high, to);
            to.line("shl.b32 %bits, %bits, 16;");
            to.line(&format!("or.b32 %pair{pair}, %pair{pair}, %bits;"));
        }
    }

    /// Stores `%sum0` to `[%address]`.
    pub(super) fn store_one(self, to: &mut Lines) {
        match self {
            Self::F32 => to.line("st.global.f32 [%address], %sum0;"),
            Self::F64 => to.line("st.global.f64 [%address], %sum0;"),
            Self::BF16 => {
                round(0, to);
                to.line("cvt.u16.u32 %half, %bits;");
                to.line("st.global.u16 [%address], %half;");
            }
            Self::F16 => {
                to.line("cvt.rn.f16.f32 %half, %sum0;");
                to.line("st.global.u16 [%address], %half;");
            }
        }
    }
}

impl FromStr for Element {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|element| element.name() == text);
        found.ok_or_else(|| {
            format!("expected the element type f32, f64, bf16 or f16, found `{text}`")
        })
    }
}

/// Sets `%bits` to the `bf16` nearest to a sum, ties to even: `sm_70` has no instruction for this.
fn round(lane: usize, to: &mut Lines) {
    to.line(&format!("mov.b32 %bits, %sum{lane};"));
    to.line("shr.u32 %nan, %bits, 16;");
    to.line("and.b32 %up, %nan, 1;");
    to.line("or.b32 %nan, %nan, 64;");
    to.line("add.u32 %up, %up, 0x7fff;");
    to.line("add.u32 %bits, %bits, %up;");
    to.line("shr.u32 %bits, %bits, 16;");
    to.line(&format!("setp.nan.f32 %yes, %sum{lane}, %sum{lane};"));
    to.line("selp.b32 %bits, %nan, %bits, %yes;");
}
