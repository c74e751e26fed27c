//! The kernels of combinations on GPUs, as constants of the runtime.

use horesnet_compiler::emit::ptx::{self, Element, Kernel};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use syn::Token;
use syn::parse::Parser;
use syn::punctuated::Punctuated;

/// `kernels!(Type, f32)`: an array of `Type { entry, module, text, elements }`, of one operand, two, and so on.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let parse = Punctuated::<Ident, Token![,]>::parse_terminated;
    let names = match parse.parse2(input) {
        Ok(names) => names,
        Err(error) => return error.into_compile_error(),
    };
    let mut names = names.into_iter();
    let (Some(kind), Some(name)) = (names.next(), names.next()) else {
        return quote!(::core::compile_error!(
            "expected a struct and a type of elements"
        ));
    };
    let element: Element = match name.to_string().parse() {
        Ok(element) => element,
        Err(message) => return quote!(::core::compile_error!(#message)),
    };
    let kernels = Kernel::all(element).map(|kernel| {
        let Kernel {
            entry,
            module,
            text,
            ..
        } = kernel;
        let elements = Literal::usize_unsuffixed(ptx::THREADS * element.lanes());
        quote!(#kind { entry: #entry, module: #module, text: #text, elements: #elements })
    });
    quote!([#(#kernels),*])
}

/// `threads!()`: the threads of a block.
pub(crate) fn threads() -> TokenStream {
    let threads = Literal::usize_unsuffixed(ptx::THREADS);
    quote!(#threads)
}
