"""Fit several assets together: a model of each by itself, then the joint law of their scores."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack, cast

from simgan.bundle.manifest import Manifest
from simgan.bundle.store import Bundle, read_bundle, write_bundle
from simgan.bundle.summary import correlations_of_long_run, learned_from
from simgan.errors import BundleError, ConfigError, PriceError, Words
from simgan.files import expect_writable
from simgan.locks import locked
from simgan.market.files.frames import is_frame
from simgan.market.history import History
from simgan.market.sources.frame import PriceFrame
from simgan.progress import SILENT, OfPart, Progress, Stop
from simgan.recipe.options import RecipeOptions, recipe_of
from simgan.recipe.recipe import DEFAULT, Recipe
from simgan.report.aspects import forecasts_in, scores_of_forecasts
from simgan.report.risk.text import today
from simgan.risk.outlook import Outlook
from simgan.workflows.book import expect_no_cash
from simgan.workflows.checks_of_books import verdict_on_forecasts
from simgan.workflows.fit import FitRequest, Fitted, fit, kept_until_over, replaced, risk_json
from simgan.workflows.joint_model import expect_joint, joint_model
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
from simgan.workflows.panels import panel_of, tell_other_hours
from simgan.workflows.risk import outlook_today
from simgan.workflows.train import Assignment, identity_of, suited, train
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


@dataclass(frozen=True)
class FittedTogether:
    """The result of a fit of several assets.

    Attributes
    ----------
    bundle : Bundle
        The model, as it was written.
    path : Path
        Folder of the model.
    today : Outlook
        VaR and ES of equal shares of all assets after the end of the history.
    """

    bundle: Bundle
    path: Path
    today: Outlook

    @property
    def manifest(self) -> Manifest:
        """Description of the model."""
        return self.bundle.manifest

    @property
    def verdict(self) -> str:
        """The verdict on joint forecasts of held-out days, or why there is none."""
        return str(self.manifest.verdict["sentence"])

    @property
    def sentences(self) -> list[str]:
        """Sentences on the model."""
        mix = self.bundle.weights["co_mix"]
        found = [
            f"{correlations_of_long_run(self.bundle)}. In the correlations of a day the latest "
            f"days have {100 * (1 - mix[0]):.0f} % of the weight, and the long run "
            f"{100 * mix[0]:.0f} %.",
            *self._leaning(),
            self.verdict,
            scores_of_forecasts(forecasts_in(self.manifest.verdict)),
            f"`simgan report {self.manifest.name}` compares its paths with those of the baselines.",
            today(self.today, self.manifest.name, " of equal shares"),
        ]
        return [line for line in found if line]

    def _leaning(self) -> list[str]:
        """Say how much of each asset is prior, in one sentence or none."""
        facts = self.manifest.joint
        assert facts is not None
        shares = {
            asset: member.prior["share"]
            for asset, member in zip(self.manifest.assets, facts.members, strict=True)
            if member.prior
        }
        each = ", ".join(
            f"{asset} {100 * share:.0f} %"
            for asset, share in sorted(shares.items(), key=lambda item: -item[1])
        )
        opening = "Short histories lean on a prior. Its share of the days behind their innovations"
        return [f"{opening}: {each}."] if each else []

    def to_json(self) -> dict[str, object]:
        """Return the JSON of ``simgan fit --json``."""
        manifest = self.manifest
        return {
            "model": manifest.name,
            "path": str(self.path),
            "assets": list(manifest.assets),
            "data": manifest.data.told(),
            "seconds": round(manifest.seconds, 1),
            "verdict": manifest.verdict,
            "risk": risk_json(self.today),
        }


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
        `stop` or Ctrl-C ended the training. With ``resume`` finished assets are kept.
    """
    name, workspace = request.model_name, request.workspace
    least = replace(request.recipe, prior=DEFAULT).least_days
    panel = panel_of(request.orders, workspace, least, name, progress)
    tell_other_hours(panel, request.recipe.training.overlap, name, progress)
    folder, kept = workspace.model(name), workspace.checkpoint(name)
    expect_writable(folder.parent)
    tasks = [_task(request, order, panel, kept, least) for order in request.orders]
    with locked(folder, progress, stop):
        if earlier := replaced(workspace, name, panel):
            progress.say(earlier)
        if not request.resume:
            shutil.rmtree(kept, ignore_errors=True)
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
        learned = joint_model(name, request.recipe, panel, members, source)
        verdict = verdict_on_forecasts(learned, tasks, workspace, progress, stop)
        bundle = replace(learned, manifest=replace(learned.manifest, verdict=verdict))
        write_bundle(bundle, folder)
        shutil.rmtree(kept, ignore_errors=True)
    return FittedTogether(bundle, folder, outlook_today(bundle))


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
