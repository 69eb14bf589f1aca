"""Questions of callers in typed values, and the requests of the workflows that answer them.

No text of a caller names a file: weights are shares, and prices are uploads.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from simgan.errors import ConfigError
from simgan.risk.holdings import CASH
from simgan.sampling.groups import bytes_of_group
from simgan.sampling.latent import Drawing
from simgan.sampling.model import Model
from simgan.service.configuration import Configuration
from simgan.service.media import FormatName
from simgan.service.problems import Problem
from simgan.workflows.book import EQUAL, are_equal
from simgan.workflows.risk import HORIZONS, LEVELS, RiskRequest
from simgan.workflows.sample import SampleRequest
from simgan.workflows.weights import weights_in
from simgan.workspace import Workspace

MOST_TEXT = 20_000  # characters of an option, such as the weights of hundreds of assets
MOST_ASSETS = 1000  # of a model
_LARGEST = 2**63 - 1
_POSITION = 1_000_000.0

Money = Annotated[float, Field(allow_inf_nan=False)]
Whole = Annotated[int, Field(ge=1, le=_LARGEST)]
WEIGHTS = Field(EQUAL, max_length=MOST_TEXT, description="equal, or such as A=.6,B=.4")


class Continued(BaseModel):
    """Options about the start of scenarios, and about the law that they are drawn from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: str = Field("latest", max_length=100, description="latest, stationary, DATE or A..B")
    given: str | None = Field(
        None, max_length=MOST_TEXT, description="condition, such as max-drawdown>0.15"
    )
    rebalance: Literal["none", "daily"] = "none"
    level_uncertainty: bool = False
    seed: int = Field(0, ge=0, le=_LARGEST, description="stream of scenarios")


class ScenarioQuery(Continued):
    """Options of a request for scenarios. They have the words of ``simgan sample``."""

    weights: str = WEIGHTS
    n: Whole = Field(1000, description="number of scenarios")
    horizon: Whole = Field(21, description="days of a scenario")
    first: int = Field(0, ge=0, le=_LARGEST, description="number of the first scenario")
    regime: str | None = Field(None, max_length=200)
    values: Literal["log-returns", "returns", "prices", "bars"] = "log-returns"
    layout: Literal["wide", "long"] | None = Field(
        None, description="a row per scenario, or a row per value"
    )
    assets: str | None = Field(None, max_length=MOST_TEXT, description="of several: A,B")
    initial_price: str | None = Field(
        None, max_length=MOST_TEXT, description="a number, or of several assets A=100,B=50"
    )
    format: FormatName | None = Field(None, description="in the place of the field Accept")

    def sample_request(self, workspace: Workspace, model: Model) -> SampleRequest:
        """Return the request of ``simgan sample`` with these options."""
        return SampleRequest(
            workspace=workspace,
            name=model.name,
            n=self.n,
            horizon=self.horizon,
            as_of=self.as_of,
            seed=self.seed,
            first=self.first,
            layout=self.layout,
            values=self.values,
            assets=self.assets,
            initial_price=_price(self.initial_price),
            given=self.given,
            weights=shares_in(self.weights, model),
            rebalance=self.rebalance,
            level_uncertainty=self.level_uncertainty,
            regime=self.regime,
        )

    def expect_within(self, limits: Configuration, model: Model) -> None:
        """Refuse more values than the service gives at once, or than it computes together.

        Raises
        ------
        Problem
            It has the numbers.
        """
        assets = len(model.bundle.manifest.assets)
        asked = self.n * self.horizon * assets
        if asked > limits.most_values:
            detail = (
                f"{self.n:,} scenarios of {self.horizon:,} days of {assets:,} asset"
                f"{'s' * (assets > 1)} have {asked:,} values, and the limit is "
                f"{limits.most_values:,}; ask for parts by first and n"
            )
            raise too_many(detail, asked, limits.most_values)
        drawing = Drawing(self.n, self.horizon, bars=self.values == "bars")
        needed = bytes_of_group(assets, drawing)
        if needed > limits.group_memory:
            longest = self.horizon * limits.group_memory // needed
            detail = f"the horizon of {self.horizon:,} days is too long; at most {longest:,}"
            raise too_many(detail, self.horizon, longest)


class RiskQuestion(Continued):
    """A question about the risk of a position. It has the words of ``simgan risk``."""

    position: Money | None = Field(
        None, description="value of the whole, negative for a short one; default: 1,000,000"
    )
    positions: dict[str, Money] | None = Field(
        None, max_length=MOST_ASSETS, description="values by asset, in place of position, weights"
    )
    weights: str | dict[str, Money] = Field(EQUAL, description="equal, A=.6,B=.4, or an object")
    levels: list[float] = Field(list(LEVELS), min_length=1, max_length=20)
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

    def expect_within(self, limits: Configuration, request: RiskRequest, model: Model) -> None:
        """Refuse more values than the service holds in memory for one answer.

        Raises
        ------
        Problem
            It has the numbers.
        """
        assets = len(model.bundle.manifest.assets)
        asked = self.n * request.days * assets
        if asked > limits.most_of_risk:
            most = limits.most_of_risk // (request.days * assets)
            detail = (
                f"{self.n:,} scenarios of {request.days:,} days of {assets:,} "
                f"asset{'s' * (assets > 1)} are too many; n may be {most:,}"
            )
            raise too_many(detail, asked, limits.most_of_risk)

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


def too_many(detail: str, asked: int, limit: int) -> Problem:
    """Return the refusal of a request that asks for too much."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, {"asked": asked, "limit": limit})


def shares_in(text: str, model: Model) -> str | Mapping[str, float]:
    """Return the shares that text such as ``A=.6,B=.4`` gives. It never names a file.

    Raises
    ------
    ConfigError
        It is neither this nor "equal".
    """
    if are_equal(text):
        return EQUAL
    if "=" not in text:
        raise ConfigError("book", "weights", text, f"{EQUAL}, or A=.6,B=.4")
    return weights_in(text, model.bundle.manifest.assets)


def _price(text: str | None) -> float | str | None:
    if text is None or "=" in text:
        return text
    try:
        return float(text)
    except ValueError:
        allowed = "a number, or A=100,B=50"
        raise ConfigError("sample", "initial_price", text, allowed) from None
