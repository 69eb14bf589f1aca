"""Dates as people write them.

Each notation is a row of `NOTATIONS`. The one that explains most cells of a column is taken. Day
and month are told apart by the whole column, or the column is refused.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simgan.arrays import FloatArray, IntArray
from simgan.errors import PriceError
from simgan.market.files.names import key_of
from simgan.market.prices import Dates
from simgan.market.sessions import Flags

Texts = dict[str, pa.Array]

# A time of day, a zone, or nothing: " 16:00:00-05:00", "T14:30:00Z", " 4:00:00 PM", " 170000".
_CLOCK = (
    r"(?:[T ,-]+(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r" ?(?P<half>[AaPp]\.?[Mm]\.?)?|(?P<digits>\d{6})))?"
    r" ?(?P<zone>Z|[A-Z]{3,4}(?:[+-]\d{1,4})?|[+-]\d{2}:?\d{2})?$"
)
_WEEKDAY = r"^(?:\p{L}{2,10}\.?,? +)?"
_MONTH = r"(?P<month>\p{L}{3,10})\.?"
_YEAR = r"(?P<y>\d{4}|\d{2})"
_MONTHS = """
    jan ene gen oca sty янв | feb fev sub lut фев | mar mrz mrt мар | apr avr abr nis kwi апр |
    may mai maj mei mag май мая | jun giu haz cze июн juin | jul lug tem lip июл juil |
    aug aou ago agu sie авг | sep set eyl wrz сен | oct okt ott out eki paz окт |
    nov kas lis ноя | dec dez dic des ara gru дек
"""
MONTHS = {
    key_of(name): number
    for number, names in enumerate(_MONTHS.split("|"), 1)
    for name in names.split()
}
_DAY = 86400.0  # seconds
_ROC = 1911  # year 1 of the Republic of China is 1912
_EXCEL_EPOCH = np.datetime64("1899-12-30", "D")
SAMPLED = 500  # cells that a notation is chosen by
_COMPILED = 2_000  # cells that Python matches before Arrow has compiled the expression
_FEW = 0.02  # share of cells that may contradict the order of the others: they are faults


@dataclass(frozen=True)
class Stamps:
    """A column of dates.

    Attributes
    ----------
    dates : array of datetime64[D], shape (rows,)
        NaT where the cell is no date.
    seconds : array of shape (rows,)
        Time of day in seconds. NaN where the cell has none.
    has_zone : array of shape (rows,)
        True where the cell names a time zone.
    notation : str
        Description of the notation.
    """

    dates: Dates
    seconds: FloatArray
    has_zone: Flags
    notation: str

    def take(self, rows: NDArray[np.integer]) -> Stamps:
        """Keep or repeat some of the stamps."""
        return replace(
            self, dates=self.dates[rows], seconds=self.seconds[rows], has_zone=self.has_zone[rows]
        )


@dataclass(frozen=True)
class DateNotation:
    """Way to write dates.

    Attributes
    ----------
    name : str
    pattern : str
        Regular expression of a whole cell, with named groups.
    read : callable
        Makes stamps of the groups.
    """

    name: str
    pattern: str
    read: Callable[[Texts], Stamps]

    @cached_property
    def _of_one_cell(self) -> re.Pattern[str]:
        """The same expression for Python, which is quicker for few cells."""
        return re.compile(self.pattern.replace(r"\p{L}", r"[^\W0-9_]").replace(r"\d", "[0-9]"))

    def explains(self, cells: Sequence[str]) -> int:
        """Count the cells that are written in this way."""
        return sum(self._of_one_cell.match(cell) is not None for cell in cells)

    def groups(self, cells: pa.Array) -> Texts:
        """Return the groups of each cell, null where it does not match."""
        if len(cells) <= _COMPILED:
            matches = [self._of_one_cell.match(cell) for cell in cells.to_pylist()]
            return {
                name: pa.array([match and (match[name] or "") for match in matches], pa.string())
                for name in self._of_one_cell.groupindex
            }
        found = pc.extract_regex(cells, self.pattern)
        return {field.name: pc.struct_field(found, [i]) for i, field in enumerate(found.type)}


def stamps_of(cells: pa.Array, era: int = 0) -> Stamps:
    """Read a column of dates, with or without times of day.

    Parameters
    ----------
    cells : string array of shape (rows,)
    era : int
        Years to subtract from years above 2400, such as 543 for the Buddhist calendar.

    Raises
    ------
    PriceError
        No notation explains half of the cells, or day and month cannot be told apart.
    """
    coded = pc.dictionary_encode(pc.fill_null(cells, ""))
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    texts = pc.utf8_trim_whitespace(coded.dictionary)
    share, notation = _best(texts.to_pylist())
    if notation is None or share < 0.5:
        examples = ", ".join(repr(text) for text in texts.to_pylist() if text)[:100]
        raise PriceError(
            f"the date column holds no dates that are understood: {examples}; "
            "write them as YYYY-MM-DD"
        )
    if era:
        years = (
            re.sub(r"2[4-6]\d{2}", lambda y: str(int(y[0]) - era), cell)
            for cell in texts.to_pylist()
        )
        texts = pa.array(list(years), pa.string())
    return notation.read(notation.groups(texts)).take(coded.indices.to_numpy())


def looks_like_dates(cells: Sequence[str], *, as_text: bool = False) -> bool:
    """Tell whether most cells are dates.

    With `as_text`, Excel's serial numbers do not count: they can be any number of five digits.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    notations = [n for n in NOTATIONS if not (as_text and n.name == "serial")]
    return bool(filled) and _best(filled, notations)[0] > 0.5


def _best(
    texts: Iterable[str], notations: Sequence[DateNotation] = ()
) -> tuple[float, DateNotation | None]:
    """Return the notation that explains most cells, and its share of the filled cells."""
    filled = [text for text in texts if text][:SAMPLED]
    if not filled:
        return 0.0, None
    best = max(notations or NOTATIONS, key=lambda n: n.explains(filled))
    return best.explains(filled) / len(filled), best


def _calendar(parts: Texts, year: IntArray, month: IntArray, day: IntArray, name: str) -> Stamps:
    """Make stamps of numbers. What is not in the calendar is NaT."""
    possible = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year > 0)
    months = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + np.where(
        possible, month - 1, 0
    )
    dates = months.astype("datetime64[D]") + np.where(possible, day - 1, 0)
    dates[~possible | (dates.astype("datetime64[M]") != months)] = np.datetime64("NaT")
    seconds, has_zone = _clock(parts)
    dates[seconds >= _DAY] = np.datetime64("NaT")
    return Stamps(dates, seconds, has_zone, name)


def _clock(parts: Texts) -> tuple[FloatArray, Flags]:
    hour, minute, second = (_ints(parts[n]) for n in ("hour", "minute", "second"))
    half = np.array([text[:1].casefold() for text in _strings(parts["half"])])
    hour = np.where(half == "p", hour % 12 + 12, np.where(half == "a", hour % 12, hour))
    seconds = np.where(_filled(parts["hour"]), hour * 3600.0 + minute * 60 + second, np.nan)
    seconds[(minute > 59) | (second > 59)] = _DAY  # no time of day
    digits = _ints(parts["digits"])
    together = digits // 10000 * 3600.0 + digits // 100 % 100 * 60 + digits % 100
    seconds = np.where(_filled(parts["digits"]), together, seconds)
    return seconds, _filled(parts["zone"])


def _strings(cells: pa.Array) -> list[str]:
    return [str(cell) for cell in pc.fill_null(cells, "").to_pylist()]


def _filled(cells: pa.Array) -> Flags:
    return np.asarray(pc.not_equal(pc.fill_null(cells, ""), ""))


def _ints(cells: pa.Array) -> IntArray:
    plain = pc.if_else(pc.equal(cells, ""), None, cells)
    return np.asarray(pc.fill_null(pc.cast(plain, pa.int64()), 0), np.int64)


def _year_first(parts: Texts) -> Stamps:
    return _calendar(
        parts, _ints(parts["y"]), _ints(parts["m"]), _ints(parts["d"]), "year, month, day"
    )


def _republic(parts: Texts) -> Stamps:
    """Read years of the Republic of China, as Taiwan writes them."""
    year = _ints(parts["y"])
    year = np.where((year > 0) & (year < 300), year + _ROC, 0)
    return _calendar(parts, year, _ints(parts["m"]), _ints(parts["d"]), "years of Taiwan")


def _with_names(parts: Texts) -> Stamps:
    names = [key_of(name) for name in _strings(parts["month"])]
    months = [MONTHS.get(name[:4]) or MONTHS.get(name[:3], 0) for name in names]
    year = _century(_ints(parts["y"]))
    return _calendar(parts, year, np.array(months, np.int64), _ints(parts["d"]), "names of months")


def _century(year: IntArray) -> IntArray:
    """Complete years of two digits: the next year at most, else the century before."""
    latest = datetime.date.today().year + 1
    return np.where(
        (year >= 0) & (year < 100), year + np.where(year + 2000 <= latest, 2000, 1900), year
    )


def _numeric(parts: Texts) -> Stamps:
    """Read ``a/b/c``, whose order the whole column has to tell."""
    a, b, c = (_ints(parts[name]) for name in "abc")
    if (np.asarray(pc.utf8_length(parts["c"]).fill_null(4)) == 4).all():
        return _day_or_month_first(parts, a, b, c)
    readings = [
        _calendar(parts, _century(c), b, a, "day, month, year"),
        _calendar(parts, _century(c), a, b, "month, day, year"),
        _calendar(parts, _century(a), b, c, "year, month, day"),
    ]
    likely = [reading for reading in readings if _goes_on(reading.dates[_filled(parts["a"])])]
    # Year 89 before month and day is 1989 in the West and 2000 in Taiwan.
    if len(likely) == 1 and not (likely[0] is readings[2] and (a > 50).any()):
        return likely[0]
    raise _ambiguous(parts)


def _day_or_month_first(parts: Texts, a: IntArray, b: IntArray, year: IntArray) -> Stamps:
    day_first, month_first = int((a > 12).sum()), int((b > 12).sum())
    fewer, more = sorted((day_first, month_first))
    if fewer > _FEW * more:
        first, second = (next(i for i, big in enumerate(numbers) if big > 12) for numbers in (a, b))
        raise PriceError(
            f"the dates {_text(parts, first)!r} and {_text(parts, second)!r} have day and month in "
            "different orders; write all dates as YYYY-MM-DD"
        )
    if more == 0:
        raise _ambiguous(parts)
    if day_first > month_first:
        return _calendar(parts, year, b, a, "day, month, year")
    return _calendar(parts, year, a, b, "month, day, year")


def _ambiguous(parts: Texts) -> PriceError:
    example = next((i for i, filled in enumerate(_filled(parts["a"])) if filled), 0)
    return PriceError(
        f"the order of day, month and year in dates such as {_text(parts, example)!r} is "
        "ambiguous, and no date of the file decides it; write the dates as YYYY-MM-DD"
    )


def _text(parts: Texts, row: int) -> str:
    return str(parts["sign"][row].as_py()).join(str(parts[name][row].as_py()) for name in "abc")


def _goes_on(dates: Dates) -> bool:
    """Tell whether dates are complete, past and near each other, as those of prices are."""
    today = np.datetime64(datetime.date.today())
    if np.isnat(dates).any() or (dates > today).any() or len(dates) < 3:
        return False
    steps = np.diff(dates).astype(int)
    return bool((abs(steps) <= 31).mean() > 0.9 and ((steps >= 0).all() or (steps <= 0).all()))


def _serial(parts: Texts) -> Stamps:
    number = np.asarray(pc.fill_null(pc.cast(parts["serial"], pa.float64()), np.nan))
    day = np.floor(number)
    dates = np.full(len(number), np.datetime64("NaT"), "datetime64[D]")
    dates[~np.isnan(day)] = _EXCEL_EPOCH + day[~np.isnan(day)].astype(int)
    fraction = np.round((number - day) * 86400)
    seconds = np.where(fraction > 0, fraction, np.nan)
    return Stamps(dates, seconds, np.zeros(len(number), bool), "serial numbers of a spreadsheet")


def _epoch(parts: Texts) -> Stamps:
    digits = np.asarray(pc.fill_null(pc.utf8_length(parts["epoch"]), 10))
    unit = np.select([digits <= 10, digits <= 13, digits <= 16], [1, 10**3, 10**6], 10**9)
    number = np.asarray(pc.fill_null(pc.cast(parts["epoch"], pa.int64()), -1))
    stamps = (number // unit).astype("datetime64[s]")
    dates = stamps.astype("datetime64[D]")
    seconds = (stamps - dates).astype(np.float64)
    dates[number < 0] = np.datetime64("NaT")
    return Stamps(dates, seconds, number >= 0, "seconds since 1970 or a fraction of them")


NOTATIONS = (
    DateNotation(
        "year first",
        _WEEKDAY + r"(?P<y>\d{4})[-/.] ?(?P<m>\d{1,2})[-/.] ?(?P<d>\d{1,2})\.?" + _CLOCK,
        _year_first,
    ),
    DateNotation(
        "compact",
        r"^(?P<y>(?:19|20|25)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:\.0+)?" + _CLOCK,
        _year_first,
    ),
    DateNotation(
        "compact with seconds",
        r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?P<hour>\d{2})(?P<minute>\d{2})"
        r"(?P<second>\d{2})(?P<half>)(?P<digits>)(?P<zone>)$",
        _year_first,
    ),
    DateNotation(
        "Chinese, Japanese, Korean",
        r"^(?P<y>\d{4}) ?[년年] ?(?P<m>\d{1,2}) ?[월月] ?(?P<d>\d{1,2}) ?[일日号]?(?: ?\(\p{L}\))?"
        + _CLOCK,
        _year_first,
    ),
    DateNotation(
        "day and month",
        _WEEKDAY
        + r"(?P<a>\d{1,2})(?P<sign>[-/.]) ?(?P<b>\d{1,2})[-/.] ?(?P<c>\d{4}|\d{2})\.?"
        + _CLOCK,
        _numeric,
    ),
    DateNotation(
        "month, day, year",
        _WEEKDAY + _MONTH + r" ?(?P<d>\d{1,2})(?:st|nd|rd|th)?,? +" + _YEAR + _CLOCK,
        _with_names,
    ),
    DateNotation(
        "day, month, year",
        _WEEKDAY + r"(?P<d>\d{1,2})(?:st|nd|rd|th)?[-. /]*(?:de )?" + _MONTH
        + r"(?: de)?[-, ./]*" + _YEAR + _CLOCK,
        _with_names,
    ),
    DateNotation(
        "year, month, day",
        r"^(?P<y>\d{4})[- /]?" + _MONTH + r"[- /]?(?P<d>\d{1,2})" + _CLOCK,
        _with_names,
    ),
    DateNotation(
        "Taiwan",
        r"^(?:民國)?(?P<y>\d{2,3})[-/.年] ?(?P<m>\d{1,2})[-/.月] ?(?P<d>\d{1,2})日?" + _CLOCK,
        _republic,
    ),
    DateNotation("serial", r"^(?P<serial>[2-7]\d{4}(?:\.\d+)?)$", _serial),
    DateNotation("epoch", r"^(?P<epoch>\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(?:\.0+)?$", _epoch),
)  # fmt: skip
