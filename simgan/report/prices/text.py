"""Prices as they were understood, as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import StringIO

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simgan.arrays import FloatArray
from simgan.market.prices import NoteKind
from simgan.market.ranges import days_with_ranges
from simgan.report.prices.inspection import InspectedAsset, Inspection, ShownRow, day

BLOCKS = "▁▂▃▄▅▆▇█"
_NARROWEST = 60
_MANY = 50  # tickers whose names stand on one line


def render_text(found: Inspection, width: int = 120) -> str:
    """Return facts, notes, a sparkline and the first and last rows.

    Lines have at most `width` characters, and at least 60. A refused file shows everything that
    was understood before the refusal.
    """
    page = StringIO()
    out = Console(file=page, width=max(width, _NARROWEST), force_terminal=False, highlight=False)
    single = found.assets[0] if len(found.assets) == 1 else None
    facts = list(facts_of(found))
    if single is not None:
        facts += facts_of_asset(single)
    out.print(_listed(facts))
    if single is not None and len(single.dates) > 1:
        out.print()
        for line in sparkline_of(single, out.width):
            out.print(Text(line, no_wrap=True))
    if single is not None and len(single.quotes):
        out.print()
        out.print(_rows(single))
    if single is not None and single.raw:
        out.print()
        out.print(_raw(single))
    if len(found.assets) > 1:
        out.print()
        out.print(_tickers(found))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def facts_of(found: Inspection) -> Iterator[tuple[str, str]]:
    """Give the facts of a file, or of a source, line by line."""
    yield "prices", found.origin
    yield from found.topics.items()
    if len(found.assets) > 1:
        names = [asset.name for asset in found.assets]
        rest = f" and {len(names) - _MANY} more" if len(names) > _MANY else ""
        yield "tickers", ", ".join(names[:_MANY]) + rest
    yield from _several("repairs", found.shared_repairs)
    if found.panel is not None:
        dates = found.panel.dates
        yield "common days", f"{len(dates):,}, {day(dates[0])} to {day(dates[-1])}"
        for sentence in found.panel_repairs:
            yield "left out", sentence
    if found.apart:
        yield "no panel", found.apart


def facts_of_asset(asset: InspectedAsset) -> Iterator[tuple[str, str]]:
    """Give the facts of one asset line by line."""
    yield "asset", asset.name
    if not len(asset.quotes):
        return
    yield "bars a day", asset.rhythm
    yield "fields", ", ".join(asset.fields) or "the price alone"
    if len(asset.dates):
        yield "first day", day(asset.dates[0])
        yield "last day", day(asset.dates[-1])
    yield "days", f"{asset.days:,} of {len(asset.quotes):,} rows"
    if asset.prices is not None:
        yield "ranges", _learned(days_with_ranges(asset.prices))
    yield "splits", "; ".join(f"{date} {_ratio(ratio)}" for date, ratio in asset.splits) or "none"
    yield from _several("read", asset.texts(NoteKind.READ))
    yield from _several("repairs", asset.texts(NoteKind.REPAIR) or ["none"])
    otherwise = "not judged: the prices are refused" if asset.refusal else "none"
    yield from _several("warnings", asset.texts(NoteKind.WARNING) or [otherwise])


def _learned(days: int) -> str:
    """Say whether a fit learns from ranges."""
    if not days:
        return "none in use: a fit learns from closes"
    return f"{days:,} days: a fit learns from them, and makes bars"


def _several(topic: str, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give each text a line, and the topic to the first."""
    for number, text in enumerate(texts):
        yield ("" if number else topic), text


def _ratio(ratio: float) -> str:
    """Write a split: ``4:1``, or ``1:10`` for a reverse split."""
    return f"{ratio:g}:1" if ratio >= 1.0 else f"1:{1.0 / ratio:g}"


def number(value: float) -> str:
    """Show a price with all its digits up to ten, and a missing one as a dash."""
    return f"{value:.10g}" if np.isfinite(value) else "–"


def shown(row: ShownRow, field: str) -> str:
    """Show one number of a row."""
    value = row.values[field]
    return f"{value:,.0f}" if field == "volume" and np.isfinite(value) else number(value)


def sparkline_of(asset: InspectedAsset, width: int) -> list[str]:
    """Draw the prices as one line of blocks, and a line with the scale below it."""
    lowest, highest = asset.closes.min(), asset.closes.max()
    scale = "logarithmic scale" if asset.is_wide else "linear scale"
    first, last = day(asset.dates[0]), day(asset.dates[-1])
    line = sparkline(asset.closes, width, asset.is_wide)
    return [line, f"{first} to {last}, {number(lowest)} to {number(highest)}, {scale}"]


def sparkline(values: FloatArray, width: int, is_logarithmic: bool) -> str:
    """Draw positive values (n,) as at most `width` blocks, each the last value of its part.

    Examples
    --------
    >>> sparkline(np.array([1.0, 2.0, 3.0, 8.0]), 80, is_logarithmic=False)
    '▁▂▃█'
    """
    parts = np.array_split(np.arange(len(values)), min(width, len(values)))
    heights = values[[part[-1] for part in parts]]  # (parts,)
    if is_logarithmic:
        heights = np.log(heights)
    spread = np.ptp(heights)
    if spread == 0.0:
        return BLOCKS[len(BLOCKS) // 2] * len(heights)
    levels = np.rint((heights - heights.min()) / spread * (len(BLOCKS) - 1)).astype(int)
    return "".join(BLOCKS[level] for level in levels)


def _listed(facts: Sequence[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for topic, text in facts:
        table.add_row(Text(topic), Text(text))
    return table


def _rows(asset: InspectedAsset) -> Table:
    first, last = asset.shown_rows
    fields = list(first[0].values) if first else []
    has_place = any(row.place for row in (*first, *last))
    table = Table(box=None, pad_edge=False)
    for name in (["place"] if has_place else []) + ["date"]:
        table.add_column(name, no_wrap=True)
    for name in fields:
        table.add_column(name, justify="right", overflow="fold")
    for group in (first, last):
        for row in group:
            place = [row.place] if has_place else []
            table.add_row(*map(Text, (*place, row.date, *(shown(row, f) for f in fields))))
        if group is first and last:
            table.add_row("…")
    return table


def _raw(asset: InspectedAsset) -> Table:
    """Show rows that could not be read as they stand in the file."""
    table = Table(box=None, pad_edge=False)
    table.add_column("place", no_wrap=True)
    width = max(len(row.cells) for row in asset.raw)
    names = (asset.names if len(asset.names) >= width else ()) or ("",) * width
    for name in names:
        table.add_column(Text(name), overflow="fold")
    for row in asset.raw:
        table.add_row(*map(Text, (row.place, *row.cells)))
    return table


def _tickers(found: Inspection) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("ticker", overflow="fold")
    for name in ("first", "last"):
        table.add_column(name, no_wrap=True)
    table.add_column("days", justify="right")
    table.add_column("notes", overflow="fold")
    for asset in found.assets:
        table.add_row(*map(Text, (asset.name, *span_of(asset), f"{asset.days:,}", remark(asset))))
    return table


def span_of(asset: InspectedAsset) -> tuple[str, str]:
    """First and last day, or dashes."""
    if not len(asset.dates):
        return "–", "–"
    return day(asset.dates[0]), day(asset.dates[-1])


def remark(asset: InspectedAsset) -> str:
    """Refusal and warnings of one ticker of several, in a cell."""
    parts = [f"refused: {asset.refusal}"] if asset.refusal else []
    return "; ".join([*parts, *(f"warning: {text}" for text in asset.texts(NoteKind.WARNING))])
