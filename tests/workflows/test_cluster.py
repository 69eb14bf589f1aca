"""Work on a Dask cluster: the bytes of a run on one machine, and each fault in a sentence."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from made_cluster import made_cluster
from made_contender import MadeContender, TellingContender, made_days

from simgan.cli.main import run
from simgan.errors import ClusterError, ConfigError, Interrupted, MissingExtraError
from simgan.progress import Silent, Step, Stop
from simgan.workflows import cluster as rooms
from simgan.workflows.backtest.forecasts import to_table
from simgan.workflows.backtest.segments import ForecastSettings, schedule
from simgan.workflows.backtest.walk import Chain, walk, walks_of
from simgan.workflows.cluster import cluster_at
from simgan.workflows.sample import SampleRequest, order
from simgan.workspace import Workspace

if TYPE_CHECKING:
    from distributed import LocalCluster

pytest.importorskip("distributed", reason="needs the extra simgan[dask]")

N, ROWS = 5000, 700  # files begin within groups, and the last is shorter


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with made_cluster() as made:
        yield made


@pytest.fixture
def address(cluster: LocalCluster) -> str:
    return str(cluster.scheduler_address)


def a_request(folder: Path, scheduler: str = "") -> SampleRequest:
    return SampleRequest(
        workspace=Workspace(folder),
        name="reference",
        n=N,
        horizon=5,
        seed=3,
        first=100,
        shard_rows=ROWS,
        scheduler=scheduler,
    )


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run on one machine."""
    folder = tmp_path_factory.mktemp("here")
    order(a_request(folder)).to_file(folder / "s.parquet")
    return content(folder / "s.parquet")


class Killing(Silent):
    """Kills a worker once the first file is written."""

    def __init__(self, cluster: LocalCluster) -> None:
        self.cluster, self.killed, self.done = cluster, 0, list[int]()

    def step(self, step: Step) -> None:
        self.done.append(step.done)
        if not self.killed:
            self.killed = self.cluster.workers[0].pid
            os.kill(self.killed, signal.SIGKILL)


def test_files_of_a_cluster_have_the_same_bytes_though_a_worker_is_killed(
    tmp_path: Path, cluster: LocalCluster, address: str, expected: dict[str, bytes]
) -> None:
    killing = Killing(cluster)
    order(a_request(tmp_path, address)).to_file(tmp_path / "s.parquet", progress=killing)
    assert killing.killed
    assert killing.done == sorted(killing.done) and killing.done[-1] == N
    assert content(tmp_path / "s.parquet") == expected
    assert [file.name for file in tmp_path.iterdir()] == ["s.parquet"]


def test_the_command_goes_on_where_it_was_stopped(
    tmp_path: Path,
    address: str,
    expected: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its files may be named by a relative path, though a worker runs in another folder."""
    monkeypatch.chdir(tmp_path)
    stop = Stop()

    class Stopping(Silent):
        def step(self, step: Step) -> None:
            stop.ask()

    with pytest.raises(Interrupted, match="--resume goes on with it") as stopped:
        order(a_request(tmp_path, address)).to_file(Path("s.parquet"), "refuse", Stopping(), stop)
    assert 0 < stopped.value.kept < N
    words = "sample reference --n 5000 --horizon 5 --seed 3 --first 100 --shard-rows 700"
    assert run(f"{words} -o s.parquet --resume --scheduler {address}".split()) == 0
    assert "went on after" in capsys.readouterr().err
    assert content(tmp_path / "s.parquet") == expected


@pytest.mark.parametrize(
    "wrong", ["tcp://127.0.0.1:1", "nonsense", "foo://127.0.0.1:1", "http://127.0.0.1:1"]
)
def test_a_wrong_address_is_told_within_seconds(
    wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun, level = time.monotonic(), logging.getLogger("distributed").level
    words = f"sample reference --n 10 --shard-rows 5 -o {tmp_path}/s.parquet --scheduler {wrong}"
    assert run(words.split()) == 1
    assert time.monotonic() - begun < 30
    assert capsys.readouterr().err == (
        f"Error: no Dask scheduler answers at {wrong}; give the address that `dask scheduler` "
        "prints, such as tcp://10.0.0.5:8786\n"
    )
    assert list(tmp_path.iterdir()) == []
    assert logging.getLogger("distributed").level == level


def test_a_scheduler_without_workers_is_told_before_the_work_and_while_it_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import LocalCluster

    for name in ("_WORKERS", "_ABSENT", "_LOOK"):
        monkeypatch.setattr(rooms, name, 0.1)
    with LocalCluster(n_workers=0, processes=True, dashboard_address=":0") as empty:
        address = str(empty.scheduler_address)
        with (
            pytest.raises(ClusterError, match=r"has no workers; start some: dask worker tcp://"),
            cluster_at(address, tmp_path),
        ):
            pass
        monkeypatch.setattr(rooms, "_expect_workers", lambda *_: None)
        with (
            pytest.raises(ClusterError, match=r"has ended, or had no worker for 0 seconds$"),
            cluster_at(address, tmp_path) as workers,
        ):
            list(workers.as_finished(len, [("abc",)], Stop()))


def test_a_worker_that_does_not_see_the_folder_is_told(tmp_path: Path, address: str) -> None:
    with (
        pytest.raises(ClusterError, match=r"the worker at tcp://.* does not see .*nowhere; all"),
        cluster_at(address, tmp_path / "nowhere") as workers,
    ):
        workers.submit(len, "abc").result()


def test_a_worker_with_other_versions_is_told(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that only one of both has does not matter, and Python neither."""
    with cluster_at(address, tmp_path) as workers:
        assert workers.submit(len, "abc").result() == 3
    monkeypatch.setattr(rooms, "library_versions", lambda: {"python": "2.7", "other": "1"})
    with cluster_at(address, tmp_path) as workers:
        assert workers.submit(len, "abc").result() == 3
    monkeypatch.setattr(rooms, "library_versions", lambda: {"numpy": "1.0"})
    with (
        pytest.raises(ClusterError, match=r"has numpy \d.*, and this process has 1\.0; install"),
        cluster_at(address, tmp_path) as workers,
    ):
        workers.submit(len, "abc").result()


def test_an_error_of_a_worker_is_that_of_the_run(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError, match="horizon = 0"), cluster_at(address, tmp_path) as workers:
        list(workers.as_finished(_refused, [(1,), (2,)], Stop()))


def _refused(number: int) -> None:
    raise ConfigError("sample", "horizon", 0, f"{number} or more")


def test_workers_that_die_of_a_part_and_a_scheduler_that_ends_are_told(
    tmp_path: Path, address: str
) -> None:
    from distributed import KilledWorker

    worker = SimpleNamespace(address="tcp://10.0.0.7:1")
    with (
        pytest.raises(ClusterError, match=r"^4 workers ended at the same part, .*10\.0\.0\.7"),
        cluster_at(address, tmp_path),
    ):
        raise KilledWorker("part", worker, 3)
    with pytest.raises(ClusterError, match="has ended"), cluster_at(address, tmp_path):
        raise CancelledError


def test_more_parts_than_the_scheduler_knows_at_once_are_all_done(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "_IN_FLIGHT", 2)
    with cluster_at(address, tmp_path) as workers:
        shared = workers.share("abc")
        found = workers.as_finished(_letter, ((shared, i) for i in (0, 1, 2, 1, 0)), Stop())
        assert sorted(found) == ["a", "a", "b", "b", "c"]


def _letter(text: str, number: int) -> str:
    return text[number]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"shard_rows": None}, "sample: scheduler = 'tcp://x:1' is not possible"),
        ({"workers": 2}, "sample: workers = 2 is not possible; it must be left out"),
    ],
)
def test_options_that_exclude_each_other(
    options: dict[str, object], told: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=told):
        order(replace(a_request(tmp_path, "tcp://x:1"), **options))  # type: ignore[arg-type]


def test_the_extra_is_named_where_dask_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(MissingExtraError, match=r"^--scheduler needs an .*'simgan\[dask\]'$"),
        cluster_at("tcp://127.0.0.1:1", tmp_path),
    ):
        pass


def chains() -> list[Chain]:
    history = made_days(600)
    settings = ForecastSettings(horizons=(1,), levels=(0.95,), scenarios=100, window=None, seed=4)
    segments = schedule(history, "2020-01-01", "quarterly", 10)
    contenders = [TellingContender(pause=0.05), MadeContender("made", ("2020-03-31",))]
    return [Chain(contender, history, segments, settings) for contender in contenders]


def test_a_walk_on_a_cluster_gives_the_same_forecasts_though_a_worker_is_killed(
    tmp_path: Path, cluster: LocalCluster, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder may have a relative name. A fit that failed is told in the same words."""

    class KillingAfterPart(Killing):
        def step(self, step: Step) -> None:
            if step.task == "telling" and step.done:
                super().step(step)

    monkeypatch.chdir(tmp_path)
    here, there, killing = chains(), chains(), KillingAfterPart(cluster)
    sentences = walk(here, Path("here"))
    assert walk(there, Path("there"), progress=killing, scheduler=address) == sentences
    assert killing.killed
    assert content(Path("there")) == content(Path("here"))
    for one, other in zip(here, there, strict=True):
        assert to_table(list(walks_of(one))).equals(to_table(list(walks_of(other))))
    nobody = "tcp://127.0.0.1:1"
    assert walk(chains(), Path("there"), scheduler=nobody) == sentences  # nothing is left to do


def test_a_backtest_tells_how_to_go_on_after_a_fault_of_the_cluster(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "backtest SP500 --source sample --from 2018-12-01 --models historical-250 --workspace"
    assert run([*words.split(), str(tmp_path), "--scheduler", "tcp://127.0.0.1:1"]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("Error: no Dask scheduler answers at tcp://127.0.0.1:1; ")
    assert last.endswith("; the same command with --resume continues with them")


def test_the_command_of_a_backtest_writes_the_same_files_on_a_cluster(
    tmp_path: Path, address: str
) -> None:
    words = "backtest SP500 --source sample --from 2018-11-01 --models gjr-fhs,historical-250"
    for name, more in (("here", "--jobs 1"), ("there", f"--scheduler {address}")):
        options = f"{words} --scenarios 200 --horizons 1 --workspace {tmp_path / name} {more}"
        assert run(options.split()) == 0
    assert content(tmp_path / "there" / "reports") == content(tmp_path / "here" / "reports")
