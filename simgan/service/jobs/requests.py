"""Requests of callers: orders of jobs, and the jobs that each caller sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import NamedTuple

from simgan.errors import SimganError, UnknownNameError, shown
from simgan.sampling.parallel import available_cores
from simgan.service.configuration import Configuration
from simgan.service.database import Database
from simgan.service.jobs.identity import identity_of, stands
from simgan.service.jobs.job import Job, JobState
from simgan.service.jobs.orders import ORDERS
from simgan.service.jobs.orders.fit import FitOrder
from simgan.service.jobs.orders.order import JobOrder, OrderContext
from simgan.service.jobs.rates import pace_of
from simgan.service.jobs.store import JobStore, Search, Wanted
from simgan.service.jobs.watch import Watch
from simgan.service.problems import Problem
from simgan.service.uploads import Upload, UploadStore
from simgan.workspace import Workspace, safe_name


class JobEstimate(NamedTuple):
    """The cost of an order: seconds, bytes of memory, and the data and the pace behind them.

    The days of a download or of an upload are assumed, and not known.
    """

    seconds: float
    memory: float
    assets: int
    days: int
    pace: float
    days_are_known: bool


_PACES = 20  # jobs that tell the pace of a machine


@dataclass(frozen=True)
class Jobs:
    """The jobs of a workspace, as callers see them: a job on an upload is for its owner only."""

    workspace: Workspace
    configuration: Configuration
    store: JobStore
    uploads: UploadStore
    watch: Watch

    @classmethod
    def over(cls, workspace: Workspace, configuration: Configuration, database: Database) -> Jobs:
        """Return the jobs of a workspace."""
        uploads = UploadStore(database, workspace)
        return cls(workspace, configuration, JobStore(database), uploads, Watch(database))

    def submit(self, order: JobOrder, caller: str) -> Job:
        """Return the job of an order: the one that is there, or a new one that waits.

        A job that is done answers the same order again as long as its result stands.

        Raises
        ------
        FullQueue
            As many jobs wait as may wait.
        SimganError
            The order is not possible.
        """
        wanted = self.wanted(order, caller)
        known = self.store.get(wanted.id)
        is_stale = known is not None and known.state is JobState.DONE and not self._stands(known)
        limits = self.configuration
        return self.store.submit(
            wanted,
            limits.queue,
            of_caller=limits.queue_of_caller,
            renews=is_stale,
            check=lambda: order.uses and self.uploads.known(caller, order.uses),
        )

    def wanted(self, order: JobOrder, caller: str) -> Wanted:
        """Check an order, and return the job that it asks for.

        Raises
        ------
        SimganError
            The order is not possible.
        Problem
            It names a model that is damaged, or not there. The sentence says why, or how it comes.
        """
        try:
            checked = order.checked(self._context(caller))
        except UnknownNameError as error:
            raise self._unknown(error, caller) from None
        if order.look and (looked := self.store.get(self.wanted(order.look, caller).id)):
            order.expect_seen(looked.result or {})
        id = identity_of(order.kind, checked.request, checked.data)
        return Wanted(id, order.kind, order.given(), caller, order.uses is not None)

    def estimate(self, order: JobOrder, caller: str) -> JobEstimate:
        """Estimate the cost of an order, at the pace of earlier jobs of its kind.

        Raises
        ------
        SimganError
            The order is not possible.
        """
        self.wanted(order, caller)
        span, processes = order.span(self._context(caller)), self.processes
        pace = pace_of(self._paces(order.kind))
        return JobEstimate(*order.cost(span, processes).at(pace), *span, pace, order.knows_its_days)

    @property
    def processes(self) -> int:
        """Processes that a job may have."""
        return max(available_cores() // self.configuration.jobs_at_once, 1)

    def get(self, id: str, caller: str) -> Job | None:
        """Return a job that a caller sees, or None."""
        job = self.store.get(id)
        return job if job is not None and _sees(caller, job) else None

    def listed(self, search: Search) -> list[Job]:
        """Return the jobs of a list that its caller sees."""
        return self.store.listed(search)

    def cancel(self, job: Job) -> Job:
        """Ask a job to end."""
        return self.store.cancel(job.id) or job

    def remove(self, upload: Upload) -> bool:
        """Remove an upload, unless a job that has not ended needs it."""
        return self.uploads.remove(upload, lambda: self._is_used(upload))

    def _is_used(self, upload: Upload) -> bool:
        return any(
            order.uses == upload.id and self.uploads.find(job.owner, upload.id) == upload
            for job in self.store.unfinished()
            if job.is_private and (order := _order_of(job))
        )

    def _unknown(self, error: UnknownNameError, caller: str) -> Exception:
        """Return the problem of an order that names a model which is not there, or the error."""
        if error.kind != "model":
            return error
        making = 'POST /v1/jobs with the kind "fit" makes one'
        for job in self.store.unfinished():
            order = _order_of(job)
            is_it = isinstance(order, FitOrder) and order.model == safe_name(error.name)
            if is_it and _sees(caller, job):
                making = f"the job {job.id} makes it; give this order when that one is done"
        return Problem(HTTPStatus.NOT_FOUND, f"unknown model {shown(error.name)}; {making}")

    def _context(self, caller: str) -> OrderContext:
        return OrderContext(self.workspace, self.uploads, caller, datetime.now(UTC).date())

    def _paces(self, kind: str) -> Iterator[tuple[float, float]]:
        """Yield the seconds that the newest jobs of a kind took, and those of the rates."""
        for job in self.store.done(kind, _PACES):
            order = _order_of(job)
            if order and job.attempt == 1 and job.started and job.ended:
                with suppress(SimganError, Problem, ValueError, OSError):  # of a removed model, too
                    cost = order.cost(order.span(self._context(job.owner)), self.processes)
                    yield job.ended - job.started, cost.seconds

    def _stands(self, job: Job) -> bool:
        return all(stands(self.workspace.root, file) for file in job.files.values())


def _sees(caller: str, job: Job) -> bool:
    return not job.is_private or job.owner == caller


def _order_of(job: Job) -> JobOrder | None:
    """Return the order of a job, or None where another version wrote one that this cannot read."""
    try:
        return ORDERS.validate_python(dict(job.request))
    except (ValueError, SimganError):  # such as an unknown field
        return None
