"""Joint forecasts of held-out days: dependence that is missing is seen, and no day is known early.

The history has correlations of .7 and −.3 between GARCH returns. A law is level with itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from heard_steps import Heard
from made_bundle import made_bundle
from made_joint import ASSETS, BLUEPRINT, CORRELATIONS, made_joint, made_member, made_panel

from simgan.arrays import FloatArray
from simgan.baselines import baseline
from simgan.baselines.joint_fhs import GjrDccFhs
from simgan.bundle.store import Bundle
from simgan.errors import ConfigError, Interrupted, SamplingError, TrainingDiverged, TrainingError
from simgan.market.history import History
from simgan.progress import SILENT, Progress, Stop
from simgan.recipe.recipe import Recipe
from simgan.recipe.training import TrainingSettings
from simgan.report.aspects import Aspect, forecasts_in
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.workflows import checks_of_books as checks
from simgan.workflows.checks_of_books import joint_aspects, verdict_on_forecasts
from simgan.workflows.joint_model import joint_before, joint_model
from simgan.workflows.train import Assignment
from simgan.workspace import Workspace

FIRST, DAYS = 500, 660
Draws = Iterator[FloatArray]


def panel(days: int = DAYS) -> History:
    return made_panel(1500).rows(slice(days))


def rival(history: History, days: FloatArray) -> Draws:
    """Forecasts of the rival under another seed: the law of the rival, and other paths."""
    whole = history.log_returns
    fitted = baseline("gjr-dcc-fhs").fit(whole[:FIRST])
    asked = range(int(days[0]), int(days[-1]) + 1)
    return fitted.forecast(whole, asked, 10, 256, Seed(1))


def found(
    monkeypatch: pytest.MonkeyPatch, law: object, history: History | None = None
) -> list[Aspect]:
    """Judge forecasts of a law in the place of those of a model."""
    monkeypatch.setattr(checks, "_forecasts", law)
    return joint_aspects(made_joint(), history or panel(), FIRST)


def test_a_law_is_level_with_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chance of a false alarm: 4 tests at 5 %, with a fixed seed."""
    aspects = found(monkeypatch, lambda _, history, days: rival(history, days))
    assert [(one.name, one.outcome) for one in aspects] == [
        ("one-day forecasts", "level with"),
        ("ten-day forecasts", "level with"),
    ]
    assert {one.against for one in aspects} == {"gjr-dcc-fhs"}


def test_the_same_margins_without_dependence_are_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def apart(_: Model, history: History, days: FloatArray) -> Draws:
        for paths in rival(history, days):
            yield np.stack([np.roll(paths[..., i], 7 * i, axis=0) for i in range(3)], axis=-1)

    one_day, ten_days = found(monkeypatch, apart)
    assert one_day.outcome == "behind"
    assert all("variogram higher (p " in one.basis for one in (one_day, ten_days))


def test_days_on_which_an_asset_does_not_trade_are_not_scored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By hand: of 151 starts 20 lie in the hole, and ten days from 9 more reach into it."""
    history = panel()
    returns = history.log_returns.copy()
    returns[FIRST + 100 : FIRST + 120, 2] = np.nan
    counts = []
    scores = checks._scores

    def counted(*given: object) -> list[FloatArray]:
        rows = scores(*given)  # type: ignore[arg-type]
        counts.append([row.shape[1] for row in rows])
        return rows

    def law(_: Model, history: History, days: FloatArray) -> Draws:
        return iter(0.01 * np.random.default_rng(1).standard_normal((len(days), 256, 10, 3)))

    monkeypatch.setattr(checks, "_scores", counted)
    found(monkeypatch, law, replace(history, log_returns=returns))
    assert counts == [[131, 122], [131, 122]]


def test_the_rival_knows_moves_of_days_on_which_another_asset_did_not_trade(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By hand: moves of assets 1 and 2 on day 50 are part of those on day 51."""
    history, fitted = panel(), list[FloatArray]()
    returns = history.log_returns.copy()
    returns[50, 2] = np.nan

    def refuse(_: GjrDccFhs, known: FloatArray) -> None:
        fitted.append(known)
        raise TrainingError("no")

    monkeypatch.setattr(GjrDccFhs, "_fit", refuse)
    with pytest.raises(TrainingError):
        joint_aspects(made_joint(), replace(history, log_returns=returns), FIRST)
    [known] = fitted
    assert known.shape == (FIRST - 1, 3)
    assert known[50, :2] == pytest.approx(returns[50, :2] + returns[51, :2])
    assert known[50, 2] == returns[51, 2] and (known[51] == returns[52]).all()


def test_at_most_500_days_are_forecast_evenly_spaced() -> None:
    assert checks._evenly(range(100, 600)) == range(100, 600)
    assert checks._evenly(range(100, 601)) == range(100, 601, 2)
    assert len(checks._evenly(range(1250))) == 417


def test_forecasts_of_many_days_at_once_have_the_law_of_each_day() -> None:
    """By the sampler of the model, with 20,000 draws of a day: standard errors are 4.5 %."""
    bundle, history, days = made_joint(), panel(), np.array([600, 601, 640])
    model = Model(bundle)
    many = list(checks._forecasts(model, history, np.repeat(days, 40)))
    for number, day in enumerate(days.tolist()):
        drawn = np.concatenate(many[40 * number : 40 * number + 40])
        each = model.forecast(history.log_returns, range(day, day + 1), 10, 20_000, Seed(3))
        other = next(each)
        assert drawn.shape == (40 * 256, 10, 3)
        for of, law in ((drawn, other), (drawn.sum(axis=1), other.sum(axis=1))):
            assert of.std(axis=0) == pytest.approx(law.std(axis=0), rel=0.06)
        one, all_others = (np.corrcoef(paths[:, 0].T) for paths in (drawn, other))
        assert one == pytest.approx(all_others, abs=0.05)


def test_a_rival_that_cannot_be_fitted_is_neither_beaten_nor_ahead(
    of_days_before: dict[str, tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise TrainingError("gjr-fhs: no maximum")

    monkeypatch.setattr(GjrDccFhs, "_fit", refuse)
    reason = "gjr-dcc-fhs cannot be used (gjr-fhs: no maximum)"
    told = {"sentence": f"Forecasts of held-out days are not judged: {reason}."}
    assert judged(steps=0) == told


def test_held_out_days_that_are_too_few_are_the_reason(
    of_days_before: dict[str, tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "fewest_days", lambda horizon: 1000)
    assert judged(steps=0) == {
        "sentence": "Forecasts of held-out days are not judged: the held-out days on which all "
        "assets trade are too few."
    }


def test_too_few_held_out_days_have_no_test() -> None:
    """40 days are needed over ten days, and 10 over one."""
    history = panel(FIRST + 30)
    assert [one.name for one in joint_aspects(made_joint(), history, FIRST)] == [
        "one-day forecasts"
    ]


def test_the_joint_law_of_the_days_before_knows_no_later_day() -> None:
    """A panel whose later days have no correlation gives the same law."""
    whole = made_joint()
    weights = [made_member(made_panel(), asset).weights for asset in ASSETS]
    before = made_panel().rows(slice(FIRST))
    earlier = joint_before(whole, before, weights)
    later = made_panel().log_returns.copy()
    later[FIRST:] = np.random.default_rng(4).permuted(later[FIRST:], axis=0)
    changed = replace(made_panel(), log_returns=later)
    other = joint_before(whole, changed.rows(slice(FIRST)), weights)
    for name, values in earlier.weights.items():
        assert (values == other.weights[name]).all()
    assert earlier.manifest.joint is not None
    assert earlier.manifest.joint.rows == len(earlier.weights["rows"]) < FIRST
    assert earlier.weights["target"] == pytest.approx(CORRELATIONS, abs=0.15)
    assert earlier.latest.shape == (3, earlier.manifest.blueprint.width)
    assert (earlier.latest == other.latest).all()
    model = Model(earlier)
    last = model.memories_along(before.log_returns, before.ranges)[-1]
    assert earlier.latest == pytest.approx(last, abs=1e-5)
    drawn = model.sample(2, 3)
    assert drawn.initial_price == pytest.approx(before.last_price)
    with pytest.raises(ConfigError, match="this model has no long-run states"):
        model.sample(2, 3, as_of="stationary")
    paths = next(model.forecast(before.log_returns, range(400, 401), 5, 64, Seed(0)))
    assert paths.shape == (64, 5, 3) and np.isfinite(paths).all()


def task(asset: str, history: History) -> Assignment:
    return Assignment(
        name=asset, history=history.only(asset), source={}, checkpoint=Path("x"), holds_out=False
    )


@pytest.fixture
def of_days_before(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, str]]:
    """Days and prior, by asset, of the trainings that were asked for."""
    asked: dict[str, tuple[int, str]] = {}

    def stub(recipe: Recipe, task: Assignment, days: int, stop: Stop) -> dict[str, object]:
        asked[task.name] = days, task.prior.until if task.prior else ""
        return dict(made_bundle(blueprint=BLUEPRINT).weights)

    monkeypatch.setattr(checks, "trained_before", stub)
    return asked


def judged(
    listed: tuple[int, int, int] = (0, 0, 0),
    stop: Stop | None = None,
    progress: Progress = SILENT,
    **settings: int,
) -> dict[str, object]:
    """The verdict on made members, of which some are listed later."""
    bundle = made_joint(listed)
    recipe = replace(Recipe(architecture=BLUEPRINT), training=TrainingSettings(**settings))
    history = bundle.history
    assert history is not None
    asked = replace(bundle, manifest=replace(bundle.manifest, recipe=recipe))
    tasks = [task(asset, history) for asset in ASSETS]
    return verdict_on_forecasts(asked, tasks, Workspace(Path()), progress, stop)


def test_the_last_15_percent_of_the_panel_are_held_out(
    of_days_before: dict[str, tuple[int, str]],
) -> None:
    """By hand: 1,275 of 1,500 days, of which the third asset has 1,275 − 400."""
    told = judged((0, 0, 400), steps=0)
    assert of_days_before == {"ONE": (1275, ""), "TWO": (1275, ""), "THREE": (875, "")}
    assert str(told["sentence"]).startswith("Forecasts of the days from 2013-06-29 on, by a model")
    aspects = forecasts_in(told)
    assert [one.name for one in aspects] == ["one-day forecasts", "ten-day forecasts"]
    assert all(one.against == "gjr-dcc-fhs" and one.basis for one in aspects)


@pytest.mark.parametrize(
    ("listed", "settings", "reason"),
    [
        ((0, 1240, 1250), {"steps": 0}, "TWO has 35 days before 2013-06-29"),
        ((0, 0, 0), {"steps": 50}, "an adversarial stage would have to be repeated"),
    ],
)
def test_the_reason_is_told_where_forecasts_are_not_judged(
    of_days_before: dict[str, tuple[int, str]],
    listed: tuple[int, int, int],
    settings: dict[str, int],
    reason: str,
) -> None:
    told = judged(listed, **settings)
    assert not of_days_before and "aspects" not in told
    assert reason in str(told["sentence"])
    assert str(told["sentence"]).startswith("Forecasts of held-out days are not judged: ")


def test_an_asset_that_was_listed_too_late_is_left_out_and_told(
    of_days_before: dict[str, tuple[int, str]],
) -> None:
    told = judged((0, 0, 1250), steps=0)
    assert of_days_before == {"ONE": (1275, ""), "TWO": (1275, "")}
    assert len(forecasts_in(told)) == 2
    sentence = str(told["sentence"])
    assert sentence.startswith("Forecasts of the days from 2013-06-29 on, by a model of the days b")
    reason = r"THREE has 25 days before 2013-06-29, where they begin, and \d+ are needed"
    assert re.search(rf"\. Left out: {reason}\.$", sentence)
    for one in forecasts_in(told):
        assert len(one.left_out) == 1 and re.fullmatch(reason, one.left_out[0])


def test_days_of_an_asset_that_is_left_out_do_not_move_the_first_day(
    of_days_before: dict[str, tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: 1,275 of 1,500 days are before; on 5 of them only the asset that is left out trades.

    Calls get the 1,270 days of the two others, and their panel of 1,495.
    """
    panel = made_panel(listed=(0, 0, 1250))
    returns = panel.log_returns.copy()
    returns[1260:1265, :2] = np.nan
    panel = replace(panel, log_returns=returns)
    members = [made_member(panel, asset) for asset in ASSETS]
    recipe = Recipe(architecture=BLUEPRINT, training=TrainingSettings(steps=0))
    bundle = joint_model("made", recipe, panel, members, {})
    calls = []

    def stub(earlier: Bundle, panel: History, first: int, *_: object) -> list[Aspect]:
        calls.append((earlier.manifest.data.days, len(panel), first, panel.day(first)))
        return []

    monkeypatch.setattr(checks, "joint_aspects", stub)
    tasks = [task(asset, panel) for asset in ASSETS]
    verdict_on_forecasts(bundle, tasks, Workspace(Path()))
    assert calls == [(1270, 1495, 1270, "2013-06-29")]


def members_of_their_own() -> tuple[History, list[Bundle]]:
    """A panel of assets in three scales, the last with ranges, and members with own weights."""
    panel, ranges = made_panel(), (1.0, 1.0, 0.7)
    returns = panel.log_returns * np.array([3.0, 1.0, 0.5])
    shapes = np.full((*returns.shape, 3), np.nan)
    shapes[:, 2] = np.stack([np.zeros(len(panel)), 0.6 * abs(returns[:, 2]), returns[:, 2]], axis=1)
    shapes[:, 2, 1:] = abs(shapes[:, 2, 1:]) + 0.001
    panel = replace(panel, log_returns=returns, shapes=shapes)
    members = []
    for column, asset in enumerate(ASSETS):
        one = made_member(panel, asset, BLUEPRINT.with_ranges(column == 2))
        scaling = replace(one.manifest.scaling, ranges=ranges[2:] if column == 2 else ())
        weights = one.weights | {"drift": one.weights["drift"] + np.float32(0.01 * column)}
        members.append(
            replace(one, weights=weights, manifest=replace(one.manifest, scaling=scaling))
        )
    return panel, members


@pytest.mark.parametrize("assets", [("THREE", "ONE"), ("TWO", "THREE")])
def test_the_joint_law_of_some_assets_is_that_of_a_fit_of_them(assets: tuple[str, ...]) -> None:
    """Law, members, scaling and start state equal those of `joint_model` of the same days."""
    panel, members = members_of_their_own()
    recipe = Recipe(architecture=BLUEPRINT, training=TrainingSettings(steps=0))
    whole = joint_model("made", recipe, panel, members, {})
    own = [members[ASSETS.index(asset)] for asset in assets]
    before = panel.rows(slice(FIRST)).of_assets(assets)
    earlier = joint_before(whole, before, [one.weights for one in own])
    fitted = joint_model("made", recipe, before, own, {})
    assert earlier.manifest.assets == assets
    assert earlier.manifest.scaling == fitted.manifest.scaling
    assert earlier.manifest.blueprint == fitted.manifest.blueprint
    assert earlier.manifest.joint == fitted.manifest.joint
    assert earlier.manifest.last_price == fitted.manifest.last_price
    assert earlier.weights.keys() == fitted.weights.keys()
    for name, values in fitted.weights.items():
        np.testing.assert_array_equal(earlier.weights[name], values, err_msg=name)
    np.testing.assert_array_equal(earlier.latest, fitted.latest)


def test_a_training_on_the_days_before_that_fails_costs_the_verdict_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def diverge(_: Recipe, task: Assignment, *rest: object) -> None:
        if task.name == "TWO":
            raise TrainingDiverged("a loss is not finite")

    monkeypatch.setattr(checks, "trained_before", diverge)
    assert judged(steps=0) == {
        "sentence": "Forecasts of held-out days are not judged: the training of TWO on the days "
        "before 2013-06-29 fails."
    }


def test_a_model_of_the_days_before_that_explodes_costs_the_verdict_only(
    of_days_before: dict[str, tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise SamplingError("no finite numbers")

    monkeypatch.setattr(Model, "unscaled", explode)
    assert "the volatility of the model before 2013-06-29 grows" in str(judged(steps=0)["sentence"])


def test_a_law_of_closes_at_one_time_is_judged_over_ten_days_only(
    of_days_before: dict[str, tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An overlap alone changes nothing where no asset follows another."""
    said = " One-day forecasts are not judged: the prices that judge are of closes at other hours"
    matrix = np.array([[False] * 3, [False] * 3, [False, True, False]])
    told, names = {}, {}
    for case, overlap in (("day", 1), ("no follower", 2), ("follower", 2)):
        if case == "follower":
            monkeypatch.setattr("simgan.workflows.joint_model.follows", lambda _: matrix)
        found = judged(steps=0, overlap=overlap)
        told[case] = said in str(found["sentence"])
        names[case] = [one.name for one in forecasts_in(found)]
    both = ["one-day forecasts", "ten-day forecasts"]
    assert names == {"day": both, "no follower": both, "follower": both[1:]}
    assert told == {"day": False, "no follower": False, "follower": True}


def test_the_progress_counts_the_members_that_have_learned(
    of_days_before: dict[str, tuple[int, str]],
) -> None:
    heard = Heard()
    judged(steps=0, progress=heard)
    steps = [one for one in heard.steps if one.task == "members of the days before"]
    assert [(one.done, one.total) for one in steps] == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_stop_ends_the_forecasts(of_days_before: dict[str, tuple[int, str]]) -> None:
    stop = Stop()
    stop.ask()
    with pytest.raises(Interrupted):
        judged(stop=stop, steps=0)
