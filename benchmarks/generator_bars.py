"""The table of generator.py about bars: days of free paths against those of the history."""

from __future__ import annotations

from collections.abc import Mapping

import click
import numpy as np
from development_data import series
from generator_forecasts import POOL, Given
from generator_paths import VARIANTS, kept_bundle
from generator_ranges import SERIES

from simgan.market.history import History
from simgan.report.ranged import RangedSamples
from simgan.report.samples import Samples
from simgan.report.sections import SECTIONS_OF_RANGES
from simgan.report.verdict import Row
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.workflows.judging import long_run, shapes_beside

PATHS = 100  # of the length of the history
_MODEL, _C2ST = "simgan", "range, C2ST with returns, 20 days"


@click.command()
@click.option("--variant", default="default", show_default=True, type=click.Choice([*VARIANTS]))
@click.pass_obj
def bars(given: Given, variant: str) -> None:
    """Bars of free paths, in sample: the rows of the report on ranges.

    For each series and row: the value of the history with its interval, and the mean over the
    seeds. A distance has a floor in place of an interval. A star stands for each seed outside.
    """
    assets = list(SERIES) if given.assets == list(POOL) else given.assets
    outside: dict[str, list[list[bool]]] = {}  # of each row and series: one per seed
    scores = []
    for asset in assets:
        history = series(asset)
        found = [rows_of(given, history, seed, variant) for seed in given.seeds]
        click.echo(f"\n{asset:<44}{'history':>9}{'from':>9}{'to':>9}{'simgan':>9}")
        for label in found[0]:
            of_seeds = [rows[label] for rows in found]
            _print_row(of_seeds)
            marks = [row.mark(_MODEL) == "outside" for row in of_seeds]
            outside.setdefault(label, []).append(marks)
        scores.append([rows[_C2ST].models[_MODEL] for rows in found])
    _print_summary(outside, np.array(scores))


def rows_of(given: Given, history: History, seed: int, variant: str) -> dict[str, Row]:
    """Return the rows of one fit by their labels."""
    model = Model(kept_bundle(given, history, seed, VARIANTS[variant]))
    drawn = long_run(model, history, Seed(1), PATHS)
    shapes = shapes_beside(history, {_MODEL: drawn})
    if shapes is None:
        raise SystemExit(f"{history.assets[0]} has no ranges")
    samples = Samples(history.log_returns[:, 0], {_MODEL: drawn.log_returns}, Seed(0))
    ranged = RangedSamples.of(samples, shapes)
    made = [SECTIONS_OF_RANGES.build(name).make(ranged) for name in SECTIONS_OF_RANGES]
    return {row.label: row for section in made for row in section.rows}


def _print_row(of_seeds: list[Row]) -> None:
    row = of_seeds[0]
    limits = (row.real, row.low, row.high if row.floor is None else row.floor)
    cells = "".join(f"{'' if value is None else f'{value:.3f}':>9}" for value in limits)
    mean = np.mean([each.models[_MODEL] for each in of_seeds])
    stars = "*" * sum(each.mark(_MODEL) == "outside" for each in of_seeds)
    click.echo(f"{row.label:<44}{cells}{mean:>9.3f} {stars}")


def _print_summary(outside: Mapping[str, list[list[bool]]], scores: np.ndarray) -> None:
    """Print how many series are within for each row, and the classifier's score."""
    count = len(scores)
    click.echo(f"\n{f'series within, of {count}':<44}{'mean':>9}{'worst seed':>12}")
    for label, marks in outside.items():
        within = count - np.sum(marks, axis=0)  # of each seed
        click.echo(f"{label:<44}{within.mean():>9.1f}{within.min():>12}")
    every = np.mean([np.mean(marks) for marks in outside.values()])
    click.echo(f"{'share of rows within, all series and seeds':<44}{1 - every:>9.3f}")
    of_seeds = scores.mean(axis=0)
    click.echo(
        f"\nC2ST, mean of {count} series {of_seeds.mean():.3f}, worst seed {of_seeds.max():.3f}"
    )
    click.echo(f"C2ST, series at .60 or less {np.mean(scores.mean(axis=1) <= 0.6) * count:.0f}")
