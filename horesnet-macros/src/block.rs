//! `ho_block!`: input, source, scheme, tokens; what is refused becomes errors and a stand-in type.

use horesnet_compiler::diagnostic::Diagnostic;
use horesnet_compiler::{CoefficientSpec, compile, emit};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::guess::Guess;
use crate::input::Input;
use crate::source::{self, Source};

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    match Input::read(tokens.clone()) {
        Ok(input) => expand_input(input),
        Err(error) => {
            // Whatever the type was to be, only the input is wrong.
            let stand_in = Guess::from(tokens)
                .target()
                .map(|target| emit::refused(&target, CoefficientSpec::default(), &[]));
            let error = error.into_compile_error();
            quote!(#error #stand_in)
        }
    }
}

fn expand_input(input: Input) -> TokenStream {
    let span = input.scheme.span();
    let Some((visibility, name)) = declaration(&input) else {
        let message = format!(
            "`{}` does not make the name of a type; write `struct Name = …`",
            input.scheme.stem()
        );
        return quote_spanned!(span => ::core::compile_error!(#message););
    };
    if name == "F" {
        let message = "`F` is the type of the residual functions; choose another name";
        return syn::Error::new(name.span(), message).into_compile_error();
    }
    let found = source::find(&input.scheme);
    let (origin, tracked) = match &found {
        Ok(source) => (source.origin.clone(), source.tracked.clone()),
        Err(missing) => (String::new(), missing.tracked.clone()),
    };
    let target = emit::Target {
        visibility,
        name,
        root: input.root,
        origin,
    };
    let scheme = match found {
        Ok(source) => compile(&source.text)
            .map_err(|problems| messages(&problems, &source))
            .and_then(|scheme| match scheme.supports(&input.coefficients) {
                Ok(()) => Ok(scheme),
                Err(message) => Err(vec![message]),
            }),
        Err(missing) => Err(vec![missing.message]),
    };
    let code = match scheme {
        Ok(scheme) => emit::block(&scheme, &target, input.coefficients),
        Err(messages) => located(emit::refused(&target, input.coefficients, &messages), span),
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

/// What the host compiler is to print; it puts `error:` before each message itself.
fn messages(problems: &[Diagnostic], source: &Source) -> Vec<String> {
    let render = |problem: &Diagnostic| problem.render(&source.origin, &source.text);
    let messages = problems.iter().map(render);
    messages
        .map(|message| message.trim_start_matches("error: ").to_owned())
        .collect()
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
