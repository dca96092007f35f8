"""The states of an application, and how its events lead from one to the next."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeAlias, TypeVar, assert_never
from uuid import UUID

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
    DocumentAttached,
    DocumentDetached,
    EligibilityConfirmed,
    EligibilityRefused,
    Event,
    Score,
)
from services.intake.domain.budget import Budget
from services.intake.domain.consortium import Participant
from services.intake.domain.definition import Definition
from services.intake.domain.document import AttachedDocument
from shared.kernel.schedule import FundingCell, MatchCell

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the applicant writes; fixed once submitted."""

    application_id: UUID
    call_id: UUID
    programme_code: str
    title: str
    starts_on: date
    ends_on: date
    lead_organisation_id: UUID
    participants: tuple[Participant, ...]
    budget: Budget
    documents: tuple[AttachedDocument, ...] = ()

    def concerns(self, organisation_id: UUID) -> bool:
        """The organisation leads it or takes part in it."""
        return organisation_id == self.lead_organisation_id or any(
            participant.organisation_id == organisation_id for participant in self.participants
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How it was submitted: the programme as it was then."""

    number: int
    submitted_at: datetime
    programme_version: int
    definition: Definition
    by: str
    """Who certified it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotStarted:
    """There is no such application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The applicant is writing it."""

    proposal: Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """It waits for an officer."""

    proposal: Proposal
    sent: Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Ineligible:
    """An officer refused it."""

    proposal: Proposal
    sent: Sent
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligible:
    """It waits to be assessed."""

    proposal: Proposal
    sent: Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """It is scored, and waits to be forwarded."""

    proposal: Proposal
    sent: Sent
    scores: tuple[Score, ...]
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """It is before the committee."""

    proposal: Proposal
    sent: Sent
    scores: tuple[Score, ...]
    summary: str
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Awarded:
    """The committee funds it."""

    forwarded: Forwarded
    award_id: UUID

    @property
    def proposal(self) -> Proposal:
        """What the applicant wrote."""
        return self.forwarded.proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The committee does not fund it."""

    forwarded: Forwarded
    meeting_id: UUID
    reasons: tuple[str, ...]

    @property
    def proposal(self) -> Proposal:
        """What the applicant wrote."""
        return self.forwarded.proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """The committee funded it, and the award fell."""

    forwarded: Forwarded
    award_id: UUID
    reason: str

    @property
    def proposal(self) -> Proposal:
        """What the applicant wrote."""
        return self.forwarded.proposal


Undecided: TypeAlias = Draft | Submitted | Eligible | Assessed | Forwarded
UNDECIDED = (Draft, Submitted, Eligible, Assessed, Forwarded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """The applicant took it back."""

    before: Undecided
    reason: str

    @property
    def proposal(self) -> Proposal:
        """What the applicant wrote."""
        return self.before.proposal


Started: TypeAlias = Undecided | Ineligible | Awarded | Declined | Lapsed | Withdrawn
State: TypeAlias = NotStarted | Started

STAGES = {
    "draft": "brouillon",
    "submitted": "déposée",
    "ineligible": "non admissible",
    "eligible": "admissible",
    "assessed": "évaluée",
    "forwarded": "transmise au comité",
    "awarded": "retenue",
    "declined": "refusée",
    "lapsed": "caduque",
    "withdrawn": "retirée",
}
"""The code of each stage, and its name in French."""


def stage_of(state: Started) -> str:
    """One of ``STAGES``: the name of the state."""
    return type(state).__name__.lower()


def evolve(state: State, event: Event) -> State:  # noqa: C901, PLR0911, PLR0912  # one case per event
    """The next state. Events come in an order that ``decide`` allowed; no other is a history."""
    match event:
        case ApplicationStarted():
            return Draft(proposal=_proposal(event))
        case ConsortiumSet():
            draft = _as(Draft, state)
            return Draft(proposal=replace(draft.proposal, participants=event.participants))
        case BudgetSet():
            return Draft(proposal=replace(_as(Draft, state).proposal, budget=event.budget))
        case ApplicationSubmitted():
            return Submitted(proposal=_as(Draft, state).proposal, sent=_sent(event))
        case ApplicationWithdrawn():
            return Withdrawn(before=_undecided(state), reason=event.reason)
        case EligibilityConfirmed():
            submitted = _as(Submitted, state)
            return Eligible(proposal=submitted.proposal, sent=submitted.sent)
        case EligibilityRefused():
            submitted = _as(Submitted, state)
            return Ineligible(
                proposal=submitted.proposal, sent=submitted.sent, reasons=event.reasons
            )
        case ApplicationAssessed():
            known = state if isinstance(state, Assessed) else _as(Eligible, state)
            return Assessed(
                proposal=known.proposal, sent=known.sent, scores=event.scores, summary=event.summary
            )
        case ApplicationForwarded():
            assessed = _as(Assessed, state)
            return Forwarded(
                proposal=assessed.proposal,
                sent=assessed.sent,
                scores=assessed.scores,
                summary=assessed.summary,
                funding=event.funding,
                match=event.match,
            )
        case ApplicationAwarded():
            forwarded = state.forwarded if isinstance(state, Lapsed) else _as(Forwarded, state)
            return Awarded(forwarded=forwarded, award_id=event.award_id)
        case ApplicationDeclined():
            return Declined(
                forwarded=_as(Forwarded, state), meeting_id=event.meeting_id, reasons=event.reasons
            )
        case AwardLapsed():
            return Lapsed(
                forwarded=_as(Awarded, state).forwarded,
                award_id=event.award_id,
                reason=event.reason,
            )
        case DocumentAttached():
            before = _undecided(state)
            documents = (*before.proposal.documents, _attached(event))
            return replace(before, proposal=replace(before.proposal, documents=documents))
        case DocumentDetached():
            before = _undecided(state)
            documents = tuple(
                each for each in before.proposal.documents if each.document_id != event.document_id
            )
            return replace(before, proposal=replace(before.proposal, documents=documents))
        case unreachable:
            assert_never(unreachable)


def _proposal(started: ApplicationStarted) -> Proposal:
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
    )


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


def _sent(submitted: ApplicationSubmitted) -> Sent:
    return Sent(
        number=submitted.number,
        submitted_at=submitted.submitted_at,
        programme_version=submitted.programme_version,
        definition=submitted.definition,
        by=submitted.by,
    )


def _as(kind: type[S], state: State) -> S:
    """The state an event presupposes; anything else is a defect, not an input."""
    if not isinstance(state, kind):
        raise TypeError(f"a history cannot go on so from {type(state).__name__}")
    return state


def _undecided(state: State) -> Undecided:
    if not isinstance(state, UNDECIDED):
        raise TypeError(f"a history cannot go on so from {type(state).__name__}")
    return state
