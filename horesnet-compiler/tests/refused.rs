//! Tableaux that were published wrong are refused, and the message names the place and the tree.
//!
//! The files in `refused/` are as published: the HO-ResNet code (zlannnn/HO-ResNet, HO-ResNet.py), DiffEqDevTools.jl
//! pull request 23, and netket issue 1056. The whole message of each stands beside it.

use std::path::Path;

use horesnet_compiler::compile;

/// What is wrong in each file, and what its message must therefore name.
const WRONG: [(&str, &str); 7] = [
    // The second stage is evaluated at a multiple of x, without k1: it sits at node 0.
    ("ho_resnet_rk2", "the tree [τ]"),
    // Five digits stand in for roots: the weights do not even sum to 1.
    ("ho_resnet_gill4", "the weights do not sum to 1"),
    // 125 k2 for 125 k3.
    ("ho_resnet_kutta_nystrom5", "the tree [τ]"),
    // 24 for 27 in a weight.
    ("ho_resnet_huta6", "the weights do not sum to 1"),
    // A sign, and three entries.
    ("ho_resnet_verner8", "the weights do not sum to 1"),
    // 18574 for 18575 in an embedded weight; the propagated row is right.
    ("diffeqdevtools_cash_karp5", ":12:1"),
    // 1 on the diagonal of the last stage.
    ("netket_rk4", "node 4 is 1, but its row sums to 2"),
];

#[test]
fn every_one_is_refused_with_its_place_or_tree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refused");
    for (name, named) in WRONG {
        let text = std::fs::read_to_string(folder.join(format!("{name}.tab"))).unwrap();
        let problems = compile(&text).expect_err("a wrong tableau compiles");
        let file = format!("{name}.tab");
        let messages: Vec<_> = problems
            .iter()
            .map(|problem| problem.render(&file, &text))
            .collect();
        let message = messages.join("\n\n");
        assert!(message.contains(named), "{message}");
        insta::with_settings!({ snapshot_path => "refused", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, message);
        });
    }
}
