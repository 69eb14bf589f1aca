"""The supervisor: claims jobs, runs their commands, and ends them."""

from __future__ import annotations

import errno
import logging
import math
import os
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from simgan.errors import Interrupted, SimganError
from simgan.locks import locked
from simgan.progress import Stop
from simgan.service.configuration import Configuration
from simgan.service.database import database_of
from simgan.service.jobs.attempt import Attempt, Ending, JobContext, job_problem
from simgan.service.jobs.command import Command, folder_of
from simgan.service.jobs.job import Job
from simgan.service.jobs.processes import kill, lease_of, mark_of, marked
from simgan.service.jobs.requests import Jobs
from simgan.workspace import Workspace

LOGGER = logging.getLogger("simgan.service")
_DAY = 86_400.0  # seconds
_INSPECTIONS = 1  # at the same time
# Of processes, memory or files.
_SHORTAGES = {errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE}
MOST_SHORTAGES = 6  # starts of a job that meet one
SHORTAGE_PAUSE = 10.0  # seconds after one in which nothing starts
TICK = 0.1  # seconds between two looks at everything
REFUSAL_PAUSE = 1.0  # seconds between two looks where the database refuses


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
    context = JobContext(workspace, configuration, jobs.store, jobs.uploads, jobs.processes)
    try:
        with (
            locked(workspace.service / "supervisor", stop=stop),
            database.kept() as connection,
        ):
            _Supervisor(context, connection).run(stop)
    except Interrupted:
        return


class _Supervisor:
    def __init__(self, context: JobContext, connection: sqlite3.Connection) -> None:
        self._context, self._connection = context, connection
        self._forgot = -math.inf
        self._seen = -1  # version of the database at the last look
        self._lease = lease_of(os.getpid())
        self._attempts: list[Attempt] = []
        self._orphans: list[Job] = []  # that run, and have no attempt here
        self._shortages: Counter[str] = Counter()  # by job
        self._paused_until = 0.0  # a moment, or 0 where jobs may start
        self._database_errors = _DatabaseErrors()

    def run(self, stop: Stop) -> None:
        """Recover the jobs of a dead supervisor, then run those that wait."""
        self._recover()
        while not stop.is_asked:
            with self._database_errors.noted():
                self._work()
            self._database_errors.pause()
        for attempt in self._attempts:
            attempt.end(Ending.BACK)
        while self._attempts:
            with self._database_errors.noted():
                self._look()
            self._database_errors.pause()

    def _work(self) -> None:
        """Look at everything, unless nothing runs and nothing was written since."""
        if time.monotonic() > self._forgot + _DAY:
            with self._database_errors.noted():
                self._forget()
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._seen or self._attempts or self._orphans or self._paused_until:
            self._settle_orphans()
            with self._database_errors.noted():
                self._claim()
                self._seen = version
            self._look()

    def _forget(self) -> None:
        """Remove jobs that ended long ago, with their folders, and the rest of uploads."""
        self._context.uploads.sweep()
        workspace, days = self._context.workspace, self._context.configuration.keep_jobs
        self._context.store.forget(
            time.time() - days * _DAY,
            lambda id: shutil.rmtree(folder_of(workspace, id), ignore_errors=True),
        )
        self._forgot = time.monotonic()

    def _recover(self) -> None:
        """End the processes that a dead supervisor has left, and let its jobs go on."""
        kill(marked(mark_of(self._context.workspace)))
        self._orphans = self._context.store.running()
        for job in self._orphans:
            LOGGER.warning("job %s: its supervisor has died; it goes on", job.id)

    def _settle_orphans(self) -> None:
        """Let each of them go on or end. One runs as long as a process of it lives."""
        for job in tuple(self._orphans):
            if left := Command(self._context.workspace, job).processes():
                kill(left)
                continue
            self._orphans.remove(job)
            with self._failing(job):
                Attempt(self._context, job).recover()

    def _claim(self) -> None:
        """Start jobs that wait, as many as may run. A look at a file waits for no other work."""
        if self._paused_until < time.monotonic():
            self._paused_until = 0.0
        for inspects, most in (
            (True, _INSPECTIONS),
            (False, self._context.configuration.jobs_at_once),
        ):
            while self._has_room(inspects, most) and self._context.store.waiting(inspects):
                self._start(inspects)

    def _has_room(self, inspects: bool, most: int) -> bool:
        jobs = [*self._orphans, *(attempt.job for attempt in self._attempts)]
        return (
            not self._paused_until
            and sum((job.kind == "inspect") is inspects for job in jobs) < most
        )

    def _start(self, inspects: bool) -> None:
        if job := self._context.store.claim(self._lease, inspects):
            with self._failing(job):
                attempt = Attempt(self._context, job)
                self._attempts.append(attempt)
                attempt.start()

    def _look(self) -> None:
        unwanted = self._context.store.unwanted() if self._attempts else set()
        for attempt in tuple(self._attempts):
            if attempt.job.id in unwanted:
                attempt.end(Ending.UNWANTED)
            with self._failing(attempt.job):
                if attempt.look():
                    self._attempts.remove(attempt)
                    del self._shortages[attempt.job.id]  # a Counter allows it for others, too

    @contextmanager
    def _failing(self, job: Job) -> Iterator[None]:
        """Let a job fail by an error of its own, and wait where the database refuses."""
        try:
            yield
        except sqlite3.Error as error:
            self._database_errors.note(f"job {job.id}: {error}; tried again")
            if all(attempt.job.id != job.id for attempt in self._attempts):
                self._orphans.append(job)
        except Exception as error:
            is_bug = not isinstance(error, SimganError)
            LOGGER.error("job %s cannot be run: %s", job.id, error, exc_info=is_bug)
            self._attempts = [one for one in self._attempts if one.job.id != job.id]
            kill(Command(self._context.workspace, job).processes())
            with self._failing(job):
                if self._meets_shortage(job, error):
                    self._context.store.put_back(job, resumes=job.resumes)
                else:
                    self._context.store.fail(job, job_problem(error))
                    del self._shortages[job.id]

    def _meets_shortage(self, job: Job, error: Exception) -> bool:
        """Tell whether the system has a shortage, and whether the job may wait for its end."""
        cause = error.__cause__ or error
        if not isinstance(cause, OSError) or cause.errno not in _SHORTAGES:
            return False
        self._shortages[job.id] += 1
        self._paused_until = time.monotonic() + SHORTAGE_PAUSE
        return self._shortages[job.id] < MOST_SHORTAGES


class _DatabaseErrors:
    """Errors of the database. A sentence is logged again only after a look without it."""

    def __init__(self) -> None:
        self._last: set[str] = set()  # at the look before
        self._now: set[str] = set()

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Leave the rest of some work to the next look where the database refuses."""
        try:
            yield
        except sqlite3.Error as error:
            self.note(f"jobs wait: {error}; tried again")

    def note(self, sentence: str) -> None:
        """Log a sentence, unless it is known."""
        if sentence not in self._last | self._now:
            LOGGER.warning(sentence)
        self._now.add(sentence)

    def pause(self) -> None:
        """Wait for the next look."""
        time.sleep(REFUSAL_PAUSE if self._now else TICK)
        self._last, self._now = self._now, set()
