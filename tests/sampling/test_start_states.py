"""Start states: each scenario has the memory that its rule gives, evenly and under its replica."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_bundle import made_bundle, made_history
from scipy.stats import chisquare, kstest, kurtosis, norm

from simgan.errors import ConfigError, SamplingError, UnknownNameError
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.sampling.groups import expect_possible
from simgan.sampling.latent import BLOCK, GROUP, Drawing, normals
from simgan.sampling.model import Model
from simgan.sampling.start import RUN_IN, FromDays, FromLongRun, FromMemory
from simgan.seeds import Seed

MODEL = Model(made_bundle())
ALL = slice(0, GROUP * BLOCK)
PRICE = np.array([10.0])
WIDTH = MODEL.bundle.latest.shape[-1]


def days(count: int) -> FromDays:
    """Give states that tell their number."""
    states = np.repeat(np.arange(count, dtype=np.float32), WIDTH).reshape(count, 1, WIDTH)
    return FromDays(states, PRICE)


def test_one_history_gives_every_scenario_the_same_memory_but_for_the_factor() -> None:
    start = FromMemory(MODEL.bundle.latest, PRICE)
    memories = start.memories(MODEL.runtime, Seed(1), 0, ALL)
    assert memories.shape == (GROUP * BLOCK, 1, WIDTH)
    known = np.broadcast_to(MODEL.bundle.latest[..., :-1], (*memories.shape[:2], WIDTH - 1))
    np.testing.assert_array_equal(memories[..., :-1], known)


@pytest.mark.parametrize("doubt", [0.0, 0.15, 0.4])
def test_a_history_tells_its_volatility_up_to_a_doubt_that_keeps_the_variance(
    doubt: float,
) -> None:
    """20,480 scenarios. Chance of a false alarm 1e-5, and a factor without −d² is found."""
    model = Model(made_bundle(blueprint=StateSpace(doubt=doubt)))
    for start in (FromMemory(MODEL.bundle.latest, PRICE), days(37)):
        groups = [start.memories(model.runtime, Seed(1), group, ALL) for group in range(10)]
        factor = np.concatenate(groups)[:, 0, -1].astype(np.float64)
        if not doubt:
            assert not factor.any() or isinstance(start, FromDays)
            continue
        assert kstest(factor, norm(-(doubt**2), doubt).cdf).pvalue > 1e-5
        scaled = np.exp(2 * factor)
        error = scaled.std() / np.sqrt(len(scaled))
        assert abs(scaled.mean() - 1) < 4.4 * error
        assert abs((scaled * np.exp(2 * doubt**2)).mean() - 1) > 4.4 * error


def test_the_doubt_of_a_scenario_depends_on_seed_and_number_alone() -> None:
    start = FromMemory(MODEL.bundle.latest, PRICE)
    whole = start.memories(MODEL.runtime, Seed(1), 3, ALL)
    few = start.memories(MODEL.runtime, Seed(1), 3, slice(300, 301))
    np.testing.assert_array_equal(whole[BLOCK : 2 * BLOCK], few[BLOCK : 2 * BLOCK])
    assert (whole != start.memories(MODEL.runtime, Seed(2), 3, ALL)).any()
    assert (whole != start.memories(MODEL.runtime, Seed(1), 4, ALL)).any()


def test_forecasts_have_the_doubt_too() -> None:
    """Of 40,000 forecasts: the kurtosis grows, the deviation does not."""
    sure, unsure = (
        next(
            Model(made_bundle(blueprint=StateSpace(doubt=doubt))).forecast(
                made_history().log_returns, range(700, 701), 1, 40_000, Seed(1)
            )
        )[:, 0, 0]
        for doubt in (0.0, 0.4)
    )
    assert kurtosis(unsure) > kurtosis(sure) + 0.5
    assert abs(np.log(unsure.std() / sure.std())) < 0.05


def test_several_days_are_drawn_evenly_and_a_twin_is_found() -> None:
    """20,480 draws of 37 days. Chance of a false alarm 1e-5."""
    start = days(37)
    drawn = [start.memories(MODEL.runtime, Seed(1), group, ALL)[:, 0, 0] for group in range(10)]
    counts = np.bincount(np.concatenate(drawn).astype(int), minlength=37)
    assert chisquare(counts).pvalue > 1e-5
    counts[0] += 200
    assert chisquare(counts).pvalue < 1e-5


def test_the_day_of_a_scenario_depends_on_seed_and_number_alone() -> None:
    start = days(500)
    whole = start.memories(MODEL.runtime, Seed(1), 3, ALL)
    few = start.memories(MODEL.runtime, Seed(1), 3, slice(5, 6))
    np.testing.assert_array_equal(whole[:BLOCK], few[:BLOCK])
    assert (whole != start.memories(MODEL.runtime, Seed(2), 3, ALL)).any()
    assert (whole != start.memories(MODEL.runtime, Seed(1), 4, ALL)).any()


def test_a_long_run_state_belongs_to_the_replica_of_its_scenario() -> None:
    """After 20 days under replica i mod R, from a state of that replica."""
    runtime, replicas = MODEL.runtime, MODEL.runtime.blueprint.replicas
    pool = np.repeat(MODEL.bundle.pool[:1], 8 * replicas, axis=0)
    pool *= (1.0 + np.arange(len(pool)) % replicas)[:, None, None]  # a size for each replica
    found = FromLongRun(pool, PRICE).memories(runtime, Seed(1), 0, ALL)
    noise = normals(Seed(1), "free-run", 0, ALL, RUN_IN, 2)
    expected = runtime.roll(np.tile(pool[:replicas], (GROUP * BLOCK // replicas, 1, 1)), noise)[1]
    np.testing.assert_array_equal(found, expected)


def test_prices_change_no_identity_and_states_do() -> None:
    start = FromMemory(MODEL.bundle.latest, PRICE)
    assert start.at_price(2 * PRICE).sha256 == start.sha256
    np.testing.assert_array_equal(start.at_price(2 * PRICE).initial_price, [20.0])
    other = FromMemory(MODEL.bundle.latest + np.float32(1e-3), PRICE)
    assert other.sha256 != start.sha256


def test_a_model_without_a_history_says_so_for_dates_and_takes_one() -> None:
    bare = Model(replace(MODEL.bundle, history=None))
    with pytest.raises(ConfigError, match=r"this model holds no history; give one \(--prices"):
        bare.start("2016-01-01")
    given = bare.start("2016-01-01", made_history())
    assert given.sha256 == MODEL.start("2016-01-01").sha256
    assert bare.start("latest").sha256 == MODEL.start("latest").sha256


def test_a_pool_without_states_starts_the_long_run_from_the_latest() -> None:
    bare = Model(replace(MODEL.bundle, pool=MODEL.bundle.pool[:0]))
    assert bare.start("stationary").sha256 == bare.start("latest").sha256
    assert MODEL.start("stationary").sha256 != MODEL.start("latest").sha256


def test_the_rows_of_a_drawing_cover_it_once() -> None:
    for first, n in ((0, 1), (2047, 2), (5000, 10_000), (2048, 2048)):
        drawing = Drawing(n, 1, Seed(0), first)
        rows = [
            group * 2048 + row
            for group in drawing.groups
            for row in range(drawing.rows(group).start, drawing.rows(group).stop)
        ]
        assert rows == list(range(first, first + n))


def test_a_regime_of_a_model_without_regimes_and_a_block_of_nothing_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="it was fitted without regimes"):
        MODEL.regime("calm")
    assert MODEL.regime(None) is None
    with pytest.raises(ConfigError, match="block = 0"):
        next(MODEL.stream(10, 2, block=0))


def test_workers_share_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(MODEL.runtime), "works_in_processes", False)
    expect_possible(MODEL, Drawing(1, 5), 1)
    with pytest.raises(ConfigError, match="keeps its device to one process"):
        expect_possible(MODEL, Drawing(1, 5), 2)


@pytest.mark.parametrize(("workers", "words"), [(1, "fewer steps$"), (2, "fewer steps or workers")])
def test_a_horizon_that_does_not_fit_is_told_with_both_sizes(
    workers: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2,048 scenarios · 22 bytes · 100,000 steps are 4.2 GiB, and 2 GiB are free."""
    free = {"SC_AVPHYS_PAGES": 2**19, "SC_PAGE_SIZE": 4096, "SC_PAGESIZE": 4096}
    monkeypatch.setattr("simgan.sampling.parallel.os.sysconf", free.__getitem__)
    expect_possible(MODEL, Drawing(1, 16_000), workers)
    size = 4 * workers
    with pytest.raises(SamplingError, match=f"needs about {size} GiB .* and 2 GiB are") as caught:
        expect_possible(MODEL, Drawing(1, 100_000), workers)
    assert caught.match(words)
