"""Who asks: the owner of a token or of a session, everyone on this machine, or nobody known."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from anyio import Lock, to_thread
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from simgan.service.access import EVERYONE, Caller
from simgan.service.sessions import COOKIE, Session, csrf_of, sessions_of
from simgan.service.state import Service
from simgan.service.tokens import Token, digest_of, match, note_use, tokens_of, were_tokens_made

FRESH = 1.0  # seconds for which tokens and sessions are not read again
_PROXIED = ("forwarded", "x-forwarded-for", "x-real-ip")  # headers of reverse proxies


@dataclass(frozen=True)
class _Known:
    """The tokens and sessions of the database at a moment."""

    moment: float
    is_open: bool
    tokens: tuple[Token, ...] = ()
    sessions: tuple[Session, ...] = ()

    def of_secret(self, secret: str) -> Token | None:
        """Return the token of a secret."""
        return match(self.tokens, secret)

    def of_cookie(self, cookie: str) -> Token | None:
        """Return the token with which a session began."""
        digest, now = digest_of(cookie), time.time()
        for session in self.sessions:
            if session.digest == digest and now < session.expires:
                return next((token for token in self.tokens if token.id == session.token), None)
        return None


class Callers:
    """Set ``caller``, ``csrf`` and ``bearer`` in ``scope["state"]``.

    `caller` is None where nobody known asks. `csrf` is the secret that a request of a page must
    repeat, and empty without a session. `bearer` says that a header proved the caller, which no
    foreign page can send.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self._database = service.database
        self._is_loopback = service.configuration.is_loopback
        self._known = _Known(float("-inf"), is_open=False)
        self._reading = Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its caller."""
        if scope["type"] == "http":
            headers, state = Headers(scope=scope), scope.setdefault("state", {})
            state["caller"], state["csrf"], state["bearer"] = await self._who(headers)
        await self.app(scope, receive, send)

    async def _who(self, headers: Headers) -> tuple[Caller | None, str, bool]:
        kind, _, secret = headers.get("authorization", "").partition(" ")
        await self._read(newer_than=time.monotonic() - FRESH)
        if kind.lower() == "bearer":
            return await self._caller(_Known.of_secret, secret.strip()), "", True
        if self._known.is_open:
            is_here = not any(name in headers for name in _PROXIED)
            return (EVERYONE if is_here else None), "", False
        if cookie := cookie_parser(headers.get("cookie", "")).get(COOKIE):
            return await self._caller(_Known.of_cookie, cookie), csrf_of(cookie), False
        return None, "", False

    async def _caller(
        self, token_of: Callable[[_Known, str], Token | None], secret: str
    ) -> Caller | None:
        """Return the caller with a secret. An unknown one may be newer than the last reading."""
        token = token_of(self._known, secret)
        if token is None:
            await self._read(newer_than=time.monotonic())
            token = token_of(self._known, secret)
        if token is None:
            return None
        today = datetime.now(UTC).date().isoformat()
        if token.used != today:
            with suppress(sqlite3.Error):
                await to_thread.run_sync(note_use, self._database, token, today)
            await self._read(newer_than=time.monotonic())
        return token.caller

    async def _read(self, newer_than: float) -> None:
        """Read tokens and sessions, unless another request did it after a moment."""
        if self._known.moment > newer_than:
            return
        async with self._reading:
            if self._known.moment <= newer_than:
                self._known = await to_thread.run_sync(self._found)

    def _found(self) -> _Known:
        moment = time.monotonic()  # before the reading: what is written meanwhile counts as unread
        return _Known(
            moment,
            is_open=self._is_loopback and not were_tokens_made(self._database),
            tokens=tuple(tokens_of(self._database)),
            sessions=tuple(sessions_of(self._database)),
        )
