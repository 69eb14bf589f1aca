"""Fit several assets together: a model of each by itself, then the joint law of their scores."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Unpack, cast

from simgan.bundle.store import Bundle, read_bundle, write_bundle
from simgan.bundle.summary import learned_from
from simgan.errors import BundleError, ConfigError, PriceError, Words
from simgan.files import expect_writable
from simgan.locks import locked
from simgan.market.files.frames import is_frame
from simgan.market.history import History
from simgan.market.sources.frame import PriceFrame
from simgan.progress import SILENT, OfPart, Progress, Stop, interruptible
from simgan.recipe.options import RecipeOptions, recipe_of
from simgan.recipe.recipe import DEFAULT, Recipe
from simgan.workflows.book import expect_no_cash
from simgan.workflows.checks_of_books import verdict_on_forecasts
from simgan.workflows.fit import FitRequest, Fitted, fit, kept_until_over, replaced
from simgan.workflows.fitted_together import FittedTogether
from simgan.workflows.joint_model import expect_joint, joint_identity, joint_model
from simgan.workflows.leaning import prior_of
from simgan.workflows.options import (
    FitOptions,
    PriceOptions,
    PriceOrder,
    RunOptions,
    expect_known,
    expect_tickers,
    part_of,
    prices_of_each,
)
from simgan.workflows.panels import LEAVE_OUT, panel_of, tell_other_hours
from simgan.workflows.risk import outlook_today
from simgan.workflows.train import Assignment, identity_of, suited, train
from simgan.workflows.unjudged import kept_members, kept_unjudged, unjudged, unjudged_in
from simgan.workspace import Workspace, safe_name

if TYPE_CHECKING:
    from simgan.market.files.frames import Frame

_NAMED = 3  # assets of which the default name of a model consists


@dataclass(frozen=True, kw_only=True)
class JointRequest:
    """A fit of several assets.

    Attributes
    ----------
    orders : tuple of PriceOrder
        The prices of each asset.
    workspace : Workspace
    recipe : Recipe
        Of each asset.
    name : str, optional
        Name of the model. The default is made of the tickers.
    device : {"auto", "cpu", "gpu"}
    resume : bool
        Keep the assets that an interrupted fit of the same name has finished.
    """

    orders: tuple[PriceOrder, ...]
    workspace: Workspace
    recipe: Recipe = field(default_factory=Recipe)
    name: str | None = None
    device: str = "auto"
    resume: bool = False

    @classmethod
    def of(
        cls,
        assets: Sequence[str],
        workspace: Workspace,
        **options: Unpack[FitOptions],
    ) -> JointRequest:
        """Make a request from options.

        Raises
        ------
        UnknownNameError, ConfigError, RecipeError
            An option or a name is unknown, an asset is called CASH, a value is not possible, or a
            recipe cannot be read.
        """
        expect_known("fit", options, FitOptions)
        if options.get("tensorboard") is not None:
            allowed = "left out for several assets: fit them one by one to see their curves"
            raise ConfigError("fit", "tensorboard", options["tensorboard"], allowed)
        if len(set(assets)) < len(assets):
            raise ConfigError("fit", "tickers", " ".join(assets), "each of them once")
        expect_no_cash("fit", assets)
        common = part_of(options, PriceOptions)
        recipe = recipe_of(part_of(options, RecipeOptions))
        expect_joint(recipe, len(assets))
        each = prices_of_each("fit", assets, options.get("prices"))
        orders = tuple(
            PriceOrder(
                ticker=ticker,
                prices=Path(given) if isinstance(given, str) else given,
                end=options.get("end"),
                **common,
            )
            for ticker, given in zip(assets, each, strict=True)
        )
        expect_tickers("fit", orders)
        return cls(
            orders=orders,
            workspace=workspace,
            recipe=recipe,
            **part_of(options, RunOptions),
        )

    @property
    def model_name(self) -> str:
        """Name of the model in the workspace."""
        return safe_name(self.name or short_name([order.ticker for order in self.orders]))


def short_name(assets: Sequence[str]) -> str:
    """Return the name of several assets together: the first of them, and the number of others."""
    others = len(assets) - _NAMED
    return "-".join(assets[:_NAMED]) + (f"-and-{others}-more" if others > 0 else "")


def fit_asked(
    asset: str | Frame | Sequence[str],
    workspace: Workspace,
    options: FitOptions,
    progress: Progress = SILENT,
    stop: Stop | None = None,
) -> Fitted | FittedTogether:
    """Fit one asset, or several together, whichever is asked for.

    Parameters
    ----------
    asset : str, Frame or sequence of str
        One name, prices of one asset or of several, or two names or more.
    workspace : Workspace
    options : FitOptions
    progress, stop
        As for `simgan.workflows.fit.fit`.

    Returns
    -------
    Fitted or FittedTogether
        Of one asset, or of several.

    Raises
    ------
    SimganError, Interrupted
        As for `simgan.workflows.fit.fit`. Or `asset` is none of these.
    """
    several, prices = several_in("fit", asset, options.get("prices"), options.get("column", ""))
    options = {**options, "prices": prices}
    if several:
        return fit_together(JointRequest.of(several, workspace, **options), progress, stop)
    one = cast("str | Frame", asset)
    return fit(FitRequest.of(one, workspace, **options), progress, stop)


def several_in(
    owner: str,
    asset: str | Frame | Sequence[str],
    prices: str | Path | Frame | Sequence[str | Path | Frame] | None,
    column: str,
) -> tuple[tuple[str, ...], str | Path | Frame | Sequence[str | Path | Frame] | None]:
    """Return the names of several assets and their prices, or no names where there is one asset.

    Parameters
    ----------
    owner : str
        The function, for messages.
    asset : str, Frame or sequence of str
        A frame may hold the prices of several assets.
    prices : path or frame, or several, optional
        Of assets that are named.
    column : str
        Price column of a frame. It may name one asset of several.

    Raises
    ------
    ConfigError
        A list holds something else than names, or fewer than two.
    """
    if isinstance(asset, str) or not (is_frame(asset) or isinstance(asset, list | tuple)):
        return (), prices  # a fit of one asset refuses other types
    if is_frame(asset):
        names = PriceFrame(asset).tickers() if prices is None and not column else ()
        return (names, asset) if len(names) > 1 else ((), prices)
    if len(asset) < 2 or not all(isinstance(name, str) for name in asset):
        kinds = ", ".join(type(each).__name__ for each in asset[:_NAMED])
        found = Words(f"a list of {len(asset)} ({kinds})" if asset else "an empty list")
        allowed = (
            "a ticker, two or more tickers, or a Series or DataFrame of prices; of several assets "
            "a DataFrame with a column for each"
        )
        raise ConfigError(owner, "asset", found, allowed)
    return tuple(asset), prices


def fit_together(
    request: JointRequest, progress: Progress = SILENT, stop: Stop | None = None
) -> FittedTogether:
    """Fit several assets and write one model to the workspace, whole or not at all.

    Parameters
    ----------
    request : JointRequest
    progress : Progress
        Gets notes about the data, and the steps of the trainings.
    stop : Stop, optional
        Ends the training after a step.

    Raises
    ------
    SimganError
        Of any kind: prices, training, writing.
    Interrupted
        `stop` or Ctrl-C ended the work. With ``resume`` finished assets are kept, and a finished
        model gets its verdict.
    """
    name, workspace = request.model_name, request.workspace
    least = replace(request.recipe, prior=DEFAULT).least_days
    panel = panel_of(request.orders, workspace, least, name, progress, LEAVE_OUT)
    tell_other_hours(panel, request.recipe.training.overlap, name, progress)
    folder, kept = workspace.model(name), workspace.checkpoint(name)
    expect_writable(folder.parent)
    tasks = [_task(request, order, panel, kept, least) for order in request.orders]
    with locked(folder, progress, stop):
        if not request.resume:
            shutil.rmtree(kept, ignore_errors=True)
        learned = _learned(request, panel, tasks, progress, stop)
        bundle = _judged(learned, tasks, workspace, progress, stop)
        write_bundle(bundle, folder)
        shutil.rmtree(kept, ignore_errors=True)
    return FittedTogether(bundle, folder, outlook_today(bundle))


def _learned(
    request: JointRequest,
    panel: History,
    tasks: Sequence[Assignment],
    progress: Progress,
    stop: Stop | None,
) -> Bundle:
    """Learn a model and save it before its verdict, or read it where only that is missing."""
    name, workspace = request.model_name, request.workspace
    folder, kept = workspace.model(name), workspace.checkpoint(name)
    members = [identity_of(request.recipe, task) for task in tasks]
    identity = joint_identity(panel, request.recipe, members)
    if request.resume and (saved := unjudged_in(folder, identity)):
        progress.say(f"{name}: learned by the interrupted fit")
        return saved
    if earlier := replaced(workspace, name, panel):
        progress.say(earlier)
    with kept_members(kept):
        learned = unjudged(_trained(request, panel, tasks, progress, stop))
        write_bundle(learned, folder)
    return learned


def _trained(
    request: JointRequest,
    panel: History,
    tasks: Sequence[Assignment],
    progress: Progress,
    stop: Stop | None,
) -> Bundle:
    """Train each asset by itself, and learn how all of them move together."""
    name = request.model_name
    progress.say(
        f"{name}: {len(panel.assets)} assets, {len(panel):,} days, {panel.day(0)} to "
        f"{panel.day(-1)}; loading TensorFlow"
    )
    members = [
        _member(request.recipe, task, OfPart(f"asset {place} of {len(tasks)}", progress), stop)
        for place, task in enumerate(tasks, 1)
    ]
    progress.say(f"{name}: learning how the assets move together")
    source = {"kind": "panel", "assets": [m.manifest.data.source for m in members]}
    return joint_model(name, request.recipe, panel, members, source)


def _judged(
    learned: Bundle,
    tasks: Sequence[Assignment],
    workspace: Workspace,
    progress: Progress,
    stop: Stop | None,
) -> Bundle:
    """Return a model with the verdict on its forecasts in its manifest.

    The first Ctrl-C is heard within the work of TensorFlow, too.

    Raises
    ------
    Interrupted
        The model is saved without the verdict.
    """
    name, stop = learned.manifest.name, stop or Stop()
    work = partial(verdict_on_forecasts, learned, tasks, workspace, progress, stop)
    with kept_unjudged(name), stop.at_ctrl_c(progress):
        verdict = interruptible(work, stop, str)
    return replace(learned, manifest=replace(learned.manifest, verdict=verdict))


def _task(
    request: JointRequest, order: PriceOrder, panel: History, kept: Path, least: int
) -> Assignment:
    """Return the training of one asset on its days of a panel.

    Raises
    ------
    PriceError
        These days are too few.
    """
    asset, own = order.ticker, panel.only(order.ticker)
    if len(own) < least:
        raise PriceError(
            f"{asset}: {len(own):,} log returns until {panel.day(-1)}, where the panel ends, but "
            f"at least {least} are needed; leave out {asset}, or the asset that ends first"
        )
    return Assignment(
        name=asset,
        history=own,
        source=order.record(request.workspace),
        checkpoint=kept / f"{safe_name(asset)}.training",
        device=request.device,
        prior=prior_of(request.recipe, own, request.workspace),
        holds_out=False,
    )


def _member(recipe: Recipe, task: Assignment, progress: OfPart, stop: Stop | None) -> Bundle:
    """Fit one asset, go on with its interrupted training, or read it where it was finished."""
    asset, own = task.name, task.history
    folder = task.checkpoint.with_suffix("")
    if finished := _finished(folder, identity_of(recipe, task)):
        progress.say(f"{progress.part}, {asset}: finished by the interrupted fit")
        return finished
    learns = learned_from(suited(recipe, own), own.shapes)
    progress.say(f"{progress.part}, {asset}: {len(own):,} days; learns from {learns}")
    with kept_until_over(task.checkpoint):
        resume = task.checkpoint.exists()
        bundle = train(recipe, task, progress, stop, resume=resume).bundle
        write_bundle(bundle, folder)
    return bundle


def _finished(folder: Path, identity: str) -> Bundle | None:
    """Return the model that an interrupted fit left, if it is the one that is wanted."""
    try:
        bundle = read_bundle(folder)
    except BundleError:
        return None
    return bundle if bundle.manifest.identity == identity else None
