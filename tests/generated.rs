//! The generated code of every bundled scheme, for a reviewer to read.

use horesnet_compiler::emit::{self, Target};
use horesnet_compiler::{Coefficients, compile, library};
use proc_macro2::{Ident, Span};
use quote::quote;

fn generated(name: &str, coefficients: Coefficients) -> String {
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

#[test]
fn every_bundled_scheme() {
    for bundled in library::all() {
        insta::with_settings!({ description => bundled.path(), prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(bundled.name, generated(bundled.name, Coefficients::default()));
        });
    }
}

#[test]
fn decaying_coefficients_add_a_depth() {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("midpoint_decaying", generated("midpoint", Coefficients::Decaying { rate: 0.9, initial: 1.0 }));
    });
}

#[test]
fn the_same_on_every_run() {
    assert_eq!(
        generated("verner8", Coefficients::default()),
        generated("verner8", Coefficients::default())
    );
}
