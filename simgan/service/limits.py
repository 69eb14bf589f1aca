"""Limits of the numbers that one request may ask for. A refusal has the numbers."""

from __future__ import annotations

from http import HTTPStatus

from simgan.sampling.groups import bytes_of_group
from simgan.sampling.latent import SIZE, Drawing
from simgan.sampling.model import Model
from simgan.service.configuration import Configuration
from simgan.service.problems import Problem
from simgan.workflows.risk import RiskRequest
from simgan.workflows.sample import PreparedRequest, SampleRequest

_SENT = 2**16  # values of a small answer: about 10 ms
_COMPUTED = 2**20  # values of the groups that it is a part of


def expect_scenarios(limits: Configuration, request: SampleRequest, model: Model) -> None:
    """Refuse more values than a stream has, or than the service computes together.

    Raises
    ------
    Problem
    """
    assets = len(model.bundle.manifest.assets)
    asked = request.n * request.horizon * assets
    if asked > limits.most_values:
        raise _too_many(
            f"{_of(request.n, request.horizon, assets)} would be {asked:,} values, and the limit "
            f"is {limits.most_values:,}; ask for parts by first and n",
            asked,
            limits.most_values,
        )
    _expect_group(limits, request.horizon, assets, request.values == "bars")


def is_small(ready: PreparedRequest) -> bool:
    """Tell whether an answer is computed at once, and not as a stream.

    A group is computed as a whole, so one scenario of a long horizon is no small answer. Nor is a
    condition, which draws many.
    """
    manifest, drawing = ready.model.bundle.manifest, ready.drawing
    days = manifest.blueprint.run_in + drawing.horizon
    computed = len(drawing.groups) * SIZE * days * len(manifest.assets)
    is_light = computed <= _COMPUTED and ready.sheet.n * ready.sheet.width <= _SENT
    return is_light and ready.condition is None


def expect_risk(limits: Configuration, request: RiskRequest, model: Model) -> None:
    """Refuse a question about risk of more values than the service computes for one.

    Raises
    ------
    Problem
    """
    expect_counted(limits, request.n, request.days, model)


def expect_counted(limits: Configuration, n: int, days: int, model: Model) -> None:
    """Refuse more scenarios of so many days than the service computes for a question.

    Raises
    ------
    Problem
    """
    assets = len(model.bundle.manifest.assets)
    _expect_group(limits, days, assets)
    most = most_counted(limits, days, model)
    if not most:
        raise _too_many_days(days, limits.most_of_risk // assets)
    if n > most:
        detail = f"{_of(n, days, assets)} would be too much; n may be {most:,}"
        raise _too_many(detail, n * days * assets, limits.most_of_risk)


def most_counted(limits: Configuration, days: int, model: Model) -> int:
    """Return the number of scenarios that a question about risk may be about."""
    return limits.most_of_risk // (days * len(model.bundle.manifest.assets))


def _expect_group(limits: Configuration, horizon: int, assets: int, bars: bool = False) -> None:
    needed = bytes_of_group(assets, Drawing(horizon=horizon, bars=bars))
    if needed > limits.group_memory:
        raise _too_many_days(horizon, horizon * limits.group_memory // needed)


def _too_many_days(days: int, longest: int) -> Problem:
    detail = f"the horizon of {days:,} days is too long; at most {longest:,}"
    return _too_many(detail, days, longest)


def _of(n: int, days: int, assets: int) -> str:
    parts = (n, "scenario"), (days, "day"), (assets, "asset")
    return " of ".join(f"{count:,} {noun}{'s' * (count != 1)}" for count, noun in parts)


def _too_many(detail: str, asked: int, limit: int) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, {"asked": asked, "limit": limit})
