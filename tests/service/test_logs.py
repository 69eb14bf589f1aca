"""Log lines on stderr: each is a JSON object, also a warning of Python."""

from __future__ import annotations

import json
import subprocess
import sys

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
