"""
Where commands are handed in (the desk) and questions are asked (the counter).

``Annotated[Desk, Depends(at_desk("payer"))]`` is all that an endpoint needs: who asks, under which
command id, and a way to carry a command out once.
"""

import hashlib
import re
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from fastapi import Request, Response
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from pydantic import BaseModel
from sqlalchemy import Connection, Engine

from shared.eventstore.commands import Outcome, answered_before, carry_out
from shared.eventstore.folds import AnyFolds, Folds
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Context, Event, EventStore, Stream
from shared.kernel.clock import Clock
from shared.kernel.decider import Decider
from shared.kernel.identifiers import derived_id
from shared.kernel.periods import civil_date
from shared.kernel.refusals import NotFound
from shared.postgres.database import Database
from shared.projecting.projection import Projection
from shared.projecting.reading import ReadModels
from shared.web.auth import NEED_SECOND_FACTOR, ROLES, UUID_PATTERN, Caller, Tokens
from shared.web.edge import Trace
from shared.web.interoperable import must_be_interoperable
from shared.web.refusals import HeaderUnreadable, IdempotencyKeyMissing, TooBusy

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E", bound=Event)

READING = frozenset({"GET", "HEAD"})

_ETAG = re.compile(r'"(\d{1,18})"')
_POSITION = re.compile(r"\d{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """What every endpoint of one service stands on; made once by ``create_app``."""

    store: EventStore
    clock: Clock
    read_models: ReadModels | None
    tokens: Tokens
    database: Database | None = None
    """For the durable tables that a service keeps beside its events."""
    folds: Folds = field(default_factory=Folds)
    """States folded for earlier requests."""

    @property
    def engine(self) -> Engine:
        """The engine of the service's database."""
        if self.database is None:
            raise RuntimeError("this application was made without a database")
        return self.database.engine


class CommandAnswer(BaseModel):
    """What a command led to. Read the thing itself with a GET."""

    id: UUID
    """The thing that was made or changed."""
    version: int
    """Its version; also in the ``ETag`` header, for ``If-Match``."""
    position: int
    """The service's position; pass it as ``X-Jalon-Min-Position`` to read your own write."""


class Desk:
    """One command, handed in by one caller."""

    def __init__(
        self,
        *,
        counter: Counter,
        caller: Caller,
        context: Context,
        request_hash: bytes,
        expected_version: int | None,
        response: Response,
        received: datetime,
        body: bytes = b"",
    ) -> None:
        self.caller = caller
        self.context = context
        self.body = body
        """What was sent, as it was sent; endpoints that take JSON have it read for them."""
        self.store = counter.store
        self.request_hash = request_hash
        """SHA-256 of what was asked, by whom and where."""
        self.expected_version = expected_version
        """The version the caller saw (``If-Match``)."""
        self.folds: AnyFolds = counter.folds
        """States folded for earlier requests, for decisions that span streams."""
        self._counter = counter
        self._clock = counter.clock
        self._received = received
        self._response = response

    @contextmanager
    def transaction(self) -> Generator[Connection, None, None]:
        """
        One transaction for the service's own tables and for what is carried out meanwhile.

        Within it ``store`` is bound to the connection that it gives, and ``folds`` to it: what a
        transaction has appended may yet be undone.
        """
        store, folds = self.store, self.folds
        if not isinstance(store, PostgresEventStore):
            raise TypeError("a store in memory has no transactions")
        with (
            self._counter.folds.in_transaction() as ours,
            self._counter.engine.begin() as connection,
        ):
            self.store, self.folds = store.bound_to(connection), ours
            try:
                yield connection
            finally:
                self.store, self.folds = store, folds

    @property
    def command_id(self) -> UUID:
        """The client's ``Idempotency-Key``."""
        return self.context.command_id

    @cached_property
    def now(self) -> datetime:
        """
        The instant at which the command had arrived, the same however often it is asked.

        What waits for a thread or for a connection is not late for that.
        """
        return self._clock.at(self._received)

    @property
    def today(self) -> date:
        """The civil date in Toronto."""
        return civil_date(self.now)

    def new_id(self, kind: str) -> UUID:
        """The id of the ``kind`` of thing this command makes: asking twice gives the same."""
        return derived_id(kind, self.command_id)

    def carry_out(self, decider: Decider[C, S, E], stream: Stream, command: C) -> CommandAnswer:
        """Decide and append, once per ``Idempotency-Key``, and honouring ``If-Match``."""
        return self.answer(
            carry_out(
                self.store,
                decider,
                stream,
                command,
                self.context,
                request_hash=self.request_hash,
                expected_version=self.expected_version,
                folds=self.folds,
            )
        )

    def answered_before(self) -> CommandAnswer | None:
        """The answer given when this command was carried out before; for several streams."""
        outcome = answered_before(self.store, self.context, self.request_hash)
        return None if outcome is None else self.answer(outcome)

    def answer(self, outcome: Outcome) -> CommandAnswer:
        """The answer for an outcome, with its headers."""
        self._response.headers["ETag"] = etag(outcome.version)
        self._response.headers["X-Jalon-Position"] = str(outcome.position)
        return CommandAnswer(
            id=outcome.stream.id, version=outcome.version, position=outcome.position
        )

    def created_at(self, path: str) -> None:
        """Answer 201 with the place where the new thing is to be found."""
        self._response.status_code = 201
        self._response.headers["Location"] = path

    @contextmanager
    def view(
        self, projection: Projection, *, at_head: bool = True
    ) -> Generator[Connection, None, None]:
        """
        A connection on the projection's tables, which have seen all that is recorded now.

        For what a decision needs to know of other streams; where what happened a moment ago
        matters less than an answer now, not ``at_head``. Raises ``ViewIsBehind``.
        """
        if self._counter.read_models is None:
            raise RuntimeError("this application was made without read models")
        head = self.store.head() if at_head else None
        with self._counter.read_models.reading(projection, min_position=head) as connection:
            yield connection

    def state(self, decider: Decider[C, S, E], stream: Stream) -> S:
        """The state of something that exists. Raises ``NotFound``."""
        return _existing(self.folds, self.store, decider, stream)[0]


class Reader:
    """One question, asked by one caller."""

    def __init__(
        self, *, counter: Counter, caller: Caller, min_position: int | None, response: Response
    ) -> None:
        self.caller = caller
        self.store = counter.store
        self.min_position = min_position
        """The position the answer must have seen (``X-Jalon-Min-Position``)."""
        self._clock = counter.clock
        self._folds = counter.folds
        self._read_models = counter.read_models
        self._counter = counter
        self._response = response

    @cached_property
    def now(self) -> datetime:
        """The present instant."""
        return self._clock.now()

    @property
    def today(self) -> date:
        """The civil date in Toronto."""
        return civil_date(self.now)

    @contextmanager
    def view(self, projection: Projection) -> Generator[Connection, None, None]:
        """A connection on the projection's tables, which have seen what the caller asks for."""
        if self._read_models is None:
            raise RuntimeError("this application was made without read models")
        with self._read_models.reading(projection, min_position=self.min_position) as connection:
            yield connection

    @contextmanager
    def tables(self) -> Generator[Connection, None, None]:
        """A connection on the durable tables that the service keeps beside its events."""
        with self._counter.engine.connect() as connection:
            yield connection

    def one_of_many(self, decider: Decider[C, S, E], stream: Stream) -> S:
        """The state of something that exists, for a list: without ``ETag``. Raises ``NotFound``."""
        return _existing(self._folds, self.store, decider, stream)[0]

    def state(self, decider: Decider[C, S, E], stream: Stream) -> tuple[S, int]:
        """State and version of something that exists, with its ``ETag``. Raises ``NotFound``."""
        state, version = _existing(self._folds, self.store, decider, stream)
        self._response.headers["ETag"] = etag(version)
        return state, version


def _existing(
    folds: AnyFolds, store: EventStore, decider: Decider[C, S, E], stream: Stream
) -> tuple[S, int]:
    """The state and the version of something that exists. Raises ``NotFound``."""
    state, version = folds.state(store, decider, stream)
    if version == 0:
        raise NotFound(kind=stream.type)
    return state, version


def etag(version: int) -> str:
    """The strong entity tag of a version."""
    return f'"{version}"'


class _Door(SecurityBase):
    """A dependency that lets certain roles in; also the security scheme in OpenAPI."""

    scheme_name = "bearer"
    model = HTTPBearer(bearerFormat="JWT", description="A token of the organisation's issuer.")
    also_answers: Mapping[str, str] = {}  # read only
    """What it answers beside what every door does: a status, and when."""

    def __init__(self, roles: tuple[str, ...]) -> None:
        unknown = set(roles) - ROLES
        if unknown or not roles:
            raise ValueError(f"not roles: {sorted(unknown)}")
        self.roles = roles

    async def caller(self, request: Request, roles: tuple[str, ...]) -> Caller:
        """Who asks, acting in one of these roles."""
        counter: Counter = request.app.state.counter
        return (await counter.tokens.caller(request.headers.get("authorization"))).allowed(roles)

    @property
    def sentence(self) -> str:
        """Who may come in, for the documentation."""
        names = [
            f"{role} (second factor)" if role in NEED_SECOND_FACTOR else role
            for role in sorted(self.roles)
        ]
        return f"For: {', '.join(names)}."


class AtDesk(_Door):
    """The dependency behind ``at_desk``."""

    async def __call__(self, request: Request, response: Response) -> Desk:
        """Let the caller hand in one command."""
        counter: Counter = request.app.state.counter
        headers = request.headers
        caller = await self.caller(request, self.roles)
        command_id = _command_id(headers.get("idempotency-key"))
        body = await request.body()
        self.check(body)
        trace: Trace = request.scope["jalon.trace"]
        return Desk(
            counter=counter,
            caller=caller,
            context=Context(
                command_id=command_id,
                actor=caller.as_actor(),
                correlation_id=trace.correlation_id,
                causation_id=command_id,
                traceparent=trace.traceparent,
            ),
            request_hash=_hash_of(request, caller, body),
            expected_version=_expected_version(headers.get("if-match")),
            response=response,
            received=request.scope["jalon.received"],
            body=body,
        )

    def check(self, body: bytes) -> None:
        """Refuse a body that nobody behind this desk could keep."""
        must_be_interoperable(body)


class AtFileDesk(AtDesk):
    """The dependency behind ``at_file_desk``."""

    def __init__(
        self, roles: tuple[str, ...], *, body_bytes: int, media_types: tuple[str, ...]
    ) -> None:
        super().__init__(roles)
        self.body_bytes = body_bytes
        self.media_types = media_types

    def check(self, body: bytes) -> None:
        """A file is read by who asked for it."""


class AtCounter(_Door):
    """The dependency behind ``at_counter``."""

    async def __call__(self, request: Request, response: Response) -> Reader:
        """Let the caller ask one question."""
        counter: Counter = request.app.state.counter
        headers = request.headers
        roles = (*self.roles, "auditor") if request.method in READING else self.roles
        return Reader(
            counter=counter,
            caller=await self.caller(request, roles),
            min_position=_min_position(headers.get("x-jalon-min-position")),
            response=response,
        )


class Visitor:
    """One question of somebody who does not say who they are; nothing comes of it."""

    def __init__(self, *, counter: Counter) -> None:
        self.store = counter.store
        self._clock = counter.clock
        self._folds = counter.folds

    @cached_property
    def now(self) -> datetime:
        """The present instant."""
        return self._clock.now()

    def state(self, decider: Decider[C, S, E], stream: Stream) -> S:
        """The state of something that exists. Raises ``NotFound``."""
        return _existing(self._folds, self.store, decider, stream)[0]


class AtOpenDoor:
    """
    The dependency behind ``at_open_door``.

    It stands beside the operations as the only way in without a token. Visitors take at most
    ``places`` of the requests that one process has under way, so that they cannot keep out those
    who have one; how often one address may ask is for the reverse proxy in front to say.
    """

    sentence = "For everyone: no token is needed, and nothing is kept."

    def __init__(self, places: int) -> None:
        self.places = places
        self._taken = 0

    async def __call__(self, request: Request) -> AsyncGenerator[Visitor, None]:
        """Let a visitor ask one question. Raises ``TooBusy``."""
        if self._taken >= self.places:
            raise TooBusy
        self._taken += 1
        try:
            must_be_interoperable(await request.body())
            yield Visitor(counter=request.app.state.counter)
        finally:
            self._taken -= 1


def at_open_door(*, places: int) -> AtOpenDoor:
    """For questions of anybody, without a token, at most ``places`` at a time."""
    return AtOpenDoor(places)


def at_desk(*roles: str) -> AtDesk:
    """For commands of people in one of these roles."""
    return AtDesk(roles)


def at_file_desk(*roles: str, body_bytes: int, media_types: tuple[str, ...] = ()) -> AtFileDesk:
    """
    For commands whose body is a file of at most so many bytes: ``desk.body``.

    ``media_types`` are what its ``Content-Type`` may be; none: any.
    """
    return AtFileDesk(roles, body_bytes=body_bytes, media_types=media_types)


def at_counter(*roles: str) -> AtCounter:
    """For questions of people in one of these roles, and of auditors."""
    return AtCounter(roles)


def _command_id(key: str | None) -> UUID:
    if key is None:
        raise IdempotencyKeyMissing(field="Idempotency-Key", accepted="UUID")
    if not UUID_PATTERN.fullmatch(key):
        raise HeaderUnreadable(header="Idempotency-Key", field="Idempotency-Key", accepted="UUID")
    return UUID(key)


def _expected_version(if_match: str | None) -> int | None:
    if if_match is None:
        return None
    # One strong tag: a version seen weakly, or one of several, is not what a decision stands on.
    tag = _ETAG.fullmatch(if_match.strip())
    if tag is None:
        raise HeaderUnreadable(header="If-Match", field="If-Match", accepted='"<version>"')
    return int(tag[1])


def _min_position(position: str | None) -> int | None:
    if position is None:
        return None
    if not _POSITION.fullmatch(position):
        header = "X-Jalon-Min-Position"
        raise HeaderUnreadable(header=header, field=header, accepted={"at_least": 0})
    return int(position)


def _hash_of(request: Request, caller: Caller, body: bytes) -> bytes:
    asked = hashlib.sha256()
    for part in (request.method, str(request.url.path), request.url.query, caller.id):
        # Lengths keep the parts apart: ("ab", "c") is another request than ("a", "bc").
        encoded = part.encode("utf-8", "surrogateescape")
        asked.update(len(encoded).to_bytes(8) + encoded)
    asked.update(body)
    return asked.digest()
