"""The page about the service and the files for its operation agree with the code."""

from __future__ import annotations

import ast
import re
import shlex
from configparser import ConfigParser
from pathlib import Path

import pytest

from simgan.service.app import application
from simgan.service.configuration import Configuration, configuration
from simgan.service.state import Service
from simgan.settings import describe

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs" / "deploy"
PAGE = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def test_the_table_of_settings_is_that_of_the_code() -> None:
    section = PAGE.split("## Settings")[1].split("\n## ")[0]
    rows = [
        tuple(cell.strip().strip("`") for cell in line.strip("|").split("|"))
        for line in section.splitlines()
        if line.startswith("| `")
    ]
    assert rows == [(name, default, help) for name, _, default, help in describe(Configuration)]


def test_systems_wait_until_streams_and_jobs_have_ended() -> None:
    longest = 2 * Configuration().grace + 10
    [wait] = re.findall(r"^TimeoutStopSec=(\d+)$", text("simgan.service"), flags=re.MULTILINE)
    waits = [wait]
    for name in ("Dockerfile", "Dockerfile.sampling"):
        waits += re.findall(r"docker run -d --stop-timeout (\d+) ", text(name))
    assert len(waits) == 3
    assert min(map(int, waits)) > longest


def test_the_page_names_every_file_of_the_folder() -> None:
    assert [file.name for file in DEPLOY.iterdir() if f"`{file.name}`" not in PAGE] == []


def test_every_line_of_curl_asks_for_something_that_there_is(service: Service) -> None:
    paths = application(service).openapi()["paths"]
    assert isinstance(paths, dict)
    lines = re.findall(r"^(?:\w+=\$\()?curl ((?:.*\\\n)*.*)$", PAGE, flags=re.MULTILINE)
    assert len(lines) >= 15
    for line in lines:
        words = shlex.split(line.replace("\\\n", " "))
        method = words[words.index("-X") + 1].lower() if "-X" in words else "get"
        [address] = [word for word in words if word.startswith("localhost:8000/")]
        path = "/" + address.partition("/")[2].partition("?")[0]
        known = re.sub("/(SP500|reference)", "/{name}", path.replace("/$ID", "/{id}"))
        assert method in paths.get(known, {}), line


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.sampling"])
def test_an_image_copies_what_there_is_and_runs_the_service(name: str) -> None:
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text(name), flags=re.MULTILINE)).splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line]
    known = {"ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE"}
    known |= {"STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    assert {step for step, _ in steps} <= known
    copied = [
        source
        for step, rest in steps
        if step == "COPY" and "--from" not in rest
        for source in rest.split()[:-1]
    ]
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert {"setup.py", "sampling.txt", "constraints.txt", "simgan"} <= set(copied)
    lines_of_ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in lines_of_ignored if line.startswith("!")} == set(copied)
    assert lines_of_ignored[0] == "*"
    bases = [rest.split()[0] for step, rest in steps if step == "FROM"]
    assert steps[0][0] == "ARG" and bases == ["${BASE}"] * 2
    last = {step: rest for step, rest in steps}
    assert ast.literal_eval(last["ENTRYPOINT"]) == ["simgan"]
    assert ast.literal_eval(last["CMD"]) == ["serve"]
    assert int(last["USER"]) > 0  # Kubernetes asks for a number
    variables = dict(word.split("=", 1) for word in last["ENV"].split())
    found = {n: v for n, v in variables.items() if n.startswith("SIMGAN_SERVE_")}
    assert configuration(None, {}, found).host == "0.0.0.0"


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile.sampling"])
def test_the_size_of_an_image_is_the_measured_one(name: str) -> None:
    lines = (ROOT / "benchmarks" / "service_images.txt").read_text(encoding="utf-8").splitlines()
    [begin] = [n for n, line in enumerate(lines) if line.startswith(f"{name}, ")]
    measured = lines[begin + 1].split()[1].rstrip(":")
    told = f"It has {float(measured.replace(',', '')):,.0f} MB"
    assert told in text(name).replace("\n# ", " ")


def test_the_small_image_has_the_packages_of_the_service() -> None:
    """But uvloop, which is large, and which uvicorn does without."""
    setup = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    [wanted] = [
        ast.literal_eval(node.value)
        for node in setup.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "SERVE"
    ]
    names = {re.split("[>=;]", line)[0] for line in wanted} - {"uvloop"}
    assert all(f" {name} " in text("Dockerfile.sampling") for name in names)
    assert "--requirement sampling.txt" in text("Dockerfile.sampling")


def test_the_unit_of_systemd_runs_the_command() -> None:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(text("simgan.service"))
    assert set(unit.sections()) == {"Unit", "Service", "Install"}
    service = unit["Service"]
    assert service["ExecStart"].split()[0].endswith("/bin/simgan")
    assert service["ExecStart"].split()[1:] == ["serve"]
    assert float(service["TimeoutStopSec"]) > Configuration().grace + 5
    assert service["KillMode"] == "mixed"  # the server ends the processes of jobs itself


def test_the_settings_behind_a_proxy_are_settings() -> None:
    found = configuration(DEPLOY / "serve.toml", {}, {})
    assert found.is_loopback and found.names >= {"risk.example.com"}
    for name in ("nginx.conf", "Caddyfile"):
        proxy = text(name)
        assert proxy.count("{") == proxy.count("}") > 1
        assert f"{found.host}:{found.port}" in proxy and found.hosts in proxy
    directives = re.sub(r"#.*", "", text("nginx.conf"))
    assert re.fullmatch(r"(\s*[a-z_0-9]+( [^;{}]+)?(;| \{)|\s*\})*\s*", directives)
    assert "proxy_buffering off;" in directives
