"""How far a service has published and consumed: for readers with a token, and for operators."""

from sqlalchemy import Connection, func, select

from shared.messaging.tables import CONSUMED, RELAY
from shared.messaging.transports.base import Transport


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
    rows = connection.execute(
        select(CONSUMED.c.topic, CONSUMED.c.partition, CONSUMED.c.next_offset)
    )
    offsets = {(topic, number): next_offset for topic, number, next_offset in rows}
    ends = transport.ends(sorted({topic for topic, _ in offsets}))
    return sum(max(0, end - offsets.get(partition, 0)) for partition, end in ends.items())
