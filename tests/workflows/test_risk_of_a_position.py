"""The numbers of `simgan risk` are those that its user would compute from scenarios."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_bundle import made_bundle, made_history

from simgan.baselines import baseline
from simgan.bundle.store import write_bundle
from simgan.errors import Interrupted, SamplingError, SimganError
from simgan.progress import Stop
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.workflows import risk as workflow
from simgan.workflows.models import load_bundle
from simgan.workflows.risk import RiskRequest, assess, assess_model, outlook_today, risk
from simgan.workspace import Workspace

BUNDLE = made_bundle()
MODEL, HISTORY = Model(BUNDLE), made_history()
N = 4000


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("risk")
    write_bundle(BUNDLE, root / "models" / "made")
    return Workspace(root)


def request(workspace: Workspace, **options: Any) -> RiskRequest:
    return RiskRequest(workspace=workspace, n=N, levels=(0.99, 0.95), **options)


def var_by_hand(log_returns: np.ndarray, horizon: int, level: float, side: float = 1.0) -> float:
    """The order statistic of simple losses, of log returns (paths, days, 1)."""
    sums = log_returns[:, :horizon, 0].astype(np.float64).sum(axis=1)
    return float(np.sort(-side * np.expm1(sums))[int(np.ceil(level * len(sums) - 1e-9)) - 1])


@pytest.mark.parametrize("position", [1e6, -250.0])
def test_var_is_the_order_statistic_of_simple_losses(workspace: Workspace, position: float) -> None:
    found = assess(request(workspace, position=position))
    side, drawn = np.sign(position), MODEL.sample(N, 21).log_returns
    rival = baseline("gjr-fhs").fit(HISTORY.log_returns)
    beside = rival.simulate(HISTORY.log_returns, 21, Seed(0), 0, N)
    for horizon, level in ((1, 0.99), (10, 0.99), (10, 0.95)):
        own = found.own.of(horizon, level).value_at_risk
        assert own == pytest.approx(var_by_hand(drawn, horizon, level, side), rel=1e-5)
        other = found.outlooks["gjr-fhs"].of(horizon, level).value_at_risk
        assert other == pytest.approx(var_by_hand(beside, horizon, level, side), rel=1e-5)
    rows = found.to_json()["risk"]
    assert rows[0]["money_value_at_risk"] == pytest.approx(abs(position) * rows[0]["value_at_risk"])


def test_a_rival_is_fitted_once_for_questions_about_a_history(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = assess(request(workspace)).outlooks["gjr-fhs"].of(10, 0.99)
    monkeypatch.setattr("simgan.workflows.rival.baseline", None)
    again = assess(request(workspace, horizons=(10,), position=7.0)).outlooks["gjr-fhs"]
    assert again.of(10, 0.99) == before


def test_a_date_starts_there_and_the_rival_knows_no_later_day(workspace: Workspace) -> None:
    found = assess(request(workspace, as_of="2017-03-01"))
    known = HISTORY.until("2017-03-01")
    assert found.start == f"after {known.day(-1)}"
    drawn = MODEL.sample(N, 21, as_of="2017-03-01").log_returns
    assert found.own.of(1, 0.99).value_at_risk == pytest.approx(
        var_by_hand(drawn, 1, 0.99), rel=1e-5
    )
    beside = baseline("gjr-fhs").fit(known.log_returns)
    paths = beside.simulate(known.log_returns, 21, Seed(0), 0, N)
    assert found.outlooks["gjr-fhs"].of(10, 0.95).value_at_risk == pytest.approx(
        var_by_hand(paths, 10, 0.95), rel=1e-5
    )
    assert any("which nobody knew then" in note for note in found.notes)
    assert not any("nobody knew" in note for note in assess(request(workspace)).notes)


def test_the_kind_of_the_price_is_that_of_the_file_that_is_continued(
    workspace: Workspace, tmp_path: Path
) -> None:
    """A model that was made by hand knows nothing of its prices."""
    assert not assess(request(workspace)).is_adjusted
    days = np.datetime64("2019-01-01") + np.arange(400)
    prices = 50 * np.exp(np.cumsum(HISTORY.log_returns[:400, 0]))
    lines = [f"{day},{price:.6f}" for day, price in zip(days, prices, strict=True)]
    file = tmp_path / "newer.csv"
    file.write_text("\n".join(["Date,Adj Close", *lines]))
    found = assess(request(workspace, prices=file))
    assert found.is_adjusted and found.price == pytest.approx(prices[-1], rel=1e-6)


def test_the_past_on_the_page_is_the_price_before_the_start(workspace: Workspace) -> None:
    past = assess(request(workspace)).past
    price = np.exp(HISTORY.log_returns[:, 0].cumsum())
    np.testing.assert_allclose(past, price[-len(past) :] / price[-1] - 1, atol=1e-12)


def test_a_condition_holds_over_the_longest_horizon_for_both_models(workspace: Workspace) -> None:
    found = assess(
        replace(request(workspace, horizons=(1, 5), given="cumulative<-0.01"), levels=(0.95, 0.9))
    )
    assert found.own.fan.changes.shape[1] == 5
    for each in found.outlooks.values():
        assert each.of(5, 0.95).value_at_risk > -np.expm1(-0.01)
        assert each.fan.changes[-1, -1] <= np.expm1(-0.01) + 1e-6  # all lose more than 1 %
    assert set(found.outlooks) == {"simgan", "gjr-fhs"}
    assert any("was met by" in note for note in found.notes)


def test_the_rival_draws_on_until_as_many_scenarios_meet_a_condition(workspace: Workspace) -> None:
    """It stopped at 4,000, of which few met this one."""
    asked = replace(request(workspace, horizons=(5,), given="cumulative<-0.02"), levels=(0.95,))
    found = assess(asked)
    [note] = [note for note in found.notes if note.endswith(" %") and "of gjr-fhs" in note]
    counts = re.search(r"was met by ([\d,]+) of ([\d,]+) scenarios of gjr-fhs, ([\d.]+) %", note)
    assert counts is not None
    met, drawn = (int(counts[place].replace(",", "")) for place in (1, 2))
    assert N <= met < drawn <= 50 * N
    assert float(counts[3]) == pytest.approx(100 * met / drawn, rel=0.01)
    rival = baseline("gjr-fhs").fit(HISTORY.log_returns)
    every = rival.simulate(HISTORY.log_returns, 5, Seed(0), 0, drawn)[..., 0].sum(axis=1)
    losses = -np.expm1(every[every < -0.02][:N])
    expected = np.sort(losses)[int(np.ceil(0.95 * N - 1e-9)) - 1]
    assert found.outlooks["gjr-fhs"].of(5, 0.95).value_at_risk == pytest.approx(expected, rel=1e-6)


def test_the_rival_draws_no_more_than_it_may(workspace: Workspace) -> None:
    asked = replace(request(workspace, horizons=(5,), given="cumulative<-0.02"), levels=(0.95,))
    found = assess_model(asked, Model(load_bundle(workspace, "made")), most=5000)
    assert any("of its 5,000 scenarios meet" in note for note in found.notes) or any(
        "of 5,000 scenarios of gjr-fhs" in note for note in found.notes
    )


def test_a_rare_condition_leaves_the_rival_out_with_the_count(workspace: Workspace) -> None:
    asked = request(workspace, horizons=(5,), given="cumulative<-0.15")
    found = assess(replace(asked, levels=(0.8,)))
    assert list(found.outlooks) == ["simgan"]
    assert any(
        note.startswith("gjr-fhs is left out:") and "of its 20,000 scenarios meet" in note
        for note in found.notes
    )
    assert found.worth < found.scenarios


def test_weights_that_are_worth_too_little_are_refused_with_a_number(
    workspace: Workspace,
) -> None:
    asked = request(workspace, horizons=(5,), given="cumulative<-0.14")
    with pytest.raises(SamplingError, match=r"are worth .* needs 2,000; ask for more, such as --n"):
        assess(asked)


def test_a_short_history_has_no_volatilities_to_compare_with(workspace: Workspace) -> None:
    found = assess(request(workspace, as_of=HISTORY.day(80)))
    assert found.volatility is None
    json.dumps(found.to_json(), allow_nan=False)
    assert assess(request(workspace, as_of=HISTORY.day(130))).volatility is not None


@pytest.mark.parametrize("as_of", ["stationary", "2017-01-02..2017-03-01"])
def test_other_starts_have_their_words(workspace: Workspace, as_of: str) -> None:
    found = assess(request(workspace, as_of=as_of, level_uncertainty=True))
    assert found.level_uncertainty
    is_long_run = as_of == "stationary"
    assert found.start == ("in the long run" if is_long_run else f"after a day of {as_of}")
    assert ("gjr-fhs" in found.outlooks) == is_long_run
    assert found.volatility is None and len(found.past) == 1


def test_today_s_volatility_stands_among_those_of_the_history(workspace: Workspace) -> None:
    found = assess(request(workspace)).volatility
    assert found is not None
    assert found.tomorrow == pytest.approx(MODEL.sample(40_000, 1).log_returns.std(), rel=0.1)
    assert found.share_below == (found.past < found.tomorrow).mean()
    assert found.annual == pytest.approx(found.tomorrow * np.sqrt(365), rel=0.05)
    assert len(found.days) == len(found.past) == len(HISTORY) - 60


def test_liquidity_horizons_have_paths_of_their_own(workspace: Workspace) -> None:
    found = assess(request(workspace, frtb=True))
    assert [one.horizon for one in found.liquidity] == [10, 20, 40, 60, 120]
    drawn = MODEL.sample(N, 120).log_returns
    for one in found.liquidity:
        losses = -np.expm1(drawn[:, : one.horizon, 0].astype(np.float64).sum(axis=1))
        worst = np.sort(losses)[-100:]  # 2.5 % of 4,000
        assert one.estimate.expected_shortfall == pytest.approx(worst.mean(), rel=1e-4)
    ten = found.liquidity[0].estimate.expected_shortfall
    assert found.liquidity[-1].by_root == pytest.approx(ten * np.sqrt(12))


def test_page_and_numbers_are_written_together(workspace: Workspace) -> None:
    done = risk(request(workspace))
    assert done.page == workspace.reports / "made-risk.html"
    numbers = json.loads(done.page.with_suffix(".json").read_text())
    assert numbers == json.loads(json.dumps(done.results.to_json()))
    assert done.page.read_text().startswith("<!DOCTYPE html>")
    first = done.page.read_bytes()
    assert risk(request(workspace)).page.read_bytes() == first


def test_the_numbers_after_a_fit_are_those_of_the_command(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "SCENARIOS", N)
    found = assess(replace(request(workspace), levels=workflow.LEVELS)).own
    for horizon, level in ((1, 0.99), (10, 0.975)):
        assert outlook_today(BUNDLE).of(horizon, level) == found.of(horizon, level)


def test_a_model_without_its_history_has_no_rival_and_says_so(tmp_path: Path) -> None:
    write_bundle(replace(BUNDLE, history=None), tmp_path / "models" / "made")
    found = assess(request(Workspace(tmp_path)))
    assert list(found.outlooks) == ["simgan"] and found.volatility is None
    assert any("holds no history" in note for note in found.notes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n": 500}, "at least 2,000 for the level 0.99"),
        ({"levels": (99.0,)}, "a coverage inside"),
        ({"levels": ()}, "one number or several"),
        ({"horizons": ()}, "one number or several"),
        ({"horizons": (0,)}, "at least 1 day"),
        ({"position": 0.0}, "negative for a short one"),
        ({"position": float("nan")}, "negative for a short one"),
        ({"frtb": True, "given": "cumulative<0"}, "left out with --given"),
        ({"horizons": (200_000,)}, "at most 2,000: all paths"),
        ({"as_of": "1999-01-01"}, "a date of the history"),
        ({"name": "nobody"}, "unknown model"),
        ({"out": Path("page.txt")}, "ends in .html"),
        ({"given": "cumulative"}, "a measure"),
        ({"column": "Close"}, "left out without a price file"),
    ],
)
def test_a_wrong_request_is_refused_before_anything_is_written(
    workspace: Workspace, options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    asked = replace(request(workspace, out=tmp_path / "page.html"), **options)
    with pytest.raises(SimganError, match=words):
        risk(asked)
    assert list(tmp_path.iterdir()) == []


def test_a_stop_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    stop = Stop()
    stop.ask()
    with pytest.raises(Interrupted):
        risk(request(workspace, out=tmp_path / "page.html"), stop=stop)
    assert list(tmp_path.iterdir()) == []
