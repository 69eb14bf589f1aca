"""Numbers about the service, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Response

from simgan.service.access import Reader
from simgan.service.metrics import MEDIA_TYPE
from simgan.service.state import Here

router = APIRouter(tags=["operation"])


@router.get("/metrics", response_class=Response)
def numbers(service: Here, caller: Reader) -> Response:
    """Tell requests, times, bytes, values drawn and jobs in the text format of Prometheus."""
    return Response(service.metrics.text(), media_type=MEDIA_TYPE)
