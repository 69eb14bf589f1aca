"""Scores of the assets of a book together, and of portfolios, against formulas from outside."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from made_walks import at_one_level, made_walk
from page_tags import expect_sound

from simgan.errors import ConfigError
from simgan.report.backtest.books import BookResults, evaluate_book
from simgan.report.backtest.figures.vectors import vector_figures
from simgan.report.backtest.renderers import render_page, render_text
from simgan.report.backtest.results import BacktestResults, evaluate
from simgan.risk.comparison import diebold_mariano
from simgan.risk.joint_walks import JointWalk
from simgan.risk.portfolio_scores import GROUPS
from simgan.risk.walks import Walk

DAYS, LEVELS = 200, (0.95, 0.99)
WEIGHTS = {"A": 0.6, "B": 0.4}
HOSTILE = "<b>model</b>"


def made_scores(model: str, worse: float = 0.0, horizon: int = 1, days: int = DAYS) -> JointWalk:
    """Scores with a part that all models share, and one that is their own."""
    shared, own = np.random.default_rng(horizon), np.random.default_rng(len(model))
    common = shared.uniform(0.01, 0.02, days)

    def scores(*shape: int) -> np.ndarray:
        part = common.reshape(-1, *[1] * len(shape))
        return np.asarray(part + worse + 1e-3 * own.standard_normal((days, *shape)))

    return JointWalk(
        model=model,
        horizon=horizon,
        dates=np.datetime64("2020-01-01") + np.arange(days),
        levels=LEVELS,
        energy=scores(),
        variogram=scores(),
        portfolio_crps=scores(42),
        portfolio_fz0=scores(42, 2),
        portfolio_hits=np.asarray(own.random((days, 42, 2)) < [0.05, 0.01], np.float64),
    )


WALKS = [
    made_scores(model, worse, horizon)
    for horizon in (1, 5)
    for model, worse in (("gjr-dcc-fhs", 0.0), ("simgan", -0.01), ("worst", 0.02))
]


def results(walks: list[JointWalk] = WALKS) -> BookResults:
    return evaluate_book(walks, WEIGHTS, "none")


def test_the_judged_model_stands_first_and_gjr_dcc_fhs_is_its_rival() -> None:
    assert results().models == ("simgan", "gjr-dcc-fhs", "worst")
    assert results().reference == "gjr-dcc-fhs"
    alone = results([WALKS[0]])
    assert (alone.models, alone.reference, alone.lines) == (("gjr-dcc-fhs",), "", ())
    without = results([walk for walk in WALKS if walk.model != "gjr-dcc-fhs"])
    assert without.reference == "worst"


def test_differences_and_statistics_are_those_of_diebold_and_mariano() -> None:
    for row in results().vectors:
        of_horizon = {walk.model: walk for walk in WALKS if walk.horizon == row.horizon}
        name = row.measure.name.removesuffix(" score")
        own, other = (100 * getattr(of_horizon[model], name) for model in ("simgan", "gjr-dcc-fhs"))
        expected = diebold_mariano(own, other, row.horizon)
        found = row.models["simgan"]
        assert found.mean == pytest.approx(own.mean())
        assert found.difference == pytest.approx(expected.mean_difference)
        assert (found.statistic, found.p_value) == (expected.statistic, expected.p_value)
        assert found.outcome == "ahead" and row.models["worst"].outcome == "behind"
        assert found.is_in_set and not row.models["worst"].is_in_set


def test_portfolios_are_scored_by_the_mean_of_their_kind() -> None:
    rows = {(row.asset, row.horizon, row.measure.label): row for row in results().portfolios}
    assert len(rows) == len(GROUPS) * 2 * 3
    simgan = next(walk for walk in WALKS if (walk.model, walk.horizon) == ("simgan", 5))
    found = rows["20 random long-short", 5, "FZ0 at 99 %"].models["simgan"].mean
    assert found == pytest.approx(simgan.portfolio_fz0[:, 21:41, 1].mean())
    found = rows["minimum variance", 5, "CRPS, %"].models["simgan"].mean
    assert found == pytest.approx(100 * simgan.portfolio_crps[:, 41].mean())


def test_hits_are_the_mean_of_a_kind_and_its_range() -> None:
    worst = next(walk for walk in WALKS if (walk.model, walk.horizon) == ("worst", 1))
    (found,) = [
        hits.models["worst"]
        for hits in results().hits
        if (hits.group, hits.horizon, hits.level) == ("20 random long-only", 1, 0.95)
    ]
    shares = worst.portfolio_hits[:, 1:21, 0].mean(axis=0)
    assert (found.share, found.low, found.high) == pytest.approx(
        (shares.mean(), shares.min(), shares.max())
    )
    assert found.low < found.share < found.high


def test_a_sentence_tells_each_horizon_and_where_the_scores_disagree() -> None:
    assert results().lines[0] == (
        "Assets together over 1 day: simgan is ahead of gjr-dcc-fhs by the energy score and the "
        "variogram score; of 12 scores of portfolios it is ahead in 12."
    )
    other = {walk.model: walk for walk in WALKS[:3]}
    mixed = replace(other["simgan"], variogram=other["worst"].variogram)
    assert results([mixed, other["gjr-dcc-fhs"]]).lines == (
        "Assets together over 1 day: simgan is ahead of gjr-dcc-fhs by the energy score; behind "
        "gjr-dcc-fhs by the variogram score; of 12 scores of portfolios it is ahead in 12.",
    )


def with_holes(walk: JointWalk, missing: int) -> JointWalk:
    """Take the scores of the first days away."""
    changed = {}
    for name in ("energy", "variogram", "portfolio_crps", "portfolio_fz0", "portfolio_hits"):
        values = getattr(walk, name).copy()
        values[:missing] = np.nan
        changed[name] = values
    return replace(walk, **changed)


def test_days_without_a_return_are_counted_and_leave_the_others_as_they_are() -> None:
    whole = [made_scores(model, 0.0, 1) for model in ("simgan", "gjr-dcc-fhs")]
    holes = results([with_holes(walk, 7) for walk in whole])
    assert [(period.days, period.missing) for period in holes.periods] == [(DAYS, 7)]
    found = holes.vectors[0].models["simgan"].mean
    assert found == pytest.approx(100 * whole[0].energy[7:].mean())
    assert holes.vectors[0].days == DAYS - 7


def test_an_expected_gain_leaves_out_fz0_of_its_kind_alone() -> None:
    fz0 = WALKS[0].portfolio_fz0.copy()
    fz0[3, 0, 1] = np.nan
    found = results([replace(WALKS[0], portfolio_fz0=fz0), *WALKS[1:3]])
    labels = [row.measure.label for row in found.portfolios if row.asset == "equal weights"]
    assert labels == ["CRPS, %", "FZ0 at 95 %"]
    assert "equal weights, horizon 1: no FZ0 at 99 %" in found.notes[0]
    others = [row for row in found.portfolios if row.asset == "minimum variance"]
    assert len(others) == 3


def test_few_days_are_not_compared_and_the_reason_is_told() -> None:
    found = results([made_scores(model, 0.0, 1, 8) for model in ("simgan", "gjr-dcc-fhs")])
    assert found.lines == ("Assets together over 1 day: simgan is not compared.",)
    assert "not compared" in found.notes[0]


def test_a_model_without_one_horizon_is_told() -> None:
    with pytest.raises(ConfigError, match="horizon 5"):
        results(WALKS[:-1])


def whole_results() -> tuple[BacktestResults, list[Walk], list[JointWalk]]:
    walks = [
        at_one_level(made_walk(name, f, days=60, asset="BOOK"))
        for name, f in (("gjr-dcc-fhs", 1.0), ("simgan", 1.1))
    ]
    scores = [with_holes(made_scores(m), 2) for m in ("gjr-dcc-fhs", "simgan", HOSTILE)]
    return evaluate(walks, "gjr-dcc-fhs", book=results(scores)), walks, scores


@pytest.mark.usefixtures("hit_rates_alone")
def test_page_text_and_numbers_have_the_assets_together() -> None:
    found, walks, scores = whole_results()
    page = render_page(found, walks, scores)
    assert page == render_page(found, walks, scores)
    expect_sound(page)
    assert "<b>model" not in page and "&lt;b&gt;model" in page
    assert page.index("The assets together</h2>") < page.index("Portfolios of the assets</h2>")
    assert "2 of them are not scored, because a return of an asset is missing" in page
    assert found.book is not None
    mean = f"{found.book.vectors[0].models['simgan'].mean:.4f}"
    assert f'<span class="value">{mean}' in page
    said = render_text(found)
    assert "Scores over 1 day, assets together: low is good" in said and mean in said
    assert found.book.lines[0] in " ".join(said.split())
    numbers = json.dumps(found.to_json()["book"], allow_nan=False)
    assert json.loads(numbers)["weights"] == WEIGHTS


@pytest.mark.usefixtures("hit_rates_alone")
def test_a_backtest_without_a_book_says_nothing_of_one() -> None:
    found, walks, scores = whole_results()
    plain = replace(found, book=None)
    assert "book" not in plain.to_json()
    page = render_page(plain, walks, scores)
    assert "assets together" not in page.lower() and "energy score" not in page


def test_a_figure_shows_the_sums_of_differences_of_each_horizon() -> None:
    walks = [made_walk(name, asset="BOOK", days=60) for name in ("gjr-dcc-fhs", "simgan")]
    whole = evaluate(walks, "gjr-dcc-fhs", book=results())
    found = vector_figures(whole, WALKS)
    assert set(found) == {1, 5}
    assert [len(figure.panels) for figure in found.values()] == [2, 2]
    assert [entry.name for entry in found[1].legend] == ["simgan", "worst"]
    alone = replace(whole, book=results([WALKS[0]]))
    assert vector_figures(alone, WALKS[:1]) == {} == vector_figures(whole, [])
