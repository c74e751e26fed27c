//! The forms of `ho_block!`:
//! a name, a path in quotes, or `pub struct Name = …` before either; then `, coefficients = …`.

use horesnet_compiler::CoefficientSpec;
use proc_macro2::{Group, Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{LitStr, Token, Visibility};

/// What the user wrote.
pub(crate) struct Input {
    /// The path of the runtime, put first by the wrapper.
    pub(crate) root: TokenStream,
    /// The visibility and name of the type, where given.
    pub(crate) declaration: Option<(Visibility, Ident)>,
    /// Which tableau.
    pub(crate) scheme: Scheme,
    /// How `h` behaves.
    pub(crate) coefficients: CoefficientSpec,
}

/// How a tableau is named.
pub(crate) enum Scheme {
    /// `rk4`: of the user's crate, or bundled.
    Name(Ident),
    /// `bundled::rk4`.
    Bundled(Ident),
    /// `"schemes/mine.tab"`.
    File(LitStr),
}

impl Scheme {
    /// Where errors about the scheme point.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Name(name) | Self::Bundled(name) => name.span(),
            Self::File(path) => path.span(),
        }
    }

    /// The name from which that of the type is made.
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

impl Input {
    /// Reads what the wrapper passes: the runtime's path in brackets, then what the user wrote.
    pub(crate) fn read(tokens: TokenStream) -> syn::Result<Self> {
        // The stream itself ends inside the wrapper; errors about its end point at the user's last token.
        let last = tokens
            .clone()
            .into_iter()
            .last()
            .map_or_else(Span::call_site, |t| t.span());
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
        let mut coefficients = CoefficientSpec::default();
        if !input.is_empty() {
            let comma = input.parse::<Token![,]>();
            comma.map_err(|error| {
                syn::Error::new(error.span(), "options follow a comma: `, coefficients = …`")
            })?;
        }
        if !input.is_empty() {
            let option: Ident = input.parse()?;
            if option != "coefficients" {
                let message =
                    format!("unknown option `{option}`; the option is `coefficients = …`");
                return Err(syn::Error::new(option.span(), message));
            }
            expect::<Token![=]>(
                input,
                "`=` and a kind of coefficients, such as `= fixed(h)` or `= learned`",
            )?;
            coefficients = parse_coefficients(input)?;
            input.parse::<Option<Token![,]>>()?;
        }
        if input.is_empty() {
            Ok(Self {
                root,
                declaration,
                scheme,
                coefficients,
            })
        } else {
            Err(input.error("unexpected token after the options"))
        }
    }
}

/// How syn's messages about the end of the stream begin.
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

/// What messages show of the forms there are.
const A_KIND: &str = "a kind of coefficients, such as `fixed(h)`, `decaying(rate)`, `learned` or `adaptive(tolerance)`";
