"""Prices from a CSV or TSV file: read right, or refused with the line that is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from simgan.errors import PriceError
from simgan.market.history import Prices
from simgan.market.plausibility import plausible
from simgan.market.sources.base import PriceSource
from simgan.market.tables.columns import price_column
from simgan.market.tables.days import days_of
from simgan.market.tables.layouts import table_of
from simgan.market.tables.lines import read_rows


@dataclass(frozen=True)
class PriceFile(PriceSource):
    """Yahoo, yfinance and Stooq files, and plain files of date and close.

    Attributes
    ----------
    path : str
        CSV or TSV file in UTF-8; a name that ends in ``.gz`` is decompressed.
    column : str
        Name of the price column; empty for the adjusted close, else the close.
    """

    kind: ClassVar[str] = "price_file"
    path: str = field(metadata={"help": "CSV or TSV file"})
    column: str = field(
        default="", metadata={"help": "price column; empty: adjusted close, else close"}
    )

    def fetch(self, name: str) -> Prices:
        """Read the file; `name` becomes the name of the asset.

        Raises
        ------
        SourceError
            There is no such file, or it cannot be opened.
        UnknownNameError
            There is no column of that name.
        PriceError
            The layout is not understood, or rows are wrong; the message names the lines.
        """
        path = Path(self.path)
        rows = read_rows(path)
        try:
            table = table_of(rows)
            column = price_column(table, self.column)
            days = days_of(table, column)
            prices = Prices(
                dates=days.dates,
                values=days.values[:, np.newaxis],  # (days, 1)
                assets=(name,),
                notes=(f"{path.name}: column {column.label!r}, {table.layout}", *days.notes),
            )
            return plausible(prices, place=lambda row: f"line {days.lines[row]}")
        except PriceError as error:
            raise PriceError(f"{path}: {error}") from None
