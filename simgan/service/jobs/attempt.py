"""An attempt at a job: its command from the start to the end of all its processes."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from simgan.errors import SimganError, WriteError
from simgan.service.configuration import Configuration
from simgan.service.jobs.command import SIMGAN, Command
from simgan.service.jobs.identity import sha256_of_file
from simgan.service.jobs.job import Job, Json, KeptFile
from simgan.service.jobs.orders import ORDERS
from simgan.service.jobs.orders.order import JobOrder, Place
from simgan.service.jobs.processes import memory_of
from simgan.service.jobs.store import JobStore
from simgan.service.spelling import over_http
from simgan.service.tracing import Facts, record
from simgan.service.uploads import UploadStore
from simgan.workspace import Workspace

LOGGER = logging.getLogger("simgan.service")
TELL_EVERY = 0.5  # seconds between two events of a job
MEASURE_EVERY = 1.0  # seconds between two looks at the memory
MOST_KILLS = 3  # of a job, from outside
_BUG, _INTERRUPTED = 70, (130, 137, 143)  # exit codes
_OF_A_STEP = ("task", "place", "done", "total", "metrics")


class JobContext(NamedTuple):
    """The surroundings of all jobs of a workspace."""

    workspace: Workspace
    configuration: Configuration
    store: JobStore
    uploads: UploadStore
    processes: int  # of a job


class Ending(Enum):
    """Why a command was asked to end."""

    UNWANTED = "its caller wants no more of it"
    BACK = "the supervisor ends"
    MEMORY = "the job needed more than {} of memory; ask for fewer assets, days or scenarios"
    TIME = "the job needed more than {}; ask for fewer assets, days or scenarios"


class Attempt:
    """An attempt at a job.

    Parameters
    ----------
    context : JobContext
    job : Job
        As it was claimed.

    Raises
    ------
    SimganError, ValueError
        The order cannot be read, or its upload is gone.
    """

    def __init__(self, context: JobContext, job: Job) -> None:
        self.job = job
        self._context = context
        self._order: JobOrder = ORDERS.validate_python(dict(job.request))
        upload = _upload(context, job, self._order)
        self._command = Command(context.workspace, job, upload)
        folder = self._command.folder.relative_to(context.workspace.root)
        self._place = Place(context.workspace, folder, upload, context.processes, job.resumes)
        self._ending: Ending | None = None
        self._goes_on = False  # with the work of an earlier attempt
        self._has_steps = self._has_news = False
        self._progress: dict[str, JsonValue] = {}
        self._sentences: list[str] = []
        self._begun = self._kept = self._measured = self._asked = time.monotonic()

    def start(self) -> None:
        """Start the command.

        Raises
        ------
        WriteError
            The system refuses.
        """
        words = self._order.words(self._place)
        self._goes_on = self._place.resumes and "--resume" in words
        try:
            self._command.folder.mkdir(parents=True, exist_ok=True)
            for name, text in self._order.files().items():
                (self._command.folder / name).write_text(text, encoding="utf-8")
            for folder in self._order.borrowed(self._place):
                self._command.borrow(folder)
            worker = self._command.start([*SIMGAN, *words])
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise WriteError(f"the command cannot be started: {reason}") from error
        self._context.store.begun(self.job, worker)

    def end(self, ending: Ending) -> None:
        """Ask the command to end. After the configured grace it is killed."""
        if self._ending is None:
            self._ending, self._asked = ending, time.monotonic()
            self._command.ask_to_end()

    def look(self) -> bool:
        """Look at the command, and tell whether the attempt is over."""
        code, now = self._command.code, time.monotonic()
        if code is None:
            self._expect_limits(now)
            if self._ending and now - self._asked > self._context.configuration.grace:
                self._command.kill()
            self._listen(now)  # the last step, because the database may refuse
            return False
        if self._command.processes():  # the command has left them behind
            self._command.kill()
            return False
        self._listen(now, at_once=True)
        facts: Facts = {"job.id": self.job.id, "job.kind": self.job.kind, "exit.code": code}
        record("job", facts, now - self._begun)
        self._settle(code)
        return True

    def recover(self) -> None:
        """End an attempt whose supervisor has died. None of its processes is left."""
        printed = self._command.printed()
        if printed is not None:
            self._finish(printed)
        elif self.job.is_unwanted:
            self._context.store.cancelled(self.job)
        else:
            self._context.store.put_back(self.job)

    def _listen(self, now: float, at_once: bool = False) -> None:
        """Read the progress, and keep it as one event from time to time."""
        if now - self._kept < TELL_EVERY and not at_once:
            return
        while news := self._command.news():
            self._has_news = True
            for line in news:
                self._keep_line(line)
        if self._has_news:
            self._kept = now
            self._context.store.keep_progress(self.job, self._progress, self._sentences)
            self._has_news, self._sentences = False, []

    def _keep_line(self, line: Mapping[str, object]) -> None:
        if isinstance(step := line.get("step"), dict):
            self._has_steps = True
            self._progress |= {name: step.get(name) for name in _OF_A_STEP}
        elif isinstance(said := line.get("say"), str):
            sentence = self._command.without_places(said)
            self._progress["sentence"] = sentence
            self._sentences.append(sentence)

    def _expect_limits(self, now: float) -> None:
        limits = self._context.configuration
        if now - self._begun > self._longest:
            self.end(Ending.TIME)
        if now - self._measured > MEASURE_EVERY:
            self._measured = now
            if memory_of(self._command.processes()) > limits.job_memory:
                self.end(Ending.MEMORY)

    @property
    def _longest(self) -> float:
        """Seconds that the command may take."""
        return min(self._context.configuration.job_seconds, self._order.longest)

    def _settle(self, code: int) -> None:
        """Give the job the state that the end of its command means."""
        store, job, printed = self._context.store, self.job, self._command.printed()
        is_killed = code < 0 or code in _INTERRUPTED
        if printed is not None and (is_killed or self._order.answers(code)):
            self._finish(printed)
        elif self._ending is Ending.UNWANTED:
            store.cancelled(job)
        elif self._ending is Ending.BACK:
            store.put_back(job)
        elif self._ending is not None:
            store.fail(job, self._beyond(self._ending))
        elif is_killed and job.kills + 1 < MOST_KILLS:
            LOGGER.warning("job %s: its command ended with code %d; it goes on", job.id, code)
            store.put_back(job, killed=True)
        elif self._goes_on and code == 1 and not self._has_steps:
            store.put_back(job, resumes=False)  # the work so far belongs to another request
        else:
            store.fail(job, self._problem(code))

    def _finish(self, printed: Json) -> None:
        outcome = self._order.outcome(self._place, printed)
        root = self._context.workspace.root
        self._command.clear_of_places(outcome.files.values())
        files = {
            name: KeptFile(str(file), sha256_of_file(root / file))
            for name, file in outcome.files.items()
        }
        self._context.store.finish(self.job, outcome.result, files)

    def _beyond(self, ending: Ending) -> Json:
        limits = self._context.configuration
        memory, minutes = limits.job_memory / 2**30, self._longest / 60
        limit = f"{memory:.3g} GiB" if ending is Ending.MEMORY else f"{minutes:.3g} minutes"
        return problem("Limit", ending.value.format(limit))

    def _problem(self, code: int) -> Json:
        if code == _BUG:
            LOGGER.error("job %s: a bug; %s", self.job.id, self._command.file("err"))
            return problem("Bug", "this is a bug in simgan; the log of the job has the traceback")
        if code < 0 or code in _INTERRUPTED:
            detail = (
                f"the command was killed {MOST_KILLS} times, the last time with code {code}; "
                "look whether the machine has enough memory"
            )
            return problem("Killed", detail)
        LOGGER.warning("job %s failed with code %d", self.job.id, code)
        sentence = over_http(self._command.error())
        return problem("Failed", sentence or f"the command ended with code {code}")


def problem(title: str, detail: str) -> dict[str, JsonValue]:
    """Return the problem of a job."""
    return {"title": title, "detail": detail}


def job_problem(error: Exception) -> Json:
    """Return the problem of a job that could not be started."""
    if isinstance(error, SimganError):
        return problem("Failed", str(error))
    return problem("Bug", "this is a bug in simgan; the log of the service has the traceback")


def _upload(context: JobContext, job: Job, order: JobOrder) -> Path | None:
    if order.uses is None:
        return None
    found = context.uploads.known(job.owner, order.uses)
    return context.uploads.path(found).relative_to(context.workspace.root)
