"""Numbers of Python as exact expressions of the tableau language.

Fractions, integers and SymPy's numbers are exact. A float means the decimal that Python prints, not its binary value.
"""

from __future__ import annotations

import decimal
import itertools
import math
import numbers
import re
import sys
from typing import Any

from ._horesnet import DIGITS, HoresNetError

_MOST = 10**DIGITS
_CHARACTERS = re.compile(r"[-+*/^()., \w]+", re.ASCII)
_EXPECTED = "expected an int, float, Fraction, Decimal, SymPy number or str"


def expression(value: object, place: str) -> str:
    """Writes a number; `place` is its name in messages, such as `A[2][1]`."""
    try:
        text = _written(value)
    except Exception as error:  # of the value's own methods
        raise HoresNetError(f"{place}: this {type_name(value)} cannot be read: {_brief(error)}") from error
    if text is None:
        raise HoresNetError(f"{place}: {_EXPECTED}, found {type_name(value)}")
    return text


def _written(value: Any) -> str | None:
    if isinstance(value, str):
        return _cell(str.__str__(value).strip())
    if getattr(value, "shape", None) == () and hasattr(value, "dtype") and not isinstance(value, numbers.Number):
        value = value[()]  # an array without dimensions
    if isinstance(value, bool):
        return None
    if isinstance(value, numbers.Integral):
        return _integer(int(value))
    if isinstance(value, numbers.Rational):
        return f"{_integer(int(value.numerator))}/{_integer(int(value.denominator))}"
    if _is_sympy(value):
        return _sympy(value)
    if isinstance(value, decimal.Decimal):
        return _finite(value.is_finite(), decimal.Decimal.__str__(value))
    if isinstance(value, float):
        # NumPy's float64 is a float, and prints more than its digits.
        return _finite(math.isfinite(value), float.__repr__(value))
    if isinstance(value, numbers.Real):
        # NumPy's other floats print the digits that they have.
        return _finite(math.isfinite(value), str(value))
    return None


def _finite(is_finite: bool, text: str) -> str:
    if not is_finite:
        raise ValueError(f"expected a finite number, found {text}")
    return text


def _cell(text: str) -> str:
    """One cell of a row, whatever the text: no bar, comment or line, and no parenthesis that the next cell closes."""
    depths = list(itertools.accumulate((c == "(") - (c == ")") for c in text))
    if not _CHARACTERS.fullmatch(text) or min(depths) < 0 or depths[-1] > 0:
        shown = text if len(text) <= 40 else text[:40] + "…"
        raise ValueError(f"expected a number such as `1/3`, `0.25` or `sqrt(2)/2`, found {shown!r}")
    return f"({text})" if " " in text else text


def _integer(value: int) -> str:
    if abs(value) >= _MOST:
        raise ValueError(f"this number has more than {DIGITS} digits")
    return str(value)


def _is_sympy(value: object) -> bool:
    # Nothing is SymPy's unless SymPy is loaded.
    sympy = sys.modules.get("sympy")
    return sympy is not None and isinstance(value, sympy.Expr)


def _sympy(value: Any) -> str:
    """Writes an expression of SymPy; the compiler refuses what is no sum of square roots."""
    sympy = sys.modules["sympy"]
    _finite(value.is_finite is not False and value is not sympy.nan, str(value))
    if value.free_symbols:
        raise ValueError(f"expected a number, found the symbols {value.free_symbols}")
    if isinstance(value, sympy.Integer):
        return _integer(int(value))
    if isinstance(value, sympy.Rational):
        return f"{_integer(int(value.p))}/{_integer(int(value.q))}"
    if isinstance(value, sympy.Float):
        return _sympy_float(value)
    exact = {part: sympy.Rational(_sympy_float(part)) for part in value.atoms(sympy.Float)}
    return _cell(sympy.sstr(value.xreplace(exact)).replace("**", "^"))


def _sympy_float(value: Any) -> str:
    # SymPy prints 15 digits of a double, fewer than tell it from its neighbours.
    return float.__repr__(float(value)) if value._prec == 53 else str(value)


def type_name(value: object) -> str:
    """The type of a value in messages."""
    try:
        kind = type(value)
        return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    except Exception:  # of the type's own type
        return "object"


def _brief(error: BaseException) -> str:
    try:
        return str(error) or type_name(error)
    except Exception:  # of the error's own methods
        return type_name(error)
