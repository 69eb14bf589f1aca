"""Requests that the description of the API allows, and others: no answer is an error of the server.

schemathesis makes them. It also compares each answer with the description.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from simgan.locks import locked
from simgan.service.app import application
from simgan.service.configuration import Configuration
from simgan.service.state import Service
from simgan.service.tokens import add_token
from simgan.workspace import Workspace

# Few values, so that an answer takes milliseconds; requests without end.
QUICK = Configuration(
    most_values=2_000, most_of_risk=20_000, rate=1e9, burst=10**9, hosts="testserver"
)
# A request may be refused though its form is right, and 3.0 is a whole number.
LENIENT = [positive_data_acceptance, negative_data_rejection]
EXAMPLES = 8  # of each operation and mode


def test_answers_are_as_described(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    service = Service.over(Workspace(tmp_path), QUICK)
    token = add_token(service.database, "fuzzed")
    app = application(service)
    caplog.set_level(logging.CRITICAL, "simgan.service")
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    with locked(service.workspace.service / "supervisor"):  # so that it is ready
        tried = [
            try_operation(found.ok(), mode, token)
            for found in schema.get_all_operations()
            for mode in GenerationMode
        ]
    assert len(tried) >= 30 and sum(tried) > 10 * len(tried) / 2


def try_operation(operation: APIOperation, mode: GenerationMode, token: str) -> int:
    """Send requests of an operation, half of them for the reference model. Return their number."""
    tried = 0

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def answer_is_as_described(case: Case) -> None:
        nonlocal tried
        tried += 1
        if tried % 2 and "name" in case.path_parameters:
            case.path_parameters["name"] = "reference"
        headers = {"Authorization": f"Bearer {token}"}
        case.call_and_validate(headers=headers, excluded_checks=LENIENT)

    with suppress(Unsatisfiable):  # without parameters nothing can be wrong
        answer_is_as_described()
    return tried
