"""The worker as it runs: what intake tells, what it hears, and the views it keeps."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.intake import worker
from shared.contracts.selection import ApplicationDeclined
from shared.messaging.consumer import Consumer
from shared.messaging.message import Message, topic_of
from shared.messaging.positions import consumed_positions
from shared.messaging.transports.base import Partition
from shared.messaging.transports.postgres import PostgresTransport, create_log
from shared.settings import ServiceSettings
from tests.integration.intake.conftest import Office
from tests.integration.intake.test_intake import APPLICANT, OFFICER, forwarded

pytestmark = pytest.mark.postgres

PATIENCE_SECONDS = 20.0


@contextmanager
def running(settings: ServiceSettings) -> Iterator[None]:
    """All loops of the worker, until the end of the block."""
    stop = threading.Event()
    loops = worker.build(settings)._loops
    threads = [threading.Thread(target=loop.run, args=(stop,)) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for loop in loops:
            if isinstance(loop, Consumer):  # the process would end here, and its connections
                loop._transport.close()
                loop._database.close()


def until(happened: Callable[[], bool]) -> None:
    """Wait until it has happened."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def consumed(office: Office) -> dict[str, int]:
    """How far intake has heard, per service."""
    with office.database.engine.connect() as connection:
        return consumed_positions(connection)


def test_what_is_told_and_heard(
    office: Office, settings: ServiceSettings, empty_database: str, application_id: str
) -> None:
    """Intake publishes what was forwarded, and records what selection publishes about it."""
    path = forwarded(office, application_id)
    create_log(empty_database)
    transport = PostgresTransport(empty_database)
    told = Partition(topic_of("intake"), 0)
    with running(settings.model_copy(update={"log_database_url": empty_database})):
        until(lambda: transport.ends([told.topic])[told] > 0)
        reader = transport.reader({told: 0})
        messages = [Message.of(incoming) for incoming in reader.poll(limit=10, timeout=1.0)]
        reader.close()
        assert [(message.type, message.key) for message in messages] == [
            ("intake.programme-published.v1", "IND-P1"),
            ("intake.application-forwarded.v1", application_id),
        ]
        decline = ApplicationDeclined(
            effective_on=date(2023, 5, 20),
            project_id=UUID(application_id),
            meeting_id=UUID(int=8),
            reasons=("Weak",),
        )
        answer = Message(
            id=UUID(int=9),
            source="selection",
            type=decline.contract_type,
            key=decline.key,
            subject="meeting/8",
            effective_on=decline.effective_on,
            recorded_at=datetime(2023, 5, 20, tzinfo=UTC),
            position=4,
            correlation_id=UUID(int=10),
            causation_id=UUID(int=11),
            data=decline.model_dump_json().encode(),
        )
        publisher = transport.publisher()
        publisher.publish(topic_of("selection"), [answer.outgoing()])
        publisher.close()
        until(lambda: consumed(office) == {"selection": 4})
    transport.close()
    assert office.see(APPLICANT, path)["stage"] == "declined"
    [line] = office.see(OFFICER, "/v1/applications?stage=declined")["items"]
    assert line["id"] == application_id
    assert office.client.get("/ready").json()["ready"]
