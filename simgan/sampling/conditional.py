"""Scenarios that meet a condition, in Python, with its probability."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simgan.arguments import Day, whole
from simgan.errors import ConfigError, packages_for
from simgan.market.history import History
from simgan.readable import ByValue, Readable
from simgan.risk.book import Book
from simgan.risk.holdings import shares_of
from simgan.risk.returns import effective_sample_size
from simgan.sampling.given import Acceptance, Given
from simgan.sampling.latent import Drawing
from simgan.sampling.model import Model
from simgan.sampling.start import level_of
from simgan.scenarios.block import joined
from simgan.scenarios.conditions import Conditions
from simgan.scenarios.product import Scenarios
from simgan.seeds import Seed


@dataclass(frozen=True, eq=False, repr=False)
class Conditional(Readable, ByValue):
    """Scenarios that meet a condition.

    Attributes
    ----------
    scenarios : Scenarios
        With their own numbers, and with weights where they come from tilted noise.
    probability : float
        Of the condition under the model, estimated from all scenarios that were drawn.
    standard_error : float, optional
        Monte Carlo error of the probability. None where it would rest on too few scenarios: 10
        equal ones, or an effective size of 100.
    effective_size : float
        Number of equally weighted scenarios of the same precision.
    """

    scenarios: Scenarios
    probability: float
    standard_error: float | None
    effective_size: float

    def _title(self) -> str:
        return f"{self.scenarios._title()}, which meet a condition"

    def _facts(self) -> Iterator[tuple[str, str]]:
        error = "" if self.standard_error is None else f" ± {self.standard_error:.1g}"
        yield "probability", f"{self.probability:.3g}{error}"
        yield "effective size", f"{self.effective_size:,.0f}"
        yield from self.scenarios._facts()


@packages_for("simgan.sample_given")
def sample_given(  # noqa: PLR0913 (the options of `sample`)
    model: Model,
    condition: str | Sequence[str],
    n: int = 1000,
    horizon: int = 21,
    *,
    seed: int = 0,
    as_of: Day | History = "latest",
    bars: bool = False,
    level_uncertainty: bool = False,
    weights: Sequence[float] | Mapping[str, float] | Literal["equal"] = "equal",
    rebalance: Literal["none", "daily"] = "none",
) -> Conditional:
    """Draw scenarios that meet a condition, such as ``"max-drawdown>0.30"``, into memory.

    Parameters
    ----------
    model : Model
    condition : str or sequence of str
        A measure of `simgan.scenarios.conditions`, < or >, and a number. Several have commas
        between them, or are a list. Of a model of several assets it is about their book, or about
        one: ``"SPY:cumulative<-0.2"``.
    n, horizon, seed, as_of, bars, level_uncertainty
        As for `Model.sample`.
    weights : sequence or mapping, or "equal"
        Of a model of several assets: the shares of the book, in the order of the assets or by name.
        ``CASH`` is a share without return.
    rebalance : {"none", "daily"}
        Buy the assets and hold them, or restore the shares every day.

    Raises
    ------
    ConfigError, UnknownNameError
        The condition cannot be read, or a number is out of range.
    SamplingError
        No tilt of the noise meets the condition.
    """
    if not isinstance(model, Model):
        allowed = "a Model, as simgan.load and simgan.fit return it"
        raise ConfigError("sample_given", "model", model, allowed)
    drawing, start, acceptance = (
        Drawing(n, horizon, Seed(whole(seed, "sample_given", "seed")), bars=bars),
        model.start(as_of).at_level(level_of(level_uncertainty)),
        Acceptance(),
    )
    book = _book(model.bundle.manifest.assets, weights, rebalance)
    given = Given.plan(Conditions.parse(condition, book.moves), model, drawing, start)
    scenarios = joined(list(given.draw(model, drawing, start, acceptance)))
    return Conditional(
        scenarios,
        acceptance.probability,
        acceptance.standard_error,
        effective_sample_size(scenarios.probable),
    )


def _book(
    assets: tuple[str, ...], weights: Sequence[float] | Mapping[str, float] | str, rebalance: str
) -> Book:
    """Return the book that a condition is about."""
    if isinstance(weights, str) and weights != "equal":
        allowed = "'equal', a mapping by asset, or numbers in the order of the assets"
        raise ConfigError("sample_given", "weights", weights, allowed)
    if rebalance not in ("none", "daily"):
        raise ConfigError("sample_given", "rebalance", rebalance, "one of none, daily")
    count = len(assets)
    equal = np.full(count, 1 / count)
    shares = equal if isinstance(weights, str) else shares_of(weights, count, assets, "book")
    return Book(assets, shares, rebalance == "daily")
