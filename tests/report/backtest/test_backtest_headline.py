"""The headline counts failed tests and traffic lights of all models."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made_walks import at_one_level, made_walk

from simgan.report.backtest.headline import Headline, Standing
from simgan.report.backtest.results import evaluate


def standing(model: str, failed: int, zone: str = "green", count: int = 3) -> Standing:
    return Standing(model=model, tests=30, failed=failed, zones={zone: 1}, exceedances=count)


def headline(*standings: Standing) -> Headline:
    return Headline(level=0.99, horizon=1, days=250, standings=standings)


def test_the_numbers_of_the_rivals_stand_beside_those_of_the_model() -> None:
    """simgan failed 16 of 30 and gjr-fhs 11 of 30, under "its hit rates pass"."""
    found = headline(standing("simgan", 16), standing("gjr-fhs", 11, "amber", 6))
    assert found.lines == (
        "Calibration tests failed at 5 %: simgan 16 of 30, gjr-fhs 11 of 30; gjr-fhs fails fewer "
        "than simgan.",
        "Traffic light at 99 % over 1 day, by the exceedances of the latest 250 forecasts: "
        "simgan green (3), gjr-fhs amber (6).",
    )


@pytest.mark.parametrize(
    ("own", "rivals", "said"),
    [
        (2, (3, 5), "; simgan fails the fewest."),
        (3, (3, 5), "; simgan is level with the best of its rivals."),
        (4, (3, 5), "; rival 0 fails fewer than simgan."),
        (6, (3, 5), "; 2 of 2 rivals fail fewer than simgan."),
        (4, (), "simgan 4 of 30."),
    ],
)
def test_the_model_is_compared_with_its_rivals(
    own: int, rivals: tuple[int, ...], said: str
) -> None:
    others = [standing(f"rival {number}", failed) for number, failed in enumerate(rivals)]
    assert headline(standing("simgan", own), *others).lines[0].endswith(said)


def test_of_many_rivals_the_best_are_named() -> None:
    rivals = [standing(f"rival {number}", 20 - number) for number in range(9)]
    first, second = headline(standing("simgan", 1), *rivals).lines
    assert "simgan 1 of 30, rival 8 12 of 30, rival 7 13 of 30" in first
    assert "rival 4 16 of 30 and 4 more; simgan fails the fewest." in first
    assert second.endswith("rival 4 green (3) and 4 more.")


@pytest.mark.parametrize(
    ("own", "zone", "tone"),
    [(2, "green", "good"), (9, "green", "care"), (2, "amber", "care"), (2, "red", "poor")],
)
def test_zones_and_rivals_colour_the_headline(own: int, zone: str, tone: str) -> None:
    assert headline(standing("simgan", own, zone), standing("gjr-fhs", 5)).tone == tone


def test_several_assets_are_counted_by_zone() -> None:
    many = Standing(model="simgan", tests=90, failed=9, zones={"green": 2, "red": 1}, exceedances=9)
    assert headline(many).lines[1].endswith("simgan 2 green and 1 red.")


def test_the_counts_are_those_of_the_tests() -> None:
    """By hand: a fifth of the true volatility is red, and the true one green."""
    walks = made_walk("simgan", 0.2, days=260), made_walk("gjr-fhs", days=260)
    results = evaluate([at_one_level(walk) for walk in walks])
    found = results.verdict.headline
    assert (found.level, found.horizon, found.days) == (0.99, 1, 250)
    own, rival = found.standings
    assert (own.model, own.zones, rival.zones) == ("simgan", {"red": 1}, {"green": 1})
    assert own.exceedances == int(
        results.calibration_of("SP500", 1, 0.99)["simgan"].test("traffic-light").statistic
    )
    assert [one.failed for one in found.standings] == [one.rejected for one in results.tallies]
    assert [one.tests for one in found.standings] == [one.made for one in results.tallies]
    assert results.verdict.lines[:2] == found.lines
    data = results.to_json()["verdict"]["headline"]
    assert data["traffic_light"] == {"level": 0.99, "horizon": 1, "days": 250}
    assert data["models"][0]["zones"] == {"red": 1} and data["sentence"] == " ".join(found.lines)


def test_a_level_that_is_not_basels_is_the_nearest() -> None:
    walk = made_walk("gjr-fhs", days=60)
    low = replace(
        walk,
        levels=walk.levels[:1],
        value_at_risk=walk.value_at_risk[:, :1],
        expected_shortfall=walk.expected_shortfall[:, :1],
    )
    found = evaluate([low]).verdict.headline
    assert (found.level, found.days) == (0.95, 60)
