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
    LIMITS,
    LOSSES,
    REAL,
    ZONES,
    axes,
    drawing,
    scale_of,
    strokes,
    to_svg,
)
from simgan.report.figures.path_risk import _by_horizon, drawdowns, months, path_risk
from simgan.report.figures.samples import (
    densities,
    density,
    memory,
    plotting_positions,
    quantile_plot,
    sample_paths,
    spread_windows,
    widening_edges,
)
from simgan.report.figures.training import _first, stages, training_history
from simgan.report.samples import Samples
from simgan.report.themes import COLOURS, style_sheet, variable
from simgan.seeds import Seed
from simgan.stats.intervals import LEVEL, LOCATION, MEMORY
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


def caption_of(*names: str, stage: str = "warm start") -> str:
    with drawing():
        history = TrainingHistory({stage: {name: [(1, 1.0)] for name in names}})
        return training_history(history, None).caption


def test_the_score_of_a_training_has_the_unit_of_the_manifest() -> None:
    """`Manifest.validation` is a CRPS in log returns, and not in standard deviations."""
    caption = caption_of("validation CRPS")
    assert "in log returns" in caption and "standard deviation" not in caption


def test_the_caption_of_a_training_names_the_curves_that_are_drawn_and_no_others() -> None:
    words = ("log-likelihood", "Adversarial", "CRPS", "D is", "KL", "Shares", "selection")
    plain = caption_of("negative log-likelihood")
    assert [word for word in words if word in plain] == ["log-likelihood"]
    game = caption_of(
        "critic loss", "validation CRPS", "real D", "KL", "calm share", stage="a, selection"
    )
    assert [word for word in words if word in game] == list(words[1:])


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


def test_the_limits_of_a_curve_are_those_of_the_rows_of_the_tables() -> None:
    """Each rule on the points of a curve, against the row of the same statistic alone."""
    samples = Samples(SHOWN.real, SHOWN.fakes, Seed(0))
    for rule, row_of in {
        LEVEL: samples.level,
        MEMORY: samples.memory_level,
        LOCATION: samples.location_level,
    }.items():
        low, high = SHOWN.limits(_spread_and_depth, rule)
        for i in range(2):
            row = row_of("row", lambda r, i=i: float(_spread_and_depth(r)[i]))
            assert (low[i], high[i]) == (pytest.approx(row.low), pytest.approx(row.high))
            assert SHOWN.curve_of_real(_spread_and_depth)[i] == pytest.approx(row.real)
            assert SHOWN.curve_of("gjr-t", _spread_and_depth)[i] == pytest.approx(
                row.models["gjr-t"]
            )


def _spread_and_depth(returns: np.ndarray) -> np.ndarray:
    return np.array([returns.std(), returns.min()])


def test_block_resamples_alone_are_narrower_than_the_limits_of_a_level() -> None:
    """The old band of the figures: the limits hold it, and more."""
    low, high = SHOWN.limits(_spread_and_depth, LEVEL)
    inner_low, inner_high = SHOWN.resampled(_spread_and_depth)
    assert (low < inner_low).all() and (inner_high < high).all()


@pytest.mark.parametrize(
    ("figure", "rows"),
    [(path_risk, "drawdowns"), (path_risk, "variance"), (memory, "abs"), (quantile_plot, "real")],
)
def test_captions_with_limits_of_the_tables_say_so(figure: object, rows: str) -> None:
    with drawing():
        shown = figure(SHOWN)  # type: ignore[operator]
    assert any(rows in panel for panel in shown.panels)
    assert LIMITS in shown.caption
    assert any(entry.name == "95 % limits of the tables" for entry in shown.legend)


def test_histograms_say_that_their_band_is_another_one() -> None:
    with drawing():
        shown = densities(SHOWN)
    assert LIMITS not in shown.caption and "The tables judge no single bin" in shown.caption
    assert "95 % of block resamples" in [entry.name for entry in shown.legend]


def test_memory_is_left_out_where_days_do_not_vary_as_in_the_table() -> None:
    still = np.where(np.arange(len(SHOWN.real)) % 100 < 50, 0.0, SHOWN.real)
    shown = Pictured(still, {"simgan": SHOWN.fakes["simgan"].reshape(-1, 20)})
    assert "memory" not in [figure.name for figure in illustrate(shown)]


def test_a_scale_holds_curves_and_a_share_of_their_span() -> None:
    """By hand: from 1 to 5 with a quarter of 4 on either side, whatever a band does."""
    assert scale_of([np.array([1.0, 2.0]), np.array([5.0])], 0.25) == (0.0, 6.0)


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


def test_drawdowns_are_those_that_shares_of_stretches_exceed() -> None:
    """By hand: two years fall by 20 and 40 %. The quantile at a share p is 20 + 20 p."""
    two = np.log(np.array([[1.0, 0.8], [0.6, 1.0]]))
    assert drawdowns(two, 2)[[24, 49, 74]] == pytest.approx([25, 30, 35])


def test_months_are_volatilities_that_shares_of_stretches_exceed() -> None:
    """By hand: of single days the volatilities are 1, 3 and 20 %. The median is 3 %."""
    assert months(np.array([0.01, -0.03, 0.2]), 1)[[24, 49, 74]] == pytest.approx([2, 3, 11.5])


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
        _by_horizon(Pictured(days[0], {"simgan": days}), "tail ratio", note, LOCATION, (1,))
    assert [returns.size for returns in seen[-2:]] == [4000, 4000]
    assert seen[-2].std() < 0.02 < seen[-1].std()
