"""Bars of a price file: open, high, low and volume beside its price."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from simgan.market.files.columns import Choice
from simgan.market.files.layouts import FileLayout
from simgan.market.files.names import Meaning
from simgan.market.files.numbers import Notation, ReadNumbers, amounts
from simgan.market.prices import Bars, Note, read_as


def bars_of(
    choice: Choice,
    read: Mapping[int, ReadNumbers],
    cells: Mapping[int, pa.Array],
    notation: Notation,
) -> Bars | None:
    """Return open, high, low and volume. Cells that cannot be read are NaN."""
    if not choice.bars:
        return None
    nothing = np.full(len(read[choice.price.position].values), np.nan)
    values = {
        field: amounts(cells[column.position], notation)
        if field is Meaning.VOLUME
        else read[column.position].values
        for field, column in choice.bars.items()
    }
    return Bars(
        *(
            values.get(field, nothing)
            for field in (Meaning.OPEN, Meaning.HIGH, Meaning.LOW, Meaning.VOLUME)
        )
    )


def unscaled(layout: FileLayout, choice: Choice) -> list[Note]:
    """Tell bars beside an adjusted close alone: nothing brings them to its unit."""
    beside = {column.field for column in layout.columns if column.ticker == choice.asset}
    has_bars = {Meaning.HIGH, Meaning.LOW} <= beside and Meaning.HIGH not in choice.bars
    if choice.price.field is not Meaning.ADJUSTED or not has_bars:
        return []
    return [read_as("no range is used: there is no close in the unit of open, high and low")]


def wordy(
    choice: Choice, read: Mapping[int, ReadNumbers], cells: Mapping[int, pa.Array]
) -> list[Note]:
    """Tell highs and lows that are text on each day."""
    columns = [choice.bars[f] for f in (Meaning.HIGH, Meaning.LOW) if f in choice.bars]
    texts = [np.flatnonzero(read[column.position].is_wrong) for column in columns]
    if len(columns) < 2 or any(np.isfinite(read[c.position].values).any() for c in columns):
        return []
    if not all(map(len, texts)):
        return []
    first = cells[columns[0].position][int(texts[0][0])].as_py()
    told = " and ".join(repr(column.label) for column in columns)
    return [read_as(f"no range is used: {told} hold no numbers, but text such as {first!r}")]
