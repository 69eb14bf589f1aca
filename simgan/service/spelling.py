"""The options of the command line as the fields of requests, by their names and in sentences."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping

from pydantic import JsonValue

from simgan.errors import IN_SHELL

FIELDS: Mapping[str, tuple[str, ...]] = {  # options with another name over HTTP
    "prices": ("upload",),
    "set": ("settings",),
    "level": ("levels",),
    "from": ("first", "start"),
    "to": ("end",),
}
_SENTENCES = {  # of which no option is a field of the request that they answer
    "the same command with --resume": "the same order",
    "--prices takes a newer one": "fit it again with newer prices",
}
_COMMAND = re.compile(r"(`[^`]*`)")  # which stays as it is
_OPTION = re.compile(
    r"--([a-z][a-z-]*)(?: FILE\b)?"
    rf"(?: (?:({IN_SHELL})|(?=[\d'\"]|drop\b|none\b|sample\b|thorough\b)))?"
)


def field_for(option: str, known: Collection[str]) -> str | None:
    """Return the known field that stands for an option of another name, or None."""
    return next((field for field in FIELDS.get(option, ()) if field in known), None)


def over_http(sentence: str) -> str:
    """Spell the options of a sentence as fields of a request.

    >>> over_http("use --end 2017-08-07, or leave them out with --on-bad-rows drop")
    'use end=2017-08-07, or leave them out with on_bad_rows=drop'
    >>> over_http("`simgan data show --json` shows the rows: use --prices FILE")
    '`simgan data show --json` shows the rows: use upload'
    """
    for ours, over in _SENTENCES.items():
        sentence = sentence.replace(ours, over)
    parts = _COMMAND.split(sentence)
    return "".join(part if part.startswith("`") else _spelled(part) for part in parts)


def all_over_http(value: JsonValue) -> JsonValue:
    """Spell the options in all sentences of plain JSON data."""
    if isinstance(value, str):
        return over_http(value)
    if isinstance(value, list):
        return [all_over_http(each) for each in value]
    if isinstance(value, dict):
        return {name: all_over_http(each) for name, each in value.items()}
    return value


def _spelled(text: str) -> str:
    return re.sub(r"(?<!\w)\.npy\b", "npy", _OPTION.sub(_field_of, text))


def _field_of(option: re.Match[str]) -> str:
    name = option[1]
    field = FIELDS.get(name, (name.replace("-", "_"),))[0]
    if word := option[2]:
        return f"{field}={shlex.split(word)[0]!r}"
    return f"{field}=" if option[0].endswith(" ") else field
