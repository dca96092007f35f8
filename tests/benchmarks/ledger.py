"""
A long book: rebuild the ledger in Python, fold the facts in SQL, and ask for the tables.

``python -m tests.benchmarks.ledger 1000000`` for a million events (twenty years); half an hour.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median, quantiles

from sqlalchemy import Connection, text

from services.finance.domain.tables import Basis
from services.finance.projections.ledger import PROJECTION
from services.finance.projections.tables import NoApprovedPlan, tables_of
from services.finance.use_cases.event_types import EVENT_TYPES
from shared.eventstore.postgres import PostgresEventStore
from shared.kernel.clock import SystemClock
from shared.kernel.periods import civil_date, fiscal_year_of
from shared.postgres.database import Database
from shared.projecting.projector import Projector
from shared.projecting.reading import ReadModels
from tests.book.book import book, store
from tests.book.folds import OF_FACTS, digest, of_lines
from tests.support.postgres import Databases, running_server

EVENTS = 50_000
YEARS = 20
TIMES = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """One book; rates in events per second, waits of single answers in milliseconds."""

    events: int
    lines: int
    in_python: float
    in_sql: float
    """With its digest."""
    now: list[float]
    in_the_past: list[float]


def measure(databases: Databases, events: int = EVENTS) -> Measured:
    """Everything on one new database. Raises ``AssertionError`` when the digests differ."""
    database = Database(databases.as_administrator(databases.migrated()))
    stored = store(database, book(events, years=YEARS))
    log = PostgresEventStore(database.engine, EVENT_TYPES, SystemClock())
    projector = Projector(database, log, [PROJECTION])
    projector.prepare()
    python = _seconds(projector.catch_up)
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM ANALYZE ledger_1.line, ledger_1.amount"))
        by_python = digest(connection, of_lines(1))
        started = time.perf_counter()
        by_sql = digest(connection, OF_FACTS)
        sql = time.perf_counter() - started
    assert by_sql == by_python, "two folds of one book"
    with ReadModels(database.engine).reading(PROJECTION) as connection:
        lines, latest = connection.execute(
            text("SELECT count(*), max(recorded_at) FROM ledger_1.line")
        ).one()
        last = civil_date(latest)
        now = _answers(connection, last, [last])
        past = _answers(connection, last, [last - timedelta(days=days) for days in (300, 1_500)])
    database.close()
    return Measured(stored, lines, stored / python, stored / sql, now, past)


def _answers(connection: Connection, last: date, days: list[date]) -> list[float]:
    """Each year of the book, on each basis, as of each day."""
    waits = []
    for fiscal_year in range(fiscal_year_of(last) - 10, fiscal_year_of(last) + 1):
        for basis in Basis:
            for as_of in days:
                try:
                    waits += [
                        1_000 * _seconds(lambda: tables_of(
                            connection, fiscal_year=fiscal_year, basis=basis, as_of=as_of  # noqa: B023
                        ))
                        for _ in range(TIMES)
                    ]  # fmt: skip
                except NoApprovedPlan:
                    continue
    return waits


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def report(measured: Measured) -> str:
    """The figures as a Markdown table."""
    rows = [
        ("events", f"{measured.events:,}"),
        ("lines", f"{measured.lines:,}"),
        ("ledger rebuilt by Python, events/s", f"{measured.in_python:,.0f}"),
        ("balances folded by SQL with their digest, events/s", f"{measured.in_sql:,.0f}"),
    ]
    for name, waits in (("now", measured.now), ("as of past days", measured.in_the_past)):
        p95 = quantiles(waits, n=20)[-1]
        rows.append((f"five tables {name}, p50 and p95, ms", f"{median(waits):.1f}, {p95:.1f}"))
    return "\n".join(["| | |", "| --- | ---: |", *(f"| {name} | {is_} |" for name, is_ in rows)])


if __name__ == "__main__":
    with running_server(disposable=False) as server:
        given = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
        print(report(measure(Databases(server), given)))  # noqa: T201
