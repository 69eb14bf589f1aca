"""`simgan risk` as its user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_bundle import made_bundle

from simgan.bundle.store import write_bundle
from simgan.cli.main import run


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    write_bundle(made_bundle("made"), tmp_path / "models" / "made")
    return tmp_path


def risk(workspace: Path, *arguments: str) -> int:
    return run(["risk", *arguments, "--n", "4000", "--workspace", str(workspace), "--quiet"])


def test_it_prints_the_table_and_the_chart_and_writes_both_files(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert risk(workspace, "made", "--level", ".99,.975", "--horizon", "1,10") == 0
    out = capsys.readouterr().out
    for text in ("VaR", "ES", "97.5 %", "gjr-fhs", "√10", "a year", "┃", "made-risk.html"):
        assert text in out
    assert {path.name for path in (workspace / "reports").glob("[!.]*")} == {
        "made-risk.html",
        "made-risk.json",
    }


def test_json_has_shares_money_and_both_models(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert risk(workspace, "--json", "--position", "-2000", "--level", ".95") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["position"] == -2000 and found["schema"] == "simgan risk 1"
    assert {row["model"] for row in found["risk"]} == {"simgan", "gjr-fhs"}
    for row in found["risk"]:
        assert row["money_value_at_risk"] == pytest.approx(2000 * row["value_at_risk"])
        assert row["expected_shortfall"] > row["value_at_risk"] > 0
    assert Path(found["page"]).exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--level", "99"], 1, "a coverage inside (0, 1)"),
        (["--level", ".9999"], 1, "at least 200,000"),
        (["--level", "high"], 2, "not a list of numbers"),
        (["--horizon", "0"], 1, "at least 1 day"),
        (["--position", "0"], 1, "negative for a short one"),
        (["--as-of", "yesterday"], 2, "is none of latest"),
        (["nobody"], 1, "unknown model 'nobody'"),
        (["-o", "page.pdf"], 1, "ends in .html"),
    ],
)
def test_a_wrong_request_is_one_line(
    arguments: list[str],
    code: int,
    words: str,
    workspace: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert risk(workspace, *arguments) == code
    captured = capsys.readouterr()
    assert words in captured.err and captured.out == ""
    assert not (workspace / "reports").exists() or not any((workspace / "reports").glob("*.html"))
