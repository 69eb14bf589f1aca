"""Sample: from a request to an order for scenarios."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path

from simgan.errors import ConfigError
from simgan.market.history import History
from simgan.market.prices import OnBadRows
from simgan.progress import SILENT, Progress, Stop
from simgan.provenance import sha256_of_facts
from simgan.risk.book import Book
from simgan.sampling.given import Given
from simgan.sampling.groups import expect_possible
from simgan.sampling.latent import NO_TILT, Drawing
from simgan.sampling.model import Model
from simgan.sampling.runtimes import DEFAULT_ENGINE
from simgan.sampling.start import Start
from simgan.scenarios.assets import chosen_assets
from simgan.scenarios.block import Values
from simgan.scenarios.conditions import Conditions
from simgan.scenarios.formats import FORMATS
from simgan.scenarios.sheet import LAST, Layout, Sheet, layout_of
from simgan.seeds import Seed
from simgan.settings import record
from simgan.workflows.book import EQUAL, Weights, book_of
from simgan.workflows.models import find_model, load_bundle
from simgan.workflows.orders import Order
from simgan.workflows.starts import start_of
from simgan.workspace import Workspace

_WRITERS = ("simgan", "numpy", "polars", "pyarrow")  # libraries that decide the bytes of a file


@dataclass(frozen=True, kw_only=True)
class SampleRequest:
    """The options of `simgan sample`, and the book that a condition is about.

    Attributes
    ----------
    weights, rebalance
        Of a model of several assets, as for `simgan.workflows.book.book_of`. A condition that
        names no asset is about this book.
    """

    workspace: Workspace
    name: str | None = None
    n: int = 1000
    horizon: int = 21
    as_of: str = "latest"
    prices: Path | None = None
    column: str = ""
    on_bad_rows: OnBadRows = "stop"
    seed: int = 0
    first: int = 0
    layout: Layout | None = None
    values: Values = "log-returns"
    assets: str | None = None  # with commas; None means all
    initial_price: float | str | None = None  # of several assets such as A=100,B=50
    given: str | None = None
    weights: Weights = EQUAL
    rebalance: str = "none"
    level_uncertainty: bool = False
    regime: str | None = None
    shard_rows: int | None = None
    engine: str = DEFAULT_ENGINE
    workers: int = 1
    scheduler: str = ""  # of a Dask cluster that writes the shards

    @property
    def is_date(self) -> bool:
        """Whether the scenarios start at a date, or at one of several."""
        return self.as_of not in ("latest", "stationary")


@dataclass(frozen=True)
class PreparedRequest:
    """A request whose model and start are found. No scenario was drawn, and no pilot."""

    request: SampleRequest
    model: Model
    drawing: Drawing
    start: Start
    history: History | None  # that the scenarios continue, where it was read
    as_default: str = ""

    @cached_property
    def condition(self) -> Conditions | None:
        """The conditions of the request, about its book where they name no asset."""
        given = self.request.given
        return None if given is None else Conditions.parse(given, self.book.moves)

    @cached_property
    def book(self) -> Book:
        """The shares that a condition is about."""
        request = self.request
        return book_of(self.model.bundle.manifest.assets, request.weights, request.rebalance)

    @cached_property
    def sheet(self) -> Sheet:
        """The plan of the file. A condition may still give the scenarios weights."""
        request, manifest = self.request, self.model.bundle.manifest
        origin: dict[str, object] = {
            "generator": manifest.files["generator.safetensors"],
            "scaling": record(manifest.scaling),
            "seed": request.seed,
            "start": self.start.sha256,
            "initial price": self.start.initial_price.tolist(),
        }
        if manifest.identity:
            origin["noise"] = manifest.identity
        if request.regime is not None:
            origin["regime"] = request.regime
        if self.start.level:
            origin["level"] = self.start.level
        if self.condition is not None:
            origin |= {"given": str(self.condition), "from": self.drawing.first}
        return Sheet(
            first=self.drawing.first if self.condition is None else 0,
            n=self.drawing.n,
            horizon=self.drawing.horizon,
            assets=chosen_assets(request.assets, manifest.assets),
            layout=layout_of(request.values, request.layout),
            values=request.values,
            origin=origin,
            named=len(manifest.assets) > 1,
        )

    def address(self, kind: str) -> str:
        """Return a hash of everything that decides the bytes of a file of format `kind`."""
        facts = self.sheet.record()
        if self.condition is not None:
            shares, is_rebalanced = self.book.shares.tolist(), self.book.is_rebalanced
            facts |= {"shares": shares, "is_rebalanced": is_rebalanced}
        return sha256_of_facts(facts | {"format": kind, "versions": _versions()})

    def expect_format(self, kind: str) -> None:
        """Refuse a format that cannot hold the sheet.

        Raises
        ------
        ConfigError
        """
        FORMATS.build(kind).check(self.sheet)

    def order(self, stop: Stop | None = None) -> Order:
        """Return the order. Pilots choose how scenarios that meet a condition are drawn.

        Raises
        ------
        SamplingError
            No scenario meets the condition.
        Interrupted
            `stop` was asked for among the pilots.
        """
        request, given, sheet = self.request, None, self.sheet
        if self.condition is not None:
            given = Given.plan(self.condition, self.model, self.drawing, self.start, stop)
            origin = {**sheet.origin, "tilt": given.tilt.record}
            sheet = replace(sheet, origin=origin, weighted=given.tilt != NO_TILT)
        return Order(
            self.model,
            self.start,
            sheet,
            self.drawing.seed,
            request.workers,
            request.shard_rows,
            self.as_default,
            self.drawing.first,
            self.drawing.regime,
            given,
            history=self.history,
            scheduler=request.scheduler,
        )


@cache
def _versions() -> dict[str, str]:
    return {name: version(name) for name in _WRITERS}


def order(request: SampleRequest, progress: Progress = SILENT) -> Order:
    """Find the model and make everything ready. Nothing is drawn yet but pilots of a condition.

    `progress` gets the notes about the prices of a file.

    Raises
    ------
    SimganError
        Unknown model, damaged bundle, impossible start state or numbers out of range.
    """
    _expect_together(request)
    found = find_model(request.workspace, request.name)
    model = Model(load_bundle(request.workspace, found.name), request.engine)
    told = found.as_default if request.name is None else ""
    return replace(prepared(request, model, progress), as_default=told).order()


def prepared(request: SampleRequest, model: Model, progress: Progress = SILENT) -> PreparedRequest:
    """Make a request of a model ready. Nothing is drawn.

    Raises
    ------
    SimganError
        Impossible start state or numbers out of range.
    """
    _expect_together(request)
    drawing = Drawing(
        request.n,
        request.horizon,
        Seed(request.seed),
        request.first,
        regime=model.regime(request.regime),
        bars=request.values == "bars",
    )
    expect_possible(model, drawing, request.workers)  # also refuses an unknown engine
    start, history = start_of(model, request, progress)
    return PreparedRequest(request, model, drawing, start, history)


def _expect_together(request: SampleRequest) -> None:
    """Refuse numbers out of range, and options that exclude each other."""
    last = LAST // 2 if request.given is not None else LAST - request.n  # a search goes further
    refused = (
        ("n", request.n >= LAST, "below 2^63 - 1"),
        ("first", request.first > last, "such that numbers stay below 2^63 - 1"),
        (
            "shard_rows",
            request.given is not None and request.shard_rows is not None,
            "left out with --given: each file would begin its search anew",
        ),
        (
            "scheduler",
            request.scheduler != "" and request.shard_rows is None,
            "left out without shard_rows: each worker writes whole files",
        ),
        (
            "workers",
            request.scheduler != "" and request.workers > 1,
            "left out with --scheduler, whose workers draw",
        ),
    )
    for name, is_refused, allowed in refused:
        if is_refused:
            raise ConfigError("sample", name, getattr(request, name), allowed)
