//! What is not read is shown where it stands, and nothing is read past in silence.

use horesnet_compiler::notation;

fn refusal(name: &str, text: &str) -> String {
    let notation = notation::find(name).unwrap_or_else(|| notation::detect(text));
    let problems = notation.read(text).expect_err(text);
    let extension = if name == notation.name {
        notation.extension
    } else {
        name
    };
    problems[0].render(&format!("mine.{extension}"), text)
}

#[test]
fn problems_point_at_what_was_written() {
    let cases = [
        ("json", "{\"A\": [[], [0.5]],\n \"b\": [0, 1,]}"),
        ("json", "{\"A\": [[], [\"1/2 +\"]], \"b\": [0, 1]}"),
        ("json", "{\"A\": [[], [\"r/2\"]], \"b\": [0, 1]}"),
        ("json", "{\"A\": [[], [0.5], [0.5]], \"b\": [0, 1]}"),
        ("json", "{\"A\": [[], [true]], \"b\": [0, 1]}"),
        ("json", "{\"A\": [[]], \"b\": [1], \"order\": 2.5}"),
        ("json", "{\"A\": [[]], \"b\": [1], \"b2\": [3]}"),
        ("json", "{\"A\": [[]], \"b\": [1], \"b\": [1]}"),
        ("json", "{\"A\": [[]], \"b\": [1], \"bhat2\": [1]}"),
        ("json", "{\"A\": [[]], \"b\": [1], \"embedded_order\": 2}"),
        ("json", "{\"A\": [[]], \"b\": [1], \"c\": [0, 1]}"),
        ("json", "{\"c\": [0]}"),
        ("json", "[1]"),
        (
            "latex",
            "\\begin{array}{c|c} 0 & \\\\ 1 & \\frac{1}{x} \\\\ \\hline & 1 & 0 \\end{array}",
        ),
        (
            "latex",
            "\\begin{array}{c|c} 0 & \\\\ 1 & 2\\frac{1}{2} \\\\ \\hline & 1 & 0 \\end{array}",
        ),
        ("latex", "\\begin{array}{c|c} 0 & 1 \\\\ & 1 \\end{array}"),
        ("latex", "\\begin{array}{c|c} 0 & 1 \\\\"),
        ("latex", "\\[ 0 \\]"),
        ("julia", "A = [0 0; 1/x 0]\nb = [0, 1]\n"),
        ("julia", "A = [0 0; 1 0]'x\nb = [0, 1]\n"),
        ("julia", "A = [0 0; NaN 0]\nb = [0, 1]\n"),
        ("matlab", "A = [0 0; 1 0 0];\nb = [0, 1];\n"),
        (
            "c",
            "double A[2][2] = {{0, 0}, {1/2, 0}};\ndouble b[2] = {0, 1};\n",
        ),
        (
            "c",
            "int A[2][2] = {{0, 0}, {0.5, 0}};\ndouble b[2] = {0, 1};\n",
        ),
        (
            "fortran",
            "real(8) :: A(2,2) = reshape([0d0, 5d-1, 0d0], [2, 2])\nreal(8) :: b(2) = [0, 1]\n",
        ),
        (
            "python",
            "A = [[0, 0], [1, 0]]\nb = [1/2, 1/2]\nx = [3, 4]\n",
        ),
        (
            "python",
            "x = [[0, 0], [1, 0]]\ny = [0, 1]\nz = [1/2, 1/2]\n",
        ),
        (
            "python",
            "A = [[0, 0], [1, 0]]\nb = [0, 1]\nc = [1/2, 1/2]\n",
        ),
        (
            "python",
            "A = [[0], [0.5]]\nU = [[1], [1]]\nB = [[0, 1]]\nV = [[1]]\n",
        ),
        ("python", "alpha = [1, -1]\nbeta = [1/2, 1/2]\n"),
        (
            "python",
            "alpha = [[0, 0], [1, 0]]\ngamma = [[0.5, 0], [-1, 0.5]]\nb = [0.5, 0.5]\n",
        ),
        ("julia", "A = [0 0; 1 0]\nb = [0 1; 2]\nb .= 2\n"),
        ("julia", "A = [0 0; 1 0]\npush!(A, 3)\nb = [0, 1]\n"),
        ("julia", "A = [0 0; 1 0]\nA[3, 1] = 2\nb = [0, 1]\n"),
        (
            "python",
            "import math\nA = [[0, 0], [1//2, 0]]\nb = [0, 1]\n",
        ),
        (
            "python",
            "A = [[0, 0], [0.5, 0]]\nfor i in range(2):\n    A[i, 0] = 1\nb = [0, 1]\n",
        ),
        ("python", "A = [[0, 0], [round(2.5), 0]]\nb = [0, 1]\n"),
        (
            "python",
            "def f(x):\n    return x/2\n\nA = [[0, 0], [f(2), 0]]\nb = [0, 1]\n",
        ),
        (
            "python",
            "A = [[0, 0], [0.5, 0]]\nA = [[0, 0], [0.6, 0]]\nb = [0, 1]\n",
        ),
        ("python", "A = [[0, 0], [0.5, 0]]\nA *= 2\nb = [0, 1]\n"),
        ("python", "A = [[0, 0], [6**0.3, 0]]\nb = [0, 1]\n"),
        ("python", "A, b = [[0]], [1], [2]\n"),
        ("python", "A = [[0, 0], [1/2, 0]\nb = [0, 1]\n"),
        ("python", "print('no tableau')\n"),
        ("python", "A = [[0]]\nname = 'open\n"),
    ];
    let pictures: Vec<_> = cases
        .iter()
        .map(|(name, text)| refusal(name, text))
        .collect();
    insta::assert_snapshot!(pictures.join("\n\n"));
}

#[test]
fn nothing_is_made_of_weights_that_are_not_there() {
    let array = |rows: &str| format!("\\begin{{array}}{{c|cc}}\n{rows}\n\\end{{array}}\n");
    for (rows, expected) in [
        (
            "\\hline\n0\\\\\n1&1\\\\\n & 1/2 & 1/2\\\\\n\\hline",
            "expected weights below the `\\hline`, found none",
        ),
        (
            "0\\\\\n1&1\\\\\n\\hline\n & & \\\\",
            "expected weights below the `\\hline`, found none",
        ),
        (
            "0\\\\\n1&1\\\\\n\\hline\n b & & \\\\",
            "expected weights in this row, found none",
        ),
        (
            "0\\\\\n1&1\\\\\n\\hline\n 1/2 & 1/2\\\\",
            "expected a label before the weights, found a number",
        ),
    ] {
        let text = array(rows);
        let said = refusal("latex", &text);
        assert!(said.contains(expected), "{said}");
    }
    assert!(refusal("json", "{\"A\": [], \"b\": []}").contains("expected stages, found none"));
}

#[test]
fn a_comma_that_may_be_a_decimal_one_is_refused() {
    for cell in ["1{,}234", "1{,}5", "2\\,88", "0\\,889", "2\\,8894"] {
        let text = format!("\\begin{{array}}{{c|c}} {cell} \\\\ \\hline & 1 \\end{{array}}");
        let said = refusal("latex", &text);
        assert!(
            said.contains("decimals") || said.contains("thousands"),
            "{said}"
        );
    }
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    // A decimal of few digits, and a quotient of which the exact value has thousands.
    let text = "0 |\n1 | 21e-4096/3\n---\n| 1 0\n";
    let printed = notation::find("tab").unwrap().read(text).unwrap();
    for notation in notation::ALL {
        let problem = notation.write(&printed).unwrap_err();
        let expected = format!("cannot write this tableau as {}", notation.name);
        assert!(
            problem.headline().starts_with(&expected),
            "{}",
            problem.headline()
        );
        let why: Vec<_> = problem.remarks().collect();
        assert!(why.join("").contains("4096 digits"), "{why:?}");
    }
}

#[test]
fn a_carriage_return_ends_a_line_or_is_refused() {
    for (name, text) in [
        ("python", "# Heun\rA = [[2]]\nA = [[0]]\nb = [1]\n"),
        (
            "latex",
            "%\r\\begin{array}{c|c} 0 \\\\ \\hline & 1 \\end{array}",
        ),
        ("tab", "# Heun\rprint(1)\n0 |\n---\n| 1\n"),
    ] {
        assert!(refusal(name, text).contains("carriage return"), "{name}");
    }
    let text = "# Heun\r\nA = [[0]]\r\nb = [1]\r\n";
    assert!(notation::find("python").unwrap().read(text).is_ok());
}
