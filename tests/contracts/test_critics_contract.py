"""Every critic of the table keeps the contract."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.seeds import Seed

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.critics import CRITICS  # noqa: E402
from simgan.gan.critics.base import views  # noqa: E402


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
