"""File formats as media types, and the choice among them by what a reader accepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal, TypeAlias

from simgan.service.problems import Problem

Responses: TypeAlias = dict[int | str, dict[str, Any]]  # by status, for the OpenAPI page
FormatName = Literal[
    "csv", "csv.gz", "csv.zst", "parquet", "arrow", "arrows", "jsonl", "npy"
]  # those of simgan.scenarios.formats

# The first media type of a format is the one of its answers. The first format is the default.
MEDIA_TYPES: Mapping[FormatName, tuple[str, ...]] = {
    "csv": ("text/csv",),
    "jsonl": ("application/x-ndjson", "application/jsonl", "application/ndjson"),
    "arrows": ("application/vnd.apache.arrow.stream",),
    "arrow": ("application/vnd.apache.arrow.file",),
    "parquet": ("application/vnd.apache.parquet",),
    "npy": ("application/octet-stream", "application/x-npy"),
    "csv.gz": ("application/gzip",),
    "csv.zst": ("application/zstd",),
}


def format_asked(named: FormatName | None, accept: str) -> FormatName:
    """Return the format that a request names, or else the one that its reader likes most.

    Parameters
    ----------
    named : str, optional
    accept : str
        Field ``Accept`` of the request (RFC 9110, section 12.5.1). Empty accepts everything.

    Raises
    ------
    Problem
        The reader accepts no format.
    """
    if named is not None:
        return named
    wanted = _ranges(accept or "*/*")
    liked = {
        kind: max(_quality(each, wanted) for each in MEDIA_TYPES[kind]) for kind in MEDIA_TYPES
    }
    best = max(liked, key=lambda kind: liked[kind])  # the first of equals
    if liked[best] <= 0:
        known = ", ".join(types[0] for types in MEDIA_TYPES.values())
        detail = f"scenarios come as {known}; accept one of them, or leave the field Accept out"
        raise Problem(HTTPStatus.NOT_ACCEPTABLE, detail)
    return best


def accepts(accept: str, offered: Sequence[str]) -> str:
    """Return the media type of those offered that a reader likes most, or nothing."""
    wanted = _ranges(accept or "*/*")
    best = max(offered, key=lambda each: _quality(each, wanted))
    return best if _quality(best, wanted) > 0 else ""


def _ranges(accept: str) -> dict[str, float]:
    """Return the ranges of media types that a reader names, each with its quality."""
    found: dict[str, float] = {}
    for part in accept.lower().split(","):
        name, *parameters = (each.strip() for each in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                quality = _number(parameter[2:])
        found[name] = quality
    return found


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _quality(media_type: str, wanted: Mapping[str, float]) -> float:
    """Return the quality of the most specific range that holds a media type, or 0."""
    family = media_type.partition("/")[0]
    named = (media_type, f"{family}/*", "*/*")
    return next((wanted[name] for name in named if name in wanted), 0.0)
