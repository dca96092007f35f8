"""
What is owed, what of it is on its way, and what blocks the rest, and why?

A payable is all that is payable now of one claim or advance; nil is not shown. Reports become
overdue by the passing of days, so that is asked of the rows, not written in them.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Index,
    MetaData,
    Row,
    ScalarSelect,
    Table,
    Text,
    Uuid,
    and_,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from services.claims.domain import bank_account, events
from services.claims.domain.values import ConditionDue, PocketShare
from shared.eventstore.store import Recorded
from shared.projecting.projection import Add, Change, Delta, Insert, Projection, Put, Remove

NAME = "payables"
METADATA = MetaData()

FINAL = "final"
"""How the final report is called where quarters are."""

PAYABLE = Table(
    "payable",
    METADATA,
    Column("payable_id", Uuid, primary_key=True),
    Column("claim_id", Uuid),
    Column("advance_id", Uuid),
    Column("agreement_id", Uuid, nullable=False),
    Column("project_id", Uuid, nullable=False),
    Column("programme_code", Text, nullable=False),
    Column("participant_id", Uuid, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("quarter", Text),
    Column("owed_since", Date),
    Column("payable_cents", BigInteger, nullable=False),
    Column("run_id", Uuid),
    Column("payment_id", Uuid),
    Index("payable_longest_owed_first", "owed_since", "payable_id"),
    schema=NAME,
)

AGREEMENT = Table(
    "agreement",
    METADATA,
    Column("agreement_id", Uuid, primary_key=True),
    Column("reports_hold_payments", Boolean, nullable=False),
    Column("ended_on", Date),
    Column("suspended_on", Date),
    schema=NAME,
)

LEAVER = Table(
    "leaver",
    METADATA,
    Column("agreement_id", Uuid, primary_key=True),
    Column("participant_id", Uuid, primary_key=True),
    Column("left_on", Date, nullable=False),
    schema=NAME,
)

CONDITION = Table(
    "condition",
    METADATA,
    Column("agreement_id", Uuid, primary_key=True),
    Column("condition_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("due", Text, nullable=False),
    schema=NAME,
)

ACCOUNT = Table(
    "account",
    METADATA,
    Column("organisation_id", Uuid, primary_key=True),
    Column("verified", Boolean, nullable=False),
    schema=NAME,
)

REPORT = Table(
    "report",
    METADATA,
    Column("agreement_id", Uuid, primary_key=True),
    Column("participant_id", Uuid, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("starts_on", Date),
    Column("due_on", Date),
    Column("awaited", Boolean),
    schema=NAME,
)


def deltas(  # noqa: C901, PLR0912, PLR0915  # one branch per event
    recorded: Recorded,
) -> Iterable[Delta]:
    """What an event changes."""
    agreement = {"agreement_id": recorded.stream.id}
    match recorded.event:
        case events.AgreementDrafted() as event:
            holds = event.terms.reports_hold_payments
            unset = {"ended_on": None, "suspended_on": None}
            yield Insert(AGREEMENT, agreement | {"reports_hold_payments": holds} | unset)
        case events.ConditionSet() as event:
            condition = agreement | {"condition_id": event.condition_id}
            yield Insert(CONDITION, condition | {"code": event.code, "due": event.due.value})
        case events.ConditionMet() | events.ConditionWaived() as event:
            yield Remove(CONDITION, agreement | {"condition_id": event.condition_id})
        case events.AgreementSuspended() as event:
            yield Change(AGREEMENT, agreement, {"suspended_on": event.effective_on})
        case events.AgreementResumed():
            yield Change(AGREEMENT, agreement, {"suspended_on": None})
        case events.AgreementAmended() as event:
            for one in event.withdrawn:
                left = {"participant_id": one, "left_on": event.effective_on}
                yield Insert(LEAVER, agreement | left)
        case events.AgreementTerminated() | events.ProjectCompleted() as event:
            yield Change(AGREEMENT, agreement, {"ended_on": event.effective_on})
        case events.ClaimDrafted() as event:
            yield Insert(PAYABLE, _drafted(recorded, event))
        case events.ClaimWithdrawn() as event:
            yield Remove(PAYABLE, _key(event.claim_id))
        case events.ClaimApproved() as event:
            values = {"owed_since": event.effective_on, "quarter": str(event.quarter)}
            yield Add(PAYABLE, _key(event.claim_id), _payable(event.payable), values)
        case events.AdvanceRequested() as event:
            yield Insert(PAYABLE, _requested(recorded, event))
        case events.AdvanceApproved() as event:
            values = {"owed_since": event.effective_on, "quarter": str(event.quarter)}
            yield Add(PAYABLE, _key(event.advance_id), _payable(event.payable), values)
        case events.AdvanceCancelled() as event:
            yield Change(PAYABLE, _key(event.advance_id), {"payable_cents": 0})
        case events.HoldbackReleased() as event:
            yield Add(PAYABLE, _key(event.claim_id), _payable(event.released))
        case events.PaymentScheduled() as event:
            run = {"run_id": event.run_id, "payment_id": event.payment_id}
            yield Change(PAYABLE, _key(event.claim_id or event.advance_id), run)
        case events.PaymentCancelled() as event:
            yield Change(PAYABLE, _key(event.claim_id or event.advance_id), NO_RUN)
        case events.PaymentDisbursed() as event:
            key = _key(event.claim_id or event.advance_id)
            yield Add(PAYABLE, key, _payable(event.paid, -1), NO_RUN)
        case events.PaymentReturned() as event:
            key = _key(event.claim_id or event.advance_id)
            yield Add(PAYABLE, key, _payable(event.returned))
        case bank_account.BankAccountRecorded() as event:
            yield Put(ACCOUNT, {"organisation_id": event.organisation_id}, {"verified": False})
        case bank_account.BankAccountVerified() as event:
            yield Put(ACCOUNT, {"organisation_id": event.organisation_id}, {"verified": True})
        case events.ReportsExpected() as event:
            for due in event.reports:
                key = _report(recorded, due.participant_id, due.quarter)
                starts_on = None if due.quarter is None else due.quarter.starts_on
                yield Put(REPORT, key, {"starts_on": starts_on, "due_on": due.due_on})
        case events.ReportSubmitted() as event:
            key = _report(recorded, event.participant_id, event.quarter)
            yield Put(REPORT, key, {"awaited": False})
        case events.ReportReturned() as event:
            key = _report(recorded, event.participant_id, event.quarter)
            yield Put(REPORT, key, {"awaited": True})


NO_RUN = {"run_id": None, "payment_id": None}


def _key(payable_id: UUID | None) -> dict[str, UUID | None]:
    return {"payable_id": payable_id}


def _payable(shares: Iterable[PocketShare], sign: int = 1) -> dict[str, int]:
    return {"payable_cents": sign * sum(share.amount.cents for share in shares)}


def _report(recorded: Recorded, participant_id: UUID, quarter: object) -> dict[str, Any]:
    return {
        "agreement_id": recorded.stream.id,
        "participant_id": participant_id,
        "period": FINAL if quarter is None else str(quarter),
    }


def _drafted(recorded: Recorded, event: events.ClaimDrafted) -> dict[str, Any]:
    return {
        **_key(event.claim_id),
        "claim_id": event.claim_id,
        "advance_id": None,
        "participant_id": event.form.participant_id,
        **_nothing_yet(recorded, event),
    }


def _requested(recorded: Recorded, event: events.AdvanceRequested) -> dict[str, Any]:
    return {
        **_key(event.advance_id),
        "claim_id": None,
        "advance_id": event.advance_id,
        "participant_id": event.participant_id,
        **_nothing_yet(recorded, event),
    }


def _nothing_yet(
    recorded: Recorded, event: events.ClaimDrafted | events.AdvanceRequested
) -> dict[str, Any]:
    return {
        "agreement_id": recorded.stream.id,
        "project_id": event.project_id,
        "programme_code": event.programme_code,
        "organisation_id": event.organisation_id,
        "quarter": None,
        "owed_since": None,
        "payable_cents": 0,
        **NO_RUN,
    }


PROJECTION = Projection(NAME, 2, METADATA, deltas)


def owed(
    connection: Connection,
    *,
    today: date,
    limit: int,
    after: Sequence[Any] | None = None,
    blocked: bool | None = None,
    organisation_id: UUID | None = None,
) -> list[Row[Any]]:
    """
    What is payable, the longest owed first, with what blocks it.

    Beside the columns: ``verified`` (the organisation can be paid), ``late_periods`` and
    ``late_since`` (which late reports hold it and when they were due, oldest first, or None),
    ``suspended_on``, and ``conditions`` (codes of those to be met before any payment, or None).
    ``after`` is ``owed_since`` and ``payable_id`` of the last one seen. ``blocked`` asks for what
    is blocked, or for what is not; what is in a run counts as blocked: it can be in no other.
    """
    verified = exists().where(
        ACCOUNT.c.organisation_id == PAYABLE.c.organisation_id, ACCOUNT.c.verified
    )
    left_on = (
        select(LEAVER.c.left_on)
        .where(
            LEAVER.c.agreement_id == PAYABLE.c.agreement_id,
            LEAVER.c.participant_id == PAYABLE.c.participant_id,
        )
        .correlate(PAYABLE)
        .scalar_subquery()
    )
    ended_on = func.least(AGREEMENT.c.ended_on, left_on)
    open_condition = and_(
        CONDITION.c.agreement_id == PAYABLE.c.agreement_id,
        CONDITION.c.due == ConditionDue.BEFORE_FIRST_PAYMENT.value,
    )
    conditions = (
        select(func.array_agg(aggregate_order_by(CONDITION.c.code, CONDITION.c.code)))
        .where(open_condition)
        .correlate(PAYABLE)
        .scalar_subquery()
    )
    late = and_(
        AGREEMENT.c.reports_hold_payments,
        REPORT.c.agreement_id == PAYABLE.c.agreement_id,
        REPORT.c.participant_id == PAYABLE.c.participant_id,
        REPORT.c.awaited.is_not(False),
        REPORT.c.due_on < today,
        or_(
            ended_on.is_(None),
            REPORT.c.starts_on.is_(None),
            REPORT.c.starts_on <= ended_on,
        ),
    )

    def late_ones(column: Column[Any]) -> ScalarSelect[Any]:
        listed = func.array_agg(aggregate_order_by(column, REPORT.c.due_on, REPORT.c.period))
        return select(listed).where(late).correlate(PAYABLE, AGREEMENT).scalar_subquery()

    is_blocked: ColumnElement[bool] = or_(
        PAYABLE.c.run_id.is_not(None),
        ~verified,
        exists().where(late).correlate(PAYABLE, AGREEMENT),
        AGREEMENT.c.suspended_on.is_not(None),
        exists().where(open_condition).correlate(PAYABLE),
    )
    order = (PAYABLE.c.owed_since, PAYABLE.c.payable_id)
    query = (
        select(
            PAYABLE,
            verified.label("verified"),
            late_ones(REPORT.c.period).label("late_periods"),
            late_ones(REPORT.c.due_on).label("late_since"),
            AGREEMENT.c.suspended_on,
            conditions.label("conditions"),
        )
        .join(AGREEMENT, AGREEMENT.c.agreement_id == PAYABLE.c.agreement_id)
        .where(PAYABLE.c.payable_cents > 0)
        .order_by(*order)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    if blocked is not None:
        query = query.where(is_blocked if blocked else ~is_blocked)
    if organisation_id is not None:
        query = query.where(PAYABLE.c.organisation_id == organisation_id)
    return list(connection.execute(query).all())
