"""One segment of a walk-forward: fit on what came before, forecast each day, keep what came of it in one file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.errors import SimganError
from simgan.files import whole_file, write_arrays
from simgan.market.history import History
from simgan.provenance import library_versions
from simgan.risk.law import DrawnLaw
from simgan.seeds import Seed
from simgan.workflows.backtest.contenders import Contender, Refit, content_key
from simgan.workflows.backtest.schedule import Segment

Arrays = Mapping[str, AnyFloatArray]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How forecasts are made, the same for every contender.

    Attributes
    ----------
    horizons : tuple of int
        Days that a forecast is summed over.
    levels : tuple of float
        Coverages.
    scenarios : int
        Draws per day.
    window : int or None
        Days that a fit sees; None is all of them.
    seed : int
    """

    horizons: tuple[int, ...]
    levels: tuple[float, ...]
    scenarios: int
    window: int | None
    seed: int

    def before(self, day: int) -> slice:
        """Rows that may be known on the morning of a day, as far as the window reaches back."""
        return slice(0 if self.window is None else max(day - self.window, 0), day)


@dataclass(frozen=True)
class Fallback:
    """The last fit that succeeded: rows of its history end at `day`."""

    day: int
    key: str


@dataclass(frozen=True)
class Part:
    """What one segment left: the fit that forecast it, arrays by "horizon.name", and a sentence if its own fit failed."""

    fit: Fallback
    arrays: Arrays
    failure: str = ""


@dataclass(frozen=True)
class Task:
    """One segment of one contender."""

    contender: Contender
    history: History
    segment: Segment
    rules: Rules
    earlier: Fallback | None

    @property
    def key(self) -> str:
        """Name of the part: everything that decides it."""
        known = self.history.rows(slice(self.segment.days.stop + max(self.rules.horizons) - 1))
        earlier = None if self.earlier is None else [self.earlier.day, self.earlier.key]
        days = [self.segment.days.start, self.segment.days.stop]
        return content_key(
            [
                self.contender.record(),
                vars(self.rules),
                days,
                known.sha256,
                earlier,
                library_versions()["simgan"],
            ]
        )

    def run(self) -> Part:
        """Fit and forecast.

        Raises
        ------
        SimganError
            The fit failed, and there is no earlier one to fall back on.
        """
        refit, fit, failure = self._fitted()
        return Part(fit, self._forecasts(refit), failure)

    def _fitted(self) -> tuple[Refit, Fallback, str]:
        day = self.segment.days.start
        try:
            refit = self.contender.refit(
                self._before(day), None if self.earlier is None else self.earlier.key
            )
            return refit, Fallback(day, refit.key), ""
        except SimganError as error:
            if self.earlier is None:
                raise
            told = f"{self.history.assets[0]}, {self.contender.name}: the fit of {self.history.day(day)} failed ({error}); "
            used = f"that of {self.history.day(self.earlier.day)} was used on"
            return (
                self.contender.again(self._before(self.earlier.day), self.earlier.key),
                self.earlier,
                told + used,
            )

    def _before(self, day: int) -> History:
        return self.history.rows(self.rules.before(day))

    def _forecasts(self, refit: Refit) -> Arrays:
        """Forecast each day of the segment over each horizon; what has not come by the end of the history is left out."""
        first = self.rules.before(self.segment.days.start).start
        log_returns, horizons = self.history.log_returns[first:], self.rules.horizons
        days = range(self.segment.days.start - first, self.segment.days.stop - first)
        rows: dict[int, list[FloatArray]] = {horizon: [] for horizon in horizons}
        drawn = refit.model.forecast(
            log_returns, days, max(horizons), self.rules.scenarios, Seed(self.rules.seed)
        )
        for day, paths in zip(days, drawn, strict=True):
            sums = np.cumsum(paths[:, :, 0], axis=1)  # (draws, longest horizon)
            for horizon in horizons:
                if day + horizon <= len(log_returns):
                    rows[horizon].append(
                        self._row(
                            sums[:, horizon - 1], float(log_returns[day : day + horizon, 0].sum())
                        )
                    )
        return {f"{horizon}.forecasts": np.array(found) for horizon, found in rows.items() if found}

    def _row(self, draws: FloatArray, realized: float) -> FloatArray:
        """Realized return, CRPS, PIT, VaR and ES of each level, and the quantile function: one row."""
        law = DrawnLaw.of(draws)
        return np.concatenate(
            [
                [realized, law.crps(realized), law.pit(realized)],
                law.tail_measures(self.rules.levels),
                law.quantiles(),
            ]
        )


def load_part(path: Path) -> Part | None:
    """Read a part, or return None if there is none or it is damaged."""
    try:
        with safe_open(path, "np") as file:
            facts = json.loads(file.metadata()["part"])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return Part(Fallback(**facts["fit"]), arrays, facts["failure"])
    except (OSError, KeyError, TypeError, ValueError, SafetensorError):
        return None


def save_part(path: Path, part: Part) -> None:
    """Write a part, whole or not at all.

    Raises
    ------
    WriteError
        It cannot be written.
    """
    facts = json.dumps({"fit": asdict(part.fit), "failure": part.failure})
    with whole_file(path) as temporary:
        write_arrays(temporary, part.arrays, {"part": facts})
