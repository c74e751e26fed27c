//! Every generated block, as an integrator of a nonlinear system, has exactly the order its file claims.
//!
//! The order is observed in power series of the step size, where it shows in the coefficients, and as the slope of the error
//! of a long run.

use candle_core::{Device, Result, Tensor};
use horesnet::{Adaptive, Block, for_each_scheme, ho_block};
use horesnet_compiler::{compile, library};

/// A residual function; one type for all of this file, so that each block is compiled once.
type Field = fn(&Tensor) -> Result<Tensor>;

macro_rules! declare {
    ($(($name:ident, $type:ident)),*) => {
        $(ho_block!($name);)*

        fn blocks(field: Field) -> Vec<(&'static str, Box<dyn Block>)> {
            vec![$((stringify!($name), Box::new($type::shared(field)))),*]
        }
    };
}
for_each_scheme!(declare);

/// The power series `exp(v)` of a power series `v`, from `e′ = v′·e`.
fn exponential(v: &[f64]) -> Vec<f64> {
    let mut e = vec![v[0].exp()];
    for k in 1..v.len() {
        let sum: f64 = (1..=k).map(|j| j as f64 * v[j] * e[k - j]).sum();
        e.push(sum / k as f64);
    }
    e
}

/// `u′ = exp(v − u/3)`, `v′ = −exp(u/2 + v/4)`: all derivatives in all directions differ from zero, and with them the
/// elementary differentials of all trees.
fn field(u: &[f64], v: &[f64]) -> [Vec<f64>; 2] {
    let mix =
        |a: f64, b: f64| -> Vec<f64> { u.iter().zip(v).map(|(u, v)| a * u + b * v).collect() };
    let fall = exponential(&mix(0.5, 0.25));
    [
        exponential(&mix(-1.0 / 3.0, 1.0)),
        fall.into_iter().map(|e| -e).collect(),
    ]
}

/// The field for a state whose rows are power series in the step size `h`: `h` times the field, truncated like the state.
/// A step of size 1 with it is a step of size `h` in power series.
fn field_of_series(x: &Tensor) -> Result<Tensor> {
    let rows = x.to_vec2::<f64>()?;
    let times_h = |mut series: Vec<f64>| {
        series.rotate_right(1);
        series[0] = 0.0;
        series
    };
    let [u, v] = field(&rows[0], &rows[1]).map(times_h);
    Tensor::new(vec![u, v], &Device::Cpu)
}

/// The solution as power series up to `h^degree`, coefficient by coefficient.
fn solution(start: [f64; 2], degree: usize) -> [Vec<f64>; 2] {
    let mut series = start.map(|x| vec![x]);
    for k in 0..degree {
        let slopes = field(&series[0], &series[1]);
        for (series, slope) in series.iter_mut().zip(slopes) {
            series.push(slope[k] / (k + 1) as f64);
        }
    }
    series
}

/// A scheme has order `p` if a step from the solution stays on it up to `h^p`, but not up to `h^(p+1)`. This needs no small
/// step size, and rounding affects all coefficients alike, so order 14 shows as clearly as order 1.
#[test]
fn steps_of_generated_blocks_are_right_up_to_the_order_and_not_beyond() -> Result<()> {
    const START: [f64; 2] = [0.3, -0.2];
    for (name, block) in blocks(field_of_series) {
        let order = block.order();
        let exact = solution(START, order + 1);
        let start = START.map(|x| {
            let mut series = vec![0.0; order + 2];
            series[0] = x;
            series
        });
        let step = block.step_t(&1.0, &Tensor::new(start.to_vec(), &Device::Cpu)?, false)?;
        let step = step.to_vec2::<f64>()?;
        // The error of each coefficient, relative to the larger of the two components'.
        let error = |k: usize| {
            let size = exact[0][k].abs().max(exact[1][k].abs());
            (0..2)
                .map(|i| (step[i][k] - exact[i][k]).abs() / size)
                .fold(0.0, f64::max)
        };
        let within = (0..=order).map(error).fold(0.0, f64::max);
        let beyond = error(order + 1);
        println!("{name}: order {order}, {within:.0e} up to it, {beyond:.0e} beyond");
        // Weights of ±176 leave an error of 1e-10 here; the smallest beyond the order is 1e-5.
        assert!(within < 1e-9, "{name}: {within:e} within order {order}");
        assert!(beyond > 1e-6, "{name}: {beyond:e} beyond order {order}");
    }
    Ok(())
}

/// A few hundred times the rounding error of some tens of steps: errors below it say nothing about the order.
const ROUNDING: f64 = 1e-13;

/// Time integrated over, about a third of a period.
const SPAN: f64 = 2.0;

/// Schemes whose errors reach the rounding of `f64` before the leading term dominates, because the next terms are large in
/// comparison. They appear to converge faster or slower than their order; the power series above decide it.
const LATE: [&str; 22] = [
    "baker10",
    "bogacki_shampine5",
    "cooper_verner8_second",
    "curtis10",
    "curtis10_8",
    "dop853",
    "dopri8",
    "enright_verner7",
    "feagin10",
    "feagin12",
    "feagin14",
    "prince8",
    "tsitouras9",
    "tsitouras_lane_emden5",
    "tsitouras_papakostas6",
    "verner6",
    "verner7",
    "verner87",
    "verner_efficient6",
    "verner_efficient7",
    "verner_efficient9",
    "verner_robust9",
];

/// Volterra's equations of predator and prey, `u′ = u − uv`, `v′ = uv − v`.
fn predator_prey(x: &Tensor) -> Result<Tensor> {
    let (u, v) = (x.narrow(0, 0, 1)?, x.narrow(0, 1, 1)?);
    let uv = (&u * &v)?;
    Tensor::cat(&[(&u - &uv)?, (&uv - &v)?], 0)
}

fn integrate(block: &dyn Block, steps: usize) -> Result<Vec<f64>> {
    let mut x = Tensor::new(&[1.5_f64, 0.8], &Device::Cpu)?;
    for _ in 0..steps {
        x = block.step_t(&(SPAN / steps as f64), &x, false)?;
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

/// The error floor of a run with this scheme: rounding, amplified where the weights cancel, and the rounding of the file's
/// coefficients.
fn noise(name: &str) -> f64 {
    let tableau = compile(library::find(name).unwrap().text).unwrap().tableau;
    let weights = tableau.weights[0].values.iter();
    let sum: f64 = weights.map(|b| b.to_f64().abs()).sum();
    let eps = tableau.rounded.map_or(0.0, |eps| eps.to_f64());
    (ROUNDING * sum).max(10.0 * eps)
}

/// The slope of the error over the step size between the two largest numbers of steps whose errors stay above the noise.
fn observed_order(block: &dyn Block, exact: &[f64], noise: f64) -> Result<(f64, usize)> {
    let mut observed = (f64::NAN, 0);
    let mut coarse: Option<(usize, f64)> = None;
    for steps in [4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512] {
        let error = distance(&integrate(block, steps)?, exact);
        if error < noise {
            break;
        }
        if let Some((before, larger)) = coarse {
            let slope = (larger / error).ln() / (steps as f64 / before as f64).ln();
            observed = (slope, steps);
        }
        coarse = Some((steps, error));
    }
    Ok(observed)
}

#[test]
fn generated_blocks_converge_with_the_order_their_files_claim() -> Result<()> {
    // The order of the reference is one of those under test; a mistake in it would show in all the others.
    let exact = integrate(&CooperVerner8::shared(predator_prey as Field), 400)?;
    let blocks = blocks(predator_prey);
    assert!(blocks.len() >= 70);
    assert!(
        LATE.iter()
            .all(|late| blocks.iter().any(|(name, _)| name == late))
    );
    for (name, block) in blocks {
        let order = block.order();
        let (observed, steps) = observed_order(block.as_ref(), &exact, noise(name))?;
        println!("{name}: order {order}, observed {observed:.3} up to {steps} steps");
        let near = (observed - order as f64).abs() <= 0.15;
        assert!(
            near || LATE.contains(&name),
            "{name} has order {order}, observed {observed}"
        );
    }
    Ok(())
}

/// Within the tolerance, every block equals the block with a fixed step; blocks without an error estimate are refused.
#[test]
fn blocks_with_embedded_weights_adapt_and_others_say_that_they_cannot() -> Result<()> {
    let x = Tensor::new(&[1.5_f64, 0.8], &Device::Cpu)?;
    let mut adapted = 0;
    for (name, block) in blocks(predator_prey) {
        let (loose, tight) = (Adaptive::new(1e9), Adaptive::new(1e-300));
        if block.embedded_order().is_none() {
            let error = block.step_t(&loose, &x, false).unwrap_err().to_string();
            assert!(error.contains("dopri5"), "{name}: {error}");
            continue;
        }
        let whole = block.step_t(&1.0, &x, false)?.to_vec1::<f64>()?;
        let same = block.step_t(&loose, &x, false)?.to_vec1::<f64>()?;
        assert_eq!(same, whole, "{name}");
        let least = block.step_t(&tight, &x, false)?.to_vec1::<f64>()?;
        for ((least, whole), x) in least.iter().zip(whole).zip([1.5, 0.8]) {
            assert!((least - (x + 0.2 * (whole - x))).abs() < 1e-12, "{name}");
        }
        adapted += 1;
    }
    assert!(adapted >= 30, "{adapted}");
    Ok(())
}
