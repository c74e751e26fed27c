//! Exact numbers as the nearest `f64` literals.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::number::Number;

pub(super) fn float(value: f64) -> TokenStream {
    // A negative literal is two tokens.
    let magnitude = Literal::f64_unsuffixed(value.abs());
    if value < 0.0 {
        quote!(-#magnitude)
    } else {
        quote!(#magnitude)
    }
}

pub(super) fn array<'a>(numbers: impl Iterator<Item = &'a Number>) -> TokenStream {
    let values = numbers.map(|number| float(number.to_f64()));
    quote!([#(#values),*])
}
