"""Series that are not like an index: a fit keeps their spread, their jumps and their still days."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from odd_series import DAYS, carry, history_of, peg

from simgan.bundle.store import Bundle
from simgan.recipe.recipe import Recipe
from simgan.sampling.model import Model
from simgan.seeds import Seed

pytest.importorskip("tensorflow")
pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]

from simgan.gan import calibration  # noqa: E402
from simgan.workflows.train import Assignment, train  # noqa: E402

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "made.py"
RECIPE = Recipe.parse({"preset": "quick", "training": {"steps": 0}})


@pytest.fixture(scope="module", autouse=True)
def a_quarter_of_the_calibration() -> Iterator[None]:
    """A quarter of the days are near enough for bounds of a fifth."""
    with pytest.MonkeyPatch.context() as patch:
        shorter = calibration.OF_MEMORY._replace(paths=256, settling=60, rounds=8)
        patch.setattr(calibration, "OF_MEMORY", shorter)
        yield


def untraded() -> np.ndarray:
    """It trades on one day of five, and catches up."""
    rng = np.random.default_rng(20)
    prices, trades = np.cumsum(0.01 * rng.standard_normal(DAYS + 1)), rng.random(DAYS + 1) < 0.2
    trades[0] = True
    return np.diff(prices[np.maximum.accumulate(np.where(trades, np.arange(DAYS + 1), 0))])


def still_when_calm() -> np.ndarray:
    """Half years of calm, in which 70 % of the days have no move, and of storm."""
    rng, is_calm = np.random.default_rng(11), np.arange(DAYS) // 125 % 2 == 0
    returns = np.where(is_calm, 0.004, 0.02) * rng.standard_t(5, DAYS)
    return np.where(is_calm & (rng.random(DAYS) < 0.7), 0.0, returns)


def of_the_cases(name: str, *arguments: float) -> Callable[[], np.ndarray]:
    def make() -> np.ndarray:
        if not CASES.exists():
            pytest.skip("the made cases are not here")
        spec = importlib.util.spec_from_file_location("made", CASES)
        assert spec is not None and spec.loader is not None
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        return np.diff(np.log(getattr(made, name)(*arguments)[1]))

    return make


SERIES = {
    "peg": peg,
    "untraded": untraded,
    "carry": carry,
    "still when calm": still_when_calm,
    "stablecoin": of_the_cases("stablecoin"),
    "trades on 6 % of the days": of_the_cases("illiquid", 0.06),
    "ticks": of_the_cases("ticks"),
}


def fitted(log_returns: np.ndarray, folder: Path) -> Bundle:
    """Train without a selection: there are no steps to choose, and the weights are the same."""
    task = Assignment(
        name="odd",
        history=history_of(log_returns),
        source={"kind": "made"},
        checkpoint=folder / "training",
        holds_out=False,
    )
    return train(RECIPE, task).bundle


@pytest.mark.parametrize("named", SERIES)
def test_spread_tail_and_still_days_are_those_of_the_history(named: str, tmp_path: Path) -> None:
    """The standard deviation within a quarter, the 99.9 % loss of its order, each still day.

    The calibration is a twelfth as long as that of a fit. At full length "ticks" has .91 of the
    deviation, here .80.
    """
    real = SERIES[named]()
    fake = Model(fitted(real, tmp_path)).simulate_long_run(250, Seed(1), 0, 4000)[:, :, 0]
    assert 0.75 < fake.std() / real.std() < 1.25
    assert 0.4 < np.quantile(fake, 0.001) / np.quantile(real, 0.001) < 2.5
    assert np.mean(fake == 0) == pytest.approx(np.mean(real == 0), abs=0.02)
    assert fake.all() or not real.all()
    assert not np.signbit(fake[fake == 0]).any()
