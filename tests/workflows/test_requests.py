"""Requests of fit and backtest: made from options, followed by a progress, stopped by a token."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from heard_steps import Heard

import simgan
from simgan.errors import ConfigError, Interrupted, UnknownNameError
from simgan.locks import locked
from simgan.progress import Step, Stop
from simgan.recipe.recipe import Recipe
from simgan.workflows.backtest import BacktestRequest, backtest
from simgan.workflows.backtest.contenders import Gan
from simgan.workflows.fit import FitRequest, kept_until_over
from simgan.workflows.options import BacktestOptions, FitOptions
from simgan.workspace import Workspace

WALK: dict[str, Any] = {
    "source": "sample",
    "first": "2018-06-01",
    "refit": "quarterly",
    "models": ("historical-250", "iid-bootstrap"),
    "scenarios": 100,
    "horizons": (1,),
}


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the figures of the page out. They take longer than the backtest."""
    monkeypatch.setattr("simgan.workflows.backtest.run.render_page", lambda *_: "page")


def of_fit(folder: Path, **options: Any) -> FitRequest:
    return FitRequest.of("SP500", Workspace(folder), **options)


def of_backtest(folder: Path, **options: Any) -> BacktestRequest:
    return BacktestRequest.of(("SP500",), Workspace(folder), **WALK | options)


def test_a_fit_holds_prices_recipe_and_the_rest_of_its_options(tmp_path: Path) -> None:
    request = of_fit(
        tmp_path, prices="ko.csv", column="close", end="2020-01-01", objective="hinge",
        settings={"rate": 1e-4}, name="Mine", device="cpu", resume=True,
    )  # fmt: skip
    assert request.recipe == Recipe.parse({"objective": "hinge", "training": {"rate": 1e-4}})
    assert (request.order.prices, request.order.column) == (Path("ko.csv"), "close")
    assert (request.order.ticker, request.order.end) == ("SP500", "2020-01-01")
    assert (request.model_name, request.device, request.resume) == ("Mine", "cpu", True)


def test_nothing_asked_gives_the_defaults_of_each_door(tmp_path: Path) -> None:
    assert of_fit(tmp_path).recipe.preset == "standard"
    assert of_backtest(tmp_path).recipe == Recipe.parse({"preset": "quick"})
    assert BacktestRequest(
        orders=(of_fit(tmp_path).order,), workspace=Workspace(tmp_path)
    ).recipe == (Recipe.parse({"preset": "quick"}))


@pytest.mark.parametrize("make", [of_fit, of_backtest])
def test_an_option_that_does_not_exist_is_told_with_the_nearest(make: Any, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="'objektive'; known: objective"):
        make(tmp_path, objektive="hinge")


def test_python_has_every_option_of_the_command_line() -> None:
    """By name, but for those that a function has by other means."""
    from simgan.cli.backtest import backtest as backtest_command
    from simgan.cli.fit import fit as fit_command

    shown = {"common", "workspace", "verbose", "quiet", "as_json", "tickers", "refresh"}
    shown |= {"force", "offline"}
    for command, options in ((fit_command, FitOptions), (backtest_command, BacktestOptions)):
        names = {parameter.name for parameter in command.params} - shown - {"list_settings"}
        assert names - set(options.__annotations__) == set()


def test_a_level_needs_a_scenario_beyond_it(tmp_path: Path) -> None:
    assert of_backtest(tmp_path, levels=(0.99,)).scenarios == 100
    with pytest.raises(ConfigError, match=r"scenarios = 100 .*at least 200, .* beyond 0\.995"):
        of_backtest(tmp_path, levels=(0.95, 0.995))


def test_download_is_one_of_four_words(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"download = 'sometimes'.*if-missing, always, force, never"
    ):
        of_fit(tmp_path, download="sometimes").order.history(Workspace(tmp_path), 10)


@pytest.mark.parametrize(
    "options", [{"regimes": 3}, {"labels": "l.csv"}, {"recipe": {"regimes": 2}}]
)
def test_a_backtest_refuses_regimes_in_a_sentence(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"backtest: regimes = .* left out"):
        of_backtest(tmp_path, **options)


def test_a_backtest_needs_a_file_for_each_ticker(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="one file for one ticker"):
        of_backtest(tmp_path, prices=("a.csv", "b.csv"))


@pytest.mark.parametrize("architecture", ["state-space", "mlp", "recurrent", "tcn"])
def test_any_architecture_takes_part_in_a_backtest(tmp_path: Path, architecture: str) -> None:
    request = of_backtest(
        tmp_path, models=("simgan", "gjr-fhs"), architecture=architecture, objective="wgan", seed=4
    )
    gan = request.contenders()[0]
    assert isinstance(gan, Gan)
    assert gan.recipe.architecture.kind == architecture
    assert gan.recipe.seed == 4
    assert request.in_words()["GAN"].startswith(f"{architecture}, wgan, preset quick;")
    assert gan.record()["recipe"] == json.loads(json.dumps(request.recipe.to_json()))


def test_a_backtest_without_an_adversarial_stage_names_no_objective(tmp_path: Path) -> None:
    said = of_backtest(tmp_path, models=("simgan", "gjr-fhs")).in_words()["GAN"]
    assert said.startswith("state-space, by likelihood, preset quick;")


def test_a_backtest_tells_the_days_of_each_model_to_the_last(tmp_path: Path) -> None:
    heard = Heard()
    done = simgan.backtest("SP500", workspace=tmp_path, progress=heard, **WALK)
    assert done.page.exists()
    for model in WALK["models"]:
        steps = [step for step in heard.steps if step.task == model]
        assert steps[-1].done == steps[-1].total
        assert [step.done for step in steps] == sorted(step.done for step in steps)
        assert {step.total for step in steps} == {len(done.walks[0].dates)}


class _AsksAfterTheFirst(Heard):
    """Asks for a stop when the first segment is done."""

    def __init__(self, stop: Stop) -> None:
        super().__init__()
        self._stop = stop

    def step(self, step: Step) -> None:
        super().step(step)
        if step.task in WALK["models"] and step.done:
            self._stop.ask()


@pytest.mark.usefixtures("undrawn")
def test_a_backtest_that_is_stopped_keeps_what_is_finished_and_continues(tmp_path: Path) -> None:
    whole = simgan.backtest("SP500", workspace=tmp_path / "whole", **WALK)
    stop = Stop()
    with pytest.raises(Interrupted, match="--resume"):
        backtest(of_backtest(tmp_path), _AsksAfterTheFirst(stop), stop)
    assert len(list((tmp_path / "reports" / ".SP500-backtest").iterdir())) == 1
    resumed = backtest(of_backtest(tmp_path, resume=True))
    assert resumed.forecasts.read_bytes() == whole.forecasts.read_bytes()


@pytest.mark.usefixtures("undrawn")
def test_two_backtests_of_one_name_wait_for_each_other_and_say_so(tmp_path: Path) -> None:
    heard, ended = Heard(), threading.Event()
    parts = Workspace(tmp_path).backtest_parts("SP500")

    def second() -> None:
        backtest(of_backtest(tmp_path), heard)
        ended.set()

    thread = threading.Thread(target=second)
    with locked(parts):
        thread.start()
        while not any("waiting" in sentence for sentence in heard.sentences):
            assert not ended.wait(0.05)
        assert not ended.is_set()
    thread.join(60)
    assert ended.is_set()


def test_a_stop_ends_the_wait_for_another_fit(tmp_path: Path) -> None:
    """The lock of the name comes before the training, which loads TensorFlow."""
    from simgan.workflows.fit import fit

    stop = Stop()
    stop.ask()
    request = of_fit(tmp_path, source="sample", name="M")
    with locked(Workspace(tmp_path).model("M")), pytest.raises(Interrupted, match="still writing"):
        fit(request, Heard(), stop)


def test_levels_that_cannot_be_are_shown_as_they_were_typed() -> None:
    """The message had a Python tuple, ``(95.0,)``."""
    with pytest.raises(ConfigError, match=r"levels = '95\.0,99\.0' is not possible"):
        BacktestRequest.of(["A"], Workspace(Path()), levels=(95.0, 99.0))


@pytest.mark.parametrize("has_checkpoint", [True, False])
def test_ctrl_c_after_the_training_says_that_the_training_is_kept(
    tmp_path: Path, has_checkpoint: bool
) -> None:
    """The comparison with the baselines takes a minute after the last checkpoint."""
    checkpoint = tmp_path / ".SP500.training"
    if has_checkpoint:
        checkpoint.mkdir()
    said = "the training is kept; .*--resume" if has_checkpoint else "^$"
    with pytest.raises(KeyboardInterrupt, match=said), kept_until_over(checkpoint):
        raise KeyboardInterrupt
    assert checkpoint.exists() == has_checkpoint
