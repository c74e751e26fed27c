//! What people write elsewhere, and that it is read as it is meant.

use horesnet_compiler::notation::{self, PrintedTableau};
use horesnet_compiler::number::Number;

pub(crate) fn read(text: &str) -> PrintedTableau {
    let notation = notation::detect(text);
    notation
        .read(text)
        .unwrap_or_else(|problems| panic!("{}", problems[0].render(notation.name, text)))
}

/// As a tableau file, to compare with.
fn tab(text: &str) -> String {
    notation::find("tab").unwrap().write(&read(text)).unwrap()
}

#[track_caller]
fn same(text: &str, notation: &str, expected: &str) {
    let form = notation::find(notation).unwrap().form;
    assert_eq!(notation::detect(text).form, form);
    assert_eq!(tab(text), tab(expected));
}

const HEUN3: &str = "0 |\n1/3 | 1/3\n2/3 | 0 2/3\n---\n| 1/4 0 3/4\n";
const HEUN_EULER: &str = "0 |\n1 | 1\n---\norder 2 | 1/2 1/2\norder 1 | 1 0\n";

#[test]
fn json_in_its_common_shapes() {
    // Square, or lower triangular with or without the empty first row; numbers or texts; the nodes may be missing.
    same(
        r#"{"A": [[0,0,0],["1/3",0,0],[0,"2/3",0]], "b": ["1/4", 0, "3/4"], "c": [0, "1/3", "2/3"]}"#,
        "json",
        HEUN3,
    );
    same(
        r#" {"b": ["1\/4", "0", "3/4"], "A": [[], ["1/3"], ["0", "2/3"]]}"#,
        "json",
        HEUN3,
    );
    // The shape of tables of published coefficients: more about the scheme than is needed.
    let fact = r#"{"name": null, "source": "x", "stages": 2, "order": 2, "embedded_order": 1, "c": ["0", "1"],
        "A": [["1"]], "b": ["1/2", "1/2"], "bhat": ["1", "0"], "exact": true, "field": "Q", "rounded_rationals": false}"#;
    same(fact, "json", HEUN_EULER);
    let root = read(r#"{"A": [["(2-sqrt(2))/2", 0.25e0], [0, 1.50]], "b": [1, 0], "order": 1}"#);
    assert_eq!(
        root.tableau().matrix[(0, 0)],
        "(2 - sqrt(2))/2".parse::<Number>().unwrap()
    );
    assert_eq!(
        root.tableau().matrix[(0, 1)],
        "1/4".parse::<Number>().unwrap()
    );
}

#[test]
fn decimals_stay_as_they_are_printed() {
    let json = r#"{"A": [[], [0.333333333333333300]], "b": [-0.50, 1.5E+0], "c": [0, "0.10"]}"#;
    let text = tab(json);
    assert_eq!(
        text,
        "0    |\n0.10 | 0.333333333333333300\n-----+--------------------------\n     | -0.50                 1.5\n"
    );
    assert_eq!(read(json).likely_rounding().as_deref(), Some("1e-17"));
    assert_eq!(read(HEUN3).likely_rounding(), None);
    assert_eq!(
        read("rounded 1e-9\n0 |\n---\n| 0.999999999\n").likely_rounding(),
        None
    );
}

#[test]
fn latex_as_in_textbooks() {
    let text = r"Heun's method \cite{heun}, see 100\% of textbooks: % { &
\begin{equation}
\renewcommand{\arraystretch}{1.2}
\begin{array}{c|ccc}
  0 & & & \\
  \frac13 & \tfrac{1}{3} \\[2pt]
  2/3 & 0 & \dfrac{2}{3} & \\ \hline
  b^T & \frac{1}{4} & 0 & \frac 3 4
\end{array}
\end{equation}";
    same(text, "latex", HEUN3);
    let text = r"$$\begin{array}{c|cc} \frac{3+\sqrt{3}}{6} & \frac12 + \frac{1}{6}\sqrt3 & 0 \\
        \frac{3-\sqrt{3}}{6} & -\frac{\sqrt{3}}{3} & \left( 3 + \sqrt 3 \right) / 6 \\ \hline & \frac 12 & \frac{1}{2} \\ \end{array}$$";
    let crouzeix = "let g = (3+sqrt(3))/6\ng | g 0\n1-g | 1-2*g g\n---\n| 1/2 1/2\n";
    same(text, "latex", crouzeix);
    let text = r"\begin{tabular}{c|cc} $0$ & & \\ $1{,}$ & $1$ & \\ \hline & $0.5$ & $5 \cdot 10^{-1}$ \end{tabular}";
    assert!(notation::detect(text).read(text).is_err());
    let text = text.replace("{,}", "");
    assert_eq!(tab(&text), "0 |\n1 | 1\n--+---------\n  | 0.5  0.5\n");
}

#[test]
fn julia_as_in_its_packages() {
    // Two forms that packages for differential equations use.
    let text = r#"
"Heun's method with Euler's embedded"
function constructHeun(::Type{T} = Float64) where {T}
    A = [0 0
         1 0]
    c = [0; 1]
    α = [1 // 2; 1 // 2]
    αEEst = [big"1.0", 0]
    order = 2; embedded_order = 1
    A = map(T, A)
    α = map(T, α)
    c = T.(c)
    αEEst = convert(Vector{T}, αEEst)
    return ExplicitRKTableau(A, c, α, 2, adaptiveorder = 1, αEEst = αEEst, fsal = true)
end
"#;
    same(text, "julia", &HEUN_EULER.replace("| 1 0", "| 1.0 0"));
    let text = r"#= Entries
one by one =#
using LinearAlgebra
const third = big(1)//3
A = zeros(Rational{BigInt}, 3, 3)
A[2, 1] = third
A[3, 2] = 2third
b = Rational{BigInt}[1, 0, 3] ./ 4   # scaled
";
    same(text, "julia", HEUN3);
    let text =
        "s = sqrt(big(6))\nA = [0 0 0; s/6 -1 2^3-1; 2s - 1 √6 -√(3/2)^1]\nb = [1 -1//2\t1//2]\n";
    same(
        text,
        "julia",
        "* | 0 0 0\n* | sqrt(6)/6 -1 7\n* | 2*sqrt(6)-1 sqrt(6) -sqrt(6)/2\n---\n| 1 -1/2 1/2\n",
    );
}

#[test]
fn python_as_in_its_packages() {
    let text = r#"
"""Heun's method."""
import numpy as np
from sympy import Rational, sqrt
from nodepy import rk

def heun():
    one = Rational(1)
    A = np.array([[0, 0, 0], [one/3, 0, 0], [0, 2*one/3, 0]], dtype=object)
    b = np.array((1, 0, 3)) / 4
    return rk.ExplicitRungeKuttaMethod(A, b)

if __name__ == "__main__":
    for method in (heun(),):
        print(method)
"#;
    same(text, "python", HEUN3);
    let text = r"
from fractions import Fraction as F, Fraction
import math
half = Fraction('1/2')
A = np.zeros((2, 2), dtype=object)
A[1, 0] = A1 = 1
";
    assert!(notation::find("python").unwrap().read(text).is_err());
    let text = "half = Fraction('1/2')\nA = np.zeros((2, 2), dtype=object)\nA[1][0] = 2*half\nb = [half, S(1)/2]\nbhat = [1, 0]\n\
        order = 2\nembedded_order = 1\nname = None\nmethod = rk.ExplicitRungeKuttaPair(A, b, bhat)\n";
    same(text, "python", HEUN_EULER);
    let text = "x = np.sqrt(6)\nA = [[0, 0], [x**2/12 + 3**-1 - \\\n  1/3, 0]]\nb = [\n  0,  # first\n  1,\n]\n";
    same(text, "python", "0 |\n1/2 | 1/2\n---\n| 0 1\n");
}

#[test]
fn names_keep_the_value_they_had_when_they_were_used() {
    let text = "x = 1 + 0\nA = [[0, 0], [x, 0]]\nx = 1 + 1\nb = [x - 1, 0]\n";
    same(text, "python", "0 |\n1 | 1\n---\n| 1 0\n");
}

#[test]
fn latex_as_in_the_wild() {
    let text = r"\begin{tabular}{c|ccc}
  \toprule
  $c_i$ & \multicolumn{3}{c}{$a_{ij}$} \\
  \midrule[1pt]
  $0$ \\
  $\nicefrac{1}{3}$ & $\nicefrac13$ \\
  $\sfrac{2}{3}$ & $0$ & $\frac{2\,889}{4\;333{,}5}$ \\ \cmidrule(lr){1-4}
  $b_i$ & $\frac{1{,}000{,}250}{4\,001\,000}$ & & $3/4$ \\
  \bottomrule
\end{tabular}";
    assert!(notation::detect(text).read(text).is_err());
    let text = text.replace(
        r"\frac{2\,889}{4\;333{,}5}",
        r"\frac{2\,889{,}000}{4\;333\:500}",
    );
    same(
        &text,
        "latex",
        "0 |\n1/3 | 1/3\n2/3 | 0 2/3\n---\n| 1000250/4001000 0 3/4\n",
    );
    let text = r"\begin{array}{c|cc} 0 \\ 1 & 1 \\ \cline{1-3} & 0.500\,000 & 1\,234 \\ \cline{2-3} & 1 & 0 \end{array}";
    same(text, "latex", "0 |\n1 | 1\n---\n| 0.500000 1234\n| 1 0\n");
    // A row of words is no header where the line below it is the only one.
    let text = r"\begin{array}{c|c} x & \\ \hline & 1 \end{array}";
    assert!(notation::detect(text).read(text).is_err());
}

/// Arrays in comments are no arrays.
#[test]
fn comments_do_not_decide_the_notation() {
    let array = "\\begin{array}{c|c}0\\\\ \\hline & 1\\end{array}";
    let own = format!("# {array}\n{HEUN3}");
    assert_eq!(notation::detect(&own).name, "tab");
    assert_eq!(read(&own).tableau().matrix, read(HEUN3).tableau().matrix);
    let program = format!("# {array}\nA = [[0, 0], [1, 0]]\nb = [1/2, 1/2]\nbhat = [1, 0]\n");
    assert_ne!(notation::detect(&program).name, "latex");
}

#[test]
fn numbers_to_other_bases_are_refused() {
    for (name, number) in [
        ("python", "0x1"),
        ("python", "0b1"),
        ("julia", "0x01"),
        ("julia", "0o1"),
        ("python", "-0X1F"),
    ] {
        let text = format!("A = [[0, 0], [{number}, 0]]\nb = [0, 1]\n");
        let notation = notation::find(name).unwrap();
        let problems = notation.read(&text).unwrap_err();
        assert_eq!(
            problems[0].headline(),
            "only decimal numbers are supported",
            "{text}"
        );
    }
}

/// The output of NodePy 1.0's `latex()`: zeros are blank, also where that leaves the first row or a node empty.
#[test]
fn nodepy_latex_is_read() {
    let array = |columns: &str, rows: &str| {
        let begin = format!("\\begin{{align}}\n\\begin{{array}}{{c|{columns}}}\n");
        format!("{begin}{rows}\n\\end{{array}}\n\\end{{align}}")
    };
    let half = r"\frac{1}{2}";
    let rk44 = format!(
        " &  &  &  & \\\\\n{half} & {half} &  &  & \\\\\n{half} &  & {half} &  & \\\\\n1 &  &  & 1 & \\\\\n\\hline\n \
         & \\frac{{1}}{{6}} & \\frac{{1}}{{3}} & \\frac{{1}}{{3}} & \\frac{{1}}{{6}}\\\\"
    );
    let bs3 = format!(
        " &  &  &  & \\\\\n{half} & {half} &  &  & \\\\\n\\frac{{3}}{{4}} &  & \\frac{{3}}{{4}} &  & \\\\\n\
         1 & \\frac{{2}}{{9}} & \\frac{{1}}{{3}} & \\frac{{4}}{{9}} & \\\\\n\\hline\n \
         & \\frac{{2}}{{9}} & \\frac{{1}}{{3}} & \\frac{{4}}{{9}} & \\\\\n \
         & \\frac{{7}}{{24}} & \\frac{{1}}{{4}} & \\frac{{1}}{{3}} & \\frac{{1}}{{8}}"
    );
    let lobatto = format!(" &  & \\\\\n1 & {half} & {half}\\\\\n\\hline\n & {half} & {half}\\\\");
    for (text, orders) in [
        (array("cccc", &rk44), &[4][..]),
        (array("c", " & \\\\\n\\hline\n & 1\\\\"), &[1]),
        (array("cccc", &bs3), &[3, 2]),
        (array("cc", &lobatto), &[2]),
    ] {
        let printed = notation::find("latex").unwrap().read(&text);
        let printed =
            printed.unwrap_or_else(|problems| panic!("{}", problems[0].render("f", &text)));
        let tab = notation::find("tab").unwrap().write(&printed).unwrap();
        let found = horesnet_compiler::check(&tab, None).unwrap().verdict;
        let found: Vec<_> = found.weights.iter().map(|row| row.order).collect();
        assert_eq!(found, orders, "{text}");
    }
}
