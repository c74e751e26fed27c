//! Every bundled scheme as a tableau of one's own: outputs and gradients of its blocks are those of the generated block, bit for
//! bit, with each kind of coefficients.

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{VarBuilder, VarMap};
use horesnet::{Clock, backward};
use horesnet_train::schemes::{self, Scheme};
use horesnet_train::{BlockCoefficients, StageFunction};

use super::{bundled, own};

const KINDS: [&str; 8] = [
    "fixed(0.3)",
    "decaying(0.7)",
    "decaying(0.5, 0.8, epochs)",
    "learned(0.4)",
    "learned(all)",
    "learned(all, projected)",
    "adaptive(1e-3)",
    "adaptive(1e-3, batch)",
];

/// Numbers from -1 to 1 that repeat nothing.
fn numbers(count: usize, seed: usize) -> Result<Tensor> {
    let wave = |i: usize| ((i * i + 7 * i + 31 * seed) as f32 * 0.37).sin();
    Tensor::from_iter((0..count).map(wave), &Device::Cpu)?.reshape((2, count / 2))
}

fn function(weight: &Var) -> StageFunction {
    let weight = weight.as_tensor().clone();
    StageFunction::new(move |xs: &Tensor| (xs * &weight)?.sin())
}

fn bits(tensor: &Tensor) -> Result<Vec<u32>> {
    let values = tensor.flatten_all()?.to_vec1::<f32>()?;
    Ok(values.into_iter().map(f32::to_bits).collect())
}

/// The output, the increment, and the gradients of input, weights and coefficients of a block of `scheme`.
fn found(scheme: &Scheme, kind: BlockCoefficients, shared: bool) -> Result<Vec<Vec<u32>>> {
    let functions = if shared { 1 } else { scheme.stages };
    let weights = (0..functions).map(|i| Var::from_tensor(&numbers(12, i + 1)?));
    let weights = weights.collect::<Result<Vec<_>>>()?;
    let block = if shared {
        scheme.shared(function(&weights[0]))
    } else {
        scheme.build(|i| Ok(function(&weights[i])))?
    };
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
    let clock = Clock::default();
    clock.set(2.0);
    let h = kind.at_depth(2, scheme.tableau, &clock, vb)?;
    for learned in variables.all_vars() {
        learned.set(&(learned.as_tensor() + 0.01)?)?;
    }
    let x = Var::from_tensor(&numbers(12, 0)?)?;
    let ys = block.step_t(&*h, &x, true)?;
    let mut found = vec![bits(&ys)?, bits(&block.increment_t(&*h, &x, true)?)?];
    let gradients = backward(&ys.sqr()?.sum_all()?)?;
    for var in weights.iter().chain(&variables.all_vars()).chain([&x]) {
        let gradient = gradients.get(var);
        found.push(gradient.map_or(Ok(Vec::new()), bits)?);
    }
    Ok(found)
}

#[test]
fn blocks_of_every_bundled_scheme_are_those_of_its_text() -> Result<()> {
    let mut adaptive = 0;
    for scheme in schemes::all() {
        let interpreted = own(bundled(scheme.name)).find("own").unwrap();
        assert_eq!(interpreted.tableau, scheme.tableau, "{}", scheme.name);
        assert_eq!(interpreted.nodes, scheme.nodes, "{}", scheme.name);
        assert_eq!(
            (interpreted.order, interpreted.stages),
            (scheme.order, scheme.stages)
        );
        assert_eq!(interpreted.title, scheme.title);
        for kind in KINDS {
            let coefficients: BlockCoefficients = kind.parse().unwrap();
            let is_adaptive = kind.starts_with("adaptive");
            if is_adaptive && scheme.tableau.embedded_order().is_none() {
                continue;
            }
            adaptive += usize::from(is_adaptive);
            // Adaptive coefficients need one function for all stages.
            for shared in [true, false]
                .into_iter()
                .filter(|shared| *shared || !is_adaptive)
            {
                let [generated, own] =
                    [scheme, interpreted].map(|scheme| found(scheme, coefficients, shared));
                assert_eq!(generated?, own?, "{} {kind} {shared}", scheme.name);
            }
        }
    }
    assert!(adaptive > 50, "{adaptive}");
    Ok(())
}

/// As the residual function of another block, a block contributes its increment: nested either way round.
#[test]
fn nested_blocks_are_those_of_its_text() -> Result<()> {
    let x = numbers(12, 0)?;
    let weight = Var::from_tensor(&numbers(12, 1)?)?;
    let (heun, rk4) = (
        schemes::find("heun2").unwrap(),
        schemes::find("rk4").unwrap(),
    );
    let [own_heun, own_rk4] = ["heun2", "rk4"].map(|name| own(bundled(name)).find("own").unwrap());
    let nested = |outer: &Scheme, inner: &Scheme| {
        let inner = StageFunction::block(inner.shared(function(&weight)));
        bits(&outer.shared(inner).step_t(&0.5, &x, true)?)
    };
    let expected = nested(rk4, heun)?;
    for (outer, inner) in [(rk4, own_heun), (own_rk4, heun), (own_rk4, own_heun)] {
        assert_eq!(nested(outer, inner)?, expected);
    }
    Ok(())
}
