"""What the relay promises, whatever carries the messages."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from shared.messaging import relay as relay_module
from shared.messaging.leadership import NoLongerLeading
from shared.messaging.message import Message
from shared.messaging.transports.base import Outgoing, Publisher, TransportFailed
from tests.integration.messaging.town import DAY, Failing, Town, rows, running, until


class Dying:
    """A publisher that dies when everything is sent and nothing is noted yet."""

    def __init__(self, publisher: Publisher) -> None:
        self.window_bytes = publisher.window_bytes
        self._publisher = publisher

    def publish(self, topic: str, window: Sequence[Outgoing]) -> None:
        """Publish, in its own way."""
        self._publisher.publish(topic, window)
        raise TransportFailed("killed between sending and noting it")

    def close(self) -> None:
        """Let go."""
        self._publisher.close()


class Pausing:
    """A publisher that stands still before it sends, as a paused process would."""

    def __init__(self, publisher: Publisher) -> None:
        self.window_bytes = publisher.window_bytes
        self.reached = threading.Event()
        self.goes_on = threading.Event()
        self._publisher = publisher

    def publish(self, topic: str, window: Sequence[Outgoing]) -> None:
        """Publish, in its own way."""
        self.reached.set()
        assert self.goes_on.wait(60)
        self._publisher.publish(topic, window)

    def close(self) -> None:
        """Let go."""
        self._publisher.close()


class Weighing:
    """A publisher that notes the size of its windows."""

    def __init__(self, publisher: Publisher, window_bytes: int) -> None:
        self.window_bytes = window_bytes
        self.sizes: list[list[int]] = []
        self._publisher = publisher

    def publish(self, topic: str, window: Sequence[Outgoing]) -> None:
        """Publish, in its own way."""
        self.sizes.append([outgoing.size for outgoing in window])
        self._publisher.publish(topic, window)

    def close(self) -> None:
        """Let go."""
        self._publisher.close()


class TestPublishing:
    def test_keeps_the_order_of_each_key(self, town: Town) -> None:
        """Per key, the order on the topic is the order in which it happened."""
        for _ in range(12):
            town.sender.count("a", "b", "c", "d")
        with running(town.relay()):
            town.wait_until_relayed()
        assert [town.numbers_on_topic(key) for key in "abcd"] == [list(range(1, 13))] * 4

    def test_tells_what_was_recorded(self, town: Town) -> None:
        """The envelope says which event of which service it was, when, and why."""
        town.sender.count("a")
        with running(town.relay()):
            town.wait_until_relayed()
        [incoming] = town.on_topic()
        [recorded] = town.sender.store.tail(0, 10)
        message = Message.of(incoming)
        assert message == Message(
            id=recorded.event_id,
            source=town.sender.name,
            type="sender.number-counted.v1",
            key="a",
            subject=f"count/{recorded.stream.id}",
            effective_on=DAY,
            recorded_at=datetime(2023, 4, 3, 13, 0, tzinfo=UTC),
            position=1,
            correlation_id=recorded.context.correlation_id,
            causation_id=recorded.context.causation_id,
            data=message.data,
        )

    def test_leaves_out_what_is_private(self, town: Town) -> None:
        """An event without a contract is passed over, and counts as relayed."""
        town.sender.mutter()
        town.sender.count("a")
        town.sender.mutter()
        with running(town.relay()):
            town.wait_until_relayed()
        assert town.sender.relayed() == 3
        assert len(town.on_topic()) == 1

    def test_caps_a_window_by_its_bytes(self, town: Town) -> None:
        """A window is never larger than what the transport takes whole, but for one record."""
        town.sender.count("a", "b", "c")
        town.sender.count("d", text="long" * 1_000)
        town.sender.count("e")
        publisher = Weighing(town.transport.publisher(), window_bytes=2_000)
        with running(town.sender.relay(publisher)):
            town.wait_until_relayed()
        assert [len(sizes) for sizes in publisher.sizes] == [2, 1, 1, 1]
        assert all(sum(sizes) <= 2_000 or len(sizes) == 1 for sizes in publisher.sizes)
        assert [town.numbers_on_topic(key) for key in "abcde"] == [[1]] * 5

    def test_is_woken_by_the_store(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        """An append is published when it is notified, not when the next look is due."""
        monkeypatch.setattr(relay_module, "POLL_SECONDS", 300.0)
        with running(town.relay()) as process:
            until(lambda: rows(town.sender.database, "SELECT 1 FROM messaging.relay") != [])
            for number in (1, 2, 3):
                town.sender.count("a")
                until(lambda number=number: town.sender.relayed() == number)
            process.stop.set()
            town.sender.mutter()
        assert town.numbers_on_topic("a") == [1, 2, 3]


class TestLeading:
    def test_one_at_a_time(self, town: Town) -> None:
        """A second relay stands by while the first leads, and takes over when it ends."""
        town.sender.count("a")
        with running(town.relay()):
            town.wait_until_relayed()
            with running(town.relay()) as second:
                town.sender.count("a")
                town.wait_until_relayed()
                assert rows(town.sender.database, "SELECT epoch FROM messaging.relay") == [(1,)]
            assert second.error is None
        with running(town.relay()):
            town.sender.count("a")
            town.wait_until_relayed()
        assert rows(town.sender.database, "SELECT epoch FROM messaging.relay") == [(2,)]
        assert town.numbers_on_topic("a") == [1, 2, 3]

    def test_a_crash_between_sending_and_noting_it_repeats_but_loses_nothing(
        self, town: Town
    ) -> None:
        """What was sent and not noted is sent again; it takes effect once."""
        town.sender.count("a", "a", "b")
        failed = Failing(town.sender.relay(Dying(town.transport.publisher())))
        assert isinstance(failed.ended(), TransportFailed)
        assert town.sender.relayed() == 0
        town.settle()
        assert town.numbers_on_topic("a") == [1, 2, 1, 2]
        assert town.receiver.heard("a") == [1, 2]
        assert town.receiver.heard("b") == [1]
        assert sorted(town.receiver.calls) == [("a", 1), ("a", 2), ("b", 1)]

    def test_a_zombie_is_fenced(self, town: Town) -> None:
        """A leader that lost its lock while paused may repeat itself, but moves nothing back."""
        town.sender.count("a", "a")
        publisher = Pausing(town.transport.publisher())
        zombie = Failing(town.sender.relay(publisher))
        assert publisher.reached.wait(30)
        cut_advisory_locks(town)
        with running(town.relay()):
            town.wait_until_relayed()
            town.sender.count("a", "a")
            town.wait_until_relayed()
            publisher.goes_on.set()
            assert isinstance(zombie.ended(), NoLongerLeading)
            assert town.sender.relayed() == 4
        assert town.numbers_on_topic("a") == [1, 2, 3, 4, 1, 2]
        with running(town.consumer()):
            town.wait_until_consumed()
        assert town.receiver.heard("a") == [1, 2, 3, 4]

    def test_an_idle_leader_that_lost_its_lock_ends(self, town: Town) -> None:
        """When the connection that holds the lock is cut, the relay does not go on without it."""
        idle = Failing(town.relay())
        until(lambda: rows(town.sender.database, "SELECT 1 FROM messaging.relay") != [])
        cut_advisory_locks(town)
        assert idle.ended() is not None


def cut_advisory_locks(town: Town) -> None:
    """End the connections that hold advisory locks in the sender's database."""
    ended = rows(
        town.sender.database,
        "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON oid = database"
        " WHERE locktype = 'advisory' AND datname = current_database()",
    )
    assert ended == [(True,)]
