//! Snapshots of the kernels of two schemes, for a reviewer to read.

use horesnet_compiler::emit::ptx::{Element, Kernel};
use horesnet_compiler::{compile, library};

fn kernels(name: &str, element: Element) -> String {
    let bundled = library::find(name).expect(name);
    let scheme = compile(bundled.text).expect(name);
    let kernels = Kernel::of_plan(&scheme.plan, element);
    let texts: Vec<String> = kernels.into_iter().map(|kernel| kernel.text).collect();
    texts.join("\n")
}

#[test]
fn of_rk4_and_verner8() {
    for (name, element) in [
        ("rk4", Element::F32),
        ("rk4", Element::BF16),
        ("verner8", Element::F32),
    ] {
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{name}_ptx_{}", element.name()), kernels(name, element));
        });
    }
}
