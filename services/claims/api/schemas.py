"""What requests about agreements say and what answers show; claims are in ``claim_schemas``."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.claims.api.agreement_schemas import LifeOut, life
from services.claims.api.claim_schemas import Reason
from services.claims.api.claim_views import ClaimOut, claim_out
from services.claims.domain.state import Agreement, Balance, Payment
from services.claims.domain.values import ClaimFrequency
from shared.kernel.money import Money, total
from shared.kernel.periods import Quarter
from shared.web.schemas import Request

State = Literal["drafted", "lapsed", "executed", "terminated", "completed"]


class ReturnIn(Request):
    """When and why a payment came back."""

    returned_on: date
    reason: Reason


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
    joined_on: date | None
    """When an amendment added it; null: it is there from the start."""
    withdrawn_on: date | None
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


class PaymentOut(BaseModel):
    """One payment."""

    payment_id: UUID
    claim_id: UUID | None
    advance_id: UUID | None
    """What it paid: the one or the other."""
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
    life: LifeOut


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
        claims=[claim_out(each) for each in agreement.claims.values()],
        payments=[_payment(each) for each in agreement.payments.values()],
        life=life(agreement),
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
            joined_on=agreement.joined_on.get(participant_id),
            withdrawn_on=agreement.withdrawn_on.get(participant_id),
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


def _payment(payment: Payment) -> PaymentOut:
    return PaymentOut(
        payment_id=payment.payment_id,
        claim_id=payment.claim_id,
        advance_id=payment.advance_id,
        paid_on=payment.paid_on,
        returned_on=payment.returned_on,
        amount=total(share.amount for share in payment.paid),
    )
