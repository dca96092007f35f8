"""Claims' HTTP process."""

from typing import Any

from fastapi import FastAPI

from services.claims.api.routes import router
from services.claims.settings import SERVICE
from services.claims.use_cases.event_types import EVENT_TYPES
from shared.eventstore.postgres import PostgresEventStore
from shared.messaging.positions import consumed_positions, relayed_position
from shared.postgres.clock import clock_for
from shared.postgres.database import Database
from shared.projecting import registry
from shared.projecting.reading import ReadModels
from shared.settings import ServiceSettings
from shared.web.app import create_app


def build(settings: ServiceSettings) -> FastAPI:
    """The application, from its settings."""
    database = Database(settings.database_url)
    clock = clock_for(settings, database.engine)
    store = PostgresEventStore(database.engine, EVENT_TYPES, clock)

    def positions() -> dict[str, Any]:
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
        store=store,
        clock=clock,
        read_models=ReadModels(database.engine),
        routers=[router],
        title="Jalon: claims",
        description="Agreements, claims and payments: what is owed, and what has been paid.",
        positions=positions,
    )
