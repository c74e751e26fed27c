//! Names the type that invalid arguments were meant to define, so that its uses raise no second error.

use horesnet_compiler::emit::{self, Target};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

/// The type that these tokens of the wrapper were meant to define, if they name it.
pub(crate) fn target(tokens: TokenStream) -> Option<Target> {
    let mut root = TokenStream::new();
    let (mut declared, mut name, mut stem) = (false, None, None);
    for (at, token) in tokens.into_iter().enumerate() {
        match token {
            TokenTree::Group(path) if at == 0 => root = path.stream(),
            TokenTree::Ident(word) if word == "struct" => declared = true,
            TokenTree::Ident(word) if declared => {
                name = Some(word);
                break;
            }
            TokenTree::Ident(word) if word != "pub" && word != "bundled" => {
                stem = stem.or(Some(word.to_string()));
            }
            TokenTree::Literal(path) => {
                let path = path.to_string();
                let path = path.trim_matches('"').trim_end_matches(".tab");
                stem = stem.or(path.rsplit('/').next().map(str::to_owned));
            }
            _ => {}
        }
    }
    let derived = || Some(Ident::new(&emit::type_name(&stem?)?, Span::call_site()));
    Some(Target {
        visibility: quote!(pub),
        name: name.or_else(derived)?,
        root,
        origin: String::new(),
    })
}
