//! `horesnet expand`: the code that `ho_block!` generates.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::CoefficientSpec;
use horesnet_compiler::diagnostic::Diagnostics;
use horesnet_compiler::emit::ptx::{Element, Kernel};
use horesnet_compiler::emit::{self, Target};

use crate::input::{self, ReadOptions};
use crate::{CommandResult, report};

/// Print the Rust code that `ho_block!` generates for a scheme, or its GPU kernels
#[derive(Args)]
#[command(
    after_help = "Examples:\n  horesnet expand rk4\n  horesnet expand verner8 --ptx bf16\n  horesnet expand schemes/mine.tab --name Mine --coefficients 'decaying(0.9)'"
)]
pub(crate) struct Expand {
    /// A tableau file, the name of a bundled scheme, or `-` for standard input
    #[arg(value_name = "NAME|FILE")]
    source: OsString,
    /// Name the generated type [default: from the name of the scheme]
    #[arg(long, value_name = "TYPE")]
    name: Option<String>,
    /// Set how the coefficients behave, as in `ho_block!`
    #[arg(long, value_name = "KIND", default_value = "fixed(1)", long_help = kinds())]
    coefficients: CoefficientSpec,
    /// Set the path of the crate `horesnet` in the generated code
    #[arg(long, value_name = "PATH", default_value = "::horesnet")]
    root: String,
    /// Print the GPU kernels in PTX for this element type instead: f32, f64, bf16 or f16
    #[arg(long, value_name = "TYPE", conflicts_with_all = ["name", "coefficients", "root", "json"])]
    ptx: Option<Element>,
    /// Print one JSON object: name, type, coefficients, code
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadOptions,
}

impl Expand {
    pub(crate) fn run(&self) -> CommandResult {
        let source = input::read_scheme(&self.source, &self.reading)?;
        let refuse = |problems: Diagnostics| source.refuse(&problems);
        let checked = source.check(None).map_err(refuse)?;
        if !checked.problems.is_empty() {
            refuse(checked.problems);
            return Ok(ExitCode::FAILURE);
        }
        let scheme = checked.compile().map_err(refuse)?;
        if let Some(element) = self.ptx {
            let kernels = Kernel::of_plan(&scheme.plan, element).into_iter();
            let texts: Vec<_> = kernels.map(|kernel| kernel.text).collect();
            report::print(texts.join("\n"))?;
            return Ok(ExitCode::SUCCESS);
        }
        scheme.supports(&self.coefficients)?;
        let name = self.name.clone().or_else(|| emit::type_name(&source.stem));
        let name = name
            .ok_or("no type name can be derived from the name of the file; give one with --name")?;
        let name: syn::Ident =
            syn::parse_str(&name).map_err(|_| format!("`{name}` is not the name of a type"))?;
        emit::check_name(&name)?;
        let root: syn::Path =
            syn::parse_str(&self.root).map_err(|_| format!("`{}` is not a path", self.root))?;
        let target = Target {
            visibility: quote::quote!(pub),
            name,
            root: quote::quote!(#root),
            origin: source.name,
        };
        let file = syn::parse2(emit::block(&scheme, &target, self.coefficients))?;
        let mut code = prettyplease::unparse(&file);
        if self.json {
            let object = serde_json::json!({"name": scheme.tableau.name, "type": target.name.to_string(),
                "coefficients": self.coefficients.to_string(), "code": code});
            code = format!("{object}\n");
        }
        report::print(code)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn kinds() -> String {
    format!(
        "Set how the coefficients behave, as in `ho_block!`:\n{}",
        CoefficientSpec::help()
    )
}
