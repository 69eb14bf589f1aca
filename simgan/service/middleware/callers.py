"""Who asks: the owner of a token or of a session, everyone on this machine, or none known."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from anyio import CapacityLimiter, Lock, move_on_after, to_thread
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simgan.service.access import EVERYONE, Caller, unauthorized
from simgan.service.ending import break_off
from simgan.service.middleware.guard import is_impersonal
from simgan.service.middleware.rates import Buckets, address_of, too_many
from simgan.service.problems import refuse
from simgan.service.sessions import Session, cookie_name, csrf_of, is_signed, sessions_of
from simgan.service.state import Service
from simgan.service.tokens import Token, digest_of, note_use, tokens_of, were_tokens_made

FRESH = 1.0  # seconds for which tokens and sessions are not read again
AGAIN = 2.0  # seconds between two looks at the caller of an open answer
GUESSES, GUESS_RATE = 20, 1.0  # unknown secrets of an address: at once, and a second
_MANY = 10_000  # unknown secrets that are remembered
_GUESSED = "unknown tokens of this address"
_PROXIED = ("forwarded", "x-forwarded-for", "x-real-ip")  # headers of reverse proxies


@dataclass(frozen=True)
class _Known:
    """The tokens and sessions of the database at a moment, by the digests of their secrets."""

    moment: float
    is_open: bool
    tokens: Mapping[str, Token] = field(default_factory=dict)
    sessions: Mapping[str, Session] = field(default_factory=dict)
    owners: Mapping[int, Token] = field(default_factory=dict)

    def of_secret(self, digest: str) -> Token | None:
        """Return the token of a secret. Who guesses does not choose digests."""
        return self.tokens.get(digest)

    def of_cookie(self, digest: str) -> Token | None:
        """Return the token with which a session began."""
        session = self.sessions.get(digest)
        lives = session is not None and time.time() < session.expires
        return self.owners.get(session.token) if session is not None and lives else None


class _Unknown:
    """Digests of unknown secrets, for as long as the database is not read again."""

    def __init__(self) -> None:
        self._moments: OrderedDict[str, float] = OrderedDict()

    def add(self, digest: str) -> None:
        self._moments[digest] = time.monotonic()
        self._moments.move_to_end(digest)
        if len(self._moments) > _MANY:
            self._moments.popitem(last=False)

    def __contains__(self, digest: str) -> bool:
        return time.monotonic() - self._moments.get(digest, float("-inf")) < FRESH


class _Guesses(Exception):
    """An address tried too many unknown secrets. The argument is the seconds to wait."""


@dataclass
class _Attended:
    """The messages of a request as long as its caller is known. Afterwards it seems to have left.

    Later parts of the answer go nowhere.
    """

    source: Receive
    target: Send
    is_known: Callable[[], Awaitable[bool]]
    break_off: Callable[[], None]
    is_over: bool = False
    has_begun: bool = False  # its answer

    async def receive(self) -> Message:
        """Return the next message of the client, or its end."""
        while not self.is_over:
            with move_on_after(AGAIN):
                return await self.source()
            self.is_over = not await self.is_known()
        if self.has_begun:
            self.break_off()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Send a message to the client."""
        if not self.is_over:
            self.has_begun = True
            await self.target(message)


class Callers:
    """Set ``caller``, ``csrf`` and ``bearer`` in ``scope["state"]``.

    `caller` is None where it is unknown. `csrf` is the secret that a request of a page must
    repeat, and empty without a session. `bearer` says that a header proved the caller, which no
    foreign page can send.

    An answer that is open when its token or session ends is broken off within seconds.

    An unknown secret may be newer than the last reading, so that it costs another one. An
    address has few of these, and then waits. Known secrets from the same address do not, nor do
    signed cookies. A cookie without the signature of the service costs no reading.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self._database, self._secret = service.database, service.secret
        self._cookie = cookie_name(service.secret)
        self._is_loopback = service.configuration.is_loopback
        self._known = _Known(float("-inf"), is_open=False)
        self._unknown = _Unknown()
        self._guesses = Buckets(GUESS_RATE, GUESSES)
        self._days: dict[int, str] = {}  # of the last uses, by tokens
        self._reading = Lock()
        self._failure: tuple[float, sqlite3.Error] | None = None  # the last one, and its moment
        self._threads = CapacityLimiter(1)  # its own: slow routes hold nobody up here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its caller."""
        if scope["type"] == "http":
            scope["headers"] = [_unquoted(*each) for each in scope["headers"]]
            state = scope.setdefault("state", {})
            state.update(caller=None, csrf="", bearer=False)
            try:
                if not is_impersonal(scope):
                    state["caller"], state["csrf"], state["bearer"] = await self._who(scope)
            except _Guesses as error:
                problem = too_many(_GUESSED, GUESS_RATE, error.args[0])
                await refuse(problem, scope, receive, send)
                return
            if state["caller"] is not None:
                await self._attend(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _attend(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and end it when its caller is known no more."""
        caller: Caller = scope["state"]["caller"]

        async def is_known() -> bool:
            try:
                return (await self._who(scope))[0] == caller
            except _Guesses:  # its secret is unknown by now
                return False
            except sqlite3.Error:  # a database that cannot be read revokes nothing
                return True

        end = partial(break_off, scope, f"the token {caller.name!r} or its session has ended")
        attended = _Attended(receive, send, is_known, end)
        await self.app(scope, attended.receive, attended.send)
        if attended.is_over and not attended.has_begun:
            revoked = unauthorized("the token of this request was revoked")
            await refuse(revoked, scope, receive, send)

    async def _who(self, scope: Scope) -> tuple[Caller | None, str, bool]:
        headers, address = Headers(scope=scope), address_of(scope)
        kind, _, secret = headers.get("authorization", "").partition(" ")
        await self._read(newer_than=time.monotonic() - FRESH)
        if kind.lower() == "bearer":
            return await self._caller(_Known.of_secret, secret.strip(), guesser=address), "", True
        if self._known.is_open:
            is_here = not any(name in headers for name in _PROXIED)
            return (EVERYONE if is_here else None), "", False
        cookie = cookie_parser(headers.get("cookie", "")).get(self._cookie, "")
        if is_signed(self._secret, cookie):
            return await self._caller(_Known.of_cookie, cookie), csrf_of(cookie), False
        return None, "", False

    async def _caller(
        self,
        token_of: Callable[[_Known, str], Token | None],
        secret: str,
        guesser: str | None = None,
    ) -> Caller | None:
        """Return the caller with a secret. An unknown one may be newer than the last reading.

        It then is a guess of the address `guesser`, unless that is None.
        """
        digest = digest_of(secret)
        token = token_of(self._known, digest)
        if token is None and digest not in self._unknown:
            if guesser is not None and (wait := self._guesses.wait(guesser)):
                raise _Guesses(wait)
            await self._read(newer_than=time.monotonic())
            token = token_of(self._known, digest)
            if token is None:
                self._unknown.add(digest)
        if token is None:
            return None
        self._note(token)
        return token.caller

    def _note(self, token: Token) -> None:
        """Let a thread write the day of a use, once. No request waits for it."""
        today = datetime.now(UTC).date().isoformat()
        if today not in (token.used, self._days.get(token.id)):
            self._days[token.id] = today
            asyncio.get_running_loop().run_in_executor(None, self._write_use, token, today)

    def _write_use(self, token: Token, day: str) -> None:
        try:
            note_use(self._database, token, day)
        except sqlite3.Error:  # a later request tries again
            self._days.pop(token.id, None)

    async def _read(self, newer_than: float) -> None:
        """Read tokens and sessions, unless another request did it after a moment.

        A reading that fails does so for all who wait for it, and for those who come soon after it.
        Otherwise each of them would wait for the database anew, one behind the other.

        Raises
        ------
        sqlite3.Error
            The database cannot be read.
        """
        if self._known.moment > newer_than:
            return
        came = time.monotonic()
        async with self._reading:
            if self._known.moment > newer_than:
                return
            if self._failure is not None and self._failure[0] > came - FRESH:
                raise self._failure[1].with_traceback(None)  # it holds ended requests
            try:
                self._known = await to_thread.run_sync(self._found, limiter=self._threads)
            except sqlite3.Error as error:
                self._failure = time.monotonic(), error
                raise

    def _found(self) -> _Known:
        moment = time.monotonic()  # before the reading: what is written meanwhile counts as unread
        tokens = tokens_of(self._database)
        return _Known(
            moment,
            is_open=self._is_loopback and not were_tokens_made(self._database),
            tokens={token.digest: token for token in tokens},
            sessions={session.digest: session for session in sessions_of(self._database)},
            owners={token.id: token for token in tokens},
        )


def _unquoted(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    r"""Return a header field without quoted cookies, of which the service sets none.

    FastAPI reads all cookies before each route, by `http.cookies`. In older Pythons its time is
    quadratic in the length of a quoted value. One request with 62 kB of ``\"`` then blocks the
    process for seconds.

    References
    ----------
    CVE-2024-7592.
    """
    if name != b"cookie":
        return name, value
    return name, b";".join(one for one in value.split(b";") if b'"' not in one)
