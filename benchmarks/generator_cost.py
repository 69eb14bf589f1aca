"""The table of generator.py about cost: seconds of a training, and of a step beside a tcn."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
from development_data import long_index
from generator_forecasts import Given, row

from simgan.market.history import History
from simgan.recipe.recipe import Recipe
from simgan.sampling.parallel import process_pool
from simgan.workflows.backtest.contenders import Gan
from simgan.workflows.train import Assignment, train
from simgan.workspace import Workspace

DAYS, STEPS = 5000, 20
CHANNELS, DILATIONS, LATENTS = (
    80,
    (1, 2, 4, 8, 16, 32),
    3,
)  # Wiese et al. (2020), "Quant GANs", appendix: receptive field 127


@click.command()
@click.pass_obj
def cost(given: Given) -> None:
    """Seconds for 5,000 days with validation, each line in a fresh process on an idle machine."""
    history = long_index("1997-12-31", "2018-12-31")
    history = history.rows(slice(len(history) - DAYS, len(history)))
    for name, seconds in (
        ("standard", _training),
        ("refit with warm start", _refit),
    ):
        with process_pool(1) as pool:
            click.echo(row(name, np.array([pool.submit(seconds, history, name).result()]), 1))
    with process_pool(1) as pool:
        steps = pool.submit(_steps, history).result()
    for name, found in steps.items():
        click.echo(row(f"seconds a step, {name}", np.array([found])))
    own, fastest = steps.pop("state-space"), min(steps.values())
    click.echo(row("ratio", np.array([fastest / own]), 1))


def _training(history: History, preset: str) -> float:
    """The first training of a process: compilation is part of it."""
    recipe = Recipe.parse({"preset": preset})
    with tempfile.TemporaryDirectory() as folder:
        task = Assignment(
            name="cost",
            history=history,
            source={"kind": "benchmark"},
            checkpoint=Path(folder) / "checkpoint",
        )
        return float(train(recipe, task).bundle.manifest.seconds)


def _refit(history: History, _: str) -> float:
    """The second fit of a backtest: a year more, from the weights of the first."""
    with tempfile.TemporaryDirectory() as folder:
        gan = Gan(Workspace(Path(folder)), Recipe.parse({"preset": "quick"}))
        first = gan.refit(history.rows(slice(len(history) - 252)), None)
        started = time.monotonic()
        gan.refit(history, first.key)
        return time.monotonic() - started


def _steps(history: History) -> dict[str, float]:
    """Seconds of one adversarial step, with equal windows and days for both architectures."""
    from simgan.gan.series import Lesson, TrainingSeries
    from simgan.gan.training import Trainer
    from simgan.seeds import Seed

    recipe = Recipe.parse({"training": {"steps": STEPS}})
    series = TrainingSeries.of(history.log_returns, recipe.architecture, recipe.training)
    trainer = Trainer(recipe.architecture, recipe.rules, recipe.training)
    trainer.adversarial.begin(Lesson(series, len(series.scaled), Seed(0), 1, {}))
    found = {"state-space": _seconds(lambda: trainer.adversarial.step(1))}
    windows = np.ascontiguousarray(series.windows[: recipe.training.batch])
    for compiled in (False, True):
        found["tcn, compiled" if compiled else "tcn"] = _seconds(
            _convolutional_step(windows, compiled)
        )
    return found


def _seconds(step: Callable[[], Any]) -> float:
    """Median over some steps, after one that compiles."""
    step()
    times = []
    for _ in range(STEPS):
        started = time.monotonic()
        step()
        times.append(time.monotonic() - started)
    return float(np.median(times))


def _convolutional_step(windows: np.ndarray, compiled: bool) -> Callable[[], Any]:
    """One step of a non-saturating GAN whose networks have the sizes of Quant GANs."""
    import keras
    import tensorflow as tf
    from keras import layers

    def network(inputs: int) -> keras.Model:
        """A pointwise block, then blocks of two dilated causal convolutions with skips."""
        seen = layers.Input((None, inputs))
        hidden = layers.PReLU(shared_axes=[1])(layers.Conv1D(CHANNELS, 1)(seen))
        skipped = [hidden]
        for dilation in DILATIONS:
            inner = hidden
            for _ in range(2):
                inner = layers.PReLU(shared_axes=[1])(
                    layers.Conv1D(CHANNELS, 2, padding="causal", dilation_rate=dilation)(inner)
                )
            hidden = layers.Add()([hidden, inner])
            skipped.append(inner)
        return keras.Model(seen, layers.Conv1D(1, 1)(layers.Add()(skipped)))

    generator, critic = network(LATENTS), network(1)
    optimizers = [keras.optimizers.Adam(1e-4, 0.0, 0.9) for _ in range(2)]
    for optimizer, model in zip(optimizers, (generator, critic), strict=True):
        optimizer.build(model.trainable_variables)
    batch, days, _ = windows.shape
    past = 2 * sum(DILATIONS)  # days that the receptive field reaches back
    real = tf.constant(windows)

    def fakes() -> Any:
        return generator(tf.random.normal((batch, days + past, LATENTS)))[:, past:]

    def score(paths: Any) -> Any:
        return critic(paths)[:, -1]

    @tf.function(jit_compile=compiled)
    def step() -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.softplus(-score(real)) + tf.nn.softplus(score(fakes())))
        optimizers[1].apply(
            tape.gradient(loss, critic.trainable_variables), critic.trainable_variables
        )
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.softplus(-score(fakes())))
        optimizers[0].apply(
            tape.gradient(loss, generator.trainable_variables), generator.trainable_variables
        )
        return loss

    return lambda: float(step())
