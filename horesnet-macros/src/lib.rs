//! The doorway to the compiler: `ho_block!` reads a tableau and expands to its block.
//!
//! Users call these macros through `horesnet`, which passes its own path as the first tokens.

mod block;
mod guess;
mod input;
mod kernels;
mod schemes;
mod source;

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

/// Expands to the kernels of combinations on GPUs; for the runtime.
#[doc(hidden)]
#[proc_macro]
pub fn kernels(input: TokenStream) -> TokenStream {
    kernels::expand(input.into()).into()
}

/// Expands to the threads of a block of these kernels; for the runtime.
#[doc(hidden)]
#[proc_macro]
pub fn threads(_: TokenStream) -> TokenStream {
    kernels::threads().into()
}
