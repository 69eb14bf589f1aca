"""The results of `simgan risk`: what the table, the page and the JSON show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import Float32Array, FloatArray
from simgan.bundle.fields import Json
from simgan.risk.measures import RiskEstimate
from simgan.risk.outlook import Outlook, outlook

REFERENCE, JOINT_REFERENCE = "gjr-fhs", "gjr-dcc-fhs"  # rivals of one asset, and of several
# Level and days of the market risk rules of the Basel framework, MAR33.12.
_LIQUIDITY_LEVEL = 0.975
LIQUIDITY_HORIZONS = (10, 20, 40, 60, 120)


@dataclass(frozen=True)
class Volatility:
    """The volatility of tomorrow and that of each day before.

    Attributes
    ----------
    days : array of datetime64, shape (days,)
    past : array of shape (days,)
        Standard deviation of the log return of each day, as the model saw it the day before.
    tomorrow : float
    steps_a_year : float, optional
        Steps of the history in a year, or None if they are not known.
    """

    days: NDArray[np.datetime64]
    past: FloatArray
    tomorrow: float
    steps_a_year: float | None

    @property
    def annual(self) -> float | None:
        """Volatility of tomorrow, annualised."""
        return self.steps_a_year and self.tomorrow * float(np.sqrt(self.steps_a_year))

    @property
    def share_below(self) -> float:
        """Share of the days of the history with a lower volatility."""
        return float((self.past < self.tomorrow).mean())


@dataclass(frozen=True)
class Liquidity:
    """The ES over a liquidity horizon, as a share of the position.

    Attributes
    ----------
    horizon : int
    estimate : RiskEstimate
        From paths over the whole horizon.
    by_root : float
        The ES over ten days times the root of the horizon over ten, as MAR33.5 scales it.
    """

    horizon: int
    estimate: RiskEstimate
    by_root: float


@dataclass(frozen=True)
class Part:
    """The part of an asset in VaR and ES of a book, which are the sums of all parts (Euler).

    Attributes
    ----------
    asset : str
    weight : float
        Share of the value at the start.
    horizon : int
        Days.
    estimate : RiskEstimate
        As shares of the position, with Monte Carlo errors.
    rival : RiskEstimate, optional
        The part under the rival, where there is one.
    """

    asset: str
    weight: float
    horizon: int
    estimate: RiskEstimate
    rival: RiskEstimate | None = None


@dataclass(frozen=True, kw_only=True)
class RiskResults:
    """VaR and ES of a position under a model and a rival, and where they come from.

    Attributes
    ----------
    model, kind, asset : str
        Name of the model, its kind in tables, and the asset.
    start : str
        Where the scenarios start, as "after 2018-12-31".
    position, price : float
        Value of the position, negative if short, and price of the asset at the start. A book has no
        price.
    is_adjusted : bool
        Whether this price is known to be an adjusted close.
    past : array of shape (days,)
        Earlier prices over that at the start, minus 1. The last one is 0.
    scenarios : int
    worth : float
        Number of equally probable scenarios of the same precision.
    seed : int
    outlooks : mapping of Outlook
        By kind of model, the model itself first.
    volatility : Volatility, optional
    liquidity : tuple of Liquidity
    given : str
        Condition on the scenarios. It may be empty.
    notes : tuple of str
    prior : mapping
        Of the model, as JSON data. Empty where all histories stood alone.
    level_uncertainty : bool
        Whether the long-run volatility of each scenario of the model was drawn.
    rival : str
        Kind of the model beside it.
    weights : mapping
        Of a book: shares by asset, and that of cash.
    rebalance : str
        Whether the shares of a book are restored every day: "none" or "daily".
    command : str
        That gives these results again.
    parts : tuple of Part
        Of a book: the parts of VaR and ES of the highest level over the longest horizon.
    """

    model: str
    kind: str
    asset: str
    start: str
    position: float
    price: float | None
    is_adjusted: bool
    past: FloatArray
    scenarios: int
    worth: float
    seed: int
    outlooks: Mapping[str, Outlook]
    volatility: Volatility | None
    liquidity: tuple[Liquidity, ...]
    given: str
    notes: tuple[str, ...]
    prior: Mapping[str, Json] = field(default_factory=dict)
    level_uncertainty: bool = False
    rival: str = REFERENCE
    weights: Mapping[str, float] = field(default_factory=dict)
    rebalance: str = "none"
    command: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def largest_parts(self) -> tuple[Part, ...]:
        """The parts in the order of their ES, the largest first."""
        return tuple(sorted(self.parts, key=lambda part: -part.estimate.expected_shortfall))

    @property
    def whole(self) -> Part:
        """The book itself, which is the sum of its parts."""
        horizon, level = self.parts[0].horizon, self.parts[0].estimate.level
        rival = self.outlooks.get(self.rival)
        beside = None if rival is None else rival.of(horizon, level)
        weight = sum(part.weight for part in self.parts)
        return Part("all", weight, horizon, self.own.of(horizon, level), beside)

    @property
    def own(self) -> Outlook:
        """The outlook of the model."""
        return self.outlooks[self.kind]

    @property
    def value(self) -> float:
        """Size of the position."""
        return abs(self.position)

    @property
    def side(self) -> str:
        """Long or short."""
        return "short" if self.position < 0 else "long"

    @property
    def cells(self) -> list[tuple[int, float]]:
        """Horizons and levels, in the order asked for."""
        return [(one.horizon, one.estimate.level) for one in self.own.risks]

    def rooted(self, horizon: int, level: float) -> float | None:
        """Return the one-day VaR times the root of a horizon, or None where it is no other number.

        It is a share of the position.
        """
        if horizon == 1 or not any(cell == (1, level) for cell in self.cells):
            return None
        return self.own.of(1, level).value_at_risk * float(np.sqrt(horizon))

    def to_json(self) -> dict[str, Json]:
        """Return plain JSON data. Losses are positive shares of the position, and in money."""
        found: dict[str, Json] = {
            "schema": "simgan risk 1",
            "model": self.model,
            "asset": self.asset,
            "weights": dict(self.weights) or None,
            "start": self.start,
            "position": self.position,
            "price": self.price,
            "price_is_adjusted": self.is_adjusted,
            "scenarios": self.scenarios,
            "effective_scenarios": round(self.worth, 1),
            "seed": self.seed,
            "given": self.given or None,
            "level_uncertainty": self.level_uncertainty,
            "prior": dict(self.prior),
            "risk": self.rows(),
            "fan": {
                kind: {
                    "probabilities": list(each.fan.probabilities),
                    "returns": np.round(each.fan.changes, 6).tolist(),
                }
                for kind, each in self.outlooks.items()
            },
            "notes": list(self.notes),
        }
        if self.volatility is not None:
            found["volatility"] = {
                "tomorrow": self.volatility.tomorrow,
                "annual": self.volatility.annual,
                "share_of_days_below": self.volatility.share_below,
            }
        if self.parts:
            found["rebalance"] = self.rebalance
            found["parts"] = [self._row_of_part(part) for part in self.parts]
        if self.liquidity:
            found["liquidity_horizons"] = [
                self._row(self.kind, one.horizon, one.estimate)
                | {"expected_shortfall_by_root": one.by_root}
                for one in self.liquidity
            ]
        return found

    def rows(self) -> list[Json]:
        """Return a row for each model, horizon and level."""
        return [
            self._row(kind, one.horizon, one.estimate)
            for kind, each in self.outlooks.items()
            for one in each.risks
        ]

    def _row(self, kind: str, horizon: int, estimate: RiskEstimate) -> dict[str, Json]:
        named: dict[str, Json] = {"model": kind}
        return named | self._numbers(horizon, estimate)

    def _row_of_part(self, part: Part) -> dict[str, Json]:
        named: dict[str, Json] = {"asset": part.asset, "weight": part.weight}
        numbers = named | self._numbers(part.horizon, part.estimate)
        if part.rival is not None:
            numbers["rival"] = self.rival
            numbers["rival_value_at_risk"] = part.rival.value_at_risk
            numbers["rival_expected_shortfall"] = part.rival.expected_shortfall
        return numbers

    def _numbers(self, horizon: int, estimate: RiskEstimate) -> dict[str, Json]:
        shares: dict[str, float] = asdict(estimate)
        money = {f"money_{name}": self.value * shares[name] for name in shares if name != "level"}
        return {"horizon": horizon, **shares, **money}


def liquidity_of(sums: Float32Array, is_short: bool) -> tuple[Liquidity, ...]:
    """Return the ES over each liquidity horizon, from paths and from ten days times a root."""
    found = outlook(sums, LIQUIDITY_HORIZONS, (_LIQUIDITY_LEVEL,), is_short=is_short)
    base = found.of(LIQUIDITY_HORIZONS[0], _LIQUIDITY_LEVEL).expected_shortfall
    return tuple(
        Liquidity(
            one.horizon,
            one.estimate,
            base * float(np.sqrt(one.horizon / LIQUIDITY_HORIZONS[0])),
        )
        for one in found.risks
    )
