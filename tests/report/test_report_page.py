"""The page: complete in itself, safe, deterministic, and saying what the numbers say."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from made_report import COMPARISON, DAYS, ROWS, facts
from page_tags import Tags, expect_sound

from simgan.report import renderers
from simgan.report.aspects import Aspect
from simgan.report.figures import Pictured
from simgan.report.markdown import render_markdown
from simgan.report.renderers import OfModel, render_page
from simgan.report.risk.results import RiskResults
from simgan.report.verdict import Comparison, Row, Section, verdict
from simgan.risk.outlook import outlook
from simgan.stats.training import TrainingHistory

HOSTILE = "<script>alert('x')</script> & $dollar$"
TRAINING = TrainingHistory(
    {
        "warm start, selection": {
            "CRPS": [(25, 0.55), (50, 0.53)],
            "validation CRPS": [(25, 0.54), (50, 0.52)],
        },
        "adversarial, selection": {
            "critic loss": [(25, 0.69), (50, 0.70)],
            "gradient penalty": [(25, 0.05), (50, 0.04)],
            "validation CRPS": [(25, 0.51), (50, 0.52)],
        },
        "adversarial": {"critic loss": [(25, 0.69)]},
    }
)


def pictured(models: tuple[str, ...] = ("simgan", "gjr-t")) -> Pictured:
    rng = np.random.default_rng(1)
    return Pictured(
        0.01 * rng.standard_t(4, DAYS),
        {model: 0.01 * rng.standard_t(5, (5, DAYS)) for model in models},
    )


@cache
def page() -> str:
    return render_page(
        facts(),
        COMPARISON,
        verdict(COMPARISON),
        pictured(),
        OfModel(training=TRAINING, chosen_step=25),
    )


@cache
def hostile_page() -> str:
    rows = (
        Row(name=HOSTILE, models={HOSTILE: 1.0}, real=1.0, low=0.0, high=2.0, blind_to=HOSTILE),
    )
    comparison = Comparison(
        (Section("k", HOSTILE, rows),), (HOSTILE,), True, {"gjr-t": "gjr-t: unusable"}
    )
    return render_page(
        facts(HOSTILE),
        comparison,
        verdict(comparison),
        pictured((HOSTILE,)),
        OfModel(training=TrainingHistory({HOSTILE: {"loss": [(1, 1.0)]}})),
    )


def test_the_contents_name_every_heading_and_lead_to_it() -> None:
    """Headings and the element around each are read from the page itself."""
    before, _, rest = page().partition("</nav>")
    links = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', before[before.index("<nav") :])
    holders = re.findall(r'<(?:section|figure)[^>]* id="([^"]+)"[^>]*>\s*<h2>([^<]+)</h2>', rest)
    assert links == holders
    assert len(links) == page().count("<h2>") > 8
    assert [name for name, _ in links][-3:] == [
        "figure-training",
        "answer-lineup",
        "provenance",
    ]


def test_the_page_names_no_other_place() -> None:
    assert not re.search(r"https?:|//[a-z]|@import", page())
    local = [value for name in ("src", "href", "xlink:href") for value in Tags(page()).values(name)]
    assert all(value.startswith(("#", "data:")) for value in local)


def test_the_page_begins_with_the_risks_of_today_and_their_fan() -> None:
    sums = 0.01 * np.random.Generator(np.random.Philox(3)).standard_normal((5000, 21)).cumsum(1)
    today = RiskResults(
        model=HOSTILE,
        kind="simgan",
        asset=HOSTILE,
        start="after 2018-12-31",
        position=1e6,
        price=10.0,
        is_adjusted=False,
        past=np.linspace(-0.1, 0.0, 64),
        scenarios=5000,
        worth=5000.0,
        seed=0,
        outlooks={"simgan": outlook(sums, (1, 10), (0.99,), fan_days=21)},
        volatility=None,
        liquidity=(),
        given="",
        notes=(),
    )
    found = render_page(facts(), COMPARISON, verdict(COMPARISON), pictured(), OfModel(today=today))
    expect_sound(found)
    var = 1e6 * today.own.of(10, 0.99).value_at_risk
    assert found.index(f"{var:,.0f}") < found.index('id="figure-fan"') < found.index('id="scores"')
    assert 'id="today"' not in page() and "<script" not in found


def test_a_model_that_leans_on_a_prior_says_so_in_the_head() -> None:
    leaning = replace(facts(), leaning="Mostly prior: 81 % of <all> days.")
    found = render_page(leaning, COMPARISON, verdict(COMPARISON), pictured())
    expect_sound(found)
    assert '<p class="sample" id="prior">Mostly prior: 81 % of &lt;all&gt; days.</p>' in found
    assert 'id="prior"' not in page()


def test_a_baseline_that_is_not_compared_is_named_with_the_reason() -> None:
    assert "Not compared: gjr-t: unusable." in hostile_page()
    assert "Not compared" not in page()


def test_tags_close_in_order_and_ids_are_unique_and_found() -> None:
    tags = Tags(page())
    ids = tags.values("id")
    assert tags.open == []
    assert len(set(ids)) == len(ids)
    references = [
        value[1:]
        for name in ("href", "xlink:href")
        for value in tags.values(name)
        if value.startswith("#")
    ]
    references += re.findall(r"url\(#([^)]+)\)", page())
    assert references
    assert set(references) <= set(ids)


def test_the_same_input_gives_the_same_bytes() -> None:
    assert hostile_page() == hostile_page.__wrapped__()


def test_the_verdict_comes_first_and_then_that_it_is_in_sample() -> None:
    places = [
        page().index(text)
        for text in (
            verdict(COMPARISON).sentence,
            "Judged in sample.",
            "Mixed rows",
            "figure-densities",
        )
    ]
    assert sorted(places) == places


def test_on_another_history_nothing_speaks_of_in_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderers, "illustrate", lambda *_: ())
    comparison = Comparison(COMPARISON.sections, COMPARISON.models, False)
    other = render_page(facts(), comparison, verdict(comparison), pictured())
    assert "Judged on another history" in other
    assert "Judged in sample" not in other


@pytest.mark.parametrize(
    ("deviation", "tone", "title"),
    [
        (0.02, "good", "Usable for every purpose that was judged"),
        (0.05, "care", "Usable within limits"),
        (0.50, "poor", "Not usable for most purposes"),
    ],
)
def test_the_verdict_is_coloured_and_worded_by_its_outcome(
    deviation: float, tone: str, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand: .05 is a third of a half interval outside [−.02, .04], and .50 fifteen of them."""
    monkeypatch.setattr(renderers, "illustrate", lambda *_: ())
    names = ("standard deviation", "ES 99 %", "1 % quantile", "99 % quantile", "ACF", "KL")
    rows = tuple(
        Row(name=name, models={"simgan": 0.0}, horizon=1, real=0.01, low=-0.02, high=0.04)
        for name in names[1:]
    )
    first = Row(name=names[0], models={"simgan": deviation}, real=0.01, low=-0.02, high=0.04)
    comparison = Comparison((Section("moments", "Moments", (first, *rows)),), ("simgan",), True)
    found = render_page(facts(), comparison, verdict(comparison), pictured(("simgan",)))
    assert f'<section class="verdict {tone}"' in found
    assert f'<p class="outcome">{title}</p>' in found


def test_the_verdict_of_a_fit_on_forecasts_stands_on_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(renderers, "illustrate", lambda *_: ())
    told = verdict(COMPARISON)
    behind = Aspect("ten-day forecasts", "behind", "gjr-fhs")
    found = render_page(facts(), COMPARISON, replace(told, forecasts=(behind,)), pictured())
    assert '<li class="outside">Ten-day forecasts: behind gjr-fhs</li>' in found
    based = replace(behind, basis="CRPS higher (p 0.01), FZ0 99 % lower (p 0.4)")
    told = replace(told, forecasts=(based,))
    shown = f"Ten-day forecasts: behind gjr-fhs; {based.basis}"
    assert f"{shown}</li>" in render_page(facts(), COMPARISON, told, pictured())
    assert f"- {shown}" in render_markdown(facts(), COMPARISON, told).splitlines()
    assert "gjr-fhs is better in ten-day forecasts" in found
    assert "Ten-day forecasts" not in page()


def test_the_foot_tells_the_data_and_the_commands_that_make_the_page_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(renderers, "illustrate", lambda *_: ())
    told = replace(facts(), sha256="ef60", created="2026-11-26", commands=("simgan fit A", "b > c"))
    found = render_page(told, COMPARISON, verdict(COMPARISON), pictured())
    foot = found[found.index('id="provenance"') :]
    assert "<code>ef60</code>" in foot and "finished 2026-11-26" in foot
    assert "<pre><code>simgan fit A\nb &gt; c</code></pre>" in foot


def test_a_section_without_a_floor_has_no_column_of_floors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(renderers, "illustrate", lambda *_: ())
    parts = (Section("a", "A", ROWS[:1]), Section("b", "B", ROWS[1:2]))
    comparison = Comparison(parts, COMPARISON.models, True)
    found = render_page(facts(), comparison, verdict(comparison), pictured())
    assert found.count(">Noise floor</th>") == found.count('data-label="noise floor"') == 1


def test_phones_stack_the_tables_and_paper_does_not() -> None:
    rules = re.findall(r"@media ([^{]+)\{", page())
    assert "screen and (max-width: 56rem) " in rules and "print " in rules
    assert "break-inside: avoid" in page()
    assert not [rule for rule in rules if "56rem" in rule and "screen" not in rule]


def test_a_mark_is_a_sign_and_a_word() -> None:
    """By hand:
    0.02 lies in [−0.02, 0.04] and 0.09 does not; 0.3 exceeds the floor 0.2 and 0.1 does not.
    """
    cells = re.findall(
        r'data-label="(simgan|gjr-t)"[^>]*><span class="number">([\d.]+)</span> '
        r'<span class="mark [\w-]+">(.)&nbsp;([\w ]+)<',
        page(),
    )
    assert [(model, float(value), sign, word) for model, value, sign, word in cells] == [
        ("simgan", 0.02, "✓", "within"),
        ("gjr-t", 0.09, "✗", "outside"),
        ("simgan", 0.3, "✗", "outside"),
        ("gjr-t", 0.1, "✓", "within"),
        ("simgan", 9.0, "–", "not judged"),
        ("gjr-t", 7.0, "–", "not judged"),
    ]


def test_limits_and_what_was_left_out_stand_below_the_table() -> None:
    assert '<li id="mixed-1">blind to the far tail</li>' in page()
    assert '<a href="#mixed-2" title="no usable error">2</a>' in page()
    missing = (
        '<th scope="row">100 days</th><td colspan="4">– not computed: too short a history</td>'
    )
    assert missing in page()


def test_names_are_text_and_never_markup_or_formulas() -> None:
    assert "<script" not in hostile_page()
    assert "$dollar$" in hostile_page()
    assert Tags(hostile_page()).open == []


def test_every_figure_has_a_caption_and_words_for_those_who_cannot_see_it() -> None:
    figures = re.findall(
        r'<figure id="figure-(\w+)">.*?role="img" aria-label="([^"]+)".*?<figcaption>(.*?)</figcaption>',  # noqa: E501
        page(),
        re.DOTALL,
    )
    assert [name for name, _, _ in figures] == [
        "densities",
        "quantiles",
        "memory",
        "paths",
        "nearest",
        "lineup",
        "training",
    ]
    assert min(len(words) for _, *both in figures for words in both) > 60


def test_the_verdict_on_the_training_stands_below_its_figure() -> None:
    [below] = re.findall(
        r'<figure id="figure-training">.*?</figure>\s*<p id="training-verdict">(.*?)</p>',
        page(),
        re.DOTALL,
    )
    assert below.startswith(
        "<strong>Too short to tell:</strong> 50 steps with 2 records of the losses"
    )


def test_the_page_has_both_colour_schemes_and_fits_phones() -> None:
    assert "prefers-color-scheme: dark" in page()
    assert 'name="viewport" content="width=device-width' in page()
