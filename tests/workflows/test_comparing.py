"""Models and files side by side: one history, one rule, and every fault in a sentence."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from heard_steps import Heard
from made_bundle import made_bundle, made_history
from quick_comparison import with_few_resamples

import simgan
from simgan.bundle.facts import PriorFacts
from simgan.bundle.store import write_bundle
from simgan.cli.main import INTERRUPTED, run
from simgan.errors import ConfigError, ScenarioError, UnknownNameError
from simgan.progress import Stop
from simgan.workflows import judging
from simgan.workflows.comparing import CompareRequest, _contestant, compare, page_of
from simgan.workflows.judging import DrawnPaths
from simgan.workflows.report import ReportRequest, report, report_comparison
from simgan.workspace import Workspace

RNG = np.random.default_rng(5)
REAL = 0.01 * np.random.default_rng(6).standard_t(5, 260)


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
    request = ReportRequest(workspace=workspace, name="made", scenarios=Path(file), out=out, n=25)
    done = report(request, heard)
    drawn = {name: len(paths) for name, paths in done.judgement.fakes.items()}
    assert drawn == {"theirs.npy": 200, "stationary-bootstrap": 25, "gjr-t": 25}
    comparison = done.judgement.comparison
    assert comparison.models == ("theirs.npy", "stationary-bootstrap", "gjr-t")
    assert done.summary().equals(comparison.summary())
    assert done.plot().get_legend_handles_labels()[1][1] == "theirs.npy"
    text = out.read_text(encoding="utf-8")
    assert "# theirs.npy: real against generated" in text
    assert "not computed: leverage: 80 days are needed, and history or paths have 30" in text
    numbers = json.loads(done.numbers.read_text(encoding="utf-8"))
    assert numbers["training"] is None and numbers["facts"]["seed"] is None
    source = numbers["facts"]["sources"]["theirs.npy"]
    assert "200 scenarios over 30 days, SHA-256" in source and source.endswith("; all are judged")
    assert (numbers["facts"]["paths"], numbers["facts"]["horizon"]) == (25, 400)
    assert numbers["verdict"]["in_sample"] is None
    assert "Learned from unknown days, theirs.npy is within" in text
    assert (numbers["comparison"]["days"], numbers["comparison"]["horizon"]) == (400, 30)
    assert "The shortest paths have 30 days, and the history has 400." in text
    assert numbers["facts"]["commands"] == [f"simgan report made --scenarios {file} --n 25"]


def test_a_model_and_a_file_stand_side_by_side(workspace: Workspace, tmp_path: Path) -> None:
    names = ("made", saved(tmp_path, "theirs.npy"))
    done = report_comparison(
        CompareRequest(workspace=workspace, names=names, n=20, out=tmp_path / "both.md")
    )
    comparison = done.judgement.comparison
    assert comparison.judged == ("made", "theirs.npy") and comparison.in_sample is True
    assert done.judgement.verdict.rivals == ("gjr-t",)
    numbers = json.loads(done.numbers.read_text(encoding="utf-8"))
    both = (numbers["verdict"], numbers["beside"][0])
    assert [(one["model"], one["in_sample"]) for one in both] == [
        ("made", True),
        ("theirs.npy", None),
    ]
    assert numbers["facts"]["sources"]["made"].endswith("; 20 paths of 400 days")
    head = next(
        line for line in done.page.read_text("utf-8").splitlines() if "| statistic |" in line
    )
    assert "| made | theirs.npy | gjr-t | stationary-bootstrap |" in head


def test_the_prior_of_each_model_is_told_under_its_name(workspace: Workspace) -> None:
    made = made_bundle("leans", days=400)
    prior = PriorFacts(name="2004-closes", until="2004-12-31", series=["A", "B"], share=0.2)
    write_bundle(
        replace(made, manifest=replace(made.manifest, prior=prior)), workspace.model("leans")
    )
    asked = CompareRequest(workspace=workspace, names=("made", "leans"), n=20)
    expected = "leans: It leans on a prior: 20 % of the days behind its innovations are those of "
    found = compare(asked).facts.leaning
    assert found.startswith(f"{expected}2004-closes (2 series until 2004-12-31)")
    alone = replace(asked, names=("made",))
    assert compare(alone).facts.leaning == ""


def test_the_first_paths_of_a_long_file_are_judged_and_counted(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: 20 paths of 400 days are 8,000 days, which 266 scenarios of 30 days have."""
    seen = {}

    def judged(*given: object, **others: object) -> None:
        seen.update(others, paths=given[1])
        raise KeyboardInterrupt

    monkeypatch.setattr("simgan.workflows.comparing.judged_beside", judged)
    names = (saved(tmp_path, "long.npy", n=300),)
    asked = CompareRequest(workspace=workspace, names=names, n=20, history_of="made")
    with pytest.raises(KeyboardInterrupt):
        compare(asked)
    assert seen["paths"]["long.npy"].log_returns.shape == (266, 30)
    assert seen["learned"] == {"long.npy": None}
    contestant = _contestant(names[0], asked, Heard())
    drawn = contestant.drawn(made_history(400), 20)
    assert contestant.described(drawn).endswith("; the first 266 are judged")


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
        (("made", "made"), "made and made is not possible; it must be each model or file once"),
        (("made", "none.parquet"), "none.parquet: no such file; give a file of scenarios"),
        (("made", "n" * 300), "unknown model"),
    ],
)
def test_wrong_contestants_are_refused_before_the_work(
    workspace: Workspace,
    names: tuple[str, ...],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("simgan.workflows.comparing.judged_beside", lambda *_, **__: pytest.fail())
    with pytest.raises((ConfigError, ScenarioError, UnknownNameError), match=sentence):
        compare(CompareRequest(workspace=workspace, names=names))


def test_two_files_of_one_name_are_both_named(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old").mkdir()
    monkeypatch.chdir(tmp_path)  # a long path is shortened in a message
    names = (saved(Path(), "a.npy"), saved(Path("old"), "a.npy"))
    with pytest.raises(ConfigError, match=r"different names.*; rename one") as told:
        compare(CompareRequest(workspace=workspace, names=names, history_of="made"))
    assert f"{names[0]} and {names[1]}" in str(told.value)


@pytest.mark.parametrize(
    ("options", "command"),
    [
        ({"against": Path("p.csv"), "on_bad_rows": "drop"}, "--against p.csv --on-bad-rows drop"),
        ({"n": 50, "values": "prices"}, "--n 50 --values prices"),
        ({"weights": "A=1,B=0", "rebalance": "daily"}, "--weights A=1,B=0 --rebalance daily"),
    ],
)
def test_the_command_of_a_comparison_makes_it_again(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, object],
    command: str,
) -> None:
    """A name that begins with a hyphen is no option."""
    request = CompareRequest(workspace=workspace, names=("-a.csv", "b c.csv"), **options)
    assert request.command == f"simgan compare ./-a.csv 'b c.csv' {command}"
    asked: list[CompareRequest] = []

    def heard(request: CompareRequest, _: object) -> None:
        asked.append(request)
        raise KeyboardInterrupt

    monkeypatch.setattr("simgan.workflows.comparing_books.comparison_asked", heard)
    assert run(shlex.split(request.command)[1:]) == INTERRUPTED
    assert asked == [replace(request, names=("./-a.csv", "b c.csv"), workspace=asked[0].workspace)]


def test_a_message_names_the_command_that_was_given(workspace: Workspace, tmp_path: Path) -> None:
    page, file = tmp_path / "r.txt", Path("a.csv")
    with pytest.raises(ConfigError, match=r"^report: out = "):
        report(ReportRequest(workspace=workspace, scenarios=file, out=page))
    with pytest.raises(ConfigError, match=r"^compare: out = "):
        report_comparison(CompareRequest(workspace=workspace, names=("a.csv",), out=page))


def test_a_contestant_cannot_have_the_name_of_a_baseline() -> None:
    with pytest.raises(ConfigError, match="no names of baselines"):
        paths = {"gjr-t": DrawnPaths(np.zeros((4, 400)))}
        judging.judged_beside(made_history(400), paths, Stop(), learned={"gjr-t": True})


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
    with pytest.raises(ScenarioError, match=r"none.npy: no such file; give a file of scenarios"):
        simgan.compare(real, tmp_path / "none.npy")


@pytest.mark.parametrize("name", ["", " ", 1])
def test_python_refuses_a_model_without_a_name(name: object) -> None:
    with pytest.raises(ConfigError, match=r"^compare: name = .*; it must be text, and not empty"):
        simgan.compare(REAL, {name: REAL})


@pytest.mark.filterwarnings("error")
def test_python_refuses_a_history_that_is_constant_or_of_prices() -> None:
    with pytest.raises(ConfigError, match="real: values = constant"):
        simgan.compare(np.zeros(260), REAL)
    with pytest.raises(ConfigError, match="are these prices or percent"):
        simgan.compare(100 * np.exp(REAL), REAL)
