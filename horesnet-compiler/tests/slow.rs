//! Files that once took minutes or gigabytes: each is answered or refused, because work is counted before it is done.
//!
//! Found by the search of `examples/slowest` and by reading; the fuzzing corpora have the short ones too.

use std::fmt::Write;

use horesnet_compiler::notation;
use horesnet_compiler::{check, library};

const TOO_LARGE: &str =
    "the coefficients are too large for a proof of the order in reasonable time";

fn refused(text: &str) -> String {
    let problems = check(text, None).expect_err("too much");
    problems[0].headline().to_owned()
}

/// Two nodes that are not the sums of their rows, and a tolerance that nothing exceeds: all conditions of nodes and sums.
#[test]
fn conditions_of_nodes_and_sums() {
    let text = "rounded 0.1\n0.7 | 1/2 1/2\n0.7 | 1/2 1/2\n---\norder 8 | 100 -99\n";
    // The claim is decided; the search beyond it is not, and would never end.
    let found = check(text, None).unwrap();
    assert!(!found.problems.is_empty());
    assert!(found.verdict.weights[0].order > 8);
    let further = check(text, Some(16)).unwrap();
    assert!(further.verdict.weights[0].undecided);
}

/// A scheme of order 9 in which everything holds roughly.
#[test]
fn claims_of_coarse_files() {
    let exact = library::find("tsitouras9").unwrap().text;
    let checked = check(&format!("rounded 1e-1\n{exact}"), None).unwrap();
    let headline = checked.problems[0].headline();
    assert!(headline.contains("is false"), "{headline}");
}

#[test]
fn many_rows_of_weights() {
    let row = |entry: &str| vec![entry; 64].join(" ");
    let stages = format!("7 | {}\n", row("1/3")).repeat(64);
    let weights = format!("order 16 | {}\n", row("1/64")).repeat(64);
    let checked = check(&format!("{stages}---\n{weights}"), None).unwrap();
    assert_eq!(checked.problems.len(), 64);
    let cancelling = format!("order 16 | {}\n", vec!["100 -100"; 32].join(" ")).repeat(64);
    assert_eq!(
        refused(&format!("rounded 0.1\n{stages}---\n{cancelling}")),
        TOO_LARGE
    );
}

/// Sums of rows are formed in each proof and repair.
#[test]
fn long_sums_of_rows() {
    let number = format!("1/{}", "7".repeat(600));
    let row = vec!["n"; 64].join(" ");
    let rows = format!("* | {row}\n").repeat(64);
    let text = format!("let n = {number}\n{rows}---\n| {row}\n");
    assert!(!refused(&text).is_empty());
}

fn read(text: &str) -> String {
    let problems = notation::find("python")
        .unwrap()
        .read(text)
        .expect_err("not a tableau");
    problems[0].headline().to_owned()
}

#[test]
fn programs_that_assign_to_many_names() {
    let many = "more than 64 names are assigned at once";
    assert_eq!(read(&("a,".repeat(250_000) + "a = \n")), many);
    let mut lists = String::new();
    for i in 0..30_000 {
        writeln!(lists, "x{i} = []").unwrap();
    }
    let names: Vec<_> = (0..30_000).map(|i| format!("x{i}")).collect();
    let targets = vec!["a"; 30_000].join(",");
    assert_eq!(
        read(&format!("{lists}{targets} = {}\n", names.join(","))),
        many
    );
}

#[test]
fn programs_that_copy_a_long_list_often() {
    let list = vec!["1"; 200_000].join(",");
    assert_eq!(
        read(&format!("x = [{list}]\n{}", "y = x\n".repeat(80_000))),
        "missing `A`"
    );
}
