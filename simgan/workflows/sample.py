"""Sample: from a model to scenarios in a file or on a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from simgan.errors import ConfigError
from simgan.market.history import History
from simgan.market.prices import OnBadRows
from simgan.progress import SILENT, Progress, Step, Stop
from simgan.sampling.given import Acceptance, Given
from simgan.sampling.groups import expect_possible, has_bars
from simgan.sampling.latent import NO_TILT, Drawing
from simgan.sampling.model import Model
from simgan.sampling.parallel import ahead
from simgan.sampling.runtimes import DEFAULT_ENGINE
from simgan.sampling.start import Start
from simgan.scenarios.assets import chosen_assets
from simgan.scenarios.block import Values, regroup
from simgan.scenarios.conditions import Conditions
from simgan.scenarios.formats import FORMATS, Format, format_for
from simgan.scenarios.product import Scenarios
from simgan.scenarios.shards import Shards, write_shard, write_shards
from simgan.scenarios.sheet import LAST, Layout, Sheet, layout_of
from simgan.scenarios.writing import (
    IfExists,
    Source,
    Written,
    expected_size,
    stream_chunks,
    write_file,
    write_stream,
)
from simgan.seeds import Seed
from simgan.settings import record
from simgan.workflows.book import EQUAL, book_of
from simgan.workflows.cluster import cluster_at
from simgan.workflows.models import find_model, load_bundle
from simgan.workflows.starts import start_of
from simgan.workspace import Workspace

_LARGE = 10**9  # bytes of a file that are told before it is written
_MOST_OF_A_VALUE = 64  # bytes of a value in the longest layout


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
    weights: str | Mapping[str, float] = EQUAL
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
class Order:
    """A request made ready: the model, its start state, and the plan of the file."""

    model: Model
    start: Start
    sheet: Sheet
    seed: Seed
    workers: int
    shard_rows: int | None
    as_default: str
    first: int
    regime: int | None = None
    given: Given | None = None
    acceptance: Acceptance = field(default_factory=Acceptance)
    history: History | None = None  # that the scenarios continue, where it was read
    scheduler: str = ""

    def source(self, progress: Progress = SILENT, stop: Stop | None = None) -> Source:
        """Return the function that draws a range of the scenarios.

        `progress` hears of each group after it was written, and `stop` is asked before the next.
        """

        def draw(first: int, n: int) -> Iterator[Scenarios]:
            groups = regroup(self._drawn(first, n, stop), self.sheet.rows)
            for block in ahead(groups):  # computed while the last one is written
                if stop is not None:
                    stop.check()
                yield self._ready(block)
                done = block.first + len(block) - self.sheet.first
                progress.step(Step(self.model.name, done, self.sheet.n))

        return draw

    def chunks(self, kind: str = "csv", stop: Stop | None = None) -> Iterator[bytes]:
        """Yield the bytes of `to_stream` as they are asked for. Nothing is drawn ahead.

        `stop` is asked after each group of scenarios that are computed together.
        """

        def draw(first: int, n: int) -> Iterator[Scenarios]:
            for block in self._drawn(first, n, stop):
                if stop is not None:
                    stop.check()
                yield self._ready(block)

        return stream_chunks(draw, self.sheet, FORMATS.build(kind))

    def _ready(self, block: Scenarios) -> Scenarios:
        """Return scenarios of the assets asked for, with the prices at their start."""
        priced = replace(block, initial_price=self.start.initial_price)
        return priced.of_assets(self.sheet.assets)

    def _drawn(self, first: int, n: int, stop: Stop | None) -> Iterator[Scenarios]:
        """Draw scenarios from number `first` on, or from that rank among those that were met."""
        drawing = Drawing(
            n,
            self.sheet.horizon,
            self.seed,
            first,
            regime=self.regime,
            bars=self.sheet.values == "bars",
        )
        if self.given is None:
            yield from self.model.draw(drawing, self.start, self.workers)
            return
        drawing = replace(drawing, n=first + n, first=self.first)
        for block in self.given.draw(
            self.model, drawing, self.start, self.acceptance, self.workers, stop
        ):
            if block.first + len(block) > first:
                yield block.part(max(first - block.first, 0), len(block))

    @property
    def outcome(self) -> str:
        """A sentence on the condition and its probability, or nothing."""
        return (
            ""
            if self.given is None or not self.acceptance.drawn
            else self.given.message(self.acceptance)
        )

    @property
    def note(self) -> str:
        """A sentence on the start state, or nothing."""
        blueprint, history = self.model.bundle.manifest.blueprint, self.history
        if blueprint.run_in:
            return (
                f"a {blueprint.kind} knows nothing of a history: these are scenarios of the long "
                "run"
            )
        if has_bars(self.model) and history is not None and history.shapes is None:
            return (
                f"{self.model.name} reads the ranges of days, and this history has closes only: "
                "squared returns take their place"
            )
        return ""

    def to_file(
        self,
        path: Path,
        if_exists: IfExists = "refuse",
        progress: Progress = SILENT,
        stop: Stop | None = None,
    ) -> Written:
        """Write the file, or a folder of files if the request has `shard_rows`.

        Raises
        ------
        Interrupted
            The stop token was set, or Ctrl-C. `kept` and the message say how much can be continued.
        WriteError
            The file cannot be written.
        """
        if announcement := self.announcement(str(path), format_for(path)):
            progress.say(announcement)
        source = self.source(progress, stop)
        if self.shard_rows is None:
            return write_file(source, self.sheet, path, if_exists)

        def on_cluster(shards: Shards) -> None:
            self._write_on_cluster(shards, progress, stop or Stop())

        write = on_cluster if self.scheduler else None
        return write_shards(source, self.sheet, path, self.shard_rows, if_exists, write)

    def _write_on_cluster(self, shards: Shards, progress: Progress, stop: Stop) -> None:
        """Let the workers of a cluster write the files, each of them alone."""
        if not shards:
            return
        done = self.sheet.n - sum(shard.n for _, shard in shards)
        with cluster_at(self.scheduler, shards[0][0].parent) as workers:
            order = workers.share(replace(self, workers=1, history=None))
            parts = ((order, file.absolute(), shard) for file, shard in shards)
            for written in workers.as_finished(_write_shard, parts, stop):
                done += written
                progress.step(Step(self.model.name, done, self.sheet.n))

    def announcement(self, place: str, form: Format) -> str:
        """A sentence on the size of a file or stream that will be large, or nothing."""
        sheet = replace(self.sheet, weighted=False)
        if sheet.n * sheet.width * _MOST_OF_A_VALUE < _LARGE:
            return ""
        source = replace(self, given=None, sheet=sheet).source()
        size = expected_size(source, sheet, form)
        if size < _LARGE:
            return ""
        days = f"{sheet.horizon:,} day{'' if sheet.horizon == 1 else 's'}"
        return f"{place} will be about {size / 1e9:,.1f} GB: {sheet.n:,} scenarios of {days}"

    def to_stream(
        self,
        sink: BinaryIO,
        kind: str = "csv",
        progress: Progress = SILENT,
        stop: Stop | None = None,
    ) -> None:
        """Write the bytes of a file of format `kind` to an open stream."""
        form = FORMATS.build(kind)
        if announcement := self.announcement("the output", form):
            progress.say(announcement)
        write_stream(self.source(progress, stop), self.sheet, sink, form)


def _write_shard(order: Order, file: Path, shard: Sheet) -> int:
    write_shard(order.source(), file, shard)
    return shard.n


def order(request: SampleRequest, progress: Progress = SILENT) -> Order:
    """Find the model and make everything ready. Nothing is drawn yet.

    `progress` gets the notes about the prices of a file.

    Raises
    ------
    SimganError
        Unknown model, damaged bundle, impossible start state or numbers out of range.
    """
    _expect_together(request)
    found = find_model(request.workspace, request.name)
    model = Model(load_bundle(request.workspace, found.name), request.engine)
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
    manifest = model.bundle.manifest
    origin: dict[str, Any] = {
        "generator": manifest.files["generator.safetensors"],
        "scaling": record(manifest.scaling),
        "seed": request.seed,
        "start": start.sha256,
        "initial price": start.initial_price.tolist(),
    }
    if manifest.identity:
        origin["noise"] = manifest.identity
    if request.regime is not None:
        origin["regime"] = request.regime
    if start.level:
        origin["level"] = start.level
    given = (
        None
        if request.given is None
        else Given.plan(_condition(request, manifest.assets), model, drawing, start)
    )
    if given is not None:
        origin |= {
            "given": str(given.condition),
            "from": drawing.first,
            "tilt": [given.tilt.shift, given.tilt.spread],
        }
    sheet = Sheet(
        first=drawing.first if given is None else 0,
        n=drawing.n,
        horizon=drawing.horizon,
        assets=chosen_assets(request.assets, manifest.assets),
        layout=layout_of(request.values, request.layout),
        values=request.values,
        origin=origin,
        weighted=given is not None and given.tilt != NO_TILT,
        named=len(manifest.assets) > 1,
    )
    return Order(
        model,
        start,
        sheet,
        drawing.seed,
        request.workers,
        request.shard_rows,
        found.as_default if request.name is None else "",
        drawing.first,
        drawing.regime,
        given,
        history=history,
        scheduler=request.scheduler,
    )


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


def _condition(request: SampleRequest, assets: tuple[str, ...]) -> Conditions:
    """Return the conditions of a request, about its book where they name no asset."""
    book = book_of(assets, request.weights, request.rebalance)
    return Conditions.parse(request.given or "", book.moves)
