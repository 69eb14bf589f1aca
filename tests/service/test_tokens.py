"""Tokens: a secret that is shown once, a hash that is kept, scopes, and the end of a token."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from simgan.errors import ConfigError, UnknownNameError
from simgan.service.database import Database, database_of
from simgan.service.secret import Secret
from simgan.service.sessions import begin_session, sessions_of
from simgan.service.tokens import (
    add_token,
    digest_of,
    match,
    note_use,
    revoke_token,
    tokens_of,
)
from simgan.workspace import Workspace


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return database_of(Workspace(tmp_path))


def test_a_secret_finds_its_token_and_no_other(database: Database) -> None:
    secrets = [add_token(database, name) for name in ("desk", "page")]
    tokens = tokens_of(database)
    assert [match(tokens, secret) for secret in secrets] == tokens
    assert match(tokens, secrets[0][:-1]) is None
    assert match(tokens, "") is None


def test_the_database_keeps_a_hash_and_not_the_secret(database: Database) -> None:
    secret = add_token(database, "desk")
    assert tokens_of(database)[0].digest == hashlib.sha256(secret.encode()).hexdigest()
    kept = b"".join(file.read_bytes() for file in database.file.parent.iterdir())
    assert secret.encode() not in kept
    assert secret.removeprefix("simgan_").encode() not in kept
    assert tokens_of(database)[0].digest.encode() in kept


def test_a_caller_has_the_scopes_of_the_token(database: Database) -> None:
    add_token(database, "desk", ["sample", "read"])
    caller = tokens_of(database)[0].caller
    assert (caller.name, caller.scopes) == ("desk", {"read", "sample"})


def test_a_revoked_token_is_gone_and_its_name_is_free(database: Database) -> None:
    old = add_token(database, "desk")
    revoke_token(database, "desk")
    assert tokens_of(database) == []
    new = add_token(database, "desk")
    assert match(tokens_of(database), old) is None
    assert match(tokens_of(database), new) is not None


def test_the_day_of_the_last_use_is_written(database: Database) -> None:
    add_token(database, "desk")
    assert tokens_of(database)[0].used is None
    note_use(database, tokens_of(database)[0], "2026-11-27")
    assert tokens_of(database)[0].used == "2026-11-27"


def test_a_folder_that_is_made_for_the_service_is_for_its_owner_alone(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "new")
    database_of(workspace)
    assert workspace.service.stat().st_mode & 0o777 == 0o700


def test_a_token_has_its_newest_sessions_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simgan.service.sessions.MOST", 2)
    for name in ("desk", "page"):
        add_token(database, name)
    desk, page = tokens_of(database)
    secret = Secret.of(database)
    cookies = [begin_session(database, secret, token) for token in (page, desk, desk, desk)]
    kept = {session.digest for session in sessions_of(database)}
    assert kept == {digest_of(cookie) for cookie in (cookies[0], *cookies[2:])}


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a" * 101])
def test_a_name_that_cannot_be_shown_is_refused(database: Database, name: str) -> None:
    with pytest.raises(ConfigError, match="printable"):
        add_token(database, name)


def test_a_name_stands_for_one_token(database: Database) -> None:
    add_token(database, "desk")
    with pytest.raises(ConfigError, match="no other token"):
        add_token(database, " desk ")


def test_an_unknown_scope_or_token_is_named(database: Database) -> None:
    with pytest.raises(UnknownNameError, match="sampel"):
        add_token(database, "desk", ["read", "sampel"])
    with pytest.raises(ConfigError, match="scopes"):
        add_token(database, "desk", [])
    with pytest.raises(UnknownNameError, match="desk"):
        revoke_token(database, "desk")


def test_the_name_of_everyone_here_is_no_name_of_a_token(database: Database) -> None:
    """Its owner would see the uploads that were made before the first token."""
    for name in ("local", " local "):
        with pytest.raises(ConfigError, match="everyone"):
            add_token(database, name)
