//! Tableaux that were published wrong are refused, and the message names the place and the tree.
//!
//! The files in `refused/` are as published: the HO-ResNet code (zlannnn/HO-ResNet, HO-ResNet.py), DiffEqDevTools.jl
//! pull request 23, and netket issue 1056.

use horesnet_compiler::compile;

fn message(name: &str) -> String {
    let path = format!("{}/tests/refused/{name}.tab", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let problems = compile(&text).expect_err("a wrong tableau compiles");
    let file = format!("{name}.tab");
    problems
        .iter()
        .map(|problem| problem.render(&file, &text))
        .collect::<Vec<_>>()
        .join("\n\n")
}

#[test]
fn a_wrong_weight() {
    insta::assert_snapshot!(message("ho_resnet_huta6"), @"");
}

#[test]
fn a_weight_on_the_wrong_stage() {
    insta::assert_snapshot!(message("ho_resnet_kutta_nystrom5"), @"");
}

#[test]
fn nodes_that_are_never_reached() {
    insta::assert_snapshot!(message("ho_resnet_rk2"), @"");
}

#[test]
fn decimals_that_pass_for_the_exact_value() {
    insta::assert_snapshot!(message("ho_resnet_gill4"), @"");
}

#[test]
fn several_wrong_coefficients() {
    insta::assert_snapshot!(message("ho_resnet_verner8"), @"");
}

#[test]
fn a_wrong_embedded_weight() {
    insta::assert_snapshot!(message("diffeqdevtools_cash_karp5"), @"");
}

#[test]
fn a_stage_that_uses_itself() {
    insta::assert_snapshot!(message("netket_rk4"), @"");
}
