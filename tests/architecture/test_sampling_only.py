"""An environment of the packages in sampling.txt draws scenarios, and names the pip line for the
rest.

No environment is built here: a child process refuses to import every package that the list does not
bring. ``make setup-sampling`` builds a real one.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from made_bundle import made_bundle
from packaging.requirements import Requirement

from simgan.bundle.store import write_bundle
from simgan.errors import MissingExtraError, packages_for

ROOT = Path(__file__).resolve().parents[2]
BLOCK = """
import sys
allowed = set(sys.argv.pop(1).split(",")) | set(sys.stdlib_module_names)
deleted = {"pyarrow.flight", "pyarrow._flight", "pyarrow._s3fs"}  # by make setup-sampling

class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        missing = top not in allowed and not top.startswith(("_sysconfigdata", "__editable__"))
        if missing or name in deleted:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refuse())
"""


def distribution(line: str) -> str:
    """Name of the distribution in a line of requirements, in the spelling of PyPI."""
    return re.split(r"[ \[<>=;!~]", line)[0].lower().replace("_", "-")


def listed() -> set[str]:
    return {distribution(line) for line in (ROOT / "sampling.txt").read_text("utf-8").split()}


def brought(*more: str) -> set[str]:
    """Names that can be imported where only the listed packages and their needs are installed."""
    waiting, found = [*listed(), *more], set[str]()
    while waiting:
        name = waiting.pop()
        found.add(name)
        needs = [Requirement(line) for line in requires(name) or []]
        here = [need for need in needs if not need.marker or need.marker.evaluate({"extra": ""})]
        waiting += [
            need for need in (distribution(need.name) for need in here) if need not in found
        ]
    owners = packages_distributions()
    return {
        module for module, names in owners.items() if found & {distribution(n) for n in names}
    } | {"simgan"}


ALLOWED = ",".join(sorted(brought()))


def child(
    code: str, *arguments: str, folder: Path, allowed: str = ALLOWED
) -> subprocess.CompletedProcess[str]:
    """Run code where only the listed packages can be imported."""
    return subprocess.run(
        [sys.executable, "-c", BLOCK + code, allowed, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one model."""
    place = tmp_path_factory.mktemp("sampling")
    write_bundle(made_bundle("SP500"), place / "models" / "SP500")
    return place


def test_the_list_is_a_part_of_all_requirements() -> None:
    known = {line.split("==")[0] for line in (ROOT / "constraints.txt").read_text("utf-8").split()}
    assert listed() <= known


def test_tensorflow_pandas_and_matplotlib_stay_away() -> None:
    assert not {"tensorflow", "keras", "pandas", "matplotlib", "arch", "jinja2"} & brought()
    assert {"numpy", "scipy", "polars", "pyarrow", "rich", "filelock"} <= brought()


def test_sample_and_models_work(folder: Path) -> None:
    code = (
        "from simgan.cli.main import run\n"
        "for line in sys.argv[1:]:\n    assert run(line.split()) == 0, line\n"
    )
    done = child(
        code,
        "sample SP500 --n 10 -o a.csv",
        "sample SP500 --n 10 -o a.csv.zst",
        "sample SP500 --n 10 -o a.parquet",
        "sample SP500 --n 10 -o shards.parquet --shard-rows 5",
        "sample SP500 --n 10 -o a.jsonl --layout long",
        "sample reference --n 10 -o a.npy --values prices",
        "sample --n 10 -o a.arrow",
        "models list",
        "models show SP500",
        "models export SP500 SP500.zip",
        "models import SP500.zip --name COPY",
        "models remove COPY --yes",
        "--help",
        folder=folder,
    )
    assert done.returncode == 0, done.stderr


SERVED = """
import os, socket, threading
from pathlib import Path
from urllib.request import urlopen
from simgan.service.configuration import Configuration
from simgan.service.running import server_of
from simgan.service.state import Service
from simgan.workspace import Workspace
server = server_of(Service.over(Workspace(Path()), Configuration()))
listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
for path in sys.argv[1:]:
    with urlopen(f"http://127.0.0.1:{listener.getsockname()[1]}{path}", timeout=60) as answer:
        print(len(answer.read()), flush=True)
os._exit(0)
"""


def test_the_service_gives_scenarios_and_pages(folder: Path) -> None:
    """The image of `docs/deploy/Dockerfile.sampling` has these packages more."""
    more = ("fastapi", "httptools", "jinja2", "prometheus-client", "uvicorn")
    allowed = ",".join(sorted(brought(*more)))
    assert not {"tensorflow", "keras", "pandas", "matplotlib", "arch"} & set(allowed.split(","))
    paths = ("/v1/models", "/v1/models/SP500/scenarios?n=3&horizon=2", "/metrics", "/", "/docs")
    done = child(SERVED, *paths, folder=folder, allowed=allowed)
    assert done.returncode == 0, done.stderr
    assert len([int(line) for line in done.stdout.split()]) == len(paths)


def test_load_sample_and_stream_of_the_library_work(folder: Path) -> None:
    code = """
import numpy, simgan
model = simgan.load("SP500")
drawn = model.sample(300, 5, seed=1)
streamed = numpy.concatenate([part.log_returns for part in model.stream(300, 5, seed=1)])
assert numpy.array_equal(drawn.log_returns, streamed)
drawn.to_csv("drawn.csv")
print(simgan.value_at_risk(drawn.log_returns[:, :, 0].sum(axis=1), 0.95) > 0)
"""
    done = child(code, folder=folder)
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr


NEED_ALL = [
    "fit SP500 --source sample",
    "fit NOPE",
    "report SP500",
    "backtest SP500 --source sample",
    "example normal",
    "sample SP500 --n 10 -o t.csv --engine tensorflow",
]


def test_another_command_names_the_pip_line(folder: Path) -> None:
    code = (
        "from simgan.cli.main import run\n"
        "for line in sys.argv[1:]:\n    assert run(line.split()) == 1, line\n"
    )
    done = child(code, *NEED_ALL, folder=folder)
    assert done.returncode == 0, done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error")]
    wrong = [
        (line, error)
        for line, error in zip(NEED_ALL, errors, strict=True)
        if not re.fullmatch(
            rf"Error: (simgan {line.split()[0]}|the engine tensorflow) needs \w+, "
            "which is not installed here; "
            "install all that simgan needs: pip install simgan",
            error,
        )
    ]
    assert wrong == []


def test_another_function_names_the_pip_line(folder: Path) -> None:
    code = """
import numpy, simgan
waves = 0.01 * numpy.sin(numpy.arange(1000.0) ** 2)
drawn = simgan.load("SP500").sample(2, 3)
for call in (
    lambda: simgan.fit("SP500", source="sample"),
    lambda: simgan.compare(waves[:200], waves.reshape(-1, 200)),
    drawn.to_frame,
    lambda: simgan.backtest("SP500", source="sample"),
):
    try:
        call()
    except simgan.SimganError as error:
        print(error)
"""
    done = child(code, folder=folder)
    features = ["simgan.fit", "simgan.compare", "Scenarios.to_frame", "simgan.backtest"]
    sentences = done.stdout.splitlines()
    assert [sentence.split(" needs ")[0] for sentence in sentences] == features, done.stderr
    assert all(re.search(r"which is .*: pip install simgan$", line) for line in sentences)


def test_the_child_refuses_what_is_not_listed(folder: Path) -> None:
    assert "No module named 'pandas'" in child("import pandas", folder=folder).stderr


@pytest.mark.parametrize("name", ["simgan.nothing", "ctypes", None])
def test_a_module_of_simgan_or_python_that_is_missing_stays_a_bug(name: str | None) -> None:
    with pytest.raises(ModuleNotFoundError) as caught, packages_for("a test"):
        raise ModuleNotFoundError("gone", name=name)
    assert not isinstance(caught.value, MissingExtraError)


def test_a_missing_package_is_named_with_its_feature() -> None:
    @packages_for("simgan.fit")
    def fit() -> None:
        raise ModuleNotFoundError("gone", name="tensorflow.python")

    with pytest.raises(MissingExtraError, match=r"simgan\.fit needs tensorflow, which") as caught:
        fit()
    assert (caught.value.package, caught.value.extra) == ("tensorflow", "")
