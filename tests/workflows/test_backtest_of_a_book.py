"""A backtest of a book from prices to its files, by Python and by the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_books import made_panel

import simgan
from simgan.cli.main import run
from simgan.errors import ConfigError, UnknownNameError
from simgan.risk.portfolio_scores import GROUPS
from simgan.workflows.backtest import Backtested, BacktestRequest
from simgan.workspace import Workspace

PANEL = made_panel(400)
PRICES = pd.DataFrame(PANEL.prices, index=pd.DatetimeIndex(PANEL.dates), columns=[*PANEL.assets])
WALK: dict[str, Any] = {
    "first": "2019-12-20",
    "refit": "never",
    "models": ("stationary-bootstrap", "historical-250", "ewma-fhs"),
    "scenarios": 100,
    "levels": (0.95,),
    "progress": simgan.SILENT,
}
WEIGHTS = {"A": 0.5, "B": 0.3, "C": 0.2}


def of_book(folder: Path, *assets: Any, **options: Any) -> BacktestRequest:
    return BacktestRequest.of(assets or ("A", "B", "C"), Workspace(folder), **options)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Backtested:
    folder = tmp_path_factory.mktemp("book")
    return simgan.backtest(PRICES, weights=WEIGHTS, workspace=folder, **WALK)


def test_a_book_has_four_files_under_its_name(done: Backtested) -> None:
    assert [path.name for path in done.files] == [
        f"A-B-C-book-backtest.{ending}"
        for ending in ("html", "json", "forecasts.parquet", "scores.parquet")
    ]
    assert all(path.is_file() for path in done.files)


def test_forecasts_are_of_the_contract_and_of_the_book(done: Backtested) -> None:
    table = pd.read_parquet(done.forecasts)
    columns = "date asset model horizon level var es realized crps pit"
    assert list(table) == columns.split()
    assert set(table.asset) == {"BOOK"} and set(table.model) == set(WALK["models"])
    one = table[(table.horizon == 1) & (table.model == "ewma-fhs")]
    simple = PRICES.pct_change().loc["2019-12-20":]  # type: ignore[misc]
    expected = np.log1p(simple @ pd.Series(WEIGHTS))
    np.testing.assert_allclose(one.realized, expected, atol=1e-9)


def test_scores_of_each_day_are_those_of_the_numbers(done: Backtested) -> None:
    scores = pd.read_parquet(done.scores)
    assert list(scores) == ["date", "model", "horizon", "energy", "variogram"]
    book = json.loads(done.numbers.read_text())["book"]
    assert (book["weights"], book["rebalance"]) == (WEIGHTS, "none")
    assert book["models"] == ["stationary-bootstrap", "historical-250"]
    assert book["reference"] == "historical-250"  # gjr-dcc-fhs does not take part
    for row in book["joint_scores"]:
        name = row["name"].removesuffix(" score")
        for model, found in row["models"].items():
            rows = scores[(scores.model == model) & (scores.horizon == row["horizon"])]
            assert found["mean"] == pytest.approx(100 * rows[name].mean())
    assert {row["asset"] for row in book["portfolio_scores"]} == set(GROUPS)
    assert {hits["group"] for hits in book["portfolio_hits"]} == set(GROUPS)


def test_the_page_tells_the_book_the_collapse_and_the_assets_together(done: Backtested) -> None:
    page = done.page.read_text()
    for words in (
        "50 % A, 30 % B, 20 % C; bought on each day forecast and held",
        "ewma-fhs: fitted to the past returns of the book under the shares of today",
        "univariate collapse",
        "first 100 scenarios of a day",
        "The assets together</h2>",
        "Portfolios of the assets</h2>",
        "Minimum variance",
    ):
        assert words in page, words


def test_the_command_makes_the_same_files_with_any_number_of_processes(
    done: Backtested, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "panel.csv"
    PRICES.to_csv(file, index_label="Date")
    weights = tmp_path / "weights.csv"
    weights.write_text("asset,weight\nA,.5\nB,.3\nC,.2\n")
    words = ["backtest", "A", "B", "C", "--prices", str(file), "--weights", str(weights)]
    words += ["--from", "2019-12-20", "--refit", "never", "--models", ",".join(WALK["models"])]
    words += ["--scenarios", "100", "--levels", ".95", "--jobs", "2"]
    assert run([*words, "--workspace", str(tmp_path)]) == 0
    said = " ".join(capfd.readouterr().out.split())
    assert "Scores over 1 day, assets together: low is good" in said
    assert "energy score, %" in said and "variogram score, %" in said
    assert "Assets together over 1 day: stationary-bootstrap is" in said
    for path in done.files:
        assert (tmp_path / "reports" / path.name).read_bytes() == path.read_bytes(), path.name


def test_models_of_one_asset_alone_make_no_joint_scores(tmp_path: Path) -> None:
    options = WALK | {"models": ("ewma-fhs",), "horizons": (1,)}
    found = simgan.backtest(
        PRICES, weights="equal", rebalance="daily", name="MINE", workspace=tmp_path, **options
    )
    assert found.scores is None and found.joint_walks == () and len(found.files) == 3
    assert found.results.assets == ("MINE",)
    page = found.page.read_text()
    assert "restored every day" in page and "The assets together" not in page
    assert found.results.book is not None
    assert found.results.book.weights == pytest.approx(dict.fromkeys("ABC", 1 / 3))


def test_a_list_of_names_is_a_book_as_well(tmp_path: Path) -> None:
    request = of_book(tmp_path, ["A", "B"], prices=PRICES, weights="A=.4,B=.6")
    assert request.tickers == ("A", "B") and request.book is not None
    assert request.book.shares == pytest.approx([0.4, 0.6])


def test_a_book_has_models_and_a_reference_of_its_own(tmp_path: Path) -> None:
    book, apart = of_book(tmp_path, weights="equal"), of_book(tmp_path)
    assert book.taking_part == (
        "simgan", "gjr-dcc-fhs", "gjr-fhs-vectors", "gjr-fhs", "historical-250"
    )  # fmt: skip
    assert apart.taking_part == ("simgan", "gjr-fhs", "ewma-fhs", "historical-250")
    assert (book.reference, apart.reference) == ("gjr-dcc-fhs", "gjr-fhs")
    assert (book.title, apart.title) == ("A-B-C-book", "A-B-C")


@pytest.mark.parametrize(
    ("assets", "options", "error", "words"),
    [
        (("A",), {"weights": "equal"}, ConfigError, "two assets or more"),
        (("A", "B"), {"rebalance": "daily"}, ConfigError, "without weights there is no book"),
        (("A", "B"), {"weights": {"A": 0.5}}, ConfigError, "of sum 1"),
        (("A", "B"), {"weights": "D=1"}, UnknownNameError, "'D'"),
        (("A", "B"), {"weights": "equal", "rebalance": "weekly"}, ConfigError, "none, daily"),
        (("A", "B"), {"weights": "equal", "architecture": "mlp"}, ConfigError, "state-space"),
        ((["A", 5],), {"weights": "equal"}, ConfigError, "two or more tickers"),
    ],
)
def test_other_books_are_refused_in_a_sentence(
    assets: tuple[Any, ...],
    options: dict[str, Any],
    error: type[Exception],
    words: str,
    tmp_path: Path,
) -> None:
    with pytest.raises(error, match=words):
        of_book(tmp_path, *assets, **options)
