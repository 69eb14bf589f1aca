"""A report on several assets: together beside the joint rival, and each by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from heard_steps import Heard
from made_bundle import made_bundle
from made_joint import ASSETS, calm_joint, made_panel
from quick_comparison import with_few_resamples

import simgan
from simgan.bundle.store import write_bundle
from simgan.cli.main import run
from simgan.errors import ConfigError, Interrupted
from simgan.progress import Stop
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.workflows import report_of_book as workflow
from simgan.workflows.again import report_again
from simgan.workflows.judging_books import RIVALS, long_run_together
from simgan.workflows.report import ReportRequest
from simgan.workflows.report_of_book import ReportedBook, report_asked
from simgan.workspace import Workspace

WEIGHTS = "ONE=.6,TWO=.4"
DAYS = 450


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("books"))
    write_bundle(calm_joint(DAYS), workspace.model("BOOK"))
    return workspace


def prices(columns: tuple[str, ...], later: int = 0) -> pd.DataFrame:
    """Prices of the days of the model, or of later ones."""
    panel = made_panel(DAYS)
    index = pd.to_datetime(panel.dates) + pd.Timedelta(days=later)
    frame = pd.DataFrame(panel.prices, pd.Index(index, name="Date"), list(ASSETS))
    return frame[list(columns)]


@pytest.fixture(scope="module")
def done(workspace: Workspace) -> ReportedBook:
    """The report on the made book, on another history, with few resamples."""
    later = workspace.root / "later.csv"
    prices(("THREE", "ONE", "TWO"), later=3000).to_csv(later)
    with pytest.MonkeyPatch.context() as patch:
        with_few_resamples(patch)
        request = ReportRequest(
            workspace=workspace,
            name="BOOK",
            n=20,
            against=later,
            weights=WEIGHTS,
            rebalance="daily",
        )
        found = report_asked(request)
    assert isinstance(found, ReportedBook)
    return found


def test_page_and_numbers_are_written_together(done: ReportedBook, workspace: Workspace) -> None:
    assert done.page == workspace.reports / "BOOK.html"
    numbers = json.loads(done.numbers.read_text(encoding="utf-8"))
    assert numbers == json.loads(json.dumps(done.to_json()))
    assert list(numbers["assets"]) == list(ASSETS) and len(numbers["pairs"]) == 3
    assert numbers["facts"]["commands"][-1] == (
        f"simgan report BOOK --n 20 --against {workspace.root / 'later.csv'} "
        f"--weights {WEIGHTS} --rebalance daily"
    )
    page = done.page.read_text(encoding="utf-8")
    assert done.book.sentence in page and "60 % ONE, 40 % TWO" in page
    assert 'id="figure-pairs-correlations"' in page and 'id="figure-fan"' in page


def test_another_history_of_the_same_assets_is_judged_on(done: ReportedBook) -> None:
    assert done.facts.judged_on.startswith("another history")
    assert "learned from" not in done.facts.judged_on
    assert done.judgement.comparison.in_sample is False
    real = done.book.samples.real
    assert done.book.samples.assets == ASSETS and len(real) == DAYS - 1
    assert real == pytest.approx(made_panel(DAYS).log_returns[1:])


def test_the_joint_baselines_stand_beside_and_the_rival_is_the_opponent(
    done: ReportedBook,
) -> None:
    comparison = done.judgement.comparison
    assert comparison.models == ("simgan", *RIVALS)
    assert done.judgement.verdict.against == RIVALS[0] == "gjr-dcc-fhs"
    assert done.judgement.verdict.copies == ("stationary-bootstrap",)
    assert done.judgement.fakes["simgan"].shape == (20, DAYS - 1, 3)
    assert all(one.models == ("simgan", "gjr-dcc-fhs") for one in done.assets.values())
    assert "your shares: standard deviation, 1 day" in {row.label for row in comparison.rows}


def test_a_copy_of_the_history_is_within_nearly_everywhere(done: ReportedBook) -> None:
    comparison = done.judgement.comparison
    copies = comparison.within("stationary-bootstrap") / len(comparison.counted)
    assert copies > 0.85


def test_the_summary_has_all_rows_and_the_repr_the_standing(done: ReportedBook) -> None:
    assert len(done.summary()) == len(done.judgement.comparison.rows)
    assert "beside the rival" in repr(done)
    assert "Each asset by itself" in done.to_text(100)


def test_long_run_paths_have_the_law_of_the_model() -> None:
    """100 paths of 250 days against 500 scenarios of the sampler."""
    model = Model(calm_joint(DAYS))
    paths = long_run_together(model, 250, Seed(0), 100)
    other = model.simulate_long_run(250, Seed(1), 0, 500)
    assert paths.shape == (100, 250, 3) and np.isfinite(paths).all()
    assert paths.std(axis=(0, 1)) == pytest.approx(other.std(axis=(0, 1)), rel=0.15)
    found, expected = (np.corrcoef(each.reshape(-1, 3).astype(float).T) for each in (paths, other))
    assert found == pytest.approx(expected, abs=0.08)
    again = long_run_together(model, 250, Seed(0), 100)
    assert (paths == again).all()
    assert (long_run_together(model, 250, Seed(1), 100) != paths).any()


def test_a_stopped_report_writes_nothing(workspace: Workspace) -> None:
    stop = Stop()
    stop.ask()
    out = workspace.root / "stopped.html"
    with pytest.raises(Interrupted):
        report_asked(ReportRequest(workspace=workspace, name="BOOK", n=20, out=out), stop=stop)
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": "ONE=.6"}, "of sum 1"),
        ({"rebalance": "weekly"}, "one of none, daily"),
        ({"asset": "ONE"}, "left out without --scenarios"),
        ({"out": Path("x.pdf")}, "ends in .html"),
        ({"column": "close"}, "left out without a price file"),
    ],
)
def test_what_cannot_be_is_refused_before_the_work(
    workspace: Workspace, options: dict[str, object], message: str
) -> None:
    asked = ReportRequest(workspace=workspace, name="BOOK", n=20)
    request = replace(asked, **options)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=message):
        report_asked(request)


def test_shares_are_for_several_assets(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    write_bundle(made_bundle("made", days=400), workspace.model("made"))
    asked = ReportRequest(workspace=workspace, name="made")
    for options in ({"weights": "A=1"}, {"rebalance": "daily"}):
        with pytest.raises(ConfigError, match="the report is about one asset"):
            report_asked(replace(asked, **options))  # type: ignore[arg-type]


def test_days_that_the_model_learned_from_are_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge(*_: object) -> None:
        raise Interrupted

    monkeypatch.setattr(workflow, "judge_book", judge)
    file = workspace.root / "same.csv"
    prices(ASSETS).to_csv(file)
    heard = Heard()
    with pytest.raises(Interrupted):
        report_asked(ReportRequest(workspace=workspace, name="BOOK", against=file), heard)
    assert any("learned from 449 of the 449 days" in said for said in heard.sentences)


def test_prices_that_lack_an_asset_are_refused(workspace: Workspace) -> None:
    file = workspace.root / "two.csv"
    prices(("ONE", "TWO")).to_csv(file)
    with pytest.raises(ConfigError, match=r"two\.csv of ONE, TWO .* THREE is missing"):
        report_asked(ReportRequest(workspace=workspace, name="BOOK", against=file))


def test_the_command_and_python_report_on_a_book(
    workspace: Workspace,
    done: ReportedBook,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(workflow, "judge_book", lambda *_: done.book)
    out = workspace.root / "cli.md"
    words = ["report", "BOOK", "--n", "20", "-o", str(out), "--workspace", str(workspace.root)]
    assert run(words) == 0
    said = capfd.readouterr()
    assert "How the assets move together" in said.out and "With all assets together" in said.out
    assert f"written to {out}" in said.err + said.out
    assert "## Each asset by itself" in out.read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match="of sum 1"):
        simgan.report(
            "BOOK", weights={"ONE": 0.5}, workspace=workspace.root, progress=simgan.SILENT
        )


def test_the_commands_that_make_a_book_again_name_all_assets() -> None:
    manifest = calm_joint(DAYS).manifest
    kinds: list[dict[str, object]] = [
        {"kind": "price_file", "path": "panel.csv", "name": asset} for asset in ASSETS
    ]
    panel = replace(
        manifest, data=replace(manifest.data, source={"kind": "panel", "assets": kinds})
    )
    _, fit, report = report_again(panel, [])
    assert fit == (
        "simgan fit ONE TWO THREE --recipe made.toml --prices panel.csv "
        f"--end {manifest.data.last} --name made"
    )
    assert report == "simgan report made"
    for number, kind in enumerate(kinds):
        kind["path"] = f"{number}.csv"
    _, fit, _ = report_again(panel, [])
    assert "--prices 0.csv --prices 1.csv --prices 2.csv" in fit
