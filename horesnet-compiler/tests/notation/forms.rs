//! Arrays as people write them, in many languages: each is read as what it is, or refused by name.
//!
//! The files are made after public reports and the sources of the programs they are named after; the orders were computed
//! independently. Coefficients: Butcher 2016; Bogacki and Shampine 1989; Dormand and Prince 1980; Carpenter and Kennedy 1994;
//! Williamson 1980; Shu and Osher 1988; Hairer and Wanner 1996, table IV.6.5.

use horesnet_compiler::notation::{self, Choice, OUTPUTS, PrintedTableau};
use horesnet_compiler::{check_document, library, prove};

/// A file and the orders of the rows of weights of its schemes.
type Case = (&'static str, &'static str, &'static [&'static [usize]]);

macro_rules! form {
    ($file:literal) => {
        ($file, include_str!(concat!("forms/", $file)))
    };
}

macro_rules! forms {
    ($($file:literal: $orders:expr,)*) => {
        &[$(($file, include_str!(concat!("forms/", $file)), &$orders)),*]
    };
}

const READ: &[Case] = forms! {
    "array_of.kt": [&[2]],
    "brackets.m": [&[4, 4]],
    "cache.jl": [&[3, 2]],
    "chained.c": [&[2]],
    "chained.py": [&[4]],
    "class.java": [&[2]],
    "column_major.f90": [&[3]],
    "columns.R": [&[3]],
    "columns.txt": [&[3]],
    "constants.jl": [&[3]],
    "constants.rs": [&[4]],
    "continued.m": [&[3]],
    "data.f": [&[4]],
    "data_loops.f90": [&[3, 2]],
    "data_names.f90": [&[2]],
    "define.h": [&[3]],
    "dictionary.py": [&[2], &[2]],
    "diffrax.py": [&[3, 2]],
    "eigen.cpp": [&[3]],
    "entries.f90": [&[4]],
    "error_row.py": [&[5, 4]],
    "fields.csv": [&[2]],
    "flat_rows.c": [&[4, 3]],
    "fractions.py": [&[4, 3]],
    "fsal.py": [&[3, 2]],
    "fsal_weights.py": [&[3, 2]],
    "function.m": [&[4]],
    "imex_pair.py": [&[1], &[1]],
    "label_is_order.tex": [&[3, 2]],
    "low_storage_2n.py": [&[3]],
    "named_columns.txt": [&[2]],
    "named_tuple.jl": [&[3]],
    "names.json": [&[2, 1]],
    "ndarray.rs": [&[2]],
    "nested_braces.cpp": [&[2]],
    "object.js": [&[2]],
    "one_array.py": [&[6]],
    "other_names.py": [&[4]],
    "parameter.f": [&[3]],
    "rbind.R": [&[2]],
    "rectangular.cs": [&[2]],
    "renamed.py": [&[4]],
    "roots.c": [&[2]],
    "row_sums.py": [&[2]],
    "rows.yml": [&[2]],
    "scalars.c": [&[3]],
    "scalars.f90": [&[3]],
    "shu_osher.jl": [&[3]],
    "shu_osher_rows.py": [&[2]],
    "slices.go": [&[2]],
    "stage_lists.c": [&[5, 4]],
    "stage_lists.py": [&[4]],
    "stage_lists_long.c": [&[8, 7]],
    "stage_lists_second.c": [&[5, 4]],
    "stage_rows.jl": [&[3]],
    "stage_rows.m": [&[3]],
    "static_matrix.jl": [&[1]],
    "structure.rs": [&[2]],
    "sympy_matrix.py": [&[4]],
    "table.toml": [&[2]],
    "torch_tensor.py": [&[3]],
    "torchdiffeq.py": [&[3, 2]],
    "two_classes.py": [&[3, 2], &[5, 4]],
    "two_row_weights.jl": [&[2, 1]],
    "vectors.rs": [&[4]],
    "zero_first_row.py": [&[4]],
};

/// The orders of the schemes in a text.
fn orders(name: &str, text: &str) -> Vec<Vec<usize>> {
    let schemes = notation::read(text, &Choice::default());
    let schemes = schemes.unwrap_or_else(|problems| panic!("{}", problems[0].render(name, text)));
    let orders = schemes.into_iter().map(|scheme| {
        let checked = check_document(text, scheme.document, None);
        let checked =
            checked.unwrap_or_else(|problems| panic!("{}", problems[0].render(name, text)));
        checked
            .verdict
            .weights
            .iter()
            .map(|row| row.order)
            .collect()
    });
    orders.collect()
}

#[test]
fn forms_of_many_languages_are_read() {
    for (name, text, expected) in READ {
        assert_eq!(orders(name, text), *expected, "{name}");
    }
}

#[test]
fn other_theories_and_truncations_are_named() {
    for ((name, text), expected) in [
        (form!("nystrom.py"), "Nyström"),
        (form!("rosenbrock.m"), "Rosenbrock"),
        (form!("integer_array.py"), "cannot hold fractions"),
    ] {
        let problems = notation::read(text, &Choice::default()).expect_err(name);
        let shown = problems[0].render(name, text);
        assert!(shown.contains(expected), "{shown}");
    }
}

/// The numbers decide between the signs of a difference where they can, and the comment says so where not.
#[test]
fn what_was_read_as_what_is_said() {
    let (_, text) = form!("error_row.py");
    let schemes = notation::read(text, &Choice::default()).unwrap();
    insta::assert_snapshot!(schemes[0].notes.join("\n"));
    let printed = notation::PrintedTableau::new(&schemes[0].document).unwrap();
    let embedded: Vec<_> = printed.tableau().weights[1]
        .values
        .iter()
        .map(ToString::to_string)
        .collect();
    let expected = [
        "5179/57600",
        "0",
        "7571/16695",
        "393/640",
        "-92097/339200",
        "187/2100",
        "1/40",
    ];
    assert_eq!(embedded, expected);
}

#[test]
fn a_choice_takes_one_of_several() {
    let (_, text) = form!("imex_pair.py");
    for (number, node) in [(1, "0"), (2, "0")] {
        let choice = Choice {
            number: Some(number),
            ..Choice::default()
        };
        let schemes = notation::read(text, &choice).unwrap();
        assert_eq!(schemes.len(), 1);
        let printed = notation::PrintedTableau::new(&schemes[0].document).unwrap();
        assert_eq!(printed.tableau().nodes[0].to_string(), node);
        assert_eq!(printed.tableau().is_explicit(), number == 2);
    }
    let choice = Choice {
        number: Some(3),
        ..Choice::default()
    };
    let problems = notation::read(text, &choice).unwrap_err();
    assert!(problems[0].headline().contains("there is no scheme 3"));
    let text = "A = [[0, 0], [1, 0]]\nb = [0.5, 0.5]\nx = [3, 4]\n";
    let choice = Choice {
        ignored: vec!["x".to_owned()],
        ..Choice::default()
    };
    assert_eq!(notation::read(text, &choice).unwrap().len(), 1);
    let text = "x = [[[0, 0], [1, 0]], [[0, 0], [0, 1]], [0, 1]]\n";
    let choice = Choice {
        ignored: vec!["x[1]".to_owned()],
        ..Choice::default()
    };
    assert_eq!(notation::read(text, &choice).unwrap().len(), 1);
}

/// Two consistent readings are listed, and none is chosen.
#[test]
fn two_readings_are_listed() {
    for text in [
        // Nodes and weights exchanged.
        "A = [[0, 0], [1, 0]]\nb = [0, 1]\nc = [1/2, 1/2]\n",
        "A = [[0,0,0,0],[1/2,0,0,0],[0,1/2,0,0],[0,0,1,0]]\nc = [1/6,1/3,1/3,1/6]\nb = [0,1/2,1/2,1]\nd = 1\n",
        // Nodes that could be embedded weights.
        "x = [[0, 0], [1, 0]]\ny = [0, 1]\nz = [1/2, 1/2]\n",
        // Two rows of weights of one order.
        "M = [[0, 0], [1, 0]]\np = [0.25, 0.75]\nq = [0.75, 0.25]\n",
    ] {
        let problems =
            notation::read(text, &Choice::default()).map(|schemes| schemes[0].notes.clone());
        let problems = problems.expect_err(text);
        let shown = problems[0].render("mine", text);
        let asks = shown.contains("--as 1") || shown.contains("no part of a tableau");
        assert!(asks, "{shown}");
    }
}

/// All outputs are read back, exactly; C and Rust have no exact roots.
#[test]
fn outputs_are_read_back() {
    let mut read = 0;
    for scheme in library::all().iter().chain(library::implicit()) {
        let mut printed = notation::find("tab").unwrap().read(scheme.text).unwrap();
        let verdict = prove(scheme.text).unwrap().verdict;
        printed.claim(verdict.weights.iter().map(|row| row.order));
        let has_roots = printed.tableau().field_name() != "Q";
        for output in OUTPUTS {
            let name = output.name;
            let inexact = has_roots && matches!(name, "c" | "rust" | "sundials");
            let (Ok(text), false) = (output.write(&printed), inexact) else {
                continue;
            };
            let mut schemes = notation::read(&text, &Choice::default());
            // A flat list whose row sums are no nodes may go by rows or by columns.
            let has_row_sums =
                printed.tableau().row_sums().as_slice() == printed.tableau().nodes.as_slice();
            if name == "sundials" && !has_row_sums && schemes.is_err() {
                let (number, ignored) = (Some(1), Vec::new());
                schemes = notation::read(&text, &Choice { number, ignored });
            }
            let schemes = schemes.unwrap_or_else(|problems| {
                panic!(
                    "{}, {name}: {}",
                    scheme.name,
                    problems[0].render(name, &text)
                )
            });
            let again = PrintedTableau::new(&schemes[0].document).unwrap();
            // Tables of SUNDIALS have two rows of weights.
            let rows = if name == "sundials" { 2 } else { usize::MAX };
            assert!(
                arrays(&again, rows) == arrays(&printed, rows),
                "{}, {name}: {text}",
                scheme.name
            );
            read += 1;
        }
    }
    assert!(read > 780, "{read}");
}

/// Nodes, matrix and up to `rows` rows of weights.
fn arrays(printed: &PrintedTableau, rows: usize) -> impl PartialEq + use<> {
    let tableau = printed.tableau();
    let weights = { tableau.weights.iter().take(rows) }.map(|row| row.values.clone());
    (
        tableau.nodes.clone(),
        tableau.matrix.clone(),
        weights.collect::<Vec<_>>(),
    )
}
