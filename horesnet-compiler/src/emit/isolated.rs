//! Hygiene: nothing in scope where `ho_block!` is called can change the meaning of the generated code.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// Puts a public type into a module of its own, and imports it with a visibility.
///
/// A module sees no items of the modules around it. Hygienic identifiers would not be enough: a constant `x` turns the
/// pattern of `let x = …` into a comparison, and a type `f64` shadows the primitive one.
#[must_use]
pub fn isolated(visibility: &TokenStream, name: &Ident, code: &TokenStream) -> TokenStream {
    let module = format_ident!("__horesnet_{name}");
    quote! {
        #[allow(non_snake_case)]
        mod #module {
            #code
        }
        #[allow(unused_imports)]
        #visibility use #module::#name;
    }
}

/// The types that generated code names without a path.
const TAKEN: [&str; 5] = ["bool", "f64", "str", "u8", "usize"];

/// Checks that a generated type can have this name.
///
/// # Errors
/// A message for names that the generated code uses itself.
pub fn check_name(name: &Ident) -> Result<(), String> {
    if name == "F" {
        return Err("`F` is the type of the residual functions; choose another name".to_owned());
    }
    if TAKEN.iter().any(|taken| name == taken) {
        return Err(format!("`{name}` is a primitive type; choose another name"));
    }
    Ok(())
}
