"""Segments of a walk-forward: their calendar, and the forecasts of each, kept as files."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from safetensors import SafetensorError, safe_open

from simgan.arrays import FloatArray
from simgan.errors import DataError, SimganError, WriteError
from simgan.files import whole_file, write_arrays
from simgan.market.history import History
from simgan.progress import SILENT, Progress, Step
from simgan.provenance import library_versions
from simgan.risk.law import DrawnLaw
from simgan.risk.portfolio import Portfolio
from simgan.seeds import Seed
from simgan.workflows.backtest.contenders import Contender, Refit, content_key
from simgan.workflows.backtest.forecasts import DayForecast, ForecastRows
from simgan.workflows.backtest.vectors import JointDay, JointRows, VectorScoring

RefitPeriod = Literal["yearly", "quarterly", "never"]
_MONTHS = {"yearly": 12, "quarterly": 3}
DEFAULT_SHARE = 0.4  # of the history is tested if no first day is given


@dataclass(frozen=True)
class Segment:
    """Successive days that one fit forecasts.

    Attributes
    ----------
    number : int
    days : range
        Rows of the history. The model is fitted on rows before ``days.start`` only.
    """

    number: int
    days: range


def schedule(
    history: History, first: str | None, refit: RefitPeriod, least_days: int
) -> tuple[Segment, ...]:
    """Cut the test window into segments at the beginning of each year or quarter.

    Parameters
    ----------
    history : History
        It ends with the last day of the test.
    first : str, optional
        ISO date of the first forecast. Without it the last 40 % of the days are tested.
    refit : {"yearly", "quarterly", "never"}
    least_days : int
        Days that a fit needs before the first forecast.

    Raises
    ------
    DataError
        No day is left to forecast, or too few days lie before the first one.
    """
    name, days = ", ".join(history.assets), len(history)
    begin = (
        round(days * (1 - DEFAULT_SHARE))
        if first is None
        else int(np.searchsorted(history.dates, np.datetime64(first, "D")))
    )
    if begin >= days:
        raise DataError(
            f"{name}: no day from {first} on; the history ends {history.day(-1)}, "
            "so give an earlier --from"
        )
    if begin < least_days:
        raise DataError(
            f"{name}: {begin} days before {history.day(begin)}, "
            f"but the models need {least_days} to be fitted; "
            "use a later --from or a longer history"
        )
    starts = [] if refit == "never" else _period_starts(history, begin, _MONTHS[refit])
    borders = [begin, *starts, days]
    return tuple(Segment(number, range(*pair)) for number, pair in enumerate(pairwise(borders)))


def _period_starts(history: History, begin: int, months: int) -> list[int]:
    """Return the rows after `begin` that are the first of their period."""
    period = history.dates.astype("datetime64[M]").astype(int) // months
    return [int(row) for row in np.flatnonzero(np.diff(period)) + 1 if row > begin]


LAYOUT = 3  # of the arrays in a part file; parts of another layout have another name


@dataclass(frozen=True, kw_only=True)
class ForecastSettings:
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
        Days that a fit sees. None means all of them.
    seed : int
    """

    horizons: tuple[int, ...]
    levels: tuple[float, ...]
    scenarios: int
    window: int | None
    seed: int

    def before(self, day: int) -> slice:
        """Return the rows that are known before a day, back to the start of the window."""
        return slice(0 if self.window is None else max(day - self.window, 0), day)


@dataclass(frozen=True)
class LastFit:
    """The last fit that succeeded. Rows of its history end before `day`."""

    day: int
    key: str


@dataclass(frozen=True)
class SegmentForecasts:
    """The result of one segment.

    Attributes
    ----------
    fit : LastFit
        The fit behind the forecasts.
    rows : mapping from horizons to ForecastRows
        A horizon is missing where no outcome over it is known.
    joint : mapping from horizons to JointRows
        Scores of the assets of a book together. Empty for a model of one asset.
    failure : str
        A sentence if the fit of this segment failed and an earlier one was used. Empty otherwise.
    warnings : int
        Warnings of numerical libraries in the fit and in the forecasts.
    """

    fit: LastFit
    rows: dict[int, ForecastRows]
    failure: str = ""
    warnings: int = 0
    joint: dict[int, JointRows] = field(default_factory=dict)


@dataclass(frozen=True)
class FailedSegment:
    """A segment without forecasts, and the sentence that says why."""

    failure: str


@dataclass(frozen=True)
class SegmentTask:
    """One segment of one contender, for one portfolio.

    Forecasts of several assets together are also scored as vectors.
    """

    contender: Contender
    history: History
    portfolio: Portfolio
    segment: Segment
    settings: ForecastSettings
    earlier: LastFit | None
    vectors: VectorScoring | None = None

    @property
    def key(self) -> str:
        """Name of the part file: a hash of everything that decides the forecasts."""
        earlier = None if self.earlier is None else asdict(self.earlier)
        days = [self.segment.days.start, self.segment.days.stop]
        known = self.history.rows(slice(days[1] + max(self.settings.horizons) - 1))
        facts = [
            LAYOUT,
            self.contender.record(),
            asdict(self.settings),
            self.portfolio.record(),
            self.vectors and self.vectors.record(),
            days,
            known.identity,
            earlier,
            library_versions()["simgan"],
        ]
        return content_key(facts)

    def finish(self, folder: Path, progress: Progress = SILENT) -> SegmentForecasts | FailedSegment:
        """Fit, forecast, and keep the forecasts in a file of `folder`.

        `progress` gets the steps of the fit, and the days that are forecast.

        Raises
        ------
        WriteError
            A file cannot be written.
        """
        try:
            part = self.run(progress)
        except WriteError:
            raise
        except SimganError as error:
            day = self.history.day(self.segment.days.start)
            return FailedSegment(
                f"{self.portfolio.name}, {self.contender.name}: "
                f"no forecasts from {day} on ({error})"
            )
        save_part(self.path(folder), part)
        return part

    def path(self, folder: Path) -> Path:
        """Return the file that keeps the forecasts of this segment."""
        return folder / f"{self.key}.safetensors"

    def step_path(self, folder: Path) -> Path:
        """Return the file in which a process tells how far this segment is."""
        days = self.segment.days
        name = content_key([self.contender.name, self.portfolio.name, days.start, days.stop])
        return folder / f"{name}.step"

    def run(self, progress: Progress = SILENT) -> SegmentForecasts:
        """Fit and forecast.

        Raises
        ------
        SimganError
            The forecasts failed, or the fit did and no earlier one exists.
        """
        with counted_warnings() as caught:
            refit, fit, failure = self._fitted(progress)
            rows, joint = self._forecasts(refit, progress)
        return SegmentForecasts(fit, rows, failure, len(caught), joint)

    def _fitted(self, progress: Progress) -> tuple[Refit, LastFit, str]:
        day, earlier = self.segment.days.start, self.earlier
        try:
            refit = self.contender.refit(
                self._before(day), None if earlier is None else earlier.key, progress
            )
            return refit, LastFit(day, refit.key), ""
        except WriteError:
            raise
        except SimganError as error:
            if earlier is None:
                raise
            failure = (
                f"{self.portfolio.name}, {self.contender.name}: "
                f"the fit of {self.history.day(day)} failed ({error}); "
                f"that of {self.history.day(earlier.day)} was used on"
            )
            again = self.contender.again(self._before(earlier.day), earlier.key)
            return again, earlier, failure

    def _before(self, day: int) -> History:
        return self.history.rows(self.settings.before(day))

    def _forecasts(
        self, refit: Refit, progress: Progress
    ) -> tuple[dict[int, ForecastRows], dict[int, JointRows]]:
        """Forecast each day of the segment over each horizon of which the outcome is known."""
        first = self.settings.before(self.segment.days.start).start
        known, horizons = self.history.rows(slice(first, None)), self.settings.horizons
        log_returns = known.log_returns
        days = range(self.segment.days.start - first, self.segment.days.stop - first)
        found: dict[int, list[DayForecast]] = {horizon: [] for horizon in horizons}
        joint: dict[int, list[JointDay]] = {horizon: [] for horizon in horizons}
        drawn = refit.model.forecast(
            log_returns,
            days,
            max(horizons),
            self.settings.scenarios,
            Seed(self.settings.seed),
            known.ranges,
        )
        for day, paths in zip(days, drawn, strict=True):
            progress.step(Step("forecasts", day - days.start, len(days)))
            held = self.portfolio.cumulative(paths)  # (draws, longest horizon)
            for horizon in horizons:
                if day + horizon <= len(log_returns):
                    realized = float(self.portfolio.total(log_returns[day : day + horizon]))
                    found[horizon].append(self._forecast(held[:, horizon - 1], realized))
            if self.vectors is not None:
                for horizon, row in self.vectors.of_day(paths, log_returns, day, horizons).items():
                    joint[horizon].append(row)
        return (
            {horizon: ForecastRows.of(days) for horizon, days in found.items() if days},
            {horizon: JointRows.of(days) for horizon, days in joint.items() if days},
        )

    def _forecast(self, draws: FloatArray, realized: float) -> DayForecast:
        law, levels = DrawnLaw.of(draws), self.settings.levels
        return DayForecast(
            realized=realized,
            crps=law.crps(realized),
            pit=law.pit(realized),
            value_at_risk=tuple(law.value_at_risk(level) for level in levels),
            expected_shortfall=tuple(law.expected_shortfall(level) for level in levels),
            quantiles=law.quantiles(),
        )


@contextmanager
def counted_warnings() -> Iterator[list[warnings.WarningMessage]]:
    """Keep warnings of libraries from the terminal and collect those about numbers.

    Deprecation warnings are dropped, because a user cannot act on them.
    """
    caught: list[warnings.WarningMessage] = []
    dropped = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        try:
            yield caught
        finally:
            caught.extend(one for one in found if not issubclass(one.category, dropped))


def load_part(path: Path) -> SegmentForecasts | None:
    """Read a part file. Return None if there is none, or if it is damaged."""
    try:
        with safe_open(path, "np") as file:
            facts = json.loads(file.metadata()["part"])
            names = list(file.keys())
            arrays = {name: np.asarray(file.get_tensor(name)) for name in names}
        rows = {horizon: ForecastRows.read(arrays, horizon) for horizon in facts["horizons"]}
        joint = {horizon: JointRows.read(arrays, horizon) for horizon in facts["joint"]}
        fit = LastFit(**facts["fit"])
        return SegmentForecasts(fit, rows, facts["failure"], facts["warnings"], joint)
    except (OSError, KeyError, TypeError, ValueError, SafetensorError):
        return None


def save_part(path: Path, part: SegmentForecasts) -> None:
    """Write a part file, whole or not at all.

    Raises
    ------
    WriteError
        It cannot be written.
    """
    facts = {
        "fit": asdict(part.fit),
        "horizons": list(part.rows),
        "joint": list(part.joint),
        "failure": part.failure,
        "warnings": part.warnings,
    }
    arrays = {
        name: values
        for horizon, rows in [*part.rows.items(), *part.joint.items()]
        for name, values in rows.arrays(horizon).items()
    }
    with whole_file(path) as temporary:
        write_arrays(temporary, arrays, {"part": json.dumps(facts)})
