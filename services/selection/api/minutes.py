"""Minutes: the draft, its corrections, and the sealed document."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from services.selection.api.documents import as_html, as_pdf
from services.selection.api.doors import MEMBER, SECRETARY, hand_in, only_member
from services.selection.api.schemas import ItemDecisionOut, decision_out
from services.selection.domain import meeting, minutes
from services.selection.domain.calendar import MeetingKind
from services.selection.use_cases import streams
from services.selection.use_cases.meetings import Minuting
from services.selection.use_cases.minutes_seen import MinutesSeen, minutes_seen
from services.selection.use_cases.minutes_text import Text, text_of
from shared.kernel.language import Language
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk
from shared.web.schemas import Request

router = APIRouter(prefix="/v1/meetings/{meeting_id}/minutes", tags=["minutes"])
documents = APIRouter(prefix="/v1/meetings/{meeting_id}", tags=["minutes"])

Secretary = Annotated[Desk, Depends(at_desk(SECRETARY))]
Attends = Annotated[Reader, Depends(at_counter(SECRETARY, "programme-manager", MEMBER))]

PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""A page of ours runs nothing and loads nothing."""


class CorrectionIn(Request):
    """What is wrong with the draft: without personal data."""

    text: str = Field(min_length=1, max_length=5_000)
    application_id: UUID | None = None
    """The item it is about; null: the minutes in general."""


class SettlementIn(Request):
    """What becomes of a correction."""

    accepted: bool
    reason: str = Field(default="", max_length=2_000)


class ApprovalIn(Request):
    """Nothing more to say."""


class AttendanceOut(BaseModel):
    """One member."""

    person_id: str
    kind: str
    present: bool


class MinutedItemOut(BaseModel):
    """One item."""

    number: int
    application_id: UUID
    title: str
    conflicted: tuple[str, ...]
    decision: ItemDecisionOut | None


class CorrectionOut(BaseModel):
    """One correction that was proposed."""

    correction_id: UUID
    person_id: str
    application_id: UUID | None
    text: str
    proposed_on: date
    accepted: bool | None
    """Null: not settled."""
    reason: str


class SectionOut(BaseModel):
    """A heading and what stands under it."""

    heading: str
    lines: tuple[str, ...]


class MinutesOut(BaseModel):
    """The minutes of a meeting as you may see them."""

    meeting_id: UUID
    committee_id: UUID
    committee: str
    kind: MeetingKind
    held_on: date
    opened_on: date
    state: str
    """``draft``, ``approved`` or ``sealed``."""
    extract: bool
    """Items on which you have a conflict are left out."""
    approved_by: str | None
    sealed_on: date | None
    content_hash: str | None
    """SHA-256 of the whole content in its canonical form."""
    chair: str
    quorum: int
    attendance: tuple[AttendanceOut, ...]
    items: tuple[MinutedItemOut, ...]
    corrections: tuple[CorrectionOut, ...]
    language: str
    title: str
    preamble: tuple[str, ...]
    sections: tuple[SectionOut, ...]
    """The text in the language asked for."""


@router.get("")
def show_minutes(meeting_id: UUID, reader: Attends, language: Language = "en") -> MinutesOut:
    """The draft or the sealed minutes, with their text in French or English."""
    seen = _seen(meeting_id, reader)
    return _minutes(seen, _text(seen, language))


@documents.get("/minutes.html", response_class=HTMLResponse)
def show_minutes_as_page(
    meeting_id: UUID, reader: Attends, language: Language = "en"
) -> HTMLResponse:
    """The minutes as a page; the same bytes as long as the facts are the same."""
    page = as_html(_text(_seen(meeting_id, reader), language))
    return HTMLResponse(
        page, headers={"Content-Language": language, "Content-Security-Policy": PAGE_POLICY}
    )


@documents.get(
    "/minutes.pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}, "description": "The minutes"}},
)
def show_minutes_as_pdf(meeting_id: UUID, reader: Attends, language: Language = "en") -> Response:
    """The minutes as PDF, dated when they were sealed (a draft: when the meeting opened)."""
    seen = _seen(meeting_id, reader)
    approval = seen.content.approval
    dated = approval.sealed_on if approval else seen.content.opened_on
    return Response(
        as_pdf(_text(seen, language), dated=dated),
        media_type="application/pdf",
        headers={
            "Content-Language": language,
            "Content-Disposition": f'inline; filename="minutes-{meeting_id}-{language}.pdf"',
        },
    )


@router.post("/corrections", status_code=201)
def propose_correction(
    meeting_id: UUID, body: CorrectionIn, desk: Annotated[Desk, Depends(at_desk(MEMBER))]
) -> CommandAnswer:
    """Say what is wrong with the draft, as a member of the meeting."""
    command = minutes.ProposeCorrection(
        correction_id=desk.new_id("correction"),
        person_id=desk.caller.id,
        application_id=body.application_id,
        text=body.text,
        on=desk.today,
    )
    return _minute(desk, meeting_id, command)


@router.post("/corrections/{correction_id}/settlement")
def settle_correction(
    meeting_id: UUID, correction_id: UUID, body: SettlementIn, desk: Secretary
) -> CommandAnswer:
    """Take a correction into the minutes, or not."""
    command = minutes.SettleCorrection(
        correction_id=correction_id, accepted=body.accepted, reason=body.reason, on=desk.today
    )
    return _minute(desk, meeting_id, command)


@router.post("/approval")
def approve_minutes(
    meeting_id: UUID,
    desk: Annotated[Desk, Depends(at_desk(SECRETARY, MEMBER))],
    _body: ApprovalIn | None = None,
) -> CommandAnswer:
    """Approve the minutes, as chair or secretary: after that the meeting can only be sealed."""
    command = minutes.ApproveMinutes(
        by=desk.caller.id, by_roles=tuple(desk.caller.acting_as), on=desk.today
    )
    return _minute(desk, meeting_id, command)


def _minute(desk: Desk, meeting_id: UUID, command: minutes.Command) -> CommandAnswer:
    minuting = Minuting(meeting_id=meeting_id, command=command)
    return hand_in(desk, minuting, about=streams.meeting(meeting_id))


def _seen(meeting_id: UUID, reader: Reader) -> MinutesSeen:
    reader.state(meeting.DECIDER, streams.meeting(meeting_id))
    seen = minutes_seen(reader.store, meeting_id, reader=reader.caller.id)
    member = only_member(reader.caller)
    if member is not None and member not in seen.members:
        raise NotFound(kind="meeting")
    return seen


def _text(seen: MinutesSeen, language: Language) -> Text:
    return text_of(seen.content, seen.content_hash, extract=seen.extract, language=language)


def _minutes(seen: MinutesSeen, text: Text) -> MinutesOut:
    content = seen.content
    approval = content.approval
    state = "approved" if seen.approved_on_draft else "draft"
    return MinutesOut.model_validate(
        {
            "meeting_id": content.meeting_id,
            "committee_id": content.committee_id,
            "committee": content.committee,
            "kind": content.kind,
            "held_on": content.held_on,
            "opened_on": content.opened_on,
            "state": "sealed" if approval else state,
            "extract": seen.extract,
            "approved_by": approval.approved_by if approval else None,
            "sealed_on": approval.sealed_on if approval else None,
            "content_hash": seen.content_hash,
            "chair": content.chair,
            "quorum": content.quorum,
            "attendance": content.attendance,
            "items": [_item(each) for each in content.items],
            "corrections": [_correction(each) for each in seen.corrections],
            "language": text.language,
            "title": text.title,
            "preamble": text.preamble,
            "sections": text.sections,
        },
        from_attributes=True,
    )


def _item(item: minutes.MinutedItem) -> dict[str, Any]:
    return {
        "number": item.number,
        "application_id": item.application_id,
        "title": item.title,
        "conflicted": item.conflicted,
        "decision": None if item.decision is None else decision_out(item.decision),
    }


def _correction(correction: meeting.Correction) -> dict[str, Any]:
    proposed, settled = correction.proposed, correction.settled
    return {
        "correction_id": proposed.correction_id,
        "person_id": proposed.person_id,
        "application_id": proposed.application_id,
        "text": proposed.text,
        "proposed_on": proposed.effective_on,
        "accepted": settled.accepted if settled else None,
        "reason": settled.reason if settled else "",
    }
