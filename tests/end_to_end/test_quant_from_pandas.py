"""The way in of a quant, as a script and as a notebook, from end to end."""

from __future__ import annotations

import io
import json
import os
import re
import runpy
from contextlib import chdir, redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def surroundings() -> dict[str, str]:
    """Return the environment of a user who is elsewhere, with this simgan on the path."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("SIMGAN")}
    return own | {"PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Output of the script in an empty folder."""
    pytest.importorskip("tensorflow")
    folder, output = tmp_path_factory.mktemp("quant"), io.StringIO()
    with redirect_stdout(output), chdir(folder):
        runpy.run_path(str(HERE / "quant_from_pandas.py"), run_name="__main__")
    assert sorted(path.name for path in folder.iterdir()) == ["models", "reports"]
    return output.getvalue()


def numbers(said: str, word: str) -> list[float]:
    line = re.search(rf"^{word} (.*)$", said, re.MULTILINE)
    assert line, said
    return [float(number) for number in line[1].split()]


@pytest.mark.tensorflow
@pytest.mark.slow
def test_a_script_goes_from_a_frame_to_var(said: str) -> None:
    assert "Model SPX" in said and "2017-10-03 to 2018-12-31, 313 log returns" in said
    [var], [quantile] = numbers(said, "VaR"), numbers(said, "quantile")
    assert var == pytest.approx(quantile, rel=0.02) and 0.01 < var < 0.5
    start, real = numbers(said, "start")
    assert start == pytest.approx(real, rel=1e-6)
    assert "models ['SPX']" in said


@pytest.mark.tensorflow
@pytest.mark.slow
def test_the_same_script_forecasts_every_day_of_a_month(said: str) -> None:
    assert "Backtest of historical-250 on SPX" in said
    assert "19 days, 2018-12-03 to 2018-12-31" in said


@pytest.mark.skipif(
    find_spec("nbclient") is None or find_spec("ipykernel") is None,
    reason="nbclient and ipykernel, which run notebooks, are not installed",
)
@pytest.mark.slow
def test_a_notebook_shows_progress_tables_and_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nbformat
    from nbclient import NotebookClient

    for name, value in surroundings().items():
        monkeypatch.setenv(name, value)
    book = nbformat.read(HERE / "quant_from_pandas.ipynb", as_version=4)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = {cell["id"]: shown_by(cell) for cell in book.cells if cell["cell_type"] == "code"}

    assert "<div>SPX: Series: 502 prices" in shown["backtest"]["text/html"]
    assert "<strong>Backtest of historical-250 on SPX</strong>" in shown["tested"]["text/html"]
    assert "<strong>Model reference</strong>" in shown["model"]["text/html"]
    assert "image/png" in shown["fan"]
    assert "SP500" in shown["summary"]["text/html"]


def shown_by(cell: Any) -> dict[str, str]:
    """Return the contents of the outputs of a cell by kind, the last ones for each kind."""
    found: dict[str, str] = {}
    for output in cell["outputs"]:
        assert output["output_type"] != "error", output
        found |= output.get("data", {})
    return found


def test_the_notebook_holds_no_outputs() -> None:
    book = json.loads((HERE / "quant_from_pandas.ipynb").read_text(encoding="utf-8"))
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert code and all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
