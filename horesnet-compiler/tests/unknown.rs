//! Unknown entries are solved for the claims, and an expression of a family that is wrong identically is found.

use horesnet_compiler::{check, library, parse, repair};

/// The solutions in words, and that each makes a file that is proven.
fn solutions(text: &str) -> String {
    let found =
        repair(text).unwrap_or_else(|problems| panic!("{}", problems[0].render("mine.tab", text)));
    for change in &found.changes {
        let changed = change.apply(text);
        let checked = check(&changed, None).unwrap();
        assert!(checked.problems.is_empty(), "{changed}");
        assert!(parse(&changed).unwrap().first_unknown().is_none());
    }
    let mut lines: Vec<_> = found.changes.iter().map(ToString::to_string).collect();
    lines.push(
        if found.complete {
            "no others"
        } else {
            "perhaps others"
        }
        .to_owned(),
    );
    lines.join("\n")
}

fn refused(text: &str) -> String {
    let problems = check(text, None).unwrap_err();
    let lines: Vec<_> = problems
        .iter()
        .map(|problem| problem.render("mine.tab", text))
        .collect();
    lines.join("\n\n")
}

#[test]
fn entries_are_what_the_claims_need() {
    let kutta = "0 |\n1/2 | ?\n1 | -1 ?\n---\norder 3 | 1/6 ? 1/6\n";
    assert_eq!(
        solutions(kutta),
        "row 2, entry 1 is 1/2, row 3, entry 2 is 2, weights row 1, entry 2 is 2/3\nno others"
    );
    let weights = "0 |\n1/2 | 1/2\n1/2 | 0 1/2\n1 | 0 0 1\n---\norder 4 | ? ? ? ?\n";
    assert_eq!(
        solutions(weights),
        "weights row 1, entry 1 is 1/6, weights row 1, entry 2 is 1/3, weights row 1, entry 3 is 1/3, \
         weights row 1, entry 4 is 1/6\nno others"
    );
}

#[test]
fn all_solutions_are_found_exactly() {
    // Gauss's method of order 4, whose stages may stand in either order.
    let gauss = "* | 1/4 ?\n* | ? 1/4\n---\norder 4 | 1/2 1/2\n";
    assert_eq!(
        solutions(gauss),
        "row 1, entry 2 is (3+2*sqrt(3))/12, row 2, entry 1 is (3-2*sqrt(3))/12\n\
         row 1, entry 2 is (3-2*sqrt(3))/12, row 2, entry 1 is (3+2*sqrt(3))/12\nno others"
    );
}

#[test]
fn what_stays_free_becomes_a_parameter() {
    let second = "0 |\n* | ?\n---\norder 2 | ? ?\n";
    insta::assert_snapshot!("all_methods_of_order_2", solutions(second));
    let third = "0 |\n2/3 | 2/3\n2/3 | ? ?\n---\norder 3 | 1/4 ? ?\n";
    insta::assert_snapshot!("confluent_methods_of_order_3", solutions(third));
}

#[test]
fn claims_that_no_entry_makes_true_say_so() {
    insta::assert_snapshot!("no_value", refused("0 |\n1/2 | ?\n---\norder 3 | ? ?\n"));
    insta::assert_snapshot!("one_value", refused("0 |\n1 | ?\n---\norder 2 | 1/2 1/2\n"));
    insta::assert_snapshot!("no_claim", refused("0 |\n1 | ?\n---\n| 1/2 1/2\n"));
    insta::assert_snapshot!(
        "too_many",
        refused("0 |\n1 | ?\n1 | ? ?\n---\norder 3 | ? ? ?\n")
    );
}

#[test]
fn entries_of_a_family_are_functions_of_its_parameters() {
    let text = "param alpha = 2/3 in (0, 1]\n0 |\nalpha | ?\n---\norder 2 | ? ?\n";
    assert_eq!(
        solutions(text),
        "row 2, entry 1 is alpha, weights row 1, entry 1 is (2*alpha-1)/(2*alpha), weights row 1, entry 2 is 1/(2*alpha)\n\
         no others"
    );
}

#[test]
fn the_expression_that_is_wrong_identically_is_found() {
    for (name, right, wrong) in [
        ("two_stage2", "1-1/(2*alpha)", "1+1/(2*alpha)"),
        ("ees25", "(4*x-1)^2/", "(4*x-1)^3/"),
        (
            "three_stage3",
            "let a = c3*(c3-c2)/",
            "let a = c3*(c3-2*c2)/",
        ),
        ("kutta4", "let p = c3*(c3-c2)", "let p = c3*(2*c3-1)"),
        ("kutta4_confluent", "1-3*b3", "1-2*b3"),
    ] {
        let text = library::find(name).unwrap().text;
        let planted = text.replace(right, wrong);
        assert_ne!(planted, text);
        let found = repair(&planted).unwrap();
        let changes: Vec<_> = found.changes.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(format!("repair_of_{name}"), changes.join("\n"));
        let mended = found.changes[0].apply(&planted);
        let (mended, original) = (check(&mended, None).unwrap(), check(text, None).unwrap());
        assert!(mended.problems.is_empty(), "{name}");
        let (a, b) = (mended.family.unwrap(), original.family.unwrap());
        for values in [["3/10", "5/8"], ["2/7", "7/11"], ["1/5", "11/18"]] {
            let values = values.map(|value| value.parse().unwrap());
            let values = &values[..a.parameters.len()];
            let (mended, right) = (a.at(values).unwrap(), b.at(values).unwrap());
            assert_eq!(
                (mended.matrix, mended.weights),
                (right.matrix, right.weights),
                "{name}"
            );
        }
    }
}
