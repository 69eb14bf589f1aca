"""Spans of OpenTelemetry: one for each request and each job, in the trace of the client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import pytest
from opentelemetry import trace
from opentelemetry.context import Context
from starlette.testclient import TestClient

from simgan.service import tracing


class HeardSpan(trace.NonRecordingSpan):
    """A span that remembers."""

    def __init__(self, name: str, parent: trace.SpanContext, facts: dict[str, object]) -> None:
        super().__init__(parent)
        self.name, self.facts, self.is_over = name, dict(facts), False

    def set_attribute(self, key: str, value: object) -> None:
        self.facts[key] = value

    def update_name(self, name: str) -> None:
        self.name = name

    def end(self, end_time: int | None = None) -> None:
        self.is_over = True


class HeardTracer:
    """A tracer as the API describes one."""

    def __init__(self) -> None:
        self.spans: list[HeardSpan] = []

    def get_tracer(self, name: str) -> Self:
        assert name == "simgan.service"
        return self

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: trace.SpanKind = trace.SpanKind.INTERNAL,
        attributes: dict[str, object] | None = None,
        start_time: int | None = None,
    ) -> HeardSpan:
        parent = trace.get_current_span(context).get_span_context()
        span = HeardSpan(name, parent, attributes or {})
        self.spans.append(span)
        return span

    @contextmanager
    def start_as_current_span(
        self,
        name: str,
        context: Context | None,
        kind: trace.SpanKind,
        attributes: dict[str, object],
    ) -> Iterator[HeardSpan]:
        span = self.start_span(name, context, kind, attributes)
        yield span
        span.end()


@pytest.fixture
def tracer(monkeypatch: pytest.MonkeyPatch) -> HeardTracer:
    heard = HeardTracer()
    monkeypatch.setattr(trace, "get_tracer", heard.get_tracer)
    return heard


def test_a_request_is_a_span_in_the_trace_of_its_client(
    client: TestClient, tracer: HeardTracer
) -> None:
    trace_of_client = "0af7651916cd43dd8448eb211c80319c"
    client.get(
        "/v1/models/nosuch", headers={"traceparent": f"00-{trace_of_client}-b7ad6b7169203331-01"}
    )
    [span] = tracer.spans
    assert span.name == "GET /v1/models/{name}" and span.is_over
    assert span.facts == {
        "http.request.method": "GET",
        "url.path": "/v1/models/nosuch",
        "http.route": "/v1/models/{name}",
        "http.response.status_code": 404,
    }
    assert f"{span.get_span_context().trace_id:032x}" == trace_of_client


def test_work_that_has_ended_is_a_span(tracer: HeardTracer) -> None:
    tracing.record("job", {"job.kind": "fit"}, seconds=2.0)
    [span] = tracer.spans
    assert (span.name, span.facts, span.is_over) == ("job", {"job.kind": "fit"}, True)


def test_nothing_is_missing_without_the_packages(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "trace", None)
    assert client.get("/healthz").status_code == 200
    tracing.record("job", {}, seconds=1.0)
