"""Sizes, types and English stay under the ceilings that stand here; `benchmarks/style.py` measures.

``python benchmarks/style.py --list words simgan/ROOM`` names the places behind a figure.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
import style

ROOT = Path(__file__).resolve().parents[2]

# No measure may be above its ceiling, nor far below it: a ceiling follows each improvement.
CEILINGS: dict[str, float] = {
    "files in simgan/": 495,
    "files of at most 50 lines": 83,
    "uses of Any": 61,
    "class names used twice": 0,
    "files, functions too large": 0,
    "lines over 100 columns": 42,
    "docstrings: what-clauses /1,000": 0.2,
    "docstrings: semicolons /1,000": 0.7,
    "docstrings: words a sentence, 90 %": 18,
    "pages: what-clauses /1,000": 0.3,
    "pages: semicolons /1,000": 0.2,
    "pages: words a sentence, 90 %": 22,
    "README: lines": 120,
}
FLOORS = {"tests : source lines": 0.8}


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    return style.figures(ROOT)


def behind(name: str) -> list[str]:
    """List the files or lines behind a measure, worst first where they are counted."""
    package = style.sources(ROOT / "simgan")
    if name == "uses of Any":
        counts = {path: style.anys(text) for path, text in package.items()}
        return [f"{path}: {n}" for path, n in sorted(counts.items(), key=lambda i: -i[1]) if n]
    if name == "class names used twice":
        return [f"{twice}: {where}" for twice, where in style.shared_class_names(package).items()]
    kinds = {"files, functions too large": "sizes", "lines over 100 columns": "columns"}
    if kind := kinds.get(name):
        return list(style.places(kind, ROOT / "simgan"))
    if name.startswith("docstrings"):
        return list(style.places("words", ROOT / "simgan"))
    if name.startswith("pages"):
        return [place for page in style.pages(ROOT) for place in style.places("words", ROOT / page)]
    return []


@pytest.mark.parametrize("name", CEILINGS)
def test_no_measure_is_above_its_ceiling(name: str, measured: dict[str, float]) -> None:
    if measured[name] > CEILINGS[name]:
        pytest.fail(f"{name}: {measured[name]} > {CEILINGS[name]}\n" + "\n".join(behind(name)[:60]))


@pytest.mark.parametrize("name", FLOORS)
def test_no_measure_is_below_its_floor(name: str, measured: dict[str, float]) -> None:
    assert measured[name] >= FLOORS[name]


def test_every_module_says_what_it_is() -> None:
    package = style.sources(ROOT / "simgan")
    assert [path for path, text in package.items() if not ast.get_docstring(ast.parse(text))] == []


def checkout(folder: Path, source: str, page: str = "") -> dict[str, float]:
    """Measure a made-up checkout of one module and one page."""
    (folder / "simgan").mkdir()
    (folder / "simgan" / "one.py").write_text(source, encoding="utf-8")
    (folder / "README.md").write_text(page, encoding="utf-8")
    return style.figures(folder)


@pytest.mark.parametrize(
    ("name", "source", "page"),
    [
        ("uses of Any", "def f(x: Any) -> dict[str, Any]: ...\n" * 120, ""),
        ("class names used twice", "class A: ...\n" * 2, ""),
        ("files, functions too large", "\n" * 401, ""),
        ("files, functions too large", "def f():\n" + "    x = 1\n" * 41, ""),
        ("files, functions too large", "def f(a, b, c, d, e, g, h): pass", ""),
        ("files, functions too large", "def f(a, *, b, c, d, e, g, h): pass", ""),
        ("lines over 100 columns", "# " + "word " * 20 + "\n", ""),
        ("docstrings: what-clauses /1,000", '"""Return what was asked."""', ""),
        ("docstrings: semicolons /1,000", '"""Return it; else nothing."""', ""),
        ("docstrings: words a sentence, 90 %", f'"""{"word " * 41}."""', ""),
        ("pages: what-clauses /1,000", "", "The file says what was found and that which was not."),
        ("pages: semicolons /1,000", "", "One; two; three."),
        ("pages: words a sentence, 90 %", "", "word " * 41),
        ("README: lines", "", "line\n" * 146),
    ],
)
def test_each_ceiling_can_be_exceeded(name: str, source: str, page: str, tmp_path: Path) -> None:
    ceiling = {"uses of Any": CEILINGS[name], "README: lines": CEILINGS[name]}.get(name, 0)
    plain = tmp_path / "plain"
    plain.mkdir()
    assert checkout(tmp_path, source, page)[name] > ceiling
    assert checkout(plain, '"""Return the mean."""\n', "A short page.\n")[name] <= CEILINGS[name]


def test_the_floor_can_be_missed(tmp_path: Path) -> None:
    """Four lines of tests for five of source are enough, and three are not."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_one.py").write_text("x = 1\n" * 4, encoding="utf-8")
    name = "tests : source lines"
    assert checkout(tmp_path, "y = 2\n" * 5)[name] >= FLOORS[name]
    (tmp_path / "tests" / "test_one.py").write_text("x = 1\n" * 3, encoding="utf-8")
    assert style.figures(tmp_path)[name] < FLOORS[name]


@pytest.mark.parametrize(
    ("measure", "text", "count"),
    [
        (style.what_clauses, "What is a path? It says what it holds and what are steps.", 1),
        (style.semicolons, "a; b; c", 2),
        (style.sentences, "One two three. Four five six?\n\n- seven eight nine\n- ten", 3),
        (style.long_lines, "x " * 51 + "\nhttps://" + "x" * 120 + "\n| " + "x " * 60, 1),
        (style.large_things, "class A:\n    def f(self, a, b, c, d, e, g): ...\n", 0),
        (style.large_things, "@packages_for('f')\ndef f(a, b, c, d, e, g, h): ...\n", 0),
        (style.large_things, "@cached\ndef f(a, b, c, d, e, g, h): ...\n", 1),
    ],
)
def test_the_measures_count_by_hand(
    measure: Callable[[str], list[str]], text: str, count: int
) -> None:
    assert len(measure(text)) == count


def test_prose_has_no_code_tables_or_headings() -> None:
    page = "# Title; x\n\nOne.\n\n```\na; b\n```\n| c; d |\n\nTwo.\n"
    assert style.prose(page).split() == ["One.", "Two."]


def test_the_table_has_a_column_for_each_checkout(tmp_path: Path) -> None:
    before = checkout(tmp_path, "x: Any = 1\n")
    lines = style.table({"before": before, "after": {**before, "uses of Any": 0}}).splitlines()
    assert lines[0].split() == ["before", "after"]
    assert [line.split()[-2:] for line in lines if line.startswith("uses of Any")] == [["1", "0"]]
