"""The figures of novelty: the right neighbours, and a question whose answer is right and folded."""

from __future__ import annotations

import re

import numpy as np
import pytest
from jinja2 import Environment, PackageLoader

from simgan.report.figures import Pictured
from simgan.report.figures.canvas import drawing
from simgan.report.figures.novelty import PANELS, lined_up, lineup, nearest_windows
from simgan.stats.intervals import stationary_resamples

RNG = np.random.default_rng(3)
REAL = 0.01 * RNG.standard_t(4, 900)
FRESH = Pictured(REAL, {"simgan": 0.01 * RNG.standard_t(4, (12, 900))})
COPIED = Pictured(REAL, {"simgan": stationary_resamples(REAL, 6, RNG, 300.0)})


def test_three_windows_of_the_lineup_are_real_and_the_answer_names_them() -> None:
    windows, hidden = lined_up(FRESH, 100)
    history, paths = REAL.tobytes(), FRESH.fakes["simgan"].tobytes()
    is_real = [window.tobytes() in history for window in windows]
    assert len(windows) == PANELS and np.flatnonzero(is_real).tolist() == hidden
    assert len(hidden) == 3
    assert all(
        (window.tobytes() in paths) != own for window, own in zip(windows, is_real, strict=True)
    )
    starts = [history.index(windows[number].tobytes()) // 8 for number in hidden]
    assert min(np.diff(sorted(starts))) >= 100


def test_the_real_ones_stand_elsewhere_for_other_samples() -> None:
    fakes = FRESH.fakes["simgan"]
    places = {
        tuple(lined_up(Pictured(REAL, {"simgan": scale * fakes}), 100)[1])
        for scale in (1.0, 1.1, 1.2, 1.3)
    }
    assert len(places) > 1
    assert lined_up(FRESH, 100)[1] == lined_up(FRESH, 100)[1]


@pytest.mark.usefixtures("unrendered")
def test_the_answer_is_folded_away_and_nowhere_else() -> None:
    shown = lineup(FRESH)
    _, hidden = lined_up(FRESH, 250)
    numbers = [str(number + 1) for number in hidden]
    assert re.findall(r"\d+", shown.answer) == numbers
    assert shown.answer not in shown.caption + shown.alternative
    environment = Environment(loader=PackageLoader("simgan.report"), autoescape=True)
    environment.filters |= {"markup": str, "variable": str}
    macros = environment.get_template("figure.html.j2").module
    figure, answer = macros.figure(shown), macros.answer(shown)  # type: ignore[attr-defined]
    assert shown.answer not in figure and "<details" not in figure
    assert 'href="#answer-lineup"' in figure and 'id="answer-lineup"' in answer
    folded = answer[answer.index("<details>") : answer.index("</details>")]
    assert shown.answer in folded and answer.count(shown.answer) == 1
    assert "<summary>" in folded and "<script" not in answer


def test_numbers_of_the_lineup_run_from_left_to_right() -> None:
    with drawing():
        panels = lineup(FRESH).panels
    titles = [re.findall(r"700; font-size: 8px[^>]*>(\d+)</text>", panel) for panel in panels]
    assert titles == [[str(n), str(n + 1)] for n in range(1, PANELS, 2)]


def test_pairs_of_generated_and_of_real_windows_share_one_scale() -> None:
    """A wild day of a model would give its panel another scale than that of the history."""
    fakes = FRESH.fakes["simgan"].copy()
    fakes[:, ::30] *= 8
    with drawing():
        fake, real = nearest_windows(Pictured(REAL, {"simgan": fakes})).panels
    labels = [sorted(re.findall(r">(−?\d+)</text>", panel)) for panel in (fake, real)]
    assert labels[0] == labels[1] and len(labels[0]) > 6


def distances(shown: Pictured) -> list[list[float]]:
    with drawing():
        panels = nearest_windows(shown).panels
    return [[float(text) for text in re.findall(r"distance ([\d.]+)<", panel)] for panel in panels]


def test_a_copy_lies_on_its_original_and_a_fresh_window_does_not() -> None:
    generated, real = distances(FRESH)
    copied, same = distances(COPIED)
    assert len(generated) == len(real) == 4
    assert generated == sorted(generated) and generated[0] > 1.0
    assert copied[:3] == [0.0, 0.0, 0.0]
    assert same == real and real[0] > 1.0
