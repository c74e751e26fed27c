//! The generated code of bundled schemes: snapshots of some for a reviewer to read, and checks of all.

use horesnet_compiler::emit::{self, Target};
use horesnet_compiler::number::Number;
use horesnet_compiler::{CoefficientSpec, compile, library};
use proc_macro2::{Ident, Span};
use quote::quote;

fn generated(name: &str, coefficients: CoefficientSpec) -> String {
    let bundled = library::find(name).unwrap();
    let scheme = compile(bundled.text).unwrap();
    let target = Target {
        visibility: quote!(pub),
        name: Ident::new(&emit::type_name(name).unwrap(), Span::call_site()),
        root: quote!(::horesnet),
        origin: bundled.path(),
    };
    let tokens = emit::block(&scheme, &target, coefficients);
    prettyplease::unparse(&syn::parse2(tokens).expect("a file of Rust"))
}

/// One of each kind: few stages and many, pairs, roots, rounded coefficients, unused stages.
const SHOWN: [&str; 14] = [
    "berland4",
    "bogacki_shampine3",
    "bogacki_shampine5",
    "cooper_verner8",
    "dopri5",
    "euler",
    "fehlberg45",
    "gill4",
    "heun2",
    "midpoint",
    "rk4",
    "ssprk104",
    "tsitouras5",
    "verner8",
];

#[test]
fn some_of_each_kind() {
    for name in SHOWN {
        let description = library::find(name).unwrap().path();
        insta::with_settings!({ description => description, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, generated(name, CoefficientSpec::default()));
        });
    }
}

/// The code is formatted as by `prettyplease`, and has each coefficient and each stage of the plan exactly once.
#[test]
fn code_of_every_bundled_scheme() {
    for bundled in library::all() {
        let name = bundled.name;
        let code = generated(name, CoefficientSpec::default());
        let again = prettyplease::unparse(&syn::parse_file(&code).unwrap());
        assert_eq!(code, again, "{name}");

        let scheme = compile(bundled.text).unwrap();
        let run = code.split("fn run(").nth(1).unwrap();
        let run = run.split("impl<F").next().unwrap();
        let matrix =
            |i: usize, j: usize| run.matches(&format!("h.a({}, {})", i + 1, j + 1)).count();
        let stages: Vec<usize> = scheme
            .plan
            .stages
            .iter()
            .map(|stage| stage.number - 1)
            .collect();
        for (row, &i) in stages.iter().enumerate() {
            for (column, &j) in stages.iter().enumerate() {
                let used = usize::from(scheme.tableau.matrix[(i, j)] != Number::from(0));
                assert_eq!(matrix(row, column), used, "{name}, row {i}, column {j}");
            }
            let used = usize::from(scheme.tableau.weights[0].values[i] != Number::from(0));
            assert_eq!(
                run.matches(&format!("h.b({})", row + 1)).count(),
                used,
                "{name}, weight {i}"
            );
            let calls = run.matches(&format!("let k{} = ", row + 1)).count();
            assert_eq!(calls, 1, "{name}, stage {i}");
        }
        assert_eq!(run.matches(".stage(").count(), stages.len(), "{name}");
    }
}

/// Kinds of coefficients differ in a field and the code that creates its value; the rest of the code is the same.
#[test]
fn each_kind_of_coefficients() {
    for (name, scheme, text) in [
        ("midpoint_decaying", "midpoint", "decaying(0.9)"),
        ("midpoint_annealed", "midpoint", "decaying(0.9, epochs)"),
        ("midpoint_learned", "midpoint", "learned"),
        ("midpoint_projected", "midpoint", "learned(all, projected)"),
        ("heun2_adaptive", "heun2", "adaptive(0.01, batch)"),
    ] {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, generated(scheme, text.parse().unwrap()));
        });
    }
}

#[test]
fn what_needs_an_estimate_is_refused_without_one() {
    let supports = |name: &str, coefficients: &str| {
        let scheme = compile(library::find(name).unwrap().text).unwrap();
        scheme.supports(&coefficients.parse().unwrap())
    };
    assert_eq!(supports("dopri5", "adaptive(0.01)"), Ok(()));
    assert_eq!(supports("rk4", "learned(all)"), Ok(()));
    let refusal = supports("rk4", "adaptive(0.01)").unwrap_err();
    assert!(
        refusal.starts_with("`adaptive(0.01)` needs embedded weights"),
        "{refusal}"
    );
    for named in ["heun2", "bogacki_shampine3", "dopri5", "verner8"] {
        assert!(refusal.contains(&format!("`{named}`")), "{refusal}");
        assert_eq!(supports(named, "adaptive(0.01)"), Ok(()));
    }
}

#[test]
fn the_same_on_every_run() {
    assert_eq!(
        generated("verner8", CoefficientSpec::default()),
        generated("verner8", CoefficientSpec::default())
    );
}
