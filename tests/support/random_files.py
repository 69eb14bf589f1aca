"""Random price files: a series in a random layout, notation, encoding and order."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True)
class Language:
    """Names of date, open, high, low, close, adjusted close and volume, and encodings."""

    names: tuple[str, ...]
    encodings: tuple[str, ...]


LANGUAGES = (
    Language(("Date", "Open", "High", "Low", "Close", "Adj Close", "Volume"), ("utf-8", "cp1252")),
    Language(("date", "open", "high", "low", "close", "adjusted_close", "volume"), ("utf-8",)),
    Language(("DATE", "OPEN", "HIGH", "LOW", "CLOSE", "AdjClose", "VOL"), ("utf-8", "utf-16")),
    Language(
        ("Datum", "Eröffnung", "Hoch", "Tief", "Schlusskurs", "Adj. Close", "Volumen"),
        ("utf-8", "utf-8-sig", "cp1252", "utf-16"),
    ),
    Language(
        ("날짜", "시가", "고가", "저가", "종가", "수정종가", "거래량"), ("utf-8", "cp949", "utf-16")
    ),
    Language(("日付", "始値", "高値", "安値", "終値", "調整後終値", "出来高"), ("utf-8", "cp932")),
    Language(("日期", "开盘", "最高", "最低", "收盘", "复权收盘价", "成交量"), ("utf-8", "gbk")),
    Language(
        ("日期", "開盤價", "最高價", "最低價", "收盤價", "還原收盤價", "成交量"), ("utf-8", "big5")
    ),
    Language(
        ("Data", "Otwarcie", "Najwyższy", "Najniższy", "Zamknięcie", "Adj Close", "Wolumen"),
        ("utf-8", "cp1250"),
    ),
    Language(
        ("Fecha", "Apertura", "Máximo", "Mínimo", "Cierre", "Cierre ajustado", "Volumen"),
        ("utf-8", "cp1252"),
    ),
    Language(
        ("Date", "Ouverture", "Plus haut", "Plus bas", "Clôture", "Clôture ajustée", "Volume"),
        ("utf-8", "cp1252"),
    ),
)


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970."""
    return int(np.datetime64(f"{year}-{month:02d}-{day:02d}").astype(int))


DATES: dict[str, Callable[[int, int, int], str]] = {
    "iso": lambda y, m, d: f"{y}-{m:02d}-{d:02d}",
    "slashes": lambda y, m, d: f"{y}/{m:02d}/{d:02d}",
    "dots, year first": lambda y, m, d: f"{y}.{m:02d}.{d:02d}",
    "compact": lambda y, m, d: f"{y}{m:02d}{d:02d}",
    "day first, slashes": lambda y, m, d: f"{d:02d}/{m:02d}/{y}",
    "day first, dots": lambda y, m, d: f"{d:02d}.{m:02d}.{y}",
    "day first, bare": lambda y, m, d: f"{d}/{m}/{y}",
    "month first": lambda y, m, d: f"{m:02d}/{d:02d}/{y}",
    "month first, bare": lambda y, m, d: f"{m}/{d}/{y}",
    "two digits": lambda y, m, d: f"{m}/{d}/{y % 100:02d}",
    "month's name": lambda y, m, d: f"{MONTHS[m - 1]} {d:02d}, {y}",
    "name between": lambda y, m, d: f"{d:02d}-{MONTHS[m - 1]}-{y}",
    "name, two digits": lambda y, m, d: f"{d:02d}-{MONTHS[m - 1]}-{y % 100:02d}",
    "Korean": lambda y, m, d: f"{y}년 {m:02d}월 {d:02d}일",
    "Japanese": lambda y, m, d: f"{y}年{m}月{d}日",
    "Taiwan": lambda y, m, d: f"{y - 1911}/{m:02d}/{d:02d}",
    "serial": lambda y, m, d: str(_days(y, m, d) + 25569),  # days since 1899-12-30
    "seconds": lambda y, m, d: str(_days(y, m, d) * 86400),
    "milliseconds": lambda y, m, d: str(_days(y, m, d) * 86400_000),
    "clock": lambda y, m, d: f"{y}-{m:02d}-{d:02d} 00:00:00",
    "offset": lambda y, m, d: f"{y}-{m:02d}-{d:02d} 00:00:00-0{4 + (m < 4)}:00",
    "close of the day": lambda y, m, d: f"{m}/{d}/{y} 16:00:00",
}  # fmt: skip

NUMBERS = {  # decimal sign, sign between thousands
    "plain": (".", ""),
    "English": (".", ","),
    "Swiss": (".", "'"),
    "comma": (",", ""),
    "German": (",", "."),
    "French": (",", "\u00a0"),
    "Scandinavian": (",", " "),
    "narrow": (",", "\u202f"),
}
AMBIGUOUS = ("ambiguous", "can mean two numbers")


@dataclass(frozen=True)
class RandomFile:
    """A file and the series that it holds.

    Attributes
    ----------
    manner : str
        The choices, to make the file again by hand.
    """

    data: bytes
    suffix: str
    dates: np.ndarray
    closes: np.ndarray
    manner: str


def random_file(seed: int) -> RandomFile:
    """Make one file. The same seed makes the same file."""
    draw = np.random.Generator(np.random.Philox(seed))
    dates, bars, digits = _series(draw)
    language = LANGUAGES[draw.integers(len(LANGUAGES))]
    notation, number = (str(draw.choice(list(table))) for table in (DATES, NUMBERS))
    separator = str(draw.choice(list(",;\t|")))
    fields = _fields(draw)
    sign = str(draw.choice(["", "", "", "$", "€"]))
    rows = [[language.names[0], *(language.names[f] for f in fields)]]
    for i, day in enumerate(dates):
        year, month, date = (int(part) for part in str(day).split("-"))
        cells = [
            _number(bars[i, f], digits if f < 6 else 0, number, sign if f < 6 else "")
            for f in fields
        ]
        rows.append([DATES[notation](year, month, date), *cells])
    header, body = rows[:1], rows[1:]
    if newest := bool(draw.integers(2)):
        body.reverse()
    text = _text(draw, header + body, separator)
    encoding = str(draw.choice(language.encodings))
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        encoding = "utf-8"
        data = text.encode(encoding)
    packed = bool(draw.integers(8) == 0)
    price = 5 if 5 in fields else 4
    closes = np.array([float(f"{value:.{digits}f}") for value in bars[:, price]])
    manner = f"{seed}: {language.names[0]} {notation}, {number} {sign}, {separator!r}, {encoding}"
    return RandomFile(
        gzip.compress(data, 1) if packed else data,
        ".csv.gz" if packed else ".csv",
        dates,
        closes,
        manner + (", newest first" if newest else ""),
    )


def _series(draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray, int]:
    """Return dates, (days, 7) values in the order of the names, and their decimals."""
    days = int(draw.integers(3, 260))
    first = np.datetime64("1995-01-02") + int(draw.integers(0, 9500))
    dates = np.busday_offset(first, np.arange(days), roll="forward")
    level = 10 ** draw.uniform(-1, 5)
    digits = int(draw.integers(max(0, 3 - int(np.log10(level))), 7 - int(max(0, np.log10(level)))))
    close = level * np.exp(np.cumsum(draw.normal(0, 0.015, days)))
    spread = np.abs(draw.normal(0, 0.01, (2, days)))
    values = np.empty((days, 7))
    values[:, 4], values[:, 1] = close, close * np.exp(draw.normal(0, 0.005, days))
    values[:, 2] = np.maximum(close, values[:, 1]) * (1 + spread[0])
    values[:, 3] = np.minimum(close, values[:, 1]) * (1 - spread[1])
    values[:, 5], values[:, 6] = close * 0.9, draw.integers(1, 10**8, days)
    return dates, values, digits


def _fields(draw: np.random.Generator) -> list[int]:
    choices = ([4], [1, 2, 3, 4], [1, 2, 3, 4, 6], [1, 2, 3, 4, 5, 6], [4, 1, 2, 3, 6], [4, 5])
    return list(choices[draw.integers(len(choices))])


def _number(value: float, digits: int, number: str, sign: str) -> str:
    decimal, thousands = NUMBERS[number]
    plain = f"{value:,.{digits}f}"
    return sign + plain.replace(",", "\0").replace(".", decimal).replace("\0", thousands)


def _text(draw: np.random.Generator, rows: list[list[str]], separator: str) -> str:
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if draw.integers(4) == 0 else csv.QUOTE_MINIMAL
    ending = str(draw.choice(["\n", "\r\n", "\r"]))
    csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=ending).writerows(rows)
    text = out.getvalue()
    if draw.integers(6) == 0:
        text = ending * 2 + text
    return text.removesuffix(ending) if draw.integers(4) == 0 else text


def outcome_of(file: RandomFile) -> str:
    """Read a file, and name the outcome: right, told, ambiguous, or WRONG, REFUSED, CRASH."""
    from simgan.errors import SimganError
    from simgan.market.files.content import unpacked
    from simgan.market.files.reading import quotes_of, table_of

    try:
        quotes = quotes_of(table_of(unpacked(file.data), f"prices{file.suffix}"), "X")
    except SimganError as error:
        if any(word in str(error) for word in AMBIGUOUS):
            return "refused as ambiguous"
        return f"REFUSED: {file.manner}: {error}"
    except Exception as error:
        return f"CRASH: {file.manner}: {error!r}"
    order = np.argsort(quotes.dates)
    same = np.array_equal(quotes.dates[order], file.dates)
    if same and np.array_equal(quotes.closes[order], file.closes) and not quotes.faults:
        return "read right"
    if any("read with a decimal point" in note.text for note in quotes.notes):
        return "read with a warning about the decimal point"
    return f"WRONG: {file.manner}: {quotes.dates[order][:2]} {quotes.closes[order][:2]}"
