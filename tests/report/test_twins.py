"""Which statistic sees which fault: the table of `docs/report.md`, on one made history.

A row must be outside where it claims to see a twin, and within where it is blind to it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from twins import TWINS, made_history, twin

from simgan.report.sections import SECTIONS, Samples
from simgan.report.sections.distances import _neighbours
from simgan.report.verdict import Row
from simgan.seeds import Seed

DAYS = 5_000
SECTIONS_OF_RETURNS = ("moments", "quantiles", "tails", "distances", "dependence", "utility")
MEMORY = ("ACF of |r| at lag 1,", "ACF of |r| at lag 20,")
FORECAST = "loss of a volatility forecast"
ONE_DAY = ("mean", "standard deviation", "1 % quantile", "99 % quantile", "ES 99 %, 1 day")
EVERY = "all"

# Twin → rows that see it, rows that are blind to it.
TABLE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "true law": ((), (EVERY,)),
    "i.i.d. normal": (("Hill index", "KL, histogram, 1 day", *MEMORY, FORECAST), ("mean",)),
    "shuffled": (
        (*MEMORY, FORECAST),
        (*ONE_DAY, "Hill index", "EMD/σ, 1 day", "KL, histogram, 1 d"),
    ),
    "block bootstrap": ((), (EVERY,)),
    "sign-flipped": ((FORECAST, "leverage, sum"), ("standard deviation", *MEMORY, "ACF of r²")),
    "time-reversed": (
        (f"{FORECAST}, 1 day", f"{FORECAST}, 5 days"),
        (*ONE_DAY, "Hill index", "EMD/σ, 1 day", *MEMORY, "ACF of r²"),
    ),
    "clusters halved": (("KL, histogram, 5 days", MEMORY[0]), ("mean", "standard deviation")),
    "one path repeated": ((), ("mean", "standard deviation", "Hill index", *MEMORY)),
    "variance +10 %": ((), (*MEMORY, "Hill index", FORECAST)),
    "tails clipped": ((), (*ONE_DAY, *MEMORY, "Hill index", FORECAST)),
}


@cache
def rows() -> tuple[Row, ...]:
    real = made_history(0, DAYS)
    fakes = {
        name: twin(name, real, np.random.default_rng([0, number]))
        for number, name in enumerate(TWINS)
    }
    samples = Samples(real, fakes, Seed(0))
    made = [SECTIONS.build(kind).make(samples) for kind in SECTIONS_OF_RETURNS]
    return tuple(row for section in made for row in section.rows if row.is_judged)


def named(names: tuple[str, ...]) -> list[Row]:
    found = [row for row in rows() if names == (EVERY,) or f"{row.label},".startswith(names)]
    assert found or not names
    return found


@pytest.mark.parametrize("name", TABLE)
def test_each_twin_is_seen_by_the_rows_of_the_table_and_missed_by_blind_ones(name: str) -> None:
    sees, blind = TABLE[name]
    assert [row.label for row in named(sees) if row.mark(name) != "outside"] == []
    assert [row.label for row in named(blind) if row.mark(name) != "within"] == []


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
