"""Numbers of scenarios beyond all bounds are refused by the name of their option."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from heard_steps import Heard
from made_bundle import made_bundle

from simgan.bundle.store import write_bundle
from simgan.errors import ConfigError
from simgan.scenarios.formats import format_for
from simgan.workflows import orders
from simgan.workflows.sample import SampleRequest, order
from simgan.workspace import Workspace


@pytest.mark.parametrize(
    ("n", "first", "named"),
    [(2**63, 0, "n"), (2**63 - 1, 0, "n"), (3, 2**63 - 3, "first"), (1, 10**30, "first")],
)
def test_the_option_that_is_too_large_is_named(
    n: int, first: int, named: str, tmp_path: Path
) -> None:
    """`-n 9223372036854775808` was told "first = 0 is not possible"."""
    with pytest.raises(ConfigError) as refusal:
        order(SampleRequest(workspace=Workspace(tmp_path), n=n, first=first))
    assert refusal.value.field == named


@pytest.mark.parametrize("ending", ["npy", "csv", "parquet", "csv.gz"])
def test_the_size_of_a_large_file_is_told_before_it_is_written(tmp_path: Path, ending: str) -> None:
    write_bundle(made_bundle("made", days=60), tmp_path / "models" / "made")

    def announced(n: int) -> str:
        made = order(SampleRequest(workspace=Workspace(tmp_path), name="made", n=n, horizon=5))
        return made.announcement("s", format_for(tmp_path / f"s.{ending}"))

    small = order(SampleRequest(workspace=Workspace(tmp_path), name="made", n=5000, horizon=5))
    file = tmp_path / f"s.{ending}"
    small.to_file(file)
    bytes_of_one = file.stat().st_size / 5000
    large = int(2e9 / bytes_of_one)
    told = re.fullmatch(r"s will be about ([\d.]+) GB: .* scenarios of 5 days", announced(large))
    assert told and float(told[1]) == pytest.approx(2, rel=0.1)
    assert announced(int(0.8e9 / bytes_of_one)) == ""


def test_the_announcement_comes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bundle(made_bundle("made", days=60), tmp_path / "models" / "made")
    monkeypatch.setattr(orders, "_LARGE", 1000)
    heard = Heard()
    request = SampleRequest(
        workspace=Workspace(tmp_path), name="made", n=3000, given="cumulative<0"
    )
    order(request).to_file(tmp_path / "s.csv", progress=heard)
    size = "will be about 0.0 GB: 3,000 scenarios of 21 days"
    assert heard.sentences == [f"{tmp_path}/s.csv {size}"]
    order(request).to_stream(BytesIO(), progress=heard)
    assert heard.sentences[1:] == [f"the output {size}"]
