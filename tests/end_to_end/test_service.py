"""From an empty workspace over HTTP: a job and its events, scenarios and risk as by commands."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from served import served

from simgan.cli.main import run
from simgan.service.client import Client, JobFailed

MIB = 2**20


def printed(capsys: pytest.CaptureFixture[str], workspace: Path, words: str) -> str:
    """Return what a command prints."""
    assert run([*words.split(), "--quiet", "--workspace", str(workspace)]) == 0
    return capsys.readouterr().out


def test_a_job_is_watched_and_scenarios_and_risk_are_those_of_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, prices = tmp_path / "workspace", tmp_path / "prices.csv"
    days = [
        f"2020-{month:02}-{day:02},{100 + day}" for month in range(1, 13) for day in range(1, 29)
    ]
    prices.write_text("\n".join(["Date,Close", *days]))
    with served(workspace) as server:
        client = Client(server.url)
        job = client.order(kind="inspect", upload=client.upload(prices))
        heard = list(client.events(job["id"]))
        assert [event.number for event in heard] == list(range(1, len(heard) + 1))
        kinds = [event.kind for event in heard]
        assert (kinds[:2], kinds[-1]) == (["queued", "running"], "done")
        assert client.wait(job["id"])["state"] == "done"
        for ending in ("csv", "arrow"):
            own, theirs = tmp_path / f"own.{ending}", tmp_path / f"theirs.{ending}"
            client.draw("reference", own, n=5000, horizon=21, seed=7)
            words = f"sample reference --n 5000 --horizon 21 --seed 7 -o {theirs}"
            printed(capsys, workspace, words)
            assert own.read_bytes() == theirs.read_bytes()
        risk = client.risk("reference", n=2000)
        told = json.loads(printed(capsys, workspace, "risk reference --n 2000 --json"))
        assert risk["risk"] == told["risk"]
        assert server.end() == 0


def test_a_bomb_ends_the_look_at_an_upload_and_not_the_service(tmp_path: Path) -> None:
    """A file of 5 MB that unpacks to 4 GB, where a job may have 512 MiB."""
    bomb = tmp_path / "prices.csv.gz"
    bomb.write_bytes(gzip.compress(b"Date,Close\n" + bytes(16 * MIB)) * 256)
    with served(tmp_path / "workspace", SIMGAN_SERVE_JOB_MEMORY=str(512 * MIB)) as server:
        client = Client(server.url)
        job = client.order(kind="inspect", upload=client.upload(bomb))
        with pytest.raises(JobFailed) as caught:
            client.wait(job["id"])
        assert "needed more than 0.5 GiB of memory" in str(caught.value)
        assert str(tmp_path) not in str(caught.value.job)
        assert [model["name"] for model in client.models()] == ["reference"]
        assert server.end() == 0
