//! No text makes a reader panic, run long or grow large.

use std::fmt::Write;

use horesnet_compiler::notation::{self, Notation, PrintedTableau};
use horesnet_compiler::{library, limits, parse};
use proptest::collection::vec;
use proptest::prelude::*;

fn message(name: &str, text: &str) -> String {
    let problems = notation::find(name)
        .unwrap()
        .read(text)
        .expect_err("too much");
    problems[0].headline().to_owned()
}

/// An entry in the place of one of a small tableau.
fn with_entry(name: &str, entry: &str) -> String {
    match name {
        "json" => format!("{{\"A\": [[0, 0], [{entry}, 0]], \"b\": [0, 1]}}"),
        "latex" => format!(
            "\\begin{{array}}{{c|cc}} 0 & \\\\ & {entry} \\\\ \\hline & 0 & 1 \\end{{array}}"
        ),
        "julia" => format!("A = [0 0; {entry} 0]\nb = [0, 1]\n"),
        _ => format!("A = [[0, 0], [{entry}, 0]]\nb = [0, 1]\n"),
    }
}

const OTHERS: [&str; 4] = ["json", "latex", "julia", "python"];

#[test]
fn limits_are_told() {
    for name in OTHERS {
        assert!(
            message(name, &" ".repeat(limits::TEXT + 1)).contains("bytes"),
            "{name}"
        );
        let digits = "7".repeat(limits::DIGITS + 1);
        assert!(
            message(name, &with_entry(name, &digits)).contains("digits"),
            "{name}"
        );
    }
    for name in ["json", "julia", "python"] {
        assert!(
            message(name, &with_entry(name, "1e4097")).contains("exponents"),
            "{name}"
        );
        assert!(
            message(name, &with_entry(name, "1e99999999999")).contains("exponents"),
            "{name}"
        );
        let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
        let message = message(name, &with_entry(name, &deep));
        assert!(
            message.contains("deep") || message.contains("recursion"),
            "{name}: {message}"
        );
    }
    for (name, deep) in [
        ("julia", "("),
        ("python", "("),
        ("latex", "("),
        ("latex", "{"),
        ("latex", "\\frac{"),
        ("latex", "\\sqrt{"),
    ] {
        let message = message(name, &with_entry(name, &deep.repeat(100_000)));
        assert!(
            message.contains("deep") || message.contains("expected"),
            "{name}: {message}"
        );
    }
    assert!(message("latex", &with_entry("latex", "10^{4097}")).contains("exponent"));
    assert!(message("latex", &with_entry("latex", "3^{65}")).contains("exponent"));
    assert!(message("julia", &with_entry("julia", "3^65")).contains("exponent"));
    assert!(message("python", &with_entry("python", "3**65")).contains("exponent"));
    let rows = format!(
        "{{\"A\": [{}[]], \"b\": [1]}}",
        "[],".repeat(limits::STAGES)
    );
    assert!(message("json", &rows).contains("at most 64 stages, found 65"));
    let rows = format!(
        "\\begin{{array}}{{c}}{}\\hline 1\\end{{array}}",
        "0 \\\\".repeat(100_000)
    );
    assert!(
        message("latex", &rows).contains("hline") || message("latex", &rows).contains("stages")
    );
}

#[test]
fn long_texts_end_soon() {
    let repeated = |what: &str| what.repeat(limits::TEXT / what.len() - 100);
    for name in OTHERS {
        for entry in [
            "1+",
            "-",
            "1*",
            "sqrt(2)+",
            "\\sqrt2 ",
            "1 ",
            "\"a\"",
            "x.",
            "√",
            "{",
            "[",
            "(",
            "\\\\[",
            "'",
            "\\begin{array}",
            "%\n",
            "#=",
        ] {
            // A comment of LaTeX leaves its cell blank, which is a zero.
            if (name, entry) == ("latex", "%\n") {
                continue;
            }
            assert!(
                notation::find(name)
                    .unwrap()
                    .read(&with_entry(name, &repeated(entry)))
                    .is_err(),
                "{name}: {entry}"
            );
        }
    }
    for line in [
        "x = [x]\n",
        "x = 1\n",
        "x = 1 + x\n",
        "A = [A, A]\n",
        "b = b / 2\n",
        "A[1] = 1\n",
        "f(x)\n",
        "\"\"\"\n",
        "if\n",
    ] {
        for name in ["julia", "python"] {
            let text = format!("x = 1 + 1\nA = [1]\nb = [1]\n{}", repeated(line));
            let _ = notation::find(name).unwrap().read(&text);
        }
    }
    // Members of an object, doubled lists, long names.
    let mut members = String::new();
    for i in 0..80_000 {
        write!(members, "\"x{i}\": 1,").unwrap();
    }
    assert!(message("json", &format!("{{{members}\"y\": 1}}")).contains("missing `A`"));
    let mut doubled = String::new();
    for i in 0..60 {
        writeln!(doubled, "x{} = [x{i}, x{i}]", i + 1).unwrap();
    }
    let text = format!("x0 = [1]\n{doubled}A = x60\nb = [1]\n");
    assert!(
        message("python", &text).contains("copies more than"),
        "{}",
        message("python", &text)
    );
}

#[test]
fn long_names_do_not_make_long_messages() {
    let name = "n".repeat(500_000);
    assert!(message("python", &format!("A = [[{name}]]\nb = [1]\n")).len() < 200);
    assert!(
        message(
            "json",
            &format!("{{\"{name}\": [5], \"A\": [[]], \"b\": [1]}}")
        )
        .len()
            < 200
    );
}

fn written(notation: &Notation, scheme: usize) -> String {
    let scheme = library::all()[scheme % library::all().len()];
    notation
        .write(&PrintedTableau::new(&parse(scheme.text).unwrap()).unwrap())
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_has_an_answer(text in any::<String>()) {
        for notation in notation::ALL {
            let _ = notation.read(&text);
        }
    }

    #[test]
    fn text_of_pieces_has_an_answer(pieces in vec(prop::sample::select(vec![
        "A", "b", "c", " = ", "[", "]", "(", ")", "{", "}", ",", ";", "\n", " ", "1", "0.5", "1e3", "/", "//", "*", "**", "^", "-", "+", "sqrt",
        "Rational", "zeros", "\"", "'", "\\", "\\frac", "\\sqrt", "&", "\\\\", "\\hline", "%", "#", "\\begin{array}", "{c|cc}",
        "\\end{array}", "order", "|", "---", "big\"", "√", ".", ":", "null", "T.", "é", "\u{301}", "if", "=",
    ]), 0..60)) {
        let text = pieces.concat();
        for notation in notation::ALL {
            if let Err(problems) = notation.read(&text) {
                prop_assert!(!problems[0].render("f", &text).is_empty());
            }
        }
        let _ = notation::format(&text);
    }

    #[test]
    fn damaged_files_have_an_answer(scheme in 0..100_usize, at in any::<prop::sample::Index>(), length in 0..4_usize, patch in "[\\x00-\\x7fé√]{0,3}") {
        for notation in notation::ALL {
            let mut chars: Vec<char> = written(notation, scheme).chars().collect();
            let at = at.index(chars.len());
            let end = (at + length).min(chars.len());
            chars.splice(at..end, patch.chars());
            let text: String = chars.into_iter().collect();
            if let Err(problems) = notation.read(&text) {
                prop_assert!(!problems[0].render("f", &text).is_empty());
            }
        }
    }
}
