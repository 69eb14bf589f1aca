"""Faults of requests that pydantic finds, in sentences: the field, its value and the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple, cast

from simgan.errors import shown

_Facts = Mapping[str, object]
_WHOLE, _NUMBER, _DATE = "a whole number", "a number", "a date, such as 2020-12-31"
_ALLOWED = {  # by the types of pydantic
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE),
    "int_parsing_size": "a whole number of fewer digits",
    **dict.fromkeys(("float_type", "float_parsing"), _NUMBER),
    "finite_number": "a finite number",
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    "string_type": "text",
    "list_type": "a list",
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "an object"),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), _DATE),
    "date_from_datetime_inexact": "a date without a time",
}
_BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}
_NAMED = {"literal_error": "expected", "enum": "expected", "union_tag_invalid": "expected_tags"}
_SIZES = {
    "too_long": ("too many entries; the most are", "max_length"),
    "too_short": ("too few entries; the fewest are", "min_length"),
    "string_too_long": ("too many characters; the most are", "max_length"),
    "string_too_short": ("too few characters; the fewest are", "min_length"),
}
_LONGEST = 160  # characters of the name of a field in a sentence
_HEX = re.compile(r"\^\[0-9a-f\]\{(\d+)\}\$")
_TYPE = re.compile(r"(?:constrained-)?(?:str|int|float)$|[\w-]+\[")  # a branch of a union


class RequestFault(NamedTuple):
    """A field of a request, or nothing where all of it is meant, and a sentence about it."""

    field: str
    detail: str


def faults_of(errors: Sequence[_Facts], body: object = None) -> list[RequestFault]:
    """Return the faults behind errors of pydantic.

    A union has an error for each of its types. Those of one value become one fault. A fault inside
    of a value leaves out those of the types that the value does not have.

    Parameters
    ----------
    errors : sequence of mappings
        As `ValidationError.errors` gives them.
    body : object
        The body of the request. Its `kind` is no part of the name of a field.
    """
    groups: dict[str, list[_Facts]] = {}
    for error in errors:
        groups.setdefault(_field_of(error, body), []).append(error)
    inside = {field[: dot.start()] for field in groups for dot in re.finditer(r"\.", field)}
    return [
        _fault(field, group)
        for field, group in groups.items()
        if field not in inside or any(error["type"] not in _ALLOWED for error in group)
    ]


def _fault(field: str, errors: Sequence[_Facts]) -> RequestFault:
    """Return the fault of a field. An error that is about no type alone tells it."""
    name, phrases, questions = field or "the body", list[str](), list[str]()
    for error in errors:
        kind, facts = str(error["type"]), cast(_Facts, error.get("ctx", {}))
        if kind in ("missing", "union_tag_not_found"):
            return RequestFault(field, f"{name} is missing")
        if kind in _SIZES:
            problem, bound = _SIZES[kind]
            return RequestFault(field, f"{name} has {problem} {facts[bound]:,}")
        value = facts.get("tag", error.get("input"))
        allowed, question = _allowed(kind, facts, value)
        if not allowed:
            message = str(error["msg"]).removeprefix("Value error, ")
            return RequestFault(field, f"{name}: {message}")
        phrases.append(allowed)
        questions.append(question)
    possible = f"it must be {' or '.join(dict.fromkeys(phrases))}{''.join(questions)}"
    return RequestFault(field, f"{name} = {shown(value)} is not possible; {possible}")


def _field_of(error: _Facts, body: object) -> str:
    """Return the name of a field, without the kind of the order and the types of a union."""
    if str(error["type"]).startswith("union_tag"):
        return str(cast(_Facts, error["ctx"])["discriminator"]).strip("'")
    _, *inner = cast(Sequence[object], error["loc"])
    if inner and isinstance(body, Mapping) and inner[0] == body.get("kind"):
        inner = inner[1:]
    first, others = inner[:1], [part for part in inner[1:] if not _TYPE.match(str(part))]
    name = ".".join(map(str, (*first, *others)))
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"


def _allowed(kind: str, facts: _Facts, value: object) -> tuple[str, str]:
    """Return the values that are possible, or nothing for other errors, and a near one."""
    if kind in _ALLOWED:
        return _ALLOWED[kind], ""
    if kind in _BOUNDS:
        side, bound = _BOUNDS[kind]
        return f"{side} {facts[bound]:,}", ""
    if kind == "string_pattern_mismatch" and (digits := _HEX.fullmatch(str(facts["pattern"]))):
        return f"the id that the service gave, of {digits[1]} digits from 0 to f", ""
    if kind not in _NAMED:
        return "", ""
    names = re.findall("'([^']*)'", str(facts[_NAMED[kind]]))
    near = get_close_matches(str(value), names, n=1)
    question = f"; did you mean {near[0]}?" if near else ""
    return f"{'one of ' if len(names) > 2 else ''}{_listed(names)}", question


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
