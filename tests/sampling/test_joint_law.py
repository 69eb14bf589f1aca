"""Days of the joint law: blocks of consecutive rows, each of them once, in any order."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from made_joint import BLUEPRINT
from scipy.special import ndtri
from scipy.stats import rankdata

from simgan.recipe.blueprints.joint import Joint
from simgan.sampling.joint_law import JointLaw, places
from simgan.sampling.latent import Tilt
from simgan.seeds import Seed
from simgan.stats.joint_scores import learned

DAYS, STEPS, PATHS = 3000, 120, 1000


def law_of(
    rows: np.ndarray, block: int, toward: tuple[float, ...] | None = None, target: float = 0.0
) -> JointLaw:
    """A law of given rows whose correlations stand at a value, without noise in a row."""
    count, assets = rows.shape
    weights = {
        "target": np.eye(assets) * (1 - target) + target,
        "co_mix": np.ones(1),
        "rows": rows,
        "margins": np.zeros((assets, 2)),
    }
    blueprint = Joint(members=(BLUEPRINT,) * assets, rows=count, block=block, smoothing=0.0)
    singles = {key: each.astype(np.float32) for key, each in weights.items()}
    return JointLaw(blueprint, singles, toward)


def middles(count: int) -> np.ndarray:
    """Scores that divide a standard normal law into so many equal parts."""
    return ndtri((np.arange(count) + 0.5) / count)


def drawn(law: JointLaw, steps: int, paths: int, tilt: float = 0.0) -> np.ndarray:
    normals = Seed(3).stream("latent").standard_normal((2, steps, paths), dtype=np.float32)
    return law.days(normals[0] + np.float32(tilt), normals[1])


def drawn_from(law: JointLaw, steps: int, of_block: np.ndarray) -> np.ndarray:
    """Days of paths whose blocks are chosen by given scores (paths,)."""
    of_days = Seed(3).stream("latent").standard_normal((steps, len(of_block)), dtype=np.float32)
    return law.days(of_days, np.tile(of_block, (steps, 1)))


def news_of(law: JointLaw, steps: int, paths: int) -> np.ndarray:
    """Scores without correlation (steps, paths, 2)."""
    rng = Seed(4).stream("latent")
    of_days, of_blocks = rng.standard_normal((2, steps, paths), dtype=np.float32)
    of_means, noise = rng.standard_normal((2, steps, paths, 2), dtype=np.float32)
    return law.news(law.days(of_days, of_blocks), of_blocks, of_means, noise)


@pytest.mark.parametrize(("count", "block"), [(30, 6), (70, 14), (340, 60)])
def test_sums_of_days_have_the_variance_of_independent_days(count: int, block: int) -> None:
    """Each row once would give a block the chance of its mean: rows that alternate have none."""
    rows = np.random.default_rng(0).standard_normal((count, 2))
    rows[:, 0] = np.where(np.arange(count) % 2, 1.0, -1.0)
    rows = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    law = law_of(rows, block)
    for steps in (block, 3 * block):
        sums = news_of(law, steps, 20_000).sum(axis=0)
        assert sums.var(axis=0) / steps == pytest.approx(np.ones(2), abs=0.06)
    law._means[:], law._spreads[:] = 0, 0
    assert news_of(law, block, 20_000).sum(axis=0).var(axis=0)[0] / block < 0.1


def test_places_of_draws_without_replacement_by_hand() -> None:
    """Of four, the third is taken; of 0, 1, 3 the second; of 0, 3 the second; then 0."""
    ranks = np.array([[2], [1], [1], [0]], np.int32)
    assert places(ranks).ravel().tolist() == [2, 1, 3, 0]


def test_places_are_those_of_a_list_from_which_draws_are_removed() -> None:
    counts = np.arange(40, 0, -1)
    ranks = np.random.default_rng(0).integers(0, counts[:, None], (40, 50)).astype(np.int32)
    for column, found in zip(ranks.T, places(ranks).T, strict=True):
        left = list(range(40))
        assert found.tolist() == [left.pop(rank) for rank in column]


def test_every_step_has_each_row_with_the_same_probability() -> None:
    """By all 7 · 3 · 2 pairs of scores that give another block of 3 of 7 rows, in every order."""
    law = law_of(np.random.default_rng(0).standard_normal((7, 2)), 3)
    starts, first, second = (
        each.ravel() for each in np.meshgrid(middles(7), middles(3), middles(2), indexing="ij")
    )
    scores = np.stack([first, second, np.zeros_like(first)]).astype(np.float32)
    found = law.days(scores, np.tile(starts, (3, 1)).astype(np.float32))
    for step in found:
        assert np.bincount(step, minlength=7).tolist() == [6] * 7
    for path in found.T.tolist():
        assert sorted(path) in [sorted((s, (s + 1) % 7, (s + 2) % 7)) for s in range(7)]
    assert len({tuple(path) for path in found.T.tolist()}) == 7 * 6


def test_a_block_has_consecutive_rows_and_no_row_twice() -> None:
    """The last one of 7 steps is cut off. Two blocks of a path begin independently."""
    law = law_of(np.random.default_rng(0).standard_normal((100, 2)), 20)
    found = drawn(law, 47, 300)
    for block in (found[:20], found[20:40]):
        sorted_days = np.sort(block, axis=0)
        around = (sorted_days[[-1]] - sorted_days[[0]] > 20) & (sorted_days < 50)
        unrolled = np.sort(sorted_days + 100 * around, axis=0)
        assert (np.diff(unrolled, axis=0) == 1).all()
    assert all(len(set(path)) == 7 for path in found[40:].T.tolist())
    starts = [np.exp(2j * np.pi * block / 100).mean(axis=0) for block in (found[:20], found[20:40])]
    assert abs(np.vdot(*starts)) / np.linalg.norm(starts[0]) / np.linalg.norm(starts[1]) < 0.3


def test_more_steps_begin_with_those_of_fewer() -> None:
    law = law_of(np.random.default_rng(0).standard_normal((100, 2)), 20)
    normals = Seed(3).stream("latent").standard_normal((2, 60, 50), dtype=np.float32)
    whole = law.days(*normals)
    for steps in (1, 19, 20, 21, 45):
        assert (law.days(*normals[:, :steps]) == whole[:steps]).all()


def test_a_low_score_is_a_day_on_which_the_market_falls() -> None:
    rows = np.random.default_rng(0).standard_normal((500, 4))
    found = law_of(rows, 20).days(
        np.linspace(-4, 4, 900, dtype=np.float32)[None], np.tile(middles(30), 30)[None]
    )
    of_market = rows.mean(axis=1)[found[0]]
    assert np.corrcoef(of_market, rankdata(np.linspace(-4, 4, 900)))[0, 1] > 0.8
    assert of_market[:200].max() < 0 < of_market[-200:].min()


def test_tilted_scores_estimate_the_same_probability() -> None:
    """Of a fall of the market over ten days, within four standard errors: p = 6e-5."""
    rows = np.random.default_rng(0).standard_normal((DAYS, 4))
    law, tilt = law_of(rows, 40), Tilt(-0.3, 1.0, 1)
    normals = Seed(3).stream("latent").standard_normal((2, 10, 40_000), dtype=np.float32)
    plain = law.days(*normals)
    tilted = law.days(normals[0] + np.float32(tilt.shift), normals[1])
    weights = tilt.weights(normals[0][..., None])
    falls = [rows.mean(axis=1)[days].sum(axis=0) < -3 for days in (plain, tilted)]
    assert falls[1].mean() > 3 * falls[0].mean()
    estimates = falls[0].astype(float), falls[1] * weights
    error = np.hypot(*(each.std() / np.sqrt(each.size) for each in estimates))
    assert abs(estimates[0].mean() - estimates[1].mean()) < 4 * error
    assert abs(falls[1].mean() - estimates[0].mean()) > 4 * error  # without weights


@pytest.mark.parametrize("toward", [(1.0, 0.0), (-0.6, 0.8)])
def test_a_law_that_is_turned_is_the_same_law_in_another_order(toward: tuple[float, ...]) -> None:
    """A low ζ is a row that is low along the direction, and a high v is a block of large rows."""
    rows = world(follows=False)
    law, turned = law_of(rows, 20), law_of(rows, 20, toward)
    along = rows @ np.array(toward)
    scores = np.linspace(-3, 3, 900, dtype=np.float32)[None]
    found = turned.days(scores, np.tile(middles(30), 30)[None].astype(np.float32))[0]
    assert np.corrcoef(along[found], rankdata(scores))[0, 1] > 0.9
    calm, large = (
        np.square(along[drawn_from(turned, 20, np.full(500, v, np.float32))]).mean()
        for v in (-1.5, 1.5)
    )
    assert large > 2 * calm
    counts = np.bincount(drawn(turned, 60, 2000).ravel(), minlength=len(rows))
    assert np.abs(counts - counts.mean()).max() < 6 * np.sqrt(counts.mean())
    for one, other in ((law._means, turned._means), (law._spreads, turned._spreads)):
        np.testing.assert_array_equal(np.sort(one, axis=0), np.sort(other, axis=0))


def test_a_direction_is_that_of_correlated_scores() -> None:
    """With the root L of (1, ρ; ρ, 1), the sum of both scores rises along Lᵀ(1, 1)."""
    law = law_of(np.random.default_rng(0).standard_normal((50, 2)), 5, target=0.6)
    expected = np.array([1.6, 0.8]) / np.hypot(1.6, 0.8)
    assert law.direction(np.ones(2)) == pytest.approx(expected)
    assert law.direction(np.array([0.0, -3.0])) == pytest.approx([-0.6, -0.8])


@cache
def world(follows: bool) -> np.ndarray:
    """Scores (days, 2): the size of asset 2 is that of asset 1 three days before, or its own.

    Sizes are independent from day to day, and so each asset alone has white scores.
    """
    rng = np.random.default_rng(5)
    sizes = np.where(rng.random((DAYS + 3, 2)) < 0.1, 4.0, 0.3)
    if follows:
        sizes[3:, 1] = sizes[:-3, 0]
    values = (sizes * rng.standard_normal(sizes.shape))[3:]
    return np.asarray(ndtri((rankdata(values, axis=0) - 0.5) / DAYS))


def free(scores: np.ndarray, block: int) -> np.ndarray:
    """Free scores (paths, steps, 2) of the law that is learned from scores."""
    half_lives, weights = learned(scores, most=block)
    blueprint = Joint(
        members=(BLUEPRINT,) * 2,
        rows=len(weights["rows"]),
        block=block,
        smoothing=0.2,
        **half_lives._asdict(),
    )
    law = JointLaw(blueprint, weights)
    news = news_of(law, STEPS, PATHS)
    first = law.memory.packed(law.memory.first()).astype(np.float32)
    state = law.memory.unpacked(np.tile(first, (PATHS, 1, 1)))
    return law.normal(np.stack([law.next(state, each) for each in news])).swapaxes(0, 1)


@cache
def free_of(follows: bool, block: int) -> np.ndarray:
    """Free scores of a world."""
    return free(world(follows), block)


def moved_together(scores: np.ndarray) -> float:
    """The correlation of the two assets in the mean squared scores of twenty days."""
    months = np.square(scores.reshape(-1, 20, 2)).mean(axis=1)
    return float(np.corrcoef(months.T)[0, 1])


def test_unrest_that_follows_days_later_is_kept() -> None:
    """Rows one by one lose it, and with it most of the correlation of months."""
    real = moved_together(world(True))
    assert real > 0.4
    assert moved_together(free_of(True, 20)) > 0.8 * real
    assert moved_together(free_of(True, 1)) < 0.1


def test_assets_without_anything_in_common_have_nothing_in_common() -> None:
    """A history of 150 months has a correlation of ±.16 by chance, which its blocks repeat."""
    scores = free_of(False, 20)
    assert abs(moved_together(scores)) < 0.16
    assert abs(np.corrcoef(scores.reshape(-1, 2).T)[0, 1]) < 0.05


@pytest.mark.parametrize("asset", [0, 1])
def test_scores_of_an_asset_alone_are_white_and_normal_at_every_step(asset: int) -> None:
    """Standard errors of the quantiles are .12, .04 and .12, and .003 for autocorrelations."""
    own = free_of(True, 20)[..., asset].astype(float)
    for values in (own, np.square(own) - 1):
        scale = values.var()
        found = [(values[:, lag:] * values[:, :-lag]).mean() / scale for lag in (1, 2, 5, 10, 30)]
        assert found == pytest.approx(np.zeros(5), abs=0.03)
    for step in (0, 10, 19, 20, 119):
        found = np.quantile(own[:, step], (0.01, 0.5, 0.99))
        assert found == pytest.approx([-2.326, 0.0, 2.326], abs=0.45)
