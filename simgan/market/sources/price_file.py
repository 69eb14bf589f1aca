"""Prices from the user's own file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from simgan.errors import PriceError
from simgan.market.files import read_quotes, read_table
from simgan.market.files.content import SeveralTables
from simgan.market.files.reading import quotes_of
from simgan.market.judgement import judged
from simgan.market.prices import WHOLE, Prices, Quotes, Scope, panel, refusal_of_some
from simgan.market.sources import PriceSource


@dataclass(frozen=True)
class PriceFile(PriceSource):
    """A file of prices in one of many layouts (see `simgan.market.files`).

    Attributes
    ----------
    path : str
        CSV, TSV, Excel, Parquet or Arrow file, or one of them in gzip, bzip2, xz or zip.
    column : str
        Name of the price column. Empty means the adjusted close, else the close.
    """

    kind: ClassVar[str] = "price_file"
    path: str = field(metadata={"help": "file of prices"})
    column: str = field(
        default="", metadata={"help": "price column; empty: adjusted close, else close"}
    )

    def quotes(self, name: str) -> Quotes:
        """Read the rows of an asset by `read_quotes`. A file of one asset takes any name."""
        return read_quotes(Path(self.path), name, self.column)

    def origin(self, name: str) -> dict[str, object]:
        """Describe the file, and as `read` the column of its prices. A pipe is not read again."""
        origin = super().origin(name)
        if Path(self.path).is_file():
            origin["read"] = self.quotes(name).facts["column"]
        return origin

    def tickers(self) -> tuple[str, ...]:
        """Return the tickers that the file names, or nothing where it holds one asset.

        Several sheets of a workbook, or several files of a zip, have the names of tickers.
        """
        try:
            return read_table(Path(self.path)).tickers
        except SeveralTables as error:
            return error.names

    @property
    def ticker_of_column(self) -> str:
        """The ticker that `column` names, or nothing where it names a kind of price."""
        try:
            return read_table(Path(self.path)).ticker_meant_by(self.column)
        except SeveralTables:
            return ""

    def panel(self, names: tuple[str, ...] = (), scope: Scope = WHOLE) -> Prices:
        """Return several assets of the file on the dates that all of them have.

        Parameters
        ----------
        names : tuple of str
            Tickers, by default all of the file.
        scope : Scope
            Days that are used.

        Raises
        ------
        SourceError, PriceError
            The file is not understood, or prices of an asset cannot be used.
        """
        path, table = Path(self.path), None
        try:
            table = read_table(path)
        except PriceError as error:
            if not (names and isinstance(error, SeveralTables)):
                raise PriceError(f"{path}: {error}") from None
        usable, reasons = list[Prices](), dict[str, str]()
        chosen = names or (table.tickers if table else ())
        for name in chosen:
            try:
                quotes = (
                    replace(quotes_of(table, name, self.column), origin=self.path)
                    if table
                    else self.quotes(name)
                )
                usable.append(judged(quotes, scope))
            except PriceError as error:
                reasons[name] = str(error).removeprefix(f"{self.path}: ")
        if reasons:
            raise PriceError(f"{path}: {refusal_of_some(reasons, chosen)}")
        return panel(usable)
