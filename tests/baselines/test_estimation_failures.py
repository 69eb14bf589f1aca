"""Hard series at the door of the baselines: a fit, or a sentence, and never a warning."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
from arch.univariate import SkewStudent
from scipy.stats import kstest

from simgan.baselines import BASELINES, Baseline, garch, library_errors_as_training_errors
from simgan.baselines.volatility import GARCH, Estimate, FittedVolatility, estimate
from simgan.baselines.volatility_parts import (
    LEAST_DEGREES,
    MOST_DEGREES,
    Density,
    Egarch,
    Gjr,
    HistoricalInnovations,
    Normal,
    SkewT,
    StudentT,
)
from simgan.errors import ConfigError, SimganError, TrainingError
from simgan.seeds import Seed


def rng(number: int = 0) -> np.random.Generator:
    return Seed(17).stream("validation", number)


def thin(days: int = 300) -> np.ndarray:
    """A stock that trades on one day of five."""
    trades = rng(1).random(days) < 0.2
    return np.where(trades, 0.02 * rng(2).standard_normal(days), 0.0)[:, None]


def calm_with_jumps(days: int = 300) -> np.ndarray:
    """A peg: returns of a basis point, and three jumps."""
    returns = 1e-4 * rng(3).standard_normal(days)
    returns[[100, 150, 250]] = [-0.15, 0.05, -0.3]
    return returns[:, None]


def uniform(days: int = 300) -> np.ndarray:
    """Tails thinner than those of a normal law: the likelihood of a t law rises with ν for ever."""
    return 0.01 * rng(4).uniform(-1.0, 1.0, days)[:, None]


HARD = {"thin": thin(), "jumps": calm_with_jumps(), "uniform": uniform()}


@pytest.mark.parametrize(
    ("name", "series"), [("gjr-skew-t", "thin"), ("gjr-skew-t", "jumps"), ("egarch-fhs", "uniform")]
)
def test_a_hard_series_gives_a_fit_or_a_sentence_and_no_warning(name: str, series: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            fitted = BASELINES.build(name).fit(HARD[series])
        except SimganError as error:
            assert name in str(error) and "\n" not in str(error)
        else:
            assert np.isfinite(fitted.simulate_long_run(5, Seed(1), 0, 9)).all()


def test_thin_tails_end_at_the_most_degrees_that_arch_allows() -> None:
    """On the old code arch refused ν above 300 with a raw ValueError."""
    law = BASELINES.build("gjr-skew-t").fit(uniform()).innovations  # type: ignore[attr-defined]
    assert 30.0 < law.degrees_of_freedom <= MOST_DEGREES


def test_the_bounds_of_degrees_are_those_of_arch() -> None:
    low, high = SkewStudent().bounds(np.empty(0))[0]
    assert (low, high) == (LEAST_DEGREES, MOST_DEGREES)


@pytest.mark.parametrize("free", [-10.0, 0.0, 10.0])
@pytest.mark.parametrize("skew", [-10.0, 0.0, 10.0])
def test_every_skewed_t_law_that_is_searched_has_a_share_of_falls(free: float, skew: float) -> None:
    law = SkewT.of(np.array([free, skew]))
    assert 0.0 < law.negative_share < 1.0


@pytest.mark.parametrize(
    "error", [ValueError("bounds"), np.linalg.LinAlgError("singular"), OverflowError("large")]
)
def test_an_error_of_a_library_becomes_a_sentence(error: Exception) -> None:
    sentence = r"gjr-t: the estimation failed .* longer history"
    with (
        pytest.raises(TrainingError, match=sentence),
        library_errors_as_training_errors("gjr-t"),
    ):
        raise error


@pytest.mark.parametrize("error", [TypeError("bug"), IndexError("bug"), MemoryError()])
def test_a_bug_and_a_full_memory_stay_as_they_are(error: Exception) -> None:
    with pytest.raises(type(error)), library_errors_as_training_errors("gjr-t"):
        raise error


def test_our_own_errors_keep_their_type_and_fields() -> None:
    with pytest.raises(ConfigError) as caught, library_errors_as_training_errors("gjr-t"):
        raise ConfigError("gjr-t", "days", 3, "at least 250")
    assert caught.value.field == "days"


@pytest.mark.parametrize("name", BASELINES)
def test_a_fit_and_its_refusal_travel_to_another_process(name: str) -> None:
    member = pickle.loads(pickle.dumps(BASELINES.build(name)))  # noqa: S301
    assert isinstance(member, Baseline) and member == BASELINES.build(name)
    with pytest.raises(ConfigError) as caught:
        member.fit(np.full((900, 1), 0.01))
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301


@pytest.mark.parametrize("law", [Normal(), StudentT(7.0), SkewT(6.0, -0.3)])
def test_draws_of_more_rows_begin_with_those_of_fewer(law: Density) -> None:
    short, long = (law.draw(Seed(1).stream("baseline"), (rows, 20)) for rows in (3, 9))
    np.testing.assert_array_equal(short, long[:3])


def test_student_draws_follow_the_standardised_law_and_a_twin_is_found() -> None:
    """Chance of a false alarm 1e-5 each."""
    z = StudentT(5.0).draw(Seed(3).stream("baseline"), (20, 1000)).ravel()
    scaled = z / np.sqrt(3.0 / 5.0)
    assert kstest(scaled, "t", args=(5.0,)).pvalue > 1e-5
    assert kstest(z, "t", args=(5.0,)).pvalue < 1e-5


def test_historical_innovations_are_standardised_by_hand() -> None:
    law = HistoricalInnovations.of_raw(np.array([1.0, 2.0, 3.0, 6.0]))
    np.testing.assert_allclose(law.residuals, (np.array([1, 2, 3, 6]) - 3) / np.sqrt(3.5))
    assert law.negative_share == pytest.approx((4 + 1) / 3.5 / 4)


def test_persistence_by_hand() -> None:
    recursion = Gjr(variance=4.0, alpha=0.05, gamma=0.1, beta=0.8)
    assert recursion.persistence == pytest.approx(0.9)
    assert recursion.persistence_under(0.7) == pytest.approx(0.92)
    assert recursion.omega == pytest.approx(0.4)


@pytest.mark.parametrize(
    "recursion", [Gjr(2.0, 0.05, 0.1, 0.8), Egarch(0.5, 0.1, -0.05, 0.9)], ids=["gjr", "egarch"]
)
def test_shocks_of_four_times_the_variance_have_twice_the_size(recursion: Gjr | Egarch) -> None:
    z = rng(5).standard_normal((50, 3))
    start = np.full(3, recursion.variance)
    small, large = recursion.roll(start, z), recursion.times(4.0).roll(4.0 * start, z)
    np.testing.assert_allclose(large, 2.0 * small, rtol=1e-12)


def test_a_moving_average_starts_a_free_run_at_once() -> None:
    """It has no stationary law, so the first day has the variance of the sample."""
    series = 0.01 * rng(6).standard_normal((600, 1))
    model = BASELINES.build("ewma-normal").fit(series)
    first = model.simulate_long_run(1, Seed(1), 0, 20_000)
    # 20,000 normal draws: relative standard error of the deviation .005, five of them
    assert first.std() == pytest.approx(np.sqrt((series**2).mean()), rel=0.025)


@pytest.mark.parametrize("decay", [0.0, 1.0, -0.5, 1.5, float("nan")])
def test_a_decay_outside_of_0_and_1_is_refused(decay: float) -> None:
    with pytest.raises(ConfigError, match="decay"):
        BASELINES.build("ewma-fhs", {"decay": decay})


def test_the_burn_in_of_a_stationary_model_is_not_part_of_its_paths() -> None:
    """Constant innovations of size 1: the variance has settled at its fixed point long before."""
    model = FittedVolatility(
        "x", 0.0, Gjr(1.0, 0.1, 0.0, 0.8), HistoricalInnovations(np.array([1.0]))
    )
    np.testing.assert_allclose(model.simulate_long_run(3, Seed(1), 0, 2), 1.0, rtol=1e-9)


class NoNumber(Normal):
    """A law whose likelihood is not a number."""

    def log_likelihood(self, shocks: np.ndarray, variance: np.ndarray) -> np.ndarray:
        return np.full(shocks.shape, np.nan)


class Kinked(Normal):
    """A law whose likelihood has a kink at its maximum, where no gradient vanishes."""

    def log_likelihood(self, shocks: np.ndarray, variance: np.ndarray) -> np.ndarray:
        alpha = (variance[1] - 1.0) / (shocks[0] ** 2 - 1.0)  # for σ² starts at its target 1
        return np.full(shocks.shape, -np.abs(alpha - 0.08))


@pytest.mark.parametrize(
    ("law", "words"),
    [
        (NoNumber, "the likelihood is not finite on the way to its maximum"),
        (Kinked, r"the likelihood has gradient \d\.\de[-+]\d+ at its best point"),
    ],
    ids=["not a number", "a kink"],
)
def test_a_search_without_a_maximum_is_one_sentence(law: type[Normal], words: str) -> None:
    with pytest.raises(TrainingError, match=f"garch: {words}; use a longer history"):
        estimate(uniform(), "garch", GARCH, law)


def test_a_search_that_stops_early_goes_on_with_central_differences() -> None:
    """Of ordinary histories of 1,000 days, one in forty was refused for this."""
    law = FittedVolatility("made", 0.0, Gjr(1e-4, 0.03, 0.08, 0.90), Normal())
    days = law.simulate_long_run(1000, Seed(67), 0, 1)[0]
    found = BASELINES.build("gjr-fhs").fit(days)
    assert isinstance(found, FittedVolatility) and isinstance(found.recursion, Gjr)
    assert found.recursion.beta == pytest.approx(0.85, abs=0.01)


def test_residuals_under_which_the_variance_would_grow_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Falls have all the weight in residuals of one sign: α + γ + β = 1.05."""
    explosive = Gjr(1e-4, 0.0, 0.2, 0.85)
    falls = HistoricalInnovations(np.array([-1.0]))
    monkeypatch.setattr(garch, "estimate", lambda *rest: Estimate(0.0, explosive, Normal()))
    monkeypatch.setattr(garch, "residuals", lambda *rest: falls)
    with pytest.raises(TrainingError, match=r"the variance grows by 1\.0500 a day; use gjr-t"):
        BASELINES.build("gjr-fhs").fit(uniform())
    even = HistoricalInnovations(np.array([-1.0, 1.0]))
    monkeypatch.setattr(garch, "residuals", lambda *rest: even)
    assert BASELINES.build("gjr-fhs").fit(uniform()).kind == "gjr-fhs"
