"""Estimates: the size of the data, the measured rates, and the pace of this machine."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from simgan.errors import SimganError
from simgan.service.configuration import Configuration
from simgan.service.database import database_of
from simgan.service.jobs.job import Lease
from simgan.service.jobs.orders import ORDERS
from simgan.service.jobs.orders.order import JobOrder, OrderContext, Span, trading_days
from simgan.service.jobs.rates import FIT as OF_FIT
from simgan.service.jobs.rates import STEP, Cost, Rate, pace_of
from simgan.service.jobs.requests import Jobs
from simgan.workspace import Workspace

FIT = {"kind": "fit", "tickers": ["SP500"], "source": "sample"}
BACKTEST = {**FIT, "kind": "backtest", "models": ["gjr-fhs"]}
TODAY = date(2026, 11, 27)


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    workspace = Workspace(tmp_path)
    return Jobs.over(workspace, Configuration(), database_of(workspace))


def order(**changes: object) -> JobOrder:
    return ORDERS.validate_python({**FIT, **changes})


def span(jobs: Jobs, **changes: object) -> Span:
    return order(**changes).span(OrderContext(jobs.workspace, jobs.uploads, "ann", TODAY))


def test_a_year_has_252_trading_days() -> None:
    assert trading_days(date(2001, 1, 1), date(2005, 1, 1)) == 4 * 252
    assert trading_days(date(2001, 1, 1), date(2001, 1, 1)) == 1


@pytest.mark.parametrize(
    ("changes", "assets", "days"),
    [
        ({}, 1, 5030),
        ({"start": "2009-01-01"}, 1, 2514),
        ({"end": "2008-12-31"}, 1, 2516),
        ({"start": "1900-01-01"}, 1, 5030),
        ({"tickers": ["SP500", "NASDAQ"]}, 2, 5030),
        ({"tickers": ["WTI"]}, 1, 8321),
        ({"tickers": "KO", "source": "yahoo"}, 1, 25 * 252),
        ({"tickers": "KO", "source": "yahoo", "end": "0001-01-02"}, 1, 1),
        ({"tickers": "KO", "source": "yahoo", "start": "2016-11-27"}, 1, 2520),
    ],
)
def test_days_are_known_within_two_percent(
    changes: dict[str, object], assets: int, days: int, jobs: Jobs
) -> None:
    """The samples have 5,031 and 8,321 prices; a download is taken for 25 years."""
    found = span(jobs, **changes)
    assert found.assets == assets
    assert found.days == pytest.approx(days, rel=0.02)


def test_an_upload_is_measured_by_its_bytes(jobs: Jobs, tmp_path: Path) -> None:
    row = "2020-01-01,100.00,101.00,99.00,100.50\n"
    (tmp_path / "sent").write_text(row * 1000)
    upload = jobs.uploads.add("ann", "a.csv", tmp_path / "sent", "f" * 64, 5)
    assert span(jobs, upload=upload.id, source="yahoo").days == pytest.approx(1000, rel=0.1)


def test_a_rate_counts_the_start_the_assets_and_their_days() -> None:
    rate = Rate(start=1.0, each=2.0, days=3.0, size=100.0, size_each=10.0)
    assert rate.cost(2, 2000) == Cost(1.0 + 2 * (2.0 + 6.0), 120.0 * 2**20)
    assert Cost(2.0, 5.0).at(1.5) == Cost(3.0, 5.0)


def test_more_work_costs_more() -> None:
    def seconds(assets: int = 1, days: int = 5000, **changes: object) -> float:
        return order(**changes).cost(Span(assets, days), 2).seconds

    assert seconds(preset="quick") <= seconds() < seconds(preset="thorough")
    assert seconds(days=1000) < seconds()
    assert seconds(assets=2) < seconds(assets=3)
    assert seconds(settings={"steps": 500}) == pytest.approx(seconds() + 500 * STEP)
    assert seconds(architecture="tcn") > seconds(architecture="mlp")
    of_gan = {**BACKTEST, "models": ["simgan"]}
    few, many = (seconds(**{**of_gan, "refit": refit}) for refit in ("yearly", "quarterly"))
    assert few < many
    assert seconds(**BACKTEST) < few


def test_the_work_of_a_backtest_is_shared_by_processes() -> None:
    walk = order(**{**BACKTEST, "models": ["gjr-fhs", "ewma-fhs"]})
    one, two = (walk.cost(Span(1, 5000), processes) for processes in (1, 2))
    assert two.seconds == pytest.approx(one.seconds / 2)
    assert two.memory == pytest.approx(one.memory * 3 / 2)  # and the process that started them
    assert walk.cost(Span(1, 5000), 8) == two


def test_the_pace_is_the_middle_one_of_earlier_jobs() -> None:
    assert pace_of([]) == 1.0
    assert pace_of([(1.0, 1.0), (4.0, 2.0), (90.0, 3.0)]) == 2.0
    assert pace_of([(1.0, 0.0)]) == 1.0


def test_an_estimate_has_the_pace_of_this_workspace(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = jobs.estimate(order(), "ann")
    assert before.pace == 1.0
    assert before.seconds == pytest.approx(OF_FIT.cost(1, before.days).seconds)
    clock = [1e9]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    jobs.submit(order(), "ann")
    job = jobs.store.claim(Lease(1, ""))
    assert job is not None
    clock[0] += 3 * before.seconds
    jobs.store.finish(job, {}, {})
    after = jobs.estimate(order(), "ann")
    assert after.pace == pytest.approx(3.0)
    assert after.seconds == pytest.approx(3 * before.seconds)
    assert after.memory == before.memory
    assert jobs.estimate(ORDERS.validate_python(BACKTEST), "ann").pace == 1.0


def test_a_job_has_the_cores_that_its_service_may_use(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0}, raising=False)
    assert jobs.processes == 1


def test_an_impossible_order_has_no_estimate(jobs: Jobs) -> None:
    with pytest.raises(SimganError, match="unknown sample series"):
        jobs.estimate(order(tickers=["SP600"]), "ann")


def test_a_report_is_measured_by_its_model(jobs: Jobs) -> None:
    report = ORDERS.validate_python({"kind": "report", "name": "reference"})
    found = jobs.estimate(report, "ann")
    assert (found.assets, found.days) == (1, 5030)


def test_no_estimate_has_more_days_than_there_are(jobs: Jobs) -> None:
    whole, endless = (
        jobs.estimate(order(**BACKTEST, first=first, end=end), "ann")
        for first, end in (("1999-01-04", "2018-12-31"), ("0001-01-01", "9999-12-31"))
    )
    assert endless == whole and endless.days_are_known
    download = {**FIT, "source": "yahoo", "end": "9999-12-31"}
    assert jobs.estimate(order(**download), "ann").days == pytest.approx(25 * 252, rel=0.01)
    assert not jobs.estimate(order(**download), "ann").days_are_known


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({"start": "9999-01-01"}, "not later than 2018-12-31"),
        ({"end": "1990-01-01"}, "not earlier than 1999-01-04"),
        ({"start": "9999-01-01", "source": "yahoo"}, "not later than 20"),
        ({**BACKTEST, "first": "2010-01-01", "end": "2009-01-01"}, "not later than 2009-01-01"),
    ],
)
def test_an_order_of_days_that_nobody_has_is_refused(
    changes: dict[str, object], allowed: str, jobs: Jobs
) -> None:
    with pytest.raises(SimganError, match=allowed):
        jobs.estimate(order(**changes), "ann")
