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
    ApplicationReturned,
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
    ExpectationsSet,
    ParticipationConfirmed,
    ParticipationRefused,
    PeopleNamed,
    Score,
    SectionSaved,
)
from services.intake.domain.definition import Definition
from services.intake.domain.proposal import Proposal, begun, written
from services.intake.domain.review import NOT_REVIEWED, Review, after
from services.intake.domain.review_events import ReviewEvent
from shared.kernel.schedule import FundingCell, MatchCell

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How it was submitted: the programme as it was then."""

    number: int
    submitted_at: datetime
    programme_version: int
    definition: Definition
    by: str
    """Who certified it."""
    content_sha256: str = ""
    """Of the proposal as it was submitted, in hex; empty for what was submitted before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """It was submitted, and came back to its applicant with what to mend."""

    number: int
    """Of the submission that came back."""
    reasons: tuple[str, ...]
    sections: tuple[str, ...]
    """Codes of the sections they are about; empty: of none in particular."""
    resubmit_by: date
    """The last day on which it may be submitted again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotStarted:
    """There is no such application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The applicant is writing it."""

    proposal: Proposal
    returned: Returned | None = None
    """None: it was never submitted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """It waits for an officer."""

    proposal: Proposal
    sent: Sent
    review: Review = NOT_REVIEWED


@dataclass(frozen=True, slots=True, kw_only=True)
class Ineligible:
    """An officer refused it."""

    proposal: Proposal
    sent: Sent
    reasons: tuple[str, ...]
    review: Review = NOT_REVIEWED


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligible:
    """It waits to be assessed."""

    proposal: Proposal
    sent: Sent
    review: Review = NOT_REVIEWED


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """It is scored, and waits to be forwarded."""

    proposal: Proposal
    sent: Sent
    scores: tuple[Score, ...]
    summary: str
    review: Review = NOT_REVIEWED
    assessed_by: str = ""
    """Who filled in the grid last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """It is before the committee."""

    proposal: Proposal
    sent: Sent
    scores: tuple[Score, ...]
    summary: str
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    review: Review = NOT_REVIEWED


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
UnderReview: TypeAlias = Submitted | Eligible | Assessed


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


def review_of(state: Started) -> Review:
    """What officers know of it, also once it is decided; empty for a draft."""
    match state:
        case Draft():
            return NOT_REVIEWED
        case Awarded() | Declined() | Lapsed():
            return state.forwarded.review
        case Withdrawn():
            return review_of(state.before)
        case _:
            return state.review


def evolve(state: State, event: Event) -> State:  # noqa: C901, PLR0911, PLR0912  # one case per event
    """The next state. Events come in an order that ``decide`` allowed; no other is a history."""
    if isinstance(event, ReviewEvent):
        return _reviewed(state, event)
    match event:
        case ApplicationStarted():
            return Draft(proposal=begun(event))
        case (
            ConsortiumSet()
            | BudgetSet()
            | SectionSaved()
            | PeopleNamed()
            | ParticipationConfirmed()
            | ParticipationRefused()
            | ExpectationsSet()
        ):
            draft = _as(Draft, state)
            return replace(draft, proposal=written(draft.proposal, event))
        case ApplicationSubmitted():
            return Submitted(proposal=_as(Draft, state).proposal, sent=_sent(event))
        case DocumentAttached() | DocumentDetached():
            # Also what an officer asked for, while the application is under review.
            before = _undecided(state)
            return replace(before, proposal=written(before.proposal, event))
        case ApplicationReturned():
            if not isinstance(state, Submitted | Eligible):
                raise _impossible(state)
            return Draft(proposal=state.proposal, returned=_returned(event, state.sent))
        case ApplicationWithdrawn():
            return Withdrawn(before=_undecided(state), reason=event.reason)
        case EligibilityConfirmed():
            submitted = _as(Submitted, state)
            return Eligible(
                proposal=submitted.proposal,
                sent=submitted.sent,
                review=replace(submitted.review, eligibility=event.findings),
            )
        case EligibilityRefused():
            submitted = _as(Submitted, state)
            return Ineligible(
                proposal=submitted.proposal,
                sent=submitted.sent,
                reasons=event.reasons,
                review=replace(submitted.review, eligibility=event.findings),
            )
        case ApplicationAssessed():
            known = state if isinstance(state, Assessed) else _as(Eligible, state)
            return Assessed(
                proposal=known.proposal,
                sent=known.sent,
                scores=event.scores,
                summary=event.summary,
                review=known.review,
                assessed_by=event.by,
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
                review=assessed.review,
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
        case unreachable:
            assert_never(unreachable)


def _reviewed(state: State, event: ReviewEvent) -> UnderReview:
    if not isinstance(state, UnderReview):
        raise TypeError(f"a history cannot go on so from {type(state).__name__}")
    return replace(state, review=after(state.review, event))


def _sent(submitted: ApplicationSubmitted) -> Sent:
    return Sent(
        number=submitted.number,
        submitted_at=submitted.submitted_at,
        programme_version=submitted.programme_version,
        definition=submitted.definition,
        by=submitted.by,
        content_sha256=submitted.content_sha256,
    )


def _returned(event: ApplicationReturned, sent: Sent) -> Returned:
    return Returned(
        number=sent.number,
        reasons=event.reasons,
        sections=event.sections,
        resubmit_by=event.resubmit_by,
    )


def _as(kind: type[S], state: State) -> S:
    """The state an event presupposes; anything else is a defect, not an input."""
    if not isinstance(state, kind):
        raise _impossible(state)
    return state


def _undecided(state: State) -> Undecided:
    if not isinstance(state, UNDECIDED):
        raise _impossible(state)
    return state


def _impossible(state: State) -> TypeError:
    return TypeError(f"a history cannot go on so from {type(state).__name__}")
