"""The order for a report: ``simgan report``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from pydantic import Field

from simgan.service.jobs.identity import sha256_of_file
from simgan.service.jobs.job import Json
from simgan.service.jobs.orders.backtest import Shares, weights_file, weights_word
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
from simgan.service.jobs.rates import REPORT, Cost
from simgan.workspace import MANIFEST, Workspace

if TYPE_CHECKING:
    from simgan.workflows.models import Found

_PAGE = Path("report.html")  # in the folder of a job that its owner alone sees
_SPANS = 256  # of models that stay in memory


class ReportOrder(JobOrder):
    """Compare the paths of a model with real returns."""

    kind: Literal["report"] = "report"
    name: Word = Field(description="name of a model")
    n: int = Field(default=100, ge=20, le=10_000, description="paths of each model")
    against: Sha | None = Field(default=None, description="upload to judge on instead")
    column: Word | None = Field(default=None, description="price column of the upload")
    on_bad_rows: Literal["stop", "drop"] = "stop"
    weights: Shares = "equal"
    rebalance: Literal["none", "daily"] = "none"

    @property
    def uses(self) -> str | None:
        return self.against

    def checked(self, context: OrderContext) -> Checked:
        from simgan.service.models import read_model  # it loads SciPy
        from simgan.workflows.models import find_model
        from simgan.workflows.report_of_book import expect_book

        found = find_model(context.workspace, self.name)
        manifest = read_model(context.workspace, found).manifest
        expect_book(manifest.assets, self.weights, self.rebalance)
        data: dict[str, object] = {"model": sha256_of_file(found.folder / MANIFEST)}
        if self.against:
            context.uploads.known(context.owner, self.against)
            data |= {"upload": self.against, "owner": context.owner}
        asked = self.model_dump(mode="json", exclude={"kind", "against"})
        return Checked({**asked, "name": found.name}, data)

    @property
    def knows_its_days(self) -> bool:
        return True

    def span(self, context: OrderContext) -> Span:
        from simgan.workflows.models import find_model

        found = find_model(context.workspace, self.name)
        return _span(context.workspace, found, sha256_of_file(found.folder / MANIFEST))

    def cost(self, span: Span, processes: int) -> Cost:
        return REPORT.cost(*span)

    def files(self) -> dict[str, str]:
        return dict(weights_file(self.weights))

    def words(self, place: Place) -> list[str]:
        of_file = {"column": self.column, "on_bad_rows": self.on_bad_rows} if self.against else {}
        return [
            *command("report"),
            *options(
                n=self.n,
                against=place.upload,
                out=place.folder / _PAGE if self.against else None,
                weights=weights_word(self.weights, place),
                rebalance=self.rebalance,
                **of_file,
            ),
            *arguments(self.name),
        ]

    def outcome(self, place: Place, printed: Json) -> Outcome:
        from simgan.workflows.models import find_model

        model = find_model(place.workspace, self.name).name
        page = place.workspace.report(model, "html").relative_to(place.workspace.root)
        address = f"/v1/models/{quote(model, safe='')}"
        links = {"model": address}
        if self.against:
            page = place.folder / _PAGE
        else:
            links["report"] = f"{address}/report"
        files = {"page": page, "numbers": page.with_suffix(".json")}
        facts: Json = {"model": model, **picked(printed, "verdict"), "links": dict(links)}
        return Outcome(facts, files)


@lru_cache(maxsize=_SPANS)
def _span(workspace: Workspace, found: Found, sha256: str) -> Span:
    """Return the size of the data of a model, which is read once for each hash of its manifest."""
    from simgan.service.models import read_model

    manifest = read_model(workspace, found).manifest
    return Span(len(manifest.assets), manifest.data.days)
