"""simgan serve: tokens, the printed configuration, and usage."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from simgan.cli.main import run
from simgan.service.database import database_of
from simgan.service.tokens import match, tokens_of
from simgan.workspace import Workspace


def test_the_configuration_is_printed_with_what_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "serve.toml"
    file.write_text("queue = 3\n")
    monkeypatch.setenv("SIMGAN_SERVE_CONFIG", str(file))
    monkeypatch.setenv("SIMGAN_SERVE_RATE", "7")
    assert run(["serve", "--print-config", "--port", "0", "--workspace", str(tmp_path)]) == 0
    found = tomllib.loads(capsys.readouterr().out)
    assert (found["port"], found["queue"], found["rate"], found["workers"]) == (0, 3, 7.0, 1)
    assert list(tmp_path.iterdir()) == [file]


def test_a_token_is_printed_once_listed_and_revoked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--workspace", str(tmp_path)]
    assert run(["serve", "token", "add", "desk", "--scopes", "read, sample", *place]) == 0
    said = capsys.readouterr()
    secret = said.out.strip()
    assert "shown once" in said.err
    token = match(tokens_of(database_of(Workspace(tmp_path))), secret)
    assert token is not None and token.scopes == ("read", "sample")

    assert run(["serve", "token", "list", "--json", *place]) == 0
    listed = capsys.readouterr().out
    assert json.loads(listed)[0]["name"] == "desk"
    assert secret not in listed and token.digest not in listed
    assert run(["serve", "token", "list", *place]) == 0
    assert "desk  read,sample" in capsys.readouterr().out

    assert run(["serve", "token", "revoke", "desk", *place]) == 0
    assert "no token is left" in capsys.readouterr().err
    assert run(["serve", "token", "revoke", "desk", *place]) == 1


def test_a_container_names_its_workspace_by_a_variable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`docker run simgan serve token add risk-desk` was refused: the variable was an option."""
    monkeypatch.setenv("SIMGAN_WORKSPACE", str(tmp_path))
    monkeypatch.setenv("SIMGAN_SERVE_CONFIG", str(tmp_path / "serve.toml"))
    monkeypatch.setenv("SIMGAN_SERVE_HOST", "0.0.0.0")
    assert run(["serve", "token", "add", "risk-desk"]) == 0
    secret = capsys.readouterr().out.strip()
    assert match(tokens_of(database_of(Workspace(tmp_path))), secret) is not None


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--workspace", "elsewhere", "token", "list"],
        ["serve", "tokens"],
        ["serve", "--port", "eight"],
        ["serve", "token", "add", ""],
    ],
    ids=" ".join,
)
def test_wrong_usage(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2
    assert list(tmp_path.iterdir()) == []
