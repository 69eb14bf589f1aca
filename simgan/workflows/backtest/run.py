"""The backtest as a whole: prices, contenders, the walk, and its files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence

from simgan.arguments import given_date
from simgan.errors import ConfigError, DataError
from simgan.files import expect_writable, whole_file
from simgan.locks import locked
from simgan.market.history import History
from simgan.progress import SILENT, Progress, Stop
from simgan.report.backtest.books import BookResults, evaluate_book
from simgan.report.backtest.renderers import render_page
from simgan.report.backtest.results import BacktestResults, evaluate
from simgan.report.backtest.scores import judged_of
from simgan.risk.book import Book
from simgan.risk.joint_walks import JointWalk
from simgan.risk.walks import Walk
from simgan.seeds import Seed
from simgan.workflows.backtest.backtested import Backtested
from simgan.workflows.backtest.books import BOOK, BookWork
from simgan.workflows.backtest.contenders import Contender
from simgan.workflows.backtest.forecasts import write_table
from simgan.workflows.backtest.request import BacktestRequest
from simgan.workflows.backtest.segments import (
    ForecastSettings,
    Segment,
    counted_warnings,
    schedule,
)
from simgan.workflows.backtest.vectors import write_scores
from simgan.workflows.backtest.walk import Chain, joint_walks_of, walk, walks_of
from simgan.workflows.options import expect_tickers
from simgan.workflows.panels import LEAVE_OUT, panel_of, tell_other_hours


def backtest(
    request: BacktestRequest, progress: Progress = SILENT, stop: Stop | None = None
) -> Backtested:
    """Walk forward through the test window, and write page, numbers and forecasts.

    A model that fails is named and left out. The others go on.

    Parameters
    ----------
    request : BacktestRequest
    progress : Progress
        Gets notes about the data, failures of fits, and the days forecast of each model.
    stop : Stop, optional
        Ends the backtest after a segment. Finished segments are kept.

    Raises
    ------
    SimganError
        Prices or settings are not possible, the judged model failed, or a file cannot be written.
        Finished forecasts are kept for ``resume``.
    Interrupted
        `stop` was asked for. Finished forecasts are kept, too.
    """
    parts = request.workspace.backtest_parts(request.title)
    expect_writable(parts.parent)
    chains = make_chains(request, progress)
    stop = stop or Stop()
    if request.book is not None and request.book.note:
        progress.say(request.book.note)
    with locked(parts, progress, stop):
        progress.say(
            f"{request.title}: fitting and forecasting with {', '.join(request.taking_part)}"
        )
        if not request.resume:
            shutil.rmtree(parts, ignore_errors=True)
        with stop.at_ctrl_c(progress):
            left_out = walk(chains, parts, request.jobs, progress, stop, request.scheduler)
        walks = tuple(found for chain in chains for found in walks_of(chain))
        joint = tuple(found for chain in chains for found in joint_walks_of(chain))
        failures = (*left_out, *_fallbacks(chains))
        for failure in failures:
            progress.say(f"Warning: {failure}")
        progress.say("scoring and testing the forecasts")
        with counted_warnings():  # of arch and SciPy, on constant series of losses
            results = evaluate(
                walks,
                reference=request.reference,
                seed=Seed(request.recipe.seed),
                failures=failures,
                settings=request.in_words() | _warnings_in_words(chains),
                book=_of_book(request, joint),
            )
            done = _written(request, walks, joint, results)
        shutil.rmtree(parts, ignore_errors=True)
    return done


def _of_book(request: BacktestRequest, joint: Sequence[JointWalk]) -> BookResults | None:
    if request.book is None:
        return None
    return evaluate_book(joint, request.book.weights, request.rebalance)


def make_chains(request: BacktestRequest, progress: Progress = SILENT) -> list[Chain]:
    """Read the prices and lay out the work.

    Raises
    ------
    SimganError
        Prices cannot be had or are too few, or a model is unknown.
    """
    contenders = request.contenders()
    least = max(contender.least_days for contender in contenders)
    if request.window is not None and request.window < least:
        allowed = f"expanding or at least {least} days, which these models need"
        raise ConfigError("backtest", "window", request.window, allowed)
    expect_tickers("backtest", request.orders)
    judged, chains = judged_of(request.taking_part, request.reference), []
    first = given_date(request.first, "backtest", "first")
    if request.book is not None:
        return _chains_of_book(request, request.book, contenders, judged, progress)
    for order in request.orders:
        history = order.history(request.workspace, least + 1, progress)
        tell_other_hours(history, request.recipe.training.overlap, order.ticker, progress)
        segments = schedule(history, first, request.refit, least)
        _expect_outcomes(history, segments, request.forecast_settings)
        chains += [
            Chain(
                contender,
                history,
                segments,
                request.forecast_settings,
                is_judged=contender.name == judged,
            )
            for contender in contenders
        ]
    return chains


def _chains_of_book(
    request: BacktestRequest,
    book: Book,
    contenders: Sequence[Contender],
    judged: str,
    progress: Progress,
) -> list[Chain]:
    """Read the prices of a book, join them, and lay out the work."""
    least = max(contender.least_days for contender in contenders)
    title = request.name or BOOK
    panel = panel_of(request.orders, request.workspace, least + 1, title, progress, LEAVE_OUT)
    tell_other_hours(panel, request.recipe.training.overlap, title, progress)
    work = BookWork(book, title, panel, request.forecast_settings)
    segments = work.segments(given_date(request.first, "backtest", "first"), request.refit, least)
    _expect_outcomes(panel, segments, request.forecast_settings)
    return [work.chain(contender, segments, judged) for contender in contenders]


def _expect_outcomes(
    history: History, segments: Sequence[Segment], settings: ForecastSettings
) -> None:
    days, longest = len(history) - segments[0].days.start, max(settings.horizons)
    if days < longest:
        raise DataError(
            f"{', '.join(history.assets)}: {days} days from {history.day(-days)} on "
            f"hold no outcome over {longest} days; "
            "use an earlier --from or shorter --horizons"
        )


def _fallbacks(chains: Sequence[Chain]) -> list[str]:
    """Return the sentences on fits that failed where an earlier one could be used."""
    kept = (chain for chain in chains if not chain.failure)
    return [part.failure for chain in kept for part in chain.parts if part.failure]


def _warnings_in_words(chains: Sequence[Chain]) -> dict[str, str]:
    """Count the warnings of libraries by model, if there were any."""
    counts: dict[str, int] = {}
    for chain in chains:
        found = sum(part.warnings for part in chain.parts)
        counts[chain.contender.name] = counts.get(chain.contender.name, 0) + found
    words = ", ".join(f"{count} in {name}" for name, count in counts.items() if count)
    return {"Numerical warnings": words} if words else {}


def _written(
    request: BacktestRequest,
    walks: tuple[Walk, ...],
    joint: tuple[JointWalk, ...],
    results: BacktestResults,
) -> Backtested:
    page, numbers, forecasts, scores = (
        request.workspace.report(f"{request.title}-backtest", ending)
        for ending in ("html", "json", "forecasts.parquet", "scores.parquet")
    )
    with whole_file(page) as html, whole_file(numbers) as json_file, whole_file(forecasts) as table:
        html.write_text(render_page(results, walks, joint), encoding="utf-8")
        json_file.write_text(
            json.dumps(results.to_json(), indent=1, allow_nan=False), encoding="utf-8"
        )
        write_table(walks, table)
    if joint:
        with whole_file(scores) as table:
            write_scores(joint, table)
    return Backtested(
        walks,
        results,
        page,
        numbers,
        forecasts,
        joint_walks=joint,
        scores=scores if joint else None,
    )
