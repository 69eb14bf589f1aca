"""A walk-forward under faults:
who fails is named, the others go on, and nothing finished is lost.
"""

from __future__ import annotations

import json
import threading
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from faulty_contender import FaultyContender
from heard_steps import Heard
from made_contender import MadeContender, TellingContender, made_days

from simgan.baselines.garch import GarchNormal
from simgan.cli.main import run
from simgan.errors import Interrupted, TrainingError, WriteError
from simgan.market.history import History
from simgan.progress import Silent, Step, Stop
from simgan.risk.portfolio import Portfolio
from simgan.workflows.backtest.forecasts import DayForecast, ForecastRows, to_table
from simgan.workflows.backtest.segments import (
    ForecastSettings,
    LastFit,
    SegmentForecasts,
    counted_warnings,
    load_part,
    save_part,
    schedule,
)
from simgan.workflows.backtest.told_progress import StepFile, step_in
from simgan.workflows.backtest.walk import Chain, walk, walks_of

SETTINGS = ForecastSettings(horizons=(1,), levels=(0.95,), scenarios=100, window=None, seed=4)
HISTORY = made_days(600)
FIRST = "2020-06-01"
FIRST_FIT, SECOND_FIT = "2020-05-31", "2020-06-30"  # last days of the first two fits


def a_chain(contender: MadeContender, history: History = HISTORY, **facts: object) -> Chain:
    return Chain(contender, history, schedule(history, FIRST, "quarterly", 10), SETTINGS, **facts)  # type: ignore[arg-type]


def faulty(fault: str, bad: str = FIRST_FIT, name: str = "faulty") -> FaultyContender:
    return FaultyContender(name, (bad,), fault=fault)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_model_that_fails_is_named_and_the_others_forecasts_are_kept(
    tmp_path: Path, jobs: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """Warnings of libraries are counted, and kept from the terminal."""
    good, bad = a_chain(MadeContender()), a_chain(MadeContender("bad", (FIRST_FIT,)))
    warner = a_chain(faulty("warnings"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sentences = walk([bad, good, warner], tmp_path, jobs)
    assert sentences == (
        "MADE, bad: no forecasts from 2020-06-01 on (the fit did not converge); bad is left out",
    )
    assert list(walks_of(bad)) == []
    alone = a_chain(MadeContender())
    assert walk([alone], tmp_path / "alone") == ()
    assert to_table(list(walks_of(good))).equals(to_table(list(walks_of(alone))))
    assert [part.warnings for part in warner.parts][:2] == [2, 0]
    assert "Warning" not in capfd.readouterr().err
    again = a_chain(faulty("warnings"))
    walk([again], tmp_path)
    assert [part.warnings for part in again.parts] == [part.warnings for part in warner.parts]


def test_forecasts_that_are_not_numbers_leave_the_model_out_even_after_good_ones(
    tmp_path: Path,
) -> None:
    bad, good = a_chain(faulty("nan", SECOND_FIT)), a_chain(MadeContender())
    (sentence,) = walk([bad, good], tmp_path)
    assert sentence.startswith("MADE, faulty: no forecasts from 2020-07-01 on")
    assert len(bad.parts) == 1 and not list(walks_of(bad)) and list(walks_of(good))


def test_a_model_that_fails_on_one_asset_is_left_out_on_all(tmp_path: Path) -> None:
    other = History(HISTORY.dates, HISTORY.log_returns, HISTORY.last_price, ("OTHER",))
    bad = MadeContender("bad", (FIRST_FIT,))
    chains = [a_chain(bad), a_chain(bad, other), a_chain(MadeContender(), other)]
    (sentence,) = walk(chains, tmp_path)
    assert sentence.startswith("MADE, bad:")
    assert [bool(list(walks_of(chain))) for chain in chains] == [False, False, True]


def test_the_judged_model_ends_the_walk_with_a_sentence(tmp_path: Path) -> None:
    bad = a_chain(MadeContender("bad", (FIRST_FIT,)), is_judged=True)
    told = r"bad is the model that the backtest judges.*forecasts are kept for --resume$"
    with pytest.raises(TrainingError, match=told):  # the same command would fail again
        walk([a_chain(MadeContender()), bad], tmp_path)


@pytest.mark.parametrize(
    ("fault", "jobs", "error", "words"),
    [
        ("killed", 2, TrainingError, r"killed or out of memory.*--resume.*--jobs"),
        ("half sent", 2, TrainingError, r"killed or out of memory.*--resume.*--jobs"),
        ("memory", 1, TrainingError, r"the memory is full.*--resume.*--jobs"),
        ("disk", 2, WriteError, r"no space left.*--resume"),
    ],
)
def test_a_fault_of_the_machine_is_a_sentence_and_finished_parts_are_used_again(
    tmp_path: Path, fault: str, jobs: int, error: type[Exception], words: str
) -> None:
    """The fault is met in the second segment, so that the part of the first one is there. One
    chain takes one process.
    """
    with pytest.raises(error, match=words):
        walk([a_chain(faulty(fault, SECOND_FIT))], tmp_path, jobs)
    kept = {path: path.read_bytes() for path in tmp_path.glob("*.safetensors")}
    assert kept and all(load_part(path) for path in kept)
    chain = a_chain(faulty(fault, SECOND_FIT))
    task = chain.next_task()
    assert task is not None and task.path(tmp_path) in kept


def test_a_bug_keeps_its_type(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="a bug"):
        walk([a_chain(faulty("bug")), a_chain(MadeContender())], tmp_path)


class _StopAfterOne(Silent):
    def __init__(self) -> None:
        self.stop, self.steps = Stop(), list[Step]()

    def step(self, step: Step) -> None:
        if step.task == "made" and step.done:  # a segment is done
            self.steps.append(step)
            self.stop.ask()


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_stop_is_heard_between_segments_and_the_rest_is_done_later(
    tmp_path: Path, jobs: int
) -> None:
    progress = _StopAfterOne()
    with pytest.raises(Interrupted, match="--resume"):
        walk([a_chain(MadeContender())], tmp_path, jobs, progress, progress.stop)
    assert len(progress.steps) == 1
    chain = a_chain(MadeContender())
    assert walk([chain], tmp_path) == () and len(chain.parts) == len(chain.segments)


class _StopAtStep(_StopAfterOne):
    """Asks to stop at the first step of a task of a segment that is under way."""

    def __init__(self, task: str) -> None:
        super().__init__()
        self.task = task

    def step(self, step: Step) -> None:
        self.steps.append(step)
        if step.task == self.task:
            self.stop.ask()


@pytest.mark.parametrize("task", ["telling, warm start", "telling, forecasts"])
def test_a_stop_is_heard_within_a_segment(tmp_path: Path, task: str) -> None:
    """The fit takes no further step, and no further day is forecast."""
    progress = _StopAtStep(task)
    with pytest.raises(Interrupted, match="--resume"):
        walk([a_chain(TellingContender())], tmp_path, 1, progress, progress.stop)
    assert progress.steps[-1].task == task and progress.steps[-1].done in (0, 30)
    assert not list(tmp_path.glob("*.safetensors"))


def test_a_walk_in_a_thread_can_be_stopped(tmp_path: Path) -> None:
    stop, caught = Stop(), []
    stop.ask()

    def work() -> None:
        try:
            walk([a_chain(MadeContender())], tmp_path, stop=stop)
        except Interrupted as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(caught) == 1 and not list(tmp_path.iterdir())


def test_progress_counts_the_days_of_a_model_over_all_assets(tmp_path: Path) -> None:
    other = History(HISTORY.dates, HISTORY.log_returns, HISTORY.last_price, ("OTHER",))
    chains = [a_chain(MadeContender()), a_chain(MadeContender(), other)]
    total = 2 * chains[0].days

    class Steps(Silent):
        seen: list[Step] = []  # noqa: RUF012

        def step(self, step: Step) -> None:
            if step.task == "made":
                self.seen.append(step)

    walk(chains, tmp_path, progress=Steps())
    assert {step.total for step in Steps.seen} == {total}
    done = [step.done for step in Steps.seen]
    assert done == sorted(done) and done[-1] == total
    Steps.seen.clear()
    walk([a_chain(MadeContender()), a_chain(MadeContender(), other)], tmp_path, progress=Steps())
    assert [step.done for step in Steps.seen][-1] == total  # what is read counts, too


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_fits_within_a_backtest_tell_how_far_they_are(tmp_path: Path, jobs: int) -> None:
    """A fit of minutes was silent. In another process it is told through a file."""
    heard = Heard()
    chains = [a_chain(TellingContender(pause=0.3)), a_chain(MadeContender())]
    walk(chains, tmp_path, jobs, heard)
    first = {step.task: step for step in reversed(heard.steps)}
    assert (first["telling"].done, first["made"].done) == (0, 0)  # before anything is done
    fits = [step for step in heard.steps if step.task == "telling, warm start"]
    assert {(step.done, step.total, step.stages) for step in fits} == {(30, 300, 0)}
    assert not list(tmp_path.glob("*.step"))


def test_a_step_of_another_process_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    path, step = tmp_path / "a.step", Step("warm start", 3, 300, {"loss": 0.5}, stage=1, stages=2)
    with StepFile(path) as file:
        file.step(step)
        assert step_in(path) == step
        file.step(replace(step, done=4))  # just after the first
        assert step_in(path) == step
        file.step(replace(step, done=300))
        assert step_in(path) == replace(step, done=300)
        for content in ("", '{"task": "wa', "[]", '{"task": "a"}', '"text"'):
            path.write_text(content)
            assert step_in(path) is None
    assert step_in(path) is None and not path.exists()


def test_warnings_are_counted_when_an_error_follows() -> None:
    with pytest.raises(ZeroDivisionError), counted_warnings() as caught:
        np.log(np.zeros(1))
        raise ZeroDivisionError
    assert len(caught) == 1


def test_rows_and_parts_round_trip(tmp_path: Path) -> None:
    days = [
        DayForecast(
            realized=0.01 * i,
            crps=0.1 + i,
            pit=0.5,
            value_at_risk=(1.0, 2.0),
            expected_shortfall=(1.5, 2.5),
            quantiles=np.linspace(-i, i, 7),
        )
        for i in range(5)
    ]
    rows = ForecastRows.of(days)
    assert rows.value_at_risk.shape == (5, 2) and rows.quantiles.dtype == np.float32
    halves = ForecastRows.join([ForecastRows.of(days[:2]), ForecastRows.of(days[2:])])
    part = SegmentForecasts(LastFit(7, "key"), {1: rows, 10: halves}, "a sentence", 3)
    save_part(tmp_path / "part", part)
    found = load_part(tmp_path / "part")
    assert found is not None
    assert (found.fit, found.failure, found.warnings) == (part.fit, part.failure, part.warnings)
    for horizon in (1, 10):
        for name, values in rows.arrays(horizon).items():
            np.testing.assert_array_equal(found.rows[horizon].arrays(horizon)[name], values)


@pytest.mark.parametrize("column", ["crps", "quantiles"])
def test_a_part_with_a_column_missing_or_of_another_length_is_no_part(
    tmp_path: Path, column: str
) -> None:
    rows = ForecastRows.of([])
    arrays = dict(rows.arrays(1)) | {f"1.{column}": np.zeros(3)}
    with pytest.raises(ValueError, match="length"):
        ForecastRows.read(arrays, 1)
    del arrays[f"1.{column}"]
    with pytest.raises(KeyError):
        ForecastRows.read(arrays, 1)


def test_a_walk_of_a_portfolio_is_that_of_its_returns(tmp_path: Path) -> None:
    """Two equal assets in any mixture have the return of one, and the same forecasts but for a
    last bit.
    """
    both = History(
        HISTORY.dates, np.tile(HISTORY.log_returns, (1, 2)), np.array([100.0, 50.0]), ("A", "B")
    )
    mixture = Portfolio(("A", "B"), (0.3, 0.7))
    chain, single = a_chain(MadeContender(), both, portfolio=mixture), a_chain(MadeContender())
    walk([chain], tmp_path)
    walk([single], tmp_path)
    (found,), (one,) = list(walks_of(chain)), list(walks_of(single))
    assert (found.asset, found.assets) == ("30 % A + 70 % B", ("A", "B"))
    np.testing.assert_allclose(found.realized, one.realized, atol=1e-15)
    np.testing.assert_allclose(found.value_at_risk, one.value_at_risk, rtol=1e-9)


def test_several_assets_without_weights_are_refused() -> None:
    both = History(
        HISTORY.dates, np.tile(HISTORY.log_returns, (1, 2)), np.array([100.0, 50.0]), ("A", "B")
    )
    with pytest.raises(ValueError, match="weights"):
        a_chain(MadeContender(), both).next_task()


def test_other_weights_have_other_parts() -> None:
    both = History(
        HISTORY.dates, np.tile(HISTORY.log_returns, (1, 2)), np.array([100.0, 50.0]), ("A", "B")
    )
    keys = {
        task.key
        for weights in ((0.3, 0.7), (0.5, 0.5))
        if (
            task := a_chain(
                MadeContender(), both, portfolio=Portfolio(("A", "B"), weights)
            ).next_task()
        )
    }
    assert len(keys) == 2


def test_the_command_names_the_model_that_fails_and_prints_no_warning_of_a_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A fit of arch that warns and then raises a raw ValueError, as on thinly traded series."""

    def of_arch(self: GarchNormal, log_returns: np.ndarray) -> None:
        np.log(np.zeros(3))
        warnings.warn("optimisation failed", RuntimeWarning, stacklevel=1)
        raise ValueError("S does not satisfy the bounds requirement of (2.05, 300.0)")

    monkeypatch.setattr(GarchNormal, "_fit", of_arch)
    price = 100.0 * np.exp(np.cumsum(HISTORY.log_returns[:, 0]))
    lines = [f"{day},{value}" for day, value in zip(HISTORY.dates, price, strict=True)]
    prices, reports = tmp_path / "prices.csv", tmp_path / "reports"
    prices.write_text("\n".join(["Date,Close", *lines]))
    command = ["backtest", "X", "--prices", str(prices), "--horizons", "1", "--jobs", "1"]
    command += ["--from", "2020-07-15", "--scenarios", "100", "--workspace", str(tmp_path)]
    assert run([*command, "--models", "historical-250,garch-normal,ewma-normal"]) == 0
    said = capfd.readouterr().err
    assert "garch-normal is left out" in said
    assert "RuntimeWarning" not in said and "Traceback" not in said
    numbers = json.loads((reports / "X-backtest.json").read_text())
    assert numbers["models"] == ["historical-250", "ewma-normal"]
    assert "garch-normal is left out" in numbers["failures"][0]
    assert run([*command, "--models", "garch-normal,historical-250"]) == 1
    said = capfd.readouterr().err.splitlines()
    assert len([line for line in said if line.startswith("Error: ")]) == 1
    assert "garch-normal is the model that the backtest judges" in said[-1]
