"""
How many messages a second take effect: the real consumer with its inbox, from Apache Kafka.

Once with a handler that writes one row per message and once with one that does nothing. Beside it:
a consumer of kafka-python with automatic commits and no inbox, which writes a row per message in
batches and may write some twice after a crash, and reading the topic alone.
"""

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

import psycopg
from kafka import KafkaConsumer
from sqlalchemy import Column, MetaData, Table, Text, Uuid, insert

from deploy.topics import create_topics
from services.claims.use_cases.event_types import EVENT_TYPES
from services.claims.use_cases.publishing import to_contract
from shared.contracts.base import Contract
from shared.contracts.claims import PaymentDisbursed
from shared.eventstore.effects import Effects
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Recorded
from shared.kernel.clock import SystemClock
from shared.messaging.consumer import Consumer
from shared.messaging.message import Message, topic_of
from shared.messaging.reactions import Handler
from shared.messaging.transports.kafka import KafkaTransport
from shared.postgres.database import Database
from shared.process import settle
from tests.benchmarks import paid
from tests.benchmarks.addresses import dsn
from tests.support.kafka import running_kafka
from tests.support.postgres import Databases

RUNS = 5
MESSAGES = 50_000
WINDOW = 500
BATCH = 500
LOOK_SECONDS = 0.01
PATIENCE_SECONDS = 120.0
WITH_EFFECT, WITHOUT = "jalon, a row per message", "jalon, nothing per message"
PLAIN, READ = "kafka-python with auto-commit, a row per message", "kafka-python, read alone"

PAYMENT = Table(
    "payment",
    MetaData(),
    Column("payment_id", Uuid, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("quarter", Text, nullable=False),
    schema="reader",
)
_CREATE = """
CREATE SCHEMA reader
    CREATE TABLE payment (
        payment_id uuid PRIMARY KEY, project_id uuid NOT NULL, quarter text NOT NULL)
"""
_INSERT = "INSERT INTO reader.payment VALUES (%s, %s, %s)"
_ROWS = "SELECT count(*) FROM reader.payment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """What is read, and where."""

    bootstrap: str
    topic: str
    messages: int


def measure(
    databases: Databases, *, messages: int = MESSAGES, runs: int = RUNS
) -> dict[str, float]:
    """Messages per second by name: medians of interleaved runs, each on a database of its own."""
    with running_kafka() as bootstrap:
        # Named anew: a broker that is given keeps what earlier runs published.
        source = f"payments-{uuid4().hex[:8]}"
        _publish(databases, bootstrap, source, messages)
        road = Road(bootstrap=bootstrap, topic=topic_of(source), messages=messages)
        ways: dict[str, Callable[[], float]] = {
            WITH_EFFECT: partial(_ours, databases, road, write),
            WITHOUT: partial(_ours, databases, road, ignore),
            PLAIN: partial(_plain, databases, road),
            READ: partial(_read, road),
        }
        samples: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(runs):
            for name, way in ways.items():
                samples[name].append(way())
    return {name: statistics.median(values) for name, values in samples.items()}


def _publish(databases: Databases, bootstrap: str, source: str, count: int) -> None:
    """Claims' facts, as its relay would tell them."""
    topic = topic_of(source)
    create_topics(bootstrap, [topic])
    url = databases.migrated()
    paid.fill(databases.as_administrator(url), count)
    database = Database(url)
    store = PostgresEventStore(database.engine, EVENT_TYPES, SystemClock())
    publisher = KafkaTransport(bootstrap).publisher()
    for after in range(0, count, WINDOW):
        window = store.tail(after, WINDOW)
        publisher.publish(topic, [_message(each, source).outgoing() for each in window])
    publisher.close()
    database.close()


def _message(recorded: Recorded, source: str) -> Message:
    contract = to_contract(recorded)
    assert contract is not None
    return Message.telling(contract, recorded, source=source)


def write(fact: PaymentDisbursed, effects: Effects) -> None:
    """The effect of one message: a row."""
    effects.connection.execute(
        insert(PAYMENT),
        {
            "payment_id": fact.payment_id,
            "project_id": fact.project_id,
            "quarter": str(fact.quarter),
        },
    )


def ignore(_fact: Contract, _effects: Effects) -> None:
    """No effect: what is left is reading, the inbox and the offsets."""


def _ours(databases: Databases, road: Road, handler: Handler) -> float:
    """From the first batch that took effect to the last; the consumer runs in this process."""
    settle()
    url = databases.migrated()
    _create(url)
    database = Database(url)
    store = PostgresEventStore(database.engine, EVENT_TYPES, SystemClock())
    transport = KafkaTransport(road.bootstrap)
    handlers = {PaymentDisbursed: handler}
    topics = [road.topic]
    consumer = Consumer("reader", database, store, SystemClock(), topics, handlers, transport)
    stop = threading.Event()
    running = threading.Thread(target=consumer.run, args=(stop,))
    running.start()
    try:
        with psycopg.connect(dsn(url), autocommit=True) as connection:
            rate = _watched(connection, road.messages)
            _must_be(connection, "SELECT count(*) FROM messaging.inbox", road.messages)
            effects = road.messages if handler is write else 0
            _must_be(connection, _ROWS, effects)
    finally:
        stop.set()
        running.join()
        transport.close()
        database.close()
        databases.drop(url)
    return rate


def _create(url: str) -> None:
    with psycopg.connect(dsn(url)) as connection:
        connection.execute(_CREATE)


def _watched(connection: "psycopg.Connection[Any]", count: int) -> float:
    """Messages per second of what commits after the first batch was seen."""
    first = 0
    began = 0.0
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (done := _one(connection, "SELECT sum(next_offset) FROM messaging.consumed")) < count:
        if done and not first:
            first, began = done, time.perf_counter()
        if time.monotonic() > deadline:
            raise TimeoutError(f"{done} of {count}")
        time.sleep(LOOK_SECONDS)
    return (count - first) / (time.perf_counter() - began)


def _one(connection: "psycopg.Connection[Any]", query: str) -> int:
    row = connection.execute(query).fetchone()
    return 0 if row is None or row[0] is None else int(row[0])


def _must_be(connection: "psycopg.Connection[Any]", query: str, count: int) -> None:
    found = _one(connection, query)
    if found != count:
        raise AssertionError(f"{query}: {found} instead of {count}")


def _plain(databases: Databases, road: Road) -> float:
    """A batch is a poll; its rows are inserted by one call, and offsets commit now and then."""
    url = databases.empty()
    _create(url)
    with psycopg.connect(dsn(url)) as connection:

        def take(records: list[Any]) -> None:
            facts = [PaymentDisbursed.model_validate_json(each.value) for each in records]
            rows = [(each.payment_id, each.project_id, str(each.quarter)) for each in facts]
            with connection.cursor() as cursor:
                cursor.executemany(_INSERT, rows)
            connection.commit()

        rate = _polled(road, take)
        _must_be(connection, _ROWS, road.messages)
    databases.drop(url)
    return rate


def _read(road: Road) -> float:
    return _polled(road, lambda _records: None)


def _polled(road: Road, take: Callable[[list[Any]], None]) -> float:
    settle()
    consumer = KafkaConsumer(
        road.topic,
        bootstrap_servers=road.bootstrap,
        group_id=f"reader-{uuid4()}",
        enable_auto_commit=True,
        auto_offset_reset="earliest",
        metrics_enabled=False,
    )
    done = first = 0
    began = 0.0
    while done < road.messages:
        polled = consumer.poll(timeout_ms=1_000, max_records=BATCH)
        records = [each for batch in polled.values() for each in batch]
        if not records:
            continue
        take(records)
        done += len(records)
        if not first:
            first, began = done, time.perf_counter()
    rate = (road.messages - first) / (time.perf_counter() - began)
    consumer.close()
    return rate


def report(found: dict[str, float]) -> str:
    """The figures as a Markdown table."""
    lines = ["| | messages/s |", "| --- | ---: |"]
    lines += [f"| {name} | {rate:,.0f} |" for name, rate in found.items()]
    return "\n".join(lines)
