"""The public names are those of the reference page, and every example in a docstring runs."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import re
from pathlib import Path

import pytest

import simgan

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| `([^`]+)` \| (.+) \|$", re.MULTILINE)
ROWS = {name: (signature, meaning) for name, signature, meaning in ROW.findall(PAGE)}
NEEDS_TENSORFLOW = {"PointGan", "PointSettings"}
WITH_EXAMPLES = sorted(
    path for path in (ROOT / "simgan").rglob("*.py") if ">>> " in path.read_text(encoding="utf-8")
)


def public(name: str) -> object:
    if name in NEEDS_TENSORFLOW:
        pytest.importorskip("tensorflow")
    return getattr(simgan, name)


def names_of(signature: str) -> list[str]:
    """Names of the parameters of a signature on the page; "…" stands for any."""
    inside = signature.partition("(")[2].removesuffix(")")
    parts = re.split(r", (?![^(]*\))", inside) if inside else []
    return [part.split("=")[0].strip("*") for part in parts if part != "*"]


def test_the_page_has_every_public_name_and_no_other() -> None:
    assert sorted(ROWS) == simgan.__all__


def test_no_name_stands_on_the_page_twice() -> None:
    assert len(ROW.findall(PAGE)) == len(ROWS)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_the_signature_on_the_page_is_the_real_one(name: str) -> None:
    signature, _ = ROWS[name]
    if not callable(public(name)):
        assert signature == name
        return
    assert signature.startswith(f"{name}(")
    given = names_of(signature)
    if "…" not in given:
        assert given == list(inspect.signature(public(name)).parameters)  # type: ignore[arg-type]


def test_a_wrong_signature_on_the_page_is_found() -> None:
    assert names_of('load(name=None, *, workspace=".")') == ["name", "workspace"]
    assert names_of('S(a, b=("x",), c=None)') == ["a", "b", "c"]
    assert names_of("Stop()") == []
    assert names_of("load(nome)") != list(inspect.signature(simgan.load).parameters)


def test_the_imports_for_type_checkers_are_those_of_the_table() -> None:
    tree = ast.parse((ROOT / "simgan" / "__init__.py").read_text(encoding="utf-8"))
    imports = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
        if alias.name != "TYPE_CHECKING"
    }
    assert imports == simgan._PUBLIC


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_public_name_has_a_docstring(name: str) -> None:
    assert inspect.getdoc(public(name))


def test_the_examples_use_public_names_only() -> None:
    for path in (ROOT / "examples").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = {
            node.module if isinstance(node, ast.ImportFrom) else alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        assert not {name for name in modules if name and name.startswith("simgan.")}, path.name
        used = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "simgan"
        }
        assert used and used <= set(simgan.__all__), path.name


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_of_a_module_run(path: Path) -> None:
    if "gan" in path.relative_to(ROOT / "simgan").parts[:-1]:
        pytest.importorskip("tensorflow")
    dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    failed, tried = doctest.testmod(importlib.import_module(dotted))
    assert (failed, tried > 0) == (0, True)


def test_the_functions_that_users_call_first_have_examples() -> None:
    stems = {path.stem for path in WITH_EXAMPLES}
    assert {"__init__", "measures", "block", "conditions", "recipe", "settings"} <= stems
