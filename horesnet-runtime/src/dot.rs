//! The inner products that gradients of learned coefficients are: `⟨kᵢ, g⟩`, all in one pass over `g`.
//!
//! Products and sums are formed in `f64`. Pieces of a fixed size are summed each by one thread and added in their order,
//! so the bits depend neither on the thread count nor on the instruction set.

use candle_core::{CpuStorage, Error, Result, Tensor, bail};
use rayon::prelude::*;

use crate::dispatch::{Isa, Kernel};
use crate::element::{Element, Sum};
use crate::kernel::{BLOCK, PARALLEL, TASK};
use crate::locks::with_storages;
use crate::view::View;

/// `⟨kᵢ, g⟩` of tensors of the shape and dtype of `g`.
pub(crate) fn dots(g: &Tensor, ks: &[&Tensor]) -> Result<Vec<f64>> {
    let tensors: Vec<&Tensor> = std::iter::once(g).chain(ks.iter().copied()).collect();
    let len = g.elem_count();
    with_storages(&tensors, |sources| {
        macro_rules! of {
            ($variant:ident) => {{
                let mut views = Vec::with_capacity(sources.len());
                for (storage, layout) in sources {
                    let CpuStorage::$variant(data) = storage else {
                        bail!("a combination and its gradient differ in dtype")
                    };
                    views.push(View::new(data, layout)?);
                }
                Ok(dots_of_views(len, &views))
            }};
        }
        match sources.first() {
            Some((CpuStorage::F32(_), _)) => of!(F32),
            Some((CpuStorage::F64(_), _)) => of!(F64),
            Some((CpuStorage::BF16(_), _)) => of!(BF16),
            Some((CpuStorage::F16(_), _)) => of!(F16),
            _ => Err(Error::UnsupportedDTypeForOp(g.dtype(), "combine").bt()),
        }
    })
}

fn dots_of_views<T: Element>(len: usize, views: &[View<T>]) -> Vec<f64> {
    let piece = |i: usize| {
        let start = i * TASK;
        let len = TASK.min(len - start);
        Isa::best().run(Piece { start, len, views })
    };
    let pieces = len.div_ceil(TASK);
    let sums: Vec<Vec<f64>> = if len * views.len() < PARALLEL {
        (0..pieces).map(piece).collect()
    } else {
        (0..pieces).into_par_iter().map(piece).collect()
    };
    let mut totals = vec![0.0; views.len().saturating_sub(1)];
    for piece in sums {
        for (total, sum) in totals.iter_mut().zip(piece) {
            *total += sum;
        }
    }
    totals
}

/// The products of the first view with each other one, over elements `start..start + len`.
struct Piece<'a, T> {
    start: usize,
    len: usize,
    views: &'a [View<'a, T>],
}

impl<T: Element> Kernel for Piece<'_, T> {
    type Output = Vec<f64>;

    // Products are rounded before they are added on every instruction set.
    #[inline(always)]
    fn run<const FUSED: bool, const ROWS: usize>(self) -> Vec<f64> {
        let mut cursors = self.views.iter().map(|view| view.cursor(self.start));
        let Some(mut gradient) = cursors.next() else {
            return Vec::new();
        };
        let mut terms: Vec<_> = cursors.map(|cursor| (cursor, 0.0)).collect();
        let (mut g_gathered, mut g_widened) = (Vec::new(), Vec::new());
        let (mut k_gathered, mut k_widened) = (Vec::new(), Vec::new());
        let mut left = self.len;
        while left > 0 {
            let count = left.min(BLOCK);
            let g = T::widen(gradient.next(count, &mut g_gathered), &mut g_widened);
            for (k, sum) in &mut terms {
                let k = T::widen(k.next(count, &mut k_gathered), &mut k_widened);
                *sum += dot(g, k);
            }
            left -= count;
        }
        terms.into_iter().map(|(_, sum)| sum).collect()
    }
}

/// Sums that are formed side by side, as many as fill two of the widest vectors.
const LANES: usize = 16;

#[inline(always)]
fn dot<S: Sum>(g: &[S], k: &[S]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (g, g_rest) = g.as_chunks::<LANES>();
    let (k, k_rest) = k.as_chunks::<LANES>();
    for (g, k) in g.iter().zip(k) {
        for i in 0..LANES {
            lanes[i] += g[i].wide() * k[i].wide();
        }
    }
    for (lane, (g, k)) in lanes.iter_mut().zip(g_rest.iter().zip(k_rest)) {
        *lane += g.wide() * k.wide();
    }
    lanes.iter().sum()
}
