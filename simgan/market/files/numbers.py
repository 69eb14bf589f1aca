"""Numbers as people write them: decimal point or comma, thousands, currency, missing values.

The notation is decided once for a file, from all cells of its price columns. A cell or two among
many with two readings do not decide, because they may be damaged. Then other columns do, then the
custom of the separator, then the continuity of the prices. If nothing decides, the file is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simgan.arrays import FloatArray
from simgan.errors import PriceError

# Vendors and programs write these for a value that is not there.
MISSING = (
    *("", "-", "--", ".", "..", "—", "–", "\\n", "null", "none", "nan", "na", "n/a", "n.a.", "nat"),
    *("n.a", "#n/a", "#n/a n/a", "#na", "<na>"),
)
_SIGNS = r"[$€£¥￥₩₹฿₺₽元円원]|\b(?:USD|EUR|GBP|JPY|KRW|CHF|CNY|INR|THB)\b"
_BLANKS = "[\\s\u00a0\u202f\u2009\u2007'’`´]"  # and the apostrophe of Switzerland
# 110'16 of bonds, 356'6 of corn, "50.97 1" with a mark: no thousands, which have three digits.
_NO_GROUPS = rf"\d{_BLANKS}+(?:\d{{1,2}}|\d{{4,}})(?:\D|$)"
# 12, 1.5, .5, -1e-3
_NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"
_INFINITE = r"|^[+-]?(?i:inf|infinity)$"
# Decimal point: 1234.5, 1,234.50, and 12,34,567.5 as in India.
_POINT = (
    r"^[+-]?(?:(?:\d+|\d{1,3}(?:,\d{2,3})*,\d{3})(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$" + _INFINITE
)
# Decimal comma: 1234,5, 1.234,50.
_COMMA = r"^[+-]?(?:(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d*)?|,\d+)(?:[eE][+-]?\d+)?$" + _INFINITE
# Cells that have one reading only: not three digits after a single sign.
_ONLY_POINT = (
    r"^[+-]?(?:\d*\.(?:\d{0,2}|\d{4,})|0+\.\d+|\d{4,}\.\d+|[\d,]*,[\d,]*\.\d*"
    r"|\d{1,3}(?:,\d{2,3})+,\d{3}|\d*\.\d+[eE][+-]?\d+)$"
)
_ONLY_COMMA = (
    r"^[+-]?(?:\d*,(?:\d{0,2}|\d{4,})|0+,\d+|\d{4,},\d+|[\d.]*\.[\d.]*,\d*|\d{1,3}(?:\.\d{3}){2,}"
    r"|\d*,\d+[eE][+-]?\d+)$"
)
_EITHER = r"^[+-]?\d{1,3}[.,]\d{3}$"  # has two readings
_RARE = 0.05  # fewer cells than this share of those with two readings may be damaged
_STEP = 5.0  # prices do not change more from day to day
_ABSURD = 50.0  # the change that a wrong notation makes: about 1,000


@dataclass(frozen=True)
class Notation:
    """Way of a file to write numbers.

    Attributes
    ----------
    decimal, thousands : str
        One is a point, and the other is a comma.
    pattern : str
        Regular expression of a whole number in this notation, without blanks.
    doubt : str
        A number that has another meaning in the other notation, where only custom decides.
    """

    decimal: str
    thousands: str
    pattern: str
    doubt: str = ""

    @property
    def name(self) -> str:
        """The notation in words."""
        return "decimal point" if self.decimal == "." else "decimal comma"

    def values(self, cells: pa.Array) -> FloatArray:
        """Return numbers. A cell in another notation gives NaN."""
        good = pc.match_substring_regex(cells, self.pattern)
        plain = pc.replace_substring(cells, self.thousands, "")
        plain = pc.replace_substring(plain, ",", ".")
        plain = pc.if_else(pc.fill_null(good, False), plain, None)
        return _floats(plain)


POINT, COMMA = Notation(".", ",", _POINT), Notation(",", ".", _COMMA)


@dataclass(frozen=True)
class ReadNumbers:
    """One column as numbers.

    Attributes
    ----------
    values : array of shape (rows,)
        NaN where there is no number.
    is_missing : array of shape (rows,)
        True where the cell says that there is no value.
    """

    values: FloatArray
    is_missing: NDArray[np.bool_]

    @property
    def is_wrong(self) -> NDArray[np.bool_]:
        """True where the cell holds something that is no number."""
        return np.isnan(self.values) & ~self.is_missing


def cleaned(cells: pa.Array) -> pa.Array:
    """Remove currencies, per cent signs and blanks. A missing value becomes null.

    ``(1.23)`` becomes ``-1.23``, as accountants write it.
    """
    if _all(cells, _NUMBER):
        return cells
    missing = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(cells)), pa.array(MISSING))
    bare = pc.replace_substring_regex(cells, _SIGNS, "")
    grouped = pc.replace_substring_regex(bare, _BLANKS, "")
    bare = pc.if_else(pc.match_substring_regex(bare, _NO_GROUPS), bare, grouped)
    bare = pc.replace_substring_regex(bare, r"%$", "")
    bare = pc.replace_substring_regex(bare, r"^\((.*)\)$", r"-\1")
    bare = pc.replace_substring(bare, "−", "-")
    # The won has no smaller unit, so that ₩38,700 has thousands.
    grouped = pc.replace_substring_regex(bare, r"[.,](\d{3})", r"\1")
    bare = pc.if_else(pc.match_substring_regex(cells, "[₩원]"), grouped, bare)
    return pc.if_else(missing, None, bare)


def notation_of(prices: Sequence[pa.Array], others: Sequence[pa.Array], separator: str) -> Notation:
    """Decide the notation of a file.

    Parameters
    ----------
    prices : sequence of string arrays
        Cleaned cells of the price columns, the chosen price first.
    others : sequence of string arrays
        Cleaned cells of the other columns.
    separator : str
        The sign between cells. After a comma, a point is the decimal sign.

    Raises
    ------
    PriceError
        Nothing tells which one it is.
    """
    points, commas = _evidence(prices)
    is_custom = points >= commas and separator in (",", "")
    if max(points, commas) > (0 if is_custom else _RARE * _count(prices, _EITHER)):
        # The few cells in the other notation are faults of their rows.
        return POINT if points >= commas else COMMA
    signs = {sign for sign in ".," if any(_any(cells, f"[{sign}]") for cells in prices)}
    if not signs:
        return POINT
    points, commas = _evidence(others)
    if points > 10 * commas or commas > 10 * points:
        return POINT if points > commas else COMMA
    if is_custom and signs == {"."}:
        return replace(POINT, doubt=_first(prices[0], "[.]"))
    return _continuous(prices[0], signs)


def numbers(cells: pa.Array, notation: Notation) -> ReadNumbers:
    """Read cleaned cells in a notation."""
    missing = np.asarray(cells.is_null())
    if notation.decimal == "." and _all(cells, _NUMBER):
        return ReadNumbers(_floats(cells), missing)
    return ReadNumbers(notation.values(cells), missing)


_POWERS = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12, "": 1.0}


def amounts(cells: pa.Array, notation: Notation) -> FloatArray:
    """Read volumes such as ``708.60M``. A cell that is no number gives NaN."""
    parts = pc.extract_regex(cells, r"^(?P<number>.*?)(?P<power>[KkMmBbTt]?)$")
    powers = pc.utf8_lower(pc.fill_null(pc.struct_field(parts, [1]), "")).to_pylist()
    values = numbers(pc.struct_field(parts, [0]), notation).values
    return np.asarray(values * np.array([_POWERS[power] for power in powers]), np.float64)


def _floats(cells: pa.Array) -> FloatArray:
    unsigned = pc.replace_substring_regex(cells, r"^\+", "")  # Arrow reads no plus sign
    values = pc.cast(unsigned, pa.float64()).to_numpy(zero_copy_only=False)
    return np.array(values, np.float64)


def _all(cells: pa.Array, pattern: str) -> bool:
    return pc.all(pc.match_substring_regex(cells, pattern), min_count=0).as_py() is True


def _any(cells: pa.Array, pattern: str) -> bool:
    return pc.any(pc.match_substring_regex(cells, pattern), min_count=0).as_py() is True


def _evidence(columns: Sequence[pa.Array]) -> tuple[int, int]:
    """Count the cells that only a decimal point explains, and those that only a comma explains."""
    return _count(columns, _ONLY_POINT), _count(columns, _ONLY_COMMA)


def _count(columns: Sequence[pa.Array], pattern: str) -> int:
    hits = (pc.sum(pc.match_substring_regex(cells, pattern)).as_py() for cells in columns)
    return sum(n or 0 for n in hits)


def _first(cells: pa.Array, pattern: str) -> str:
    hits = cells.filter(pc.fill_null(pc.match_substring_regex(cells, pattern), False))
    return str(hits[0].as_py()) if len(hits) else ""


def _continuous(cells: pa.Array, signs: set[str]) -> Notation:
    """Take the notation in which prices go on from day to day, where the other makes them jump."""
    largest = [_largest_step(notation.values(cells)) for notation in (POINT, COMMA)]
    if largest[0] < _STEP and largest[1] > _ABSURD:
        return POINT
    if largest[1] < _STEP and largest[0] > _ABSURD:
        return COMMA
    sign = "." if "." in signs else ","
    raise PriceError(
        f"{_first(cells, f'[{sign}]')!r} can mean two numbers, and no cell tells whether {sign!r} "
        "stands before decimals or between thousands; save the prices with four decimals, or "
        "without thousands signs"
    )


def _largest_step(values: FloatArray) -> float:
    """Return the largest ratio of a price and the one before it."""
    positive = values[values > 0]
    return float(np.exp(np.abs(np.diff(np.log(positive))).max(initial=0.0)))
