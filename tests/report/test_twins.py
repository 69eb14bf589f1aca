"""Which statistic sees which fault: the table of `docs/report.md`, on one made history.

A row must be outside where it claims to see a twin, and within where it is blind to it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from twins import TWINS, made_history, twin

from simgan.report.samples import Samples
from simgan.report.sections import SECTIONS
from simgan.report.sections.distances import _neighbours
from simgan.report.uses import uses_of
from simgan.report.verdict import Comparison, Row, verdict
from simgan.seeds import Seed

DAYS = 5_000
SECTIONS_OF_RETURNS = ("moments", "quantiles", "tails", "distances", "dependence", "utility")
MEMORY = ("ACF of |r| at lag 1,", "ACF of |r| at lag 20,")
DAYS_OF_RISK = ("VaR and ES of one day", "VaR and ES of ten days")
EXTREME, GAINS = "stress tests with extreme losses", "large gains (short positions, options)"
FOLLOWED = "rules that follow a path (stop-loss, volatility targets)"
TRAINING = "training of volatility forecasts"
FORECAST = "loss of a volatility forecast"
ONE_DAY = ("mean", "standard deviation", "1 % quantile", "99 % quantile", "ES 99 %, 1 day")
SHAPES = ("ES 97.5 % of losses, 1 day", "ES 97.5 % of gains, 1 day")
EVERY = "all"

# Twin → rows that see it, rows that are blind to it.
TABLE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "true law": ((), (EVERY,)),
    "i.i.d. normal": (
        ("Hill index", "ES 97.5 %", "KL, histogram, 1 day", *MEMORY, FORECAST),
        ("mean",),
    ),
    "shuffled": (
        (*MEMORY, FORECAST),
        (*ONE_DAY, "Hill index", *SHAPES, "EMD/σ, 1 day", "KL, histogram, 1 d"),
    ),
    "block bootstrap": ((), (EVERY,)),
    "sign-flipped": ((FORECAST, "leverage, sum"), ("standard deviation", *MEMORY, "ACF of r²")),
    "time-reversed": (
        (f"{FORECAST}, 1 day", f"{FORECAST}, 5 days"),
        (*ONE_DAY, "Hill index", "EMD/σ, 1 day", *MEMORY, "ACF of r²"),
    ),
    "clusters halved": (("KL, histogram, 5 days", MEMORY[0]), ("mean", "standard deviation")),
    "one path repeated": ((), ("mean", "standard deviation", "Hill index", *MEMORY)),
    "variance +10 %": ((), (*MEMORY, "Hill index", "ES 97.5 %", FORECAST)),
    "tails clipped": ((), (*ONE_DAY, *MEMORY, "Hill index", FORECAST)),
}


@cache
def compared() -> Comparison:
    real = made_history(0, DAYS)
    fakes = {
        name: twin(name, real, np.random.default_rng([0, number]))
        for number, name in enumerate(TWINS)
    }
    samples = Samples(real, fakes, Seed(0))
    made = tuple(SECTIONS.build(kind).make(samples) for kind in SECTIONS_OF_RETURNS)
    return Comparison(made, tuple(fakes), True)


def rows() -> list[Row]:
    return [row for row in compared().rows if row.is_judged]


def named(names: tuple[str, ...]) -> list[Row]:
    found = [row for row in rows() if names == (EVERY,) or f"{row.label},".startswith(names)]
    assert found or not names
    return found


@pytest.mark.parametrize("name", TABLE)
def test_each_twin_is_seen_by_the_rows_of_the_table_and_missed_by_blind_ones(name: str) -> None:
    sees, blind = TABLE[name]
    assert [row.label for row in named(sees) if row.mark(name) != "outside"] == []
    assert [row.label for row in named(blind) if row.mark(name) != "within"] == []


@pytest.mark.parametrize("name", TABLE)
def test_the_documentation_says_who_sees_the_twin(name: str) -> None:
    """A line for each twin. It says that no row sees it where the table here has none."""
    page = Path(__file__).parents[2] / "docs" / "report.md"
    lines = [line for line in page.read_text().splitlines() if line.startswith(f"| {name}")]
    assert len(lines) == 1, name
    seen = lines[0].split("|")[2].strip()
    assert (not TABLE[name][0]) == seen.startswith("no "), seen


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("true law", ()),
        ("shuffled", ("risk over months", FOLLOWED, TRAINING)),
        (
            "i.i.d. normal",
            (*DAYS_OF_RISK, "risk over months", EXTREME, GAINS, FOLLOWED, TRAINING),
        ),
    ],
)
def test_uses_follow_from_what_is_wrong(name: str, wrong: tuple[str, ...]) -> None:
    """Normal days are fit for no measure of risk. Shuffled days are fit for that of one day."""
    one = replace(compared(), models=(name,))
    uses = uses_of(one, verdict(one))
    assert [use.name for use in uses if use.fitness == "not for"] == list(wrong)
    good = {use.name for use in uses if use.fitness == "good for"}
    assert name == "i.i.d. normal" or DAYS_OF_RISK[0] in good


def test_a_tenth_more_variance_is_seen_where_the_history_can_tell() -> None:
    """Of 6,000 independent days: a deviation has an error of 1.2 %, and the twin 4.9 % more."""
    rng = np.random.default_rng(0)
    days = 0.01 * rng.standard_t(8, (17, 6_000))
    samples = Samples(days[0], {"true": days[1:], "more": np.sqrt(1.1) * days[1:]}, Seed(0))
    row = samples.level("standard deviation", lambda r: float(r.std()))
    assert (row.mark("true"), row.mark("more")) == ("within", "outside")


def test_neighbours_on_a_grid_are_marked() -> None:
    """Prices of 1.00 with ticks of a cent: returns repeat. Those of a made history do not."""
    smooth = made_history(0, 600)
    steps = np.round(smooth / 0.01) * 0.01
    for real, words in ((smooth, "a second estimator"), (steps, "returns lie on a grid")):
        row = _neighbours(Samples(real, {"model": smooth[None]}, Seed(0)), 1)
        assert row.blind_to.startswith(f"shown, not judged: {words}") and not row.is_judged
