"""What functions return; the stubs and the README."""

import ast
import contextlib
import doctest
import io
import pathlib
import re
import unittest
import warnings
from fractions import Fraction

import horesnet
from horesnet import _horesnet

FOLDER = pathlib.Path(__file__).resolve().parent.parent
MISTYPED = "0 |\n1/2 | 1/2\n1/2 | 0 1/2\n1 | 0 0 1\n---\norder 4 | 1/6 1/3 1/3 1/5\n"


class Check(unittest.TestCase):
    def test_a_claim_that_holds(self):
        verdict = horesnet.check("rk4")
        self.assertTrue(verdict.holds and verdict.explicit and verdict.row_sums)
        self.assertEqual((verdict.stages, verdict.field, verdict.rounded), (4, "Q", None))
        self.assertEqual(str(verdict), "rk4: ok: order 4; 4 stages, exact over Q")
        self.assertEqual((verdict.errors, verdict.warnings), ((), ()))

    def test_a_false_claim(self):
        verdict = horesnet.check(MISTYPED)
        self.assertFalse(verdict.holds)
        [row] = verdict.weights
        self.assertEqual((row.claimed, row.order, row.holds), (4, 0, False))
        self.assertEqual((row.first_failure.tree, row.first_failure.expected), ("τ", "1"))
        [problem] = verdict.errors
        self.assertEqual((problem.line, problem.column), (6, 1))
        self.assertIn("1/5 should be 1/6", problem.help)
        self.assertIn("--> text:6:1", str(verdict))

    def test_roles_of_arrays_are_told(self):
        text = "matrix = [[0, 0], [1/2, 0]]\nw = [0, 1.0]\n"
        self.assertIn("# w (line 2): weights", str(horesnet.check(text)))


class Show(unittest.TestCase):
    def test_the_tableau_and_its_figures(self):
        figures = horesnet.show("dopri5")
        self.assertEqual((figures["order"], figures["embedded_orders"], figures["fsal"]), (5, [4], True))
        self.assertEqual(figures["b"][0], Fraction(35, 384))
        self.assertEqual(figures["floats"]["bhat"][0], 5179 / 57600)
        self.assertEqual(len(figures["A"]), 7)
        self.assertEqual(horesnet.check(**{name: figures[name] for name in ("A", "b", "c", "bhat")}).order, 5)

    def test_roots_are_expressions(self):
        gauss = horesnet.show("gauss2")
        self.assertEqual(gauss["c"][0], "(3 - sqrt(3))/6")
        self.assertAlmostEqual(gauss["floats"]["c"][0], (3 - 3**0.5) / 6, places=15)
        self.assertTrue(gauss["a_stable"])


class Repair(unittest.TestCase):
    def test_one_number(self):
        fix = horesnet.repair(MISTYPED)
        self.assertEqual(str(fix.changes[0]), "weights row 1, entry 4: 1/5 should be 1/6")
        [edit] = fix.changes[0].edits
        self.assertEqual((edit.line, edit.column, edit.old, edit.new), (6, 23, "1/5", "1/6"))
        self.assertEqual(fix.original, MISTYPED)
        self.assertTrue(horesnet.check(fix.changes[0].text).holds)
        self.assertEqual(fix.text, MISTYPED.replace("1/5", "1/6"))

    def test_of_several_changes_none_is_chosen(self):
        fix = horesnet.repair("0 |\n1/2 | 1/3\n---\norder 2 | 0 1\n")
        self.assertGreater(len(fix.changes), 1)
        for change in fix.changes:
            self.assertTrue(horesnet.check(change.text).holds, str(change))

    def test_arrays(self):
        fix = horesnet.repair(([[], ["1/2"], [0, "1/2"], [0, 0, 1]], ["1/6", "1/3", "1/3", "1/5"]), order=4)
        self.assertTrue(horesnet.check(fix.changes[0].text).holds)
        self.assertIn("1/6", fix.changes[0].text)

    def test_nothing_to_repair(self):
        self.assertIsNone(horesnet.repair("rk4"))
        self.assertIsNone(horesnet.repair(([[], [1]], [0.5, 0.5])))

    def test_nothing_that_would_do(self):
        with self.assertRaisesRegex(horesnet.HoresNetError, "`order 9` is false"):
            horesnet.repair(([[], [1]], [3, 4]), order=9)


class Convert(unittest.TestCase):
    def test_every_notation_and_framework(self):
        for name in _horesnet.notations():
            self.assertTrue(horesnet.convert("dopri5", to=name).strip(), name)
            self.assertIn(f"``{name}``", horesnet.convert.__doc__)

    def test_tableau_files_are_formatted(self):
        text = "# A comment.\n0|\n1 |1\n--\n|1/2 1/2 # rows\n"
        expected = "# A comment.\n\n0 |\n1 | 1\n--+---------\n  | 1/2 1/2  # rows\n"
        self.assertEqual(horesnet.convert(text).split(), expected.split())
        self.assertEqual(horesnet.convert(horesnet.convert("rk4")), horesnet.convert("rk4"))

    def test_arrays(self):
        self.assertEqual(horesnet.convert(([[], [0.5]], [0, 1])), "0   |\n1/2 | 0.5\n----+-------\n    | 0    1\n")

    def test_false_claims_are_refused_where_orders_are_stated(self):
        with self.assertRaisesRegex(horesnet.HoresNetError, "is false"):
            horesnet.convert(MISTYPED, to="diffrax")
        self.assertIn("1.0/5.0", horesnet.convert(MISTYPED, to="c"))

    def test_decimals_may_be_rounded(self):
        scheme = [[0, 0], [2 / 3, 0]], [1 / 4, 3 / 4]
        with self.assertWarnsRegex(UserWarning, "rounded=1e-15"):
            horesnet.convert(scheme)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.assertIn("rounded 5e-16", horesnet.convert(scheme, rounded=5e-16))


class Package(unittest.TestCase):
    def test_the_readme(self):
        failed, tried = doctest.testfile(str(FOLDER / "README.md"), module_relative=False, encoding="utf-8")
        self.assertGreater(tried, 10)
        self.assertEqual(failed, 0)

    def test_the_readme_of_the_repository(self):
        text = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
        [code] = re.findall(r"```python\n(.*?)```", text, flags=re.S)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, {})
        for expected in re.findall(r"# (5 .*|tableau: .*)", code):
            self.assertIn(expected, printed.getvalue())

    def test_the_stubs_name_what_the_module_has(self):
        stub = pathlib.Path(_horesnet.__file__).with_name("_horesnet.pyi")
        body = ast.parse(stub.read_text()).body
        self.assertTrue(stub.with_name("py.typed").exists())
        named = {node.name: node for node in body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
        values = {node.target.id for node in body if isinstance(node, ast.AnnAssign)}
        public = {name for name in dir(_horesnet) if not name.startswith("__")} | {"__version__"}
        self.assertEqual(named.keys() | values, public)
        methods = {node.name for node in named["Source"].body}
        self.assertEqual(methods, {name for name in dir(_horesnet.Source) if not name.startswith("_")})

    def test_the_names(self):
        for name in horesnet.__all__:
            self.assertTrue(hasattr(horesnet, name), name)
        self.assertRegex(horesnet.__version__, r"^\d+\.\d+\.\d+")
        self.assertTrue(issubclass(horesnet.HoresNetError, ValueError))


if __name__ == "__main__":
    unittest.main()
