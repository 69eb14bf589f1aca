"""Risks in words and on a page: lines fit, the chart shows the fan, and the page is sound."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from page_tags import expect_sound

from simgan.report.risk.figures import fan_of, illustrate
from simgan.report.risk.page import render_page
from simgan.report.risk.results import Liquidity, RiskResults, Volatility
from simgan.report.risk.text import money, render_text, sentences, today, volatility
from simgan.report.themes import COLOURS
from simgan.risk.outlook import Outlook, outlook

HOSTILE = "<script>alert('x')</script> & $dollar$"
LEVELS = (0.99, 0.975)


@cache
def made(scale: float = 1.0, name: str = "KO", position: float = 1e6) -> RiskResults:
    """Return results of normal returns. Those of the rival are `scale` times as wide."""
    rng = np.random.Generator(np.random.Philox(3))
    own = 0.01 * rng.standard_normal((5000, 21)).cumsum(axis=1)
    short = position < 0
    found = {
        kind: outlook(each, (1, 10), LEVELS, is_short=short, fan_days=21)
        for kind, each in (("simgan", own), ("gjr-fhs", scale * own))
    }
    days = np.datetime64("2010-01-01") + np.arange(400)
    return RiskResults(
        model=name,
        kind="simgan",
        asset=name,
        start="after 2018-12-31",
        position=position,
        price=47.35,
        is_adjusted=True,
        past=np.linspace(-0.1, 0.0, 64),
        scenarios=5000,
        worth=5000.0,
        seed=0,
        outlooks=found,
        volatility=Volatility(days, np.linspace(0.005, 0.02, 400), 0.0125, 252.0),
        liquidity=tuple(Liquidity(one.horizon, one.estimate, 0.1) for one in found["simgan"].risks),
        given="",
        notes=("a note",),
    )


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal_or_a_table(width: int) -> None:
    lines = render_text(made(), width).splitlines()
    assert max(map(len, lines)) <= max(width, 80)
    chart = [line for line in lines if "┃" in line and "median" not in line]
    assert len(chart) == 8 and max(map(len, chart)) <= max(width, 60)


def test_the_table_has_money_and_percent_of_both_models() -> None:
    text = render_text(made())
    own = made().own.of(10, 0.99)
    assert f"{1e6 * own.value_at_risk:,.0f}" in text and f"{100 * own.value_at_risk:.2f}" in text
    assert f"{1e6 * own.expected_shortfall_error:,.0f}" in text
    assert text.count("gjr-fhs") >= 4 and "97.5 %" in text and "a note." in text


def test_the_fan_widens_and_its_middle_is_the_median() -> None:
    chart = [line for line in render_text(made()).splitlines() if "┃" in line][:8]
    widths = [len(line[6:].strip(" ┊")) for line in chart]
    assert widths == sorted(widths) and widths[-1] > 3 * widths[0]
    assert all(line[6:].strip(" ┊")[0] == line.rstrip()[-1] == "·" for line in chart[2:])


def test_the_figures_of_a_risk_page_follow_dark_mode() -> None:
    """Bands in fixed light colours outshone the lines on them."""
    for figure in illustrate(made()):
        assert re.findall(r"(?<!, )#[0-9a-f]{6}\b", "".join(figure.panels)) == []
        assert {entry.stroke.colour for entry in figure.legend} <= set(COLOURS)


def test_the_caption_of_a_fan_says_why_its_median_moves() -> None:
    """It once rose "with the mean return", and was above it. A condition moves it, too."""
    caption = fan_of(made()).caption
    assert "follows the drift of the scenarios, and lies above their mean where" in caption
    assert "condition" in fan_of(replace(made(), given="worst < -0.1")).caption


def test_a_rival_that_agrees_and_one_that_does_not_are_told_apart() -> None:
    assert any("within a tenth" in each for each in sentences(made(1.05)))
    for scale, higher in ((2.0, "gjr-fhs"), (0.5, "simgan")):
        [told] = [each for each in sentences(made(scale)) if "disagree" in each]
        assert told.startswith("In 8 of 8 numbers the models disagree, most about ")
        assert f"{higher} is higher by" in told and "the larger as the cautious number" in told


def test_an_es_alone_that_differs_is_told_and_noise_is_not() -> None:
    """By hand: ES of 6 % and 5 % are 20 % apart: no noise with errors of .1 %, but with 1 %."""
    found = made(1.0)
    sure, unsure = (
        replace(
            found,
            outlooks={
                "simgan": with_es(found, 0.06, error),
                "gjr-fhs": with_es(found, 0.05, error),
            },
        )
        for error in (0.001, 0.01)
    )
    [told] = [each for each in sentences(sure) if "gjr-fhs" in each]
    assert told == (
        "The models disagree about ES at 99 % over 1 day: it is 6.00 %, and 5.00 % under gjr-fhs. "
        "simgan is higher by 20 %. Treat the larger as the cautious number."
    )
    assert "gjr-fhs is within a tenth of each VaR and ES, or within Monte Carlo errors." in [
        *sentences(unsure)
    ]


def with_es(found: RiskResults, es: float, error: float) -> Outlook:
    """Return the outlook with another ES of one day at the first level."""
    first, *others = found.own.risks
    changed = replace(first.estimate, expected_shortfall=es, expected_shortfall_error=error)
    return replace(found.own, risks=(replace(first, estimate=changed), *others))


@pytest.mark.parametrize(
    ("tomorrow", "words"), [(0.018, "above that of 86 %"), (0.006, "below that of 93 %")]
)
def test_a_volatility_has_its_place_in_history(tomorrow: float, words: str) -> None:
    found = made().volatility
    assert found is not None
    sentence = volatility(replace(found, tomorrow=tomorrow))
    assert words in sentence and "since 2010" in sentence
    assert f"{100 * tomorrow * np.sqrt(252):.0f} % a year" in sentence
    assert "a year" not in volatility(replace(found, steps_a_year=None))


def test_the_root_of_time_is_told_where_a_day_is_there_to_compare() -> None:
    assert any("times √10" in each for each in sentences(made()))
    lonely = outlook(np.zeros((5000, 10)), (10,), LEVELS)
    assert not any("√" in each for each in sentences(replace(made(), outlooks={"simgan": lonely})))


def test_the_line_after_a_fit_has_the_first_level() -> None:
    line = today(made().own, "KO")
    assert line.startswith("Today's VaR (ES) at 99 %: ") and "over 10 days" in line
    assert "97.5" not in line and line.endswith("`simgan risk KO` tells more.")


def test_money_has_decimals_where_it_is_small() -> None:
    assert (money(1234567.0), money(99.5), money(-2.0)) == ("1,234,567", "99.50", "−2.00")


@pytest.mark.parametrize("position", [1e6, -5000.0])
def test_the_page_is_sound_and_names_are_text(position: float) -> None:
    page = render_page(made(name=HOSTILE, position=position))
    expect_sound(page)
    assert "<script" not in page and "$dollar$" in page
    assert f"a {'short' if position < 0 else 'long'} position" in page
    own = made(name=HOSTILE, position=position).own.of(10, 0.99)
    assert money(abs(position) * own.value_at_risk) in page
    assert page == render_page(made(name=HOSTILE, position=position))


def test_the_headline_is_of_the_last_day_and_the_price_says_its_kind() -> None:
    """A loss "within 10 days" is the deepest of ten days, and larger."""
    page = " ".join(render_page(made()).split())
    own = made().own.of(10, 0.99)
    lost = f"lost more than {money(1e6 * own.value_at_risk)} ({100 * own.value_at_risk:.2f} %)"
    assert f"After 10 days the position has {lost} in 1 % of the scenarios" in page
    assert "at the last price of the history, 47.35, an adjusted close</dd>" in page
    unknown = render_page(replace(made(), is_adjusted=False))
    assert "history, 47.35</dd>" in unknown
    assert made().to_json()["price_is_adjusted"] is True


def test_a_page_without_rival_volatility_and_past_has_its_other_parts() -> None:
    bare = replace(
        made(),
        outlooks={"simgan": made().own},
        volatility=None,
        past=np.zeros(1),
        liquidity=(),
    )
    page = render_page(bare)
    expect_sound(page)
    assert "gjr-fhs" not in page and "figure-volatility" not in page
    assert "liquidity" not in page and "price so far" not in page


def test_drawn_levels_leave_a_trace_in_text_page_and_json() -> None:
    """Two runs with other numbers once had the same words."""
    drawn = replace(made(), level_uncertainty=True)
    said = "The long-run volatility of each scenario of simgan is drawn (--level-uncertainty)."
    for show in (lambda found: " ".join(render_text(found).split()), render_page):
        assert said in show(drawn) and said not in show(made())
    assert "That of gjr-fhs is not." in " ".join(render_text(drawn).split())
    assert drawn.to_json()["level_uncertainty"] is True
    assert made().to_json()["level_uncertainty"] is False
