"""`simgan data`: results on stdout, notes on stderr, and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from made_quotes import business_days, made_closes
from yahoo_server import YahooServer

from simgan.cli.main import run


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file of 40 prices, in the current folder, which is the workspace."""
    monkeypatch.delenv("SIMGAN_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    rows = [f"{d},{c}" for d, c in zip(business_days(40), made_closes(40), strict=True)]
    Path("ko.csv").write_text("\n".join(["date,close", *rows]))
    return "ko.csv"


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run `simgan data` and return its exit code, its output and its notes."""
    code = run(["data", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_show_prints_facts_and_writes_a_page(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, "show", file)
    assert (code, err) == (0, "")
    assert "separator    comma" in out and "days         40 of 40 rows" in out
    assert out.rstrip().endswith("written to reports/ko-data.html")
    assert Path("reports/ko-data.html").is_file()
    code, out, _ = said(capsys, "show", file, "--json", "-o", "page.html", "--start", "2018-01-10")
    shown = json.loads(out)
    assert code == 0 and shown["page"] == "page.html" and Path("page.html").is_file()
    assert shown["assets"][0]["first"] == "2018-01-10"


def test_prices_are_shown_where_their_page_cannot_be_written(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("reports").write_text("in the place of the folder")
    code, out, err = said(capsys, "show", file)
    assert code == 0 and "days         40 of 40 rows" in out and "written to" not in out
    assert err.startswith("no page is written: cannot write reports") and err.count("\n") == 1
    code, out, _ = said(capsys, "show", file, "--json")
    assert code == 0 and json.loads(out)["page"] is None
    code, out, err = said(capsys, "show", file, "-o", "reports/page.html")  # it was asked for
    assert code == 1 and "days         40 of 40 rows" in out
    assert err.startswith("Error: cannot write reports")


def test_a_refused_file_is_shown_before_its_error(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(file).write_text(Path(file).read_text() + "\n2018-03-01,0\n")
    code, out, err = said(capsys, "show", file)
    assert code == 1 and "encoding     UTF-8" in out
    assert err.startswith("Error: ") and "price of zero: 0 at line 42" in err
    assert err.count("\n") == 1
    code, out, err = said(capsys, "show", file, "--json")
    assert code == 1 and "price of zero" in json.loads(out)["refused"]
    code, out, err = said(capsys, "show", file, "--on-bad-rows", "drop")
    assert code == 0 and "days         40 of 41 rows" in out


def test_a_file_is_added_listed_and_removed(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "list")
    assert code == 0 and "no prices in data/ yet" in out
    code, out, err = said(capsys, "add", file, "--name", "KO")
    assert (code, out) == (0, "data/KO.parquet: 40 days, 2018-01-01 to 2018-02-23\n")
    assert "KO: ko.csv: column 'close'" in err
    code, out, _ = said(capsys, "list")
    header, row = out.splitlines()[:2]
    assert header.split() == ["ticker", "first", "last", "days", "size", "when", "source"]
    assert row.split()[:4] == ["KO", "2018-01-01", "2018-02-23", "40"]
    assert "added from" in row
    [entry] = json.loads(said(capsys, "list", "--json")[1])
    assert (entry["ticker"], entry["source"], entry["days"]) == ("KO", "price_file", 40)
    assert said(capsys, "add", file, "--name", "KO")[0] == 1
    assert said(capsys, "add", file, "--name", "KO", "--force", "--quiet")[2] == ""
    code, out, err = said(capsys, "remove", "KI")
    assert (code, out) == (1, "") and "known: KO" in err
    code, out, _ = said(capsys, "remove", "KO")
    assert (code, out) == (0, "removed data/KO.parquet (40 days, 2018-01-01 to 2018-02-23)\n")
    assert json.loads(said(capsys, "list", "--json")[1]) == []


def test_tickers_are_added(
    file: str, capsys: pytest.CaptureFixture[str], yahoo_server: YahooServer
) -> None:
    code, out, _ = said(capsys, "add", "AAPL", "--json")
    assert code == 0
    assert [entry["ticker"] for entry in json.loads(out)] == ["AAPL"]
    assert said(capsys, "show", "AAPL", "--offline")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["ko.csv"], "give a --name"),
        (["ko.csv", "AAPL", "--name", "X"], "one file at a time"),
        (["gone.csv"], "gone.csv would be a file, and there is none"),
        (["AAPL", "--name", "X"], "--name needs a FILE"),
        (["AAPL", "--start", "2018-01-01"], "--start needs a FILE"),
        (["AAPL", "--on-bad-rows", "drop"], "--on-bad-rows needs a FILE"),
        (["AAPL", "--force"], "--force needs --refresh"),
        (["ko.csv", "--name", "X", "--refresh"], "--refresh needs tickers"),
        ([], "Missing argument"),
    ],
)
def test_options_of_the_other_kind_are_wrong_usage(
    file: str, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    code, _, err = said(capsys, "add", *arguments)
    assert code == 2 and reason in err


WITHOUT = """
import sys

class Absent:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in ("pandas", "tensorflow", "yfinance"):
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Absent())
from simgan.cli.main import run
sys.exit(run(["data", "show", "ko.csv"]))
"""


def test_a_file_is_shown_without_pandas_and_tensorflow(file: str) -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
