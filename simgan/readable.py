"""Objects that show themselves in a few lines, and are equal where all their numbers are."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from html import escape
from textwrap import shorten

import numpy as np

LONGEST = 100  # characters of a value that is shown
MOST = 4  # assets of which a value is shown


class Readable:
    """An object whose `repr` names its facts, one a line.

    A subclass is a dataclass without a `repr` of its own.
    """

    def _title(self) -> str:
        """Return the first line."""
        return type(self).__name__

    def _facts(self) -> Iterator[tuple[str, str]]:
        """Give the facts by name."""
        return iter(())

    def __repr__(self) -> str:
        facts = [(name, shorten(text, LONGEST, placeholder=" …")) for name, text in self._facts()]
        width = max((len(name) for name, _ in facts), default=0)
        lines = (f"  {name:<{width}}  {text}" for name, text in facts)
        return "\n".join((self._title(), *lines))

    def _repr_html_(self) -> str:
        """Return the same as a table, for notebooks."""
        rows = "".join(
            f'<tr><th style="text-align:left">{escape(name)}</th>'
            f'<td style="text-align:left">{escape(text)}</td></tr>'
            for name, text in self._facts()
        )
        return f"<div><strong>{escape(self._title())}</strong><table>{rows}</table></div>"


def of_each(names: Sequence[str], texts: Iterable[str]) -> str:
    """Join texts about assets: of one without its name, and of many the first few.

    >>> of_each(["A", "B"], ["1 %", "2 %"])
    'A 1 %, B 2 %'
    """
    pairs = [f"{name} {text}" for name, text in zip(names, texts, strict=True)]
    if len(pairs) == 1:
        return pairs[0].removeprefix(f"{names[0]} ")
    more = len(pairs) - MOST
    return ", ".join(pairs[:MOST]) + (f" and {more} more" if more > 0 else "")


def in_words(names: Sequence[str]) -> str:
    """Join names with commas and a last "and".

    >>> in_words(["A", "B", "C"])
    'A, B and C'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


class ByValue:
    """Equality and hash of a frozen dataclass whose fields hold arrays.

    Two objects are equal if their types and all their fields are, number by number. NaN equals NaN.
    The dataclass is declared with ``eq=False``.
    """

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return other is self or all(
            _same(getattr(self, each.name), getattr(other, each.name))
            for each in fields(self)  # type: ignore[arg-type]
        )

    def __hash__(self) -> int:
        return hash(_key(self))


_ENDS = 16  # numbers at either end of an array that its hash is made of


def _same(one: object, other: object) -> bool:
    """Compare two values, and the arrays in them, without an ambiguous truth."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return (
            isinstance(one, np.ndarray)
            and isinstance(other, np.ndarray)
            and one.dtype == other.dtype
            and np.array_equal(one, other, equal_nan=one.dtype.kind in "fM")
        )
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _key(value: object) -> Hashable:
    """Return a value that is equal for equal values and has a hash."""
    if isinstance(value, np.ndarray):
        flat = value.ravel()
        ends = (*flat[:_ENDS].tolist(), *flat[-_ENDS:].tolist())
        return value.shape, value.dtype.str, *(None if end != end else end for end in ends)
    if isinstance(value, Mapping):
        return frozenset((key, _key(each)) for key, each in value.items())
    if isinstance(value, tuple | list):
        return tuple(map(_key, value))
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, *(_key(getattr(value, f.name)) for f in fields(value))
    return value
