"""Claims' worker: relay, consumer and projections."""

from services.claims.projections import agreements, claims_queue
from services.claims.settings import SERVICE
from services.claims.use_cases.event_types import EVENT_TYPES
from services.claims.use_cases.policies import HANDLERS, SUBSCRIPTIONS
from services.claims.use_cases.publishing import to_contract
from shared.eventstore.postgres import PostgresEventStore
from shared.messaging.consumer import Consumer
from shared.messaging.relay import Relay
from shared.messaging.transports import transport_for
from shared.postgres.clock import clock_for
from shared.postgres.database import Database
from shared.projecting.projector import Projector
from shared.settings import ServiceSettings
from shared.worker.worker import Worker


def build(settings: ServiceSettings) -> Worker:
    """The worker, from its settings."""
    database = Database(settings.database_url)
    clock = clock_for(settings, database.engine)
    store = PostgresEventStore(database.engine, EVENT_TYPES, clock)
    transport = transport_for(settings)
    return Worker(
        [
            Relay(SERVICE, database, store, to_contract, transport.publisher()),
            Consumer(SERVICE, database, store, clock, SUBSCRIPTIONS, HANDLERS, transport),
            Projector(database, store, [agreements.PROJECTION, claims_queue.PROJECTION]),
        ]
    )
