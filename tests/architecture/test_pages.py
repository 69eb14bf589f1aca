"""The pages say what is there: commands, targets, links, rooms, families, and Python that runs."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest
from made_bundle import made_bundle

from simgan.bundle.store import write_bundle
from simgan.cli.main import cli
from simgan.recipe.recipe import Recipe

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "DESIGN.md",
    "CHANGELOG.md",
    "data/README.md",
    "models/README.md",
    "reports/README.md",
    *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md"))),
)
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
FILES = sorted((ROOT / "simgan").rglob("*.py"))


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str = "") -> list[str]:
    """Contents of the fenced blocks of a language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    return [content for spoken, content in found if spoken == language]


def commands(text: str) -> list[str]:
    """Lines of a page or Makefile that call simgan, without what is piped or redirected."""
    lines = [line.strip().replace("$(BIN)/simgan", "simgan") for line in text.splitlines()]
    own = re.compile(r"""(?:"[^"]*"|[^|>#"])*""")  # up to what is outside quotes
    return [own.match(line)[0] for line in lines if line.startswith("simgan ")]  # type: ignore[index]


def parse(line: str) -> None:
    """Let click read a command without running it.

    Raises
    ------
    click.UsageError
        There is no such command, option or value.
    """
    name, *arguments = shlex.split(line)[1:]
    with click.Context(cli) as context:
        command = cli.get_command(context, name)
    if command is None:
        raise click.UsageError(f"no command {name}")
    while isinstance(command, click.Group) and arguments and arguments[0] in command.commands:
        name, *arguments = arguments
        command = command.commands[name]
    command.make_context(name, arguments)


@pytest.mark.parametrize(
    "line",
    [line for name in PAGES for block in blocks(page(name)) for line in commands(block)]
    + commands(MAKEFILE),
)
def test_every_command_on_a_page_is_one(line: str) -> None:
    parse(line)


@pytest.mark.parametrize(
    "line",
    [
        "simgan draw SP500",
        "simgan sample --paths 3",
        "simgan sample --n many",
        "simgan report --n 1",
    ],
)
def test_a_command_that_is_none_is_found(line: str) -> None:
    with pytest.raises(click.UsageError):
        parse(line)


@pytest.mark.parametrize("name", PAGES)
def test_every_target_of_make_on_a_page_is_one(name: str) -> None:
    wanted = set(
        re.findall(
            r"\bmake ([a-z-]+)",
            "\n".join([*blocks(page(name)), *re.findall(r"`(make[^`]*)`", page(name))]),
        )
    )
    assert wanted <= set(re.findall(r"^([a-z-]+):", MAKEFILE, flags=re.MULTILINE))


@pytest.mark.parametrize("name", PAGES)
def test_every_link_on_a_page_leads_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)]+)\)", page(name))
    assert [
        target
        for target in targets
        if "://" not in target and not (ROOT / name).parent.joinpath(target).exists()
    ] == []


def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bundle(made_bundle("SP500"), tmp_path / "models" / "SP500")
    monkeypatch.chdir(tmp_path)
    [code] = blocks(page("README.md"), "python")
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    assert 0 < names["loss"] < names["mean_loss_beyond"]  # type: ignore[operator]
    assert names["prices"].shape == (10_000, 11, 1)  # type: ignore[attr-defined]


def test_the_recipe_of_the_workbench_is_one() -> None:
    [text] = blocks(page("docs/workbench.md"), "toml")
    recipe = Recipe.parse(tomllib.loads(text))
    assert (recipe.preset, recipe.seed, recipe.regimes) == ("quick", 1, 3)
    assert recipe.condition is not None
    assert (recipe.objective.kind, recipe.condition.kind) == ("hinge", "acgan")
    assert Recipe.parse(recipe.to_json()) == recipe


def test_the_readme_begins_with_the_two_commands() -> None:
    first_screen = "\n".join(page("README.md").splitlines()[:25])
    assert "make demo" in first_screen and "make test" in first_screen


def test_the_design_places_every_room_and_file() -> None:
    floors = page("DESIGN.md").split("## The floors")[1].split("## Families")[0]
    rooms = {file.relative_to(ROOT / "simgan").parts[0].removesuffix(".py") for file in FILES} - {
        "__init__",
        "__main__",
    }
    assert [room for room in sorted(rooms) if not re.search(rf"\b{room}\b", floors)] == []


def test_the_design_lists_every_family() -> None:
    tables = [
        file.relative_to(ROOT / "simgan")
        for file in FILES
        if re.search(r"Registry\[\w+\] = Registry\(", file.read_text("utf-8"))
    ]
    families = [
        (file.parent if file.stem == "__init__" else file.with_suffix("")).as_posix()
        for file in tables
    ]
    assert len(families) >= 9
    assert [family for family in families if f"`{family}`" not in page("DESIGN.md")] == []


def test_constraints_name_versions_and_no_hosts() -> None:
    lines = page("constraints.txt").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; .+)?", line)] == []


def test_every_requirement_of_setup_is_constrained() -> None:
    setup = ast.parse(page("setup.py"))
    texts = page("sampling.txt").split() + [
        node.value
        for node in ast.walk(setup)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    required = {
        re.split(r"[\[><=]", text)[0].lower().replace("_", "-")
        for text in texts
        if re.fullmatch(r"[A-Za-z_0-9\[\]-]+>=[\d.,<]+", text)
    }
    constrained = {line.split("==")[0] for line in page("constraints.txt").splitlines()}
    assert {
        "tensorflow",
        "pandas",
        "numpy",
        "scipy",
        "yfinance",
        "statsmodels",
        "click",
    } <= required
    assert required <= constrained
