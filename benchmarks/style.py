"""Measures of style: sizes, types and English of a checkout, printed side by side for several.

    python benchmarks/style.py                         # this checkout
    python benchmarks/style.py OLD NEW                 # two checkouts, one column each
    python benchmarks/style.py --list words simgan/risk    # the places behind a figure

It needs nothing but Python. `tests/architecture/test_style.py` holds the same figures under their
ceilings, and ``style.txt`` shows them before and after the house was restructured.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

SMALL_FILE = 50  # lines
LARGE_FILE = 400  # lines
LARGE_FUNCTION = 40  # statements
MANY_ARGUMENTS = 6
COLUMNS = 100
LONG_SENTENCE = 25  # words

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n\s*\n|\n\s*(?:[-*]|\d+\.) ")
_NO_ENGLISH = re.compile(
    r"^References\n-+\n.*?(?=\n\n\S|\Z)"
    r"|^[A-Z]\w+\n-+\n"  # headings
    r"|^[\w*, ]+ : [^\n]*\n"  # names and types
    r"|^ *>>> [^\n]*\n"
    r"|^ *\.\. math::.*?(?=\n\s*\n|\Z)|:math:`[^`]*`",
    flags=re.DOTALL | re.MULTILINE,
)
_WHAT = re.compile(r"\b[Ww]hat\b(?! is| are)|\b[Tt]hat which\b")
_UNWRAPPABLE = re.compile(r"https?://|^\s*\||^\[!\[|^\s*[`(]?[^\s]{90,}$")  # links and tables


def sources(root: Path) -> dict[str, str]:
    """Return the text of every Python file below a folder by its path from there."""
    return {
        str(path.relative_to(root)): path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*.py"))
    }


def pages(root: Path) -> dict[str, str]:
    """Return the text of the pages of a checkout.

    These are the pages at its root, in docs/ and beside folders.
    """
    found = [*root.glob("*.md"), *root.glob("docs/*.md")]
    found += [*root.glob("data/*.md"), *root.glob("models/*.md"), *root.glob("reports/*.md")]
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in sorted(found)}


@lru_cache(maxsize=1000)
def _nodes(source: str) -> tuple[ast.AST, ...]:
    """Return all nodes of a file, which several measures count."""
    return tuple(ast.walk(ast.parse(source)))


def anys(source: str) -> int:
    """Count the uses of `Any` as a type."""
    return sum(isinstance(node, ast.Name) and node.id == "Any" for node in _nodes(source))


def shared_class_names(files: dict[str, str]) -> dict[str, list[str]]:
    """Return the class names that stand in more than one place, with the files."""
    places = defaultdict(list)
    for path, source in files.items():
        for node in _nodes(source):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(path)
    return {name: where for name, where in sorted(places.items()) if len(where) > 1}


def large_things(source: str) -> list[str]:
    """Name each excess: lines of a file, statements or arguments of a function.

    A function of the Python door (`packages_for`) spells all its options.
    """
    lines = len(source.splitlines())
    large = [f"{lines} lines"] if lines > LARGE_FILE else []
    for node in _nodes(source):
        if isinstance(node, ast.FunctionDef):
            statements = sum(isinstance(child, ast.stmt) for child in ast.walk(node)) - 1
            arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            count = sum(argument.arg not in ("self", "cls") for argument in arguments)
            if statements > LARGE_FUNCTION:
                large.append(f"{node.name}: {statements} statements")
            if count > MANY_ARGUMENTS and not _is_door(node):
                large.append(f"{node.name}: {count} arguments")
    return large


def _is_door(function: ast.FunctionDef) -> bool:
    return any("packages_for(" in ast.unparse(decorator) for decorator in function.decorator_list)


def docstrings(source: str) -> str:
    """Return all docstrings of a file."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = [ast.get_docstring(n) for n in _nodes(source) if isinstance(n, owners)]
    return "\n\n".join(text for text in texts if text)


def prose(page: str) -> str:
    """Return the prose of a page: no code blocks, no tables, no headings."""
    return re.sub(r"^```.*?^```$|^\|[^\n]*|^#[^\n]*", "", page, flags=re.DOTALL | re.MULTILINE)


def sentences(text: str) -> list[str]:
    """Split prose into sentences. A blank line and a list item end one, too.

    Of a docstring, headings, names with their types, formulas, doctests and references are no
    sentences.
    """
    english = _NO_ENGLISH.sub("\n\n", text)
    pieces = (" ".join(piece.split()) for piece in _SENTENCE_END.split(english))
    return [piece for piece in pieces if len(piece.split()) > 2]


def what_clauses(text: str) -> list[str]:
    """Return each clause that is used as a noun, with its surroundings."""
    return [_around(text, match) for match in _WHAT.finditer(text)]


def semicolons(text: str) -> list[str]:
    """Return the surroundings of each semicolon."""
    return [_around(text, match) for match in re.finditer(";", text)]


def long_lines(text: str) -> list[int]:
    """Return the numbers of lines that are too long and could be wrapped."""
    lines = enumerate(text.splitlines(), 1)
    return [n for n, line in lines if len(line) > COLUMNS and not _UNWRAPPABLE.search(line)]


def percentile(texts: Iterable[str], share: float) -> int:
    """Return a percentile of the sentence lengths of several texts, in words."""
    lengths = sorted(len(sentence.split()) for text in texts for sentence in sentences(text))
    return lengths[min(int(share * len(lengths)), len(lengths) - 1)] if lengths else 0


def per_thousand(count: int, words: int) -> float:
    """Return a count per 1,000 words."""
    return 1000 * count / max(words, 1)


def figures(root: Path) -> dict[str, float]:
    """Measure one checkout. The keys name the figures."""
    package, tests = sources(root / "simgan"), sources(root / "tests")
    lines = sum(len(text.splitlines()) for text in package.values())
    spoken = [docstrings(text) for text in package.values()]
    words = sum(len(text.split()) for text in spoken)
    written = {path: prose(text) for path, text in pages(root).items()}
    page_words = sum(len(text.split()) for text in written.values())
    everything = [*package.values(), *tests.values(), *pages(root).values()]
    return {
        "files in simgan/": len(package),
        f"files of at most {SMALL_FILE} lines": sum(
            len(text.splitlines()) <= SMALL_FILE for text in package.values()
        ),
        "files per 1,000 lines": per_thousand(len(package), lines),
        "lines in simgan/": lines,
        "tests : source lines": sum(len(t.splitlines()) for t in tests.values()) / max(lines, 1),
        "uses of Any": sum(map(anys, package.values())),
        "class names used twice": len(shared_class_names(package)),
        "files, functions too large": sum(len(large_things(t)) for t in package.values()),
        f"lines over {COLUMNS} columns": sum(len(long_lines(text)) for text in everything),
        "docstrings: words": words,
        "docstrings: what-clauses /1,000": per_thousand(
            sum(len(what_clauses(text)) for text in spoken), words
        ),
        "docstrings: semicolons /1,000": per_thousand(
            sum(len(semicolons(text)) for text in spoken), words
        ),
        "docstrings: words a sentence, median": percentile(spoken, 0.5),
        "docstrings: words a sentence, 90 %": percentile(spoken, 0.9),
        "pages: words": page_words,
        "pages: what-clauses /1,000": per_thousand(
            sum(len(what_clauses(text)) for text in written.values()), page_words
        ),
        "pages: semicolons /1,000": per_thousand(
            sum(len(semicolons(text)) for text in written.values()), page_words
        ),
        "pages: words a sentence, median": percentile(written.values(), 0.5),
        "pages: words a sentence, 90 %": percentile(written.values(), 0.9),
        "README: lines": len((root / "README.md").read_text(encoding="utf-8").splitlines()),
    }


def places(kind: str, path: Path) -> Iterator[str]:
    """Name the places behind a figure in a file or folder: words, any, sizes or columns."""
    found = [path] if path.is_file() else sorted([*path.rglob("*.py"), *path.rglob("*.md")])
    for file in found:
        text = file.read_text(encoding="utf-8")
        is_code = file.suffix == ".py"
        if kind == "words":
            english = docstrings(text) if is_code else prose(text)
            yield from (f"{file}: {place}" for place in what_clauses(english) + semicolons(english))
            long = [s for s in sentences(english) if len(s.split()) > LONG_SENTENCE]
            yield from (f"{file}: {len(s.split())} words: {s[:160]}" for s in long)
        elif kind == "columns":
            yield from (f"{file}:{number}" for number in long_lines(text))
        elif kind == "any" and is_code and anys(text):
            yield f"{file}: {anys(text)}"
        elif kind == "sizes" and is_code:
            yield from (f"{file}: {large}" for large in large_things(text))


def table(columns: dict[str, dict[str, float]]) -> str:
    """Lay out the figures of several checkouts side by side."""
    names = next(iter(columns.values()))
    rows = [" " * 38 + "".join(f"{title:>12}" for title in columns)]
    for name in names:
        cells = "".join(f"{_shown(column[name]):>12}" for column in columns.values())
        rows.append(f"{name:<38}{cells}")
    return "\n".join(rows)


def _around(text: str, match: re.Match[str]) -> str:
    return " ".join(text[max(match.start() - 50, 0) : match.end() + 50].split())


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.2f}"


def main() -> None:
    """Print the figures of the checkouts named on the command line, or places behind them."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("paths", nargs="*", type=Path, help="checkouts (with --list: any paths)")
    parser.add_argument("--titles", help="titles of the columns, joined by commas")
    parser.add_argument("--list", choices=["words", "columns", "any", "sizes"], dest="kind")
    options = parser.parse_args()
    paths = options.paths or [Path(__file__).resolve().parents[1]]
    if options.kind:
        for path in paths:
            print("\n".join(places(options.kind, path)))
        return
    titles = (
        options.titles.split(",") if options.titles else [path.resolve().name for path in paths]
    )
    print(table({title: figures(path) for title, path in zip(titles, paths, strict=True)}))


if __name__ == "__main__":
    main()
