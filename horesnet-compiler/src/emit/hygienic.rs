//! Tokens whose local names are the macro's own: nothing in scope where the macro is called can be in their way.

use proc_macro2::{Ident, Span};

/// [`quote::quote!`] with hygiene for local variables, as that of `macro_rules!`.
macro_rules! hygienic {
    ($($tokens:tt)*) => {
        quote::quote_spanned! { proc_macro2::Span::mixed_site() => $($tokens)* }
    };
}
pub(super) use hygienic;

/// A local variable.
pub(super) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
