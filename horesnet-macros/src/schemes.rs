//! `for_each_scheme!`: calls a macro with the list of bundled schemes.

use horesnet_compiler::{emit, library};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let Some(TokenTree::Ident(callback)) = input.into_iter().next() else {
        return quote!(::core::compile_error!("expected the name of a macro: `for_each_scheme!(callback)`"););
    };
    let schemes = library::all().iter().filter_map(|scheme| {
        let name = Ident::new(scheme.name, Span::call_site());
        let type_name = Ident::new(&emit::type_name(scheme.name)?, Span::call_site());
        Some(quote!((#name, #type_name)))
    });
    quote!(#callback! { #(#schemes),* })
}
