"""Proves the order of Runge-Kutta schemes exactly; shows, repairs and converts Butcher tableaux.

Every function takes a scheme in one of these forms:

- the name of a bundled scheme, also that of other programs: ``"dopri5"``, ``"RK45"``;
- a text in any notation: a tableau file, JSON, LaTeX, or arrays of a program;
- a ``pathlib.Path`` to such a text;
- ``(A, b)`` or ``(A, b, c)``, or the keywords ``A``, ``b``, ``c``, ``bhat``: lists or arrays. Without ``c``, the nodes are
  the row sums. ``A`` is square, or has the entries below its diagonal only;
- an object with these attributes, such as a method of NodePy.

Integers, Fractions and SymPy's numbers are exact, and so is a str such as ``"1/3"`` or ``"(2 - sqrt(2))/6"``. A float or
Decimal is the decimal that Python prints: ``0.1`` is 1/10. With ``rounded=5e-16``, coefficients have a relative error of at
most this, and conditions hold if that error explains their residuals. ``order`` and ``embedded_order`` claim the orders of
``b`` and ``bhat``; texts state their own claims.

Errors are ``HoresNetError``, a ``ValueError``.
"""

from __future__ import annotations

import json
import warnings
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Optional

from . import _results
from ._horesnet import HoresNetError, __version__
from ._horesnet import schemes as _schemes
from ._results import Change, Edit, Failure, Problem, Repair, Verdict, Weights
from ._scheme import source as _source

if TYPE_CHECKING:
    from typing_extensions import TypedDict, Unpack

    class Parts(TypedDict, total=False):
        """The keywords of arrays and claims."""

        A: Any
        b: Any
        c: Any
        bhat: Any
        order: Optional[int]
        embedded_order: Optional[int]


__all__ = [
    "Change",
    "Edit",
    "Failure",
    "HoresNetError",
    "Problem",
    "Repair",
    "Verdict",
    "Weights",
    "__version__",
    "check",
    "convert",
    "repair",
    "schemes",
    "show",
]


def check(scheme: Any = None, *, rounded: Any = None, **parts: Unpack[Parts]) -> Verdict:
    """Proves the order of each row of weights.

    A false claim is no exception: the verdict lists it in ``errors``, and its ``holds`` is False.
    """
    return _results.verdict(json.loads(_source(scheme, rounded, parts).check()))


def show(scheme: Any = None, *, rounded: Any = None, **parts: Unpack[Parts]) -> dict[str, Any]:
    """Analyses accuracy, stability, structure and cost.

    The dict has the figures of ``horesnet show --json``. A figure that would take too long is None, with the reason in
    ``not_computed``. ``A``, ``b``, ``c`` and, if there are more weights, ``bhat``, ``bhat2`` and so on hold the tableau: a
    Fraction for each rational number, a str such as ``"sqrt(6)/3"`` for others. ``floats`` holds the same arrays rounded to
    floats, None where beyond their range.
    """
    figures: dict[str, Any] = json.loads(_source(scheme, rounded, parts).show())
    for name in figures["floats"]:
        figures[name] = _exact(figures[name])
    return figures


def _exact(numbers: Any) -> Any:
    if isinstance(numbers, list):
        return [_exact(number) for number in numbers]
    return numbers if "sqrt" in numbers else Fraction(numbers)


def repair(scheme: Any = None, *, rounded: Any = None, **parts: Unpack[Parts]) -> Optional[Repair]:
    """Finds the single changes that make every claim true: a number, a swap, the nodes, the claim.

    Returns None if every claim is true already, as without claims. Raises HoresNetError if no change was found.
    """
    found = json.loads(_source(scheme, rounded, parts).repair())
    return None if found is None else _results.repair(found)


def convert(scheme: Any = None, to: str = "tab", *, rounded: Any = None, **parts: Unpack[Parts]) -> str:
    """Writes a scheme in another notation, or for a framework or a language.

    ``to`` is ``tab``, ``json``, ``latex``, ``julia``, ``python``, ``pytorch``, ``diffrax``, ``torchdiffeq``, ``sundials``,
    ``c``, ``fortran``, ``matlab`` or ``rust``. Numbers stay exact, and decimals keep their digits.
    """
    if not isinstance(to, str):
        raise HoresNetError(f"to: expected the name of a notation, found {type(to).__name__}")
    text, notes = _source(scheme, rounded, parts).convert(to)
    for note in notes:
        warnings.warn(note, stacklevel=2)
    return text


def schemes() -> dict[str, list[str]]:
    """Returns the bundled schemes: the name of each, with its title and its names in other programs."""
    return dict(_schemes())
