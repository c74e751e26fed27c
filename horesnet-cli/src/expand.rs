//! `horesnet expand`: the code that `ho_block!` generates.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::emit::{self, Coefficients, Target};

use crate::Outcome;
use crate::source;

/// Prints the Rust code that `ho_block!` generates for a scheme.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  horesnet expand rk4\n  horesnet expand schemes/mine.tab --name Mine --coefficients 'decaying(0.9)'"
)]
pub(crate) struct Expand {
    /// A tableau file, the name of a bundled scheme, or `-` for standard input.
    #[arg(value_name = "NAME|FILE")]
    source: String,
    /// The name of the type; without it, made from that of the scheme.
    #[arg(long, value_name = "TYPE")]
    name: Option<String>,
    /// `fixed(H)` or `decaying(RATE)`.
    #[arg(long, value_name = "KIND", default_value = "fixed(1)", value_parser = coefficients)]
    coefficients: Coefficients,
    /// The path under which the code finds the crate `horesnet`.
    #[arg(long, value_name = "PATH", default_value = "::horesnet")]
    root: String,
}

impl Expand {
    pub(crate) fn run(&self) -> Outcome {
        let source = source::read(&self.source)?;
        let scheme = match horesnet_compiler::check(&source.text, None) {
            Ok(checked) if !checked.problems.is_empty() => Err((1, checked.problems)),
            _ => horesnet_compiler::compile(&source.text).map_err(|problems| (2, problems)),
        };
        let scheme = match scheme {
            Ok(scheme) => scheme,
            Err((code, problems)) => {
                for problem in problems {
                    eprintln!("{}\n", problem.render(&source.name, &source.text));
                }
                return Ok(ExitCode::from(code));
            }
        };
        let name = self.name.clone().or_else(|| emit::type_name(&source.stem));
        let name =
            name.ok_or("the file's name does not make the name of a type; give one with --name")?;
        let name =
            syn::parse_str(&name).map_err(|_| format!("`{name}` is not the name of a type"))?;
        let root: syn::Path =
            syn::parse_str(&self.root).map_err(|_| format!("`{}` is not a path", self.root))?;
        let target = Target {
            visibility: quote::quote!(pub),
            name,
            root: quote::quote!(#root),
            origin: source.name,
        };
        let file = syn::parse2(emit::block(&scheme, &target, self.coefficients))?;
        write!(std::io::stdout().lock(), "{}", prettyplease::unparse(&file))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn coefficients(text: &str) -> Result<Coefficients, String> {
    let usage = || format!("`{text}` is neither `fixed(H)` nor `decaying(RATE)`");
    let (kind, rest) = text.split_once('(').ok_or_else(usage)?;
    let number = rest
        .strip_suffix(')')
        .and_then(|number| number.trim().parse::<f64>().ok());
    let number = number
        .filter(|number| number.is_finite())
        .ok_or_else(usage)?;
    match kind.trim() {
        "fixed" => Ok(Coefficients::Fixed(number)),
        "decaying" => Ok(Coefficients::Decaying(number)),
        _ => Err(usage()),
    }
}
