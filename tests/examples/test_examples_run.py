"""Every example runs as it stands, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from made_bundle import made_bundle

from simgan.bundle.store import write_bundle
from simgan.recipe.blueprints.state_space import StateSpace

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.py"))
OF_A_MODEL = "stop_loss_on_bars.py"  # it takes the name of a model with bars

NEEDS = {
    "skfolio_prior.py": "skfolio",
    "ranges_with_dask.py": "dask",
    "stop_loss_on_bars.py": "backtesting",
}  # what an example needs beyond simgan


def output_of(example: Path, folder: Path, *arguments: str) -> str:
    """Run an example without complaints, and return what it prints."""
    if example.name in NEEDS and find_spec(NEEDS[example.name]) is None:
        pytest.skip(f"{NEEDS[example.name]} is not installed")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SIMGAN")}
    done = subprocess.run(
        [sys.executable, str(example), *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize(
    "example",
    [example for example in EXAMPLES if example.name != OF_A_MODEL],
    ids=lambda example: example.name,
)
def test_an_example_runs(example: Path, tmp_path: Path) -> None:
    assert output_of(example, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_backtesting_library_stops_losses_on_bars(tmp_path: Path) -> None:
    """A nearer stop is met more often, and its losses are about as large as it says."""
    bundle = made_bundle("ranged", blueprint=StateSpace(ranges=1, replicas=2))
    write_bundle(bundle, tmp_path / "models" / "ranged")
    (example,) = (example for example in EXAMPLES if example.name == OF_A_MODEL)
    _, head, index, *rows = output_of(example, tmp_path, "ranged").splitlines()
    assert "stopped" in head and index.strip() == "stop"
    stops, cells = zip(*((row.split()[0], row.split()[1:]) for row in rows), strict=True)
    assert stops == ("none", "10%", "5%", "3%")
    assert cells[0][2:] == ["0.0", "–", "–"]
    _, _, stopped, by_gap, losses = np.array(cells[1:], float).T
    assert (np.diff(stopped) >= 0).all() and 10 < stopped[-1] < 100
    assert (by_gap >= 0).all() and (by_gap <= 100).all()
    np.testing.assert_allclose(losses[-1], 3, atol=0.5)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nosuch", "Error: unknown model 'nosuch'"),
        ("closes", "Error: closes learned from closes only"),
    ],
)
def test_the_example_on_bars_ends_in_a_sentence_without_bars(
    name: str, told: str, tmp_path: Path
) -> None:
    pytest.importorskip("backtesting")
    write_bundle(made_bundle("closes"), tmp_path / "models" / "closes")
    said = _ended(tmp_path, name)
    assert said.startswith(told) and said.count("\n") == 1


def test_the_example_on_bars_names_the_library_that_it_needs(tmp_path: Path) -> None:
    (tmp_path / "backtesting.py").write_text("raise ImportError\n")
    said = _ended(tmp_path, PYTHONPATH=f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    assert said == "This example needs the library backtesting: pip install backtesting\n"


def _ended(folder: Path, *arguments: str, **environment: str) -> str:
    """Run the example on bars, which fails, and return its last words."""
    example = next(example for example in EXAMPLES if example.name == OF_A_MODEL)
    done = subprocess.run(
        [sys.executable, str(example), *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | environment,
        check=False,
    )
    assert done.returncode == 1 and not done.stdout
    return done.stderr


def test_there_is_an_example() -> None:
    assert len(EXAMPLES) > 1
