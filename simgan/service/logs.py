"""Log lines of the service: one JSON object a line, on stderr."""

from __future__ import annotations

import json
import logging
import math
import sys
from collections import OrderedDict
from datetime import UTC, datetime

# The least level of each logger.
_LEVELS = {"simgan.service": "info", "uvicorn.error": "warning", "py.warnings": "warning"}
FACTS = "facts"  # attribute of a record: more members of its line
SHOWN = 200  # letters of a path or a query in a line
_PAUSE = 1.0  # seconds between two lines of a key
_MANY = 10_000  # keys: beyond them, those without a line for the longest time are forgotten


class Lines(logging.Formatter):
    """Write a record as a JSON object in one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return time, level, message and facts of a record, and the traceback of a bug."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, FACTS, {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class Sparse:
    """At most one line a second for each key, with the number of lines that were left out.

    Strangers can have their requests refused as often as they like, and would fill the disk.
    """

    def __init__(self, most: int = _MANY) -> None:
        self._most = most
        self._last: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._last)

    def facts(self, key: str, now: float) -> dict[str, int] | None:
        """Return members of a line at a moment, or None to leave the line out."""
        moment, left_out = self._last.get(key, (-math.inf, 0))
        is_due = now - moment >= _PAUSE
        self._last[key] = (now, 0) if is_due else (moment, left_out + 1)
        self._last.move_to_end(key)
        if len(self._last) > self._most:
            self._last.popitem(last=False)
        if not is_due:
            return None
        return {"left_out": left_out} if left_out else {}


def log_to_stderr(level: str) -> None:
    """Let the loggers of the service and its server write to stderr, from a level on.

    Warnings of Python are lines of the log, too.
    """
    logging.captureWarnings(True)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    for name, least in _LEVELS.items():
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(max(map(_number, (least, level))))


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]
