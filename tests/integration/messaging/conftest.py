"""Fixtures of the messaging suite: a town of two services, and each transport in turn."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from deploy.topics import create_topics
from shared.kernel.clock import FixedClock
from shared.messaging import consumer, leadership, relay
from shared.messaging.message import topic_of
from shared.messaging.transports.base import Transport
from shared.messaging.transports.kafka import KafkaTransport
from shared.messaging.transports.postgres import PostgresTransport, create_log
from shared.postgres.database import Database
from tests.integration.messaging.town import Receiver, Sender, Town
from tests.support.postgres import ROLE, Databases


@pytest.fixture(autouse=True)
def quick_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops look whether they should stop more often than they would in service."""
    monkeypatch.setattr(relay, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(consumer, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(leadership, "STANDBY_SECONDS", 0.1)


@pytest.fixture
def sender_name() -> str:
    """A service that nobody else has heard of, so that its topic is new on any broker."""
    return f"sender-{uuid4().hex[:12]}"


@pytest.fixture
def log_database(databases: Databases) -> Iterator[str]:
    """The URL of a database that holds the log, as a service's role."""
    administrator = databases.empty()
    create_log(administrator)
    create_log(administrator)
    role = make_url(administrator).set(username=ROLE, password=ROLE)
    yield role.render_as_string(hide_password=False)
    databases.drop(administrator)


@pytest.fixture(params=["postgres", pytest.param("kafka", marks=pytest.mark.kafka)])
def transport(request: pytest.FixtureRequest, sender_name: str) -> Iterator[Transport]:
    """Each transport: what one promises, the other promises."""
    transport: Transport
    if request.param == "kafka":
        bootstrap = request.getfixturevalue("kafka_bootstrap")
        create_topics(bootstrap, [topic_of(sender_name)])
        transport = KafkaTransport(bootstrap)
    else:
        transport = PostgresTransport(request.getfixturevalue("log_database"))
    yield transport
    transport.close()


@pytest.fixture
def town(
    databases: Databases, transport: Transport, sender_name: str, clock: FixedClock
) -> Iterator[Town]:
    """A service that publishes, one that listens, and what carries messages between them."""
    urls = [databases.migrated(), databases.migrated()]
    sender, receiver = (Database(url) for url in urls)
    yield Town(
        transport=transport,
        sender=Sender(sender_name, sender, clock),
        receiver=Receiver(receiver, clock),
    )
    for database, url in zip((sender, receiver), urls, strict=True):
        database.close()
        databases.drop(url)
