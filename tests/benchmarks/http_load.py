"""
A client that asks over a number of connections, each as soon as it was answered before.

It speaks just enough HTTP/1.1 on plain sockets, so that it takes little of the processors from the
server that it measures.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import cast

import uvloop

GRACE_SECONDS = 30.0
_PROCESSES = get_context("spawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is asked of a server, and how."""

    port: int
    connections: int
    seconds: float
    paths: tuple[str, ...]
    """One of them is taken by chance for each request."""
    token: str
    body: bytes


@dataclass(slots=True)
class Answers:
    """What came back."""

    seconds: float = 0.0
    """From the first request to the last answer."""
    milliseconds: list[float] = field(default_factory=list)
    """One for each answer."""
    refused: int = 0
    """Answers other than 200."""


def ask(load: Load) -> Answers:
    """Ask from a process of its own."""
    with _PROCESSES.Pool(1) as pool:
        # An error in a callback of the loop would otherwise be waited for without end.
        return pool.apply_async(_ask, (load,)).get(load.seconds + GRACE_SECONDS)


def _ask(load: Load) -> Answers:
    return uvloop.run(_over_all_connections(load))


async def _over_all_connections(load: Load) -> Answers:
    loop = asyncio.get_running_loop()
    answers = Answers()
    began = time.perf_counter()
    asking = [
        _Asking(load, answers, until=began + load.seconds, done=loop.create_future())
        for _ in range(load.connections)
    ]
    for each in asking:
        await loop.create_connection(_protocol(each), "127.0.0.1", load.port)
    await asyncio.gather(*(each.done for each in asking))
    answers.seconds = time.perf_counter() - began
    return answers


def _protocol(asking: "_Asking") -> "Callable[[], _Asking]":
    return lambda: asking


class _Asking(asyncio.Protocol):
    """One connection."""

    def __init__(
        self, load: Load, answers: Answers, *, until: float, done: "asyncio.Future[None]"
    ) -> None:
        self.done = done
        self._load = load
        self._answers = answers
        self._until = until
        self._chance = random.Random()  # noqa: S311  # a load, not a secret
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None
        self._rest = (
            f"Host: 127.0.0.1:{load.port}\r\nAuthorization: Bearer {load.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(load.body)}\r\n\r\n"
        ).encode() + load.body

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < _length_in(head):
            return
        self._received = b""
        now = time.perf_counter()
        self._answers.milliseconds.append((now - self._sent_at) * 1_000)
        if not head.startswith(b"HTTP/1.1 200"):
            self._answers.refused += 1
        if now < self._until:
            self._send()
        elif self._transport is not None:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._sent_at and time.perf_counter() < self._until:
            self.done.set_exception(exc or ConnectionError("the server closed the connection"))
        else:
            self.done.set_result(None)

    def _send(self) -> None:
        path = self._chance.choice(self._load.paths)
        key = self._chance.getrandbits(128)
        text = f"{key:032x}"
        key_text = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        self._sent_at = time.perf_counter()
        if self._transport is not None:
            self._transport.write(
                f"PUT {path} HTTP/1.1\r\nIdempotency-Key: {key_text}\r\n".encode() + self._rest
            )


def _length_in(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
