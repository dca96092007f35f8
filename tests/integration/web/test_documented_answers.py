"""Every service answers as its OpenAPI document says, whatever is sent. Intake has its own test."""

from collections import Counter
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from shared.eventstore.postgres import PostgresEventStore
from shared.kernel.clock import SystemClock
from shared.postgres.database import Database
from shared.projecting.projector import Projector
from shared.settings import ServiceSettings
from shared.web.auth import OUTSIDE, ROLES
from shared.web.development import DevelopmentIssuer
from tests.support.documented import fuzzed, operations
from tests.support.postgres import Databases


@pytest.mark.parametrize("service", ["selection", "claims", "impact", "finance"])
def test_every_answer_is_documented(databases: Databases, tmp_path: Path, service: str) -> None:
    """No operation answers 5xx, or a status or a body that its document does not name."""
    url = databases.migrated(service)
    issuer = DevelopmentIssuer(tmp_path, mode="embedded")
    settings = ServiceSettings(
        service=service,
        mode="embedded",
        database_url=url,
        transport="postgres",
        log_database_url=url,
        clock="simulated",
        jwt_issuer=issuer.issuer,
        jwks_file=issuer.jwks_file,
        http_port=8101,
    )
    database = Database(url)
    store = PostgresEventStore(
        database.engine,
        import_module(f"services.{service}.use_cases.event_types").EVENT_TYPES,
        SystemClock(),
    )
    projections = import_module(f"services.{service}.worker").PROJECTIONS
    projector = Projector(database, store, projections)
    projector.prepare()
    tokens = [
        issuer.token("person-staff", sorted(ROLES - OUTSIDE), None),
        issuer.token("person-outside", sorted(OUTSIDE), uuid4()),
    ]
    app = import_module(f"services.{service}.main").build(settings)
    callers = [{"Authorization": f"Bearer {token}"} for token in tokens]
    answers: Counter[int] = Counter()
    with TestClient(app) as client:
        operator = issuer.token("person-operator", ["operator"], None)
        moved = client.put(
            "/clock",
            json={"instant": "2023-04-03T13:00:00Z"},
            headers={"Authorization": f"Bearer {operator}"},
        )
        assert moved.status_code == 200, moved.text
        for operation in operations(app):
            projector.catch_up()
            answers += fuzzed(client, operation, callers=callers, known={}, examples=10)
    database.close()
    databases.drop(url)
    assert {200, 404, 422} <= set(answers)
