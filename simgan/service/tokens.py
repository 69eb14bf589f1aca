"""Tokens of callers. The database keeps a hash of each, so that no token can be read there."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from sqlite3 import Row
from typing import cast

from simgan.errors import ConfigError, UnknownNameError
from simgan.service.access import EVERYONE, SCOPES, Caller, Scope
from simgan.service.database import Database

BEGINNING = "simgan_"  # of every token, so that a search for lost secrets finds it
_BYTES = 32  # of randomness
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Token:
    """A token as the database knows it: without its secret.

    Parameters
    ----------
    id : int
    name : str
    digest : str
        SHA-256 of the secret. The secret is random, so that a slow hash would add nothing.
    scopes : tuple of str
    created : str
        Second of its creation, in UTC.
    used : str or None
        Day of its last use.
    """

    id: int
    name: str
    digest: str
    scopes: tuple[Scope, ...]
    created: str
    used: str | None

    @property
    def caller(self) -> Caller:
        """Who asks with this token."""
        return Caller(self.name, frozenset(self.scopes))


def add_token(database: Database, name: str, scopes: Iterable[str] = SCOPES) -> str:
    """Make a token and return its secret, which is kept nowhere.

    Raises
    ------
    ConfigError, UnknownNameError
        The name is in use or cannot be used, or a scope is unknown.
    """
    wanted = _scopes(scopes)
    secret = BEGINNING + secrets.token_urlsafe(_BYTES)
    with database.writing() as connection:
        taken = connection.execute(
            "SELECT 1 FROM tokens WHERE name = ? AND revoked IS NULL", (_name(name),)
        )
        if taken.fetchone():
            raise ConfigError("token", "name", name, "a name that no other token has")
        connection.execute(
            "INSERT INTO tokens (name, digest, scopes, created) VALUES (?, ?, ?, ?)",
            (_name(name), digest_of(secret), ",".join(wanted), _now()),
        )
    return secret


def tokens_of(database: Database) -> list[Token]:
    """Return the tokens that are valid, in the order of their making."""
    with database.reading() as connection:
        rows = connection.execute("SELECT * FROM tokens WHERE revoked IS NULL ORDER BY id")
        return [_token(row) for row in rows]


def were_tokens_made(database: Database) -> bool:
    """Tell whether a token was ever made. Without the last one, the service stays closed."""
    with database.reading() as connection:
        return connection.execute("SELECT 1 FROM tokens LIMIT 1").fetchone() is not None


def revoke_token(database: Database, name: str) -> None:
    """Refuse a token from now on.

    Raises
    ------
    UnknownNameError
        No valid token has this name.
    """
    with database.writing() as connection:
        done = connection.execute(
            "UPDATE tokens SET revoked = ? WHERE name = ? AND revoked IS NULL", (_now(), name)
        )
        if not done.rowcount:
            names = [row[0] for row in connection.execute(_VALID_NAMES)]
            raise UnknownNameError("token", name, names)


def note_use(database: Database, token: Token, day: str) -> None:
    """Write the day on which a token was used."""
    with database.writing() as connection:
        connection.execute("UPDATE tokens SET used = ? WHERE id = ?", (day, token.id))


def digest_of(secret: str) -> str:
    """Return the hash under which a secret is kept."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def match(tokens: Iterable[Token], secret: str) -> Token | None:
    """Return the token of a secret. The time that it takes tells nothing about the others."""
    digest, found = digest_of(secret), None
    for token in tokens:
        if hmac.compare_digest(token.digest, digest):
            found = token
    return found


_VALID_NAMES = "SELECT name FROM tokens WHERE revoked IS NULL ORDER BY id"


def _token(row: Row) -> Token:
    scopes = tuple(cast(Scope, scope) for scope in row["scopes"].split(","))
    return Token(row["id"], row["name"], row["digest"], scopes, row["created"], row["used"])


def _name(name: str) -> str:
    if not name.isprintable() or not 0 < len(name.strip()) <= _LONGEST_NAME:
        raise ConfigError("token", "name", name, f"1 to {_LONGEST_NAME} printable characters")
    if name.strip() == EVERYONE.name:  # who would own the uploads of everyone on this machine
        raise ConfigError("token", "name", name, "another name than that of everyone here")
    return name.strip()


def _scopes(scopes: Iterable[str]) -> tuple[Scope, ...]:
    wanted = set(scopes)
    for scope in sorted(wanted - set(SCOPES)):
        raise UnknownNameError("scope", scope, SCOPES)
    if not wanted:
        raise ConfigError("token", "scopes", "", "one or more of read, sample and fit")
    return tuple(scope for scope in SCOPES if scope in wanted)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
