"""
Everything fails while work goes on, on PostgreSQL that waits for the disk and on Apache Kafka.

Two processes for each of writer, relay, consumer, projector and timers; of relay, consumer and
projector one leads and one stands by. They are killed at random and at failpoints, held up until
another leads, and robbed of broker, server, disk and connections; whichever ends is started again,
as a supervisor would. Then all is left to finish, and audited.
"""

import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Self

import psutil
import psycopg

from deploy.topics import create_topics
from shared.kernel.clock import SystemClock
from shared.messaging.positions import consumer_lag
from shared.messaging.transports.kafka import KafkaTransport
from shared.postgres.database import Database
from shared.projecting import registry
from shared.timers.loop import due, followed_position
from tests.faults.audit import Books, Outcome
from tests.faults.disk import DONE, LATER, Callers, Disk
from tests.faults.mutants import MUTANTS
from tests.faults.process import FAILPOINTS, Failpoint, Orders, started
from tests.faults.servers import Broker, Server
from tests.faults.village import EFFECTS, PROJECTION, HurryingClock, sender
from tests.integration.messaging.town import rows
from tests.support.postgres import Databases

SEATS = 2
PATIENCE_SECONDS = 90.0
ROUND_SECONDS = 2.0
"""How long a mutant works before everything is counted."""
HUNT_SECONDS = 120.0
"""How long a mutant may go unnoticed."""
SENDING = ("writer", "relay", "timers")
HELD_UP_AT = {
    "relay": "after send",
    "consumer": "before batch",
    "projector": "before rows",
    "timers": "after timer",
}
"""Where a process is stopped: with something in hand that it has not written yet."""

# Whoever appends holds an advisory lock as well, 4711001.
LEADS = """
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND objid <> 4711001
  AND application_name LIKE %(name)s
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
LEADER = f"SELECT application_name {LEADS}"
CUT_LEADER = f"SELECT pg_terminate_backend(pid) {LEADS}"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE %(name)s"

_NUMBERS = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much of everything."""

    kills: int
    held_up_seconds: float
    broker_stops: int
    server_stops: int
    cuts: int
    rebuilds: int
    disk_seconds: float
    """How long the disk is full, in a storm of its own."""


LONG = Plan(
    kills=500,
    held_up_seconds=30,
    broker_stops=2,
    server_stops=3,
    cuts=10,
    rebuilds=15,
    disk_seconds=15,
)
SHORT = Plan(
    kills=30,
    held_up_seconds=2,
    broker_stops=1,
    server_stops=1,
    cuts=1,
    rebuilds=3,
    disk_seconds=4,
)


@dataclass
class Storm:
    """The processes, and what befalls them. ``with`` opens and closes it."""

    broker: Broker
    server: Server
    chance: random.Random
    mutant: str | None = None
    folder: Path = field(init=False)
    kills: Counter[str] = field(default_factory=Counter)
    """By where: a failpoint, or `at random`."""
    other: Counter[str] = field(default_factory=Counter)
    seats: dict[str, tuple[Orders, BaseProcess]] = field(default_factory=dict)
    ordered: dict[str, Failpoint | None] = field(default_factory=dict)
    """By seat, the failpoint of whoever is started there, or none; others get one by chance."""

    def __enter__(self) -> Self:
        self.began = time.monotonic()
        self.folder = Path(tempfile.mkdtemp(prefix="jalon-faults-"))
        self.databases = Databases(self.server.url)
        self.urls = (self.databases.migrated(), self.databases.migrated())
        self.sending, self.receiving = map(Database, self.urls)
        self.sender = sender(f"sender-{next(_NUMBERS)}", self.sending)
        self.hurries_from = SystemClock().now()
        create_topics(self.broker.bootstrap, [self.sender.topic])
        with self.receiving.engine.begin() as connection:
            connection.exec_driver_sql(EFFECTS)
        wrong = None if self.mutant is None else MUTANTS[self.mutant].sql
        if wrong is not None:
            with self._administrator("writer") as session:
                session.execute(wrong)
        return self

    def __exit__(self, *exception: object) -> None:
        for _, process in self.seats.values():
            process.kill()
            process.join()
        for database in (self.sending, self.receiving):
            database.close()
        shutil.rmtree(self.folder)

    def begin(self) -> None:
        """Let every seat be taken anew."""
        for role in FAILPOINTS:
            for number in range(SEATS):
                self._start(f"{role}-{number}", role)
        self._until(lambda: self._effects() > 0, "the first effect")

    # What befalls them.

    def kill(self, number: int) -> None:
        """Half of them at random moments, half by themselves at failpoints."""
        until = self.kills.total() + number
        while self.kills.total() < until:
            self.work(self.chance.uniform(0.05, 0.5))
            role = self.chance.choice(list(FAILPOINTS))
            leader = None if role in {"writer", "projector"} else self._leader(role)
            seat = leader or f"{role}-{self.chance.randrange(SEATS)}"
            if not self.seats[seat][1].is_alive():
                continue  # it has ended by itself just now: looked after in the next round
            self._start(seat, role)

    def rebuild(self) -> None:
        """The view is built anew beside the one that serves."""
        with self.receiving.engine.begin() as connection:
            known = registry.generations(connection, PROJECTION.name)
            if known and all(each.status != "building" for each in known):
                registry.begin(connection, PROJECTION)
                self.other["view rebuilt"] += 1

    def kill_inside_switch(self) -> None:
        """Whoever lets a new generation serve is killed there, until that has happened."""
        before = self.kills["inside switch"]
        seats = [f"projector-{number}" for number in range(SEATS)]
        for seat in seats:
            self.ordered[seat] = Failpoint(name="inside switch", chance=1)
            self._start(seat, "projector")
        self.rebuild()
        self._until(lambda: self.kills["inside switch"] > before, "a switch")
        for seat in seats:
            del self.ordered[seat]  # who is there by now is killed once more

    def hold_up(self, role: str, seconds: float) -> None:
        """
        One stops with something in hand, and loses what says that it leads; another goes on.

        When it wakes it has to notice, write nothing, and end.
        """
        seat, other = f"{role}-0", f"{role}-1"
        self.ordered |= {seat: Failpoint(name=HELD_UP_AT[role], chance=1, stops=True), other: None}
        self._start(seat, role)
        self._until(lambda: self._stands_still(seat, other), f"a {role} that stands still")
        held_up = self.seats[seat][1]
        # Timers have no leader: what this one holds are the rows of its transaction.
        with self._administrator(role) as session:
            session.execute(CUT if role == "timers" else CUT_LEADER, {"name": seat})
        if role == "timers":
            rang = self._rang()
            self._until(lambda: self._rang() > rang, "another timer")
        else:
            self._until(lambda: self._leader(role) == other, "another leader")
        self.work(seconds)
        del self.ordered[seat], self.ordered[other]
        os.kill(int(held_up.pid or 0), signal.SIGCONT)
        self._until(lambda: self.seats[seat][1] is not held_up, f"the end of a late {role}")
        self.other[f"{role} held up for {seconds:.0f} s"] += 1

    def kill_broker(self) -> None:
        """It comes back with what it had."""
        transport = KafkaTransport(self.broker.bootstrap)
        before = sum(transport.ends([self.sender.topic]).values())
        transport.close()
        self.broker.kill()
        self.work(3)
        self.broker.start()
        transport = KafkaTransport(self.broker.bootstrap)
        kept = sum(transport.ends([self.sender.topic]).values())
        transport.close()
        assert kept >= before, f"of {before} records the broker has kept {kept}"
        self.other["broker killed"] += 1
        self.work(3)

    def stop_server(self) -> None:
        """As a power failure."""
        self.server.restart_at_once()
        self._forget_connections()
        self.other["PostgreSQL stopped at once"] += 1
        self.work(3)

    def cut_all(self) -> None:
        """Every connection to the sender's database is gone."""
        with self._administrator("relay") as session:
            session.execute(CUT, {"name": "%-%"})
        self.other["all connections cut"] += 1
        self.work(1.5)

    def fill_disk(self, disk: Disk, seconds: float) -> list[str]:
        """Nothing can be stored for a while; what is wrong with what HTTP answers meanwhile."""
        callers = Callers(self.databases.migrated(), self.folder / "keys")
        callers.ask()
        with self._administrator("writer") as session:
            disk.fill()
            self._ask_meanwhile(callers, disk, 1)
            # As when its log has come to the end of a segment: it cannot go on, nor start again.
            session.execute("SELECT pg_switch_wal()")
            self._ask_meanwhile(callers, disk, seconds - 1)
        disk.free()
        self._until(self.server.tend, "PostgreSQL")
        self.other["PostgreSQL started again"] += self.server.started_again
        self._forget_connections()
        self._until(lambda: set(callers.repeat()) == {DONE}, "an answer to every command")
        self.other |= {f"HTTP {answer}": number for answer, number in callers.answers.items()}
        self.other[f"disk full for {seconds:.0f} s"] += 1
        asked, recorded = callers.recorded()
        callers.close()
        wrong = [f"HTTP {each}" for each in callers.answers if each not in {DONE, LATER}]
        if asked != recorded:
            wrong.append(f"{asked} commands over HTTP, {recorded} events")
        return wrong

    def _ask_meanwhile(self, callers: Callers, disk: Disk, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            disk.fill()  # what the server gives back as well
            callers.ask()
            self.server.tend()
            self.work(0.1)

    # Looking after them.

    def work(self, seconds: float) -> None:
        """Let them work; start again whatever ended."""
        until = time.monotonic() + seconds
        while True:
            for seat, (orders, process) in list(self.seats.items()):
                if process.is_alive():
                    continue
                process.join()
                if process.exitcode == -signal.SIGKILL:
                    at = orders.failpoint
                    self.kills["at random" if at is None else at.name] += 1
                else:
                    self.other[f"{orders.role} ended by itself"] += 1
                    time.sleep(0.05)
                self._start(seat, orders.role)
            if time.monotonic() >= until:
                return
            time.sleep(0.02)

    def finish(self) -> datetime:
        """Writers stop, the others finish; the (hurried) instant at which nothing was left."""
        self.ordered = dict.fromkeys(self.seats)
        for seat, (orders, _) in list(self.seats.items()):
            if orders.role == "writer":
                self._leave(seat)
                del self.seats[seat]
            else:
                self._start(seat, orders.role)
        before: dict[str, int] = {}
        with closing(KafkaTransport(self.broker.bootstrap)) as transport:
            while True:
                finished = HurryingClock(self.hurries_from).now()
                left = self._left(finished, transport)
                if not any(left.values()):
                    return finished
                if left != before:
                    before, deadline = left, time.monotonic() + PATIENCE_SECONDS
                assert time.monotonic() < deadline, f"the end never comes: {left}"
                self.work(0.1)

    def _left(self, now: datetime, transport: KafkaTransport) -> dict[str, int]:
        """How many events, messages or timers each role has not dealt with."""
        head = self.sender.store.head()
        with self.sending.engine.connect() as connection:
            followed = followed_position(connection)
            timers = max(0, head - followed) + due(connection, now)
        with self.receiving.engine.connect() as connection:
            lag = consumer_lag(connection, transport)
            views = registry.generations(connection, PROJECTION.name)
        return {
            "relay": max(0, head - self.sender.relayed()),
            "consumer": lag,
            "timers": timers,
            "projector": self._heard() - max(each.position for each in views if each.serving),
        }

    def audit(self, finished: datetime) -> Outcome:
        """Compare everything there is."""
        books = Books(
            sending=self.sending,
            receiving=self.receiving,
            bootstrap=self.broker.bootstrap,
            topic=self.sender.topic,
            answers=[self.folder / f"writer-{number}.answers" for number in range(SEATS)],
            clock=HurryingClock(self.hurries_from),
        )
        return books.audit(finished)

    def report(self, outcome: Outcome, wrong: Sequence[str] = ()) -> "Report":
        """What befell them, and what came of it."""
        seconds = time.monotonic() - self.began
        return Report(
            kills=self.kills, other=self.other, seconds=seconds, outcome=outcome, wrong=tuple(wrong)
        )

    def _start(self, seat: str, role: str) -> None:
        """A new process takes the seat; who had it is killed."""
        if seat in self.seats:
            self._leave(seat)
        failpoint = None
        if seat in self.ordered:
            failpoint = self.ordered[seat]
        elif self.chance.random() < 0.5:
            name = self.chance.choice(list(FAILPOINTS[role]))
            failpoint = Failpoint(name=name, chance=0.5 if role == "projector" else 0.03)
        orders = Orders(
            seat=seat,
            role=role,
            log=self.folder / f"{role}.log",
            database_url=self.urls[0] if role in SENDING else self.urls[1],
            bootstrap=self.broker.bootstrap,
            sender=self.sender.name,
            hurries_from=self.hurries_from,
            failpoint=failpoint,
            mutant=self.mutant,
        )
        self.seats[seat] = orders, started(orders)

    def _leave(self, seat: str) -> None:
        _, process = self.seats[seat]
        if process.is_alive():
            # It may have been quicker at its failpoint, which is the same signal.
            self.kills["at random"] += 1
        process.kill()
        process.join()

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"{what} never came"
            self.work(0.1)

    def _stands_still(self, seat: str, other: str) -> bool:
        role = self.seats[seat][0].role
        if role != "timers" and self._leader(role) == other:
            self._start(other, role)  # so that it is led from the seat
        process = self.seats[seat][1]
        return psutil.Process(process.pid).status() == psutil.STATUS_STOPPED

    def _forget_connections(self) -> None:
        """Our own are gone as well."""
        for database in (self.sending, self.receiving):
            database.close()

    def _administrator(self, role: str) -> "psycopg.Connection[Any]":
        """A session at the database in which a role works."""
        url = self.urls[0] if role in SENDING else self.urls[1]
        return Database(self.databases.as_administrator(url)).connect()

    def _leader(self, role: str) -> str | None:
        database = self.sending if role in SENDING else self.receiving
        with database.connect() as connection:
            row = connection.execute(LEADER, {"name": f"{role}-%"}).fetchone()
        return None if row is None else str(row[0])

    def _effects(self) -> int:
        return _number(self.receiving, "SELECT count(*) AS n FROM heard.effect")

    def _heard(self) -> int:
        return _number(self.receiving, "SELECT count(*) AS n FROM eventstore.event")

    def _rang(self) -> int:
        return _number(
            self.sending, "SELECT count(*) AS n FROM eventstore.event WHERE type = 'sender.rang'"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What befell the processes of a storm, and what came of it."""

    kills: Counter[str]
    other: Counter[str]
    seconds: float
    outcome: Outcome
    wrong: tuple[str, ...] = ()
    """What was wrong before the audit."""

    @property
    def well(self) -> bool:
        """Was every promise kept?"""
        return not self.wrong and not self.outcome.found

    def lines(self) -> list[str]:
        """For people; the last line is the one that counts."""
        kills = ", ".join(f"{where} {number}" for where, number in sorted(self.kills.items()))
        other = ", ".join(f"{what} {number}" for what, number in sorted(self.other.items()))
        return [
            f"kills {self.kills.total()}: {kills}",
            f"and: {other} · timers fired {self.outcome.rang} · {self.seconds:.0f} s",
            *self.wrong,
            *self.outcome.wrong,
            str(self.outcome),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunt:
    """What became of a mutant."""

    found: Sequence[str]
    """Empty when it was not caught."""
    seconds: float
    kills: int


def storm(
    broker: Broker, server: Server, plan: Plan, seed: int, say: Callable[[str], None]
) -> Report:
    """All of it, but for the disk."""
    with Storm(broker, server, _chance(seed)) as storm:
        storm.begin()
        for _ in range(plan.rebuilds):
            storm.kill(plan.kills // plan.rebuilds)
            storm.rebuild()
        storm.kill_inside_switch()
        storm.kill(max(0, plan.kills - storm.kills.total()))
        say(f"{storm.kills.total()} kills")
        for role in HELD_UP_AT:
            storm.hold_up(role, plan.held_up_seconds)
            say(f"{role} was held up")
        for _ in range(plan.broker_stops):
            storm.kill_broker()
            say("the broker was killed and started")
        for _ in range(plan.server_stops):
            storm.stop_server()
            say("PostgreSQL was stopped at once and started")
        for _ in range(plan.cuts):
            storm.cut_all()
        return storm.report(storm.audit(storm.finish()))


def storm_on_a_full_disk(
    broker: Broker, server: Server, disk: Disk, plan: Plan, seed: int
) -> Report:
    """The disk on which the server is gets full, and is freed."""
    with Storm(broker, server, _chance(seed)) as storm:
        storm.begin()
        storm.work(1)
        wrong = storm.fill_disk(disk, plan.disk_seconds)
        return storm.report(storm.audit(storm.finish()), wrong)


def hunt(broker: Broker, server: Server, mutant: str, seed: int) -> Hunt:
    """Let a mutant work, in rounds, until an audit finds something or time is up."""
    with Storm(broker, server, _chance(seed), mutant=mutant) as storm:
        while True:
            for role in FAILPOINTS:
                hurt, name, chance = MUTANTS[mutant].hurts or ("", "", 0)
                failpoint = Failpoint(name=name, chance=chance) if role == hurt else None
                storm.ordered |= {f"{role}-{number}": failpoint for number in range(SEATS)}
            storm.begin()
            storm.work(ROUND_SECONDS)
            found = storm.audit(storm.finish()).found
            seconds = time.monotonic() - storm.began
            if found or seconds > HUNT_SECONDS:
                return Hunt(found=found, seconds=seconds, kills=storm.kills.total())


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  # repeatable as far as processes are


def _number(database: Database, statement: str) -> int:
    [row] = rows(database, statement)
    return int(row.n)
