//! Procedural macros: `ho_block!` reads a tableau, calls the compiler and expands to a block.
//!
//! Users call these macros through `horesnet`, which passes its own path as the first tokens.

mod args;
mod block;
mod fallback;
mod kernels;
mod locate;
mod schemes;

use proc_macro::TokenStream;

/// Expands to the block of a scheme; documented where `horesnet` exports it.
#[proc_macro]
pub fn ho_block(input: TokenStream) -> TokenStream {
    block::expand(input.into()).into()
}

/// Calls a macro with the names of all bundled schemes; documented where `horesnet` exports it.
#[proc_macro]
pub fn for_each_scheme(input: TokenStream) -> TokenStream {
    schemes::expand(input.into()).into()
}

/// Expands to the GPU kernels of combinations; for the runtime.
#[doc(hidden)]
#[proc_macro]
pub fn kernels(input: TokenStream) -> TokenStream {
    kernels::expand(input.into()).into()
}

/// Expands to the number of threads in a block of these kernels; for the runtime.
#[doc(hidden)]
#[proc_macro]
pub fn threads(_: TokenStream) -> TokenStream {
    kernels::threads().into()
}
