"""Regimes are labels of the stretches that begin on each day: numbers by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_bundle import made_history

from simgan.errors import ConfigError, PriceError
from simgan.market.regimes import (
    UNKNOWN,
    by_labels,
    by_volatility,
    read_labels,
    realized_volatilities,
)

RETURNS = np.array([[0.03], [0.04], [0.0], [0.0], [0.05]])


def test_realized_volatility_is_the_root_of_the_mean_square() -> None:
    """√((.03² + .04²) / 2) = .05 / √2, and so on."""
    assert realized_volatilities(RETURNS, 2) == pytest.approx(
        np.array([0.05, 0.04, 0.0, 0.05]) / np.sqrt(2)
    )


def test_each_day_is_labelled_by_the_days_to_come() -> None:
    regimes = by_volatility(RETURNS, 2, 2)
    assert regimes.names == ("calm", "turbulent")
    assert regimes.bounds == pytest.approx((0.045 / np.sqrt(2),))
    assert regimes.by_day.tolist() == [
        1,
        0,
        0,
        1,
        UNKNOWN,
        UNKNOWN,
    ]  # two days are not over on the last, nor after it
    assert regimes.shares == (0.5, 0.5)


def test_regimes_of_volatility_are_of_equal_size_and_in_order() -> None:
    history = made_history(1000)
    regimes = by_volatility(history.log_returns, 3, 20)
    assert regimes.names == ("calm", "normal", "turbulent")
    assert regimes.shares == pytest.approx((1 / 3,) * 3, abs=0.01)
    volatility = realized_volatilities(history.log_returns, 20)
    means = [volatility[regimes.by_day[: len(volatility)] == number].mean() for number in range(3)]
    assert means == sorted(means)
    assert regimes.one_hot().shape == (1001, 3)
    assert (regimes.one_hot().sum(axis=1) == (regimes.by_day != UNKNOWN)).all()


@pytest.mark.parametrize("count", [1, 7])
def test_too_few_or_too_many_regimes_are_refused(count: int) -> None:
    with pytest.raises(ConfigError, match="from 2 to 6"):
        by_volatility(RETURNS, count, 2)


def test_labels_of_the_user_go_by_the_most_frequent_of_a_stretch() -> None:
    history = made_history(8)
    labels = dict(
        zip(
            [history.day(row) for row in range(5)],
            ["war", "war", "peace", "peace", "peace"],
            strict=True,
        )
    )
    regimes = by_labels(history, labels, 3)
    assert regimes.names == ("peace", "war")
    assert regimes.by_day.tolist() == [
        1,
        0,
        0,
        0,
        0,
        UNKNOWN,
        UNKNOWN,
        UNKNOWN,
        UNKNOWN,
    ]  # nobody labelled the last three days
    assert regimes.bounds == ()


def test_one_label_is_no_regime() -> None:
    history = made_history(8)
    with pytest.raises(ConfigError, match="1 different regimes"):
        by_labels(history, {history.day(0): "war"}, 3)


def test_a_regime_that_is_too_rare_is_refused() -> None:
    history = made_history(300)
    labels = {history.day(row): "peace" for row in range(300)} | {history.day(0): "war"}
    with pytest.raises(ConfigError, match=r"'war'.*at least 2 %"):
        by_labels(history, labels, 10)


def test_a_file_of_labels(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text(
        "\ufeffdate,regime\n2008-10-10,storm\n\n2008-10-13,\n2008-10-14, calm \n", encoding="utf-8"
    )
    assert read_labels(file) == {"2008-10-10": "storm", "2008-10-14": "calm"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("date,regime\n10/10/2008,storm\n", "line 2: '10/10/2008,storm' is not an ISO date"),
        ("date,regime\n2008-10-10\n", "line 2"),
        (
            "date,regime\n2008-10-10,storm\n2008-10-10,calm\n",
            "line 3: 2008-10-10 is labelled twice, storm and calm",
        ),
        ("date,regime\n", "labels no day"),
        ("", "labels no day"),
    ],
)
def test_a_bad_file_of_labels_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "labels.csv"
    file.write_text(text)
    with pytest.raises(PriceError, match=told):
        read_labels(file)


def test_a_missing_file_of_labels_is_told(tmp_path: Path) -> None:
    with pytest.raises(PriceError, match="cannot read labels"):
        read_labels(tmp_path / "none.csv")
