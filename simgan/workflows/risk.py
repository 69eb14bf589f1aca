"""Risk: VaR and ES of the coming days of a position, beside those of GJR-FHS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simgan.arrays import Float32Array, FloatArray
from simgan.bundle.fields import Json
from simgan.bundle.store import Bundle
from simgan.errors import (
    BundleError,
    ConfigError,
    MissingExtraError,
    PriceError,
    TrainingError,
    packages_for,
)
from simgan.locks import locked
from simgan.market.asynchrony import followers
from simgan.market.history import History
from simgan.market.panel import on_common_days
from simgan.market.prices import OnBadRows
from simgan.progress import SILENT, Progress, Stop
from simgan.report.risk.results import (
    JOINT_REFERENCE,
    LIQUIDITY_HORIZONS,
    REFERENCE,
    RiskResults,
    liquidity_of,
)
from simgan.risk.book import Book, lost_later
from simgan.risk.measures import RiskEstimate
from simgan.risk.outlook import Outlook, expect_enough, outlook, worth_of
from simgan.sampling.model import Model
from simgan.workflows.again import risk_again, weights_again
from simgan.workflows.book import EQUAL, Weights, book_of, by_name
from simgan.workflows.data_sheet import SCENARIOS
from simgan.workflows.days_before import (
    few_days,
    left_out,
    other_days,
    past,
    start,
    volatility,
)
from simgan.workflows.leaning import leaning, prior_facts
from simgan.workflows.models import find_model, history_of_bundle
from simgan.workflows.options import file_order
from simgan.workflows.orders import Order
from simgan.workflows.origins import is_adjusted
from simgan.workflows.pages import expect_page, publish
from simgan.workflows.parts import parts_at, parts_of
from simgan.workflows.rare import expect_worth
from simgan.workflows.rival import along, drawn_of_rival
from simgan.workflows.sample import SampleRequest, order, prepared
from simgan.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

FAN_DAYS = 21
LEVELS, HORIZONS = (0.99, 0.975), (1, 10)
_MOST = 400_000_000  # numbers of all paths together, 1.6 GB


@dataclass(frozen=True, kw_only=True)
class RiskRequest:
    """The options of `simgan risk`.

    Attributes
    ----------
    position : float
        Value of the position, in the currency of the prices. Negative for a short position.
    weights : str, sequence or mapping
        Of a model of several assets: their shares, as `simgan.workflows.book.book_of` reads
        them. The default is equal shares.
    rebalance : {"none", "daily"}
    frtb : bool
        Whether to add the ES at 97.5 % over the liquidity horizons of the Basel rules.
    """

    workspace: Workspace
    name: str | None = None
    levels: tuple[float, ...] = LEVELS
    horizons: tuple[int, ...] = HORIZONS
    position: float = 1_000_000.0
    weights: Weights = EQUAL
    rebalance: str = "none"
    as_of: str = "latest"
    prices: Path | None = None
    column: str = ""
    on_bad_rows: OnBadRows = "stop"
    given: str | None = None
    level_uncertainty: bool = False
    n: int = SCENARIOS
    seed: int = 0
    frtb: bool = False
    out: Path | None = None

    @property
    def asked(self) -> int:
        """Days of the longest horizon asked for."""
        return max((*self.horizons, LIQUIDITY_HORIZONS[-1] if self.frtb else 0))

    @property
    def days(self) -> int:
        """Steps of each scenario. A condition is one on the longest horizon asked for."""
        return self.asked if self.given is not None else max(self.asked, FAN_DAYS)


@dataclass(frozen=True)
class Assessed:
    """The finished assessment: its results, and the page with them."""

    page: Path
    results: RiskResults

    def to_json(self) -> dict[str, Json]:
        """Return the JSON of ``simgan risk --json``."""
        return {"page": str(self.page)} | self.results.to_json()

    def __repr__(self) -> str:
        from simgan.report.risk.text import render_text

        return render_text(self.results)

    @packages_for("Assessed.to_frame")
    def to_frame(self) -> pd.DataFrame:
        """Return a row for each model, horizon and level.

        Columns are VaR, ES and their errors as shares of the position, and ``money_`` of each.
        """
        import pandas as pd

        return pd.DataFrame(self.results.rows()).set_index(["model", "horizon", "level"])


def risk(request: RiskRequest, progress: Progress = SILENT, stop: Stop | None = None) -> Assessed:
    """Draw scenarios, estimate VaR and ES, and write the page.

    Raises
    ------
    SimganError
        The model is unknown or damaged, an option is out of range, or the page cannot be written.
    Interrupted
        The stop token was set. Nothing was written.
    """
    from simgan.report.risk.page import render_page

    stop = stop or Stop()
    found = find_model(request.workspace, request.name)
    page = request.out or request.workspace.report(f"{found.name}-risk", "html")
    expect_page("risk", page)
    results = assess(request, progress, stop)
    html, numbers = render_page(results), json.dumps(results.to_json(), indent=1, allow_nan=False)
    with locked(page, progress, stop):
        stop.check()
        if page.exists():
            progress.say(f"replaces the earlier {page}; -o gives the page another name")
        publish(page, html, numbers)
    return Assessed(page, results)


def assess(
    request: RiskRequest, progress: Progress = SILENT, stop: Stop | None = None
) -> RiskResults:
    """Draw scenarios and estimate VaR and ES. Nothing is written.

    Raises
    ------
    SimganError
        As for `risk`.
    Interrupted
        The stop token was set.
    """
    expect_answerable(request)
    return _assessed(request, order(sampled(request), progress), progress, stop or Stop())


def assess_model(
    request: RiskRequest,
    model: Model,
    progress: Progress = SILENT,
    stop: Stop | None = None,
    most: int | None = None,
) -> RiskResults:
    """Return the results of `assess` of a model that is in memory, whatever the request names.

    A refusal asks for no more scenarios than are found among `most`, and than the memory holds. The
    rival draws no more than `most`, either.
    """
    expect_answerable(request)
    ordered = prepared(sampled(request), model, progress).order(stop)
    return _assessed(request, ordered, progress, stop or Stop(), most)


def outlook_today(bundle: Bundle) -> Outlook:
    """Return the risks at the end of a model's history, as `simgan risk` finds them by default."""
    book = book_of(bundle.manifest.assets, EQUAL)
    blocks = Model(bundle).stream(SCENARIOS, max(HORIZONS))
    sums = np.concatenate([book.summed(block.log_returns) for block in blocks])
    return outlook(sums, HORIZONS, LEVELS)


def sampled(request: RiskRequest) -> SampleRequest:
    """Return the request for the scenarios of a question."""
    return SampleRequest(
        workspace=request.workspace,
        name=request.name,
        n=request.n,
        horizon=request.days,
        as_of=request.as_of,
        prices=request.prices,
        column=request.column,
        on_bad_rows=request.on_bad_rows,
        seed=request.seed,
        given=request.given,
        weights=request.weights,
        rebalance=request.rebalance,
        level_uncertainty=request.level_uncertainty,
    )


def expect_answerable(request: RiskRequest) -> None:
    """Refuse numbers out of range before anything is drawn."""
    if not request.levels or not request.horizons:
        name = "horizon" if request.levels else "level"
        raise ConfigError("risk", name, (), "one number or several with commas between them")
    for horizon in request.horizons:
        if horizon < 1:
            raise ConfigError("risk", "horizon", horizon, "at least 1 day")
    if request.position == 0 or not np.isfinite(request.position):
        allowed = "the value of a position, negative for a short one"
        raise ConfigError("risk", "position", request.position, allowed)
    _expect_memory(request, 1)
    if request.frtb and request.given is not None:
        raise ConfigError("risk", "frtb", True, "left out with --given")
    expect_enough(request.n, request.levels)


def _expect_memory(request: RiskRequest, assets: int) -> None:
    """Refuse more scenarios than the memory holds: of each the days, and of a book the assets."""
    most = _most(request, assets)
    if request.n > most:
        of_assets = f" and {assets} assets" if assets > 1 else ""
        allowed = f"at most {most:,}: all paths of {request.days} days{of_assets} are kept"
        raise ConfigError("risk", "n", request.n, allowed)


def _most(request: RiskRequest, assets: int) -> int:
    """Return the number of scenarios that the memory holds."""
    return _MOST // (request.days + (assets if assets > 1 else 0))


def _assessed(
    request: RiskRequest,
    ordered: Order,
    progress: Progress,
    stop: Stop,
    most: int | None = None,
) -> RiskResults:
    """Draw the scenarios of the model and of the rival, and estimate the risks of both."""
    _expect_memory(request, len(ordered.sheet.assets))
    model, is_short, highest = ordered.model, request.position < 0, max(request.levels)
    book = book_of(ordered.sheet.assets, request.weights, request.rebalance)
    rival = REFERENCE if len(book.assets) == 1 else JOINT_REFERENCE
    sums, losses, probabilities = drawn(request, ordered, book, progress, stop)
    if probabilities is not None:
        kept = _most(request, len(book.assets))
        found = kept if most is None else min(kept, ordered.acceptance.within(most))
        expect_worth(probabilities, request.levels, request.given or "", found)
    shown = min(FAN_DAYS, request.days)

    def of(paths: Float32Array, weights: FloatArray | None = None) -> Outlook:
        return outlook(
            paths,
            request.horizons,
            request.levels,
            is_short=is_short,
            fan_days=shown,
            probabilities=weights,
        )

    manifest, shares = model.bundle.manifest, by_name(request.weights, book.assets)
    outlooks, notes = {model.kind: of(sums, probabilities)}, [book.note, leaning(manifest)]
    beside: tuple[RiskEstimate, ...] = ()
    known, reason = known_at_start(request, ordered)
    if known is None:
        notes.append(f"{rival} is left out: {reason}")
    else:
        progress.say(f"drawing scenarios of {rival}")
        try:
            common = on_common_days(known)
            sums_beside, losses_beside, met = drawn_of_rival(
                request, common, book, rival, stop, most
            )
            outlooks[rival] = of(sums_beside)
            beside = parts_at(highest, losses_beside)
            notes += [few_days(rival, common, known), met]
        except (TrainingError, ConfigError, PriceError) as error:
            notes.append(left_out(rival, error, known))
    if known is not None:
        is_of_a_day = model.bundle.manifest.recipe.training.overlap == 1
        notes += [other_days(request.as_of, model, known, rival)]
        notes += [followers(known)] if is_of_a_day else []
    notes += [ordered.note, ordered.outcome_within(most), lost_later(sums, request.asked)]
    return RiskResults(
        model=model.name,
        kind=model.kind,
        asset=book.title,
        start=start(request.as_of, known),
        position=request.position,
        price=float(ordered.start.initial_price[0]) if len(book.assets) == 1 else None,
        is_adjusted=is_adjusted(_origin(request, model)),
        past=past(request.as_of, known, book),
        scenarios=len(sums),
        worth=worth_of(len(sums), probabilities),
        seed=request.seed,
        outlooks=outlooks,
        volatility=volatility(request.as_of, model, known),
        liquidity=liquidity_of(sums, is_short) if request.frtb else (),
        given=request.given or "",
        prior=prior_facts(manifest),
        level_uncertainty=request.level_uncertainty,
        notes=tuple(filter(None, notes)),
        rival=rival,
        weights=book.weights,
        rebalance=request.rebalance,
        command=risk_again(model.name, request, weights_again(shares, request.rebalance)),
        parts=parts_of(
            book, max(request.horizons), parts_at(highest, losses, probabilities), beside
        ),
    )


def drawn(
    request: RiskRequest, ordered: Order, book: Book, progress: Progress, stop: Stop
) -> tuple[Float32Array, Float32Array, FloatArray | None]:
    """Return log returns of the book from the start to each day (paths, days).

    With them come the losses of the position in each asset over the longest horizon (paths,
    assets), of no asset if there is one only, and unequal probabilities.
    """
    sums, losses, weights = [], [], []
    for block in ordered.source(progress, stop)(ordered.sheet.first, ordered.sheet.n):
        of_book, of_assets = along(request, book, block.log_returns)
        sums.append(of_book)
        losses.append(of_assets)
        weights.append(block.probable)
    all_weights = np.concatenate(weights)
    probabilities = all_weights / all_weights.sum() if ordered.sheet.weighted else None
    return np.concatenate(sums), np.concatenate(losses), probabilities


def _origin(request: RiskRequest, model: Model) -> Mapping[str, object]:
    """Return the record of the prices that the scenarios continue, of the first asset."""
    manifest = model.bundle.manifest
    order = file_order("risk", manifest.assets[0], request.prices, column=request.column)
    return manifest.data.source if order is None else order.record(request.workspace)


def known_at_start(request: RiskRequest, ordered: Order) -> tuple[History | None, str]:
    """Return the history up to the start, or the reason why there is none."""
    if ".." in request.as_of:
        return None, "each scenario starts on another day"
    try:
        history = ordered.history or history_of_bundle(ordered.model.bundle)
    except (BundleError, MissingExtraError) as error:
        return None, str(error)
    return (history.until(request.as_of) if sampled(request).is_date else history), ""
