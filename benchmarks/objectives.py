"""Compare objectives and architectures over several seeds: the tables of docs/workbench.md.

    python benchmarks/objectives.py mixture        four normals in the plane: objectives, networks
    python benchmarks/objectives.py returns        S&P 500: objectives x architectures
    python benchmarks/objectives.py convolutions   the tcn of Quant GANs' sizes beside state-space

Returns come from the sample source, so that every user can run all three. An interrupted table goes
on, because --folder keeps finished work. The folder does not record code or rates.
`--seeds 0 --objectives lsgan` makes a table short.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import TrainingDiverged
from simgan.files import whole_file
from simgan.market.history import History, history_of
from simgan.market.sources.sample import Sample
from simgan.progress import Silent, Step
from simgan.provenance import library_versions
from simgan.recipe.blueprints import BLUEPRINTS
from simgan.recipe.recipe import Recipe, nested, overlaid
from simgan.risk.scores import crps
from simgan.sampling.model import Model
from simgan.sampling.parallel import process_pool
from simgan.sampling.start import spread_out
from simgan.seeds import Seed
from simgan.stats.dependence import TRANSFORMS, acf_score, leverage_score
from simgan.stats.divergences import emd_in_sd, kl_nearest_neighbour
from simgan.workflows.train import Assignment, train

OBJECTIVES = (
    "relativistic",
    "non-saturating",
    "minimax",
    "lsgan",
    "hinge",
    "wgan",
    "wgan-gp",
    "wgan-div",
    "f-gan",
    "ebgan",
    "began",
)
PATHS, DRAWS = 200, 1000
BUDGET = {"check_every": "100", "batch": "32"}  # of windows of 64 + 64 days
RATES = {
    "mlp": "1e-3",
    "recurrent": "2e-3",
    "tcn": "5e-4",
}  # chosen with seed 100; state-space keeps its own
SIZES = {"tcn": {"architecture.channels": "16"}}
POINTS_BUDGET: dict[str, Any] = {
    "generator": (64, 64),
    "critic": (64, 64),
    "steps": 5000,
    "batch": 200,
    "rate": 1e-3,
    "cooling": 0.1,
    "average": 0.999,
}
NETWORKS: dict[str, dict[str, Any]] = {
    "relu": {},
    "maxout": {
        "generator_units": "relu-sigmoid",
        "critic_units": "maxout",
    },  # of Goodfellow et al. (2014); dropout takes long
}
VOLATILITIES = (
    3  # cells of realized volatility that paths of 64 days should fill as the history does
)
FEWEST = 0.5  # of what a mode or a cell should have, for it to count as covered
Numbers = dict[str, float]
Found = tuple[int, Numbers]  # of a seed


@dataclass(frozen=True)
class Given:
    """The options of the command line."""

    folder: Path
    seeds: list[int]
    objectives: list[str]
    jobs: int

    def kept(self, *row: str) -> dict[int, Numbers]:
        """What was found before for a row, by seed."""
        return {
            int(seed): numbers
            for seed, numbers in json.loads(
                (self.folder / f"{'-'.join(row)}.json").read_text()
            ).items()
        }

    def table(self, rows: Iterable[tuple[str, ...]], work: Callable[..., Iterator[Found]]) -> None:
        """Compute each row in several processes, and print the mean and the worst of the seeds."""
        rows = list(rows)
        with process_pool(self.jobs) as pool:
            waiting = [
                pool.submit(_kept, self.folder / f"{'-'.join(row)}.json", work, row, self.seeds)
                for row in rows
            ]
            for number, (row, future) in enumerate(zip(rows, waiting, strict=True)):
                _show(row, future.result(), self.seeds, with_head=number == 0)


def _kept(
    file: Path, work: Callable[..., Iterator[Found]], row: tuple[str, ...], seeds: list[int]
) -> dict[int, Numbers]:
    """The numbers of each seed, which a file keeps as soon as they are found."""
    known = (
        {int(seed): numbers for seed, numbers in json.loads(file.read_text()).items()}
        if file.exists()
        else {}
    )
    missing = [seed for seed in seeds if seed not in known]
    for seed, numbers in work(*row, missing) if missing else ():
        known[seed] = numbers
        with whole_file(file) as new:
            new.write_text(json.dumps(known))
    return known


_HIGH_IS_GOOD = ("modes covered", "modes of 15-35 %", "regimes covered")


def _show(
    row: tuple[str, ...], found: dict[int, Numbers], seeds: list[int], *, with_head: bool
) -> None:
    numbers = [found[seed] for seed in seeds]
    names = [name for name in max(numbers, key=len) if name != "failed"]
    if with_head:
        click.echo(
            f"\n{'mean, worst in the next line':<34}"
            + "".join(f"{name:>18}" for name in (*names, "failures"))
        )
    trained = {name: [one[name] for one in numbers if name in one] for name in names}
    mean = [np.mean(values) if values else np.nan for values in trained.values()]
    worst = [
        (min if name in _HIGH_IS_GOOD else max)(values, default=np.nan)
        for name, values in trained.items()
    ]
    click.echo(
        f"{', '.join(row):<34}"
        + "".join(f"{value:>18.4g}" for value in mean)
        + f"{sum('failed' in one for one in numbers):>18}"
    )
    click.echo(" " * 34 + "".join(f"{value:>18.4g}" for value in worst))


def of_returns(architecture: str, objective: str, steps: str, seeds: list[int]) -> Iterator[Found]:
    """Fit to the days before 2014, and score free-running paths and one-day forecasts."""
    whole, history = _whole_and_learned()
    for seed in seeds:
        yield seed, _trained(architecture, objective, steps, history, whole, seed)


def _trained(
    architecture: str, objective: str, steps: str, history: History, whole: History, seed: int
) -> Numbers:
    settings = (
        BUDGET
        | {"steps": steps}
        | SIZES.get(architecture, {})
        | ({"rate": RATES[architecture]} if architecture in RATES else {})
    )
    recipe = Recipe.parse(
        overlaid(
            {"architecture": architecture, "objective": objective, "seed": seed}, nested(settings)
        )
    )
    task = Assignment(
        name="SP500",
        history=history,
        source={"kind": "benchmark"},
        checkpoint=Path(f".objectives-{architecture}-{objective}"),
    )
    started = time.monotonic()
    try:
        model = Model(spread_out(train(recipe, task).bundle))
    except TrainingDiverged:
        return {"failed": 1.0}
    seconds, real = time.monotonic() - started, history.log_returns[:, 0]
    fake = model.simulate_long_run(len(real), Seed(0), 0, PATHS)[:, :, 0]
    return {"seconds": seconds} | _distances(real, fake) | {"CRPS %": _crps(model, history, whole)}


def of_draws(_: str, seeds: list[int]) -> Iterator[Found]:
    """The scores of days of the history in any order, for which no model is fitted."""
    whole, history = _whole_and_learned()
    real, days = history.log_returns[:, 0], whole.log_returns[len(history) :, 0]
    for seed in seeds:
        yield (
            seed,
            _distances(real, _shuffled(real, seed)) | {"CRPS %": _crps_of_one_law(real, days)},
        )


def _whole_and_learned() -> tuple[History, History]:
    whole = history_of(Sample().fetch("SP500"))
    return whole, whole.until("2013-12-31")


def _shuffled(real: FloatArray, seed: int) -> FloatArray:
    """Paths (PATHS, days) of days drawn in any order."""
    return Seed(seed).stream("baseline").choice(real, (PATHS, len(real)))


def _distances(real: FloatArray, fake: FloatArray) -> Numbers:
    return {
        "KL, 1 day": kl_nearest_neighbour(
            real[:, None], fake[:, :: PATHS // 5].reshape(-1, 1)
        ).value,
        "EMD/sd, 1 day": emd_in_sd(real, fake, 1),
        "EMD/sd, 20 days": emd_in_sd(real, fake, 20),
        "ACF |r|": acf_score(real, fake),
        "leverage": leverage_score(real, fake),
        "regimes covered": _covered(real, fake),
    }


def _covered(real: FloatArray, fake: FloatArray) -> float:
    """Count the three cells of 64-day volatility with at least half of their share of paths."""
    volatility = [
        np.sqrt(np.mean(np.square(part[..., : part.shape[-1] // 64 * 64].reshape(-1, 64)), axis=1))
        for part in (real, fake)
    ]
    bounds = np.quantile(volatility[0], np.arange(1, VOLATILITIES) / VOLATILITIES)
    shares = np.bincount(np.searchsorted(bounds, volatility[1]), minlength=VOLATILITIES) / len(
        volatility[1]
    )
    return float((shares >= FEWEST / VOLATILITIES).sum())


def _crps(model: Model, history: History, whole: History) -> float:
    """Mean CRPS of one-day forecasts with fixed parameters, in percent."""
    days, returns = range(len(history), len(whole)), whole.log_returns
    if (
        model.bundle.manifest.blueprint.run_in
    ):  # it knows nothing of a history: one law for all days
        law = model.simulate_long_run(1, Seed(1), 0, 4 * DRAWS)[:, 0, 0]
        return _crps_of_one_law(law, returns[days, 0])
    paths = model.forecast(returns, days, 1, DRAWS, Seed(0))
    return 100 * float(
        np.mean(crps(np.stack([draws[:, 0, 0] for draws in paths]), returns[days, 0]))
    )


def _crps_of_one_law(law: FloatArray, realized: FloatArray) -> float:
    """Mean CRPS in percent of the same draws for every day."""
    return 100 * float(np.mean(crps(np.broadcast_to(law, (len(realized), len(law))), realized)))


def of_mixture(networks: str, objective: str, seeds: list[int]) -> Iterator[Found]:
    """Learn four normals in the plane, and compare the two distributions."""
    from simgan.gan.points import PointGan, PointSettings
    from simgan.recipe.objectives import OBJECTIVES as TABLE
    from simgan.workflows.examples.mixture import (
        CENTRES,
        JUDGED_POINTS,
        POINTS,
        SPREAD,
        found,
        shares_of,
    )

    rng = Seed(0).stream("baseline")
    points, fresh = (
        CENTRES[rng.integers(4, size=n)] + SPREAD * rng.standard_normal((n, 2))
        for n in (POINTS, JUDGED_POINTS)
    )
    gan = PointGan(
        points,
        TABLE.build(objective),
        PointSettings(**POINTS_BUDGET, **NETWORKS[networks]),
        Seed(0),
    )
    for seed in map(Seed, seeds):
        gan.restart(seed)
        started = time.monotonic()
        gan.train()
        fake, seconds = gan.generate(JUDGED_POINTS).astype(np.float64), time.monotonic() - started
        if not np.isfinite(fake).all():
            yield seed.value, {"failed": 1.0}
            continue
        shares, beyond = shares_of(fake)
        numbers = {
            "seconds": seconds,
            "KL": kl_nearest_neighbour(fresh, fake).value,
            "EMD/sd, x": emd_in_sd(fresh[:, 0], fake[None, :, 0], 1),
            "modes of 15-35 %": found(shares),
            "modes covered": float((shares >= FEWEST / len(shares)).sum()),
            "beyond 3 sd": beyond,
        }
        yield seed.value, numbers


def of_convolutions(_: str, steps: str, seeds: list[int]) -> Iterator[Found]:
    """The tcn of the paper's sizes, for so many steps."""
    settings = {"architecture.channels": "80", "rate": "5e-4", "check_every": "50"}
    for seed in seeds:
        yield seed, _scored("tcn", "relativistic", settings | {"steps": steps}, seed)


def of_the_same_time(architecture: str, seconds: str, seeds: list[int]) -> Iterator[Found]:
    """Return the steps that fit into the seconds, by the speed of a short training."""
    fast = _scored(architecture, "relativistic", {"steps": "200", "check_every": "100"}, 100)
    steps = int(200 * float(seconds.removesuffix(" s")) / fast["seconds"])
    for seed in seeds:
        yield (
            seed,
            _scored(
                architecture, "relativistic", {"steps": str(steps), "check_every": "100"}, seed
            ),
        )


def _scored(architecture: str, objective: str, settings: dict[str, str], seed: int) -> Numbers:
    """Train on S&P 500, May 2009 to December 2018, and score long-run paths."""
    history = _theirs()
    recipe = Recipe.parse(
        overlaid(
            {"architecture": architecture, "objective": objective, "seed": seed}, nested(settings)
        )
    )
    task = Assignment(
        name="SP500",
        history=history,
        source={"kind": "benchmark"},
        checkpoint=Path(f".objectives-{architecture}"),
    )
    ended: list[float] = []  # steps of the game, on a clock

    class Clock(Silent):
        def step(self, step: Step) -> None:
            if step.task.startswith("adversarial"):
                ended.append(time.monotonic())

    model = Model(spread_out(train(recipe, task, Clock()).bundle))
    fake, manifest = (
        model.simulate_long_run(len(history), Seed(0), 0, PATHS)[:, :, 0],
        model.bundle.manifest,
    )
    return {
        "seconds": manifest.seconds,
        "seconds a step": float(np.median(np.diff(ended))),
        "steps": float(settings["steps"]),
        "chosen": float(manifest.chosen_step),
    } | _curves(history.log_returns[:, 0], fake)


def of_their_draws(_: str, seeds: list[int]) -> Iterator[Found]:
    """Days of that history in any order."""
    real = _theirs().log_returns[:, 0]
    for seed in seeds:
        yield seed, _curves(real, _shuffled(real, seed))


def _theirs() -> History:
    """The days that Quant GANs were fitted to."""
    return history_of(Sample().fetch("SP500").between("2009-05-01", "2018-12-31"))


def _curves(real: FloatArray, fake: FloatArray) -> Numbers:
    return {
        **{f"EMD/sd {days}": emd_in_sd(real, fake, days) for days in (1, 5, 20, 100)},
        **{
            f"ACF {name}": acf_score(real, fake, transform)
            for name, transform in TRANSFORMS.items()
        },
        "leverage": leverage_score(real, fake),
    }


@click.group()
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(".objectives"),
    show_default=True,
    help="keeps what is finished",
)
@click.option("--seeds", default="0,1,2,3,4", show_default=True)
@click.option("--objectives", default=",".join(OBJECTIVES), help="some of them, with commas")
@click.option("--jobs", default=2, show_default=True)
@click.pass_context
def main(context: click.Context, folder: Path, seeds: str, objectives: str, jobs: int) -> None:
    """Print a table."""
    (folder / str(context.invoked_subcommand)).mkdir(parents=True, exist_ok=True)
    names = objectives.split(",")
    context.obj = Given(
        folder / str(context.invoked_subcommand),
        [int(seed) for seed in seeds.split(",")],
        names,
        jobs,
    )
    versions = ", ".join(
        f"{name} {version}"
        for name, version in library_versions().items()
        if name in ("simgan", "tensorflow", "numpy")
    )
    click.echo(
        f"{context.invoked_subcommand}, {datetime.now(UTC):%Y-%m-%d}, seeds {seeds}, {versions}"
    )


@main.command()
@click.pass_obj
def mixture(given: Given) -> None:
    """A GAN tutorial's mixture, plain: 5,000 rounds of 200 points, an averaged generator."""
    given.table(
        [(networks, objective) for networks in NETWORKS for objective in given.objectives],
        of_mixture,
    )


@main.command()
@click.option("--steps", default=150, show_default=True, help="of the tcn")
@click.pass_obj
def convolutions(given: Given, steps: int) -> None:
    """Compare the tcn of Quant GANs' sizes with state-space, on S&P 500 2009-2018.

    The tcn has 80 channels, 3 numbers of noise and a receptive field of 127 days. Windows and
    batches are of 128. Objective, penalty and critic are those of simgan. state-space gets as many
    seconds on the same machine. Scores are those of 200 free-running paths of the real length.
    """
    given.table([("tcn", str(steps))], of_convolutions)
    seconds = given.kept("tcn", str(steps))
    mean = np.mean([one["seconds"] for one in seconds.values()])
    given.table([("state-space", f"{10 * round(mean / 10)} s")], of_the_same_time)
    given.table([("draws from the history",)], of_their_draws)


@main.command()
@click.option("--architectures", default=",".join(BLUEPRINTS), help="some of them, with commas")
@click.option("--steps", default=300, show_default=True, help="of the critic's game, at most")
@click.pass_obj
def returns(given: Given, architectures: str, steps: int) -> None:
    """S&P 500: fitted to 1999-2013, forecasts of 2014-2018, batches of 32 windows."""
    rows = [
        (architecture, objective, str(steps))
        for architecture in architectures.split(",")
        for objective in given.objectives
    ]
    given.table(rows, of_returns)
    given.table([("draws from the history",)], of_draws)


if __name__ == "__main__":
    main()
