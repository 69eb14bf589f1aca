"""The languages of the pages: their texts, and the choice between them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from starlette.requests import Request

COOKIE = "simgan_language"  # the choice of a reader, for the next pages
_NAMES = {"en": "English", "ko": "한국어"}


@dataclass(frozen=True)
class Language:
    """A language, and its texts by key.

    Attributes
    ----------
    code : str
        For the attribute ``lang`` and for `Intl`.
    name : str
        Its own name for itself.
    texts : mapping
        A key such as ``model.horizon`` is a name in a table of the file of texts.
    """

    code: str
    name: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **facts: object) -> str:
        """Return a text, with facts in the place of its ``{names}``."""
        return self.texts[key].format(**facts) if facts else self.texts[key]

    def of_product(self, kind: str, word: str) -> str:
        """Return a word of the product, or itself where the language leaves it in English."""
        return self.texts.get(f"{kind}.{word}", word)

    @property
    def for_scripts(self) -> dict[str, str]:
        """The texts that scripts show."""
        return {
            key.removeprefix("script."): text
            for key, text in self.texts.items()
            if key.startswith("script.")
        }


@cache
def languages() -> dict[str, Language]:
    """Return the languages by code. The first is the one of a reader who asks for no other."""
    return {code: Language(code, name, _texts_of(code)) for code, name in _NAMES.items()}


def language_for(request: Request) -> Language:
    """Choose by the parameter ``lang``, by the cookie of an earlier choice, or by the browser."""
    known = languages()
    asked = [request.query_params.get("lang", ""), request.cookies.get(COOKIE, "")]
    for code in (*asked, *_accepted(request.headers.get("accept-language", ""))):
        if code in known:
            return known[code]
    return next(iter(known.values()))


def _accepted(header: str) -> list[str]:
    """Return the codes of languages that a browser accepts, the best first."""
    found = []
    for entry in header.split(","):
        tag, _, weight = entry.strip().partition(";q=")
        try:
            found.append((float(weight or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    return [code for weight, code in sorted(found, key=lambda each: -each[0]) if weight > 0]


def _texts_of(code: str) -> dict[str, str]:
    file = files("simgan.service.pages") / "texts" / f"{code}.toml"
    return dict(_flat(tomllib.loads(file.read_text(encoding="utf-8"))))


def _flat(table: Mapping[str, object], place: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{place}{key}.")
        else:
            yield place + key, str(value)
