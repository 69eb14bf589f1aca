"""The request of a backtest: its options, read and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Unpack, cast, get_args

from simgan.arguments import Day, given_date, names_in, numbers_in, whole
from simgan.errors import ConfigError
from simgan.market.sources.frame import named_prices
from simgan.recipe.options import RecipeOptions, recipe_of
from simgan.recipe.recipe import Recipe
from simgan.report.backtest.books import JOINT_REFERENCE
from simgan.report.backtest.results import REFERENCE
from simgan.risk.book import Book
from simgan.risk.returns import fewest
from simgan.workflows.backtest.book_contenders import book_contender
from simgan.workflows.backtest.books import Asset, assets_of_book, book_asked, book_in_words
from simgan.workflows.backtest.contenders import GAN, Classical, Contender, Gan
from simgan.workflows.backtest.segments import ForecastSettings, RefitPeriod
from simgan.workflows.book import BookOptions, Weights
from simgan.workflows.fit_together import short_name
from simgan.workflows.joint_model import expect_joint
from simgan.workflows.options import (
    BacktestOptions,
    PriceOptions,
    PriceOrder,
    RunOptions,
    WalkOptions,
    expect_known,
    part_of,
    prices_of_each,
)
from simgan.workspace import Workspace

if TYPE_CHECKING:
    from simgan.market.files.frames import Frame

DEFAULTS = {"preset": "quick"}  # of the recipe: a backtest fits many times
MODELS = (GAN, REFERENCE, "ewma-fhs", "historical-250")
MODELS_OF_BOOK = (GAN, JOINT_REFERENCE, "gjr-fhs-vectors", REFERENCE, "historical-250")


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
    first, refit, levels, horizons, models, scenarios, window, jobs, scheduler
        As in `simgan.workflows.options.WalkOptions`.
    weights, rebalance
        As in `simgan.workflows.book.BookOptions`. Without weights there is no book.
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
    models: tuple[str, ...] | None = None
    scenarios: int = 10_000
    window: int | None = None
    jobs: int = 1
    scheduler: str = ""
    weights: Weights | None = None
    rebalance: Literal["none", "daily"] = "none"
    device: str = "auto"
    name: str | None = None
    resume: bool = False

    @classmethod
    def of(
        cls,
        assets: Sequence[Asset],
        workspace: Workspace,
        **options: Unpack[BacktestOptions],
    ) -> BacktestRequest:
        """Make a request from options.

        An asset is a ticker, or the series or frame of its prices. Those of a book may be one list,
        or one frame with a column each.

        Raises
        ------
        UnknownNameError, ConfigError, RecipeError
            An option or a name is unknown, a value is not possible, or a recipe cannot be read.
        """
        expect_known("backtest", options, BacktestOptions)
        if options.get("regimes") or options.get("labels") is not None:
            _refuse_regimes(options.get("regimes") or str(options.get("labels")))
        column, prices = options.get("column", ""), options.get("prices", ())
        is_book = options.get("weights") is not None
        named, files = assets_of_book(assets, prices, column) if is_book else (assets, prices)
        alone = cast("Sequence[str | Frame]", named)
        each = prices_of_each("backtest", alone, files)
        name = options.get("name") if len(alone) == 1 else None
        common = part_of(options, PriceOptions)
        return cls(
            orders=tuple(
                PriceOrder(ticker=ticker, prices=prices, end=options.get("last"), **common)
                for ticker, prices in (
                    named_prices("backtest", asset, given, column, name)
                    for asset, given in zip(alone, each, strict=True)
                )
            ),
            workspace=workspace,
            recipe=recipe_of(part_of(options, RecipeOptions), DEFAULTS),
            **part_of(options, WalkOptions),
            **part_of(options, RunOptions),
            **part_of(options, BookOptions),
        )

    def __post_init__(self) -> None:
        self._read_python()
        for name in ("tickers", "models", "levels", "horizons"):
            values = self.taking_part if name == "models" else getattr(self, name)
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
        if self.book is not None and GAN in self.taking_part:
            expect_joint(self.recipe, len(self.tickers))

    def _read_python(self) -> None:
        """Read lists, single values, whole numbers and dates as people write them in Python."""
        horizons = numbers_in(self.horizons, "backtest", "horizons")
        read: dict[str, object] = {
            "levels": numbers_in(self.levels, "backtest", "levels"),
            "horizons": tuple(whole(days, "backtest", "horizons", 1) for days in horizons),
            "scenarios": whole(self.scenarios, "backtest", "scenarios"),
            "window": self.window and whole(self.window, "backtest", "window"),
            "jobs": whole(self.jobs, "backtest", "jobs", 1),
            "first": given_date(self.first, "backtest", "first"),
        }
        if self.models is not None:
            read["models"] = names_in(self.models, "backtest", "models")
        for name, value in read.items():
            object.__setattr__(self, name, value)
        if self.refit not in get_args(RefitPeriod):
            allowed = f"one of {', '.join(get_args(RefitPeriod))}"
            raise ConfigError("backtest", "refit", self.refit, allowed)

    @property
    def tickers(self) -> tuple[str, ...]:
        """Names of the assets."""
        return tuple(order.ticker for order in self.orders)

    @cached_property
    def book(self) -> Book | None:
        """The book, or None where each asset is walked by itself."""
        return book_asked(self.tickers, self.weights, self.rebalance)

    @property
    def taking_part(self) -> tuple[str, ...]:
        """The models, by name."""
        if self.models is not None:
            return self.models
        return MODELS if self.weights is None else MODELS_OF_BOOK

    @property
    def title(self) -> str:
        """Name of the backtest in the workspace."""
        if self.weights is None:
            return self.name or "-".join(self.tickers)
        return self.name or f"{short_name(self.tickers)}-book"

    @property
    def reference(self) -> str:
        """The model of comparison."""
        return REFERENCE if self.book is None else JOINT_REFERENCE

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
        words: dict[str, str] = {}
        if self.book is not None:
            words |= book_in_words(self.book, self.taking_part, self.scenarios)
        words["Refits"] = self.refit
        words["Window"] = "expanding" if self.window is None else f"{self.window} days"
        words["Scenarios per day"] = f"{self.scenarios:,}"
        if GAN in self.taking_part:
            learned = recipe.objective.kind if recipe.training.steps else "by likelihood"
            words["GAN"] = (
                f"{recipe.architecture.kind}, {learned}, preset {recipe.preset}; "
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
        seen = Workspace(self.workspace.root.absolute())  # from other processes, too
        gan, book = Gan(seen, self.recipe, self.device), self.book
        if book is not None:
            return tuple(book_contender(name, gan, book) for name in self.taking_part)
        return tuple(gan if name == GAN else Classical(name) for name in self.taking_part)


def _refuse_regimes(asked: object) -> None:
    allowed = "left out: a forecast of tomorrow belongs to no regime"
    raise ConfigError("backtest", "regimes", asked, allowed)
