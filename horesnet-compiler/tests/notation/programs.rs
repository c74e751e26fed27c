//! Programs mean what they mean when they are run, or are refused.

use horesnet_compiler::notation;

fn tab(language: &str, text: &str) -> Result<String, String> {
    let printed = notation::find(language).unwrap().read(text);
    let printed = printed.map_err(|problems| problems[0].render("mine", text))?;
    Ok(notation::find("tab").unwrap().write(&printed).unwrap())
}

#[track_caller]
fn same(language: &str, text: &str, expected: &str) {
    let found = tab(language, text).unwrap_or_else(|problem| panic!("{problem}"));
    assert_eq!(found, tab("tab", expected).unwrap(), "{text}");
}

#[track_caller]
fn refused(language: &str, text: &str, expected: &str) {
    let problem = tab(language, text).expect_err(text);
    assert!(problem.contains(expected), "{problem}");
}

const HEUN_EULER: &str = "0 |\n1 | 1\n---\n| 1/2 1/2\n| 1 0\n";
const MIDPOINT: &str = "0 |\n1/2 | 1/2\n---\n| 0 1\n";

#[test]
fn embedded_weights_have_several_names() {
    for name in ["bhat", "b_hat", "b_star", "bstar", "bh", "b_embedded"] {
        let text = format!("A = [[0, 0], [1, 0]]\nb = [1/2, 1/2]\n{name} = [1, 0]\n");
        same("python", &text, HEUN_EULER);
        let text = format!("A = [0 0; 1 0]\nb = [1/2, 1/2]\n{name} = [1, 0]\n");
        same("julia", &text, HEUN_EULER);
        let text = format!("{{\"A\": [[1]], \"b\": [\"1/2\", \"1/2\"], \"{name}\": [1, 0]}}");
        same("json", &text, HEUN_EULER);
    }
}

#[test]
fn lists_that_could_be_weights_are_not_lost() {
    for name in [
        "b2", "bs", "bt", "btilde", "b_err", "w_hat", "e", "d", "E", "anything",
    ] {
        for (values, embedded) in [
            ("[1, 0]", "| 1 0"),
            ("[[1, 0]]", "| 1 0"),
            // A row of differences; the embedded weights have the sign that makes fewer of them negative.
            ("[1/2, -1/2]", "| 1 0"),
        ] {
            let text = format!("A = [[0, 0], [1, 0]]\nb = [1/2, 1/2]\n{name} = {values}\n");
            same(
                "python",
                &text,
                &format!("0 |\n1 | 1\n---\n| 1/2 1/2\n{embedded}\n"),
            );
        }
        for values in ["[1, 1]", "[1, 2, 3, 4]", "[[1, 2], [3, 4], [5, 6]]"] {
            let text = format!("A = [[0, 0], [1, 0]]\nb = [1/2, 1/2]\n{name} = {values}\n");
            if (name, values) != ("anything", "[1, 1]") && values == "[1, 1]" {
                continue;
            }
            refused(
                "python",
                &text,
                &format!("no part of a tableau explains `{name}`"),
            );
            refused("python", &text, &format!("`--ignore {name}`"));
        }
    }
    // What goes into a part is read, and so is what is no list of numbers.
    let text = "w = [1, 1]\nfirst = [0, 0]\nA = [first, [1, 0]]\nb = np.array(w)/2\nb_star = [1, 0]\nnames = ['a', 'b']\n";
    same("python", text, HEUN_EULER);
    // A call that is not understood uses nothing up.
    let text = "A = [[0, 0], [1, 0]]\nb = [1/2, 1/2]\ne = [1, 0]\nmethod = pair(A, b, e)\n";
    same("python", text, HEUN_EULER);
}

#[test]
fn two_names_of_one_list_change_together() {
    for text in [
        "A = np.zeros((2, 2))\nB = A\nB[1, 0] = 1\nb = [0, 1]\n",
        "A = np.zeros((2, 2))\nB = A\nA[1, 0] = 1\nb = [0, 1]\n",
        "row = [0, 0]\nA = [row, row]\nA[1][0] = 1\nb = [0, 1]\n",
        "row = [0, 0]\nA = [row, [1, 0]]\nrow[0] = 1\nb = [0, 1]\n",
        "A = np.zeros((2, 2))\nrow = A[1]\nrow[0] = 1\nb = [0, 1]\n",
        "A = np.zeros((2, 2))\nB = view(A)\nB[1, 0] = 1\nb = [0, 1]\n",
        "A, b = np.zeros((2, 2)), [0, 1]\nB, d = A, 1\nB[1, 0] = 1\n",
    ] {
        refused("python", text, "may share its list with another name");
    }
    let text = "A = zeros(2, 2)\nB = A\nB[2, 1] = 1\nb = [0, 1]\n";
    refused("julia", text, "may share its list with another name");
    for text in [
        "A = np.zeros((2, 2))\nb = [0, 1]\nnp.fill_diagonal(A, 1)\n",
        "A = np.zeros((2, 2))\nb = [0, 1]\nprint((b := [1, 0]))\n",
    ] {
        refused("python", text, "unsupported statement");
    }
    for text in [
        "b = [1, 0]\nA = [[0, 0], [1, 0]]\nx = b = [0, 1]\n",
        "b = [1, 0]\nA = [[0, 0], [1, 0]]\nb = [0, 1]\nx = b\n",
    ] {
        refused("python", text, "`b` is given twice");
    }
    let text = "A = np.zeros((2, 2))\nA[1, 0] = 1/2\nb = [0, 1]\nprint(A)\nassert_allclose(sum(b), 1)\nC2 = A\n";
    same("python", text, MIDPOINT);
}

#[test]
fn factors_repeat_lists_and_scale_arrays() {
    for text in [
        "b = [1/4, 1/4]*2",
        "b = 2*(1/4, 1/4)",
        "w = [1/2, 1/2]\nb = w*1",
        "b = list(np.array([1, 1]))/2",
    ] {
        let text = format!("A = [[0, 0], [1, 0]]\n{text}\n");
        refused("python", &text, "a factor repeats this list");
    }
    for b in [
        "np.array([1, 1])/2",
        "np.array((1/4, 1/4))*2",
        "np.ones(2)/2",
        "np.asarray([3, 3]) / 3 / 2",
    ] {
        let text = format!("A = [[0, 0], [1, 0]]\nb = {b}\nbhat = [1, 0]\n");
        same("python", &text, HEUN_EULER);
    }
    same(
        "julia",
        "A = [0 0; 1 0]\nb = [1, 1]/2\nbhat = [1, 0]\n",
        HEUN_EULER,
    );
}

#[test]
fn integers_hold_no_fractions() {
    for text in [
        "A = [[0, 0], [int(1.9), 0]]",
        "A = [[0, 0], [Integer(1.9), 0]]",
        "x = 19/10\nA = [[0, 0], [int(x), 0]]",
        "A = np.array([[0, 0], [1/2, 0]], dtype=int)",
        "A = np.array([[0, 0], [1/2, 0]], dtype=np.int64)",
        "A = np.array([[0, 0], [1/2, 0]], dtype='int32')",
        "A = np.array([[0, 0], [1/2, 0]], np.int64)",
        "A = np.zeros((2, 2), dtype=int)\nA[1, 0] = 1/2",
        "A = np.zeros((2, 2), int)\nA[1, 0] = 1/2",
        "A = np.array([[0, 0], [0, 0]])\nA[1, 0] = 1/2",
        "A = np.array([[0, 0], [1, 0]]) * 1\nA[1, 0] = Rational(1, 2)",
        "A = -2 * np.array([[0, 0], [1, 0]]) * 3\nA[1, 0] = 1/2",
    ] {
        let problem = tab("python", &format!("{text}\nb = [0, 1]\n")).expect_err(text);
        let said = [
            "drops fractions",
            "unsupported number type",
            "cannot hold fractions",
        ];
        assert!(
            said.iter().any(|words| problem.contains(words)),
            "{problem}"
        );
    }
    for text in [
        "A = np.array([[0, 0], [1/int(2), 0]], dtype=np.float64)",
        "A = np.array([[0, 0], [0, 0]], dtype=object)\nA[1, 0] = 1/2",
        "A = np.array([[0.0, 0], [0, 0]])\nA[1, 0] = 1/2",
        "A = np.array([[0, 0], [1, 0]])/2",
        "A = np.array([[0, 0], [0, 0]]) * 1.0\nA[1, 0] = 1/2",
        "A = np.array([[0, 0], [0, 0]]) / 1\nA[1, 0] = 1/2",
        "A = [[0, 0], [0, 0]]\nA[1][0] = 1/2",
    ] {
        same("python", &format!("{text}\nb = [0, 1]\n"), MIDPOINT);
    }
}

#[test]
fn common_forms_of_python_are_read() {
    same(
        "python",
        "from fractions import Fraction as F\nimport numpy as np\nA = [[0, 0], [F(1, 2), 0]]\nb = [0, F('1')]\n",
        MIDPOINT,
    );
    same(
        "python",
        "import sympy\nR = sympy.Rational\nA: list = [[0, 0], [R(1, 2), 0]]\nb: list[int] = A[-1]\nb = [0, 1]\n"
            .replace("b: list[int] = A[-1]\n", "").as_str(),
        MIDPOINT,
    );
    same(
        "python",
        "a21, a22 = 1/2, 0\nA, b = [[0, 0], [a21, a22]], [0, 1]\na21, a22 = a22, a21\n",
        MIDPOINT,
    );
    same(
        "julia",
        "const a21, x = 1//2, 0\nA = [0 0; a21 x]\nb = [0, 1]\n",
        MIDPOINT,
    );
    let stiffly = "0 | 0 0\n1 | 1/2 1/2\n---\n| 1/2 1/2\n";
    same("python", "A = [[0, 0], [1/2, 1/2]]\nb = A[-1]\n", stiffly);
    same(
        "python",
        "A = np.array([[0, 0], [1/2, 1/2]])\nb = A[-1, :]\nb_star = [A[1][0], A[1, 1]]\n",
        &format!("{stiffly}| 1/2 1/2\n"),
    );
    same("julia", "A = [0 0; 1/2 1/2]\nb = A[end, :]\n", stiffly);
    refused(
        "julia",
        "A = [0 0; 1/2 1/2]\nb = A[2]\n",
        "expected 2 indices",
    );
    let column = "A = np.array([[0, 0], [1/2, 1]])\nb = A[:, 1]\n";
    same("python", column, "0 | 0 0\n3/2 | 1/2 1\n---\n| 0 1\n");
    // SciPy's names, and its matrix without the last column.
    let scipy = "class Heun(RungeKutta):\n    order = 2\n    C = np.array([0, 1])\n    A = np.array([[0], [1]])\n    B = np.array([1/2, 1/2])\n";
    same("python", scipy, "0 |\n1 | 1\n---\norder 2 | 1/2 1/2\n");
    same("python", "a = [[0, 0], [1/2, 0]]\nB = [0, 1]\n", MIDPOINT);
    same("json", "{\"A\": [[0]], \"B\": [1]}", "0 |\n---\n| 1\n");
}

#[test]
fn what_is_not_understood_is_still_refused() {
    refused(
        "python",
        "from fractions import floor as F\nA = [[0, 0], [F(1, 2), 0]]\nb = [0, 1]\n",
        "unsupported call of `floor`",
    );
    refused("python", "A, b = f()\n", "unsupported call of `f`");
    refused("python", "try:\n    A = 1\n", "`try` is not supported");
    refused(
        "python",
        "A = [[0, 0], [1, 0]]\nb = [0, 1]\nfinally: b = [1, 0]\n",
        "`finally` is not supported",
    );
    refused("python", "A: list\nb = [1]\n", "missing `A`");
}

#[test]
fn a_second_matrix_is_never_dropped_in_silence() {
    let rows = "[[0, 0], [1, 0]]";
    for (text, expected) in [
        (format!("A = [[0, 0], [0, 1]]\nA_hat = {rows}\nb = [0, 1]\nb_hat = [1, 0]\n"), "this text holds 2 schemes"),
        (format!("AI = np.array([[0, 0], [0, 1]])\nA = np.array({rows})\nb = [0, 1]\n"), "this text holds 2 schemes"),
        (format!("A = {rows}\nAbar = [[0, 0], [1/2, 0]]\nb = [0, 1]\n"), "Nyström"),
        ("A = np.zeros((3, 3), dtype=object)\nA[1, 0] = 1\nlower = [[1], [0, 1], [0, 0, 1]]\nb = [0, 1, 0]\n".to_owned(), "this text holds 2 schemes"),
        // Without names, two matrices are no pair.
        (format!("x = [{rows}, [[0, 0], [0, 1]], [0, 1]]\n"), "no part of a tableau explains `x[1]`"),
        (format!("P = [[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4], [0, 0, 0, 1]]\nA = {rows}\nb = [1/2, 1/2]\n"), "no part of a tableau explains `P`"),
    ] {
        refused("python", &text, expected);
    }
    // A matrix of which the scheme is made is no second one.
    let text = format!("M = np.array({rows})\nA = M * 1\nb = [1/2, 1/2]\n");
    tab("python", &text).expect(&text);
}

const HEUN: &str = "0 |\n1 | 1\n---\n| 1/2 1/2\n";

/// Changes in loops, in functions and through other names are refused.
#[test]
fn changes_that_are_not_understood_are_refused() {
    let python = "import numpy as np\nA = [[0, 0], [1, 0]]\nb = [1/2, 1/2]\n";
    for change in [
        "if x: A[1][0] = 3",
        "for row in A:\n    row[0] = 1",
        "row = [0, 0]\nA[1] = row\nrow[0] = 1",
        "x = A.pop()",
        "b = b[:-1]",
        "b = np.flip(b)",
        "A = np.zeros_like(A)",
        "def f():\n    A[1][0] = 3",
        "b += [1]",
        "b[0]: float = f(b)",
    ] {
        tab("python", &format!("{python}{change}\n")).expect_err(change);
    }
    let c = "#include <math.h>\ndouble A[2][2] = {{0, 0}, {1, 0}};\ndouble b[2] = {0.5, 0.5};\n";
    for change in [
        "if (x)\nA[1][0] = 3;",
        "for (int i = 0; i < 2; i++) A[i][0] = 1;",
        "double *row = A[1]; row[0] = 3;",
        "++A[1][0];",
        "b[0] = (int) 0.5;",
        "b[1] = 1/2;",
    ] {
        tab("python", &format!("{c}{change}\n")).expect_err(change);
    }
    let matlab = "A = [0 0; 1 0];\nb = [0.5 0.5];\n";
    for change in [
        "if x\nA(2,1) = 3;\nend",
        "b = fliplr(b);",
        "clear A",
        "[b, c] = f(b);",
    ] {
        tab("python", &format!("{matlab}{change}\n")).expect_err(change);
    }
}

/// Names belong to the function or class that they stand in.
#[test]
fn functions_have_names_of_their_own() {
    let text = "x = 1\ndef f():\n    x = 2\nA = [[0, 0], [x, 0]]\nb = [1/2, 1/2]\n";
    same("python", text, HEUN);
    let text = "x = 1\ndef f(x):\n    A = [[0, 0], [x, 0]]\n    b = [1/2, 1/2]\n";
    refused("python", text, "`x` is not defined");
    let solver = "#include <math.h>\nconst double A[2][2] = {{0, 0}, {1, 0}};\nconst double b[2] = {1.0/2, 1.0/2};\n\
        void step(double *y, double h) {\n  double k[2];\n  for (int i = 0; i < 2; i++) {\n    k[i] = f(y[0], A[i]);\n\
        y[0] += h * b[i] * k[i];\n  }\n}\nint main(void) { double y[1] = {1}; step(y, 0.1); return 0; }\n";
    same("python", solver, HEUN);
}
