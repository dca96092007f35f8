"""An application and the pipeline, as they are answered."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.intake.api.budget_schemas import SourceOut
from services.intake.domain import application_state as states
from services.intake.domain.budget import Budget
from services.intake.domain.consortium import Participant
from services.intake.domain.participation import Standing, standing_of
from services.intake.domain.proposal import Proposal
from shared.kernel.money import Money, total
from shared.kernel.periods import Quarter


class ParticipantOut(BaseModel):
    """A participant of an application."""

    participant_id: UUID
    organisation_id: UUID
    role: str
    name: str
    province: str
    sme: bool
    confirmation: Standing | None
    """What it said to its part as it is now; null for the lead, who agrees by applying."""


class ExpectationOut(BaseModel):
    """What one participant expects by one indicator, in whole units of it."""

    organisation_id: UUID
    participant_id: UUID
    indicator: str
    baseline: int | None
    expected: int


class ReturnOut(BaseModel):
    """How a submission came back to its applicant."""

    number: int
    reasons: list[str]
    sections: list[str]
    resubmit_by: date


class CostOut(BaseModel):
    """A line of costs."""

    organisation_id: UUID
    category: str
    quarter: Quarter
    cash: Money
    in_kind: Money


class AmountOut(BaseModel):
    """A requested amount."""

    organisation_id: UUID
    quarter: Quarter
    amount: Money


class TotalsOut(BaseModel):
    """What a budget adds up to: cash = requested + match in cash."""

    cash: Money
    in_kind: Money
    requested: Money
    match_cash: Money


class BudgetOut(BaseModel):
    """The budget, and what it adds up to."""

    costs: list[CostOut]
    requests: list[AmountOut]
    other_government: Money
    sources: list[SourceOut]
    totals: TotalsOut


class SubmissionOut(BaseModel):
    """How it was submitted."""

    number: int
    submitted_at: datetime
    programme_version: int
    content_sha256: str
    """Of what was proposed, in hex; empty for what was submitted before hashes were taken."""


class ScoreOut(BaseModel):
    """A score on the grid."""

    criterion: str
    score: int
    out_of: int


class AssessmentOut(BaseModel):
    """What officers found; not shown to applicants."""

    scores: list[ScoreOut]
    summary: str


class FundingOut(BaseModel):
    """What one pocket is asked for."""

    organisation_id: UUID
    participant_id: UUID
    pocket: str
    quarter: Quarter
    amount: Money


class MatchOut(BaseModel):
    """What one organisation contributes itself in one quarter."""

    organisation_id: UUID
    participant_id: UUID
    quarter: Quarter
    cash: Money
    in_kind: Money


class ForwardingOut(BaseModel):
    """What the committee was given; not shown to applicants."""

    funding: list[FundingOut]
    match: list[MatchOut]


class DecisionOut(BaseModel):
    """How it ended."""

    outcome: Literal["ineligible", "awarded", "declined", "lapsed", "withdrawn"]
    reasons: list[str]
    award_id: UUID | None = None
    meeting_id: UUID | None = None


class ApplicationOut(BaseModel):
    """An application, as far as it has come."""

    id: UUID
    version: int
    stage: str
    call_id: UUID
    programme_code: str
    title: str
    starts_on: date
    ends_on: date
    lead_organisation_id: UUID
    participants: list[ParticipantOut]
    budget: BudgetOut
    expectations: list[ExpectationOut]
    returned: ReturnOut | None = None
    """Where it is a draft again, what is to be mended."""
    submission: SubmissionOut | None = None
    assessment: AssessmentOut | None = None
    forwarding: ForwardingOut | None = None
    decision: DecisionOut | None = None

    @classmethod
    def of(cls, state: states.Started, *, version: int, for_staff: bool) -> "ApplicationOut":
        """What an application shows to staff, or to those who take part in it."""
        proposal = state.proposal
        last = furthest(state)
        organisations = {
            participant.participant_id: participant.organisation_id
            for participant in proposal.participants
        }
        return cls(
            id=proposal.application_id,
            version=version,
            stage=states.stage_of(state),
            call_id=proposal.call_id,
            programme_code=proposal.programme_code,
            title=proposal.title,
            starts_on=proposal.starts_on,
            ends_on=proposal.ends_on,
            lead_organisation_id=proposal.lead_organisation_id,
            participants=[_participant(proposal, each) for each in proposal.participants],
            budget=_budget(proposal.budget, organisations),
            expectations=_expectations(proposal, organisations),
            returned=_returned(last),
            submission=_submission(last),
            assessment=_assessment(last) if for_staff else None,
            forwarding=_forwarding(last, organisations) if for_staff else None,
            decision=_decision(state),
        )


class ApplicationLine(BaseModel):
    """An application in a list."""

    id: UUID
    programme_code: str
    call_id: UUID
    title: str
    stage: str
    stage_since: date
    lead_organisation_id: UUID
    starts_on: date
    ends_on: date
    submitted_on: date | None
    public: Money
    match: Money


class PipelineLine(BaseModel):
    """Applications of one programme at one stage: value = public + match."""

    programme_code: str
    stage: str
    count: int
    public: Money
    match: Money
    value: Money


class PipelineOut(BaseModel):
    """The pipeline, and what it adds up to."""

    lines: list[PipelineLine]
    count: int
    value: Money

    @classmethod
    def of(cls, lines: list[PipelineLine]) -> "PipelineOut":
        """The lines with their totals."""
        return cls(
            lines=lines,
            count=sum(line.count for line in lines),
            value=total(line.value for line in lines),
        )


_BeforeDecision = states.Undecided | states.Ineligible


def furthest(state: states.Started) -> _BeforeDecision:
    """The state in which it was decided, which holds all that was known by then."""
    match state:
        case states.Awarded() | states.Declined() | states.Lapsed():
            return state.forwarded
        case states.Withdrawn():
            return state.before
        case _:
            return state


def _participant(proposal: Proposal, participant: Participant) -> ParticipantOut:
    leads = participant.organisation_id == proposal.lead_organisation_id
    return ParticipantOut(
        participant_id=participant.participant_id,
        organisation_id=participant.organisation_id,
        role=participant.role,
        name=participant.profile.legal_name,
        province=participant.profile.province,
        sme=participant.profile.sme,
        confirmation=None if leads else standing_of(proposal, participant),
    )


def _expectations(proposal: Proposal, organisations: dict[UUID, UUID]) -> list[ExpectationOut]:
    return [
        ExpectationOut(
            organisation_id=organisations[each.participant_id],
            participant_id=each.participant_id,
            indicator=each.indicator,
            baseline=each.baseline,
            expected=each.expected,
        )
        for each in proposal.expectations
    ]


def _returned(state: _BeforeDecision) -> ReturnOut | None:
    if not isinstance(state, states.Draft) or state.returned is None:
        return None
    return ReturnOut(
        number=state.returned.number,
        reasons=list(state.returned.reasons),
        sections=list(state.returned.sections),
        resubmit_by=state.returned.resubmit_by,
    )


def _budget(budget: Budget, organisations: dict[UUID, UUID]) -> BudgetOut:
    return BudgetOut(
        costs=[
            CostOut(
                organisation_id=organisations[cost.participant_id],
                category=cost.category,
                quarter=cost.quarter,
                cash=cost.cash,
                in_kind=cost.in_kind,
            )
            for cost in budget.costs
        ],
        requests=[
            AmountOut(
                organisation_id=organisations[request.participant_id],
                quarter=request.quarter,
                amount=request.amount,
            )
            for request in budget.requests
        ],
        other_government=budget.other_government,
        sources=[SourceOut.of(source) for source in budget.sources],
        totals=TotalsOut(
            cash=budget.cash,
            in_kind=budget.in_kind,
            requested=budget.requested,
            match_cash=budget.cash - budget.requested,
        ),
    )


def _submission(state: _BeforeDecision) -> SubmissionOut | None:
    if isinstance(state, states.Draft):
        return None
    sent = state.sent
    return SubmissionOut(
        number=sent.number,
        submitted_at=sent.submitted_at,
        programme_version=sent.programme_version,
        content_sha256=sent.content_sha256,
    )


def _assessment(state: _BeforeDecision) -> AssessmentOut | None:
    if not isinstance(state, states.Assessed | states.Forwarded):
        return None
    return AssessmentOut(
        scores=[
            ScoreOut(criterion=line.criterion, score=line.score, out_of=line.out_of)
            for line in state.scores
        ],
        summary=state.summary,
    )


def _forwarding(state: _BeforeDecision, organisations: dict[UUID, UUID]) -> ForwardingOut | None:
    if not isinstance(state, states.Forwarded):
        return None
    return ForwardingOut(
        funding=[
            FundingOut(
                organisation_id=organisations[cell.participant_id],
                participant_id=cell.participant_id,
                pocket=cell.pocket,
                quarter=cell.quarter,
                amount=cell.amount,
            )
            for cell in state.funding
        ],
        match=[
            MatchOut(
                organisation_id=organisations[cell.participant_id],
                participant_id=cell.participant_id,
                quarter=cell.quarter,
                cash=cell.cash,
                in_kind=cell.in_kind,
            )
            for cell in state.match
        ],
    )


def _decision(state: states.Started) -> DecisionOut | None:
    match state:
        case states.Ineligible():
            return DecisionOut(outcome="ineligible", reasons=list(state.reasons))
        case states.Awarded():
            return DecisionOut(outcome="awarded", reasons=[], award_id=state.award_id)
        case states.Declined():
            return DecisionOut(
                outcome="declined", reasons=list(state.reasons), meeting_id=state.meeting_id
            )
        case states.Lapsed():
            return DecisionOut(outcome="lapsed", reasons=[state.reason], award_id=state.award_id)
        case states.Withdrawn():
            return DecisionOut(outcome="withdrawn", reasons=[state.reason])
        case _:
            return None
