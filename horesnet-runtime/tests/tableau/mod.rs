//! A block written by hand in the shape that `ho_block!` generates, for any explicit tableau, and the same
//! arithmetic as a chain of candle ops to compare it with.

#![allow(dead_code)] // Every test file uses its own part of this.

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::ModuleT;
pub(crate) use horesnet_runtime::__private0::{Stages, wants_increment};
use horesnet_runtime::{Operand, combine, weighted_sum};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How the block forms its combinations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Arithmetic {
    Fused,
    Chain,
}

#[derive(Clone, Debug)]
pub(crate) struct Tableau<const N: usize> {
    pub(crate) a: [[f64; N]; N],
    pub(crate) b: [f64; N],
}

pub(crate) const EULER: Tableau<1> = Tableau {
    a: [[0.0]],
    b: [1.0],
};

pub(crate) const MIDPOINT: Tableau<2> = Tableau {
    a: [[0.0, 0.0], [0.5, 0.0]],
    b: [0.0, 1.0],
};

pub(crate) const RK4: Tableau<4> = Tableau {
    a: [
        [0.0; 4],
        [0.5, 0.0, 0.0, 0.0],
        [0.0, 0.5, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
    ],
    b: [1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0],
};

/// A random tableau with no zeros below the diagonal of `a`, and of no order.
pub(crate) fn dense<const N: usize>(seed: u64) -> Tableau<N> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut a = [[0.0; N]; N];
    for (i, row) in a.iter_mut().enumerate() {
        row[..i].fill_with(|| rng.random_range(-0.5..0.5));
    }
    let b = std::array::from_fn(|_| rng.random_range(-0.5..0.5));
    Tableau { a, b }
}

pub(crate) struct Hand<F, const N: usize> {
    pub(crate) tableau: Tableau<N>,
    pub(crate) h: f64,
    pub(crate) stages: Stages<F, N>,
    pub(crate) arithmetic: Arithmetic,
}

impl<F: ModuleT, const N: usize> Hand<F, N> {
    pub(crate) fn new(tableau: Tableau<N>, stages: Stages<F, N>, arithmetic: Arithmetic) -> Self {
        Self {
            tableau,
            h: 0.7,
            stages,
            arithmetic,
        }
    }

    fn values(&self, x: &Operand, train: bool) -> Result<Vec<Operand>> {
        let mut k: Vec<Operand> = Vec::new();
        for i in 0..N {
            let y = self.sum(Some(x), &self.terms(&self.tableau.a[i], &k))?;
            k.push(Operand::new(self.stages.call(i + 1, &y, train)?)?);
        }
        Ok(k)
    }

    fn terms<'a>(&self, row: &[f64; N], k: &'a [Operand]) -> Vec<(f64, &'a Operand)> {
        let row = row.iter().map(|a| self.h * a);
        row.zip(k).filter(|(a, _)| *a != 0.0).collect()
    }

    fn sum(&self, x: Option<&Operand>, terms: &[(f64, &Operand)]) -> Result<Tensor> {
        match (self.arithmetic, x) {
            (Arithmetic::Fused, Some(x)) => combine(x, terms),
            (Arithmetic::Fused, None) => weighted_sum(terms),
            (Arithmetic::Chain, x) => chain(x.map(Operand::tensor), terms),
        }
    }
}

impl<F: ModuleT, const N: usize> ModuleT for Hand<F, N> {
    fn forward_t(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        let increment = wants_increment(self);
        let x = Operand::new(x.clone())?;
        let k = self.values(&x, train)?;
        let terms = self.terms(&self.tableau.b, &k);
        self.sum((!increment).then_some(&x), &terms)
    }
}

/// The combination as a chain of candle ops.
pub(crate) fn chain(x: Option<&Tensor>, terms: &[(f64, &Operand)]) -> Result<Tensor> {
    let mut sum = x.cloned();
    for (c, k) in terms {
        let term = (k.tensor() * *c)?;
        sum = Some(match sum {
            Some(sum) => (sum + term)?,
            None => term,
        });
    }
    Ok(sum.expect("a sum of something"))
}

/// `y ↦ tanh(y·w)` on `[batch, width]`.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) w: Var,
}

impl Layer {
    pub(crate) fn new(width: usize, dtype: DType, seed: u64) -> Result<Self> {
        let w = random(&[width, width], dtype, seed)?;
        Ok(Self {
            w: Var::from_tensor(&(w / (width as f64).sqrt())?)?,
        })
    }
}

impl ModuleT for Layer {
    fn forward_t(&self, y: &Tensor, _train: bool) -> Result<Tensor> {
        y.matmul(self.w.as_tensor())?.tanh()
    }
}

/// Numbers between −1 and 1.
pub(crate) fn random(shape: &[usize], dtype: DType, seed: u64) -> Result<Tensor> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let values: Vec<f64> = numbers(&mut rng, shape.iter().product());
    Tensor::from_vec(values, shape, &Device::Cpu)?.to_dtype(dtype)
}

fn numbers(rng: &mut impl Rng, count: usize) -> Vec<f64> {
    (0..count).map(|_| rng.random_range(-1.0..1.0)).collect()
}

/// A number that depends on every element of `y` differently.
pub(crate) fn loss(y: &Tensor) -> Result<Tensor> {
    let weights = random(y.dims(), y.dtype(), 99)?;
    (y * weights)?.sum_all()
}

/// The largest difference, relative to the largest value expected.
pub(crate) fn distance(found: &Tensor, expected: &Tensor) -> Result<f64> {
    assert_eq!(found.dims(), expected.dims());
    let largest = |t: &Tensor| {
        t.to_dtype(DType::F64)?
            .abs()?
            .flatten_all()?
            .max(0)?
            .to_scalar()
    };
    let difference: f64 = largest(&(found - expected)?)?;
    let scale: f64 = largest(expected)?;
    Ok(if difference == 0.0 {
        0.0
    } else {
        difference / scale
    })
}

/// Asserts that the error begins with `message`; candle appends a backtrace if requested.
pub(crate) fn refuses<T>(result: Result<T>, message: &str) {
    let Err(error) = result else {
        panic!("accepted, instead of: {message}")
    };
    let error = error.to_string();
    assert!(error.starts_with(message), "{error}\ninstead of: {message}");
}
