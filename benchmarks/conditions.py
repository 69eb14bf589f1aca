"""Measure the worth of regime labels: the tables of docs/workbench.md about conditions.

    python benchmarks/conditions.py recovered    the share of scenarios in their requested regime
    python benchmarks/conditions.py forecasts    64 days ahead: long run, today, regime known
    python benchmarks/conditions.py few-labels   classifying windows with 5 % of the labels

The data is the S&P 500 of the sample source, so that every user can run all three. Regimes are
calm, normal and turbulent thirds by realized volatility over 64 days. Models see the days before
2014.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from simgan.arrays import FloatArray
from simgan.bundle.store import Bundle
from simgan.market.history import History, history_of
from simgan.market.regimes import Regimes, by_volatility, realized_volatilities
from simgan.market.sources.sample import Sample
from simgan.provenance import library_versions
from simgan.recipe.recipe import Recipe, nested, overlaid
from simgan.risk.scores import crps
from simgan.sampling.latent import Drawing
from simgan.sampling.model import Model
from simgan.sampling.start import FromMemory, spread_out
from simgan.scenarios.block import joined
from simgan.seeds import Seed
from simgan.workflows.checks import recovered as shares_recovered
from simgan.workflows.train import Assignment, train

LAST = "2013-12-31"
LENGTH = 64
NAMES = ("calm", "normal", "turbulent")
DRAWS, EVERY, TESTED = 1000, 5, 4
SMALL = {"batch": "64", "steps": "300", "check_every": "100"}
KINDS = {"moments only": ("cgan", "0"), "cgan": ("cgan", "300"), "acgan": ("acgan", "300")}


def _fitted(kind: str, seed: int) -> tuple[Bundle, History, History]:
    """A model of the days before 2014, the history behind it, and the whole history."""
    whole = history_of(Sample().fetch("SP500"))
    history, (condition, steps) = whole.until(LAST), KINDS[kind]
    asked = {"seed": seed, "regimes": 3, "condition": condition}
    recipe = Recipe.parse(overlaid(asked, nested(SMALL | {"steps": steps})))
    with tempfile.TemporaryDirectory() as folder:
        task = Assignment(
            name="SP500",
            history=history,
            source={"kind": "benchmark"},
            checkpoint=Path(folder) / "checkpoint",
            regimes=by_volatility(history.log_returns, 3, LENGTH),
        )
        return spread_out(train(recipe, task).bundle), history, whole


def _row(name: str, values: list[FloatArray]) -> None:
    """The mean over the seeds, and the worst in the next line: the smallest."""
    for label, numbers in ((name, np.mean(values, axis=0)), ("", np.min(values, axis=0))):
        click.echo(f"{label:<34}" + "".join(f"{value:>12.4f}" for value in numbers))


@click.group()
@click.option("--seeds", default="0,1,2", show_default=True)
@click.pass_context
def main(context: click.Context, seeds: str) -> None:
    """Print a table."""
    context.obj = [int(seed) for seed in seeds.split(",")]
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
def recovered(seeds: list[int]) -> None:
    """Share of 64-day scenarios that belong to their requested regime (by chance, a third)."""
    click.echo(
        f"\n{'mean, smallest in the next line':<34}" + "".join(f"{name:>12}" for name in NAMES)
    )
    for kind in KINDS:
        found = []
        for seed in seeds:
            bundle, history, _ = _fitted(kind, seed)
            shares = shares_recovered(bundle, history)
            found.append(np.array([shares[name][name] for name in NAMES]))
        _row(kind, found)


@main.command()
@click.pass_obj
def forecasts(seeds: list[int]) -> None:
    """CRPS over the next 64 days, every fifth day of 2014-2018: realized volatility and return over
    all of them, in percent. Low is good.

    The regime is that of the days to come, which nobody knows today. So the last row shows the
    worth of a scenario for a stated regime.
    """
    columns = ("volatility", "return")
    click.echo(
        f"\n{'mean, worst in the next line':<34}" + "".join(f"{name:>12}" for name in columns)
    )
    found: dict[str, list[FloatArray]] = {
        "from the long run": [],
        "from today": [],
        "from today, regime known": [],
    }
    for seed in seeds:
        bundle, history, whole = _fitted("cgan", seed)
        for name, scores in zip(
            found, _forecast_scores(Model(bundle), history, whole), strict=True
        ):
            found[name].append(-scores)
    for name, values in found.items():
        for label, numbers in ((name, -np.mean(values, axis=0)), ("", -np.min(values, axis=0))):
            click.echo(f"{label:<34}" + "".join(f"{value:>12.4f}" for value in numbers))


def _forecast_scores(model: Model, history: History, whole: History) -> list[FloatArray]:
    days = np.arange(len(history), len(whole) - LENGTH + 1, EVERY)
    memories, bounds = (
        model.memories_along(whole.log_returns),
        model.bundle.manifest.regimes["bounds"],
    )
    outcomes = _outcomes(
        np.stack([whole.log_returns[day : day + LENGTH, 0] for day in days])
    )  # (2, days)
    regimes = np.searchsorted(bounds, realized_volatilities(whole.log_returns, LENGTH)[days])
    stationary = _outcomes(
        model.simulate_long_run(LENGTH, Seed(0), 0, 4 * DRAWS)[:, :, 0]
    )  # (2, draws)
    laws = [np.broadcast_to(stationary[:, None], (2, len(days), stationary.shape[1]))]
    for known in (False, True):
        drawn = []
        for day, regime in zip(days, regimes, strict=True):
            drawing = Drawing(DRAWS, LENGTH, Seed(int(day)), regime=int(regime) if known else None)
            paths = joined(
                list(model.draw(drawing, FromMemory(memories[day], whole.last_price)))
            ).log_returns
            drawn.append(_outcomes(paths[:, :, 0].astype(np.float64)))
        laws.append(np.stack(drawn, axis=1))  # (2, days, draws)
    return [
        np.array([100 * crps(np.ascontiguousarray(law[i]), outcomes[i]).mean() for i in range(2)])
        for law in laws
    ]


def _outcomes(paths: FloatArray) -> FloatArray:
    """Realized volatility per day, and return over all days, of paths (n, days): (2, n)."""
    return np.stack([np.sqrt(np.mean(paths**2, axis=1)), paths.sum(axis=1)])


@main.command("few-labels")
@click.option(
    "--share", default=0.05, show_default=True, help="of the windows whose label is known"
)
@click.option("--steps", default=600, show_default=True)
@click.pass_obj
def few_labels(seeds: list[int], share: float, steps: int) -> None:
    """Accuracy on the windows of 2014-2018, every fourth day: the regime of their last 64 days of
    128.

    All three have the same network, rate and steps. Alone, every window of a batch has a known
    label. In the game a quarter has one, the others have none, and there are fakes. Settings of the
    game were chosen with seed 100.
    """
    columns = ("accuracy", "mean over regimes")
    click.echo(
        f"\n{'mean, smallest in the next line':<34}" + "".join(f"{name:>20}" for name in columns)
    )
    ways: dict[str, Callable[[int], FloatArray]] = {
        f"labels alone, {100 * share:g} %": lambda seed: _alone(seed, share, steps),
        f"game, {100 * share:g} %": lambda seed: _game(seed, share, steps),
        "labels alone, 100 %": lambda seed: _alone(seed, 1.0, steps),
    }
    for name, way in ways.items():
        values = [way(seed) for seed in seeds]
        for label, numbers in ((name, np.mean(values, axis=0)), ("", np.min(values, axis=0))):
            click.echo(f"{label:<34}" + "".join(f"{value:>20.4f}" for value in numbers))


def _lesson(seed: int, share: float, steps: int) -> tuple[Any, Any, FloatArray, FloatArray]:
    """A game of few labels, and the later windows with their labels."""
    from simgan.gan.series import Lesson, TrainingSeries
    from simgan.gan.training import Trainer

    whole = history_of(Sample().fetch("SP500"))
    days = len(whole.until(LAST))
    settings = SMALL | {
        "steps": str(steps),
        "condition.labelled": str(share),
        "remedies.feature_matching": "0.5",
        # 10, the default, flattens the classifier with the critic
        "objective.penalty_weight": "0.1",
    }
    asked = {
        "objective": "non-saturating",
        "seed": seed,
        "regimes": 3,
        "condition": "semi-supervised",
    }
    recipe = Recipe.parse(overlaid(asked, nested(settings)))
    learned = by_volatility(whole.log_returns[:days], 3, LENGTH)
    labels = np.searchsorted(learned.bounds, realized_volatilities(whole.log_returns, LENGTH))
    every = replace(learned, by_day=np.concatenate([labels, np.full(LENGTH, -1)]))
    series = TrainingSeries.of(
        whole.log_returns, recipe.architecture, recipe.training, Regimes.one_hot(every)
    )
    trainer = Trainer(recipe.architecture, recipe.rules, recipe.training)
    starts = np.arange(days, len(whole) - 2 * LENGTH + 1, TESTED)
    lesson = Lesson(series, days, Seed(seed), 1, trainer.generator.fresh(Seed(seed)))
    return trainer, lesson, series.windows[starts], labels[starts + recipe.training.past]


def _game(seed: int, share: float, steps: int) -> FloatArray:
    trainer, lesson, windows, labels = _lesson(seed, share, steps)
    phase = trainer.adversarial
    trainer.generator.assign(lesson.start)
    trainer.generator.estimate(lesson.series, lesson.days)
    phase.begin(lesson)
    for step in range(1, steps + 1):
        phase.step(step)
    return _accuracy(phase.game.classes(windows).numpy(), labels)


def _alone(seed: int, share: float, steps: int) -> FloatArray:
    """The same critic and classifier, by cross entropy on the labelled windows only."""
    import keras
    import tensorflow as tf

    from simgan.recipe.conditions import cross_entropy

    trainer, lesson, windows, labels = _lesson(seed, share, steps)
    phase = trainer.adversarial
    phase.begin(lesson)
    series, settings = lesson.series, lesson.series.settings
    known = phase.known(np.arange(lesson.days - settings.ahead + 1))
    starts = np.flatnonzero(known.any(axis=1)) - settings.past
    starts = starts[starts >= 0]
    weights = phase.game.critic_weights
    optimizer = keras.optimizers.Adam(settings.rate * settings.critic_ratio, 0.0, 0.99)

    @tf.function(jit_compile=True)
    def step(some: Any, of_some: Any) -> None:
        with tf.GradientTape() as tape:
            loss = cross_entropy(phase.game.classes(some), of_some)
        optimizer.apply(tape.gradient(loss, weights), weights)

    optimizer.build(weights)
    rng = Seed(seed).stream("batches")
    for _ in range(steps):
        picks = rng.choice(starts, settings.batch)
        step(
            tf.constant(np.ascontiguousarray(series.windows[picks])),
            tf.constant(known[picks + settings.past]),
        )
    return _accuracy(phase.game.classes(windows).numpy(), labels)


def _accuracy(classes: FloatArray, labels: FloatArray) -> FloatArray:
    hits = classes.argmax(axis=1) == labels
    return np.array(
        [hits.mean(), np.mean([hits[labels == number].mean() for number in np.unique(labels)])]
    )


if __name__ == "__main__":
    main()
