"""What the consumer promises, whatever carries the messages."""

import psycopg
import pytest

from shared.kernel.identifiers import derived_id
from shared.messaging import consumer as consumer_module
from shared.messaging.leadership import NoLongerLeading
from shared.messaging.message import Message
from shared.messaging.positions import consumed_positions, consumer_lag
from shared.messaging.transports import postgres as postgres_transport
from tests.integration.messaging.town import (
    DAY,
    Failing,
    Town,
    WordSpoken,
    a_context,
    ear,
    rows,
    running,
    until,
)


class TestTakingEffect:
    def test_everything_once_and_in_order(self, town: Town) -> None:
        """Each message has one effect, and those of a key happen in their order."""
        with running(town.relay()), running(town.consumer()):
            for _ in range(10):
                town.sender.count("a", "b", "c", "d", "e")
            town.wait_until_relayed()
            town.wait_until_consumed()
        assert [town.receiver.heard(key) for key in "abcde"] == [list(range(1, 11))] * 5
        assert len(town.receiver.calls) == 50

    def test_says_why(self, town: Town) -> None:
        """What a reaction appends names the message as its cause and keeps its correlation."""
        town.sender.count("a")
        town.settle()
        [sent] = town.sender.store.tail(0, 10)
        [reaction] = town.receiver.store.load(ear("a"))
        assert reaction.context.command_id == derived_id("reaction", sent.event_id)
        assert reaction.context.causation_id == sent.event_id
        assert reaction.context.correlation_id == sent.context.correlation_id
        assert reaction.context.actor.id == "policy:receiver"

    def test_a_message_delivered_twice(self, town: Town) -> None:
        """A duplicate, in the same batch or later, has no effect."""
        town.sender.count("a", "a", "b")
        town.settle()
        messages = [Message.of(incoming).outgoing() for incoming in town.on_topic()]
        publisher = town.transport.publisher()
        publisher.publish(town.sender.topic, [*messages, *messages])
        publisher.publish(town.sender.topic, messages)
        publisher.close()
        with running(town.consumer()):
            town.wait_until_consumed()
        assert len(town.on_topic()) == 12
        assert (town.receiver.heard("a"), town.receiver.heard("b")) == ([1, 2], [1])
        assert len(town.receiver.calls) == 3

    def test_a_type_that_nobody_answers(self, town: Town) -> None:
        """Unknown messages are passed over, and count as consumed."""
        town.sender.count("a")
        town.settle()
        [incoming] = town.on_topic()
        spoken = WordSpoken(effective_on=DAY)
        [recorded] = town.sender.store.tail(0, 1)
        word = Message.telling(spoken, recorded, source=town.sender.name).outgoing()
        publisher = town.transport.publisher()
        publisher.publish(town.sender.topic, [word])
        publisher.close()
        with running(town.consumer()):
            town.wait_until_consumed()
        assert town.receiver.calls == [("a", 1)]
        assert incoming.key == "a"

    def test_is_woken_by_the_log(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        """A message is consumed when it arrives, not when the next look is due."""
        monkeypatch.setattr(postgres_transport, "POLL_SECONDS", 300.0)
        monkeypatch.setattr(consumer_module, "POLL_SECONDS", 300.0)
        with running(town.relay()), running(town.consumer()) as consumer:
            for number in (1, 2, 3):
                town.sender.count("a")
                until(lambda number=number: len(town.receiver.heard("a")) == number)
            consumer.stop.set()
            town.sender.count("b")
        assert town.receiver.heard("a") == [1, 2, 3]


class TestGoingOn:
    def test_where_it_left_off(self, town: Town) -> None:
        """A consumer that starts again begins with the first message not consumed yet."""
        town.sender.count("a", "b")
        town.settle()
        town.sender.count("a", "b")
        town.settle()
        assert sorted(town.receiver.calls) == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]

    def test_one_at_a_time(self, town: Town) -> None:
        """A second consumer stands by while the first leads."""
        with running(town.relay()), running(town.consumer()):
            town.sender.count("a")
            until(lambda: town.receiver.heard("a") == [1])
            with running(town.consumer()):
                town.sender.count("a", "b")
                town.wait_until_relayed()
                town.wait_until_consumed()
        assert town.receiver.heard("a") == [1, 2]
        assert len(town.receiver.calls) == 3

    def test_a_zombie_is_fenced(self, town: Town) -> None:
        """A consumer whose offset was moved by another takes its effects back, and ends."""
        town.sender.count("a")
        with running(town.relay()):
            town.wait_until_relayed()
            zombie = Failing(town.consumer())
            until(lambda: town.receiver.heard("a") == [1])
            with town.receiver.database.engine.begin() as connection:
                connection.exec_driver_sql(
                    "UPDATE messaging.consumed SET next_offset = next_offset + 1"
                )
            town.sender.count("a")
            assert isinstance(zombie.ended(), NoLongerLeading)
        assert town.receiver.heard("a") == [1]

    def test_when_the_database_fails_the_message_is_not_to_blame(self, town: Town) -> None:
        """A failing database ends the consumer; the message is taken up again, not parked."""
        town.receiver.unbearable = {("a", 2)}
        town.receiver.error = psycopg.OperationalError("the connection was lost")
        town.sender.count("a", "a", "a")
        with running(town.relay()):
            town.wait_until_relayed()
        assert isinstance(Failing(town.consumer()).ended(), psycopg.OperationalError)
        assert rows(town.receiver.database, "SELECT * FROM messaging.parked_key") == []
        town.receiver.unbearable = set()
        town.settle()
        assert town.receiver.heard("a") == [1, 2, 3]


class TestKnowingHowFar:
    def test_lag_and_positions(self, town: Town) -> None:
        """A driver can know that everything is consumed, and a reader what has taken effect."""
        town.settle()
        town.sender.count("a")
        town.sender.mutter()
        town.sender.count("b")
        with running(town.relay()):
            town.wait_until_relayed()
        with town.receiver.database.engine.connect() as connection:
            assert consumer_lag(connection, town.transport) == 2
            assert consumed_positions(connection) == {}
        town.settle()
        with town.receiver.database.engine.connect() as connection:
            assert consumer_lag(connection, town.transport) == 0
            assert consumed_positions(connection) == {town.sender.name: 3}

    def test_a_command_id_of_its_own(self) -> None:
        """Contexts that tests make are not all the same."""
        assert a_context() != a_context()
