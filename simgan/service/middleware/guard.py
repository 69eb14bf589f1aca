"""The guard: no caller without a token, and no foreign page that acts for one who has it."""

from __future__ import annotations

import hmac
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from simgan.service.access import unauthorized
from simgan.service.problems import Problem, refuse
from simgan.service.state import Service

CSRF_HEADER = "X-CSRF-Token"
_SESSION = "/v1/session"
# Open to all callers. A route that is not here is closed, also one that forgot to ask for a scope.
PUBLIC = ("/healthz", "/readyz", "/login", _SESSION, "/docs", "/openapi.json")
PUBLIC_FOLDERS = ("/static/", "/docs/")
# The same for all callers: no database is read for them.
IMPERSONAL = ("/healthz", "/readyz", "/login", "/docs", "/openapi.json")
_SAFE = ("GET", "HEAD", "OPTIONS")


class Guard:
    """Refuse requests of unknown callers, and those that a page of another origin sent.

    References
    ----------
    Fetch Metadata Request Headers, W3C. Cross-Site Request Forgery Prevention, OWASP.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self._names = service.configuration.names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on if nothing speaks against it."""
        if scope["type"] == "http" and (problem := self._problem(scope)):
            await refuse(problem, scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _problem(self, scope: Scope) -> Problem | None:
        headers, state, path = Headers(scope=scope), scope["state"], path_of(scope)
        if not state["bearer"]:
            if not (_is_own_fetch(headers) or _is_visit(scope["method"], path, headers)):
                return _forbidden("a page of another origin may not ask this")
            if scope["method"] not in _SAFE and not self._is_own_origin(headers):
                return _forbidden("a page of another origin may not change anything")
        if state["caller"] is None:
            return None if _is_public(path) else _unknown(scope, path)
        if state["csrf"] and scope["method"] not in _SAFE:
            given = headers.get(CSRF_HEADER, "")
            if not hmac.compare_digest(given.encode(), state["csrf"].encode()):
                return _forbidden(f"this needs the header {CSRF_HEADER} of the page")
        return None

    def _is_own_origin(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None:  # no page: browsers send it with each unsafe request
            return True
        try:
            parts = urlsplit(origin)
        except ValueError:  # such as an open bracket
            return False
        return bool(parts.netloc) and (
            parts.netloc.lower() == headers.get("host", "").lower() or parts.hostname in self._names
        )


def path_of(scope: Scope) -> str:
    """Return the path of a request below that of a reverse proxy."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(root) if root and path.startswith(f"{root}/") else path


def _is_own_fetch(headers: Headers) -> bool:
    """Tell whether a request comes from an own page, from an address bar, or from no browser."""
    return headers.get("sec-fetch-site", "none") in ("none", "same-origin")


def is_impersonal(scope: Scope) -> bool:
    """Tell whether an answer does not depend on the caller. A log-in needs no earlier one."""
    path = path_of(scope)
    begins_session = path == _SESSION and scope["method"] == "POST"
    return path in IMPERSONAL or path.startswith(PUBLIC_FOLDERS) or begins_session


def _is_visit(method: str, path: str, headers: Headers) -> bool:
    """Tell whether a browser followed a link to a page."""
    return (
        method in _SAFE
        and not path.startswith("/v1/")
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def _is_public(path: str) -> bool:
    return path in PUBLIC or path.startswith(PUBLIC_FOLDERS)


def is_for_page(scope: Scope) -> bool:
    """Tell whether a browser asks for a page."""
    is_page = scope["method"] in _SAFE and not path_of(scope).startswith("/v1/")
    return is_page and "text/html" in Headers(scope=scope).get("accept", "")


def _unknown(scope: Scope, path: str) -> Problem:
    """Return the answer to an unknown caller: a page leads to the log-in."""
    if is_for_page(scope):
        query = scope.get("query_string", b"").decode("latin-1")
        here = f"{path}?{query}".removesuffix("?")
        target = f"{scope.get('root_path', '')}/login?{urlencode({'next': here})}"
        return Problem(HTTPStatus.SEE_OTHER, "log in first", headers={"Location": target})
    if scope["state"]["bearer"]:
        return unauthorized("this token is unknown or was revoked")
    return unauthorized()


def _forbidden(detail: str) -> Problem:
    return Problem(HTTPStatus.FORBIDDEN, detail)
