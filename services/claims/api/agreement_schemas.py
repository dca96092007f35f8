"""What requests about an agreement's life say, and what its statement shows of it."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.claims.api.claim_schemas import Reason, Sha256
from services.claims.domain.changes import Change
from services.claims.domain.life import (
    OpenCondition,
    OpenProposal,
    Reservation,
    SettledCondition,
    SettledProposal,
)
from services.claims.domain.state import Agreement
from services.claims.domain.values import BudgetLine, ConditionDue
from shared.kernel.money import ZERO, Money
from shared.web.schemas import Request

MOST_LINES = 500

Text = Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"\S")]


class SignatureIn(Request):
    """For whom the caller signs."""

    participant_id: UUID


class ExecutionIn(Request):
    """When the last party signed."""

    executed_on: date


class BudgetLineIn(Request):
    """What one participant budgets in one category, or by how much that changes."""

    participant_id: UUID
    category: str = Field(min_length=1, max_length=100)
    cash: Money
    """Public money and the participant's own, together."""
    in_kind: Money = ZERO

    def to_domain(self) -> BudgetLine:
        """As the domain speaks of it."""
        return BudgetLine(
            participant_id=self.participant_id,
            category=self.category,
            cash=self.cash,
            in_kind=self.in_kind,
        )


class BudgetIn(Request):
    """The whole budget of an agreement."""

    lines: Annotated[tuple[BudgetLineIn, ...], Field(max_length=MOST_LINES)]


class ConditionIn(Request):
    """Something that must come true."""

    code: str = Field(pattern="^[a-z0-9][a-z0-9-]{0,49}$")
    text_en: Text
    text_fr: Text
    due: ConditionDue
    due_on: date | None = None
    """The day, where it is due ``on-date``."""


class ConfirmationIn(Request):
    """When a condition was met, and what shows it."""

    met_on: date
    document_sha256: Sha256 | None = None


class WaiverIn(Request):
    """Why a condition is asked no longer."""

    reason: Reason


class SuspensionIn(Request):
    """From when and why an agreement pauses."""

    suspended_on: date
    reason: Reason
    costs_eligible: bool = False
    """Costs incurred meanwhile count all the same."""


class ResumptionIn(Request):
    """From when and why it goes on."""

    resumed_on: date
    reason: Reason


class BudgetLineOut(BaseModel):
    """What one participant budgets in one category."""

    participant_id: UUID
    category: str
    cash: Money
    in_kind: Money


class ConditionOut(BaseModel):
    """One condition, and whether it still holds something."""

    condition_id: UUID
    code: str
    text_en: str
    text_fr: str
    due: ConditionDue
    due_on: date | None
    state: Literal["open", "met", "waived"]
    settled_on: date | None = None


class AmendmentOut(BaseModel):
    """One amendment that was proposed, and what became of it."""

    amendment_id: UUID
    state: Literal["proposed", "approved", "applied", "rejected", "withdrawn"]
    change: Change
    effective_on: date
    proposed_on: date
    by_participant: bool
    """A participant asked for it."""
    settled_on: date | None = None
    reservation: Reservation | None = None
    """Of the money that it adds, while it waits."""
    signed: bool | None = None
    """By the participant that it adds, while it waits."""


class SuspensionOut(BaseModel):
    """One pause."""

    starts_on: date
    ends_before: date | None
    costs_eligible: bool


class ScopeOut(BaseModel):
    """What the work is, since it was changed."""

    en: str
    fr: str


class LifeOut(BaseModel):
    """What happened to an agreement beside its money."""

    suspended_on: date | None = None
    suspensions: list[SuspensionOut] = []
    scope: ScopeOut | None = None
    budget: list[BudgetLineOut] = []
    conditions: list[ConditionOut] = []
    amendments: list[AmendmentOut] = []


def life(agreement: Agreement) -> LifeOut:
    """What the statement shows of it."""
    return LifeOut(
        suspended_on=agreement.suspended_on,
        suspensions=[
            SuspensionOut(
                starts_on=pause.starts_on,
                ends_before=pause.ends_before,
                costs_eligible=pause.costs_eligible,
            )
            for pause in agreement.suspensions
        ],
        scope=None
        if agreement.scope is None
        else ScopeOut(en=agreement.scope[0], fr=agreement.scope[1]),
        budget=[
            BudgetLineOut(
                participant_id=participant_id,
                category=category,
                cash=amounts.cash,
                in_kind=amounts.in_kind,
            )
            for (participant_id, category), amounts in agreement.budget.items()
        ],
        conditions=[_condition(each) for each in agreement.conditions.values()],
        amendments=[_amendment(each) for each in agreement.proposals.values()],
    )


def _condition(condition: OpenCondition | SettledCondition) -> ConditionOut:
    shown = ConditionOut(
        condition_id=condition.condition_id,
        code=condition.code,
        text_en=condition.text_en,
        text_fr=condition.text_fr,
        due=condition.due,
        due_on=condition.due_on,
        state="open",
    )
    if isinstance(condition, SettledCondition):
        shown.state = condition.outcome
        shown.settled_on = condition.settled_on
    return shown


def _amendment(proposal: OpenProposal | SettledProposal) -> AmendmentOut:
    shown = AmendmentOut(
        amendment_id=proposal.amendment_id,
        state="proposed",
        change=proposal.change,
        effective_on=proposal.effective_on,
        proposed_on=proposal.proposed_on,
        by_participant=proposal.by_organisation_id is not None,
    )
    if isinstance(proposal, SettledProposal):
        shown.state = proposal.outcome
        shown.settled_on = proposal.settled_on
    else:
        shown.reservation = proposal.reservation
        if proposal.change.kind == "participant-added":
            shown.signed = proposal.signed_by is not None
    return shown
