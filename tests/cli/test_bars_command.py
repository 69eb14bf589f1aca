"""`simgan sample --values bars`, as its users meet it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_bundle import made_bundle, made_history

from simgan.bundle.store import write_bundle
from simgan.cli.main import run
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.sampling.latent import SIZE
from simgan.workflows.sample import SampleRequest, order
from simgan.workspace import Workspace

N, H = 300, 4


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with ranges, one of closes, and a price file of closes."""
    folder = tmp_path_factory.mktemp("bars")
    ranged = made_bundle("ranged", blueprint=StateSpace(ranges=1, replicas=2))
    for bundle in (ranged, made_bundle("made", days=100)):
        write_bundle(bundle, folder / "models" / bundle.manifest.name)
    history = made_history(200)
    rows = zip(history.dates.astype("datetime64[D]"), history.prices[:, 0], strict=True)
    (folder / "closes.csv").write_text("date,close\n" + "".join(f"{d},{p}\n" for d, p in rows))
    return folder


def drawn(workspace: Path, out: str, *options: str) -> Path:
    """Run the command quietly and return its file."""
    path = workspace / out
    asked = ["sample", "ranged", "-n", str(N), "--horizon", str(H), "-o", str(path), "--force"]
    assert run([*asked, *options, "--workspace", str(workspace), "--quiet"]) == 0
    return path


def test_closes_are_the_prices_of_the_same_scenarios_letter_by_letter(workspace: Path) -> None:
    for options in ([], ["--initial-price", "50"], ["--as-of", "stationary", "--first", "1900"]):
        bars = pd.read_csv(drawn(workspace, "b.csv", "--values", "bars", *options), dtype=str)
        prices = drawn(workspace, "p.csv", "--values", "prices", "--layout", "long", *options)
        expected = pd.read_csv(prices, dtype=str).query("step != '0'").reset_index(drop=True)
        assert list(bars.columns) == ["scenario", "step", "asset", "open", "high", "low", "close"]
        assert len(bars) == N * H and set(bars["asset"]) == {"MADE"}
        assert bars[["scenario", "step"]].equals(expected[["scenario", "step"]])
        assert bars["close"].tolist() == expected["value"].tolist()


def test_every_format_and_folders_of_files_hold_the_same_bars(workspace: Path) -> None:
    names, ask = ["open", "high", "low", "close"], ("--values", "bars")
    array = np.load(drawn(workspace, "b.npy", *ask))
    assert array.shape == (N, H, 1, 4)
    files = [
        pd.read_parquet(drawn(workspace, "b.parquet", *ask)),
        pd.read_parquet(drawn(workspace, "shards.parquet", *ask, "--shard-rows", "128")),
        pd.read_json(drawn(workspace, "b.jsonl", *ask), lines=True),
        pd.read_csv(drawn(workspace, "b.csv.gz", *ask, "--workers", "2")),
    ]
    for table in files:
        found = table[names].to_numpy(np.float32)
        np.testing.assert_array_equal(found.reshape(array.shape), array)


def test_an_interrupted_file_goes_on_with_the_same_bars(workspace: Path) -> None:
    """The source is asked for the rest only."""
    request = SampleRequest(
        workspace=Workspace(workspace), name="ranged", n=SIZE + 200, horizon=H, values="bars"
    )
    source = order(request).source()
    whole = np.concatenate([block.cells("bars") for block in source(0, SIZE + 200)])
    rest = np.concatenate([block.cells("bars") for block in source(SIZE + 50, 150)])
    np.testing.assert_array_equal(rest, whole[SIZE + 50 :])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["made"], "made learned from closes only and makes no bars; fit it from prices with"),
        (["ranged", "--layout", "wide"], "long for bars: a wide row has one value for each step"),
    ],
)
def test_impossible_bars_are_refused_in_one_line(
    options: list[str], told: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["-o", str(workspace / "none.csv"), "--workspace", str(workspace)]
    assert run(["sample", *options, "--values", "bars", *out]) == 1
    said = capsys.readouterr().err
    assert said.startswith("Error: ") and said.count("\n") == 1 and told in said
    assert not (workspace / "none.csv").exists()


@pytest.mark.parametrize(("name", "is_told"), [("ranged", True), ("made", False)])
def test_a_start_without_ranges_is_told_where_the_model_knows_them(
    name: str, is_told: bool, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--workspace", str(workspace), "-o", str(workspace / f"{name}.csv"), "--force"]
    assert run(["sample", name, "-n", "5", "--prices", str(workspace / "closes.csv"), *place]) == 0
    told = "this history has closes only: squared returns take their place"
    assert (told in capsys.readouterr().err) == is_told
    assert run(["sample", name, "-n", "5", *place]) == 0
    assert told not in capsys.readouterr().err
