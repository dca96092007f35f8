"""What requests say and what answers show."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.claims.domain.state import (
    Agreement,
    ApprovedClaim,
    Balance,
    CertifiedClaim,
    DraftedClaim,
    Payment,
    Shares,
)
from services.claims.domain.values import (
    AcceptedLine,
    ClaimForm,
    ClaimFrequency,
    ClaimLine,
    ForecastLine,
)
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell
from shared.web.schemas import FundingCellIn, MatchCellIn, Request

MOST_LINES = 500
MOST_CELLS = 2_000

Reason = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"\S")]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
State = Literal["drafted", "lapsed", "executed", "terminated", "completed"]
ClaimStage = Literal["drafted", "certified", "approved", "paid"]


class SignatureIn(Request):
    """For whom the caller signs."""

    participant_id: UUID


class ExecutionIn(Request):
    """When the last party signed."""

    executed_on: date


class ClaimLineIn(Request):
    """One cost."""

    category: str = Field(min_length=1, max_length=100)
    cash: Money
    in_kind: Money = ZERO
    incurred_from: date
    incurred_to: date
    """The last day, inclusive."""
    paid_on: date | None = None
    """Needed where there is cash."""
    document_sha256: Sha256 | None = None


class ForecastLineIn(Request):
    """What is expected to be reimbursed in a later quarter."""

    quarter: Quarter
    amount: Money


class ClaimIn(Request):
    """The costs of one period, and what is expected after it."""

    participant_id: UUID
    period_starts_on: date
    period_ends_on: date
    """The last day, inclusive."""
    lines: Annotated[tuple[ClaimLineIn, ...], Field(max_length=MOST_LINES)]
    forecast: Annotated[tuple[ForecastLineIn, ...], Field(max_length=80)] | None = None
    """Null leaves the commitment planned as it is."""

    def to_domain(self) -> ClaimForm:
        """As the domain speaks of it."""
        forecast = None
        if self.forecast is not None:
            forecast = tuple(
                ForecastLine(quarter=line.quarter, amount=line.amount) for line in self.forecast
            )
        return ClaimForm(
            participant_id=self.participant_id,
            period_starts_on=self.period_starts_on,
            period_ends_on=self.period_ends_on,
            lines=tuple(
                ClaimLine(
                    category=line.category,
                    cash=line.cash,
                    in_kind=line.in_kind,
                    incurred_from=line.incurred_from,
                    incurred_to=line.incurred_to,
                    paid_on=line.paid_on,
                    document_sha256=line.document_sha256,
                )
                for line in self.lines
            ),
            forecast=forecast,
        )


class WithdrawalIn(Request):
    """Why a draft is taken back."""

    reason: Reason


class AcceptedLineIn(Request):
    """What is accepted of one line."""

    line: Annotated[int, Field(ge=0, lt=MOST_LINES)]
    """Index of the line in the claim, from 0."""
    cash: Money
    in_kind: Money = ZERO
    reason: Reason | None = None
    """Needed where less is accepted than was claimed."""

    def to_domain(self) -> AcceptedLine:
        """As the domain speaks of it."""
        return AcceptedLine(
            line=self.line, cash=self.cash, in_kind=self.in_kind, reason=self.reason
        )


class ApprovalIn(Request):
    """What is accepted; a line that is not named is accepted as claimed."""

    accepted: Annotated[tuple[AcceptedLineIn, ...], Field(max_length=MOST_LINES)] | None = None


class PaymentIn(Request):
    """When the money left."""

    paid_on: date


class ReturnIn(Request):
    """When and why a payment came back."""

    returned_on: date
    reason: Reason


class AmendmentIn(Request):
    """Differences to the schedule, and the end from now on."""

    kind: str = Field(max_length=50)
    """``time-extension``, ``reprofile``, ``reduction`` or ``increase``."""
    ends_on: date | None = None
    """Null: it stays."""
    funding: Annotated[tuple[FundingCellIn, ...], Field(max_length=MOST_CELLS)] = ()
    match: Annotated[tuple[MatchCellIn, ...], Field(max_length=MOST_CELLS)] = ()
    effective_on: date


class TerminationIn(Request):
    """When and why an agreement ended before its time."""

    terminated_on: date
    reason: Reason


class CompletionIn(Request):
    """When a project was completed."""

    completed_on: date


class BalanceOut(BaseModel):
    """Where the contracted money of one pocket stands; the last five add up to the first."""

    pocket: str
    contracted: Money
    committed: Money
    payable: Money
    held_back: Money
    paid: Money
    released: Money


class CellOut(BaseModel):
    """What is still committed of one pocket in one planned quarter."""

    pocket: str
    quarter: Quarter
    amount: Money


class MatchOut(BaseModel):
    """Match promised for one quarter and not reported; negative where more was reported."""

    quarter: Quarter
    cash: Money
    in_kind: Money


class RateOut(BaseModel):
    """The share of cash costs that is reimbursed: ``public`` of every ``costs``."""

    public: int
    costs: int


class ParticipantOut(BaseModel):
    """One participant, and where its money stands."""

    participant_id: UUID
    organisation_id: UUID
    role: str
    name: str
    province: str
    signed: bool
    rate: RateOut
    balances: list[BalanceOut]
    committed: list[CellOut]
    match_left: list[MatchOut]


class TermsOut(BaseModel):
    """The programme's terms, as frozen in the agreement."""

    programme_version: int
    reimbursement_rate_bp: int
    holdback_bp: int
    claim_frequency: ClaimFrequency
    cost_categories: list[str]


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
    accepted_cash: Money | None = None
    accepted_in_kind: Money | None = None
    reason: str | None = None


class ForecastLineOut(BaseModel):
    """What was expected of a later quarter."""

    quarter: Quarter
    amount: Money


class DrawnOut(BaseModel):
    """What a claim took off one committed cell."""

    pocket: str
    quarter: Quarter
    amount: Money


class ClaimDetailOut(ClaimOut):
    """One claim, line by line."""

    agreement_id: UUID
    lines: list[ClaimLineOut]
    forecast: list[ForecastLineOut] | None
    drawn: list[DrawnOut] = []


class PaymentOut(BaseModel):
    """One payment."""

    payment_id: UUID
    claim_id: UUID
    paid_on: date
    returned_on: date | None
    amount: Money


class StatementOut(BaseModel):
    """An agreement as it stands: what is contracted, and where every cent of it is."""

    agreement_id: UUID
    project_id: UUID
    award_id: UUID
    programme_code: str
    title: str
    state: State
    starts_on: date
    ends_on: date
    lapses_on: date
    executed_on: date | None
    terminated_on: date | None
    completed_on: date | None
    terms: TermsOut
    balances: list[BalanceOut]
    participants: list[ParticipantOut]
    claims: list[ClaimOut]
    payments: list[PaymentOut]


class AgreementItem(BaseModel):
    """One agreement in a list."""

    agreement_id: UUID
    project_id: UUID
    programme_code: str
    title: str
    state: State
    starts_on: date
    ends_on: date
    executed_on: date | None
    contracted: Money


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
    certified_on: date | None
    approved_on: date | None
    age_days: int | None
    """Calendar days from certification to approval, or until today."""
    claimed_cash: Money
    claimed_in_kind: Money
    payable: Money
    held_back: Money
    paid: Money


def statement(agreement_id: UUID, agreement: Agreement) -> StatementOut:
    """The statement of an agreement."""
    return StatementOut(
        agreement_id=agreement_id,
        project_id=agreement.project_id,
        award_id=agreement.award_id,
        programme_code=agreement.programme_code,
        title=agreement.title,
        state=agreement.standing.value,
        starts_on=agreement.starts_on,
        ends_on=agreement.ends_on,
        lapses_on=agreement.lapses_on,
        executed_on=agreement.executed_on,
        terminated_on=agreement.terminated_on,
        completed_on=agreement.completed_on,
        terms=TermsOut(
            programme_version=agreement.terms.version,
            reimbursement_rate_bp=agreement.terms.reimbursement_rate_bp,
            holdback_bp=agreement.terms.holdback_bp,
            claim_frequency=agreement.terms.claim_frequency,
            cost_categories=list(agreement.terms.cost_categories),
        ),
        balances=_balances(agreement.balances()),
        participants=_participants(agreement),
        claims=[ClaimOut(**_claim(each)) for each in agreement.claims.values()],
        payments=[_payment(each) for each in agreement.payments.values()],
    )


def claim_detail(
    agreement_id: UUID, claim: DraftedClaim | CertifiedClaim | ApprovedClaim
) -> ClaimDetailOut:
    """One claim, line by line."""
    form = claim.form
    drawn: tuple[FundingCell, ...] = ()
    lines = [
        ClaimLineOut(
            category=line.category,
            cash=line.cash,
            in_kind=line.in_kind,
            incurred_from=line.incurred_from,
            incurred_to=line.incurred_to,
            paid_on=line.paid_on,
            document_sha256=line.document_sha256,
        )
        for line in form.lines
    ]
    if isinstance(claim, ApprovedClaim):
        drawn = claim.drawn
        for line, accepted in zip(lines, claim.accepted, strict=True):
            line.accepted_cash = accepted.cash
            line.accepted_in_kind = accepted.in_kind
            line.reason = accepted.reason
    return ClaimDetailOut(
        **_claim(claim),
        agreement_id=agreement_id,
        lines=lines,
        forecast=None
        if form.forecast is None
        else [ForecastLineOut(quarter=line.quarter, amount=line.amount) for line in form.forecast],
        drawn=[
            DrawnOut(pocket=cell.pocket, quarter=cell.quarter, amount=cell.amount) for cell in drawn
        ],
    )


def _balances(balances: dict[str, Balance]) -> list[BalanceOut]:
    return [
        BalanceOut(
            pocket=pocket,
            contracted=balance.contracted,
            committed=balance.committed,
            payable=balance.payable,
            held_back=balance.held_back,
            paid=balance.paid,
            released=balance.released,
        )
        for pocket, balance in balances.items()
    ]


def _participants(agreement: Agreement) -> list[ParticipantOut]:
    cells, match = agreement.funding_left(), agreement.match_left()
    return [
        ParticipantOut(
            participant_id=participant_id,
            organisation_id=party.organisation_id,
            role=party.role,
            name=party.name,
            province=party.province,
            signed=participant_id in agreement.signed_by,
            rate=RateOut(
                public=agreement.rates[participant_id].public,
                costs=agreement.rates[participant_id].costs,
            ),
            balances=_balances(agreement.balances(participant_id)),
            committed=[
                CellOut(pocket=cell.pocket, quarter=cell.quarter, amount=cell.amount)
                for cell in cells
                if cell.participant_id == participant_id
            ],
            match_left=[
                MatchOut(quarter=cell.quarter, cash=cell.cash, in_kind=cell.in_kind)
                for cell in match
                if cell.participant_id == participant_id
            ],
        )
        for participant_id, party in agreement.participants.items()
    ]


def _claim(claim: DraftedClaim | CertifiedClaim | ApprovedClaim) -> dict[str, object]:
    form = claim.form
    shown: dict[str, object] = {
        "claim_id": claim.claim_id,
        "participant_id": form.participant_id,
        "state": "drafted",
        "quarter": form.quarter,
        "period_starts_on": form.period_starts_on,
        "period_ends_on": form.period_ends_on,
        "claimed_cash": form.cash,
        "claimed_in_kind": total(line.in_kind for line in form.lines),
    }
    if isinstance(claim, CertifiedClaim):
        shown |= {"state": "certified", "certified_on": claim.certified_on}
    if isinstance(claim, ApprovedClaim):
        shown |= {
            "state": "approved" if claim.payable else "paid",
            "certified_on": claim.certified_on,
            "approved_on": claim.approved_on,
            "payable": _sum(claim.payable),
            "held_back": _sum(claim.held_back),
            "paid": _sum(claim.paid),
            "match_cash": claim.match.cash,
            "match_in_kind": claim.match.in_kind,
        }
    return shown


def _sum(shares: Shares) -> Money:
    return total(shares.values())


def _payment(payment: Payment) -> PaymentOut:
    return PaymentOut(
        payment_id=payment.payment_id,
        claim_id=payment.claim_id,
        paid_on=payment.paid_on,
        returned_on=payment.returned_on,
        amount=total(share.amount for share in payment.paid),
    )
