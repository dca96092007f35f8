"""What requests to this service say, and what its answers look like."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.selection.domain.committee import Member, MemberKind
from services.selection.domain.meeting import Ballot, Outcome, Vote
from shared.kernel.money import Money
from shared.kernel.schedule import FundingCell, MatchCell
from shared.web.schemas import FundingCellIn, Request

Code = Annotated[str, Field(min_length=1, max_length=100)]
PersonId = Annotated[str, Field(min_length=1, max_length=200)]
"""Opaque: never a name or an address."""
Reasons = Annotated[tuple[Annotated[str, Field(max_length=2_000)], ...], Field(max_length=50)]


class MemberIn(Request):
    """One who sits on a committee."""

    person_id: PersonId
    kind: MemberKind
    organisation_id: UUID | None = None
    """Their organisation: they have a conflict on its applications."""

    def to_domain(self) -> Member:
        """As the domain speaks of it."""
        return Member(
            person_id=self.person_id, kind=self.kind, organisation_id=self.organisation_id
        )


class EstablishCommitteeIn(Request):
    """A new committee."""

    name: str = Field(min_length=1, max_length=200)
    programmes: tuple[Code, ...] = Field(max_length=50)
    quorum: int = Field(ge=0, le=100)
    members: tuple[MemberIn, ...] = Field(max_length=100)
    chair: PersonId
    agenda_closes_days: int = Field(ge=0, le=365)


class ScheduleMeetingIn(Request):
    """A meeting ahead."""

    held_on: date


class OpenMeetingIn(Request):
    """Who is there."""

    present: tuple[PersonId, ...] = Field(min_length=1, max_length=100)


class DeclareConflictIn(Request):
    """Who has an interest in what."""

    application_id: UUID
    person_id: PersonId


class BallotIn(Request):
    """One vote."""

    person_id: PersonId
    vote: Vote

    def to_domain(self) -> Ballot:
        """As the domain speaks of it."""
        return Ballot(person_id=self.person_id, vote=self.vote)


class DecideItemIn(Request):
    """What the committee decided about one item."""

    outcome: Outcome
    votes: tuple[BallotIn, ...] = Field(default=(), max_length=100)
    reasons: Reasons = ()
    funding: tuple[FundingCellIn, ...] | None = Field(default=None, max_length=5_000)
    """To fund less than was asked; null funds all of it."""
    lapses_on: date | None = None
    """Needed to fund: the day on which the award lapses without an executed agreement."""


class SealMeetingIn(Request):
    """Nothing more to say."""


class MemberOut(BaseModel):
    """One who sits on a committee."""

    person_id: str
    kind: MemberKind
    organisation_id: UUID | None


class CommitteeLineOut(BaseModel):
    """One committee in a list."""

    committee_id: UUID
    name: str
    programmes: tuple[str, ...]


class SittingOut(BaseModel):
    """A meeting ahead and its agenda so far."""

    meeting_id: UUID
    held_on: date
    agenda_closes_on: date
    items: tuple[UUID, ...]


class CommitteeOut(CommitteeLineOut):
    """A committee, what waits for it and when it meets."""

    quorum: int
    members: tuple[MemberOut, ...]
    chair: str
    agenda_closes_days: int
    docket: tuple[UUID, ...]
    """Applications that wait for a meeting to be scheduled."""
    scheduled: tuple[SittingOut, ...]


class MeetingLineOut(BaseModel):
    """One meeting in a list."""

    meeting_id: UUID
    committee_id: UUID
    held_on: date
    agenda_closes_on: date
    state: Literal["scheduled", "open", "sealed"]


class ParticipantOut(BaseModel):
    """A member of the consortium."""

    participant_id: UUID
    organisation_id: UUID
    role: str
    name: str
    province: str
    sme: bool


class ScoreOut(BaseModel):
    """One line of the scoring grid."""

    criterion: str
    score: int
    out_of: int


class AskOut(BaseModel):
    """What is asked of one pocket in one fiscal year."""

    pocket: str
    fiscal_year: int
    amount: Money


class BallotOut(BaseModel):
    """One vote."""

    person_id: str
    vote: Vote


class ItemDecisionOut(BaseModel):
    """What was decided about an item."""

    outcome: Outcome
    decided_on: date
    votes: tuple[BallotOut, ...]
    reasons: tuple[str, ...]
    granted: Money
    award_id: UUID | None


class ItemOut(BaseModel):
    """One application on the agenda."""

    application_id: UUID
    state: Literal["undecided", "withdrawn", "fund", "decline", "defer"]
    programme_code: str
    title: str
    summary: str
    starts_on: date
    ends_on: date
    participants: tuple[ParticipantOut, ...]
    scores: tuple[ScoreOut, ...]
    asked: Money
    asks: tuple[AskOut, ...]
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    conflicted: tuple[str, ...]
    decision: ItemDecisionOut | None


class OutlookOut(BaseModel):
    """What a pocket has, and what would remain if every undecided item shown were funded."""

    pocket: str
    authority: Money
    available: Money
    asked: Money
    would_remain: Money


class MeetingOut(BaseModel):
    """A meeting, without the items on which the reader has a conflict."""

    meeting_id: UUID
    committee_id: UUID
    held_on: date
    agenda_closes_on: date | None
    """Until the meeting opens."""
    state: Literal["scheduled", "open", "sealed"]
    sealed_on: date | None
    members: tuple[MemberOut, ...]
    present: tuple[str, ...]
    items: tuple[ItemOut, ...]
    pockets: tuple[OutlookOut, ...]


class PocketLineOut(BaseModel):
    """One pocket and what remains of it."""

    code: str
    funder: str
    funder_agreement: str
    authority: Money
    reserved: Money
    committed: Money
    available: Money
    """authority − reserved − committed; negative after a cut below what was promised."""


class ReservedOut(BaseModel):
    """What is reserved for one award."""

    award_id: UUID
    amount: Money


class CommittedOut(BaseModel):
    """What is committed to one project."""

    project_id: UUID
    amount: Money


class PocketOut(PocketLineOut):
    """One pocket and to whom it is promised."""

    reserved_for: tuple[ReservedOut, ...]
    committed_to: tuple[CommittedOut, ...]


class DecisionOut(BaseModel):
    """One line of the register."""

    meeting_id: UUID
    application_id: UUID
    decided_on: date
    programme: str
    title: str
    outcome: Outcome
    votes_for: int
    votes_against: int
    abstained: int
    reasons: tuple[str, ...]
    asked: Money
    granted: Money
    award_id: UUID | None


class AwardOut(BaseModel):
    """An award and what became of it."""

    award_id: UUID
    application_id: UUID
    meeting_id: UUID
    programme_code: str
    programme_version: int
    title: str
    state: Literal["approved", "lapsed", "committed"]
    approved_on: date
    lapses_on: date
    lapsed_on: date | None
    reason: str | None
    agreement_id: UUID | None
    starts_on: date
    ends_on: date
    participants: tuple[ParticipantOut, ...]
    granted: Money
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
