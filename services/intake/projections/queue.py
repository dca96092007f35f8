"""
What waits for officers: submitted applications that are not yet before their committee.

An application joins at its submission and leaves when it is ineligible, withdrawn, returned or
forwarded. What was asked and found before its last submission no longer counts here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    FromClause,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    func,
    select,
    tuple_,
)

from services.intake.domain.application_events import ApplicationStarted, ApplicationSubmitted
from services.intake.domain.review import BLOCKING
from services.intake.domain.review_events import (
    FindingCorrected,
    FindingRecorded,
    FindingResolved,
    InformationMarkedOverdue,
    InformationRequestClosed,
    InformationRequested,
    InformationSupplied,
    OfficerAssigned,
    ThemeConcluded,
    ThemeReopened,
)
from services.intake.projections.application_status import STAGES
from shared.eventstore.store import Recorded
from shared.projecting.projection import Add, Change, Delta, Insert, Projection

NAME = "queue"
_METADATA = MetaData()

WAITING = ("submitted", "eligible", "assessed")
"""The stages at which an application waits for officers."""

APPLICATION = Table(
    "application",
    _METADATA,
    Column("application_id", Uuid, primary_key=True),
    Column("programme_code", Text, nullable=False),
    Column("call_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("lead_organisation_id", Uuid, nullable=False),
    Column("stage", Text, nullable=False),
    Column("stage_since", Date, nullable=False),
    Column("submitted_on", Date),
    Column("submitted_at_position", BigInteger, nullable=False),
    Column("officer_id", Text),
    Column("themes_asked", Integer, nullable=False),
    Column("themes_concluded", Integer, nullable=False),
    Index("queue_longest_waiting_first", "submitted_on", "application_id"),
    Index("queue_officer", "officer_id"),
    schema=NAME,
)
"""
Every application, those that do not wait included: only they are asked for. ``submitted_on`` is the
day of its last submission, ``submitted_at_position`` where that is in the history.
"""

INFORMATION_REQUEST = Table(
    "information_request",
    _METADATA,
    Column("request_id", Uuid, primary_key=True),
    Column("application_id", Uuid, nullable=False),
    Column("asked_at_position", BigInteger, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Index("information_request_application", "application_id"),
    schema=NAME,
)

FINDING = Table(
    "finding",
    _METADATA,
    Column("finding_id", Uuid, primary_key=True),
    Column("application_id", Uuid, nullable=False),
    Column("found_at_position", BigInteger, nullable=False),
    Column("severity", Text, nullable=False),
    Column("resolved", Boolean, nullable=False),
    Index("finding_application", "application_id"),
    schema=NAME,
)


def deltas(recorded: Recorded) -> Iterable[Delta]:  # noqa: C901, PLR0912  # one case per event
    """What an event changes."""
    event = recorded.event
    match event:
        case ApplicationStarted():
            yield Insert(APPLICATION, _started(event))
        case OfficerAssigned():
            yield _change(event.application_id, officer_id=event.officer_id)
        case ThemeConcluded():
            yield Add(APPLICATION, _key(event.application_id), {"themes_concluded": 1})
        case ThemeReopened():
            yield Add(APPLICATION, _key(event.application_id), {"themes_concluded": -1})
        case InformationRequested():
            row = {
                "request_id": event.request_id,
                "application_id": event.application_id,
                "asked_at_position": recorded.position,
                "due_on": event.due_on,
                "status": "open",
            }
            yield Insert(INFORMATION_REQUEST, row)
        case InformationSupplied():
            yield _request(event.request_id, "answered")
        case InformationMarkedOverdue():
            yield _request(event.request_id, "overdue")
        case InformationRequestClosed():
            yield _request(event.request_id, "closed")
        case FindingRecorded():
            row = {
                "finding_id": event.finding_id,
                "application_id": event.application_id,
                "found_at_position": recorded.position,
                "severity": event.severity,
                "resolved": False,
            }
            yield Insert(FINDING, row)
        case FindingCorrected():
            values: dict[str, Any] = {"severity": event.severity}
            if event.severity == BLOCKING:
                values["resolved"] = False
            yield Change(FINDING, {"finding_id": event.finding_id}, values)
        case FindingResolved():
            yield Change(FINDING, {"finding_id": event.finding_id}, {"resolved": True})
        case _ if type(event) in STAGES:
            values = {"stage": STAGES[type(event)], "stage_since": event.effective_on}
            if isinstance(event, ApplicationSubmitted):
                values |= {
                    "submitted_on": event.effective_on,
                    "submitted_at_position": recorded.position,
                    "officer_id": None,
                    "themes_asked": len(event.definition.due_diligence),
                    "themes_concluded": 0,
                }
            yield _change(event.application_id, **values)
        case _:
            pass


PROJECTION = Projection(name=NAME, version=1, metadata=_METADATA, deltas=deltas)


def _started(event: ApplicationStarted) -> dict[str, Any]:
    return {
        "application_id": event.application_id,
        "programme_code": event.programme_code,
        "call_id": event.call_id,
        "title": event.title,
        "lead_organisation_id": event.lead.organisation_id,
        "stage": "draft",
        "stage_since": event.effective_on,
        "submitted_on": None,
        "submitted_at_position": 0,
        "officer_id": None,
        "themes_asked": 0,
        "themes_concluded": 0,
    }


def _key(application_id: UUID) -> dict[str, UUID]:
    return {"application_id": application_id}


def _change(application_id: UUID, **values: Any) -> Change:
    return Change(APPLICATION, _key(application_id), values)


def _request(request_id: UUID, status: str) -> Change:
    return Change(INFORMATION_REQUEST, {"request_id": request_id}, {"status": status})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which part of the queue is asked for; None: whatever it is."""

    officer_id: str | None = None
    assigned: bool | None = None
    stage: str | None = None
    programme: str | None = None
    overdue: bool | None = None


def queue(
    connection: Connection, asked: Asked, *, after: Sequence[Any] | None, fetch: int
) -> Sequence[Row[Any]]:
    """
    What waits, the longest waiting first.

    ``after`` is ``submitted_on`` and ``application_id`` of the last one seen. Each row has the
    columns of ``APPLICATION`` and ``open_requests`` (not closed), ``overdue_requests``,
    ``next_due_on`` (of those that wait for the applicant) and ``blocking_findings``.
    """
    order = (APPLICATION.c.submitted_on, APPLICATION.c.application_id)
    requests, findings = _requests(), _findings()
    query = (
        select(APPLICATION, *requests.c, *findings.c)
        .where(APPLICATION.c.stage.in_(WAITING))
        .order_by(*order)
        .limit(fetch)
    )
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    if asked.officer_id is not None:
        query = query.where(APPLICATION.c.officer_id == asked.officer_id)
    if asked.assigned is not None:
        query = query.where(APPLICATION.c.officer_id.is_not(None) == asked.assigned)
    if asked.stage is not None:
        query = query.where(APPLICATION.c.stage == asked.stage)
    if asked.programme is not None:
        query = query.where(APPLICATION.c.programme_code == asked.programme)
    if asked.overdue is not None:
        query = query.where((requests.c.overdue_requests > 0) == asked.overdue)
    return connection.execute(query).all()


def _requests() -> FromClause:
    column = INFORMATION_REQUEST.c
    return (
        select(
            func.count().filter(column.status != "closed").label("open_requests"),
            func.count().filter(column.status == "overdue").label("overdue_requests"),
            func.min(column.due_on)
            .filter(column.status.in_(("open", "overdue")))
            .label("next_due_on"),
        )
        .where(
            column.application_id == APPLICATION.c.application_id,
            column.asked_at_position > APPLICATION.c.submitted_at_position,
        )
        .lateral("requests")
    )


def _findings() -> FromClause:
    column = FINDING.c
    return (
        select(func.count().label("blocking_findings"))
        .where(
            column.application_id == APPLICATION.c.application_id,
            column.found_at_position > APPLICATION.c.submitted_at_position,
            column.severity == BLOCKING,
            column.resolved.is_(False),
        )
        .lateral("findings")
    )
