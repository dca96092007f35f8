"""
What can be paid and what cannot, and the runs in which money leaves.

A run and the agreements it pays under are decided together. ``version`` in answers, and
``If-Match``, are the run's.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field
from sqlalchemy import Row

from services.claims.api.claim_schemas import Reason
from services.claims.api.doors import AnyReader, PayerDesk
from services.claims.domain import payment_run
from services.claims.domain.bank_account import NoVerifiedAccount
from services.claims.domain.payable import ConditionHoldsPayment, ReportHoldsPayment
from services.claims.domain.payment import AlreadyInRun
from services.claims.domain.payment_run_life import (
    ApprovedRun,
    ConfirmRun,
    Disbursed,
    ExportedRun,
    Failed,
    ItemResult,
    RejectedRun,
    Run,
    RunItem,
    Stage,
    stage_of,
)
from services.claims.domain.standing import AgreementIsSuspended
from services.claims.projections import payables
from services.claims.projections import payment_runs as runs
from services.claims.use_cases import payment_files, payment_runs, streams
from shared.eventstore.together import Changes, Loaded, carry_out_together
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Refusal
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk
from shared.web.paging import AskedPage, Page
from shared.web.schemas import Request

FinanceDesk = Annotated[Desk, Depends(at_desk("finance-officer"))]
RunReader = Annotated[Reader, Depends(at_counter("payer", "finance-officer"))]

FileFormat = Literal["pain.001", "csv"]

router = APIRouter(prefix="/v1", tags=["payments"])


class ItemIn(Request):
    """One thing to pay, all that is payable of it."""

    agreement_id: UUID
    payable_id: UUID
    """The claim's id, or the advance's."""


class RunIn(Request):
    """What to pay together, and when."""

    execution_on: date
    """The day on which the bank is asked to pay: today or later."""
    items: Annotated[tuple[ItemIn, ...], Field(max_length=payment_run.MOST_ITEMS)]


class RejectionIn(Request):
    """Why a run does not leave."""

    reason: Reason


class DisbursedIn(Request):
    """A payment left."""

    payment_id: UUID
    paid_on: date

    def to_domain(self) -> ItemResult:
        """As the domain speaks of it."""
        return Disbursed(payment_id=self.payment_id, paid_on=self.paid_on)


class FailedIn(Request):
    """A payment did not leave; what it was to pay is payable again."""

    payment_id: UUID
    failed: Reason
    """What the bank said."""

    def to_domain(self) -> ItemResult:
        """As the domain speaks of it."""
        return Failed(payment_id=self.payment_id, reason=self.failed)


class ConfirmationIn(Request):
    """What came of payments of a run: of all, or of some now and the rest later."""

    results: Annotated[tuple[DisbursedIn | FailedIn, ...], Field(max_length=payment_run.MOST_ITEMS)]


class BlockOut(BaseModel):
    """One thing that stands in the way of a payment."""

    code: str
    en: str
    fr: str


class PayableItem(BaseModel):
    """All that is payable of one claim, or of one advance."""

    payable_id: UUID
    claim_id: UUID | None
    advance_id: UUID | None
    agreement_id: UUID
    project_id: UUID
    programme_code: str
    participant_id: UUID
    organisation_id: UUID
    quarter: Quarter
    owed_since: date
    payable: Money
    run_id: UUID | None
    payment_id: UUID | None
    blocked_by: list[BlockOut]


class RunOut(BaseModel):
    """One payment run in a list."""

    run_id: UUID
    state: Stage
    proposed_on: date
    execution_on: date
    items: int
    amount: Money
    disbursed: int
    failed: int


class RunItemOut(BaseModel):
    """One payment of a run."""

    payment_id: UUID
    agreement_id: UUID
    claim_id: UUID | None
    advance_id: UUID | None
    participant_id: UUID
    organisation_id: UUID
    account_id: UUID
    amount: Money
    state: Literal["awaited", "disbursed", "failed"]
    paid_on: date | None
    reason: str | None
    """Why it failed."""


class FileOut(BaseModel):
    """A file that was made for the bank."""

    format: str
    sha256: str


class RunDetailOut(BaseModel):
    """One payment run, payment by payment, and who did what."""

    run_id: UUID
    state: Stage
    execution_on: date
    amount: Money
    items: list[RunItemOut]
    proposed_by: str
    proposed_on: date
    approved_by: str | None
    approved_on: date | None
    rejected_by: str | None
    rejected_on: date | None
    reason: str | None
    """Why it was rejected."""
    exported_by: str | None
    exported_on: date | None
    written_at: datetime | None
    files: list[FileOut]


@router.get("/payables")
def list_payables(
    reader: AnyReader, paging: AskedPage, blocked: bool | None = None
) -> Page[PayableItem]:
    """What is owed, the longest owed first, and what blocks it; recipients see their own."""
    today = reader.today
    with reader.view(payables.PROJECTION) as connection:
        rows = payables.owed(
            connection,
            today=today,
            limit=paging.fetch,
            after=paging.after(date, UUID),
            blocked=blocked,
            organisation_id=reader.caller.only_organisation,
        )
    return paging.page(rows, key=lambda row: (row.owed_since, row.payable_id), item=_payable)


@router.get("/payment-runs")
def list_payment_runs(
    reader: RunReader, paging: AskedPage, state: Stage | None = None
) -> Page[RunOut]:
    """Payment runs, the newest first."""
    with reader.view(runs.PROJECTION) as connection:
        rows = runs.listed(
            connection, limit=paging.fetch, after=paging.after(date, UUID), state=state
        )
    return paging.page(rows, key=lambda row: (row.proposed_on, row.run_id), item=_run_item)


@router.get("/payment-runs/{run_id}")
def read_payment_run(run_id: UUID, reader: RunReader) -> RunDetailOut:
    """One payment run, straight from its history."""
    state, _ = reader.state(payment_run.DECIDER, streams.payment_run(run_id))
    return _detail(payment_run.proposed(state))


@router.post("/payment-runs", status_code=201)
def propose_payment_run(body: RunIn, desk: PayerDesk) -> CommandAnswer:
    """Put payables together: each is locked, or none, with every reason item by item."""
    run_id = desk.new_id("payment-run")
    desk.created_at(f"/v1/payment-runs/{run_id}")
    return _together(
        desk,
        run_id,
        lambda loaded: payment_runs.propose(
            loaded,
            run_id=run_id,
            execution_on=body.execution_on,
            asked=[
                payment_runs.Asked(agreement_id=each.agreement_id, payable_id=each.payable_id)
                for each in body.items
            ],
            by=desk.caller.id,
            on=desk.today,
        ),
    )


@router.post("/payment-runs/{run_id}/approval")
def approve_payment_run(run_id: UUID, desk: FinanceDesk) -> CommandAnswer:
    """Let a run leave, by somebody who neither proposed it nor handled any of its claims."""
    return _together(
        desk,
        run_id,
        lambda loaded: payment_runs.approve(
            loaded, run_id=run_id, by=desk.caller.id, on=desk.today
        ),
    )


@router.post("/payment-runs/{run_id}/rejection")
def reject_payment_run(run_id: UUID, body: RejectionIn, desk: FinanceDesk) -> CommandAnswer:
    """Stop a run whose file was not made yet: everything in it is payable again."""
    return _together(
        desk,
        run_id,
        lambda loaded: payment_runs.reject(
            loaded, run_id=run_id, reason=body.reason, by=desk.caller.id, on=desk.today
        ),
    )


@router.post("/payment-runs/{run_id}/export")
def export_payment_run(run_id: UUID, desk: PayerDesk) -> CommandAnswer:
    """Make the files of an approved run, ISO 20022 pain.001 and CSV; fetch them with a GET."""
    with desk.transaction() as connection:
        return _together(
            desk,
            run_id,
            lambda loaded: payment_files.export(
                loaded,
                connection,
                run_id=run_id,
                by=desk.caller.id,
                on=desk.today,
                at=desk.now,
            ),
        )


@router.get(
    "/payment-runs/{run_id}/files/{file_format}",
    response_class=Response,
    responses={200: {"content": {"application/xml": {}, "text/csv": {}}}},
)
def read_payment_file(run_id: UUID, file_format: FileFormat, reader: RunReader) -> Response:
    """A file for the bank, the same bytes as when it was made; refused once an account changed."""
    state, _ = reader.state(payment_run.DECIDER, streams.payment_run(run_id))
    with reader.tables() as connection:
        made = payment_files.made_again(reader.store, connection, state, file_format)
    return Response(
        made.content,
        media_type=made.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{made.name}"',
            "Cache-Control": "no-store",
        },
    )


@router.post("/payment-runs/{run_id}/confirmations")
def confirm_payments(run_id: UUID, body: ConfirmationIn, desk: PayerDesk) -> CommandAnswer:
    """Say what came of many payments at once: all is recorded, or none, with every fault."""
    command = ConfirmRun(
        results=tuple(each.to_domain() for each in body.results), by=desk.caller.id, on=desk.today
    )
    return _together(
        desk,
        run_id,
        lambda loaded: payment_runs.confirm(loaded, run_id=run_id, command=command),
    )


def _together(desk: Desk, run_id: UUID, decide: Callable[[Loaded], Changes]) -> CommandAnswer:
    outcome = carry_out_together(
        desk.store,
        desk.context,
        decide,
        about=streams.payment_run(run_id),
        request_hash=desk.request_hash,
        expected_version=desk.expected_version,
        folds=desk.folds,
    )
    return desk.answer(outcome)


def _payable(row: Row[Any]) -> PayableItem:
    late = zip(row.late_periods or (), row.late_since or (), strict=True)
    since = row.suspended_on
    refusals: list[Refusal] = [
        *([] if row.run_id is None else [AlreadyInRun(run_id=row.run_id)]),
        *([] if row.verified else [NoVerifiedAccount()]),
        *(ReportHoldsPayment(period=period, due_on=due_on) for period, due_on in late),
        *([] if since is None else [AgreementIsSuspended(suspended_on=since)]),
        *(ConditionHoldsPayment(condition=code) for code in row.conditions or ()),
    ]
    return PayableItem(
        payable_id=row.payable_id,
        claim_id=row.claim_id,
        advance_id=row.advance_id,
        agreement_id=row.agreement_id,
        project_id=row.project_id,
        programme_code=row.programme_code,
        participant_id=row.participant_id,
        organisation_id=row.organisation_id,
        quarter=Quarter.parse(row.quarter),
        owed_since=row.owed_since,
        payable=Money(row.payable_cents),
        run_id=row.run_id,
        payment_id=row.payment_id,
        blocked_by=[
            BlockOut(code=refusal.code(), en=refusal.says("en"), fr=refusal.says("fr"))
            for refusal in refusals
        ],
    )


def _run_item(row: Row[Any]) -> RunOut:
    return RunOut(
        run_id=row.run_id,
        state=row.state,
        proposed_on=row.proposed_on,
        execution_on=row.execution_on,
        items=row.items,
        amount=Money(row.amount_cents),
        disbursed=row.disbursed,
        failed=row.failed,
    )


def _detail(run: Run) -> RunDetailOut:
    approved = run if isinstance(run, ApprovedRun) else None
    rejected = run if isinstance(run, RejectedRun) else None
    exported = run if isinstance(run, ExportedRun) else None
    return RunDetailOut(
        run_id=run.run_id,
        state=stage_of(run),
        execution_on=run.execution_on,
        amount=run.amount,
        items=[
            _payment(item, None if exported is None else exported.results.get(item.payment_id))
            for item in run.items
        ],
        proposed_by=run.proposed_by,
        proposed_on=run.proposed_on,
        approved_by=approved and approved.approved_by,
        approved_on=approved and approved.approved_on,
        rejected_by=rejected and rejected.rejected_by,
        rejected_on=rejected and rejected.rejected_on,
        reason=rejected and rejected.reason,
        exported_by=exported and exported.exported_by,
        exported_on=exported and exported.exported_on,
        written_at=exported and exported.written_at,
        files=[FileOut(format=each.format, sha256=each.sha256) for each in exported.files]
        if exported
        else [],
    )


def _payment(item: RunItem, result: ItemResult | None) -> RunItemOut:
    left = result if isinstance(result, Disbursed) else None
    failed = result if isinstance(result, Failed) else None
    return RunItemOut(
        payment_id=item.payment_id,
        agreement_id=item.agreement_id,
        claim_id=item.claim_id,
        advance_id=item.advance_id,
        participant_id=item.participant_id,
        organisation_id=item.organisation_id,
        account_id=item.account_id,
        amount=item.amount,
        state="disbursed" if left else "failed" if failed else "awaited",
        paid_on=left and left.paid_on,
        reason=failed and failed.reason,
    )
