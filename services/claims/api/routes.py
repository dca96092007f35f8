"""
Agreements: listed, read, signed, executed, amended and ended; and the payments of their claims.

Commands go to the agreement's stream, so ``version`` in every answer (and ``If-Match``) is the
agreement's; ``id`` is that of the thing made or changed: agreement, claim, payment or amendment.
"""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import Row

from services.claims.api.doors import (
    AnyReader,
    OfficerDesk,
    PayerDesk,
    RecipientDesk,
    about,
    agreement_seen_by,
)
from services.claims.api.schemas import (
    AgreementItem,
    AmendmentIn,
    CompletionIn,
    ExecutionIn,
    ReturnIn,
    SignatureIn,
    State,
    StatementOut,
    TerminationIn,
    statement,
)
from services.claims.domain import commands
from services.claims.domain.agreement import DECIDER
from services.claims.projections import agreements
from services.claims.use_cases import streams
from shared.kernel.money import Money
from shared.web.desk import CommandAnswer
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1", tags=["claims"])


@router.get("/agreements")
def list_agreements(
    reader: AnyReader,
    paging: AskedPage,
    project_id: UUID | None = None,
    programme: str | None = None,
    state: State | None = None,
) -> Page[AgreementItem]:
    """Agreements, by id; a recipient sees those that its organisation takes part in."""
    after = paging.after(UUID)
    with reader.view(agreements.PROJECTION) as connection:
        rows = agreements.listed(
            connection,
            limit=paging.fetch,
            after=None if after is None else after[0],
            project_id=project_id,
            programme_code=programme,
            state=state,
            organisation_id=reader.caller.only_organisation,
        )
    return paging.page(rows, key=lambda row: (row.agreement_id,), item=_agreement_item)


@router.get("/agreements/{agreement_id}")
def read_statement(agreement_id: UUID, reader: AnyReader) -> StatementOut:
    """The statement of an agreement, straight from its history."""
    return statement(agreement_id, agreement_seen_by(reader, agreement_id))


@router.post("/agreements/{agreement_id}/signatures")
def sign(agreement_id: UUID, body: SignatureIn, desk: RecipientDesk) -> CommandAnswer:
    """Sign for the caller's organisation."""
    command = commands.SignAgreement(
        participant_id=body.participant_id,
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return desk.carry_out(DECIDER, streams.agreement(agreement_id), command)


@router.post("/agreements/{agreement_id}/execution")
def execute(agreement_id: UUID, body: ExecutionIn, desk: OfficerDesk) -> CommandAnswer:
    """Bring an agreement that everybody signed into force."""
    command = commands.ExecuteAgreement(
        executed_on=body.executed_on, by=desk.caller.id, on=desk.today
    )
    return desk.carry_out(DECIDER, streams.agreement(agreement_id), command)


@router.post("/agreements/{agreement_id}/payments/{payment_id}/return")
def return_payment(
    agreement_id: UUID, payment_id: UUID, body: ReturnIn, desk: PayerDesk
) -> CommandAnswer:
    """Record that a payment came back: it is payable again."""
    command = commands.ReturnPayment(
        payment_id=payment_id, returned_on=body.returned_on, reason=body.reason, on=desk.today
    )
    return about(payment_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/amendments", status_code=201)
def amend(agreement_id: UUID, body: AmendmentIn, desk: OfficerDesk) -> CommandAnswer:
    """Change the schedule or the end of an agreement in force."""
    amendment_id = desk.new_id("amendment")
    command = commands.AmendAgreement(
        amendment_id=amendment_id,
        kind=body.kind,
        ends_on=body.ends_on,
        funding=tuple(cell.to_domain() for cell in body.funding),
        match=tuple(cell.to_domain() for cell in body.match),
        effective_on=body.effective_on,
        by=desk.caller.id,
        on=desk.today,
    )
    desk.created_at(f"/v1/agreements/{agreement_id}")
    return about(amendment_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/termination")
def terminate(agreement_id: UUID, body: TerminationIn, desk: OfficerDesk) -> CommandAnswer:
    """End an agreement before its time and give back what is still committed."""
    command = commands.TerminateAgreement(
        terminated_on=body.terminated_on, reason=body.reason, by=desk.caller.id, on=desk.today
    )
    return desk.carry_out(DECIDER, streams.agreement(agreement_id), command)


@router.post("/agreements/{agreement_id}/completion")
def complete(agreement_id: UUID, body: CompletionIn, desk: OfficerDesk) -> CommandAnswer:
    """Complete a project: release what was held back, and what was never claimed."""
    command = commands.CompleteProject(
        completed_on=body.completed_on, by=desk.caller.id, on=desk.today
    )
    return desk.carry_out(DECIDER, streams.agreement(agreement_id), command)


def _agreement_item(row: Row[Any]) -> AgreementItem:
    return AgreementItem(
        agreement_id=row.agreement_id,
        project_id=row.project_id,
        programme_code=row.programme_code,
        title=row.title,
        state=row.state,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        executed_on=row.executed_on,
        contracted=Money(row.contracted_cents),
    )
