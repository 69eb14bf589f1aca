"""The figures: right curves, small and deterministic SVG, and no trace in matplotlib's settings."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from functools import cache

import matplotlib
import numpy as np
import pytest
from page_tags import tick_labels

from simgan.errors import ConfigError
from simgan.report.figures import Pictured, illustrate
from simgan.report.figures.canvas import (
    BAND,
    BESIDE,
    GRID,
    INK,
    JUDGED,
    LOSSES,
    REAL,
    ZONES,
    axes,
    drawing,
    strokes,
    to_svg,
)
from simgan.report.figures.path_risk import _by_horizon, deeper, path_risk, shares
from simgan.report.figures.samples import (
    density,
    plotting_positions,
    sample_paths,
    spread_windows,
    widening_edges,
)
from simgan.report.figures.themes import COLOURS, style_sheet, variable
from simgan.report.figures.training import _first, stages, training_history
from simgan.stats.training import TrainingHistory

RNG = np.random.default_rng(3)
SHOWN = Pictured(
    0.01 * RNG.standard_t(4, 500),
    {"simgan": 0.01 * RNG.standard_t(4, (4, 500)), "gjr-t": 0.01 * RNG.standard_t(4, (4, 500))},
)
SHORT = Pictured(SHOWN.real[:100], {"simgan": SHOWN.fakes["simgan"][:1, :40]})


@cache
def drawn() -> tuple[int, bool]:
    """Draw a short history: the number of figures, and whether matplotlib is as it was."""
    before = dict(matplotlib.rcParams)
    figures = illustrate(SHORT, TrainingHistory({"a": {"loss": [(1, 1.0)]}}), 1)
    return len(figures), before == dict(matplotlib.rcParams)


def test_density_counts_what_lies_beyond_the_edges() -> None:
    """By hand:
    of four numbers one is in each bin of width 0.5 and two are beyond: 1 / (4 · 0.5).
    """
    assert density(np.array([-9.0, 0.1, 0.6, 9.0]), np.array([0.0, 0.5, 1.0])).tolist() == [
        0.5,
        0.5,
    ]


def test_widening_edges_are_symmetric_and_ten_times_wider_outside() -> None:
    """The step of sinh grows by cosh(3) = 10.07 from the middle to the end of an even grid on [−3,
    3].
    """
    widths = np.diff(widening_edges(0.2))
    assert widening_edges(0.2)[[0, -1]] == pytest.approx([-0.2, 0.2])
    assert widths == pytest.approx(widths[::-1])
    assert widths[0] / widths.min() == pytest.approx(np.cosh(3), rel=0.06)


def test_plotting_positions_keep_every_outermost_day_on_both_sides() -> None:
    positions = plotting_positions(5000) * 5000
    assert positions[:5] == pytest.approx([0.5, 1.5, 2.5, 3.5, 4.5])
    assert positions == pytest.approx(5000 - positions[::-1])
    assert len(positions) < 130


def test_windows_spread_from_the_first_day_to_the_last_without_overlap() -> None:
    assert spread_windows(np.arange(10.0), 3, 5).tolist() == [[0, 1, 2], [3, 4, 5], [7, 8, 9]]
    assert spread_windows(np.arange(10.0), 3, 2).tolist() == [[0, 1, 2], [7, 8, 9]]


def test_stages_group_series_that_share_a_scale() -> None:
    names = ("critic loss", "generator loss", "gradient penalty", "validation CRPS")
    history = TrainingHistory()
    history.record("a, selection", 1, dict.fromkeys(names, 1.0))
    history.record("b", 1, {"CRPS": 1.0})
    grouped = {key: list(series) for key, series in stages(history).items()}
    assert grouped == {
        ("a, selection", "loss"): ["critic loss", "generator loss"],
        ("a, selection", "penalty"): ["gradient penalty"],
        ("a, selection", "validation CRPS"): ["validation CRPS"],
        ("b", "CRPS"): ["CRPS"],
    }


def test_the_chosen_step_is_marked_in_the_last_validated_stage_only() -> None:
    history = TrainingHistory()
    for stage in ("warm", "adversarial"):
        history.record(stage, 1, {"loss": 1.0, "validation CRPS": 1.0})
        history.record(stage, 50, {"loss": 2.0, "validation CRPS": 2.0})
    history.record("final", 1, {"loss": 1.0})
    with drawing():
        figure = training_history(history, 25)
    panels = {stage_of(panel): "chosen step 25" in panel for panel in figure.panels + figure.folded}
    assert panels == {
        "warm: loss": False,
        "warm: validation CRPS": False,
        "adversarial: loss": True,
        "adversarial: validation CRPS": True,
        "final: loss": False,
    }


def stage_of(panel: str) -> str:
    """Return the title of a panel."""
    return next(text for text in re.findall(r">([^<>]+)</text>", panel) if ": " in text)


@pytest.mark.usefixtures("unrendered")
def test_four_panels_of_a_training_are_shown_and_the_others_folded_in() -> None:
    history = TrainingHistory()
    names = ("critic loss", "gradient penalty", "real D", "KL", "validation CRPS", "calm share")
    for stage in ("warm, selection", "adversarial, selection", "adversarial"):
        history.record(stage, 1, dict.fromkeys(names, 1.0))
        history.record(stage, 2, dict.fromkeys(names, 1.0))
    with drawing():
        figure = training_history(history, 1)
    assert (len(figure.panels), len(figure.folded)) == (4, 14)


def test_shown_are_losses_score_and_divergence_of_the_stage_of_the_chosen_step() -> None:
    keys = [(stage, what) for stage in ("a", "b") for what in ("D", "KL", "loss", "share")]
    keys += [("a", "validation CRPS"), ("c", "log-likelihood")]
    assert _first(keys, "a") == [
        ("a", "KL"),
        ("a", "loss"),
        ("a", "validation CRPS"),
        ("c", "log-likelihood"),
    ]
    assert _first(keys[:4], "a") == keys[:4]


def test_the_score_of_a_training_has_the_unit_of_the_manifest() -> None:
    """`Manifest.validation` is a CRPS in log returns, and not in standard deviations."""
    with drawing():
        caption = training_history(TrainingHistory({"a": {"loss": [(1, 1.0)]}}), None).caption
    assert "CRPS, in log returns" in caption and "standard deviation" not in caption


@cache
def every_panel() -> list[str]:
    """Draw every figure of a short history."""
    losses = [(step, 0.69 + 1e-4 * step) for step in range(9)]
    figures = illustrate(SHOWN, TrainingHistory({"a": {"loss": losses}}))
    return [panel for figure in figures for panel in figure.panels]


def test_every_axis_of_every_figure_has_distinct_labels() -> None:
    """Labels were cut to two decimals: .10, .01, 0.00, and a loss of .69 five times."""
    axes_of = [axis for panel in every_panel() for axis in tick_labels(panel)]
    assert len(axes_of) > 20
    assert [labels for labels in axes_of if len(set(labels)) < len(labels)] == []
    [log] = [labels for labels in axes_of if "0.001" in labels]
    assert [float(label) for label in log] == sorted({float(label) for label in log})


def test_labels_that_are_cut_would_be_found() -> None:
    cut = re.sub(r"(\.\d\d)\d+(?=</text>)", r"\1", "".join(every_panel()))
    assert any(len(set(labels)) < len(labels) for labels in tick_labels(cut))


def test_no_colour_is_fixed_so_that_figures_follow_dark_mode() -> None:
    drawn_panels = "".join(every_panel())
    assert "var(--fig-222222, #222222)" in drawn_panels
    assert re.findall(r"(?<!, )#[0-9a-f]{6}\b", drawn_panels) == []


def test_every_colour_of_the_family_has_a_dark_counterpart() -> None:
    used = [stroke.colour for stroke in (REAL, BAND, JUDGED, *BESIDE, *LOSSES)]
    used += [*ZONES.values(), INK, GRID]
    assert set(used) <= set(COLOURS)
    assert len(set(COLOURS.values())) == len(COLOURS)
    sheet = style_sheet()
    assert all(sheet.count(f"{variable(colour)[4:16]}:") == 2 for colour in COLOURS)


def test_a_step_of_0_is_marked_and_none_is_not() -> None:
    history = TrainingHistory({"a": {"validation CRPS": [(1, 1.0), (2, 1.0)]}})
    with drawing():
        marked = [training_history(history, step) for step in (0, None)]
    assert ["chosen step" in figure.panels[0] for figure in marked] == [True, False]
    assert ["chosen step, 0" in figure.caption for figure in marked] == [True, False]


@pytest.mark.usefixtures("unrendered")
def test_without_a_training_history_there_is_no_such_figure() -> None:
    assert [figure.name for figure in illustrate(SHOWN)] == [
        "densities",
        "quantiles",
        "memory",
        "path-risk",
        "paths",
        "nearest",
        "lineup",
    ]


def test_drawing_leaves_no_trace_in_matplotlib() -> None:
    _, is_as_before = drawn()
    assert is_as_before


def test_the_settings_of_a_user_do_not_reach_the_figures() -> None:
    with drawing():
        expected = to_svg(axes("t", "x", "y")[0], "p")
    with matplotlib.rc_context({"axes.facecolor": "red", "xtick.labelsize": 20}), drawing():
        assert expected == to_svg(axes("t", "x", "y")[0], "p")


def test_pyplot_is_never_imported() -> None:
    code = "import sys, simgan.report.renderers; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_model_has_one_stroke_and_no_two_share_dashes() -> None:
    named = strokes(["simgan", "a", "b", "c", "d"])
    assert named["simgan"] == strokes(["simgan", "x"])["simgan"]
    assert (
        len({stroke.colour for stroke in named.values()})
        == len({stroke.dashes for stroke in named.values()})
        == 5
    )


def test_the_band_lies_around_the_real_curve() -> None:
    low, high = SHOWN.band_around_real(lambda r: np.sort(np.abs(r))[[250, 490]])
    own = np.sort(np.abs(SHOWN.real))[[250, 490]]
    assert (low <= own).all()
    assert (own <= high).all()
    assert (low < high).all()


def test_short_paths_and_a_short_history_can_be_drawn() -> None:
    number, _ = drawn()
    assert number == 8


@pytest.mark.parametrize(
    ("real", "fakes"),
    [
        (np.zeros((3, 1)), {"simgan": np.zeros((1, 3))}),
        (np.ones(3), {"simgan": np.zeros(3)}),
        (np.array([np.nan]), {"simgan": np.zeros((1, 3))}),
        (np.ones(3), {}),
    ],
)
def test_wrong_shapes_and_numbers_are_refused(
    real: np.ndarray, fakes: dict[str, np.ndarray]
) -> None:
    with pytest.raises(ConfigError, match="Pictured"):
        Pictured(real, fakes)


def test_twenty_years_and_many_paths_are_drawn_fast_and_small() -> None:
    """200 paths × 5,030 days × 3 models: below 10 s of processor time, every panel below 150 kB."""
    paths = 0.01 * np.random.default_rng(5).standard_t(4, (200, 5030))
    started = time.process_time()
    figures = illustrate(
        Pictured(paths[0], {"simgan": paths, "bootstrap": -paths, "gjr-t": 0.9 * paths})
    )
    assert time.process_time() - started < 10
    assert max(len(panel.encode()) for figure in figures for panel in figure.panels) < 150_000


def test_a_day_beyond_history_is_marked_with_its_number_and_flattens_no_panel() -> None:
    """The scale of the daily panels is that of the history, whatever a model does;
    the twin without such a day has no mark.
    """
    calm = {"simgan": np.clip(SHOWN.fakes["simgan"], -0.02, 0.02)}
    wild = {"simgan": calm["simgan"].copy()}
    wild["simgan"][1, 40] = -0.9
    with drawing():
        marked, plain = (sample_paths(Pictured(SHOWN.real, fakes)).panels for fakes in (wild, calm))
    assert "−90 %" in marked[1]
    assert "−90 %" not in plain[1]
    assert marked[0] == plain[0]


def test_shares_of_deeper_drawdowns_are_counted_by_hand() -> None:
    """Of two years one falls by 20 % and one by 40 %: both are deeper than 10, one than 30."""
    two = np.log(np.array([[1.0, 0.8], [0.6, 1.0]]))
    assert deeper(two, 2, np.array([10.0, 30.0, 50.0])).tolist() == [100, 50, 0]


def test_shares_of_months_are_counted_per_bin() -> None:
    """By hand: of three days one is at 1 %, one at 3 %, and one beyond the bins."""
    days = np.array([0.01, -0.03, 0.2])
    assert shares(days, 1, np.array([0.5, 2.0, 4.0])) == pytest.approx([100 / 3, 100 / 3])


def test_the_figure_of_paths_shows_the_horizons_that_the_history_holds() -> None:
    """Of 100 days ten stretches of 10 do not overlap, and five of 20."""
    with drawing():
        short, long = path_risk(SHORT), path_risk(SHOWN)
    assert "over 1 to 10 days" in short.alternative
    assert "over 1 to 40 days" in long.alternative
    assert "maximum drawdown of 40 days" in short.panels[0]
    assert max(len(panel.encode()) for panel in long.panels) < 25_000


def test_a_curve_by_horizon_is_the_mean_over_paths_and_not_of_pooled_days() -> None:
    """The table takes the mean over paths, too. Pooled paths of two spreads have fat tails."""
    seen: list[np.ndarray] = []
    days = np.random.default_rng(2).standard_normal((2, 4000)) * np.array([[0.01], [0.05]])

    def note(returns: np.ndarray, _: int) -> float:
        seen.append(returns)
        return 0.0

    with drawing():
        _by_horizon(Pictured(days[0], {"simgan": days}), "tail ratio", note, 0.0, (1,))
    assert [len(returns) for returns in seen[-2:]] == [4000, 4000]
    assert seen[-2].std() < 0.02 < seen[-1].std()
