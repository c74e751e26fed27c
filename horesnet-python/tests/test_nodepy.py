"""Every scheme of NodePy has the orders that NodePy finds, but for two, whose conditions NodePy weighs too narrowly.

NodePy evaluates conditions in double precision to within 1e-14, whatever the accuracy of the coefficients.
"""

import contextlib
import io
import unittest

import numpy as np
import sympy
from nodepy import rk

import horesnet

# Relative errors of schemes that are decimals; floats have 1e-14.
ROUNDED = {"SSP22star": 1e-14, "SSP33": 1e-14, "SSP63": 1e-14, "SDIRK34": 5e-30, "SSP53": 1e-9}
# Orders here and in NodePy.
DIFFERENT = {
    # Tsitouras 2011 has order 5; a residual of its floats is above 1e-14.
    "Tsit5": (5, 4),
    # The 14 decimals of NodePy are correct to 1e-10: the weights sum to 1.00000000007.
    "SSP53": (3, 0),
}


def nodepy_order(method):
    # NodePy prints advice.
    with contextlib.redirect_stdout(io.StringIO()):
        return method.order()


class NodePy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schemes = rk.loadRKM()

    def checked(self, name):
        method = self.schemes[name]
        if name == "SDIRK34":
            # Its coefficient cos(pi/18) is no number of square roots.
            digits = np.vectorize(lambda number: sympy.N(number, 32), otypes=[object])
            parts = [digits(part) for part in (method.A, method.b, method.c)]
            return horesnet.check(tuple(parts), rounded=ROUNDED[name])
        is_float = method.A.dtype == float
        return horesnet.check(method, rounded=ROUNDED.get(name, 1e-14 if is_float else None))

    def test_orders(self):
        self.assertGreaterEqual(len(self.schemes), 51)
        for name, method in self.schemes.items():
            with self.subTest(name):
                orders = self.checked(name).order, nodepy_order(method)
                self.assertEqual(orders, DIFFERENT.get(name, (orders[1], orders[1])))

    def test_embedded_orders(self):
        pairs = {name: method for name, method in self.schemes.items() if hasattr(method, "bhat")}
        self.assertGreaterEqual(len(pairs), 18)
        for name, method in pairs.items():
            with self.subTest(name):
                embedded = rk.ExplicitRungeKuttaMethod(method.A, method.bhat)
                self.assertEqual(self.checked(name).weights[1].order, nodepy_order(embedded))

    def test_most_schemes_are_exact(self):
        exact = [name for name in self.schemes if name not in ROUNDED and self.schemes[name].A.dtype != float]
        self.assertGreaterEqual(len(exact), 39)
        for name in exact:
            self.assertIsNone(self.checked(name).rounded, name)

    def test_stages_and_structure(self):
        for name, method in self.schemes.items():
            with self.subTest(name):
                verdict = self.checked(name)
                self.assertEqual((verdict.stages, verdict.explicit), (len(method), method.is_explicit()))
                self.assertTrue(verdict.row_sums)


if __name__ == "__main__":
    unittest.main()
