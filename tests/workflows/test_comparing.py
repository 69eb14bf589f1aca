"""Models and files side by side: one history, one rule, and every fault in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from heard_steps import Heard
from made_bundle import made_bundle
from quick_comparison import with_few_resamples

import simgan
from simgan.bundle.store import write_bundle
from simgan.errors import ConfigError, ScenarioError
from simgan.progress import Stop
from simgan.workflows import judging
from simgan.workflows.comparing import CompareRequest, compare, page_of
from simgan.workflows.report import ReportRequest, report, report_comparison
from simgan.workspace import Workspace

RNG = np.random.default_rng(5)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two baselines instead of six, few paths, and few resamples behind intervals and floors."""
    monkeypatch.setattr(judging, "BASELINES_BESIDE", ("stationary-bootstrap", "gjr-t"))
    monkeypatch.setattr(judging, "PATHS", 20)
    with_few_resamples(monkeypatch)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("compared"))
    write_bundle(made_bundle("made", days=400), workspace.model("made"))
    return workspace


def saved(folder: Path, name: str, n: int = 200, horizon: int = 30, scale: float = 0.01) -> str:
    path = folder / name
    np.save(path, scale * RNG.standard_t(5, (n, horizon)))
    return str(path)


def test_scenarios_of_anyone_are_judged_on_the_history_of_a_model(
    workspace: Workspace, tmp_path: Path
) -> None:
    file, heard = saved(tmp_path, "theirs.npy"), Heard()
    out = tmp_path / "x.md"
    request = ReportRequest(workspace=workspace, name="made", scenarios=Path(file), out=out)
    done = report(request, heard)
    comparison = done.judgement.comparison
    assert comparison.models == ("theirs.npy", "stationary-bootstrap", "gjr-t")
    assert done.summary().equals(comparison.summary())
    assert done.plot().get_legend_handles_labels()[1][1] == "theirs.npy"
    text = out.read_text(encoding="utf-8")
    assert "# theirs.npy: real against fake" in text
    assert "not computed: leverage: 80 days are needed, and history or paths have 30" in text
    numbers = json.loads(done.numbers.read_text(encoding="utf-8"))
    assert numbers["training"] is None and numbers["facts"]["seed"] is None
    assert "200 scenarios over 30 days, SHA-256" in numbers["facts"]["sources"]["theirs.npy"]
    assert numbers["facts"]["commands"] == [f"simgan report made --scenarios {file}"]


def test_a_model_and_a_file_stand_side_by_side(workspace: Workspace, tmp_path: Path) -> None:
    names = ("made", saved(tmp_path, "theirs.npy"))
    done = report_comparison(
        CompareRequest(workspace=workspace, names=names, n=20, out=tmp_path / "both.md")
    )
    comparison = done.judgement.comparison
    assert comparison.judged == ("made", "theirs.npy") and comparison.in_sample
    assert done.judgement.verdict.rivals == ("gjr-t",)
    numbers = json.loads(done.numbers.read_text(encoding="utf-8"))
    assert [numbers["verdict"]["model"], numbers["beside"][0]["model"]] == ["made", "theirs.npy"]
    head = next(line for line in done.page.read_text("utf-8").splitlines() if "| statistic" in line)
    assert "| made | theirs.npy | gjr-t | stationary-bootstrap |" in head


def test_a_page_without_a_place_goes_to_the_reports_under_all_names(workspace: Workspace) -> None:
    request = CompareRequest(workspace=workspace, names=("made", "far/theirs.npy"))
    assert page_of(request) == workspace.reports / "made-theirs.npy-compared.html"


def test_a_unit_that_is_wrong_is_said(workspace: Workspace, tmp_path: Path) -> None:
    heard, names = Heard(), (saved(tmp_path, "percent.npy", scale=0.3),)
    compare(CompareRequest(workspace=workspace, names=names, history_of="made"), heard)
    assert any("are its values in percent" in sentence for sentence in heard.sentences)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (("made", "made"), "different names"),
        (("made", "none.parquet"), "no such file"),
    ],
)
def test_wrong_contestants_are_refused_before_the_work(
    workspace: Workspace,
    names: tuple[str, ...],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("simgan.workflows.comparing.judged_beside", lambda *_, **__: pytest.fail())
    with pytest.raises((ConfigError, ScenarioError), match=sentence):
        compare(CompareRequest(workspace=workspace, names=names))


def test_a_contestant_cannot_have_the_name_of_a_baseline() -> None:
    with pytest.raises(ConfigError, match="no names of baselines"):
        judging.judged_beside(
            np.zeros((400, 1)), {"gjr-t": np.zeros((4, 400))}, Stop(), in_sample=True
        )


def test_too_few_paths_are_said_with_the_remedy(workspace: Workspace, tmp_path: Path) -> None:
    names = (saved(tmp_path, "few.npy", n=3),)
    with pytest.raises(ConfigError, match="at least the 400 days of the history; draw more"):
        compare(CompareRequest(workspace=workspace, names=names, history_of="made"))


def test_options_of_files_without_a_file_are_refused(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match="left out without --scenarios"):
        report(ReportRequest(workspace=workspace, name="made", values="prices"))


def test_python_compares_files_as_it_compares_arrays(tmp_path: Path) -> None:
    real, file = 0.01 * RNG.standard_t(5, 300), saved(tmp_path, "theirs.npy")
    compared = simgan.compare(real, file)
    assert compared.models == ("theirs.npy",)
    both = simgan.compare(real, {"a": Path(file), "b": np.load(file)})
    assert both.models == ("a", "b")
    assert [row.models["a"] for row in both.rows] == [row.models["b"] for row in both.rows]
    with pytest.raises(ScenarioError, match="ending that is not read"):
        simgan.compare(real, "SP500")
