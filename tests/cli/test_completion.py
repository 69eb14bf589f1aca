"""Completion in a shell: models of the workspace, settings, members of families."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from made_bundle import made_bundle

from simgan.bundle.store import write_bundle
from simgan.cli.main import COMPLETION, cli
from simgan.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name in ("SP500", "삼성전자"):
        write_bundle(made_bundle(name, days=60), Workspace(tmp_path).model(name))
    return tmp_path


def completed(line: str) -> list[str]:
    """Complete the last word of a command line, which may be empty."""
    *words, last = line.split(" ")
    shell = ShellComplete(cli, {}, "simgan", COMPLETION)
    return [item.value for item in shell.get_completions(words, last)]


@pytest.mark.parametrize("command", ["sample", "report", "risk", "models show", "models export"])
def test_models_are_completed(
    workspace: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMGAN_WORKSPACE", str(workspace))
    assert completed(f"{command} ") == ["SP500", "삼성전자", "reference"]
    assert completed(f"{command} SP") == ["SP500"]
    assert completed(f"{command} X") == []


def test_models_are_those_of_the_workspace_on_the_line(workspace: Path) -> None:
    assert completed(f"sample --workspace {workspace} S") == ["SP500"]
    assert completed(f"sample --workspace {workspace / 'nosuch'} S") == []


def test_settings_are_completed_for_the_members_on_the_line() -> None:
    assert completed("fit SP500 --set ra") == ["rate=", "ranges="]
    assert "architecture.half_lives=" in completed("fit SP500 --set architecture.")
    assert "architecture.channels=" in completed("fit X --architecture tcn --set architecture.")
    assert completed("backtest X --set rate=1e") == []
    assert completed("fit X --architecture nosuch --set ra") == []


def test_members_of_families_are_completed() -> None:
    assert completed("fit X --objective hi") == ["hinge"]
    assert completed("fit X --architecture s") == ["state-space"]
    assert completed("fit X --condition c") == ["cgan"]
