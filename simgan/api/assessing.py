"""The risk of a position: `simgan.risk`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from simgan.api.asking import heard_by, workspace_at
from simgan.arguments import Day, iso_date, number, numbers_in, path_of, whole
from simgan.errors import packages_for
from simgan.progress import Progress, Stop

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
    weights: str | Sequence[float] | Mapping[str, float] = "equal",
    rebalance: Literal["none", "daily"] = "none",
    as_of: Day = "latest",
    prices: str | Path | None = None,
    column: str = "",
    on_bad_rows: OnBadRows = "stop",
    given: str | Sequence[str] | None = None,
    level_uncertainty: bool = False,
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
    weights : mapping, sequence or str
        Of a model of several assets: the shares by asset, or in the order of the assets, of sum 1
        within 0.1 %. The name ``CASH`` is a share
        without return. Or ``"A=.6,B=.4"``, or the path of a CSV file of lines ``asset,weight``.
    rebalance : {"none", "daily"}
        Buy the assets and hold them, or restore the shares every day.
    as_of : {"latest", "stationary"} or date
        A date as for `Model.sample`, or two as ``A..B``.
    prices : path, optional
        Price file whose end gives the start state, in place of the model's own history.
    column, on_bad_rows
        As for `fit`, about the file `prices`.
    given : str or sequence of str, optional
        Condition on the scenarios over the longest horizon, such as ``"cumulative<-0.1"``, or
        several.
    level_uncertainty : bool
        As for `Model.sample`.
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
    from simgan.scenarios.conditions import conditions_in
    from simgan.workflows.risk import RiskRequest
    from simgan.workflows.risk import risk as make

    request = RiskRequest(
        workspace=workspace_at(workspace, "risk"),
        name=name,
        levels=numbers_in(level, "risk", "level"),
        horizons=tuple(
            whole(days, "risk", "horizon", 1) for days in numbers_in(horizon, "risk", "horizon")
        ),
        position=number(position, "risk", "position"),
        weights=weights,
        rebalance=rebalance,
        as_of=as_of if isinstance(as_of, str) else iso_date(as_of, "risk", "as_of"),
        prices=None if prices is None else path_of(prices, "risk", "prices"),
        column=column,
        on_bad_rows=on_bad_rows,
        given=None if given is None else conditions_in(given),
        level_uncertainty=level_uncertainty,
        n=whole(n, "risk", "n", 1),
        seed=whole(seed, "risk", "seed"),
        frtb=frtb,
        out=None if out is None else path_of(out, "risk", "out"),
    )
    with heard_by(progress) as heard:
        return make(request, heard, stop)
