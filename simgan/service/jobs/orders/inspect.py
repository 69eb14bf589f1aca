"""The order to look at an upload: ``simgan data show``."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from simgan.errors import ConfigError
from simgan.service.jobs.job import Json
from simgan.service.jobs.orders.order import (
    Checked,
    JobOrder,
    OrderContext,
    Outcome,
    Place,
    Sha,
    Span,
    Word,
    arguments,
    command,
    options,
    picked,
)
from simgan.service.jobs.rates import INSPECT, Cost
from simgan.service.spelling import all_over_http

PAGE = "page.html"
_REFUSED = 1  # exit code
_ROW = 40  # bytes of a price with its day


class InspectOrder(JobOrder):
    """Show how an upload is understood, before a model learns from it."""

    longest: ClassVar[float] = 300.0
    kind: Literal["inspect"] = "inspect"
    upload: Sha
    ticker: Word | None = None
    column: Word | None = None
    start: date | None = None
    end: date | None = None
    on_bad_rows: Literal["stop", "drop"] = "stop"

    @property
    def uses(self) -> str:
        return self.upload

    def checked(self, context: OrderContext) -> Checked:
        context.uploads.known(context.owner, self.upload)
        if self.start and self.end and self.start > self.end:
            raise ConfigError("prices", "start", str(self.start), f"not later than {self.end}")
        asked = self.model_dump(mode="json", exclude={"kind", "upload"})
        return Checked(asked, {"upload": self.upload, "owner": context.owner})

    def span(self, context: OrderContext) -> Span:
        return Span(1, max(context.uploads.known(context.owner, self.upload).size // _ROW, 1))

    def cost(self, span: Span, processes: int) -> Cost:
        return INSPECT.cost(*span)

    def words(self, place: Place) -> list[str]:
        given = self.model_dump(include={"ticker", "column", "start", "end", "on_bad_rows"})
        return [
            *command("data", "show"),
            *options(**given, out=place.folder / PAGE),
            *arguments(str(place.upload)),
        ]

    def outcome(self, place: Place, printed: Json) -> Outcome:
        facts = picked(printed, "name", "origin", "facts", "assets", "panel", "refused")
        facts = {name: all_over_http(value) for name, value in facts.items()}
        page = place.folder / PAGE
        return Outcome(facts, {"page": page} if (place.workspace.root / page).exists() else {})

    def answers(self, code: int) -> bool:
        """Also a refusal of the prices is an answer."""
        return code in (0, _REFUSED)
