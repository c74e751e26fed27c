//! Blocks of families: parameters fixed at compile time, chosen at run time, and learned.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{VarBuilder, VarMap};
use horesnet::{Block, Coefficients, Learned, TableauBlock, backward, ho_block};

ho_block!(two_stage2);
ho_block!(struct Heun = two_stage2, alpha = 1);
ho_block!(struct Midpoint = two_stage2, alpha = 1/2, coefficients = learned(2));
ho_block!(struct Learning = two_stage2, coefficients = learned(params));
ho_block!(kutta4);
ho_block!(struct Kutta = kutta4, c2 = 1/3);
ho_block!(struct Classic = kutta4_ending);
ho_block!(struct LearningKutta = kutta4, coefficients = learned(params));
ho_block!(struct Ees = ees25, coefficients = decaying(1/2));

/// `x′ = sin x + x²/2` by candle's ops.
fn f(x: &Tensor) -> Result<Tensor> {
    x.sin()? + (x.sqr()? * 0.5)?
}

fn x() -> Tensor {
    Tensor::new(&[[0.3, -1.2], [0.8, 0.1]], &Device::Cpu).unwrap()
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn close(found: &[f64], expected: &[f64], bound: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let scale = expected.abs().max(1.0);
        assert!(
            (found - expected).abs() < bound * scale,
            "{found} is not {expected}"
        );
    }
}

fn variables() -> VarMap {
    VarMap::new()
}

fn builder(variables: &VarMap) -> VarBuilder<'_> {
    VarBuilder::from_varmap(variables, DType::F64, &Device::Cpu)
}

/// A step of order 2 by candle's ops, from the definition.
fn two_stages(alpha: f64, h: f64) -> Vec<f64> {
    let x = x();
    let k1 = f(&x).unwrap();
    let k2 = f(&(&x + (&k1 * (h * alpha)).unwrap()).unwrap()).unwrap();
    let weight = 0.5 / alpha;
    let sum = ((k1 * (h * (1.0 - weight))).unwrap() + (k2 * (h * weight)).unwrap()).unwrap();
    numbers(&(x + sum).unwrap())
}

#[test]
fn values_are_fixed_at_compile_time() -> Result<()> {
    assert_eq!(Heun::<()>::B, [0.5, 0.5]);
    // A member may lack what others need.
    assert_eq!((Midpoint::<()>::STAGES, Midpoint::<()>::B), (2, [0.0, 1.0]));
    assert!(Heun::<()>::TABLEAU.parameters().is_empty());
    close(
        &numbers(&Heun::shared(f).step(0.25, &x())?),
        &two_stages(1.0, 0.25),
        1e-15,
    );
    // One of two parameters stays free.
    let free = Kutta::<()>::TABLEAU.parameters();
    assert_eq!(
        free.iter()
            .map(horesnet::family::Parameter::name)
            .collect::<Vec<_>>(),
        ["c3"]
    );
    assert_eq!((Kutta::<()>::ORDER, Kutta::<()>::C[1]), (4, 1.0 / 3.0));
    let three_eighths = Kutta::<()>::TABLEAU.at(&[2.0 / 3.0])?;
    close(
        &[1, 2, 3, 4].map(|i| three_eighths.b(i)),
        &[0.125, 0.375, 0.375, 0.125],
        1e-14,
    );
    Ok(())
}

#[test]
fn members_are_chosen_at_run_time() -> Result<()> {
    for alpha in [0.5, 0.75, 1.0, 2.0 / 3.0] {
        let block = TwoStage2::shared(f).at([alpha])?;
        close(
            &numbers(&block.step(0.25, &x())?),
            &two_stages(alpha, 0.25),
            1e-15,
        );
        assert_eq!(block.tableau().a(2, 1), alpha);
        // The interpreted block has the bits of the generated one, with and without coefficients that are zero.
        let member = TableauBlock::shared(TwoStage2::<()>::TABLEAU.at(&[alpha])?, f);
        assert_eq!(
            numbers(&member.step_t(&0.25, &x(), false)?),
            numbers(&block.step(0.25, &x())?)
        );
    }
    // Other coefficients go with any member.
    let block = Ees::shared(f).at([0.2])?.at_depth(1);
    let member = Ees::<()>::TABLEAU.at(&[0.2])?;
    let expected = TableauBlock::shared(member, f).with_coefficients(0.5);
    assert_eq!(
        numbers(&block.increment(&x())?),
        numbers(&expected.increment_t(&0.5, &x(), false)?)
    );
    Ok(())
}

#[test]
fn values_outside_the_intervals_are_refused() {
    for alpha in [0.0, -1.0, 1.5, f64::NAN, f64::INFINITY] {
        let error = TwoStage2::<()>::TABLEAU
            .at(&[alpha])
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("expected alpha of "), "{error}");
    }
    let tableau = TwoStage2::<()>::TABLEAU;
    for (values, problem) in [(&[][..], "expected 1 values"), (&[0.5, 0.5], "found 2")] {
        assert!(
            tableau
                .at(values)
                .unwrap_err()
                .to_string()
                .contains(problem)
        );
    }
    let member = tableau.at(&[0.5]).unwrap();
    assert!(
        member
            .at(&[0.5])
            .unwrap_err()
            .to_string()
            .contains("has no parameters")
    );
    let variables = variables();
    assert!(Learned::params(member, builder(&variables)).is_err());
}

/// The order of a step from its errors at `y′ = y·(2 − y)`, whose solution is known.
fn order(step: impl Fn(f64, &Tensor) -> Result<Tensor>) -> f64 {
    let exact = |t: f64| {
        let e = (-2.0 * t).exp();
        2.0 / (1.0 + 3.0 * e)
    };
    let error = |steps: u32| {
        let h = 1.0 / f64::from(steps);
        let start = Tensor::new(&[0.5], &Device::Cpu).unwrap();
        let end = (0..steps).fold(start, |y, _| step(h, &y).unwrap());
        (numbers(&end)[0] - exact(1.0)).abs()
    };
    (error(20) / error(40)).log2()
}

fn logistic(y: &Tensor) -> Result<Tensor> {
    y * (2.0 - y)?
}

#[test]
fn members_have_the_order_of_their_family() -> Result<()> {
    for alpha in [0.3, 0.5, 0.9] {
        let block = TwoStage2::shared(logistic).at([alpha])?;
        let found = order(|h, y| block.step(h, y));
        assert!((found - 2.0).abs() < 0.2, "{found}");
    }
    for c in [[0.3, 0.7], [0.4, 0.6], [0.25, 0.72]] {
        let block = Kutta4::shared(logistic).at(c)?;
        let found = order(|h, y| block.step(h, y));
        assert!((found - 4.0).abs() < 0.35, "{c:?}: {found}");
    }
    let found = order(|h, y| Classic::shared(logistic).step(h, y));
    assert!((found - 4.0).abs() < 0.35, "{found}");
    Ok(())
}

/// Sets the variable of learned parameters.
fn set(variables: &VarMap, values: &[f64]) {
    let data = variables.data().lock().unwrap();
    let var = &data["parameters"];
    var.set(&Tensor::new(values, &Device::Cpu).unwrap())
        .unwrap();
}

#[test]
fn learned_parameters_start_at_the_default_and_stay_in_the_interval() -> Result<()> {
    let variables = variables();
    let block = Learning::shared(f, builder(&variables))?;
    let fixed = TwoStage2::shared(f);
    assert_eq!(
        numbers(&block.increment(&x())?),
        numbers(&fixed.increment(&x())?)
    );
    assert_eq!(
        block.coefficients().values()?,
        [("alpha".to_owned(), 2.0 / 3.0)]
    );
    for t in [-50.0, -3.0, 0.5, 4.0, 1e3] {
        set(&variables, &[t]);
        let alpha = block.coefficients().values()?[0].1;
        assert!(
            alpha > 0.0 && alpha <= 1.0 && (alpha > 2.0 / 3.0) == (t > 0.0),
            "{alpha}"
        );
        if t < -10.0 {
            // The weights have up to 20 digits, and cancel.
            continue;
        }
        let member = TwoStage2::shared(f).at([alpha])?;
        close(
            &numbers(&block.increment(&x())?),
            &numbers(&member.increment(&x())?),
            1e-12,
        );
    }
    Ok(())
}

#[test]
fn every_step_of_learned_parameters_has_the_order_of_the_family() -> Result<()> {
    let variables = variables();
    let block = LearningKutta::shared(logistic, builder(&variables))?;
    for t in [[0.0, 0.0], [0.4, -0.3], [-0.5, 0.2]] {
        set(&variables, &t);
        let found = order(|h, y| {
            let coefficients = block.coefficients().clone();
            // A step of size h with the learned member.
            let values: Vec<_> = coefficients.values()?.into_iter().map(|(_, v)| v).collect();
            Kutta4::shared(logistic)
                .at([values[0], values[1]])?
                .step(h, y)
        });
        assert!((found - 4.0).abs() < 0.35, "{t:?}: {found}");
    }
    Ok(())
}

#[test]
fn gradients_are_those_of_differences_and_of_candle() -> Result<()> {
    let (one, two) = (variables(), variables());
    let learning = Learning::shared(f, builder(&one))?;
    let kutta = LearningKutta::shared(f, builder(&two))?;
    let blocks: [(&dyn Block, &VarMap, &[&[f64]]); 2] = [
        // At alpha = 1/2 one weight is zero, and its gradient is not.
        (
            &learning,
            &one,
            &[&[0.0], &[0.7], &[-std::f64::consts::LN_2]],
        ),
        (&kutta, &two, &[&[0.0, 0.0], &[0.3, -0.2]]),
    ];
    for (block, variables, points) in blocks {
        for point in points {
            let loss = |point: &[f64]| -> Result<Tensor> {
                set(variables, point);
                block
                    .increment_t(block.coefficients(), &x(), true)?
                    .sqr()?
                    .sum_all()
            };
            let var = variables.data().lock().unwrap()["parameters"].clone();
            let (ours, candles) = {
                let loss = loss(point)?;
                let gradients = (backward(&loss)?, loss.backward()?);
                let of = |gradients: &candle_core::backprop::GradStore| {
                    numbers(gradients.get(&var).unwrap())
                };
                (of(&gradients.0), of(&gradients.1))
            };
            close(&ours, &candles, 1e-14);
            for at in 0..point.len() {
                let moved = |by: f64| -> Result<f64> {
                    let mut moved = point.to_vec();
                    moved[at] += by;
                    loss(&moved)?.to_scalar()
                };
                let difference = (moved(1e-5)? - moved(-1e-5)?) / 2e-5;
                close(&[ours[at]], &[difference], 1e-8);
            }
        }
    }
    Ok(())
}

#[test]
fn gradients_are_those_of_a_chain_of_candle_ops() -> Result<()> {
    let variables = variables();
    let block = Learning::shared(f, builder(&variables))?;
    for t in [0.0, 0.8, -1.1] {
        set(&variables, &[t]);
        let var = variables.data().lock().unwrap()["parameters"].clone();
        let loss = block.increment(&x())?.sqr()?.sum_all()?;
        let ours = numbers(backward(&loss)?.get(&var).unwrap());
        // alpha = s/(s + (1 − s)·e^(−t)) with s = 2/3, all in candle's ops.
        let e = var.as_tensor().neg()?.exp()?;
        let alpha = (2.0 / 3.0 / ((e / 3.0)? + 2.0 / 3.0)?)?;
        let k1 = f(&x())?;
        let k2 = f(&(x() + k1.broadcast_mul(&alpha)?)?)?;
        let weight = (0.5 / alpha)?;
        let sum = (k1.broadcast_mul(&(1.0 - &weight)?)? + k2.broadcast_mul(&weight)?)?;
        let chain = sum.sqr()?.sum_all()?.backward()?;
        close(&ours, &numbers(chain.get(&var).unwrap()), 1e-12);
    }
    Ok(())
}
