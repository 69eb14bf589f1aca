"""A book in the walk-forward: its returns, its contenders, and the scores of its assets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_books import ASSETS, CORRELATIONS, MadeVectors, NormalVectors, made_panel

from simgan.baselines import baseline
from simgan.baselines.resampling import FittedResampling
from simgan.errors import ConfigError, DataError
from simgan.market.history import History
from simgan.progress import SILENT, Silent, Step
from simgan.report.backtest.books import evaluate_book
from simgan.risk.book import Book
from simgan.risk.joint_walks import JointWalk
from simgan.risk.portfolio import Portfolio
from simgan.risk.portfolio_scores import portfolio_scores, portfolios_on
from simgan.risk.vector_scores import energy_score, variogram_score
from simgan.risk.walks import Walk
from simgan.seeds import Seed
from simgan.workflows.backtest import books
from simgan.workflows.backtest.book_contenders import Collapsed, OnWholeDays, Together
from simgan.workflows.backtest.books import BookWork, CollapsedBook, TradedBook
from simgan.workflows.backtest.contenders import Classical, Contender
from simgan.workflows.backtest.segments import ForecastSettings, load_part
from simgan.workflows.backtest.walk import Chain, joint_walks_of, walk, walks_of
from simgan.workflows.book import book_of

LEVELS = (0.95, 0.99)
SETTINGS = ForecastSettings(horizons=(1, 5), levels=LEVELS, scenarios=200, window=None, seed=4)
PANEL = made_panel(620)
FIRST = "2020-06-01"
HELD, DAILY = (book_of(ASSETS, "A=.5,B=.8,C=-.3", how) for how in ("none", "daily"))
PATHS = 0.03 * np.random.default_rng(0).standard_normal((50, 4, 3))


def a_work(panel: History = PANEL, book: Book = HELD) -> BookWork:
    return BookWork(book, "BOOK", panel, SETTINGS)


def a_chain(
    contender: Contender, panel: History = PANEL, book: Book = HELD, first: str | None = FIRST
) -> Chain:
    work = a_work(panel, book)
    return work.chain(contender, work.segments(first, "quarterly", 10), judged="")


def walked(folder: Path, chain: Chain) -> tuple[list[Walk], list[JointWalk]]:
    walk([chain], folder, 1, SILENT)
    return list(walks_of(chain)), list(joint_walks_of(chain))


@pytest.mark.parametrize("book", [HELD, DAILY], ids=["held", "daily"])
def test_a_book_has_the_returns_of_its_shares_held_or_restored(book: Book) -> None:
    held = TradedBook.of(book, "BOOK")
    assert (held.name, held.assets) == ("BOOK", ASSETS)
    assert held.cumulative(PATHS) == pytest.approx(book.summed(PATHS), abs=1e-7)
    simple = np.expm1(PATHS[0]) @ book.shares
    expected = (
        np.log1p(simple).sum()
        if book.is_rebalanced
        else np.log(np.exp(PATHS[0].sum(axis=0)) @ book.shares)
    )
    assert held.total(PATHS[0]) == pytest.approx(expected)


def test_paths_that_are_summed_in_parts_are_those_of_the_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = TradedBook.of(HELD, "BOOK")
    whole = held.cumulative(PATHS)
    monkeypatch.setattr(books, "_AT_ONCE", 7 * PATHS[0].size)
    np.testing.assert_array_equal(held.cumulative(PATHS), whole)
    with pytest.raises(ConfigError, match="lost in 50 of 50 scenarios within 4 days"):
        TradedBook.of(book_of(ASSETS, "A=1,B=1,C=-1"), "BOOK").cumulative(
            np.add(PATHS, [0, 0, 1.0])
        )


def test_an_asset_that_did_not_trade_did_not_move() -> None:
    steps = PATHS[0].copy()
    steps[1, 2] = np.nan
    moved = np.nan_to_num(steps)
    held = TradedBook.of(HELD, "BOOK")
    assert held.total(steps) == held.total(moved) and np.isfinite(held.total(steps))


def test_a_portfolio_of_one_model_of_a_book_and_of_another_have_other_parts() -> None:
    kinds = [
        TradedBook.of(HELD, "BOOK"),
        TradedBook.of(DAILY, "BOOK"),
        CollapsedBook.of(HELD, "BOOK"),
        Portfolio(ASSETS, tuple(HELD.shares.tolist())),
    ]
    assert len({str(kind.record()) for kind in kinds}) == 4


def test_forecasts_of_a_book_are_those_of_the_paths_of_its_assets(tmp_path: Path) -> None:
    (one, five), _ = walked(tmp_path, a_chain(MadeVectors()))
    day = int(np.searchsorted(PANEL.dates, five.dates[7]))
    paths = next(
        MadeVectors()
        .again(PANEL, "")
        .model.forecast(PANEL.log_returns, range(day, day + 1), 5, 200, Seed(4))
    )
    draws = np.sort(np.log(np.exp(paths.sum(axis=1)) @ HELD.shares))
    assert five.value_at_risk[7, 0] == pytest.approx(-draws[10])  # 10 of 200 lie beyond
    outcome = np.log(np.exp(PANEL.log_returns[day : day + 5].sum(axis=0)) @ HELD.shares)
    assert five.realized[7] == pytest.approx(outcome)
    assert (five.asset, len(one.dates)) == ("BOOK", len(five.dates) + 4)


def test_assets_together_are_scored_by_the_paths_of_the_day(tmp_path: Path) -> None:
    _, (one, five) = walked(tmp_path, a_chain(MadeVectors()))
    day = int(np.searchsorted(PANEL.dates, five.dates[7]))
    model = NormalVectors(CORRELATIONS)
    paths = next(model.forecast(PANEL.log_returns, range(day, day + 1), 5, 200, Seed(4)))
    draws, realized = paths.sum(axis=1), PANEL.log_returns[day : day + 5].sum(axis=0)
    assert five.energy[7] == pytest.approx(energy_score(draws, realized))
    assert five.variogram[7] == pytest.approx(variogram_score(draws, realized))
    weights = portfolios_on(PANEL.log_returns[:day])
    found = portfolio_scores(draws, realized, weights, (0.05, 0.01))
    np.testing.assert_allclose(five.portfolio_crps[7], found.crps)
    np.testing.assert_allclose(five.portfolio_fz0[7], found.fz0)
    np.testing.assert_array_equal(five.portfolio_hits[7], found.hits)
    assert one.is_scored.all() and five.levels == LEVELS


def test_nothing_comes_from_the_future(tmp_path: Path) -> None:
    """Another future from day 580 on leaves forecasts and scores before it as they are."""
    returns = PANEL.log_returns.copy()
    returns[580:] = 0.03 - 2 * returns[580:]
    changed = replace(PANEL, log_returns=returns)
    for contender in (MadeVectors(), Together("historical-250"), Collapsed("ewma-fhs", HELD)):
        before, after = (
            walked(tmp_path / f"{contender.name}-{i}", a_chain(contender, panel))
            for i, panel in enumerate((PANEL, changed))
        )
        for one, other in zip(before[0], after[0], strict=True):
            known = one.dates <= PANEL.dates[580]
            np.testing.assert_array_equal(one.value_at_risk[known], other.value_at_risk[known])
            assert not np.array_equal(one.value_at_risk, other.value_at_risk)
        for one, other in zip(before[1], after[1], strict=True):
            over = one.dates <= PANEL.dates[580 - one.horizon]
            np.testing.assert_array_equal(one.portfolio_fz0[over], other.portfolio_fz0[over])
            np.testing.assert_array_equal(one.energy[over], other.energy[over])
            assert not np.array_equal(one.energy, other.energy)


def with_holes(days: list[int]) -> History:
    returns = PANEL.log_returns.copy()
    returns[days, 1] = np.nan
    return replace(PANEL, log_returns=returns)


def test_a_day_with_a_missing_return_is_forecast_and_not_scored_together(tmp_path: Path) -> None:
    holes = with_holes([600, 601])
    (one, five), (of_one, of_five) = walked(tmp_path, a_chain(Together("historical-250"), holes))
    missing = np.flatnonzero(~of_one.is_scored)
    assert of_one.dates[missing].tolist() == holes.dates[[600, 601]].tolist()
    assert (~of_five.is_scored).sum() == 6
    for walked_one in (one, five):
        assert np.isfinite(walked_one.realized).all()
    scored = of_five.scored()
    assert len(scored.dates) == len(of_five.dates) - 6 and scored.is_scored.all()


def test_a_baseline_of_several_assets_learns_from_whole_days(tmp_path: Path) -> None:
    """The forecast of each day continues the whole days before it, which hold all moves."""
    holes, rows = with_holes([100, 300, 303, 304]), range(299, 308)
    model = baseline("historical-250").fit(made_panel(260).log_returns)
    found = list(OnWholeDays(model).forecast(holes.log_returns, rows, 2, 30, Seed(1)))
    prices = np.exp(np.cumsum(np.nan_to_num(holes.log_returns), axis=0))
    whole = np.isfinite(holes.log_returns).all(axis=1)
    for day, paths in zip(rows, found, strict=True):
        known = np.diff(np.log(prices[:day][whole[:day]]), axis=0, prepend=0.0)
        alone = next(model.forecast(known, range(len(known), len(known) + 1), 2, 30, Seed(1)))
        np.testing.assert_allclose(paths, alone, atol=1e-12)


def test_a_fit_of_a_baseline_holds_the_moves_of_days_between(tmp_path: Path) -> None:
    """Days that hold all moves end at the prices of the panel. Without the dropped ones not."""
    known = with_holes([100, 300, 303, 304]).rows(slice(310))
    model = Together("historical-250").refit(known, None).model
    assert isinstance(model, OnWholeDays) and isinstance(model.model, FittedResampling)
    sample = model.model.sample
    assert len(sample) == 306
    assert sample.sum(axis=0) == pytest.approx(np.nansum(known.log_returns, axis=0))


def test_a_model_of_one_asset_sees_the_book_as_one_asset(tmp_path: Path) -> None:
    """Its forecasts are those of a history of the book's own returns."""
    (one, five), joint = walked(tmp_path, a_chain(Collapsed("ewma-fhs", DAILY), book=DAILY))
    own = DAILY.past(PANEL.log_returns)[:, None]
    as_one = History(PANEL.dates, own, np.array([1.0]), ("BOOK",))
    segments = a_work().segments(FIRST, "quarterly", 10)
    alone = Chain(Classical("ewma-fhs"), as_one, segments, SETTINGS)
    walk([alone], tmp_path / "alone")
    for found, expected in zip((one, five), walks_of(alone), strict=True):
        np.testing.assert_array_equal(found.value_at_risk, expected.value_at_risk)
        np.testing.assert_allclose(found.realized, expected.realized, atol=1e-15)
    assert joint == []


def test_a_model_of_one_asset_sees_the_book_since_all_its_assets_are_listed(
    tmp_path: Path,
) -> None:
    late, ewma = made_panel(listed=300), Collapsed("ewma-fhs", DAILY)
    since = late.rows(slice(300, None))  # the noise of a day hangs on its row among these
    (one, _), (other, _) = (
        walked(tmp_path / str(i), a_chain(ewma, panel, DAILY, "2020-08-01"))[0]
        for i, panel in enumerate((late, since))
    )
    assert one.dates[0] == other.dates[0]
    np.testing.assert_array_equal(one.value_at_risk, other.value_at_risk)


@pytest.mark.parametrize(("listed", "expected"), [(0, 420), (300, 540)])
def test_by_default_the_last_part_of_the_common_days_is_tested(listed: int, expected: int) -> None:
    found = a_work(made_panel(listed=listed)).segments(None, "never", 10)
    assert found[0].days == range(expected, 700)


def test_too_few_common_days_are_told_with_their_number() -> None:
    work = a_work(made_panel(listed=300))
    with pytest.raises(DataError, match=r"BOOK: 217 days on which all .* need 250"):
        work.segments("2020-06-01", "never", 250)
    nowhere = made_panel(listed=699)
    nowhere.log_returns[699, 0] = np.nan
    with pytest.raises(DataError, match="share no day"):
        a_work(nowhere).segments(None, "never", 10)


def test_a_book_that_may_lose_everything_is_no_law_and_told(tmp_path: Path) -> None:
    short = book_of(ASSETS, "A=30,B=-29,C=0")
    chain = a_chain(MadeVectors(), book=short)
    (failure,) = walk([chain], tmp_path)
    assert "BOOK, made: no forecasts" in failure and "all value lost" in failure
    assert list(joint_walks_of(chain)) == []


class _Halted(Exception):
    pass


class _HaltAfterOne(Silent):
    def step(self, step: Step) -> None:
        if step.task == "made" and step.done:
            raise _Halted


def test_finished_scores_are_kept_and_an_interrupted_walk_goes_on(tmp_path: Path) -> None:
    whole = walked(tmp_path / "whole", a_chain(MadeVectors()))
    with pytest.raises(_Halted):
        walk([a_chain(MadeVectors())], tmp_path / "parts", 1, _HaltAfterOne())
    (kept,) = (tmp_path / "parts").iterdir()
    part, before = load_part(kept), kept.stat().st_mtime_ns
    assert part is not None and set(part.joint) == {1, 5}
    again = walked(tmp_path / "parts", a_chain(MadeVectors()))
    assert kept.stat().st_mtime_ns == before
    assert again == whole


def test_an_independent_model_is_behind_in_the_variogram_score(tmp_path: Path) -> None:
    """The twin that must fail: right margins, and no correlation. The true model leads.

    The p-value is below .001, so the fixed seed hides no luck.
    """
    panel = made_panel(700)
    found = [
        score
        for contender in (
            MadeVectors("gjr-dcc-fhs"),
            MadeVectors("independent", is_independent=True),
        )
        for score in walked(tmp_path / contender.name, a_chain(contender, panel))[1]
    ]
    results = evaluate_book(found, HELD.weights, "none")
    assert (results.models, results.reference) == (("independent", "gjr-dcc-fhs"), "gjr-dcc-fhs")
    (row,) = [r for r in results.vectors if (r.measure.name, r.horizon) == ("variogram score", 1)]
    twin = row.models["independent"]
    assert twin.outcome == "behind" and twin.p_value is not None and twin.p_value < 0.001
    assert not twin.is_in_set and row.models["gjr-dcc-fhs"].is_in_set
    assert "behind gjr-dcc-fhs by" in results.lines[0]


def test_models_of_other_days_are_not_compared(tmp_path: Path) -> None:
    _, (one, _) = walked(tmp_path, a_chain(MadeVectors()))
    other = replace(one, model="other", dates=one.dates + 1)
    with pytest.raises(ConfigError, match="other days"):
        evaluate_book([one, other], HELD.weights, "none")
