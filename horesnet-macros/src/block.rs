//! `ho_block!`: arguments to tableau to scheme to tokens; a failure emits errors and a stand-in type.

use horesnet_compiler::diagnostic::Diagnostic;
use horesnet_compiler::{CoefficientSpec, compile_at, emit, parse};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;

use crate::args::BlockArgs;
use crate::fallback;
use crate::locate::{TableauSource, locate};

pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    match BlockArgs::read(tokens.clone()) {
        Ok(args) => expand_args(&args),
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

fn expand_args(args: &BlockArgs) -> TokenStream {
    let span = args.scheme.span();
    let Some((visibility, name)) = declaration(args) else {
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
        root: args.root.clone(),
        origin,
    };
    let values: Vec<_> = { args.values.iter() }
        .map(|(name, value)| (name.unraw().to_string(), value.clone()))
        .collect();
    let scheme = match located {
        Ok(source) => {
            if let Some(error) = unknown_option(args, &source) {
                return with_stand_in(&error, &target, args.coefficients, &visibility);
            }
            compile_at(&source.text, &values)
                .map_err(|problems| messages(&problems, &source))
                .and_then(|scheme| match scheme.supports(&args.coefficients) {
                    Ok(()) => Ok(scheme),
                    Err(message) => Err(vec![message]),
                })
        }
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

/// The error for an option that is no parameter of the tableau either.
fn unknown_option(args: &BlockArgs, source: &TableauSource) -> Option<syn::Error> {
    let document = parse(&source.text).ok()?;
    let names: Vec<_> = { document.parameters.iter() }
        .map(|parameter| parameter.name.value.as_str())
        .collect();
    let is_unknown = |option: &&Ident| !names.contains(&option.unraw().to_string().as_str());
    let option = { args.values.iter() }
        .map(|(option, _)| option)
        .find(is_unknown)?;
    let options = match names.as_slice() {
        [] => "the option is `coefficients = …`".to_owned(),
        names => format!(
            "the options are `coefficients = …` and the parameters `{}`",
            names.join("`, `")
        ),
    };
    let message = format!("unknown option `{option}`; {options}");
    Some(syn::Error::new(option.span(), message))
}

/// The error, and a type that causes no second one.
fn with_stand_in(
    error: &syn::Error,
    target: &emit::Target,
    coefficients: CoefficientSpec,
    visibility: &TokenStream,
) -> TokenStream {
    let error = error.to_compile_error();
    let code = emit::refused(target, coefficients, &[]);
    let stand_in = emit::isolated(visibility, &target.name, &code);
    quote!(#error #stand_in)
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
