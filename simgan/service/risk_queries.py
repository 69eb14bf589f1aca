"""Questions about the risk of a position, and the requests of the workflows that answer them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from simgan.errors import ConfigError
from simgan.risk.holdings import CASH
from simgan.sampling.model import Model
from simgan.scenarios.assets import chosen_assets
from simgan.service.queries import MOST_TEXT, WEIGHTS, Continued, Money, Text, shares_in
from simgan.service.words import Few, Whole
from simgan.workflows.book import EQUAL
from simgan.workflows.risk import HORIZONS, LEVELS, RiskRequest
from simgan.workspace import Workspace

_POSITION = 1_000_000.0
LEVELS_OF_A_CHART = (0.95, 0.975, 0.99)
_Level = Annotated[float, Field(gt=0, lt=1)]


class RiskQuestion(Continued):
    """A question about the risk of a position. It has the words of ``simgan risk``."""

    position: Money | None = Field(
        None, description="value of the whole, negative for a short one; default: 1,000,000"
    )
    positions: Annotated[dict[str, Money] | None, Few] = Field(
        None, description="values by asset, in place of position, weights"
    )
    weights: Annotated[Text | dict[str, Money], Few] = Field(
        EQUAL, description="equal, A=.6,B=.4, or an object"
    )
    levels: list[_Level] = Field(list(LEVELS), min_length=1, max_length=20)
    horizons: list[Whole] = Field(list(HORIZONS), min_length=1, max_length=20)
    n: Whole = Field(100_000, description="number of scenarios")
    frtb: bool = Field(False, description="add the ES over the liquidity horizons of MAR33")

    def risk_request(self, workspace: Workspace, model: Model) -> RiskRequest:
        """Return the request of ``simgan risk`` with these options.

        Raises
        ------
        ConfigError
            Positions stand beside a position or weights, or add up to nothing.
        """
        position, weights = self._held(model)
        return RiskRequest(
            workspace=workspace,
            name=model.name,
            levels=tuple(self.levels),
            horizons=tuple(self.horizons),
            position=position,
            weights=weights,
            rebalance=self.rebalance,
            as_of=self.as_of,
            given=self.given,
            level_uncertainty=self.level_uncertainty,
            n=self.n,
            seed=self.seed,
            frtb=self.frtb,
        )

    def _held(self, model: Model) -> tuple[float, str | Mapping[str, float]]:
        """Return the value of the whole and the shares."""
        if self.positions is None:
            weights = self.weights
            shares = shares_in(weights, model) if isinstance(weights, str) else weights
            return _POSITION if self.position is None else self.position, shares
        if self.position is not None or self.weights != EQUAL:
            allowed = "left out beside position or weights"
            raise ConfigError("risk", "positions", self.positions, allowed)
        whole = sum(self.positions.values())
        if not whole:
            allowed = f"values that do not add up to 0; add {CASH}, which is a part of the whole"
            raise ConfigError("risk", "positions", self.positions, allowed)
        return whole, {asset: value / whole for asset, value in self.positions.items()}


class OutlookQuery(Continued):
    """Options of the coming days of a position."""

    weights: str = WEIGHTS
    assets: str | None = Field(
        None, max_length=MOST_TEXT, description="equal shares of these, in place of weights: A,B"
    )
    position: Money = Field(_POSITION, description="value of the whole, negative for a short one")
    horizon: Whole = Field(21, description="days")
    n: Whole = Field(10_000, description="number of scenarios")

    def risk_request(self, workspace: Workspace, model: Model) -> RiskRequest:
        """Return the request of ``simgan risk`` over one horizon.

        Raises
        ------
        ConfigError
            Assets stand beside weights.
        UnknownNameError
            The model has no such asset.
        """
        return RiskRequest(
            workspace=workspace,
            name=model.name,
            levels=LEVELS_OF_A_CHART,
            horizons=(self.horizon,),
            position=self.position,
            weights=self._shares(model),
            rebalance=self.rebalance,
            as_of=self.as_of,
            given=self.given,
            level_uncertainty=self.level_uncertainty,
            n=self.n,
            seed=self.seed,
        )

    def _shares(self, model: Model) -> str | Mapping[str, float]:
        if self.assets is None:
            return shares_in(self.weights, model)
        if self.weights != EQUAL:
            raise ConfigError("risk", "assets", self.assets, "left out beside weights")
        chosen = chosen_assets(self.assets, model.bundle.manifest.assets)
        return dict.fromkeys(chosen, 1 / len(chosen))
