"""Compare models of several assets side by side, and beside the joint baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simgan.bundle.manifest import Manifest
from simgan.bundle.store import Bundle
from simgan.errors import ConfigError, Words
from simgan.market.history import History
from simgan.progress import SILENT, Progress, Stop
from simgan.workflows.book import book_of
from simgan.workflows.comparing import (
    CompareRequest,
    expect_different,
    facts_of_comparison,
    is_file,
    page_of,
)
from simgan.workflows.judging import Judgement
from simgan.workflows.judging_books import BookContestant, Histories, judge_books
from simgan.workflows.leaning import leaning_of_each
from simgan.workflows.models import history_of_bundle, load_bundle
from simgan.workflows.pages import PAGE_OR_MARKDOWN, expect_page
from simgan.workflows.panels import panel_against
from simgan.workflows.report import LEAST_DAYS, Reported, report_comparison, write
from simgan.workflows.report_of_book import ReportedBook, known_days, portfolios_of

_NAMED = 6  # assets in a message


def comparison_asked(
    request: CompareRequest, progress: Progress = SILENT, stop: Stop | None = None
) -> Reported:
    """Compare models of one asset and files, or models of several assets, and write the page.

    Raises
    ------
    SimganError, Interrupted
        As `simgan.workflows.report.report_comparison` does. Or the models have different assets.
    """
    bundles = {
        name: load_bundle(request.workspace, name) for name in request.names if not is_file(name)
    }
    if any(len(one.manifest.assets) > 1 for one in bundles.values()):
        _expect_models_only(request)
        models = [bundles[name] for name in request.names]
        return _compare_books(request, models, progress, stop or Stop())
    for option in ("weights", "rebalance"):
        if (value := getattr(request, option)) != getattr(CompareRequest, option):
            allowed = "left out: the models are of one asset"
            raise ConfigError("compare", option, value, allowed)
    return report_comparison(request, progress, stop)


def _compare_books(
    request: CompareRequest, models: Sequence[Bundle], progress: Progress, stop: Stop
) -> ReportedBook:
    names, first = [one.manifest.name for one in models], models[0].manifest
    expect_different(request.names, names)
    for one in models:
        _expect_same_assets(first, one.manifest)
    page = page_of(request)
    expect_page("compare", page, PAGE_OR_MARKDOWN)
    book = book_of(first.assets, request.weights, request.rebalance)
    if book.note:
        progress.say(book.note)
    history, where = _judged_on(request, models[0], progress)
    known = [known_days(history_of_bundle(one), history) for one in models]
    contestants = {
        name: BookContestant(one, days > 0)
        for name, one, days in zip(names, models, known, strict=True)
    }
    progress.say("drawing paths and comparing")
    portfolios = portfolios_of(book, request.weights)
    judged = judge_books(contestants, Histories(history), portfolios, request.n, stop, progress)
    sources = {
        name: _source(one.manifest, days, len(history))
        for name, one, days in zip(names, models, known, strict=True)
    }
    facts = facts_of_comparison(request, sources, history, where)
    samples = judged.samples
    done = ReportedBook(
        page=page,
        numbers=page.with_suffix(".json"),
        facts=replace(
            facts,
            paths=request.n,
            leaning=leaning_of_each(one.manifest for one in models),
        ),
        judgement=Judgement(samples.real, dict(samples.fakes), judged.comparison, judged.verdict),
        book=judged,
    )
    write(done, done.to_page, progress, stop)
    return done


def _expect_models_only(request: CompareRequest) -> None:
    """Refuse files of scenarios, which are of one asset, and the options about them."""
    for name in filter(is_file, request.names):
        allowed = "left out: a file has one asset; name models of several assets only"
        raise ConfigError("compare", "names", name, allowed)
    for option in ("values", "asset"):
        if value := getattr(request, option):
            allowed = "left out: it is about files of scenarios"
            raise ConfigError("compare", option, value, allowed)


def _expect_same_assets(first: Manifest, other: Manifest) -> None:
    if set(first.assets) == set(other.assets):
        return
    found = Words(f"{first.name} of {_named(first)}, and {other.name} of {_named(other)}")
    raise ConfigError("compare", "names", found, "models of the same assets")


def _named(manifest: Manifest) -> str:
    assets = manifest.assets
    return ", ".join(assets[:_NAMED]) + (" and more" if len(assets) > _NAMED else "")


def _judged_on(request: CompareRequest, first: Bundle, progress: Progress) -> tuple[History, str]:
    """Return the history, and its name in words."""
    against = panel_against("compare", request, first.manifest.assets, LEAST_DAYS, progress)
    if against is not None:
        return against, str(request.against)
    return history_of_bundle(first), f"the history of {first.manifest.name}"


def _source(manifest: Manifest, known: int, days: int) -> str:
    """Return the line of a model for the page."""
    data = manifest.data
    return (
        f"model of {', '.join(manifest.assets)}, {data.first} to {data.last}, seed "
        f"{manifest.recipe.seed}; it has learned from {known:,} of the {days:,} days"
    )
