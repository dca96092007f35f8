"""
Messages that could not be handled, and what people do about them.

A message that fails parks its key: later messages of the key queue behind it, other keys go on.
Nothing is skipped and nothing is lost. A parked key is retried, once its cause is cured, or its
message is discarded by someone with a reason; either stays on record.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from shared.kernel.identifiers import derived_id
from shared.kernel.refusals import Invalid, NotFound
from shared.messaging.message import Message
from shared.messaging.reactions import Reactions
from shared.messaging.receiving import problem_of
from shared.messaging.tables import PARKED_KEY, PARKED_MESSAGE
from shared.messaging.transports.base import Incoming
from shared.postgres.database import Database, is_of_the_surroundings

_WAITS = PARKED_MESSAGE.c.outcome.is_(None)


class DiscardNeedsReason(Invalid):
    """Whoever discards a message says why: nobody will act on it any more."""

    en = "Say why the message is discarded."
    fr = "Indiquez pourquoi le message est écarté."


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedKey:
    """A key that is held back."""

    topic: str
    key: str
    parked_at: datetime
    waiting: int
    """How many messages wait: the one that failed, and those behind it."""
    problem: str
    """Why the first of them failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedMessage:
    """A message that waits."""

    id: int
    topic: str
    partition: int
    offset: int
    key: str
    message_id: UUID
    type: str | None
    """None when it could not be read."""
    problem: str | None
    """None when it only waits behind another."""
    attempts: int
    parked_at: datetime
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """What a retry led to."""

    handled: int
    """Messages that were handled now."""
    problem: str | None = None
    """Why the next one still fails; None when the key is free again."""


def parked_keys(connection: Connection) -> list[ParkedKey]:
    """The keys that are held back, longest first."""
    message = PARKED_MESSAGE.c
    waiting = (
        select(
            message.topic,
            message.key,
            func.count().label("waiting"),
            func.min(message.id).label("first"),
        )
        .where(_WAITS)
        .group_by(message.topic, message.key)
        .subquery()
    )
    statement = (
        select(
            PARKED_KEY.c.topic,
            PARKED_KEY.c.key,
            PARKED_KEY.c.parked_at,
            waiting.c.waiting,
            func.coalesce(message.problem, "").label("problem"),
        )
        .join(
            waiting,
            (waiting.c.topic == PARKED_KEY.c.topic) & (waiting.c.key == PARKED_KEY.c.key),
        )
        .join(PARKED_MESSAGE, message.id == waiting.c.first)
        .order_by(PARKED_KEY.c.parked_at, PARKED_KEY.c.topic, PARKED_KEY.c.key)
    )
    return [ParkedKey(**row) for row in connection.execute(statement).mappings()]


def parked_messages(connection: Connection, topic: str, key: str) -> list[ParkedMessage]:
    """The messages of a key that wait, in order."""
    message = PARKED_MESSAGE.c
    statement = (
        select(*(message[name] for name in ParkedMessage.__dataclass_fields__))
        .where(message.topic == topic, message.key == key, _WAITS)
        .order_by(message.id)
    )
    return [ParkedMessage(**row) for row in connection.execute(statement).mappings()]


def retry(database: Database, reactions: Reactions, *, topic: str, key: str, by: str) -> Retried:
    """
    Handle the messages of a parked key in order, each in its own transaction.

    Stops at the first that still fails; when none is left the key is free again.
    ``by`` is the opaque id of whoever asks. Raises ``NotFound`` when the key is not parked.
    """
    handled = 0
    with database.engine.connect() as connection:
        if not _is_parked(connection, topic, key):
            raise NotFound(kind="parked key")
    while True:
        with database.engine.begin() as connection:
            if not _hold(connection, topic, key):
                return Retried(handled=handled)
            problem = _retry_first(connection, reactions, topic, key, by)
        if problem is not None:
            return Retried(handled=handled, problem=problem)
        handled += 1


def discard(database: Database, message: int, *, reason: str, by: str) -> None:
    """
    Give a parked message up, for a reason that stays on record with who gave it.

    ``message`` is the ``ParkedMessage.id``. What waits behind it is not handled before a retry.
    Raises ``NotFound`` when no such message waits, and ``DiscardNeedsReason``.
    """
    if not reason.strip():
        raise DiscardNeedsReason(field="reason")
    where = select(PARKED_MESSAGE.c.topic, PARKED_MESSAGE.c.key).where(
        PARKED_MESSAGE.c.id == message, _WAITS
    )
    with database.engine.begin() as connection:
        row = connection.execute(where).one_or_none()
        if row is None or not _hold(connection, row.topic, row.key):
            raise NotFound(kind="parked message")
        values = {"outcome": "discarded", "reason": reason}
        if not _resolve(connection, message, by, values):
            raise NotFound(kind="parked message")
        _free_when_empty(connection, row.topic, row.key)


def park(
    connection: Connection, incoming: Incoming, message: Message | None, problem: str | None
) -> None:
    """Park a record and its key; without a ``problem`` it only queues behind another."""
    topic, number = incoming.partition
    now = func.now()
    connection.execute(
        insert(PARKED_KEY)
        .values(topic=topic, key=incoming.key, parked_at=now)
        .on_conflict_do_nothing()
    )
    connection.execute(
        insert(PARKED_MESSAGE).values(
            topic=topic,
            partition=number,
            offset=incoming.offset,
            key=incoming.key,
            message_id=(
                derived_id("unreadable", topic, number, incoming.offset)
                if message is None
                else message.id
            ),
            type=None if message is None else message.type,
            headers=[[name, value.decode(errors="replace")] for name, value in incoming.headers],
            value=incoming.value,
            problem=problem,
            attempts=0 if problem is None else 1,
            parked_at=now,
        )
    )


def number_of_parked_keys(connection: Connection) -> int:
    """How many keys are held back."""
    return connection.execute(select(func.count()).select_from(PARKED_KEY)).scalar_one()


def _retry_first(
    connection: Connection, reactions: Reactions, topic: str, key: str, by: str
) -> str | None:
    """Handle the first message that waits; why it still fails, or None."""
    statement = (
        select(PARKED_MESSAGE)
        .where(PARKED_MESSAGE.c.topic == topic, PARKED_MESSAGE.c.key == key, _WAITS)
        .order_by(PARKED_MESSAGE.c.id)
        .limit(1)
    )
    row = connection.execute(statement).one()
    try:
        # A savepoint: when it fails nothing of it stays, and the key is still held.
        with connection.begin_nested():
            headers = [(name, value.encode()) for name, value in row.headers]
            message = Message.parse(key=key, headers=headers, value=row.value)
            if reactions.answers(message.type):
                reactions.answer(message, connection)
    except Exception as error:  # whatever a handler raises is the message's problem
        if is_of_the_surroundings(error):
            raise
        problem = problem_of(error)
        connection.execute(
            update(PARKED_MESSAGE)
            .where(PARKED_MESSAGE.c.id == row.id)
            .values(problem=problem, attempts=PARKED_MESSAGE.c.attempts + 1)
        )
        return problem
    _resolve(connection, row.id, by, {"outcome": "handled"})
    _free_when_empty(connection, topic, key)
    return None


def _this_key(topic: str, key: str) -> ColumnElement[bool]:
    return (PARKED_KEY.c.topic == topic) & (PARKED_KEY.c.key == key)


def _is_parked(connection: Connection, topic: str, key: str) -> bool:
    statement = select(PARKED_KEY.c.key).where(_this_key(topic, key))
    return connection.execute(statement).one_or_none() is not None


def _hold(connection: Connection, topic: str, key: str) -> bool:
    """Keep the consumer and others from this key until the transaction ends; is it parked?"""
    statement = select(PARKED_KEY.c.key).where(_this_key(topic, key)).with_for_update()
    return connection.execute(statement).one_or_none() is not None


def _resolve(connection: Connection, message: int, by: str, values: dict[str, str]) -> bool:
    statement = (
        update(PARKED_MESSAGE)
        .where(PARKED_MESSAGE.c.id == message, _WAITS)
        .values(resolved_at=func.now(), resolved_by=by, **values)
    )
    return connection.execute(statement).rowcount == 1


def _free_when_empty(connection: Connection, topic: str, key: str) -> None:
    waits = (
        select(PARKED_MESSAGE.c.id)
        .where(PARKED_MESSAGE.c.topic == topic, PARKED_MESSAGE.c.key == key, _WAITS)
        .exists()
    )
    connection.execute(delete(PARKED_KEY).where(_this_key(topic, key), ~waits))
