"""Numbers for Prometheus: requests and their times, values drawn, and jobs.

Several server processes write them into files of one folder, which `PROMETHEUS_MULTIPROC_DIR`
names. Each process then tells the numbers of all.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from simgan.service.database import Database

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The numbers of a service.

    Attributes
    ----------
    requests : Counter
        Answers by method, route and status.
    seconds : Histogram
        Seconds until an answer begins, by route.
    answering : Gauge
        Answers that have begun and not ended, by route: streams and downloads.
    sent : Counter
        Bytes of answers, by route.
    values : Counter
        Values of scenarios that were drawn.
    refused : Counter
        Connections that were refused before a request was read, by status.
    """

    def __init__(self, database: Database) -> None:
        own = self._registry = CollectorRegistry()
        self._jobs = _Jobs(database)
        self.requests = Counter(
            "simgan_http_requests",
            "Answers by method, route and status.",
            ("method", "route", "status"),
            registry=own,
        )
        self.seconds = Histogram(
            "simgan_http_request_seconds",
            "Seconds until an answer begins.",
            ("route",),
            buckets=_SECONDS,
            registry=own,
        )
        self.answering = Gauge(
            "simgan_http_answering",
            "Answers that have begun and not ended.",
            ("route",),
            multiprocess_mode="livesum",
            registry=own,
        )
        self.sent = Counter("simgan_http_sent_bytes", "Bytes of answers.", ("route",), registry=own)
        self.values = Counter(
            "simgan_values_drawn",
            "Values of scenarios drawn, also for answers about risk.",
            registry=own,
        )
        self.refused = Counter(
            "simgan_refused_connections",
            "Connections refused before a request was read.",
            ("status",),
            registry=own,
        )

    def text(self) -> bytes:
        """Return the numbers of all processes in the text format of Prometheus."""
        registry = self._registry
        if os.environ.get(_FOLDER):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        jobs = CollectorRegistry()
        jobs.register(self._jobs)
        return generate_latest(registry) + generate_latest(jobs)


@contextmanager
def shared_metrics() -> Iterator[None]:
    """Let processes that start within share their numbers."""
    with tempfile.TemporaryDirectory(prefix="simgan-metrics-") as folder:
        os.environ[_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[_FOLDER]


def forget_process(number: int) -> None:
    """Drop the gauges of a process that has ended. Its counters stay."""
    if os.environ.get(_FOLDER):
        mark_process_dead(number)  # type: ignore[no-untyped-call]


class _Jobs(Collector):
    """Jobs by state, counted at each request."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily("simgan_jobs", "Jobs by state.", labels=["state"])
        with self._database.reading() as connection:
            rows = connection.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall()
        for state, count in rows:
            family.add_metric([state], count)
        yield family
