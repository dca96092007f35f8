"""
Two services that tell each other things, in memory, one turn at a time.

``ask`` counts when it is commanded to, and promises bells that ring on a later day; ``answer``
hears every count and says so, which ``ask`` hears in turn. The loops are the real ones
(``Publishing``, ``Receiving``, ``Following``, ``Firing``), and so are codec, messages, reactions
and the carrying out of commands; databases, log and clock are simulated.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, MetaData, Table, Text

from shared.contracts.base import Contract
from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.commands import carry_out
from shared.eventstore.effects import Effects
from shared.eventstore.store import Actor, Context, Recorded, Stream, VersionConflict
from shared.kernel.clock import FixedClock
from shared.kernel.decider import Decider
from shared.kernel.identifiers import derived_id
from shared.messaging.message import topic_of
from shared.messaging.publishing import Publishing
from shared.messaging.reactions import Reactions
from shared.messaging.receiving import Receiving
from shared.messaging.transports.base import Partition
from shared.projecting.following import Following
from shared.projecting.projection import Add, Delta, Projection
from shared.projecting.registry import Generation
from shared.timers.firing import Firing
from shared.timers.timer import Arm, Disarm, Timer
from tests.simulation.database import (
    Checkpoint,
    Database,
    Generations,
    Inbox,
    Receipt,
    Store,
    Timetable,
    Transaction,
)
from tests.simulation.scheduler import Process, Step, point
from tests.simulation.topics import PARTITIONS, Topics

KEYS = ("a", "b", "c", "d")
FIRST = datetime(2023, 4, 3, 15, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    effective_on: date
    key: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    effective_on: date
    fires_on: date
    bell: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    effective_on: date
    bell: UUID
    at: datetime
    """What the clock said when it was found due; it may be set back before this is recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    effective_on: date
    key: str
    number: int


TYPES = EventTypes(*(EventType(each.__name__, each) for each in (Counted, Promised, Rang, Heard)))


class Told(Contract):
    contract_type: ClassVar[str] = "simulated.told.v1"

    name: str
    number: int

    @property
    def key(self) -> str:
        """What is counted."""
        return self.name


class Repeated(Told):
    contract_type: ClassVar[str] = "simulated.repeated.v1"


# Not idempotent on purpose: what happens twice shows.
COUNTING: Decider[str, int, Counted] = Decider(
    initial=0,
    decide=lambda key, count: [Counted(effective_on=FIRST.date(), key=key, number=count + 1)],
    evolve=lambda count, _: count + 1,
)
HEARING: Decider[Told, int, Heard] = Decider(
    initial=0,
    decide=lambda told, _: [Heard(effective_on=FIRST.date(), key=told.name, number=told.number)],
    evolve=lambda count, _: count + 1,
)
PROMISING: Decider[date, int, Promised | Rang] = Decider(
    initial=0,
    decide=lambda day, count: [
        Promised(effective_on=FIRST.date(), fires_on=day, bell=derived_id("bell", day, count))
    ],
    evolve=lambda count, _: count + 1,
)
RINGING: Decider[tuple[UUID, datetime], int, Promised | Rang] = Decider(
    initial=0,
    decide=lambda due, _: [Rang(effective_on=FIRST.date(), bell=due[0], at=due[1])],
    evolve=lambda count, _: count + 1,
)


def told(recorded: Recorded) -> Contract | None:
    """What a service publishes of its events: counts, and what was heard of them first."""
    match recorded.event:
        case Counted(key=key, number=number):
            return Told(effective_on=recorded.event.effective_on, name=key, number=number)
        case Heard(key=key, number=number) if recorded.stream.type == "answer":
            return Repeated(effective_on=recorded.event.effective_on, name=key, number=number)
        case _:
            return None


def hear(service: str) -> Callable[[Told, Effects], None]:
    """The reaction: note what was heard."""

    def handler(fact: Told, effects: Effects) -> None:
        effects.carry_out(HEARING, Stream(service, derived_id("ear", fact.key)), fact)

    return handler


def timers_of(recorded: Recorded) -> Iterable[Arm | Disarm]:
    """A promise arms a timer."""
    match recorded.event:
        case Promised(fires_on=day, bell=bell):
            yield Arm(timer_id=bell, kind="ring", fires_on=day, stream=recorded.stream)


def ring(timer: Timer, effects: Effects) -> None:
    """The timer's effect."""
    effects.carry_out(RINGING, timer.stream, (timer.timer_id, effects.now))


TOTALS = MetaData()
TOTAL = Table(
    "total",
    TOTALS,
    Column("key", Text, primary_key=True),
    Column("total", BigInteger),
    schema="totals",
)


def totals(recorded: Recorded) -> Iterable[Delta]:
    """How often anything happened, by type and key."""
    key = getattr(recorded.event, "key", "")
    yield Add(TOTAL, {"key": f"{recorded.type}/{key}"}, {"total": 1})


PROJECTION = Projection(name="totals", version=1, metadata=TOTALS, deltas=totals)


@dataclass(frozen=True, kw_only=True)
class Build:
    """Which code runs. Mutants replace one of these."""

    transaction: type[Transaction] = Transaction
    store: type[Store] = Store
    publishing: type[Publishing] = Publishing
    receipt: type[Receipt] = Receipt
    generations: type[Generations] = Generations


@dataclass
class Service:
    """One service: its database and loops."""

    name: str
    listens_to: str
    handlers: dict[type[Contract], Any]
    database: Database
    build: Build
    topics: Topics
    wanted: list[tuple[UUID, str | date]] = field(default_factory=list)
    """Commands that clients still ask for: an id, and what to count or the day of a bell."""
    acknowledged: list[UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = self.build.store(self.database, self.build.transaction)
        store: Any = self.store
        self.reactions = Reactions(self.name, store, self.database.clock, self.handlers)
        for number in range(PARTITIONS):
            self.database.offsets[Partition(topic_of(self.listens_to), number)] = 0
        self.begin_generation()

    def begin_generation(self) -> None:
        """Build the view anew, beside the one that serves; unless that is under way."""
        known = self.database.generations
        if any(each.status == "building" for each in known):
            return
        self.database.generations.append(
            Generation(
                name=PROJECTION.name,
                generation=len(known) + 1,
                code_version=1,
                status="building",
                position=0,
                serving=False,
                error=None,
                failed_position=None,
                failed_event_id=None,
            )
        )

    def processes(self) -> list[Process]:
        """Two seats for what leads, two for clients, projector and timers in two as well."""
        loops = {
            "client": self._client,
            "relay": self._relay,
            "consumer": self._consumer,
            "projector": self._projector,
            "timers": self._timers,
        }
        made = [
            Process(f"{self.name}.{role}.{seat}", begin)
            for role, begin in loops.items()
            for seat in (1, 2)
        ]
        for process in made:
            process.ended = self.database.let_go
        return made

    def cut(self, process: Process) -> None:
        """Its session is gone, and it has not noticed."""
        self.database.let_go(process)

    def _lead(self, role: str, process: Process) -> None:
        self.database.wait_for(role, process)

    def _client(self, process: Process) -> Step:  # noqa: ARG002
        def step() -> bool:
            if not self.wanted:
                return False
            command_id, what = self.wanted[0]
            self.wanted.append(self.wanted.pop(0))  # the other client takes the next
            context = Context(
                command_id=command_id,
                actor=Actor(id="p-1"),
                correlation_id=command_id,
                causation_id=command_id,
            )
            decider: Any = COUNTING if isinstance(what, str) else PROMISING
            about = what if isinstance(what, str) else "bells"
            stream = Stream("count", derived_id("count", about))
            try:
                carry_out(self.store, decider, stream, what, context, request_hash=b"same")
            except VersionConflict:
                return True
            point("before answer")
            if (command_id, what) in self.wanted:
                self.wanted.remove((command_id, what))
            self.acknowledged.append(command_id)
            return True

        return step

    def _relay(self, process: Process) -> Step:
        self._lead("relay", process)
        checkpoint = Checkpoint(self.database)
        publishing = self.build.publishing(self.name, self.store, told, self.topics, checkpoint)
        publishing.take_over()
        return publishing.step

    def _consumer(self, process: Process) -> Step:
        self._lead("consumer", process)
        point("reading offsets")
        inbox = Inbox(self.database, self.build.transaction, self.reactions, self.build.receipt)
        offsets = dict(self.database.offsets)
        receiving = Receiving(self.name, inbox, self.reactions.answers, offsets)

        def step() -> bool:
            batch = self.topics.poll(offsets)
            if not batch:
                return False
            for each in batch[: receiving.take(batch)]:
                offsets[each.partition] = each.offset + 1
            return True

        return step

    def _projector(self, process: Process) -> Step:  # noqa: ARG002  # two at once: they are fenced
        return Following(self.store, self.build.generations(self.database), [PROJECTION]).step

    def _timers(self, process: Process) -> Step:  # noqa: ARG002  # two at once is allowed
        timetable = Timetable(self.database, self.store, ring)
        return Firing(self.store, self.database.clock.now, timetable, timers_of).step


class World:
    """Both services. Whoever drives it chooses what happens next; nothing else does."""

    def __init__(self, seed: int, build: Build | None = None) -> None:
        self.chance = Random(seed)  # noqa: S311  # repeatable, not secret
        self.clock = FixedClock(FIRST)
        self.topics = Topics(self.chance)
        chosen = build or Build()

        def service(name: str, listens_to: str, contract: type[Contract]) -> Service:
            database = Database(TYPES, self.clock, self.chance)
            handlers = {contract: hear(name)}
            return Service(name, listens_to, handlers, database, chosen, self.topics)

        self.services = {
            "ask": service("ask", "answer", Repeated),
            "answer": service("answer", "ask", Told),
        }
        self.processes = [
            process for each in self.services.values() for process in each.processes()
        ]

    def command(self, what: str | date) -> None:
        """A client wants something counted, or a bell on a day."""
        self.services["ask"].wanted.append((UUID(int=self.chance.getrandbits(128)), what))

    def run(self, process: Process) -> None:
        """Let a process go on to its next point, unless it is held up."""
        if not process.paused:
            process.run()

    def pause(self, process: Process, *, cut: bool) -> None:
        """Hold a process up where it is; its session may be cut meanwhile."""
        process.paused = True
        if cut:
            self.services[process.name.split(".")[0]].cut(process)

    def jump(self, by: timedelta) -> None:
        """The clock is set, forth or back."""
        self.clock.instant += by

    def rebuild(self, service: str) -> None:
        """A view is built anew."""
        self.services[service].begin_generation()

    def drain(self) -> None:
        """Nobody is held up or killed any more: go on until nothing is left to do."""
        for process in self.processes:
            process.paused = False
        self.topics.fails_next = False
        quiet = 0
        for _ in range(100_000):
            for process in self.processes:
                process.idle = False
                process.run()
            done = all(
                each.database.relayed == len(each.database.log)
                and not each.wanted
                and each.database.followed == len(each.database.log)
                and all(
                    generation.position == len(each.database.log)
                    for generation in each.database.generations
                    if generation.status != "retired"
                )
                and all(
                    offset == len(self.topics.records[partition])
                    for partition, offset in each.database.offsets.items()
                )
                for each in self.services.values()
            )
            quiet = quiet + 1 if done else 0
            if quiet > 20:
                return
        raise AssertionError("it does not come to rest")

    def end(self) -> None:
        """Let go of every process."""
        for process in self.processes:
            process.kill()
