import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter

from shared.eventstore.memory import MemoryEventStore
from shared.kernel.clock import FixedClock
from shared.web.edge import Edge, Limits, Trace
from tests.support.toy import Toy, running_toy

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("application/vnd.jalon+json", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
        ("application/jsonp", 415),
    ],
)
def test_bodies_are_json(toy: Toy, content_type: str, status: int) -> None:
    """A body of another type is not guessed at."""
    headers = toy.headers() | {"Content-Type": content_type}
    body = b'{"amount": {"cents": 1}}'
    response = toy.client.put(f"{toy.open_jar()}/money", content=body, headers=headers)
    assert response.status_code == status


def test_bodies_are_not_compressed(toy: Toy) -> None:
    """A compressed body could be far larger than it looks."""
    headers = toy.headers(Content_Encoding="gzip") | {"Content-Type": "application/json"}
    response = toy.client.put(f"{toy.open_jar()}/money", content=b"{}", headers=headers)
    assert (response.status_code, response.json()["code"]) == (415, "content-type-unknown")


@pytest.fixture
def small(store: MemoryEventStore, clock: FixedClock, tmp_path: Path) -> Iterator[Toy]:
    """The toy with small limits."""
    limits = Limits(body_bytes=1000, concurrent_requests=2)
    with running_toy(store, clock, tmp_path / "issuer", limits=limits) as toy:
        yield toy


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large(small: Toy, chunked: bool) -> None:
    """A body beyond the limit is refused with the limit, whether or not its length was said."""
    headers = small.headers() | {"Content-Type": "application/json"}
    body = b'{"note": "' + b"x" * 1000 + b'"}'
    content: Any = iter([body[:600], body[600:]]) if chunked else body
    response = small.client.post("/v1/jars", content=content, headers=headers)
    assert (response.status_code, response.json()["code"]) == (413, "body-too-large")
    assert "1000 bytes" in response.json()["detail"]


async def _nothing(_scope: Any, _receive: Any, send: Callable[[Any], Any]) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _ask(edge: Edge, *messages: dict[str, Any], headers: Any = ()) -> list[dict[str, Any]]:
    """What an edge sends for these messages, after which nothing comes any more."""
    waiting = list(messages)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.sleep(3600)
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(dict(message))

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": list(headers),
    }
    await edge(scope, receive, send)
    return sent


def test_a_body_that_never_ends() -> None:
    """A client that sends its body too slowly does not hold its place for ever."""
    edge = Edge(_nothing, Limits(body_seconds=0.01))
    sent = asyncio.run(_ask(edge, {"type": "http.request", "body": b"{", "more_body": True}))
    assert sent[0]["status"] == 408


def test_a_client_that_leaves() -> None:
    """Nobody is answered when nobody listens."""
    assert asyncio.run(_ask(Edge(_nothing, Limits()), {"type": "http.disconnect"})) == []


@pytest.mark.parametrize("length", [b"9" * 5_000, b"1048577"])
def test_a_length_that_is_too_large(length: bytes) -> None:
    """A declared length beyond the limit is refused before anything is read."""
    sent = asyncio.run(_ask(Edge(_nothing, Limits()), headers=[(b"content-length", length)]))
    assert sent[0]["status"] == 413


def test_more_requests_than_are_answered_at_once(
    store: MemoryEventStore, clock: FixedClock, tmp_path: Path
) -> None:
    """One too many is told to come back; supervisors are answered still."""
    inside, leave = threading.Semaphore(0), threading.Event()
    router = APIRouter()

    @router.get("/slow")
    def slow() -> bool:
        inside.release()
        return leave.wait(10)

    limits = Limits(concurrent_requests=2)
    with (
        running_toy(store, clock, tmp_path / "keys", limits=limits, routers=[router]) as toy,
        ThreadPoolExecutor(2) as pool,
    ):
        under_way = [pool.submit(toy.client.get, "/slow") for _ in range(2)]
        for _ in under_way:
            assert inside.acquire(timeout=10)
        refused = toy.client.get("/v1/jars", headers=toy.headers())
        health = toy.client.get("/health")
        leave.set()
        assert (refused.status_code, refused.json()["code"]) == (503, "too-busy")
        assert refused.headers["Retry-After"] == "1"
        assert health.status_code == 200
        assert [each.result().status_code for each in under_way] == [200, 200]
        assert toy.client.get("/v1/jars", headers=toy.headers()).status_code == 200


KEY = uuid4()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-correlation-id": str(KEY)}, KEY),
        ({"x-correlation-id": str(KEY), "traceparent": TRACEPARENT}, KEY),
        ({"traceparent": TRACEPARENT, "idempotency-key": str(KEY)}, UUID(TRACE)),
        ({"idempotency-key": str(KEY)}, KEY),
        ({"x-correlation-id": "nonsense", "idempotency-key": str(KEY)}, KEY),
        ({"traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01", "idempotency-key": str(KEY)}, KEY),
    ],
)
def test_which_chain_a_request_belongs_to(headers: dict[str, str], expected: UUID) -> None:
    """The client's correlation, else its trace, else its command; what is not valid is ignored."""
    raw = {name.encode(): value.encode() for name, value in headers.items()}
    assert Trace.of(raw).correlation_id == expected


def test_the_chain_is_kept_with_the_events(toy: Toy, store: MemoryEventStore) -> None:
    """Events say which command, trace and person they come from, and answers say the chain."""
    body = {"organisation_id": str(toy.organisation_id), "limit": {"cents": 1}}
    headers = toy.headers("applicant", key=KEY, traceparent=TRACEPARENT)
    response = toy.client.post("/v1/jars", json=body, headers=headers)
    assert response.headers["X-Correlation-Id"] == str(UUID(TRACE))
    context = store.tail(0, 1)[0].context
    assert context.command_id == context.causation_id == KEY
    assert context.correlation_id == UUID(TRACE)
    assert context.traceparent == TRACEPARENT
    assert context.actor.id == "person-1"
    assert context.actor.organisation_id == toy.organisation_id
    assert context.actor.amr == ("pwd", "otp")


def test_answers_are_not_kept_by_caches(toy: Toy) -> None:
    """What is private to a caller is stored by nobody on the way."""
    response = toy.client.get("/v1/jars", headers=toy.headers())
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
