"""The supervisor: claims jobs, runs their commands, and ends them."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from simgan.errors import Interrupted
from simgan.locks import locked
from simgan.progress import Stop
from simgan.service.configuration import Configuration
from simgan.service.database import database_of
from simgan.service.jobs.attempt import Attempt, Ending, Shop, problem_of
from simgan.service.jobs.counter import Jobs
from simgan.service.jobs.job import Job
from simgan.service.jobs.processes import kill, lease_of, mark_of, marked
from simgan.workspace import Workspace

LOGGER = logging.getLogger("simgan.service")
TICK = 0.1  # seconds between two looks at everything
_LONGEST_END = 20.0  # seconds that the system has to end processes


def supervise(workspace: Workspace, configuration: Configuration, stop: Stop) -> None:
    """Run the jobs of a workspace until `stop`. Unfinished jobs then wait for the next supervisor.

    A second supervisor of the same workspace waits for the end of the first.

    Raises
    ------
    WriteError
        The workspace cannot be written.
    """
    database = database_of(workspace)
    jobs = Jobs.over(workspace, configuration, database)
    shop = Shop(workspace, configuration, jobs.store, jobs.uploads, jobs.processes)
    try:
        with locked(workspace.service / "supervisor", stop=stop):
            _Supervisor(shop).run(stop)
    except Interrupted:
        return


class _Supervisor:
    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._lease = lease_of(os.getpid())
        self._attempts: list[Attempt] = []

    def run(self, stop: Stop) -> None:
        """Recover the jobs of a dead supervisor, then run those that wait."""
        self._recover()
        while not stop.is_asked:
            self._claim()
            self._look()
            time.sleep(TICK)
        for attempt in self._attempts:
            attempt.end(Ending.BACK)
        while self._attempts:
            self._look()
            time.sleep(TICK)

    def _recover(self) -> None:
        """End the processes that a dead supervisor has left, and let its jobs go on."""
        self._shop.uploads.sweep()
        mark, begun = mark_of(self._shop.workspace), time.monotonic()
        while (left := marked(mark)) and time.monotonic() - begun < _LONGEST_END:
            kill(left)
            time.sleep(TICK)
        for job in self._shop.store.running():
            LOGGER.warning("job %s: its supervisor has died; it goes on", job.id)
            with self._failing(job):
                Attempt(self._shop, job).recover()

    def _claim(self) -> None:
        """Start jobs that wait, as many as may run."""
        store, most = self._shop.store, self._shop.configuration.jobs_at_once
        while len(self._attempts) < most and store.waiting():
            job = store.claim(self._lease)
            if job is None:
                return
            with self._failing(job):
                attempt = Attempt(self._shop, job)
                attempt.start()
                self._attempts.append(attempt)

    def _look(self) -> None:
        unwanted = self._shop.store.unwanted() if self._attempts else set()
        for attempt in tuple(self._attempts):
            if attempt.job.id in unwanted:
                attempt.end(Ending.UNWANTED)
            with self._failing(attempt.job):
                if attempt.look():
                    self._attempts.remove(attempt)

    @contextmanager
    def _failing(self, job: Job) -> Iterator[None]:
        """Let a job fail by an error, and not the supervisor."""
        try:
            yield
        except Exception as error:
            LOGGER.error("job %s cannot be run", job.id, exc_info=error)
            self._attempts = [one for one in self._attempts if one.job.id != job.id]
            for pid in marked(mark_of(self._shop.workspace, job.id)):
                kill([pid])
            self._shop.store.fail(job, problem_of(error))
