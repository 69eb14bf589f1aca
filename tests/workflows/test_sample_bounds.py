"""Numbers of scenarios beyond all bounds are refused by the name of their option."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgan.errors import ConfigError
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
