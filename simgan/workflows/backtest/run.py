"""The backtest as a whole: prices, contenders, the walk, and its files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Unpack, get_args

from simgan.arguments import Day, given_date, names_in, numbers_in, whole
from simgan.errors import ConfigError, DataError
from simgan.files import expect_writable, whole_file
from simgan.locks import locked
from simgan.market.history import History
from simgan.market.sources.frame import named_prices
from simgan.progress import SILENT, Progress, Stop
from simgan.recipe.options import RecipeOptions, recipe_of
from simgan.recipe.recipe import Recipe
from simgan.report.backtest.renderers import render_page
from simgan.report.backtest.results import REFERENCE, BacktestResults, evaluate
from simgan.report.backtest.scores import judged_of
from simgan.risk.returns import fewest
from simgan.risk.walks import Walk
from simgan.seeds import Seed
from simgan.workflows.backtest.backtested import Backtested
from simgan.workflows.backtest.contenders import GAN, Classical, Contender, Gan
from simgan.workflows.backtest.forecasts import write_table
from simgan.workflows.backtest.segments import (
    ForecastSettings,
    RefitPeriod,
    Segment,
    counted_warnings,
    schedule,
)
from simgan.workflows.backtest.walk import Chain, walk, walks_of
from simgan.workflows.options import (
    BacktestOptions,
    PriceOptions,
    PriceOrder,
    RunOptions,
    WalkOptions,
    expect_known,
    expect_tickers,
    part_of,
    prices_of_each,
)
from simgan.workspace import Workspace

if TYPE_CHECKING:
    from simgan.market.files.frames import Frame

DEFAULTS = {"preset": "quick"}  # of the recipe: a backtest fits many times


@dataclass(frozen=True, kw_only=True)
class BacktestRequest:
    """A backtest to make.

    Attributes
    ----------
    orders : tuple of PriceOrder
        The prices of each asset.
    workspace : Workspace
    recipe : Recipe
        Training of the GAN at each refit. Its seed is also that of the scenarios.
    first, refit, levels, horizons, models, scenarios, window, jobs
        As in `simgan.workflows.options.WalkOptions`.
    device, name, resume
        As in `simgan.workflows.options.RunOptions`.

    Raises
    ------
    ConfigError
        A value is not possible.
    """

    orders: tuple[PriceOrder, ...]
    workspace: Workspace
    recipe: Recipe = field(default_factory=lambda: Recipe.parse(DEFAULTS))
    first: Day | None = None
    refit: RefitPeriod = "yearly"
    levels: tuple[float, ...] = (0.95, 0.975, 0.99)
    horizons: tuple[int, ...] = (1, 10)
    models: tuple[str, ...] = (GAN, "gjr-fhs", "ewma-fhs", "historical-250")
    scenarios: int = 10_000
    window: int | None = None
    jobs: int = 1
    device: str = "auto"
    name: str | None = None
    resume: bool = False

    @classmethod
    def of(
        cls,
        assets: Sequence[str | Frame],
        workspace: Workspace,
        **options: Unpack[BacktestOptions],
    ) -> BacktestRequest:
        """Make a request from options.

        An asset is a ticker, or the series or frame of its prices.

        Raises
        ------
        UnknownNameError, ConfigError, RecipeError
            An option or a name is unknown, a value is not possible, or a recipe cannot be read.
        """
        expect_known("backtest", options, BacktestOptions)
        if options.get("regimes") or options.get("labels") is not None:
            _refuse_regimes(options.get("regimes") or str(options.get("labels")))
        each = prices_of_each("backtest", assets, options.get("prices", ()))
        column = options.get("column", "")
        name = options.get("name") if len(assets) == 1 else None
        common = part_of(options, PriceOptions)
        return cls(
            orders=tuple(
                PriceOrder(ticker=ticker, prices=prices, end=options.get("last"), **common)
                for ticker, prices in (
                    named_prices("backtest", asset, given, column, name)
                    for asset, given in zip(assets, each, strict=True)
                )
            ),
            workspace=workspace,
            recipe=recipe_of(part_of(options, RecipeOptions), DEFAULTS),
            **part_of(options, WalkOptions),
            **part_of(options, RunOptions),
        )

    def __post_init__(self) -> None:
        self._read_python()
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
            ("scenarios", 100 <= self.scenarios <= 10**7, "from 100 to 10,000,000"),
            ("window", self.window is None or self.window >= 1, "expanding or a number of days"),
        )
        for name, is_possible, allowed in possible:
            if not is_possible:
                value = getattr(self, name)
                shown = ",".join(map(str, value)) if isinstance(value, tuple) else value
                raise ConfigError("backtest", name, shown, allowed)
        if self.scenarios < (needed := fewest(max(self.levels))):
            allowed = f"at least {needed:,}, so that one lies beyond {max(self.levels):g}"
            raise ConfigError("backtest", "scenarios", self.scenarios, allowed)
        if self.recipe.regimes:
            _refuse_regimes(self.recipe.regimes)

    def _read_python(self) -> None:
        """Read lists, single values, whole numbers and dates as people write them in Python."""
        horizons = numbers_in(self.horizons, "backtest", "horizons")
        read: dict[str, object] = {
            "levels": numbers_in(self.levels, "backtest", "levels"),
            "models": names_in(self.models, "backtest", "models"),
            "horizons": tuple(whole(days, "backtest", "horizons", 1) for days in horizons),
            "scenarios": whole(self.scenarios, "backtest", "scenarios"),
            "window": self.window and whole(self.window, "backtest", "window"),
            "jobs": whole(self.jobs, "backtest", "jobs", 1),
            "first": given_date(self.first, "backtest", "first"),
        }
        for name, value in read.items():
            object.__setattr__(self, name, value)
        if self.refit not in get_args(RefitPeriod):
            allowed = f"one of {', '.join(get_args(RefitPeriod))}"
            raise ConfigError("backtest", "refit", self.refit, allowed)

    @property
    def tickers(self) -> tuple[str, ...]:
        """Names of the assets."""
        return tuple(order.ticker for order in self.orders)

    @property
    def title(self) -> str:
        """Name of the backtest in the workspace."""
        return self.name or "-".join(self.tickers)

    @property
    def forecast_settings(self) -> ForecastSettings:
        """How every contender forecasts."""
        return ForecastSettings(
            horizons=tuple(sorted(self.horizons)),
            levels=tuple(sorted(self.levels)),
            scenarios=self.scenarios,
            window=self.window,
            seed=self.recipe.seed,
        )

    def in_words(self) -> dict[str, str]:
        """Describe how the forecasts are made, for the head of the page."""
        recipe = self.recipe
        words: dict[str, str] = {"Refits": self.refit}
        words["Window"] = "expanding" if self.window is None else f"{self.window} days"
        words["Scenarios per day"] = f"{self.scenarios:,}"
        if GAN in self.models:
            words["GAN"] = (
                f"{recipe.architecture.kind}, {recipe.objective.kind}, preset {recipe.preset}; "
                "each refit begins with the weights of the one before"
            )
        return words

    def contenders(self) -> tuple[Contender, ...]:
        """Return the models that take part.

        Raises
        ------
        UnknownNameError
            There is no such model.
        """
        gan = Gan(self.workspace, self.recipe, self.device)
        return tuple(gan if name == GAN else Classical(name) for name in self.models)


def _refuse_regimes(asked: object) -> None:
    allowed = "left out: a forecast of tomorrow belongs to no regime"
    raise ConfigError("backtest", "regimes", asked, allowed)


def backtest(
    request: BacktestRequest, progress: Progress = SILENT, stop: Stop | None = None
) -> Backtested:
    """Walk forward through the test window, and write page, numbers and forecasts.

    A model that fails is named and left out. The others go on.

    Parameters
    ----------
    request : BacktestRequest
    progress : Progress
        Gets notes about the data, failures of fits, and the days forecast of each model.
    stop : Stop, optional
        Ends the backtest after a segment. Finished segments are kept.

    Raises
    ------
    SimganError
        Prices or settings are not possible, the judged model failed, or a file cannot be written.
        Finished forecasts are kept for ``resume``.
    Interrupted
        `stop` was asked for. Finished forecasts are kept, too.
    """
    parts = request.workspace.backtest_parts(request.title)
    expect_writable(parts.parent)
    chains = make_chains(request, progress)
    stop = stop or Stop()
    with locked(parts, progress, stop):
        progress.say(f"{request.title}: fitting and forecasting with {', '.join(request.models)}")
        if not request.resume:
            shutil.rmtree(parts, ignore_errors=True)
        with stop.at_ctrl_c(progress):
            left_out = walk(chains, parts, request.jobs, progress, stop)
        walks = tuple(found for chain in chains for found in walks_of(chain))
        failures = (*left_out, *_fallbacks(chains))
        for failure in failures:
            progress.say(f"Warning: {failure}")
        progress.say("scoring and testing the forecasts")
        with counted_warnings():  # of arch and SciPy, on constant series of losses
            results = evaluate(
                walks,
                reference=REFERENCE,
                seed=Seed(request.recipe.seed),
                failures=failures,
                settings=request.in_words() | _warnings_in_words(chains),
            )
            done = _written(request, walks, results)
        shutil.rmtree(parts, ignore_errors=True)
    return done


def make_chains(request: BacktestRequest, progress: Progress = SILENT) -> list[Chain]:
    """Read the prices and lay out the work.

    Raises
    ------
    SimganError
        Prices cannot be had or are too few, or a model is unknown.
    """
    contenders = request.contenders()
    least = max(contender.least_days for contender in contenders)
    if request.window is not None and request.window < least:
        allowed = f"expanding or at least {least} days, which these models need"
        raise ConfigError("backtest", "window", request.window, allowed)
    expect_tickers("backtest", request.orders)
    judged, chains = judged_of(request.models, REFERENCE), []
    first = given_date(request.first, "backtest", "first")
    for order in request.orders:
        history = order.history(request.workspace, least + 1, progress)
        segments = schedule(history, first, request.refit, least)
        _expect_outcomes(history, segments, request.forecast_settings)
        chains += [
            Chain(
                contender,
                history,
                segments,
                request.forecast_settings,
                is_judged=contender.name == judged,
            )
            for contender in contenders
        ]
    return chains


def _expect_outcomes(
    history: History, segments: Sequence[Segment], settings: ForecastSettings
) -> None:
    days, longest = len(history) - segments[0].days.start, max(settings.horizons)
    if days < longest:
        raise DataError(
            f"{', '.join(history.assets)}: {days} days from {history.day(-days)} on "
            f"hold no outcome over {longest} days; "
            "use an earlier --from or shorter --horizons"
        )


def _fallbacks(chains: Sequence[Chain]) -> list[str]:
    """Return the sentences on fits that failed where an earlier one could be used."""
    kept = (chain for chain in chains if not chain.failure)
    return [part.failure for chain in kept for part in chain.parts if part.failure]


def _warnings_in_words(chains: Sequence[Chain]) -> dict[str, str]:
    """Count the warnings of libraries by model, if there were any."""
    counts: dict[str, int] = {}
    for chain in chains:
        found = sum(part.warnings for part in chain.parts)
        counts[chain.contender.name] = counts.get(chain.contender.name, 0) + found
    words = ", ".join(f"{count} in {name}" for name, count in counts.items() if count)
    return {"Numerical warnings": words} if words else {}


def _written(
    request: BacktestRequest, walks: tuple[Walk, ...], results: BacktestResults
) -> Backtested:
    page, numbers, forecasts = (
        request.workspace.report(f"{request.title}-backtest", ending)
        for ending in ("html", "json", "forecasts.parquet")
    )
    with whole_file(page) as html, whole_file(numbers) as json_file, whole_file(forecasts) as table:
        html.write_text(render_page(results, walks), encoding="utf-8")
        json_file.write_text(
            json.dumps(results.to_json(), indent=1, allow_nan=False), encoding="utf-8"
        )
        write_table(walks, table)
    return Backtested(walks, results, page, numbers, forecasts)
