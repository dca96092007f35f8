"""What an applicant writes, step by step, and what the invited organisations said to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeAlias, assert_never
from uuid import UUID

from services.intake.domain.application_events import (
    ApplicationStarted,
    BudgetSet,
    ConsortiumSet,
    DocumentAttached,
    DocumentDetached,
    ExpectationsSet,
    ParticipationConfirmed,
    ParticipationRefused,
    PeopleNamed,
    SectionSaved,
)
from services.intake.domain.budget import Budget
from services.intake.domain.consortium import Participant, Person
from services.intake.domain.document import AttachedDocument
from services.intake.domain.expectations import Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an invited organisation said to its part of the application."""

    confirmed: bool
    content_sha256: str
    """Of the part it spoke of; the reply stands as long as the part is the same."""
    reason: str = ""
    """Why not, when it refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the applicant writes; fixed while it is submitted."""

    application_id: UUID
    call_id: UUID
    programme_code: str
    title: str
    starts_on: date
    ends_on: date
    lead_organisation_id: UUID
    participants: tuple[Participant, ...]
    budget: Budget
    started_by: str = ""
    """Who began it."""
    people: tuple[Person, ...] = ()
    """Who of the lead organisation works on it; empty: nobody was named yet."""
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The answers of each section that was saved, by its code. Never changed in place."""
    expectations: tuple[Expectation, ...] = ()
    documents: tuple[AttachedDocument, ...] = ()
    replies: Mapping[UUID, Reply] = field(default_factory=dict)
    """What participants said last, by participant. Never changed in place."""

    def concerns(self, organisation_id: UUID) -> bool:
        """The organisation leads it or takes part in it."""
        return organisation_id == self.lead_organisation_id or any(
            participant.organisation_id == organisation_id for participant in self.participants
        )


Written: TypeAlias = (
    ConsortiumSet
    | BudgetSet
    | SectionSaved
    | PeopleNamed
    | ParticipationConfirmed
    | ParticipationRefused
    | ExpectationsSet
    | DocumentAttached
    | DocumentDetached
)


def begun(started: ApplicationStarted) -> Proposal:
    """The first page."""
    return Proposal(
        application_id=started.application_id,
        call_id=started.call_id,
        programme_code=started.programme_code,
        title=started.title,
        starts_on=started.starts_on,
        ends_on=started.ends_on,
        lead_organisation_id=started.lead.organisation_id,
        participants=(started.lead,),
        budget=Budget(),
        started_by=started.by,
    )


def written(proposal: Proposal, event: Written) -> Proposal:  # noqa: PLR0911  # one case per event
    """The proposal after one more step."""
    match event:
        case ConsortiumSet():
            # Whoever left and comes back is asked again.
            staying = {participant.participant_id for participant in event.participants}
            return replace(
                proposal,
                participants=event.participants,
                replies={
                    participant_id: reply
                    for participant_id, reply in proposal.replies.items()
                    if participant_id in staying
                },
            )
        case BudgetSet():
            return replace(proposal, budget=event.budget)
        case SectionSaved():
            return replace(proposal, answers={**proposal.answers, event.code: event.answers})
        case PeopleNamed():
            return replace(proposal, people=event.people)
        case ParticipationConfirmed():
            return _replied(
                proposal, event, Reply(confirmed=True, content_sha256=event.content_sha256)
            )
        case ParticipationRefused():
            reply = Reply(confirmed=False, content_sha256=event.content_sha256, reason=event.reason)
            return _replied(proposal, event, reply)
        case ExpectationsSet():
            return replace(proposal, expectations=event.expectations)
        case DocumentAttached():
            return replace(proposal, documents=(*proposal.documents, _attached(event)))
        case DocumentDetached():
            staying_attached = (
                each for each in proposal.documents if each.document_id != event.document_id
            )
            return replace(proposal, documents=tuple(staying_attached))
        case unreachable:
            assert_never(unreachable)


def _replied(
    proposal: Proposal, event: ParticipationConfirmed | ParticipationRefused, reply: Reply
) -> Proposal:
    return replace(proposal, replies={**proposal.replies, event.participant_id: reply})


def _attached(event: DocumentAttached) -> AttachedDocument:
    return AttachedDocument(
        document_id=event.document_id,
        organisation_id=event.organisation_id,
        sha256=event.sha256,
        kind=event.kind,
        title=event.title,
        size=event.size,
        media_type=event.media_type,
        scan=event.scan,
        attached_on=event.effective_on,
    )
