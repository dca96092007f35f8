"""Relay and consumer as real processes, killed at random while events keep coming."""

import os
import random
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.topics import create_topics
from shared.eventstore.store import Append, Stream
from shared.kernel.clock import SystemClock
from shared.kernel.identifiers import derived_id
from shared.messaging.message import Message
from shared.messaging.positions import consumer_lag
from shared.messaging.transports.base import Partition
from shared.messaging.transports.kafka import KafkaTransport
from shared.postgres.database import Database
from tests.faults.process import EFFECTS, started
from tests.integration.messaging.town import DAY, Counted, NumberCounted, Sender, a_context, rows
from tests.support.postgres import Databases

SEED = int(os.environ.get("JALON_FAULT_SEED", "20240401"))
KILLS_PER_ROLE = 20
SEATS = 2
"""One leads, one stands by."""
KEYS = 24
ONE_AT_A_TIME = threading.Lock()
"""Starting a process also asks after all others, and only the first to ask learns how one ended."""

LEADER = """
SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND application_name LIKE 'seat-%%'
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND query NOT LIKE '%%append%%'
"""


@dataclass
class Role:
    """The processes of one role; whichever is killed is started again."""

    name: str
    database: Database
    arguments: tuple[str, str, str]
    log: Path
    kills: int = 0
    kills_of_leaders: int = 0
    seats: dict[str, BaseProcess] = field(default_factory=dict)

    def start(self, seat: str) -> None:
        """Start a process, named so that the database knows which one leads."""
        self.seats[seat] = started(seat, self.name, self.log, *self.arguments)

    def leader(self) -> str | None:
        """The seat of the process that leads."""
        leading = rows(self.database, LEADER)
        return leading[0].application_name if leading else None

    def kill_one(self, chance: random.Random) -> None:
        """Kill the one that leads, while it works, or now and then any; start it again."""
        wait_until(lambda: self.leader() is not None, 30)
        time.sleep(chance.uniform(0, 0.8))
        leader = self.leader()
        other = leader is None or chance.random() < 0.1
        seat = chance.choice(sorted(self.seats)) if other else str(leader)
        process = self.seats[seat]
        with ONE_AT_A_TIME:
            process.kill()
            process.join()
            assert process.exitcode == -signal.SIGKILL, f"{self.name} ended: {self.log.read_text()}"
            self.start(seat)
        self.kills += 1
        self.kills_of_leaders += seat == leader

    def end(self) -> None:
        """Kill all."""
        for process in self.seats.values():
            process.kill()
            process.join()


def write(sender: Sender, keys: list[str], chance: random.Random, stop: threading.Event) -> None:
    """Append events about these keys, a few at a time, until told to stop."""
    versions = dict.fromkeys(keys, 0)
    while not stop.wait(chance.uniform(0, 0.04)):
        key = chance.choice(keys)
        at = versions[key]
        versions[key] = at + chance.randint(1, 9)
        events = [
            Counted(effective_on=DAY, key=key, number=number + 1)
            for number in range(at, versions[key])
        ]
        sender.store.append([Append(Stream("count", derived_id("count", key)), at, events)],
                            a_context())  # fmt: skip


def kill(role: Role, chance: random.Random) -> None:
    """Kill at random moments, as often as is asked for."""
    while role.kills < KILLS_PER_ROLE:
        role.kill_one(chance)


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.05)


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.postgres
def test_nothing_is_lost_doubled_or_overtaken(
    kafka_bootstrap: str,
    databases: Databases,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """However often they are killed: each event has one effect, in the order of its key."""
    chance = random.Random(SEED)  # noqa: S311  # repeatable, not secret
    began = time.monotonic()
    urls = databases.migrated(), databases.migrated()
    sending, receiving = map(Database, urls)
    sender = Sender(f"sender-{uuid4().hex[:12]}", sending, SystemClock())
    create_topics(kafka_bootstrap, [sender.topic])
    transport = KafkaTransport(kafka_bootstrap)
    with receiving.engine.begin() as connection:
        connection.exec_driver_sql(EFFECTS)
    roles = [
        Role("relay", sending, (urls[0], kafka_bootstrap, sender.name), tmp_path / "relay.log"),
        Role(
            "consumer",
            receiving,
            (urls[1], kafka_bootstrap, sender.name),
            tmp_path / "consumer.log",
        ),
    ]
    keys = [f"key-{number}" for number in range(KEYS)]
    stop = threading.Event()
    writers = [
        threading.Thread(
            target=write, args=(sender, half, random.Random(chance.random()), stop)  # noqa: S311
        )
        for half in (keys[::2], keys[1::2])
    ]  # fmt: skip
    killers = [
        threading.Thread(target=kill, args=(role, random.Random(chance.random())))  # noqa: S311
        for role in roles
    ]
    try:
        for role in roles:
            for number in range(SEATS):
                role.start(f"seat-{number}")
        for thread in (*writers, *killers):
            thread.start()
        for thread in killers:
            thread.join()
        stop.set()
        for thread in writers:
            thread.join()
        wait_until(lambda: sender.relayed() == sender.store.head(), 60)
        wait_until(lambda: has_consumed(receiving, transport), 60)
    finally:
        stop.set()
        for role in roles:
            role.end()

    counted = numbers_by_key(rows(sending, """
        SELECT data ->> 'key' AS name, (data ->> 'number')::int AS number
        FROM eventstore.event ORDER BY position"""))  # fmt: skip
    sent = numbers_on_topic(transport, sender.topic)
    took_effect = numbers_by_key(
        rows(receiving, "SELECT name, number FROM heard.effect ORDER BY nth")
    )
    committed = sum(map(len, counted.values()))
    on_topic = sum(map(len, sent.values()))
    lost = sum(len(set(counted[key]) - set(took_effect[key])) for key in keys)
    twice = sum(len(took_effect[key]) - len(set(took_effect[key])) for key in keys)
    out_of_order = sum(took_effect[key] != sorted(took_effect[key]) for key in keys)
    at_work = sum(role.kills_of_leaders for role in roles)
    with capsys.disabled():
        sys.stdout.write(
            f"\nkills {sum(role.kills for role in roles)}, {at_work} of them at work ·"
            f" committed {committed} · duplicates on the topic {on_topic - committed} ·"
            f" lost {lost} · effects twice {twice} · keys out of order {out_of_order} ·"
            f" seed {SEED} · {time.monotonic() - began:.0f} s\n"
        )
    transport.close()
    for database, url in zip((sending, receiving), urls, strict=True):
        database.close()
        databases.drop(url)

    assert committed > 0
    assert all(role.kills == KILLS_PER_ROLE for role in roles)
    assert at_work > KILLS_PER_ROLE
    assert {key: first_occurrences(numbers) for key, numbers in sent.items()} == counted
    assert took_effect == counted
    assert (lost, twice, out_of_order) == (0, 0, 0)


def has_consumed(receiving: Database, transport: KafkaTransport) -> bool:
    """Has the receiver consumed all that is on the topic?"""
    with receiving.engine.connect() as connection:
        started = connection.exec_driver_sql("SELECT 1 FROM messaging.consumed").first()
        return started is not None and consumer_lag(connection, transport) == 0


def numbers_by_key(found: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """The numbers of each key, in the order in which they were found."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for name, number in found:
        numbers[name].append(number)
    return dict(numbers)


def numbers_on_topic(transport: KafkaTransport, topic: str) -> dict[str, list[int]]:
    """What the topic holds of each key, duplicates included."""
    ends = transport.ends([topic])
    numbers: dict[str, list[int]] = defaultdict(list)
    reader = transport.reader(dict.fromkeys(ends, 0))
    left = {Partition(*partition) for partition, end in ends.items() if end > 0}
    while left:
        for incoming in reader.poll(limit=500, timeout=1):
            contract = NumberCounted.model_validate_json(Message.of(incoming).data)
            numbers[incoming.key].append(contract.number)
            if incoming.offset + 1 == ends[incoming.partition]:
                left.discard(incoming.partition)
    reader.close()
    return dict(numbers)


def first_occurrences(numbers: list[int]) -> list[int]:
    """Each number where it came first."""
    return list(dict.fromkeys(numbers))
