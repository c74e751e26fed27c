//! The CPU pass: `Σ cᵢkᵢ` with every operand read once and the output written once.
//!
//! The sum is formed in blocks small enough to stay in the first-level cache, a few operands at a time. Each
//! element is summed by one thread in the order of the terms, so the bits do not depend on the thread count.

use std::mem::MaybeUninit;

use super::dispatch::{Isa, Kernel};
use super::element::{Element, Sum};
use super::parallel::par_map_chunks;
use super::storage::{reserve, with_elements};
use super::view::{Cursor, View};
use candle_core::{CpuStorage, DType, Error, Layout, Result, Tensor, bail};

/// Elements summed at a time: 16 KiB of `f32`.
pub(crate) const BLOCK: usize = 4096;

/// Operands added to a block of sums at a time: fewer visits to the sums, and reads that overlap.
const LANES: usize = 5;

/// Elements that a thread takes at a time, in whole blocks.
pub(crate) const TASK: usize = 4 * BLOCK;

/// Fewest elements read, over all operands, for which threads share the work. One thread sums fewer in about 40 µs, so
/// waking others gains little.
pub(crate) const PARALLEL: usize = 1 << 18;

/// `Σ cᵢkᵢ` over tensors of one shape of `len` elements, in row-major order. Terms with coefficient 0 are not read.
pub(crate) fn sum_tensors(dtype: DType, len: usize, terms: &[(f64, Tensor)]) -> Result<CpuStorage> {
    let tensors: Vec<&Tensor> = terms.iter().map(|(_, k)| k).collect();
    with_elements(&tensors, |sources| {
        let terms: Vec<Term> = terms
            .iter()
            .zip(sources)
            .map(|((c, _), (storage, layout))| (*c, *storage, *layout))
            .filter(|term| term.0 != 0.0)
            .collect();
        sum(dtype, len, &terms)
    })
}

/// One term on the CPU: its coefficient, its elements and their layout.
type Term<'a> = (f64, &'a CpuStorage, &'a Layout);

/// Like [`sum_tensors`], for locked storages.
fn sum(dtype: DType, len: usize, terms: &[Term]) -> Result<CpuStorage> {
    macro_rules! of {
        ($variant:ident) => {{
            let mut views = Vec::with_capacity(terms.len());
            for (c, storage, layout) in terms {
                let CpuStorage::$variant(data) = storage else {
                    bail!("a combination of {dtype:?} has an operand of another dtype")
                };
                views.push((*c, View::new(data, layout)?));
            }
            Ok(CpuStorage::$variant(sum_views(len, &views)?))
        }};
    }
    match dtype {
        DType::F32 => of!(F32),
        DType::F64 => of!(F64),
        DType::BF16 => of!(BF16),
        DType::F16 => of!(F16),
        other => Err(Error::UnsupportedDTypeForOp(other, "combine").bt()),
    }
}

fn sum_views<T: Element>(len: usize, views: &[(f64, View<T>)]) -> Result<Vec<T>> {
    reserve(len, size_of::<T>())?;
    if views.is_empty() {
        return Ok(vec![T::ZERO; len]);
    }
    let mut out = Vec::with_capacity(len);
    let isa = Isa::best();
    let space = &mut out.spare_capacity_mut()[..len];
    if len * views.len() < PARALLEL {
        isa.run(Range {
            start: 0,
            out: space,
            views,
        });
    } else {
        par_map_chunks(space, TASK, |i, out| {
            isa.run(Range {
                start: i * TASK,
                out,
                views,
            });
        });
    }
    // SAFETY: a `Range` writes every element of its part, and the parts cover all of `len`.
    unsafe { out.set_len(len) };
    Ok(out)
}

/// Writes elements `start..start + out.len()` of the sum.
struct Range<'a, T> {
    start: usize,
    out: &'a mut [MaybeUninit<T>],
    views: &'a [(f64, View<'a, T>)],
}

impl<T: Element> Kernel for Range<'_, T> {
    type Output = ();

    // Products are rounded before they are added on every instruction set, so that the bits are the same on all.
    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) {
        let mut lanes: Vec<Lane<T>> = self
            .views
            .iter()
            .map(|(c, view)| Lane {
                c: T::Sum::coefficient(*c),
                cursor: view.cursor(self.start),
            })
            .collect();
        let mut scratch = Scratch::new();
        let mut sums = Vec::new();
        let first = LANES.min(lanes.len());
        let (first, rest) = lanes.split_at_mut(first);
        for block in self.out.chunks_mut(BLOCK) {
            let formed = T::sums(block, &mut sums);
            scratch.add::<true>(formed, first);
            for group in rest.chunks_mut(LANES) {
                scratch.add::<false>(formed, group);
            }
            // SAFETY: the first call of `add` has written all sums.
            unsafe { T::finish(block, &sums) };
        }
    }
}

/// An operand being read.
struct Lane<'a, T: Element> {
    c: T::Sum,
    cursor: Cursor<'a, T>,
}

/// Buffers to gather and widen operands that cannot be summed in place; empty until needed.
struct Scratch<T: Element> {
    gathered: [Vec<T>; LANES],
    widened: [Vec<T::Sum>; LANES],
}

impl<T: Element> Scratch<T> {
    fn new() -> Self {
        Self {
            gathered: std::array::from_fn(|_| Vec::new()),
            widened: std::array::from_fn(|_| Vec::new()),
        }
    }

    /// Adds the next block of 1 to [`LANES`] operands to `sums`; if `FIRST`, writes their sums there.
    #[inline(always)]
    fn add<const FIRST: bool>(&mut self, sums: &mut [MaybeUninit<T::Sum>], group: &mut [Lane<T>]) {
        let mut c = [T::Sum::ZERO; LANES];
        let mut k: [&[T::Sum]; LANES] = [&[]; LANES];
        let scratch = self.gathered.iter_mut().zip(&mut self.widened);
        let slots = c.iter_mut().zip(&mut k).zip(scratch);
        let count = group.len();
        for (lane, ((c, k), (gathered, widened))) in group.iter_mut().zip(slots) {
            *c = lane.c;
            *k = T::widen(lane.cursor.next(sums.len(), gathered), widened);
        }
        match count {
            1 => add::<_, 1, FIRST>(sums, [c[0]], [k[0]]),
            2 => add::<_, 2, FIRST>(sums, [c[0], c[1]], [k[0], k[1]]),
            3 => add::<_, 3, FIRST>(sums, [c[0], c[1], c[2]], [k[0], k[1], k[2]]),
            4 => add::<_, 4, FIRST>(sums, [c[0], c[1], c[2], c[3]], [k[0], k[1], k[2], k[3]]),
            _ => add::<_, LANES, FIRST>(sums, c, k),
        }
    }
}

/// `sums += c₀k₀ + c₁k₁ + …`, or `sums = c₀k₀ + c₁k₁ + …` if `FIRST`, added from left to right.
#[inline(always)]
fn add<S: Sum, const N: usize, const FIRST: bool>(
    sums: &mut [MaybeUninit<S>],
    c: [S; N],
    k: [&[S]; N],
) {
    let mut rows = k;
    for row in 0..N {
        rows[row] = &k[row][..sums.len()];
    }
    for i in 0..sums.len() {
        let mut sum = if FIRST {
            c[0] * rows[0][i]
        } else {
            // SAFETY: the first operands have been written to all sums.
            (unsafe { sums[i].assume_init() }) + c[0] * rows[0][i]
        };
        for row in 1..N {
            sum = sum + c[row] * rows[row][i];
        }
        sums[i].write(sum);
    }
}
