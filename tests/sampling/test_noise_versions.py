"""Two models of noise version 2 share no noise under one seed. Version 1 stays as it was."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_bundle import made_bundle, made_history

from simgan.bundle.store import read_bundle, write_bundle
from simgan.errors import WriteError
from simgan.market.history import History
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.recipe.recipe import Recipe
from simgan.recipe.training import TrainingSettings
from simgan.sampling import given
from simgan.sampling.conditional import sample_given
from simgan.sampling.latent import SIZE, Drawing, normals
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.workflows.models import export_model, import_model
from simgan.workflows.sample import SampleRequest, order
from simgan.workflows.train import Assignment, identity_of
from simgan.workspace import Workspace

ONE, OTHER = (hashlib.sha256(name).hexdigest() for name in (b"one", b"other"))
FIRST, SECOND = (Model(made_bundle(identity=identity)) for identity in (ONE, OTHER))
OLD = Model(made_bundle())
STARTS = ("latest", "stationary", "2016-01-01..2016-03-31")
# A correlation of independent numbers is beyond it with a probability of 10⁻⁷.
Z = 5.33
NEW = [-0.01208564, -0.00499338, -0.00128563, -0.00459102]  # scenario of version 2, format 6
REPLICAS = FIRST.bundle.manifest.blueprint.replicas


def correlation_z(*arrays: np.ndarray) -> float:
    """Correlation of two arrays (paths, …) in standard errors.

    Means of each replica and step are taken off, because models of the same weights share them.
    """
    apart = [each.reshape(-1, REPLICAS, *each.shape[1:]) for each in arrays]
    one, other = (each - each.mean(axis=0) for each in apart)
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1] * np.sqrt(one.size))


@pytest.mark.parametrize("as_of", STARTS)
def test_two_models_are_independent_under_one_seed(as_of: str) -> None:
    """Returns, sizes of returns, and the mean size of each path, which start states decide.

    The models have the same weights, so that any common number would show.
    """
    one, other = (model.sample(4000, 5, as_of=as_of).log_returns for model in (FIRST, SECOND))
    assert abs(correlation_z(one, other)) < Z
    assert abs(correlation_z(np.sqrt(np.abs(one)), np.sqrt(np.abs(other)))) < Z
    sizes = (np.sqrt(np.abs(paths)).mean(axis=(1, 2)) for paths in (one, other))
    assert abs(correlation_z(*sizes)) < Z


def test_two_models_of_version_1_share_their_noise() -> None:
    """The twin: the same check finds it, with other weights, too."""
    blueprint = StateSpace(hidden=8)
    another = Model(made_bundle(days=500, blueprint=blueprint))
    one, other = (model.sample(4000, 5).log_returns for model in (OLD, another))
    assert correlation_z(one, other) > 0.95 * np.sqrt(one.size)


@pytest.mark.parametrize("as_of", STARTS)
def test_every_stream_of_a_scenario_belongs_to_its_model(
    as_of: str, streams: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of noise, start states, run-in and pilots. Those of version 1 belong to nobody."""
    monkeypatch.setattr(given, "_HOPELESS", 0.0)
    for model, owner in ((FIRST, ONE), (OLD, "")):
        sample_given(model, "cumulative<0.5", 10, 2, as_of=as_of)
        assert {name for _, name in streams} == {"latent", "pilot"} | (
            {"start-state", "free-run"} if as_of == "stationary" else {"unseen"}
        ) | ({"start-state"} if ".." in as_of else set())
        assert {found for found, _ in streams} == {owner}
        streams.clear()


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Owner and name of every stream that is asked for."""
    found, stream = [], Seed.stream

    def noting(seed: Seed, name: str, *block: int) -> np.random.Generator:
        found.append((seed.owner, name))
        return stream(seed, name, *block)

    monkeypatch.setattr(Seed, "stream", noting)
    return found


def test_the_noise_of_a_model_is_the_same_for_ever() -> None:
    """Version 2 of the map, to the bit."""
    noise = normals(FIRST.seed_of(Seed(7)), "latent", 32778, slice(0, SIZE), 21, 1)
    assert hashlib.sha256(noise.tobytes()).hexdigest() == (
        "950444cf52a1d2b28f1b7fa168294b2fe002f8c6a080a857fd7713fbb770b77c"
    )


@pytest.mark.parametrize("engine", ["cpu", "numpy"])
def test_a_scenario_of_version_2_is_the_same_for_ever(engine: str) -> None:
    """To the rounding that another processor may do. Before format 6 doubts had no number."""
    old = made_bundle(identity=ONE, blueprint=StateSpace(doubt_half_life=0))
    for bundle, expected in (
        (old, [-0.01208564, -0.00499316, -0.00128799, -0.00459022]),
        (FIRST.bundle, NEW),
    ):
        drawn = Model(bundle, engine).sample(1, 4, seed=3, first=8_391_204).log_returns
        np.testing.assert_allclose(drawn[0, :, 0], expected, atol=2e-8)


def test_workers_and_parts_give_the_bits_of_the_whole() -> None:
    whole = FIRST.sample(SIZE + 300, 3, seed=4).log_returns
    drawn = FIRST.draw(Drawing(SIZE + 300, 3, Seed(4)), FIRST.start(), workers=2)
    np.testing.assert_array_equal(whole, np.concatenate([part.log_returns for part in drawn]))
    part = FIRST.sample(90, 3, seed=4, first=SIZE - 40).log_returns
    np.testing.assert_array_equal(whole[SIZE - 40 : SIZE + 50], part)


def test_a_simulation_is_that_of_sample_and_forecasts_have_common_noise() -> None:
    history = made_history().log_returns
    np.testing.assert_array_equal(
        FIRST.simulate(history, 3, Seed(5), 0, 20).astype(np.float32),
        FIRST.sample(20, 3, seed=5).log_returns,
    )
    forecasts = [
        next(model.forecast(history, range(400, 401), 3, 20, Seed(5))) for model in (FIRST, OLD)
    ]
    np.testing.assert_array_equal(*forecasts)


@pytest.mark.parametrize("identity", ["", ONE])
def test_a_model_keeps_its_scenarios_under_another_name(identity: str, tmp_path: Path) -> None:
    here, there = Workspace(tmp_path / "here"), Workspace(tmp_path / "there")
    bundle = made_bundle(identity=identity)
    write_bundle(bundle, here.model("made"))
    here.model("made").rename(here.models / "moved")
    export_model(here, "moved", tmp_path / "moved.zip")
    folder = import_model(there, tmp_path / "moved.zip", "friend")
    found = read_bundle(folder)
    assert (found.manifest.name, found.manifest.identity) == ("friend", identity)
    np.testing.assert_array_equal(
        Model(found).sample(20, 3).log_returns, Model(bundle).sample(20, 3).log_returns
    )


def test_a_file_of_one_model_is_not_continued_with_the_noise_of_another(tmp_path: Path) -> None:
    """The weights are the same. The record of version 1 is the one of an older simgan."""
    workspace = Workspace(tmp_path)

    def ordered(identity: str) -> dict[str, object]:
        write_bundle(made_bundle(identity=identity), workspace.model("made"))
        request = SampleRequest(workspace=workspace, name="made", n=20, horizon=3)
        order(request).to_file(tmp_path / "s.csv", "resume")
        return dict(order(request).sheet.origin)

    assert ordered(ONE)["noise"] == ONE
    ordered(ONE)
    for identity in (OTHER, ""):
        with pytest.raises(WriteError, match="holds other scenarios"):
            ordered(identity)
    (tmp_path / "s.csv").unlink()
    assert set(ordered("")) == {"generator", "scaling", "seed", "start", "initial price"}


def test_all_that_decides_a_training_decides_the_identity_and_the_name_does_not() -> None:
    recipe, history = Recipe(), made_history()

    def identity(recipe: Recipe = recipe, history: History = history, name: str = "a") -> str:
        task = Assignment(name=name, history=history, source={}, checkpoint=Path(name))
        return identity_of(recipe, task)

    settings = Recipe(training=TrainingSettings(warm_steps=20))
    found = [
        identity(),
        identity(replace(recipe, seed=1)),
        identity(settings),
        identity(history=made_history(799)),
    ]
    assert len(set(found)) == 4
    assert identity(name="b") == identity(replace(recipe, preset="quick")) == found[0]


def test_shapes_decide_the_identity_where_a_model_learns_from_them() -> None:
    """Without them, or with ranges=0, it is that of a model of closes, which is older."""
    closes = made_history()
    bars = replace(closes, shapes=np.full((800, 1, 3), 1e-3))

    def identity(history: History, **settings: int) -> str:
        recipe = Recipe(training=TrainingSettings(**settings))
        task = Assignment(name="a", history=history, source={}, checkpoint=Path("a"))
        return identity_of(recipe, task)

    other = replace(closes, shapes=np.full((800, 1, 3), 2e-3))
    assert identity(closes) == identity(bars, ranges=0) == identity(closes, ranges=0)
    assert len({identity(closes), identity(bars), identity(other)}) == 3
    assert identity(closes) == ("7f30cfe82fdb38cfba9a8c8d00280526ae904d226bf3ccfc38f6bbbe6420fa0e")
