"""Log lines on stderr: each is a JSON object, also a warning of Python."""

from __future__ import annotations

import json
import subprocess
import sys

from simgan.service.logs import Sparse

PROCESS = """
import warnings
from simgan.service.logs import log_to_stderr
log_to_stderr("info")
warnings.warn("this is\\nold")
"""


def test_a_warning_of_python_is_a_line_of_the_log() -> None:
    command = [sys.executable, "-c", PROCESS]
    [line] = subprocess.run(command, capture_output=True, check=True).stderr.splitlines()
    assert json.loads(line)["level"] == "warning"
    assert "UserWarning: this is\nold" in json.loads(line)["message"]


def test_a_key_has_a_line_a_second_that_counts_the_others() -> None:
    lines = Sparse(most=2)
    found = [lines.facts("a", moment) for moment in (0.0, 0.1, 0.9, 1.0, 1.5, 2.0, 9.0)]
    assert found == [{}, None, None, {"left_out": 2}, None, {"left_out": 1}, {}]
    assert lines.facts("b", 9.5) == {} and lines.facts("c", 9.5) == {}
    assert len(lines) == 2
