"""
The code of production, wrong in the six ways that the simulation knows: a storm must notice each.

Each is installed in every process of a storm, as if it had been built like that, and killed where
it hurts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Append, CommandRecord, Context, Recorded, VersionConflict
from shared.messaging.inbox import PostgresReceipt
from shared.messaging.message import Message, topic_of
from shared.messaging.publishing import Publishing
from shared.projecting import registry
from shared.projecting.folding import fold, write
from shared.projecting.projection import Projection
from shared.projecting.projector import PostgresGenerations
from shared.projecting.registry import Generation


def acknowledge_before_publish() -> None:
    """The checkpoint moves before the broker has answered."""

    def step(self: Publishing) -> bool:
        window, reached, more = self._window()
        if reached == self.position:
            return False
        self._checkpoint.move(self.epoch, reached)
        self.position = reached
        if window:
            self._publisher.publish(topic_of(self._service), window)
        return more

    Publishing.step = step  # type: ignore[method-assign]


def checkpoint_apart() -> None:
    """Rows in one transaction, the checkpoint in the next."""

    def take(
        self: PostgresGenerations,
        takers: Sequence[tuple[Projection, Generation]],
        batch: Sequence[Recorded],
    ) -> None:
        for projection, generation in takers:
            folded = fold(delta for recorded in batch for delta in projection.deltas(recorded))
            with self._database.engine.begin() as connection:
                write(connection, folded, translate=projection.placed_in(generation.generation))
            with self._database.engine.begin() as connection:
                registry.advance(connection, [generation], batch[-1].position)

    PostgresGenerations.take = take  # type: ignore[method-assign]


def dedupe_by_highest_position() -> None:
    """What is not above the highest position seen of its source is taken for old."""
    highest = text("SELECT max(position) FROM messaging.consumed WHERE source = :source")
    whole = PostgresReceipt.answer

    def answer(self: PostgresReceipt, message: Message) -> None:
        seen = self._connection.execute(highest, {"source": message.source}).scalar_one()
        if seen is None or message.position > seen:
            whole(self, message)

    PostgresReceipt.answer = answer  # type: ignore[method-assign]


def inbox_after_effect() -> None:
    """The effect is committed by itself, then the inbox and the offset."""

    def answer(self: PostgresReceipt, message: Message) -> None:
        with self._connection.engine.begin() as own:
            self._reactions.answer(message, own)

    PostgresReceipt.answer = answer  # type: ignore[method-assign]


def swallow_conflict() -> None:
    """Who comes second is told that all is well, as ``ON CONFLICT DO NOTHING`` does."""
    whole = PostgresEventStore.append

    def append(
        self: PostgresEventStore,
        appends: Sequence[Append],
        context: Context,
        *,
        command: CommandRecord | None = None,
    ) -> int:
        try:
            return whole(self, appends, context, command=command)
        except VersionConflict:
            return self.head()

    PostgresEventStore.append = append  # type: ignore[method-assign]


def nothing() -> None:
    """The code is right; something else is wrong."""


NO_APPEND_LOCK = """
CREATE SEQUENCE eventstore.position;
CREATE OR REPLACE FUNCTION eventstore.append(
    p_stream_type text, p_stream_id uuid, p_expected integer,
    p_events jsonb, p_meta jsonb, p_now timestamptz
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = eventstore, pg_temp AS $$
DECLARE
    actual integer;
    head bigint;
BEGIN
    SELECT max(stream_version) INTO actual FROM event
        WHERE stream_id = p_stream_id AND stream_type = p_stream_type;
    IF coalesce(actual, 0) <> p_expected THEN
        RETURN NULL;
    END IF;
    INSERT INTO event
        SELECT nextval('position'), gen_random_uuid(), p_stream_type, p_stream_id,
               p_expected + o::integer, e ->> 0, (e ->> 1)::smallint, e -> 3, p_meta,
               (e ->> 2)::date, clock_timestamp()
        FROM jsonb_array_elements(p_events) WITH ORDINALITY AS u (e, o);
    head := currval('position');
    PERFORM pg_notify('jalon_events', head::text);
    RETURN head;
EXCEPTION WHEN unique_violation THEN
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION eventstore.append_and_remember(
    p_stream_type text, p_stream_id uuid, p_expected integer,
    p_events jsonb, p_meta jsonb, p_now timestamptz,
    p_command_id uuid, p_request_hash bytea,
    p_command_stream_type text, p_command_stream_id uuid, p_command_stream_version integer
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = eventstore, pg_temp AS $$
DECLARE
    head bigint;
BEGIN
    head := append(p_stream_type, p_stream_id, p_expected, p_events, p_meta, p_now);
    IF head IS NOT NULL THEN
        INSERT INTO command VALUES (p_command_id, p_request_hash, p_command_stream_type,
                                    p_command_stream_id, p_command_stream_version, head);
    END IF;
    RETURN head;
END $$;
"""
"""Positions come from a sequence, and commits in any order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One way to be wrong."""

    install: Callable[[], None] = nothing
    """In a process, before anything runs."""
    sql: str | None = None
    """In the sender's database."""
    hurts: tuple[str, str, float] | None = None
    """The role and the failpoint at which killing shows it, and the chance of it."""


MUTANTS: dict[str, Mutant] = {
    "acknowledge before publish": Mutant(
        install=acknowledge_before_publish, hurts=("relay", "after checkpoint", 0.05)
    ),
    "no append lock": Mutant(sql=NO_APPEND_LOCK, hurts=("timers", "after timer", 0.1)),
    "checkpoint in its own transaction": Mutant(
        install=checkpoint_apart, hurts=("projector", "before checkpoint of rows", 0.5)
    ),
    "dedupe by highest position": Mutant(
        install=dedupe_by_highest_position, hurts=("consumer", "before batch", 0.1)
    ),
    "inbox after effect": Mutant(
        install=inbox_after_effect, hurts=("consumer", "after effect", 0.2)
    ),
    "swallow conflict": Mutant(install=swallow_conflict),
}
