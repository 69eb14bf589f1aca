"""Price files as people have them: a made series, its notations, and the cases made of both.

The numbers are a random walk. Headers, quotes, line ends, order and footers are the vendors'.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import numpy as np

NARROW = "\u202f"  # the narrow no-break space
ENGLISH = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class Kind(StrEnum):
    """The outcome that is right for a file."""

    READ = "read"
    REFUSE = "refuse"
    EITHER = "read or refuse"  # right, or refused
    TELL = "tell"  # may be read, must be told


@dataclass(frozen=True)
class Bar:
    """One day. `adjusted` is the close after dividends and splits."""

    day: date
    open: float
    high: float
    low: float
    close: float
    volume: int
    adjusted: float


@dataclass(frozen=True)
class Case:
    """A file, the question, and the answer."""

    file: str
    data: bytes
    bars: Sequence[Bar] = ()
    kind: Kind = Kind.READ
    holds: str = ""  # of open, high, low, volume: o h l v
    price: str = "close"  # the attribute of a bar that is the right price
    column: str = ""
    asset: str = "X"
    word: str = ""  # a regular expression that the error or a note fits


def made(
    level: float, digits: int = 2, days: int = 80, every_day: bool = False, seed: int = 1
) -> list[Bar]:
    """Walk from `level`, from 1 October 2018, over weekdays that are no holidays."""
    rng = np.random.default_rng(seed)
    closed = {date(2018, 11, 22), date(2018, 12, 25), date(2019, 1, 1)}
    day, price, bars = date(2018, 10, 1), level, list[Bar]()
    while len(bars) < days:
        if every_day or (day.weekday() < 5 and day not in closed):
            opened = price * (1 + 0.002 * float(rng.uniform(-1, 1)))
            price *= 1 + 0.02 * float(rng.uniform(-1, 1))
            top, bottom = max(opened, price), min(opened, price)
            o, h, low, c = (round(x, digits) for x in (opened, top * 1.003, bottom * 0.997, price))
            factor = 0.97 if len(bars) < days // 2 else 1.0
            volume = int(rng.integers(1_000_000, 40_000_000))
            bars.append(Bar(day, o, h, low, c, volume, round(c * factor, digits)))
        day += timedelta(days=1)
    return bars


def newest_first(bars: Sequence[Bar]) -> list[Bar]:
    return list(reversed(bars))


def plain(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}"


def english(value: float, digits: int = 2) -> str:
    """Write 1,234.56."""
    return f"{value:,.{digits}f}"


def grouped(value: float, digits: int, thousands: str, decimal: str) -> str:
    """Write 1'234.56, 1 234,56 and the like."""
    return english(value, digits).translate({ord(","): thousands, ord("."): decimal})


def german(value: float, digits: int = 2) -> str:
    """Write 1.234,56."""
    return grouped(value, digits, ".", ",")


def in_millions(value: float, decimal: str = ".") -> str:
    """Write 12.35M, as Investing.com does."""
    return f"{value / 1e6:.2f}M".replace(".", decimal)


def with_volume_in_millions(bars: Sequence[Bar]) -> list[Bar]:
    return [replace(bar, volume=round(bar.volume, -4)) for bar in bars]


def change(bars: Sequence[Bar], row: int) -> float:
    """Change to the day before, in percent. The bars are in the order of time."""
    return 100 * (bars[row].close / bars[row - 1].close - 1) if row else 0.0


def table(
    header: str, rows: Sequence[Sequence[object]], sep: str = ",", end: str = "\n", quote: str = ""
) -> str:
    """Join a header line and rows. `quote` stands around every cell of the rows."""
    lines = [header] if header else []
    lines += [sep.join(f"{quote}{cell}{quote}" for cell in row) for row in rows]
    return end.join([*lines, ""])


def utf8(text: str) -> bytes:
    return text.encode("utf-8")


def bom(text: str) -> bytes:
    return text.encode("utf-8-sig")


def iso(bar: Bar) -> str:
    return bar.day.isoformat()


def written(pattern: str) -> Callable[[Bar], str]:
    """Write days by a pattern of strftime."""
    return lambda bar: bar.day.strftime(pattern)


def short_month(bar: Bar) -> str:
    """Write 01-Oct-2018."""
    return f"{bar.day.day:02d}-{ENGLISH[bar.day.month - 1]}-{bar.day.year}"


def unix(bar: Bar, hour: time = time(0), zone: str = "UTC") -> int:
    """Seconds since 1970 at an hour of the day in a zone."""
    return int(datetime.combine(bar.day, hour, ZoneInfo(zone)).timestamp())


def utc(bar: Bar, hour: time = time(0), zone: str = "UTC") -> str:
    """Write the moment as 2018-10-01T13:30:00Z."""
    moment = datetime.combine(bar.day, hour, ZoneInfo(zone)).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def ohlcv(bar: Bar, digits: int = 2) -> list[object]:
    """Open, high, low, close as plain numbers, and volume."""
    prices = (bar.open, bar.high, bar.low, bar.close)
    return [*(plain(price, digits) for price in prices), bar.volume]


def adjusted_ohl(bar: Bar, digits: int = 6) -> list[str]:
    """Open, high and low, adjusted as the close is."""
    factor = bar.adjusted / bar.close
    return [plain(factor * price, digits) for price in (bar.open, bar.high, bar.low)]


STOCK = made(150.12)
INDEX = made(12345.67, seed=2)
EURUSD = made(1.16035, 5, seed=3)


def hundreds(bar: Bar) -> Bar:
    """Round as a Korean exchange does."""
    o, h, low, c, adjusted = (
        round(p, -2) for p in (bar.open, bar.high, bar.low, bar.close, bar.adjusted)
    )
    return Bar(bar.day, o, max(o, h, c), min(o, low, c), c, bar.volume, adjusted)


KOREAN = [hundreds(bar) for bar in made(38700, 0, seed=4)]
COIN = made(6604.71, every_day=True, seed=5)
