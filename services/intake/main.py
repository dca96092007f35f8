"""The HTTP process of intake: read top to bottom, this is all of it."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from services.intake.api.routes import ROUTERS
from services.intake.settings import DESCRIPTION, SERVICE, TITLE
from services.intake.use_cases.event_types import EVENT_TYPES
from shared.eventstore.postgres import PostgresEventStore
from shared.messaging.positions import consumed_positions, relayed_position
from shared.postgres.clock import clock_for
from shared.postgres.database import Database
from shared.projecting import registry
from shared.projecting.reading import ReadModels
from shared.settings import ServiceSettings
from shared.web.app import create_app


def build(settings: ServiceSettings) -> FastAPI:
    """The application, connected when first used."""
    database = Database(settings.database_url)
    clock = clock_for(settings, database.engine)

    def positions() -> Mapping[str, Any]:
        with database.autocommit.connect() as connection:
            return {
                "relayed": relayed_position(connection),
                "consumed": consumed_positions(connection),
                "projections": registry.positions(connection),
            }

    return create_app(
        SERVICE,
        settings=settings,
        database=database,
        store=PostgresEventStore(database.engine, EVENT_TYPES, clock),
        clock=clock,
        read_models=ReadModels(database.engine),
        routers=ROUTERS,
        title=TITLE,
        description=DESCRIPTION,
        positions=positions,
    )
