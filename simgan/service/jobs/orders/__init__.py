"""Orders: the kinds of jobs, and the command of each."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from simgan.service.jobs.orders.backtest import BacktestOrder
from simgan.service.jobs.orders.fit import FitOrder
from simgan.service.jobs.orders.inspect import InspectOrder
from simgan.service.jobs.orders.order import JobOrder
from simgan.service.jobs.orders.report import ReportOrder

AnyOrder = Annotated[
    FitOrder | BacktestOrder | ReportOrder | InspectOrder, Field(discriminator="kind")
]
"""The body of a request for a job."""

ORDERS: TypeAdapter[JobOrder] = TypeAdapter(AnyOrder)
