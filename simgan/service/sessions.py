"""Sessions of pages: a cookie that stands for a token, because a browser sends no header itself."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass

from simgan.service.database import Database
from simgan.service.secret import Secret
from simgan.service.tokens import Token, digest_of

LASTS = 12 * 3600  # seconds of a session
MOST = 20  # sessions of a token
_BYTES = 32  # of randomness
_NAME, _DIGITS = "simgan_session", 8  # of the cookie
_LIVE = (
    "SELECT digest, token, expires FROM sessions WHERE expires > ? "
    "AND token IN (SELECT id FROM tokens WHERE revoked IS NULL)"
)
_OLDER = (
    "DELETE FROM sessions WHERE token = ? AND rowid NOT IN "
    "(SELECT rowid FROM sessions WHERE token = ? ORDER BY rowid DESC LIMIT ?)"
)


@dataclass(frozen=True)
class Session:
    """A session as the database knows it: the hash of its cookie, its token, and its end."""

    digest: str
    token: int
    expires: float


def cookie_name(secret: Secret) -> str:
    """Return the name of the cookie. Services on one host get each other's cookies."""
    return f"{_NAME}_{secret.digest('cookie', _NAME).hex()[:_DIGITS]}"


def is_signed(secret: Secret, cookie: str) -> bool:
    """Tell whether a cookie began a session, which may be over by now."""
    return secret.read(_NAME, cookie) is not None


def begin_session(database: Database, secret: Secret, token: Token) -> str:
    """Begin a session with a token, and return its cookie, which is signed.

    Sessions that are over are removed, and the oldest of a token with too many.
    """
    cookie, now = secret.signed(_NAME, secrets.token_urlsafe(_BYTES)), time.time()
    with database.writing() as connection:
        connection.execute("DELETE FROM sessions WHERE expires <= ?", (now,))
        connection.execute(
            "INSERT INTO sessions (digest, token, expires) VALUES (?, ?, ?)",
            (digest_of(cookie), token.id, now + LASTS),
        )
        connection.execute(_OLDER, (token.id, token.id, MOST))
    return cookie


def end_session(database: Database, cookie: str) -> None:
    """End a session. One that is over already stays so."""
    with database.writing() as connection:
        connection.execute("DELETE FROM sessions WHERE digest = ?", (digest_of(cookie),))


def sessions_of(database: Database) -> Iterable[Session]:
    """Return the sessions that live: not over, and of a token that is not revoked."""
    with database.reading() as connection:
        return [Session(*row) for row in connection.execute(_LIVE, (time.time(),))]


def csrf_of(cookie: str) -> str:
    """Return the secret that requests of a page repeat. A foreign page cannot read it."""
    return hmac.new(cookie.encode("utf-8", "surrogatepass"), b"csrf", "sha256").hexdigest()
