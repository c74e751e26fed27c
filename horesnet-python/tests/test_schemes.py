"""The forms in which functions take a scheme."""

import pathlib
import tempfile
import threading
import unittest
from decimal import Decimal
from fractions import Fraction

import numpy as np
import sympy

import horesnet

RALSTON = "0 |\n2/3 | 2/3\n---\norder 2 | 1/4 3/4\n"
HALF = Fraction(1, 2)


class Method:
    """A method in NodePy's form."""

    def __init__(self, **parts):
        self.__dict__.update(parts)


def order(*arguments, **keywords):
    return horesnet.check(*arguments, **keywords).order


class Texts(unittest.TestCase):
    def test_names(self):
        for name in ("dopri5", "RK45", "Dormand-Prince 5(4)", "rk45"):
            self.assertEqual(horesnet.check(name).file, "dopri5")
        self.assertEqual(order("gauss3"), 6)

    def test_every_bundled_scheme_holds(self):
        schemes = horesnet.schemes()
        self.assertGreaterEqual(len(schemes), 119)
        self.assertIn("RK45", schemes["dopri5"])
        for name in schemes:
            self.assertTrue(horesnet.check(name).holds, name)

    def test_texts_in_every_notation(self):
        for notation in ("tab", "json", "latex", "julia", "python", "c", "rust", "fortran", "matlab"):
            text = horesnet.convert("rk4", to=notation)
            self.assertEqual(order(text), 4, text)
        self.assertEqual(order('{"A": [[], ["2/3"]], "b": ["1/4", "3/4"]}'), 2)

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "mine.tab")
            path.write_text(RALSTON)
            verdict = horesnet.check(path)
            self.assertEqual((verdict.order, verdict.file), (2, str(path)))
            self.assertIn(f"--> {path}:4:1", str(horesnet.check(self.changed(path))))

    def changed(self, path):
        path.write_text(RALSTON.replace("order 2", "order 3"))
        return path


class Arrays(unittest.TestCase):
    def test_lists(self):
        for scheme in (
            ([[], ["2/3"]], ["1/4", "3/4"]),
            ([["2/3"]], ["1/4", "3/4"]),
            (((0, 0), (Fraction(2, 3), 0)), (Decimal("0.25"), 0.75)),
            [[[0, 0], [Fraction(2, 3), 0]], [0.25, 0.75], [0, Fraction(2, 3)]],
            ([[0, 0], [Fraction(2, 3), 0]], [0.25, 0.75], None),
        ):
            self.assertEqual(order(scheme), 2)
        self.assertEqual(order(([[]], [1])), 1)
        self.assertEqual(order(([[1]], [1])), 1)
        self.assertEqual(order(([[HALF]], [1])), 2)

    def test_keywords(self):
        verdict = horesnet.check(A=[[], [1]], b=[HALF, HALF], bhat=[1, 0], order=2, embedded_order=1)
        self.assertTrue(verdict.holds)
        self.assertEqual([(row.claimed, row.order) for row in verdict.weights], [(2, 2), (1, 1)])
        self.assertFalse(horesnet.check(([[], [1]], [HALF, HALF]), order=3).holds)
        self.assertFalse(horesnet.check(A=[[], [1]], b=[HALF, HALF], c=[0, 2]).row_sums)

    def test_objects(self):
        A, b = [[0, 0], [1, 0]], [HALF, HALF]
        self.assertEqual(order(Method(A=A, b=b)), 2)
        pair = Method(A=A, b=b, c=[0, 1], bhat=[1, 0])
        self.assertEqual([row.order for row in horesnet.check(pair).weights], [2, 1])

    def test_floats_are_the_decimals_that_python_prints(self):
        tenth = horesnet.show(([[], [0.1]], [-4, 5]))
        self.assertEqual((tenth["A"][1][0], tenth["order"]), (Fraction(1, 10), 2))
        for number, exact in (
            (np.float64(0.1), Fraction(1, 10)),
            (np.float32(0.1), Fraction(1, 10)),
            (np.float16(0.1), Fraction(1, 10)),
            (np.longdouble("0.1"), Fraction(1, 10)),
            (np.int64(3), Fraction(3)),
            (np.array(0.1), Fraction(1, 10)),
            (np.array(0.1, dtype=np.float32), Fraction(1, 10)),
            (1e-7, Fraction(1, 10**7)),
            (1e22, Fraction(10**22)),
            (Decimal("1E-7"), Fraction(1, 10**7)),
            (sympy.Float(0.1), Fraction(1, 10)),
            (sympy.Float(1 / 3), Fraction(repr(1 / 3))),
            (sympy.Float("0.1", 30), Fraction(1, 10)),
        ):
            self.assertEqual(horesnet.show(([[], [number]], [0, 1]))["c"][1], exact, repr(number))

    def test_numpy(self):
        for dtype in (np.float64, np.float32, object):
            A, b = np.array([[0, 0], [0.5, 0]], dtype=dtype), np.array([0, 1], dtype=dtype)
            self.assertEqual(order((A, b)), 2)
            self.assertEqual(order((A, b.reshape(2, 1))), 2)
            self.assertEqual(order((np.matrix(A), np.matrix(b))), 2)
        self.assertEqual(order((np.array([[0.5]]), np.array([1]))), 2)

    def test_sympy(self):
        root = sympy.sqrt(3) / 6
        half, quarter = sympy.Rational(1, 2), sympy.Rational(1, 4)
        gauss = [[quarter, quarter - root], [quarter + root, quarter]], [half, half]
        self.assertEqual(order(gauss), 4)
        self.assertEqual(order(tuple(sympy.Matrix(part) for part in gauss)), 4)
        self.assertEqual(horesnet.check(gauss).field, "Q(sqrt(3))")
        for number, written in (
            (1 / (1 + sympy.sqrt(2)) ** 2, "(3 - 2*sqrt(2))"),
            (sympy.sqrt(6) / 3, "sqrt(6)/3"),
            (0.5 * sympy.sqrt(2), "sqrt(2)/2"),
            (sympy.cos(sympy.pi / 6), "sqrt(3)/2"),
            (sympy.GoldenRatio.expand(func=True), "(1 + sqrt(5))/2"),
        ):
            self.assertEqual(horesnet.show(([[], [number]], [0, 1]))["c"][1], written)

    def test_rounded(self):
        scheme = [[0, 0], [2 / 3, 0]], [1 / 4, 3 / 4]
        self.assertEqual(order(scheme), 1)
        for eps in (5e-16, "5e-16", Decimal("5e-16"), Fraction(1, 10**15)):
            verdict = horesnet.check(scheme, rounded=eps)
            self.assertEqual(verdict.order, 2)
        self.assertEqual(verdict.rounded, 1e-15)
        self.assertIn("rounded to", horesnet.check("rk4", rounded=1e-9).text)


class Threads(unittest.TestCase):
    def test_proofs_run_beside_each_other(self):
        threading.stack_size(128 * 1024)
        try:
            found = []
            run = [threading.Thread(target=lambda: found.append(order("verner8"))) for _ in range(4)]
            for thread in run:
                thread.start()
            for thread in run:
                thread.join()
        finally:
            threading.stack_size(0)
        self.assertEqual(found, [8] * 4)


if __name__ == "__main__":
    unittest.main()
