"""Log lines of the service: one JSON object a line, on stderr."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

# The least level of each logger.
_LEVELS = {"simgan.service": "info", "uvicorn.error": "warning", "py.warnings": "warning"}
FACTS = "facts"  # attribute of a record: more members of its line


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
