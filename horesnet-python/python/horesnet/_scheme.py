"""The schemes that functions take: a bundled name, a text, a file, arrays, or an object with arrays."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from ._horesnet import STAGES, HoresNetError, Source
from ._number import expression, type_name

# Characters of a name; longer ones are texts.
_NAME = 100
_EXPECTED = (
    "expected the name of a bundled scheme, the text of a tableau, a pathlib.Path, (A, b), (A, b, c), an object with A and b, "
    "or the keywords A and b"
)
_PARTS = ("A", "b", "c", "bhat")
_CLAIMS = ("order", "embedded_order")


def source(scheme: object, rounded: object, parts: Mapping[str, object]) -> Source:
    """Reads the scheme of a call: the argument, or the keywords."""
    unknown = [name for name in parts if name not in _PARTS + _CLAIMS]
    if unknown:
        raise TypeError(f"unexpected keyword argument {unknown[0]!r}; there are {', '.join(_PARTS + _CLAIMS)} and rounded")
    given = {name: part for name, part in parts.items() if part is not None}
    eps = None if rounded is None else expression(rounded, "rounded")
    try:
        return _source(scheme, eps, given)
    except HoresNetError:
        raise
    except UnicodeEncodeError as error:
        raise HoresNetError(f"this str is no text: {error.reason}") from error
    except Exception as error:  # of the object's own methods
        raise HoresNetError(f"this {type_name(scheme)} cannot be read as a scheme: {type(error).__name__}") from error


def _source(scheme: Any, eps: str | None, given: dict[str, object]) -> Source:
    if isinstance(scheme, (str, os.PathLike)):
        if given:
            raise HoresNetError(f"`{next(iter(given))}` goes with arrays; a text, a file or a bundled scheme has its own")
        if not isinstance(scheme, str):
            return Source.file(scheme, eps)
        if len(scheme) > _NAME or any(mark in scheme for mark in "\n{|=&"):
            return Source.text(scheme, eps)
        return Source.bundled(scheme, eps)
    arrays = _arrays(scheme)
    twice = [name for name in given if name in arrays]
    if twice:
        raise HoresNetError(f"`{twice[0]}` is given twice, in the scheme and as a keyword")
    return Source.arrays(_tableau({**arrays, **given}), eps)


def _arrays(scheme: Any) -> dict[str, Any]:
    """The arrays of an object, by name."""
    if scheme is None:
        return {}
    if isinstance(scheme, (tuple, list)):
        if len(scheme) not in (2, 3):
            raise HoresNetError(f"{_EXPECTED}; found a {type_name(scheme)} of {len(scheme)}")
        return {name: part for name, part in zip("Abc", scheme) if part is not None}
    if hasattr(scheme, "A") and hasattr(scheme, "b"):
        arrays = {name: getattr(scheme, name, None) for name in _PARTS}
        return {name: part for name, part in arrays.items() if part is not None}
    raise HoresNetError(f"{_EXPECTED}; found {type_name(scheme)}")


def _tableau(parts: dict[str, Any]) -> str:
    """The text of a tableau file with the arrays; nodes that are not given are the row sums, `*`."""
    if "A" not in parts or "b" not in parts:
        raise HoresNetError(_EXPECTED)
    weights = {name: _vector(parts[name], name) for name in ("b", "bhat") if name in parts}
    matrix = [_numbers(row, f"A[{at}]") for at, row in enumerate(_items(parts["A"], "A"))]
    matrix = _rows(matrix, len(weights["b"]))
    if not matrix:
        raise HoresNetError("A is empty; expected a row for each stage")
    nodes = _vector(parts["c"], "c") if "c" in parts else ["*"] * len(matrix)
    if len(nodes) != len(matrix):
        raise HoresNetError(f"c has {len(nodes)} entries; expected {len(matrix)}, as many as A has rows")
    claims = {name: _claim(parts, claim) for name, claim in zip(("b", "bhat"), _CLAIMS)}
    if claims["bhat"] and "bhat" not in weights:
        raise HoresNetError("embedded_order claims the order of bhat, which is not given")
    lines = [f"{node} | {' '.join(row)}" for node, row in zip(nodes, matrix)]
    lines.append("---")
    lines += [f"{claims[name]}| {' '.join(row)}" for name, row in weights.items()]
    return "\n".join(lines) + "\n"


def _rows(matrix: list[list[str]], stages: int) -> list[list[str]]:
    """The matrix with an empty first row that was left out, or with the zeros above its diagonal."""
    lengths = [len(row) for row in matrix]
    if lengths == list(range(1, stages)):
        return [[], *matrix]
    if lengths == list(range(1, stages + 1)):
        return [row + ["0"] * (stages - len(row)) for row in matrix]
    return matrix


def _claim(parts: dict[str, Any], name: str) -> str:
    order = parts.get(name)
    if order is None:
        return ""
    if not isinstance(order, int) or isinstance(order, bool):
        raise HoresNetError(f"{name}: expected an int, found {type_name(order)}")
    return f"order {expression(order, name)} "


def _numbers(row: Any, place: str) -> list[str]:
    return [expression(entry, f"{place}[{at}]") for at, entry in enumerate(_items(row, place))]


def _vector(part: Any, place: str) -> list[str]:
    """A list of numbers, also as a matrix of one row or one column."""
    rows = _items(part, place)
    if rows and all(_is_array(row) for row in rows):
        rows = [_items(row, f"{place}[{at}]") for at, row in enumerate(rows)]
        if len(rows) == 1:
            rows = rows[0]
        elif all(len(row) == 1 for row in rows):
            rows = [row[0] for row in rows]
    return [expression(entry, f"{place}[{at}]") for at, entry in enumerate(rows)]


def _is_array(part: Any) -> bool:
    return isinstance(part, (list, tuple)) or bool(getattr(part, "shape", ()))


def _items(part: Any, place: str) -> list[Any]:
    """The items of a list, a tuple or an array; of no more than a tableau can have."""
    sympy = sys.modules.get("sympy")
    if sympy is not None and isinstance(part, sympy.MatrixBase):
        part = part.tolist()
    elif not isinstance(part, (list, tuple)) and hasattr(part, "__array__"):
        import numpy

        part = numpy.asarray(part)
    is_sequence = hasattr(part, "__len__") and hasattr(part, "__getitem__") and getattr(part, "shape", None) != ()
    if isinstance(part, (str, bytes, Mapping)) or not is_sequence:
        raise HoresNetError(f"{place}: expected a list or an array, found {type_name(part)}")
    if len(part) > STAGES:
        raise HoresNetError(f"{place} has {len(part)} entries; a tableau has at most {STAGES} stages")
    return [part[at] for at in range(len(part))]
