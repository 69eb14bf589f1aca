"""Numbers of a model's data sheet: volatility, VaR of one day, and correlations."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from simgan.arrays import FloatArray, whole_rows
from simgan.bundle.store import Bundle
from simgan.risk.measures import value_at_risk
from simgan.sampling.long_run import long_run_volatility
from simgan.sampling.model import Model

LEVELS = (0.95, 0.99)
SCENARIOS = 100_000  # of the next day: those of `simgan risk`, so that VaR is the same number


@dataclass(frozen=True)
class AssetRisk:
    """Risk of one asset under a model.

    Attributes
    ----------
    asset : str
    steps_a_year : float or None
        Trading days of its calendar. None where the calendar is not known.
    today, long_run, history : float
        Standard deviations of a log return: of the day after the history, of the long run, and of
        the days on which the asset traded. The last is 0 where the model holds no history.
    value_at_risk : dict of float
        Loss of the next day over the price, by level. Positive for a loss.
    """

    asset: str
    steps_a_year: float | None
    today: float
    long_run: float
    history: float
    value_at_risk: dict[float, float]

    def to_json(self) -> dict[str, object]:
        """Return plain data."""
        return asdict(self) | {
            "value_at_risk": {f"{level:g}": loss for level, loss in self.value_at_risk.items()}
        }


def risk_of_bundle(bundle: Bundle) -> list[AssetRisk]:
    """Measure each asset of a model by its scenarios with seed 0."""
    model = Model(bundle)
    next_day = model.sample(SCENARIOS, 1).log_returns[:, 0].astype(np.float64)  # (paths, assets)
    long_run = long_run_volatility(model)
    known = np.zeros_like(next_day[:1]) if bundle.history is None else bundle.history.log_returns
    return [
        AssetRisk(
            asset=asset,
            steps_a_year=model.calendar.steps_a_year,
            today=float(next_day[:, number].std()),
            long_run=float(long_run[number]),
            history=float(np.nanstd(known[:, number])),
            value_at_risk=_losses(next_day[:, number]),
        )
        for number, asset in enumerate(bundle.manifest.assets)
    ]


@dataclass(frozen=True, eq=False)
class JointMoves:
    """How the assets of a joint model move together.

    Attributes
    ----------
    assets : tuple of str
    correlations : array of shape (assets, assets)
        Of the normal scores of a day, in the long run.
    common_days : int, optional
        Days of the panel on which all assets traded. None where the model holds no history.
    """

    assets: tuple[str, ...]
    correlations: FloatArray
    common_days: int | None

    def to_json(self) -> dict[str, object]:
        """Return plain data."""
        return {
            "correlations": self.correlations.round(4).tolist(),
            "common_days": self.common_days,
        }


def dependence_of(bundle: Bundle) -> JointMoves | None:
    """Return how the assets of a model move together, or None where there is one asset."""
    if bundle.manifest.joint is None:
        return None
    history, target = bundle.history, bundle.weights["target"].astype(np.float64)
    common = None
    if history is not None:
        common = int(whole_rows(history.log_returns).sum())
    return JointMoves(bundle.manifest.assets, target, common)


def _losses(log_returns: FloatArray) -> dict[float, float]:
    """Return VaR by level as shares of the price, from log returns (paths,)."""
    return {level: float(-np.expm1(-value_at_risk(log_returns, level))) for level in LEVELS}
