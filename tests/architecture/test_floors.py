"""A room imports rooms on lower floors only; TensorFlow lives in one room; files and functions stay small."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = {
    "errors": 0,
    **dict.fromkeys(
        ("arrays", "files", "progress", "provenance", "seeds", "settings", "workspace"), 1
    ),
    "registry": 2,
    **dict.fromkeys(("market", "stats", "risk", "scenarios"), 3),
    **dict.fromkeys(("recipe", "baselines"), 4),
    "bundle": 5,
    **dict.fromkeys(("gan", "sampling"), 6),
    "report": 7,
    "workflows": 8,
    "cli": 9,
}
DOORS = {
    "__init__",
    "__main__",
    "api",
}  # of the package itself: they point to everything and are imported by nothing
ONLY_IN_GAN = {"tensorflow", "keras"}
STANDS_IN = Path("recipe", "tensors.py")  # for TensorFlow, until a formula needs it
NEVER = {"pickle", "joblib", "dill", "utils"}
FILES = sorted((ROOT / "simgan").rglob("*.py"))


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
    """What a file of the package imports against the rules."""
    room = path.relative_to(ROOT / "simgan").parts[0].removesuffix(".py")
    wrong = []
    for name in imported(ast.parse(source)):
        top, *rest = name.split(".")
        if not top:
            wrong.append(f"{name}: relative")
        elif top in NEVER or (
            top in ONLY_IN_GAN and room != "gan" and path.relative_to(ROOT / "simgan") != STANDS_IN
        ):
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


def sizes(source: str) -> list[str]:
    """What in a file is too large: over 400 lines, a function over 40 statements or 6 arguments."""
    large = [f"{len(source.splitlines())} lines"] if len(source.splitlines()) > 400 else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            statements = sum(isinstance(child, ast.stmt) for child in ast.walk(node)) - 1
            arguments = [
                a.arg
                for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                if a.arg not in ("self", "cls")
            ]
            if statements > 40:
                large.append(f"{node.name}: {statements} statements")
            if len(arguments) > 6:
                large.append(f"{node.name}: {len(arguments)} arguments")
    return large


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_keeps_to_its_floor(path: Path) -> None:
    assert wrong_imports(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_and_function_is_small(path: Path) -> None:
    assert sizes(path.read_text(encoding="utf-8")) == []


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
    assert wrong_imports(ROOT / "simgan" / "stats" / "made_up.py", line) != []


def test_the_walk_notices_large_things() -> None:
    assert sizes("\n" * 401) != []
    assert sizes("def f():\n" + "    x = 1\n" * 41) != []
    assert sizes("def f(a, b, c, d, e, g, h): pass") != []


def global_randomness(source: str) -> list[str]:
    """Calls that seed or draw from something global; only ``simgan.seeds`` makes generators."""
    return re.findall(
        r"\b(?:np|numpy)\.random\.(?!Generator\b|Philox\b|SeedSequence\b)\w+|\brandom\.set_seed|\bset_random_seed|^import random\b",
        source,
        re.M,
    )


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_random_number_comes_from_something_global(path: Path) -> None:
    assert global_randomness(path.read_text(encoding="utf-8")) == []


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
