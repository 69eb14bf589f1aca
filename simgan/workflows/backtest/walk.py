"""The walk-forward of all assets and contenders: segment after segment, several chains at once, nothing done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from simgan.market.history import History
from simgan.sampling.parallel import process_pool
from simgan.workflows.backtest.contenders import Contender
from simgan.workflows.backtest.schedule import Segment
from simgan.workflows.backtest.segments import Fallback, Part, Rules, Task, load_part, save_part

Advance = Callable[[str, int], None]  # contender, days done


@dataclass
class Chain:
    """The segments of one contender on one asset: each needs the fit of the one before."""

    contender: Contender
    history: History
    segments: tuple[Segment, ...]
    rules: Rules
    parts: list[Part] = field(default_factory=list)

    def next_task(self) -> Task | None:
        """Return the first segment that is not done."""
        if len(self.parts) == len(self.segments):
            return None
        earlier: Fallback | None = self.parts[-1].fit if self.parts else None
        return Task(
            self.contender, self.history, self.segments[len(self.parts)], self.rules, earlier
        )


def walk(chains: Sequence[Chain], folder: Path, jobs: int, advance: Advance) -> None:
    """Fill the parts of all chains.

    Each finished part is a file of `folder`, named by what decides it; one that is there already is read instead of made.

    Raises
    ------
    SimganError
        The first fit of a chain failed, or a part cannot be written; what is finished stays.
    """
    waiting = [chain for chain in chains if _read_what_is_there(chain, folder, advance)]
    for chain, part in _done(waiting, folder, jobs):
        advance(chain.contender.name, len(chain.segments[len(chain.parts)].days))
        chain.parts.append(part)


def _read_what_is_there(chain: Chain, folder: Path, advance: Advance) -> bool:
    """Take parts from the folder as far as they go; tell whether something is left to do."""
    while (task := chain.next_task()) is not None and (
        part := load_part(_path(folder, task))
    ) is not None:
        advance(chain.contender.name, len(task.segment.days))
        chain.parts.append(part)
    return chain.next_task() is not None


def _done(chains: Sequence[Chain], folder: Path, jobs: int) -> Iterator[tuple[Chain, Part]]:
    """Yield parts as they are finished; the caller appends each to its chain before the next one is asked for."""
    if jobs <= 1:
        for chain in chains:
            while (task := chain.next_task()) is not None:
                yield chain, finished(task, folder)
        return
    with process_pool(min(jobs, len(chains)) or 1) as pool:
        running: dict[Future[Part], Chain] = {}
        try:
            for chain in chains:
                _submit(pool, chain, folder, running)
            while running:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    chain = running.pop(future)
                    yield chain, future.result()
                    _submit(pool, chain, folder, running)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _submit(
    pool: ProcessPoolExecutor, chain: Chain, folder: Path, running: dict[Future[Part], Chain]
) -> None:
    task = chain.next_task()
    if task is not None:
        running[pool.submit(finished, task, folder)] = chain


def finished(task: Task, folder: Path) -> Part:
    """Run a task and keep its part on disk."""
    part = task.run()
    save_part(_path(folder, task), part)
    return part


def _path(folder: Path, task: Task) -> Path:
    return folder / f"{task.key}.safetensors"
