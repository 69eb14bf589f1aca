"""A model that was fitted with regimes gives scenarios of them, and says how many are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_bundle import made_history

from simgan.bundle.store import Bundle, read_bundle, write_bundle
from simgan.errors import ConfigError, TrainingError, UnknownNameError
from simgan.market.regimes import realized_volatilities
from simgan.recipe.options import recipe_of
from simgan.recipe.recipe import Recipe, nested, overlaid
from simgan.sampling.model import Model
from simgan.workflows.checks import recovered, regimes_of
from simgan.workflows.sample import SampleRequest, order
from simgan.workflows.train import Assignment, train
from simgan.workspace import Workspace

pytest.importorskip("tensorflow")
pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.slow,
    pytest.mark.usefixtures("shorter_calibration"),
]

from quick_graphs import quick_graphs  # noqa: E402

from simgan.gan import calibration  # noqa: E402

HISTORY = made_history(1200)
SETTINGS = {
    "warm_steps": "40",
    "steps": "10",
    "batch": "32",
    "past": "32",
    "ahead": "32",
    "check_every": "10",
}


def fitted(folder: Path, condition: str, *, resume: bool = False) -> Bundle:
    recipe = Recipe.parse(
        {"preset": "quick", "seed": 1, "regimes": 3, "condition": condition, "training": SETTINGS}
    )
    regimes = regimes_of(HISTORY, recipe, None)
    task = Assignment(
        name="R",
        history=HISTORY,
        source={"kind": "made"},
        checkpoint=folder / ".R.training",
        regimes=regimes,
    )
    return train(recipe, task, resume=resume).bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("regimes")
    with quick_graphs(), pytest.MonkeyPatch.context() as patch:
        shorter = calibration.OF_MEMORY._replace(settling=2, run_in=2, measured=4, rounds=2)
        patch.setattr(calibration, "OF_MEMORY", shorter)
        write_bundle(fitted(folder, "acgan"), folder / "R")
    return read_bundle(folder / "R")


def test_the_manifest_says_what_the_regimes_are(bundle: Bundle) -> None:
    facts = bundle.manifest.regimes
    assert facts["names"] == ["calm", "normal", "turbulent"] and facts["days"] == 32
    condition = bundle.manifest.recipe.condition
    assert condition is not None and condition.kind == "acgan"
    assert facts["shares"] == pytest.approx([1 / 3] * 3, abs=0.01)
    assert bundle.weights["regime"].shape == (4, 3, 3)


def test_scenarios_asked_for_a_regime_are_mostly_of_it(bundle: Bundle) -> None:
    """Chance is a third; the diagonal is the largest of its row."""
    shares = recovered(bundle, HISTORY)
    for name, row in shares.items():
        assert sum(row.values()) == pytest.approx(1)
        assert row[name] == max(row.values()) > 0.45


def test_a_regime_orders_volatility_and_leaves_the_rest_as_it_is(bundle: Bundle) -> None:
    model = Model(bundle)
    volatility = [
        realized_volatilities(
            model.sample(500, 32, regime=name).log_returns[:, :, 0].reshape(-1, 1).astype(float), 32
        )[::32].mean()
        for name in ("calm", "normal", "turbulent")
    ]
    assert volatility == sorted(volatility)
    plain = model.sample(20, 5).log_returns
    np.testing.assert_array_equal(plain, model.sample(20, 5, regime=None).log_returns)
    assert not np.array_equal(plain, model.sample(20, 5, regime="calm").log_returns)


def test_what_is_given_is_searched_among_the_scenarios_of_the_regime(
    bundle: Bundle, tmp_path: Path
) -> None:
    write_bundle(bundle, tmp_path / "models" / "R")
    request = SampleRequest(
        workspace=Workspace(tmp_path),
        name="R",
        n=20,
        horizon=10,
        given="min-cumulative<-0.02",
        regime="turbulent",
    )
    found = next(iter(order(request).source()(0, 20)))
    every = (
        Model(bundle)
        .sample(int(found.numbered.max()) + 1, 10, seed=request.seed, regime="turbulent")
        .log_returns
    )
    np.testing.assert_array_equal(found.log_returns, every[found.numbered])


def test_an_unknown_regime_is_told_with_those_there_are(bundle: Bundle) -> None:
    with pytest.raises(UnknownNameError, match="known: calm, normal, turbulent"):
        Model(bundle).sample(5, regime="calmer still")


def test_labels_are_part_of_what_a_training_goes_on_under(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no interrupted fit"):
        fitted(tmp_path, "cgan", resume=True)


@pytest.mark.parametrize(
    ("settings", "remedy"),
    [
        ({"architecture.regimes": "3"}, "--regimes K, --labels FILE or `regimes` in a recipe"),
        ({"condition.labelled": "0.5"}, "--regimes or --labels"),
    ],
)
def test_regimes_are_asked_for_by_their_own_options(settings: dict[str, str], remedy: str) -> None:
    with pytest.raises(ConfigError, match=remedy):
        Recipe.parse(overlaid({"preset": "quick"}, nested(settings)))


def test_labels_say_what_regimes_there_are(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("date,regime\n2015-02-01,war\n2015-03-01,peace\n")
    assert recipe_of({"labels": file}).regimes == 2
    assert recipe_of({"regimes": 3}).regimes == 3
    with pytest.raises(ConfigError, match="left out with --labels"):
        recipe_of({"regimes": 3, "labels": file})
    assert regimes_of(HISTORY, Recipe(), None) is None
