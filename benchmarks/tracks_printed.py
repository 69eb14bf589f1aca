"""The tables that `generator_both_tracks.py` prints, of one seed or of the mean of several."""

from __future__ import annotations

from typing import Any

import click
import numpy as np
from both_tracks import LAGS, RANGED_FUTURE
from conditional_critic import mean_and_error, over_weeks
from numpy.typing import NDArray

from simgan.arrays import FloatArray

Seeds = list[dict[str, NDArray[Any]]]

SCORES = ("CRPS 1", "CRPS 5", "CRPS 10", "CRPS 20", "FZ0 5 %", "FZ0 2.5 %")
_DAYS = (1, 5, 10, 20, 10, 10)
_OF_CRPS = 4  # of the scores, in units of the mean of the series


def print_findings(label: str, seeds: Seeds) -> None:
    """Print all tables. Of several seeds the worst one stands beside their mean."""
    found = seeds[0]
    counts = (len(found[f"weeks: {part}"]) for part in ("first", "later"))
    click.echo("\n{}: {} pasts of the first 60 %, {} later".format(label, *counts))
    _print_choices(seeds)
    _print_functionals(seeds)
    _print_scores(seeds)
    _print_likeness(seeds)


def _mean(seeds: Seeds, key: str) -> FloatArray:
    return np.asarray(np.mean([found[key] for found in seeds], axis=0), np.float64)


def _labels(seeds: Seeds, kind: str) -> list[str]:
    return [key.removeprefix(f"{kind}: ") for key in seeds[0] if key.startswith(f"{kind}: ")]


def _beside(seeds: Seeds, worst: str) -> str:
    """Return a cell that only a table of several seeds has."""
    return worst if len(seeds) > 1 else ""


def _print_choices(seeds: Seeds) -> None:
    """Print the critics: the area under the curve, and the log-likelihood of a choice."""
    head = _beside(seeds, f"{'worst AUC':>11}")
    click.echo(f"{'':<62}{'AUC':>16}{head}{'log-likelihood':>18}   ridge")
    for label in _labels(seeds, "choice"):
        part, _, name = label.partition(" %, ")
        weeks = seeds[0]["weeks: first" if part.startswith("first") else "weeks: later"]
        area, gain = _mean(seeds, f"choice: {label}").T
        worst = max(found[f"choice: {label}"][:, 0].mean() for found in seeds)
        ridges = {f"{found[f'ridge: {name}'][0]:g}" for found in seeds if f"ridge: {name}" in found}
        click.echo(
            f"{label:<62}{mean_and_error(area, weeks, 4):>16}"
            f"{_beside(seeds, f'{worst:>11.4f}')}{mean_and_error(gain, weeks, 2):>18}   "
            + " ".join(sorted(ridges))
        )
    if len(seeds) == 1:
        for name in _labels(seeds, "strongest"):
            if name.startswith("both"):
                click.echo(f"    strongest, {name}: {seeds[0][f'strongest: {name}'][0]}")


def _print_functionals(seeds: Seeds) -> None:
    """Print how far each functional is off, and in how many series the real one is larger."""
    found, names = seeds[0], list(seeds[0]["names: future"])
    columns, sizes = [], np.zeros(len(names))
    for part in ("later", "first"):
        off, places = _mean(seeds, f"off: {part}"), found[f"series: {part}"]
        tests = [over_weeks(values, found[f"weeks: {part}"]) for values in off.T]
        means = np.array([off[places == place].mean(axis=0) for place in np.unique(places)])
        columns.append(
            [
                f"{test.mean_difference:+.3f} ({test.standard_error:.3f}), {larger} of {len(means)}"
                for test, larger in zip(tests, (means > 0).sum(axis=0), strict=True)
            ]
        )
        sizes = np.array([abs(test.statistic) for test in tests])
    later, first = columns
    click.echo(
        f"\n{'real less drawn, in deviations':<34}{'first 60 %, larger in':>28}"
        f"{'last 40 %, larger in':>28}"
    )
    for n in sorted(range(len(names)), key=lambda n: (names[n] not in RANGED_FUTURE, -sizes[n])):
        click.echo(f"{names[n]:<34}{first[n]:>28}{later[n]:>28}")


def _print_scores(seeds: Seeds) -> None:
    """Print changes of scores of the last 40 % where paths are weighed by a critic."""
    heads = "".join(f"{score:>28}" for score in SCORES)
    click.echo(f"\n{'weighed less plain, last 40 %':<46}{'of 200':>6}{heads}")
    weeks, places = seeds[0]["weeks: later"], seeds[0]["series: later"]
    for name in _labels(seeds, "scores"):
        if name == "plain":
            continue
        changes = np.array([_changes(found, name) for found in seeds])  # (seeds, pasts, scores)
        cells = []
        for number, days in enumerate(_DAYS):
            each = changes[:, :, number].mean(axis=0)
            p_value = over_weeks(each, weeks, days).p_value
            of_series = np.array([each[places == place].mean() for place in np.unique(places)])
            mean, unit = (100 * each.mean(), " %") if number < _OF_CRPS else (each.mean(), "")
            ahead = f"{np.sum(of_series < 0)} of {len(of_series)}"
            cells.append(f"{mean:+.{2 if unit else 4}f}{unit} (p {p_value:.3f}, {ahead})")
        worth = f"{_mean(seeds, f'worth: {name}').mean():.0f}"
        click.echo(f"{name:<46}{worth:>6}" + "".join(f"{cell:>28}" for cell in cells))
        if len(seeds) > 1:
            worst = changes.mean(axis=1).max(axis=0)
            cells = [f"{100 * value:+.2f} %" for value in worst[:_OF_CRPS]]
            cells += [f"{value:+.4f}" for value in worst[_OF_CRPS:]]
            click.echo(f"{'    worst seed':<52}" + "".join(f"{cell:>28}" for cell in cells))


def _changes(found: dict[str, NDArray[Any]], name: str) -> FloatArray:
    """Return changes of scores (pasts, scores), those of CRPS over its mean on the series."""
    plain, places = found["scores: plain"], found["series: later"]
    unit = np.ones_like(plain)
    for place in np.unique(places):
        unit[places == place, :_OF_CRPS] = plain[places == place, :_OF_CRPS].mean(axis=0)
    return np.asarray((found[f"scores: {name}"] - plain) / unit)


def _print_likeness(seeds: Seeds) -> None:
    """Print how near drawn windows are to real ones: a classifier, and the memory of ranges."""
    heads = ("C2ST", *(f"ACF {lag} of log ranges: real, drawn" for lag in LAGS))
    click.echo(f"\n{'windows of 20 days':<58}" + "".join(f"{head:>36}" for head in heads))
    for label in _labels(seeds, "C2ST"):
        part = label.partition(" %, ")[0]
        weeks = seeds[0][f"weeks: {'first' if part.startswith('first') else 'later'}"]
        real, drawn = (_mean(seeds, f"moments: {one}") for one in (f"{part} %, real", label))
        areas = [float(found[f"C2ST: {label}"][0]) for found in seeds]
        cells = [f"{np.mean(areas):.3f}{_beside(seeds, f', worst {max(areas):.3f}')}"]
        for lag in range(1, len(LAGS) + 1):
            apart = _influence(drawn, lag) - _influence(real, lag)
            error = over_weeks(apart, weeks).standard_error
            values = [_memory(moments)[lag - 1] for moments in (real, drawn)]
            cells.append("{:.4f}, {:.4f} ({:.4f})".format(*values, error))
        click.echo(f"{label:<58}" + "".join(f"{cell:>36}" for cell in cells))
    floors = np.array([found["floors: C2ST"] for found in seeds])
    blind = f"{floors.mean():.3f} ({floors.std(ddof=1):.3f})"
    click.echo(f"{'last 40 %, drawn windows for real ones':<58}{blind:>36}")


def _memory(moments: FloatArray) -> FloatArray:
    """Return autocorrelations (lags,) of moments (pasts, 1 + lags)."""
    means = moments.mean(axis=0)
    return np.asarray(means[1:] / means[0])


def _influence(moments: FloatArray, lag: int) -> FloatArray:
    """Return the share (pasts,) of each past in the error of an autocorrelation."""
    size = moments[:, 0].mean()
    return np.asarray((moments[:, lag] - _memory(moments)[lag - 1] * moments[:, 0]) / size)
