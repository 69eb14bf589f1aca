"""The risk of a position: `simgan.risk`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simgan.api.asking import heard_by
from simgan.errors import packages_for
from simgan.progress import Progress, Stop
from simgan.workspace import Workspace

if TYPE_CHECKING:
    from simgan.market.prices import OnBadRows
    from simgan.workflows.risk import Assessed


@packages_for("simgan.risk")
def risk(
    name: str | None = None,
    *,
    level: float | Sequence[float] = (0.99, 0.975),
    horizon: int | Sequence[int] = (1, 10),
    position: float = 1_000_000.0,
    as_of: str = "latest",
    prices: str | Path | None = None,
    column: str = "",
    on_bad_rows: OnBadRows = "stop",
    given: str | None = None,
    n: int = 100_000,
    seed: int = 0,
    frtb: bool = False,
    out: str | Path | None = None,
    workspace: str | Path = ".",
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Assessed:
    """Estimate VaR and ES of a position over the coming days, beside those of GJR-FHS.

    Parameters
    ----------
    name : str, optional
        Name of the model. Default: the most recently fitted one, or else the reference model.
    level : float or several
        Coverages inside (0, 1).
    horizon : int or several
        Days.
    position : float
        Value of the position in the currency of the prices, negative for a short one.
    as_of : str
        "latest", "stationary", an ISO date, or two as ``A..B``.
    prices : path, optional
        Price file whose end gives the start state, in place of the model's own history.
    column, on_bad_rows
        As for `fit`, about the file `prices`.
    given : str, optional
        Condition on the scenarios over the longest horizon, such as ``"cumulative<-0.1"``.
    n, seed : int
        Number and stream of the scenarios.
    frtb : bool
        Add the ES at 97.5 % over the liquidity horizons of the Basel rules.
    out : path, optional
        Page to write, which ends in .html. Default: ``reports/NAME-risk.html``. The numbers go
        beside it as .json.
    workspace, progress, stop
        As for `fit`.

    Returns
    -------
    Assessed
        `results`, the paths of both files, and ``to_frame()``. Losses are simple and positive.

    Raises
    ------
    SimganError
        The model is unknown or damaged, an option is out of range, or a file cannot be written.
    Interrupted
        `stop` was asked for. Nothing was written.
    """
    from simgan.workflows.risk import RiskRequest
    from simgan.workflows.risk import risk as make

    request = RiskRequest(
        workspace=Workspace(Path(workspace)),
        name=name,
        levels=(level,) if isinstance(level, int | float) else tuple(level),
        horizons=(horizon,) if isinstance(horizon, int) else tuple(horizon),
        position=position,
        as_of=as_of,
        prices=None if prices is None else Path(prices),
        column=column,
        on_bad_rows=on_bad_rows,
        given=given,
        n=n,
        seed=seed,
        frtb=frtb,
        out=None if out is None else Path(out),
    )
    with heard_by(progress) as heard:
        return make(request, heard, stop)
