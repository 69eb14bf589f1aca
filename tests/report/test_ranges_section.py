"""The section on ranges: rows that see a twin and rows that are blind to it, and its outside."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from made_ranges import ranged_paths
from made_report import facts
from quick_comparison import with_few_resamples

from simgan.baselines.plausible import plausible_shapes
from simgan.errors import ConfigError
from simgan.report import figures
from simgan.report.aspects import groups_of
from simgan.report.figures.canvas import Pictured, drawing
from simgan.report.figures.ranges import has_ranges, range_quantiles, ranges
from simgan.report.markdown import render_markdown
from simgan.report.ranged import RangedSamples, Shapes, days_of
from simgan.report.renderers import render_page, render_text, to_json
from simgan.report.samples import Samples
from simgan.report.sections import SECTIONS_OF_RANGES, compare
from simgan.report.uses import WITHIN_DAYS, uses_of
from simgan.report.verdict import Comparison, Row, Section, verdict
from simgan.report.words import words_of
from simgan.seeds import Seed
from simgan.stats.ranges import RANGE

DAYS, PATHS = 2_500, 16
REAL, OF_REAL = (each[0] for each in ranged_paths(1, DAYS, np.random.default_rng(4)))
FAKES, OF_FAKES = ranged_paths(PATHS, DAYS, np.random.default_rng(99))
MEMORY = ("range, ACF at lag 5,", "range, ACF at lag 20,")
TOUCH, CLASSIFIED = "touches of −1 σ", "range, C2ST"
SHARES = ("range variance over r²", "gap² over r²")
EVERY = "all"

# Twin → rows that see it, rows that are blind to it.
TABLE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "right ranges": ((), (EVERY,)),
    "ranges of other days": (
        ("range, ACF at lag 1,", *MEMORY, "range, EMD", SHARES[0], CLASSIFIED),
        (SHARES[1], "range and |r|"),
    ),
    "ranges doubled": (
        ("range, mean", "range, EMD", *SHARES, "touches of", "range and |r|", CLASSIFIED),
        ("range, ACF",),
    ),
    "closes alone": (
        ("range, mean", "range, EMD", *SHARES, "touches of", "range and |r|", CLASSIFIED),
        MEMORY,
    ),
    "no gap": (
        (SHARES[1], "range and |r|", CLASSIFIED),
        ("range, mean", "range, EMD", "range, ACF"),
    ),
    "ranges of the day before": (
        ("range, EMD", SHARES[0], TOUCH, CLASSIFIED),
        (SHARES[1], *MEMORY, "range and the next"),
    ),
}

# Words of the table in docs/report.md → rows
WORDS: dict[str, tuple[str, ...]] = {
    "no row": (),
    "all rows": (EVERY,),
    "C2ST": (CLASSIFIED,),
    "mean": ("range, mean",),
    "EMD": ("range, EMD",),
    "both shares": SHARES,
    "range variance over r²": SHARES[:1],
    "gap² over r²": SHARES[1:],
    "touches": ("touches of",),
    "touches of −1 σ": (TOUCH,),
    "range and abs(r)": ("range and |r|",),
    "range and the next abs(r)": ("range and the next",),
    "ACF": ("range, ACF",),
    "ACF at lags 5, 20": MEMORY,
    "ACF at lags 1, 5, 20": ("range, ACF at lag 1,", *MEMORY),
}


@cache
def section() -> Section:
    """Compare shapes that are wrong in one known thing."""
    gap, upper, lower = np.moveaxis(OF_FAKES, -1, 0)
    order = np.random.default_rng(4).permutation(DAYS)
    shapes = {
        "right ranges": OF_FAKES,
        "ranges of other days": OF_FAKES[:, order],
        "ranges doubled": 2 * OF_FAKES,
        "closes alone": np.zeros_like(OF_FAKES),
        "no gap": np.stack([np.zeros_like(gap), upper, lower], axis=-1),
        "ranges of the day before": np.roll(OF_FAKES, 1, axis=1),
    }
    samples = Samples(REAL, dict.fromkeys(shapes, FAKES), Seed(0))
    return made(samples, Shapes(OF_REAL, shapes))


def made(samples: Samples, shapes: Shapes) -> Section:
    return SECTIONS_OF_RANGES.build("ranges").make(RangedSamples.of(samples, shapes))


def named(names: tuple[str, ...]) -> list[Row]:
    rows = section().rows
    found = [row for row in rows if names == (EVERY,) or f"{row.label},".startswith(names)]
    assert found or not names
    return found


@pytest.mark.parametrize("name", TABLE)
def test_each_twin_is_seen_by_the_rows_of_the_table_and_missed_by_blind_ones(name: str) -> None:
    """A law is judged against its own history, and against shapes that are wrong in one thing."""
    sees, blind = TABLE[name]
    assert [row.label for row in named(sees) if row.mark(name) != "outside"] == []
    assert [row.label for row in named(blind) if row.mark(name) != "within"] == []


@pytest.mark.parametrize("name", TABLE)
def test_the_documentation_says_who_sees_the_twin(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith(f"| {name} |")]
    assert len(lines) == 1, name
    cells = [cell.strip().split("; ") for cell in lines[0].split("|")[2:4]]
    told = [{row for words in cell for row in WORDS[words]} for cell in cells]
    assert told == [set(rows) for rows in TABLE[name]]


def test_a_right_law_is_within_in_most_rows_of_most_histories() -> None:
    """Six other histories. Of 96 rows a level of 95 % leaves 4.8 outside, and they cluster."""
    outside = 0
    for seed in range(5, 11):
        real, shapes = (each[0] for each in ranged_paths(1, DAYS, np.random.default_rng(seed)))
        rows = made(Samples(real, {"true": FAKES}, Seed(0)), Shapes(shapes, {"true": OF_FAKES}))
        outside += sum(row.mark("true") == "outside" for row in rows.rows)
    assert outside <= 12


def test_a_history_needs_days_with_ranges_and_stretches_for_its_lags() -> None:
    few = OF_REAL.copy()
    few[249:] = np.nan
    samples = Samples(REAL, {"model": FAKES}, Seed(0))
    found = made(samples, Shapes(few, {"model": OF_FAKES}))
    assert (
        not found.rows
        and "250 days with a range are needed, and the history has 249" in (found.skipped[0])
    )


def test_a_classifier_needs_windows_without_a_missing_range() -> None:
    """By hand: of 600 days every tenth has no range, and no window of 20 days is whole."""
    shapes = OF_REAL[:600].copy()
    shapes[::10] = np.nan
    samples = Samples(REAL[:600], {"model": FAKES[:, :600]}, Seed(0))
    found = made(samples, Shapes(shapes, {"model": OF_FAKES[:, :600]}))
    assert "range, C2ST with returns: 50 windows without a missing range" in found.skipped[1]
    assert not any(row.label.startswith(CLASSIFIED) for row in found.rows)


def levels(real: np.ndarray, shapes: np.ndarray) -> tuple[float, float]:
    """Deviation of mean log ranges of drawn histories, and that of the laws of returns alone."""
    samples = RangedSamples.of(
        Samples(real, {"model": FAKES}, Seed(0)), Shapes(shapes, {"model": OF_FAKES})
    )
    plain = plausible_shapes(
        real, shapes, samples.of_returns.histories, Seed(0).stream("plausible", 1)
    )
    found = []
    for days in (samples.histories, days_of(samples.of_returns.histories, plain)):
        means = np.log(days[..., RANGE].mean(axis=-1))
        found.append(float((means - means.mean(axis=1, keepdims=True)).std()))
    return found[0], found[1]


def test_a_memory_that_laws_of_returns_do_not_know_makes_levels_less_certain() -> None:
    """A slow wave in the volatility of ten years. Without it hardly anything is added."""
    waves = np.exp(0.5 * np.sin(np.linspace(0, 2 * np.pi, DAYS)))
    with_waves, of_laws = levels(waves * REAL, waves[:, None] * OF_REAL)
    without, of_plain_laws = levels(REAL, OF_REAL)
    assert with_waves > 1.2 * of_laws
    assert without < 1.2 * of_plain_laws


def test_short_paths_have_no_long_memory_and_missing_days_no_part() -> None:
    real, shapes = REAL[:400], OF_REAL[:400].copy()
    shapes[::5] = np.nan
    samples = Samples(real, {"model": FAKES[:, :100]}, Seed(0))
    found = made(samples, Shapes(shapes, {"model": OF_FAKES[:, :100]}))
    assert "range, ACF at lag 50, 100: 4 days for each lag" in found.skipped[-1]
    assert all(
        np.isfinite([*row.models.values(), row.floor or row.low, row.floor or row.high]).all()
        for row in found.rows
    )


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        (Shapes(OF_REAL[1:], {"model": OF_FAKES}), "as the log returns have"),
        (Shapes(OF_REAL, {"model": OF_FAKES[:, :, :2]}), "as the log returns have"),
        (Shapes(OF_REAL, {"model": np.nan * OF_FAKES}), "not finite"),
    ],
)
def test_shapes_are_those_of_the_returns(shapes: Shapes, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        RangedSamples.of(Samples(REAL, {"model": FAKES}, Seed(0)), shapes)


@cache
def both() -> tuple[Comparison, Comparison]:
    """The same comparison without ranges and with those of one of two models."""
    real, fakes = REAL[:400], {"simgan": FAKES[:8, :400], "gjr-t": FAKES[8:, :400]}
    shapes = Shapes(OF_REAL[:400], {"simgan": OF_FAKES[:8, :400]})
    with pytest.MonkeyPatch.context() as patch:
        with_few_resamples(patch)
        return compare(real, fakes), compare(real, fakes, shapes=shapes)


def test_the_rest_of_a_report_knows_nothing_of_ranges() -> None:
    without, ranged = both()
    assert ranged.sections[:-1] == without.sections and ranged.yardstick == without.yardstick
    assert (ranged.sections[-1].kind, len(ranged.sections[-1].rows)) == ("ranges", 16)
    assert verdict(ranged) == verdict(without)
    assert groups_of(ranged, verdict(ranged)) == groups_of(without, verdict(without))
    assert ranged.by_chance == without.by_chance and list(ranged._facts()) == list(without._facts())
    old, new = ({use.name: use for use in uses_of(one, verdict(one))} for one in both())
    assert {name: new[name] for name in old} == old and set(new) - set(old) == {WITHIN_DAYS.name}


def test_a_use_within_the_day_speaks_of_the_model_that_has_ranges() -> None:
    _, ranged = both()
    own = [use for use in uses_of(ranged, verdict(ranged)) if use.name == WITHIN_DAYS.name]
    assert own[0].judged == 16
    other = uses_of(ranged, verdict(ranged, "gjr-t"))
    assert WITHIN_DAYS.name not in {use.name for use in other}


def test_tables_have_columns_for_models_with_ranges_only() -> None:
    _, ranged = both()
    told = verdict(ranged)
    text = render_text(ranged, told).partition("Ranges of days")[2]
    head = text.partition("range, mean")[0]
    assert "simgan" in head and "gjr" not in head
    assert "baselines: they make closes alone" in text
    markdown = render_markdown(facts(), ranged, told).partition("## Ranges of days")[2]
    assert "| statistic | real [95 %] | simgan | noise floor |" in markdown
    rows = to_json(facts(), ranged, told)["comparison"]["sections"][-1]["rows"]
    assert len(rows) == 16 and set(rows[0]["models"]) == {"simgan"} == set(rows[0]["marks"])


def test_the_page_has_a_table_and_a_figure_of_ranges_where_both_sides_have_them() -> None:
    without, ranged = both()
    shown = Pictured(REAL[:400], {"simgan": FAKES[:8, :400], "gjr-t": FAKES[8:, :400]})
    shapes = Shapes(OF_REAL[:400], {"simgan": OF_FAKES[:8, :400]})
    with pytest.MonkeyPatch.context() as patch:
        with_few_resamples(patch)
        patch.setattr(figures, "FIGURES", (ranges,))
        pages = [
            render_page(facts(), one, verdict(one), each)
            for one, each in ((ranged, replace(shown, shapes=shapes)), (without, shown))
        ]
    found = ['<section id="ranges">', 'id="figure-ranges"', "they make closes alone"]
    assert [[part in page for part in found] for page in pages] == [[True] * 3, [False] * 3]
    table = pages[0].partition('<section id="ranges">')[2].partition("</section>")[0]
    assert 'class="judged">simgan' in table and "gjr-t" not in table


def test_the_figure_draws_the_history_and_each_model_with_ranges() -> None:
    """Both panels have a band and two lines. The share of larger ranges falls."""
    shapes = Shapes(OF_REAL[:400], {"simgan": OF_FAKES[:8, :400]})
    fakes = {"simgan": FAKES[:8, :400], "gjr-t": FAKES[8:, :400]}
    shown = Pictured(REAL[:400], fakes, shapes)
    with pytest.MonkeyPatch.context() as patch, drawing():
        with_few_resamples(patch)
        figure = ranges(shown)
    assert len(figure.panels) == 2 and [entry.name for entry in figure.legend][::2] == [
        "real",
        "simgan",
    ]
    assert "up to lag 100" in figure.alternative
    own = range_quantiles(days_of(REAL, OF_REAL))
    assert (np.diff(own) <= 0).all()
    assert own[39] == pytest.approx(100 * np.quantile(days_of(REAL, OF_REAL)[:, RANGE], 0.9))


def test_a_history_with_few_ranges_has_no_figure() -> None:
    few = OF_REAL.copy()
    few[249:] = np.nan
    shown = Pictured(REAL, {"simgan": FAKES}, Shapes(few, {"simgan": OF_FAKES}))
    assert not has_ranges(shown) and not has_ranges(replace(shown, shapes=None))
    assert has_ranges(replace(shown, shapes=Shapes(OF_REAL, {"simgan": OF_FAKES})))
    assert not has_ranges(replace(shown, shapes=Shapes(OF_REAL, {})))


@pytest.mark.parametrize(
    ("name", "model", "words"),
    [
        ("range, mean", "ranges doubled", "too wide: stops are touched too often"),
        ("range variance over r²", "closes alone", "too little within the day"),
        ("gap² over r²", "no gap", "too little of the risk lies in the gap"),
        ("touches of −1 σ", "ranges doubled", "stops lose too often"),
        ("range, ACF at lag 1", "ranges of other days", "cluster less than in the history"),
        ("range, EMD", "closes alone", "distribution of ranges differs"),
        ("range and |r|", "ranges doubled", "too little about the move of their day"),
        ("range, C2ST", "closes alone", "a classifier tells its windows of returns and ranges"),
    ],
)
def test_words_say_what_a_difference_means(name: str, model: str, words: str) -> None:
    row = next(row for row in section().rows if row.name.startswith(name))
    assert words in words_of(row, model)
