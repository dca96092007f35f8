"""
Claims: the queue, one claim line by line, and what a recipient does with its own.

What staff do with a claim that was submitted is in ``assessments``.
"""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import Row

from services.claims.api.claim_schemas import AnswerIn, ClaimIn, WithdrawalIn
from services.claims.api.claim_views import (
    ClaimDetailOut,
    ClaimItem,
    ClaimStage,
    claim_detail,
    suspects,
)
from services.claims.api.doors import AnyReader, RecipientDesk, about, agreement_seen_by
from services.claims.domain import commands
from services.claims.domain.agreement import DECIDER
from services.claims.domain.claim import ClaimUnknown, claim_of
from services.claims.domain.duplicates import within_the_agreement
from services.claims.projections import claims_queue, costs
from services.claims.use_cases import documents, streams
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.web.desk import CommandAnswer
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1", tags=["claims"])


@router.get("/claims")
def list_claims(
    reader: AnyReader,
    paging: AskedPage,
    state: ClaimStage | None = None,
    assigned_to: Annotated[str | None, Query(max_length=200)] = None,
    agreement_id: UUID | None = None,
) -> Page[ClaimItem]:
    """
    The claims queue, the longest waiting first; a recipient sees its own organisation's.

    A claim waits from its certification on, without the days that it was with its participant.
    ``assigned_to`` is a person's id.
    """
    with reader.view(claims_queue.PROJECTION) as connection:
        rows = claims_queue.queue(
            connection,
            limit=paging.fetch,
            after=paging.after(date, UUID),
            state=state,
            assigned_to=assigned_to,
            agreement_id=agreement_id,
            organisation_id=reader.caller.only_organisation,
        )
    today, internal = reader.today, reader.caller.only_organisation is None
    return paging.page(
        rows,
        key=lambda row: (row.waiting_since, row.claim_id),
        item=lambda row: _item(row, today, internal=internal),
    )


@router.get("/agreements/{agreement_id}/claims/{claim_id}")
def read_claim(agreement_id: UUID, claim_id: UUID, reader: AnyReader) -> ClaimDetailOut:
    """
    One claim, line by line; a recipient reads those of its own organisation.

    Staff also see which lines resemble costs of other claims, here and in other agreements.
    """
    agreement = agreement_seen_by(reader, agreement_id)
    claim = claim_of(claim_id, agreement)
    party = agreement.participants[claim.form.participant_id]
    outsider = reader.caller.only_organisation
    if outsider not in {None, party.organisation_id}:
        raise ClaimUnknown
    detail = claim_detail(
        agreement_id, claim, agreement, today=reader.today, internal=outsider is None
    )
    if outsider is None:
        here = within_the_agreement(claim_id, claim.form, agreement)
        with reader.view(costs.PROJECTION) as connection:
            there = costs.elsewhere(connection, claim.form, agreement_id=agreement_id)
        detail.suspects = suspects(agreement_id, (*here, *there))
    return detail


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
    return about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


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
    return about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


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
    return about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/claims/{claim_id}/certification")
def certify_claim(agreement_id: UUID, claim_id: UUID, desk: RecipientDesk) -> CommandAnswer:
    """
    Certify a claim of the caller's organisation that somebody else prepared: submit it.

    Every document that its lines name is there.
    """
    stream = streams.agreement(agreement_id)
    with desk.transaction() as connection:
        documents.must_all_be_there(
            connection,
            desk.state(DECIDER, stream),
            agreement_id=agreement_id,
            claim_id=claim_id,
            by_organisation_id=desk.caller.organisation_id,
        )
    command = commands.CertifyClaim(
        claim_id=claim_id,
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return about(claim_id, desk.carry_out(DECIDER, stream, command))


@router.post("/agreements/{agreement_id}/claims/{claim_id}/queries/{query_id}/answer")
def answer_query(
    agreement_id: UUID, claim_id: UUID, query_id: UUID, body: AnswerIn, desk: RecipientDesk
) -> CommandAnswer:
    """
    Answer the analyst's query, with the whole claim again where it was wrong.

    With another claim in it, the claim is a draft again and has to be certified.
    """
    command = commands.AnswerQuery(
        claim_id=claim_id,
        query_id=query_id,
        text=body.text,
        form=None if body.claim is None else body.claim.to_domain(),
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


def _item(row: Row[Any], today: date, *, internal: bool) -> ClaimItem:
    age = claims_queue.age_days(
        None if row.certified_on is None else row.waiting_since,
        stopped_on=row.stopped_on,
        approved_on=row.approved_on,
        today=today,
    )
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
        final=row.final,
        assigned_to=row.assigned_to if internal else None,
        certified_on=row.certified_on,
        approved_on=row.approved_on,
        days_late=row.days_late,
        age_days=age,
        standard_days=claims_queue.STANDARD_DAYS,
        overdue=claims_queue.is_overdue(age, approved_on=row.approved_on),
        claimed_cash=Money(row.claimed_cash_cents),
        claimed_in_kind=Money(row.claimed_in_kind_cents),
        payable=Money(row.payable_cents),
        held_back=Money(row.held_back_cents),
        paid=Money(row.paid_cents),
    )
