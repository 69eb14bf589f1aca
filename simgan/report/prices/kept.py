"""The prices that are kept in `data/`, as a table for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simgan.market.cached_prices import CacheEntry

NARROWEST = 80
_UNITS = ("B", "kB", "MB", "GB")


def render_list(entries: Sequence[CacheEntry], width: int = 120) -> str:
    """Return a row for each file, and the trouble of those that cannot be used."""
    table = Table(box=None, pad_edge=False)
    table.add_column("ticker", overflow="fold")
    for name in ("first", "last"):
        table.add_column(name, no_wrap=True)
    table.add_column("days", justify="right", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("when", no_wrap=True)
    table.add_column("source", overflow="fold")
    for entry in entries:
        table.add_row(*map(Text, _cells(entry)))
    page = StringIO()
    Console(file=page, width=max(width, NARROWEST), highlight=False).print(table)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def _cells(entry: CacheEntry) -> tuple[str, ...]:
    size = size_of(entry.size)
    if entry.trouble:
        return entry.ticker, "–", "–", "–", size, "–", f"{entry.path.name}: {entry.trouble}"
    source = f"added from {entry.file}" if entry.file else entry.source
    when = entry.fetched_at.replace("T", " ")[:16]
    return entry.ticker, entry.first, entry.last, f"{entry.days:,}", size, when, source


def size_of(count: int) -> str:
    """Write a number of bytes with three digits: ``12.3 kB``.

    Examples
    --------
    >>> size_of(12_345)
    '12.3 kB'
    """
    value, unit = float(count), _UNITS[0]
    for unit in _UNITS:
        if value < 1000.0 or unit == _UNITS[-1]:
            break
        value /= 1000.0
    return f"{value:.3g} {unit}"
