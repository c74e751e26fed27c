//! Gradients through every generated block: equal to those of the plain chain of candle operations, and to
//! finite differences.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use candle_core::{DType, Device, Result, Tensor, Var};
use horesnet::candle_nn::ModuleT;
use horesnet::{backward, for_each_scheme, ho_block};
use horesnet_compiler::number::Number;
use horesnet_compiler::{Scheme, compile, library};

const WIDTH: usize = 5;

/// `tanh(x·W)` with a weight of its own.
#[derive(Clone)]
struct Residual(Var);

impl ModuleT for Residual {
    fn forward_t(&self, xs: &Tensor, _: bool) -> Result<Tensor> {
        xs.matmul(&self.0)?.tanh()
    }
}

/// A fixed, irregular matrix: entries are sines of large steps.
fn irregular(rows: usize, columns: usize, seed: usize, dtype: DType) -> Result<Tensor> {
    let values: Vec<f64> = (0..rows * columns)
        .map(|i| ((i + 31 * seed + 1) as f64 * 12.9898).sin() * 0.7)
        .collect();
    Tensor::from_vec(values, (rows, columns), &Device::Cpu)?.to_dtype(dtype)
}

/// The bundled scheme, proven only once.
fn scheme(name: &str) -> &'static Scheme {
    static SCHEMES: LazyLock<BTreeMap<&str, Scheme>> = LazyLock::new(|| {
        let all = library::all().iter();
        all.map(|bundled| (bundled.name, compile(bundled.text).unwrap()))
            .collect()
    });
    &SCHEMES[name]
}

/// The step as a chain of candle's own operations, straight from the tableau.
///
/// It has all stages; those that do not reach the result have a residual of zero.
fn chain(name: &str, residuals: &[Residual], h: f64, x: &Tensor) -> Result<Tensor> {
    let scheme = scheme(name);
    let kept: Vec<usize> = scheme
        .plan
        .stages
        .iter()
        .map(|stage| stage.number - 1)
        .collect();
    let sum = |row: &mut dyn Iterator<Item = &Number>, ks: &[Tensor]| -> Result<Tensor> {
        let mut sum = x.clone();
        for (a, k) in row.zip(ks) {
            sum = (sum + (k * (h * a.to_f64()))?)?;
        }
        Ok(sum)
    };
    let mut ks: Vec<Tensor> = Vec::new();
    let mut residuals = residuals.iter();
    for i in 0..scheme.tableau.stages() {
        let y = sum(&mut scheme.tableau.matrix.row(i).iter(), &ks)?;
        ks.push(if kept.contains(&i) {
            residuals.next().unwrap().forward_t(&y, true)?
        } else {
            x.zeros_like()?
        });
    }
    sum(&mut scheme.tableau.weights[0].values.iter(), &ks)
}

macro_rules! declare {
    ($(($name:ident, $type:ident)),*) => {
        $(ho_block!($name);)*

        fn stages(name: &str) -> usize {
            $(if name == stringify!($name) { return $type::<()>::STAGES; })*
            panic!("no scheme {name}")
        }

        fn block(name: &str, residuals: &[Residual], shared: bool) -> Box<dyn ModuleT> {
            $(if name == stringify!($name) {
                let block = if shared {
                    $type::shared(residuals[0].clone())
                } else {
                    $type::build(|i| Ok(residuals[i].clone())).unwrap()
                };
                return Box::new(block);
            })*
            panic!("no scheme {name}")
        }
    };
}
for_each_scheme!(declare);

fn loss(y: &Tensor) -> Result<Tensor> {
    (y * irregular(3, WIDTH, 99, y.dtype())?)?.sum_all()
}

struct Case {
    x: Var,
    residuals: Vec<Residual>,
}

/// The divisor for the weights of residual functions, so that row sums in the thousands saturate no `tanh`.
fn damping(name: &str) -> f64 {
    let rows = scheme(name).tableau.matrix.row_iter();
    let sums = rows.map(|row| row.iter().map(|a| a.to_f64().abs()).sum::<f64>());
    (sums.fold(0.0, f64::max) / 1000.0).max(1.0)
}

impl Case {
    fn new(name: &str, shared: bool, dtype: DType) -> Result<Self> {
        let x = Var::from_tensor(&irregular(3, WIDTH, 0, dtype)?)?;
        let own = if shared { 1 } else { stages(name) };
        let damping = damping(name);
        let weights = (0..own).map(|i| {
            let weight = (irregular(WIDTH, WIDTH, i + 1, DType::F64)? / damping)?;
            Ok(Residual(Var::from_tensor(&weight.to_dtype(dtype)?)?))
        });
        let mut residuals = weights.collect::<Result<Vec<_>>>()?;
        residuals.resize(stages(name), residuals[0].clone());
        Ok(Self { x, residuals })
    }

    /// The same numbers in `f64`.
    fn wide(&self, name: &str, shared: bool) -> Result<Self> {
        let wide = Self::new(name, shared, DType::F64)?;
        for (variable, narrow) in wide.variables().zip(self.variables()) {
            variable.set(&narrow.to_dtype(DType::F64)?)?;
        }
        Ok(wide)
    }

    /// Gradients through the generated block.
    fn fused(&self, name: &str, shared: bool) -> Result<Gradients> {
        let y = block(name, &self.residuals, shared).forward_t(&self.x, true)?;
        self.gradients(&loss(&y)?)
    }

    /// Gradients through the chain of candle's own operations.
    fn plain(&self, name: &str) -> Result<Gradients> {
        self.gradients(&loss(&chain(name, &self.residuals, 1.0, &self.x)?)?)
    }

    /// In the order of the variables, in `f64`.
    fn gradients(&self, loss: &Tensor) -> Result<Gradients> {
        let store = loss.backward()?;
        let all = self.variables().map(|variable| {
            let gradient = store.get(variable).expect("a gradient");
            gradient.to_dtype(DType::F64)
        });
        all.collect()
    }

    fn variables(&self) -> impl Iterator<Item = &Var> {
        std::iter::once(&self.x).chain(self.residuals.iter().map(|residual| &residual.0))
    }
}

fn norm(x: &Tensor) -> Result<f64> {
    x.to_dtype(DType::F64)?
        .sqr()?
        .sum_all()?
        .sqrt()?
        .to_scalar()
}

type Gradients = Vec<Tensor>;

/// The largest difference of two sets of gradients, relative to the norms.
fn difference(found: &Gradients, expected: &Gradients) -> Result<f64> {
    let mut largest = 0.0_f64;
    for (a, b) in found.iter().zip(expected) {
        largest = largest.max(norm(&(a - b)?)? / norm(b)?);
    }
    Ok(largest)
}

#[test]
fn gradients_are_those_of_the_chain() -> Result<()> {
    for bundled in library::all() {
        for shared in [false, true] {
            let name = bundled.name;
            let case = Case::new(name, shared, DType::F64)?;
            let found = difference(&case.fused(name, shared)?, &case.plain(name)?)?;
            println!("{name}, shared {shared}: {found:.1e}");
            assert!(found <= 1e-11, "{name}, shared {shared}: {found:e}");
        }
    }
    Ok(())
}

/// In `f32`, they agree to 1e-6. Where large coefficients cancel, rounding alone exceeds this; there, the block is as close
/// as the chain to the gradients of the same numbers in `f64`.
#[test]
fn gradients_in_f32_are_those_of_the_chain_or_as_near_to_those_in_f64() -> Result<()> {
    for bundled in library::all() {
        for shared in [false, true] {
            let name = bundled.name;
            let case = Case::new(name, shared, DType::F32)?;
            let (fused, plain) = (case.fused(name, shared)?, case.plain(name)?);
            let found = difference(&fused, &plain)?;
            if found <= 1e-6 {
                continue;
            }
            let exact = case.wide(name, shared)?.plain(name)?;
            let (ours, theirs) = (difference(&fused, &exact)?, difference(&plain, &exact)?);
            println!("{name}, shared {shared}: {found:.1e}; fused {ours:.1e}, chain {theirs:.1e}");
            assert!(
                ours <= 4.0 * theirs,
                "{name}, shared {shared}: {ours:e} for {theirs:e}"
            );
        }
    }
    Ok(())
}

#[test]
fn gradients_are_finite_differences_in_f64() -> Result<()> {
    // The five-point formula has a truncation error of order 4 in the step, a rounding error of order −1: here about equal.
    let step = 6e-5;
    let mut largest = 0.0_f64;
    for bundled in library::all() {
        for shared in [false, true] {
            let case = Case::new(bundled.name, shared, DType::F64)?;
            let run =
                || loss(&block(bundled.name, &case.residuals, shared).forward_t(&case.x, true)?);
            let gradients = run()?.backward()?;
            let unique = if shared { 2 } else { 1 + case.residuals.len() };
            for (seed, variable) in case.variables().take(unique).enumerate() {
                let origin = variable.as_tensor().copy()?;
                let (rows, columns) = origin.dims2()?;
                let direction = irregular(rows, columns, 200 + seed, DType::F64)?;
                let mut expected = 0.0;
                for (weight, at) in [(1.0, -2.0), (-8.0, -1.0), (8.0, 1.0), (-1.0, 2.0)] {
                    variable.set(&(&origin + (&direction * (at * step))?)?)?;
                    expected += weight * run()?.to_scalar::<f64>()? / (12.0 * step);
                }
                variable.set(&origin)?;
                let gradient = gradients.get(variable).expect("a gradient");
                let found = (gradient * &direction)?.sum_all()?.to_scalar::<f64>()?;
                let scale = norm(gradient)? * norm(&direction)?;
                let error = (found - expected).abs() / scale;
                largest = largest.max(error);
                assert!(
                    error < 1e-7,
                    "{}, shared {shared}, variable {seed}: {error:e}",
                    bundled.name
                );
            }
        }
    }
    println!("largest difference, relative to |gradient|·|direction|: {largest:.1e}");
    Ok(())
}

/// Candle walks its graphs by recursion: the stack that the documentation of `backward` names must do.
#[test]
fn long_chains_fit_on_the_stated_stack() {
    for (steps, megabytes) in [(2_000, 8), (10_000, 40)] {
        let chain = move || -> Result<f64> {
            let rate = Var::new(-1.0, &Device::Cpu)?;
            let tensor = rate.as_tensor().clone();
            let block = Rk4::shared(move |x: &Tensor| (x * &tensor)?.affine(1.0, 0.0));
            let mut x = Tensor::new(1.0, &Device::Cpu)?;
            for _ in 0..steps {
                x = block.step(1.0 / f64::from(steps), &x)?;
            }
            let gradients = backward(&x)?;
            gradients.get(&rate).expect("a gradient").to_scalar::<f64>()
        };
        let thread = std::thread::Builder::new().stack_size(megabytes << 20);
        let gradient = thread.spawn(chain).unwrap().join().unwrap().unwrap();
        // x(1) = e^r, so dx/dr = e^r at r = −1.
        assert!((gradient - (-1.0_f64).exp()).abs() < 1e-12, "{gradient}");
    }
}
