"""A consumer that was away for a week, and one for whom the topic kept too little."""

from datetime import timedelta
from typing import Any

import pytest
from kafka import KafkaAdminClient, TopicPartition
from sqlalchemy import text

from deploy import republishing
from deploy.republishing import RelayGoesOn, republish
from shared.checkup import Finding, findings_of
from shared.eventstore.effects import Effects
from shared.eventstore.store import Append, Stream
from shared.kernel.identifiers import derived_id
from shared.messaging.consumer import Consumer
from shared.messaging.leadership import NoLongerLeading
from shared.messaging.transports.base import TransportFailed
from shared.process import Parts
from tests.integration.messaging.town import (
    DAY,
    Counted,
    Failing,
    NumberCounted,
    Town,
    a_context,
    rows,
    running,
    until,
)
from tests.support.postgres import NO_SERVICE, Databases

KEYS, DAYS, OF_A_KEY_ON_A_DAY = 50, 7, 10
MESSAGES = KEYS * DAYS * OF_A_KEY_ON_A_DAY


def consumer_of(town: Town) -> Finding:
    """What the doctor says of the consumer."""
    receiver = town.receiver
    parts = Parts(database=receiver.database, clock=receiver.clock, store=receiver.store)
    found = findings_of(NO_SERVICE, parts, [], town.transport)
    return next(each for each in found if each.name == "consumer")


def owners(town: Town, databases: Databases) -> dict[str, str]:
    return {
        name: databases.as_administrator(database.url.render_as_string(hide_password=False))
        for name, database in (
            (town.sender.name, town.sender.database),
            ("receiver", town.receiver.database),
        )
    }


@pytest.mark.kafka
@pytest.mark.parametrize("transport", ["kafka"], indirect=True)
def test_a_week_behind(town: Town) -> None:
    """3,500 messages of seven days take effect once each, in the order of their keys."""
    town.sender.count("before")
    town.settle()
    clock: Any = town.sender.clock
    for day in range(DAYS):
        clock.instant += timedelta(days=1)
        for number in range(KEYS):
            key, already = f"k{number}", day * OF_A_KEY_ON_A_DAY
            town.sender.store.append(
                [
                    Append(
                        Stream("count", derived_id("count", key)),
                        already,
                        [
                            Counted(effective_on=DAY, key=key, number=already + each)
                            for each in range(1, OF_A_KEY_ON_A_DAY + 1)
                        ],
                    )
                ],
                a_context(),
            )
    with running(town.relay()):
        town.wait_until_relayed()
    behind = consumer_of(town)
    assert (behind.ok, behind.waiting, behind.seconds) == (False, MESSAGES, 6 * 24 * 3600.0)
    assert behind.said == f"{MESSAGES} messages to come, the oldest for 518400 s"

    with town.receiver.database.engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA heard"))
        connection.execute(text("CREATE TABLE heard.number (nth serial, key text, number integer)"))

    def keep(fact: NumberCounted, effects: Effects) -> None:
        # Nothing but the inbox keeps it from coming twice.
        effects.connection.exec_driver_sql(
            "INSERT INTO heard.number (key, number) VALUES (%s, %s)", (fact.name, fact.number)
        )

    receiver = town.receiver
    consumer = Consumer(
        "receiver", receiver.database, receiver.store, receiver.clock,
        [town.sender.topic], {NumberCounted: keep}, town.transport,
    )  # fmt: skip
    with running(consumer):
        town.wait_until_caught_up()
    found = rows(
        receiver.database,
        "SELECT key, array_agg(number ORDER BY nth) FROM heard.number GROUP BY key",
    )
    each = list(range(1, DAYS * OF_A_KEY_ON_A_DAY + 1))
    assert dict(found) == {f"k{n}": each for n in range(KEYS)}
    assert consumer_of(town) == Finding(name="consumer", ok=True, said="0 messages to come")


@pytest.mark.kafka
@pytest.mark.parametrize("transport", ["kafka"], indirect=True)
def test_what_the_topic_no_longer_has(
    town: Town, databases: Databases, kafka_bootstrap: str
) -> None:
    """
    It stops loudly and reads nothing that came later; published again, all takes effect in order.

    The relay and the consumers that are at work meanwhile end, and go on when started again.
    """
    town.sender.count("a", "b", "a")
    town.settle()
    town.sender.count("a", "b", "a")
    with running(town.relay()):
        town.wait_until_relayed()
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    gone = town.transport.ends([town.sender.topic])
    admin.delete_records({TopicPartition(*at): end for at, end in gone.items()})
    admin.close()
    town.sender.count("a", "b")
    with running(town.relay()):
        town.wait_until_relayed()
    stopped = Failing(town.consumer()).ended()
    assert isinstance(stopped, TransportFailed)
    assert "OffsetOutOfRange" in str(stopped)
    assert town.receiver.heard("a") == [1, 2]
    found = consumer_of(town)
    assert not found.ok
    assert found.said.startswith("5 messages to come, and the next cannot be read: ")

    relay = Failing(town.relay())
    until(lambda: rows(town.sender.database, "SELECT epoch FROM messaging.relay") == [(4,)])
    republish(owners(town, databases), town.sender.name, town.transport)
    assert isinstance(relay.ended(), NoLongerLeading)
    with running(town.relay()), running(town.consumer()):
        until(lambda: town.receiver.heard("a") == [1, 2, 3, 4, 5])
        until(lambda: town.receiver.heard("b") == [1, 2, 3])
        town.sender.count("a")
        until(lambda: town.receiver.heard("a") == [1, 2, 3, 4, 5, 6])
    assert consumer_of(town).ok


@pytest.mark.parametrize("transport", ["postgres"], indirect=True)
def test_a_relay_that_does_not_end(
    town: Town, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is changed under the hands of a relay that does not notice."""
    monkeypatch.setattr(republishing, "RELAY_ENDS_SECONDS", 1)
    town.sender.count("a")
    town.settle()
    consumed = "SELECT next_offset FROM messaging.consumed"
    with town.sender.database.connect() as session:
        session.execute(f"SELECT pg_advisory_lock({republishing.LOCK})", ["relay"])
        with pytest.raises(RelayGoesOn, match="stop its worker"):
            republish(owners(town, databases), town.sender.name, town.transport)
    assert town.sender.relayed() == 1
    assert rows(town.receiver.database, consumed) == [(1,)]
