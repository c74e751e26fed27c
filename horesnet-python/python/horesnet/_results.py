"""Answers, as immutable records. Fields have the names of the program's JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional


@dataclass(frozen=True)
class Problem:
    """A false claim or a warning, and its place in the text, counted from 1."""

    message: str
    line: Optional[int]
    column: Optional[int]
    help: Optional[str]


@dataclass(frozen=True)
class Failure:
    """The first order condition that fails: of this rooted tree, `found` instead of `expected`."""

    order: int
    tree: str
    expected: str
    found: str
    residual: str


@dataclass(frozen=True)
class Weights:
    """The verdict on a row of weights.

    `order` is proven. Without a `first_failure` it is where the search ended: the order is at least this.
    """

    order: int
    claimed: Optional[int]
    holds: bool
    undecided: bool
    first_failure: Optional[Failure]


@dataclass(frozen=True)
class Verdict:
    """The proof of a scheme; as `str`, what `horesnet check` prints.

    `holds` is True if every claim is exactly true, `row_sums` if every node is the sum of its row. The first of `weights`
    is propagated, the second estimates the error.
    """

    holds: bool
    weights: tuple[Weights, ...]
    stages: int
    explicit: bool
    row_sums: bool
    field: str
    rounded: Optional[float]
    name: Optional[str]
    file: str
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    text: str

    @property
    def order(self) -> int:
        """The proven order of the propagated weights."""
        return self.weights[0].order

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Edit:
    """A replaced number: its place, and line and column in the original text, counted from 1."""

    place: str
    row: Optional[int]
    entry: Optional[int]
    line: int
    column: int
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """A change that makes every claim true, and the tableau file with it; as `str`, its description."""

    kind: str
    description: str
    edits: tuple[Edit, ...]
    text: str

    def __str__(self) -> str:
        return self.description


@dataclass(frozen=True)
class Repair:
    """The changes that make every claim true, the likeliest first.

    `text` is the repaired tableau file, or None if there are several changes: then choose one, and take its `text`.
    `original` is the tableau file before. `complete` is False if there may be more changes.
    """

    changes: tuple[Change, ...]
    text: Optional[str]
    original: str
    complete: bool


def verdict(json: dict[str, Any]) -> Verdict:
    """Builds a verdict from its JSON."""
    for problems in ("errors", "warnings"):
        json[problems] = tuple(Problem(**problem) for problem in json[problems])
    json["weights"] = tuple(_weights(row) for row in json["weights"])
    return Verdict(**json)


def _weights(json: dict[str, Any]) -> Weights:
    failure = json.pop("first_failure")
    return Weights(first_failure=failure and Failure(**failure), **json)


def repair(json: dict[str, Any]) -> Repair:
    """Builds a repair from its JSON."""
    changes = json.pop("changes")
    return Repair(changes=tuple(_change(change) for change in changes), **json)


def _change(json: dict[str, Any]) -> Change:
    edits = json.pop("edits")
    return Change(edits=tuple(Edit(**edit) for edit in edits), **json)
