"""A read model of ``eventsourcing`` as its documentation writes one, and its projection runner."""

import time
from contextlib import suppress
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier

from tests.benchmarks.addresses import environment

TABLE = "jar_totals"


class Account(Aggregate):
    """A jar."""

    def __init__(self) -> None:
        self.held = 0

    @event("Deposited")
    def deposit(self, cents: int, effective_on: str) -> None:  # noqa: ARG002  # in the event
        """Put money in."""
        self.held += cents


class Accounts(Application[UUID]):
    """All jars."""

    name = "account"


class Totals(PostgresTrackingRecorder):
    """The table, and its change in one transaction with how far the projection is."""

    def __init__(self, datastore: PostgresDatastore, **options: Any) -> None:
        super().__init__(datastore, **options)
        table = Identifier(TABLE)
        self.sql_create_statements.append(
            SQL(
                "CREATE TABLE IF NOT EXISTS {}"
                " (jar uuid PRIMARY KEY, held bigint NOT NULL, deposits bigint NOT NULL)"
            ).format(table)
        )
        self._add = SQL(
            "INSERT INTO {0} VALUES (%s, %s, 1) ON CONFLICT (jar) DO UPDATE"
            " SET held = {0}.held + excluded.held, deposits = {0}.deposits + 1"
        ).format(table)

    def add(self, jar: UUID, cents: int, tracking: Tracking) -> None:
        """One more deposit."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(self._add, (jar, cents), prepare=True)


class TotalsProjection(Projection[Totals]):
    """What an event changes."""

    name = "totals"

    @singledispatchmethod
    def process_event(self, _event: Any, tracking: Tracking) -> None:
        """Something else happened."""
        self.view.insert_tracking(tracking)

    @process_event.register
    def _deposited(self, deposited: Account.Deposited, tracking: Tracking) -> None:  # type: ignore[name-defined]
        self.view.add(deposited.originator_id, deposited.cents, tracking)


def prepare(url: str) -> tuple[str, bytes]:
    """Make the tables; the topic and state of a deposit as the library itself writes them."""
    application = Accounts(env=environment(url))
    account = Account()
    account.deposit(100, "2023-04-01")
    _, deposited = account.collect_events()
    stored = application.mapper.to_stored_event(deposited)
    application.close()
    return stored.topic, stored.state


def run(url: str, events: int, seconds: float) -> tuple[int, float]:
    """Run the projection over so many events, for so long at most; how far it came, how long."""
    started = time.perf_counter()
    with ProjectionRunner(
        application_class=Accounts,
        projection_class=TotalsProjection,
        view_class=Totals,
        env=environment(url),
    ) as runner:
        with suppress(TimeoutError):
            runner.wait(events, timeout=seconds)
        took = time.perf_counter() - started
        # What it does while it is stopped is read after, but does not count as time.
        runner.stop()
        runner._processing_thread.join()
        done = runner.view.max_tracking_id(Accounts.name)
    return done or 0, took
