"""Scenarios: the blocks that users hold, with doors to frames, files and streams.

`Block` below it is plain data. Formats and writers know blocks, and this module knows the writers.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, get_args

import numpy as np

from simgan.arguments import path_of
from simgan.errors import ConfigError, packages_for
from simgan.scenarios.beside import side_by_side
from simgan.scenarios.block import Block, Values
from simgan.scenarios.conditions import Conditions
from simgan.scenarios.formats import FORMATS
from simgan.scenarios.frame import long_frame, wide_frame
from simgan.scenarios.plots import Picture, drawn, quantiles
from simgan.scenarios.sheet import Layout, Sheet, layout_of
from simgan.scenarios.writing import IfExists, write_file, write_stream

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

AT = (0.01, 0.05, 0.5, 0.95, 0.99)  # quantiles of a summary


class Scenarios(Block):
    """A run of scenarios with consecutive numbers, or of those that met a condition.

    Its attributes are those of `simgan.scenarios.block.Block`.

    Attributes
    ----------
    log_returns : float32 array of shape (paths, horizon, assets)
    first, seed : int
    assets : tuple of str
    initial_price, numbers, weights : arrays, optional
    calendar : Calendar, optional
    model : str
    shapes : float32 array of shape (paths, horizon, assets, 3), optional
    """

    @packages_for("Scenarios.plot")
    def plot(
        self, kind: Picture = "fan", *, asset: str | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw the scenarios of one asset with matplotlib.

        Parameters
        ----------
        kind : {"fan", "distribution"}
            Fan: bands of 50, 90 and 98 % of the prices at each step, the median, and the first
            five scenarios. Distribution: the histogram of the return over the horizon.
        asset : str, optional
            Default: the first.
        ax : Axes, optional
            Default: a new figure.

        Raises
        ------
        ConfigError
            There is no such picture or asset.
        """
        return drawn(self, kind, asset, None, ax)

    @packages_for("Scenarios.summary")
    def summary(self) -> pd.DataFrame:
        """Return statistics of the simple return over the horizon, one row for each asset.

        The columns are mean, standard deviation and quantiles. Weights of tilted noise count.
        """
        import pandas as pd

        sums = np.expm1(self.log_returns.sum(axis=1, dtype=np.float64))  # (paths, assets)
        mean = np.average(sums, axis=0, weights=self.probable)
        spread = np.sqrt(np.average((sums - mean) ** 2, axis=0, weights=self.probable))
        rows = np.stack([mean, spread, *quantiles(sums, AT, self.probable)], axis=1)
        names = ["mean", "std", *(f"{at:.0%}" for at in AT)]
        return pd.DataFrame(rows, pd.Index(self.assets, name="asset"), names)

    def meet(self, condition: Conditions) -> np.ndarray:
        """Return for each scenario whether it meets the condition, shape (paths,).

        Raises
        ------
        ConfigError, UnknownNameError
            As for `Conditions.holds`.
        """
        steps_a_year = None if self.calendar is None else self.calendar.steps_a_year
        return condition.holds(self.log_returns, self.assets, steps_a_year)

    def beside(self, *others: Scenarios) -> Scenarios:
        """Return the scenarios with the assets of others beside their own.

        Row i has row i of each. Scenarios that were not drawn together from one model do not move
        together as in the history, and a `DependenceWarning` says so. Only a joint fit knows
        dependence.

        Raises
        ------
        ConfigError
            They have different numbers of scenarios or steps, share an asset, or some have weights.
        """
        return side_by_side([self, *others])

    @packages_for("Scenarios.to_frame")
    def to_frame(
        self,
        layout: Layout | None = None,
        values: Values = "log-returns",
        *,
        dates: bool = False,
    ) -> pd.DataFrame:
        """Return the scenarios as a pandas frame.

        Parameters
        ----------
        layout : {"wide", "long"}, optional
            Wide: a row per scenario, with its number as index ``scenario``. The columns are the
            steps 1 … horizon (prices: from 0), so that ``frame.sum(axis=1)`` is the log return over
            the horizon. Several assets have columns (asset, step). Long: columns ``scenario, step,
            asset, value``, as in a file. Bars are long, with ``open, high, low, close`` in place of
            the value, and other values are wide by default.
        values : {"log-returns", "returns", "prices", "bars"}
        dates : bool
            Name the steps by dates: the next days on which the asset trades. The long layout has a
            column ``date`` in place of ``step``. Days of the week and holidays of a fixed date come
            from the history. Closures that move from year to year are not known, so that far dates
            come some days too early.

        Returns
        -------
        DataFrame
            Scenarios of tilted noise have weights: a second level ``weight`` in the index of the
            wide layout, and a column of that name in the long one. `value_at_risk` and the other
            measures read the level.

        Raises
        ------
        ConfigError
            The dates are not known. Bars are asked for, and the scenarios have none, or the layout
            is wide.
        """
        sheet = self._sheet(layout, values)
        frame_of = long_frame if sheet.layout == "long" else wide_frame
        return frame_of(self, sheet, dates=dates)

    def to_csv(
        self,
        path: str | Path,
        *,
        layout: Layout | None = None,
        values: Values = "log-returns",
        if_exists: IfExists = "refuse",
    ) -> None:
        """Write a CSV file, whole or not at all. Its numbers round-trip float32.

        The endings .csv.gz and .csv.zst compress it.
        """
        self._to_file(path, ".csv", self._sheet(layout, values), if_exists)

    def to_parquet(
        self,
        path: str | Path,
        *,
        layout: Layout | None = None,
        values: Values = "log-returns",
        if_exists: IfExists = "refuse",
    ) -> None:
        """Write a Parquet file, whole or not at all."""
        self._to_file(path, ".parquet", self._sheet(layout, values), if_exists)

    def to_stream(
        self,
        sink: BinaryIO,
        kind: str = "csv",
        *,
        layout: Layout | None = None,
        values: Values = "log-returns",
    ) -> None:
        """Write the bytes of a file of format `kind` to an open binary stream.

        Parameters
        ----------
        sink : binary stream
            A file, a pipe or a socket's file. It needs only ``write``, and is left open.
        kind : {"csv", "csv.gz", "csv.zst", "parquet", "arrow", "arrows", "jsonl", "npy"}
        layout, values
            As for `to_frame`.
        """
        if not hasattr(sink, "write"):
            raise ConfigError("Scenarios.to_stream", "sink", sink, "an open binary stream")
        write_stream(self._source, self._sheet(layout, values), sink, FORMATS.build(kind))

    def _source(self, first: int, n: int) -> list[Scenarios]:
        return [self.part(first - self.first, first - self.first + n)]

    def _sheet(self, layout: Layout | None, values: Values) -> Sheet:
        return Sheet(
            self.first,
            len(self),
            self.horizon,
            self.assets,
            layout_of(values, layout),
            values,
            {"seed": self.seed},
            self.weights is not None,
        )

    def _to_file(self, file: str | Path, ending: str, sheet: Sheet, if_exists: IfExists) -> None:
        owner = f"Scenarios.to_{ending[1:]}"
        path = path_of(file, owner, "path")
        if ending not in path.name.lower():
            raise ConfigError(owner, "path", str(path), f"a name that ends in {ending}")
        if if_exists not in get_args(IfExists):
            allowed = f"one of {', '.join(get_args(IfExists))}"
            raise ConfigError(owner, "if_exists", if_exists, allowed)
        write_file(self._source, sheet, path, if_exists)
