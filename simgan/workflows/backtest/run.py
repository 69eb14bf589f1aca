"""The backtest as a whole: prices, contenders, the walk, and what is written of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from simgan.errors import ConfigError, DataError
from simgan.files import expect_writable, whole_file
from simgan.market.history import History
from simgan.market.price_cache import Download
from simgan.recipe.recipe import Recipe, nested, overlaid
from simgan.report.backtest.page import render
from simgan.report.backtest.results import REFERENCE, BacktestResults, evaluate
from simgan.risk.walks import Walk
from simgan.seeds import Seed
from simgan.workflows.backtest.contenders import GAN, Classical, Contender, Gan
from simgan.workflows.backtest.forecasts import walks_of, write_table
from simgan.workflows.backtest.schedule import Refit, Segment, schedule
from simgan.workflows.backtest.segments import Rules
from simgan.workflows.backtest.walk import Advance, Chain, walk
from simgan.workflows.prices import PriceOrder, Say
from simgan.workspace import Workspace

Announce = Callable[
    [Mapping[str, int]], Advance
]  # days to forecast by contender → what is told of days done


@dataclass(frozen=True, kw_only=True)
class BacktestRequest:
    """What `simgan backtest` was asked for; the fields are the options of the command."""

    tickers: tuple[str, ...]
    workspace: Workspace
    prices: tuple[Path, ...] = ()
    source: str = "yahoo"
    column: str = ""
    start: str | None = None
    first: str | None = None
    last: str | None = None
    refit: Refit = "yearly"
    levels: tuple[float, ...] = (0.95, 0.975, 0.99)
    horizons: tuple[int, ...] = (1, 10)
    models: tuple[str, ...] = (GAN, "gjr-fhs", "ewma-fhs", "historical-250")
    scenarios: int = 10_000
    window: int | None = None
    seed: int = 0
    jobs: int = 1
    preset: str = "quick"
    settings: Mapping[str, str] = field(default_factory=dict)
    device: str = "auto"
    name: str | None = None
    resume: bool = False
    download: Download = Download.IF_MISSING

    def __post_init__(self) -> None:
        for name in ("tickers", "models", "levels", "horizons"):
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise ConfigError(
                    "backtest", name, ",".join(map(str, values)), "one or more, each of them once"
                )
        possible = (
            (
                "levels",
                all(0.5 < level < 1.0 for level in self.levels),
                "coverages above 0.5 and below 1, such as 0.99",
            ),
            ("horizons", min(self.horizons) >= 1, "numbers of days, from 1 on"),
            (
                "prices",
                len(self.prices) in (0, len(self.tickers)),
                f"one file for each of {len(self.tickers)} tickers",
            ),
            ("scenarios", self.scenarios >= 100, "at least 100"),
            ("window", self.window is None or self.window >= 1, "expanding or a number of days"),
        )
        for name, is_possible, allowed in possible:
            if not is_possible:
                raise ConfigError("backtest", name, getattr(self, name), allowed)

    @property
    def title(self) -> str:
        """Name of the backtest in the workspace."""
        return self.name or "-".join(self.tickers)

    @property
    def rules(self) -> Rules:
        """How every contender forecasts."""
        return Rules(
            horizons=tuple(sorted(self.horizons)),
            levels=tuple(sorted(self.levels)),
            scenarios=self.scenarios,
            window=self.window,
            seed=self.seed,
        )

    def in_words(self) -> dict[str, str]:
        """How the forecasts are made, for the head of the page."""
        gan = (
            {"GAN": f"preset {self.preset}, each refit begins with the weights of the one before"}
            if GAN in self.models
            else {}
        )
        window = "expanding" if self.window is None else f"{self.window} days"
        return {
            "Refits": self.refit,
            "Window": window,
            "Scenarios per day": f"{self.scenarios:,}",
        } | gan

    def contenders(self) -> tuple[Contender, ...]:
        """Return who takes part.

        Raises
        ------
        UnknownNameError, ConfigError
            There is no such model, or a setting of the GAN is not possible.
        """
        asked = {"preset": self.preset, "seed": self.seed}
        recipe = Recipe.parse(overlaid(asked, nested(self.settings)))
        gan = Gan(self.workspace, recipe, self.device)
        return tuple(gan if name == GAN else Classical(name) for name in self.models)

    def price_orders(self) -> tuple[PriceOrder, ...]:
        """Return where the prices of each ticker come from."""
        files = self.prices or (None,) * len(self.tickers)
        common = PriceOrder(
            ticker="",
            source=self.source,
            column=self.column,
            start=self.start,
            end=self.last,
            download=self.download,
        )
        return tuple(
            replace(common, ticker=ticker, file=file)
            for ticker, file in zip(self.tickers, files, strict=True)
        )


@dataclass(frozen=True)
class Backtested:
    """What a backtest gave: the walks, what they say, and the files."""

    walks: tuple[Walk, ...]
    results: BacktestResults
    page: Path
    numbers: Path
    forecasts: Path


def backtest(
    request: BacktestRequest,
    say: Say = lambda _: None,
    announce: Announce = lambda _: lambda *_: None,
) -> Backtested:
    """Walk forward through the test window and write page, numbers and forecasts.

    Raises
    ------
    SimganError
        Prices, settings, the first fit of a model, or writing. What was finished is kept for ``resume``.
    """
    parts = request.workspace.backtest_parts(request.title)
    expect_writable(parts.parent)
    chains = make_chains(request, say)
    if not request.resume:
        shutil.rmtree(parts, ignore_errors=True)
    walk(chains, parts, request.jobs, announce(_days(chains)))
    walks = tuple(found for chain in chains for found in walks_of(chain))
    failures = tuple(part.failure for chain in chains for part in chain.parts if part.failure)
    for failure in failures:
        say(f"Warning: {failure}")
    results = evaluate(
        walks,
        reference=REFERENCE,
        seed=Seed(request.seed),
        failures=failures,
        settings=request.in_words(),
    )
    done = _written(request, walks, results)
    shutil.rmtree(parts, ignore_errors=True)
    return done


def make_chains(request: BacktestRequest, say: Say) -> list[Chain]:
    """Read the prices and lay out the work.

    Raises
    ------
    SimganError
        Prices cannot be had or are too few, or a model is unknown.
    """
    contenders = request.contenders()
    least = max(contender.least_days for contender in contenders)
    if request.window is not None and request.window < least:
        raise ConfigError(
            "backtest",
            "window",
            request.window,
            f"expanding or at least {least} days, which these models need",
        )
    chains = []
    for order in request.price_orders():
        history = order.history(request.workspace, least + 1, say)
        segments = schedule(history, request.first, request.refit, least)
        _expect_outcomes(history, segments, request.rules)
        chains += [Chain(contender, history, segments, request.rules) for contender in contenders]
    return chains


def _expect_outcomes(history: History, segments: tuple[Segment, ...], rules: Rules) -> None:
    days, longest = len(history) - segments[0].days.start, max(rules.horizons)
    if days < longest:
        raise DataError(
            f"{', '.join(history.assets)}: {days} days from {history.day(-days)} on hold no outcome over {longest} days; "
            "use an earlier --from or shorter --horizons"
        )


def _days(chains: list[Chain]) -> dict[str, int]:
    """Days to forecast, by contender."""
    days: dict[str, int] = {}
    for chain in chains:
        days[chain.contender.name] = days.get(chain.contender.name, 0) + sum(
            len(segment.days) for segment in chain.segments
        )
    return days


def _written(
    request: BacktestRequest, walks: tuple[Walk, ...], results: BacktestResults
) -> Backtested:
    page, numbers, forecasts = (
        request.workspace.report(f"{request.title}-backtest", ending)
        for ending in ("html", "json", "forecasts.parquet")
    )
    with whole_file(page) as html, whole_file(numbers) as json_file, whole_file(forecasts) as table:
        html.write_text(render(results, walks), encoding="utf-8")
        json_file.write_text(
            json.dumps(results.to_json(), indent=1, allow_nan=False), encoding="utf-8"
        )
        write_table(walks, table)
    return Backtested(walks, results, page, numbers, forecasts)
