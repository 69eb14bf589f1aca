"""Measure how often the limits of a report hold the truth: intervals, floors, whole verdicts.

    python benchmarks/report_coverage.py run --folder /tmp/coverage --first 0 --last 200
    python benchmarks/report_coverage.py ranges --folder /tmp/coverage models/KO models/SP500
    python benchmarks/report_coverage.py table --folder /tmp/coverage

`run` judges a law against one made history of it after another, and adds a line for each to a file
in the folder. It skips the lines that are there, so parts can run side by side and be resumed.
`before` are the limits that block resamples alone would give, on the first histories of a law.
`alone` compares with one path of the law in place of 24. `real` compares adjacent stretches of the
development data, of which the world may have changed the law. `ranges` judges fitted models with
ranges against their own paths of 2,500 days.

Rows of the Parzen windows are left out. They are not judged, and take a quarter of the time.
`--sections paths,utility` measures or adds the rows of some sections only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np
from development_data import every_series, expect_data

from simgan.arrays import FloatArray
from simgan.bundle.store import read_bundle
from simgan.provenance import library_versions
from simgan.report.ranged import RangedSamples, Shapes
from simgan.report.samples import Level, Samples, cut
from simgan.report.sections import SECTIONS, SECTIONS_OF_RANGES, distances
from simgan.report.uses import tone, uses_of
from simgan.report.verdict import Comparison, Row, verdict
from simgan.sampling.model import Model
from simgan.seeds import Seed
from simgan.stats.intervals import noise_floor
from simgan.workflows.judging import DrawnPaths, long_run
from simgan.workflows.models import history_of_bundle

PATHS, BEFORE, RUN_IN = 24, 40, 1000
OF_RETURNS = ("moments", "quantiles", "tails", "distances", "dependence")  # `before` knows these
OF_DAYS = 250 * 4  # of a stretch of real data
OF_MODELS, TURNS = 2500, 5  # days of a path with ranges, and sets of paths that stand beside it
distances._PARZEN = ()


@dataclass(frozen=True)
class Law:
    """A GJR-GARCH law with Student-t innovations, of 1.1 % a day. Without news it is i.i.d."""

    alpha: float
    gamma: float
    beta: float
    freedom: float

    def paths(self, n: int, days: int, rng: np.random.Generator) -> FloatArray:
        """Draw paths (n, days)."""
        unit = np.sqrt((self.freedom - 2.0) / self.freedom)
        shocks = unit * rng.standard_t(self.freedom, (RUN_IN + days, n))
        if self.beta == 0.0:
            return 0.011 * shocks[RUN_IN:].T
        variance = np.ones(n)
        omega = 1.0 - self.alpha - self.gamma / 2 - self.beta
        for shock in shocks:
            shock *= np.sqrt(variance)
            news = self.alpha + self.gamma * (shock < 0)
            variance = omega + news * shock**2 + self.beta * variance
        return np.ascontiguousarray(0.011 * shocks[RUN_IN:].T)


LAWS = {
    "GJR-t": Law(0.02, 0.13, 0.90, 6.0),
    "GJR-t, ν = 4": Law(0.03, 0.10, 0.90, 4.0),
    "i.i.d. t, ν = 4": Law(0.0, 0.0, 0.0, 4.0),
}
# law, days, histories, whether against a single path
PLAN = (
    ("GJR-t", 2500, 200, False),
    ("GJR-t", 1000, 100, False),
    ("GJR-t", 5000, 40, False),
    ("GJR-t", 1000, 100, True),
    ("GJR-t, ν = 4", 2500, 40, False),
    ("i.i.d. t, ν = 4", 2500, 40, False),
)


class OfResamples(Samples):
    """The limits before: percentiles of block resamples, and resamples against resamples."""

    def level(self, name: str, statistic: Level, *, scale: float = 1.0, **details: object) -> Row:
        return self._of(name, statistic, details, moved=False)

    def location_level(
        self, name: str, statistic: Level, *, scale: float = 1.0, **details: object
    ) -> Row:
        return self._of(name, statistic, details, moved=False)

    def memory_level(
        self, name: str, statistic: Level, *, scale: float = 1.0, **details: object
    ) -> Row:
        return self._of(name, statistic, details, moved=True)

    def distance(self, name, statistic, **details):  # type: ignore[no-untyped-def]
        floor = noise_floor(statistic, self.real, self.seed, 100).high
        models = {model: statistic(self.real, paths) for model, paths in self.fakes.items()}
        return Row(name=name, models=models, floor=floor, horizon=details.get("horizon"))

    def _of(
        self, name: str, statistic: Level, details: Mapping[str, object], *, moved: bool
    ) -> Row:
        drawn = [statistic(cut(resample, self.horizon)) for resample in self.resamples]
        real = statistic(cut(self.real, self.horizon))
        low, median, high = np.quantile(drawn, [0.025, 0.5, 0.975])
        shift = real - median if moved else 0.0
        low, high = self.widened(low + shift, high + shift)
        models = {
            model: float(np.mean([*map(statistic, self.sets(paths))]))
            for model, paths in self.fakes.items()
        }
        horizon = details.get("horizon")
        return Row(name=name, models=models, real=real, low=low, high=high, horizon=horizon)  # type: ignore[arg-type]


def compared(samples: Samples, kinds: Iterable[str]) -> Comparison:
    """Return these sections of the report."""
    sections = tuple(SECTIONS.build(name).make(samples) for name in kinds)
    return Comparison(sections, tuple(samples.fakes), True)


def record(real: FloatArray, paths: FloatArray, kinds: Iterable[str]) -> dict[str, object]:
    """Excesses of all judged rows, and the outcome of the verdict where it has all of them."""
    comparison = compared(Samples(real, {"true": paths}, Seed(0)), kinds)
    rows = {row.label: row.excess("true") for row in comparison.rows if row.is_judged}
    found: dict[str, object] = {"rows": rows}
    if set(SECTIONS) <= set(kinds):
        found["tone"] = tone(uses_of(comparison, verdict(comparison)))
    return found


def before(real: FloatArray, paths: FloatArray) -> dict[str, float]:
    """Excesses of the same rows, by resamples alone."""
    samples = OfResamples(real, {"true": paths}, Seed(0))
    of_same = compared(samples, OF_RETURNS).rows
    return {row.label: row.excess("true") for row in of_same if row.low is not None or row.floor}


def file_of(folder: Path, law: str, days: int, alone: bool) -> Path:
    """Return the file of the lines of a law."""
    name = "".join(sign for sign in law if sign.isalnum())
    return folder / f"{name}_{days}{'_alone' if alone else ''}.jsonl"


def lines_of(path: Path) -> dict[int, dict]:  # type: ignore[type-arg]
    """Lines by seed. Later lines add rows of other sections, and replace rows of the same."""
    found: dict[int, dict] = {}  # type: ignore[type-arg]
    for line in map(json.loads, path.read_text().splitlines() if path.exists() else ()):
        known = found.setdefault(line["seed"], {"rows": {}, "kinds": []})
        rows = known["rows"] | line["rows"]
        kinds = [*known["kinds"], *line.get("kinds", OF_RETURNS)]
        found[line["seed"]] = known | line | {"rows": rows, "kinds": kinds}
    return found


def replicate(
    path: Path, law: Law, days: int, seed: int, alone: bool, kinds: tuple[str, ...]
) -> None:
    """Judge one history, and add its line."""
    real = law.paths(1, days, Seed(seed).stream("unseen", 0))[0]
    paths = law.paths(1 if alone else PATHS, days, Seed(seed).stream("unseen", 1))
    line = {"seed": seed, "kinds": kinds, **record(real, paths, kinds)}
    if seed < BEFORE and not alone and set(OF_RETURNS) <= set(kinds):
        line["before"] = before(real, paths)
    with path.open("a") as out:
        out.write(json.dumps(line) + "\n")


@click.group()
def main() -> None:
    """Measure the limits of a report."""


@main.command()
@click.option("--folder", type=click.Path(path_type=Path), required=True)
@click.option("--first", default=0)
@click.option("--last", default=200)
@click.option("--plans", default=len(PLAN), help="How many of the laws and lengths.")
@click.option("--sections", default=",".join(SECTIONS))
def run(folder: Path, first: int, last: int, plans: int, sections: str) -> None:
    """Judge laws against their own histories."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = tuple(sections.split(","))
    for law, days, count, alone in PLAN[:plans]:
        path = file_of(folder, law, days, alone)
        for seed in range(first, min(last, count)):
            if not set(kinds) <= set(lines_of(path).get(seed, {"kinds": ()})["kinds"]):
                replicate(path, LAWS[law], days, seed, alone, kinds)


@main.command()
@click.option("--folder", type=click.Path(path_type=Path), required=True)
def real(folder: Path) -> None:
    """Judge each stretch of 1,000 real days against the one before it."""
    expect_data()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "real.jsonl"
    done = lines_of(path)
    for number, pair in enumerate(pairs()):
        if number not in done:
            with path.open("a") as out:
                line = {"seed": number, **record(pair[1], pair[0][None], SECTIONS)}
                out.write(json.dumps(line) + "\n")


@main.command()
@click.option("--folder", type=click.Path(path_type=Path), required=True)
@click.option("--last", default=60)
@click.argument("models", nargs=-1, type=click.Path(path_type=Path))
def ranges(folder: Path, last: int, models: tuple[Path, ...]) -> None:
    """Judge fitted models with ranges against their own paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for place in models:
        bundle = read_bundle(place)
        path = folder / f"ranges_{bundle.manifest.name}.jsonl"
        learned_from = history_of_bundle(bundle).rows(slice(-OF_MODELS, None))
        drawn = long_run(Model(bundle), learned_from, Seed(1), last + TURNS * PATHS)
        for seed in range(len(lines_of(path)), last):
            line = {"seed": seed, "kinds": [], "rows": of_ranges(drawn, seed)}
            with path.open("a") as out:
                out.write(json.dumps(line) + "\n")


def of_ranges(drawn: DrawnPaths, number: int) -> dict[str, float]:
    """Excesses of the rows on ranges: a path plays the history, and 24 of the first the model."""
    paths, own = slice(number % TURNS * PATHS, (number % TURNS + 1) * PATHS), TURNS * PATHS + number
    assert drawn.shapes is not None
    shapes = Shapes(drawn.shapes[own], {"true": drawn.shapes[paths]})
    samples = Samples(drawn.log_returns[own], {"true": drawn.log_returns[paths]}, Seed(0))
    ranged = RangedSamples.of(samples, shapes)
    made = [SECTIONS_OF_RANGES.build(name).make(ranged) for name in SECTIONS_OF_RANGES]
    return {row.label: row.excess("true") for section in made for row in section.rows}


def pairs() -> Iterator[FloatArray]:
    """Adjacent stretches (2, days), no day in two of them."""
    for history in every_series().values():
        returns = history.log_returns[:, 0]
        count = len(returns) // (2 * OF_DAYS)
        yield from returns[len(returns) - count * 2 * OF_DAYS :].reshape(count, 2, OF_DAYS)


@main.command()
@click.option("--folder", type=click.Path(path_type=Path), required=True)
def table(folder: Path) -> None:
    """Print shares within, of rows and of verdicts."""
    versions = ", ".join(
        f"{name} {version}"
        for name, version in library_versions().items()
        if name in ("simgan", "numpy", "scipy")
    )
    click.echo(f"{datetime.now(UTC):%Y-%m-%d}, {versions}. A history is its seed, from 0 on.")
    click.echo("A law against its own histories: share of histories with the row within, in %\n")
    for law, days, _, alone in PLAN:
        found = list(lines_of(file_of(folder, law, days, alone)).values())
        if found:
            title = f"{law}, {days:,} days" + (", against a single path" if alone else "")
            click.echo(f"{title}: {len(found)} histories")
            summary(found)
    if found := list(lines_of(folder / "real.jsonl").values()):
        click.echo(f"Real stretches of {OF_DAYS:,} days, each against the one before: {len(found)}")
        summary(found)
    for path in sorted(folder.glob("ranges_*.jsonl")):
        found = list(lines_of(path).values())
        name = path.stem.removeprefix("ranges_")
        click.echo(f"Ranges of the model of {name}, {OF_MODELS:,} days: {len(found)} paths")
        summary(found)


def summary(found: list[Mapping]) -> None:  # type: ignore[type-arg]
    """Print the share within of each row, of all, and of the outcomes of verdicts."""
    labels = max((line["rows"] for line in found), key=len)
    old = [line["before"] for line in found if "before" in line]
    for label in labels:
        now = share(line["rows"][label] for line in found if label in line["rows"])
        then = share(line[label] for line in old if label in line)
        told = f"   before {then:6.1f}" if np.isfinite(then) else ""
        click.echo(f"  {label:46s} {now:6.1f}{told}")
    counts(
        "  all rows",
        [[line["rows"][label] <= 0 for label in labels if label in line["rows"]] for line in found],
    )
    if old:
        counts(
            "  before",
            [[line[label] <= 0 for label in labels if label in line] for line in old],
        )
    if not (tones := [line["tone"] for line in found if "tone" in line]):
        click.echo()
        return
    shares = ", ".join(
        f"{name} {100 * tones.count(name) / len(tones):.0f}" for name in ("good", "care", "poor")
    )
    click.echo(f"  verdicts in %: {shares}\n")


def share(excesses: Iterable[float]) -> float:
    """Per cent that are within."""
    return 100 * float(np.mean([excess <= 0 for excess in excesses] or [np.nan]))


def counts(name: str, within: list[list[bool]]) -> None:
    """Print the share of rows within: mean, worst tenth, and worst history."""
    shares = np.array([np.mean(row) for row in within])
    tenth, worst = np.quantile(shares, [0.1, 0.0])
    click.echo(
        f"{name}: {100 * shares.mean():.1f} in the mean, {100 * tenth:.1f} in the worst tenth of "
        f"histories, {100 * worst:.1f} in the worst"
    )


if __name__ == "__main__":
    main()
