"""One suite, two stores: what PostgreSQL keeps, its twin in memory keeps the same way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import TypeAlias
from uuid import UUID, uuid4

import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError, ProgrammingError

from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.commands import carry_out
from shared.eventstore.folds import Folds
from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import (
    Actor,
    Append,
    CommandIdReused,
    CommandRecord,
    Context,
    EventStore,
    Stream,
    Unreadable,
    VersionConflict,
)
from shared.kernel.clock import FixedClock
from shared.kernel.decider import Decider
from shared.kernel.money import Money
from shared.kernel.refusals import StaleVersion
from shared.postgres.database import Database
from tests.support.clocks import WrongClock
from tests.support.postgres import Databases

TODAY = date(2023, 4, 3)
CONTEXT_ID = UUID(int=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposited:
    effective_on: date
    amount: Money


TYPES = EventTypes(EventType("jar.deposited", Deposited))
Store: TypeAlias = MemoryEventStore | PostgresEventStore


def deposit(cents: int = 100, on: date = TODAY) -> Deposited:
    return Deposited(effective_on=on, amount=Money(cents))


def context(command_id: UUID | None = None) -> Context:
    command_id = command_id or uuid4()
    return Context(
        command_id=command_id,
        actor=Actor(id="p-1", roles=("officer",), amr=("pwd", "otp")),
        correlation_id=command_id,
        causation_id=command_id,
        reason="because",
    )


def jar() -> Stream:
    return Stream("jar", uuid4())


DECIDER: Decider[int, int, Deposited] = Decider(
    initial=0,
    decide=lambda cents, _balance: [deposit(cents)] if cents else [],
    evolve=lambda balance, event: balance + event.amount.cents,
)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, clock: FixedClock) -> EventStore:
    if request.param == "memory":
        return MemoryEventStore(TYPES, clock)
    database: Database = request.getfixturevalue("database")
    return PostgresEventStore(database.engine, TYPES, clock)


class TestAppending:
    def test_positions_are_dense_over_all_streams(self, store: EventStore) -> None:
        """Positions are 1, 2, 3 … over the whole store, and versions 1, 2 … per stream."""
        one, other = jar(), jar()

        store.append([Append(one, 0, [deposit(1), deposit(2)])], context())
        store.append([Append(other, 0, [deposit(3)])], context())
        store.append([Append(one, 2, [deposit(4)])], context())

        assert [each.position for each in store.tail(0, 10)] == [1, 2, 3, 4]
        assert [each.version for each in store.load(one)] == [1, 2, 3]
        assert (store.version(one), store.version(other), store.version(jar())) == (3, 1, 0)
        assert store.head() == 4

    def test_an_event_comes_back_as_it_went_in(self, store: EventStore, clock: FixedClock) -> None:
        """What is read is what was appended, with who, why, and both dates."""
        stream, why = jar(), context()

        store.append([Append(stream, 0, [deposit(100, date(2022, 12, 31))])], why)

        [recorded] = store.load(stream)
        assert recorded.event == deposit(100, date(2022, 12, 31))
        assert recorded.type == "jar.deposited"
        assert recorded.context == why
        assert recorded.recorded_at == clock.now()
        assert recorded.stream == stream

    def test_events_alone_are_those_that_were_recorded(self, store: EventStore) -> None:
        """A state is folded of the same events that are loaded with their context."""
        stream = jar()
        store.append([Append(stream, 0, [deposit(cents) for cents in range(1, 101)])], context())

        for after in (0, 1, 99, 100):
            recorded = store.load(stream, after)
            assert store.events(stream, after) == [each.event for each in recorded]
            assert len(recorded) == 100 - after

    def test_another_version_than_expected_conflicts(self, store: EventStore) -> None:
        """A stream that has moved on refuses the append, and nothing is kept of it."""
        stream = jar()
        store.append([Append(stream, 0, [deposit()])], context())

        for expected in (0, 2):
            with pytest.raises(VersionConflict):
                store.append([Append(stream, expected, [deposit()])], context())

        assert len(store.load(stream)) == 1

    def test_several_streams_are_all_or_nothing(self, store: EventStore) -> None:
        """When one of several streams conflicts, none is appended to."""
        fresh, moved = jar(), jar()
        store.append([Append(moved, 0, [deposit()])], context())

        with pytest.raises(VersionConflict):
            store.append([Append(fresh, 0, [deposit()]), Append(moved, 0, [deposit()])], context())

        assert store.load(fresh) == []
        assert store.head() == 1

    def test_recorded_at_never_goes_back(self, store: EventStore, clock: FixedClock) -> None:
        """A clock that is put back does not put an event before an earlier position."""
        store.append([Append(jar(), 0, [deposit()])], context())
        clock.instant -= timedelta(days=1)
        store.append([Append(jar(), 0, [deposit()])], context())

        first, second = store.tail(0, 10)
        assert second.recorded_at == first.recorded_at

    def test_a_tail_starts_after_the_checkpoint(self, store: EventStore) -> None:
        """A reader gets what is above its checkpoint, in order, at most as many as it asks."""
        store.append([Append(jar(), 0, [deposit(n) for n in range(1, 6)])], context())

        assert [each.event.amount.cents for each in store.tail(2, 2)] == [3, 4]
        assert store.tail(5, 10) == []


class TestCarryingOutCommands:
    def test_the_same_command_is_carried_out_once(self, store: EventStore) -> None:
        """The same id and request give the same outcome and no second event."""
        stream, why = jar(), context()

        first = carry_out(store, DECIDER, stream, 5, why, request_hash=b"five")
        again = carry_out(store, DECIDER, stream, 5, why, request_hash=b"five")

        assert (again.stream, again.version, again.position) == (stream, 1, first.position)
        assert store.head() == 1

    def test_the_same_id_with_another_request_is_refused(self, store: EventStore) -> None:
        """A command id belongs to one request."""
        stream, why = jar(), context()
        carry_out(store, DECIDER, stream, 5, why, request_hash=b"five")

        with pytest.raises(CommandIdReused):
            carry_out(store, DECIDER, stream, 6, why, request_hash=b"six")

    def test_a_command_without_events_is_remembered_too(self, store: EventStore) -> None:
        """Nothing to do is an outcome; asked again it is the same one."""
        stream, why = jar(), context()

        carry_out(store, DECIDER, stream, 0, why, request_hash=b"none")

        record = store.find_command(why.command_id)
        assert record == CommandRecord(
            command_id=why.command_id, request_hash=b"none", stream=stream, version=0, position=0
        )

    def test_an_expected_version_is_honoured(self, store: EventStore) -> None:
        """Who saw version 1 may not decide on version 2."""
        stream = jar()
        carry_out(store, DECIDER, stream, 5, context())
        carry_out(store, DECIDER, stream, 5, context(), expected_version=1)

        with pytest.raises(StaleVersion):
            carry_out(store, DECIDER, stream, 5, context(), expected_version=1)

    def test_racing_decisions_are_made_again(self, store: EventStore) -> None:
        """Writers who race on one stream each get their event in, one after the other."""
        stream, start = jar(), Barrier(4)

        def deposit_five_times() -> None:
            start.wait()
            for _ in range(5):
                while True:
                    try:
                        carry_out(store, DECIDER, stream, 1, context())
                    except VersionConflict:
                        continue
                    break

        run_together(deposit_five_times, 4)

        assert [each.version for each in store.load(stream)] == list(range(1, 21))

    def test_racing_repeats_of_one_command_are_carried_out_once(self, store: EventStore) -> None:
        """A client that sends one command on four connections at once gets one effect."""
        stream, why, start = jar(), context(), Barrier(4)
        outcomes = []

        def send() -> None:
            start.wait()
            outcomes.append(carry_out(store, DECIDER, stream, 9, why, request_hash=b"nine"))

        run_together(send, 4)

        assert {(each.version, each.position) for each in outcomes} == {(1, 1)}
        assert store.head() == 1


class TestRememberedStates:
    def test_a_state_is_folded_on_from_where_it_was(self, store: EventStore) -> None:
        """What others appended meanwhile is seen, and nothing is folded twice."""
        stream, folds = jar(), Folds()

        for cents in (1, 2):
            carry_out(store, DECIDER, stream, cents, context(), folds=folds)
        carry_out(store, DECIDER, stream, 4, context())

        assert folds.state(store, DECIDER, stream) == (7, 3)
        assert folds.state(store, DECIDER, stream) == (7, 3)
        assert Folds().state(store, DECIDER, stream) == (7, 3)

    def test_only_so_many_are_kept(self, store: EventStore) -> None:
        """A process does not grow with the number of things it has seen."""
        folds, streams = Folds(kept=2), [jar() for _ in range(4)]
        for stream in streams:
            carry_out(store, DECIDER, stream, 1, context(), folds=folds)
            folds.state(store, DECIDER, stream)

        assert len(folds._states) == 2
        assert [folds.state(store, DECIDER, stream) for stream in streams] == [(1, 1)] * 4

    def test_racing_decisions_do_not_spoil_it(self, store: EventStore) -> None:
        """Threads that share remembered states and race still count every event once."""
        stream, folds, start = jar(), Folds(), Barrier(4)

        def deposit_ten_times() -> None:
            start.wait()
            for _ in range(10):
                while True:
                    try:
                        carry_out(store, DECIDER, stream, 1, context(), folds=folds)
                    except VersionConflict:
                        continue
                    break

        run_together(deposit_ten_times, 4)

        assert folds.state(store, DECIDER, stream) == (40, 40)


def run_together(target: Callable[[], None], number: int) -> None:
    threads = [Thread(target=target) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.postgres
class TestStatesWithinATransaction:
    def test_what_it_commits_is_remembered(self, database: Database, clock: FixedClock) -> None:
        """It sees its own events, others do once it has committed."""
        store = PostgresEventStore(database.engine, TYPES, clock)
        stream, folds = jar(), Folds()
        carry_out(store, DECIDER, stream, 1, context(), folds=folds)

        with folds.in_transaction() as ours, database.engine.begin() as connection:
            bound = store.bound_to(connection)
            for cents in (2, 4):
                carry_out(bound, DECIDER, stream, cents, context(), folds=ours)
            assert ours.state(bound, DECIDER, stream) == (7, 3)
            assert folds.state(store, DECIDER, stream) == (1, 1)

        assert folds.state(MemoryEventStore(TYPES, clock), DECIDER, stream) == (7, 3)

    def test_what_it_does_not_commit_is_not(self, database: Database, clock: FixedClock) -> None:
        """Neither when all of it fails, nor when a part of it is undone."""
        store = PostgresEventStore(database.engine, TYPES, clock)
        stream, folds = jar(), Folds()

        def fail() -> None:
            with folds.in_transaction() as ours, database.engine.begin() as connection:
                bound = store.bound_to(connection)
                carry_out(bound, DECIDER, stream, 1, context(), folds=ours)
                assert ours.state(bound, DECIDER, stream) == (1, 1)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert folds.state(store, DECIDER, stream) == (0, 0)

        with folds.in_transaction() as ours, database.engine.begin() as connection:
            bound = store.bound_to(connection)
            with connection.begin_nested() as part:
                carry_out(bound, DECIDER, stream, 2, context(), folds=ours)
                assert ours.state(bound, DECIDER, stream) == (2, 1)
                part.rollback()
            ours.forget()
            carry_out(bound, DECIDER, stream, 4, context(), folds=ours)
        assert folds.state(store, DECIDER, stream) == (4, 1)


@pytest.mark.postgres
class TestOnPostgreSQL:
    def test_a_tailing_reader_misses_nothing(self, database: Database, clock: FixedClock) -> None:
        """While eight writers append and roll back, a reader sees every event once, in order."""
        store = PostgresEventStore(database.engine, TYPES, clock)
        writers_done: list[None] = []
        start = Barrier(9)

        def write() -> None:
            start.wait()
            for number in range(40):
                if number % 10 == 0:
                    with database.engine.connect() as connection:
                        bound = store.bound_to(connection)
                        bound.append([Append(jar(), 0, [deposit()])], context())
                        connection.rollback()
                store.append([Append(jar(), 0, [deposit(), deposit()])], context())
            writers_done.append(None)

        seen: list[int] = []
        threads = [Thread(target=write) for _ in range(8)]
        for thread in threads:
            thread.start()
        start.wait()
        while len(writers_done) < 8 or (seen[-1:] != [store.head()]):
            seen += [each.position for each in store.tail(seen[-1] if seen else 0, 50)]
        for thread in threads:
            thread.join()

        assert seen == list(range(1, 8 * 40 * 2 + 1))

    def test_machines_that_disagree_about_the_time(self, database: Database) -> None:
        """A day ahead, a day behind and right, all at once: the database says when it was."""
        start = Barrier(3)

        def write(ahead: timedelta) -> None:
            store = PostgresEventStore(database.engine, TYPES, WrongClock(ahead))
            start.wait()
            for _ in range(20):
                store.append([Append(jar(), 0, [deposit()])], context())

        began = datetime.now(UTC)
        threads = [Thread(target=write, args=(timedelta(days=days),)) for days in (1, -1, 0)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        store = PostgresEventStore(database.engine, TYPES, WrongClock(timedelta(0)))
        recorded = [each.recorded_at for each in store.tail(0, 100)]
        assert len(recorded) == 60
        assert recorded == sorted(recorded)
        assert recorded[-1] - recorded[0] < timedelta(minutes=5)
        assert abs(recorded[0] - began) < timedelta(minutes=5)

    def test_nothing_is_kept_when_the_transaction_around_it_fails(
        self, database: Database, clock: FixedClock
    ) -> None:
        """A bound store commits with its surroundings or not at all."""
        store, stream = PostgresEventStore(database.engine, TYPES, clock), jar()

        with database.engine.connect() as connection:
            store.bound_to(connection).append([Append(stream, 0, [deposit()])], context())
            connection.rollback()
        assert store.load(stream) == []

        with database.engine.begin() as connection:
            store.bound_to(connection).append([Append(stream, 0, [deposit()])], context())
        assert len(store.load(stream)) == 1

    def test_an_event_that_cannot_be_read_leaves_the_transaction_usable(
        self, database: Database, clock: FixedClock
    ) -> None:
        """A history is given up at the first unknown event, and the connection is free again."""
        store, stream = PostgresEventStore(database.engine, TYPES, clock), jar()
        store.append([Append(stream, 0, [deposit() for _ in range(5_000)])], context())
        older = PostgresEventStore(database.engine, EventTypes(), clock)

        with database.engine.begin() as connection:
            with pytest.raises(Unreadable, match=r"event 1 \(.*jar.deposited version 1"):
                older.bound_to(connection).events(stream)
            assert len(store.bound_to(connection).events(stream)) == 5_000

    def test_a_conflict_inside_a_transaction_can_be_decided_again(
        self, database: Database, clock: FixedClock
    ) -> None:
        """A conflict leaves the surrounding transaction usable."""
        store, stream = PostgresEventStore(database.engine, TYPES, clock), jar()
        store.append([Append(stream, 0, [deposit()])], context())

        with database.engine.begin() as connection:
            bound = store.bound_to(connection)
            with pytest.raises(VersionConflict):
                bound.append([Append(stream, 0, [deposit()])], context())
            bound.append([Append(stream, 1, [deposit()])], context())

        assert len(store.load(stream)) == 2

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE eventstore.event SET type = 'other'",
            "DELETE FROM eventstore.event",
            "TRUNCATE eventstore.event",
            "UPDATE eventstore.command SET request_hash = ''",
            "DELETE FROM eventstore.command",
        ],
    )
    def test_history_cannot_be_changed(
        self, statement: str, database: Database, databases: Databases, clock: FixedClock
    ) -> None:
        """The service has no right to change events, and even their owner is refused."""
        store = PostgresEventStore(database.engine, TYPES, clock)
        carry_out(store, DECIDER, jar(), 5, context(), request_hash=b"five")

        with database.engine.connect() as connection, pytest.raises(ProgrammingError) as refused:
            connection.execute(text(statement))
        assert isinstance(refused.value.orig, InsufficientPrivilege)

        url = databases.as_administrator(database.url.render_as_string(hide_password=False))
        owner = create_engine(url)
        with owner.connect() as connection, pytest.raises(DatabaseError, match="never changed"):
            connection.execute(text(statement))
        owner.dispose()

    def test_the_service_cannot_insert_past_the_function(self, database: Database) -> None:
        """Events enter through the append function only."""
        with database.engine.connect() as connection, pytest.raises(ProgrammingError) as refused:
            connection.execute(text("INSERT INTO eventstore.command VALUES (gen_random_uuid())"))
        assert isinstance(refused.value.orig, InsufficientPrivilege)

    def test_an_event_too_large_is_refused(self, databases: Databases, database: Database) -> None:
        """An event that no message could carry is refused when it is appended."""
        url = databases.as_administrator(database.url.render_as_string(hide_password=False))
        owner = create_engine(url)
        # Random text, for PostgreSQL would compress a repeated one under the limit.
        insert = text(
            "INSERT INTO eventstore.event SELECT 1, gen_random_uuid(), 'jar', gen_random_uuid(), 1,"
            " 'jar.deposited', 1, to_jsonb(string_agg(gen_random_uuid()::text, '')), '{}',"
            " now(), now() FROM generate_series(1, 20000)"
        )
        with owner.connect() as connection, pytest.raises(DatabaseError) as refused:
            connection.execute(insert)
        assert isinstance(refused.value.orig, CheckViolation)
        owner.dispose()
