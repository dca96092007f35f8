"""What happens when a publisher and a consumer do not know the same contracts."""

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar
from uuid import uuid4

import pytest

from shared.contracts.base import Contract
from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Append, Stream, Unreadable
from shared.messaging.message import Message
from shared.messaging.parking import ParkedKey, Retried, parked_keys, parked_messages, retry
from shared.messaging.reactions import Reactions
from tests.integration.messaging.town import (
    DAY,
    Counted,
    Failing,
    NumberCounted,
    Town,
    a_context,
    ear,
    running,
    to_contract,
)

ON_ONE_TRANSPORT = pytest.mark.parametrize("transport", ["postgres"], indirect=True)
"""For what has nothing to do with how messages travel."""

FIRST, SECOND = "sender.number-counted.v1", "sender.number-counted.v2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hummed:
    effective_on: date


NEWER = EventTypes(EventType("hummed", Hummed))


class NumberCountedInWords(Contract):
    """What a newer sender tells: the number is a word, and its unit is said."""

    contract_type: ClassVar[str] = SECOND

    name: str
    word: str

    @property
    def key(self) -> str:
        """The name of what is counted."""
        return self.name


def published(town: Town, key: str, data: dict[str, Any] | bytes, kind: str = FIRST) -> None:
    """Put a message on the topic as another version of the sender would have."""
    town.sender.count("pattern")
    recorded = town.sender.store.tail(town.sender.store.head() - 1, 1)[0]
    contract = to_contract(recorded)
    assert contract is not None
    message = replace(
        Message.telling(contract, recorded, source=town.sender.name),
        id=uuid4(),
        key=key,
        type=kind,
        data=data if isinstance(data, bytes) else json.dumps(data).encode(),
    )
    publisher = town.transport.publisher()
    publisher.publish(town.sender.topic, [message.outgoing()])
    publisher.close()


def consumed(town: Town) -> None:
    with running(town.consumer()):
        town.wait_until_consumed()


def parked(town: Town) -> dict[str, ParkedKey]:
    with town.receiver.database.engine.connect() as connection:
        return {each.key: each for each in parked_keys(connection)}


class TestFields:
    @ON_ONE_TRANSPORT
    def test_what_is_added_is_ignored_and_what_is_optional_may_be_missing(self, town: Town) -> None:
        """A field that the consumer does not know, at any depth, changes nothing."""
        fact = {"effective_on": f"{DAY}", "name": "a", "number": 1}
        published(town, "a", fact | {"mood": {"good": [True]}, "text": "said"})
        published(town, "a", fact | {"number": 2})
        consumed(town)
        assert town.receiver.heard("a") == [1, 2]
        assert parked(town) == {}

    def test_what_does_not_fit_is_parked(self, town: Town) -> None:
        """A required field that is missing or of another type, and no JSON at all: key by key."""
        fact = {"effective_on": f"{DAY}", "name": "n", "number": 1}
        published(town, "missing", {"effective_on": f"{DAY}", "name": "missing"})
        published(town, "retyped", fact | {"number": {"value": 1}})
        published(town, "broken", b'{"effective_on": ')
        published(town, "nothing", b"")
        published(town, "retyped", fact | {"name": "retyped"})
        published(town, "good", fact | {"name": "good"})
        consumed(town)
        held = parked(town)
        assert {key: each.waiting for key, each in held.items()} == {
            "missing": 1, "retyped": 2, "broken": 1, "nothing": 1,
        }  # fmt: skip
        assert "missing at number" in held["missing"].problem
        assert "int_type at number" in held["retyped"].problem
        assert "json_invalid" in held["broken"].problem
        assert "json_invalid" in held["nothing"].problem
        assert town.receiver.heard("good") == [1]


class TestVersions:
    def test_another_version_of_what_is_answered_waits_for_the_code_that_knows_it(
        self, town: Town
    ) -> None:
        """It is not skipped: its key is parked with both versions named, and retried afterwards."""
        town.sender.count("a", "b")
        town.settle()
        published(town, "a", {"effective_on": f"{DAY}", "name": "a", "word": "two"}, SECOND)
        published(town, "a", {"effective_on": f"{DAY}", "name": "a", "number": 3})
        published(town, "b", {"effective_on": f"{DAY}", "name": "b", "number": 2})
        consumed(town)
        assert (town.receiver.heard("a"), town.receiver.heard("b")) == ([1], [1, 2])
        held = parked(town)
        assert list(held) == ["a"]
        assert held["a"].problem == f"UnknownVersion: {SECOND} came; this code knows {FIRST}"
        with town.receiver.database.engine.connect() as connection:
            waiting = parked_messages(connection, town.sender.topic, "a")
        assert [each.type for each in waiting] == [SECOND, FIRST]

        def in_words(fact: NumberCountedInWords, effects: Any) -> None:
            number = {"two": 2}[fact.word]
            town.receiver.whenever_a_number_is_counted(
                NumberCounted(effective_on=fact.effective_on, name=fact.name, number=number),
                effects,
            )

        upgraded = Reactions(
            "receiver",
            town.receiver.store,
            town.receiver.clock,
            {
                NumberCounted: town.receiver.whenever_a_number_is_counted,
                NumberCountedInWords: in_words,
            },
        )
        topic = town.sender.topic
        assert retry(town.receiver.database, town.reactions, topic=topic, key="a", by="p") == (
            Retried(handled=0, problem=held["a"].problem)
        )
        assert retry(town.receiver.database, upgraded, topic=topic, key="a", by="p") == (
            Retried(handled=2)
        )
        assert town.receiver.heard("a") == [1, 2, 3]

    @ON_ONE_TRANSPORT
    def test_a_name_that_nobody_answers_is_passed_over_in_any_version(self, town: Town) -> None:
        """What the service never acted upon does not become its business."""
        published(town, "a", {"effective_on": f"{DAY}"}, "sender.number-forgotten.v2")
        published(town, "a", b"?", "sender.number-counted-twice.v1")
        published(town, "a", {"effective_on": f"{DAY}", "name": "a", "number": 1})
        consumed(town)
        assert town.receiver.heard("a") == [1]
        assert parked(town) == {}


@ON_ONE_TRANSPORT
class TestWhatNewerCodeWrote:
    """A service's code went back after newer code recorded something that it does not know."""

    def test_stops_the_relay_and_loses_nothing(self, town: Town) -> None:
        """What comes before it is published; then the relay ends, and says where it stands."""
        sender = town.sender
        sender.count("a", "a")
        PostgresEventStore(sender.database.engine, NEWER, sender.clock).append(
            [Append(Stream("hum", uuid4()), 0, [Hummed(effective_on=DAY)])], a_context()
        )
        sender.count("a")
        stopped = Failing(town.relay()).ended()
        assert isinstance(stopped, Unreadable)
        assert (stopped.position, sender.relayed()) == (3, 2)
        assert f"event 3 ({stopped.event_id}) cannot be read by this code: hummed" in str(stopped)
        assert town.numbers_on_topic("a") == [1, 2]
        sender.store = PostgresEventStore(
            sender.database.engine,
            EventTypes(EventType("sender.counted", Counted), EventType("hummed", Hummed)),
            sender.clock,
        )
        town.settle()
        assert town.receiver.heard("a") == [1, 2, 3]

    def test_parks_the_messages_that_are_about_it(self, town: Town) -> None:
        """A reaction that needs the stream waits under its key; others go on."""
        receiver = town.receiver
        PostgresEventStore(receiver.database.engine, NEWER, receiver.clock).append(
            [Append(ear("a"), 0, [Hummed(effective_on=DAY)])], a_context()
        )
        town.sender.count("a", "b")
        town.settle()
        assert receiver.heard("b") == [1]
        held = parked(town)
        assert list(held) == ["a"]
        assert held["a"].problem.startswith("Unreadable: event 1 (")
