"""Questions of callers in typed values, and the requests of the workflows that answer them.

No text of a caller names a file: weights are shares, and prices are uploads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from simgan.errors import ConfigError
from simgan.sampling.model import Model
from simgan.service.media import FormatName
from simgan.service.words import LARGEST, RequestFields, Whole
from simgan.workflows.book import EQUAL, are_equal, book_of
from simgan.workflows.sample import SampleRequest
from simgan.workflows.weights import weights_in
from simgan.workspace import Workspace

MOST_TEXT = 20_000  # characters of an option, such as the weights of hundreds of assets

_RICHEST = 1e15  # a value beyond which sums lose whole units of money, and then overflow
Text = Annotated[str, Field(max_length=MOST_TEXT)]
Money = Annotated[float, Field(allow_inf_nan=False, ge=-_RICHEST, le=_RICHEST)]
WEIGHTS = Field(EQUAL, max_length=MOST_TEXT, description="equal, or such as A=.6,B=.4")


class Continued(RequestFields):
    """Options about the start of scenarios, and about the law that they are drawn from."""

    as_of: str = Field("latest", max_length=100, description="latest, stationary, DATE or A..B")
    given: str | None = Field(
        None, max_length=MOST_TEXT, description="condition, such as max-drawdown>0.15"
    )
    rebalance: Literal["none", "daily"] = "none"
    level_uncertainty: bool = False
    seed: int = Field(0, ge=0, le=LARGEST, description="stream of scenarios")


class ScenarioQuery(Continued):
    """Options of a request for scenarios. They have the words of ``simgan sample``."""

    weights: str = WEIGHTS
    n: Whole = Field(1000, description="number of scenarios")
    horizon: Whole = Field(21, description="days of a scenario")
    first: int = Field(0, ge=0, le=LARGEST, description="number of the first scenario")
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


def shares_in(text: str, model: Model) -> str | Mapping[str, float]:
    """Return the shares that text such as ``A=.6,B=.4`` gives. It never names a file.

    Raises
    ------
    ConfigError
        It is neither this nor "equal", or no shares.
    UnknownNameError
        The model has no such asset.
    """
    if are_equal(text):
        return EQUAL
    if "=" not in text:
        raise ConfigError("book", "weights", text, f"{EQUAL}, or A=.6,B=.4")
    assets = model.bundle.manifest.assets
    shares = weights_in(text, assets)
    book_of(assets, shares)  # refuses shares of other assets, also where nothing is about them
    return shares


def _price(text: str | None) -> float | str | None:
    if text is None or "=" in text:
        return text
    try:
        return float(text)
    except ValueError:
        allowed = "a number, or A=100,B=50"
        raise ConfigError("sample", "initial_price", text, allowed) from None
