"""
Everything fails while work goes on, on PostgreSQL that waits for the disk and on Apache Kafka.

Two processes for each of writer, relay, consumer and projector: one leads, one stands by. They are
killed at random and at failpoints, held up until another leads, and robbed of broker, server and
connections; whichever ends is started again, as a supervisor would. Then all is left to finish,
and the stores, the topic and the rows are counted.
"""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil

from deploy.embedded import EmbeddedPostgres
from deploy.kafka import KafkaOnJava
from deploy.topics import create_topics
from shared.kernel.clock import SystemClock
from shared.messaging.message import Message
from shared.messaging.positions import consumer_lag
from shared.messaging.transports.base import Partition
from shared.messaging.transports.kafka import KafkaTransport
from shared.postgres.database import Database
from shared.projecting import registry
from tests.faults.process import (
    EFFECTS,
    FAILPOINTS,
    PROJECTION,
    Orders,
    answers_of,
    started,
)
from tests.integration.messaging.town import NumberCounted, Sender, rows
from tests.support.postgres import Databases

SEATS = 2
PATIENCE_SECONDS = 90.0
SENDING = ("writer", "relay")

LEADER = """
SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND application_name LIKE %(role)s
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND query NOT LIKE '%%append%%'
"""
GAPS = """
SELECT position FROM (
    SELECT position, recorded_at, row_number() OVER (ORDER BY position) AS expected,
           lag(recorded_at) OVER (ORDER BY position) AS before
    FROM eventstore.event
) AS event
WHERE position <> expected OR recorded_at < before
"""
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE %(seat)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much of everything."""

    kills: int
    held_up_seconds: float
    broker_stops: int
    server_stops: int
    cuts: int
    rebuilds: int


LONG = Plan(kills=500, held_up_seconds=30, broker_stops=2, server_stops=3, cuts=10, rebuilds=15)
SHORT = Plan(kills=30, held_up_seconds=3, broker_stops=1, server_stops=1, cuts=1, rebuilds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was counted afterwards."""

    kills: Counter[str]
    """By where: a failpoint, or `at random`."""
    other: Counter[str]
    seconds: float
    committed: int
    lost: int
    duplicated: int
    twice: int
    out_of_order: int
    wrong: tuple[str, ...]
    """Anything else that is not as it should be."""

    @property
    def well(self) -> bool:
        """Was every promise kept?"""
        return not (self.lost or self.twice or self.out_of_order or self.wrong)

    def lines(self) -> list[str]:
        """For people; the last line is the one that counts."""
        kills = ", ".join(f"{where} {count}" for where, count in sorted(self.kills.items()))
        other = ", ".join(f"{what} {count}" for what, count in sorted(self.other.items()))
        return [
            f"kills {self.kills.total()}: {kills}",
            f"and: {other} · {self.seconds:.0f} s",
            *self.wrong,
            (
                f"committed {self.committed}, lost {self.lost},"
                f" duplicated on the topic {self.duplicated}, effects twice {self.twice},"
                f" order broken {self.out_of_order}"
            ),
        ]


@dataclass
class Storm:
    """The processes, the servers, and what befalls them."""

    folder: Path
    plan: Plan
    chance: random.Random
    say: Callable[[str], None]
    kills: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)
    seats: dict[str, tuple[Orders, BaseProcess]] = field(default_factory=dict)

    def run(self) -> Outcome:
        """All of it."""
        began = time.monotonic()
        self.kafka = KafkaOnJava(self.folder / "kafka")
        self.kafka.start()
        self.server = EmbeddedPostgres(self.folder / "pg")
        self.control = Path(psutil.Process(self.server.pid).exe()).with_name("pg_ctl")
        try:
            return self._run(began)
        finally:
            for _, process in self.seats.values():
                process.kill()
                process.join()
            self.kafka.stop()
            self.server.stop()

    def _run(self, began: float) -> Outcome:
        databases = Databases(self.server.url())
        self.urls = databases.migrated(), databases.migrated()
        self.sending, self.receiving = map(Database, self.urls)
        self.sender = Sender("sender", self.sending, SystemClock())
        create_topics(self.kafka.bootstrap, [self.sender.topic])
        with self.receiving.engine.begin() as connection:
            connection.exec_driver_sql(EFFECTS)
        for role in FAILPOINTS:
            for number in range(SEATS):
                self._start(f"{role}-{number}", role)
        self._until(lambda: self._effects() > 0, "the first effect")
        for _ in range(self.plan.rebuilds):
            self._kill(self.plan.kills // self.plan.rebuilds)
            self._rebuild()
        self._kill(self.plan.kills - self.kills.total())
        for role in ("relay", "consumer"):
            self._hold_up(role)
        for _ in range(self.plan.broker_stops):
            self._stop_broker()
        for _ in range(self.plan.server_stops):
            self._stop_server()
        for _ in range(self.plan.cuts):
            self._cut_all()
        self._finish()
        outcome = self._audit(time.monotonic() - began)
        for database in (self.sending, self.receiving):
            database.close()
        return outcome

    # What befalls them.

    def _kill(self, count: int) -> None:
        """Half of them at random moments, half by themselves at failpoints."""
        until = self.kills.total() + count
        while self.kills.total() < until:
            self._work(self.chance.uniform(0.05, 0.5))
            role = self.chance.choice(list(FAILPOINTS))
            leader = None if role in {"writer", "projector"} else self._leader(role)
            seat = leader or f"{role}-{self.chance.randrange(SEATS)}"
            orders, process = self.seats[seat]
            if not process.is_alive():
                continue  # it has ended by itself just now: looked after in the next round
            process.kill()
            process.join()
            # It may have been quicker at its failpoint, which is the same signal.
            self.kills["at random"] += 1
            self._start(seat, orders.role)
        self.say(f"{self.kills.total()} kills")

    def _hold_up(self, role: str) -> None:
        """The leader stops, its sessions are cut as by a network; another leads; it wakes."""
        self._until(lambda: self._leader(role) is not None, f"a leading {role}")
        seat = str(self._leader(role))
        _, process = self.seats[seat]
        os.kill(int(process.pid or 0), signal.SIGSTOP)
        self._cut(role, seat)
        self._until(lambda: self._leader(role) not in {None, seat}, "another leader")
        self._work(self.plan.held_up_seconds, but=seat)
        os.kill(int(process.pid or 0), signal.SIGCONT)
        self.other[f"{role} held up for {self.plan.held_up_seconds:.0f} s"] += 1
        self._work(2)
        self.say(f"{role} was held up")

    def _stop_broker(self) -> None:
        process = self.kafka._process
        assert process is not None
        for each in (*psutil.Process(process.pid).children(recursive=True), process):
            each.kill()
        self.kafka.stop()
        self._work(3)
        self.kafka.start()
        self.other["broker killed"] += 1
        self._work(3)
        self.say("the broker was killed and started")

    def _stop_server(self) -> None:
        """As a power failure: no checkpoint, recovery from its log."""
        data = self.folder / "pg"
        owner = data.stat()  # the server never runs as root
        subprocess.run(
            [
                self.control,
                "restart",
                "-w",
                "-s",
                "-m",
                "immediate",
                "-D",
                data,
                "-l",
                data / "log",
            ],
            check=True,
            user=owner.st_uid,
            group=owner.st_gid,
        )
        for database in (self.sending, self.receiving):
            database.close()  # our own connections are gone as well
        self.other["PostgreSQL stopped at once"] += 1
        self._work(3)
        self.say("PostgreSQL was stopped at once and started")

    def _cut_all(self) -> None:
        self._cut("relay", "%-%")
        self.other["all connections cut"] += 1
        self._work(1.5)

    def _cut(self, role: str, seat: str) -> None:
        url = self.urls[0] if role in SENDING else self.urls[1]
        administrator = Database(Databases(self.server.url()).as_administrator(url))
        with administrator.connect() as session:
            session.execute(CUT, {"seat": seat})
        administrator.close()

    def _rebuild(self) -> None:
        """The view is built anew beside the one that serves."""
        with self.receiving.engine.begin() as connection:
            known = registry.generations(connection, PROJECTION.name)
            if known and all(each.status != "building" for each in known):
                registry.begin(connection, PROJECTION)
                self.other["view rebuilt"] += 1

    # Looking after them.

    def _start(self, seat: str, role: str, *, failpoints: bool = True) -> None:
        names = list(FAILPOINTS[role])
        failing = failpoints and self.chance.random() < 0.5
        orders = Orders(
            seat=seat,
            role=role,
            log=self.folder / f"{role}.log",
            database_url=self.urls[0] if role in SENDING else self.urls[1],
            bootstrap=self.kafka.bootstrap,
            sender=self.sender.name,
            failpoint=self.chance.choice(names) if failing else None,
            chance=0.5 if role == "projector" else 0.03,
        )
        self.seats[seat] = orders, started(orders)

    def _work(self, seconds: float, but: str = "", *, failpoints: bool = True) -> None:
        """Let them work; start again whatever ended."""
        until = time.monotonic() + seconds
        while True:
            for seat, (orders, process) in list(self.seats.items()):
                if seat == but or process.is_alive():
                    continue
                process.join()
                if process.exitcode == -signal.SIGKILL:
                    self.kills[orders.failpoint or "at random"] += 1
                else:
                    self.other[f"{orders.role} ended by itself"] += 1
                    time.sleep(0.05)
                self._start(seat, orders.role, failpoints=failpoints)
            if time.monotonic() >= until:
                return
            time.sleep(0.02)

    def _until(self, condition: Callable[[], bool], what: str, *, failpoints: bool = True) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"{what} never came"
            self._work(0.1, failpoints=failpoints)

    def _finish(self) -> None:
        """Writers stop; what is under way is left to finish."""
        for seat, (orders, process) in list(self.seats.items()):
            process.kill()
            process.join()
            if orders.role == "writer":
                del self.seats[seat]
            else:
                self._start(seat, orders.role, failpoints=False)
        transport = KafkaTransport(self.kafka.bootstrap)

        def done() -> bool:
            with self.receiving.engine.connect() as connection:
                views = registry.generations(connection, PROJECTION.name)
                head = self._heard_head()
                return (
                    self.sender.relayed() == self.sender.store.head()
                    and consumer_lag(connection, transport) == 0
                    and any(each.serving and each.position == head for each in views)
                )

        self._until(done, "the end of the work", failpoints=False)
        transport.close()

    def _leader(self, role: str) -> str | None:
        database = self.sending if role in SENDING else self.receiving
        with database.connect() as connection:
            row = connection.execute(LEADER, {"role": f"{role}-%"}).fetchone()
        return None if row is None else str(row[0])

    def _effects(self) -> int:
        [row] = rows(self.receiving, "SELECT count(*) AS n FROM heard.effect")
        return int(row.n)

    def _heard_head(self) -> int:
        [row] = rows(self.receiving, "SELECT count(*) AS n FROM eventstore.event")
        return int(row.n)

    # What came of it.

    def _audit(self, seconds: float) -> Outcome:
        counted = _by_key(rows(self.sending, """
            SELECT data ->> 'key' AS name, (data ->> 'number')::int AS number
            FROM eventstore.event ORDER BY position"""))  # fmt: skip
        effects = _by_key(rows(self.receiving, """
            SELECT name, number FROM heard.effect ORDER BY nth"""))  # fmt: skip
        heard = _by_key(rows(self.receiving, """
            SELECT data ->> 'key' AS name, (data ->> 'number')::int AS number
            FROM eventstore.event ORDER BY position"""))  # fmt: skip
        sent = self._on_topic()
        committed = sum(map(len, counted.values()))
        lost = sum(len(set(numbers) - set(effects[key])) for key, numbers in counted.items())
        lost += self._commands_lost()
        twice = sum(len(numbers) - len(set(numbers)) for numbers in effects.values())
        wrong = []
        if heard != effects:
            wrong.append("rows and events of the same transactions differ")
        if any(numbers != list(range(1, len(numbers) + 1)) for numbers in counted.values()):
            wrong.append("a command was carried out twice, or between two others")
        if {key: list(dict.fromkeys(numbers)) for key, numbers in sent.items()} != counted:
            wrong.append("first deliveries on the topic are not the events in their order")
        wrong += [
            "positions are not dense, or time goes back"
            for database in (self.sending, self.receiving)
            if rows(database, GAPS)
        ]
        if self._view() != {key: sum(numbers) for key, numbers in heard.items()}:
            wrong.append("the view is not the fold of the events")
        return Outcome(
            kills=self.kills,
            other=self.other,
            seconds=seconds,
            committed=committed,
            lost=lost,
            duplicated=sum(map(len, sent.values())) - committed,
            twice=twice,
            out_of_order=sum(numbers != sorted(numbers) for numbers in effects.values()),
            wrong=tuple(wrong),
        )

    def _commands_lost(self) -> int:
        """How many acknowledged commands have no event, or more than one."""
        found = Counter(
            str(row.command_id)
            for row in rows(self.sending, "SELECT meta ->> 'command_id' AS command_id"
                            " FROM eventstore.event")
        )  # fmt: skip
        answered = [
            line
            for number in range(SEATS)
            for line in answers_of(self.folder / "writer.log", f"writer-{number}")
            .read_text()
            .splitlines()
        ]
        return sum(found[command_id] != 1 for command_id in answered)

    def _view(self) -> dict[str, int]:
        with self.receiving.engine.connect() as connection:
            [serving] = [
                each for each in registry.generations(connection, PROJECTION.name) if each.serving
            ]
        schema = f"totals_{serving.generation}"
        found = rows(self.receiving, f"SELECT key, total FROM {schema}.total")  # noqa: S608  # ours
        return {row.key: row.total for row in found}

    def _on_topic(self) -> dict[str, list[int]]:
        """What the topic holds of each key, duplicates included."""
        transport = KafkaTransport(self.kafka.bootstrap)
        ends = transport.ends([self.sender.topic])
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
        transport.close()
        return dict(numbers)


def storm(plan: Plan, seed: int, say: Callable[[str], None]) -> Outcome:
    """One storm in a folder of its own. Raises ``KafkaUnavailable``."""
    folder = Path(tempfile.mkdtemp(prefix="jalon-faults-"))
    try:
        chance = random.Random(seed)  # noqa: S311  # repeatable as far as processes are
        return Storm(folder, plan, chance, say).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _by_key(found: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for name, number in found:
        numbers[name].append(number)
    return defaultdict(list, numbers)
