"""Orders for prices: every command reads, judges and tells the same of one file."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from heard_steps import Heard
from made_bundle import made_bundle

from simgan.bundle.store import write_bundle
from simgan.cli.main import run
from simgan.errors import ConfigError, Interrupted, PriceError
from simgan.market.added_prices import Origin, add_prices
from simgan.market.prices import Scope
from simgan.market.sources.price_file import PriceFile
from simgan.progress import Stop
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.workflows.again import ordered_again
from simgan.workflows.backtest import BacktestRequest
from simgan.workflows.backtest.run import make_chains
from simgan.workflows.fit import FitRequest
from simgan.workflows.options import PriceOrder
from simgan.workflows.origins import is_adjusted, loss_of_added
from simgan.workflows.report import ReportRequest, report
from simgan.workflows.sample import SampleRequest, order
from simgan.workflows.starts import start_of
from simgan.workspace import Workspace

DAYS = 500
DATES = np.datetime64("2016-01-01") + np.arange(DAYS)
CLOSES = 50.0 * np.exp(
    np.cumsum(0.01 * Seed(3).stream("baseline").standard_normal((DAYS, 2)), axis=0)
)
BAD = 30  # the row with a price of zero
HERE = Workspace(Path())


def write(path: Path, **columns: np.ndarray) -> Path:
    rows = zip(DATES, *columns.values(), strict=True)
    lines = [",".join(map(str, row)) for row in rows]
    path.write_text("\n".join([",".join(["date", *columns]), *lines]) + "\n")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with one price of zero, and with another column."""
    close = CLOSES[:, 0].copy()
    close[BAD] = 0.0
    return write(tmp_path / "ko.csv", close=close, settle=CLOSES[:, 1])


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    return write(tmp_path / "panel.csv", KO=CLOSES[:, 0], PEP=CLOSES[:, 1])


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path)
    write_bundle(made_bundle("made", days=400), workspace.model("made"))
    return workspace


def notes_of(file: Path, **options: Any) -> list[str]:
    """Return the sentences that `fit` tells of a file."""
    heard = Heard()
    request = FitRequest.of("made", HERE, prices=file, **options)
    request.order.history(request.workspace, 60, heard)
    return heard.sentences


def test_bad_rows_stop_and_are_left_out_on_demand(file: Path) -> None:
    place = rf"ko\.csv: 1 price of zero: 0 at line {BAD + 2} \({DATES[BAD]}\).*--on-bad-rows drop"
    with pytest.raises(PriceError, match=place):
        notes_of(file)
    told = notes_of(file, on_bad_rows="drop")
    assert told[-1] == (
        f"made: warning: left out: 1 price of zero: 0 at line {BAD + 2} ({DATES[BAD]})"
    )
    kept = PriceOrder(ticker="made", prices=file, on_bad_rows="drop").history(HERE, 60)
    assert len(kept) == DAYS - 2 and DATES[BAD] not in kept.dates


@pytest.mark.parametrize("options", [{"on_bad_rows": "drop"}, {"column": "settle"}])
def test_sample_starts_after_the_prices_that_fit_would_learn_from(
    file: Path, workspace: Workspace, options: dict[str, Any]
) -> None:
    model, heard = Model(made_bundle("made", days=400)), Heard()
    request = SampleRequest(workspace=workspace, name="made", prices=file, **options)
    start, _ = start_of(model, request, heard)
    asset = model.bundle.manifest.assets[0]
    history = PriceOrder(ticker=asset, prices=file, **options).history(HERE, 60)
    np.testing.assert_array_equal(start.memory, model.start(history).memory)
    told = [sentence.removeprefix(asset) for sentence in heard.sentences]
    assert told == [sentence.removeprefix("made") for sentence in notes_of(file, **options)]
    again = Heard()
    assert order(request, again).start.sha256 == start.sha256
    assert again.sentences == heard.sentences


@pytest.mark.parametrize("options", [{"on_bad_rows": "drop"}, {"column": "settle"}])
def test_report_tells_the_same_notes_as_fit(
    file: Path, workspace: Workspace, options: dict[str, Any]
) -> None:
    heard, stop = Heard(), Stop()
    stop.ask()  # after the prices were read
    request = ReportRequest(workspace=workspace, name="made", n=20, against=file, **options)
    with pytest.raises(Interrupted):
        report(request, heard, stop)
    told = [sentence.partition(": ")[2] for sentence in heard.sentences]
    expected = [sentence.partition(": ")[2] for sentence in notes_of(file, **options)]
    assert told[: len(expected)] == expected
    assert heard.sentences[len(expected)] == "drawing paths and comparing"


def test_sample_and_report_refuse_options_of_a_file_that_they_do_not_get(
    workspace: Workspace,
) -> None:
    model = Model(made_bundle("made", days=400))
    for options in ({"column": "Close"}, {"on_bad_rows": "drop"}):
        asked: dict[str, Any] = {"workspace": workspace, "name": "made"} | options
        with pytest.raises(ConfigError, match=r"sample: .* must be left out without a price file"):
            start_of(model, SampleRequest(**asked))
        with pytest.raises(ConfigError, match=r"report: .* must be left out without a price file"):
            report(ReportRequest(**asked))


def test_the_commands_take_the_options(
    file: Path, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--workspace", str(workspace.root)]
    sample = ["sample", "made", "--n", "2", "--horizon", "2", "-o", "-", "--prices", str(file)]
    assert run([*sample, *here]) == 1
    assert "1 price of zero" in capsys.readouterr().err
    assert run([*sample, "--on-bad-rows", "drop", *here]) == 0
    assert "warning: left out: 1 price of zero" in capsys.readouterr().err
    assert run([*sample, "--column", "settle", *here]) == 0
    assert "column 'settle'" in capsys.readouterr().err
    judged = ["report", "made", "--against", str(file), "--column", "nosuch", *here]
    assert run(judged) == 1
    assert "nosuch" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["fit", "backtest"])
def test_another_interval_than_a_day_is_refused_in_a_sentence(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [command, "AAPL", "--interval", "5m", "--workspace", str(tmp_path)]
    assert run(arguments) == 1
    assert capsys.readouterr().err == (
        "Error: prices: interval = '5m' is not possible; it must be 1d: models, forecasts and "
        "reports know daily prices only\n"
    )


def test_bad_rows_are_treated_in_one_of_two_ways() -> None:
    with pytest.raises(ConfigError, match=r"on_bad_rows = 'keep' .* must be stop or drop"):
        FitRequest.of("KO", HERE, on_bad_rows="keep")  # type: ignore[arg-type]


def test_a_refit_reads_the_same_rows(file: Path) -> None:
    plain = PriceOrder(ticker="KO", prices=file)
    asked = replace(plain, column="close", start="2016-01-05", on_bad_rows="drop")
    assert ordered_again(plain.record(HERE)) == ["--prices", str(file)]
    assert ordered_again(asked.record(HERE)) == [
        *("--prices", str(file), "--column", "close", "--start", "2016-01-05"),
        *("--on-bad-rows", "drop"),
    ]


@pytest.mark.parametrize(
    ("column", "asked", "known"),
    [("Adj_Close", "", True), ("Adj_Close", "Close", False), ("Open", "", False)],
)
def test_a_record_tells_an_adjusted_close_by_the_column_that_was_read(
    tmp_path: Path, column: str, asked: str, known: bool
) -> None:
    """The adjusted close is read where a file has it. A close may be adjusted or not."""
    file = write(tmp_path / "two.csv", **{"Close": CLOSES[:, 0], column: 0.9 * CLOSES[:, 0]})
    order = PriceOrder(ticker="KO", prices=file, column=asked)
    assert is_adjusted(order.record(HERE)) is known
    assert is_adjusted(PriceOrder(ticker="KO").record(Workspace(tmp_path)))  # from Yahoo
    assert is_adjusted({"kind": "sample", "name": "SP500"})
    assert not is_adjusted({"kind": "sample", "name": "WTI"})
    assert not is_adjusted({"kind": "price_file", "path": "old.csv", "column": ""})


def test_a_pipe_is_not_read_again_for_its_record(tmp_path: Path) -> None:
    """A second reader of a pipe would wait for ever."""
    os.mkfifo(tmp_path / "pipe.csv")
    assert "read" not in PriceFile(str(tmp_path / "pipe.csv")).origin("KO")


def test_a_model_of_added_prices_records_their_file(file: Path, tmp_path: Path) -> None:
    workspace, order = Workspace(tmp_path / "desk"), PriceOrder(ticker="KO")
    assert order.record(workspace)["kind"] == "yahoo"
    prices = PriceFile(path=str(file)).fetch("KO", Scope(on_bad_rows="drop"))
    add_prices(workspace, prices, Origin(file, "0" * 64))
    origin = order.record(workspace)
    assert origin == {"kind": "added", "path": str(file), "sha256": "0" * 64, "name": "KO"}
    assert ordered_again(origin) == ["--offline"]  # `fit KO` finds the prices in data/
    assert loss_of_added(origin, workspace) == ""
    add_prices(workspace, prices, Origin(tmp_path / "new.csv", "1" * 64), force=True)
    assert re.search(
        r"KO\.parquet was added anew from .*new\.csv", loss_of_added(origin, workspace)
    )
    workspace.prices("KO").unlink()
    lost = loss_of_added(origin, workspace)
    assert lost.endswith(
        f"missing or damaged: `simgan data add {file} --name KO --force` keeps its prices again"
    )


# one file for several tickers


def backtest_of(*tickers: str, prices: tuple[Path, ...]) -> BacktestRequest:
    return BacktestRequest.of(
        tickers, HERE, prices=prices, models=("historical-250",), horizons=(1,)
    )


def test_one_file_serves_all_tickers_that_it_holds(panel: Path) -> None:
    heard = Heard()
    chains = make_chains(backtest_of("PEP", "KO", prices=(panel,)), heard)
    assert [chain.history.assets for chain in chains] == [("PEP",), ("KO",)]
    for chain, column in zip(chains, (1, 0), strict=True):
        expected = np.diff(np.log(CLOSES[:, column]))
        np.testing.assert_allclose(chain.history.log_returns[:, 0], expected, atol=1e-12)
    assert {sentence.partition(": ")[0] for sentence in heard.sentences} == {"PEP", "KO"}
    with pytest.raises(PriceError, match=r"panel\.csv: it holds 2 tickers \(KO, PEP\)"):
        make_chains(backtest_of("KO", "MSFT", prices=(panel,)))


def test_one_file_of_one_asset_does_not_serve_two_tickers(tmp_path: Path) -> None:
    file = write(tmp_path / "ko.csv", close=CLOSES[:, 0])
    for prices in ((file,), (file, file)):
        with pytest.raises(ConfigError, match="holds all of 2 tickers: this one holds one"):
            make_chains(backtest_of("KO", "PEP", prices=prices))
    assert make_chains(backtest_of("KO", prices=(file,)))[0].history.assets == ("KO",)


def test_files_are_one_for_each_ticker_or_one_for_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="one file for each of 3 tickers, or one that holds all"):
        backtest_of("A", "B", "C", prices=(tmp_path / "a.csv", tmp_path / "b.csv"))
