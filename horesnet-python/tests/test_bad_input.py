"""What is no scheme raises HoresNetError with a message; nothing panics."""

import decimal
import fractions
import os
import pathlib
import tempfile
import unittest

import numpy as np
import sympy

import horesnet

FUNCTIONS = (horesnet.check, horesnet.show, horesnet.repair, horesnet.convert)
GOOD = [[], [1]]
WEIGHTS = [0.5, 0.5]


class Hostile:
    """An object whose every method raises."""

    def __getattribute__(self, name):
        raise RuntimeError("no")

    def __str__(self):
        raise RuntimeError("no")

    __repr__ = __len__ = __iter__ = __float__ = __int__ = __str__


class Nameless(type):
    @property
    def __name__(cls):
        raise RuntimeError("no")


class Endlessly:
    """An object that is its own attributes and items."""

    def __getattr__(self, name):
        return self

    def __len__(self):
        return 2

    def __getitem__(self, at):
        return self


class Raising(fractions.Fraction):
    def __str__(self):
        raise RuntimeError("no")

    @property
    def numerator(self):
        raise KeyError("no")


class Endless(list):
    def __len__(self):
        return 10**9


class Silent(Exception):
    def __str__(self):
        raise RuntimeError("no")


class Text(str):
    def __str__(self):
        raise Silent


class BadInput(unittest.TestCase):
    def refused(self, pattern, *arguments, **keywords):
        for function in FUNCTIONS:
            with self.assertRaisesRegex(horesnet.HoresNetError, pattern, msg=function.__name__):
                function(*arguments, **keywords)

    def test_what_is_no_scheme(self):
        expected = "expected the name of a bundled scheme"
        for scheme in (None, 3, 2.5, (), [], (1,), (1, 2, 3, 4), {}, {"A": GOOD}, object(), b"rk4", np.zeros((2, 2)), len):
            self.refused(expected, scheme)
        self.refused("cannot be read as a scheme", Hostile())
        self.refused("", Nameless("", (), {})())
        self.refused("", Endlessly())
        self.refused("", ([nested := [], nested.append(nested)], [1]))
        self.refused(expected, A=GOOD)
        self.refused(expected, b=WEIGHTS)

    def test_names(self):
        self.refused("there is no bundled scheme `rk5`", "rk5")
        self.refused("did you mean|`midpoint`", "midpont")
        self.refused("pathlib.Path", "mine.tab")
        self.refused("there is no bundled scheme ``", "")
        self.refused("no text", "rk4\ud800")
        self.refused("there is no bundled scheme", "rk4\0")

    def test_texts(self):
        self.refused("missing `A`", "nonsense\n")
        self.refused("division by zero", "0 |\n1 | 1/0\n---\n| 1 0\n")
        self.refused(r"text:2:7", "0 |\n1 | 1 1\n---\n| 1 0\n")
        self.refused("cannot read this JSON", '{"A": [[')
        self.refused("control character", "0 |\n\x1b[31m\n")
        self.refused("1048576", "#" + "x" * 2**20 + "\n")
        self.refused("nested", "0 |\n1 | " + "(" * 10_000 + "\n---\n| 1\n")
        self.refused("no text", "0 |\n\ud800")
        self.refused("goes with arrays", "rk4", b=WEIGHTS)

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            self.refused("cannot be read", path)
            self.refused("cannot be read", path / "none.tab")
            self.refused("cannot be read", path / "none\0.tab")
            (path / "bytes.tab").write_bytes(b"\xff\xfe")
            self.refused("not UTF-8", path / "bytes.tab")
            (path / "long.tab").write_bytes(b"#" * (2**20 + 1))
            self.refused("limit", path / "long.tab")
        if os.path.exists("/dev/zero"):
            self.refused("limit", pathlib.Path("/dev/zero"))

    def test_shapes(self):
        self.refused("stages|stage", ([], []))
        self.refused("expected", ([[], [1]], [1]))
        self.refused("expected", ([[], [1]], [1, 1, 1]))
        self.refused("expected", ([[], [1, 2, 3], [1]], [1, 1, 1]))
        self.refused("expected", ([[0, 0], [1]], WEIGHTS))
        self.refused("c has 1 entries; expected 2", (GOOD, WEIGHTS, [0]))
        self.refused("expected", ([[0, 0], [1]], [1, 2, 3]))
        self.refused(r"A\[0\]: expected a list or an array, found int", ([1, 2], WEIGHTS))
        self.refused("A: expected a list or an array, found str", ("ab", WEIGHTS))
        self.refused("b: expected a list or an array, found dict", (GOOD, {0: 1}))
        self.refused("b: expected a list or an array, found set", (GOOD, {0, 1}))
        self.refused("b: expected a list or an array, found generator", (GOOD, (x for x in WEIGHTS)))
        self.refused("has 65 entries; a tableau has at most 64 stages", (np.zeros((65, 65)), np.zeros(65)))
        self.refused("at most 64 stages", (GOOD, Endless()))
        self.refused("", (np.zeros((2, 2, 2)), WEIGHTS))
        self.refused("", (np.zeros(()), WEIGHTS))
        self.refused("", (np.zeros((0, 0)), np.zeros(0)))

    def test_numbers(self):
        place = r"A\[1\]\[0\]: "
        finite = "expected a finite number"
        for number, pattern in (
            (float("nan"), place + ".*" + finite),
            (float("inf"), finite),
            (np.float32("-inf"), finite),
            (decimal.Decimal("NaN"), finite),
            (decimal.Decimal("sNaN"), finite),
            (sympy.nan, finite),
            (sympy.oo, finite),
            (sympy.zoo, finite),
            (sympy.Symbol("x") / 2, "symbols"),
            (sympy.pi, "pi"),
            (sympy.I, "I"),
            (sympy.cbrt(2), "expected|exponent"),
            (sympy.sqrt(1 + sympy.sqrt(2)), "sqrt"),
            (True, place + ".*found bool"),
            (np.True_, "found numpy.bool"),
            (1j, "found complex"),
            (None, "found NoneType"),
            (object(), "found object"),
            (b"1", "found bytes"),
            ([1], "found list"),
            (Hostile(), place + "this .*Hostile cannot be read: no"),
            (Raising(1, 2), "Raising cannot be read"),
            ("", "expected"),
            ("nonsense", "nonsense"),
            ("1/0", "division by zero"),
            ("1\n2", "expected a number"),
            ("1 | 2", "expected a number"),
            ("1) (2", "expected a number"),
            ("(1", "expected a number"),
            ("1 2", "expected"),
            ("1 # 2", "expected a number"),
            ('1"]]}', "expected"),
            ("\ud800", "expected a number"),
            (10**5000, "more than 4096 digits"),
            (fractions.Fraction(1, 10**5000), "more than 4096 digits"),
            (sympy.Integer(10) ** 5000, "more than 4096 digits"),
            ("9" * 5000, "more than 4096 digits"),
            (decimal.Decimal("1E+99999"), "exponents"),
            ("x" * 2**21, "1048576"),
            ("(" * 5000, "nested|expected"),
        ):
            self.refused(pattern, ([[], [number]], WEIGHTS))

    def test_a_text_whose_str_raises_is_its_characters(self):
        self.assertEqual(horesnet.check(([[], [Text("1")]], WEIGHTS)).order, 2)

    def test_numbers_at_the_limit(self):
        verdict = horesnet.check(([[], [10**4000]], [0, 1]))
        self.assertEqual(verdict.order, 1)
        figures = horesnet.show(([[], [10**4000]], [0, 1]))
        self.assertEqual((figures["c"][1], figures["floats"]["c"][1]), (10**4000, None))

    def test_keywords(self):
        for eps, pattern in (
            (0, "relative error"),
            (-1, "rounded"),
            (2, "relative error"),
            (float("nan"), finite := "expected a finite number"),
            (float("inf"), finite),
            ("x", "rounded"),
            ("", "rounded"),
            ("1e-9\n0 |", "rounded"),
            ("1e-9 # ", "rounded"),
            ([], "rounded"),
            (True, "rounded"),
        ):
            self.refused(pattern, "rk4", rounded=eps)
        self.refused("order", (GOOD, WEIGHTS), order=99)
        self.refused("order", (GOOD, WEIGHTS), order=-1)
        self.refused("order: expected an int", (GOOD, WEIGHTS), order="2")
        self.refused("embedded_order", (GOOD, WEIGHTS), order=2, embedded_order=1)
        self.refused("given twice", (GOOD, WEIGHTS), b=WEIGHTS)
        self.refused("goes with arrays", "rk4", order=4)
        for function in FUNCTIONS:
            with self.assertRaisesRegex(TypeError, "unexpected keyword argument 'bbar'"):
                function("rk4", bbar=1)

    def test_notations(self):
        for to in ("nonsense", "", "TAB"):
            with self.assertRaisesRegex(horesnet.HoresNetError, "expected one of json, latex, tab"):
                horesnet.convert("rk4", to=to)
        with self.assertRaisesRegex(horesnet.HoresNetError, "expected the name of a notation, found int"):
            horesnet.convert("rk4", to=3)
        with self.assertRaisesRegex(horesnet.HoresNetError, "cannot write this tableau as pytorch"):
            horesnet.convert("gauss2", to="pytorch")


if __name__ == "__main__":
    unittest.main()
