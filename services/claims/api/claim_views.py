"""What answers about claims show."""

from collections.abc import Iterable
from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.claims.domain.calculation import worth_as_claimed, worth_of
from services.claims.domain.state import (
    Agreement,
    AnyClaim,
    ApprovedClaim,
    AssessedClaim,
    QueriedClaim,
    Query,
    ReopenedClaim,
    SubmittedClaim,
)
from services.claims.domain.values import (
    ClaimLine,
    DuplicateOf,
    Likeness,
    ReductionCode,
    SetOff,
    Step,
)
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter

ClaimStage = Literal["drafted", "certified", "queried", "assessed", "approved", "paid"]


class ClaimOut(BaseModel):
    """One claim and its amounts."""

    claim_id: UUID
    participant_id: UUID
    state: ClaimStage
    quarter: Quarter
    period_starts_on: date
    period_ends_on: date
    claimed_cash: Money
    claimed_in_kind: Money
    final: bool
    days_late: int = 0
    """Days after the due day on which it was certified."""
    certified_on: date | None = None
    approved_on: date | None = None
    payable: Money = ZERO
    held_back: Money = ZERO
    paid: Money = ZERO
    match_cash: Money = ZERO
    match_in_kind: Money = ZERO


class ClaimLineOut(BaseModel):
    """One cost, and what was accepted of it once the claim is decided."""

    category: str
    cash: Money
    in_kind: Money
    incurred_from: date
    incurred_to: date
    paid_on: date | None
    document_sha256: str | None
    document_number: str | None
    supplier: str | None
    related_party: bool
    sales_tax: Money
    accepted_cash: Money | None = None
    accepted_in_kind: Money | None = None
    code: ReductionCode | None = None
    reason: str | None = None
    not_duplicate: str | None = None
    """For staff only."""


class ForecastLineOut(BaseModel):
    """What was expected of a later quarter."""

    quarter: Quarter
    amount: Money


class DrawnOut(BaseModel):
    """What a claim took off one committed cell."""

    pocket: str
    quarter: Quarter
    amount: Money


class StepOut(BaseModel):
    """What remained of a claim after one rule of the calculation."""

    rule: str
    amount: Money


class SetOffOut(BaseModel):
    """What a claim settled of an advance or of a recovery."""

    of: UUID
    pocket: str
    quarter: Quarter
    amount: Money


class QuestionOut(BaseModel):
    """What was asked."""

    text: str
    line: int | None


class QueryOut(BaseModel):
    """One query, with its answer."""

    query_id: UUID
    queried_on: date
    questions: list[QuestionOut]
    answer: str | None
    answered_on: date | None


class SentBackOut(BaseModel):
    """Why an assessment was not approved."""

    sent_back_on: date
    reason: str


class SuspectOut(BaseModel):
    """A line of another claim that may show the same cost as a line of this one."""

    line: int
    likeness: Likeness
    agreement_id: UUID
    claim_id: UUID
    other_line: int


class ClaimDetailOut(ClaimOut):
    """One claim, line by line."""

    agreement_id: UUID
    nil: bool
    other_government: Money
    age_days: int | None
    """Calendar days from certification to approval, without those with the participant."""
    lines: list[ClaimLineOut]
    forecast: list[ForecastLineOut] | None
    queries: list[QueryOut]
    steps: list[StepOut]
    """As approved; before that, what it would be worth today (to staff: as assessed)."""
    drawn: list[DrawnOut] = []
    advance_set_off: list[SetOffOut] = []
    recovery_set_off: list[SetOffOut] = []
    assigned_to: str | None = None
    """For staff only, like the next two."""
    sent_back: list[SentBackOut] = []
    suspects: list[SuspectOut] = []


class ClaimItem(BaseModel):
    """One claim in the queue."""

    claim_id: UUID
    agreement_id: UUID
    project_id: UUID
    programme_code: str
    participant_id: UUID
    organisation_id: UUID
    state: ClaimStage
    quarter: Quarter
    period_starts_on: date
    period_ends_on: date
    final: bool
    assigned_to: str | None
    """For staff only."""
    certified_on: date | None
    approved_on: date | None
    days_late: int
    """Days after the due day on which it was certified."""
    age_days: int | None
    """Calendar days from certification to approval, without those with the participant."""
    standard_days: int
    """Within which a claim is decided."""
    overdue: bool
    """Not approved yet, and older than that."""
    claimed_cash: Money
    claimed_in_kind: Money
    payable: Money
    held_back: Money
    paid: Money


def claim_out(claim: AnyClaim) -> ClaimOut:
    """A claim and its amounts."""
    form = claim.form
    shown = ClaimOut(
        claim_id=claim.claim_id,
        participant_id=form.participant_id,
        state=_stage(claim),
        quarter=form.quarter,
        period_starts_on=form.period_starts_on,
        period_ends_on=form.period_ends_on,
        claimed_cash=form.cash,
        claimed_in_kind=total(line.in_kind for line in form.lines),
        final=form.final,
    )
    if isinstance(claim, SubmittedClaim):
        shown.certified_on = claim.certified_on
        shown.days_late = claim.days_late
    if isinstance(claim, ApprovedClaim):
        shown.approved_on = claim.approved_on
        shown.payable = total(claim.payable.values())
        shown.held_back = total(claim.held_back.values())
        shown.paid = total(claim.paid.values())
        shown.match_cash = claim.match.cash
        shown.match_in_kind = claim.match.in_kind
    return shown


def claim_detail(
    agreement_id: UUID,
    claim: AnyClaim,
    agreement: Agreement,
    *,
    today: date,
    internal: bool,
) -> ClaimDetailOut:
    """One claim, line by line; what is ``internal`` is not for its participant."""
    form = claim.form
    detail = ClaimDetailOut(
        **claim_out(claim).model_dump(),
        agreement_id=agreement_id,
        nil=form.nil,
        other_government=form.other_government,
        age_days=_age_days(claim, today),
        lines=[_line(line) for line in form.lines],
        forecast=None
        if form.forecast is None
        else [ForecastLineOut(quarter=line.quarter, amount=line.amount) for line in form.forecast],
        queries=[_query(query) for query in claim.queries],
        steps=[
            StepOut(rule=step.rule, amount=step.amount)
            for step in _steps(claim, agreement, internal=internal)
        ],
    )
    if isinstance(claim, ApprovedClaim) or (internal and isinstance(claim, AssessedClaim)):
        for line, accepted in zip(detail.lines, claim.accepted, strict=True):
            line.accepted_cash = accepted.cash
            line.accepted_in_kind = accepted.in_kind
            line.code = accepted.code
            line.reason = accepted.reason
            line.not_duplicate = accepted.not_duplicate if internal else None
    if isinstance(claim, ApprovedClaim):
        detail.drawn = [
            DrawnOut(pocket=cell.pocket, quarter=cell.quarter, amount=cell.amount)
            for cell in claim.drawn
        ]
        detail.advance_set_off = [_set_off(part) for part in claim.advance_set_off]
        detail.recovery_set_off = [_set_off(part) for part in claim.recovery_set_off]
    if internal:
        detail.assigned_to = claim.assigned_to
        detail.sent_back = [
            SentBackOut(sent_back_on=each.sent_back_on, reason=each.reason)
            for each in claim.sent_back
        ]
    return detail


def suspects(agreement_id: UUID, found: Iterable[DuplicateOf]) -> list[SuspectOut]:
    """What a claim's lines resemble, in the claim's own agreement or in others."""
    return [
        SuspectOut(
            line=each.line,
            likeness=each.likeness,
            agreement_id=each.agreement_id or agreement_id,
            claim_id=each.claim_id,
            other_line=each.other_line,
        )
        for each in found
    ]


def _stage(claim: AnyClaim) -> ClaimStage:
    match claim:
        case ApprovedClaim():
            return "approved" if claim.payable else "paid"
        case AssessedClaim():
            return "assessed"
        case QueriedClaim():
            return "queried"
        case SubmittedClaim():
            return "certified"
        case _:
            return "drafted"


def _age_days(claim: AnyClaim, today: date) -> int | None:
    match claim:
        case ApprovedClaim():
            until = claim.approved_on
        case QueriedClaim() | ReopenedClaim():
            until = claim.queried_on
        case SubmittedClaim():
            until = today
        case _:
            return None
    return (until - claim.waiting_since).days


def _steps(claim: AnyClaim, agreement: Agreement, *, internal: bool) -> tuple[Step, ...]:
    if isinstance(claim, ApprovedClaim):
        return claim.steps
    if internal and isinstance(claim, AssessedClaim):
        return worth_of(claim.form, claim.accepted, agreement).steps
    return worth_as_claimed(claim.form, agreement).steps


def _line(line: ClaimLine) -> ClaimLineOut:
    return ClaimLineOut(
        category=line.category,
        cash=line.cash,
        in_kind=line.in_kind,
        incurred_from=line.incurred_from,
        incurred_to=line.incurred_to,
        paid_on=line.paid_on,
        document_sha256=line.document_sha256,
        document_number=line.document_number,
        supplier=line.supplier,
        related_party=line.related_party,
        sales_tax=line.sales_tax,
    )


def _set_off(part: SetOff) -> SetOffOut:
    return SetOffOut(of=part.of, pocket=part.pocket, quarter=part.quarter, amount=part.amount)


def _query(query: Query) -> QueryOut:
    return QueryOut(
        query_id=query.query_id,
        queried_on=query.queried_on,
        questions=[QuestionOut(text=each.text, line=each.line) for each in query.questions],
        answer=None if query.answer is None else query.answer.text,
        answered_on=None if query.answer is None else query.answer.answered_on,
    )
