"""Tilted noise: weights are ratios of densities, and expectations by quadrature are kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from simgan.risk.returns import effective_sample_size
from simgan.sampling.conditional import Conditional
from simgan.sampling.given import Acceptance, Given
from simgan.sampling.latent import BLOCK, GROUP, NO_TILT, BlockTilt, Tilt, normals
from simgan.scenarios.conditions import Condition
from simgan.scenarios.product import Scenarios
from simgan.seeds import Seed

NODES, MASSES = np.polynomial.hermite_e.hermegauss(80)
MASSES = MASSES / MASSES.sum()  # E f(z) = Σ masses · f(nodes) for z from N(0, 1)
TILTS = [Tilt(-0.4, 1.0), Tilt(0.0, 1.2), Tilt(0.3, 0.85), Tilt(-0.5, 1.3)]


def weights_of(tilt: Tilt) -> np.ndarray:
    """Return the weight of each node as the noise of one step and one latent number."""
    return tilt.weights(NODES.astype(np.float32)[None, :, None])


@pytest.mark.parametrize("tilt", TILTS)
def test_a_weight_is_the_ratio_of_the_densities_of_all_its_scores(tilt: Tilt) -> None:
    """Π φ(z')/φ((z' − θ)/s) s, with both densities of SciPy."""
    noise = normals(Seed(1), "latent", 0, slice(0, 256), 3, 2)[:, :256]
    scores = tilt.of(noise).astype(np.float64)
    log_ratio = norm.logpdf(scores) - norm.logpdf(scores, tilt.shift, tilt.spread)
    np.testing.assert_allclose(tilt.weights(noise), np.exp(log_ratio.sum(axis=(0, 2))), rtol=1e-5)


def test_the_weight_of_blocks_is_the_ratio_of_the_densities_of_v_and_c() -> None:
    """Two blocks of 4 and 2 steps: their c have the means θ 4 a / √4 and θ 2 a / √4."""
    blocks = BlockTilt(size=4, column=2, wildness=1.5, toward=(0.6, -0.8))
    tilt, noise = Tilt(-0.5, 1.2, 1, blocks), normals(Seed(1), "latent", 0, slice(0, 256), 6, 5)
    noise = noise[:, :256]
    scores = tilt.of(noise)
    moved = (scores - noise)[:, 0]
    np.testing.assert_allclose(moved[0, 2:], [1.5, -0.6, 0.8], atol=1e-6)
    np.testing.assert_allclose(moved[4, 2:], [1.5, -0.3, 0.4], atol=1e-6)
    assert not moved[[1, 2, 3, 5], 1:].any() and not moved[:, 1].any()
    means = np.zeros((6, 1, 5))
    means[:, 0, 0], means[0, 0, 2:], means[4, 0, 2:] = -0.5, moved[0, 2:], moved[4, 2:]
    spreads = np.array([1.2, 1.0, 1.0, 1.0, 1.0])
    log_ratio = norm.logpdf(scores) - norm.logpdf(scores, means, spreads)
    expected = np.exp(log_ratio.sum(axis=(0, 2)))
    np.testing.assert_allclose(tilt.weights(noise), expected, rtol=1e-4)
    assert tilt.record == [-0.5, 1.2, 1.5, 0.6, -0.8] and Tilt(-0.5, 1.2).record == [-0.5, 1.2]


@pytest.mark.parametrize("tilt", TILTS)
def test_weighted_moments_of_tilted_scores_are_those_of_a_normal(tilt: Tilt) -> None:
    """By quadrature: 1, 0, 1, 0, 3. Without weights they are those of N(θ, s²)."""
    scores = tilt.shift + tilt.spread * NODES
    expected = [1.0, 0.0, 1.0, 0.0, 3.0]
    weighted = [float(MASSES @ (weights_of(tilt) * scores**k)) for k in range(5)]
    np.testing.assert_allclose(weighted, expected, atol=2e-4)
    plain = [float(MASSES @ scores**k) for k in range(5)]
    assert np.abs(np.subtract(plain, expected)).max() > 0.1


@pytest.mark.parametrize("shift", [0.1, -0.5, 1.0])
def test_a_shift_costs_a_factor_of_the_effective_size_by_its_square(shift: float) -> None:
    """E w² = e^{θ²} per score, so n scenarios are worth n e^{−θ²}."""
    second = float(MASSES @ weights_of(Tilt(shift, 1.0)) ** 2)
    assert second == pytest.approx(np.exp(shift**2), rel=1e-3)
    noise = normals(Seed(3), "latent", 1, slice(0, 2048), 1, 1)
    size = effective_sample_size(Tilt(shift, 1.0).weights(noise))
    assert size / 2048 == pytest.approx(np.exp(-(shift**2)), rel=0.25)


def test_a_tilt_is_undone_by_its_inverse() -> None:
    """θ' = −θ/s and s' = 1/s lead back, and the weights of both multiply to 1."""
    noise, tilt = normals(Seed(2), "latent", 0, slice(0, 256), 2, 1)[:, :256], Tilt(-0.3, 1.25)
    back, there = Tilt(0.3 / 1.25, 0.8), tilt.of(noise)
    np.testing.assert_allclose(back.of(there), noise, atol=1e-6)
    np.testing.assert_allclose(tilt.weights(noise) * back.weights(there), 1.0, rtol=1e-4)


@settings(max_examples=40, deadline=None)
@given(
    weights=st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=20),
    factor=st.floats(1e-3, 1e3),
)
def test_an_effective_size_is_between_one_and_the_count_whatever_the_scale(
    weights: list[float], factor: float
) -> None:
    size = effective_sample_size(np.array(weights))
    assert 1.0 - 1e-9 <= size <= len(weights) + 1e-9
    assert effective_sample_size(factor * np.array(weights)) == pytest.approx(size)


@settings(max_examples=40, deadline=None)
@given(
    first=st.integers(0, 2047), count=st.integers(1, 2048), steps=st.integers(1, 3),
    group=st.integers(0, 5),
)  # fmt: skip
def test_noise_has_an_address_whatever_rows_and_steps_are_asked_for(
    first: int, count: int, steps: int, group: int
) -> None:
    """Each block is a stream of its own. Blocks without any of the rows are 0."""
    rows = slice(first, min(first + count, GROUP * BLOCK))
    noise = normals(Seed(6), "latent", group, rows, steps, 1)
    assert noise.shape == (steps, GROUP * BLOCK, 1)
    for place in range(GROUP):
        own = noise[:, place * BLOCK : (place + 1) * BLOCK, 0]
        if place * BLOCK < rows.stop and rows.start < (place + 1) * BLOCK:
            stream = Seed(6).stream("latent", group * GROUP + place)
            expected = stream.standard_normal((3, BLOCK), dtype=np.float32)[:steps]
            np.testing.assert_array_equal(own, expected)
        else:
            assert not own.any()


def counted(holds: list[bool], weights: list[float]) -> Acceptance:
    acceptance = Acceptance()
    acceptance.add(np.array(holds), np.array(weights))
    acceptance.keep(np.array(weights)[np.array(holds, bool)])
    return acceptance


def test_equal_weights_give_the_share_and_the_error_of_a_binomial() -> None:
    """12 of 48 by hand: .25 ± √(.25 · .75 / 48) = .0625. Nine are too few for an error."""
    found = counted([True] * 12 + [False] * 36, [1.0] * 48)
    assert (found.probability, found.met, found.drawn) == (0.25, 12, 48)
    assert found.standard_error == pytest.approx(0.0625)
    assert found.effective_size == pytest.approx(12.0)
    assert counted([True] * 9 + [False] * 27, [1.0] * 36).standard_error is None


def test_weights_give_the_mean_and_the_error_of_a_product_by_hand() -> None:
    """Weights .5 and .1 of four: mean .15, and the standard error is that of .5, .1, 0, 0.

    A hundred times over, because few weights have no error that is known.
    """
    few = counted([True, False, True, False], [0.5, 2.0, 0.1, 1.0])
    assert few.effective_size == pytest.approx(0.36 / 0.26) and few.standard_error is None
    found = counted([True, False, True, False] * 100, [0.5, 2.0, 0.1, 1.0] * 100)
    products = np.array([0.5, 0.0, 0.1, 0.0])
    assert found.probability == pytest.approx(0.15)
    assert found.standard_error == pytest.approx(products.std() / 20.0)


def test_counts_in_pieces_are_those_at_once() -> None:
    rng = Seed(5).stream("validation")
    holds, weights = rng.random(100) < 0.3, rng.uniform(0.1, 3.0, 100)
    pieces, once = Acceptance(), Acceptance()
    once.add(holds, weights)
    for part in np.split(np.arange(100), [1, 40, 41]):
        pieces.add(holds[part], weights[part])
    assert (pieces.drawn, pieces.met) == (once.drawn, once.met)
    assert pieces.probability == pytest.approx(once.probability)
    assert pieces.standard_error == pytest.approx(once.standard_error)


def test_an_error_that_is_not_known_is_left_out_of_the_lines() -> None:
    scenarios = Scenarios(np.zeros((2, 3, 1), np.float32))
    assert "0.1 ± 0.02" in repr(Conditional(scenarios, 0.1, 0.02, 500.0))
    lines = repr(Conditional(scenarios, 0.1, None, 3.0))
    assert "0.1" in lines and "±" not in lines and "None" not in lines


def test_nothing_met_is_a_probability_of_zero_without_size() -> None:
    found = counted([False] * 8, [1.0] * 8)
    assert (found.probability, found.standard_error, found.effective_size) == (0.0, None, 0.0)


DEEP = Condition.parse("max-drawdown>0.3")


def test_the_sentence_of_rejection_has_counts_and_the_error() -> None:
    message = Given(DEEP).message(counted([True] * 30 + [False] * 1170, [1.0] * 1200))
    assert message == (
        "max-drawdown>0.3 was met by 30 of 1,200 scenarios, 2.5 % (standard error 0.5 %)"
    )


@pytest.mark.parametrize(("met", "is_few"), [(99, True), (100, False)])
def test_the_sentence_of_a_tilt_says_if_there_are_too_few(met: int, is_few: bool) -> None:
    given_tilt = replace(Given(DEEP), tilt=Tilt(-0.25, 1.1))
    message = given_tilt.message(counted([True] * met, [0.5] * met))
    assert f"{met} of {met} met it; the {met} scenarios are worth {met} of equal weight" in message
    assert "too rare for rejection: the noise was tilted (mean -0.25, spread 1.1)" in message
    assert ("ask for more, such as --n 100 (.npy holds no weights)" in message) is is_few
    error = "not known: it would rest on 99 scenarios" if is_few else "0 %"
    assert message.endswith(f"its probability without the tilt is 50 % (standard error {error})")


def test_one_scenario_is_counted_in_words() -> None:
    message = replace(Given(DEEP), tilt=Tilt(-0.25, 1.1)).message(counted([True], [0.5]))
    assert "; the one scenario is worth 1 of equal weight, too few to rely on" in message


def test_no_tilt_is_recognised_however_it_is_written() -> None:
    assert Tilt(0.0, 1.0) == NO_TILT != Tilt(0.0, 1.0 + 1e-9)
    noise = np.ones((1, 2, 1), np.float32)
    assert NO_TILT.of(noise) is noise
