"""One meeting: its agenda, and what it does."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.selection.api.doors import MEMBER, SECRETARY, hand_in, only_member
from services.selection.api.schemas import (
    DecideItemIn,
    DecideItemsIn,
    DeclareConflictIn,
    ItemOut,
    MeetingOut,
    MemberOut,
    OpenMeetingIn,
    OutlookOut,
    SealMeetingIn,
    decision_out,
)
from services.selection.domain import meeting
from services.selection.domain.meeting import DeclareConflict
from services.selection.use_cases import streams
from services.selection.use_cases.agenda import AgendaPack, PackItem, agenda_pack
from services.selection.use_cases.batches import DecidingTogether
from services.selection.use_cases.meetings import Deciding, Declaring, Opening, Sealing
from shared.kernel.refusals import NotAllowed, NotFound
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk

router = APIRouter(prefix="/v1/meetings/{meeting_id}", tags=["meetings"])

Secretary = Annotated[Desk, Depends(at_desk(SECRETARY))]


class ConflictOfAnother(NotAllowed):
    """A member declares their own conflicts; the secretary records anybody's."""

    en = "You can declare your own conflicts only."
    fr = "Vous ne pouvez déclarer que vos propres conflits d’intérêts."


@router.get("")
def show_meeting(
    meeting_id: UUID,
    reader: Annotated[Reader, Depends(at_counter(SECRETARY, "programme-manager", MEMBER))],
) -> MeetingOut:
    """
    The agenda: who asks for what of which pocket, and what would remain if all were funded.

    You see nothing of an item on which you have a conflict.
    """
    reader.state(meeting.DECIDER, streams.meeting(meeting_id))  # its version, for If-Match
    pack = agenda_pack(reader.store, meeting_id, reader=reader.caller.id, on=reader.today)
    member = only_member(reader.caller)
    if member is not None and member not in {each.person_id for each in pack.members}:
        raise NotFound(kind="meeting")
    return _meeting(pack)


@router.post("/opening")
def open_meeting(meeting_id: UUID, body: OpenMeetingIn, desk: Secretary) -> CommandAnswer:
    """Open the meeting with those present: from here on its agenda is fixed."""
    opening = Opening(meeting_id=meeting_id, present=body.present, on=desk.today)
    return hand_in(desk, opening, about=streams.meeting(meeting_id))


@router.post("/conflicts")
def declare_conflict(
    meeting_id: UUID,
    body: DeclareConflictIn,
    desk: Annotated[Desk, Depends(at_desk(SECRETARY, MEMBER))],
) -> CommandAnswer:
    """Declare a conflict on an item: no vote on it, no count for its quorum, no sight of it."""
    if only_member(desk.caller) not in {None, body.person_id}:
        raise ConflictOfAnother(field="person_id")
    declare = DeclareConflict(
        application_id=body.application_id, person_id=body.person_id, on=desk.today
    )
    declaring = Declaring(meeting_id=meeting_id, command=declare)
    return hand_in(desk, declaring, about=streams.meeting(meeting_id))


@router.post("/items/{application_id}/decision")
def decide_item(
    meeting_id: UUID, application_id: UUID, body: DecideItemIn, desk: Secretary
) -> CommandAnswer:
    """
    Record what the committee decided. Funding reserves the money, or is refused.

    ``when_short`` says what becomes of it when a pocket is short: it is refused, other pockets of
    the programme stand in as far as its definition allows, or else the item waits for money.
    """
    command = body.to_domain(meeting_id, application_id, desk.today)
    return hand_in(desk, Deciding(command=command), about=streams.meeting(meeting_id))


@router.post("/decisions")
def decide_items(meeting_id: UUID, body: DecideItemsIn, desk: Secretary) -> CommandAnswer:
    """Decide items that follow each other on the agenda: all of them, or none with all reasons."""
    deciding = DecidingTogether(
        meeting_id=meeting_id,
        commands=tuple(
            item.to_domain(meeting_id, item.application_id, desk.today) for item in body.items
        ),
    )
    return hand_in(desk, deciding, about=streams.meeting(meeting_id))


@router.post("/sealing")
def seal_meeting(
    meeting_id: UUID, desk: Secretary, _body: SealMeetingIn | None = None
) -> CommandAnswer:
    """
    Seal the minutes: nothing changes any more, and what was not decided goes to a later one.

    Sealing approves minutes that nobody has approved; it is refused while a correction is open.
    """
    sealing = Sealing(meeting_id=meeting_id, by=desk.caller.id, on=desk.today)
    return hand_in(desk, sealing, about=streams.meeting(meeting_id))


def _meeting(pack: AgendaPack) -> MeetingOut:
    return MeetingOut.model_validate(
        {
            "meeting_id": pack.meeting_id,
            "committee_id": pack.committee_id,
            "kind": pack.kind,
            "held_on": pack.held_on,
            "closes_on": pack.closes_on,
            "agenda_closes_on": pack.agenda_closes_on,
            "state": pack.state,
            "sealed_on": pack.sealed_on,
            "reason": pack.reason,
            "members": [
                MemberOut.model_validate(each, from_attributes=True) for each in pack.members
            ],
            "present": pack.present,
            "items": [_item(each) for each in pack.items],
            "pockets": [
                OutlookOut.model_validate(each, from_attributes=True) for each in pack.pockets
            ],
        }
    )


def _item(item: PackItem) -> ItemOut:
    proposal = item.proposal
    return ItemOut.model_validate(
        {
            "application_id": item.application_id,
            "state": item.state,
            "programme_code": proposal.programme_code,
            "title": proposal.title,
            "summary": proposal.summary,
            "starts_on": proposal.starts_on,
            "ends_on": proposal.ends_on,
            "participants": proposal.participants,
            "scores": proposal.scores,
            "asked": proposal.asked,
            "asks": item.asks,
            "funding": proposal.funding,
            "match": proposal.match,
            "conflicted": item.conflicted,
            "decision": None if item.decision is None else decision_out(item.decision),
        },
        from_attributes=True,
    )
