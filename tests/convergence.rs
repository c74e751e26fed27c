//! Every generated block, as an integrator of a nonlinear system, converges with the order its file claims.

use candle_core::{Device, Result, Tensor};
use horesnet::{Block, for_each_scheme, ho_block};

/// Rounding of some tens of steps, a hundred times over: errors below it say nothing about the order.
const ROUNDING: f64 = 4e-14;

/// Time integrated over, about a third of a period.
const SPAN: f64 = 2.0;

/// Volterra's equations of predator and prey, `u′ = u − uv`, `v′ = uv − v`.
fn predator_prey(x: &Tensor) -> Result<Tensor> {
    let (u, v) = (x.narrow(0, 0, 1)?, x.narrow(0, 1, 1)?);
    let uv = (&u * &v)?;
    Tensor::cat(&[(&u - &uv)?, (&uv - &v)?], 0)
}

fn integrate(block: &dyn Block, steps: usize) -> Result<Vec<f64>> {
    let mut x = Tensor::new(&[1.5_f64, 0.8], &Device::Cpu)?;
    for _ in 0..steps {
        x = block.step_t(SPAN / steps as f64, &x, false)?;
    }
    x.to_vec1()
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).powi(2))
        .sum::<f64>()
        .sqrt()
}

/// The slope of the error over the step size, from the last halving that stays well above rounding.
///
/// The finer of two numbers of steps is twice the coarser; both lie as far in the asymptotic range as `f64` allows.
fn observed_order(block: &dyn Block, exact: &[f64]) -> Result<(f64, usize)> {
    let mut observed = (f64::NAN, 0);
    for steps in [4, 8, 16, 32, 64, 128, 256] {
        let coarse = distance(&integrate(block, steps)?, exact);
        let fine = distance(&integrate(block, 2 * steps)?, exact);
        if fine < ROUNDING {
            break;
        }
        observed = ((coarse / fine).log2(), steps);
    }
    Ok(observed)
}

macro_rules! declare {
    ($(($name:ident, $type:ident)),*) => {
        $(ho_block!($name);)*

        fn blocks() -> Vec<(&'static str, Box<dyn Block>)> {
            vec![$((stringify!($name), Box::new($type::shared(predator_prey)))),*]
        }
    };
}
for_each_scheme!(declare);

#[test]
fn generated_blocks_converge_with_the_order_their_files_claim() -> Result<()> {
    // The order of the reference is one of those under test; a mistake in it would show in all the others.
    let exact = integrate(&CooperVerner8::shared(predator_prey), 400)?;
    let blocks = blocks();
    assert!(blocks.len() >= 17);
    for (name, block) in blocks {
        let (observed, steps) = observed_order(block.as_ref(), &exact)?;
        println!(
            "{name}: order {}, observed {observed:.3} from {steps} to {} steps",
            block.order(),
            2 * steps
        );
        assert!(
            (observed - block.order() as f64).abs() <= 0.15,
            "{name} has order {}, observed {observed}",
            block.order()
        );
    }
    Ok(())
}
