"""
The endpoints of an agreement's life: signed, executed, suspended, and what it is today.

Commands go to the agreement's stream, so ``version`` in every answer (and ``If-Match``) is the
agreement's; ``id`` is that of the thing made or changed.
"""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import Row

from services.claims.api.agreement_schemas import (
    BudgetIn,
    ConditionIn,
    ConfirmationIn,
    ExecutionIn,
    ResumptionIn,
    SignatureIn,
    SuspensionIn,
    WaiverIn,
)
from services.claims.api.doors import (
    AnyReader,
    DecidingDesk,
    OfficerDesk,
    RecipientDesk,
    about,
    agreement_seen_by,
)
from services.claims.api.schemas import AgreementItem, State, StatementOut, statement
from services.claims.domain import commands
from services.claims.domain.agreement import DECIDER
from services.claims.projections import agreements
from services.claims.use_cases import streams
from services.claims.use_cases.hindsight import agreement_known
from shared.kernel.money import Money
from shared.web.desk import CommandAnswer
from shared.web.paging import AskedPage, Page
from shared.web.schemas import Day

router = APIRouter(prefix="/v1", tags=["agreements"])


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
def read_statement(
    agreement_id: UUID, reader: AnyReader, as_of: Day | None = None, until: Day | None = None
) -> StatementOut:
    """
    The statement of an agreement, straight from its history.

    With ``as_of``, as it was known at the end of that day; with ``until``, of what had happened
    by the end of that day.
    """
    agreement = agreement_seen_by(reader, agreement_id)
    if as_of is not None or until is not None:
        history = reader.store.load(streams.agreement(agreement_id))
        agreement = agreement_known(history, as_of=as_of, until=until)
    return statement(agreement_id, agreement)


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


@router.put("/agreements/{agreement_id}/budget")
def set_budget(agreement_id: UUID, body: BudgetIn, desk: OfficerDesk) -> CommandAnswer:
    """Write the budget of a draft that nobody signed yet, whole."""
    command = commands.SetBudget(
        lines=tuple(line.to_domain() for line in body.lines), by=desk.caller.id, on=desk.today
    )
    return desk.carry_out(DECIDER, streams.agreement(agreement_id), command)


@router.post("/agreements/{agreement_id}/conditions", status_code=201)
def set_condition(agreement_id: UUID, body: ConditionIn, desk: OfficerDesk) -> CommandAnswer:
    """Ask for something, on a draft that nobody signed yet."""
    condition_id = desk.new_id("condition")
    command = commands.SetCondition(
        condition_id=condition_id,
        code=body.code,
        text_en=body.text_en,
        text_fr=body.text_fr,
        due=body.due,
        due_on=body.due_on,
        by=desk.caller.id,
        on=desk.today,
    )
    desk.created_at(f"/v1/agreements/{agreement_id}")
    return about(condition_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/conditions/{condition_id}/confirmation")
def confirm_condition(
    agreement_id: UUID, condition_id: UUID, body: ConfirmationIn, desk: OfficerDesk
) -> CommandAnswer:
    """Confirm that a condition is met, by somebody who acts for no participant."""
    command = commands.ConfirmCondition(
        condition_id=condition_id,
        met_on=body.met_on,
        document_sha256=body.document_sha256,
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return about(condition_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/conditions/{condition_id}/waiver")
def waive_condition(
    agreement_id: UUID, condition_id: UUID, body: WaiverIn, desk: DecidingDesk
) -> CommandAnswer:
    """Ask for a condition no longer."""
    command = commands.WaiveCondition(
        condition_id=condition_id,
        reason=body.reason,
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return about(condition_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/suspension")
def suspend(agreement_id: UUID, body: SuspensionIn, desk: OfficerDesk) -> CommandAnswer:
    """Pause an agreement: no payments, and costs do not count unless it is said."""
    command = commands.SuspendAgreement(
        suspended_on=body.suspended_on,
        reason=body.reason,
        costs_eligible=body.costs_eligible,
        by=desk.caller.id,
        on=desk.today,
    )
    return desk.carry_out(DECIDER, streams.agreement(agreement_id), command)


@router.post("/agreements/{agreement_id}/resumption")
def resume(agreement_id: UUID, body: ResumptionIn, desk: OfficerDesk) -> CommandAnswer:
    """Let a suspended agreement go on: costs count again from that day."""
    command = commands.ResumeAgreement(
        resumed_on=body.resumed_on, reason=body.reason, by=desk.caller.id, on=desk.today
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
