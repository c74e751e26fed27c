//! `horesnet expand` with every kind of coefficients.

use std::process::{Command, Output};

fn expand(scheme: &str, coefficients: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_horesnet"));
    command.args(["expand", scheme, "--coefficients", coefficients]);
    command.output().unwrap()
}

#[test]
fn every_kind_of_coefficients_shows_in_the_code() {
    for (coefficients, code) in [
        ("fixed(1/2)", "pub const H: f64 = 0.5;"),
        (
            "decaying(0.9, 2)",
            "::horesnet::Decaying::new(0.9).with_initial(2.0)",
        ),
        ("decaying(0.9, epochs)", "clock: &::horesnet::Clock"),
        ("learned(0.5)", "::horesnet::Learned::new(0.5, vb)?"),
        (
            "learned(all)",
            "::horesnet::Learned::all(Self::TABLEAU, vb)?",
        ),
        ("learned(all, projected)", ".projected()"),
        ("adaptive(0.001)", "::horesnet::Adaptive::new(0.001)"),
        ("adaptive(0.001, batch)", ".per_batch()"),
    ] {
        let output = expand("heun2", coefficients);
        let shown = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{coefficients}");
        assert!(shown.contains(code), "{coefficients}: {shown}");
    }
}

#[test]
fn what_is_refused_says_what_there_is() {
    for (scheme, coefficients, expected) in [
        ("rk4", "adaptive(0.001)", "RK4 has none"),
        ("rk4", "learned(some)", "`some` is not a number"),
        ("rk4", "learnt", "`learned(all, projected)`"),
    ] {
        let output = expand(scheme, coefficients);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn names_that_the_code_uses_itself_are_refused() {
    for (name, expected) in [
        (
            "F",
            "error: `F` is the type of the residual functions; choose another name",
        ),
        (
            "f64",
            "error: `f64` is a primitive type; choose another name",
        ),
        ("Self", "error: `Self` is not the name of a type"),
        ("fn", "error: `fn` is not the name of a type"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_horesnet"));
        command.args(["expand", "rk4", "--name", name]);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert_eq!(said.trim_end(), expected);
    }
}

#[test]
fn kernels_of_a_scheme_are_shown_on_request() {
    let shown = |element: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_horesnet"));
        command.args(["expand", "rk4", "--ptx", element]);
        command.output().unwrap()
    };
    let kernels = String::from_utf8(shown("bf16").stdout).unwrap();
    for part in [
        ".target sm_70",
        ".entry combination_bf16_2(",
        ".entry combination_bf16_5(",
    ] {
        assert!(kernels.contains(part), "{kernels}");
    }
    let refused = shown("f8");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("f32, f64, bf16 or f16"), "{said}");
}
