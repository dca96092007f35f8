"""Two small services: a sender that counts, and a receiver that keeps what it hears."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar
from uuid import UUID, uuid4

from shared.contracts.base import Contract
from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.effects import Effects
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Append, Context, Recorded, Stream
from shared.kernel.clock import Clock
from shared.kernel.decider import Decider
from shared.kernel.identifiers import derived_id
from shared.messaging.consumer import Consumer
from shared.messaging.message import Message, topic_of
from shared.messaging.positions import consumer_lag, relayed_position
from shared.messaging.reactions import Reactions
from shared.messaging.relay import Relay
from shared.messaging.transports.base import Incoming, Publisher, Transport
from shared.postgres.database import Database
from shared.worker.worker import Loop

DAY = date(2023, 4, 3)
PATIENCE_SECONDS = 90.0
"""For a busy machine; nothing takes nearly as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    effective_on: date
    key: str
    number: int
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Muttered:
    effective_on: date


class NumberCounted(Contract):
    contract_type: ClassVar[str] = "sender.number-counted.v1"

    name: str
    number: int
    text: str = ""

    @property
    def key(self) -> str:
        """The name of what is counted."""
        return self.name


class WordSpoken(Contract):
    contract_type: ClassVar[str] = "sender.word-spoken.v1"

    @property
    def key(self) -> str:
        """All words in one order."""
        return "word"


def to_contract(recorded: Recorded) -> Contract | None:
    match recorded.event:
        case Counted() as counted:
            return NumberCounted(
                effective_on=counted.effective_on,
                name=counted.key,
                number=counted.number,
                text=counted.text,
            )
        case _:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hear:
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    effective_on: date
    number: int


LISTENING: Decider[Hear, tuple[int, ...], Heard] = Decider(
    initial=(),
    # Not idempotent on purpose: a second delivery would show.
    decide=lambda command, _heard: [Heard(effective_on=DAY, number=command.number)],
    evolve=lambda heard, event: (*heard, event.number),
)


def ear(key: str) -> Stream:
    """The receiver's stream of what it heard about a key."""
    return Stream("ear", derived_id("ear", key))


@dataclass
class Sender:
    """Counts, and publishes what it counted."""

    name: str
    database: Database
    clock: Clock
    store: PostgresEventStore = field(init=False)

    def __post_init__(self) -> None:
        types = EventTypes(EventType("sender.counted", Counted), EventType("muttered", Muttered))
        self.store = PostgresEventStore(self.database.engine, types, self.clock)

    @property
    def topic(self) -> str:
        """Where it publishes."""
        return topic_of(self.name)

    def count(self, *keys: str, text: str = "") -> None:
        """One more event about each key, numbered from 1 on."""
        for key in keys:
            stream = Stream("count", derived_id("count", key))
            version = len(self.store.load(stream))
            event = Counted(effective_on=DAY, key=key, number=version + 1, text=text)
            self.store.append([Append(stream, version, [event])], a_context())

    def mutter(self) -> None:
        """Something that is nobody else's business."""
        stream = Stream("mutter", uuid4())
        self.store.append([Append(stream, 0, [Muttered(effective_on=DAY)])], a_context())

    def relay(self, publisher: Publisher) -> Relay:
        """Its relay, with a publisher."""
        return Relay(self.name, self.database, self.store, to_contract, publisher)

    def relayed(self) -> int:
        """How far it has published."""
        with self.database.engine.connect() as connection:
            return relayed_position(connection)


@dataclass
class Receiver:
    """Keeps what it hears, but for the (key, number) pairs that it cannot bear."""

    database: Database
    clock: Clock
    unbearable: set[tuple[str, int]] = field(default_factory=set)
    error: Exception = field(default_factory=lambda: ValueError("unbearable"))
    calls: list[tuple[str, int]] = field(default_factory=list)
    store: PostgresEventStore = field(init=False)

    def __post_init__(self) -> None:
        types = EventTypes(EventType("receiver.heard", Heard))
        self.store = PostgresEventStore(self.database.engine, types, self.clock)

    def whenever_a_number_is_counted(self, fact: NumberCounted, effects: Effects) -> None:
        """Hear the number."""
        self.calls.append((fact.name, fact.number))
        effects.carry_out(LISTENING, ear(fact.name), Hear(number=fact.number))
        # After its effect, so that a failure has something to take back.
        if (fact.name, fact.number) in self.unbearable:
            raise self.error

    def heard(self, key: str) -> list[int]:
        """What was heard about a key, in order."""
        return [recorded.event.number for recorded in self.store.load(ear(key))]


@dataclass
class Town:
    """Both, and the road between them."""

    transport: Transport
    sender: Sender
    receiver: Receiver

    def relay(self) -> Relay:
        """The sender's relay."""
        return self.sender.relay(self.transport.publisher())

    def consumer(self) -> Consumer:
        """The receiver's consumer."""
        return Consumer(
            "receiver",
            self.receiver.database,
            self.receiver.store,
            self.receiver.clock,
            [self.sender.topic],
            {NumberCounted: self.receiver.whenever_a_number_is_counted},
            self.transport,
        )

    @property
    def reactions(self) -> Reactions:
        """What a retry needs."""
        return self.consumer().reactions

    def settle(self) -> None:
        """Relay and consume until nothing is left."""
        with running(self.relay()):
            self.wait_until_relayed()
        with running(self.consumer()):
            self.wait_until_consumed()

    def wait_until_relayed(self) -> None:
        """Wait until the sender has published everything."""
        until(lambda: self.sender.relayed() == self.sender.store.head())

    def wait_until_consumed(self) -> None:
        """Wait until the receiver has consumed everything that is published."""
        end = len(self.on_topic())

        def consumed() -> bool:
            with self.receiver.database.engine.connect() as connection:
                # None before the consumer has begun.
                offsets = connection.exec_driver_sql(
                    "SELECT sum(next_offset)::int FROM messaging.consumed"
                ).scalar_one()
                return bool(offsets == end) and consumer_lag(connection, self.transport) == 0

        until(consumed)

    def wait_until_caught_up(self) -> None:
        """Wait until a consumer that has run before has consumed everything that is published."""

        def caught_up() -> bool:
            time.sleep(0.2)
            with self.receiver.database.engine.connect() as connection:
                return consumer_lag(connection, self.transport) == 0

        until(caught_up)

    def on_topic(self) -> list[Incoming]:
        """Everything that is on the topic, each partition in order."""
        ends = self.transport.ends([self.sender.topic])
        found: list[Incoming] = []
        reader = self.transport.reader(dict.fromkeys(ends, 0))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(found) < sum(ends.values()):
            assert time.monotonic() < deadline, "the topic could not be read to its end"
            found.extend(reader.poll(limit=100, timeout=0.2))
        reader.close()
        return found

    def numbers_on_topic(self, key: str) -> list[int]:
        """The numbers of a key on the topic, duplicates included."""
        return [
            NumberCounted.model_validate_json(Message.of(incoming).data).number
            for incoming in self.on_topic()
            if incoming.key == key
        ]


class Failing:
    """Runs a loop of which a failure is expected."""

    def __init__(self, loop: Loop) -> None:
        self.stop = threading.Event()
        self.error: Exception | None = None
        self._loop = loop
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def ended(self) -> Exception | None:
        """Wait for its end; what it failed with."""
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), f"{self._loop.name} goes on"
        return self.error

    def _run(self) -> None:
        try:
            self._loop.run(self.stop)
        except Exception as error:  # noqa: BLE001  # handed to the test
            self.error = error


@contextmanager
def running(loop: Loop) -> Iterator[Failing]:
    """Run a loop in a thread of its own; it must not fail."""
    process = Failing(loop)
    try:
        yield process
    finally:
        process.stop.set()
        error = process.ended()
    if error is not None:
        raise error


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.02)


def a_context(command_id: UUID | None = None) -> Context:
    command_id = command_id or uuid4()
    return Context(
        command_id=command_id,
        actor=Actor(id="person-1"),
        correlation_id=command_id,
        causation_id=command_id,
    )


def rows(database: Database, statement: str) -> Sequence[Any]:
    """What a query gives."""
    with database.engine.connect() as connection:
        return connection.exec_driver_sql(statement).all()
