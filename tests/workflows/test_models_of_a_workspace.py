"""Models are found by their folder, listed even where one is damaged, and removed in one step."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_bundle import made_bundle
from made_joint import CORRELATIONS, made_joint

from simgan.bundle.store import read_bundle, write_bundle
from simgan.bundle.summary import details_of, learned_from
from simgan.cli.data_sheet import data_sheet, settings_in_words
from simgan.cli.main import run
from simgan.errors import BundleError, ConfigError, UnknownNameError, WriteError
from simgan.locks import locked
from simgan.recipe.recipe import Recipe
from simgan.sampling.model import Model
from simgan.workflows import models
from simgan.workflows.again import fit_again
from simgan.workflows.data_sheet import JointMoves, dependence_of, risk_of_bundle
from simgan.workflows.models import find_model, list_models, load_bundle, remove_model
from simgan.workflows.risk import outlook_today
from simgan.workspace import Workspace, safe_name


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "here")
    for name in ("first", "second"):
        write_bundle(made_bundle(name, days=60), workspace.model(name))
    return workspace


def test_a_model_has_the_name_of_its_folder(workspace: Workspace) -> None:
    workspace.model("first").rename(workspace.models / "moved")
    assert find_model(workspace, "moved").folder == workspace.models / "moved"
    assert load_bundle(workspace, "moved").manifest.name == "moved"
    assert [model.name for model in list_models(workspace)] == ["moved", "second"]


@pytest.mark.parametrize("name", ["", " ", "\t"])
def test_an_empty_name_is_not_the_newest_model(workspace: Workspace, name: str) -> None:
    """`simgan models remove "$NAME" --yes` with an unset NAME removed the newest model."""
    with pytest.raises(ConfigError, match="not empty"):
        find_model(workspace, name)
    with pytest.raises(ConfigError, match="not empty"):
        remove_model(workspace, name)
    assert workspace.model_names() == ["first", "second"]


def test_without_a_name_the_newest_model_is_meant(workspace: Workspace) -> None:
    assert find_model(workspace, None).name == "second"


def test_an_empty_workspace_has_the_reference_model(tmp_path: Path) -> None:
    assert find_model(Workspace(tmp_path), None).is_reference
    assert find_model(Workspace(tmp_path / "new"), "reference").is_reference


def test_a_model_is_found_by_its_ticker(workspace: Workspace) -> None:
    """A name is made safe for file systems, here as in the fit."""
    write_bundle(made_bundle("BRK/B", days=60), workspace.model("BRK/B"))
    assert find_model(workspace, "BRK/B").folder == workspace.model("BRK/B")
    assert find_model(workspace, "BRK/B").name == safe_name("BRK/B")


def test_a_model_of_an_earlier_version_is_found_by_its_ticker(workspace: Workspace) -> None:
    """Up to 0.1 the model of ^VIX was in models/VIX. It is none of the ticker VIX*."""
    bundle = made_bundle("VIX", days=60)
    data = replace(bundle.manifest.data, source=bundle.manifest.data.source | {"name": "^VIX"})
    of_index = replace(bundle, manifest=replace(bundle.manifest, data=data))
    write_bundle(of_index, workspace.models / "VIX")
    assert find_model(workspace, "^VIX").folder == find_model(workspace, "VIX").folder
    with pytest.raises(UnknownNameError):
        find_model(workspace, "VIX=F")
    with pytest.raises(UnknownNameError):
        find_model(workspace, "=VIX")


def test_an_unknown_model_names_the_workspace_and_the_nearest_name(workspace: Workspace) -> None:
    with pytest.raises(UnknownNameError) as told:
        find_model(workspace, "Sekond one")
    assert str(told.value) == (
        f"unknown model 'Sekond one' in the workspace {workspace.root}; did you mean second? "
        "known: second, first, reference; `simgan fit 'Sekond one'` makes one"
    )


@pytest.mark.parametrize("name", [None, "first"])
def test_a_mistyped_workspace_is_told(tmp_path: Path, name: str | None) -> None:
    with pytest.raises(ConfigError, match=r"--workspace: folder = '.*wrkspace' is not possible"):
        find_model(Workspace(tmp_path / "wrkspace"), name)


def test_models_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder of models should be")
    with pytest.raises(BundleError, match=r"cannot read .*models: not a directory"):
        find_model(Workspace(tmp_path), None)


BAD = [
    "", "{", "[]", "null", "\x00", '{"simgan bundle": 3}', '{"simgan bundle": 99}',
    '{"simgan bundle": "3"}', '{"simgan bundle": null}', "[" * 10**5, "NaN", "9" * 5000,
    '{"simgan bundle": 2}', '{"simgan bundle": 3, "name": 5}', '"\\ud800"',
]  # fmt: skip


@pytest.mark.parametrize("content", BAD, ids=range(len(BAD)))
def test_one_damaged_model_does_not_hide_the_others(
    workspace: Workspace, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace.model("first") / "manifest.json").write_text(content)
    here = ["--workspace", str(workspace.root)]
    assert run(["models", "list", "--json", *here]) == 0
    damaged, whole = json.loads(capsys.readouterr().out)
    assert damaged["name"] == "first" and damaged["damaged"] and damaged["days"] is None
    assert whole["name"] == "second" and whole["damaged"] is None and whole["days"] == 60
    assert run(["models", "list", *here]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and damaged["damaged"] in lines[0] and "60 days" in lines[1]


def test_a_model_with_damaged_weights_is_listed_as_damaged(workspace: Workspace) -> None:
    (workspace.model("second") / "generator.safetensors").write_bytes(b"rubbish")
    first, second = list_models(workspace)
    assert first.manifest is not None and first.damage == ""
    assert second.manifest is None and "not the file that was written" in second.damage


def test_a_removed_model_is_gone_and_the_other_stays(workspace: Workspace) -> None:
    assert remove_model(workspace, "first") == workspace.model("first")
    assert [path.name for path in workspace.models.iterdir()] == ["second"]
    with pytest.raises(UnknownNameError, match="second"):
        remove_model(workspace, "first")
    with pytest.raises(ConfigError, match="part of simgan"):
        remove_model(workspace, "reference")


def test_a_removal_that_stops_half_way_leaves_no_half_model(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """5 of 8 kills left half a model: whatever interrupts the removal, the name is gone first."""
    import shutil

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        remove_model(workspace, "first")
    monkeypatch.undo()
    assert [model.name for model in list_models(workspace)] == ["second"]


def test_a_damaged_model_can_be_removed(workspace: Workspace) -> None:
    (workspace.model("first") / "manifest.json").write_text("{")
    remove_model(workspace, "first")
    assert workspace.model_names() == ["second"]


def test_a_removal_that_the_system_refuses_is_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(folder: Path) -> None:
        raise WriteError(f"cannot write {folder}: permission denied")

    monkeypatch.setattr(models, "remove_folder", refused)
    with pytest.raises(WriteError, match="permission denied"):
        remove_model(workspace, "first")
    assert read_bundle(workspace.model("first")).manifest.name == "first"


def test_a_removal_waits_for_a_run_that_writes_the_model(workspace: Workspace) -> None:
    done = threading.Event()

    def remove() -> None:
        remove_model(workspace, "first")
        done.set()

    with locked(workspace.model("first")):
        thread = threading.Thread(target=remove)
        thread.start()
        assert not done.wait(0.3)
        assert workspace.model("first").is_dir()
    thread.join()
    assert workspace.model_names() == ["second"]


def test_the_recipe_of_a_model_is_toml_that_gives_the_same_recipe(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["models", "show", "first", "--recipe", "--workspace", str(workspace.root)]
    assert run(command) == 0
    expected = load_bundle(workspace, "first").manifest.recipe
    assert Recipe.parse(tomllib.loads(capsys.readouterr().out)) == expected
    assert run([*command, "--json"]) == 0
    assert Recipe.parse(json.loads(capsys.readouterr().out)) == expected


def test_the_recipe_of_the_reference_model_of_format_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["models", "show", "reference", "--recipe", "--workspace", str(tmp_path)]) == 0
    expected = load_bundle(Workspace(tmp_path), "reference").manifest.recipe
    assert Recipe.parse(tomllib.loads(capsys.readouterr().out)) == expected


def test_a_printed_recipe_begins_with_the_command_that_refits_its_model(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line named TICKER, no source and no days."""
    assert run(["models", "show", "reference", "--recipe", "--workspace", str(workspace.root)]) == 0
    assert capsys.readouterr().out.startswith(
        "# simgan fit SP500 --recipe FILE.toml --source sample --end 2018-12-31 --name reference\n"
    )
    bundle = load_bundle(workspace, "first")
    origin = {"kind": "price_file", "path": "my prices.csv", "name": "KO", "start": "2001-02-03"}
    data = replace(bundle.manifest.data, source=origin)
    labelled = replace(bundle.manifest, data=data, regimes={"names": ["a"], "days": 5})
    assert fit_again(labelled) == (
        "simgan fit KO --recipe FILE.toml --prices 'my prices.csv' --start 2001-02-03 "
        f"--end {data.last} --name first --labels LABELS.csv"
    )


def test_the_facts_of_a_model_are_lines_for_people_and_json_for_programs(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--workspace", str(workspace.root)]
    assert run(["models", "show", "first", *here]) == 0
    page = capsys.readouterr().out
    lines = dict(line.split(maxsplit=1) for line in page.splitlines() if " " in line)
    assert [line for line in page.splitlines() if line and " " not in line] == [
        "Risk", "Verdict", "Data", "Settings",
    ]  # fmt: skip
    assert lines["name"] == "first" and lines["history"].startswith("2015-01-01 to ")
    assert (
        lines["architecture"].startswith("state-space, ") and "hidden 24" in lines["architecture"]
    )
    assert "{" not in "".join(lines.values())
    assert lines["learned"] == "from    closes" and "ranges" not in page
    assert run(["models", "show", "first", "--json", *here]) == 0
    facts = json.loads(capsys.readouterr().out)
    [risk] = facts.pop("risk")
    assert facts == load_bundle(workspace, "first").manifest.to_json()
    assert f"{100 * risk['value_at_risk']['0.99']:.2f} % at 99 %" in lines["VaR,"]


def test_a_model_says_in_words_that_it_learned_from_ranges() -> None:
    """Settings said "ranges 0" and "ranges 1" of one model."""
    bundle = made_bundle(days=300)
    assert bundle.history is not None
    shapes = np.full((300, 1, 3), 1e-3)
    shapes[:20] = np.nan
    ranged = bundle.manifest.recipe.architecture.with_ranges(True)
    for architecture, ranges, shown in (
        (ranged, 1, "the ranges of 280 days; it makes bars"),
        (bundle.manifest.recipe.architecture, 1, "closes"),
        (bundle.manifest.recipe.architecture, 0, "closes, as --set ranges=0 asks"),
    ):
        training = replace(bundle.manifest.recipe.training, ranges=ranges)
        recipe = replace(bundle.manifest.recipe, architecture=architecture, training=training)
        assert learned_from(recipe, shapes) == shown
    assert learned_from(replace(recipe, architecture=ranged)) == "ranges and closes; it makes bars"
    facts = dict(details_of(bundle))
    assert facts["learned from"] == "closes" and "ranges" not in facts["architecture"]


def test_a_source_without_a_column_has_no_empty_word() -> None:
    assert settings_in_words({"kind": "sample", "name": "SP500", "column": ""}) == (
        "sample, name SP500"
    )


def test_the_risk_of_a_data_sheet_is_that_of_the_scenarios(workspace: Workspace) -> None:
    bundle = load_bundle(workspace, "first")
    [risk] = risk_of_bundle(bundle)
    returns = Model(bundle).sample(100_000, 1).log_returns[:, 0, 0].astype(np.float64)
    assert risk.today == pytest.approx(returns.std(), rel=1e-9)
    # the 1,001st and the 5,001st loss of 100,000
    for level, rank in ((0.99, 1001), (0.95, 5001)):
        loss = 1 - np.exp(np.sort(returns)[rank - 1])
        assert risk.value_at_risk[level] == pytest.approx(loss, rel=1e-9)
    today = outlook_today(bundle).of(1, 0.99).value_at_risk
    assert risk.value_at_risk[0.99] == pytest.approx(today, rel=1e-6)
    assert risk.history == pytest.approx(bundle.history.log_returns.std(), rel=1e-9)  # type: ignore[union-attr]
    assert 0.5 < risk.long_run / risk.history < 2


def test_a_data_sheet_of_several_assets_tells_how_they_move_together() -> None:
    """THREE was listed on day 600 of 1,500, and its volatility is that of its own days."""
    bundle = made_joint((0, 0, 600))
    assert bundle.history is not None
    risks, found = risk_of_bundle(bundle), dependence_of(bundle)
    own = bundle.history.log_returns[600:, 2]
    assert risks[2].history == pytest.approx(own.std(), rel=1e-9)
    assert found is not None and found.common_days == 900
    assert found.correlations == pytest.approx(CORRELATIONS, abs=0.08)
    lines = data_sheet(bundle.manifest, risks, None, found).splitlines()
    assert lines[2].endswith("1,500 daily log returns; all assets traded on 900 of these days")
    row = lines.index("Correlations of the long run")
    shown = [line.split() for line in lines[row + 1 : row + 4]]
    low, none = (f"{found.correlations[2, column]:.2f}" for column in (0, 1))
    expected = [number.replace("0.", ".").replace("-", "−") for number in (low, none)]
    assert shown[0] == ["ONE", "1"] and shown[2] == ["THREE", *expected, "1"]
    assert "paths           not judged" in lines
    assert dependence_of(made_bundle()) is None


def test_the_largest_of_many_correlations_are_told(workspace: Workspace) -> None:
    names = tuple(f"A{number}" for number in range(13))
    matrix = np.full((13, 13), 0.3)
    matrix[4, 2] = matrix[2, 4] = 0.9
    matrix[7, 5] = matrix[5, 7] = -0.25
    manifest = load_bundle(workspace, "first").manifest
    page = data_sheet(manifest, (), None, JointMoves(names, matrix, None))
    assert "lowest          −.25 A5 and A7, .30 A0 and A1," in page
    assert "highest         .90 A2 and A4, .30 " in page


def test_a_data_sheet_wraps_at_words_and_survives_an_odd_verdict(workspace: Workspace) -> None:
    bundle = load_bundle(workspace, "first")
    odd = {"aspects": [3, {"name": "tails"}], "uses": "all", "training": ["x"], "sentence": 7}
    page = data_sheet(replace(bundle.manifest, verdict=odd), risk_of_bundle(bundle), 60)
    assert all(len(line) <= 60 or " " not in line.strip() for line in page.splitlines())
    assert "paths           7" in page and "tails" in page
    assert re.search(r"^ {16}\S", page, re.MULTILINE)


def test_the_list_marks_the_default(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--workspace", str(workspace.root)]
    assert run(["models", "list", *here]) == 0
    told = capsys.readouterr()
    assert [line[:8] for line in told.out.splitlines()] == ["  first ", "* second"]
    assert told.err == "* is the default, which commands take without a NAME\n"
    assert run(["models", "list", "--json", *here]) == 0
    found = {row["name"]: row["default"] for row in json.loads(capsys.readouterr().out)}
    assert found == {"first": False, "second": True}


def test_a_command_without_a_name_says_which_model_it_takes(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--workspace", str(workspace.root)]
    for name, said in (([], True), (["second"], False)):
        assert run(["sample", *name, "-n", "2", "--horizon", "1", "-o", "-", *here]) == 0
        sentence = "using second, the most recently fitted model"
        assert (sentence in capsys.readouterr().err) == said


BARE = """
import sys
class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in %r:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refused())
from pathlib import Path
from simgan.bundle.summary import details_of, learned_from
from simgan.cli.data_sheet import data_sheet, settings_in_words
from simgan.cli.main import run
assert run(["models", "list"]) == 0
assert run(["models", "show", "first"]) == 0
assert run(["models", "show", "first", "--recipe"]) == 0
assert run(["models", "export", "first", "first.zip"]) == 0
assert run(["models", "import", "first.zip", "--name", "third"]) == 0
assert run(["models", "remove", "third", "--yes"]) == 0
import simgan
model = simgan.load("first")
assert model.sample(10, 3).log_returns.shape == (10, 3, 1)
"""
HEAVY = {"arch", "curl_cffi", "jinja2", "keras", "matplotlib", "pandas", "requests", "rich"}


def test_models_need_none_of_the_packages_of_training_and_reports(workspace: Workspace) -> None:
    refused = HEAVY | {"statsmodels", "tensorflow", "yfinance"}
    command = [sys.executable, "-c", BARE % refused]
    done = subprocess.run(command, cwd=workspace.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert workspace.model_names() == ["first", "second"]
