"""Comparisons and backtests in a session: lines, frames, pictures."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from made_walks import made_walk

from simgan.errors import ConfigError
from simgan.report.plots import forecasts
from simgan.report.verdict import Comparison, Row, Section
from simgan.risk.walks import Walk


def made_walks() -> list[Walk]:
    return [made_walk("simgan", days=60), made_walk("gjr-fhs", 1.2, days=60)]


ROWS = (
    Row(name="mean", models={"fake": 1.0, "gjr-t": 3.0}, real=1.0, low=0.0, high=2.0),
    Row(name="EMD/σ", models={"fake": 0.3, "gjr-t": 0.1}, floor=0.2),
    Row(name="shown", models={"fake": 1.0, "gjr-t": 1.0}, is_judged=False),
)


def comparison() -> Comparison:
    return Comparison((Section("moments", "Moments", ROWS),), ("fake", "gjr-t"), True, {"x": "no"})


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    matplotlib.use("Agg")
    yield
    plt.close("all")


def test_a_comparison_shows_what_each_model_passes() -> None:
    assert repr(comparison()).splitlines() == [
        "Comparison of fake, gjr-t with real returns",
        "  fake   within the noise of the data in 1 of 2 statistics",
        "  gjr-t  within the noise of the data in 1 of 2 statistics",
        "  x      not compared: no",
    ]
    assert comparison() == comparison() and hash(comparison()) == hash(comparison())


def test_a_comparison_is_a_frame_with_a_row_for_each_statistic() -> None:
    frame = comparison().summary()
    assert frame.loc["mean", ["real", "fake", "gjr-t"]].tolist() == [1.0, 1.0, 3.0]
    assert frame["fake: mark"].tolist() == ["within", "outside", "not judged"]


def test_its_picture_has_the_distances_of_the_judged_rows() -> None:
    """Mean: (1 − 2)/1 and (3 − 2)/1 half intervals. EMD: (.3 − .2)/.2 and (.1 − .2)/.2 floors."""
    ax = comparison().plot()
    fake, other = (line.get_xdata() for line in ax.lines)
    assert list(fake) == pytest.approx([-1.0, 0.5]) and list(other) == pytest.approx([1.0, -0.5])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["mean", "EMD/σ"]


def test_a_picture_of_forecasts_marks_the_days_beyond_the_var() -> None:
    walks = made_walks()
    walk = walks[0]
    ax = forecasts(walks, level=walk.levels[0])
    outcome, limit, beyond = ax.lines
    assert np.asarray(outcome.get_ydata()) == pytest.approx(100 * walk.realized)
    assert np.asarray(limit.get_ydata()) == pytest.approx(-100 * walk.value_at_risk[:, 0])
    assert len(beyond.get_xdata()) == int(walk.exceedances(walk.levels[0]).sum())


def test_a_forecast_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=f"one of: .*{made_walks()[0].model}"):
        forecasts(made_walks(), model="nobody")


def test_a_walk_is_equal_to_itself_made_again_and_shows_its_days() -> None:
    one, other = made_walks()[0], made_walks()[0]
    assert one == other and hash(one) == hash(other)
    assert f"{len(one.dates):,}, {one.dates[0]}" in repr(one) and len(repr(one)) < 400
