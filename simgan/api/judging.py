"""Judgements of generated paths: `simgan.compare` and `simgan.report`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simgan.api.asking import heard_by, workspace_at
from simgan.arguments import path_of, whole
from simgan.errors import ConfigError, Words, packages_for
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
    real : History, list, series, frame, or array of shape (days,) or (days, assets)
        Daily log returns, at least 100. Of several assets: NaN where one did not trade. They are
        compared together, as in the report on a book, without rows of each asset by itself.
    fake : array, frame, Scenarios, path of a file of scenarios, or mapping of them
        Long-run paths of one model, or of several by name. The first is judged. An array has the
        shape (paths, horizon) or (paths, horizon, assets). Paths are best as long as the history,
        and hold at least as many days together. Of several assets they are as long as the history.

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
    given = real.log_returns if isinstance(real, History) else real
    returns = numbers_of(given, "compare", "real")
    _expect_days_and_assets(returns)
    if returns.ndim == 2 and returns.shape[1] > 1:
        return _together(returns, _assets_of(real, returns.shape[1]), fakes)
    if not isinstance(real, History):
        expect_log_returns(returns, "compare: real")
    return compare_models(returns, {name: _log_returns(paths) for name, paths in fakes.items()})


def _expect_days_and_assets(returns: AnyFloatArray) -> None:
    """Refuse returns of another shape than (days,) or (days, assets), and fewer than 100 days.

    Raises
    ------
    ConfigError
    """
    from simgan.report.sections import FEWEST

    days = len(returns) if returns.ndim else 0
    if returns.ndim not in (1, 2) or returns.shape[1:] == (0,) or days < FEWEST:
        found = Words(f"an array of shape {returns.shape}")
        allowed = f"of shape (days,) or (days, assets), with at least {FEWEST} days"
        raise ConfigError("compare", "real", found, allowed)


def _assets_of(real: object, assets: int) -> tuple[str, ...]:
    """Return the names of the assets of a history or a frame, or nothing for an array.

    Raises
    ------
    ConfigError
        A column has no name, or two have the same.
    """
    from simgan.market.history import History

    given = real.assets if isinstance(real, History) else getattr(real, "columns", ())
    names = tuple(map(str, given))
    if len(names) != assets:
        return ()
    if not all(name.strip() for name in names) or len(set(names)) < assets:
        raise ConfigError("compare", "columns", ", ".join(names), "a name of its own for each")
    return names


def _together(
    returns: AnyFloatArray,
    assets: tuple[str, ...],
    fakes: Mapping[str, Numbers | Scenarios | str | Path],
) -> Comparison:
    """Compare paths of several assets with log returns (days, assets), NaN where none is known.

    Raises
    ------
    ConfigError
        A day has no number, or paths have another shape or other assets.
    """
    import numpy as np

    from simgan.arrays import expect_log_returns
    from simgan.report.book.portfolios import Portfolios
    from simgan.report.book.samples import BookSamples
    from simgan.report.book.sections import compare as compare_books
    from simgan.report.sections import expect_free
    from simgan.seeds import Seed

    is_missing = np.isnan(returns)
    if empty := int(is_missing.all(axis=1).sum()):
        found = Words(f"{empty:,} days without a number")
        raise ConfigError("compare", "real", found, "days on which one asset at least trades")
    names = assets or tuple(f"asset {number}" for number in range(1, returns.shape[1] + 1))
    for asset, column, missing in zip(names, returns.T, is_missing.T, strict=True):
        if missing.all():
            found = Words(f"{asset} without a number")
            raise ConfigError("compare", "real", found, "returns of each asset; leave this one out")
        expect_log_returns(column[~missing], f"compare: real, {asset}")
    arrays = {}
    for name, paths in fakes.items():
        expect_free(name)
        arrays[name] = _of_several(paths, assets)
    portfolios = Portfolios(len(names))
    samples = BookSamples(
        np.asarray(returns, np.float64),
        arrays,  # type: ignore[arg-type]  # in float32, which is half of the memory
        Seed(),
        names,
        portfolios,
    )
    return compare_books(samples, None)


def _of_several(paths: Numbers | Scenarios | str | Path, assets: tuple[str, ...]) -> AnyFloatArray:
    """Return log returns (paths, days, assets), those of scenarios in the order of the history.

    Raises
    ------
    ConfigError
        The scenarios are of other assets, or they are a file, which is of one asset.
    """
    from simgan.arrays import numbers_of
    from simgan.scenarios.product import Scenarios

    if isinstance(paths, str | Path):
        allowed = "Scenarios or an array: files that are compared are of one asset"
        raise ConfigError("compare", "fake", paths, allowed)
    if not isinstance(paths, Scenarios):
        return numbers_of(paths, "compare", "fake")
    if assets and set(assets) != set(paths.assets):
        found = Words(f"scenarios of {', '.join(paths.assets)}")
        raise ConfigError("compare", "fake", found, f"those of {', '.join(assets)}")
    return (paths[list(assets)] if assets else paths).log_returns


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
    weights: str | Sequence[float] | Mapping[str, float] = "equal",
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
    weights : mapping by asset, numbers in the order of the assets, or text
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
