"""Several assets: a volatility model for each, and innovations that are drawn together.

A day of the history gives the innovations of all assets. Without correlations that move they are
those of the day (Barone-Adesi, Giannopoulos & Vosper 1999). With them, the day is decorrelated by
its own correlations and takes those of the generated day. A copula, or no dependence at all, may
stand in the place of days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.baselines import BLOCK, Baseline, Continuation, FittedBaseline
from simgan.baselines.ewma import EwmaFhs
from simgan.baselines.garch import GjrFhs
from simgan.baselines.joint_innovations import Apart, Days, DrawnTogether, TCopula
from simgan.baselines.volatility import BURN_IN, FittedVolatility, raw_residuals
from simgan.baselines.volatility_parts import HistoricalInnovations
from simgan.errors import ConfigError
from simgan.stats.co_movement import (
    CoMemory,
    correlated,
    covariances_along,
    decorrelated,
    long_run,
    states,
)
from simgan.stats.co_movement_fit import fit_dcc


class EwmaFhsVectors(Baseline):
    """EWMA-FHS of each asset, with the innovations of whole days."""

    kind: ClassVar[str] = "ewma-fhs-vectors"
    is_joint: ClassVar[bool] = True

    def _fit(self, log_returns: FloatArray) -> FittedVectors:
        members, innovations = _members(EwmaFhs(), log_returns)
        return FittedVectors(self.kind, members, Days(innovations))


class GjrFhsVectors(Baseline):
    """GJR-FHS of each asset, with the innovations of whole days: correlations do not move."""

    kind: ClassVar[str] = "gjr-fhs-vectors"
    is_joint: ClassVar[bool] = True

    def _fit(self, log_returns: FloatArray) -> FittedVectors:
        members, innovations = _members(GjrFhs(), log_returns)
        return FittedVectors(self.kind, members, Days(_standardised(innovations)))


class GjrFhsIndependent(Baseline):
    """GJR-FHS of each asset by itself, a control: the risk of a book is far too small."""

    kind: ClassVar[str] = "gjr-fhs-independent"
    is_joint: ClassVar[bool] = True

    def _fit(self, log_returns: FloatArray) -> FittedVectors:
        members, innovations = _members(GjrFhs(), log_returns)
        return FittedVectors(self.kind, members, Apart(_standardised(innovations)))


class GjrTCopula(Baseline):
    """GJR-FHS of each asset, with innovations that a t copula joins.

    References
    ----------
    Demarta & McNeil (2005), "The t copula and related copulas". Correlations follow from Kendall's
    tau, the degrees of freedom from the likelihood of ranks.
    """

    kind: ClassVar[str] = "gjr-t-copula"
    is_joint: ClassVar[bool] = True

    def _fit(self, log_returns: FloatArray) -> FittedVectors:
        members, innovations = _members(GjrFhs(), log_returns)
        return FittedVectors(self.kind, members, TCopula.of(_standardised(innovations)))


class GjrDccFhs(Baseline):
    """GJR-FHS of each asset, with dynamic conditional correlations: the joint rival to beat.

    The correlations are those of `simgan.stats.co_movement` with one half life, which is chosen by
    likelihood.

    References
    ----------
    Engle (2002), "Dynamic conditional correlation".
    """

    kind: ClassVar[str] = "gjr-dcc-fhs"
    is_joint: ClassVar[bool] = True

    def _fit(self, log_returns: FloatArray) -> FittedVectors:
        members, innovations = _members(GjrFhs(), log_returns)
        memory, weights = fit_dcc(CoMemory(long_run(innovations)), innovations)
        covariances = covariances_along(memory, innovations, weights)
        rows = _standardised(decorrelated(covariances, innovations))
        return FittedVectors(self.kind, members, Days(rows), memory, weights)


def _members(
    model: GjrFhs | EwmaFhs, log_returns: FloatArray
) -> tuple[tuple[FittedVolatility, ...], FloatArray]:
    """Return the model of each asset, and their innovations (days, assets)."""
    each = [column[:, None] for column in log_returns.T]
    members = tuple(model._fit(column) for column in each)
    found = [raw_residuals(*pair) for pair in zip(members, each, strict=True)]
    return members, np.stack(found, axis=1)


def _standardised(rows: AnyFloatArray) -> FloatArray:
    """Return rows (days, assets) with mean 0 and variance 1, as those of one asset have."""
    return np.stack([HistoricalInnovations.of_raw(each).residuals for each in rows.T], axis=1)


@dataclass(frozen=True)
class FittedVectors(FittedBaseline):
    """The models of all assets, and the law of their innovations.

    Attributes
    ----------
    kind : str
    members : tuple of FittedVolatility
    news : DrawnTogether
        Without correlation where `memory` is given.
    memory : CoMemory, optional
    weights : array of shape (1 + averages,), optional
        Of its averages.
    """

    kind: str
    members: tuple[FittedVolatility, ...]
    news: DrawnTogether
    memory: CoMemory | None = None
    weights: FloatArray | None = None

    @property
    def has_long_run(self) -> bool:
        return all(member.has_long_run for member in self.members)

    def _continuation(self, log_returns: FloatArray) -> Continuation:
        if log_returns.shape[1] != len(self.members):
            allowed = f"{len(self.members)}: those of the fit"
            raise ConfigError(self.kind, "assets", log_returns.shape[1], allowed)
        shocks = log_returns - [member.mean for member in self.members]
        variances = np.stack(
            [
                member.recursion.filtered(column)
                for member, column in zip(self.members, shocks.T, strict=True)
            ],
            axis=1,
        )  # (days + 1, assets)
        remembered = self._remembered(shocks / np.sqrt(variances[:-1]))

        def draw(day: int, horizon: int, paths: int, rng: np.random.Generator) -> FloatArray:
            innovations = self._innovations(remembered[day], horizon, paths, rng)
            return self._paths(np.tile(variances[day], (paths, 1)), innovations)

        return draw

    def _run_free(self, horizon: int, rng: np.random.Generator) -> FloatArray:
        burn_in = BURN_IN if self.has_long_run else 0
        variance = np.array([member.recursion.variance for member in self.members])
        remembered = self._remembered(np.empty((0, len(self.members))))[0]
        innovations = self._innovations(remembered, burn_in + horizon, BLOCK, rng)
        return self._paths(np.tile(variance, (BLOCK, 1)), innovations)[:, burn_in:]

    def _remembered(self, innovations: FloatArray) -> FloatArray:
        """Return the memories of correlations (days + 1, assets, V) along innovations."""
        if self.memory is None:
            return np.empty((len(innovations) + 1, 0, 0))
        memory = self.memory
        return np.stack([memory.packed(state) for state in states(memory, innovations)])

    def _innovations(
        self, remembered: FloatArray, horizon: int, paths: int, rng: np.random.Generator
    ) -> FloatArray:
        """Return innovations (horizon, paths, assets) after a memory (assets, V)."""
        news = self.news.draw(horizon, paths, rng)
        if self.memory is None or self.weights is None:
            return news
        state = self.memory.unpacked(np.tile(remembered, (paths, 1, 1)))
        for step, today in enumerate(news):
            news[step] = correlated(self.memory.covariances(state, self.weights), today)
            self.memory.remember(state, news[step])
        return news

    def _paths(self, variance: FloatArray, innovations: FloatArray) -> FloatArray:
        """Return log returns (paths, horizon, assets) from variances (paths, assets)."""
        each = [
            member.mean + member.recursion.roll(variance[:, column], innovations[..., column])
            for column, member in enumerate(self.members)
        ]
        return np.stack(each, axis=-1).swapaxes(0, 1)
