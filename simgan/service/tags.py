"""Entity tags: answers that a reader has already are not computed again."""

from __future__ import annotations

from starlette.requests import Request


def tag_of(address: str) -> str:
    """Return the strong tag of an answer, whose bytes an address decides."""
    return f'"{address}"'


def is_known(tag: str, request: Request) -> bool:
    """Tell whether a reader has an answer, by If-None-Match (RFC 9110, section 13.1.2).

    The field of a POST means something else.
    """
    if request.method not in ("GET", "HEAD"):
        return False
    known = request.headers.get("if-none-match", "")
    tags = [each.strip().removeprefix("W/") for each in known.split(",")]
    return tag in tags or "*" in tags
