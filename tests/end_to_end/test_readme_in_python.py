"""The Python of README.md, run as it stands, and its numbers by hand."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_bundle import made_bundle

import simgan
from simgan.bundle.store import write_bundle

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Names that the snippet leaves behind, in a workspace with a model SP500."""
    write_bundle(made_bundle("SP500"), tmp_path / "models" / "SP500")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "README.md").read_text("utf-8")
    snippets = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert snippets
    found: dict[str, object] = {}
    for snippet in snippets:
        exec(snippet, found)
    return found


def test_the_snippet_gives_one_var_and_a_frame_whose_rows_sum_to_returns(
    names: dict[str, object],
) -> None:
    scenarios, frame = names["scenarios"], names["frame"]
    assert isinstance(scenarios, simgan.Scenarios) and isinstance(frame, pd.DataFrame)
    total = scenarios.log_returns[:, :, 0].astype(float).sum(axis=1)
    worst = np.sort(-total)
    assert names["loss"] == pytest.approx(worst[9899], rel=1e-9)  # the 9,900th of 10,000 losses
    assert names["mean_loss_beyond"] == pytest.approx(worst[9900:].mean(), rel=1e-9)
    np.testing.assert_allclose(frame.sum(axis=1), total, rtol=1e-5, atol=1e-7)
    assert isinstance(frame.columns, pd.DatetimeIndex) and frame.shape == (10_000, 10)


def test_a_start_of_the_reference_model_is_read_from_a_timestamp() -> None:
    """Its history is that of the sample source. On the old code it was refused in Python."""
    drawn = simgan.load("reference").sample(2, 2, as_of=pd.Timestamp("2008-09-12"))
    assert drawn.to_frame(dates=True).columns.strftime("%F").tolist() == [
        "2008-09-15",
        "2008-09-16",
    ]
