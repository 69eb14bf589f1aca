"""A model and its scenarios in a session: shown in lines, compared by value, drawn on request."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from made_bundle import made_bundle
from made_joint import made_joint

import simgan
from simgan.bundle.store import write_bundle
from simgan.errors import ConfigError
from simgan.readable import of_each
from simgan.sampling.model import Model
from simgan.scenarios.plots import quantiles
from simgan.workspace import Workspace


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_bundle(made_bundle("one"), Workspace(folder).model("one"))
    write_bundle(made_bundle("two"), Workspace(folder).model("two"))
    return folder


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return simgan.load("one", workspace=folder)


@pytest.fixture
def axes() -> Iterator[None]:
    matplotlib.use("Agg")
    yield
    matplotlib.pyplot.close("all")


def test_two_loads_of_a_model_are_equal_and_hash_alike(folder: Path, model: Model) -> None:
    again = simgan.load("one", workspace=folder)
    assert model == again and hash(model) == hash(again)
    assert model != simgan.load("two", workspace=folder)
    assert model != replace(model, engine="numpy")


def test_other_weights_make_another_model(model: Model) -> None:
    weights = {name: values.copy() for name, values in model.bundle.weights.items()}
    next(iter(weights.values())).flat[0] += 1e-3
    assert model != Model(replace(model.bundle, weights=weights))


def test_values_of_many_assets_have_their_names_and_are_the_first_few() -> None:
    names = tuple(f"ASSET-{number}" for number in range(12))
    assert of_each(names[:1], ["1 %"]) == "1 %"
    assert of_each(names[:2], ["1 %", "2 %"]) == "ASSET-0 1 %, ASSET-1 2 %"
    assert of_each(names, map(str, range(12))).endswith("ASSET-3 3 and 8 more")
    model = Model(made_joint())
    assert "last price    ONE 10, TWO 200, THREE 3" in repr(model)
    assert re.search(
        r"volatility    ONE [\d.]+ %, TWO [\d.]+ %, THREE [\d.]+ %, a year", repr(model)
    )
    assert re.search("THREE .* 1,500 days; last price 3", model.summary())
    assert "ONE 10, TWO 200, THREE 3" in repr(model.sample(2, 2))
    assert "ONE 10, TWO 200, THREE 3" in repr(model.bundle.history)


def test_a_model_shows_itself_in_a_few_lines(model: Model) -> None:
    shown = repr(model)
    assert len(shown) < 600 and shown.splitlines()[0] == "Model one"
    assert "2015-01-01 to 2017-03-10, 800 log returns" in shown
    assert "% a year" in shown and "MADE" in shown
    assert len(repr(model.bundle)) < 600 and len(repr(model.bundle.history)) < 200
    assert "half_lives" in model.summary() and "half_lives" not in shown


def test_scenarios_are_equal_by_their_numbers(model: Model) -> None:
    first, again = (model.sample(50, 5, seed=1) for _ in range(2))
    assert first == again and hash(first) == hash(again)
    assert first != model.sample(50, 5, seed=2) and first != model.sample(49, 5, seed=1)
    assert first in [again]


def test_scenarios_show_their_spread(model: Model) -> None:
    scenarios = model.sample(200, 5, seed=1)
    sums = np.expm1(scenarios.log_returns[:, 0:5, 0].sum(axis=1, dtype=np.float64))
    low = np.quantile(sums, 0.01, method="inverted_cdf")
    shown = repr(scenarios)
    assert "number 0 to 199 of seed 1" in shown and "5 steps after 2017-03-10" in shown
    assert f"1 % quantile {100 * low:.2f} %".replace("-", "−") in shown
    assert len(shown.splitlines()) == 5


def test_a_summary_has_the_moments_of_the_simple_return(model: Model) -> None:
    scenarios = model.sample(400, 5, seed=1)
    sums = np.expm1(scenarios.log_returns[:, :, 0].sum(axis=1, dtype=np.float64))
    row = scenarios.summary().loc["MADE"]
    assert (row["mean"], row["std"]) == pytest.approx((sums.mean(), sums.std()))
    assert row["1%"] <= row["5%"] <= row["50%"] <= row["95%"] <= row["99%"]


def test_quantiles_count_the_weights() -> None:
    """Of 0, 1, 2, 3 with weights 1, 1, 1, 7 the median is 3, and the 20 % quantile is 1."""
    found = quantiles(np.arange(4.0), (0.2, 0.5), np.array([1.0, 1.0, 1.0, 7.0]))
    assert found.tolist() == [1.0, 3.0]


def test_a_fan_continues_the_prices_of_the_history(model: Model, axes: None) -> None:
    ax = model.plot(100, 10, days=20)
    history = model.bundle.history
    assert history is not None
    past = next(line for line in ax.lines if line.get_label() == "history")
    assert past.get_xdata().tolist() == list(range(-19, 1))
    assert past.get_ydata() == pytest.approx(history.prices[-20:, 0])
    assert past.get_ydata()[-1] == pytest.approx(123.5)
    median = next(line for line in ax.lines if line.get_label() == "median")
    assert median.get_ydata()[0] == pytest.approx(123.5)
    early = model.plot(100, 10, days=20, as_of="2016-06-01")
    assert early.lines[-1].get_ydata()[-1] == pytest.approx(history.until("2016-06-01").last_price)


def test_the_prices_of_a_history_give_its_returns(model: Model) -> None:
    history = model.bundle.history
    assert history is not None
    assert np.diff(np.log(history.prices), axis=0) == pytest.approx(history.log_returns[1:])


def test_a_distribution_is_drawn_on_given_axes(model: Model, axes: None) -> None:
    from matplotlib.figure import Figure

    given = Figure().add_subplot()
    assert model.sample(500, 5).plot("distribution", ax=given) is given
    assert sum(bar.get_height() * bar.get_width() for bar in given.patches) == pytest.approx(1.0)


def test_an_unknown_picture_or_asset_is_refused(model: Model, axes: None) -> None:
    scenarios = model.sample(20, 2)
    with pytest.raises(ConfigError, match="fan or distribution"):
        scenarios.plot("pie")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="one of MADE"):
        scenarios.plot(asset="KO")


def test_nothing_but_a_picture_needs_matplotlib(folder: Path) -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "import simgan\n"
        f"model = simgan.load('one', workspace={str(folder)!r})\n"
        "repr(model), repr(model.sample(3)), model.summary()\n"
        "try:\n    model.plot(3)\n"
        "except simgan.SimganError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Model.plot needs matplotlib")
