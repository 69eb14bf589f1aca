"""The way in of a quant in a notebook. As a script it is the page docs/tutorial_pandas.md."""

from __future__ import annotations

import json
import os
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
