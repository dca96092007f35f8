"""Impact's HTTP process."""

from typing import Any

from fastapi import FastAPI

from services.impact.api.routes import router
from services.impact.settings import SERVICE
from services.impact.use_cases.event_types import EVENT_TYPES
from shared.eventstore.postgres import PostgresEventStore
from shared.messaging.positions import consumed_positions, relayed_position
from shared.postgres.clock import clock_for
from shared.postgres.database import Database
from shared.projecting.reading import ReadModels
from shared.settings import ServiceSettings
from shared.timers.loop import due
from shared.web.app import create_app


def build(settings: ServiceSettings) -> FastAPI:
    """The application, from its settings."""
    database = Database(settings.database_url)
    clock = clock_for(settings, database.engine)
    store = PostgresEventStore(database.engine, EVENT_TYPES, clock)
    read_models = ReadModels(database.engine)

    def positions() -> dict[str, Any]:
        with database.autocommit.connect() as connection:
            return {
                "relayed": relayed_position(connection),
                "consumed": consumed_positions(connection),
                "projections": read_models.positions(),
                "timers_due": due(connection, clock.now()),
            }

    return create_app(
        SERVICE,
        settings=settings,
        database=database,
        store=store,
        clock=clock,
        read_models=read_models,
        routers=[router],
        title="Jalon: impact",
        description="What changed because of a project: yearly surveys after its completion.",
        checks={"projections": read_models.check},
        positions=positions,
    )
