"""The functions of `simgan` take frames, say what they do, and spell their options."""

from __future__ import annotations

import inspect
import logging
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
import pytest
from heard_steps import Heard
from made_bundle import made_bundle
from stub_training import VERDICT, stub_training

import simgan
from simgan.bundle.store import write_bundle
from simgan.cli.backtest import backtest as backtest_command
from simgan.cli.fit import fit as fit_command
from simgan.cli.report import report as report_command
from simgan.errors import ConfigError, PriceError
from simgan.market.sources.frame import PriceFrame
from simgan.recipe.options import RecipeOptions
from simgan.workflows.again import ordered_again
from simgan.workflows.backtest import BacktestRequest
from simgan.workflows.fit import FitRequest
from simgan.workflows.options import BacktestOptions, FitOptions, PriceOrder
from simgan.workflows.report import ReportRequest
from simgan.workspace import Workspace

__all__ = ["stub_training"]
DAYS = 400
RNG = np.random.Generator(np.random.Philox(5))
SERIES = pd.Series(
    100 * np.exp(np.cumsum(0.01 * RNG.standard_normal(DAYS))),
    pd.bdate_range("2016-01-04", periods=DAYS, tz="US/Eastern"),
    name="AAPL",
)
OF_THE_DOOR = {"asset", "assets", "workspace", "progress", "stop"}


def fit(folder: Path, asset: object = SERIES, **options: Any) -> simgan.Model:
    return simgan.fit(asset, workspace=folder, **options)  # type: ignore[arg-type]


def test_a_model_of_a_series_has_its_name_and_knows_its_source(
    tmp_path: Path, stub_training: None
) -> None:
    model = fit(tmp_path)
    source = model.bundle.manifest.data.source
    assert (model.name, model.bundle.manifest.assets) == ("AAPL", ("AAPL",))
    assert source["kind"] == "frame" and source["name"] == "AAPL"
    assert source["sha256"] == PriceFrame(SERIES).origin("AAPL")["sha256"]
    assert ordered_again(source) == ["--prices", "FILE"]


def test_a_model_of_a_frame_starts_on_a_date_and_is_read_again(
    tmp_path: Path, stub_training: None
) -> None:
    fit(tmp_path, SERIES.rename("Close").to_frame(), name="mine")
    model = simgan.load("mine", workspace=tmp_path)
    assert model.bundle.manifest.assets == ("mine",)  # the frame names none
    scenarios = model.sample(4, 3, as_of="2016-06-01")
    assert scenarios.initial_price == pytest.approx([SERIES.loc["2016-06-01"]])


def test_prices_may_be_a_path_a_text_or_a_frame(tmp_path: Path, stub_training: None) -> None:
    file, heard = tmp_path / "aapl.csv", Heard()
    SERIES.tz_localize(None).rename("Close").rename_axis("Date").to_csv(file)
    found = {
        fit(tmp_path, "AAPL", prices=prices).bundle.manifest.data.sha256
        for prices in (file, str(file), SERIES, SERIES.to_frame())
    }
    assert len(found) == 1
    fit(tmp_path, SERIES, progress=heard)
    assert "AAPL: learns from closes" in heard.sentences


def test_prices_twice_and_assets_of_another_type_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the first argument holds prices"):
        fit(tmp_path, SERIES, prices=SERIES)
    with pytest.raises(ConfigError, match="a price file is given as prices="):
        fit(tmp_path, Path("aapl.csv"))
    with pytest.raises(ConfigError, match="DatetimeIndex"):
        fit(tmp_path, "AAPL", prices=SERIES.to_numpy())


def test_a_wrong_row_of_a_frame_is_told_as_python_spells_it(
    tmp_path: Path, stub_training: None
) -> None:
    wrong = SERIES.where(np.arange(DAYS) != 50, -1.0)
    with pytest.raises(PriceError, match=r"iloc 50 \(2016-03-14\).*on_bad_rows='drop'"):
        fit(tmp_path, wrong)
    assert fit(tmp_path, wrong, on_bad_rows="drop").bundle.manifest.data.days == DAYS - 2


def test_a_backtest_takes_frames_as_well(tmp_path: Path) -> None:
    both = pd.DataFrame({"A": SERIES, "B": SERIES**0.5})
    where = Workspace(tmp_path)
    for request in (
        BacktestRequest.of([both["A"], both["B"]], where),
        BacktestRequest.of(["A", "B"], where, prices=both),
        BacktestRequest.of(["A", "B"], where, prices=[both["A"], both["B"]]),
    ):
        histories = [order.history(where, 60) for order in request.orders]
        assert request.tickers == ("A", "B")
        assert histories[1].log_returns == pytest.approx(histories[0].log_returns / 2)
    assert BacktestRequest.of(["A"], where, prices="a.csv").orders[0].prices == Path("a.csv")
    with pytest.raises(ConfigError, match=r"DataFrame.* one file for each of 3 tickers"):
        BacktestRequest.of(["A", "B", "C"], where, prices=[both, both])


def test_notes_and_verdict_go_to_the_progress_and_to_the_log(
    tmp_path: Path, stub_training: None, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    with caplog.at_level(logging.INFO, "simgan"):
        fit(tmp_path, SERIES.where(np.arange(DAYS) != 9), progress=heard)
    assert heard.sentences[0].startswith("AAPL: Series: 399 prices")
    assert VERDICT in heard.sentences
    assert caplog.messages == heard.sentences


def test_a_second_fit_says_that_it_replaces_the_first(
    tmp_path: Path, stub_training: None, caplog: pytest.LogCaptureFixture
) -> None:
    fit(tmp_path, name="mine")
    heard = Heard()
    fit(tmp_path, SERIES.iloc[:300], name="mine", progress=heard)
    said = next(line for line in heard.sentences if "replaces" in line)
    assert said == ("mine: replaces the earlier model of this name, of 2016-01-05 to 2017-07-14")
    fit(tmp_path, SERIES.rename("KO"), name="mine")
    [warning] = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "learned from AAPL" in warning.message and "another name keeps both" in warning.message


def test_models_lists_them_in_plain_values(tmp_path: Path) -> None:
    where = Workspace(tmp_path)
    write_bundle(made_bundle("b"), where.model("b"))
    write_bundle(made_bundle("a"), where.model("a"))
    (where.model("c")).mkdir()
    (where.model("c") / "manifest.json").write_text("{}")
    found = simgan.models(workspace=tmp_path)
    assert [(model.name, model.days) for model in found] == [("a", 800), ("b", 800), ("c", 0)]
    assert pd.DataFrame(found).set_index("name").loc["a", "last"] == "2017-03-10"
    assert found[2].damage and not found[0].damage


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    assert simgan.__version__ == version("simgan")
    assert "__version__" in dir(simgan)


@pytest.mark.parametrize("first", ["from simgan.report import verdict", "import simgan.report"])
def test_a_room_never_hides_the_function_of_its_name(first: str) -> None:
    namespace: dict[str, object] = {}
    exec(first, namespace)
    assert inspect.isfunction(simgan.report) and simgan.report.__module__.startswith("simgan.api")


# ------ one table of truth: the signatures, the options of the workflows, the commands


def parameters(function: object) -> dict[str, inspect.Parameter]:
    found = inspect.signature(function).parameters  # type: ignore[arg-type]
    return {name: p for name, p in found.items() if name not in OF_THE_DOOR}


def test_no_public_function_hides_its_options() -> None:
    for name in simgan.__all__:
        function = vars(__import__("simgan.api", fromlist=["api"])).get(name)
        if function is not None:
            kinds = [p.kind for p in inspect.signature(function).parameters.values()]
            assert inspect.Parameter.VAR_KEYWORD not in kinds, name


@pytest.mark.parametrize(
    ("function", "options"),
    [(simgan.fit, FitOptions), (simgan.backtest, BacktestOptions)],
    ids=["fit", "backtest"],
)
def test_a_signature_has_exactly_the_options_of_its_workflow(
    function: object, options: type
) -> None:
    assert set(parameters(function)) == set(options.__annotations__)


def annotated(function: object, name: str) -> str:
    """Return the annotation of a parameter, without the None that stands for "not given"."""
    return str(parameters(function)[name].annotation).removesuffix(" | None")


@pytest.mark.parametrize(
    ("function", "options"),
    [(simgan.fit, FitOptions), (simgan.backtest, BacktestOptions)],
    ids=["fit", "backtest"],
)
def test_the_types_of_a_signature_are_those_of_the_options(function: object, options: type) -> None:
    for name, hint in options.__annotations__.items():
        text = hint.__forward_arg__ if hasattr(hint, "__forward_arg__") else str(hint)
        if name == "refit":
            continue  # RefitPeriod, by its values
        assert annotated(function, name) == text.removesuffix(" | None"), name


def defaults_of(cls: type) -> dict[str, object]:
    return {field.name: field.default for field in fields(cls)}


@pytest.mark.parametrize(
    ("function", "requests"),
    [
        (simgan.fit, (FitRequest, PriceOrder)),
        (simgan.backtest, (BacktestRequest, PriceOrder)),
        (simgan.report, (ReportRequest,)),
    ],
    ids=["fit", "backtest", "report"],
)
def test_the_defaults_of_a_signature_are_those_of_the_request(
    function: object, requests: tuple[type, ...]
) -> None:
    of_training = set(RecipeOptions.__annotations__)
    known = {name: value for cls in reversed(requests) for name, value in defaults_of(cls).items()}
    for name, parameter in parameters(function).items():
        if name in of_training:
            assert parameter.default is None, name  # a recipe decides
        elif name in known and (function, name) != (simgan.backtest, "prices"):
            assert parameter.default == known[name], name


def of_command(command: click.Command) -> set[str]:
    """Return the options of a command as Python names them."""
    flags = {"refresh", "force", "offline"}  # together they are `download`
    shown = {"as_json", "verbose", "quiet", "workspace", "list_settings", "tickers"}
    return {str(p.name) for p in command.params} - flags - shown


@pytest.mark.parametrize(
    ("function", "command", "only_in_python"),
    [
        (simgan.fit, fit_command, {"download"}),
        (simgan.backtest, backtest_command, {"download", "condition", "labels", "regimes"}),
        (simgan.report, report_command, set()),
    ],
    ids=["fit", "backtest", "report"],
)
def test_a_function_has_the_options_of_its_command(
    function: object, command: click.Command, only_in_python: set[str]
) -> None:
    assert set(parameters(function)) - only_in_python == of_command(command) - set(OF_THE_DOOR)
