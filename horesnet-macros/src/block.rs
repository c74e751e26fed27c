//! `ho_block!`: input, source, scheme, tokens; what is refused becomes errors and a stand-in type.

use horesnet_compiler::{compile, emit};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::input::Input;
use crate::source::{self, Missing};

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let input: Input = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let span = input.scheme.span();
    let Some((visibility, name)) = declaration(&input) else {
        let message = format!(
            "`{}` does not make the name of a type; write `struct Name = …`",
            input.scheme.stem()
        );
        return quote_spanned!(span => ::core::compile_error!(#message););
    };
    let (found, tracked) = match source::find(&input.scheme) {
        Ok(source) => (Ok(source.text), Some((source.origin, source.tracked))),
        Err(Missing { message, tracked }) => (Err(vec![message]), Some((String::new(), tracked))),
    };
    let (origin, tracked) = tracked.unwrap_or_default();
    let target = emit::Target {
        visibility,
        name,
        root: input.root,
        origin,
    };
    let scheme = found.and_then(|text| {
        compile(&text).map_err(|problems| {
            // The host compiler prints `error:` itself.
            let render = |problem: horesnet_compiler::diagnostic::Diagnostic| {
                problem.render(&target.origin, &text)
            };
            problems
                .into_iter()
                .map(render)
                .map(|message| message.trim_start_matches("error: ").to_owned())
                .collect()
        })
    });
    let code = match scheme {
        Ok(scheme) => emit::block(&scheme, &target, input.coefficients),
        Err(messages) => located(emit::refused(&target, &messages), span),
    };
    let tracking = tracked.map(|path| {
        let path = format!("/{path}");
        quote!(
            const _: &[u8] =
                ::core::include_bytes!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #path));
        )
    });
    quote!(#tracking #code)
}

fn declaration(input: &Input) -> Option<(TokenStream, Ident)> {
    if let Some((visibility, name)) = &input.declaration {
        return Some((visibility.to_token_stream(), name.clone()));
    }
    let name = emit::type_name(&input.scheme.stem())?;
    Some((quote!(pub), Ident::new(&name, Span::call_site())))
}

/// Errors point at the name or path of the scheme.
fn located(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}
