//! Inner products `⟨kᵢ, g⟩`, the gradients of learned coefficients, all in one pass over `g`.
//!
//! Products and sums are formed in `f64`. Each piece of a fixed size is summed by one thread, and the pieces are added in
//! order, so the bits depend neither on the thread count nor on the instruction set.

use candle_core::{CpuStorage, DType, Error, Result, Tensor, bail};

use super::dispatch::{Isa, Kernel};
use super::element::{Element, Sum};
use super::kernel::{BLOCK, PARALLEL, TASK};
use super::parallel::par_map;
use super::storage::with_elements;
use super::view::View;

/// `⟨kᵢ, g⟩` of tensors of the shape and dtype of `g`.
pub(crate) fn dots(g: &Tensor, ks: &[&Tensor]) -> Result<Vec<f64>> {
    if !g.device().is_cpu() {
        return by_candle(g, ks);
    }
    let tensors: Vec<&Tensor> = std::iter::once(g).chain(ks.iter().copied()).collect();
    let len = g.elem_count();
    with_elements(&tensors, |sources| {
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

/// Computes inner products with candle's ops, for other devices.
fn by_candle(g: &Tensor, ks: &[&Tensor]) -> Result<Vec<f64>> {
    if g.elem_count() == 0 {
        return Ok(vec![0.0; ks.len()]);
    }
    let wide = |tensor: &Tensor| tensor.detach().flatten_all()?.to_dtype(DType::F64);
    let g = wide(g)?;
    let products = ks.iter().map(|k| (wide(k)? * &g)?.sum_all());
    Tensor::stack(&products.collect::<Result<Vec<_>>>()?, 0)?.to_vec1()
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
        par_map(pieces, piece)
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

/// The number of sums formed side by side: enough to fill two of the widest vectors.
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

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Result, Tensor};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::{PARALLEL, by_candle, dots};

    fn random(shape: (usize, usize), seed: u64) -> Result<Tensor> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let values: Vec<f64> = (0..shape.0 * shape.1)
            .map(|_| rng.random_range(-1.0..1.0))
            .collect();
        Tensor::from_vec(values, shape, &Device::Cpu)
    }

    fn expected(g: &Tensor, k: &Tensor) -> Result<f64> {
        let (g, k) = (g.to_dtype(DType::F64)?, k.to_dtype(DType::F64)?);
        let products = (g * k)?.flatten_all()?.to_vec1::<f64>()?;
        Ok(products.iter().sum())
    }

    #[test]
    fn products_are_exact_to_f64_in_every_dtype_and_layout() -> Result<()> {
        for (rows, columns) in [(1, 1), (3, 7), (130, 97)] {
            for dtype in [DType::F64, DType::F32, DType::BF16, DType::F16] {
                let g = random((rows, columns), 1)?.to_dtype(dtype)?;
                let k = random((rows, columns), 2)?.to_dtype(dtype)?;
                let turned = random((columns, rows), 3)?.to_dtype(dtype)?.t()?;
                let row = random((1, columns), 4)?.to_dtype(dtype)?;
                let repeated = row.broadcast_as((rows, columns))?;
                let ks = [&k, &turned, &repeated, &g];
                for products in [dots(&g, &ks)?, by_candle(&g, &ks)?] {
                    for (found, k) in products.iter().zip(ks) {
                        let expected = expected(&g, k)?;
                        assert!(
                            (found - expected).abs() < 1e-10,
                            "{dtype:?}: {found}, {expected}"
                        );
                    }
                }
            }
        }
        Ok(())
    }

    #[test]
    fn bits_do_not_depend_on_the_number_of_threads() -> Result<()> {
        let shape = (PARALLEL / 1000 + 1, 1003);
        let (g, k) = (random(shape, 1)?, random(shape, 2)?);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads").install(|| dots(&g, &[&k, &g]))
        };
        let one = on(1)?;
        assert!((one[0] - expected(&g, &k)?).abs() < 1e-9);
        for threads in [2, 3, 7] {
            assert_eq!(on(threads)?, one);
        }
        Ok(())
    }
}
