"""The order for a backtest: ``simgan backtest``."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, FiniteFloat

from simgan.errors import ConfigError, UnknownNameError
from simgan.service.jobs.job import Json
from simgan.service.jobs.orders.order import (
    Checked,
    OrderContext,
    Outcome,
    Place,
    Span,
    Word,
    arguments,
    command,
    missing,
    options,
    picked,
    trading_days,
)
from simgan.service.jobs.orders.training import RECIPE, OfTraining
from simgan.service.jobs.rates import REFIT, WALK, Cost
from simgan.service.words import Few, Whole
from simgan.settings import Table
from simgan.workspace import Workspace

_TESTED, _REFITS_A_YEAR = 0.4, {"yearly": 1, "quarterly": 4, "never": 0}
_GAN = "simgan"
_MODELS = (_GAN, "gjr-fhs", "ewma-fhs", "historical-250")
WEIGHTS = "weights.csv"  # in the folder of the job
Shares = Annotated[Literal["equal"] | dict[Word, FiniteFloat], Few]
Level = Annotated[float, Field(gt=0.5, lt=1)]
Days = Annotated[int, Field(ge=1, le=2520)]


class BacktestOrder(OfTraining):
    """Forecast VaR and ES day after day, and compare with the outcomes."""

    below: ClassVar[Table] = {"preset": "quick"}
    kind: Literal["backtest"] = "backtest"
    first: date | None = Field(default=None, description="first day forecast")
    end: date | None = Field(default=None, description="last day of the test")
    refit: Literal["yearly", "quarterly", "never"] = "yearly"
    levels: list[Level] = Field(default=[0.95, 0.975, 0.99], min_length=1, max_length=20)
    horizons: list[Days] = Field(default=[1, 10], min_length=1, max_length=20)
    models: list[Word] | None = Field(default=None, min_length=1, max_length=40)
    scenarios: int = Field(default=10_000, ge=100, le=10**6)
    window: Whole | None = Field(default=None, description="days that a fit sees; all: null")
    weights: Shares | None = Field(default=None, description="shares of one book of all tickers")
    rebalance: Literal["none", "daily"] = "none"

    @property
    def last(self) -> date | None:
        return self.end

    @property
    def title(self) -> str:
        """Name of the files."""
        book = "" if self.weights is None else "-book"
        return self.name or f"{'-'.join(self.tickers)}{book}"

    def checked(self, context: OrderContext) -> Checked:
        data = self.checked_prices(context) | self.checked_prior(context)
        for name in ("levels", "horizons", "models"):
            values = getattr(self, name) or ()
            if len(set(values)) < len(values):
                given = ",".join(map(str, values))
                raise ConfigError("backtest", name, given, "one or more, each of them once")
        if self.first and self.end and self.first > self.end:
            raise ConfigError("backtest", "first", str(self.first), f"not later than {self.end}")
        if not self.tickers:
            raise missing("tickers", "a backtest needs one or more")
        self._expect_contenders()
        of_walk = {"first", "end", "refit", "models", "scenarios", "window", "weights", "rebalance"}
        asked = {
            **self.canonical_prices(),
            **self.model_dump(mode="json", include=of_walk),
            "levels": sorted(self.levels),
            "horizons": sorted(self.horizons),
            "name": self.title,
            "recipe": self.full_recipe.to_json(),
        }
        return Checked(asked, data)

    def _expect_contenders(self) -> None:
        """Refuse models and a book that the command would refuse after it has read the prices."""
        from simgan.baselines import baseline  # it loads SciPy
        from simgan.workflows.backtest.books import book_asked

        book_asked(tuple(self.tickers), self.weights, self.rebalance)
        for name in self.models or ():
            if name != _GAN:
                try:
                    baseline(name)
                except UnknownNameError as error:  # of another kind than those of the workspace
                    known = (_GAN, *error.known)
                    raise UnknownNameError("model of a backtest", name, known, error.hint) from None

    def files(self) -> dict[str, str]:
        return {**super().files(), **weights_file(self.weights)}

    def borrowed(self, place: Place) -> list[Path]:
        name, models = self.full_recipe.prior, place.workspace.model_names()
        if self.upload is None or name not in models:
            return []
        return [place.workspace.model(name).relative_to(place.workspace.root)]

    def cost(self, span: Span, processes: int) -> Cost:
        """Return the cost: refits of the GAN, forecasts of all models, in several processes."""
        tested = max(round(_TESTED * span.days), 1)
        if self.first and self.end:
            tested = min(trading_days(self.first, self.end), span.days)
        models = len(self.models or _MODELS)
        has_gan = _GAN in (self.models or _MODELS)
        refits = 1 + tested * _REFITS_A_YEAR[self.refit] // 252
        walks = WALK.cost(span.assets * models, tested)
        gan = REFIT.cost(span.assets, span.days) if has_gan else Cost(0.0, 0.0)
        at_once = min(processes, models * span.assets)
        seconds = (walks.seconds + refits * gan.seconds) / at_once
        return Cost(seconds, walks.memory + at_once * max(walks.memory, gan.memory))

    def words(self, place: Place) -> list[str]:
        return [
            *command("backtest", workspace=self._home(place)),
            *self.price_words(place),
            *options(
                recipe=place.folder / RECIPE,
                name=self.title,
                to=self.end,
                levels=",".join(map(repr, self.levels)),
                horizons=",".join(map(str, self.horizons)),
                models=self.models and ",".join(self.models),
                jobs=place.processes,
                weights=weights_word(self.weights, place),
                **{"from": self.first},
                **self.model_dump(include={"refit", "scenarios", "window", "rebalance"}),
            ),
            "--resume",  # finished forecasts are named by their inputs
            *arguments(*self.tickers),
        ]

    def outcome(self, place: Place, printed: Json) -> Outcome:
        endings = {"page": "html", "numbers": "json", "forecasts": "forecasts.parquet"}
        home = Workspace(self._home(place))
        files = {
            label: home.report(f"{self.title}-backtest", ending)
            for label, ending in endings.items()
        }
        names = ("verdict", "models", "reference", "assets", "levels", "failures", "periods")
        return Outcome({"name": self.title, **picked(printed, *names)}, files)

    def _home(self, place: Place) -> Path:
        """Return the workspace of the command: for an upload the folder of the job, which its owner
        alone sees.
        """
        return place.folder if self.upload else Path()


def weights_file(weights: Shares | None) -> Mapping[str, str]:
    """Return the file of weights by asset, if there are such weights."""
    if not isinstance(weights, dict):
        return {}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["asset", "weight"])
    writer.writerows((asset, repr(share)) for asset, share in weights.items())
    return {WEIGHTS: text.getvalue()}


def weights_word(weights: Shares | None, place: Place) -> str | None:
    """Return the value of ``--weights``: a word, or the file of the job."""
    return str(place.folder / WEIGHTS) if isinstance(weights, dict) else weights
