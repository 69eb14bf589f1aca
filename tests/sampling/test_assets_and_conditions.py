"""`Model.sample` and `stream` of some assets and under a condition: the rows of the command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_bundle import made_bundle
from made_joint import ASSETS, made_joint

from simgan.bundle.store import write_bundle
from simgan.cli.main import run
from simgan.errors import ConfigError, SimganError, UnknownNameError
from simgan.sampling import given
from simgan.sampling.conditional import sample_given
from simgan.sampling.model import Model

FALL = "TWO:cumulative<-0.02"


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(made_joint())


SEVERAL = ["--given", "TWO:cumulative<0,THREE:max-drawdown<.5", "--given", "cumulative<-0.01"]


@pytest.mark.parametrize("words", [[], ["--given", FALL], ["--given", "cumulative<-0.02"], SEVERAL])
def test_scenarios_are_those_of_the_command(words: list[str], model: Model, tmp_path: Path) -> None:
    write_bundle(model.bundle, tmp_path / "models" / "BOOK")
    file = tmp_path / "s.parquet"
    asked = ["sample", "BOOK", "--n", "40", "--horizon", "5", "--seed", "3", "--first", "7"]
    places = ["--workspace", str(tmp_path), "-o", str(file), "--assets", "THREE, ONE"]
    assert run([*asked, *places, *words, "--layout", "long"]) == 0
    table = pd.read_parquet(file)
    condition = ",".join(words[1::2]) or None
    found = model.sample(40, 5, seed=3, first=7, assets="THREE, ONE", given=condition)
    assert found.assets == ("THREE", "ONE") and len(found) == 40
    for asset in found.assets:
        own = table[table["asset"] == asset].pivot(index="scenario", columns="step", values="value")
        np.testing.assert_array_equal(found[asset].log_returns[:, :, 0], own.to_numpy(np.float32))
        assert own.index.tolist() == found.numbered.tolist()
    in_blocks = model.stream(
        40, 5, block=16, seed=3, first=7, assets=["THREE", "ONE"], given=condition
    )
    joined = np.concatenate([block.log_returns for block in in_blocks])
    np.testing.assert_array_equal(joined, found.log_returns)


def test_a_condition_gives_the_scenarios_of_sample_given(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given, "_HOPELESS", 1.0)  # as if it were too rare for rejection
    found = model.sample(50, 5, seed=1, given=FALL)
    expected = sample_given(model, FALL, 50, 5, seed=1).scenarios
    assert found == expected and found.weights is not None
    assert (found["TWO"].log_returns.sum(axis=1) < -0.02).all()


def test_scenarios_meet_all_conditions(model: Model) -> None:
    found = model.sample(200, 5, seed=1, given=f"{FALL},ONE:cumulative>0")
    one, two = (found[name].log_returns.sum(axis=(1, 2)) for name in ("ONE", "TWO"))
    assert len(found) == 200 and (two < -0.02).all() and (one > 0).all()


def test_a_key_gives_one_asset_or_several(model: Model) -> None:
    whole = model.sample(6, 3)
    assert whole["TWO"] == whole.of_assets(["TWO"]) and whole["TWO"].assets == ("TWO",)
    assert whole[["THREE", "ONE"]] == whole.of_assets(["THREE", "ONE"])
    assert whole[list(ASSETS)] is whole
    assert "TWO" in whole and "TOW" not in whole and 3 not in whole


def test_a_wrong_key_is_told_with_the_assets(model: Model) -> None:
    whole = model.sample(6, 3)
    with pytest.raises(LookupError, match=r"unknown asset 'TOW'.* TWO, ONE, THREE") as caught:
        whole["TOW"]
    assert isinstance(caught.value, SimganError)
    with pytest.raises(ConfigError, match=r"key = slice\(0, 2, None\).* the name of an asset"):
        whole[0:2]  # type: ignore[index]
    with pytest.raises(TypeError, match="not iterable"):
        iter(whole)


def test_an_unknown_asset_and_a_wrong_condition_are_refused_before_any_draw(model: Model) -> None:
    for ask in (model.sample, model.stream):
        with pytest.raises(UnknownNameError, match="unknown asset 'FOUR'"):
            ask(10, 2, assets=["FOUR"])  # type: ignore[operator]
        with pytest.raises(ConfigError, match="each asset once"):
            ask(10, 2, assets="ONE,ONE")  # type: ignore[operator]
        with pytest.raises(ConfigError, match=r"assets = 3 .* a list, or text such as 'KO,XOM'"):
            ask(10, 2, assets=3)  # type: ignore[operator]
        with pytest.raises(ConfigError, match=r"assets = none .* the name of one or more"):
            ask(10, 2, assets=[])  # type: ignore[operator]
        for asked in ("", " ", "ONE,,TWO", ["ONE", ""]):
            with pytest.raises(ConfigError, match="one comma between them, such as '"):
                ask(10, 2, assets=asked)  # type: ignore[operator]
        with pytest.raises(ConfigError, match="given = 'falls'"):
            ask(10, 2, given="falls")  # type: ignore[operator]


def test_a_model_of_one_asset_takes_its_own_name() -> None:
    alone = Model(made_bundle())
    (asset,) = alone.bundle.manifest.assets
    assert alone.sample(5, 2, assets=asset) == alone.sample(5, 2)
