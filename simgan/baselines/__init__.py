"""Family of baselines: classical scenario models, each fitted in seconds.

Every table compares the GAN with them. A baseline is a set of settings that can be fitted, and
the result is a scenario model.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray, expect_finite, expect_shape, numbers_of
from simgan.errors import ConfigError, SamplingError, SimganError, TrainingError, UnknownNameError
from simgan.registry import Entry, Registry
from simgan.seeds import Seed
from simgan.settings import Settings

# Scenarios per addressed block. Scenario i is always row i % BLOCK of block i // BLOCK.
BLOCK = 256
# Second word of a stream address, so that the three kinds of draws never share random numbers.
CONTINUE, LONG_RUN, FORECAST = range(3)

PROBE_DAYS = 250  # of each long-run path that tells whether a fit has collapsed
COLLAPSED = 10.0  # least factor between the standard deviations of such paths and of the history

# (day, horizon, paths, generator) -> log returns of shape (paths, horizon, assets)
Continuation = Callable[[int, int, int, np.random.Generator], FloatArray]
Simulate = Callable[[int, Seed, int, int], FloatArray]  # (horizon, seed, first, n) -> the same


@dataclass(frozen=True, kw_only=True)
class Baseline(Settings, ABC):
    """A frozen dataclass whose fields are the settings of the baseline.

    Attributes
    ----------
    kind : str
        Name in tables.
    is_joint : bool
        Whether it draws several assets together. Others refuse more than one.
    """

    kind: ClassVar[str]
    is_joint: ClassVar[bool] = False

    def fit(self, log_returns: FloatArray) -> FittedBaseline:
        """Estimate the model on log returns of shape (days, assets).

        Raises
        ------
        ConfigError
            There are too few days, the returns do not vary, or the model allows fewer assets.
        TrainingError
            The estimation failed: no maximum of the likelihood inside the stationary region, or
            an error of a numerical library. Or the fit has collapsed: its long-run standard
            deviation is a tenth of the history's or less, or ten times or more.
        """
        log_returns = np.asarray(numbers_of(log_returns, self.kind, "log_returns"), np.float64)
        expect_shape(log_returns, ("days", "assets"), self.kind)
        expect_finite(log_returns, self.kind)
        with library_errors_as_training_errors(self.kind):
            fitted = self._fit(log_returns)
            _expect_like_history(fitted, log_returns)
            return fitted

    @abstractmethod
    def _fit(self, log_returns: FloatArray) -> FittedBaseline:
        """Estimate the model on checked log returns of shape (days, assets)."""


class FittedBaseline(ABC):
    """A `simgan.scenarios.ScenarioModel` that can also start from its long-run law."""

    kind: str

    @property
    def has_long_run(self) -> bool:
        """Whether the variance of a free run settles. A moving average of squares wanders."""
        return True

    def simulate(
        self,
        history: FloatArray,
        horizon: int,
        seed: Seed,
        first: int,
        n: int,
        ranges: FloatArray | None = None,
    ) -> FloatArray:
        """Draw scenarios ``first … first + n − 1`` that continue `history`.

        The contract is that of `simgan.scenarios.ScenarioModel.simulate`. The first steps
        do not depend on the horizon. No baseline takes notice of ranges.

        Raises
        ------
        SamplingError
            The range of scenarios or the horizon is not possible.
        """
        return self.after(history)(horizon, seed, first, n)

    def after(self, history: FloatArray) -> Simulate:
        """Return the function that draws scenarios as `simulate`, which reads the history once.

        Parameters
        ----------
        history : array of shape (days, assets)
        """
        _expect_history(history, self.kind)
        draw, days = self._continuation(history), len(history)

        def simulate(horizon: int, seed: Seed, first: int, n: int) -> FloatArray:
            stream = partial(seed.stream, "baseline", CONTINUE)
            return _in_blocks(
                lambda rng: draw(days, horizon, BLOCK, rng), horizon, stream, first, n
            )

        return simulate

    def simulate_long_run(self, horizon: int, seed: Seed, first: int, n: int) -> FloatArray:
        """Draw scenarios from the stationary law, independent of recent days.

        Returns
        -------
        array of shape (n, horizon, assets)
            Log returns per step. Scenario i depends on the model, the seed and i only.

        Raises
        ------
        SamplingError
            The range of scenarios or the horizon is not possible.
        """
        stream = partial(seed.stream, "baseline", LONG_RUN)
        return _in_blocks(lambda rng: self._run_free(horizon, rng), horizon, stream, first, n)

    def forecast(
        self,
        log_returns: FloatArray,
        days: range,
        horizon: int,
        draws: int,
        seed: Seed,
        ranges: FloatArray | None = None,
    ) -> Iterator[FloatArray]:
        """Continue a history from each of the given days with fixed parameters.

        The contract is that of `simgan.scenarios.ScenarioModel.forecast`.

        Raises
        ------
        SamplingError
            A day, the horizon or the number of draws is not possible.
        """
        _expect_history(log_returns, self.kind)
        if (
            not days
            or not 1 <= min(days) <= max(days) <= len(log_returns)
            or horizon < 1
            or draws < 1
        ):
            raise SamplingError(
                f"{self.kind}: {draws} paths over {horizon} steps from {days} are not possible "
                f"for a history of {len(log_returns)} days; "
                "ask for at least one of each, from day 1 on"
            )
        draw = self._continuation(log_returns)
        for day in days:
            yield draw(day, horizon, draws, seed.stream("baseline", FORECAST, day))

    @abstractmethod
    def _continuation(self, log_returns: FloatArray) -> Continuation:
        """Return a function that draws paths which continue the first `day` days of a history.

        The paths have shape (paths, horizon, assets) and depend on those days only. They are drawn
        step by step, so that a short horizon is a prefix of a long one.
        """

    @abstractmethod
    def _run_free(self, horizon: int, rng: np.random.Generator) -> FloatArray:
        """Draw one block of the stationary law, of shape (BLOCK, horizon, assets)."""


@contextmanager
def library_errors_as_training_errors(owner: str) -> Iterator[None]:
    """Turn numerical errors of SciPy, arch and NumPy into a sentence, and silence their warnings.

    A search for the maximum of a likelihood tries extreme parameters on its way, where logarithms
    and divisions overflow. Such warnings say nothing about the result, which is checked at the end.
    Errors of other types (TypeError, IndexError …) are bugs and keep their traceback.

    Raises
    ------
    TrainingError
        Names the owner and the message of the library.
    """
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            yield
        except SimganError:
            raise
        except (ValueError, ArithmeticError, RuntimeError) as error:
            raise TrainingError(
                f"{owner}: the estimation failed ({error}); "
                "use a longer history or another baseline"
            ) from error


def expect_varying(log_returns: FloatArray, owner: str, fewest: int) -> None:
    """Refuse a history of fewer than `fewest` days, or one in which an asset never moves.

    Raises
    ------
    ConfigError
        Names the number of days.
    """
    days = len(log_returns)
    if days < fewest or (np.ptp(log_returns, axis=0) == 0.0).any():
        raise ConfigError(owner, "days", days, f"at least {fewest}, with returns that vary")


def _in_blocks(
    draw: Callable[[np.random.Generator], FloatArray],
    horizon: int,
    stream: Callable[[int], np.random.Generator],
    first: int,
    n: int,
) -> FloatArray:
    """Draw the blocks that hold scenarios first … first + n − 1, and cut those scenarios out."""
    if horizon < 1 or first < 0 or n < 1:
        raise SamplingError(
            f"scenarios {first} to {first + n - 1} over {horizon} steps are not possible; "
            "ask for at least one of each, from 0 on"
        )
    blocks = range(first // BLOCK, (first + n - 1) // BLOCK + 1)
    parts = [draw(stream(b))[max(first - b * BLOCK, 0) : first + n - b * BLOCK] for b in blocks]
    return np.concatenate(parts)


def _expect_like_history(fitted: FittedBaseline, log_returns: FloatArray) -> None:
    """Refuse a fit whose long run has collapsed or exploded, so that nothing is ahead of it.

    Raises
    ------
    TrainingError
        With the ratio of the standard deviations of long-run paths and of the history.
    """
    if not fitted.has_long_run:
        return
    paths = fitted.simulate_long_run(PROBE_DAYS, Seed(0), 0, BLOCK)
    ratios = paths.std(axis=(0, 1)) / log_returns.std(axis=0)
    worst = float(ratios[np.abs(np.log(ratios)).argmax()])
    if not 1.0 / COLLAPSED < worst < COLLAPSED:
        raise TrainingError(
            f"{fitted.kind}: unusable, because its long-run standard deviation is {worst:.2g} "
            "times the history's; use a longer history or another baseline"
        )


def _expect_history(history: FloatArray, owner: str) -> None:
    expect_shape(history, ("days", "assets"), owner)
    expect_finite(history, owner)


BASELINES: Registry[Baseline] = Registry(
    "baseline",
    {
        "historical": Entry("simgan.baselines.resampling:HistoricalSimulation"),
        "iid-bootstrap": Entry("simgan.baselines.resampling:IidBootstrap"),
        "stationary-bootstrap": Entry("simgan.baselines.stationary_bootstrap:StationaryBootstrap"),
        "ewma-normal": Entry("simgan.baselines.ewma:EwmaNormal"),
        "ewma-fhs": Entry("simgan.baselines.ewma:EwmaFhs"),
        "garch-normal": Entry("simgan.baselines.garch:GarchNormal"),
        "garch-t": Entry("simgan.baselines.garch:GarchT"),
        "gjr-t": Entry("simgan.baselines.garch:GjrT"),
        "gjr-skew-t": Entry("simgan.baselines.garch:GjrSkewT"),
        "gjr-fhs": Entry("simgan.baselines.garch:GjrFhs"),
        "egarch-fhs": Entry("simgan.baselines.egarch:EgarchFhs"),
        "garch-average": Entry("simgan.baselines.garch_average:GarchAverage"),
        "gjr-fhs-vectors": Entry("simgan.baselines.joint_fhs:GjrFhsVectors"),
        "ewma-fhs-vectors": Entry("simgan.baselines.joint_fhs:EwmaFhsVectors"),
        "gjr-fhs-independent": Entry("simgan.baselines.joint_fhs:GjrFhsIndependent"),
        "gjr-t-copula": Entry("simgan.baselines.joint_fhs:GjrTCopula"),
        "gjr-dcc-fhs": Entry("simgan.baselines.joint_fhs:GjrDccFhs"),
    },
)


def baseline(name: str) -> Baseline:
    """Return a baseline by its name. A number at the end is a window in days: ``historical-250``.

    Raises
    ------
    UnknownNameError
        There is no such baseline, or it has no window.
    ConfigError
        The window is not possible.
    """
    kind, _, days = str(name).rpartition("-")
    if kind in BASELINES and days.isdecimal() and "window" in _settings(kind):
        return BASELINES.build(kind, {"window": int(days)})
    if name not in BASELINES:
        raise UnknownNameError("model", name, BASELINES, "historical-N draws from the last N days")
    return BASELINES.build(name)


def _settings(kind: str) -> set[str]:
    return {field.name for field in fields(BASELINES.load(kind))}
