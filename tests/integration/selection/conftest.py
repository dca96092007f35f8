"""The service on a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from services.selection.api.routes import ROUTERS
from services.selection.settings import SERVICE
from shared.kernel.clock import FixedClock
from shared.postgres.database import Database
from shared.web.app import create_app
from shared.web.development import DevelopmentIssuer
from tests.integration.selection.house import House
from tests.integration.selection.office import Office, settings_for


@pytest.fixture
def house(database: Database, clock: FixedClock) -> House:
    """The service on a fresh database, on 3 April 2023."""
    return House(database, clock)


@pytest.fixture
def office(house: House, tmp_path: Path) -> Iterator[Office]:
    """The service over HTTP, embedded, on its own database."""
    issuer = DevelopmentIssuer(tmp_path, mode="embedded")
    app = create_app(
        SERVICE,
        settings=settings_for(house, issuer),
        database=house.database,
        store=house.store,
        clock=house.clock,
        read_models=house.read_models,
        routers=ROUTERS,
        title="Selection",
        description="Selection.",
    )
    house.catches_up()
    with TestClient(app) as client:
        yield Office(house=house, client=client, issuer=issuer)
