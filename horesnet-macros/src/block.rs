//! `ho_block!`: arguments to tableau to scheme to tokens; a failure emits errors and a stand-in type.

use horesnet_compiler::diagnostic::Diagnostic;
use horesnet_compiler::{CoefficientSpec, compile, emit};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::args::BlockArgs;
use crate::fallback;
use crate::locate::{TableauSource, locate};

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    match BlockArgs::read(tokens.clone()) {
        Ok(args) => expand_args(args),
        Err(error) => {
            let target = fallback::target(tokens);
            let stand_in = target.map(|target| {
                let code = emit::refused(&target, CoefficientSpec::default(), &[]);
                emit::isolated(&quote!(pub), &target.name, &code)
            });
            let error = error.into_compile_error();
            quote!(#error #stand_in)
        }
    }
}

fn expand_args(args: BlockArgs) -> TokenStream {
    let span = args.scheme.span();
    let Some((visibility, name)) = declaration(&args) else {
        let message = format!(
            "no type name can be derived from `{}`; write `struct Name = …`",
            args.scheme.stem()
        );
        return quote_spanned!(span => ::core::compile_error!(#message););
    };
    if let Err(message) = emit::check_name(&name) {
        return syn::Error::new(name.span(), message).into_compile_error();
    }
    let located = locate(&args.scheme);
    let (origin, tracked) = match &located {
        Ok(source) => (source.origin.clone(), source.tracked.clone()),
        Err(error) => (String::new(), error.tracked.clone()),
    };
    let target = emit::Target {
        visibility: quote!(pub),
        name,
        root: args.root,
        origin,
    };
    let scheme = match located {
        Ok(source) => compile(&source.text)
            .map_err(|problems| messages(&problems, &source))
            .and_then(|scheme| match scheme.supports(&args.coefficients) {
                Ok(()) => Ok(scheme),
                Err(message) => Err(vec![message]),
            }),
        Err(error) => Err(vec![error.message]),
    };
    let code = match scheme {
        Ok(scheme) => emit::block(&scheme, &target, args.coefficients),
        Err(messages) => with_span(emit::refused(&target, args.coefficients, &messages), span),
    };
    let tracking = tracked.map(|path| {
        let path = format!("/{path}");
        quote!(
            const _: &[u8] =
                ::core::include_bytes!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #path));
        )
    });
    emit::isolated(&visibility, &target.name, &quote!(#tracking #code))
}

/// Renders the messages without `error:`, which rustc adds.
fn messages(problems: &[Diagnostic], source: &TableauSource) -> Vec<String> {
    let render = |problem: &Diagnostic| problem.render(&source.origin, &source.text);
    let messages = problems.iter().map(render);
    messages
        .map(|message| message.trim_start_matches("error: ").to_owned())
        .collect()
}

fn declaration(args: &BlockArgs) -> Option<(TokenStream, Ident)> {
    if let Some((visibility, name)) = &args.declaration {
        return Some((visibility.to_token_stream(), name.clone()));
    }
    let name = emit::type_name(&args.scheme.stem())?;
    Some((quote!(pub), Ident::new(&name, Span::call_site())))
}

/// Moves errors to the name or path of the scheme.
fn with_span(tokens: TokenStream, span: Span) -> TokenStream {
    let tokens = tokens.into_iter().map(|mut token| {
        token.set_span(span);
        token
    });
    tokens.collect()
}
