//! No file makes the compiler panic, run long or grow large.

use horesnet_compiler::{check, compile, limits};
use proptest::prelude::*;

fn first_message(text: &str) -> String {
    compile(text)
        .expect_err("too much")
        .first()
        .unwrap()
        .headline()
        .to_owned()
}

fn with_entry(entry: &str) -> String {
    format!("0 |\n1/2 | {entry}\n---\norder 2 | 0 1\n")
}

#[test]
fn limits_are_told() {
    let deep = |n: usize| with_entry(&format!("{}1/2{}", "(".repeat(n), ")".repeat(n)));
    assert!(compile(&deep(limits::NESTING)).is_ok());
    assert!(first_message(&deep(limits::NESTING + 1)).contains("nested"));
    assert!(first_message(&deep(400_000)).contains("nested"));

    let digits = |n: usize| with_entry(&format!("{}/2", "1".repeat(n)));
    assert!(
        first_message(&digits(limits::DIGITS)).contains("order"),
        "long, but a number"
    );
    assert!(first_message(&digits(limits::DIGITS + 1)).contains("digits"));
    assert!(first_message(&with_entry("9^64^64")).contains("expected"));
    assert!(first_message(&with_entry("(((9^64)^64)^64)^64")).contains("digits"));

    assert!(first_message(&"0".repeat(limits::TEXT + 1)).contains("bytes"));
    let stages = |n: usize| {
        let rows: Vec<_> = (0..n).map(|i| format!("* | {}", "1 ".repeat(i))).collect();
        let rows = rows.join("\n");
        format!("{rows}\n---\norder 1 | 1 {}\n", "0 ".repeat(n - 1))
    };
    assert!(compile(&stages(limits::STAGES)).is_ok());
    assert!(first_message(&stages(limits::STAGES + 1)).contains("stages"));
}

#[test]
fn long_files_end_soon() {
    // A long sum, a long product, long products of long numbers, many minus signs, many roots.
    let sum = with_entry(&vec!["1/3"; 100_000].join("+"));
    let product = with_entry(&vec!["3"; 300_000].join("*"));
    let heavy =
        with_entry(&vec![format!("(1/{}+{})", "7".repeat(2000), "9".repeat(1000)); 300].join("*"));
    let signs = with_entry(&"-".repeat(900_000));
    let roots = with_entry(&vec!["sqrt(4294967291)"; 50_000].join("+"));
    let bars = "|".repeat(1_000_000);
    let rows = "0 |\n".repeat(200_000);
    let rules = "-".repeat(1_000_000);
    for text in [sum, product, heavy, signs, roots, bars, rows, rules] {
        assert!(compile(&text).is_err());
    }
}

#[test]
fn large_numbers_are_refused_before_the_proof_runs_long() {
    let row = |i: usize| {
        (0..i)
            .map(|j| format!("1/{}{}{}", "9".repeat(3000), i, j))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let rows: Vec<_> = (0..20).map(|i| format!("* | {}", row(i))).collect();
    let text = format!("{}\n---\n| 1 {}\n", rows.join("\n"), "0 ".repeat(19));
    let message = first_message(&text);
    assert!(
        message.contains("too large") || message.contains("arithmetic"),
        "{message}"
    );
}

/// Names cost nothing to write, sums of long numbers much to form.
#[test]
fn long_constants_used_often_end_soon() {
    for (names, rows) in [(6, 8), (20, 20)] {
        let bindings: Vec<_> = (0..names)
            .map(|k| format!("let n{k} = 1/{}{k}", "7".repeat(4000)))
            .collect();
        let row: Vec<_> = (0..rows).map(|j| format!("n{}", j % names)).collect();
        let stages = vec![format!("* | {}", row.join(" ")); rows];
        let text = format!(
            "{}\n{}\n---\n| {}\n",
            bindings.join("\n"),
            stages.join("\n"),
            row.join(" ")
        );
        assert!(compile(&text).is_err());
    }
}

#[test]
fn proofs_that_would_run_long_or_grow_large_are_refused() {
    let full = |entry: &str, header: &str, order: usize| {
        let row = [entry; 64].join(" ");
        let weights: Vec<_> = (0..63)
            .map(|i| if i % 2 == 0 { "100" } else { "-100" })
            .collect();
        let rows = vec![format!("* | {row}"); 64].join("\n");
        format!(
            "{header}{rows}\n---\norder {order} | {} -99\n",
            weights.join(" ")
        )
    };
    for (header, order) in [("rounded 0.1\n", 9), ("rounded 1e-60\n", 12), ("", 16)] {
        assert!(compile(&full("1/128", header, order)).is_err());
    }
}

/// Conditions that hold whatever the order, for a tolerance that is as large as they are.
#[test]
fn searches_too_far_say_how_far_to_search() {
    let row = ["1/64"; 64].join(" ");
    let rows = vec![format!("* | {row}"); 64].join("\n");
    // Weights that cancel make every tolerance larger than its condition.
    let weights = ["100 -100"; 31].join(" ");
    let text = format!("rounded 0.1\n{rows}\n---\n| {weights} 100 -99\n");
    let found = check(&text, Some(limits::ORDER));
    let problems = found.map(|checked| checked.verdict).unwrap_err();
    assert_eq!(
        problems[0].headline(),
        "the search for orders up to 16 would take too long"
    );
    assert_eq!(
        problems[0].help_lines(),
        ["search to a smaller order with `--max-order`; 1 would decide the claims"]
    );
    assert!(check(&text, Some(6)).is_ok());
}

/// Without a claim and without a bound, a search goes as far as it can.
#[test]
fn searches_that_nobody_asked_for_are_not_refused() {
    let beyond = "rounded 1e-9\n1e200 |\n* | 10\n1 | 1e-20 1e30\n---\n| 0 1/3 -2\n";
    assert_eq!(check(beyond, None).unwrap().verdict.weights[0].order, 0);
    // Weights that cancel make every tolerance larger than its condition, until the numbers are too large.
    let row = "1e1000 | 1e1000 0\n";
    let long = format!("rounded 0.1\n{row}{row}---\n| 1e10 1-1e10\n");
    let found = &check(&long, None).unwrap().verdict.weights[0];
    assert!((1..10).contains(&found.order) && found.first_failure.is_none());
    assert!(check(&long, Some(limits::ORDER)).is_err());
}

#[test]
fn a_file_full_of_mistakes_is_told_some_of_them() {
    let weights = ["q"; 40].join(" ");
    let rows: Vec<_> = (0..40).map(|i| format!("* | {}", "0 ".repeat(i))).collect();
    let text = format!("{}\n---\norder 1 | {weights}\n", rows.join("\n"));
    let problems = check(&text, None).unwrap_err();
    assert_eq!(problems.len(), 21);
    assert_eq!(problems[20].headline(), "and 20 more problems");
    let long = format!("0 |\n---\norder 1 | {}\n", "1e-4096 ".repeat(100_000));
    assert_eq!(check(&long, None).unwrap_err().len(), 1);
}

proptest! {
    #[test]
    fn any_text_gives_an_answer(text in "\\PC{0,200}") {
        let _ = compile(&text);
    }

    #[test]
    fn anything_made_of_the_language_gives_an_answer(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "0", "1/2", "|", "---\n", "\n", "order", " ", "4", "(", ")", "sqrt", "let", "r", "=", "name", "\"", "#",
                "*", "-", "+", "^", "e", ".", "rounded", "1e-9", "\\\n", "\r\n", "\t", "cite", "64", "é", "τ",
            ]),
            0..60,
        )
    ) {
        let text = tokens.concat();
        if let Err(problems) = check(&text, Some(4)) {
            for problem in problems {
                prop_assert!(problem.render("f", &text).contains('f'));
            }
        }
    }

    #[test]
    fn one_changed_character_of_a_good_file_gives_an_answer(at in 0_usize..400, to in any::<char>()) {
        let good = horesnet_compiler::library::find("gill4").unwrap().text;
        let mut text: Vec<char> = good.chars().collect();
        let at = at % text.len();
        text[at] = to;
        let text: String = text.into_iter().collect();
        if let Err(problems) = compile(&text) {
            for problem in problems {
                let (line, column) = problem.position(&text);
                prop_assert!(line >= 1 && column >= 1);
                prop_assert!(!problem.render("f", &text).is_empty());
            }
        }
    }
}

/// Conditions with nodes and row sums at the leaves grow fast; powers of inverses are longer than those of their bases.
#[test]
fn the_growth_of_trees_and_of_inverses_is_counted() {
    let coarse = "rounded 0.1\n0.7 | 1/2 1/2\n0.7 | 1/2 1/2\n---\norder 8 | 100 -99\n";
    assert!(compile(coarse).is_err());
    let nines = "9".repeat(300);
    let power = format!("(sqrt(2)+sqrt(3)+sqrt(5)+sqrt(7)+{nines})^-64");
    assert!(first_message(&with_entry(&power)).contains("digits"));
    assert!(compile(&with_entry("((1/2+0*sqrt(2))^-1-3/2)")).is_ok());
    assert!(first_message(&with_entry("0^-1")).contains("division by zero"));
}

#[test]
fn characters_that_change_the_direction_of_text_are_refused() {
    for c in ['\u{202e}', '\u{2066}', '\u{200f}', '\u{61c}'] {
        let text = format!("name \"RK{c}4\"\n{}", with_entry("1/2"));
        let problem = limits::text(text.into_bytes()).unwrap_err();
        assert!(
            problem.contains(&format!("U+{:04X}", u32::from(c))),
            "{problem}"
        );
    }
    assert!(limits::text("name \"Рунге – Кутта\"\n".into()).is_ok());
}
