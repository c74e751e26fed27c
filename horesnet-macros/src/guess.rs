//! What type was meant by input that cannot be read: so that its users are not told of a missing type as well.

use horesnet_compiler::emit::{self, Target};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

/// The parts that could be recognised.
#[derive(Default)]
pub(crate) struct Guess {
    root: TokenStream,
    name: Option<Ident>,
}

impl From<TokenStream> for Guess {
    fn from(tokens: TokenStream) -> Self {
        let mut guess = Self::default();
        let (mut declared, mut first) = (false, None);
        for (at, token) in tokens.into_iter().enumerate() {
            match token {
                TokenTree::Group(root) if at == 0 => guess.root = root.stream(),
                TokenTree::Ident(word) if word == "struct" => declared = true,
                TokenTree::Ident(word) if declared => {
                    guess.name = Some(word);
                    return guess;
                }
                TokenTree::Ident(word) if word != "pub" && word != "bundled" => {
                    first = first.or(Some(word.to_string()));
                }
                TokenTree::Literal(path) => {
                    let stem = path
                        .to_string()
                        .trim_matches('"')
                        .trim_end_matches(".tab")
                        .to_owned();
                    first = first.or(stem.rsplit('/').next().map(str::to_owned));
                }
                _ => {}
            }
        }
        let name = first.and_then(|stem| emit::type_name(&stem));
        guess.name = name.map(|name| Ident::new(&name, Span::call_site()));
        guess
    }
}

impl Guess {
    /// A stand-in for the type, if it has a name.
    pub(crate) fn target(self) -> Option<Target> {
        let visibility = quote!(pub);
        Some(Target {
            visibility,
            name: self.name?,
            root: self.root,
            origin: String::new(),
        })
    }
}
