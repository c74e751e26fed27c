//! What is not read is shown where it stands, and nothing is read past in silence.

use horesnet_compiler::notation;

fn refusal(name: &str, text: &str) -> String {
    let notation = notation::find(name).unwrap();
    let problems = notation.read(text).expect_err(text);
    problems[0].render(&format!("mine.{}", notation.extension), text)
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
        ("json", "{\"A\": [[]], \"b\": [1], \"b2\": [1]}"),
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
        ("julia", "A = [0 0; 1 0]'\nb = [0, 1]\n"),
        ("julia", "A = [0 0; 1 0]\nb = [0 1; 2]\nb .= 2\n"),
        ("julia", "A = [0 0; 1 0]\npush!(A, 3)\nb = [0, 1]\n"),
        ("julia", "A = [0 0; 1 0]\nA[3, 1] = 2\nb = [0, 1]\n"),
        ("python", "A = [[0, 0], [1//2, 0]]\nb = [0, 1]\n"),
        (
            "python",
            "A = [[0, 0], [0.5, 0]]\nfor i in range(2):\n    A[i, 0] = 1\nb = [0, 1]\n",
        ),
        ("python", "A = [[0, 0], [f(2), 0]]\nb = [0, 1]\n"),
        (
            "python",
            "A = [[0, 0], [0.5, 0]]\nA = [[0, 0], [0.6, 0]]\nb = [0, 1]\n",
        ),
        ("python", "A = [[0, 0], [0.5, 0]]\nA *= 2\nb = [0, 1]\n"),
        ("python", "A = [[0, 0], [6**0.5, 0]]\nb = [0, 1]\n"),
        ("python", "A, b = [[0]], [1]\n"),
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
