"""The inbox in PostgreSQL: received messages, offsets and effects in one transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Connection, func, select, text
from sqlalchemy.dialects.postgresql import insert

from shared.eventstore.folds import Folds, FoldsInTransaction
from shared.messaging import parking
from shared.messaging.leadership import NoLongerLeading
from shared.messaging.message import Message
from shared.messaging.reactions import Reactions
from shared.messaging.receiving import Progress, Seen
from shared.messaging.tables import CONSUMED
from shared.messaging.transports.base import Incoming, Partition
from shared.postgres.database import Database

# A key that is parked stays so until the transaction ends: a retry waits for it, and then sees what
# it parked.
_LOOK = text("""
WITH held AS (
    SELECT parked.topic, parked.key FROM messaging.parked_key AS parked
    JOIN unnest(CAST(:topics AS text[]), CAST(:keys AS text[])) AS asked (topic, key)
        ON parked.topic = asked.topic AND parked.key = asked.key
    FOR SHARE OF parked
)
SELECT topic, key, CAST(NULL AS uuid) FROM held
UNION ALL
SELECT NULL, NULL, message_id FROM messaging.inbox WHERE message_id = ANY(CAST(:ids AS uuid[]))
""")
# The offsets come first: another consumer that handles the same records at the same time is waited
# for here, and whoever comes second finds that they have moved.
_CLOSE = text("""
WITH moved AS (
    UPDATE messaging.consumed AS consumed
    SET next_offset = moves.ended,
        source = coalesce(moves.source, consumed.source),
        position = greatest(moves.position, consumed.position),
        at = now()
    FROM unnest(
        CAST(:topics AS text[]), CAST(:numbers AS integer[]), CAST(:began AS bigint[]),
        CAST(:ended AS bigint[]), CAST(:sources AS text[]), CAST(:positions AS bigint[])
    ) AS moves (topic, number, began, ended, source, position)
    WHERE consumed.topic = moves.topic AND consumed.partition = moves.number
      AND consumed.next_offset = moves.began
    RETURNING consumed.partition
), received AS (
    INSERT INTO messaging.inbox (message_id, at)
    SELECT unnest(CAST(:received AS uuid[])), now()
    WHERE (SELECT count(*) FROM moved) = cardinality(CAST(:numbers AS integer[]))
)
SELECT count(*) FROM moved
""")


class PostgresInbox:
    """In the service's own database, beside what its reactions write."""

    def __init__(self, database: Database, reactions: Reactions) -> None:
        self._database = database
        self._reactions = reactions
        self._folds = Folds()

    def start(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """Where to go on in each partition; those seen for the first time begin at 0."""
        wanted = set(partitions)
        if not wanted:
            return {}
        first = {"next_offset": 0, "position": 0, "at": func.now()}
        rows = [{"topic": topic, "partition": number, **first} for topic, number in sorted(wanted)]
        with self._database.engine.begin() as connection:
            connection.execute(insert(CONSUMED).values(rows).on_conflict_do_nothing())
            found = connection.execute(
                select(CONSUMED.c.topic, CONSUMED.c.partition, CONSUMED.c.next_offset).where(
                    CONSUMED.c.topic.in_({topic for topic, _ in wanted})
                )
            )
            return {Partition(topic, number): offset for topic, number, offset in found}

    @contextmanager
    def transaction(self) -> Iterator["PostgresReceipt"]:
        """See ``receiving.Inbox.transaction``."""
        with self._folds.in_transaction() as folds, self._database.engine.begin() as connection:
            yield PostgresReceipt(connection, self._reactions, folds)

    def parked_keys(self) -> int:
        """See ``receiving.Inbox.parked_keys``."""
        with self._database.engine.connect() as connection:
            return parking.number_of_parked_keys(connection)


class PostgresReceipt:
    """One transaction; see ``receiving.Receipt``."""

    def __init__(
        self, connection: Connection, reactions: Reactions, folds: FoldsInTransaction
    ) -> None:
        self._connection = connection
        self._reactions = reactions
        self._folds = folds

    def look(self, batch: Iterable[Incoming], messages: Sequence[UUID]) -> Seen:
        """See ``receiving.Receipt.look``."""
        keys = {(incoming.partition.topic, incoming.key) for incoming in batch}
        asked = {
            "topics": [topic for topic, _ in keys],
            "keys": [key for _, key in keys],
            "ids": list(messages),
        }
        rows = self._connection.execute(_LOOK, asked).all()
        return Seen(
            held_back={(topic, key) for topic, key, message_id in rows if message_id is None},
            known={message_id for _, _, message_id in rows if message_id is not None},
        )

    def answer(self, message: Message) -> None:
        """See ``receiving.Receipt.answer``."""
        self._reactions.answer(message, self._connection, self._folds)

    def park(self, incoming: Incoming, message: Message | None, problem: str | None) -> None:
        """See ``receiving.Receipt.park``."""
        parking.park(self._connection, incoming, message, problem)

    def close(self, reached: Mapping[Partition, Progress], received: Sequence[UUID]) -> None:
        """See ``receiving.Receipt.close``."""
        each = list(reached.values())
        moved = self._connection.execute(
            _CLOSE,
            {
                "topics": [partition.topic for partition in reached],
                "numbers": [partition.number for partition in reached],
                "began": [progress.from_offset for progress in each],
                "ended": [progress.next_offset for progress in each],
                "sources": [progress.source for progress in each],
                "positions": [progress.position for progress in each],
                "received": list(received),
            },
        ).scalar_one()
        if moved != len(reached):
            raise NoLongerLeading(f"consumer of {', '.join(sorted({p.topic for p in reached}))}")
