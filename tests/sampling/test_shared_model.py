"""A model that several threads share, and processes that cannot share an engine."""

from __future__ import annotations

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from made_bundle import made_bundle

from simgan.bundle import Runtime
from simgan.errors import ConfigError
from simgan.sampling import model as module
from simgan.sampling.latent import Drawing
from simgan.sampling.model import Model
from simgan.sampling.runtimes import runtime_of
from simgan.sampling.runtimes.numpy_runtime import NumpyRuntime
from simgan.seeds import Seed

THREADS = 6


def test_threads_build_the_runtime_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each build waits for a second one. Without a lock that comes; with it none can."""
    built, second = [], threading.Event()
    together = threading.Barrier(THREADS)

    def slow(*arguments: object) -> object:
        built.append(arguments)
        second.set() if len(built) > 1 else second.wait(0.3)
        return runtime_of(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "runtime_of", slow)
    model = Model(made_bundle())

    def use(_: int) -> Runtime[object]:  # type: ignore[type-var]
        together.wait()
        return model.runtime  # type: ignore[return-value]

    with ThreadPoolExecutor(THREADS) as pool:
        runtimes = list(pool.map(use, range(THREADS)))
    assert len(built) == 1 and len({id(runtime) for runtime in runtimes}) == 1


@pytest.mark.parametrize("engine", ["cpu", "numpy"])
def test_threads_draw_the_scenarios_of_one(engine: str) -> None:
    """Different seeds at once: no buffer of one drawing is written by another."""
    model = Model(made_bundle(), engine)
    expected = [model.sample(700, 4, seed=seed).log_returns for seed in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(
            pool.map(lambda seed: model.sample(700, 4, seed=seed).log_returns, range(THREADS))
        )
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_used_model_travels_to_another_process() -> None:
    model = Model(made_bundle())
    expected = model.sample(5, 2).log_returns
    there = pickle.loads(pickle.dumps(model))  # noqa: S301  (own bytes)
    np.testing.assert_array_equal(there.sample(5, 2).log_returns, expected)


def test_workers_that_cannot_share_the_engine_are_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A generator on a device cannot be pickled; the engine named tensorflow is one."""
    monkeypatch.setattr(NumpyRuntime, "works_in_processes", False)
    model = Model(made_bundle(), "numpy")
    with pytest.raises(ConfigError, match=r"workers = 2 .*it must be 1: the engine numpy"):
        next(model.draw(Drawing(5000, 2, Seed(0)), model.start(), workers=2))
    assert len(next(model.draw(Drawing(5, 2, Seed(0)), model.start()))) == 5
