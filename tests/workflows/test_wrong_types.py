"""Every wrong type of a public function is a sentence that names the argument."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import simgan
from simgan.market.prices import Scope
from simgan.workflows.backtest import BacktestRequest
from simgan.workflows.fit import FitRequest
from simgan.workspace import Workspace

X = 0.01 * np.random.default_rng(0).standard_normal(500)
PATHS = 0.01 * np.random.default_rng(1).standard_normal((10, 500))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("start", "30/12/2017"),
        ("start", 5),
        ("end", pd.NaT),
        ("prices", 5),
        ("labels", 5),
        ("tensorboard", 5),
        ("settings", 5),
        ("recipe", 5),
        ("seed", 1.5),
        ("regimes", 2.5),
        ("workspace", 5),
        ("name", 5),
        ("download", 5),
        ("progress", 5),
    ],
)
def test_options_of_a_fit(name: str, value: object, tmp_path: Path) -> None:
    options = {"source": "sample", "workspace": tmp_path, name: value}
    with pytest.raises(simgan.SimganError, match=name) as caught:
        simgan.fit("NOPE", **options)  # type: ignore[arg-type]
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("levels", "0.99"),
        ("horizons", "x"),
        ("horizons", 2.5),
        ("models", 5),
        ("scenarios", "many"),
        ("window", 2.5),
        ("jobs", 0),
        ("first", "x"),
        ("refit", "daily"),
        ("prices", 5),
        ("workspace", 5),
        ("settings", 5),
    ],
)
def test_options_of_a_backtest(name: str, value: object, tmp_path: Path) -> None:
    options = {"source": "sample", "workspace": tmp_path, name: value}
    with pytest.raises(simgan.SimganError, match=name):
        simgan.backtest("NOPE", **options)  # type: ignore[arg-type]


def test_dates_and_numbers_of_requests_are_read(tmp_path: Path) -> None:
    day = datetime.date(2010, 1, 4)
    fit = FitRequest.of("A", Workspace(tmp_path), start=day, end=pd.Timestamp("2018-01-02"))  # type: ignore[typeddict-item]
    assert Scope.of(fit.order.start, fit.order.end, "drop") == Scope(
        "2010-01-04", "2018-01-02", "drop"
    )
    request = BacktestRequest.of(
        ["A"],
        Workspace(tmp_path),
        first=np.datetime64("2012-01-03"),  # type: ignore[typeddict-item]
        levels=0.99,  # type: ignore[typeddict-item]
        horizons=[1, 10.0],  # type: ignore[typeddict-item, list-item]
        models="gjr-fhs",  # type: ignore[typeddict-item]
        scenarios=1e4,  # type: ignore[typeddict-item]
    )
    assert (request.first, request.levels) == ("2012-01-03", (0.99,))
    assert (request.horizons, request.models) == ((1, 10), ("gjr-fhs",))
    assert request.scenarios == 10_000 and type(request.scenarios) is int


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: simgan.load(5), "model: name = 5"),
        (lambda: simgan.load(workspace=5), "load: workspace = 5"),
        (lambda: simgan.models(workspace=5), "models: workspace = 5"),
        (lambda: simgan.report(n="x"), "report: n = 'x'"),
        (lambda: simgan.report(out=5), "report: out = 5"),
        (lambda: simgan.report(against=5), "report: against = 5"),
        (lambda: simgan.report(name=5), "name = 5"),
        (lambda: simgan.risk(level="0.99"), "risk: level = '0.99'"),
        (lambda: simgan.risk(horizon=2.5), "risk: horizon = 2.5"),
        (lambda: simgan.risk(position="much"), "risk: position = 'much'"),
        (lambda: simgan.risk(as_of=20080912), "risk: as_of = 20080912"),
        (lambda: simgan.risk(n=None), "risk: n = None"),
        (lambda: simgan.risk(seed=1.5), "risk: seed = 1.5"),
        (lambda: simgan.risk(prices=5), "risk: prices = 5"),
        (lambda: simgan.risk(workspace=5), "risk: workspace = 5"),
        (lambda: simgan.baseline(5), "unknown model '5'"),
        (lambda: simgan.baseline("historical-250").fit("x"), "historical: log_returns = "),
        (lambda: simgan.Recipe.parse(5), "recipe: table = 5"),
        (lambda: simgan.compare("a", PATHS), "compare: real = "),
        (lambda: simgan.compare([str(x) for x in X], PATHS), "compare: real = text"),
        (lambda: simgan.compare(X, None), "compare: fake = "),
        (lambda: simgan.kl_nearest_neighbour("a", X), "kl_nearest_neighbour: real = "),
        (lambda: simgan.kl_nearest_neighbour(X, X + 1, k="5"), "kl_nearest_neighbour: k = '5'"),
    ],
)
def test_other_functions(call: object, told: str) -> None:
    with pytest.raises(simgan.SimganError) as caught:
        call()  # type: ignore[operator]
    assert told in str(caught.value) and len(str(caught.value)) < 320


def test_series_and_lists_are_samples_too() -> None:
    expected = simgan.kl_nearest_neighbour(X, PATHS)
    assert simgan.kl_nearest_neighbour(pd.Series(X), PATHS.tolist()) == expected
    fits = [
        simgan.baseline("historical-250").fit(returns)  # type: ignore[arg-type]
        for returns in (X[:, None], X[:, None].tolist(), pd.DataFrame(X))
    ]
    drawn = [fit.simulate(X[:, None], 2, simgan.Seed(1), 0, 5) for fit in fits]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    np.testing.assert_array_equal(drawn[0], drawn[2])
