"""Rooms import lower floors only, imports have no circle, no randomness is global."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = {
    "errors": 0,
    **dict.fromkeys(
        (
            "arguments",
            "arrays",
            "calendars",
            "files",
            "progress",
            "provenance",
            "seeds",
            "settings",
            "readable",
            "workspace",
        ),
        1,
    ),
    **dict.fromkeys(("locks", "notebook", "registry"), 2),
    **dict.fromkeys(("market", "stats", "risk", "scenarios"), 3),
    **dict.fromkeys(("recipe", "baselines"), 4),
    "bundle": 5,
    **dict.fromkeys(("gan", "sampling"), 6),
    "report": 7,
    "workflows": 8,
    "service": 9,
    "cli": 10,
}
# Doors of the package itself point to everything and are imported by nothing.
DOORS = {"__init__", "__main__", "api"}
ONLY_IN_GAN = {"tensorflow", "keras"}
STANDS_IN = Path("recipe", "tensors.py")  # for TensorFlow, until a formula needs it
NEVER = {"pickle", "joblib", "dill", "utils"}
FILES = sorted((ROOT / "simgan").rglob("*.py"))
SOURCES = {path: path.read_text(encoding="utf-8") for path in FILES}

# Rooms in which modules still import each other in a circle. The set may only become smaller.
ROOMS_WITH_CIRCLES: set[str] = set()


def offenders(faults: Mapping[Path, list[str]]) -> list[str]:
    """Name every file that has faults, and the faults."""
    return [
        f"{path.relative_to(ROOT)}: {fault}" for path, found in faults.items() for fault in found
    ]


def imported(tree: ast.AST) -> Iterator[str]:
    """Names of all modules that a file imports, at its top or inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield ("." * node.level) + (node.module or "")
            if node.module == "simgan":
                yield from (f"simgan.{alias.name}" for alias in node.names)


def wrong_imports(path: Path, source: str) -> list[str]:
    """List the imports of a file that the rules forbid."""
    place = path.relative_to(ROOT / "simgan")
    room = place.parts[0].removesuffix(".py")
    wrong = []
    for name in imported(ast.parse(source)):
        top, *rest = name.split(".")
        if not top:
            wrong.append(f"{name}: relative")
        elif top in NEVER or (top in ONLY_IN_GAN and room != "gan" and place != STANDS_IN):
            wrong.append(name)
        elif (
            top == "simgan"
            and rest
            and room not in DOORS
            and rest[0] != room
            and FLOORS[rest[0]] >= FLOORS[room]
        ):
            wrong.append(f"{name} (floor {FLOORS[rest[0]]}) from {room} (floor {FLOORS[room]})")
    return wrong


def test_every_file_keeps_to_its_floor() -> None:
    assert offenders({path: wrong_imports(path, text) for path, text in SOURCES.items()}) == []


def test_every_room_has_a_floor() -> None:
    rooms = {path.relative_to(ROOT / "simgan").parts[0].removesuffix(".py") for path in FILES}
    assert rooms - DOORS == set(FLOORS)


@pytest.mark.parametrize(
    "line",
    [
        "import simgan.gan.training",  # upwards
        "from simgan.risk.scores import crps",  # a neighbour
        "import tensorflow as tf",
        "def f():\n    import keras",
        "import pickle",
        "from . import moments",
        "from simgan import gan",
    ],
)
def test_the_walk_notices_a_wrong_import(line: str) -> None:
    path = ROOT / "simgan" / "stats" / "made_up.py"
    assert offenders({path: wrong_imports(path, line)}) != []


class Imports(ast.NodeVisitor):
    """Modules of the package that a module imports when it runs, also inside its functions."""

    def __init__(self, modules: set[str]) -> None:
        self.modules, self.found = modules, set[str]()

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) != "TYPE_CHECKING":
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.found |= {alias.name for alias in node.names} & self.modules

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            self.found |= {inner if inner in self.modules else str(node.module)} & self.modules


def graph(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Map each module to the modules that it imports."""
    edges = {}
    for name, source in sources.items():
        visitor = Imports(set(sources))
        visitor.visit(ast.parse(source))
        edges[name] = visitor.found - {name}
    return edges


def reached(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    """Return all modules that an import of `start` can lead to."""
    seen, waiting = set[str](), [start]
    while waiting:
        waiting += (new := edges[waiting.pop()] - seen)
        seen |= new
    return seen


def circles(sources: Mapping[str, str]) -> list[set[str]]:
    """Return the groups of modules of which each leads to every other."""
    edges = graph(sources)
    reach = {name: reached(name, edges) for name in edges}
    groups = {
        frozenset(other for other in reach[name] if name in reach[other])
        for name in edges
        if name in reach[name]
    }
    return [set(group) for group in sorted(groups, key=sorted)]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def rooms_of(circle: set[str]) -> set[str]:
    return {name.split(".")[1] for name in circle}


def test_modules_import_each_other_in_no_circle() -> None:
    found = circles({module_name(path): text for path, text in SOURCES.items()})
    assert [sorted(circle) for circle in found if not rooms_of(circle) <= ROOMS_WITH_CIRCLES] == []


@pytest.mark.parametrize(
    ("first", "second", "circle"),
    [
        ("import p.b", "from p import a", True),
        ("from p.b import x", "def f():\n    from p.a import y", True),
        ("from p.b import x", "if TYPE_CHECKING:\n    from p.a import y", False),
        ("from p.b import x", "import os", False),
    ],
)
def test_the_walk_notices_a_circle(first: str, second: str, circle: bool) -> None:
    found = circles({"p": "", "p.a": first, "p.b": second})
    assert found == ([{"p.a", "p.b"}] if circle else [])


def global_randomness(source: str) -> list[str]:
    """Calls that seed or draw from something global; only ``simgan.seeds`` makes generators."""
    return re.findall(
        r"\b(?:np|numpy)\.random\.(?!Generator\b|Philox\b|SeedSequence\b)\w+"
        r"|\brandom\.set_seed|\bset_random_seed|^import random\b",
        source,
        re.M,
    )


def test_no_random_number_comes_from_something_global() -> None:
    assert offenders({path: global_randomness(text) for path, text in SOURCES.items()}) == []


@pytest.mark.parametrize(
    "line",
    [
        "np.random.seed(1)",
        "x = np.random.rand(3)",
        "np.random.RandomState(1)",
        "np.random.default_rng()",
        "tf.random.set_seed(1)",
        "import random",
    ],
)
def test_the_walk_notices_global_randomness(line: str) -> None:
    assert global_randomness(f"x = 1\n{line}\n") != []
