//! The procedural macros behind `horesnet`.
use proc_macro::TokenStream;

/// Not yet.
#[proc_macro]
pub fn ho_block(_input: TokenStream) -> TokenStream {
    TokenStream::new()
}

/// Not yet.
#[proc_macro]
pub fn for_each_scheme(_input: TokenStream) -> TokenStream {
    TokenStream::new()
}
