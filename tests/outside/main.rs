//! `horesnet` as its users build it: from crates outside the workspace, in debug builds, by path.
//!
//! Each test writes a crate, and all share one target directory, so that candle is built once for them.

mod project;
mod refusals;

use project::Project;

/// Every lint a careful crate turns on; the generated code must pass them all.
const LIB: &str = r#"
//! A crate outside the workspace, which calls the dependency by another name.
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, unused_qualifications)]
#![deny(clippy::all, clippy::pedantic)]
#![forbid(unsafe_code)]

use runge::{ModuleT, Result, Tensor, ho_block};

ho_block!(rk4);
ho_block!(struct Mine = "schemes/mine.tab");
ho_block!("schemes/mine_again.tab");
ho_block!(pub(crate) struct Verner = verner8, coefficients = decaying(0.9));
ho_block!(pub struct HalfStep = bundled::gill4, coefficients = fixed(1/2));
ho_block!(pub struct Trained = rk4, coefficients = learned);
ho_block!(struct EachTrained = midpoint, coefficients = learned(all, projected));
ho_block!(struct Shrinking = heun2, coefficients = adaptive(1/1000, batch));
ho_block!(struct Waning = euler, coefficients = decaying(1/2, epochs));
mod hidden {
    runge::ho_block!(dopri5);
}
use hidden::Dopri5;

/// Defines items of its own under the names that the generated code uses.
pub mod crowded {
    #![allow(missing_docs, non_camel_case_types, non_upper_case_globals, dead_code, missing_debug_implementations)]
    pub fn drop(_: u8) {}
    pub fn combine() {}
    pub fn x() {}
    pub fn h() {}
    pub fn k1() {}
    pub struct Ok;
    pub struct Result;
    pub struct Tensor;
    pub trait Clone {}
    pub trait FnMut {}
    pub mod core {}
    pub mod horesnet {}
    runge::ho_block!(fehlberg45, coefficients = decaying(0.9, 1/2));
}

/// Constants, statics, structs and types that shadow patterns and primitive types.
pub mod shadowed {
    #![allow(missing_docs, non_camel_case_types, non_upper_case_globals, dead_code, missing_debug_implementations)]
    pub const x: i8 = 0;
    pub const h: i8 = 0;
    pub const f: i8 = 0;
    pub const k1: i8 = 0;
    pub const output: i8 = 0;
    pub const depth: i8 = 0;
    pub const initial: i8 = 0;
    pub const vb: i8 = 0;
    pub static k2: i8 = 0;
    pub static train: i8 = 0;
    pub static clock: i8 = 0;
    pub struct make;
    pub struct stages;
    pub struct coefficients;
    pub type f64 = ();
    pub type u8 = ();
    pub type usize = ();
    pub type bool = ();
    pub type str = ();
    runge::ho_block!(pub struct Tracked = "schemes/mine.tab");
    runge::ho_block!(pub struct Pair = dopri5);
    runge::ho_block!(pub struct Deep = euler, coefficients = decaying(0.9));
    runge::ho_block!(pub(super) struct Timed = euler, coefficients = decaying(0.9, epochs));
    runge::ho_block!(pub(in crate::shadowed) struct Free = midpoint, coefficients = learned(all));
    runge::ho_block!(struct Careful = heun2, coefficients = adaptive(0.1));
}

/// The residual function of a decay.
fn decay(x: &Tensor) -> Result<Tensor> {
    x.neg()
}

/// Steps of several blocks from 1.
///
/// # Errors
/// Errors of candle.
pub fn steps() -> Result<Vec<f64>> {
    let x = Tensor::new(1.0_f64, &runge::candle_core::Device::Cpu)?;
    let vb = runge::candle_nn::VarBuilder::zeros(runge::candle_core::DType::F64, x.device());
    let clock = runge::Clock::default();
    ho_block!(struct Local = midpoint);
    clock.set(2.0);
    let values = [
        Rk4::new([decay; 4]).step(0.1, &x)?,
        Mine::shared(decay).step(0.1, &x)?,
        MineAgain::build(|_| Ok(decay))?.step(0.1, &x)?,
        Verner::shared(decay).at_depth(2).forward_t(&x, false)?,
        HalfStep::shared(decay).forward_t(&x, false)?,
        Dopri5::shared(decay).step_with_error(0.1, &x)?.1,
        Trained::new([decay; 4], vb.clone())?.increment(&x)?,
        EachTrained::build(|_| Ok(decay), vb)?.forward_t(&x, true)?,
        Shrinking::shared(decay).forward_t(&x, true)?,
        Waning::shared(decay, &clock).forward_t(&x, true)?,
        Local::shared(decay).step(0.1, &x)?,
        // Euler outside changes nothing: the inner block contributes its increment.
        Mine::shared(Rk4::shared(decay)).increment(&x)?,
    ];
    values.iter().map(Tensor::to_scalar).collect()
}

/// Facts that need no residual function.
pub const FACTS: (&str, usize, usize, f64) = (Rk4::<()>::NAME, Rk4::<()>::ORDER, Verner::<()>::STAGES, HalfStep::<()>::H);
"#;

const RUN: &str = r#"
//! Compares the steps with what they approximate.

#[test]
fn steps_are_those_of_the_schemes() {
    let steps = outside::steps().unwrap();
    let exact = (-0.1_f64).exp();
    assert!((steps[0] - exact).abs() < 1e-7);
    // The file holds the midpoint method.
    assert!((steps[1] - (1.0 - 0.1 + 0.005)).abs() < 1e-15);
    assert!((steps[2] - steps[1]).abs() < 1e-15);
    assert!((steps[3] - (-0.81_f64).exp()).abs() < 1e-6);
    assert!((steps[4] - (-0.5_f64).exp()).abs() < 1e-3);
    assert!(steps[5].abs() < 1e-6 && steps[5] != 0.0);
    // With a builder of zeros, the step size is zero, and the coefficients are those of the tableau.
    assert_eq!((steps[6], steps[7]), (0.0, 0.5));
    // The estimate is half the difference of the slopes, 1/2, relative to 2: 1/4, so large that the factor is the smallest.
    assert!((steps[8] - (1.0 - 0.2 * 0.5)).abs() < 1e-15);
    assert_eq!(steps[9], 0.75);
    assert_eq!(steps[10], steps[1]);
    assert!(steps[11] < 0.0);
    assert_eq!(outside::FACTS, ("RK4", 4, 14, 0.5));
}
"#;

const MIDPOINT: &str = "0   |\n1/2 | 1/2\n----+-----\norder 2 | 0 1\n";

#[test]
fn a_careful_crate_uses_every_form_of_the_macro() {
    let project = Project::new(
        "outside",
        "runge",
        &[("src/lib.rs", LIB), ("tests/run.rs", RUN)],
    );
    project.write("schemes/mine.tab", MIDPOINT);
    project.write("schemes/mine_again.tab", MIDPOINT);
    project.expect_success(&["test", "--tests"]);
    project.expect_success(&["clippy"]);
}

#[test]
fn editing_a_tableau_rebuilds_the_crate() {
    let lib = "//! One block.\nhoresnet::ho_block!(pub struct Mine = \"schemes/mine.tab\");\n";
    let project = Project::new("edited", "horesnet", &[("src/lib.rs", lib)]);
    project.write("schemes/mine.tab", MIDPOINT);
    project.expect_success(&["check"]);
    assert!(project.is_fresh(), "nothing changed");

    project.write("schemes/mine.tab", MIDPOINT.replace("| 0 1", "| 1 0"));
    let errors = project.errors();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(
        errors[0]
            .message
            .starts_with("`order 2` is false: these weights have order 1"),
        "{errors:?}"
    );

    project.write(
        "schemes/mine.tab",
        MIDPOINT.replace("1/2", "2/3").replace("| 0 1", "| 1/4 3/4"),
    );
    project.expect_success(&["check"]);
}
