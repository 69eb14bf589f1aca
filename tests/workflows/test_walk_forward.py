"""The walk-forward: nothing from the future, nothing twice, and nothing lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_contender import MadeContender, made_days

from simgan.errors import TrainingError
from simgan.market.history import History
from simgan.progress import SILENT, Progress, Silent, Step
from simgan.risk.scores import crps
from simgan.risk.walks import Walk
from simgan.seeds import Seed
from simgan.workflows.backtest.forecasts import to_table
from simgan.workflows.backtest.segments import ForecastSettings, schedule
from simgan.workflows.backtest.walk import Chain, walk, walks_of

SETTINGS = ForecastSettings(
    horizons=(1, 5), levels=(0.95, 0.99), scenarios=200, window=None, seed=4
)
HISTORY = made_days()
FIRST = "2020-06-01"


def a_chain(
    history: History = HISTORY,
    contender: MadeContender | None = None,
    settings: ForecastSettings = SETTINGS,
) -> Chain:
    return Chain(
        contender or MadeContender(), history, schedule(history, FIRST, "quarterly", 10), settings
    )


def walked(folder: Path, *chains: Chain, jobs: int = 1, progress: Progress = SILENT) -> list[Walk]:
    walk(chains, folder, jobs, progress)
    return [found for chain in chains for found in walks_of(chain)]


def test_forecasts_are_those_of_the_model_and_what_came_is_what_came(tmp_path: Path) -> None:
    one, five = walked(tmp_path, a_chain())
    day = 600
    row = day - schedule(HISTORY, FIRST, "never", 10)[0].days.start
    fitted_until = next(
        s.days.start for s in schedule(HISTORY, FIRST, "quarterly", 10) if day in s.days
    )
    noise = Seed(4).stream("latent", day).standard_normal((200, 5, 1))
    paths = HISTORY.log_returns[day - 1] + HISTORY.log_returns[:fitted_until].std() * noise
    draws, realized = paths[:, :, 0].sum(axis=1), HISTORY.log_returns[day : day + 5].sum()
    assert five.realized[row] == pytest.approx(realized, rel=1e-12)
    assert five.crps[row] == pytest.approx(crps(draws[None, :], np.array([realized]))[0], rel=1e-9)
    assert five.value_at_risk[row, 0] == pytest.approx(
        -np.sort(draws)[10], rel=1e-12
    )  # 10 of 200 lie beyond
    assert one.dates[row] == five.dates[row] == HISTORY.dates[day]


def test_the_last_days_have_no_outcome_over_several_days(tmp_path: Path) -> None:
    one, five = walked(tmp_path, a_chain())
    assert len(one.dates) == len(five.dates) + 4
    assert one.dates[-1] == HISTORY.dates[-1]


def test_nothing_comes_from_the_future(tmp_path: Path) -> None:
    """Another future from day 700 on:
    every forecast up to that day stays as it is, and later ones change.
    """
    returns = HISTORY.log_returns.copy()
    returns[700:] = 0.05 - 3 * returns[700:]
    changed = replace(HISTORY, log_returns=returns)
    before, after = (
        walked(tmp_path / str(i), a_chain(h)) for i, h in enumerate((HISTORY, changed))
    )
    for one, other in zip(before, after, strict=True):
        known = one.dates <= HISTORY.dates[700]
        np.testing.assert_array_equal(one.value_at_risk[known], other.value_at_risk[known])
        np.testing.assert_array_equal(
            one.expected_shortfall[known], other.expected_shortfall[known]
        )
        assert not np.isclose(one.value_at_risk[~known], other.value_at_risk[~known]).any()


def test_a_rolling_window_is_all_that_a_fit_sees(tmp_path: Path) -> None:
    """Days more than the window before the first forecast may be anything."""
    returns = HISTORY.log_returns.copy()
    returns[: schedule(HISTORY, FIRST, "never", 10)[0].days.start - 300] = 0.5
    settings = replace(SETTINGS, window=300)
    one, _ = walked(tmp_path / "a", a_chain(settings=settings))
    other, _ = walked(
        tmp_path / "b", a_chain(replace(HISTORY, log_returns=returns), settings=settings)
    )
    np.testing.assert_array_equal(one.value_at_risk, other.value_at_risk)
    expanding, _ = walked(tmp_path / "c", a_chain(replace(HISTORY, log_returns=returns)))
    assert not np.isclose(one.value_at_risk, expanding.value_at_risk).any()


class _Halted(Exception):
    pass


class _HaltInTheSecond(Silent):
    def __init__(self) -> None:
        self.steps: list[Step] = []

    def step(self, step: Step) -> None:
        if step.task == "made" and step.done:  # a segment is done
            self.steps.append(step)
        if len(self.steps) == 2:
            raise _Halted


def test_what_was_finished_before_an_interruption_is_not_done_again(tmp_path: Path) -> None:
    whole = walked(tmp_path / "whole", a_chain())
    with pytest.raises(_Halted):
        walked(tmp_path / "parts", a_chain(), progress=_HaltInTheSecond())
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "parts").iterdir()}
    assert len(kept) == 2
    resumed = walked(tmp_path / "parts", a_chain())
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert to_table(resumed).equals(to_table(whole))


def test_a_part_that_is_damaged_is_made_again(tmp_path: Path) -> None:
    whole = walked(tmp_path, a_chain())
    victim = next(iter(tmp_path.iterdir()))
    content = victim.read_bytes()
    victim.write_bytes(content[:100])
    assert to_table(walked(tmp_path, a_chain())).equals(to_table(whole))
    assert victim.read_bytes() == content


def test_parts_of_another_request_are_not_used(tmp_path: Path) -> None:
    walked(tmp_path, a_chain())
    parts = len(list(tmp_path.iterdir()))
    other = walked(tmp_path, a_chain(settings=replace(SETTINGS, seed=5)))
    assert len(list(tmp_path.iterdir())) == 2 * parts
    assert to_table(other).equals(
        to_table(walked(tmp_path / "fresh", a_chain(settings=replace(SETTINGS, seed=5))))
    )


def test_several_processes_give_the_same(tmp_path: Path) -> None:
    chains = [(a_chain(), a_chain(contender=MadeContender("other"))) for _ in range(2)]
    alone, together = (
        to_table(walked(tmp_path / str(jobs), *pair, jobs=jobs))
        for jobs, pair in zip((1, 2), chains, strict=True)
    )
    assert alone.equals(together)


def test_a_fit_that_fails_on_the_way_falls_back_on_the_last_good_one_and_is_told(
    tmp_path: Path,
) -> None:
    chain = a_chain(contender=MadeContender(bad=("2020-09-30",)))
    one, _ = walked(tmp_path, chain)
    failures = [part.failure for part in chain.parts if part.failure]
    assert failures == [
        "MADE, made: the fit of 2020-10-01 failed (the fit did not converge); that of "
        "2020-07-01 was used on"
    ]
    good, _ = walked(tmp_path / "good", a_chain())
    failed = (one.dates >= np.datetime64("2020-10-01")) & (one.dates < np.datetime64("2021-01-01"))
    np.testing.assert_array_equal(one.value_at_risk[~failed], good.value_at_risk[~failed])
    assert not np.isclose(one.value_at_risk[failed], good.value_at_risk[failed]).any()


def test_a_first_fit_of_the_judged_model_that_fails_ends_the_walk_and_keeps_what_others_finished(
    tmp_path: Path,
) -> None:
    bad = a_chain(contender=MadeContender("bad", bad=("2020-05-31",)))
    bad.is_judged = True
    good = a_chain()
    with pytest.raises(TrainingError, match=r"did not converge.*judges.*--resume"):
        walked(tmp_path, good, bad)
    assert len(list(tmp_path.iterdir())) == len(good.segments)


def test_the_forecasts_file_is_that_of_the_contract(tmp_path: Path) -> None:
    walks = walked(tmp_path, a_chain())
    table = to_table(walks)
    assert table.column_names == [
        "date",
        "asset",
        "model",
        "horizon",
        "level",
        "var",
        "es",
        "realized",
        "crps",
        "pit",
    ]
    frame = table.to_pandas()
    rows = frame[(frame.horizon == 5) & (frame.level == 0.99)]
    assert len(rows) == len(walks[1].dates)
    np.testing.assert_array_equal(rows.es.to_numpy(), walks[1].expected_shortfall[:, 1])
    assert (rows.es >= rows["var"]).all()
