"""Every example runs in an empty folder: as it stands, or with fewer repetitions."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from made_bundle import made_bundle
from made_joint import made_joint
from stub_training import stub_training

import simgan
from simgan.bundle.store import write_bundle
from simgan.recipe.blueprints.state_space import StateSpace

FOLDER = Path(__file__).resolve().parents[2] / "examples"
EXAMPLES = {example.name: example for example in sorted(FOLDER.glob("*.py"))}
__all__ = ["stub_training"]
OF_MODELS = STOP_LOSS, PRIOR, TEAR_SHEET, UNIVERSE = (
    "stop_loss_on_bars.py",
    "skfolio_prior.py",
    "paths_for_quantstats.py",
    "universe_on_dask.py",
)  # they take models of the workspace
BOOK = ("SP500", "NASDAQ", "WTI")

NEEDS = {
    PRIOR: "skfolio",
    TEAR_SHEET: "quantstats",
    UNIVERSE: "distributed",
    "ranges_with_dask.py": "dask",
    STOP_LOSS: "backtesting",
}  # what an example needs beyond simgan
ABRIDGED = {STOP_LOSS: ("SCENARIOS, DAYS = 200", "SCENARIOS, DAYS = 60")}  # repeats itself
TICKS = "ignore:set_ticklabels:UserWarning"  # quantstats hears it from matplotlib


def output_of(name: str, folder: Path, *arguments: str) -> str:
    """Run an example without complaints, and return what it prints.

    An abridged one is a copy, elsewhere than the folder in which it runs.
    """
    if name in NEEDS and find_spec(NEEDS[name]) is None:
        pytest.skip(f"{NEEDS[name]} is not installed")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SIMGAN")}
    environment["PYTHONWARNINGS"] = TICKS
    with TemporaryDirectory() as elsewhere:
        done = subprocess.run(
            [sys.executable, str(as_run(name, Path(elsewhere))), *arguments],
            capture_output=True,
            text=True,
            cwd=folder,
            env=environment,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def as_run(name: str, folder: Path) -> Path:
    """Return the example, or a copy in a folder with fewer repetitions."""
    if name not in ABRIDGED:
        return EXAMPLES[name]
    whole, fewer = ABRIDGED[name]
    text = EXAMPLES[name].read_text(encoding="utf-8")
    assert text.count(whole) == 1
    copy = folder / name
    copy.write_text(text.replace(whole, fewer), encoding="utf-8")
    return copy


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - set(OF_MODELS)))
def test_an_example_runs(name: str, tmp_path: Path) -> None:
    assert output_of(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def with_book(tmp_path: Path) -> Path:
    """A workspace with the model BOOK, whose assets are named as those of the sample source.

    Nobody trained it. A trend of random weights would feed on itself over years, and is left out.
    Crude oil is calmer than it was, so that the least CVaR is another than that of the history.
    """
    made = made_joint()
    assert made.history is not None
    named = replace(
        made,
        weights={
            name: np.zeros_like(values) if name.startswith("trend") else values
            for name, values in made.weights.items()
        }
        | {"log_scale:2": made.weights["log_scale:2"] - 1},
        manifest=replace(made.manifest, assets=BOOK),
        history=replace(made.history, assets=BOOK),
    )
    write_bundle(named, tmp_path / "models" / "BOOK")
    return tmp_path


def table_in(lines: Sequence[str]) -> dict[str, list[float]]:
    """Return the numbers of each row of a table. Its head is left out."""
    rows = (line.split("  ", 1) for line in lines[1:])
    return {name: [float(cell) for cell in cells.split()] for name, cells in rows}


def test_skfolio_finds_the_least_cvar_over_scenarios(with_book: Path) -> None:
    """Shares that are best over 5,000 scenarios are better than others over 20,000 of them."""
    rows = table_in(output_of(PRIOR, with_book).splitlines()[1:])
    assert list(rows) == ["history", "scenarios"]
    for shares in (cells[:3] for cells in rows.values()):
        assert min(shares) >= 0
        np.testing.assert_allclose(sum(shares), 100, atol=0.02)
    assert rows["scenarios"][2] > rows["history"][2]  # crude oil
    assert 0 < rows["scenarios"][3] < rows["history"][3]
    assert min(rows["scenarios"][4:]) > 0


def test_quantstats_ranks_an_outcome_among_scenarios(with_book: Path) -> None:
    head, *table, last = output_of(TEAR_SHEET, with_book).splitlines()
    assert head == "2015 to 2018 beside 500 scenarios from the end of 2014"
    rows = table_in(table)
    assert len(rows) == 5
    for outcome, rank, low, middle, high in rows.values():
        assert low < middle < high
        assert (outcome < middle) == (rank < 50) or rank == 50
    np.testing.assert_allclose(rows["deepest drawdown"][0], -0.25, atol=5e-4)  # by pandas
    scenario = re.fullmatch(r"scenario (\d+) is in BOOK-scenario\.html", last)
    assert scenario and f"Scenario {scenario[1]}" in (with_book / "BOOK-scenario.html").read_text()


def test_workers_draw_ranges_of_a_universe(tmp_path: Path) -> None:
    """The models are there, so that none is fitted. The risk is that of the whole at once."""
    made = made_bundle()
    for number, wider in enumerate((1.0, 3.0, 2.0)):
        scale = tuple(wider * value for value in made.manifest.scaling.scale)
        scaling = replace(made.manifest.scaling, scale=scale)
        write_bundle(
            replace(made, manifest=replace(made.manifest, scaling=scaling)),
            tmp_path / "models" / f"N{number:04}",
        )
    head, *table = output_of(UNIVERSE, tmp_path, "3").splitlines()
    rows = table_in(table)
    assert head.startswith("3 names, ") and list(rows) == ["N0001", "N0002", "N0000"]
    whole = simgan.load("N0002", workspace=tmp_path).sample(20_000, 10)
    risk = simgan.risk_of(whole.log_returns.sum(axis=1)[:, 0], 0.99)
    expected = (risk.value_at_risk, risk.value_at_risk_error, risk.expected_shortfall)
    np.testing.assert_allclose(rows["N0002"][:3], 100 * np.array(expected), atol=0.0051)


def test_a_name_of_the_universe_is_fitted_once(
    tmp_path: Path, stub_training: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.syspath_prepend(FOLDER)
    fitted = importlib.import_module(UNIVERSE.removesuffix(".py")).fitted
    assert fitted("N0003", tmp_path) == "N0003"
    manifest = tmp_path / "models" / "N0003" / "manifest.json"
    assert json.loads(manifest.read_text())["data"]["days"] == 749  # of 750 prices
    written = manifest.stat().st_mtime_ns
    assert fitted("N0003", tmp_path) == "N0003" and manifest.stat().st_mtime_ns == written


def test_a_backtesting_library_stops_losses_on_bars(tmp_path: Path) -> None:
    """A nearer stop is met more often, and its losses are about as large as it says."""
    bundle = made_bundle("ranged", blueprint=StateSpace(ranges=1, replicas=2))
    write_bundle(bundle, tmp_path / "models" / "ranged")
    _, head, index, *rows = output_of(STOP_LOSS, tmp_path, "ranged").splitlines()
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
    done = subprocess.run(
        [sys.executable, str(EXAMPLES[STOP_LOSS]), *arguments],
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
