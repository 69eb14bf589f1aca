"""Several assets from one model: each has its own law, and all move together."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_bundle import made_bundle
from made_joint import ASSETS, BLUEPRINT, calm_joint, made_joint, made_panel
from scipy.special import ndtr, ndtri

from simgan.bundle.store import Bundle, bundle_of, files_of, read_bundle, write_bundle
from simgan.errors import BundleError, ConfigError, SamplingError
from simgan.recipe.blueprints.joint import Joint
from simgan.sampling.model import Model
from simgan.sampling.runtimes import runtime_of
from simgan.sampling.runtimes.cpu import CpuRuntime
from simgan.sampling.runtimes.joint import JointCpuRuntime, JointRuntime
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime
from simgan.seeds import Seed

MANY = 40_000


def noise(steps: int, paths: int, width: int) -> np.ndarray:
    return Seed(2).stream("latent").standard_normal((steps, paths, width), dtype=np.float32)


def test_known_returns_have_the_scores_that_would_make_them() -> None:
    """One replica. Scores near 0 lie in the interval of days without a move."""
    blueprint = type(BLUEPRINT)(replicas=1, jump=5.0, factor=0.0, doubt=0.0)
    weights = made_bundle(blueprint=blueprint).weights
    runtime = NumpyRuntime(blueprint, weights)
    memory = np.random.default_rng(0).uniform(0.5, 2, (3000, blueprint.width)).astype(np.float32)
    memory[:, blueprint.memory.squares :] = 0  # no trend moves the return of 0 out of its interval
    scores = np.linspace(-4, 4, 3000, dtype=np.float32)
    known = runtime.step(memory[None], scores[None])[0]
    found = runtime.scores(memory, known)
    moves = known != 0
    assert moves.sum() > 2000 and (~moves).sum() > 50
    assert found[moves] == pytest.approx(scores[moves], abs=2e-3)
    assert np.ptp(found[~moves]) < 0.2


def test_a_day_without_a_move_has_the_score_in_the_middle_of_its_interval() -> None:
    """By the probabilities of the ends, which a grid of scores finds to .003."""
    blueprint = type(BLUEPRINT)(replicas=1, jump=5.0, factor=0.0, doubt=0.0)
    runtime = NumpyRuntime(blueprint, made_bundle(blueprint=blueprint).weights)
    memory = np.ones((3000, blueprint.width), np.float32)
    memory[:, blueprint.memory.squares :] = 0
    scores = np.linspace(-4, 4, 3000, dtype=np.float32)
    still = scores[runtime.step(memory[None], scores[None])[0] == 0]
    (found,) = runtime.scores(memory[:1], np.zeros(1, np.float32))
    assert np.ptp(still) > 0.1
    assert found == pytest.approx(ndtri(ndtr([still[0], still[-1]]).mean()), abs=4e-3)


def test_scores_of_a_mixture_are_normal() -> None:
    """Half of the paths run under each replica, and each has other tails."""
    runtime = NumpyRuntime(BLUEPRINT, made_bundle(blueprint=BLUEPRINT).weights)
    memory = np.ones((MANY, 1, BLUEPRINT.width), np.float32)
    memory[..., BLUEPRINT.memory.width :] = 0
    paths, _ = runtime.roll(memory, noise(1, MANY, BLUEPRINT.latent))
    scores = runtime.scores(memory[:, 0], paths[:, 0, 0])
    for share, score in ((0.01, -2.326), (0.1, -1.2816), (0.5, 0.0), (0.99, 2.326)):
        assert np.quantile(scores, share) == pytest.approx(score, abs=0.06)


def errors_of_shares(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Differences of the shares of two samples below quantiles of the first, in standard errors.

    By the binomial law. Its variance is that of both samples.
    """
    shares = np.array([0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
    below = [(each[:, None] <= np.quantile(one, shares)).mean(axis=0) for each in (one, other)]
    return np.asarray((below[1] - below[0]) / np.sqrt(2 * below[0] * (1 - below[0]) / len(one)))


def test_each_asset_has_the_law_of_its_own_generator() -> None:
    """Within four Monte Carlo errors, with a chance of a false alarm of .2 %.

    The twin that must fail is a law of moves that are a tenth larger.
    """
    bundle = made_joint()
    blueprint = bundle.manifest.blueprint
    assert isinstance(blueprint, Joint)
    runtime = runtime_of("cpu", blueprint, bundle.weights)
    memory = np.tile(bundle.latest, (MANY, 1, 1))
    together, _ = runtime.roll(memory, noise(1, MANY, blueprint.latent))
    for column, member in enumerate(blueprint.members):
        own = CpuRuntime(member, blueprint.of_member(bundle.weights, column))
        rolled, _ = own.roll(
            np.ascontiguousarray(memory[:, column : column + 1, : member.width]),
            noise(1, MANY, member.latent),
        )
        alone, found = rolled[:, 0, 0], together[:, 0, column]
        assert np.abs(errors_of_shares(alone, found)).max() < 4
        assert np.abs(errors_of_shares(alone, 1.1 * found)).max() > 4


def runtime_of_joint(bundle: Bundle) -> JointRuntime:
    blueprint = bundle.manifest.blueprint
    assert isinstance(blueprint, Joint)
    return JointRuntime(blueprint, bundle.weights)


def correlation(bundle: Bundle, memory: np.ndarray) -> np.ndarray:
    """Return the correlation of the first two assets after memories (…, assets, W)."""
    blueprint = bundle.manifest.blueprint
    assert isinstance(blueprint, Joint)
    law = blueprint.co_memory(bundle.weights["target"])
    state = law.unpacked(memory[..., blueprint.own_width :])
    found = law.covariances(state, bundle.weights["co_mix"])
    return np.asarray(found[..., 0, 1] / np.sqrt(found[..., 0, 0] * found[..., 1, 1]))


def test_correlations_move_with_the_days_of_a_path() -> None:
    """Whose correlation rises by a day on which both assets fall, or both rise."""
    bundle = made_joint()
    memory = np.tile(bundle.latest, (2000, 1, 1))
    drawn = noise(1, 2000, runtime_of_joint(bundle).blueprint.latent)
    paths, after = runtime_of_joint(bundle).roll(memory, drawn)
    found = np.corrcoef(paths[:, 0, 0] * paths[:, 0, 1], correlation(bundle, after))[0, 1]
    assert found > 0.5


def test_the_pool_holds_days_of_several_correlations() -> None:
    bundle = made_joint()
    assert correlation(bundle, bundle.pool).std() > 0.01


def test_volatility_has_the_share_in_common_that_the_history_has() -> None:
    """By the noise of the factor of two assets, whose correlation is the weight."""
    bundle = made_joint()
    for share in (0.0, 0.6):
        weights = bundle.weights | {"in_common": np.array([share], np.float32)}
        runtime = runtime_of_joint(replace(bundle, weights=weights))
        drawn = noise(1, MANY, runtime.blueprint.latent)
        scores = np.zeros((1, MANY, 3), np.float32)
        factors = [runtime._own(column, scores, drawn)[1][0, :, 1] for column in (0, 1)]
        assert np.corrcoef(*factors)[0, 1] == pytest.approx(share, abs=0.02)
        assert np.std(factors) == pytest.approx(1, abs=0.02)


def test_paths_move_together_as_the_history() -> None:
    model = Model(made_joint())
    days = model.sample(MANY, 1).log_returns[:, 0].astype(float)
    real = made_panel().log_returns
    assert np.corrcoef(days.T) == pytest.approx(np.corrcoef(real.T), abs=0.12)
    is_low = days < np.quantile(days, 0.05, axis=0)
    together = (is_low[:, 0] & is_low[:, 1]).mean()
    assert 0.012 < together < 0.03  # .0025 if they were independent, .020 under normal scores


@pytest.mark.parametrize("start", ["latest", "stationary", "2012-06-01", "2012-01-01..2012-12-31"])
def test_a_scenario_is_the_same_whatever_is_asked_for_beside_it(start: str) -> None:
    model = Model(made_joint())
    whole = model.sample(600, 65, as_of=start)
    assert whole.assets == ASSETS and whole.log_returns.shape == (600, 65, 3)
    for horizon in (3, 62):  # a block of days has 60
        part = model.sample(5, horizon, first=300, as_of=start)
        assert (part.log_returns == whole.log_returns[300:305, :horizon]).all()
    assert (part.initial_price == whole.initial_price).all()


def test_the_memory_along_a_history_ends_in_the_start_state() -> None:
    bundle = made_joint()
    model, panel = Model(bundle), made_panel()
    along = model.memories_along(panel.log_returns, panel.ranges)
    assert along.shape == (len(panel) + 1, 3, bundle.manifest.blueprint.width)
    assert along[-1] == pytest.approx(bundle.latest, abs=1e-5)


def test_an_asset_that_was_listed_later_waits_with_its_memory() -> None:
    bundle = made_joint((0, 0, 900))
    facts = bundle.manifest.joint
    assert facts is not None
    assert [member.data.days for member in facts.members] == [1500, 1500, 600]
    model = Model(bundle)
    assert np.isfinite(model.sample(100, 5).log_returns).all()
    along = model.memories_along(made_panel(listed=(0, 0, 900)).log_returns)
    own = BLUEPRINT.width
    assert (along[:901, 2, :own] == along[0, 2, :own]).all()
    assert (along[901, 2, :own] != along[900, 2, :own]).any()
    for too_early in ("2012-06-01", "2012-06-01..2014-01-01"):
        with pytest.raises(ConfigError, match="a history of THREE of 0 days is not possible"):
            model.sample(1, 1, as_of=too_early)


@pytest.mark.parametrize("steps", [12, 150])
def test_engines_agree(steps: int) -> None:
    """Over steps of one block of days, and of three."""
    bundle = calm_joint(1500)
    blueprint = bundle.manifest.blueprint
    memory, drawn = np.tile(bundle.latest, (300, 1, 1)), noise(steps, 300, blueprint.latent)
    fast, slow = (
        runtime_of(engine, blueprint, bundle.weights).roll(memory, drawn)
        for engine in ("cpu", "numpy")
    )
    for one, other in zip(fast, slow, strict=True):
        assert one == pytest.approx(other, abs=2e-4)


def test_a_model_that_drew_days_one_by_one_is_refused() -> None:
    files = files_of(made_joint())
    manifest = json.loads(files["manifest.json"])
    del manifest["joint"]["block"]
    files["manifest.json"] = json.dumps(manifest).encode()
    with pytest.raises(BundleError, match=r"joint law of an earlier simgan.*fit the assets again"):
        bundle_of(files, "here")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("block", 0, "joint: block must be"),
        ("block", 1441, "joint: block must be"),
        ("smoothing", -0.1, "joint: smoothing must be"),
        ("smoothing", 1.5, "noise in the scores of a day is above 1"),
    ],
)
def test_a_joint_law_that_nothing_can_draw_is_refused(key: str, value: float, words: str) -> None:
    """A block of days has 1 to 1,440 rows, as many as there are."""
    files = files_of(made_joint())
    manifest = json.loads(files["manifest.json"])
    manifest["joint"][key] = value
    files["manifest.json"] = json.dumps(manifest).encode()
    with pytest.raises(BundleError, match=words):
        bundle_of(files, "here")


def test_a_model_comes_back_from_disk(tmp_path: Path) -> None:
    bundle = made_joint()
    write_bundle(bundle, tmp_path / "made")
    again = read_bundle(tmp_path / "made")
    assert again.manifest.joint == bundle.manifest.joint
    before, after = (Model(each).sample(50, 4).log_returns for each in (bundle, again))
    assert (before == after).all()


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("target", lambda w: -w, "not positive definite"),
        ("co_mix", lambda w: -w, "below 0"),
        ("margins", lambda w: w[:, ::-1], "scores falls"),
        ("rows", lambda w: w[:-1], "do not fit its blueprint"),
        ("tails:1", lambda w: -w, "asset 2: a shape of its tails"),
    ],
)
def test_damaged_weights_are_refused(
    name: str, change: Callable[[np.ndarray], np.ndarray], message: str
) -> None:
    bundle = made_joint()
    weights = bundle.weights | {name: np.ascontiguousarray(change(bundle.weights[name]))}
    with pytest.raises(BundleError, match=message):
        bundle_of(files_of(replace(bundle, weights=weights)), "here")


@pytest.mark.parametrize("ranges", [(False, False, False), (True, False, True)])
def test_bars_need_ranges_of_every_asset(ranges: tuple[bool, ...]) -> None:
    model = Model(made_joint(ranges=ranges))
    assert np.isfinite(model.sample(10, 3).log_returns).all()
    without = ", ".join(name for name, known in zip(ASSETS, ranges, strict=True) if not known)
    with pytest.raises(SamplingError, match=f"made makes no bars, because {without} learned from"):
        model.sample(1, 1, bars=True)


def test_assets_with_ranges_have_bars() -> None:
    """They hold open and close, are those of both engines, and change no return."""
    bundle = made_joint(ranges=(True, True, True))
    plain = Model(bundle).sample(40, 6)
    found = [Model(bundle, engine).sample(40, 6, bars=True) for engine in ("cpu", "numpy")]
    assert (found[0].log_returns == plain.log_returns).all()
    opens, highs, lows, closes = np.moveaxis(found[0].bars(), -1, 0)
    assert closes.shape == (40, 6, 3)
    assert (lows <= np.minimum(opens, closes)).all() and (highs >= np.maximum(opens, closes)).all()
    assert closes == pytest.approx(found[0].prices()[:, 1:])
    assert found[1].shapes == pytest.approx(found[0].shapes, abs=1e-4)


@pytest.mark.parametrize("column", [0, 1, 2])
def test_the_noise_of_shapes_of_an_asset_moves_no_other(column: int) -> None:
    """The last columns of the noise of a member are those of its shapes."""
    bundle = made_joint(ranges=(True, True, True))
    blueprint = bundle.manifest.blueprint
    assert isinstance(blueprint, Joint)
    runtime = JointCpuRuntime(blueprint, dict(bundle.weights))
    memory = np.repeat(bundle.latest[None], 40, axis=0)
    drawn = noise(6, 40, blueprint.latent)
    scaled, _ = runtime.roll(memory, drawn)
    before = runtime.shapes(memory, scaled, drawn)
    own = blueprint.noise_of(column)[1 + blueprint.members[column].factors :]
    assert own
    drawn[..., own] *= -1
    others = [other for other in range(3) if other != column]
    rolled, _ = runtime.roll(memory, drawn)  # a shape goes into the memory of its asset
    assert (rolled[..., others] == scaled[..., others]).all()
    assert (rolled[..., column] != scaled[..., column]).any()
    after = runtime.shapes(memory, scaled, drawn)
    assert (after[:, :, others] == before[:, :, others]).all()
    assert (after[:, :, column] != before[:, :, column]).any(axis=-1).mean() > 0.9


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ((False, False, False), "closes"),
        ((True, False, True), "the ranges of ONE, THREE, and closes of the others"),
        ((True, True, True), "ranges and closes; it makes bars"),
    ],
)
def test_a_model_tells_the_history_of_each_asset(ranges: tuple[bool, ...], words: str) -> None:
    summary = Model(made_joint(ranges=ranges)).summary()
    assert f"learned from  {words}\n" in summary
    lines = [line.split() for line in summary.splitlines()]
    assert [line[:4] for line in lines if line[0] in ASSETS] == [
        [asset, "2010-01-01", "to", "2014-02-08,"] for asset in ASSETS
    ]


def test_a_part_of_the_assets_has_the_same_numbers() -> None:
    whole = Model(made_joint()).sample(20, 4)
    part = whole.of_assets(("THREE", "ONE"))
    assert part.assets == ("THREE", "ONE")
    assert (part.log_returns == whole.log_returns[..., [2, 0]]).all()
    assert whole.initial_price is not None and part.initial_price is not None
    assert part.initial_price.tolist() == whole.initial_price[[2, 0]].tolist()
