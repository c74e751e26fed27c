//! Input that the macro refuses: each refusal is the only error that the user sees.

use std::path::Path;

use crate::project::Project;

/// One case per line; the function after them uses the types as if nothing were wrong.
const LIB: &str = r#"use horesnet::ho_block;
ho_block!(struct Missing = "schemes/missing.tab");
ho_block!(struct Folder = "schemes");
ho_block!(struct Absolute = "/etc/passwd");
ho_block!(struct Empty = "schemes/empty.tab");
ho_block!(struct Binary = "schemes/binary.tab");
ho_block!(struct Huge = "schemes/huge.tab");
ho_block!(struct Shapes = "schemes/shapes.tab");
ho_block!(struct Values = "schemes/values.tab");
ho_block!(struct Implicit = "schemes/implicit.tab");
ho_block!(struct ByOne = "schemes/by_one.tab");
ho_block!(struct Swapped = "schemes/swapped.tab");
ho_block!(struct Inconsistent = "schemes/inconsistent.tab");
ho_block!(rk5);
ho_block!(euler);
ho_block!("schemes/4.tab");
ho_block!("schemes/self.tab");
ho_block!(struct F = rk4);
ho_block!(struct f64 = rk4);
ho_block!(rk4, coefficients = learning(1.0));
ho_block!(struct A = rk4, coefficients = fixed(x));
ho_block!(struct B = rk4, size = 3);
ho_block!(struct C = rk4 midpoint);
ho_block!(struct D);
ho_block!();
ho_block!(struct G = rk4, coefficients = adaptive(0.01));
ho_block!(struct H = rk6, coefficients = learned(all));
ho_block!(struct I = rk4, coefficients = );
ho_block!(RK45);

pub fn used() -> horesnet::Result<horesnet::Tensor> {
    let f = |x: &horesnet::Tensor| x.neg();
    let x = horesnet::Tensor::new(1.0_f64, &horesnet::candle_core::Device::Cpu)?;
    ByOne::new([f, f]).step(1.0, &x)?;
    Swapped::shared(f).step_with_error(1.0, &x)?;
    Missing::build(|_| Ok(f))?.at_depth(3).increment(&x)?;
    let _ = (Implicit::<()>::STAGES, Shapes::<()>::A[1][0], Values::<()>::NAME, A::<()>::C[0], B::<()>::ORDER);
    let _ = (Rk4::new([f, f, f, f]), C::shared(f), D::shared(f).with_initial(0.5), ByOne::<()>::B_ESTIMATE[3]);
    let vb = horesnet::candle_nn::VarBuilder::zeros(horesnet::candle_core::DType::F32, x.device());
    let _ = (G::shared(f).coefficients().last(), H::build(|_| Ok(f), vb)?.coefficients());
    horesnet::ModuleT::forward_t(&Rk5::shared(Empty::shared(f)), &x, true)
}
"#;

/// The published wrong tableaux, whose whole messages the compiler's own tests show.
#[test]
fn the_published_wrong_tableaux_do_not_compile() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("horesnet-compiler/tests/refused");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| {
            Some(
                entry
                    .unwrap()
                    .file_name()
                    .to_str()?
                    .strip_suffix(".tab")?
                    .to_owned(),
            )
        })
        .collect();
    names.sort();
    assert_eq!(names.len(), 7);
    let blocks: Vec<_> = names
        .iter()
        .map(|name| format!("horesnet::ho_block!(\"schemes/{name}.tab\");"))
        .collect();
    let project = Project::new(
        "published",
        "horesnet",
        &[("src/lib.rs", &blocks.join("\n"))],
    );
    for name in &names {
        let text = std::fs::read_to_string(folder.join(format!("{name}.tab"))).unwrap();
        project.write(&format!("schemes/{name}.tab"), text);
    }
    let errors = project.errors();
    let lines: Vec<_> = errors.iter().map(|error| error.line).collect();
    assert_eq!(lines, [1, 2, 3, 4, 5, 6, 7], "one error for each");
    for (name, error) in names.iter().zip(&errors) {
        let message = &error.message;
        assert!(
            message.contains("is false: ") && message.contains("the first condition that fails"),
            "{message}"
        );
        assert!(
            message.contains(&format!("--> schemes/{name}.tab:")),
            "{message}"
        );
    }
}

#[test]
fn each_refusal_is_one_error_with_its_place_and_help() {
    let project = Project::new("refused", "horesnet", &[("src/lib.rs", LIB)]);
    for (name, text) in [
        ("empty", ""),
        (
            "shapes",
            "0 |\n1/2 | 1/2 0\n1 | 0\n---\norder 2 | 0 1\n| 1 0 0 0\n",
        ),
        (
            "values",
            "let r = sqrt(-1)\n0 |\n1/2 | 1/0\n1 | r q\n---\norder 2 | 0 1 0\n",
        ),
        ("implicit", "1/2 | 1/2\n---\norder 2 | 1\n"),
        ("by_one", "0 |\n1/2 | 1/2\n---\norder 3 | 0 1\n"),
        (
            "swapped",
            "0 |\n1 | 1\n---\norder 2 | 1 0\norder 1 | 1/2 1/2\n",
        ),
        ("inconsistent", "0 |\n---\n| 1/2\n"),
        ("self", "0 |\n---\norder 1 | 1\n"),
        ("4", "0 |\n---\norder 1 | 1\n"),
    ] {
        project.write(&format!("schemes/{name}.tab"), text);
    }
    project.write("schemes/binary.tab", [0x30, 0xff, 0x00, 0x7c]);
    project.write("schemes/huge.tab", "#".repeat((1 << 20) + 1));
    project.write("tableaux/euler.tab", "0 |\n---\norder 1 | 1\n");
    let errors = project.errors();
    let shown: Vec<_> = errors
        .iter()
        .map(|error| format!("line {}: {}", error.line, error.message))
        .collect();
    let shown = shown.join("\n\n");
    assert!(
        !shown.contains(&project.folder().display().to_string()),
        "no absolute path is shown"
    );
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("refusals", shown);
    });
}
