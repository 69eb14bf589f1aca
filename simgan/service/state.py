"""The state that all requests share, and the way of a route to it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Annotated, cast

from anyio import CapacityLimiter
from fastapi import Depends
from starlette.requests import HTTPConnection

from simgan.service.answers import Answers
from simgan.service.configuration import Configuration
from simgan.service.database import Database, database_of
from simgan.service.jobs.requests import Jobs
from simgan.service.metrics import Metrics
from simgan.service.models import Models
from simgan.service.places import Places
from simgan.service.secret import Secret
from simgan.service.streams import Streams
from simgan.workspace import Workspace

_WATCHING, _SENDING = 512, 32  # streams of events and uploads at the same time in a process


@dataclass(frozen=True)
class Service:
    """A workspace that is served.

    `ending` is set when the process was asked to end. A stream that never ends by itself stops
    then. `probing` has the thread of probes, which slow routes do not hold up.
    """

    workspace: Workspace
    configuration: Configuration
    database: Database
    models: Models
    jobs: Jobs
    streams: Streams
    watching: Places
    sending: Places
    answers: Answers
    secret: Secret
    metrics: Metrics
    ending: threading.Event = field(default_factory=threading.Event)
    probing: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))

    @classmethod
    def over(cls, workspace: Workspace, configuration: Configuration) -> Service:
        """Serve a workspace, whose database is made where it is missing."""
        database = database_of(workspace)
        models, metrics = Models(workspace), Metrics(database)
        streams = Streams(configuration.streams, configuration.streams_of_caller)
        return cls(
            workspace=workspace,
            configuration=configuration,
            database=database,
            models=models,
            jobs=Jobs.over(workspace, configuration, database),
            streams=streams,
            watching=Places("streams of events", _WATCHING, configuration.event_streams),
            sending=Places("uploads", _SENDING, configuration.sending),
            answers=Answers(streams, models, metrics, configuration.most_of_risk),
            secret=Secret.of(database),
            metrics=metrics,
        )


async def _service_of(connection: HTTPConnection) -> Service:
    return cast(Service, connection.app.state.service)


Here = Annotated[Service, Depends(_service_of)]
"""A parameter of a route: the service that answers."""
