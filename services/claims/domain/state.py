"""
The state of an agreement: what is contracted, and where every cent of it stands.

Per pocket, always: contracted = committed + payable + held back + paid + released.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal, TypeAlias, TypeVar
from uuid import UUID

from services.claims.domain.interest import Movement
from services.claims.domain.life import (
    MetRequirement,
    OpenCondition,
    OpenProposal,
    SettledCondition,
    SettledProposal,
    Suspension,
)
from services.claims.domain.reimbursement import Cells, Outstanding
from services.claims.domain.reporting import Report, ReportKey
from services.claims.domain.values import (
    AcceptedLine,
    AdvanceMonth,
    BudgetPart,
    ClaimForm,
    ClaimLine,
    ClosingRequirement,
    ConditionDue,
    DuplicateOf,
    IntellectualProperty,
    Match,
    Occasion,
    Party,
    PocketShare,
    ProgrammeTerms,
    Question,
    RateOverride,
    ReimbursementRate,
    SetOff,
    Step,
)
from shared.kernel.frozen import made
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell

K = TypeVar("K")

Shares: TypeAlias = Mapping[str, Money]
"""Amounts by code of the pocket."""


class Standing(StrEnum):
    """Where an agreement is in its life."""

    DRAFTED = "drafted"
    LAPSED = "lapsed"
    EXECUTED = "executed"
    TERMINATED = "terminated"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the participant said to a query."""

    text: str
    answered_by: str
    answered_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What an analyst asked, and the answer once there is one."""

    query_id: UUID
    questions: tuple[Question, ...]
    queried_by: str
    queried_on: date
    answer: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBack:
    """Why an assessment was not approved."""

    reason: str
    sent_back_by: str
    sent_back_on: date


# Claims and agreements have no slots: every event of a long history makes copies of them, and a
# dictionary is copied at once (see shared.kernel.frozen).


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What every claim has, whatever its stage."""

    claim_id: UUID
    form: ClaimForm
    prepared_by: frozenset[str]
    """Everybody who wrote or rewrote the draft."""
    certifiers: frozenset[str] = frozenset()
    """Everybody who certified it; more than one where an answer changed it."""
    assessors: frozenset[str] = frozenset()
    """Everybody who queried or assessed it."""
    assigned_to: str | None = None
    """The analyst who is to assess it; None: nobody yet."""
    queries: tuple[Query, ...] = ()
    sent_back: tuple[SentBack, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DraftedClaim(Claim):
    """Not submitted yet."""


@dataclass(frozen=True, kw_only=True)
class ReopenedClaim(DraftedClaim):
    """It was submitted, and the answer to a query changed it: to be certified again."""

    waiting_since: date
    queried_on: date
    """The day on which it stopped ageing."""
    days_late: int


@dataclass(frozen=True, kw_only=True)
class SubmittedClaim(Claim):
    """What every claim has from its certification on."""

    certified_by: str
    """The last who did."""
    certified_on: date
    """The last time."""
    waiting_since: date
    """The day from which its age counts: days that it was with its participant do not."""
    days_late: int = 0


@dataclass(frozen=True, kw_only=True)
class CertifiedClaim(SubmittedClaim):
    """Awaiting its assessment."""


@dataclass(frozen=True, kw_only=True)
class QueriedClaim(SubmittedClaim):
    """Awaiting the answer to the last of its queries."""

    queried_on: date
    """The day on which it stopped ageing."""


@dataclass(frozen=True, kw_only=True)
class AssessedClaim(SubmittedClaim):
    """Judged line by line, and awaiting approval."""

    assessed_by: str
    assessed_on: date
    accepted: tuple[AcceptedLine, ...]
    suspected: tuple[DuplicateOf, ...]


@dataclass(frozen=True, kw_only=True)
class ApprovedClaim(SubmittedClaim):
    """Decided: owed, held back and paid, by pocket."""

    approved_by: str
    approved_on: date
    accepted: tuple[AcceptedLine, ...]
    drawn: tuple[FundingCell, ...]
    advance_set_off: tuple[SetOff, ...]
    recovery_set_off: tuple[SetOff, ...]
    steps: tuple[Step, ...]
    match: Match
    payable: Shares
    held_back: Shares
    paid: Shares

    @property
    def reimbursed(self) -> Money:
        """What it was worth: drawn from the commitment or set off against an advance."""
        return total(cell.amount for cell in self.drawn) + total(
            part.amount for part in self.advance_set_off
        )

    @property
    def handled_by(self) -> frozenset[str]:
        """Everybody who prepared, certified, assessed or approved it."""
        return self.prepared_by | self.certifiers | self.assessors | {self.approved_by}


AnyClaim: TypeAlias = (
    DraftedClaim | ReopenedClaim | CertifiedClaim | QueriedClaim | AssessedClaim | ApprovedClaim
)
UndecidedClaim: TypeAlias = ReopenedClaim | CertifiedClaim | QueriedClaim | AssessedClaim
"""Submitted, and not approved."""

_C = TypeVar("_C", bound=Claim)


def become(stage: type[_C], claim: Claim, **more: Any) -> _C:
    """The claim at another stage; what both stages have is carried over."""
    wanted = stage.__dataclass_fields__
    kept = {name: value for name, value in vars(claim).items() if name in wanted}
    return made(stage, kept | more)


@dataclass(frozen=True, kw_only=True)
class Payment:
    """All that was payable of one claim, or of one advance, on one day."""

    payment_id: UUID
    claim_id: UUID | None
    paid: tuple[PocketShare, ...]
    paid_on: date
    returned_on: date | None = None
    advance_id: UUID | None = None
    """What it pays, where that is no claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """What every advance has, whatever became of it."""

    advance_id: UUID
    participant_id: UUID
    months: tuple[AdvanceMonth, ...]
    requested_by: str
    requested_on: date

    @property
    def amount(self) -> Money:
        """All of it."""
        return total(month.amount for month in self.months)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedAdvance(Advance):
    """It awaits a decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedAdvance(Advance):
    """It never was paid, and will not be."""

    how: Literal["refused", "withdrawn", "cancelled"]
    reason: str
    dropped_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedAdvance(Advance):
    """Granted: payable, then paid and outstanding until claims or a recovery account for it."""

    approved_by: str
    approved_on: date
    quarter: Quarter
    drawn: tuple[FundingCell, ...]
    payable: Shares
    paid: Shares = field(default_factory=dict)
    """Paid, and not set off against a claim."""
    outstanding: Cells = field(default_factory=dict)
    """Paid, and neither set off against a claim nor asked back."""
    paid_on: date | None = None
    reconcile_by: date | None = None
    """The last day on which it is accounted for in time; None until it is paid."""
    marked_overdue: bool = False
    """It was noted that some of it was not accounted for in time."""


AnyAdvance: TypeAlias = RequestedAdvance | DroppedAdvance | ApprovedAdvance


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedWriteOff:
    """Who would give a recovery up, and why."""

    proposed_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What was paid and is asked back, and what came of that."""

    recovery_id: UUID
    participant_id: UUID
    advance_id: UUID | None
    parts: Cells
    outstanding: Cells
    """Still to be recovered."""
    due_on: date
    reason: str
    requested_by: str
    requested_on: date
    movements: tuple[Movement, ...] = ()
    """What was received or set off against claims, in order."""
    proposed_write_off: ProposedWriteOff | None = None
    cancelled: Cells = field(default_factory=dict)
    ended: Literal["written-off", "cancelled"] | None = None
    """How it was given up, if it was; then it bears no interest."""

    @property
    def asked(self) -> Money:
        """What was asked back at first."""
        return total(self.parts.values())

    @property
    def to_recover(self) -> Money:
        """What is still asked back."""
        return total(self.outstanding.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledPayment:
    """All that was payable of one claim, or of one advance, on its way in a payment run."""

    payment_id: UUID
    run_id: UUID
    claim_id: UUID | None
    advance_id: UUID | None
    shares: tuple[PocketShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRequest:
    """A document that an analyst asked for."""

    cost: ClaimLine
    """The line as it was then: one that has changed since has nothing to show any more."""
    supplied: str | None
    """SHA-256 of the document that shows it; None: not yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPeriod:
    """A period that its participants are to claim."""

    starts_on: date
    ends_on: date
    """The last day, inclusive."""
    due_on: date | None
    """None: the programme has no due day, and nobody is reminded."""
    participants: frozenset[UUID]
    """For whom it was opened."""
    reminded: frozenset[Occasion] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Where the contracted money of one pocket stands."""

    contracted: Money
    committed: Money
    payable: Money
    held_back: Money
    paid: Money
    """Net of what came back."""
    released: Money
    """With what came back."""


@dataclass(frozen=True, slots=True)
class NotDrafted:
    """Nothing has happened yet."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """A contribution agreement from its draft on."""

    project_id: UUID
    programme_code: str
    award_id: UUID
    title: str
    participants: Mapping[UUID, Party]
    starts_on: date
    ends_on: date
    lapses_on: date
    terms: ProgrammeTerms
    rates: Mapping[UUID, ReimbursementRate]
    standing: Standing = Standing.DRAFTED
    signed_by: Mapping[UUID, str] = field(default_factory=dict)
    """Who signed, by participant."""
    executed_on: date | None = None
    terminated_on: date | None = None
    completed_on: date | None = None
    contracted: Mapping[UUID, Shares]
    """By participant and pocket; amendments change it, claims and releases do not."""
    contracted_match: Mapping[UUID, Match]
    committed: Mapping[UUID, Cells]
    """By participant: what of the contracted money is still to be claimed."""
    released: Mapping[UUID, Shares] = field(default_factory=dict)
    match_to_report: Mapping[tuple[UUID, Quarter], Match]
    """Promised less reported, by participant and quarter; negative where more was reported."""
    claims: Mapping[UUID, AnyClaim] = field(default_factory=dict)
    payments: Mapping[UUID, Payment] = field(default_factory=dict)
    scheduled: Mapping[UUID, ScheduledPayment] = field(default_factory=dict)
    """Payments that are in a run and have not left, by payment."""
    reports: Mapping[ReportKey, Report] = field(default_factory=dict)
    """What is expected or came, by participant and quarter; the final report has no quarter."""
    amendments: tuple[UUID, ...] = ()
    rate_overrides: tuple[RateOverride, ...] = ()
    advances: Mapping[UUID, AnyAdvance] = field(default_factory=dict)
    recoveries: Mapping[UUID, Recovery] = field(default_factory=dict)
    recovered: Mapping[UUID, Shares] = field(default_factory=dict)
    """By participant and pocket: what was paid and came back, received or set off."""
    claim_periods: Mapping[date, ClaimPeriod] = field(default_factory=dict)
    """Periods that were opened, by their first day."""
    document_requests: Mapping[tuple[UUID, int], DocumentRequest] = field(default_factory=dict)
    """Documents that were asked for, by claim and index of the line."""
    budget: Mapping[tuple[UUID, str], Match] = field(default_factory=dict)
    """By participant and category, public money and match together; empty: none was set."""
    conditions: Mapping[UUID, OpenCondition | SettledCondition] = field(default_factory=dict)
    proposals: Mapping[UUID, OpenProposal | SettledProposal] = field(default_factory=dict)
    """Amendments that were proposed; those of before there were proposals are not among them."""
    freely_moved: Mapping[BudgetPart, Money] = field(default_factory=dict)
    """What left each part of the budget without an approval, since the last one."""
    withdrawn_on: Mapping[UUID, date] = field(default_factory=dict)
    """When a participant left, by participant; it stays in the agreement with its history."""
    joined_on: Mapping[UUID, date] = field(default_factory=dict)
    """When a participant that an amendment added joined."""
    scope: tuple[str, str] | None = None
    """What the work is since it was changed, in English and in French."""
    suspensions: tuple[Suspension, ...] = ()
    recovery_due: Mapping[UUID, Shares] = field(default_factory=dict)
    """What is to be asked back since the termination, by participant and pocket."""
    requirements_met: Mapping[ClosingRequirement, MetRequirement] = field(default_factory=dict)
    ip_declared: Mapping[UUID, tuple[UUID, IntellectualProperty]] = field(default_factory=dict)
    """Participant and property, by declaration."""
    no_ip_declared: frozenset[UUID] = frozenset()
    """Participants that declared to have none."""

    @property
    def suspended_on(self) -> date | None:
        """Since when the agreement is suspended; None while it is not."""
        if self.suspensions and self.suspensions[-1].ends_before is None:
            return self.suspensions[-1].starts_on
        return None

    @property
    def active_participants(self) -> dict[UUID, Party]:
        """Those that have not left."""
        return {one: who for one, who in self.participants.items() if one not in self.withdrawn_on}

    def open_proposals(self) -> list[OpenProposal]:
        """Amendments that wait for a decision, oldest first."""
        return [each for each in self.proposals.values() if isinstance(each, OpenProposal)]

    def open_conditions(self, due: ConditionDue) -> list[OpenCondition]:
        """Conditions of a kind that are neither met nor waived."""
        return [
            each
            for each in self.conditions.values()
            if isinstance(each, OpenCondition) and each.due is due
        ]

    def conditions_blocking_payment(self) -> list[OpenCondition]:
        """What must come true before anything is paid, and has not."""
        return self.open_conditions(ConditionDue.BEFORE_FIRST_PAYMENT)

    def committed_to(self, participant_id: UUID) -> Money:
        """What the participant can still be reimbursed."""
        return total(self.committed.get(participant_id, {}).values())

    def claims_of(self, participant_id: UUID) -> list[AnyClaim]:
        """The participant's claims at any stage; withdrawn ones are gone."""
        return [each for each in self.claims.values() if each.form.participant_id == participant_id]

    def documents_missing(self, claim_id: UUID) -> tuple[int, ...]:
        """Indices of the claim's lines whose document was asked for and is not supplied."""
        lines = self.claims[claim_id].form.lines if claim_id in self.claims else ()
        return tuple(
            sorted(
                line
                for (of, line), asked in self.document_requests.items()
                if of == claim_id
                and asked.supplied is None
                and line < len(lines)
                and lines[line] == asked.cost
            )
        )

    def undecided(self) -> list[UndecidedClaim]:
        """Claims that were submitted and wait for a decision."""
        return [each for each in self.claims.values() if isinstance(each, UndecidedClaim)]

    def advance_outstanding(self, participant_id: UUID) -> list[Outstanding]:
        """What the participant was advanced and has not accounted for, oldest quarter first."""
        return sorted(
            Outstanding(quarter, pocket, advance.advance_id, amount)
            for advance in self.advances.values()
            if isinstance(advance, ApprovedAdvance) and advance.participant_id == participant_id
            for (quarter, pocket), amount in advance.outstanding.items()
        )

    def advances_unsettled(self, participant_id: UUID) -> Money:
        """What of the participant's advances is requested, owed, or paid and not accounted for."""
        advances = [one for one in self.advances.values() if one.participant_id == participant_id]
        return total(
            advance.amount
            if isinstance(advance, RequestedAdvance)
            else total((*advance.payable.values(), *advance.outstanding.values()))
            for advance in advances
            if not isinstance(advance, DroppedAdvance)
        )

    def recovery_outstanding(self, participant_id: UUID) -> list[Outstanding]:
        """What the participant owes back, oldest quarter first."""
        return sorted(
            Outstanding(quarter, pocket, recovery.recovery_id, amount)
            for recovery in self.recoveries.values()
            if recovery.participant_id == participant_id
            for (quarter, pocket), amount in recovery.outstanding.items()
        )

    def funding_left(self) -> tuple[FundingCell, ...]:
        """What is still committed, as a schedule."""
        return tuple(
            cell
            for participant_id, cells in self.committed.items()
            for cell in as_funding(participant_id, cells)
        )

    def match_left(self) -> tuple[MatchCell, ...]:
        """Promised less reported match, as differences per participant and quarter."""
        return tuple(
            MatchCell(
                participant_id=participant_id,
                quarter=quarter,
                cash=match.cash,
                in_kind=match.in_kind,
            )
            for (participant_id, quarter), match in sorted(self.match_to_report.items())
        )

    def balances(self, participant_id: UUID | None = None) -> dict[str, Balance]:
        """Where the money stands per pocket, of everybody or of one participant."""
        who = self.participants if participant_id is None else (participant_id,)
        approved = [
            claim
            for claim in self.claims.values()
            if isinstance(claim, ApprovedClaim) and claim.form.participant_id in who
        ]
        holders: list[ApprovedClaim | ApprovedAdvance] = [
            *approved,
            *(
                advance
                for advance in self.advances.values()
                if isinstance(advance, ApprovedAdvance) and advance.participant_id in who
            ),
        ]
        pockets = sorted({pocket for one in who for pocket in self.contracted.get(one, {})})
        back = {
            pocket: total(self.recovered.get(one, {}).get(pocket, ZERO) for one in who)
            for pocket in pockets
        }
        return {
            pocket: Balance(
                contracted=total(self.contracted.get(one, {}).get(pocket, ZERO) for one in who),
                committed=total(
                    amount
                    for one in who
                    for (_, of), amount in self.committed.get(one, {}).items()
                    if of == pocket
                ),
                payable=total(each.payable.get(pocket, ZERO) for each in holders),
                held_back=total(claim.held_back.get(pocket, ZERO) for claim in approved),
                paid=total(each.paid.get(pocket, ZERO) for each in holders) - back[pocket],
                released=total(self.released.get(one, {}).get(pocket, ZERO) for one in who)
                + back[pocket],
            )
            for pocket in pockets
        }


AgreementState: TypeAlias = NotDrafted | Agreement


def as_funding(participant_id: UUID, cells: Cells) -> tuple[FundingCell, ...]:
    """One participant's cells as a schedule, by quarter and code of the pocket."""
    return tuple(
        FundingCell(participant_id=participant_id, pocket=pocket, quarter=quarter, amount=amount)
        for (quarter, pocket), amount in sorted(cells.items())
    )


def added(amounts: Mapping[K, Money], changes: Iterable[tuple[K, Money]]) -> dict[K, Money]:
    """Amounts after changes, which may be negative; what comes to nil is left out."""
    result = dict(amounts)
    for key, change in changes:
        amount = result.get(key, ZERO) + change
        if amount:
            result[key] = amount
        else:
            result.pop(key, None)
    return result


def cells_by_participant(
    committed: Mapping[UUID, Cells], changes: Iterable[FundingCell], *, taken: bool = False
) -> dict[UUID, Cells]:
    """Committed cells after differences were put to them, or ``taken`` from them."""
    result = dict(committed)
    of, after = None, {}
    for cell in changes:
        if cell.participant_id != of:
            of = cell.participant_id
            result[of] = after = dict(result.get(of, {}))
        key = (cell.quarter, cell.pocket)
        before = after.get(key, ZERO)
        amount = before - cell.amount if taken else before + cell.amount
        if amount:
            after[key] = amount
        else:
            after.pop(key, None)
    return result


def shares_by_participant(
    amounts: Mapping[UUID, Shares], changes: Iterable[FundingCell]
) -> dict[UUID, Shares]:
    """Amounts by participant and pocket after differences, whatever their quarters."""
    result = dict(amounts)
    for participant_id, cells in grouped(changes).items():
        # Kept where it comes to nil: a pocket that was contracted stays in the statement.
        shares = dict(amounts.get(participant_id, {}))
        for cell in cells:
            shares[cell.pocket] = shares.get(cell.pocket, ZERO) + cell.amount
        result[participant_id] = shares
    return result


def grouped(cells: Iterable[FundingCell]) -> dict[UUID, list[FundingCell]]:
    """Cells by participant."""
    result: dict[UUID, list[FundingCell]] = {}
    for cell in cells:
        result.setdefault(cell.participant_id, []).append(cell)
    return result


def match_after(
    outstanding: Mapping[tuple[UUID, Quarter], Match], changes: Iterable[MatchCell]
) -> dict[tuple[UUID, Quarter], Match]:
    """Match still to report after differences; what comes to nil is left out."""
    result = dict(outstanding)
    for cell in changes:
        key = (cell.participant_id, cell.quarter)
        match = result.get(key, Match()) + Match(cell.cash, cell.in_kind)
        if match:
            result[key] = match
        else:
            result.pop(key, None)
    return result


def contracted_match_after(
    contracted: Mapping[UUID, Match], changes: Iterable[MatchCell]
) -> dict[UUID, Match]:
    """Contracted match by participant after differences."""
    result = dict(contracted)
    for cell in changes:
        match = Match(cell.cash, cell.in_kind)
        result[cell.participant_id] = result.get(cell.participant_id, Match()) + match
    return result
