"""
What the two processes of every service are made of.

A service's ``main.py`` and ``worker.py`` say what is its own; the rest is the same everywhere.
"""

import gc
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI

from shared.contracts.base import Contract
from shared.eventstore.codec import EventTypes
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Recorded
from shared.kernel.clock import Clock
from shared.messaging.consumer import Consumer
from shared.messaging.message import topic_of
from shared.messaging.positions import consumed_positions, consumer_lag, relayed_position
from shared.messaging.reactions import Handler
from shared.messaging.relay import Relay
from shared.messaging.transports import transport_for
from shared.messaging.transports.base import Transport
from shared.postgres.clock import clock_for, shared_time
from shared.postgres.database import Database
from shared.projecting.projection import Projection
from shared.projecting.projector import Projector
from shared.projecting.reading import ReadModels
from shared.settings import ServiceSettings
from shared.timers.loop import Handler as TimerHandler
from shared.timers.loop import TimerLoop, due, followed_position
from shared.timers.timer import Arm, Disarm
from shared.web.app import create_app
from shared.worker import Loop, Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a process stands on."""

    database: Database
    clock: Clock
    store: PostgresEventStore

    @classmethod
    def of(cls, settings: ServiceSettings, event_types: EventTypes) -> "Parts":
        """Connect nothing yet; make what the settings say."""
        database = Database(settings.database_url)
        clock = clock_for(settings, database.engine)
        store = PostgresEventStore(database.engine, event_types, clock)
        return cls(database=database, clock=clock, store=store)


def http_process(
    settings: ServiceSettings,
    event_types: EventTypes,
    *,
    routers: Sequence[APIRouter],
    title: str,
    description: str,
    has_timers: bool = False,
) -> FastAPI:
    """The application that answers for a service."""
    parts = Parts.of(settings, event_types)
    transport = transport_for(settings)

    read_models = ReadModels(parts.database.engine)
    return create_app(
        settings.service,
        settings=settings,
        database=parts.database,
        store=parts.store,
        clock=parts.clock,
        read_models=read_models,
        routers=routers,
        title=title,
        description=description,
        checks={"projections": read_models.check},
        positions=lambda: progress(parts, read_models, transport, has_timers=has_timers),
    )


SWITCH_SECONDS = 0.0005
"""
How long a thread of a process computes while others of it wait to.

A reaction asks the database several times, and waits that long at most after each answer: with
Python's own 5 ms a third of the time from a command to the view went by so.
"""


def settle() -> None:
    """
    Once everything is set up, let threads take turns sooner, and look less for garbage.

    What is set up stays, nearly a hundred thousand objects: a full collection no longer goes
    through them, for 50 ms. And a large history is ten thousand objects of which none is
    garbage: collections come after twice as many, not after seven hundred.
    """
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    sys.setswitchinterval(SWITCH_SECONDS)


def worker_process(
    settings: ServiceSettings,
    event_types: EventTypes,
    *,
    to_contract: Callable[[Recorded], Contract | None],
    listens_to: Iterable[str],
    handlers: Mapping[type[Contract], Handler],
    projections: Sequence[Projection],
    timers_of: Callable[[Recorded], Iterable[Arm | Disarm]] | None = None,
    timer_handlers: Mapping[str, TimerHandler] | None = None,
    own_loops: Callable[[Parts], Sequence[Loop]] | None = None,
) -> Worker:
    """
    The loops of a service. ``listens_to`` names the services whose contracts it reads.

    ``own_loops`` makes those that no other service has.
    """
    parts = Parts.of(settings, event_types)
    service, database, store, clock = settings.service, parts.database, parts.store, parts.clock
    transport = transport_for(settings)
    topics = [topic_of(each) for each in listens_to]
    loops: list[Loop] = [
        Relay(service, database, store, to_contract, transport.publisher()),
        Consumer(service, database, store, clock, topics, handlers, transport),
        Projector(database, store, projections),
    ]
    if timers_of is not None:
        loops.append(TimerLoop(service, database, store, clock, timers_of, timer_handlers or {}))
    if own_loops is not None:
        loops += own_loops(parts)
    return Worker(loops)


def progress(
    parts: Parts, read_models: ReadModels, transport: Transport, *, has_timers: bool
) -> dict[str, Any]:
    """How far the worker has got: what ``/positions`` shows beside the head."""
    now = shared_time(parts.database.autocommit, parts.clock)
    with parts.database.autocommit.connect() as connection:
        reached: dict[str, Any] = {
            "relayed": relayed_position(connection),
            "consumed": consumed_positions(connection),
            "lag": consumer_lag(connection, transport),
            "projections": read_models.positions(),
        }
        if has_timers:
            reached["timers"] = followed_position(connection)
            reached["timers_due"] = due(connection, now)
        return reached
