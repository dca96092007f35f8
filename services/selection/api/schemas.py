"""What requests to this service say, and what its answers look like."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.selection.api.decision_schemas import ConditionIn, SecretCountIn, SecretCountOut
from services.selection.domain.calendar import CalendarRule, MeetingKind
from services.selection.domain.deliberation import DecideItem
from services.selection.domain.granting import WhenShort
from services.selection.domain.meeting import Ballot, ItemDecided, Outcome, Vote
from services.selection.domain.membership import (
    BallotRule,
    Member,
    MemberKind,
    ScoresVisible,
)
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
    since: date | None = None
    """First day of their term; null: from the beginning."""
    until: date | None = None
    """Last day of their term, inclusive; null: without end."""

    def to_domain(self) -> Member:
        """As the domain speaks of it."""
        return Member(
            person_id=self.person_id,
            kind=self.kind,
            organisation_id=self.organisation_id,
            since=self.since,
            until=self.until,
        )


class CalendarRuleIn(Request):
    """For example the second Thursday of every month: week 2, weekday 4."""

    week: int
    """1 to 4."""
    weekday: int
    """1 (Monday) to 7 (Sunday)."""

    def to_domain(self) -> CalendarRule:
        """As the domain speaks of it."""
        return CalendarRule(week=self.week, weekday=self.weekday)


class EstablishCommitteeIn(Request):
    """A new committee."""

    name: str = Field(min_length=1, max_length=200)
    programmes: tuple[Code, ...] = Field(max_length=50)
    quorum: int = Field(ge=0, le=100)
    members: tuple[MemberIn, ...] = Field(max_length=100)
    chair: PersonId
    agenda_closes_days: int = Field(ge=0, le=365)
    calendar: CalendarRuleIn | None = None
    """Its regular meetings are scheduled six months ahead; null: all are scheduled by hand."""
    ballot: BallotRule = BallotRule.BY_NAME
    scores_visible: ScoresVisible = ScoresVisible.AFTER_OWN


class ScheduleMeetingIn(Request):
    """A meeting ahead."""

    held_on: date
    kind: MeetingKind = MeetingKind.REGULAR
    closes_on: date | None = None
    """The last day on which votes come in; a written meeting needs it, no other has it."""


class OpenMeetingIn(Request):
    """Who is there; nobody at a written meeting."""

    present: tuple[PersonId, ...] = Field(default=(), max_length=100)


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
    secret: SecretCountIn | None = None
    """In place of votes, where the committee votes in secret."""
    conditions: tuple[ConditionIn, ...] = Field(default=(), max_length=50)
    """What must be met for the award to stand."""
    defer_to: UUID | None = None
    """A meeting whose agenda is open; null: the next one."""
    rank: int | None = Field(default=None, ge=1, le=10_000)
    """On the waiting list of the programme, 1 is first; null: last."""
    when_short: WhenShort = WhenShort.REFUSE
    """To fund when a pocket is short: refuse, let others stand in, or else wait for money."""

    def to_domain(self, meeting_id: UUID, application_id: UUID, on: date) -> DecideItem:
        """As the domain speaks of it."""
        return DecideItem(
            meeting_id=meeting_id,
            application_id=application_id,
            outcome=self.outcome,
            votes=tuple(ballot.to_domain() for ballot in self.votes),
            reasons=self.reasons,
            funding=(
                None if self.funding is None else tuple(cell.to_domain() for cell in self.funding)
            ),
            lapses_on=self.lapses_on,
            secret=None if self.secret is None else self.secret.to_domain(),
            conditions=tuple(condition.to_domain() for condition in self.conditions),
            defer_to=self.defer_to,
            rank=self.rank,
            when_short=self.when_short,
            on=on,
        )


class DecideOneOfSeveralIn(DecideItemIn):
    """What the committee decided about one of several items."""

    application_id: UUID


class DecideItemsIn(Request):
    """What the committee decided about items that follow each other on the agenda."""

    items: tuple[DecideOneOfSeveralIn, ...] = Field(min_length=1, max_length=100)


class SealMeetingIn(Request):
    """Nothing more to say."""


class MemberOut(BaseModel):
    """One who sits on a committee."""

    person_id: str
    kind: MemberKind
    organisation_id: UUID | None
    since: date | None
    until: date | None
    interests: tuple[UUID, ...]
    """Other organisations on whose applications they have a conflict."""


class CommitteeLineOut(BaseModel):
    """One committee in a list."""

    committee_id: UUID
    name: str
    programmes: tuple[str, ...]


class SittingOut(BaseModel):
    """A meeting ahead and its agenda so far."""

    meeting_id: UUID
    kind: MeetingKind
    held_on: date
    closes_on: date | None
    agenda_closes_on: date
    items: tuple[UUID, ...]


class CalendarRuleOut(BaseModel):
    """On which day of a month a committee meets."""

    week: int
    weekday: int


class CommitteeOut(CommitteeLineOut):
    """A committee, what waits for it and when it meets."""

    quorum: int
    members: tuple[MemberOut, ...]
    chair: str
    agenda_closes_days: int
    calendar: CalendarRuleOut | None
    ballot: BallotRule
    scores_visible: ScoresVisible
    docket: tuple[UUID, ...]
    """Applications that wait for a meeting to be scheduled."""
    scheduled: tuple[SittingOut, ...]


class MeetingLineOut(BaseModel):
    """One meeting in a list."""

    meeting_id: UUID
    committee_id: UUID
    kind: MeetingKind
    held_on: date
    agenda_closes_on: date
    state: Literal["scheduled", "open", "sealed", "cancelled"]


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
    secret: SecretCountOut | None
    """In place of votes, where the committee votes in secret."""
    reasons: tuple[str, ...]
    granted: Money
    award_id: UUID | None
    deferred_to: UUID | None


def decision_out(decided: ItemDecided) -> ItemDecisionOut:
    """The answer about a decision."""
    return ItemDecisionOut.model_validate(
        {
            "outcome": decided.outcome,
            "decided_on": decided.effective_on,
            "votes": decided.votes,
            "secret": decided.secret,
            "reasons": decided.reasons,
            "granted": decided.granted,
            "award_id": decided.award_id,
            "deferred_to": decided.deferred_to,
        },
        from_attributes=True,
    )


class ItemOut(BaseModel):
    """One application on the agenda."""

    application_id: UUID
    state: Literal["undecided", "withdrawn", "fund", "decline", "defer", "waitlist"]
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
    kind: MeetingKind
    held_on: date
    closes_on: date | None
    """The last day on which votes come in, of a written meeting."""
    agenda_closes_on: date | None
    """Until the meeting opens."""
    state: Literal["scheduled", "open", "sealed", "cancelled"]
    sealed_on: date | None
    reason: str | None
    """Why it was cancelled."""
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
    lead_province: str | None
    submitted_on: date | None
    deferred_to: UUID | None


class AwardOut(BaseModel):
    """An award and what became of it."""

    award_id: UUID
    application_id: UUID
    meeting_id: UUID
    programme_code: str
    programme_version: int
    title: str
    state: Literal["approved", "lapsed", "withdrawn", "replaced", "committed"]
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
