"""What was written to whom, what waits and why, and what an officer is to look at."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from sqlalchemy import Row

from services.impact.api.link_door import LinkOffice
from services.impact.domain import contacts as people
from services.impact.domain import messages, survey
from services.impact.domain.messages import Status
from services.impact.domain.reminders import Kind
from services.impact.projections import correspondence
from services.impact.use_cases import streams
from services.impact.use_cases.awaiting import about, asked_by
from services.impact.use_cases.courier import record
from shared.eventstore.store import EventStore
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk
from shared.web.paging import AskedPage, Page
from shared.web.schemas import Request as Body

OperatorDesk = Annotated[Desk, Depends(at_desk("operator"))]
StaffReader = Annotated[
    Reader, Depends(at_counter("programme-manager", "agreement-officer", "operator"))
]

router = APIRouter(prefix="/v1", tags=["messages"])


class BounceIn(Body):
    """What a message came back with."""

    permanent: bool
    """True: nobody is at that address; nothing more is sent there."""


class MessageOut(BaseModel):
    """A message to a person on a day; who they are is not in it."""

    message_id: UUID
    person_id: UUID
    contact_id: UUID
    composed_on: date
    surveys: int
    """How many surveys it is about."""
    state: Status
    attempts: int
    """How many failed."""
    code: int | None
    """What the mail server answered to the last that failed."""


class WaitingOut(BaseModel):
    """A reminder that no message has taken along yet."""

    survey_id: UUID
    organisation_id: UUID
    project_id: UUID
    kind: Kind
    since: date
    not_sent_because: Literal["no-mail-server", "no-contact"] | None
    """Null: it goes with the person's next message."""


class EscalationOut(BaseModel):
    """Something that an officer is to look at."""

    escalation_id: UUID
    kind: Literal["unanswered", "unreachable"]
    """``unanswered``: a survey, 30 days after it was due; ``unreachable``: mail comes back."""
    since: date
    organisation_id: UUID
    survey_id: UUID | None
    project_id: UUID | None
    contact_id: UUID | None


@router.get("/messages")
def list_messages(
    reader: StaffReader, paging: AskedPage, state: Status | None = None
) -> Page[MessageOut]:
    """Messages by day."""
    with reader.view(correspondence.PROJECTION) as connection:
        rows = correspondence.messages(
            connection, limit=paging.fetch, after=paging.after(date, UUID), state=state
        )
    return paging.page(
        rows,
        key=lambda row: (row.composed_on, row.message_id),
        item=lambda row: MessageOut(**_values(row)),
    )


@router.get("/reminders")
def list_reminders(request: Request, reader: StaffReader, paging: AskedPage) -> Page[WaitingOut]:
    """Reminders that wait, oldest first, with what keeps them from being sent."""
    office: LinkOffice = request.app.state.link_office
    with reader.view(correspondence.PROJECTION) as connection:
        rows = correspondence.reminders(
            connection, limit=paging.fetch, after=paging.after(date, UUID, str)
        )

    def shown(row: Row[Any]) -> WaitingOut:
        because: Literal["no-mail-server", "no-contact"] | None = None
        if not office.sends_mail:
            because = "no-mail-server"
        elif not _has_contact(reader.store, row.survey_id):
            because = "no-contact"
        return WaitingOut(
            survey_id=row.survey_id,
            organisation_id=row.organisation_id,
            project_id=row.project_id,
            kind=Kind(row.kind),
            since=row.since,
            not_sent_because=because,
        )

    return paging.page(rows, key=lambda row: (row.since, row.survey_id, row.kind), item=shown)


@router.get("/escalations")
def list_escalations(
    reader: StaffReader,
    paging: AskedPage,
    kind: Literal["unanswered", "unreachable"] | None = None,
) -> Page[EscalationOut]:
    """What an officer is to look at, oldest first; what was settled is no longer there."""
    with reader.view(correspondence.PROJECTION) as connection:
        rows = correspondence.escalations(
            connection, limit=paging.fetch, after=paging.after(date, UUID), kind=kind
        )
    return paging.page(
        rows,
        key=lambda row: (row.since, row.escalation_id),
        item=lambda row: EscalationOut(**_values(row)),
    )


@router.post("/messages/{message_id}/bounce")
def record_bounce(message_id: UUID, body: BounceIn, desk: OperatorDesk) -> CommandAnswer:
    """Say that a message came back. Of a permanent bounce an officer is told."""
    stream = streams.message(message_id)
    composed = desk.state(messages.DECIDER, stream).composed
    if composed is None:
        raise messages.MessageNotSent
    command = messages.RecordBounce(permanent=body.permanent, by=desk.caller.id, on=desk.today)
    with desk.transaction():
        outcome = record(
            desk.store,
            composed,
            command,
            desk.context,
            on=desk.today,
            request_hash=desk.request_hash,
        )
    return desk.answer(outcome)


def _has_contact(store: EventStore, survey_id: UUID) -> bool:
    event = about(survey.DECIDER.fold(store.events(streams.survey(survey_id))))
    if event is None:
        return False
    known = people.DECIDER.fold(store.events(streams.contacts(event.organisation_id)))
    return people.contact_for(asked_by(event), known.present) is not None


def _values(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
