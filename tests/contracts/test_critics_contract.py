"""Every critic of the table keeps the contract."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.seeds import Seed

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.critics import (  # noqa: E402
    CRITICS,
    VIEWS,
    views,
)
from simgan.recipe.objectives import (  # noqa: E402
    OBJECTIVES,
    between,
    squared_gradient,
)


def windows(paths: int, days: int) -> object:
    return tf.constant(Seed(0).stream("baseline").standard_normal((paths, days)), tf.float32)


@pytest.mark.parametrize("days", [48, 50, 128])
@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("kind", CRITICS)
def test_each_window_has_a_score_of_its_own(kind: str, count: int, days: int) -> None:
    critic, some = CRITICS.load(kind)(days, count), windows(6, days)
    scores = critic(some).numpy()
    assert scores.shape == (6, 1)
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(critic(some[2:3]).numpy(), scores[2:3], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", CRITICS)
def test_a_restart_gives_the_weights_of_the_seed(kind: str) -> None:
    critic, some = CRITICS.load(kind)(48, 5), windows(6, 48)
    critic.restart(Seed(1))
    first = critic(some).numpy()
    critic.restart(Seed(2))
    assert not np.allclose(critic(some).numpy(), first)
    critic.restart(Seed(1))
    np.testing.assert_array_equal(critic(some).numpy(), first)


@pytest.mark.parametrize("kind", CRITICS)
def test_it_sees_only_the_views_it_has(kind: str) -> None:
    critic, some = CRITICS.load(kind)(48, 1), windows(4, 48)
    np.testing.assert_array_equal(critic.seen(some).numpy(), views(some)[..., :1].numpy())


def test_the_energy_of_an_auto_encoder_is_its_mean_squared_error() -> None:
    critic, some = CRITICS.load("auto-encoder")(50, 3), windows(5, 50)
    seen = views(some)[..., :3].numpy()
    there, back = critic.nets
    expected = -((seen - back(there(seen)).numpy()) ** 2).mean(axis=(1, 2))
    np.testing.assert_allclose(critic(some).numpy()[:, 0], expected, rtol=1e-5)
    assert (expected < 0).all()


# --- several assets -----------------------------------------------------------------------------


def of_assets(paths: int, days: int, assets: int) -> object:
    noise = Seed(1).stream("baseline").standard_normal((paths, days, assets))
    return tf.constant(noise, tf.float32)


def test_one_asset_with_its_axis_gives_the_bits_of_one_without() -> None:
    some = windows(4, 50)
    np.testing.assert_array_equal(views(some).numpy(), views(some[..., None]).numpy())


@pytest.mark.parametrize("count", [1, 3, VIEWS])
def test_the_views_of_each_asset_stand_side_by_side(count: int) -> None:
    some = of_assets(4, 48, 3)
    seen = views(some, count).numpy()
    assert seen.shape == (4, 48, 3 * count)
    for asset in range(3):
        own = views(some[..., asset], count).numpy()
        np.testing.assert_allclose(seen[..., asset * count : (asset + 1) * count], own, rtol=1e-6)


@pytest.mark.parametrize("kind", CRITICS)
def test_a_critic_of_two_assets_sees_both(kind: str) -> None:
    critic, some = CRITICS.load(kind)(48, 2, assets=2), of_assets(6, 48, 2)
    scores = critic(some).numpy()
    assert scores.shape == (6, 1)
    for asset in range(2):
        other = some.numpy()
        other[..., asset] *= 2
        assert not np.allclose(critic(tf.constant(other)).numpy(), scores)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_penalties_take_windows_of_several_assets(name: str) -> None:
    """D(x) = 3 x₁₁ has the same gradient norm 3 for windows with and without an asset axis."""
    objective, real, fake = OBJECTIVES.build(name), of_assets(4, 8, 2), of_assets(4, 8, 2)
    mixing = tf.constant([[0.1], [0.2], [0.3], [0.9]])
    several = objective.penalty(lambda x: 3.0 * x[:, :1, 0], real, fake, mixing)
    one = objective.penalty(lambda x: 3.0 * x[:, :1], real[..., 0], fake[..., 0], mixing)
    assert float(several) == pytest.approx(float(one), rel=1e-6)


def test_a_gradient_is_squared_over_days_and_assets() -> None:
    """D(x) = 3 x₁₁ + 4 x₁₂: 9 + 16."""
    found = squared_gradient(lambda x: 3 * x[:, :1, 0] + 4 * x[:, :1, 1], of_assets(5, 8, 2))
    np.testing.assert_allclose(found.numpy(), [25.0] * 5, rtol=1e-6)


def test_each_path_is_mixed_by_one_share_of_its_own() -> None:
    real, fake = tf.ones((2, 3, 2)), tf.zeros((2, 3, 2))
    mixed = between(real, fake, tf.constant([[0.25], [0.75]])).numpy()
    assert (mixed[0] == 0.25).all() and (mixed[1] == 0.75).all()
