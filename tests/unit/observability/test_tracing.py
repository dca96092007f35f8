"""Traces off and on, and what others send as trace context."""

import socket
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from opentelemetry.trace import INVALID_SPAN

from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.store import Actor, Append, CommandRecord, Context, Recorded, Stream
from shared.eventstore.traces import traced as traced_append
from shared.kernel.clock import FixedClock
from shared.kernel.refusals import NotFound
from shared.messaging.message import Message
from shared.messaging.traces import handling, publishing
from shared.messaging.transports.base import Outgoing
from shared.observability import tracing
from shared.projecting.registry import Generation
from shared.projecting.traces import projecting
from tests.support.otlp import Collector, traced
from tests.support.toy import EVENT_TYPES, JarOpened, running_toy

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"
UNSAMPLED = f"00-{TRACE}-{SPAN}-00"
BEGUN_HERE = "03"
"""Flags: it is sampled, and its id is random."""
MALFORMED = [
    "",
    "canary",
    TRACE,
    f"00-{TRACE}-{SPAN}",
    f"00-{TRACE.upper()}-{SPAN}-01",
    f"00-{'0' * 32}-{SPAN}-01",
    f"00-{TRACE}-{'0' * 16}-01",
    f"ff-{TRACE}-{SPAN}-01",
    f"00-{TRACE}-{SPAN}-zz",
    f"00-{TRACE[:-1]}é-{SPAN}-01",
    f"{PARENT}, {PARENT}",
    "00-" * 10_000,
]


@pytest.fixture
def store(clock: FixedClock) -> MemoryEventStore:
    """The toy's events."""
    return MemoryEventStore(EVENT_TYPES, clock)


@pytest.fixture
def collector() -> Iterator[Collector]:
    """Traces are on; everything has come once ``stop_tracing`` was called."""
    with traced() as collector:
        yield collector


def context(traceparent: str | None) -> Context:
    """Why an event is appended."""
    return Context(
        command_id=UUID(int=1),
        actor=Actor(id="p-1"),
        correlation_id=UUID(int=2),
        causation_id=UUID(int=1),
        traceparent=traceparent,
    )


def message(traceparent: str | None) -> Message:
    """A fact on its way."""
    return Message(
        id=UUID(int=3),
        source="intake",
        type="intake.call-opened.v1",
        key="call",
        subject="call/1",
        effective_on=date(2023, 4, 3),
        recorded_at=datetime(2023, 4, 3, 13, tzinfo=UTC),
        position=7,
        correlation_id=UUID(int=2),
        causation_id=UUID(int=1),
        traceparent=traceparent,
        data=b'{"name": "canary"}',
    )


def recorded(position: int, traceparent: str | None) -> Recorded:
    """An event that a projector meets."""
    return Recorded(
        position=position,
        event_id=UUID(int=position),
        stream=Stream("jar", UUID(int=4)),
        version=position,
        type="jar.opened",
        event=None,
        context=context(traceparent),
        recorded_at=datetime(2023, 4, 3, 13, tzinfo=UTC),
    )


def generation(name: str, status: str = "active") -> Generation:
    """One that takes events."""
    return Generation(
        name=name,
        generation=1,
        code_version=1,
        status=status,
        position=0,
        error=None,
        failed_position=None,
        failed_event_id=None,
        serving=status == "active",
    )


class TestOff:
    def test_nothing_is_made_and_what_came_goes_on(self) -> None:
        """Without a collector no span is made, and what a client sent goes on unchanged."""
        assert not tracing.is_on()
        window = [message(PARENT).outgoing()]
        with tracing.span("anything", parent=PARENT) as span:
            assert span is INVALID_SPAN
            assert tracing.traceparent_of(span) is None
        with publishing("topic", window) as published:
            assert published is window
        with handling(message(PARENT)) as traceparent:
            assert traceparent == PARENT
        with projecting() as took:
            took(generation("jars"), [recorded(1, PARENT)])

    def test_what_is_no_trace_context_goes_no_further(self) -> None:
        """A message may come with anything; events of ours do not keep it."""
        with handling(message("canary")) as traceparent:
            assert traceparent is None

    def test_without_an_endpoint_it_stays_off(self) -> None:
        """The setting is optional."""
        tracing.trace_to(None, "toy")
        assert not tracing.is_on()

    def test_an_append_is_as_it_was(self) -> None:
        """The context is the caller's own."""
        given: list[Context] = []
        why = context(PARENT)
        assert appending(given)(None, [Append(Stream("jar", uuid4()), 0, [])], why) == 5
        assert given[0] is why


def appending(given: list[Context]) -> object:
    """An ``append`` that keeps the context it was given."""

    @traced_append
    def append(
        _store: object,
        _appends: object,
        context: Context,
        *,
        command: CommandRecord | None = None,
    ) -> int:
        assert command is None
        given.append(context)
        return 5

    return append


class TestOn:
    def test_an_append_gives_its_events_a_place_below_it(self, collector: Collector) -> None:
        """Events carry the span of their append, and it says streams, counts and positions."""
        given: list[Context] = []
        stream = Stream("jar", UUID(int=4))
        event = JarOpened(effective_on=date(2023, 4, 3), organisation_id=UUID(int=5), limit=None)
        appending(given)(None, [Append(stream, 0, [event])], context(PARENT))
        tracing.stop_tracing()
        span = collector.named("append jar")
        assert (span.trace_id, span.parent_id) == (TRACE, SPAN)
        assert given[0].traceparent == f"00-{TRACE}-{span.span_id}-01"
        assert span.attributes == {
            "jalon.streams": [f"jar-{UUID(int=4)}"],
            "jalon.events": 1,
            "jalon.event_types": ["JarOpened"],
            "jalon.command_id": str(UUID(int=1)),
            "jalon.correlation_id": str(UUID(int=2)),
            "jalon.position": 5,
        }

    @pytest.mark.parametrize("traceparent", [*MALFORMED, None])
    def test_what_cannot_be_read_begins_a_trace(
        self, collector: Collector, traceparent: str | None
    ) -> None:
        """A malformed ``traceparent`` fails nothing, and nothing of it is kept."""
        with tracing.span("work", parent=traceparent) as span:
            below = tracing.traceparent_of(span)
        tracing.stop_tracing()
        seen = collector.named("work")
        assert seen.parent_id == ""
        assert seen.trace_id != TRACE
        assert below == f"00-{seen.trace_id}-{seen.span_id}-{BEGUN_HERE}"

    @pytest.mark.parametrize("sent", [each for each in MALFORMED[:-1] if each.isascii()])
    def test_a_request_with_one_is_answered(
        self,
        collector: Collector,
        store: MemoryEventStore,
        clock: FixedClock,
        tmp_path: Path,
        sent: str,
    ) -> None:
        """The events of a request whose trace context is nonsense carry a trace begun here."""
        with running_toy(store, clock, tmp_path) as toy:
            toy.client.headers["traceparent"] = sent
            toy.open_jar()
        # Leaving the application has handed over its spans.
        span = collector.named("POST /v1/jars")
        assert span.parent_id == ""
        traceparent = store.tail(0, 1)[0].context.traceparent
        assert traceparent == f"00-{span.trace_id}-{span.span_id}-{BEGUN_HERE}"

    def test_a_client_that_does_not_sample_is_not_sampled(self, collector: Collector) -> None:
        """Its decision goes on with the events, and no span is handed over."""
        with (
            handling(message(UNSAMPLED)) as below,
            publishing("topic", [message(UNSAMPLED).outgoing()]) as [published],
            projecting() as took,
        ):
            took(generation("jars"), [recorded(1, UNSAMPLED)])
        tracing.stop_tracing()
        assert collector.spans == []
        assert below is not None
        assert below.startswith(f"00-{TRACE}-")
        assert below.endswith("-00")
        assert traceparent_in(published).endswith("-00")

    def test_an_error_leaves_its_kind_and_not_what_it_says(self, collector: Collector) -> None:
        """What an exception says may be about a person; its class never is."""
        for error in (ValueError("canary"), NotFound(kind="canary")):
            with (
                pytest.raises(type(error)),
                tracing.span(type(error).__name__, parent=None),
            ):
                raise error
        with pytest.raises(OSError, match="canary"), publishing("t", [message(PARENT).outgoing()]):
            raise OSError("canary")
        tracing.stop_tracing()
        kinds = {each.name: each.attributes["error.type"] for each in collector.spans}
        assert kinds == {
            "ValueError": "ValueError",
            "NotFound": "not-found",
            "publish intake.call-opened.v1": "OSError",
        }
        assert all(each.failed for each in collector.spans)
        assert not any(b"canary" in body for body in collector.bodies)

    def test_each_message_is_published_below_its_event(self, collector: Collector) -> None:
        """One span per traced message; one without a trace is published as it is."""
        traced_one, other = message(PARENT).outgoing(), message(None).outgoing()
        with publishing("jalon.intake.v1", [traced_one, other]) as published:
            assert published[1] is other
            assert (published[0].key, published[0].value) == (traced_one.key, traced_one.value)
        tracing.stop_tracing()
        [span] = collector.spans
        assert (span.trace_id, span.parent_id) == (TRACE, SPAN)
        assert traceparent_in(published[0]) == f"00-{TRACE}-{span.span_id}-01"
        assert span.attributes["messaging.destination.name"] == "jalon.intake.v1"
        assert span.attributes["jalon.position"] == 7
        assert published[0].size == traced_one.size

    def test_a_step_of_the_projector_is_one_span_per_append(self, collector: Collector) -> None:
        """Whichever projections took it; one that is only being built is not waited for."""
        batch = [recorded(1, PARENT), recorded(2, PARENT), recorded(3, None)]
        with projecting() as took:
            took(generation("jars"), batch)
            took(generation("lids"), batch[1:])
            took(generation("jars", "building"), batch)
        tracing.stop_tracing()
        [span] = collector.spans
        assert (span.name, span.trace_id, span.parent_id) == ("project", TRACE, SPAN)
        assert span.attributes == {
            "jalon.projections": ["jars", "lids"],
            "jalon.events": 2,
            "jalon.position": 2,
            "jalon.correlation_id": str(UUID(int=2)),
        }

    def test_whoever_supervises_is_not_traced(
        self, collector: Collector, store: MemoryEventStore, clock: FixedClock, tmp_path: Path
    ) -> None:
        """Questions after health come every few seconds and are nobody's command."""
        with running_toy(store, clock, tmp_path) as toy:
            toy.client.get("/health")
            toy.client.get("/v1/nowhere/canary")
            toy.client.get("/v1/jars/broken/defect")
        assert {each.name: each.failed for each in collector.spans} == {
            "GET none": False,
            "GET /v1/jars/broken/defect": True,
        }
        assert not any(b"canary" in body for body in collector.bodies)


def traceparent_in(outgoing: Outgoing) -> str:
    """What a message is below."""
    return dict(outgoing.headers)["ce_traceparent"].decode()


def test_a_collector_that_is_away_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans are lost, and a process ends all the same."""
    monkeypatch.setattr(tracing, "EXPORT_SECONDS", 0.5)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    tracing.trace_to(f"http://127.0.0.1:{port}", "toy")
    began = time.monotonic()
    for _ in range(5_000):
        with tracing.span("work", parent=PARENT):
            pass
    tracing.stop_tracing()
    assert time.monotonic() - began < 5
    assert not tracing.is_on()
