"""Scenarios that meet a condition, by rejection and, within error, by tilting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_bundle import made_bundle
from made_joint import ASSETS, made_joint

from simgan.bundle.store import write_bundle
from simgan.errors import ConfigError, SamplingError
from simgan.risk.returns import effective_sample_size
from simgan.sampling import given
from simgan.sampling.conditional import sample_given
from simgan.sampling.given import Acceptance, Given
from simgan.sampling.latent import NO_TILT, Drawing, Tilt, normals
from simgan.sampling.model import Model
from simgan.sampling.runtimes.joint import JointRuntime
from simgan.scenarios.conditions import Condition, Conditions
from simgan.scenarios.writing import write_file
from simgan.seeds import Seed
from simgan.workflows.sample import SampleRequest, order
from simgan.workspace import Workspace

MODEL = Model(made_bundle())
DEEP = "max-drawdown>0.06"  # in ten days; about one in fifty
ALL = MODEL.sample(30_000, 10, seed=2)
JOINT = Model(made_joint())
PLAIN = JOINT.sample(100_000, 5, seed=2)
HOLDS = Condition.parse(DEEP).holds(ALL.log_returns)


@pytest.fixture
def hopeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the condition were too rare for rejection."""
    monkeypatch.setattr(given, "_HOPELESS", 1.0)


def test_rejection_picks_the_first_that_meet_the_condition() -> None:
    found = sample_given(MODEL, DEEP, 100, 10, seed=2)
    numbers = np.flatnonzero(HOLDS)[:100]
    np.testing.assert_array_equal(found.scenarios.numbered, numbers)
    np.testing.assert_array_equal(found.scenarios.log_returns, ALL.log_returns[numbers])
    assert found.scenarios.weights is None and found.effective_size == 100
    assert found.standard_error is not None
    assert abs(found.probability - HOLDS.mean()) < 4 * found.standard_error


def test_weights_make_up_for_the_tilt() -> None:
    """The mean weight is 1, and weighted moments of tilted scores are those of normal ones.

    Within five standard errors.
    """
    noise, tilt = normals(Seed(1), "latent", 0, slice(0, 2048), 4, 1), Tilt(-0.2, 1.1)
    weights, scores = tilt.weights(noise), tilt.of(noise)[0, :, 0]
    for values, expected in ((np.ones(2048), 1.0), (scores, 0.0), (scores**2, 1.0)):
        weighted = weights * values
        assert abs(weighted.mean() - expected) < 5 * weighted.std() / np.sqrt(2048)
    np.testing.assert_array_equal(NO_TILT.of(noise), noise)
    np.testing.assert_array_equal(NO_TILT.weights(noise), 1.0)


@pytest.mark.usefixtures("hopeless")
def test_tilted_scenarios_have_the_law_of_those_that_meet_the_condition() -> None:
    """Probability and mean return are within four standard errors of rejection."""
    found = sample_given(MODEL, DEEP, 4000, 10, seed=3)
    weights, ends = found.scenarios.probable, found.scenarios.log_returns.sum(axis=(1, 2))
    assert (
        Condition.parse(DEEP).holds(found.scenarios.log_returns).all()
        and found.effective_size > 300
        and found.standard_error is not None
    )
    expected_error = np.sqrt(HOLDS.mean() / len(HOLDS))
    assert abs(found.probability - HOLDS.mean()) < 4 * np.hypot(
        found.standard_error, expected_error
    )
    real = ALL.log_returns[HOLDS].sum(axis=(1, 2))
    error = np.hypot(real.std() / np.sqrt(len(real)), real.std() / np.sqrt(found.effective_size))
    assert abs(np.average(ends, weights=weights) - real.mean()) < 4 * error


def test_rare_ones_are_found_by_tilting() -> None:
    found = sample_given(MODEL, "min-cumulative<-0.3", 500, 10, seed=3)
    assert found.scenarios.weights is not None and 0 < found.probability < given._HOPELESS
    assert Condition.parse("min-cumulative<-0.3").holds(found.scenarios.log_returns).all()


def of_log_normal_weights(spread: float, count: int) -> tuple[float, float]:
    """Return the median effective size, and the RMS error in units of the stated errors."""
    noise = Seed(5).stream("latent").standard_normal((200, count))
    weights = np.exp(spread * noise - spread**2 / 2)  # of mean 1
    drawn = 4 * count  # a quarter meets the condition
    totals, squares = weights.sum(axis=1), (weights**2).sum(axis=1)
    stated = np.sqrt((squares / drawn - (totals / drawn) ** 2) / drawn)
    errors = (totals / drawn - 0.25) / stated
    return float(np.median(totals**2 / squares)), float(np.sqrt(np.mean(errors**2)))


def test_an_error_is_stated_only_where_the_weights_can_tell_it() -> None:
    """At an effective size of 2 it was six times too small. From 100 on it is about right."""
    (few, wrong), (many, right) = of_log_normal_weights(4.0, 300), of_log_normal_weights(2.0, 3000)
    assert few < 5 and wrong > 10
    assert 100 < many < 150 and right < 1.5
    for count, weights, is_known in (
        (9, np.ones(9), False),
        (10, np.ones(10), True),
        (200, np.exp(np.arange(200.0) % 7), False),
        (400, 1 + 0.1 * (np.arange(400) % 3), True),
    ):
        acceptance = Acceptance()
        acceptance.add(np.ones(count, bool), weights)
        acceptance.add(np.zeros(3 * count, bool), np.ones(3 * count))
        assert (acceptance.standard_error is not None) == is_known, count
        said = Given(Condition.parse(DEEP)).message(acceptance)
        assert ("standard error not known: it would rest on" in said) != is_known


@pytest.mark.parametrize("strengths", [(0.3, 0.55), ()])
def test_opposite_directions_of_correlated_assets_are_found(
    strengths: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a tilt, or where none serves by rejection. Their probability is that of plain ones."""
    monkeypatch.setattr(given, "_STRENGTHS", strengths)
    is_tilted, sums = len(strengths) > 1, PLAIN.log_returns.sum(axis=1)
    share = ((sums[:, 0] < -0.033) & (sums[:, 1] > 0.033)).mean()
    assert 2e-4 < share < 1e-3
    apart = "ONE:cumulative<-0.033,TWO:cumulative>0.033"
    found = sample_given(JOINT, apart, 600 if is_tilted else 30, 5, seed=3)
    assert (found.scenarios.weights is not None) == is_tilted and found.standard_error is not None
    error = np.hypot(found.standard_error, np.sqrt(share / len(sums)))
    assert abs(found.probability - share) < 4 * error
    drawn = found.scenarios.log_returns.sum(axis=1)
    assert (drawn[:, 0] < -0.033).all() and (drawn[:, 1] > 0.033).all()


@pytest.mark.parametrize(("asset", "is_fall"), [("ONE", True), ("THREE", False), ("", True)])
def test_the_tilt_of_several_assets_is_that_of_the_condition(
    asset: str, is_fall: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It meets the condition with the probability of plain scenarios."""
    monkeypatch.setattr(given, "_STRENGTHS", (0.55, 1.0))
    sums = PLAIN.log_returns.sum(axis=1)
    moved = sums[:, ASSETS.index(asset)] if asset else np.log(np.exp(sums).mean(axis=1))
    share = 6e-4
    bound = np.quantile(moved, share if is_fall else 1 - share)
    condition = f"{asset}{':' * bool(asset)}cumulative{'<' if is_fall else '>'}{bound:.5f}"
    found = sample_given(JOINT, condition, 2000, 5, seed=3)
    assert found.scenarios.weights is not None and found.effective_size > 50
    error = np.sqrt(1 / found.effective_size + 1 / (share * len(sums)))  # relative
    assert abs(found.probability / share - 1) < 4 * error
    sums = found.scenarios.log_returns.sum(axis=1)
    mean = np.average(sums, axis=0, weights=found.scenarios.weights)
    held = Conditions.parse(condition).holds(PLAIN.log_returns, ASSETS)
    real = PLAIN.log_returns[held].sum(axis=1)
    errors = real.std(axis=0) * np.sqrt(1 / len(real) + 1 / found.effective_size)
    assert (np.abs(mean - real.mean(axis=0)) < 4 * errors).all()


def test_an_asset_that_goes_against_the_market_has_a_tilt_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Days in the order of the market are none in that of such an asset."""
    monkeypatch.setattr(given, "_STRENGTHS", (0.55, 1.0))
    monkeypatch.setattr(given, "_MOST", 16 * given.PILOTS)
    rise = Conditions.parse("THREE:cumulative>0.15")
    drawing, start = Drawing(100, 5, Seed(3)), JOINT.start()
    own = Given.plan(rise, JOINT, drawing, start).tilt
    assert own.shift > 0 and own.blocks is not None and own.blocks.toward[2] > 0.9
    monkeypatch.setattr(JointRuntime, "tilt_of_blocks", lambda *_: None)
    assert Given.plan(rise, JOINT, drawing, start).tilt == NO_TILT


def test_conditions_that_cancel_out_have_the_direction_of_the_first() -> None:
    """A range far out, which no plain pilot of 4,096 meets often: its ends pull apart."""
    band = "ONE:cumulative<-0.19,ONE:cumulative>-0.25"
    falls = Conditions.parse(band).falls(ASSETS, np.ones(3))
    np.testing.assert_array_equal(falls, [1.0, 0.0, 0.0])
    sums = PLAIN.log_returns.sum(axis=1)[:, 0]
    share = ((sums < -0.19) & (sums > -0.25)).mean()
    assert 0 < share < given._HOPELESS
    found = sample_given(JOINT, band, 500, 5, seed=3)
    assert found.scenarios.weights is not None and found.effective_size > 20
    error = np.sqrt(1 / found.effective_size + 1 / (share * len(sums)))  # relative
    assert abs(found.probability / share - 1) < 4 * error


def test_a_direction_is_left_only_once_enough_pilots_have_met_the_condition() -> None:
    """The effective size of few pilots says nothing, and falls by chance."""
    pilots = {0.1: (1, 1.0), 0.2: (3, 0.2), 0.3: (50, 8.0), 0.4: (90, 1.5), 0.5: (99, 9.0)}
    asked = []

    def measured(tilt: Tilt) -> tuple[int, float]:
        asked.append(tilt.shift)
        return pilots[tilt.shift]

    found = given._best([[Tilt(shift) for shift in pilots]], measured)
    assert found == (Tilt(0.3), 8.0) and asked == [0.1, 0.2, 0.3, 0.4]


@pytest.mark.parametrize(("size", "is_tilted"), [(0.5, False), (9.0, True), (50.0, True)])
def test_a_weak_tilt_makes_way_for_rejection_that_finds_more(
    size: float, is_tilted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 4,096 plain scenarios 1.6 meet the condition."""
    monkeypatch.setattr(given, "_best", lambda *_: (Tilt(-1.0), size))
    rare = Conditions.parse("ONE:cumulative<-0.1834")
    found = Given.plan(rare, JOINT, Drawing(100, 5, Seed(3)), JOINT.start())
    assert (found.tilt != NO_TILT) == is_tilted


def test_what_cannot_happen_is_told() -> None:
    with pytest.raises(SamplingError, match=r"meet cumulative>1e\+09, .*may be impossible"):
        sample_given(MODEL, "cumulative>1000000000", 1, 5)


def test_equal_weights_are_as_many_as_they_are() -> None:
    assert effective_sample_size(np.full(7, 0.3)) == pytest.approx(7)
    assert effective_sample_size(np.array([1.0, 0, 0])) == pytest.approx(1)
    assert effective_sample_size(np.empty(0)) == 0


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    write_bundle(made_bundle(), tmp_path / "models" / "made")
    return Workspace(tmp_path)


def test_a_file_can_go_on_at_any_rank(workspace: Workspace) -> None:
    source = order(
        SampleRequest(workspace=workspace, name="made", n=300, horizon=10, given=DEEP, first=1000)
    ).source()
    whole = next(iter(source(0, 300)))
    assert whole.numbered[0] >= 1000
    numbers = np.concatenate([block.numbered for block in source(0, 300)])
    rest = list(source(170, 130))
    assert rest[0].first == 170
    np.testing.assert_array_equal(numbers[170:], np.concatenate([block.numbered for block in rest]))


@pytest.mark.usefixtures("hopeless")
def test_weights_go_into_tables_and_not_into_arrays(workspace: Workspace, tmp_path: Path) -> None:
    ordered = order(SampleRequest(workspace=workspace, name="made", n=50, horizon=10, given=DEEP))
    write_file(ordered.source(), ordered.sheet, tmp_path / "s.csv")
    table = np.genfromtxt(tmp_path / "s.csv", delimiter=",", names=True)
    assert (
        table.dtype.names is not None
        and table.dtype.names[:3] == ("scenario", "weight", "1")
        and (table["weight"] > 0).all()
    )
    assert "50 scenarios are worth" in ordered.outcome
    with pytest.raises(ConfigError, match="no column for them"):
        write_file(ordered.source(), ordered.sheet, tmp_path / "s.npy")
