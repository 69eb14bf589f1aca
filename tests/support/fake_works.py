"""Jobs whose commands do no work."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from simgan.progress import Stop
from simgan.service.configuration import Configuration
from simgan.service.database import database_of
from simgan.service.jobs.job import Job, JobState
from simgan.service.jobs.orders import ORDERS
from simgan.service.jobs.requests import Jobs
from simgan.service.jobs.supervisor import supervise
from simgan.workspace import Workspace

FAKE = (sys.executable, "-I", str(Path(__file__).parent / "fake_command.py"))


@dataclass
class Works:
    """A workspace whose jobs run by a fake command."""

    root: Path
    configuration: Configuration = field(default_factory=lambda: Configuration(grace=5.0))

    @property
    def jobs(self) -> Jobs:
        workspace = Workspace(self.root)
        return Jobs.over(workspace, self.configuration, database_of(workspace))

    def order(self, behaviour: str, caller: str = "ann") -> Job:
        order = ORDERS.validate_python({"kind": "fit", "tickers": behaviour})
        return self.jobs.submit(order, caller)

    def job(self, job: Job) -> Job:
        found = self.jobs.store.get(job.id)
        assert found is not None
        return found

    def wait(self, holds: Callable[[], bool], seconds: float = 20.0) -> None:
        last = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < last, [one.to_json() for one in self.jobs.store.unfinished()]
            time.sleep(0.02)

    def ended(self, job: Job) -> Job:
        self.wait(lambda: self.job(job).state.is_final)
        return self.job(job)

    def has(self, name: str) -> bool:
        """Whether a file is there, with its content."""
        file = self.root / name
        return file.exists() and file.stat().st_size > 0

    def limits(self, **settings: object) -> None:
        self.configuration = replace(self.configuration, **settings)

    @contextmanager
    def supervised(self) -> Iterator[Stop]:
        """Supervise in a thread until the end of the block."""
        stop = Stop()
        thread = threading.Thread(
            target=supervise, args=(Workspace(self.root), self.configuration, stop)
        )
        thread.start()
        try:
            yield stop
        finally:
            stop.ask()
            thread.join()


def states(works: Works, job: Job) -> list[str]:
    """Return the kinds of the events of a job, those of its progress left out."""
    events = works.jobs.store.events(job.id)
    return [event.kind for event in events if event.kind in set(JobState)]
