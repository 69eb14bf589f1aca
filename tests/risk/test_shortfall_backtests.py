"""Expected shortfall:
Acerbi and Székely by hand, by brute force, and by their critical values; the multinomial test.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import factorial

import numpy as np
import pytest
from scipy.stats import chi2, chisquare, norm
from scipy.stats import t as student
from tail_forecasts import right_forecasts, student_shortfall, with_hits

from simgan.errors import ConfigError
from simgan.risk.backtests.acerbi_szekely_1 import AcerbiSzekely1
from simgan.risk.backtests.acerbi_szekely_2 import AcerbiSzekely2
from simgan.risk.backtests.acerbi_szekely_3 import AcerbiSzekely3, expected_weights
from simgan.risk.backtests.forecasts import TailForecasts
from simgan.risk.backtests.multinomial import Multinomial, nass_correction
from simgan.risk.law import GRID, QuantileLaw


def test_z1_and_z2_by_hand() -> None:
    """Four losses of 1.5 against an ES of 1.2:
    Z₁ = 1 − 1.25; over 100 days at 95 % Z₂ = 1 − 4 · 1.25/5 = 0.
    """
    forecasts = with_hits(np.arange(100) < 4, 0.95)
    assert AcerbiSzekely1().test(forecasts).statistic == pytest.approx(-0.25)
    assert AcerbiSzekely2().test(forecasts).statistic == pytest.approx(0.0, abs=1e-12)


def test_z2_is_z1_and_the_number_of_hits() -> None:
    """Acerbi & Székely (2014), equation 7: Z₂ = 1 − (1 − Z₁) N / (T a)."""
    forecasts = right_forecasts(500, 0.975, 4)
    z1, z2 = (test.test(forecasts) for test in (AcerbiSzekely1(), AcerbiSzekely2()))
    assert z2.statistic == pytest.approx(
        1 - (1 - z1.statistic) * z1.details["hits"] / 12.5, abs=1e-12
    )


def constant_forecasts(nu: float | None, realized_z2: float) -> TailForecasts:
    """250 days of one standard law (normal or t) with ten hits that make the Z₂ asked for at 97.5
    %.
    """
    quantiles = (
        norm.ppf(np.clip(GRID, 2e-6, 1 - 2e-6))
        if nu is None
        else student.ppf(np.clip(GRID, 2e-6, 1 - 2e-6), nu)
    )
    var = -float(np.interp(0.025, GRID, quantiles))
    es = (
        float(norm.pdf(norm.ppf(0.975)) / 0.025)
        if nu is None
        else student_shortfall(0.975, nu) * np.sqrt(nu / (nu - 2))
    )
    loss = (1 - realized_z2) * 6.25 / 10 * es
    realized = np.where(np.arange(250) < 10, -loss, 0.0)
    law = QuantileLaw(GRID, np.tile(quantiles, (250, 1)))
    return TailForecasts(
        realized, np.full(250, var), np.full(250, es), 0.975, law, np.full(250, 0.5)
    )


@pytest.mark.parametrize(
    ("nu", "critical"), [(None, -0.70), (100.0, -0.70), (10.0, -0.71), (5.0, -0.74), (3.0, -0.82)]
)
def test_z2_has_the_critical_values_of_its_authors(nu: float | None, critical: float) -> None:
    """Acerbi & Székely (2014), table of 5 % critical values for T = 250 at 97.5 %;
    20,000 simulations, errors of 0.0015 in p.
    """
    result = AcerbiSzekely2(simulations=19_999).test(constant_forecasts(nu, critical))
    assert result.statistic == pytest.approx(critical, abs=1e-9)
    assert result.p == pytest.approx(0.05, abs=0.005)


def test_p_values_are_one_sided() -> None:
    """An ES that is too large is no fault here; one that is too small is."""
    forecasts = right_forecasts(1000, 0.975, 6)
    for test in (AcerbiSzekely1(), AcerbiSzekely2()):
        assert (
            test.test(replace(forecasts, expected_shortfall=1.5 * forecasts.expected_shortfall)).p
            > 0.5
        )
        low = replace(
            forecasts,
            value_at_risk=0.4 * forecasts.value_at_risk,
            expected_shortfall=0.4 * forecasts.expected_shortfall,
        )
        drawn = replace(low, law=QuantileLaw(GRID, 0.4 * forecasts.law.quantiles))
        assert test.test(drawn).p < 0.05


def test_z3_by_brute_force() -> None:
    """Day by day as the paper writes it, the expectation over 20,000 sets of uniforms;
    known to 0.3 %.
    """
    forecasts, days, ranks = right_forecasts(80, 0.95, 7), 80, 4
    uniforms = np.sort(np.random.default_rng(1).random((20_000, days)), axis=1)[:, :ranks]
    lowest = np.sort(forecasts.pit)[:ranks]
    grid, quantiles = forecasts.law.probabilities, forecasts.law.quantiles
    ratios = [
        np.interp(lowest, grid, q).mean() / np.interp(uniforms, grid, q).mean() for q in quantiles
    ]
    assert AcerbiSzekely3().test(forecasts).statistic == pytest.approx(
        1 - np.mean(ratios), abs=0.01
    )


def test_the_expectation_in_z3_is_that_of_order_statistics() -> None:
    """For the uniform law itself E V₍ᵢ₎ = i/(T + 1), so that the mean of the lowest three of 40 is
    2/41; and at a grid that ends inside.
    """
    uniform = QuantileLaw(GRID, GRID[None])
    weights = expected_weights(uniform, 40, 3)
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert weights @ GRID == pytest.approx(2 / 41, abs=1e-12)
    short = QuantileLaw(np.array([0.1, 0.5]), np.array([[0.1, 0.5]]))
    drawn = np.clip(
        np.sort(np.random.default_rng(2).random((200_000, 5)), axis=1)[:, :2], 0.1, 0.5
    ).mean()
    assert expected_weights(short, 5, 2) @ short.probabilities == pytest.approx(drawn, abs=0.002)


def test_z3_is_zero_on_average_for_right_forecasts() -> None:
    """300 histories:
    the mean is within four errors of 0, that of pits twice as low in the tail is not.
    """
    forecasts = right_forecasts(120, 0.95, 8)
    pits = np.random.default_rng(3).random((300, 120))
    test = AcerbiSzekely3(simulations=19)
    values = np.array([test.test(replace(forecasts, pit=pit)).statistic for pit in pits])
    assert abs(values.mean()) < 4 * values.std() / np.sqrt(300)
    wrong = np.array([test.test(replace(forecasts, pit=pit / 2)).statistic for pit in pits])
    assert wrong.mean() < -0.1


def test_a_shortfall_that_is_no_loss_is_refused() -> None:
    """An ES of 0 cannot divide; a tail of gains has no ES test either."""
    forecasts = with_hits(np.arange(100) < 4, 0.95)
    flat = replace(forecasts, value_at_risk=np.full(100, -0.1), expected_shortfall=np.zeros(100))
    for test in (AcerbiSzekely1(), AcerbiSzekely2()):
        with pytest.raises(ConfigError, match="expected_shortfall"):
            test.test(flat)
    gains = replace(forecasts, law=QuantileLaw(np.array([0.0, 1.0]), np.tile([0.1, 0.2], (100, 1))))
    with pytest.raises(ConfigError, match="gain"):
        AcerbiSzekely3().test(gains)


@pytest.mark.parametrize("levels", [1, 4, 8])
def test_multinomial_counts_and_pearson_are_those_of_scipy(levels: int) -> None:
    forecasts = right_forecasts(700, 0.975, 9)
    result = Multinomial(levels=levels).test(forecasts)
    edges = np.concatenate([[0.0], 0.025 * np.arange(1, levels + 1) / levels, [1.0 + 1e-12]])
    counts = np.histogram(forecasts.pit, edges)[0][::-1]
    assert result.details["counts"] == counts.tolist()
    assert result.statistic == pytest.approx(
        chisquare(counts, result.details["expected"]).statistic, abs=1e-9
    )


def test_nass_matches_the_moments_of_all_outcomes() -> None:
    """Every way to put six days into three cells, with its probability:
    E S = N and var S = 2E/c · … hold exactly.
    """
    shares, n = np.array([0.7, 0.2, 0.1]), 6
    outcomes = np.array([o for o in product(range(n + 1), repeat=3) if sum(o) == n])
    chances = [factorial(n) * np.prod(shares**o / [factorial(k) for k in o]) for o in outcomes]
    pearson = ((outcomes - n * shares) ** 2 / (n * shares)).sum(axis=1)
    mean = np.dot(chances, pearson)
    variance = np.dot(chances, (pearson - mean) ** 2)
    assert mean == pytest.approx(2.0, abs=1e-12)
    factor, freedom = nass_correction(shares, n)
    assert factor == pytest.approx(2 * mean / variance, rel=1e-12)
    assert freedom == pytest.approx(2 * mean**2 / variance, rel=1e-12)


def test_multinomial_p_is_that_of_nass() -> None:
    forecasts = right_forecasts(700, 0.975, 9)
    result = Multinomial().test(forecasts)
    factor, freedom = nass_correction(np.array([0.975, *[0.00625] * 4]), 700)
    assert result.p_value == pytest.approx(chi2.sf(factor * result.statistic, freedom), rel=1e-12)


def test_multinomial_sees_what_one_level_does_not() -> None:
    """The right number of hits, all of them in the far half of the tail:
    Kratz, Lok & McNeil's reason for several levels.
    """
    pit = np.concatenate([np.linspace(1e-4, 0.012, 25), np.linspace(0.03, 0.999, 975)])
    forecasts = right_forecasts(1000, 0.975, 1, uniforms=pit)
    assert Multinomial(levels=1).test(forecasts).p > 0.3
    assert Multinomial(levels=4).test(forecasts).p < 0.01


def test_no_levels_are_refused() -> None:
    with pytest.raises(ConfigError, match="levels"):
        Multinomial(levels=0)
