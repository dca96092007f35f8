"""
How fast a relay drains what is in the store, and how soon Kafka has what was just committed.

Facts of claims, told by claims' own mapping, to Apache Kafka. Beside it: kafka-python alone sending
the same messages with the same settings and windows (our limit), librdkafka sending them (what the
machine gives), and an outbox that is polled. A relay is a process of its own, as in service.
"""

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any
from uuid import uuid4

import confluent_kafka
import psycopg
from kafka import KafkaProducer

from deploy.topics import PARTITIONS, create_topics
from services.claims.use_cases.event_types import EVENT_TYPES
from services.claims.use_cases.publishing import to_contract
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Append, Stream
from shared.kernel.clock import SystemClock
from shared.messaging.message import Message, topic_of
from shared.messaging.positions import relayed_position
from shared.messaging.relay import Relay
from shared.messaging.transports.base import Outgoing, Publisher
from shared.messaging.transports.kafka import KafkaTransport, partition_of
from shared.postgres.database import Database
from shared.process import settle
from tests.benchmarks import outbox, paid
from tests.benchmarks.addresses import dsn
from tests.benchmarks.jars import WHY
from tests.support.kafka import running_kafka
from tests.support.postgres import Databases

RUNS = 5
EVENTS = 20_000
"""In each run: a hundred thousand in all."""
WINDOW = 500
WINDOW_BYTES = 512 * 1024 * 9 // 10
RATE = 100
"""Commits a second, while the wait for Kafka is measured."""
SECONDS = 20.0
OUTBOX_POLL_SECONDS = 0.01
"""How long the outbox's relay sleeps when it found nothing: a tenth of what is usual."""
LOOK_SECONDS = 0.005
START_SECONDS = 60.0
OURS, ALONE, LIBRDKAFKA, OUTBOX = "jalon", "kafka-python alone", "librdkafka", "SKIP LOCKED outbox"
OUTBOX_TOPIC = "outbox.claims.v1"
"""Of the peers: the same messages, beside ours on the same broker."""
_PROCESSES = get_context("spawn")
_SETTINGS: dict[str, Any] = {
    "acks": "all",
    "enable_idempotence": True,
    "batch_size": 512 * 1024,
    "max_request_size": 1024 * 1024,
    "linger_ms": 5_000,
    "request_timeout_ms": 10_000,
    "delivery_timeout_ms": 30_000,
    "metrics_enabled": False,
}
"""As our publisher sets them: every window is flushed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What was measured."""

    drained: dict[str, float]
    """Messages per second by name: medians of ``RUNS`` interleaved runs."""
    waited: dict[str, tuple[float, float]]
    """p50 and p99 in milliseconds by name, from the commit's return to Kafka's answer."""


def measure(
    databases: Databases, *, events: int = EVENTS, runs: int = RUNS, seconds: float = SECONDS
) -> Results:
    """Everything on one broker and one server."""
    with running_kafka() as bootstrap:
        create_topics(bootstrap, [topic_of(paid.SERVICE), OUTBOX_TOPIC])
        return Results(
            drained=_drained(databases, bootstrap, events, runs),
            waited={
                OURS: _percentiles(_our_waits(databases, bootstrap, seconds)),
                OUTBOX: _percentiles(_outbox_waits(databases, bootstrap, seconds)),
            },
        )


def _drained(databases: Databases, bootstrap: str, events: int, runs: int) -> dict[str, float]:
    url = databases.migrated()
    paid.fill(databases.as_administrator(url), events)
    database = Database(url)
    store = PostgresEventStore(database.engine, EVENT_TYPES, SystemClock())
    messages = [_message(recorded) for recorded in store.tail(0, events)]
    outbox_url = databases.empty()
    producer = KafkaProducer(bootstrap_servers=bootstrap, **_SETTINGS)
    swift = confluent_kafka.Producer(
        {
            "bootstrap.servers": bootstrap,
            "acks": "all",
            "enable.idempotence": True,
            "queue.buffering.max.messages": 2 * events,
        }
    )
    with psycopg.connect(dsn(outbox_url)) as connection:
        connection.execute(outbox.CREATE)
        connection.commit()
    send_through(producer)(_on_topic(messages[:WINDOW]))
    _send_swiftly(swift, messages[:WINDOW])
    samples: dict[str, list[float]] = {name: [] for name in (OURS, ALONE, LIBRDKAFKA, OUTBOX)}
    for run in range(runs):
        if run:
            first = events * run + 1
            paid.fill(databases.as_administrator(url), first + events - 1, first=first)
        samples[OURS].append(_our_rate(url, bootstrap, database, upto=events * (run + 1)))
        samples[ALONE].append(_rate(len(messages), lambda: _send_in_windows(producer, messages)))
        samples[LIBRDKAFKA].append(_rate(len(messages), lambda: _send_swiftly(swift, messages)))
        samples[OUTBOX].append(_outbox_rate(outbox_url, bootstrap, messages))
    producer.close()
    database.close()
    return {name: statistics.median(values) for name, values in samples.items()}


def _message(recorded: Any) -> tuple[int, Outgoing]:
    contract = to_contract(recorded)
    assert contract is not None
    outgoing = Message.telling(contract, recorded, source=paid.SERVICE).outgoing()
    return partition_of(outgoing.key, PARTITIONS), outgoing


def _rate(count: int, work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def _on_topic(messages: Sequence[tuple[int, Outgoing]]) -> list[tuple[str, int, Outgoing]]:
    return [(OUTBOX_TOPIC, partition, each) for partition, each in messages]


def _send_in_windows(producer: Any, messages: Sequence[tuple[int, Outgoing]]) -> None:
    send = send_through(producer)
    for window in _windows(messages):
        send(_on_topic(window))


def _windows(messages: Sequence[tuple[int, Outgoing]]) -> Iterator[list[tuple[int, Outgoing]]]:
    """Cut where our relay cuts: after so many messages, or before so many bytes."""
    window: list[tuple[int, Outgoing]] = []
    size = 0
    for partition, each in messages:
        if window and (len(window) == WINDOW or size + each.size > WINDOW_BYTES):
            yield window
            window, size = [], 0
        window.append((partition, each))
        size += each.size
    yield window


def send_through(producer: Any) -> outbox.Send:
    """Send a window by kafka-python, and look at every answer."""

    def send(window: Sequence[tuple[str, int, Outgoing]]) -> None:
        sent = [
            producer.send(
                topic,
                key=each.key.encode(),
                value=each.value,
                headers=list(each.headers),
                partition=partition,
            )
            for topic, partition, each in window
        ]
        producer.flush()
        for future in sent:
            future.get(timeout=0)

    return send


def _send_swiftly(producer: Any, messages: Sequence[tuple[int, Outgoing]]) -> None:
    """All at once, as librdkafka likes it; every delivery is looked at."""
    delivered = 0

    def noted(error: Any, _message: Any) -> None:
        nonlocal delivered
        if error is not None:
            raise confluent_kafka.KafkaException(error)
        delivered += 1

    for partition, each in messages:
        producer.produce(
            OUTBOX_TOPIC,
            key=each.key.encode(),
            value=each.value,
            headers=list(each.headers),
            partition=partition,
            on_delivery=noted,
        )
        producer.poll(0)
    producer.flush()
    if delivered != len(messages):
        raise AssertionError(f"{delivered} of {len(messages)} delivered")


def _our_rate(url: str, bootstrap: str, database: Database, *, upto: int) -> float:
    """From the first window that is published to the last: the process starts before."""
    with (
        database.autocommit.connect() as connection,
        _relaying(relay_ours, url, bootstrap),
    ):
        before = relayed_position(connection)
        began = first = 0.0
        deadline = time.monotonic() + START_SECONDS
        while (position := relayed_position(connection)) < upto:
            if position > before and not first:
                began, first = time.perf_counter(), position
            if time.monotonic() > deadline:
                raise TimeoutError(f"relayed {position} of {upto}")
            time.sleep(LOOK_SECONDS)
        return (upto - first) / (time.perf_counter() - began)


def _outbox_rate(url: str, bootstrap: str, messages: Sequence[tuple[int, Outgoing]]) -> float:
    """As ours: from the first window that is gone to the last."""
    with psycopg.connect(dsn(url)) as connection:
        outbox.fill(connection, OUTBOX_TOPIC, messages)
        connection.autocommit = True

        def left() -> int:
            row = connection.execute("SELECT count(*) FROM outbox").fetchone()
            assert row is not None
            return int(row[0])

        count = len(messages)
        with _relaying(relay_outbox, url, bootstrap):
            while (first := left()) == count:
                time.sleep(LOOK_SECONDS)
            began = time.perf_counter()
            while left():
                time.sleep(LOOK_SECONDS)
            return first / (time.perf_counter() - began)


def _our_waits(databases: Databases, bootstrap: str, seconds: float) -> list[float]:
    """Milliseconds from the append's return until the publisher had Kafka's answer."""
    url = databases.migrated()
    database = Database(url)
    store = PostgresEventStore(database.engine, EVENT_TYPES, SystemClock())

    def commit() -> int:
        return store.append([Append(Stream("agreement", uuid4()), 0, [paid.a_payment()])], WHY)

    waits = _waits(relay_ours, url, bootstrap, commit, seconds)
    database.close()
    return waits


def _outbox_waits(databases: Databases, bootstrap: str, seconds: float) -> list[float]:
    url = databases.empty()
    ours = databases.migrated()
    paid.fill(databases.as_administrator(ours), 1)
    database = Database(ours)
    store = PostgresEventStore(database.engine, EVENT_TYPES, SystemClock())
    [(partition, message)] = [_message(recorded) for recorded in store.tail(0, 1)]
    database.close()
    with psycopg.connect(dsn(url)) as connection:
        connection.execute(outbox.CREATE)
        connection.commit()

        def commit() -> int:
            connection.execute(
                "INSERT INTO business VALUES (%s, %s::jsonb)", (uuid4(), message.value.decode())
            )
            number = outbox.put(connection, OUTBOX_TOPIC, partition, message)
            connection.commit()
            return number

        return _waits(relay_outbox, url, bootstrap, commit, seconds)


def _waits(
    relay: Callable[..., None], url: str, bootstrap: str, commit: Callable[[], int], seconds: float
) -> list[float]:
    """Commit at a steady rate; milliseconds until each was acknowledged, sorted."""
    with _relaying(relay, url, bootstrap) as notes:
        for _ in range(RATE):  # connections, plans and metadata are there afterwards
            commit()
        time.sleep(2.0)
        committed: dict[int, float] = {}
        began = time.monotonic()
        for number in range(int(RATE * seconds)):
            time.sleep(max(0.0, began + number / RATE - time.monotonic()))
            reached = commit()
            committed[reached] = time.monotonic()
        time.sleep(1.0)
        acknowledged = notes()
    # A little below zero where Kafka's answer was there before the commit's own return.
    return sorted((acknowledged[number] - at) * 1_000 for number, at in committed.items())


@contextmanager
def _relaying(
    relay: Callable[..., None], url: str, bootstrap: str
) -> Iterator[Callable[[], dict[int, float]]]:
    """A relay in a process of its own; gives what asks it for its notes and ends it."""
    ours, theirs = _PROCESSES.Pipe()
    process = _PROCESSES.Process(target=relay, args=(url, bootstrap, theirs))
    process.start()
    theirs.close()
    ours.recv()  # it runs

    def notes() -> dict[int, float]:
        ours.send("stop")
        found: dict[int, float] = ours.recv()
        return found

    try:
        yield notes
    finally:
        ours.close()
        process.join(START_SECONDS)
        if process.exitcode != 0:
            process.kill()
            raise RuntimeError("the relay failed")


class _Noting:
    """A publisher that notes when each position was acknowledged."""

    def __init__(self, publisher: Publisher) -> None:
        self.window_bytes = publisher.window_bytes
        self.notes: dict[int, float] = {}
        self._publisher = publisher

    def publish(self, topic: str, window: Sequence[Outgoing]) -> None:
        self._publisher.publish(topic, window)
        now = time.monotonic()
        for outgoing in window:
            self.notes[int(dict(outgoing.headers)["ce_sequence"])] = now

    def close(self) -> None:
        self._publisher.close()


def relay_ours(url: str, bootstrap: str, caller: Connection) -> None:
    """Claims' relay, until the caller asks for its notes or goes away."""
    settle()
    database = Database(url)
    store = PostgresEventStore(database.engine, EVENT_TYPES, SystemClock())
    publisher = _Noting(KafkaTransport(bootstrap).publisher())
    relay = Relay(paid.SERVICE, database, store, to_contract, publisher)
    stop = threading.Event()
    running = threading.Thread(target=relay.run, args=(stop,))
    running.start()
    _until_told(caller, publisher.notes)
    stop.set()
    running.join()
    database.close()


def relay_outbox(url: str, bootstrap: str, caller: Connection) -> None:
    """The outbox's relay, likewise."""
    settle()
    notes: dict[int, float] = {}
    stop = threading.Event()

    def run() -> None:
        send = send_through(KafkaProducer(bootstrap_servers=bootstrap, **_SETTINGS))
        with psycopg.connect(dsn(url), autocommit=True) as connection:
            acknowledged = 0.0

            def send_and_note(window: Sequence[tuple[str, int, Outgoing]]) -> None:
                nonlocal acknowledged
                send(window)
                acknowledged = time.monotonic()

            while not stop.is_set():
                ids = outbox.step(connection, send_and_note)
                for each in ids:
                    notes[each] = acknowledged
                if not ids:
                    time.sleep(OUTBOX_POLL_SECONDS)

    running = threading.Thread(target=run)
    running.start()
    _until_told(caller, notes)
    stop.set()
    running.join()


def _until_told(caller: Connection, notes: dict[int, float]) -> None:
    caller.send("running")
    try:
        caller.recv()
        caller.send(dict(notes))
        caller.recv()
    except EOFError:
        return


def _percentiles(milliseconds: Sequence[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(milliseconds, n=100)
    return cuts[49], cuts[98]


def report(results: Results) -> str:
    """The figures as two Markdown tables, with the share of kafka-python alone."""
    drained, limit = results.drained, results.drained[ALONE]
    lines = ["| | messages/s | of kafka-python alone |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {rate:,.0f} | {rate / limit:.0%} |" for name, rate in drained.items()]
    lines += ["", "| commit to Kafka's answer | p50, ms | p99, ms |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {p50:.1f} | {p99:.1f} |" for name, (p50, p99) in results.waited.items()]
    return "\n".join(lines)
