"""Spans of OpenTelemetry, through its API alone: they cost nothing until somebody sets it up."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.trace import Span

try:
    from opentelemetry import propagate, trace
except ModuleNotFoundError:  # FastAPI brings it since 0.165
    trace = None  # type: ignore[assignment]

Facts = Mapping[str, str | int | float]


@contextmanager
def span(
    name: str, facts: Facts, carrier: Mapping[str, str] | None = None, *, serves: bool = False
) -> Iterator[Span | None]:
    """Record a piece of work as a span.

    Parameters
    ----------
    name : str
    facts : mapping
        Attributes of the span.
    carrier : mapping, optional
        Headers of a request, whose trace the span goes on with.
    serves : bool
        Whether the work answers a request.
    """
    if trace is None:
        yield None
        return
    context = propagate.extract(carrier) if carrier else None
    kind = trace.SpanKind.SERVER if serves else trace.SpanKind.INTERNAL
    tracer = trace.get_tracer("simgan.service")
    with tracer.start_as_current_span(name, context, kind, attributes=dict(facts)) as found:
        yield found


def record(name: str, facts: Facts, seconds: float) -> None:
    """Record a piece of work that has just ended, and took a time."""
    if trace is not None:
        begun = time.time_ns() - int(seconds * 1e9)
        tracer = trace.get_tracer("simgan.service")
        tracer.start_span(name, attributes=dict(facts), start_time=begun).end()
