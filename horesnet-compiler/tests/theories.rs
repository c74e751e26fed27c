//! Files that belong to another theory are named, and rows of differences are read as what they are.

use horesnet_compiler::diagnostic::Diagnostic;
use horesnet_compiler::repair::Kind;
use horesnet_compiler::{check, compile, repair};

fn remarks(problem: &Diagnostic) -> String {
    problem.remarks().collect::<Vec<_>>().join("\n")
}

/// Bogacki and Shampine's 3(2), with the error row that `SciPy` keeps.
const ERROR_ROW: &str =
    "0 |\n1/2 | 1/2\n3/4 | 0 3/4\n1 | 2/9 1/3 4/9\n---\n| 2/9 1/3 4/9 0\n| -5/72 1/12 1/9 -1/8\n";

#[test]
fn a_row_that_sums_to_zero_is_a_difference() {
    let checked = check(ERROR_ROW, None).unwrap();
    let [warning] = checked.warnings.as_slice() else {
        panic!("{:?}", checked.warnings);
    };
    assert!(
        warning.headline().contains("weights row 2 has order 0"),
        "{warning:?}"
    );
    let said = remarks(warning);
    // Both have order 2; b − row is the published one.
    assert!(
        said.contains("b - row: `order 2 | 7/24 1/4 1/3 1/8`"),
        "{said}"
    );
    assert!(
        said.contains("b + row: `order 2 | 11/72 5/12 5/9 -1/8`"),
        "{said}"
    );
    assert!(warning.render("f", ERROR_ROW).starts_with("warning: "));
    // Claims on the row are false, and the change is a reading of it.
    let claimed = ERROR_ROW.replace("| -5/72", "order 2 | -5/72");
    let changes = repair(&claimed).unwrap().changes;
    assert_eq!(
        (changes[0].kind, changes[1].kind),
        (Kind::Difference, Kind::Difference)
    );
    let mended = compile(&changes[0].apply(&claimed)).unwrap();
    let last = mended.tableau.weights[1].values.iter().next_back().unwrap();
    assert_eq!(last.to_string(), "1/8");
}

/// The row of higher order comes first: here b + row.
#[test]
fn the_sign_that_gives_the_higher_order_is_first() {
    let text = "0 |\n1 | 1\n---\norder 2 | 1/2 1/2\n| 1/2 -1/2\n";
    let checked = check(text, None).unwrap();
    let said = remarks(&checked.warnings[0]);
    let (plus, minus) = (said.find("b + row").unwrap(), said.find("b - row").unwrap());
    assert!(
        said.contains("b + row: `order 1 | 1 0`") && plus > minus,
        "{said}"
    );
    let higher = "0 |\n1 | 1\n---\norder 1 | 1 0\n| -1/2 1/2\n";
    let said = remarks(&check(higher, None).unwrap().warnings[0]);
    assert!(
        said.find("b + row: `order 2 | 1/2 1/2`") < said.find("b - row"),
        "{said}"
    );
}

#[test]
fn embedded_rows_of_order_zero_estimate_nothing() {
    for row in ["-5/72 1/12 1/9 -1/8", "1/2 0 0 0", "0 0 0 0"] {
        let text = ERROR_ROW.replace("-5/72 1/12 1/9 -1/8", row);
        assert_eq!(check(&text, None).unwrap().warnings.len(), 1, "{row}");
        let scheme = compile(&text).unwrap();
        assert!(scheme.plan.estimate.is_none(), "{row}");
        let refused = scheme
            .supports(&"adaptive(0.1)".parse().unwrap())
            .unwrap_err();
        assert!(refused.contains("order 0"), "{refused}");
    }
}

/// Nyström's method of order 4 (Hairer, Nørsett, Wanner 1993, table II.14.1): the entries of a row sum to c²/2.
#[test]
fn nystrom_tables_are_named_and_not_repaired() {
    let text = "0 |\n1/2 | 1/8\n1/2 | 1/8 0\n1 | 0 0 1/2\n---\norder 4 | 1/6 1/6 1/6 0\norder 4 | 1/6 1/3 1/3 1/6\n";
    let checked = check(text, None).unwrap();
    let said: String = checked.problems.iter().map(remarks).collect();
    assert!(said.contains("Nyström"), "{said}");
    assert!(checked.repair.unwrap().changes.is_empty());
    let unclaimed = text.replace("order 4 ", "");
    let warnings = check(&unclaimed, None).unwrap().warnings;
    assert!(warnings[0].headline().contains("Nyström"), "{warnings:?}");
    let rounded = format!("rounded 1e-9\n{}", text.replace("1/8", "0.12500000003"));
    let said: String = check(&rounded, None)
        .unwrap()
        .problems
        .iter()
        .map(remarks)
        .collect();
    assert!(said.contains("Nyström"), "{said}");
    // Of Euler's method and the like, both sums are the same.
    for scheme in horesnet_compiler::library::all() {
        let warnings = check(scheme.text, None).unwrap().warnings;
        assert!(warnings.is_empty(), "{}: {warnings:?}", scheme.name);
    }
}

#[test]
fn rows_of_two_matrices_are_named() {
    for text in [
        "0 | 0 0 0 0\n1 | 1 0 0 1\n---\n| 1/2 1/2\n",
        "0 | 0\n1 | 1 0 1\n---\n| 1/2 1/2\n",
        "0 | 0 0\n1 | 1 0 1\n---\n| 1/2 1/2\n",
        "0 | 0 0\n1 | 1 0\n0 | 0 0\n1 | 0 1\n---\n| 1/2 1/2\n| 1/2 1/2\n",
        "0 | 0 0 | 0 0\n1 | 1 0 | 0 1\n---\n| 1/2 1/2\n",
    ] {
        let problems = check(text, None).unwrap_err();
        let said = format!("{} {}", problems[0].headline(), remarks(&problems[0]));
        assert!(said.contains("IMEX"), "{said}\n{text}");
    }
}
