"""Report on a book: several assets judged together and one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from simgan.bundle.fields import Json
from simgan.bundle.store import Bundle
from simgan.errors import ConfigError
from simgan.market.history import History
from simgan.progress import SILENT, Progress, Stop
from simgan.report.book.judged import BookJudgement
from simgan.report.book.portfolios import Portfolios
from simgan.report.risk.results import RiskResults
from simgan.report.verdict import Comparison
from simgan.risk.book import Book
from simgan.workflows.book import Weights, are_equal, book_of
from simgan.workflows.judging import Judgement
from simgan.workflows.judging_books import Histories, judge_book
from simgan.workflows.models import find_model, history_of_bundle, load_bundle
from simgan.workflows.pages import PAGE_OR_MARKDOWN, expect_page
from simgan.workflows.panels import panel_against
from simgan.workflows.report import (
    LEAST_DAYS,
    Reported,
    ReportRequest,
    days_in_common,
    expect_for_files,
    facts_of,
    report,
    write,
)
from simgan.workflows.risk import RiskRequest, assess

if TYPE_CHECKING:
    from simgan.report.renderers import ReportFacts


@dataclass(frozen=True, eq=False, repr=False)
class ReportedBook(Reported):
    """The finished report on several assets: both files and their content."""

    book: BookJudgement = field(kw_only=True)

    def _facts(self) -> Iterator[tuple[str, str]]:
        yield from super()._facts()
        yield "beside the rival", self.book.sentence

    @property
    def assets(self) -> Mapping[str, Comparison]:
        """The statistics of each asset by itself."""
        return self.book.assets

    def to_json(self) -> dict[str, Json]:
        """Return the content of the JSON file."""
        return super().to_json() | self.book.to_json()

    def to_text(self, width: int = 120) -> str:
        """Return the tables and the verdict as plain text."""
        from simgan.report.book.text import render_text

        return render_text(self.book, width)

    def to_page(self) -> str:
        """Return the text of the page: HTML with figures, or Markdown."""
        if self.page.suffix.lower() == ".md":
            from simgan.report.book.text import render_markdown

            return render_markdown(self.facts, self.book)
        from simgan.report.book.page import render_page

        return render_page(self.facts, self.book, self.today)


def report_asked(
    request: ReportRequest, progress: Progress = SILENT, stop: Stop | None = None
) -> Reported:
    """Report on one asset, on several together, or on a file, whichever is asked for.

    Raises
    ------
    SimganError, Interrupted
        As `simgan.workflows.report.report` does.
    """
    if request.scenarios is None:
        found = find_model(request.workspace, request.name)
        bundle = load_bundle(request.workspace, found.name)
        if len(bundle.manifest.assets) > 1:
            if request.name is None:
                progress.say(found.as_default)
            return _report(bundle, replace(request, name=found.name), progress, stop or Stop())
    expect_book((), request.weights, request.rebalance)
    return report(request, progress, stop)


def expect_book(assets: tuple[str, ...], weights: Weights, rebalance: str) -> None:
    """Refuse weights that a report cannot have. That on one asset, or on a file, has none.

    Raises
    ------
    ConfigError, UnknownNameError
        Weights are given without several assets. Or as for `book_of`.
    """
    if len(assets) > 1:
        book_of(assets, weights, rebalance)
    elif not are_equal(weights) or rebalance != "none":
        name, value = ("rebalance", rebalance) if are_equal(weights) else ("weights", weights)
        raise ConfigError("report", name, value, "left out: the report is about one asset")


def _report(bundle: Bundle, request: ReportRequest, progress: Progress, stop: Stop) -> ReportedBook:
    """Compare a model of several assets with a history, and write the page and the numbers."""
    expect_for_files(request)
    manifest = bundle.manifest
    page = request.out or request.workspace.report(manifest.name, "html")
    expect_page("report", page, PAGE_OR_MARKDOWN)
    book = book_of(manifest.assets, request.weights, request.rebalance)
    if book.note:
        progress.say(book.note)
    learned_from = history_of_bundle(bundle)
    against = panel_against("report", request, manifest.assets, LEAST_DAYS, progress)
    known = 0 if against is None else known_days(learned_from, against)
    if known:
        progress.say(
            f"warning: {manifest.name} learned from {known:,} of the {len(against or ()):,} days "
            f"of {request.against}: on them the comparison is in sample"
        )
    progress.say("drawing paths and comparing")
    judged = judge_book(
        bundle,
        Histories(learned_from, against),
        portfolios_of(book, request.weights),
        request.n,
        stop,
        progress,
    )
    facts = facts_of(bundle, against or learned_from, request)
    if known:
        facts = _with_known(facts, known)
    progress.say("drawing scenarios of the coming days")
    done = ReportedBook(
        page=page,
        numbers=page.with_suffix(".json"),
        facts=facts,
        judgement=Judgement(
            judged.samples.real, dict(judged.samples.fakes), judged.comparison, judged.verdict
        ),
        today=_today(request),
        book=judged,
    )
    write(done, done.to_page, progress, stop)
    return done


def portfolios_of(book: Book, weights: Weights) -> Portfolios:
    """Return the portfolios to compare. The user's own has rows if it is not that of all."""
    if are_equal(weights):
        return Portfolios(len(book.assets), is_rebalanced=book.is_rebalanced)
    return Portfolios(len(book.assets), book.title, book.shares, book.is_rebalanced)


def _today(request: ReportRequest) -> RiskResults:
    """Return the risk of the book after the history."""
    asked = RiskRequest(
        workspace=request.workspace,
        name=request.name,
        weights=request.weights,
        rebalance=request.rebalance,
    )
    return assess(asked, SILENT)


def _with_known(facts: ReportFacts, known: int) -> ReportFacts:
    judged_on = f"{facts.judged_on}, {known:,} days of which the model learned from"
    return replace(facts, judged_on=judged_on)


def known_days(learned_from: History, against: History) -> int:
    """Count the days that the model has learned from: most of those of any asset."""
    return max(
        days_in_common(learned_from.only(asset), against.only(asset)) for asset in against.assets
    )
