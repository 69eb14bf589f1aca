"""Fit: from prices to a trained model on disk, with its verdict against the baselines."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from simgan.arguments import path_of
from simgan.bundle.manifest import Manifest
from simgan.bundle.priors import Prior
from simgan.bundle.store import Bundle, read_bundle, write_bundle
from simgan.bundle.summary import learned_from
from simgan.errors import BundleError, Interrupted, TrainingDiverged, WriteError
from simgan.files import expect_writable
from simgan.locks import locked
from simgan.market.history import History
from simgan.market.sources.frame import named_prices
from simgan.progress import SILENT, Progress, Stop
from simgan.recipe.options import RecipeOptions, recipe_of
from simgan.recipe.recipe import DEFAULT, Recipe
from simgan.report.aspects import (
    Aspect,
    basis_of_forecasts,
    of_paths,
    scores_of_forecasts,
    sentence,
)
from simgan.report.risk.text import today
from simgan.report.uses import judged_json, lines_of, uses_of
from simgan.risk.outlook import Outlook
from simgan.sampling.start import spread_out
from simgan.stats.training.verdict import TrainingVerdict, Word, training_verdict
from simgan.workflows.checks import forecast_aspects, recovered, regimes_of
from simgan.workflows.judging import Judgement, judge, too_few
from simgan.workflows.leaning import leaning, prior_of
from simgan.workflows.oddities import rare_days
from simgan.workflows.options import (
    FitOptions,
    PriceOptions,
    PriceOrder,
    RunOptions,
    expect_known,
    part_of,
    prices_of_each,
)
from simgan.workflows.panels import tell_other_hours
from simgan.workflows.risk import outlook_today
from simgan.workflows.train import Assignment, Learned, suited, train
from simgan.workflows.unjudged import kept_unjudged, unjudged
from simgan.workspace import Workspace, safe_name

if TYPE_CHECKING:
    from simgan.market.files.frames import Frame

ADVICE: dict[Word, str] = {
    "collapsed": "Try another --seed, or another --objective such as wgan-gp.",
    "oscillating": "Try a smaller --set rate, or another --objective such as wgan-gp.",
    "over-fitted": "Try fewer steps with --set steps, or a longer history.",
    "still moving": "Try more steps: --preset thorough, or --set steps.",
    "too short to tell": "Try more steps: --preset standard, or --set steps.",
    "converged": "",
}
OF_LIKELIHOOD = "Try more steps with --set warm_steps, or a smaller --set warm_rate."


@dataclass(frozen=True, kw_only=True)
class FitRequest:
    """A fit to make.

    Attributes
    ----------
    order : PriceOrder
        The prices to learn from.
    workspace : Workspace
    recipe : Recipe
    labels : path, optional
        CSV file of the user's own regimes. Without one, regimes follow realized volatility.
    name : str, optional
        Name of the model, by default the ticker.
    device : {"auto", "cpu", "gpu"}
    resume : bool
        Continue an interrupted fit of the same name.
    tensorboard : path, optional
        Folder for TensorBoard event files.
    """

    order: PriceOrder
    workspace: Workspace
    recipe: Recipe = field(default_factory=Recipe)
    labels: Path | None = None
    name: str | None = None
    device: str = "auto"
    resume: bool = False
    tensorboard: Path | None = None

    @classmethod
    def of(
        cls, asset: str | Frame, workspace: Workspace, **options: Unpack[FitOptions]
    ) -> FitRequest:
        """Make a request from options.

        The asset is a ticker, or the series or frame of its prices.

        Raises
        ------
        UnknownNameError, ConfigError, RecipeError
            An option or a name is unknown, a value is not possible, or a recipe cannot be read.
        PriceError
            A frame has no dates, or it holds several assets.
        """
        expect_known("fit", options, FitOptions)
        (given,) = prices_of_each("fit", [asset], options.get("prices"))
        ticker, prices = named_prices(
            "fit", asset, given, options.get("column", ""), options.get("name")
        )
        return cls(
            order=PriceOrder(
                ticker=ticker,
                prices=prices,
                end=options.get("end"),
                **part_of(options, PriceOptions),
            ),
            workspace=workspace,
            recipe=recipe_of(part_of(options, RecipeOptions)),
            labels=_path(options.get("labels"), "labels"),
            tensorboard=_path(options.get("tensorboard"), "tensorboard"),
            **part_of(options, RunOptions),
        )

    @property
    def model_name(self) -> str:
        """Name of the model in the workspace."""
        return safe_name(self.name or self.order.ticker)


@dataclass(frozen=True)
class Fitted:
    """The result of a fit.

    Attributes
    ----------
    bundle : Bundle
        The model, as it was written.
    path : Path
        Folder of the model.
    judgement : Judgement, optional
        Comparison of its paths with the history and with baselines, and of its forecasts. None if
        the history is too short for one.
    training : TrainingVerdict
    today : Outlook, optional
        VaR and ES of a long position after the end of the history.
    """

    bundle: Bundle
    path: Path
    judgement: Judgement | None
    training: TrainingVerdict
    today: Outlook | None = None

    @property
    def manifest(self) -> Manifest:
        """Description of the model."""
        return self.bundle.manifest

    @property
    def advice(self) -> str:
        """A sentence on the next attempt. It is empty where nothing is wrong."""
        advice = ADVICE[self.training.word]
        if advice and not self.manifest.recipe.training.steps:
            advice = OF_LIKELIHOOD
        if advice or self.judgement is None:
            return advice
        verdict = self.judgement.verdict
        if len(verdict.losses) <= len(verdict.wins):
            return ""
        return (
            f"{verdict.against} is nearer to the history: try a longer one, and compare forecasts "
            "with `simgan backtest`."
        )

    @property
    def sentences(self) -> list[str]:
        """Sentences on the model: its verdicts, its training, advice, and its risks."""
        lines = [
            *self._verdict(),
            leaning(self.manifest),
            self.training.line,
            self.advice,
            today(self.today, self.manifest.name) if self.today else "",
            *(
                f"Asked for {asked}: "
                + ", ".join(f"{100 * share:.0f} % {name}" for name, share in shares.items())
                for asked, shares in self.manifest.verdict.get("regimes", {}).items()
            ),
        ]
        return [line for line in lines if line]

    def _verdict(self) -> list[str]:
        if self.judgement is None:
            return [too_few(self.manifest.data.days)]
        compared, verdict = self.judgement.comparison, self.judgement.verdict
        aspects = (*of_paths(compared, verdict), *verdict.forecasts)
        return [
            verdict.sentence,
            f"It is {sentence(aspects)} ({basis_of_forecasts(aspects)}).",
            scores_of_forecasts(aspects),
            *lines_of(uses_of(compared, verdict)),
        ]

    def to_json(self) -> dict[str, object]:
        """Return the JSON of ``simgan fit --json``."""
        manifest = self.manifest
        return {
            "model": manifest.name,
            "path": str(self.path),
            "data": manifest.data.told(),
            "seconds": round(manifest.seconds, 1),
            "prior": dict(manifest.prior),
            "verdict": manifest.verdict,
            "risk": risk_json(self.today) if self.today else [],
        }


def risk_json(found: Outlook) -> list[dict[str, float]]:
    """Return VaR and ES of the coming days for the JSON of a fit."""
    return [{"horizon": one.horizon} | asdict(one.estimate) for one in found.risks]


def fit(request: FitRequest, progress: Progress = SILENT, stop: Stop | None = None) -> Fitted:
    """Fit a model and write it to the workspace, whole or not at all.

    Parameters
    ----------
    request : FitRequest
    progress : Progress
        Gets notes about the data, and the steps of the training.
    stop : Stop, optional
        Ends the training after a step, with a checkpoint.

    Raises
    ------
    SimganError
        Of any kind: prices, training, writing.
    Interrupted
        `stop` or Ctrl-C ended the training, or the verdict on the saved model. With ``resume`` it
        continues.
    """
    name, workspace = request.model_name, request.workspace
    # `prior_of` names the remedy where the days are too few for a fit without a prior.
    least_days = replace(request.recipe, prior=DEFAULT).least_days
    history = request.order.history(workspace, least_days, progress)
    tell_other_hours(history, request.recipe.training.overlap, name, progress)
    first, last = history.day(0), history.day(-1)
    folder, checkpoint = workspace.model(name), workspace.checkpoint(name)
    for place in (folder.parent, request.tensorboard):
        if place is not None:
            expect_writable(place)
    prior, holds_out = prior_and_judgement(request, history, progress)
    task = Assignment(
        name=name,
        history=history,
        source=request.order.record(workspace),
        checkpoint=checkpoint,
        events=request.tensorboard,
        regimes=regimes_of(history, request.recipe, request.labels),
        device=request.device,
        prior=prior,
        holds_out=holds_out,
    )
    with locked(folder, progress, stop), kept_until_over(checkpoint):
        if earlier := replaced(workspace, name, history):
            progress.say(earlier)
        progress.say(
            f"{name}: {len(history)} daily log returns, {first} to {last}; loading TensorFlow"
        )
        recipe = suited(request.recipe, history)
        progress.say(f"{name}: learns from {learned_from(recipe, history.shapes)}")
        learned = train(request.recipe, task, progress, stop, resume=request.resume)
        for sentence in rare_days(learned.bundle, history):
            progress.say(f"{name}: {sentence}")
        progress.say("comparing with the baselines")
        fitted = _judged(learned, history, folder, progress)
        write_bundle(fitted.bundle, folder)
    return fitted


def prior_and_judgement(
    request: FitRequest, history: History, progress: Progress
) -> tuple[Prior | None, bool]:
    """Return the prior, and whether the last days are held out to judge forecasts."""
    recipe, days = request.recipe, len(history)
    if days < recipe.training.least_days:
        return prior_of(recipe, history, request.workspace), False
    first = recipe.training.days_of_selection(days)
    prior = prior_of(recipe, history, request.workspace, judged=days - first)
    if prior is None or prior.until < history.day(first):
        return prior, True
    progress.say(
        f"{request.model_name}: forecasts are not judged: {prior.name} has learned from days until "
        f"{prior.until}, and the days that would judge them begin on {history.day(first)}"
    )
    return prior, False


def replaced(workspace: Workspace, name: str, history: History) -> str:
    """Tell which earlier model a new one of the same name replaces, or nothing."""
    try:
        earlier = read_bundle(workspace.model(name)).manifest
    except BundleError:
        return ""
    days = f"of {earlier.data.first} to {earlier.data.last}"
    if earlier.assets == history.assets:
        return f"{name}: replaces the earlier model of this name, {days}"
    learned_from = ", ".join(earlier.assets)
    return (
        f"{name}: warning: replaces the earlier model of this name, which learned from "
        f"{learned_from}, {days}; another name keeps both"
    )


def _judged(learned: Learned, history: History, folder: Path, progress: Progress) -> Fitted:
    """Save a model, judge it against the baselines, and put the verdicts into its manifest."""
    bundle = spread_out(learned.bundle)
    write_bundle(unjudged(bundle), folder)
    with kept_unjudged(bundle.manifest.name):
        judgement = _judgement(learned, bundle, history, progress)
    training = training_verdict(bundle.training, bundle.manifest.chosen_step)
    verdict: dict[str, object] = {"sentence": too_few(len(history))}
    if judgement is not None:
        verdict = judged_json(judgement.comparison, judgement.verdict)
    verdict |= {"training": training.to_json()}
    if shares := recovered(bundle, history):
        verdict["regimes"] = shares
    manifest = replace(bundle.manifest, verdict=verdict)
    judged = replace(bundle, manifest=manifest)
    return Fitted(judged, folder, judgement, training, outlook_today(judged))


def _judgement(
    learned: Learned, bundle: Bundle, history: History, progress: Progress
) -> Judgement | None:
    """Judge paths and forecasts, as far as the history is long enough."""
    if too_few(len(history)):
        return None
    forecasts: list[Aspect] = []
    if learned.selected is not None:
        first = learned.first_held_out
        forecasts = forecast_aspects(learned.selected, history, first, progress)
    judged = judge(bundle, history, progress=progress)
    return judged.with_forecasts({judged.verdict.model: forecasts})


@contextmanager
def kept_until_over(checkpoint: Path) -> Iterator[None]:
    """Remove the checkpoint when the model is written, or when training has diverged.

    Whatever else ends a fit leaves it: Ctrl-C, a kill, a full disk.

    Raises
    ------
    WriteError, Interrupted
        The sentence says how to continue, if there is a checkpoint to continue from.
    """
    try:
        yield
    except TrainingDiverged:
        shutil.rmtree(checkpoint, ignore_errors=True)
        raise
    except KeyboardInterrupt as interrupt:
        if str(interrupt) or not checkpoint.exists():
            raise
        raise Interrupted(
            "the training is kept; the same command with --resume goes on from there"
        ) from None
    except WriteError as error:
        if not checkpoint.exists():
            raise
        raise WriteError(
            f"{error}. The training so far is kept; the same command with --resume continues it"
        ) from error
    shutil.rmtree(checkpoint, ignore_errors=True)


def _path(text: str | Path | None, name: str) -> Path | None:
    return None if text is None else path_of(text, "fit", name)
