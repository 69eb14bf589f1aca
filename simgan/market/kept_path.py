"""The file of the kept prices of a ticker."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from simgan.errors import SourceError
from simgan.market.cached_prices import facts_in, is_there
from simgan.workspace import Workspace


def kept_path(workspace: Workspace, name: str) -> Path:
    """Return the path of the kept prices of a ticker, or the one that they would have.

    Versions up to 0.1 gave several tickers one name. Such a file serves the ticker that it holds.

    Raises
    ------
    ForbiddenFile
        The system refuses to look.
    """
    path, earlier = workspace.prices(name), workspace.earlier_prices(name)
    if earlier == path or is_there(path) or not is_there(earlier):
        return path
    return earlier if _ticker_in(earlier).upper() == name.upper() else path


def _ticker_in(path: Path) -> str:
    """Return the ticker of a file, or nothing where it tells none."""
    try:
        return str(facts_in(parquet.read_schema(path), path)["ticker"])
    except (OSError, pa.ArrowException, SourceError):
        return ""
