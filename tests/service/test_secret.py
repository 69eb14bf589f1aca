"""The secret of a workspace: one for all its servers, and a sentence where it is damaged."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from simgan.errors import WriteError
from simgan.service.database import Database, database_of
from simgan.service.secret import Secret
from simgan.workspace import Workspace


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return database_of(Workspace(tmp_path))


def test_all_servers_of_a_workspace_have_one_secret(database: Database) -> None:
    text = Secret.of(database).signed("a purpose", "words")
    assert Secret.of(database).read("a purpose", text) == "words"
    assert Secret.of(database).read("another purpose", text) is None


@pytest.mark.parametrize("key", ["zz", "", "00", "é" * 64])
def test_a_damaged_secret_is_refused_with_a_line_that_mends_it(key: str, tmp_path: Path) -> None:
    database = database_of(Workspace(tmp_path / "Ann's $HOME"))
    Secret.of(database)
    with database.writing() as connection:
        connection.execute("UPDATE secret SET key = ?", (key,))
    with pytest.raises(WriteError, match="is damaged; remove it with: ") as caught:
        Secret.of(database)
    line = str(caught.value).partition("remove it with: ")[2]
    subprocess.run(line, shell=True, check=True, cwd="/")
    Secret.of(database)
