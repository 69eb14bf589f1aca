"""Fixtures that several rooms share."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TextIO

import pytest
from hypothesis import HealthCheck, settings

# Processes of tests share the cores. Threads of a small product wait for each other for longer than
# they compute: a comparison of samples took three times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent / "support"))
sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from yahoo_server import Series, YahooServer

# The same examples in each run, however busy the machine is.
settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

CLOSES = [100.0 + (7 * i) % 11 for i in range(300)]  # varies, positive, never jumps


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among modules and tests, which stay to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="module", autouse=True)
def what_outlives_a_file_stays() -> Iterator[None]:
    """Look once for the garbage of a file, and never again at the rest.

    Each call of `statsmodels` to correct p-values collects garbage. In a process that has traced
    hundreds of graphs it took half a second.
    """
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def shorter_calibration() -> Iterator[None]:
    """Calibrate on a twelfth of the days, for tests that ask little of the moments of free runs."""
    from simgan.gan import calibration

    with pytest.MonkeyPatch.context() as patch:
        shorter = calibration.OF_MEMORY._replace(paths=256, settling=20, run_in=8, rounds=4)
        patch.setattr(calibration, "OF_MEMORY", shorter)
        yield


@pytest.fixture
def unrendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plot every panel, and write an empty SVG element for it.

    The layout and the rendering of a panel take ten times as long as its lines.
    """
    from simgan.report.figures import canvas

    def empty(_: object, file: TextIO, **options: object) -> None:
        file.write("<svg></svg>")

    monkeypatch.setattr(canvas.FigureCanvasSVG, "print_svg", empty)


@pytest.fixture
def yahoo_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[YahooServer]:
    """Serve 300 days of AAPL on loopback;
    SIMGAN_YAHOO_URL points there, for this process and its children.
    """
    with YahooServer() as server:
        server.series["AAPL"] = Series(CLOSES)
        monkeypatch.setenv("SIMGAN_YAHOO_URL", server.url)
        yield server
