//! The formatter: one layout, the same meaning, every comment and every spelling kept.

use horesnet_compiler::notation::format;
use horesnet_compiler::tableau::Tableau;
use horesnet_compiler::{library, limits, parse};
use proptest::collection::vec;
use proptest::prelude::*;

#[test]
fn every_bundled_file_is_formatted() {
    for scheme in library::all().iter().chain(library::implicit()) {
        assert_eq!(
            format(scheme.text).unwrap(),
            scheme.text,
            "run `horesnet convert --to tab --in-place {}`",
            scheme.path()
        );
    }
}

#[test]
fn comments_and_spellings_are_kept_where_they_are() {
    let text = "\u{feff}#  Ralston's method,\r\n#of order 2.\r\n\r\n\r\n  # Not part of the head.\r\nname   \"a  #  b\"   # inline\r\nlet\tx=( 2 / 3 )\r\nlet y = sqrt( 4 )/2 \\\r\n   * 1\r\nrounded    1e-3#why\r\n# Rows.\r\n0|\r\n# Between.\r\n\r\n\r\n\r\n*|x    # two thirds\r\n-=+-\r\norder   2|.250   (1 -\\\r\n 1/4)*y\r\n   |1E0 0\r\n# The end.\r\n\r\n";
    let formatted = format(text).unwrap();
    insta::assert_snapshot!(formatted, @r#"
    #  Ralston's method,
    #of order 2.

    # Not part of the head.
    name "a  #  b"  # inline
    let x = (2 / 3)
    let y = sqrt(4)/2 * 1
    rounded 1e-3  #why

    # Rows.
    0       |
    # Between.

    *       | x  # two thirds
    --------+------------------
    order 2 | .250  (1 - 1/4)*y
            | 1E0   0
    # The end.
    "#);
    assert_eq!(format(&formatted).unwrap(), formatted);
    assert_eq!(meaning(&formatted), meaning(text));
}

#[test]
fn what_documents_nothing_does_not_move_into_the_head() {
    for text in [
        "\n# one\n0 |\n---\n| 1\n",
        "  # one\n0 |\n---\n| 1\n",
        "# head\n # one\n0 |\n---\n| 1\n",
        "# head\n\n\n# one\n0 |\n---\n| 1",
    ] {
        let formatted = format(text).unwrap();
        assert_eq!(
            parse(&formatted).unwrap().head,
            parse(text).unwrap().head,
            "{formatted}"
        );
        assert_eq!(format(&formatted).unwrap(), formatted);
    }
}

#[test]
fn very_wide_tables_are_not_padded() {
    let long = format!("1/{}", "7".repeat(470));
    let text = format!("0 |\n1 | {long}\n1 | 1 1\n1 | 0 0 1\n---\norder 1 | 1 0 0 0\n");
    let formatted = format(&text).unwrap();
    assert!(
        formatted.lines().any(|line| line == "1       | 1  1"),
        "{formatted}"
    );
    assert!(formatted.lines().all(|line| line.len() <= 482));
    assert_eq!(format(&formatted).unwrap(), formatted);
    assert_eq!(meaning(&formatted), meaning(&text));
}

#[test]
fn results_are_bounded_like_texts() {
    let rows = format!("{}---\n{}", "0 |\n".repeat(100_000), "| 1\n".repeat(100));
    assert!(format(&rows).unwrap().len() <= limits::TEXT);
    let wide = format!("0 |{}\n---\n| 1\n", " 1".repeat(limits::TEXT / 2 - 20));
    assert!(format(&wide).unwrap_err().headline().contains("bytes"));
    assert!(format("0 | \"\n").is_err());
}

fn meaning(text: &str) -> Tableau {
    Tableau::new(&parse(text).unwrap()).unwrap()
}

/// Text between the parts of a file: blank lines, comments, continued lines.
fn filler() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "", "", " ", "\t", "   ", " \\\n ", "  \\\r\n"])
        .prop_map(str::to_owned)
}

fn ending() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "\n",
        "\n",
        "\r\n",
        " # c\n",
        "#d\r\n",
        "\n\n\n",
        "\n# e\n",
        "\n  # f\n\n",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn formatting_is_idempotent_and_keeps_the_meaning(
        head in prop::sample::select(vec!["", "# one\n# two\n", "\n", " # no head\n", "#\n\n# x\n"]),
        fillers in vec(filler(), 20),
        endings in vec(ending(), 8),
    ) {
        let (f, e) = (&fillers, &endings);
        let text = format!(
            "{head}{}name {}\"q # \\ r\"{}{}let{} {}z{}={}( 1 -{} 1/2 ){}0{}|{}1/2{}|{}z{}--{}order{} 2{}|{}0 {}1{}",
            f[0], f[1], e[0], f[2], f[3], f[4], f[5], f[6], f[7], e[1], f[8], e[2], f[9], f[10], e[3], e[4], f[11], f[12], f[13], f[14], e[5]
        );
        let formatted = format(&text).unwrap_or_else(|problem| panic!("{}", problem.render("f", &text)));
        prop_assert_eq!(format(&formatted).unwrap(), formatted.clone());
        prop_assert_eq!(meaning(&formatted), meaning(&text));
        let comments = |text: &str| text.matches('#').count();
        prop_assert_eq!(comments(&formatted), comments(&text));
    }
}
