"""Type checkers understand a user's script outside the checkout, with strings for paths."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import numpy as np
import pandas as pd

import simgan


def fitted(prices: pd.Series, frame: pd.DataFrame) -> list[simgan.Model]:
    one = simgan.fit("SP500", source="sample", preset="quick", workspace="desk")
    two = simgan.fit("KO", prices="ko.csv", column="Close", settings={"warm_steps": 20})
    three = simgan.fit(prices, name="mine", progress=simgan.SILENT, stop=simgan.Stop())
    return [one, two, three, simgan.fit(frame, recipe="recipe.toml", labels="labels.csv")]


def risk(model: simgan.Model) -> float:
    scenarios: simgan.Scenarios = model.sample(n=1000, horizon=10, seed=1, as_of="2018-06-01")
    frame: pd.DataFrame = scenarios.to_frame(dates=True)
    scenarios.to_csv("scenarios.csv", if_exists="replace")
    scenarios.to_parquet("scenarios.parquet")
    loss = float(simgan.value_at_risk(scenarios, 0.99))
    beyond = float(simgan.expected_shortfall(frame.sum(axis=1), 0.975))
    estimate: simgan.RiskEstimate = simgan.risk_of(scenarios, 0.99)
    for block in model.stream(n=10_000, horizon=5, block=1000):
        print(len(block))
    axes = model.plot(days=30, horizon=10)
    axes.set_title("fan")
    print(scenarios.summary(), repr(model), hash(model), model == model)
    return loss + beyond + estimate.value_at_risk


def judged(history: np.ndarray[tuple[int], np.dtype[np.float64]]) -> str:
    page: simgan.Reported = simgan.report("SP500", out="page.html", against="later.csv")
    compared: simgan.Comparison = simgan.compare(history, simgan.load().sample(20, 250))
    tested: simgan.Backtested = simgan.backtest(
        "SP500", source="sample", first="2018-01-01", models=("simgan", "gjr-fhs"), jobs=2
    )
    names = [model.name for model in simgan.models(workspace="desk")]
    return f"{page.page} {compared.summary()} {tested.summary()} {names} {simgan.__version__}"
"""
WRONG = """
import simgan

simgan.fit("SP500", sauce="sample")
simgan.fit(3)
simgan.report("SP500", n="many")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the checkout, with a right and a wrong script."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "right.py").write_text(SCRIPT, encoding="utf-8")
    (folder / "wrong.py").write_text(WRONG, encoding="utf-8")
    return folder


def test_the_package_says_that_it_has_types() -> None:
    assert (ROOT / "simgan" / "py.typed").is_file()
    assert '"py.typed"' in (ROOT / "setup.py").read_text(encoding="utf-8")


@pytest.mark.slow
def test_mypy_passes_a_right_script_and_finds_each_mistake_of_a_wrong_one(folder: Path) -> None:
    """Mypy reads the sources of simgan here. Only its findings in the scripts count."""
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", "cache"]
    done = subprocess.run(
        [*command, "right.py", "wrong.py"],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"MYPYPATH": str(ROOT)},
        check=False,
    )
    found = [line for line in done.stdout.splitlines() if line.startswith(("right.py", "wrong.py"))]
    errors = [line for line in found if ": error:" in line]
    assert [line for line in errors if line.startswith("right.py")] == []
    assert [line.split(":")[1] for line in errors] == ["4", "5", "6"], done.stdout[-2000:]


@pytest.mark.slow
def test_pyright_passes_the_same_script(folder: Path) -> None:
    """`basedpyright` is Pyright in a wheel with its own Node, so that no other registry is asked.

    Its rules are set to those of Pyright.
    """
    pytest.importorskip("basedpyright", reason="basedpyright is not installed")
    settings = {
        "typeCheckingMode": "standard",
        "extraPaths": [str(ROOT)],
        "reportMissingModuleSource": False,
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run(
        [*command, "right.py", "wrong.py"], capture_output=True, text=True, cwd=folder, check=False
    )
    found = json.loads(done.stdout)["generalDiagnostics"]
    errors = [
        (Path(each["file"]).name, each["range"]["start"]["line"] + 1)
        for each in found
        if each["severity"] == "error"
    ]
    assert errors == [("wrong.py", 4), ("wrong.py", 5), ("wrong.py", 6)], done.stdout[-2000:]
