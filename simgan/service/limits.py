"""Limits of the numbers that one request may ask for. A refusal has the numbers."""

from __future__ import annotations

from http import HTTPStatus

from simgan.sampling.groups import bytes_of_group
from simgan.sampling.latent import Drawing
from simgan.sampling.model import Model
from simgan.service.configuration import Configuration
from simgan.service.problems import Problem
from simgan.workflows.risk import RiskRequest
from simgan.workflows.sample import SampleRequest


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
            f"{_of(request.n, request.horizon, assets)} have {asked:,} values, and the limit is "
            f"{limits.most_values:,}; ask for parts by first and n",
            asked,
            limits.most_values,
        )
    _expect_group(limits, request.horizon, assets, request.values == "bars")


def expect_risk(limits: Configuration, request: RiskRequest, model: Model) -> None:
    """Refuse more values than the service holds in memory for one answer about risk.

    Raises
    ------
    Problem
    """
    assets = len(model.bundle.manifest.assets)
    of_one = request.days * assets
    if request.n * of_one > limits.most_of_risk:
        raise _too_many(
            f"{_of(request.n, request.days, assets)} are too many; n may be "
            f"{limits.most_of_risk // of_one:,}",
            request.n * of_one,
            limits.most_of_risk,
        )
    _expect_group(limits, request.days, assets)


def _expect_group(limits: Configuration, horizon: int, assets: int, bars: bool = False) -> None:
    needed = bytes_of_group(assets, Drawing(horizon=horizon, bars=bars))
    if needed > limits.group_memory:
        longest = horizon * limits.group_memory // needed
        detail = f"the horizon of {horizon:,} days is too long; at most {longest:,}"
        raise _too_many(detail, horizon, longest)


def _of(n: int, days: int, assets: int) -> str:
    return f"{n:,} scenarios of {days:,} days of {assets:,} asset{'s' * (assets > 1)}"


def _too_many(detail: str, asked: int, limit: int) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, {"asked": asked, "limit": limit})
