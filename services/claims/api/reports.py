"""Progress reports: expected of each participant, submitted by its people, answered by ours."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.claims.api.claim_schemas import Reason, Sha256
from services.claims.api.doors import AnyReader, OfficerDesk, RecipientDesk
from services.claims.domain import commands, report
from services.claims.domain.agreement import DECIDER, AgreementUnknown
from services.claims.domain.reporting import (
    AcceptedReport,
    Report,
    ReturnedReport,
    SubmittedReport,
    WrittenReport,
)
from services.claims.domain.state import NotDrafted
from services.claims.use_cases import streams
from shared.kernel.periods import Quarter
from shared.web.desk import CommandAnswer
from shared.web.schemas import Request

Period = Annotated[str, Field(pattern=r"^(\d{4}-T[1-4]|final)$")]
"""A fiscal quarter such as ``2024-T1``, or ``final``."""

router = APIRouter(prefix="/v1/agreements/{agreement_id}/reports", tags=["reports"])


class ReportIn(Request):
    """What a participant says of a quarter, or of the whole."""

    participant_id: UUID
    period: Period
    text: str = Field(min_length=1, max_length=20_000, pattern=r"\S")
    document_sha256: Sha256 | None = None


class AnsweredIn(Request):
    """Which report will do."""

    participant_id: UUID
    period: Period


class GivenBackIn(AnsweredIn):
    """Which report will not do, and why."""

    reason: Reason


class ReportOut(BaseModel):
    """One report, expected or come."""

    participant_id: UUID
    period: str
    due_on: date
    state: Literal["expected", "submitted", "accepted", "returned"]
    overdue: bool
    text: str | None
    document_sha256: str | None
    submitted_on: date | None
    reason: str | None
    """Why it was returned."""


@router.get("")
def list_reports(agreement_id: UUID, reader: AnyReader) -> list[ReportOut]:
    """The reports of an agreement, by participant; a recipient reads its own organisation's."""
    state, _ = reader.state(DECIDER, streams.agreement(agreement_id))
    ours = reader.caller.only_organisation
    if isinstance(state, NotDrafted) or (
        ours is not None
        and all(party.organisation_id != ours for party in state.participants.values())
    ):
        raise AgreementUnknown
    late = {
        each.key
        for participant_id in state.participants
        for each in report.overdue(state, participant_id, reader.today)
    }
    return [
        _shown(each, overdue=each.key in late)
        for each in state.reports.values()
        if ours in {None, state.participants[each.participant_id].organisation_id}
    ]


@router.post("")
def submit_report(agreement_id: UUID, body: ReportIn, desk: RecipientDesk) -> CommandAnswer:
    """Report for the caller's organisation; again until it is accepted."""
    command = commands.SubmitReport(
        participant_id=body.participant_id,
        quarter=_quarter(body.period),
        text=body.text,
        document_sha256=body.document_sha256,
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return desk.carry_out(DECIDER, streams.agreement(agreement_id), command)


@router.post("/acceptance")
def accept_report(agreement_id: UUID, body: AnsweredIn, desk: OfficerDesk) -> CommandAnswer:
    """Say that a submitted report will do."""
    command = commands.AcceptReport(
        participant_id=body.participant_id,
        quarter=_quarter(body.period),
        by=desk.caller.id,
        on=desk.today,
    )
    return desk.carry_out(DECIDER, streams.agreement(agreement_id), command)


@router.post("/return")
def return_report(agreement_id: UUID, body: GivenBackIn, desk: OfficerDesk) -> CommandAnswer:
    """Give a submitted report back, with the reason: it is expected as before."""
    command = commands.ReturnReport(
        participant_id=body.participant_id,
        quarter=_quarter(body.period),
        reason=body.reason,
        by=desk.caller.id,
        on=desk.today,
    )
    return desk.carry_out(DECIDER, streams.agreement(agreement_id), command)


def _quarter(period: str) -> Quarter | None:
    return None if period == "final" else Quarter.parse(period)


def _shown(one: Report, *, overdue: bool) -> ReportOut:
    shown = ReportOut(
        participant_id=one.participant_id,
        period="final" if one.quarter is None else str(one.quarter),
        due_on=one.due_on,
        state="expected",
        overdue=overdue,
        text=None,
        document_sha256=None,
        submitted_on=None,
        reason=None,
    )
    if isinstance(one, WrittenReport):
        shown.text = one.text
        shown.document_sha256 = one.document_sha256
        shown.submitted_on = one.submitted_on
    match one:
        case SubmittedReport():
            shown.state = "submitted"
        case AcceptedReport():
            shown.state = "accepted"
        case ReturnedReport():
            shown.state, shown.reason = "returned", one.reason
    return shown
