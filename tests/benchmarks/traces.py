"""
What traces cost per event: off, where they must be next to free, and on.

The relay's window, the handling of a message, a step of the projector and an append, each around
work that does nothing, so that what is left is the cost of the trace. Spans go over HTTP to a
collector in a process of its own, which throws them away.
"""

import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import UUID

from shared.eventstore.store import Actor, Append, CommandRecord, Context, Recorded, Stream
from shared.eventstore.traces import traced
from shared.messaging.message import Message
from shared.messaging.traces import handling, publishing
from shared.observability.tracing import stop_tracing, trace_to
from shared.projecting.registry import Generation
from shared.projecting.traces import projecting

EVENTS = 500
"""As many as one window of the relay, and one transaction of the consumer."""
RUNS = 15
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-{:016x}-01"

STREAM = Stream("jar", UUID(int=4))
GENERATION = Generation(
    name="jars",
    generation=1,
    code_version=1,
    status="active",
    position=0,
    serving=True,
    error=None,
    failed_position=None,
    failed_event_id=None,
)


def _context(number: int) -> Context:
    return Context(
        command_id=UUID(int=1),
        actor=Actor(id="p-1"),
        correlation_id=UUID(int=2),
        causation_id=UUID(int=1),
        traceparent=TRACEPARENT.format(number),
    )


def _message(number: int) -> Message:
    return Message(
        id=UUID(int=number),
        source="toy",
        type="toy.jar-opened.v1",
        key="jar",
        subject=f"jar/{STREAM.id}",
        effective_on=date(2023, 4, 3),
        recorded_at=datetime(2023, 4, 3, 13, tzinfo=UTC),
        position=number,
        correlation_id=UUID(int=2),
        causation_id=UUID(int=1),
        traceparent=TRACEPARENT.format(number),
        data=b"{}",
    )


def _recorded(number: int) -> Recorded:
    return Recorded(
        position=number,
        event_id=UUID(int=number),
        stream=STREAM,
        version=number,
        type="jar.opened",
        event=None,
        context=_context(number),
        recorded_at=datetime(2023, 4, 3, 13, tzinfo=UTC),
    )


MESSAGES = [_message(number) for number in range(1, EVENTS + 1)]
WINDOW = [message.outgoing() for message in MESSAGES]
BATCH = [_recorded(number) for number in range(1, EVENTS + 1)]
CONTEXTS = [_context(number) for number in range(1, EVENTS + 1)]
APPENDS = [Append(STREAM, 0, [])]


def _publish() -> None:
    with publishing("jalon.toy.v1", WINDOW):
        pass


def _handle() -> None:
    for message in MESSAGES:
        with handling(message):
            pass


def _project() -> None:
    with projecting() as took:
        took(GENERATION, BATCH)


@traced
def _appended(
    _store: object,
    _appends: Sequence[Append],
    _context: Context,
    *,
    command: CommandRecord | None = None,
) -> int:
    return 0 if command is None else 1


def _append() -> None:
    for context in CONTEXTS:
        _appended(None, APPENDS, context)


STEPS: dict[str, Callable[[], None]] = {
    "publish": _publish,
    "handle": _handle,
    "project": _project,
    "append": _append,
}


def measure() -> dict[str, tuple[float, float]]:
    """Microseconds per event by step, off and on: medians of ``RUNS``, of processor time."""
    off = {name: _microseconds(step) for name, step in STEPS.items()}
    with _collector() as url:
        trace_to(url, "toy")
        on = {name: _microseconds(step) for name, step in STEPS.items()}
        stop_tracing()
    return {name: (off[name], on[name]) for name in STEPS}


def _microseconds(step: Callable[[], None]) -> float:
    step()
    samples = []
    for _ in range(RUNS):
        began = time.process_time()
        step()
        samples.append((time.process_time() - began) / EVENTS * 1e6)
    return statistics.median(samples)


class _Discards(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing is said."""


def _serve(ports: Any) -> None:
    server = HTTPServer(("127.0.0.1", 0), _Discards)
    ports.put(server.server_port)
    server.serve_forever()


@contextmanager
def _collector() -> Iterator[str]:
    processes = multiprocessing.get_context("spawn")
    ports: Any = processes.Queue()
    process = processes.Process(target=_serve, args=(ports,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ports.get()}"
    finally:
        process.kill()
        process.join()


def report(results: dict[str, tuple[float, float]]) -> str:
    """The figures as a Markdown table."""
    lines = ["| step | off, µs an event | on, µs an event |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {off:.2f} | {on:.1f} |" for name, (off, on) in results.items()]
    return "\n".join(lines)
