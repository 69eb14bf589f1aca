"""Noise inside compiled steps: another address, other numbers."""

from __future__ import annotations

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

from simgan.gan.noise import normal, uniform  # noqa: E402


def drawn(seed: int, step: int, place: int) -> tuple[float, ...]:
    return tuple(normal((3,), tf.constant([seed, step]), place).numpy().tolist())


def test_an_address_gives_the_same_numbers_and_no_other_address_does() -> None:
    """Twenty critic steps of a round take more than sixty places, which are not those of the next
    round.
    """
    places = 0, 1, 2, 62, 63, 64, 65, 66, 100, 127, 128, 129, 139
    addresses = [(seed, step, place) for seed in (1, 2) for step in (0, 1, 2) for place in places]
    found = [drawn(*address) for address in addresses]
    assert len(set(found)) == len(addresses)
    assert drawn(2, 1, 100) == found[addresses.index((2, 1, 100))]


def test_the_first_places_are_those_of_models_that_were_trained_before() -> None:
    """TensorFlow's own stateless generator at (seed, 64 · step + place)."""
    np.testing.assert_array_equal(
        uniform((5,), tf.constant([7, 3]), 9), tf.random.stateless_uniform((5,), (7, 3 * 64 + 9))
    )
