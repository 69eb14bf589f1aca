"""An order for scenarios, which is ready to be drawn: to a file, a stream or chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from simgan.market.history import History
from simgan.progress import SILENT, Progress, Step, Stop
from simgan.sampling.given import Acceptance, Given
from simgan.sampling.groups import has_bars
from simgan.sampling.latent import Drawing
from simgan.sampling.model import Model
from simgan.sampling.parallel import ahead
from simgan.sampling.start import Start
from simgan.scenarios.block import regroup
from simgan.scenarios.formats import FORMATS, Format, format_for
from simgan.scenarios.product import Scenarios
from simgan.scenarios.shards import Shards, write_shard, write_shards
from simgan.scenarios.sheet import Sheet
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
from simgan.workflows.cluster import cluster_at

_LARGE = 10**9  # bytes of a file that are told before it is written
_MOST_OF_A_VALUE = 64  # bytes of a value in the longest layout


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

    def chunks(self, kind: str = "csv", stop: Stop | None = None) -> Iterator[list[bytes]]:
        """Yield the bytes of `to_stream` in pieces as they are asked for. Nothing is drawn ahead.

        `stop` is asked before the first group of scenarios that are computed together, and after
        each.
        """
        return stream_chunks(self.on_demand(stop), self.sheet, FORMATS.build(kind))

    def on_demand(self, stop: Stop | None = None) -> Source:
        """Return the function that draws a range group by group as they are asked for.

        `stop` is that of `chunks`.
        """
        token = stop or Stop()

        def draw(first: int, n: int) -> Iterator[Scenarios]:
            token.check()
            for block in self._drawn(first, n, stop):
                token.check()
                yield self._ready(block)

        return draw

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
        return self.outcome_within(None)

    def outcome_within(self, most: int | None) -> str:
        """Return the sentence, which asks for no more scenarios than are found among `most`."""
        return (
            ""
            if self.given is None or not self.acceptance.drawn
            else self.given.message(self.acceptance, most)
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
