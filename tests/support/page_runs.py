"""Pages whose commands and Python run as they stand, and whose shown output is compared.

A block ``console`` has commands after ``$`` and their output. A block ``pycon`` has Python after
``>>>`` and its output. ``...`` stands for any text. Bars of figures, marks and progress are not
compared.
"""

from __future__ import annotations

import doctest
import io
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import pytest

from simgan.cli.main import run
from simgan.errors import SimganError

FENCE = re.compile(r"^```(console|pycon|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"(?<![\w.])[-−+]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
PROGRESS = re.compile(r"^.*\(\d+ s\)\n", re.MULTILINE)
BARS = re.compile(r"[·─━┃▁▂▃▄▅▆▇█✓✗●]+|[−+](?=\s)")


class Shown(NamedTuple):
    """A command or a statement of a page, and the output that the page shows."""

    language: str
    code: str
    output: str


def shown(page: str) -> Iterator[Shown]:
    """Yield the commands and statements of a page in their order."""
    for language, block in FENCE.findall(page):
        text = block.replace("\\\n", "")  # a command that goes on in the next line
        if language == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                yield Shown(language, command, output)
        elif language == "pycon":
            for example in doctest.DocTestParser().get_examples(text):
                yield Shown(language, example.source, example.want)
        else:
            yield Shown(language, text, "...")


def replaced(text: str, instead: Mapping[str, str]) -> str:
    """Return a text with pieces exchanged. Each piece has to occur."""
    for old, new in instead.items():
        assert old in text, f"the page has no {old!r}"
        text = text.replace(old, new)
    return text


def said(one: Shown, names: dict[str, object]) -> str:
    """Run a command or statement in the current folder, and return its output."""
    output = io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n", write_through=True)
    with redirect_stdout(output), redirect_stderr(output):
        if one.language != "console":
            statement(one, names)
        elif one.code.startswith("simgan "):
            status = run(shlex.split(one.code)[1:])
            assert status == 0, f"{one.code}: {text_of(output)}"
        else:
            print(subprocess.check_output(one.code, shell=True, text=True))
    return text_of(output)


def text_of(output: io.TextIOWrapper) -> str:
    """Return all that was written to a stream."""
    output.seek(0)
    return output.read()


def statement(one: Shown, names: dict[str, object]) -> None:
    """Run Python in a namespace, and print the error that the page shows."""
    kind = "exec" if one.language == "python" else "single"
    try:
        exec(compile(one.code, "page", kind), names)
    except SimganError as error:
        if not one.output.startswith("Traceback"):
            raise
        print(f"Traceback (most recent call last):\n{type(error).__module__}.", end="")
        print(f"{type(error).__qualname__}: {error}")


def pattern_of(text: str) -> str:
    """Return a pattern of a text, in which each number is a group and ``...`` is anything."""
    literal = [re.escape(part) for part in NUMBER.split(text)]
    return (
        f"({NUMBER.pattern})".join(literal)
        .replace(r"\ \.\.\.", r"\ ?.*?")
        .replace(r"\.\.\.", ".*?")
    )


def value(number: str) -> float:
    """Return the value of a number as it is printed."""
    return float(number.replace(",", "").replace("−", "-"))


def expect_as_shown(wanted: str, got: str, tolerance: float | None) -> None:
    """Compare output with that of a page. Line breaks, and the width of spaces, may differ.

    Numbers are compared to a relative `tolerance`. With None they only have to be there.
    """
    wanted, got = (" ".join(BARS.sub("", PROGRESS.sub("", text)).split()) for text in (wanted, got))
    found = re.fullmatch(pattern_of(wanted), got, re.DOTALL | re.IGNORECASE)
    assert found, f"the page shows\n{wanted}\nand the output is\n{got}"
    if tolerance is not None:
        numbers = [value(number) for number in NUMBER.findall(wanted)]
        assert [value(group) for group in found.groups()] == pytest.approx(numbers, rel=tolerance)
