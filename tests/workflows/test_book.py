"""A book of several assets: its shares, its value along scenarios, and its risk."""

from __future__ import annotations

import html
import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from heard_steps import Heard
from made_joint import ASSETS, made_joint, made_panel

import simgan
from simgan.bundle.store import write_bundle
from simgan.cli.main import run
from simgan.errors import ConfigError, UnknownNameError
from simgan.market.panel import on_common_days
from simgan.risk.book import Book
from simgan.risk.components import components
from simgan.workflows.again import weights_again
from simgan.workflows.book import Weights, book_of, by_name
from simgan.workspace import Workspace

RNG = np.random.default_rng(0)
PATHS = 0.02 * RNG.standard_normal((500, 6, 3))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    write_bundle(made_joint(), Workspace(tmp_path).model("BOOK"))
    return tmp_path


@pytest.mark.parametrize(
    ("weights", "shares"),
    [
        ("equal", [1 / 3, 1 / 3, 1 / 3]),
        ("ONE=.6,TWO=.4", [0.6, 0.4, 0]),
        (" TWO = 1.5 , ONE = -.5 ", [-0.5, 1.5, 0]),
        ("ONE=60%,TWO=-10 %,THREE=.5", [0.6, -0.1, 0.5]),
        ({"THREE": 1.0}, [0, 0, 1]),
        (pd.Series({"TWO": 1.5, "ONE": -0.5}), [-0.5, 1.5, 0]),
        ([0.5, 0.2, 0.3], [0.5, 0.2, 0.3]),
        (np.array([1.5, 0.0, -0.5]), [1.5, 0, -0.5]),
    ],
)
def test_shares_are_read(weights: object, shares: list[float]) -> None:
    assert book_of(ASSETS, weights).shares == pytest.approx(shares)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("weights", "shares", "title"),
    [
        ("ONE=.8,CASH=.2", [0.8, 0, 0], "80 % ONE, 20 % CASH"),
        ("ONE=1,TWO=-1,CASH=100%", [1, -1, 0], "100 % ONE, −100 % TWO, 100 % CASH"),
        ({"TWO": 1.5, "CASH": -0.5}, [0, 1.5, 0], "150 % TWO, −50 % CASH"),
    ],
)
def test_cash_takes_the_rest(weights: str, shares: list[float], title: str) -> None:
    """A hedge and a loan: the value of the book is 1, and its gains are those of the assets."""
    book = book_of(ASSETS, weights)
    assert book.shares == pytest.approx(shares) and book.title == title
    worth = np.exp(np.cumsum(PATHS, axis=1)) @ book.shares + 1 - sum(shares)
    assert np.exp(book.summed(PATHS)) == pytest.approx(worth, rel=1e-5)
    assert book_of(ASSETS, book.weights).shares == pytest.approx(shares)


@pytest.mark.parametrize("rebalance", ["none", "daily"])
@pytest.mark.filterwarnings("error")
def test_a_price_beyond_all_numbers_is_told(rebalance: str) -> None:
    """A rival whose volatility grows without bound gave warnings and infinite values."""
    paths = PATHS.copy()
    paths[:7, -1] = 800.0
    with pytest.raises(ConfigError, match="prices beyond all numbers in 7 scenarios"):
        book_of(ASSETS, "ONE=.5,TWO=.5", rebalance).summed(paths)


def test_the_page_holds_its_command_and_a_second_one_is_told(workspace: Path) -> None:
    weights = {"ONE": 0.5, "TWO": -0.25, "CASH": 0.75}
    asked: dict[str, Any] = {"n": 2_000, "level": 0.9, "horizon": (1, 5), "weights": weights}
    heard = Heard()
    first = simgan.risk("BOOK", **asked, seed=3, workspace=workspace, progress=heard)
    command = (
        "simgan risk BOOK --level 0.9 --horizon 1,5 --n 2000 --seed 3 --weights "
        "ONE=0.5,TWO=-0.25,CASH=0.75"
    )
    page = html.unescape(first.page.read_text())
    assert f"Written by {command}." in page and first.to_json()["weights"] is not None
    assert first.to_json()["weights"] == pytest.approx(weights | {"THREE": 0})
    assert not any("replaces" in said for said in heard.sentences)
    assert run([*shlex.split(command)[1:], "--json", "--workspace", str(workspace)]) == 0
    assert html.unescape(first.page.read_text()) == page
    simgan.risk("BOOK", **asked, workspace=workspace, progress=heard)
    assert f"replaces the earlier {first.page}; -o gives the page another name" in heard.sentences


@pytest.mark.parametrize(
    ("weights", "total", "shares"),
    [
        ("ONE=.3333,TWO=.3333,THREE=.3333", 0.9999, [1 / 3, 1 / 3, 1 / 3]),
        ({"ONE": 0.5, "TWO": 0.3, "CASH": 0.2005}, 1.0005, [0.5 / 1.0005, 0.3 / 1.0005, 0]),
        ([0.333, 0.333, 0.333], 0.999, [1 / 3, 1 / 3, 1 / 3]),
    ],
)
def test_rounded_weights_are_scaled_and_told(
    weights: Weights, total: float, shares: list[float]
) -> None:
    book = book_of(ASSETS, weights)
    assert book.shares == pytest.approx(shares, rel=1e-12)
    assert book.note == f"the weights have the sum {total:g}, and are scaled to 1"
    assert book_of(ASSETS, book.weights).note == "" == book_of(ASSETS, "ONE=.5,TWO=.5").note


def test_weights_in_the_order_of_the_assets_have_their_names_on_the_page(workspace: Path) -> None:
    asked: dict[str, Any] = {"n": 2_000, "level": 0.9, "workspace": workspace}
    found = simgan.risk("BOOK", weights=[0.5, 0.2, 0.3005], **asked, progress=simgan.SILENT)
    told = "the weights have the sum 1.0005, and are scaled to 1"
    assert found.results.notes[0] == told
    share = 0.5 / 1.0005
    assert f"--weights ONE={share!r}," in found.results.command
    again = shlex.split(found.results.command)[-1]
    by_name = simgan.risk("BOOK", weights=again, **asked, progress=simgan.SILENT)
    assert by_name.results.rows() == found.results.rows()


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([0.5, 0.2, 0.3], ["--weights", "ONE=0.5,TWO=0.2,THREE=0.3"]),
        ({"TWO": 1.25, "CASH": -0.25}, ["--weights", "TWO=1.25,CASH=-0.25"]),
        ("ONE=50%,TWO=50%", ["--weights", "ONE=50%,TWO=50%"]),
        ("equal", []),
    ],
)
def test_weights_stand_by_name_in_commands(weights: Weights, words: list[str]) -> None:
    assert weights_again(by_name(weights, ASSETS), "none") == words


def test_a_report_refuses_other_numbers_than_one_for_each_asset(workspace: Path) -> None:
    with pytest.raises(ConfigError, match=r"\(3,\): one an asset"):
        simgan.report("BOOK", weights=[0.5, 0.5], workspace=workspace)


@pytest.mark.parametrize("call", ["fit", "backtest"])
def test_an_asset_may_not_be_called_cash(call: str, workspace: Path) -> None:
    names = ["KO", "CASH"]
    with pytest.raises(ConfigError, match=f"{call}: asset = CASH is not .* rename this asset"):
        if call == "fit":
            simgan.fit(names, workspace=workspace)
        else:
            simgan.backtest(names, weights="equal", workspace=workspace)


def test_an_asset_of_that_name_is_no_cash() -> None:
    book = book_of(("CASH", "KO"), "CASH=.4,KO=.6")
    assert book.shares == pytest.approx([0.4, 0.6]) and set(book.weights) == {"CASH", "KO"}
    with pytest.raises(ConfigError, match="CASH is the name of an asset here"):
        book_of(("CASH", "KO"), "KO=.5")
    with pytest.raises(ConfigError, match="of one asset, --position is the value that is held"):
        book_of(("KO",), "KO=.6,CASH=.4")


def test_a_name_may_hold_an_equals_sign() -> None:
    assert book_of(("GC=F", "KO"), "GC=F=.2,KO=.8").shares == pytest.approx([0.2, 0.8])


@pytest.mark.parametrize(
    "content",
    [
        "ONE,0.25\nTHREE,0.75\n",
        "asset,weight\nONE,0.25\nTHREE,0.75\n",
        "\ufeffName;Gewicht\r\nONE;0,25\r\n\r\nTHREE;0,75\r\n",
        "ONE\t25 %\nTHREE\t75%\n",
        '"ONE", 2.5e-1\n"THREE", +.75\n,\n',
        'ONE,"0,25"\nTHREE,"75,0 %"\n',
    ],
)
def test_shares_are_read_from_a_file(content: str, tmp_path: Path) -> None:
    file = tmp_path / "weights.csv"
    file.write_text(content)
    assert book_of(ASSETS, str(file)).shares == pytest.approx([0.25, 0, 0.75])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("ONE\n", r"line 1 of .*weights.csv: 1 cells \['ONE'\]"),
        ("a,w\nONE,1,5\n", "line 2 of .* 3 cells"),
        ("ONE,.5\n\nONE,.5\n", "line 3 of .* ONE, which stands twice"),
        ("ONE,sixty\nTWO,1\n", "line 1 of .* ONE=sixty"),
        ("a,w\nb,w\nONE,1\n", "line 2 of .* b=w"),
        ("ONE,1.000,5\n", "line 1 of .* 3 cells"),
        ('ONE,"1.000,5"\n', "line 1 of .* ONE=1.000,5"),
        ("ONE,nan\n", "line 1 of .* ONE=nan"),
        (",1\n", "line 1 of .* an asset and its weight"),
        ("", "weights.csv, in which no line was found"),
        ("\n\n", "no line was found"),
        ("asset,weight\n", "no line was found"),
    ],
)
def test_other_files_are_refused_with_the_line(content: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "weights.csv"
    file.write_text(content)
    with pytest.raises(ConfigError, match=message):
        book_of(ASSETS, str(file))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_a_file_in_another_encoding_is_refused(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "weights.csv"
    file.write_text("ONE,1\nÄ,0\n", encoding=encoding)
    with pytest.raises(ConfigError, match=r"no text in UTF-8 .* must be a file saved as CSV UTF-8"):
        book_of(ASSETS, str(file))


@pytest.mark.parametrize(
    ("weights", "rebalance", "error", "message"),
    [
        (" ", "none", ConfigError, "it must be equal, or A=.6"),
        ("EQUAL", "none", ConfigError, "it must be equal, or A=.6"),
        ({"ONE": 1, "TWO": np.nan}, "none", ConfigError, "TWO=nan .* finite numbers"),
        ([1, -np.inf, 0], "none", ConfigError, "TWO=−inf .* finite numbers"),
        ({"ONE": 1, "CASH": np.nan}, "none", ConfigError, "CASH=nan .* finite numbers"),
        ("ONE=.6", "none", ConfigError, "hold the rest, 0.4, as CASH"),
        ("ONE=.998", "none", ConfigError, "hold the rest, 0.002, as CASH"),
        ("ONE=1.5", "none", ConfigError, "hold the rest, −0.5, as CASH"),
        ("ONE=50,TWO=50", "none", ConfigError, "of sum 1: a half is 0.5, or 50% in text$"),
        ([0.5, 0.5], "none", ConfigError, r"\(2,\) is not possible; it must be \(3,\): one an"),
        ("ONE=much", "none", ConfigError, "ONE=much is not possible"),
        ("ONE=.5,ONE=.5,TWO=.5", "none", ConfigError, "ONE, which stands twice"),
        ("ONE=0,5,TWO=0,5", "none", ConfigError, "'5' is not possible; it must be ASSET=NUMBER"),
        ("=1", "none", ConfigError, "'=1' is not possible"),
        ("FOUR=1", "none", UnknownNameError, "FOUR"),
        ("nosuch.csv", "none", ConfigError, r"cannot be read \(no such file"),
        ("equal", "weekly", ConfigError, "one of none, daily"),
        (pd.Series([0.5, 0.5, 0.5], ["ONE", "ONE", "TWO"]), "none", ConfigError, "each asset once"),
    ],
)
def test_other_weights_are_refused(
    weights: Weights, rebalance: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        book_of(ASSETS, weights, rebalance)


def test_a_book_that_is_held_is_worth_its_assets() -> None:
    book = book_of(ASSETS, "ONE=.5,TWO=.8,THREE=-.3")
    worth = np.exp(np.cumsum(PATHS, axis=1)) @ [0.5, 0.8, -0.3]
    assert np.exp(book.summed(PATHS)) == pytest.approx(worth, rel=1e-6)
    assert 1 + book.gains(PATHS).sum(axis=2) == pytest.approx(worth)


def test_a_book_that_is_rebalanced_grows_by_its_shares_each_day() -> None:
    book = book_of(ASSETS, "ONE=.5,TWO=.5", "daily")
    growth = np.cumprod(1 + np.expm1(PATHS) @ [0.5, 0.5, 0], axis=1)
    assert np.exp(book.summed(PATHS)) == pytest.approx(growth, rel=1e-6)
    assert 1 + book.gains(PATHS).sum(axis=2) == pytest.approx(growth)


def test_a_book_that_loses_everything_is_refused() -> None:
    crash = np.full((2, 1, 3), np.log(2.0))
    with pytest.raises(ConfigError, match="all value lost in 2 of 2 scenarios in one day"):
        book_of(ASSETS, "ONE=3,TWO=-5,THREE=3").summed(crash * [1, 4, 1])


def test_conditions_may_be_a_list(workspace: Path) -> None:
    given = ["ONE:cumulative<0", "TWO:cumulative<0"]
    text, model = ",".join(given), simgan.load("BOOK", workspace=workspace)
    expected = model.sample(30, 5, given=text).log_returns
    assert (model.sample(30, 5, given=given).log_returns == expected).all()
    assert (next(model.stream(30, 5, given=given)).log_returns == expected).all()
    found = simgan.sample_given(model, given, n=30, horizon=5)
    assert (found.scenarios.log_returns == expected).all()
    asked: dict[str, Any] = {"level": 0.9, "horizon": 5, "n": 200, "workspace": workspace}
    assert simgan.risk("BOOK", given=given, **asked).results.given == text


def test_only_the_days_asked_for_need_value(workspace: Path) -> None:
    """The fan of 21 days refused risks of one day. A book without value stays without it."""
    asked: dict[str, Any] = {"weights": "ONE=14,TWO=-14,CASH=1", "n": 4000}
    found = simgan.risk("BOOK", horizon=1, **asked, workspace=workspace).results
    (note,) = (note for note in found.notes if "loses all its value" in note)
    lost = int(note.split(" in ")[1].split()[0])
    assert 40 < lost < 3960 and "of 4,000 scenarios between day 2 and day 21" in note
    assert found.own.fan.changes[0, -1] == pytest.approx(-1.0)
    with pytest.raises(ConfigError, match=r"all value lost in [\d,]+ of 4,000 .* within 21 days"):
        simgan.risk("BOOK", horizon=(1, 21), **asked, workspace=workspace)


def test_a_book_that_lost_everything_never_comes_back() -> None:
    log_returns = np.log(np.array([[[1.0, 3.0], [1.0, 0.1]]]))
    book = Book(("ONE", "TWO"), np.array([2.0, -1.0]))
    sums = book.summed_gains(book.gains(log_returns), 0)
    assert np.exp(sums) == pytest.approx(np.full((1, 2), 1e-12))


def test_one_asset_is_summed_as_before() -> None:
    alone = Book(("ONE",), np.ones(1))
    expected = np.cumsum(PATHS[..., 0], axis=1, dtype=np.float64).astype(np.float32)
    assert (alone.summed(PATHS[..., :1]) == expected).all()
    assert alone.title == "ONE" and not alone.weights


def test_a_title_names_the_largest_of_many() -> None:
    assert book_of(ASSETS, "ONE=.6,TWO=.4").title == "60 % ONE, 40 % TWO"
    many = book_of(tuple("ABCDEF"), "A=.05,B=.1,C=-.35,D=.4,E=.5,F=.3")
    assert many.title == "50 % E, 40 % D, −35 % C, 30 % F and 2 more"


def test_the_risk_of_a_book_is_that_of_its_scenarios(workspace: Path) -> None:
    found = simgan.risk(
        "BOOK", weights={"ONE": 0.6, "TWO": 0.4}, n=8000, level=0.95, horizon=(1, 5),
        workspace=workspace, progress=simgan.SILENT,
    )  # fmt: skip
    model = simgan.load("BOOK", workspace=workspace)
    scenarios = model.sample(8000, 5)
    total = simgan.portfolio_log_returns(scenarios, {"ONE": 0.6, "TWO": 0.4})
    estimate = found.results.own.of(5, 0.95)
    expected = simgan.value_at_risk(np.expm1(total), level=0.95)
    assert estimate.value_at_risk == pytest.approx(expected, rel=1e-5)
    parts = found.results.parts
    assert [part.asset for part in parts] == ["ONE", "TWO"]
    each = [part.estimate for part in parts]
    assert sum(one.expected_shortfall for one in each) == pytest.approx(
        estimate.expected_shortfall, rel=1e-5
    )
    assert sum(one.value_at_risk for one in each) == pytest.approx(estimate.value_at_risk, rel=1e-5)
    beside = simgan.risk_contributions(scenarios, {"ONE": 0.6, "TWO": 0.4}, 0.95)
    assert [one.expected_shortfall for one in each] == pytest.approx(
        beside.component_expected_shortfall[:2], rel=1e-4
    )
    losses = -np.expm1(scenarios.log_returns.sum(axis=1, dtype=float)) * [0.6, 0.4, 0]
    expected_errors = [one.expected_shortfall_error for one in components(losses, 0.95)]
    assert [one.expected_shortfall_error for one in each] == pytest.approx(
        expected_errors[:2], rel=1e-4
    )
    assert set(found.results.outlooks) == {"simgan", "gjr-dcc-fhs"}


def test_the_parts_of_a_short_position_lose_where_prices_rise(workspace: Path) -> None:
    found = simgan.risk(
        "BOOK", weights={"ONE": 0.6, "THREE": 0.4}, n=2000, level=0.95, horizon=5,
        position=-1e6, workspace=workspace, progress=simgan.SILENT,
    ).results  # fmt: skip
    scenarios = simgan.load("BOOK", workspace=workspace).sample(2000, 5)
    losses = np.expm1(scenarios.log_returns.sum(axis=1, dtype=float)) * [0.6, 0, 0.4]
    worst = np.argsort(-losses.sum(axis=1))[:100]  # 5 % of 2,000
    expected = losses[worst].mean(axis=0)[[0, 2]]
    parts = [part.estimate.expected_shortfall for part in found.parts]
    assert parts == pytest.approx(expected, rel=1e-4) and expected[0] > 0
    assert sum(parts) == pytest.approx(found.own.of(5, 0.95).expected_shortfall, rel=1e-5)


def test_the_parts_have_a_sum_cash_and_those_of_the_rival(workspace: Path) -> None:
    """The parts of the rival by hand, from its own paths over five days."""
    weights = {"ONE": 1.0, "TWO": -0.5, "CASH": 0.5}
    found = simgan.risk(
        "BOOK", weights=weights, n=4000, level=0.95, horizon=(1, 5), workspace=workspace,
        progress=simgan.SILENT,
    )  # fmt: skip
    results, known = found.results, made_panel().log_returns
    assert {part.asset: part.weight for part in results.parts} == weights
    paths = simgan.baseline("gjr-dcc-fhs").fit(known).simulate(known, 5, simgan.Seed(0), 0, 4000)
    losses = -np.expm1(paths.sum(axis=1)) * [1, -0.5, 0]
    worst = np.argsort(-losses.sum(axis=1))[:200]  # 5 % of 4,000
    beside = [part.rival.expected_shortfall for part in results.parts if part.rival]
    assert beside == pytest.approx([*losses[worst].mean(axis=0)[:2], 0.0], rel=1e-4)
    whole = results.whole
    assert whole.rival is not None and whole.weight == 1.0
    assert whole.estimate == results.own.of(5, 0.95)
    assert sum(beside) == pytest.approx(whole.rival.expected_shortfall, rel=1e-4)
    [_title, head, columns, *rows] = repr(found).split("\n\n")[2].splitlines()
    assert head.split() == ["gjr-dcc-fhs"] and columns.endswith("VaR %    ES %")
    assert [row.split()[0] for row in rows] == ["ONE", "CASH", "TWO", "all"]  # TWO hedges
    assert {len(row) for row in rows} == {len(columns)}
    page = found.page.read_text()
    assert '<tr class="judged"><th scope="row">all, 100.00 %</th>' in " ".join(page.split())
    assert ": 100 % ONE, −50 % TWO, 50 % CASH" in page and "gjr-dcc-fhs: VaR</th>" in page
    assert '"rival": "gjr-dcc-fhs", "rival_value' in json.dumps(found.to_json()["parts"])


@pytest.mark.parametrize("rebalance", ["none", "daily"])
def test_a_condition_is_about_the_book_of_the_risk(rebalance: str, workspace: Path) -> None:
    """The scenarios that fall by 2 %, picked by hand, under the model and under its rival."""
    weights = {"ONE": 1.5, "TWO": -0.5}
    found = simgan.risk(
        "BOOK", weights=weights, rebalance=rebalance, given="cumulative<-0.02", n=2500, level=0.8,
        horizon=3, workspace=workspace, progress=simgan.SILENT,
    ).results  # fmt: skip
    book, known = book_of(ASSETS, weights, rebalance), made_panel().log_returns
    rival = simgan.baseline("gjr-dcc-fhs").fit(known)
    drawn = {
        "simgan": simgan.load("BOOK", workspace=workspace).sample(16_000, 3).log_returns,
        "gjr-dcc-fhs": rival.simulate(known, 3, simgan.Seed(0), 0, 60_000),
    }
    for kind, paths in drawn.items():
        total = book.summed(paths)[:, -1]
        assert (total < -0.02).sum() > 2500
        met = np.expm1(total[total < -0.02].astype(float))[:2500]
        estimate = found.outlooks[kind].of(3, 0.8)
        expected = simgan.value_at_risk(met, level=0.8)
        assert estimate.value_at_risk == pytest.approx(expected, rel=1e-4)
    assert found.scenarios == 2500


def test_a_condition_on_scenarios_is_about_equal_shares(workspace: Path) -> None:
    model = simgan.load("BOOK", workspace=workspace)
    given = simgan.sample_given(model, "cumulative<-0.02", n=50, horizon=3).scenarios
    whole = model.sample(2000, 3).log_returns
    meets = book_of(ASSETS, "equal").summed(whole)[:, -1] < -0.02
    assert (given.log_returns == whole[meets][:50]).all()
    words = ["sample", "BOOK", "--given", "cumulative<-0.02", "--n", "50", "--horizon", "3"]
    out = workspace / "falls.npy"
    assert run([*words, "-o", str(out), "--workspace", str(workspace)]) == 0
    assert (np.load(out) == given.log_returns).all()


@pytest.mark.parametrize("rebalance", ["none", "daily"])
def test_a_condition_on_scenarios_is_about_the_weights(rebalance: str, workspace: Path) -> None:
    """The scenarios whose book falls by 2 %, picked by hand, in Python and in a file."""
    model, weights = simgan.load("BOOK", workspace=workspace), {"ONE": 1.5, "TWO": -0.5}
    given = simgan.sample_given(
        model, "cumulative<-0.02", 50, 3, weights=weights, rebalance=rebalance
    ).scenarios  # type: ignore[arg-type]
    whole = model.sample(2000, 3).log_returns
    growth = np.exp(whole.astype(float).sum(axis=1)) @ [1.5, -0.5, 0.0]
    if rebalance == "daily":
        growth = (np.exp(whole.astype(float)) @ [1.5, -0.5, 0.0]).prod(axis=1)
    assert (given.log_returns == whole[np.log(growth) < -0.02][:50]).all()
    words = ["sample", "BOOK", "--given", "cumulative<-0.02", "--n", "50", "--horizon", "3"]
    words += ["--weights", "ONE=1.5,TWO=-.5", "--rebalance", rebalance]
    out = workspace / "falls.npy"
    assert run([*words, "-o", str(out), "--workspace", str(workspace)]) == 0
    assert (np.load(out) == given.log_returns).all()
    in_order = simgan.sample_given(
        model, "cumulative<-0.02", 50, 3, weights=[1.5, -0.5, 0], rebalance=rebalance
    )  # type: ignore[call-overload]
    assert (in_order.scenarios.log_returns == given.log_returns).all()
    with pytest.raises(ConfigError, match="numbers in the order of the assets"):
        simgan.sample_given(model, "cumulative<-0.02", weights="ONE=1")  # type: ignore[arg-type]


def test_shares_without_a_condition_are_wrong_usage(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sample", "BOOK", "--weights", "ONE=1", "-o", str(workspace / "all.npy")]
    assert run([*words, "--workspace", str(workspace)]) == 2
    assert "need --given" in capsys.readouterr().err


def test_a_book_is_sent_from_regimes_to_a_condition(workspace: Path) -> None:
    model = simgan.load("BOOK", workspace=workspace)
    with pytest.raises(UnknownNameError, match='--given "realized-volatility>0'):
        model.sample(10, 3, regime="turbulent")


def test_a_book_that_has_lost_everything_is_below_every_bound() -> None:
    crash = np.full((1, 2, 3), np.log(2.0)) * [1, 4, 1]
    assert book_of(ASSETS, "ONE=3,TWO=-5,THREE=3").moves(crash).sum() < -27


def test_a_file_without_an_asset_of_the_book_is_refused(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = workspace / "gap.csv"
    days = pd.date_range("2016-01-01", periods=100, name="Date")
    pd.DataFrame(50 + RNG.random((100, 2)), days, ["ONE", "THREE.US"]).to_csv(file)
    words = ["risk", "BOOK", "--prices", str(file), "--workspace", str(workspace)]
    assert run(words) == 1
    said = capsys.readouterr().err
    assert f"prices = {file} of ONE, THREE.US is not possible" in said
    assert "every asset of the model; TWO is missing: add it to the file" in said


def test_more_paths_than_the_memory_holds_are_refused(workspace: Path) -> None:
    """21 days and three assets: 400 million numbers are 16,666,666 scenarios."""
    with pytest.raises(ConfigError, match="at most 16,666,666: all paths of 21 days and 3 assets"):
        simgan.risk("BOOK", n=17_000_000, workspace=workspace, progress=simgan.SILENT)


def test_the_rival_learns_from_common_days_which_hold_the_moves_of_others(
    workspace: Path,
) -> None:
    """TWO does not trade on every third day: ONE and THREE move on by then."""
    panel = made_panel()
    returns = panel.log_returns.copy()
    returns[1::3, 1] = np.nan
    gaps = replace(panel, log_returns=returns)
    manifest = made_joint().manifest
    manifest = replace(manifest, data=replace(manifest.data, sha256=gaps.sha256))
    bundle = replace(made_joint(), manifest=manifest, history=gaps)
    write_bundle(bundle, Workspace(workspace).model("GAPS"))
    found = simgan.risk(
        "GAPS", n=2000, level=0.95, horizon=1, workspace=workspace, progress=simgan.SILENT
    ).results
    common = on_common_days(gaps).log_returns
    assert len(common) == 1000 and common.sum(axis=0)[[0, 2]] == pytest.approx(
        panel.log_returns.sum(axis=0)[[0, 2]]
    )
    drawn = simgan.baseline("gjr-dcc-fhs").fit(common).simulate(common, 1, simgan.Seed(0), 0, 2000)
    total = np.expm1(drawn[:, 0].astype(float)).mean(axis=1)
    expected = simgan.value_at_risk(total, level=0.95)
    estimate = found.outlooks["gjr-dcc-fhs"].of(1, 0.95)
    assert estimate.value_at_risk == pytest.approx(expected, rel=1e-5)
    assert any("learned from 1,000 of the 1,500 days" in note for note in found.notes)


def test_the_command_tells_shares_parts_and_the_rival(
    workspace: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ["risk", "BOOK", "--weights", "ONE=.6,TWO=.4", "--rebalance", "daily", "--n", "4000"]
    assert run([*words, "--level", ".95", "--workspace", str(workspace)]) == 0
    said = " ".join(capfd.readouterr().out.split())
    assert ": 60 % ONE, 40 % TWO; after" in said and "gjr-dcc-fhs" in said
    assert "Parts of the assets in VaR and ES at 95 % over 10 days" in said
    assert "ONE 60.00 %" in said and "change of the value of the book" in said
    assert "The shares of the assets are restored every day." in said
    numbers = json.loads((workspace / "reports" / "BOOK-risk.json").read_text())
    assert numbers["price"] is None and numbers["rebalance"] == "daily"
    parts, total = numbers["parts"], numbers["risk"][1]
    assert [part["asset"] for part in parts] == ["ONE", "TWO"]
    for name in ("value_at_risk", "money_expected_shortfall"):
        assert sum(part[name] for part in parts) == pytest.approx(total[name], rel=1e-5)
    assert {"horizon": 10, "level": 0.95, "weight": 0.6}.items() <= parts[0].items()
    page = (workspace / "reports" / "BOOK-risk.html").read_text()
    assert "with the shares restored every day" in page
    assert '<section id="parts">' in page and "ONE, 60.00 %" in page
