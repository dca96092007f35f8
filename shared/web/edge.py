"""
The outermost layer of every service: limits, the correlation id, and answers to what went wrong.

Plain ASGI: it costs microseconds per request and leaves no task behind.
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from shared.kernel.clock import SystemClock
from shared.kernel.refusals import Refusal
from shared.observability import tracing
from shared.observability.logs import correlation
from shared.observability.metrics import count_request, route_of
from shared.web import problems
from shared.web.auth import UUID_PATTERN
from shared.web.language import language_of
from shared.web.refusals import (
    BodyTooLarge,
    BodyTooSlow,
    ContentTypeUnknown,
    FileTypeUnknown,
    PathUnknown,
    SomethingBroke,
    TextUnstorable,
    TooBusy,
)
from shared.web.traces import begin_request, end_request

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

ALWAYS_ANSWERED = frozenset({"/health", "/ready", "/positions"})
"""Paths that answer under any load: whoever supervises us must be able to ask."""

_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one process takes on."""

    body_bytes: int = 1_048_576
    body_seconds: float = 30.0
    """In how much time a body must have arrived."""
    concurrent_requests: int = 64
    """How many requests may be under way at once; one more is answered 503."""
    concurrent_files: int = 4
    """How many of them may bring a file, which is kept in memory while it is read."""
    file_seconds: float = 120.0
    """In how much time a file must have arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlace:
    """An endpoint whose body is a file and not JSON."""

    path: re.Pattern[str]
    body_bytes: int
    media_types: tuple[str, ...]
    """What its ``Content-Type`` may be; none: any, for what it is shows in its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Which chain of commands a request belongs to."""

    correlation_id: UUID
    traceparent: str | None = None
    """The W3C trace context, if the client sent a valid one."""

    @classmethod
    def of(cls, headers: dict[bytes, bytes]) -> "Trace":
        """
        The client's ``X-Correlation-Id`` if it is a UUID, else its trace id, else its command.

        One that is not valid is ignored: it is a convenience, not a promise.
        """
        parent = headers.get(b"traceparent", b"").decode("latin-1")
        trace = _TRACEPARENT.fullmatch(parent)
        chosen = _uuid(headers.get(b"x-correlation-id"))
        if chosen is None and trace is not None:
            chosen = UUID(trace[1])
        if chosen is None:
            chosen = _uuid(headers.get(b"idempotency-key")) or uuid4()
        return cls(correlation_id=chosen, traceparent=parent if trace else None)


class Edge:
    """
    Wraps the application of one service.

    It notes as ``jalon.received`` the instant of the machine's clock at which a request had arrived
    with its whole body, before anything waits for a thread, a key or a connection: whatever is due
    by an instant was in time when it had arrived, however long its answer takes.
    """

    def __init__(self, app: App, limits: Limits, files: Sequence[FilePlace] = ()) -> None:
        self._app = app
        self._limits = limits
        self._files = files
        self._clock = SystemClock()
        self._under_way = 0
        self._files_under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        trace = Trace.of(headers)
        span = None
        if tracing.is_on() and scope["path"] not in ALWAYS_ANSWERED:
            # Those are asked every few seconds, for nobody's command.
            span = begin_request(scope, trace.correlation_id, parent=trace.traceparent)
            trace = replace(trace, traceparent=tracing.traceparent_of(span))
        scope["jalon.trace"] = trace
        token = correlation.set(trace.correlation_id)
        started = time.perf_counter()
        answer = _Answer(send, trace.correlation_id)
        try:
            if self._under_way < self._limits.concurrent_requests:
                self._under_way += 1
                try:
                    await self._carry_on(scope, headers, receive, answer)
                finally:
                    self._under_way -= 1
            elif scope["path"] in ALWAYS_ANSWERED:
                await self._app(scope, receive, answer)
            else:
                await _refuse(TooBusy(), scope, headers, receive, answer)
        finally:
            took = time.perf_counter() - started
            if span is not None:
                end_request(span, scope, answer.status)
            count_request(scope, answer.status, took)
            if log.isEnabledFor(logging.INFO):
                fields = {
                    "method": scope["method"],
                    "path": _path_of(scope),
                    "status": answer.status,
                    "milliseconds": round(took * 1000, 2),
                }
                log.info("request answered", extra=fields)
            correlation.reset(token)

    async def _carry_on(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, answer: "_Answer"
    ) -> None:
        try:
            _must_be_text(scope)
            place = self._file_place(scope)
            if place is not None:
                await self._take_file(place, scope, headers, receive, answer)
                return
            if scope["method"] in {"POST", "PUT", "PATCH", "DELETE"}:
                body = await self._json(headers, receive)
                if body is None:
                    return  # the client has gone
                receive = _once(body, receive)
            scope["jalon.received"] = self._clock.now()
            await self._app(scope, receive, answer)
        except Refusal as refusal:
            await _refuse(refusal, scope, headers, receive, answer)
        except Exception:
            fields = {"method": scope["method"], "path": _path_of(scope)}
            log.exception("request failed", extra=fields)
            if answer.status is not None:
                raise  # too late to say anything else
            broke = SomethingBroke(correlation_id=correlation.get())
            await _refuse(broke, scope, headers, receive, answer)

    def _file_place(self, scope: Scope) -> FilePlace | None:
        if scope["method"] != "POST":
            return None
        return next((each for each in self._files if each.path.fullmatch(scope["path"])), None)

    async def _take_file(
        self,
        place: FilePlace,
        scope: Scope,
        headers: dict[bytes, bytes],
        receive: Receive,
        answer: "_Answer",
    ) -> None:
        """Let a file in, of which only few are kept in memory at once."""
        if self._files_under_way >= self._limits.concurrent_files:
            raise TooBusy
        self._files_under_way += 1
        try:
            _must_be_file_of(place, headers)
            body = await _read(
                headers, receive, limit=place.body_bytes, seconds=self._limits.file_seconds
            )
            if body is not None:
                scope["jalon.received"] = self._clock.now()
                await self._app(scope, _once(body, receive), answer)
        finally:
            self._files_under_way -= 1

    async def _json(self, headers: dict[bytes, bytes], receive: Receive) -> bytes | None:
        """The whole body, which is small; None when the client leaves before its end."""
        limits = self._limits
        body = await _read(headers, receive, limit=limits.body_bytes, seconds=limits.body_seconds)
        if body and not _is_json(headers):
            raise ContentTypeUnknown(field="Content-Type", accepted=["application/json"])
        return body


async def _read(
    headers: dict[bytes, bytes], receive: Receive, *, limit: int, seconds: float
) -> bytes | None:
    """The whole body; None when the client leaves before its end."""
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and (len(declared) > 18 or int(declared) > limit):
        raise BodyTooLarge(limit=limit, accepted={"at_most": limit})
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                if len(body) > limit:
                    raise BodyTooLarge(limit=limit, accepted={"at_most": limit})
                more = message.get("more_body", False)
    except TimeoutError:
        raise BodyTooSlow(seconds=seconds) from None
    return bytes(body)


class _Answer:
    """The way out: adds what every answer carries, and knows whether one has begun."""

    def __init__(self, send: Send, correlation_id: UUID) -> None:
        self._send = send
        self._headers = [
            (b"x-correlation-id", str(correlation_id).encode()),
            (b"x-content-type-options", b"nosniff"),
        ]
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), *self._headers]
            if not any(name == b"cache-control" for name, _ in headers):
                # Answers are about people's money and may be private to them.
                headers.append((b"cache-control", b"no-store"))
            message["headers"] = headers
        await self._send(message)


async def _refuse(
    refusal: Refusal, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send
) -> None:
    language = language_of(headers.get(b"accept-language", b"").decode("latin-1"))
    response = problems.answer(refusal, language=language, instance=scope["path"])
    await response(scope, receive, send)


def _path_of(scope: Scope) -> str:
    """
    The path for the log: words of the route, ids and numbers.

    Whatever else somebody writes into an address may be the name of a person.
    """
    words = route_of(scope).split("/")
    return "/".join(
        part
        if not part or part in words or part.isdecimal() or UUID_PATTERN.fullmatch(part)
        else "…"
        for part in scope["path"].split("/")
    )


def _must_be_text(scope: Scope) -> None:
    """PostgreSQL keeps no null character, so nothing may be asked for by one."""
    if "\x00" in scope["path"]:
        raise PathUnknown
    if b"%00" in scope["query_string"] or b"\x00" in scope["query_string"]:
        raise TextUnstorable


def _is_json(headers: dict[bytes, bytes]) -> bool:
    return _is_plain(headers) and _JSON.fullmatch(_media_type_of(headers)) is not None


def _must_be_file_of(place: FilePlace, headers: dict[bytes, bytes]) -> None:
    accepted = place.media_types
    if not _is_plain(headers) or (accepted and _media_type_of(headers).lower() not in accepted):
        raise FileTypeUnknown(
            field="Content-Type", accepted=list(accepted), types=", ".join(accepted) or "*/*"
        )


def _media_type_of(headers: dict[bytes, bytes]) -> str:
    """The media type that a request says its body is of, without parameters."""
    return headers.get(b"content-type", b"").partition(b";")[0].strip().decode("latin-1")


def _is_plain(headers: dict[bytes, bytes]) -> bool:
    """A compressed body could be far larger than it looks."""
    return headers.get(b"content-encoding", b"identity").strip().lower() == b"identity"


def _once(body: bytes, receive: Receive) -> Receive:
    """The body that was read, then whatever comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _uuid(value: bytes | None) -> UUID | None:
    text = (value or b"").decode("latin-1")
    return UUID(text) if UUID_PATTERN.fullmatch(text) else None
