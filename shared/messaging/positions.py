"""How far a service has published and consumed: for readers with a token, and for operators."""

import time
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from shared.messaging.message import Message, UnreadableMessage
from shared.messaging.tables import CONSUMED, RELAY
from shared.messaging.transports.base import Incoming, Partition, Transport

LOOK_SECONDS: Final = 3.0
"""How long the log is read to find out since when messages wait."""


def relayed_position(connection: Connection) -> int:
    """Up to which position of its own store the service has published what is to be published."""
    statement = select(func.coalesce(func.max(RELAY.c.position), 0))
    position: int = connection.execute(statement).scalar_one()
    return position


def consumed_positions(connection: Connection) -> dict[str, int]:
    """
    By publishing service, the highest position of it that has taken effect here.

    Lower positions with other keys may still be on their way in other partitions:
    that everything is consumed is known when ``consumer_lag`` is zero.
    """
    statement = (
        select(CONSUMED.c.source, func.max(CONSUMED.c.position).label("position"))
        .where(CONSUMED.c.source.is_not(None))
        .group_by(CONSUMED.c.source)
    )
    return {row.source: row.position for row in connection.execute(statement)}


def consumer_lag(connection: Connection, transport: Transport) -> int:
    """
    How many records of the topics this service reads have not been consumed yet.

    Zero also before its consumer ran for the first time: it has no topics then.
    Raises ``TransportFailed``.
    """
    return sum(end - offset for offset, end in _waiting(connection, transport).values())


def oldest_waiting(connection: Connection, transport: Transport) -> datetime | None:
    """
    When the oldest message that is not consumed yet was recorded by its publisher.

    Only the log knows, so the first that waits in each partition is read from it; those that do
    not come within ``LOOK_SECONDS`` are left out. None where nothing waits, or nothing of it is a
    message. Raises ``TransportFailed``, also where the log no longer has what comes next.
    """
    offsets = {at: offset for at, (offset, _) in _waiting(connection, transport).items()}
    if not offsets:
        return None
    first: dict[Partition, Incoming] = {}
    reader = transport.reader(offsets)
    try:
        deadline = time.monotonic() + LOOK_SECONDS
        while first.keys() != offsets.keys() and time.monotonic() < deadline:
            for incoming in reader.poll(limit=500, timeout=0.5):
                first.setdefault(incoming.partition, incoming)
    finally:
        reader.close()
    return min(filter(None, map(_recorded_at, first.values())), default=None)


def _waiting(connection: Connection, transport: Transport) -> dict[Partition, tuple[int, int]]:
    """The partitions in which something waits: where it begins and where it ends."""
    rows = connection.execute(
        select(CONSUMED.c.topic, CONSUMED.c.partition, CONSUMED.c.next_offset)
    )
    offsets = {Partition(topic, number): next_offset for topic, number, next_offset in rows}
    ends = transport.ends(sorted({at.topic for at in offsets}))
    found = {at: (offsets.get(at, 0), end) for at, end in ends.items()}
    return {at: (offset, end) for at, (offset, end) in found.items() if end > offset}


def _recorded_at(incoming: Incoming) -> datetime | None:
    try:
        return Message.of(incoming).recorded_at
    except UnreadableMessage:
        return None
