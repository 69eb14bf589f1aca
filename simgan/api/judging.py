"""Judgements of generated paths: `simgan.compare` and `simgan.report`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from simgan.api.asking import heard_by, workspace_at
from simgan.arguments import path_of, whole
from simgan.errors import ConfigError, packages_for
from simgan.progress import Progress, Stop

if TYPE_CHECKING:
    from simgan.arrays import AnyFloatArray, Numbers
    from simgan.market.history import History
    from simgan.market.prices import OnBadRows
    from simgan.report.verdict import Comparison
    from simgan.scenarios.product import Scenarios
    from simgan.workflows.report import Reported


@packages_for("simgan.compare")
def compare(
    real: Numbers | History,
    fake: Numbers | Scenarios | str | Path | Mapping[str, Numbers | Scenarios | str | Path],
) -> Comparison:
    """Compare generated paths with a real history, statistic by statistic.

    Each difference has an interval and a noise floor.

    Parameters
    ----------
    real : History, list, series, or array of shape (days,) or (days, 1)
        Daily log returns, at least 100.
    fake : array, frame, Scenarios, path of a file of scenarios, or mapping of them
        Long-run paths of one model, or of several by name. The first is judged. An array has the
        shape (paths, horizon) or (paths, horizon, 1). Paths are best as long as the history, and
        hold at least as many days together.

    Returns
    -------
    Comparison
        Sections of rows. ``to_json()`` gives plain data.

    Raises
    ------
    ConfigError
        A shape or a name is wrong, or a number is not finite. The history is constant or holds no
        log returns. The paths hold fewer days than the history.
    ScenarioError
        A file of scenarios cannot be read.
    """
    from simgan.arrays import expect_log_returns, numbers_of
    from simgan.market.history import History
    from simgan.report.sections import compare as compare_models

    fakes = fake if isinstance(fake, Mapping) else {_label_of(fake): fake}
    for name in fakes:
        if not isinstance(name, str) or not name.strip():
            raise ConfigError("compare", "name", name, "text, and not empty")
    arrays = {name: _log_returns(paths) for name, paths in fakes.items()}
    if isinstance(real, History):
        return compare_models(real.log_returns, arrays)
    returns = numbers_of(real, "compare", "real")
    expect_log_returns(returns, "compare: real")
    return compare_models(returns, arrays)


def _label_of(fake: object) -> str:
    """Return the name of a single model in the tables."""
    return Path(fake).name if isinstance(fake, str | Path) else "fake"


def _log_returns(paths: Numbers | Scenarios | str | Path) -> AnyFloatArray:
    """Return the log returns of scenarios, of a file of them, or of an array."""
    from simgan.arrays import numbers_of
    from simgan.scenarios.product import Scenarios
    from simgan.scenarios.reading import read_scenarios

    if isinstance(paths, Scenarios):
        return paths.log_returns
    if isinstance(paths, str | Path):
        return read_scenarios(Path(paths)).log_returns
    return numbers_of(paths, "compare", "fake")


@packages_for("simgan.report")
def report(
    name: str | None = None,
    *,
    out: str | Path | None = None,
    n: int = 100,
    against: str | Path | None = None,
    column: str = "",
    on_bad_rows: OnBadRows = "stop",
    scenarios: str | Path | None = None,
    values: str = "",
    asset: str = "",
    weights: str | Mapping[str, float] = "equal",
    rebalance: str = "none",
    workspace: str | Path = ".",
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Reported:
    """Judge a model against a history, and write the page and its numbers.

    Parameters
    ----------
    name : str, optional
        Name of the model. Default: the most recently fitted one, or else the reference model.
    out : path, optional
        Page to write, which ends in .html, or in .md for Markdown. Default:
        ``reports/NAME.html``. The numbers go beside it as .json.
    n : int
        Paths of each model and baseline, each as long as the real history.
    against : path, optional
        Price file to judge on instead of the model's own history, for example of later years.
    column, on_bad_rows
        As for `fit`, about the file `against`.
    scenarios : path, optional
        File of scenarios of any generator, judged in place of the model's paths.
    values : {"", "log-returns", "returns", "prices", "bars"}
        Kind of its values. By default the one that the file names, else log returns. Bars are known
        by their columns.
    asset : str
        Asset of a file that holds several.
    weights : mapping by asset, or text
        Of a model of several assets: shares of a portfolio that has rows of its own, as for `risk`.
    rebalance : {"none", "daily"}
        Buy the portfolio and hold it, or restore its shares every day.
    workspace, progress, stop
        As for `fit`.

    Returns
    -------
    Reported
        The paths of both files, the comparison and the verdict. Of several assets it also has the
        comparison of each, as ``assets``.

    Raises
    ------
    SimganError
        The model is unknown or damaged, the prices are unusable, or a file cannot be written.
    Interrupted
        `stop` was asked for. Nothing was written.
    """
    from simgan.workflows.report import ReportRequest
    from simgan.workflows.report_of_book import report_asked as make

    request = ReportRequest(
        workspace=workspace_at(workspace, "report"),
        name=name,
        out=None if out is None else path_of(out, "report", "out"),
        n=whole(n, "report", "n", 1),
        against=None if against is None else path_of(against, "report", "against"),
        column=column,
        on_bad_rows=on_bad_rows,
        scenarios=None if scenarios is None else Path(scenarios),
        values=values,
        asset=asset,
        weights=weights,
        rebalance=rebalance,
    )
    with heard_by(progress) as heard:
        return make(request, heard, stop)
