"""A service's database in memory: transactions, locks, and the ports that the loops work on."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from shared.eventstore.codec import EventTypes
from shared.eventstore.effects import Effects
from shared.eventstore.store import (
    Actor,
    Append,
    CommandRecord,
    Context,
    Recorded,
    Stream,
    Unreadable,
    VersionConflict,
)
from shared.kernel.clock import FixedClock
from shared.messaging.leadership import NoLongerLeading
from shared.messaging.message import Message
from shared.messaging.reactions import Reactions
from shared.messaging.receiving import Progress, Seen
from shared.messaging.transports.base import Incoming, Partition
from shared.projecting.projection import Add, Projection
from shared.projecting.registry import CheckpointMoved, Generation
from shared.timers.firing import Change, Due
from shared.timers.timer import Arm, Timer, fires_at, latest
from tests.simulation.scheduler import point


@dataclass
class Database:
    """What is committed."""

    event_types: EventTypes
    clock: FixedClock
    chance: Random
    log: list[Recorded] = field(default_factory=list)
    commands: dict[UUID, CommandRecord] = field(default_factory=dict)
    epoch: int = 0
    relayed: int = 0
    offsets: dict[Partition, int] = field(default_factory=dict)
    inbox: set[UUID] = field(default_factory=set)
    generations: list[Generation] = field(default_factory=list)
    rows: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """By generation."""
    followed: int = 0
    timers: dict[UUID, tuple[Arm, UUID, str]] = field(default_factory=dict)
    """With what it is, the chain that armed it, and its state."""
    locks: dict[object, object] = field(default_factory=dict)
    """Who holds what: transactions until they end, sessions until they are cut."""
    sequence: int = 0
    """For the mutant that numbers events before they are committed."""
    commits: int = 0

    def hold(self, what: object, who: object) -> bool:
        """Take a lock if it is free."""
        return self.locks.setdefault(what, who) is who

    def wait_for(self, what: object, who: object) -> None:
        """Take a lock, when it is free."""
        while not self.hold(what, who):
            point(f"waiting for {what}")

    def let_go(self, who: object) -> None:
        """Everything that somebody holds is free."""
        self.locks = {what: holder for what, holder in self.locks.items() if holder is not who}

    def versions(self, log: Iterable[Recorded], stream: Stream) -> int:
        """At which version a stream is."""
        return sum(each.stream == stream for each in log)


class Transaction:
    """What is written becomes visible at once, when it is committed; or never."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.appended: list[Recorded] = []
        self.remembered: dict[UUID, CommandRecord] = {}
        self.at_commit: list[Callable[[], None]] = []

    def seen(self) -> list[Recorded]:
        """The log as this transaction sees it."""
        return self.database.log + self.appended

    def append(self, append: Append, context: Context) -> None:
        """In commit order: from the first append on, others wait."""
        database = self.database
        database.wait_for("append", self)
        point("appending")
        actual = database.versions(self.seen(), append.stream)
        if actual != append.expected_version:
            raise VersionConflict(f"{append.stream} is at {actual}")
        self.write(append, context, after=len(self.seen()))

    def write(self, append: Append, context: Context, *, after: int) -> None:
        """Number the events of a stream and keep them."""
        database = self.database
        before = self.seen()
        now = database.clock.now()
        if before:
            now = max(now, before[-1].recorded_at)
        for ordinal, event in enumerate(append.events, start=1):
            name, version, data = database.event_types.encode(event)
            self.appended.append(
                Recorded(
                    position=after + ordinal,
                    event_id=UUID(int=database.chance.getrandbits(128)),
                    stream=append.stream,
                    version=append.expected_version + ordinal,
                    type=name,
                    event=database.event_types.decode(name, version, data),
                    context=context,
                    recorded_at=now,
                )
            )

    def commit(self) -> None:
        """All of it, at once."""
        database = self.database
        database.log += self.appended
        database.commands |= self.remembered
        for change in self.at_commit:
            change()
        database.commits += 1


@contextmanager
def transaction(database: Database, kind: type[Transaction]) -> Iterator[Transaction]:
    """Commit what is done inside, or nothing; its locks are free afterwards."""
    ours = kind(database)
    try:
        point("began")
        yield ours
        point("before commit")
        ours.commit()
    finally:
        database.let_go(ours)
    point("after commit")


class Store:
    """The event store, alone or inside a transaction; see ``shared.eventstore.store``."""

    def __init__(
        self, database: Database, kind: type[Transaction], bound: Transaction | None = None
    ) -> None:
        self.database = database
        self.kind = kind
        self.bound = bound

    def bound_to(self, ours: Any) -> "Store":
        """The same store inside a transaction."""
        return type(self)(self.database, self.kind, ours)

    def append(
        self, appends: Sequence[Append], context: Context, *, command: CommandRecord | None = None
    ) -> int:
        """See ``EventStore.append``."""
        joined: AbstractContextManager[Transaction] = (
            transaction(self.database, self.kind) if self.bound is None else nullcontext(self.bound)
        )
        with joined as ours:
            if command is not None:
                ours.database.wait_for("append", ours)
                if command.command_id in self.database.commands:
                    raise VersionConflict(f"command {command.command_id}")
            for append in appends:
                ours.append(append, context)
            position = len(ours.seen())
            if command is not None:
                ours.remembered[command.command_id] = replace(command, position=position)
        return position

    def load(self, stream: Stream, after: int = 0) -> list[Recorded]:
        """See ``EventStore.load``."""
        point("loading")
        log = self.database.log if self.bound is None else self.bound.seen()
        return [each for each in log if each.stream == stream][after:]

    def events(self, stream: Stream, after: int = 0) -> list[Any]:
        """See ``EventStore.events``."""
        return [each.event for each in self.load(stream, after)]

    def version(self, stream: Stream) -> int:
        """See ``EventStore.version``."""
        return len(self.load(stream))

    def tail(self, after: int, limit: int) -> list[Recorded]:
        """See ``EventStore.tail``."""
        point("tailing")
        news = sorted(
            (each for each in self.database.log if each.position > after),
            key=lambda each: each.position,
        )
        return news[:limit]

    def head(self) -> int:
        """See ``EventStore.head``."""
        return len(self.database.log)

    def find_command(self, command_id: UUID) -> CommandRecord | None:
        """See ``EventStore.find_command``."""
        return self.database.commands.get(command_id)


class Checkpoint:
    """See ``publishing.Checkpoint``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_over(self) -> tuple[int, int]:
        """Raise the epoch."""
        point("taking over")
        self._database.epoch += 1
        return self._database.epoch, self._database.relayed

    def move(self, epoch: int, position: int) -> None:
        """Fenced by the epoch."""
        point("before checkpoint")
        if epoch != self._database.epoch:
            raise NoLongerLeading(f"relay of epoch {epoch}")
        self._database.relayed = position
        self._database.commits += 1
        point("after checkpoint")

    def confirm(self, epoch: int) -> None:
        """As committed."""
        if epoch != self._database.epoch:
            raise NoLongerLeading(f"relay of epoch {epoch}")


class Receipt:
    """See ``receiving.Receipt``."""

    def __init__(self, ours: Transaction, reactions: Reactions) -> None:
        self.ours = ours
        self.reactions = reactions

    def look(self, batch: Iterable[Incoming], messages: Sequence[UUID]) -> Seen:  # noqa: ARG002
        """As committed; no key is parked here."""
        point("before inbox")
        return Seen(known=self.ours.database.inbox & set(messages))

    def answer(self, message: Message) -> None:
        """The real reactions, in this transaction."""
        point("before effect")
        self.reactions.answer(message, self.ours)  # type: ignore[arg-type]

    def park(self, incoming: Incoming, message: Message | None, problem: str | None) -> None:
        """Nothing here may fail."""
        raise AssertionError(f"parked: {incoming.key} {message} {problem}")

    def close(self, reached: Mapping[Partition, Progress], received: Sequence[UUID]) -> None:
        """The offsets first: whoever comes second finds that they have moved."""
        point("after effect")
        database = self.ours.database
        for partition, progress in reached.items():
            database.wait_for(partition, self.ours)
            if database.offsets[partition] != progress.from_offset:
                raise NoLongerLeading(str(partition))
        moved = {partition: progress.next_offset for partition, progress in reached.items()}
        self.ours.at_commit.append(lambda: database.offsets.update(moved))
        self.ours.at_commit.append(lambda: database.inbox.update(received))


class Inbox:
    """See ``receiving.Inbox``."""

    def __init__(
        self, database: Database, kind: type[Transaction], reactions: Reactions, receipt: Any
    ) -> None:
        self._database = database
        self._kind = kind
        self._reactions = reactions
        self._receipt = receipt

    @contextmanager
    def transaction(self) -> Iterator[Receipt]:
        """One transaction."""
        with transaction(self._database, self._kind) as ours:
            yield self._receipt(ours, self._reactions)

    def parked_keys(self) -> int:
        """None."""
        return 0


class Generations:
    """See ``following.Generations``: rows are sums by key."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def followed(self, projections: Iterable[Projection]) -> Sequence[Generation]:  # noqa: ARG002
        """Those that serve first."""
        point("reading the registry")
        alive = [each for each in self.database.generations if each.status != "retired"]
        return sorted(alive, key=lambda each: not each.serving)

    def take(
        self, takers: Sequence[tuple[Projection, Generation]], batch: Sequence[Recorded]
    ) -> None:
        """Rows and checkpoints in one transaction."""
        with transaction(self.database, Transaction) as ours:
            added = [self.sums(projection, batch) for projection, _ in takers]
            point("before the checkpoint of the rows")
            for (_, generation), sums in zip(takers, added, strict=True):
                self.advance(ours, generation, batch[-1].position)
                ours.at_commit.append(partial(self.add, generation, sums))

    def sums(self, projection: Projection, batch: Sequence[Recorded]) -> dict[str, int]:
        """What the events add, by key."""
        sums: dict[str, int] = defaultdict(int)
        for recorded in batch:
            for delta in projection.deltas(recorded):
                assert isinstance(delta, Add)
                sums[delta.key["key"]] += delta.amounts["total"]
        return sums

    def add(self, generation: Generation, sums: Mapping[str, int]) -> None:
        """Write the rows."""
        rows = self.database.rows[generation.generation]
        for key, amount in sums.items():
            rows[key] = rows.get(key, 0) + amount

    def advance(self, ours: Transaction, generation: Generation, position: int) -> None:
        """Compare and set."""
        self.database.wait_for(("generation", generation.generation), ours)
        current = self.find(generation)
        if current.position != generation.position:
            raise CheckpointMoved(str(generation.generation))
        ours.at_commit.append(lambda: self.put(replace(self.find(current), position=position)))

    def find(self, generation: Generation) -> Generation:
        """As committed."""
        return next(
            each for each in self.database.generations if each.generation == generation.generation
        )

    def put(self, generation: Generation) -> None:
        """Note how a generation is now."""
        numbers = [each.generation for each in self.database.generations]
        self.database.generations[numbers.index(generation.generation)] = generation

    def fail(self, generation: Generation, at: Recorded | Unreadable, error: str) -> None:
        """Nothing here may fail."""
        raise AssertionError(f"{generation.name} failed at {at.position}: {error}")

    def switch(self, generation: Generation) -> bool:
        """Unless that would take readers back in time."""
        with transaction(self.database, Transaction) as ours:
            self.database.wait_for("serving", ours)
            new = self.find(generation)
            old = next((each for each in self.database.generations if each.serving), None)
            if old is not None and old.position > new.position:
                return False
            self.database.wait_for(("generation", new.generation), ours)
            if old is not None and old.generation != new.generation:
                retired = old.generation
                ours.at_commit.append(lambda: self._retire(retired))
            ours.at_commit.append(
                lambda: self.put(replace(self.find(new), status="active", serving=True))
            )
            return True

    def _retire(self, number: int) -> None:
        old = next(each for each in self.database.generations if each.generation == number)
        self.put(replace(old, status="retired", serving=False))


class Turn:
    """See ``firing.Turn``."""

    def __init__(self, ours: Transaction, timetable: "Timetable") -> None:
        self._ours = ours
        self._database = ours.database
        self._timetable = timetable

    def followed(self) -> int | None:
        """None while another follows."""
        if not self._database.hold("timers", self._ours):
            return None
        return self._database.followed

    def follow(self, changes: Sequence[Change], position: int) -> None:
        """Arm what events arm."""
        point("arming")
        causes = {change.timer_id: recorded for recorded, change in changes}
        for timer_id, change in latest(change for _, change in changes).items():
            assert isinstance(change, Arm)
            chain = causes[timer_id].context.correlation_id
            armed = (change, chain, "armed")
            self._ours.at_commit.append(
                lambda timer_id=timer_id, armed=armed: self._database.timers.setdefault(
                    timer_id, armed
                )
            )
        self._ours.at_commit.append(lambda: setattr(self._database, "followed", position))

    def due(self, now: datetime, limit: int) -> Sequence[Due]:
        """Those not taken by others."""
        found = []
        for timer_id, (arm, chain, state) in sorted(self._database.timers.items()):
            if state == "armed" and fires_at(arm.fires_on) <= now and len(found) < limit:
                if not self._database.hold(timer_id, self._ours):
                    continue
                timer = Timer(
                    timer_id=timer_id,
                    kind=arm.kind,
                    fires_on=arm.fires_on,
                    stream=arm.stream,
                    payload=arm.payload,
                )
                found.append(Due(timer=timer, correlation_id=chain))
        return found

    def carry_out(self, due: Due, now: datetime) -> None:
        """The handler, in this transaction."""
        point("firing")
        context = Context(
            command_id=due.timer.timer_id,
            actor=Actor(id="timer:simulated"),
            correlation_id=due.correlation_id,
            causation_id=due.timer.timer_id,
        )
        store: Any = self._timetable.store.bound_to(self._ours)
        ours: Any = self._ours
        self._timetable.handler(
            due.timer, Effects(store=store, connection=ours, context=context, now=now)
        )

    def attempt(self) -> AbstractContextManager[object]:
        """Nothing is refused here."""
        return nullcontext()

    def mark(
        self, timers: Sequence[UUID], state: str, now: datetime, reason: str | None = None  # noqa: ARG002
    ) -> None:  # fmt: skip
        """At commit."""

        def change() -> None:
            for timer_id in timers:
                arm, chain, _ = self._database.timers[timer_id]
                self._database.timers[timer_id] = (arm, chain, state)

        self._ours.at_commit.append(change)


@dataclass
class Timetable:
    """See ``firing.Timetable``."""

    database: Database
    store: Store
    handler: Callable[[Timer, Effects], None]

    def any_due(self, now: datetime) -> bool:
        """Of those that are committed."""
        point("looking for due timers")
        return any(
            state == "armed" and fires_at(arm.fires_on) <= now
            for arm, _, state in self.database.timers.values()
        )

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """One transaction."""
        with transaction(self.database, self.store.kind) as ours:
            yield Turn(ours, self)
