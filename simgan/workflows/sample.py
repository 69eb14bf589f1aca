"""Sample: from a model to scenarios in a file or on a stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from simgan.errors import ConfigError
from simgan.market.history import history_of
from simgan.market.sources.price_file import PriceFile
from simgan.sampling.given import Acceptance, Given
from simgan.sampling.latent import NO_TILT
from simgan.sampling.model import Drawing, Model
from simgan.sampling.parallel import ahead
from simgan.sampling.runtimes import DEFAULT_ENGINE
from simgan.sampling.start import Start
from simgan.scenarios.block import Values, regroup
from simgan.scenarios.conditions import Condition
from simgan.scenarios.product import Scenarios
from simgan.scenarios.shards import write_shards
from simgan.scenarios.sheet import Layout, Sheet
from simgan.scenarios.writing import IfExists, Source, Written, write_file, write_stream
from simgan.seeds import Seed
from simgan.settings import record
from simgan.workflows.models import find_model, history_of_bundle, load_bundle
from simgan.workspace import Workspace

_LEAST_DAYS = 60  # days of --prices that settle the fast part of the memory
Count = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class SampleRequest:
    """What `simgan sample` was asked for; the fields are the options of the command."""

    workspace: Workspace
    name: str | None = None
    n: int = 1000
    horizon: int = 21
    as_of: str = "latest"
    prices: Path | None = None
    seed: int = 0
    first: int = 0
    layout: Layout = "wide"
    values: Values = "log-returns"
    initial_price: float | None = None
    given: str | None = None
    regime: str | None = None
    shard_rows: int | None = None
    engine: str = DEFAULT_ENGINE
    workers: int = 1


@dataclass(frozen=True)
class Order:
    """A request made ready: the model, where its scenarios start, and the plan of the file."""

    model: Model
    start: Start
    sheet: Sheet
    seed: Seed
    workers: int
    shard_rows: int | None
    is_reference: bool
    first: int
    regime: int | None = None
    given: Given | None = None
    acceptance: Acceptance = field(default_factory=Acceptance)

    def source(self, count: Count = lambda _: None) -> Source:
        """Return what draws a range of the scenarios; `count` is told how many more there are."""

        def draw(first: int, n: int) -> Iterator[Scenarios]:
            for block in ahead(
                regroup(self._drawn(first, n), self.sheet.rows)
            ):  # as they are written
                yield replace(block, initial_price=self.start.initial_price)
                count(len(block))

        return draw

    def _drawn(self, first: int, n: int) -> Iterator[Scenarios]:
        """Scenarios `first` and so on by number; under a condition by rank among those that meet it."""
        if self.given is None:
            return self.model.draw(
                Drawing(n, self.sheet.horizon, self.seed, first, regime=self.regime),
                self.start,
                self.workers,
            )
        drawing = Drawing(first + n, self.sheet.horizon, self.seed, self.first, regime=self.regime)
        met = self.given.draw(self.model, drawing, self.start, self.acceptance, self.workers)
        return (
            block.part(max(first - block.first, 0), len(block))
            for block in met
            if block.first + len(block) > first
        )

    @property
    def told(self) -> str:
        """What came of a condition."""
        return (
            ""
            if self.given is None or not self.acceptance.drawn
            else self.given.message(self.acceptance)
        )

    @property
    def note(self) -> str:
        """What the user should know about the start."""
        blueprint = self.model.bundle.manifest.blueprint
        return (
            f"a {blueprint.kind} knows nothing of a history: these are scenarios of the long run"
            if blueprint.run_in
            else ""
        )

    def to_file(self, path: Path, if_exists: IfExists, count: Count = lambda _: None) -> Written:
        """Write the file, whole or not at all; or a folder of files, if the request asks for shards."""
        if self.shard_rows is not None:
            return write_shards(self.source(count), self.sheet, path, self.shard_rows, if_exists)
        return write_file(self.source(count), self.sheet, path, if_exists)

    def to_stream(self, sink: BinaryIO) -> None:
        """Write CSV to an open stream."""
        write_stream(self.source(), self.sheet, sink)


def order(request: SampleRequest) -> Order:
    """Find the model and make everything ready; nothing is drawn yet.

    Raises
    ------
    SimganError
        Unknown model, damaged bundle, impossible start state or numbers out of range.
    """
    found = find_model(request.workspace, request.name)
    model = Model(load_bundle(request.workspace, found.name), request.engine)
    model.expect_room(request.horizon, request.workers)  # also refuses an unknown engine
    start = start_of(model, request)
    regime = model.regime(request.regime)
    drawing = Drawing(request.n, request.horizon, Seed(request.seed), request.first, regime=regime)
    manifest = model.bundle.manifest
    origin: dict[str, Any] = {
        "generator": manifest.files["generator.safetensors"],
        "scaling": record(manifest.scaling),
        "seed": request.seed,
        "start": start.sha256,
        "initial price": start.initial_price.tolist(),
    }
    if request.regime is not None:
        origin["regime"] = request.regime
    if request.given is not None and request.shard_rows is not None:
        raise ConfigError(
            "sample",
            "shard_rows",
            request.shard_rows,
            "left out with --given: each file would begin its search anew",
        )
    given = (
        None
        if request.given is None
        else Given.plan(Condition.parse(request.given), model, drawing, start)
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
        assets=manifest.assets,
        layout=request.layout,
        values=request.values,
        origin=origin,
        weighted=given is not None and given.tilt != NO_TILT,
    )
    return Order(
        model,
        start,
        sheet,
        drawing.seed,
        request.workers,
        request.shard_rows,
        found.is_reference,
        drawing.first,
        regime,
        given,
    )


def start_of(model: Model, request: SampleRequest) -> Start:
    """Return the start state that a request asks for, with the price that it begins at."""
    start = _start_state(model, request)
    if request.initial_price is None:
        return start
    if not request.initial_price > 0:
        raise ConfigError("sample", "initial_price", request.initial_price, "above 0")
    return start.at_price(np.full(len(model.bundle.manifest.assets), request.initial_price))


def _start_state(model: Model, request: SampleRequest) -> Start:
    """Return the start state at the price of its own history."""
    is_date = request.as_of not in ("latest", "stationary")
    if request.prices is None:
        return model.start(request.as_of, history_of_bundle(model.bundle) if is_date else None)
    if request.as_of == "stationary":
        raise ConfigError(
            "sample",
            "as_of",
            "stationary",
            "left out with --prices: the long run does not depend on a history",
        )
    history = history_of(
        PriceFile(path=str(request.prices)).fetch(model.bundle.manifest.assets[0]), _LEAST_DAYS
    )
    return model.start(request.as_of, history) if is_date else model.start(history)
