//! `horesnet check`: the verdict on each tableau, and every problem with its source line.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use horesnet_compiler::diagnostic::Diagnostics;
use horesnet_compiler::document::Expression;
use horesnet_compiler::report::{CheckReport, refused};
use horesnet_compiler::{Checked, limits};
use serde_json::Value;

use crate::CommandResult;
use crate::input::{self, ReadOptions};
use crate::report;

/// Prove the order of tableaux and refuse false claims
///
/// Exits with 0 if every claim is exactly true, 1 if one is false, 2 if a file is not a tableau or cannot be read.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  horesnet check rk4 verner8\n  horesnet check schemes/mine.tab --max-order 6\n  cat mine.tab | horesnet check - --json"
)]
pub(crate) struct Check {
    /// Tableau files, names of bundled schemes, or `-` for standard input
    #[arg(value_name = "FILE|NAME", required = true)]
    sources: Vec<OsString>,
    /// Search up to order N, or one above the highest claim if that is more [default: 10 for rows without a claim, if
    /// that is fast]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=limits::ORDER as i64))]
    max_order: Option<u8>,
    /// Print one JSON array, with an object per file
    ///
    /// `row_sums` is true if every node is the sum of its row (in a `rounded` file, within the stated errors).
    #[arg(long)]
    json: bool,
    /// Take every coefficient as correct to a relative error of EPS, as in printed decimals
    #[arg(long, value_name = "EPS", value_parser = horesnet_compiler::rounded)]
    rounded: Option<Expression>,
    #[command(flatten)]
    reading: ReadOptions,
}

impl Check {
    pub(crate) fn run(&self) -> CommandResult {
        let (mut code, mut objects) = (0, Vec::new());
        for argument in &self.sources {
            let inputs = match input::read_schemes(argument, &self.reading) {
                Ok(inputs) => inputs,
                Err(error) => {
                    code = 2;
                    let name = argument.to_string_lossy();
                    objects.push(refused(&name, &input::unreadable(&error.to_string())));
                    report::error(&error);
                    continue;
                }
            };
            let bound = self.max_order.map(usize::from);
            for mut input in inputs {
                input.round(self.rounded.as_ref());
                let result = input.check(bound);
                code = code.max(exit_code(&result));
                let report = CheckReport {
                    name: &input.name,
                    text: &input.text,
                    notes: input.notes(),
                    bound,
                    result: &result,
                };
                if self.json {
                    objects.push(report.json());
                } else {
                    report::print(report.text())?;
                }
            }
        }
        if self.json {
            report::print(format_args!("{:#}\n", Value::from(objects)))?;
        }
        Ok(ExitCode::from(code))
    }
}

fn exit_code(result: &Result<Checked, Diagnostics>) -> u8 {
    match result {
        Ok(checked) if checked.problems.is_empty() => 0,
        Ok(_) => 1,
        Err(_) => 2,
    }
}
