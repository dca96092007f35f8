"""What happens to a message that cannot be handled, whatever carries the messages."""

import threading

import pytest

from shared.kernel.refusals import NotFound
from shared.messaging.message import Message
from shared.messaging.parking import (
    DiscardNeedsReason,
    ParkedKey,
    ParkedMessage,
    Retried,
    discard,
    parked_keys,
    parked_messages,
    retry,
)
from shared.messaging.receiving import MOST_PARKED_KEYS, TooManyParkedKeys
from shared.messaging.transports.base import Outgoing
from tests.integration.messaging.town import Failing, Town, rows, running, until


def parked(town: Town) -> list[ParkedKey]:
    with town.receiver.database.engine.connect() as connection:
        return parked_keys(connection)


def waiting(town: Town, key: str) -> list[ParkedMessage]:
    with town.receiver.database.engine.connect() as connection:
        return parked_messages(connection, town.sender.topic, key)


def retry_key(town: Town, key: str) -> Retried:
    return retry(
        town.receiver.database,
        town.reactions,
        topic=town.sender.topic,
        key=key,
        by="operator-1",
    )


class TestParking:
    def test_holds_back_its_key_and_no_other(self, town: Town) -> None:
        """Later messages of a failing key queue behind it; other keys go on."""
        town.receiver.unbearable = {("a", 2)}
        for _ in range(3):
            town.sender.count("a", "b")
        town.settle()
        town.sender.count("a", "b")
        town.settle()
        assert town.receiver.heard("a") == [1]
        assert town.receiver.heard("b") == [1, 2, 3, 4]
        [key] = parked(town)
        assert (key.topic, key.key, key.waiting) == (town.sender.topic, "a", 3)
        assert key.problem == "ValueError"
        assert [(each.problem, each.attempts) for each in waiting(town, "a")] == [
            ("ValueError", 1),
            (None, 0),
            (None, 0),
        ]

    def test_takes_back_what_the_failing_message_did(self, town: Town) -> None:
        """Of a reaction that fails nothing stays."""
        town.receiver.unbearable = {("a", 1)}
        town.sender.count("a")
        town.settle()
        assert ("a", 1) in town.receiver.calls
        assert town.receiver.store.head() == 0

    def test_a_duplicate_is_not_parked_again(self, town: Town) -> None:
        """A parked message that is delivered again waits once."""
        town.receiver.unbearable = {("a", 1)}
        town.sender.count("a", "a")
        town.settle()
        again = [Message.of(incoming).outgoing() for incoming in town.on_topic()]
        publisher = town.transport.publisher()
        publisher.publish(town.sender.topic, again)
        publisher.close()
        with running(town.consumer()):
            town.wait_until_consumed()
        assert len(waiting(town, "a")) == 2

    def test_a_record_that_cannot_be_read(self, town: Town) -> None:
        """What is not a message of ours is parked as it came, and can only be discarded."""
        publisher = town.transport.publisher()
        strange = Outgoing(key="a", headers=[("ce_id", b"7")], value=b"?")
        publisher.publish(town.sender.topic, [strange])
        publisher.close()
        town.sender.count("a", "b")
        town.settle()
        [first, second] = waiting(town, "a")
        assert (first.type, first.value) == (None, b"?")
        assert first.problem is not None
        assert first.problem == "UnreadableMessage: no ce_specversion"
        assert second.problem is None
        assert town.receiver.heard("b") == [1]
        assert retry_key(town, "a").problem == first.problem
        discard(town.receiver.database, first.id, reason="sent by hand", by="operator-1")
        assert retry_key(town, "a") == Retried(handled=1)
        assert town.receiver.heard("a") == [1]

    def test_too_many_parked_keys_stop_the_consumer(self, town: Town) -> None:
        """When many keys fail it is not their messages: the consumer stops until that is cured."""
        keys = [f"k{number}" for number in range(MOST_PARKED_KEYS + 2)]
        town.receiver.unbearable = {(key, 1) for key in keys}
        town.sender.count(*keys)
        with running(town.relay()):
            town.wait_until_relayed()
        assert isinstance(Failing(town.consumer()).ended(), TooManyParkedKeys)
        assert len(parked(town)) == MOST_PARKED_KEYS + 1
        assert isinstance(Failing(town.consumer()).ended(), TooManyParkedKeys)
        town.receiver.unbearable = set()
        for key in parked(town):
            assert retry_key(town, key.key).problem is None
        town.settle()
        assert [town.receiver.heard(key) for key in keys] == [[1]] * len(keys)


class TestRetrying:
    def test_handles_what_waits_in_order(self, town: Town) -> None:
        """Once the cause is cured, what waited takes effect in order and the key is free."""
        town.receiver.unbearable = {("a", 1)}
        town.sender.count("a", "a", "a")
        town.settle()
        town.receiver.unbearable = set()
        assert retry_key(town, "a") == Retried(handled=3)
        town.sender.count("a")
        town.settle()
        assert town.receiver.heard("a") == [1, 2, 3, 4]
        assert parked(town) == []
        assert (
            rows(
                town.receiver.database,
                "SELECT outcome, resolved_by FROM messaging.parked_message ORDER BY id",
            )
            == [("handled", "operator-1")] * 3
        )

    def test_stops_at_the_first_that_still_fails(self, town: Town) -> None:
        """What fails again keeps its place; the attempt is counted and nothing of it stays."""
        town.receiver.unbearable = {("a", 1)}
        town.sender.count("a", "a", "a")
        town.settle()
        town.receiver.unbearable = {("a", 2)}
        town.receiver.error = LookupError("not there either")
        assert retry_key(town, "a") == Retried(handled=1, problem="LookupError")
        assert town.receiver.heard("a") == [1]
        [second, third] = waiting(town, "a")
        assert (second.attempts, third.attempts) == (1, 0)
        assert parked(town)[0].problem == "LookupError"

    def test_a_key_that_is_not_parked(self, town: Town) -> None:
        """There is nothing to retry for a key that goes on."""
        with pytest.raises(NotFound):
            retry_key(town, "a")

    def test_beside_a_running_consumer(self, town: Town) -> None:
        """Messages that arrive while a key is retried are neither lost, doubled nor overtaking."""
        town.receiver.unbearable = {("a", 1)}
        with running(town.relay()), running(town.consumer()):
            town.sender.count("a")
            until(lambda: len(parked(town)) == 1)
            town.receiver.unbearable = set()
            counting = threading.Thread(target=lambda: [town.sender.count("a") for _ in range(60)])
            counting.start()
            assert retry_key(town, "a").problem is None
            counting.join()
            town.wait_until_relayed()
            town.wait_until_consumed()
        assert parked(town) == []
        assert town.receiver.heard("a") == list(range(1, 62))


class TestDiscarding:
    def test_is_kept_with_its_reason(self, town: Town) -> None:
        """Who gave a message up, and why, stays on record; what waited behind it can go on."""
        town.receiver.unbearable = {("a", 1)}
        town.sender.count("a", "a")
        town.settle()
        [first, _] = waiting(town, "a")
        discard(town.receiver.database, first.id, reason="agreed by phone", by="operator-1")
        assert [key.waiting for key in parked(town)] == [1]
        assert retry_key(town, "a") == Retried(handled=1)
        assert town.receiver.heard("a") == [2]
        assert rows(
            town.receiver.database,
            "SELECT outcome, reason, resolved_by FROM messaging.parked_message ORDER BY id",
        ) == [("discarded", "agreed by phone", "operator-1"), ("handled", None, "operator-1")]

    def test_of_the_last_message_frees_the_key(self, town: Town) -> None:
        """When nothing waits any more, later messages of the key take effect at once."""
        town.receiver.unbearable = {("a", 1)}
        town.sender.count("a")
        town.settle()
        [only] = waiting(town, "a")
        discard(town.receiver.database, only.id, reason="a test", by="operator-1")
        assert parked(town) == []
        town.sender.count("a")
        town.settle()
        assert town.receiver.heard("a") == [2]
        with pytest.raises(NotFound):
            discard(town.receiver.database, only.id, reason="again", by="operator-1")

    def test_needs_a_reason(self, town: Town) -> None:
        """Nothing is given up without saying why."""
        with pytest.raises(DiscardNeedsReason):
            discard(town.receiver.database, 1, reason=" ", by="operator-1")
