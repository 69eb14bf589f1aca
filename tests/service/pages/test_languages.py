"""Texts in two languages: the same keys and places, and the choice of a reader."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from simgan.report.uses import PURPOSES, PURPOSES_OF_BOOKS, WITHIN_DAYS
from simgan.service.pages.languages import languages

ENGLISH, KOREAN = languages()["en"], languages()["ko"]
_OF_PRODUCT = ("uses", "fitness")


def test_both_languages_have_the_same_keys_in_one_order() -> None:
    assert list(ENGLISH.texts) == list(KOREAN.texts)


def test_both_languages_name_the_same_facts() -> None:
    def named(text: str) -> list[str]:
        return sorted(re.findall(r"{(\w+)}", text))

    assert [key for key, text in ENGLISH.texts.items() if named(text) != named(KOREAN(key))] == []


def test_every_use_has_a_name_in_both_languages() -> None:
    purposes = [*PURPOSES, *PURPOSES_OF_BOOKS, WITHIN_DAYS]
    assert [one.name for one in purposes if f"uses.{one.name}" not in KOREAN.texts] == []


def test_korean_texts_are_korean() -> None:
    own = [key for key, text in KOREAN.texts.items() if not re.search("[가-힣]", text)]
    assert [key for key in own if KOREAN(key) != ENGLISH(key)] == []


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        ("/", {}, "en"),
        ("/", {"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.8"}, "ko"),
        ("/", {"Accept-Language": "fr, en;q=0.3, ko;q=0.7"}, "ko"),
        ("/", {"Accept-Language": "ko;q=0, en;q=broken"}, "en"),
        ("/", {"Accept-Language": "ko", "Cookie": "simgan_language=en"}, "en"),
        ("/?lang=ko", {"Cookie": "simgan_language=en"}, "ko"),
        ("/?lang=../../x", {}, "en"),
    ],
)
def test_a_page_speaks_the_language_of_its_reader(
    path: str, headers: dict[str, str], code: str, visitor: TestClient
) -> None:
    answer = visitor.get(path, headers=headers)
    assert answer.headers["content-language"] == code
    assert f'<html lang="{code}"' in answer.text
    assert ("set-cookie" in answer.headers) == ("?lang=ko" in path)


def test_scripts_and_templates_ask_for_texts_that_exist() -> None:
    folder = Path(str(files("simgan.service.pages")))
    scripts = "".join(path.read_text("utf-8") for path in (folder / "static").glob("[!u]*.js"))
    templates = "".join(path.read_text("utf-8") for path in (folder / "templates").iterdir())
    asked = {f"script.{key}" for key in re.findall(r'\btext\("([\w-]+)"', scripts)}
    asked |= set(re.findall(r'\bt\("([\w.-]+)"[),]', templates))
    assert len(asked) > 100
    assert asked - ENGLISH.texts.keys() == set()


def test_each_text_is_used() -> None:
    folder = Path(str(files("simgan.service.pages")))
    code = "".join(
        path.read_text("utf-8")
        for kind in ("static/*.js", "templates/*", "*.py")
        for path in folder.glob(kind)
    )
    named = [key for key in ENGLISH.texts if key.split(".")[0] not in _OF_PRODUCT]
    assert [key for key in named if not re.search(_uses_of(key), code)] == []


def _uses_of(key: str) -> str:
    """Return a pattern for the places of a text: its key, or the beginning of a joined key."""
    key = key.removeprefix("script.")
    joined = re.escape(re.split("[.-]", key)[0])
    return rf'"{re.escape(key)}"|"{joined}\." ~|`{joined}-\$'
