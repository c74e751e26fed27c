//! Reversible sequences: their order, inverse, gradients and refusals (McCallum and Foster, arXiv 2410.11648).

use std::sync::Arc;

use candle_core::{DType, Device, Result, Tensor, Var};
use horesnet::{Block, Reversed, ReversibleStep, backward, ho_block, reversible};

ho_block!(dopri5);
ho_block!(euler);
ho_block!(midpoint);
ho_block!(rk4);

/// A pendulum with friction: `x″ = −sin x − 0.1x′`.
fn pendulum(x: &Tensor) -> Result<Tensor> {
    let (angle, speed) = (x.narrow(0, 0, 1)?, x.narrow(0, 1, 1)?);
    Tensor::cat(&[&speed, &(angle.sin()?.neg()? - (&speed * 0.1)?)?], 0)
}

fn step<B: Block + Send + Sync + 'static>(make: impl Fn() -> B, h: f64) -> ReversibleStep {
    let (forward, backward) = (make(), make());
    ReversibleStep {
        forward: Arc::new(move |x| forward.increment_t(&h, x, true)),
        backward: Arc::new(move |x| backward.increment_t(&Reversed(&h), x, true)),
    }
}

fn start() -> Result<Tensor> {
    Tensor::new(&[1.2, -0.3], &Device::Cpu)
}

fn distance(a: &Tensor, b: &Tensor) -> Result<f64> {
    (a - b)?.abs()?.max_all()?.to_scalar()
}

/// The error at time 2 halves as often as the order says when the steps are halved.
#[test]
fn the_order_is_that_of_the_scheme() -> Result<()> {
    fn error<B: Block + Send + Sync + 'static>(
        make: impl Fn() -> B + Copy,
        lambda: f64,
        steps: usize,
    ) -> Result<f64> {
        let reference = vec![step(|| Dopri5::shared(pendulum), 2.0 / 400.0); 400];
        let exact = reversible(&reference, 1.0, &start()?)?;
        let own = vec![step(make, 2.0 / steps as f64); steps];
        distance(&reversible(&own, lambda, &start()?)?, &exact)
    }
    for lambda in [1.0, 0.99, 0.9] {
        let ratio = |coarse: Result<f64>, fine: Result<f64>| -> Result<f64> {
            Ok((coarse? / fine?).log2())
        };
        let euler = || Euler::shared(pendulum);
        let midpoint = || Midpoint::shared(pendulum);
        let rk4 = || Rk4::shared(pendulum);
        for (order, found) in [
            (
                1.0,
                ratio(error(euler, lambda, 80), error(euler, lambda, 160))?,
            ),
            (
                2.0,
                ratio(error(midpoint, lambda, 40), error(midpoint, lambda, 80))?,
            ),
            (4.0, ratio(error(rk4, lambda, 20), error(rk4, lambda, 40))?),
        ] {
            assert!(found > order - 0.25, "order {order}, λ = {lambda}: {found}");
        }
    }
    Ok(())
}

/// Over 64 steps in `f64`: 1e-16 for λ = 1, and about 9e-16 for λ = 0.99.
#[test]
fn the_inverse_undoes_steps_up_to_rounding() -> Result<()> {
    for (lambda, bound) in [(1.0, 3e-16), (0.99, 2e-15), (0.9, 1e-12)] {
        let step = step(|| Rk4::shared(pendulum), 1.0 / 64.0);
        let (mut y, mut z) = (start()?, start()?);
        for _ in 0..64 {
            [y, z] = step.step(lambda, [&y, &z])?;
        }
        for _ in 0..64 {
            [y, z] = step.inverse(lambda, [&y, &z])?;
        }
        let error = distance(&y, &start()?)?.max(distance(&z, &start()?)?);
        println!("λ = {lambda}: {error:e}");
        assert!(error <= bound, "λ = {lambda}: {error:e}");
    }
    Ok(())
}

/// Weights `[4, 4]` of each of `count` residual functions `tanh(xW)`.
fn weights(count: usize) -> Result<Vec<Var>> {
    let entry = |at: usize| ((at + 1) as f64 * 12.9898).sin() * 0.4;
    (0..count)
        .map(|index| {
            let entries: Vec<f64> = (16 * index..16 * index + 16).map(entry).collect();
            Var::from_tensor(&Tensor::from_vec(entries, (4, 4), &Device::Cpu)?)
        })
        .collect()
}

/// A step of each pair of weights: a block of the midpoint method.
fn network(weights: &[Var], h: f64) -> Vec<ReversibleStep> {
    let pairs = weights.chunks_exact(2);
    pairs
        .map(|pair| {
            let pair = [pair[0].as_tensor().clone(), pair[1].as_tensor().clone()];
            step(
                move || Midpoint::new(pair.clone().map(|w| move |x: &Tensor| x.matmul(&w)?.tanh())),
                h,
            )
        })
        .collect()
}

/// The sequence with its graph, in candle's own sums.
fn stored(steps: &[ReversibleStep], lambda: f64, x: &Tensor) -> Result<Tensor> {
    let (mut y, mut z) = (x.clone(), x.clone());
    for step in steps {
        [y, z] = step.step(lambda, [&y, &z])?;
    }
    Ok(y)
}

/// The states of the inverse are off by `N ≤ 8u·S·(ρᴸ − 1)/(ρ − 1)`, `ρ = (1 + K)(1 + 2K)/λ`, with the sizes `S` of states and
/// the Lipschitz constant `K` of increments; a gradient is a product of Jacobians there (docs/networks.md).
#[test]
fn gradients_are_those_of_the_stored_sequence() -> Result<()> {
    let (blocks, h) = (12, 0.25);
    let weights = weights(2 * blocks)?;
    let x = Var::from_tensor(
        &Tensor::arange(0.0, 12.0, &Device::Cpu)?
            .reshape((3, 4))?
            .sin()?,
    )?;
    let steps = network(&weights, h);
    for lambda in [1.0, 0.99, 0.9] {
        let loss = |y: Tensor| y.sqr()?.sum_all();
        let own = reversible(&steps, lambda, &x)?;
        let plain = stored(&steps, lambda, &x)?;
        assert!(distance(&own, &plain)? <= 1e-14);
        let (own, plain) = (backward(&loss(own)?)?, backward(&loss(plain)?)?);
        // ‖W‖ ≤ 1.6 in the maximum norm; the midpoint method's increment is h·F₂(x + h/2·F₁(x)).
        let lipschitz = h * 1.6 * (1.0 + h / 2.0 * 1.6);
        let growth: f64 = (1.0 + lipschitz) * (1.0 + 2.0 * lipschitz) / lambda;
        let states = 8.0 * f64::EPSILON * 4.0 * (growth.powi(blocks as i32) - 1.0) / (growth - 1.0);
        let mut moved = 0.0_f64;
        for var in weights.iter().chain([&x]) {
            let (own, plain) = (own.get(var).unwrap(), plain.get(var).unwrap());
            let size = plain.abs()?.max_all()?.to_scalar::<f64>()?;
            let apart = distance(own, plain)? / size;
            moved = moved.max(apart);
            assert!(apart <= states, "λ = {lambda}: {apart:e} > {states:e}");
        }
        println!("λ = {lambda}: {moved:e} of {states:e}");
    }
    Ok(())
}

#[test]
fn gradients_are_finite_differences() -> Result<()> {
    let weights = weights(6)?;
    let steps = network(&weights, 0.5);
    let x = Tensor::arange(0.0, 8.0, &Device::Cpu)?
        .reshape((2, 4))?
        .cos()?;
    let loss = || reversible(&steps, 0.9, &x)?.sqr()?.sum_all();
    let gradients = backward(&loss()?)?;
    for var in &weights {
        let gradient = gradients
            .get(var)
            .unwrap()
            .flatten_all()?
            .to_vec1::<f64>()?;
        let before = var.as_detached_tensor().copy()?;
        let mut entries = before.flatten_all()?.to_vec1::<f64>()?;
        for at in [0, 7] {
            let moved = |by: f64| -> Result<f64> {
                let mut entries = entries.clone();
                entries[at] += by;
                var.set(&Tensor::from_vec(entries, (4, 4), &Device::Cpu)?)?;
                loss()?.to_scalar()
            };
            let difference = (moved(1e-5)? - moved(-1e-5)?) / 2e-5;
            assert!((difference - gradient[at]).abs() < 1e-8 * (1.0 + difference.abs()));
        }
        entries.clear();
        var.set(&before)?;
    }
    Ok(())
}

/// One step is the block itself.
#[test]
fn a_sequence_of_one_step_is_a_step() -> Result<()> {
    let block = || Rk4::shared(pendulum);
    let own = reversible(&[step(block, 0.3)], 0.7, &start()?)?;
    assert!(distance(&own, &block().step(0.3, &start()?)?)? < 1e-15);
    assert_eq!(distance(&reversible(&[], 0.7, &start()?)?, &start()?)?, 0.0);
    Ok(())
}

#[test]
fn what_cannot_be_reversed_is_refused() -> Result<()> {
    let message = |result: Result<Tensor>| result.unwrap_err().to_string();
    for lambda in [0.0, -0.5, 1.01, f64::NAN, f64::INFINITY] {
        let found = message(reversible(
            &[step(|| Rk4::shared(pendulum), 0.1)],
            lambda,
            &start()?,
        ));
        assert!(
            found.starts_with("expected a λ above 0 and at most 1"),
            "{found}"
        );
    }
    // 0.5^(−50)·ε is 0.25, and 2⁻²⁴ in place of 2⁻⁵³ has no digits left.
    let x = Var::from_tensor(&start()?.to_dtype(DType::F32)?)?;
    let steps = vec![step(|| Rk4::shared(pendulum), 0.1); 50];
    let error = backward(&reversible(&steps, 0.5, &x)?.sum_all()?).unwrap_err();
    assert!(
        error.to_string().contains("rounding errors have grown"),
        "{error}"
    );
    // Candle's own backward pass has no place for the gradients of variables inside.
    let y = reversible(&[step(|| Rk4::shared(pendulum), 0.1)], 0.99, &x)?;
    assert!(y.sum_all()?.backward().is_err());
    Ok(())
}
