//! The arguments of `ho_block!`: the name or path of a scheme, after an optional `pub struct Name =`, and then
//! `, coefficients = …` and values of parameters, `, alpha = 3/4`.

use horesnet_compiler::CoefficientSpec;
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{LitStr, Token, Visibility};

/// The arguments of `ho_block!`.
pub(crate) struct BlockArgs {
    /// The path of the runtime, which the wrapper passes first.
    pub(crate) root: TokenStream,
    /// The visibility and name of the type, where given.
    pub(crate) declaration: Option<(Visibility, Ident)>,
    /// The tableau.
    pub(crate) scheme: Scheme,
    /// The coefficients of the block.
    pub(crate) coefficients: CoefficientSpec,
    /// Names of parameters, and the values that fix them.
    pub(crate) values: Vec<(Ident, String)>,
}

/// A reference to a tableau.
pub(crate) enum Scheme {
    /// `rk4`: a file of the user's crate, or a bundled scheme.
    Name(Ident),
    /// `bundled::rk4`.
    Bundled(Ident),
    /// `"schemes/mine.tab"`.
    File(LitStr),
}

impl Scheme {
    /// The span for errors about the scheme.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Name(name) | Self::Bundled(name) => name.span(),
            Self::File(path) => path.span(),
        }
    }

    /// The stem of the type's name.
    pub(crate) fn stem(&self) -> String {
        match self {
            Self::Name(name) | Self::Bundled(name) => name.unraw().to_string(),
            Self::File(path) => {
                let path = path.value();
                let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
                file.strip_suffix(".tab").unwrap_or(file).to_owned()
            }
        }
    }
}

impl BlockArgs {
    /// Parses the tokens of the wrapper: the path of the runtime in brackets, then the user's arguments.
    pub(crate) fn read(tokens: TokenStream) -> syn::Result<Self> {
        // The stream ends inside the wrapper, so errors about its end point at the user's last token.
        let last = tokens.clone().into_iter().last();
        let last = last.map_or_else(Span::call_site, |token| token.span());
        let parse = |input: ParseStream| {
            let parsed = Self::parse(input);
            parsed.map_err(|error| {
                if error.to_string().starts_with(END) {
                    syn::Error::new(last, error)
                } else {
                    error
                }
            })
        };
        parse.parse2(tokens)
    }

    fn parse(input: ParseStream) -> syn::Result<Self> {
        let content;
        syn::bracketed!(content in input);
        let root = content.parse()?;
        let mut declaration = None;
        if input.peek(Token![pub]) || input.peek(Token![struct]) {
            let visibility = input.parse()?;
            input.parse::<Token![struct]>()?;
            let name = expect(input, "the name of the type")?;
            expect::<Token![=]>(input, "`= NAME` or `= \"PATH\"`")?;
            declaration = Some((visibility, name));
        }
        let scheme = parse_scheme(input)?;
        let mut args = Self {
            root,
            declaration,
            scheme,
            coefficients: CoefficientSpec::default(),
            values: Vec::new(),
        };
        let mut is_chosen = false;
        while !input.is_empty() {
            let comma = input.parse::<Token![,]>();
            comma.map_err(|error| {
                let given = is_chosen || !args.values.is_empty();
                let message = if given {
                    "unexpected token after the options"
                } else {
                    "options follow a comma: `, coefficients = …`"
                };
                syn::Error::new(error.span(), message)
            })?;
            if input.is_empty() {
                break;
            }
            let option: Ident = input.parse()?;
            if option != "coefficients" {
                expect::<Token![=]>(input, "`=` and the value of a parameter, such as `= 3/4`")?;
                args.values.push((option, parse_value(input)?));
                continue;
            }
            if is_chosen {
                return Err(syn::Error::new(
                    option.span(),
                    "`coefficients` is given twice",
                ));
            }
            expect::<Token![=]>(
                input,
                "`=` and a kind of coefficients, such as `= fixed(h)` or `= learned`",
            )?;
            args.coefficients = parse_coefficients(input)?;
            is_chosen = true;
        }
        Ok(args)
    }
}

/// The start of syn's messages about the end of a stream.
const END: &str = "unexpected end of input";

fn expect<T: Parse>(input: ParseStream, what: &str) -> syn::Result<T> {
    if input.is_empty() {
        return Err(input.error(format!("expected {what}")));
    }
    input
        .parse()
        .map_err(|error| syn::Error::new(error.span(), format!("expected {what}")))
}

fn parse_scheme(input: ParseStream) -> syn::Result<Scheme> {
    if input.peek(LitStr) {
        return Ok(Scheme::File(input.parse()?));
    }
    let what = "the name of a scheme such as `rk4`, or the path of a tableau such as `\"schemes/mine.tab\"`";
    let name: Ident = expect(input, what)?;
    if name == "bundled" && input.parse::<Option<Token![::]>>()?.is_some() {
        return Ok(Scheme::Bundled(expect(
            input,
            "the name of a bundled scheme",
        )?));
    }
    Ok(Scheme::Name(name))
}

fn parse_coefficients(input: ParseStream) -> syn::Result<CoefficientSpec> {
    let kind: Ident = expect(input, A_KIND)?;
    let text = if input.peek(syn::token::Paren) {
        let arguments: Group = input.parse()?;
        format!("{kind}({})", arguments.stream())
    } else {
        kind.to_string()
    };
    text.parse()
        .map_err(|message| syn::Error::new(kind.span(), message))
}

/// The tokens up to the next comma, which the compiler reads as a number.
fn parse_value(input: ParseStream) -> syn::Result<String> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    if tokens.is_empty() {
        return Err(input.error("expected the value of a parameter, such as `3/4`"));
    }
    Ok(tokens.to_string())
}

/// Examples in messages about the kind of coefficients.
const A_KIND: &str = "a kind of coefficients, such as `fixed(h)`, `decaying(rate)`, `learned` or `adaptive(tolerance)`";
