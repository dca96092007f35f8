"""
The endpoints of claims.

Commands go to the agreement's stream, so ``version`` in every answer (and ``If-Match``) is the
agreement's; ``id`` is that of the thing made or changed: agreement, claim, payment or amendment.
"""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy import Row

from services.claims.api.schemas import (
    AgreementItem,
    AmendmentIn,
    ApprovalIn,
    ClaimDetailOut,
    ClaimIn,
    ClaimItem,
    ClaimStage,
    CompletionIn,
    ExecutionIn,
    PaymentIn,
    ReturnIn,
    SignatureIn,
    State,
    StatementOut,
    TerminationIn,
    WithdrawalIn,
    claim_detail,
    statement,
)
from services.claims.domain import commands
from services.claims.domain.agreement import DECIDER, AgreementUnknown
from services.claims.domain.claim import ClaimUnknown, claim_of
from services.claims.domain.state import Agreement, NotDrafted
from services.claims.projections import agreements, claims_queue
from services.claims.use_cases import streams
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk
from shared.web.paging import AskedPage, Page

STAFF = (
    "agreement-officer",
    "claims-analyst",
    "claims-approver",
    "payer",
    "finance-officer",
    "programme-manager",
)

RecipientDesk = Annotated[Desk, Depends(at_desk("recipient"))]
OfficerDesk = Annotated[Desk, Depends(at_desk("agreement-officer"))]
ApproverDesk = Annotated[Desk, Depends(at_desk("claims-approver"))]
PayerDesk = Annotated[Desk, Depends(at_desk("payer"))]
AnyReader = Annotated[Reader, Depends(at_counter("recipient", *STAFF))]

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
    return statement(agreement_id, _agreement(agreement_id, reader))


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


@router.post("/agreements/{agreement_id}/claims", status_code=201)
def draft_claim(agreement_id: UUID, body: ClaimIn, desk: RecipientDesk) -> CommandAnswer:
    """Draft a claim. Whoever drafts it may not certify it."""
    claim_id = desk.new_id("claim")
    command = commands.DraftClaim(
        claim_id=claim_id,
        form=body.to_domain(),
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    desk.created_at(f"/v1/agreements/{agreement_id}/claims/{claim_id}")
    return _about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.get("/agreements/{agreement_id}/claims/{claim_id}")
def read_claim(agreement_id: UUID, claim_id: UUID, reader: AnyReader) -> ClaimDetailOut:
    """One claim, line by line; a recipient reads those of its own organisation."""
    agreement = _agreement(agreement_id, reader)
    claim = claim_of(claim_id, agreement)
    party = agreement.participants[claim.form.participant_id]
    if reader.caller.only_organisation not in {None, party.organisation_id}:
        raise ClaimUnknown
    return claim_detail(agreement_id, claim)


@router.put("/agreements/{agreement_id}/claims/{claim_id}")
def redraft_claim(
    agreement_id: UUID, claim_id: UUID, body: ClaimIn, desk: RecipientDesk
) -> CommandAnswer:
    """Replace a draft."""
    command = commands.RedraftClaim(
        claim_id=claim_id,
        form=body.to_domain(),
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return _about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/claims/{claim_id}/withdrawal")
def withdraw_claim(
    agreement_id: UUID, claim_id: UUID, body: WithdrawalIn, desk: RecipientDesk
) -> CommandAnswer:
    """Take a draft back."""
    command = commands.WithdrawClaim(
        claim_id=claim_id,
        reason=body.reason,
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return _about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/claims/{claim_id}/certification")
def certify_claim(agreement_id: UUID, claim_id: UUID, desk: RecipientDesk) -> CommandAnswer:
    """Certify a claim of the caller's organisation that somebody else prepared: submit it."""
    command = commands.CertifyClaim(
        claim_id=claim_id,
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return _about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/claims/{claim_id}/approval")
def approve_claim(
    agreement_id: UUID, claim_id: UUID, body: ApprovalIn, desk: ApproverDesk
) -> CommandAnswer:
    """Decide a certified claim, by somebody who neither prepared nor certified it."""
    command = commands.ApproveClaim(
        claim_id=claim_id,
        accepted=tuple(line.to_domain() for line in body.accepted or ()),
        by=desk.caller.id,
        on=desk.today,
    )
    return _about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/claims/{claim_id}/payment", status_code=201)
def pay_claim(
    agreement_id: UUID, claim_id: UUID, body: PaymentIn, desk: PayerDesk
) -> CommandAnswer:
    """Pay all that is payable of a claim, by somebody who did nothing else with it."""
    payment_id = desk.new_id("payment")
    command = commands.PayClaim(
        payment_id=payment_id,
        claim_id=claim_id,
        paid_on=body.paid_on,
        by=desk.caller.id,
        on=desk.today,
    )
    desk.created_at(f"/v1/agreements/{agreement_id}")
    return _about(payment_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/payments/{payment_id}/return")
def return_payment(
    agreement_id: UUID, payment_id: UUID, body: ReturnIn, desk: PayerDesk
) -> CommandAnswer:
    """Record that a payment came back: it is payable again."""
    command = commands.ReturnPayment(
        payment_id=payment_id, returned_on=body.returned_on, reason=body.reason, on=desk.today
    )
    return _about(payment_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


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
    return _about(amendment_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


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


@router.get("/claims")
def list_claims(
    reader: AnyReader,
    paging: AskedPage,
    state: ClaimStage | None = None,
    agreement_id: UUID | None = None,
) -> Page[ClaimItem]:
    """The claims queue, the longest waiting first; a recipient sees its own organisation's."""
    with reader.view(claims_queue.PROJECTION) as connection:
        rows = claims_queue.queue(
            connection,
            limit=paging.fetch,
            after=paging.after(date, UUID),
            state=state,
            agreement_id=agreement_id,
            organisation_id=reader.caller.only_organisation,
        )
    today = reader.today

    def item(row: Row[Any]) -> ClaimItem:
        return ClaimItem(
            claim_id=row.claim_id,
            agreement_id=row.agreement_id,
            project_id=row.project_id,
            programme_code=row.programme_code,
            participant_id=row.participant_id,
            organisation_id=row.organisation_id,
            state=row.state,
            quarter=Quarter.parse(row.quarter),
            period_starts_on=row.period_starts_on,
            period_ends_on=row.period_ends_on,
            certified_on=row.certified_on,
            approved_on=row.approved_on,
            age_days=claims_queue.age_days(row, today),
            claimed_cash=Money(row.claimed_cash_cents),
            claimed_in_kind=Money(row.claimed_in_kind_cents),
            payable=Money(row.payable_cents),
            held_back=Money(row.held_back_cents),
            paid=Money(row.paid_cents),
        )

    return paging.page(rows, key=lambda row: (row.waiting_since, row.claim_id), item=item)


def _agreement(agreement_id: UUID, reader: Reader) -> Agreement:
    """The agreement, where the caller may see it."""
    state, _ = reader.state(DECIDER, streams.agreement(agreement_id))
    if isinstance(state, NotDrafted):
        raise AgreementUnknown
    ours = reader.caller.only_organisation
    if ours is not None and all(
        party.organisation_id != ours for party in state.participants.values()
    ):
        raise AgreementUnknown
    return state


def _about(thing_id: UUID, answer: CommandAnswer) -> CommandAnswer:
    """The answer, about one thing of the agreement instead of the whole."""
    return answer.model_copy(update={"id": thing_id})


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
