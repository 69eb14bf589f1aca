"""Parzen windows against closed forms, scipy, and what must come out lower."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gaussian_kde, multivariate_normal, sem

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats import parzen as module
from simgan.stats.parzen import best_bandwidth, log_densities, parzen


@pytest.fixture
def rng() -> np.random.Generator:
    return Seed(6).stream("bootstrap")


@pytest.mark.parametrize("dimensions", [1, 3])
def test_a_normal_law_has_the_log_likelihood_of_its_convolution_with_the_kernel(
    dimensions: int, rng: np.random.Generator
) -> None:
    """N(0, 1) points smoothed by N(0, σ²) are N(0, s²) with s² = 1 + σ², so E log = −d/2 (log 2πs²
    + 1/s²).

    The mean over n test points has standard deviation √(d/2n)/s², and m centres lower it by less
    than .003: five deviations and that.
    """
    n, m, bandwidth = 4000, 20_000, 0.5
    test, centres = rng.standard_normal((n, dimensions)), rng.standard_normal((m, dimensions))
    variance = 1.0 + bandwidth**2
    expected = -dimensions / 2 * (np.log(2 * np.pi * variance) + 1 / variance)
    noise = np.sqrt(dimensions / (2 * n)) / variance
    assert log_densities(test, centres, bandwidth).mean() == pytest.approx(
        expected, abs=5 * noise + 0.003
    )


def test_the_score_of_the_right_law_comes_near_the_negative_entropy(
    rng: np.random.Generator,
) -> None:
    """The best any model can reach is −½ log 2πe = −1.4189, up to the standard error of the mean
    and .01 for the smoothing.
    """
    test, validation, fake = (
        rng.standard_normal(4000),
        rng.standard_normal(1000),
        rng.standard_normal(5000),
    )
    score = parzen(test, validation, fake)
    assert score.value == pytest.approx(
        -0.5 * np.log(2 * np.pi * np.e), abs=5 * score.standard_error + 0.01
    )
    assert score.standard_error == pytest.approx(sem(log_densities(test, fake, score.bandwidth)))


@pytest.mark.parametrize(
    ("shift", "scale", "divergence"), [(0.5, 1.0, 0.125), (0.0, 0.5, 0.807), (0.0, 2.0, 0.318)]
)
def test_a_wrong_law_scores_lower_by_its_divergence(
    shift: float, scale: float, divergence: float, rng: np.random.Generator
) -> None:
    """KL(N(0,1) ‖ N(m,s²)) = log s + (1 + m²)/2s² − ½, with kernels of σ = .1, which change s² by
    .01; noise below .05 by five errors.
    """
    test, fake = rng.standard_normal(2000), rng.standard_normal(20_000)
    right, wrong = (log_densities(test, points, 0.1) for points in (fake, shift + scale * fake))
    gap = right - wrong
    assert gap.mean() == pytest.approx(divergence, abs=5 * gap.std() / np.sqrt(gap.size) + 0.05)
    assert gap.mean() > 3 * gap.std() / np.sqrt(gap.size)


@pytest.mark.parametrize(("shift", "scale"), [(1.0, 1.0), (0.0, 2.0)])
def test_no_bandwidth_makes_good_a_wrong_mean_or_a_spread_too_large(
    shift: float, scale: float, rng: np.random.Generator
) -> None:
    test, validation, fake = (
        rng.standard_normal(2000),
        rng.standard_normal(500),
        rng.standard_normal(2000),
    )
    right, wrong = parzen(test, validation, fake), parzen(test, validation, shift + scale * fake)
    assert right.value - wrong.value > 5 * right.standard_error


def test_a_chosen_bandwidth_makes_good_a_spread_too_small(rng: np.random.Generator) -> None:
    """The known blindness: points of N(0, ¼) under kernels of σ² = ¾ are N(0, 1) to the letter."""
    test, validation, fake = (
        rng.standard_normal(2000),
        rng.standard_normal(2000),
        rng.standard_normal(2000),
    )
    right, narrow = parzen(test, validation, fake), parzen(test, validation, 0.5 * fake)
    assert narrow.bandwidth == pytest.approx(np.sqrt(0.75), rel=0.1)
    assert narrow.value == pytest.approx(right.value, abs=right.standard_error)


def test_two_lone_centres_by_hand() -> None:
    """About 0 and 8 lie points at distance 1:
    σ is 1, their mean square distance, and each has half a kernel: log ½ − ½ log 2π − ½.
    """
    points, centres = np.array([-1.0, 1.0, 7.0, 9.0]), np.array([0.0, 8.0])
    score = parzen(points, points, centres)
    assert score.bandwidth == pytest.approx(1.0, rel=0.01)
    assert score.value == pytest.approx(np.log(0.5) - 0.5 * np.log(2 * np.pi) - 0.5, abs=1e-4)


def test_densities_are_those_of_scipy(rng: np.random.Generator) -> None:
    points, centres = rng.standard_normal(40), rng.standard_normal(60)
    kde = gaussian_kde(centres, bw_method=0.3)
    np.testing.assert_allclose(
        log_densities(points, centres, 0.3 * centres.std(ddof=1)), kde.logpdf(points), rtol=1e-12
    )


def test_densities_in_several_dimensions_are_means_of_normal_densities(
    rng: np.random.Generator,
) -> None:
    points, centres = rng.standard_normal((5, 4)), rng.standard_normal((30, 4))
    expected = [
        np.log(np.mean([multivariate_normal.pdf(x, mean=c, cov=0.49) for c in centres]))
        for x in points
    ]
    np.testing.assert_allclose(log_densities(points, centres, 0.7), expected, rtol=1e-12)


def test_a_point_far_from_everything_has_a_finite_log_density() -> None:
    """By hand: 10⁴ from the nearest of two centres; exp(−5·10⁷) is 0 in floating point."""
    expected = -0.5e8 - np.log(2) - 0.5 * np.log(2 * np.pi)
    assert log_densities(np.array([-1e4]), np.array([0.0, 5.0]), 1.0)[0] == pytest.approx(
        expected, rel=1e-14
    )


def test_memory_is_bounded_and_chunks_change_nothing(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    points, centres = rng.standard_normal((57, 2)), rng.standard_normal((31, 2))
    at_once = log_densities(points, centres, 0.3)
    seen: list[int] = []
    monkeypatch.setattr(module, "_CELLS", 100)
    monkeypatch.setattr(
        module,
        "cdist",
        lambda a, b, kind, cdist=module.cdist: seen.append(len(a) * len(b)) or cdist(a, b, kind),
    )
    np.testing.assert_array_equal(log_densities(points, centres, 0.3), at_once)
    assert max(seen) <= 100 and sum(seen) == 57 * 31


def test_the_bandwidth_is_the_likeliest_of_all(rng: np.random.Generator) -> None:
    validation, centres = rng.standard_normal(300), rng.standard_normal(300)
    best = best_bandwidth(validation, centres)
    scores = [
        log_densities(validation, centres, factor * best).mean()
        for factor in (0.5, 0.9, 0.98, 1.0, 1.02, 1.1, 2.0)
    ]
    assert np.argmax(scores) == 3


def test_copies_of_the_test_points_score_above_the_truth(rng: np.random.Generator) -> None:
    """The known flaw (Theis et al.

    2016, section 3.2): a model that repeats its data beats the law that made them.
    """
    test, validation, truth = (rng.standard_normal((200, 5)) for _ in range(3))
    copies = np.concatenate([test, validation])
    assert parzen(test, validation, copies).value > parzen(test, validation, truth).value + 1.0


@pytest.mark.parametrize(
    ("test", "fake", "bandwidth", "told"),
    [
        (np.empty(0), np.ones(3), 1.0, "none of them 0"),
        (np.ones((2, 2, 2)), np.ones(3), 1.0, r"shape = \(2, 2, 2\)"),
        (np.array([np.nan]), np.ones(3), 1.0, "1 of 1 not finite"),
        (np.ones((4, 2)), np.ones(3), 1.0, r"dimensions = \(2, 1\)"),
        (np.ones(3), np.ones(3), 0.0, "bandwidth = 0.0"),
        (np.ones(3), np.ones(3), np.nan, "bandwidth = nan"),
    ],
)
def test_what_has_no_density_is_refused(
    test: np.ndarray, fake: np.ndarray, bandwidth: float, told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        log_densities(test, fake, bandwidth)


def test_generated_points_that_do_not_vary_are_refused() -> None:
    with pytest.raises(ConfigError, match="3 points without variation"):
        parzen(np.ones(3), np.ones(3), np.ones(3))
