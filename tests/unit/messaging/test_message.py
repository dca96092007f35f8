from dataclasses import replace
from datetime import UTC, date, datetime
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis.strategies import datetimes, integers, just, text

from shared.contracts.base import ProjectContract
from shared.eventstore.store import Actor, Context, Recorded, Stream
from shared.kernel.periods import civil_date
from shared.messaging.message import Message, UnreadableMessage, topic_of


class GrantPromised(ProjectContract):
    contract_type: ClassVar[str] = "claims.grant-promised.v1"

    cents: int


PROJECT = UUID("00000000-0000-4000-8000-000000000001")
RECORDED = Recorded(
    position=42,
    event_id=uuid4(),
    stream=Stream("grant", PROJECT),
    version=3,
    type="grant.promised",
    event=None,
    context=Context(
        command_id=uuid4(),
        actor=Actor(id="person-1"),
        correlation_id=uuid4(),
        causation_id=uuid4(),
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ),
    recorded_at=datetime(2024, 3, 10, 6, 30, 1, 250, UTC),
)
PROMISED = GrantPromised(project_id=PROJECT, effective_on=date(2024, 3, 10), cents=10_00)
MESSAGE = Message.telling(PROMISED, RECORDED, source="claims")


class TestAMessage:
    def test_tells_one_event_of_its_service(self) -> None:
        """Its id is the event's, and its cause is the event's cause."""
        assert (MESSAGE.id, MESSAGE.position) == (RECORDED.event_id, 42)
        assert MESSAGE.correlation_id == RECORDED.context.correlation_id
        assert MESSAGE.causation_id == RECORDED.context.causation_id
        assert MESSAGE.key == str(PROJECT)
        assert GrantPromised.model_validate_json(MESSAGE.data) == PROMISED

    def test_survives_the_journey(self) -> None:
        """What is read is what was sent, the civil date on a day of clock change included."""
        sent = MESSAGE.outgoing()
        read = Message.parse(key=sent.key, headers=sent.headers, value=sent.value)
        assert read == MESSAGE

    def test_is_a_cloudevent_in_binary_mode(self) -> None:
        """Attributes are headers with the names that the specification gives them."""
        sent = MESSAGE.outgoing()
        assert dict(sent.headers) == {
            "ce_specversion": b"1.0",
            "ce_id": str(RECORDED.event_id).encode(),
            "ce_source": b"/jalon/claims",
            "ce_type": b"claims.grant-promised.v1",
            "ce_subject": f"grant/{PROJECT}".encode(),
            "ce_time": b"2024-03-10T00:00:00-05:00",
            "content-type": b"application/json",
            "ce_partitionkey": str(PROJECT).encode(),
            "ce_recordedtime": b"2024-03-10T06:30:01.000250+00:00",
            "ce_sequence": b"00000000000000000042",
            "ce_correlationid": str(RECORDED.context.correlation_id).encode(),
            "ce_causationid": str(RECORDED.context.causation_id).encode(),
            "ce_traceparent": b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        }
        assert sent.size > len(sent.value)

    @given(moment=datetimes(timezones=just(UTC)), position=integers(1, 10**18), subject=text())
    def test_reads_the_same_as_the_library(
        self, moment: datetime, position: int, subject: str
    ) -> None:
        """What is read of a record is what CloudEvents' own library reads of it."""
        written = replace(
            MESSAGE, recorded_at=moment, position=position, subject=f"grant/{subject}"
        ).outgoing()
        judged = from_binary(
            KafkaMessage(headers=dict(written.headers), key=written.key, value=written.value),
            JSONFormat(),
        )
        read = Message.parse(key=written.key, headers=written.headers, value=written.value)
        happened = judged.get_time()

        assert happened is not None
        assert [str(read.id), f"/jalon/{read.source}", read.type, read.subject] == [
            judged.get_id(), judged.get_source(), judged.get_type(), judged.get_subject()
        ]  # fmt: skip
        assert read.effective_on == civil_date(happened)
        assert read.recorded_at == datetime.fromisoformat(judged.get_extension("recordedtime"))
        assert f"{read.position:020d}" == judged.get_extension("sequence")
        assert str(read.correlation_id) == judged.get_extension("correlationid")
        assert str(read.causation_id) == judged.get_extension("causationid")
        assert read.traceparent == judged.get_extension("traceparent")

    def test_reads_an_instant_as_the_library_writes_it(self) -> None:
        """Another publisher may write its instants in UTC, with a Z."""
        sent = MESSAGE.outgoing()
        headers = [*sent.headers, ("ce_time", b"2024-03-10T05:00:00Z")]
        read = Message.parse(key=sent.key, headers=headers, value=sent.value)
        assert read == MESSAGE

    @pytest.mark.parametrize("attribute", ["id", "source", "type", "time", "sequence"])
    def test_without_an_attribute_it_cannot_be_read(self, attribute: str) -> None:
        """Nothing is made up for an attribute that is missing."""
        sent = MESSAGE.outgoing()
        headers = [header for header in sent.headers if header[0] != f"ce_{attribute}"]
        with pytest.raises(UnreadableMessage, match=f"no ce_{attribute}"):
            Message.parse(key=sent.key, headers=headers, value=sent.value)

    @pytest.mark.parametrize(
        ("attribute", "value"),
        [
            ("id", b"7"),
            ("source", b"/elsewhere/claims"),
            ("time", b"yesterday"),
            ("time", b"2024-03-10T00:00:00"),
            ("recordedtime", b""),
            ("sequence", b"first"),
            ("specversion", b"0.3"),
            ("correlationid", b"\xff"),
        ],
    )
    def test_with_a_senseless_attribute_it_cannot_be_read(
        self, attribute: str, value: bytes
    ) -> None:
        """An attribute that makes no sense is named, and not repeated."""
        sent = MESSAGE.outgoing()
        headers = [*sent.headers, (f"ce_{attribute}", value)]
        with pytest.raises(UnreadableMessage, match=f"^ce_{attribute} makes no sense$"):
            Message.parse(key=sent.key, headers=headers, value=sent.value)


def test_a_topic_is_named_for_its_service() -> None:
    """One topic per service, with the version of the envelope in its name."""
    assert topic_of("claims") == "jalon.claims.v1"
