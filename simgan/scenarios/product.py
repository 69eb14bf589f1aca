"""Scenarios: the blocks that users hold, with doors to frames, files and streams.

`Block` below it is plain data. Formats and writers know blocks, and this module knows the writers.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from simgan.errors import ConfigError, packages_for
from simgan.scenarios.block import Block, Values
from simgan.scenarios.formats import FORMATS
from simgan.scenarios.sheet import Layout, Sheet, record_batch
from simgan.scenarios.writing import IfExists, write_file, write_stream

if TYPE_CHECKING:
    import pandas as pd


class Scenarios(Block):
    """A run of scenarios with consecutive numbers, or of those that met a condition.

    Its attributes are those of `simgan.scenarios.block.Block`.

    Attributes
    ----------
    log_returns : float32 array of shape (paths, horizon, assets)
    first, seed : int
    assets : tuple of str
    initial_price, numbers, weights : arrays, optional
    """

    @packages_for("Scenarios.to_frame")
    def to_frame(self, layout: Layout = "wide", values: Values = "log-returns") -> pd.DataFrame:
        """Return the table of a file of this layout as a pandas frame.

        Parameters
        ----------
        layout : {"wide", "long"}
            Wide: a row per scenario, columns ``scenario, 1, 2, …, horizon`` (prices: from 0).
            It holds one asset only. Long: columns ``scenario, step, asset, value``.
        values : {"log-returns", "returns", "prices"}
        """
        return record_batch(self, self._sheet(layout, values)).to_pandas()  # type: ignore[no-any-return]

    def to_csv(
        self,
        path: str | Path,
        *,
        layout: Layout = "wide",
        values: Values = "log-returns",
        if_exists: IfExists = "refuse",
    ) -> None:
        """Write a CSV file, whole or not at all. Its numbers round-trip float32.

        The endings .csv.gz and .csv.zst compress it.
        """
        self._to_file(Path(path), ".csv", self._sheet(layout, values), if_exists)

    def to_parquet(
        self,
        path: str | Path,
        *,
        layout: Layout = "wide",
        values: Values = "log-returns",
        if_exists: IfExists = "refuse",
    ) -> None:
        """Write a Parquet file, whole or not at all."""
        self._to_file(Path(path), ".parquet", self._sheet(layout, values), if_exists)

    def to_stream(
        self,
        sink: BinaryIO,
        kind: str = "csv",
        *,
        layout: Layout = "wide",
        values: Values = "log-returns",
    ) -> None:
        """Write the bytes of a file of format `kind` to an open binary stream.

        Parameters
        ----------
        sink : binary stream
            A file, a pipe or a socket's file. It needs only ``write``, and is left open.
        kind : {"csv", "csv.gz", "csv.zst", "parquet", "arrow", "jsonl", "npy"}
        layout, values
            As for `to_frame`.
        """
        write_stream(self._source, self._sheet(layout, values), sink, FORMATS.build(kind))

    def _source(self, first: int, n: int) -> list[Scenarios]:
        return [self.part(first - self.first, first - self.first + n)]

    def _sheet(self, layout: Layout, values: Values) -> Sheet:
        return Sheet(
            self.first,
            len(self),
            self.horizon,
            self.assets,
            layout,
            values,
            {"seed": self.seed},
            self.weights is not None,
        )

    def _to_file(self, path: Path, ending: str, sheet: Sheet, if_exists: IfExists) -> None:
        if ending not in path.name.lower():
            raise ConfigError(
                f"Scenarios.to_{ending[1:]}", "path", str(path), f"a name that ends in {ending}"
            )
        write_file(self._source, sheet, path, if_exists)
