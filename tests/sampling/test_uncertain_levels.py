"""Scenarios whose long-run volatility is drawn: by the scaling of the law, and by address."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_bundle import made_bundle, made_history

from simgan.errors import ConfigError
from simgan.recipe.blueprints import BLUEPRINTS
from simgan.recipe.blueprints.state_space import StateSpace
from simgan.sampling.conditional import sample_given
from simgan.sampling.latent import Drawing
from simgan.sampling.model import Model
from simgan.sampling.start import LEVEL
from simgan.scenarios.block import joined
from simgan.seeds import Seed

MODEL = Model(made_bundle(blueprint=StateSpace(ranges=1)))
HISTORY = made_history()


def drawn(level: float, as_of: str = "latest", days: int = 20, **asked: int) -> np.ndarray:
    drawing = Drawing(**({"n": 512, "horizon": days} | asked))
    return joined(list(MODEL.draw(drawing, MODEL.start(as_of).at_level(level)))).log_returns[..., 0]


def test_a_level_scales_the_long_run_and_hardly_the_next_day() -> None:
    """Of scenario i: stationary paths by λ, and those after a history by λ later on."""
    levels = MODEL.start().at_level(LEVEL).levels(MODEL.seed_of(Seed()), 0, slice(0, 512))[:512]
    plain, scaled = drawn(0.0, "stationary"), drawn(LEVEL, "stationary")
    np.testing.assert_allclose(scaled, plain * levels[:, None], rtol=1e-4, atol=1e-7)
    first = np.abs(drawn(LEVEL)[:, 0] / drawn(0.0)[:, 0])
    assert np.median(np.abs(np.log(first))) < 0.1 * LEVEL  # the long run has a tenth of the weight
    asked = {"days": 1500, "n": 128}
    later = [np.abs(drawn(level, **asked)[:, -100:]).mean(axis=1) for level in (LEVEL, 0.0)]
    apart = np.log(later[0] / later[1]) - np.log(levels[:128])
    assert np.abs(apart).max() < 0.25 * LEVEL  # the same noise forgets the start


@pytest.mark.parametrize("number", [0, 5, 300])
def test_a_scenario_is_its_level_times_that_of_a_history_divided_by_it(number: int) -> None:
    start, blueprint = MODEL.start(), MODEL.bundle.manifest.blueprint
    level = start.at_level(LEVEL).levels(MODEL.seed_of(Seed()), 0, slice(0, 512))[number]
    divided = replace(start, memory=blueprint.rescaled(start.memory, level**-2))
    [of_divided] = MODEL.draw(Drawing(n=1, horizon=20, first=number), divided)
    np.testing.assert_allclose(
        drawn(LEVEL, n=1, first=number)[0], level * of_divided.log_returns[0, :, 0], rtol=1e-5
    )


def test_blocks_and_conditions_take_the_levels_of_sample() -> None:
    whole = MODEL.sample(600, 5, level_uncertainty=True).log_returns
    blocks = MODEL.stream(600, 5, block=250, level_uncertainty=True)
    np.testing.assert_array_equal(np.concatenate([one.log_returns for one in blocks]), whole)
    calm = sample_given(MODEL, "cumulative<0", 100, 5, level_uncertainty=True).scenarios
    assert calm.numbers is not None and calm.numbers.max() < 600
    np.testing.assert_array_equal(calm.log_returns, whole[calm.numbers])
    assert not np.array_equal(whole, MODEL.sample(600, 5).log_returns)


def test_levels_are_lognormal_with_median_one() -> None:
    """Five standard errors of 2,048 scores."""
    scores = np.log(MODEL.start().at_level(LEVEL).levels(Seed(3), 0, slice(0, 2048))) / LEVEL
    assert abs(scores.mean()) < 5 / np.sqrt(2048)
    assert scores.std() == pytest.approx(1, abs=5 / np.sqrt(2 * 2048))
    assert (MODEL.start().levels(Seed(3), 0, slice(0, 2048)) == 1).all()


def test_a_scenario_depends_on_its_number_alone() -> None:
    whole = drawn(LEVEL, n=3000)
    np.testing.assert_array_equal(drawn(LEVEL, n=10, first=2100), whole[2100:2110])
    assert np.array_equal(drawn(0.0), drawn(0.0)) and not np.array_equal(drawn(0.0), drawn(LEVEL))


def test_shapes_scale_with_the_returns() -> None:
    plain = MODEL.sample(64, 5, as_of="stationary", bars=True)
    scaled = MODEL.sample(64, 5, as_of="stationary", bars=True, level_uncertainty=True)
    ratio = scaled.log_returns / plain.log_returns
    assert plain.shapes is not None and scaled.shapes is not None
    np.testing.assert_allclose(scaled.shapes, plain.shapes * ratio[..., None], rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("kind", ["mlp", "tcn", "recurrent"])
def test_a_state_of_a_network_has_no_unit(kind: str) -> None:
    model = Model(made_bundle(blueprint=BLUEPRINTS.build(kind)))
    if kind == "recurrent":
        with pytest.raises(ConfigError, match=r"level_uncertainty.*recurrent keeps no memory"):
            model.sample(2, 2, level_uncertainty=True)
        return
    plain, uncertain = model.sample(8, 2), model.sample(8, 2, level_uncertainty=True)
    assert not np.array_equal(plain.log_returns, uncertain.log_returns)


def test_a_memory_in_other_units_is_that_of_other_returns() -> None:
    """Of returns divided by three. The factor has no unit."""
    blueprint = StateSpace(ranges=1)
    scaled = HISTORY.log_returns / 0.01
    one, third = (
        blueprint.along((scaled / unit).astype(np.float32), (scaled / unit).astype(np.float32) ** 2)
        for unit in (1, 3)
    )
    one[..., -1] = 0.3
    found = blueprint.rescaled(one, np.float32(1 / 9))
    np.testing.assert_allclose(found[..., :-1], third[..., :-1], rtol=1e-4, atol=1e-6)
    assert (found[..., -1] == np.float32(0.3)).all()


def test_the_level_is_part_of_the_record_of_a_start() -> None:
    start = MODEL.start()
    assert start.at_level(0.2) == replace(start, level=0.2) != start


@pytest.mark.parametrize(
    ("name", "value"), [("level_uncertainty", "yes"), ("level_uncertainty", 0.3), ("bars", "no")]
)
def test_a_wish_is_true_or_false(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"{name} = .*True or False"):
        MODEL.sample(8, 2, **{name: value})  # type: ignore[arg-type]
