"""The order for a model: ``simgan fit``."""

from __future__ import annotations

from datetime import date
from typing import Literal, cast
from urllib.parse import quote

from pydantic import Field, JsonValue

from simgan.market.history import expect_returns
from simgan.service.jobs.job import Json
from simgan.service.jobs.orders.inspect import InspectOrder
from simgan.service.jobs.orders.order import (
    Checked,
    OrderContext,
    Outcome,
    Place,
    Span,
    arguments,
    command,
    options,
    picked,
)
from simgan.service.jobs.orders.training import RECIPE, OfTraining
from simgan.service.jobs.rates import BOOK, FIT, SIZE_OF_STEPS, STEP, STEPS_OF, Cost
from simgan.workspace import MANIFEST, safe_name

_NAMED = 3  # tickers in the default name of a model


class FitOrder(OfTraining):
    """Fit a model to the history of one asset, or of several together."""

    kind: Literal["fit"] = "fit"
    end: date | None = None
    regimes: int | None = Field(default=None, ge=0, le=20)

    @property
    def last(self) -> date | None:
        return self.end

    @property
    def model(self) -> str:
        """Name of the model."""
        others = len(self.tickers) - _NAMED
        default = "-".join(self.tickers[:_NAMED]) + (f"-and-{others}-more" if others > 0 else "")
        return safe_name(self.name or default)

    @property
    def look(self) -> InspectOrder | None:
        if self.upload is None:
            return None
        asked = self.model_dump(include={"upload", "column", "start", "end", "on_bad_rows"})
        return InspectOrder(**asked)

    def expect_seen(self, seen: Json) -> None:
        assets = cast("list[dict[str, JsonValue]]", seen.get("assets") or [])
        for asset in assets:
            name, days, refused = str(asset["name"]), asset["days"], asset.get("refused")
            is_asked = len(assets) == 1 or not self.tickers or name in self.tickers
            if is_asked and not refused and isinstance(days, int):
                expect_returns(name, days, self.full_recipe.least_days)

    def checked(self, context: OrderContext) -> Checked:
        data = self.checked_prices(context) | self.checked_prior(context)
        self.expect_room(self.full_recipe.least_days, context.today)
        asked = {
            **self.canonical_prices(),
            "end": self.end and self.end.isoformat(),
            "name": self.model,
            "recipe": self.full_recipe.to_json(),
        }
        return Checked(asked, data)

    def cost(self, span: Span, processes: int) -> Cost:
        recipe = self.full_recipe
        cost = (FIT if span.assets == 1 else BOOK).cost(*span)
        steps = recipe.training.steps * STEPS_OF.get(recipe.architecture.kind, 1.0)
        memory = cost.memory + (SIZE_OF_STEPS if steps else 0)
        return Cost(cost.seconds + span.assets * steps * STEP, memory)

    def words(self, place: Place) -> list[str]:
        checkpoint = place.workspace.checkpoint(self.model)
        return [
            *command("fit"),
            *self.price_words(place),
            *options(end=self.end, name=self.model, recipe=place.folder / RECIPE),
            *(["--resume"] if place.resumes and checkpoint.exists() else []),
            *arguments(*self.tickers),
        ]

    def outcome(self, place: Place, printed: Json) -> Outcome:
        model = str(printed["model"])
        address = f"/v1/models/{quote(model, safe='')}"
        links: Json = {
            "model": address,
            "scenarios": f"{address}/scenarios",
            "report": f"{address}/report",
        }
        facts = picked(printed, "model", "assets", "data", "seconds", "prior", "verdict", "risk")
        manifest = (place.workspace.model(model) / MANIFEST).relative_to(place.workspace.root)
        return Outcome({**facts, "links": dict(links)}, {"manifest": manifest})
