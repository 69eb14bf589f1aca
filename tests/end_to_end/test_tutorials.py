"""The tutorials and how-to pages: each command and statement runs, and gives the shown output.

Trainings are abridged: fewer days, fewer steps, graphs that are not compiled. Their numbers are
then others, and are not compared. Pages about the reference model are compared number by number.
Figures of reports are plotted, and not rendered: `test_fit_sample_report` has a whole report.
"""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import chdir
from pathlib import Path

import pytest
import quick_work
from page_runs import expect_as_shown, replaced, said, shown

DOCS = Path(__file__).resolve().parents[2] / "docs"
OF_THE_REFERENCE = ("getting_started", "stress", "books", "extending")


@pytest.fixture(autouse=True)
def a_wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("SIMGAN_WORKSPACE", raising=False)


def text_of(page: str) -> str:
    return (DOCS / f"{page}.md").read_text("utf-8")


def play(
    page: str, folder: Path, instead: Mapping[str, str] | None = None, near: float | None = None
) -> dict[str, str]:
    """Run a page in an empty folder, with pieces of it exchanged, and compare its output.

    Returns
    -------
    dict of str
        The output of each command and statement.
    """
    text = replaced(text_of(page), instead or {})
    module, outputs = types.ModuleType("page"), {}
    with chdir(folder), pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "page", module)
        for one in shown(text):
            outputs[one.code] = said(one, module.__dict__)
            expect_as_shown(one.output, outputs[one.code], near)
    return outputs


@pytest.mark.parametrize("page", OF_THE_REFERENCE)
@pytest.mark.usefixtures("unrendered")
def test_a_page_about_the_reference_model_shows_its_numbers(page: str, tmp_path: Path) -> None:
    play(page, tmp_path, near=0.01)


SHORT = "--preset quick --set warm_steps=20"
FIT_OF_A_FILE = {
    '.loc["2014":]': '.loc["2017-06":]',  # 398 returns
    "--prices fund.csv --preset quick\n": f"--prices fund.csv {SHORT}\n",
}
BACKTEST_OF_BASELINES = """FUND --prices fund.csv --from 2018-12-17 --jobs 1 --scenarios 200 \\
    --models gjr-fhs,historical-250
...
FUND: fitting and forecasting with gjr-fhs, historical-250
...
Scores over 1 day, FUND: low is good
...
Hit rates over 1 day
...
Traffic light at 99 % over 1 day, by the exceedances of the latest 9 forecasts: ...
written to reports/FUND-backtest.html, reports/FUND-backtest.json and
reports/FUND-backtest.forecasts.parquet
"""


def words_of_the_numbers(page: str) -> dict[str, str]:
    """Return the sentences of a page that follow from the numbers of the whole training."""
    lines = re.DOTALL | re.MULTILINE
    found = re.findall(r"In sample, simgan .* against \.\.\.", page)
    found += re.findall(r"(?<=against )gjr-skew-t.*?loses \d+.*?\.$", page, lines)
    found += re.findall(r"(?<=Training: ).*?noise\.", page, re.DOTALL)
    found += re.findall(r"^Good for:.*?(?=^\.\.\.$|^Training)", page, lines)
    return dict.fromkeys(found, "...\n")


@pytest.fixture(scope="module")
def quick_trainings() -> Iterator[None]:
    """Train on returns without compiling, keep the first states, and judge by fewer resamples.

    Games of points are compiled, because they have many steps.
    """
    pytest.importorskip("tensorflow")
    from quick_comparison import with_few_resamples
    from quick_graphs import quick_graphs

    from simgan.gan.points import PointGan

    compiled = PointGan._many
    with quick_graphs(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(PointGan, "_many", compiled)
        patch.setattr("simgan.workflows.fit.spread_out", lambda bundle: bundle)
        with_few_resamples(patch)
        yield


@pytest.mark.tensorflow
@pytest.mark.slow
@pytest.mark.usefixtures("quick_trainings", "shorter_calibration", "unrendered")
def test_the_way_in_of_a_risk_manager(tmp_path: Path) -> None:
    """A price file, the fit, the risk, the report, and a backtest of the baselines."""
    page = text_of("tutorial_risk")
    [backtest] = re.findall(r"(?<=^\$ simgan backtest ).*?(?=^```)", page, re.DOTALL | re.MULTILINE)
    instead = FIT_OF_A_FILE | words_of_the_numbers(page) | {backtest: BACKTEST_OF_BASELINES}
    play("tutorial_risk", tmp_path, instead)
    made = {path.name for path in (tmp_path / "reports").iterdir()}
    assert made >= {"FUND-risk.html", "FUND.html", "FUND-backtest.html", "fund-data.html"}


@pytest.mark.tensorflow
@pytest.mark.slow
@pytest.mark.usefixtures("quick_trainings", "shorter_calibration", "unrendered")
def test_the_way_in_of_a_quant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame, a model, scenarios as frames, risk, a picture, and a backtest."""
    monkeypatch.setattr("simgan.workflows.fit.judge", quick_work.judge)
    instead = {
        '.loc["2014":]': '.loc["2017-06":]',
        'preset="quick")': 'preset="quick", settings={"warm_steps": 20})',
        'first="2018-07-02"': 'first="2018-12-03"',
        "scenarios=1000": "scenarios=200",
    }
    words = words_of_the_numbers(text_of("tutorial_pandas"))
    play("tutorial_pandas", tmp_path, words | instead)
    assert (tmp_path / "fan.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.tensorflow
@pytest.mark.slow
@pytest.mark.usefixtures("quick_trainings", "shorter_calibration")
def test_the_way_in_of_a_reader_of_gans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Games of points, and an adversarial stage on returns."""
    monkeypatch.setattr("simgan.workflows.fit.judge", quick_work.judge)
    instead = {
        "--start 2010-01-01 --preset quick \\\n    --objective hinge --set steps=300": (
            f"--start 2017-06-01 {SHORT} --objective hinge --set steps=4 --set check_every=2 "
            "--set batch=16"
        ),
        "steps=1500": "steps=500",
    }
    words = words_of_the_numbers(text_of("tutorial_gan"))
    outputs = play("tutorial_gan", tmp_path, words | instead)
    table = outputs["simgan example optimal-critic --seeds 1"]
    assert float(re.findall(r"mean \|D − D\*\| +([\d.]+)", table)[-1]) < 0.01
    assert "−log 4 + 2 JSD" in table
