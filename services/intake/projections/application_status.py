"""Where every application stands, whose it is, how it came there and what is told of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.intake.domain.application_events import (
    ApplicationAssessed,
    ApplicationAwarded,
    ApplicationDeclined,
    ApplicationForwarded,
    ApplicationStarted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    AwardLapsed,
    BudgetSet,
    ConsortiumSet,
    EligibilityConfirmed,
    EligibilityRefused,
)
from services.intake.domain.budget import Budget
from services.intake.domain.sentences import SENTENCES, in_words, reasons_of
from shared.eventstore.store import Recorded
from shared.projecting.projection import Change, Delta, Insert, Projection

NAME = "application_status"
_METADATA = MetaData()

APPLICATION = Table(
    "application",
    _METADATA,
    Column("application_id", Uuid, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("programme_code", Text, nullable=False),
    Column("call_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("stage_since", Date, nullable=False),
    Column("lead_organisation_id", Uuid, nullable=False),
    Column("organisations", ARRAY(Uuid), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("submitted_on", Date),
    Column("public_cents", BigInteger, nullable=False),
    Column("match_cents", BigInteger, nullable=False),
    Index("application_by_stage", "stage", "programme_code"),
    Index("application_by_organisation", "organisations", postgresql_using="gin"),
    schema=NAME,
)
"""
``number`` is the position at which it was started: the order of the list. ``organisations`` are
all that take part, the lead included. ``public_cents`` is asked for; ``match_cents`` is the
participants' own, in cash and in kind.
"""

STAGE_ENTRY = Table(
    "stage_entry",
    _METADATA,
    Column("application_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("stage", Text, nullable=False),
    Column("entered_on", Date, nullable=False),
    schema=NAME,
)
"""Each time an application came to a stage, at that version; perhaps the one where it was."""

NOTICE = Table(
    "notice",
    _METADATA,
    Column("number", BigInteger, primary_key=True),
    Column("type", Text, nullable=False),
    Column("application_id", Uuid),
    Column("call_id", Uuid),
    Column("happened_on", Date, nullable=False),
    Column("en", Text, nullable=False),
    Column("fr", Text, nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    Index("notice_by_application", "application_id"),
    Index("notice_by_call", "call_id"),
    schema=NAME,
)
"""
What applicants are told, about one application or about a call and so all that answer it.

``number`` is the position of the event. Raise the projection's version when a sentence changes.
"""

STAGES: Mapping[type, str] = {
    ApplicationSubmitted: "submitted",
    ApplicationWithdrawn: "withdrawn",
    EligibilityConfirmed: "eligible",
    EligibilityRefused: "ineligible",
    ApplicationAssessed: "assessed",
    ApplicationForwarded: "forwarded",
    ApplicationAwarded: "awarded",
    ApplicationDeclined: "declined",
    AwardLapsed: "lapsed",
}
"""The stage an event leads to."""


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """One row per application, changed by its events; one per stage entered and per notice."""
    event = recorded.event
    yield from _notices(recorded)
    if isinstance(event, ApplicationStarted) or type(event) in STAGES:
        yield Insert(
            STAGE_ENTRY,
            {
                "application_id": event.application_id,
                "version": recorded.version,
                "stage": STAGES.get(type(event), "draft"),
                "entered_on": event.effective_on,
            },
        )
    match event:
        case ApplicationStarted():
            yield Insert(APPLICATION, _started(event, recorded.position))
        case ConsortiumSet():
            members = [participant.organisation_id for participant in event.participants]
            yield _change(event.application_id, organisations=members)
        case BudgetSet():
            yield _change(event.application_id, **_value(event.budget))
        case _ if type(event) in STAGES:
            changes: dict[str, Any] = {
                "stage": STAGES[type(event)],
                "stage_since": event.effective_on,
            }
            if isinstance(event, ApplicationSubmitted):
                changes["submitted_on"] = event.effective_on
            yield _change(event.application_id, **changes)
        case _:
            pass


PROJECTION = Projection(name=NAME, version=2, metadata=_METADATA, deltas=deltas)


def _notices(recorded: Recorded) -> Iterable[Delta]:
    event = recorded.event
    sentence = SENTENCES.get(type(event))
    if sentence is not None and sentence.notice:
        text = in_words(event)
        about = getattr(event, "application_id", None)
        yield Insert(
            NOTICE,
            {
                "number": recorded.position,
                "type": recorded.type,
                "application_id": about,
                "call_id": event.call_id if about is None else None,
                "happened_on": event.effective_on,
                "en": text.en,
                "fr": text.fr,
                "reasons": list(reasons_of(event)),
            },
        )


def _started(event: ApplicationStarted, position: int) -> Mapping[str, Any]:
    return {
        "application_id": event.application_id,
        "number": position,
        "programme_code": event.programme_code,
        "call_id": event.call_id,
        "title": event.title,
        "stage": "draft",
        "stage_since": event.effective_on,
        "lead_organisation_id": event.lead.organisation_id,
        "organisations": [event.lead.organisation_id],
        "starts_on": event.starts_on,
        "ends_on": event.ends_on,
        "submitted_on": None,
        **_value(Budget()),
    }


def _value(budget: Budget) -> dict[str, int]:
    requested = budget.requested.cents
    return {
        "public_cents": requested,
        "match_cents": budget.cash.cents + budget.in_kind.cents - requested,
    }


def _change(application_id: UUID, **values: Any) -> Change:
    return Change(APPLICATION, {"application_id": application_id}, values)


def applications(
    connection: Connection,
    *,
    stage: str | None,
    programme: str | None,
    call_id: UUID | None,
    text: str | None,
    organisation_id: UUID | None,
    after: int | None,
    fetch: int,
) -> Sequence[Row[tuple[object, ...]]]:
    """
    Applications in the order in which they were started, those after number ``after``.

    ``text`` is part of the title. With ``organisation_id``, only those in which that organisation
    takes part.
    """
    query = select(APPLICATION).order_by(APPLICATION.c.number).limit(fetch)
    if stage is not None:
        query = query.where(APPLICATION.c.stage == stage)
    if programme is not None:
        query = query.where(APPLICATION.c.programme_code == programme)
    if call_id is not None:
        query = query.where(APPLICATION.c.call_id == call_id)
    if text is not None:
        query = query.where(APPLICATION.c.title.icontains(text, autoescape=True))
    if organisation_id is not None:
        query = query.where(APPLICATION.c.organisations.contains([organisation_id]))
    if after is not None:
        query = query.where(APPLICATION.c.number > after)
    return connection.execute(query).all()
