"""Schemathesis reads /openapi.json and sends what fits and what does not: nothing may end in a 5xx."""

from __future__ import annotations

import contextlib

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation.modes import GenerationMode

USER = "fuzzing-user-ID_0123456789abcdefghijklmnopq"
OPERATIONS = 22
EXAMPLES = 25
SUCCEED = (
    "POST /api/endpoint", "GET /api/v1/conversations", "GET /api/v1/consent", "GET /readyz", "POST /api/v1/contact", "POST /api/v1/login-code",
    "GET /api/v1/me", "GET /api/v1/me/demographics", "DELETE /api/v1/me/demographics", "GET /platforms.json", "GET /.well-known/sharelm.json",
)  # fmt: skip


@pytest.fixture
def agreed(client):
    consent = {"version": client.get("/api/v1/consent").json["version"], "language": "en", "adult": True}
    assert client.post("/api/v1/consent", json=consent, headers={"Authorization": f"Bearer {USER}"}).status_code == 200


@pytest.mark.settings(SHARELM_UPLOADS_PER_MINUTE="1000000", SHARELM_JOBS="off")
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_nothing_is_answered_with_a_5xx(app, agreed, mode):
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) == OPERATIONS
    statuses = {operation.label: fuzz(operation, mode) for operation in operations}
    assert not {label: found for label, found in statuses.items() if any(status >= 500 for status in found)}
    if mode is GenerationMode.POSITIVE:
        assert all(200 in statuses[label] for label in SUCCEED)


def fuzz(operation, mode):
    """The statuses that some two dozen requests to one operation were answered with."""
    found = set()

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case):
        found.add(case.call(headers={"Authorization": f"Bearer {USER}"}).status_code)

    with contextlib.suppress(Unsatisfiable):  # an operation without parameters has nothing to break
        send()
    return found
