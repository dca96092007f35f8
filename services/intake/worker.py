"""The worker of intake: publishes what happened, hears selection, keeps the views."""

from services.intake.projections import application_status, catalogue
from services.intake.settings import SERVICE
from services.intake.use_cases.event_types import EVENT_TYPES
from services.intake.use_cases.policies import HANDLERS
from services.intake.use_cases.publishing import to_contract
from shared.eventstore.postgres import PostgresEventStore
from shared.messaging.consumer import Consumer
from shared.messaging.message import topic_of
from shared.messaging.relay import Relay
from shared.messaging.transports import transport_for
from shared.postgres.clock import clock_for
from shared.postgres.database import Database
from shared.projecting.projector import Projector
from shared.settings import ServiceSettings
from shared.worker.worker import Worker

PROJECTIONS = (catalogue.PROJECTION, application_status.PROJECTION)
SUBSCRIPTIONS = (topic_of("selection"),)


def build(settings: ServiceSettings) -> Worker:
    """All loops of the service."""
    database = Database(settings.database_url)
    clock = clock_for(settings, database.engine)
    store = PostgresEventStore(database.engine, EVENT_TYPES, clock)
    transport = transport_for(settings)
    return Worker(
        [
            Relay(SERVICE, database, store, to_contract, transport.publisher()),
            Consumer(SERVICE, database, store, clock, SUBSCRIPTIONS, HANDLERS, transport),
            Projector(database, store, PROJECTIONS),
        ]
    )
