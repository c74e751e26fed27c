//! Expands to the GPU kernels of combinations, as constants of the runtime.

use horesnet_compiler::emit::ptx::{self, Element, Kernel};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use syn::Token;
use syn::parse::Parser;
use syn::punctuated::Punctuated;

/// Expands `kernels!(Type, f32)` to an array of `Type { entry, module, text, elements }`, one for each number of operands.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let parse = Punctuated::<Ident, Token![,]>::parse_terminated;
    let names = match parse.parse2(input) {
        Ok(names) => names,
        Err(error) => return error.into_compile_error(),
    };
    let mut names = names.into_iter();
    let (Some(kind), Some(name)) = (names.next(), names.next()) else {
        return quote!(::core::compile_error!(
            "expected a struct and an element type"
        ));
    };
    let element: Element = match name.to_string().parse() {
        Ok(element) => element,
        Err(message) => return quote!(::core::compile_error!(#message)),
    };
    let kernels = Kernel::all(element).map(|kernel| {
        let (entry, module, text) = (&kernel.entry, &kernel.module, &kernel.text);
        let elements = Literal::usize_unsuffixed(ptx::THREADS * element.lanes());
        quote!(#kind { entry: #entry, module: #module, text: #text, elements: #elements })
    });
    quote!([#(#kernels),*])
}

/// Expands `threads!()` to the number of threads in a block.
pub(crate) fn threads() -> TokenStream {
    let threads = Literal::usize_unsuffixed(ptx::THREADS);
    quote!(#threads)
}
