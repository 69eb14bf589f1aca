"""The walk-forward of all assets and contenders, segment after segment, in several processes."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simgan.errors import ClusterError, TrainingError, WriteError
from simgan.market.history import History
from simgan.progress import SILENT, Progress, Step, Stop, interruptible
from simgan.risk.joint_walks import JointWalk
from simgan.risk.law import GRID, QuantileLaw
from simgan.risk.portfolio import Portfolio
from simgan.risk.walks import Walk
from simgan.sampling.parallel import process_pool, watched
from simgan.workflows.backtest.contenders import Contender
from simgan.workflows.backtest.forecasts import ForecastRows
from simgan.workflows.backtest.segments import (
    FailedSegment,
    ForecastSettings,
    Segment,
    SegmentForecasts,
    SegmentTask,
    load_part,
)
from simgan.workflows.backtest.told_progress import (
    OfContender,
    StepFile,
    UntilStopped,
    step_in,
)
from simgan.workflows.backtest.vectors import JointRows, VectorScoring
from simgan.workflows.cluster import cluster_at

HOW_TO_GO_ON = "finished forecasts are kept; the same command with --resume continues with them"
_POLL = 0.2  # seconds between two looks at the stop token while processes work
_ALONE = threading.Lock()  # warnings, which a segment counts, are those of its process


@dataclass
class Chain:
    """The segments of one contender on one portfolio. Each needs the fit of the segment before.

    Attributes
    ----------
    contender : Contender
    history : History
    segments : tuple of Segment
    settings : ForecastSettings
    portfolio : Portfolio, optional
        Whose returns are forecast. The only asset of the history, if it is left out.
    is_judged : bool
        Whether the backtest is about this contender, so that a failure of it ends the walk.
    vectors : VectorScoring, optional
        How forecasts of several assets together are scored. None for models of one asset.
    parts : list of SegmentForecasts
        The segments that are done.
    failure : str
        Why the contender is left out. Empty as long as it takes part.
    """

    contender: Contender
    history: History
    segments: tuple[Segment, ...]
    settings: ForecastSettings
    portfolio: Portfolio | None = None
    is_judged: bool = False
    vectors: VectorScoring | None = None
    parts: list[SegmentForecasts] = field(default_factory=list)
    failure: str = ""

    @property
    def held(self) -> Portfolio:
        """The portfolio whose returns are forecast."""
        return self.portfolio or Portfolio.single(*self.history.assets)

    @property
    def days(self) -> int:
        """Days to forecast."""
        return sum(len(segment.days) for segment in self.segments)

    def next_task(self) -> SegmentTask | None:
        """Return the first segment that is not done. Return None after the last, or a failure."""
        if self.failure or len(self.parts) == len(self.segments):
            return None
        earlier = self.parts[-1].fit if self.parts else None
        segment = self.segments[len(self.parts)]
        return SegmentTask(
            self.contender,
            self.history,
            self.held,
            segment,
            self.settings,
            earlier,
            self.vectors,
        )


def walk(
    chains: Sequence[Chain],
    folder: Path,
    jobs: int = 1,
    progress: Progress = SILENT,
    stop: Stop | None = None,
    scheduler: str = "",
) -> tuple[str, ...]:
    """Fill the parts of all chains, in `jobs` processes or on the workers of a Dask cluster.

    Each finished part is a file of `folder`, named by a hash of everything that decides it. A part
    that exists already is read. A contender that fails is left out, on every portfolio, and the
    others go on.

    Returns
    -------
    tuple of str
        A sentence for each contender that was left out.

    Raises
    ------
    TrainingError
        The judged contender failed, or a process was killed or ran out of memory.
    WriteError
        A part cannot be written.
    ClusterError
        The cluster does not answer, or lost the work.
    Interrupted
        `stop` was asked for. In each case the finished parts stay on disk.
    """
    count = _Count(chains, progress)
    waiting = [chain for chain in chains if _read_finished_parts(chain, folder, count)]
    count.begin()
    finished = closing(
        _finished(waiting, folder, _Hands(jobs, progress, stop or Stop(), scheduler))
    )
    with _told_with_how_to_go_on(), finished as results:
        for chain, part in results:
            if isinstance(part, FailedSegment):
                _leave_out(chain, chains, part.failure)
            else:
                count.add(chain, len(chain.segments[len(chain.parts)].days))
                chain.parts.append(part)
    return tuple(dict.fromkeys(chain.failure for chain in chains if chain.failure))


def walks_of(chain: Chain) -> Iterator[Walk]:
    """Join the parts of a finished chain into one walk per horizon with a known outcome.

    A contender that was left out has none.
    """
    if chain.failure:
        return
    for horizon in chain.settings.horizons:
        found = [part.rows[horizon] for part in chain.parts if horizon in part.rows]
        if found:
            yield _walk(chain, horizon, ForecastRows.join(found))


def joint_walks_of(chain: Chain) -> Iterator[JointWalk]:
    """Join the scores of a finished chain of several assets, as `walks_of` joins its forecasts."""
    if chain.failure:
        return
    for horizon in chain.settings.horizons:
        found = [part.joint[horizon] for part in chain.parts if horizon in part.joint]
        if found:
            rows, first = JointRows.join(found), chain.segments[0].days.start
            yield JointWalk(
                model=chain.contender.name,
                horizon=horizon,
                dates=chain.history.dates[first : first + len(rows)],
                levels=chain.settings.levels,
                energy=rows.energy,
                variogram=rows.variogram,
                portfolio_crps=rows.portfolio_crps,
                portfolio_fz0=rows.portfolio_fz0,
                portfolio_hits=rows.portfolio_hits,
            )


class _Count:
    """Counts the days that are forecast, by contender over all portfolios."""

    def __init__(self, chains: Sequence[Chain], progress: Progress) -> None:
        self._progress = progress
        self._total: dict[str, int] = {}
        for chain in chains:
            name = chain.contender.name
            self._total[name] = self._total.get(name, 0) + chain.days
        self._done = dict.fromkeys(self._total, 0)

    def begin(self) -> None:
        """Show every contender, before the first of its fits is done."""
        for name, total in self._total.items():
            self._progress.step(Step(name, self._done[name], total))

    def add(self, chain: Chain, days: int) -> None:
        name = chain.contender.name
        self._done[name] += days
        self._progress.step(Step(name, self._done[name], self._total[name]))


def _walk(chain: Chain, horizon: int, rows: ForecastRows) -> Walk:
    first = chain.segments[0].days.start
    return Walk(
        portfolio=chain.held,
        model=chain.contender.name,
        horizon=horizon,
        dates=chain.history.dates[first : first + len(rows)],
        realized=rows.realized,
        levels=chain.settings.levels,
        value_at_risk=rows.value_at_risk,
        expected_shortfall=rows.expected_shortfall,
        crps=rows.crps,
        pit=rows.pit,
        law=QuantileLaw(GRID, np.asarray(rows.quantiles, np.float32)),
    )


def _read_finished_parts(chain: Chain, folder: Path, count: _Count) -> bool:
    """Take parts from the folder until one is missing. Tell whether something is left to do."""
    while (task := chain.next_task()) is not None:
        part = load_part(task.path(folder))
        if part is None:
            return True
        count.add(chain, len(task.segment.days))
        chain.parts.append(part)
    return False


def _leave_out(chain: Chain, chains: Sequence[Chain], failure: str) -> None:
    """Leave a contender out on every portfolio, or end the walk if it is the judged one."""
    if chain.is_judged:
        raise TrainingError(
            f"{failure}; {chain.contender.name} is the model that the backtest judges, "
            "so name others with --models, or another --from; finished forecasts are kept "
            "for --resume"
        )
    for other in chains:
        if other.contender.name == chain.contender.name:
            other.failure = other.failure or f"{failure}; {chain.contender.name} is left out"


@contextmanager
def _told_with_how_to_go_on() -> Iterator[None]:
    """Turn the end of a process, a full memory and a full disk into a sentence with a remedy."""
    try:
        yield
    except BrokenProcessPool as error:
        raise TrainingError(
            "a process of the backtest ended before its work, killed or out of memory; "
            f"{HOW_TO_GO_ON}, with fewer --jobs if memory is short"
        ) from error
    except MemoryError as error:
        raise TrainingError(
            f"the memory is full; {HOW_TO_GO_ON}, with fewer --jobs or fewer --scenarios"
        ) from error
    except (WriteError, ClusterError) as error:
        raise type(error)(f"{error}; {HOW_TO_GO_ON}") from error


Finished = Generator[tuple[Chain, SegmentForecasts | FailedSegment], None, None]


class _Hands(NamedTuple):
    """The number of processes, how they tell and stop, or else the address of a cluster."""

    jobs: int
    progress: Progress
    stop: Stop
    scheduler: str

    def pool(self, most: int, folder: Path) -> AbstractContextManager[Executor]:
        """Return the processes for at most so many chains."""
        if not self.scheduler:
            return _ended_workers(process_pool(min(self.jobs, most)))
        folder.mkdir(parents=True, exist_ok=True)
        return cluster_at(self.scheduler, folder)


def _finish_here(
    task: SegmentTask, folder: Path, hands: _Hands
) -> SegmentForecasts | FailedSegment:
    """Work on a segment in this process, until it is done or a stop is asked for.

    A training that was interrupted goes on from its checkpoint.
    """
    hands.stop.check(HOW_TO_GO_ON)
    told = UntilStopped(hands.progress, hands.stop, HOW_TO_GO_ON)
    work = partial(task.finish, folder, OfContender(task.contender.name, told))
    return interruptible(work, hands.stop, lambda: HOW_TO_GO_ON)


def _finish(task: SegmentTask, folder: Path) -> SegmentForecasts | FailedSegment:
    """Work on a segment in another process, and tell how far it is."""
    with _ALONE, StepFile(task.step_path(folder)) as progress:
        return task.finish(folder, progress)


def _tell(chains: Iterable[Chain], folder: Path, progress: Progress) -> None:
    """Tell how far the segments are, one of each contender."""
    of_contender = {chain.contender.name: chain for chain in reversed(list(chains))}
    for name, chain in of_contender.items():
        if (task := chain.next_task()) and (step := step_in(task.step_path(folder))):
            OfContender(name, progress).step(step)


def _finished(chains: Sequence[Chain], folder: Path, hands: _Hands) -> Finished:
    """Yield parts as they are finished.

    The caller appends each part to its chain before it asks for the next one.
    """
    if hands.scheduler == "" and hands.jobs <= 1:
        for chain in chains:
            while (task := chain.next_task()) is not None:
                yield chain, _finish_here(task, folder, hands)
    elif chains:
        with hands.pool(len(chains), folder) as pool:
            yield from _finished_in(pool, chains, folder, hands)


def _finished_in(pool: Executor, chains: Sequence[Chain], folder: Path, hands: _Hands) -> Finished:
    running: dict[Future[SegmentForecasts | FailedSegment], Chain] = {}
    for chain in chains:
        _submit(pool, chain, folder, running)
    while running:
        hands.stop.check(HOW_TO_GO_ON)
        _tell(running.values(), folder, hands.progress)
        for future in wait(running, _POLL, return_when=FIRST_COMPLETED).done:
            chain = running.pop(future)
            part = future.result()
            if not chain.failure:  # it may have failed on another portfolio meanwhile
                yield chain, part
                _submit(pool, chain, folder, running)


@contextmanager
def _ended_workers(pool: ProcessPoolExecutor) -> Iterator[ProcessPoolExecutor]:
    """Give the pool, and end its processes when the work ends early.

    A segment in progress is lost then, because the command does not wait for it. Part files appear
    whole.
    """
    try:
        with watched(pool):
            yield pool
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _submit(
    pool: Executor,
    chain: Chain,
    folder: Path,
    running: dict[Future[SegmentForecasts | FailedSegment], Chain],
) -> None:
    task = chain.next_task()
    if task is not None:
        running[pool.submit(_finish, task, folder.absolute())] = chain
