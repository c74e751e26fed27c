//! The work of every command of the program on one text, without its output.

use std::hint::black_box;

use horesnet_compiler::analysis::Analysis;
use horesnet_compiler::diagnostic::Diagnostics;
use horesnet_compiler::emit::ptx::{Element, Kernel};
use horesnet_compiler::emit::{self, Target};
use horesnet_compiler::notation::{self, PrintedTableau};
use horesnet_compiler::order::Verdict;
use horesnet_compiler::{CoefficientSpec, Unproven, check, limits, prove, repair};

/// A command by name.
pub(crate) type Command = (&'static str, fn(&str));

/// All commands.
pub(crate) const ALL: &[Command] = &[
    ("check", |text| {
        render(text, check(text, None).map(|checked| checked.problems));
    }),
    ("check --max-order 16", |text| {
        let checked = check(text, Some(limits::ORDER));
        render(text, checked.map(|checked| checked.problems));
    }),
    ("show", show),
    ("repair", |text| {
        if let Ok(found) = repair(text) {
            for change in &found.changes {
                black_box((change.to_string(), change.apply(text)));
            }
        }
    }),
    ("expand", expand),
    ("convert", convert),
    ("convert --to tab", |text| {
        black_box(notation::format(text)).ok();
    }),
    ("read tab", |text| read("tab", text)),
    ("read json", |text| read("json", text)),
    ("read latex", |text| read("latex", text)),
    ("read julia", |text| read("julia", text)),
    ("read python", |text| read("python", text)),
];

fn render(text: &str, problems: Result<Diagnostics, Diagnostics>) {
    let (Ok(problems) | Err(problems)) = problems;
    for problem in problems {
        black_box(problem.render("file.tab", text));
    }
}

/// Proof and analysis; a tableau beyond proof is analysed as well.
fn show(text: &str) {
    let tableau = match prove(text) {
        Ok(checked) => Ok((checked.tableau, checked.verdict)),
        Err(Unproven { problems, tableau }) => tableau.ok_or(problems).map(|tableau| {
            let verdict = Verdict {
                row_sums: true,
                weights: Vec::new(),
            };
            (*tableau, verdict)
        }),
    };
    match tableau {
        Ok((tableau, verdict)) => {
            let analysis = Analysis::of(&tableau, &verdict);
            if let Ok(function) = &analysis.linear.function {
                let numbers = function.numerator.iter().chain(&function.denominator);
                numbers.for_each(|number| drop(black_box(number.to_string())));
            }
            let numbers = tableau.matrix.iter().chain(&tableau.nodes);
            for number in numbers.chain(tableau.weights.iter().flat_map(|row| &row.values)) {
                black_box((number.to_string(), number.to_f64()));
            }
        }
        Err(problems) => render(text, Err(problems)),
    }
}

/// The block and its GPU kernels.
fn expand(text: &str) {
    let Ok(scheme) = horesnet_compiler::compile(text) else {
        return;
    };
    let target = Target {
        visibility: quote::quote!(pub),
        name: quote::format_ident!("Slow"),
        root: quote::quote!(::horesnet),
        origin: "file.tab".to_owned(),
    };
    let coefficients = CoefficientSpec::default();
    black_box(emit::block(&scheme, &target, coefficients).to_string());
    for element in [Element::F32, Element::BF16] {
        black_box(Kernel::of_plan(&scheme.plan, element));
    }
}

/// Reads what the text resembles, and writes it in each notation.
fn convert(text: &str) {
    match notation::detect(text).read(text) {
        Ok(printed) => {
            for notation in notation::ALL {
                black_box(notation.write(&printed)).ok();
            }
        }
        Err(problems) => render(text, Err(problems)),
    }
}

fn read(name: &str, text: &str) {
    let notation = notation::find(name).expect("a notation");
    match notation.read(text) {
        Ok(printed) => drop(black_box(PrintedTableau::likely_rounding(&printed))),
        Err(problems) => render(text, Err(problems)),
    }
}
