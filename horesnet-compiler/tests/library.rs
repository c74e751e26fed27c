//! Every bundled scheme is what its file claims, exactly.

use horesnet_compiler::{compile, library};

#[test]
fn every_bundled_scheme_compiles() {
    for scheme in library::all() {
        let compiled = compile(scheme.text).unwrap_or_else(|problems| {
            panic!(
                "{}",
                problems
                    .iter()
                    .map(|p| p.render(&scheme.path(), scheme.text))
                    .collect::<Vec<_>>()
                    .join("\n")
            )
        });
        assert!(compiled.verdict.row_sums, "{}", scheme.name);
    }
}
