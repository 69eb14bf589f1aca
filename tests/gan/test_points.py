"""GANs for points: they learn, they repeat themselves, and they refuse what is no table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.settings import describe, schema

tf = pytest.importorskip("tensorflow")
pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]

from quick_graphs import quick_graphs  # noqa: E402

from simgan.gan.critics.dense import EnergyOfPoints, dense  # noqa: E402
from simgan.gan.points import PointGan, PointSettings, critic_alone  # noqa: E402
from simgan.recipe.objectives import OBJECTIVES  # noqa: E402
from simgan.recipe.remedies import Remedies  # noqa: E402

NOISE = Remedies.parse({"noise": 0.1})
SETTINGS = PointSettings(steps=600, rate=5e-3, average=0.9)


def points(mean: float = 3.0) -> np.ndarray:
    return mean + Seed(4).stream("baseline").standard_normal((500, 1))


def gan(
    name: str = "non-saturating",
    seed: int = 0,
    remedies: Remedies = NOISE,
    settings: PointSettings = SETTINGS,
) -> PointGan:
    return PointGan(points(), OBJECTIVES.build(name), settings, Seed(seed), remedies)


@pytest.fixture
def quickly_traced() -> Iterator[None]:
    with quick_graphs():
        yield


@pytest.mark.usefixtures("quickly_traced")
def test_fakes_move_to_the_points_and_the_same_seed_gives_the_same_fakes() -> None:
    one, other = gan(), gan()
    before = one.generate(5000).mean()
    looks: list[int] = []
    history = one.train(
        lambda g: looks.append(len(g.generate(10))) or {"mean": float(g.generate(500).mean())},
        interval=200,
    )
    other.train()
    after = one.generate(5000)
    assert abs(after.mean() - 3) < 0.5 < abs(before - 3)
    np.testing.assert_array_equal(after, other.generate(5000))
    assert not np.array_equal(after[:100], one.generate(100, stream=1))
    assert list(history.steps) == [100, 200, 300, 400, 500, 600]
    assert [step for step, _ in history.inspections["mean"]] == [200, 400, 600]
    assert set(history.series) == {
        "critic loss",
        "generator loss",
        "gradient penalty",
        "D(x)",
        "D(G(z))",
    }
    assert np.isfinite(list(history.series.values())).all()
    assert (one.probability(after) > 0).all() and (one.probability(after) < 1).all()


@pytest.mark.usefixtures("quickly_traced")
def test_a_restart_trains_as_a_new_one_of_that_seed() -> None:
    """Weights, moments, averages and what remedies remember are all forgotten."""
    remembering = Remedies.parse(
        {"historical_averaging": 0.1, "spectral_norm": 2.0, "critic_ceiling": 0.7}
    )
    settings = replace(SETTINGS, steps=100)
    one, other = (gan(seed=seed, remedies=remembering, settings=settings) for seed in (0, 5))
    one.train()
    other.train()
    one.restart(Seed(5))
    one.train()
    np.testing.assert_array_equal(one.generate(100), other.generate(100))
    np.testing.assert_array_equal(one.probability(points()), other.probability(points()))


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.usefixtures("quickly_traced")
def test_every_objective_plays_for_points(name: str) -> None:
    once = {"critic_steps": 1}  # a graph of five turns takes five times as long to trace
    played = PointGan(points(), OBJECTIVES.build(name, once), replace(SETTINGS, steps=100), Seed(0))
    before = played.generate(100)
    history = played.train()
    after = played.generate(100)
    assert np.isfinite(after).all() and np.isfinite(list(history.series.values())).all()
    assert not np.array_equal(before, after)


def test_a_critic_alone_learns_the_ratio_of_densities() -> None:
    """Points from U(0, 2) and U(1, 3): real below 1, undecided between 1 and 2, fake beyond."""
    rng = Seed(1).stream("baseline")
    settings = PointSettings(critic=(32, 32), steps=2000, rate=1e-2, cooling=0.01, batch=200)
    probability = critic_alone(
        rng.uniform(0, 2, (20_000, 1)),
        rng.uniform(1, 3, (20_000, 1)),
        OBJECTIVES.build("minimax", {"penalty_weight": 0.0}),
        settings,
        Seed(2),
    )
    low, middle, high = (float(probability(np.array([[x]]))[0]) for x in (0.5, 1.5, 2.5))
    assert low > 0.95 and 0.4 < middle < 0.6 and high < 0.15


@pytest.mark.parametrize("wrong", [np.ones(3), np.full((3, 1), np.nan)])
def test_what_is_no_table_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ConfigError):
        PointGan(wrong, OBJECTIVES.build("minimax"), SETTINGS, Seed(0))


@pytest.mark.parametrize(
    "wrong", [{"batch": 1}, {"critic_units": "tanh"}, {"critic_dropout": 0.95}]
)
def test_impossible_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        PointSettings(**wrong)


def test_maxout_takes_the_larger_of_two_and_a_mixture_is_half_of_each() -> None:
    """By hand: kernels of one, so that 1, 2, 3 and 4 are the sums before the units."""
    for units, expected in (
        ("maxout", [2.0, 4.0]),
        ("relu-sigmoid", [1.0, 2.0, 0.9525741, 0.98201376]),
    ):
        net = dense((1, len(expected)), Seed(0), 1, units)
        net.set_weights([np.array([[1.0, 2.0, 3.0, 4.0]]), np.zeros(4)])
        assert net(np.ones((1, 1))).numpy()[0] == pytest.approx(expected)


def test_dropout_leaves_out_other_units_each_time_and_keeps_the_mean() -> None:
    net = dense((1, 1000), Seed(0), 1, "relu", dropout=0.5)
    net.set_weights([np.ones((1, 1000)), np.zeros(1000), *net.get_weights()[2:]])
    first, second = (net(np.ones((1, 1))).numpy()[0] for _ in range(2))
    assert set(first) == {0.0, 2.0}
    assert first.mean() == pytest.approx(1, abs=0.13)  # four standard errors
    assert (first != second).any()


@pytest.mark.usefixtures("quickly_traced")
def test_the_tutorial_s_example_is_learned_with_maxout_dropout_and_mixed_units() -> None:
    """Example 3 with the networks of Goodfellow et al. (2014): mean and spread of N(0, 1)."""
    settings = PointSettings(
        generator=(8,),
        generator_units="relu-sigmoid",
        critic=(16,),
        critic_units="maxout",
        critic_dropout=0.2,
        steps=1200,
        rate=6e-3,
        cooling=0.1,
        average=0.99,
    )
    played = PointGan(
        Seed(1).stream("baseline").standard_normal((1000, 1)),
        OBJECTIVES.build("non-saturating"),
        settings,
        Seed(1),
    )
    before = played.generate(10_000)
    played.train()
    made = played.generate(10_000)
    assert (made.mean(), made.std()) == pytest.approx((0, 1), abs=0.2)
    assert (before.mean(), before.std()) != pytest.approx((0, 1), abs=0.2)


@pytest.mark.usefixtures("quickly_traced")
def test_as_many_steps_are_played_as_are_asked_for() -> None:
    played = PointGan(points(), OBJECTIVES.build("minimax"), PointSettings(steps=150), Seed(0))
    assert list(played.train().steps) == [100, 150]
    assert int(played.game.optimizers["generator"].iterations) == 150


@pytest.mark.usefixtures("quickly_traced")
def test_dropout_begins_again_with_the_seed() -> None:
    settings = PointSettings(steps=20, critic_dropout=0.5, rate=1e-2)
    one, other = (
        PointGan(points(), OBJECTIVES.build("minimax"), settings, Seed(seed)) for seed in (5, 0)
    )
    one.train()
    other.train()
    other.restart(Seed(5))
    other.train()
    np.testing.assert_array_equal(one.generate(100), other.generate(100))


def test_dropout_of_the_same_units_is_refused() -> None:
    with pytest.raises(ConfigError, match="critic_dropout"):
        PointGan(
            points(),
            OBJECTIVES.build("minimax"),
            PointSettings(critic_dropout=0.5),
            Seed(0),
            Remedies.parse({"spectral_norm": 1.0}),
        )


def test_dropout_is_refused_before_anything_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a remedy that does not go with the objective."""

    def build(*_: object) -> None:
        raise AssertionError("something was built")

    monkeypatch.setattr("simgan.gan.points._generator", build)
    monkeypatch.setattr("simgan.gan.points.use_device", build)
    dropout, norm = PointSettings(critic_dropout=0.5), Remedies.parse({"spectral_norm": 1.0})
    with pytest.raises(ConfigError, match="0 with spectral-norm"):
        PointGan(points(), OBJECTIVES.build("minimax"), dropout, Seed(0), norm)
    smoothing = Remedies.parse({"label_smoothing": 0.1})
    with pytest.raises(ConfigError, match="label_smoothing"):
        PointGan(points(), OBJECTIVES.build("hinge"), PointSettings(), Seed(0), smoothing)


def test_settings_of_points_have_help_and_a_schema() -> None:
    """The bounds of a schema are those of the validator."""
    described = {name: meaning for name, _, _, meaning in describe(PointSettings)}
    assert all(described.values())
    properties = schema(PointSettings)["properties"]
    assert properties["critic_dropout"]["maximum"] == 0.9
    assert properties["critic_units"]["enum"] == ["relu", "sigmoid", "relu-sigmoid", "maxout"]
    with pytest.raises(ConfigError, match="points: generator"):
        PointSettings(generator=(4, 0))


@pytest.mark.parametrize("average", [-0.1, float("nan"), 1.1])
def test_an_average_is_a_share(average: float) -> None:
    with pytest.raises(ConfigError, match=r"average.*from 0 to 1"):
        PointSettings(steps=1000, average=average)


@pytest.mark.parametrize("average", [1.0, 0.999])
def test_an_average_of_weights_that_nobody_has_trained_is_refused(average: float) -> None:
    """.999^1000 is .37; .05^(1/1000) is .997."""
    with pytest.raises(ConfigError, match=r"average.*0\.9970 for 1000 steps"):
        PointSettings(steps=1000, average=average)


def test_an_energy_is_the_squared_distance_from_what_is_made_again() -> None:
    critic, some = EnergyOfPoints((2, 8), Seed(0)), np.array([[1.0, 2.0], [0.0, -1.0]], np.float32)
    there, back = critic.nets
    expected = -((some - back(there(some)).numpy()) ** 2).sum(axis=1)
    code, score = critic.judged(some)
    assert code.shape == (2, 1)
    np.testing.assert_allclose(score[:, 0], expected, rtol=1e-5)
