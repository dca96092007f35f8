"""One factory makes the HTTP application of every service, so that all answer alike."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import sqlalchemy.exc
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.documents.scanning import scanner_at
from shared.eventstore.store import EventStore, Unreadable, VersionConflict
from shared.kernel.clock import Clock
from shared.kernel.periods import InvalidQuarter
from shared.kernel.refusals import Refusal
from shared.observability.tracing import stop_tracing
from shared.postgres.clock import SimulatedClock
from shared.postgres.database import Database
from shared.postgres.migrate import at_newest
from shared.projecting.reading import ReadModels
from shared.settings import ServiceSettings
from shared.web import openapi, problems, validation
from shared.web.auth import KeySet, Tokens
from shared.web.desk import Counter
from shared.web.edge import Edge, Limits
from shared.web.handbook import handbook
from shared.web.language import language_of
from shared.web.operations import Check, Positions, operations, simulated_clock
from shared.web.refusals import (
    BodyNotJson,
    Contended,
    DependencyDown,
    HistoryUnreadable,
    HttpRefusal,
    MethodUnknown,
    PathUnknown,
    QuarterOutOfReach,
)

log = logging.getLogger(__name__)


def create_app(
    service: str,
    *,
    settings: ServiceSettings,
    database: Database | None,
    store: EventStore,
    clock: Clock,
    read_models: ReadModels | None,
    routers: Sequence[APIRouter],
    title: str,
    description: str,
    checks: Mapping[str, Check] | None = None,
    positions: Positions | None = None,
    limits: Limits | None = None,
) -> FastAPI:
    """
    The application of one service.

    ``checks`` are asked by ``/ready``, after those of the database; ``positions`` is shown by
    ``/positions``, beside the head. ``database`` and ``read_models`` may be None where a store in
    memory is all there is. The database is closed when the process is told to stop.
    """

    @asynccontextmanager
    async def until_stopped(_app: FastAPI) -> AsyncIterator[None]:
        yield
        if database is not None:
            database.close()
        # Here, for uvicorn then ends the process by the signal that it was sent.
        stop_tracing()

    app = FastAPI(
        title=title,
        description=description,
        docs_url="/docs" if settings.mode == "embedded" else None,  # it loads scripts from afar
        redoc_url=None,
        lifespan=until_stopped,
    )
    app.state.counter = Counter(
        store=store,
        clock=clock,
        read_models=read_models,
        tokens=_tokens(settings),
        database=database,
    )
    app.state.scanner = scanner_at(settings.clamd)
    for router in routers:
        app.include_router(router)
    database_checks = {} if database is None else _checks_of(database, service)
    all_checks = {**database_checks, **(checks or {})}
    app.include_router(operations(service, store=store, checks=all_checks, positions=positions))
    if settings.mode == "embedded" and isinstance(clock, SimulatedClock):
        app.include_router(simulated_clock(clock))
    app.include_router(handbook())
    for kind in _ANTICIPATED:
        app.add_exception_handler(kind, _refuse)
    openapi.describe(app)
    app.add_middleware(
        Edge,
        limits=limits or Limits(body_bytes=settings.body_limit_bytes),
        files=openapi.file_places(app),
    )
    return app


def _tokens(settings: ServiceSettings) -> Tokens:
    if settings.jwks_file is not None:
        keys = KeySet.of_file(settings.jwks_file)
    elif settings.jwks_url is not None:
        keys = KeySet.of_url(settings.jwks_url)
    else:
        raise ValueError("the issuer's public keys are needed")
    return Tokens(issuer=settings.jwt_issuer, audience=settings.jwt_audience, keys=keys)


class _NotAtNewestRevision(RuntimeError):
    """The database and the code do not fit."""


def _checks_of(database: Database, service: str) -> dict[str, Callable[[], None]]:
    def answers() -> None:
        with database.autocommit.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    def is_migrated() -> None:
        with database.engine.connect() as connection:
            if not at_newest(connection, service):
                raise _NotAtNewestRevision

    return {"database": answers, "migrations": is_migrated}


_ANTICIPATED: tuple[type[Exception], ...] = (
    Refusal,
    Unreadable,
    RequestValidationError,
    HTTPException,
    VersionConflict,
    InvalidQuarter,
    psycopg.OperationalError,
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.TimeoutError,
)


async def _refuse(request: Request, exception: Exception) -> Response:
    """The answer to anything anticipated; the edge answers the rest."""
    status: int | None = None
    headers: Mapping[str, str] | None = None
    if isinstance(exception, Unreadable):
        # Where newer code runs beside this, another process can answer; an operator must know.
        log.error("history unreadable", exc_info=exception)
    if isinstance(exception, HTTPException):
        status, headers = exception.status_code, exception.headers
    return problems.answer(
        _refusal_for(exception),
        language=language_of(request.headers.get("accept-language")),
        instance=request.url.path,
        status=status,
        headers=headers,
    )


def _refusal_for(exception: Exception) -> Refusal:
    match exception:
        case Refusal():
            return exception
        case RequestValidationError():
            errors: Sequence[Mapping[str, Any]] = exception.errors()
            return validation.refusal_of(errors)
        case HTTPException():
            return _HTTP_REFUSALS.get(exception.status_code, HttpRefusal)()
        case _:
            # Where it is none of these the database does not answer, or is out of connections.
            return _SAID_BY.get(type(exception), DependencyDown)()


_SAID_BY: Mapping[type[Exception], type[Refusal]] = {
    VersionConflict: Contended,
    InvalidQuarter: QuarterOutOfReach,
    Unreadable: HistoryUnreadable,
}


_HTTP_REFUSALS: Mapping[int, type[Refusal]] = {
    400: BodyNotJson,  # what FastAPI raises for a body that it cannot read
    404: PathUnknown,
    405: MethodUnknown,
}
