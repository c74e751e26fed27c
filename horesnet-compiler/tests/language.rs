//! The tableau language, by example: what may be written, and what each mistake is told.

use horesnet_compiler::diagnostic::Diagnostic;
use horesnet_compiler::number::Number;
use horesnet_compiler::{check, compile, parse};

fn node(expression: &str) -> Result<Number, String> {
    let text = format!(
        "let r = sqrt(2)\nlet golden = (1 + sqrt(5))/2\n0 |\n{expression} | 1\n---\n| 1 0\n"
    );
    match check(&text, Some(1)) {
        Ok(checked) => Ok(checked.tableau.nodes[1].clone()),
        Err(problems) => Err(problems
            .iter()
            .map(Diagnostic::headline)
            .collect::<Vec<_>>()
            .join("; ")),
    }
}

fn ratio(numerator: i64, denominator: i64) -> Number {
    Number::ratio(numerator, denominator).unwrap()
}

#[test]
fn expressions_are_exact() {
    for (text, numerator, denominator) in [
        ("-8/27", -8, 27),
        ("0.25", 1, 4),
        (".5", 1, 2),
        ("5.", 5, 1),
        ("1.5e-3", 3, 2000),
        ("2E+1", 20, 1),
        ("2^3", 8, 1),
        ("2^-2", 1, 4),
        ("2^(-2)", 1, 4),
        ("-2^2", -4, 1),
        ("--2", 2, 1),
        ("8/4/2", 1, 1),
        ("1-2-3", -4, 1),
        ("1-(2-3)", 2, 1),
        ("( 4 + 2*3 )/5", 2, 1),
        ("2*-3", -6, 1),
        ("sqrt(9/4)", 3, 2),
        ("sqrt(0)", 0, 1),
        ("r^2", 2, 1),
        ("golden^2-golden", 1, 1),
        ("1/(1+r)-r", -1, 1),
        ("sqrt(6)*sqrt(10)/sqrt(15)/2", 1, 1),
    ] {
        assert_eq!(node(text), Ok(ratio(numerator, denominator)), "{text}");
    }
}

#[test]
fn layout_is_free() {
    let plain = "0 |\n1/2 | 1/2\n---\norder 2 | 0 1\n";
    let meaning = check(plain, None).unwrap().tableau;
    for text in [
        plain.replace('\n', "\r\n"),
        format!("\u{feff}{plain}"),
        plain.trim_end().to_owned(),
        plain.replace("---", "  ==+=="),
        plain.replace(
            "1/2 | 1/2",
            "  1/2|\t1/2  # the middle\n\n # and a blank line",
        ),
        plain.replace("| 0 1", "| 0 \\\n   1"),
        plain.replace("1/2 | 1/2", "* | 1/2"),
        plain.replace("0 |\n1/2 | 1/2", "0 | 0 0\n1/2 | 1/2 0"),
    ] {
        let checked = check(&text, None)
            .unwrap_or_else(|problems| panic!("{}", problems[0].render("f", &text)));
        assert_eq!(checked.tableau, meaning, "{text}");
    }
}

#[test]
fn headers_are_kept() {
    let text = "# One.\n#\n# Two.\nname \"N # 1\"\ncite \"A\" # why\ncite \"B\"\n\n0 |\n---\norder 1 | 1\n";
    let document = parse(text).unwrap();
    assert_eq!(document.head, ["One.", "", "Two."]);
    assert_eq!(document.name.unwrap().value, "N # 1");
    assert_eq!(document.citations, ["A", "B"]);
}

/// The first message about a file, drawn.
fn message(text: &str) -> String {
    compile(text)
        .expect_err("a mistake")
        .first()
        .unwrap()
        .render("mine.tab", text)
}

#[test]
fn mistakes_of_syntax() {
    let messages: Vec<_> = [
        "0 |\n1/2 | 1/2\norder 2 | 0 1\n",
        "name RK4\n0 |\n---\norder 1 | 1\n",
        "0 |\n1/2 | (1/2\n---\norder 2 | 0 1\n",
        "0 |\n1/2 | 1//2\n---\norder 2 | 0 1\n",
        "0 |\n1/2 | sqrt 2\n---\norder 2 | 0 1\n",
        "0 |\n1/2 | 2^r\n---\norder 2 | 0 1\n",
        "0 |\n1/2 | 1/2\n---\norder two | 0 1\n",
        "0 |\n1/2 | 1/2\n---\norder 2 | 0 1\nthe end\n",
        "0 |\n1/2 | 1,5\n---\norder 2 | 0 1\n",
        "0 |\n1/2 | 1/2\n---\n",
        "---\norder 1 | 1\n",
        "name \"A\"\nname \"B\"\n0 |\n---\norder 1 | 1\n",
        "0 |\n1/2 | 1/2\n---\norder 2 | - 1/3 4/3\n",
        "0 |\n1/2 | \u{2212}1/2\n---\norder 2 | 0 1\n",
        "0 |\n1/2 | 1/2\n---\norder 2 | 1/3, 2/3\n",
        "let s = sqrt(2)\n0 |\n1/2 | 2s/3\n---\norder 2 | 0 1\n",
        "0 |\n1/2 | 1/2\n---|---\norder 2 | 0 1\n",
        "0 |\n1/2 1/2\n---\norder 2 | 0 1\n",
        "0 |\n1/2 | 1/2\n---\norder 2 0 1\n",
        "0 |\n1/2 | 1/2\n---\nOrder 2 | 0 1\n",
        "0 |\n1/2 | 1/2\n---\norder=2 | 0 1\n",
        "PK\u{3}\u{4}\u{0}\u{0}",
        " \n",
    ]
    .into_iter()
    .map(message)
    .collect();
    insta::assert_snapshot!("mistakes_of_syntax", messages.join("\n\n"));
}

#[test]
fn mistakes_of_meaning() {
    let with = |entry: &str| format!("0 |\n1/2 | {entry}\n---\norder 2 | 0 1\n");
    let messages: Vec<_> = [
        with("1/0"),
        with("1/(1/2-0.5)"),
        with("0^-1"),
        with("sqrt(-1)"),
        with("sqrt(sqrt(2))"),
        with("q"),
        with("sqrt5"),
        with("sqrt(2)+sqrt(3)+sqrt(5)+sqrt(7)+sqrt(11)"),
        with("sqrt(1000000000000000003)"),
        with("1e5000"),
        with("2^65"),
        format!("let order = 1\n{}", with("1")),
        format!("let a = 1\nlet a = 2\n{}", with("a")),
        format!("let a = 1\nlet b = 2\n{}", with("c")),
        format!("rounded 2\n{}", with("1/2")),
        format!("rounded 0\n{}", with("1/2")),
        with("1/2").replace("order 2", "order 17"),
        with("1/2").replace("order 2", "order 0"),
        with("1/2").replace("order 2", "order 1"),
        with("1/2 1/2"),
    ]
    .iter()
    .map(|text| message(text))
    .collect();
    insta::assert_snapshot!("mistakes_of_meaning", messages.join("\n\n"));
}

/// Files as a new user would type them, and the help for each.
#[test]
fn beginners_are_told_what_to_write() {
    let rows = "0 |\n1/2 | 1/2\n---\n";
    for (text, said) in [
        (format!("% RK2\n{rows}| 0 1\n"), "comments start with `#`"),
        (format!("// RK2\n{rows}| 0 1\n"), "comments start with `#`"),
        (format!("g = 1/4\n{rows}| 0 1\n"), "let g = 1/4"),
        (format!("name RK2\n{rows}| 0 1\n"), "double quotes"),
        (format!("rounded\n{rows}| 0 1\n"), "rounded 5e-16"),
        (format!("{rows}b | 0 1\n"), "no labels"),
        (format!("{rows}[0 1]\n"), "without brackets"),
        (format!("{rows}order 2(1) | 0 1\n"), "its own order"),
        (
            "0 |\nlet a = 1/2\na | a\n---\n| 0 1\n".into(),
            "before the first row",
        ),
        ("|\n| 1/2\n---\n| 0 1\n".into(), "`*` for the sum"),
        (
            "order 2 | 0 1\n---\n0 |\n1/2 | 1/2\n".into(),
            "below the line",
        ),
        ("0 |\n2**-1 | 2**-1\n---\n| 0 1\n".into(), "`^`"),
        ("0 |\n1/3 | 0.333...\n---\n| 0 1\n".into(), "all digits"),
        ("0 |\n½ | ½\n---\n| 0 1\n".into(), "`1/2`"),
        (
            "0 |\n0,5 | 0,5\n---\n| 0 1\n".into(),
            "decimals have a point",
        ),
        ("0 ||\n1/2 || 1/2\n---\n| 0 1\n".into(), "one `|`"),
        (
            "0 |\n1/2 | 1/2\norder 2 | 0 1\n".into(),
            "must stand between",
        ),
        ("0 |\npi/4 | pi/4\n---\n| 0 1\n".into(), "3.14159"),
    ] {
        let problems = check(&text, None).unwrap_err();
        let help = problems[0].remarks().collect::<Vec<_>>().join(" ");
        assert!(help.contains(said), "{help}\n{text}");
    }
}
