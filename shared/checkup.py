"""
Is a service well? Asked of its database, whether its processes run or not.

Every finding says what was looked at and whether anybody has to do something about it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from shared.eventstore.store import EventStore, Unreadable
from shared.kernel.clock import SystemClock
from shared.messaging.parking import parked_keys
from shared.messaging.positions import consumer_lag, oldest_waiting, relayed_position
from shared.messaging.transports.base import Transport, TransportFailed
from shared.postgres.clock import shared_time
from shared.postgres.migrate import Age, age_of
from shared.process import Parts
from shared.projecting.projection import Projection
from shared.projecting.reading import ReadModels
from shared.timers.loop import due

PATIENCE = timedelta(seconds=60)
"""What waits longer than this does not wait for its turn: something is in the way."""
CLOCKS_AGREE = timedelta(seconds=5)
"""How far the clock of a machine may be from the database's; asking takes some of it."""
SAID_OF_TABLES: Mapping[Age, str] = {
    "older": "the tables are older than this code: migrate them",
    "newest": "at the newest revision",
    "newer": "the tables are newer than this code: newer code has to run",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    said: str
    """What was found, with its figures; never personal data."""
    waiting: int = 0
    """How many events, messages, keys or timers wait; where nothing can wait, 0."""
    seconds: float = 0.0
    """Since when the oldest of them waits, where that is known."""


def findings_of(
    service: str, parts: Parts, projections: Sequence[Projection], transport: Transport
) -> Iterator[Finding]:
    """Everything that is the same in all services, in the order in which it is mended."""
    now = shared_time(parts.database.autocommit, parts.clock)
    if isinstance(parts.clock, SystemClock):
        yield _clock(parts.clock.now() - now)
    with parts.database.autocommit.connect() as connection:
        age = age_of(connection, service)
        yield Finding(name="migrations", ok=age == "newest", said=SAID_OF_TABLES[age])
        if age != "newest":
            return  # nothing else can be asked of tables that are not there
        yield _waiting(parts.store, "relay", relayed_position(connection), now)
        yield from _projections(parts, projections, now)
        yield _consumer(connection, transport, now)
        yield _parked(connection)
        yield _timers(connection, now)


def _clock(ahead: timedelta) -> Finding:
    """The clock of the machine that asks, beside the database's; nothing else is known here."""
    seconds = ahead.total_seconds()
    return Finding(
        name="clock",
        ok=abs(ahead) <= CLOCKS_AGREE,
        said=f"this machine is {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'}"
        " the database",
    )


def _projections(
    parts: Parts, projections: Sequence[Projection], now: datetime
) -> Iterator[Finding]:
    generations = ReadModels(parts.database.engine).generations()
    for projection in projections:
        name = f"projection {projection.name}"
        mine = [
            each
            for each in generations
            if each.name == projection.name and each.code_version == projection.version
        ]
        failed = next((each for each in mine if each.status == "failed"), None)
        serving = next((each for each in mine if each.serving), None)
        if failed is not None:
            said = f"generation {failed.generation} failed on event {failed.failed_position}"
            yield Finding(name=name, ok=False, said=said)
        elif serving is None:
            yield Finding(name=name, ok=False, said="no generation of this code's version serves")
        else:
            yield _waiting(parts.store, name, serving.position, now)


def _waiting(store: EventStore, name: str, position: int, now: datetime) -> Finding:
    """How many events are still to come, and since when the oldest waits."""
    behind = store.head() - position
    try:
        oldest = store.tail(position, 1)
    except Unreadable as met:
        said = f"at {position}, {behind} behind: {met}"
        return Finding(name=name, ok=False, said=said, waiting=behind)
    if not oldest:
        return Finding(name=name, ok=True, said=f"at {position}, up to date")
    since = now - oldest[0].recorded_at
    seconds = since.total_seconds()
    return Finding(
        name=name,
        ok=since <= PATIENCE,
        said=f"at {position}, {behind} behind, the oldest for {seconds:.0f} s",
        waiting=behind,
        seconds=seconds,
    )


def _consumer(connection: Connection, transport: Transport, now: datetime) -> Finding:
    try:
        behind = consumer_lag(connection, transport)
    except TransportFailed as failure:
        return Finding(name="consumer", ok=False, said=f"the log does not answer: {failure}")
    said = f"{behind} messages to come"
    try:
        oldest = oldest_waiting(connection, transport) if behind else None
    except TransportFailed as failure:
        said += f", and the next cannot be read: {failure}"
        return Finding(name="consumer", ok=False, said=said, waiting=behind)
    if oldest is None:
        return Finding(name="consumer", ok=True, said=said, waiting=behind)
    since = now - oldest
    seconds = since.total_seconds()
    said += f", the oldest for {seconds:.0f} s"
    return Finding(
        name="consumer", ok=since <= PATIENCE, said=said, waiting=behind, seconds=seconds
    )


def _parked(connection: Connection) -> Finding:
    keys = parked_keys(connection)
    if not keys:
        return Finding(name="parked", ok=True, said="nothing")
    waiting = sum(each.waiting for each in keys)
    said = f"{len(keys)} keys with {waiting} messages, the first {keys[0].topic} {keys[0].key}"
    return Finding(name="parked", ok=False, said=said, waiting=len(keys))


def _timers(connection: Connection, now: datetime) -> Finding:
    late = due(connection, now - PATIENCE)
    waiting = due(connection, now)
    return Finding(name="timers", ok=late == 0, said=f"{waiting} due", waiting=waiting)
