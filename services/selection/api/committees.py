"""Committees and their calendar."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.selection.api.doors import MEMBER, SECRETARY, hand_in, only_member
from services.selection.api.schemas import (
    CalendarRuleOut,
    CommitteeLineOut,
    CommitteeOut,
    EstablishCommitteeIn,
    MeetingLineOut,
    MemberOut,
    ScheduleMeetingIn,
    SittingOut,
)
from services.selection.domain import committee
from services.selection.domain.committee import EstablishCommittee
from services.selection.domain.meeting import CallMeeting
from services.selection.projections import calendar
from services.selection.use_cases import streams
from services.selection.use_cases.agenda import without_conflicts
from services.selection.use_cases.committees import Establishing, Scheduling
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1", tags=["committees"])

Secretary = Annotated[Desk, Depends(at_desk(SECRETARY))]
Prepares = Annotated[Reader, Depends(at_counter(SECRETARY, "programme-manager"))]
Attends = Annotated[Reader, Depends(at_counter(SECRETARY, "programme-manager", MEMBER))]


@router.post("/committees", status_code=201)
def establish_committee(body: EstablishCommitteeIn, desk: Secretary) -> CommandAnswer:
    """Set up a committee; it takes the applications that were held for its programmes."""
    committee_id = desk.new_id("committee")
    desk.created_at(f"/v1/committees/{committee_id}")
    command = EstablishCommittee(
        committee_id=committee_id,
        name=body.name,
        programmes=body.programmes,
        quorum=body.quorum,
        members=tuple(member.to_domain() for member in body.members),
        chair=body.chair,
        agenda_closes_days=body.agenda_closes_days,
        calendar=None if body.calendar is None else body.calendar.to_domain(),
        ballot=body.ballot,
        scores_visible=body.scores_visible,
        on=desk.today,
    )
    return hand_in(desk, Establishing(command=command), about=streams.committee(committee_id))


@router.get("/committees")
def list_committees(reader: Attends, paging: AskedPage) -> Page[CommitteeLineOut]:
    """Committees by name; a member sees those they sit on."""
    after = paging.after(str, UUID)
    with reader.view(calendar.PROJECTION) as connection:
        rows = calendar.committees(
            connection,
            member=only_member(reader.caller),
            on=reader.today,
            after=None if after is None else (after[0], after[1]),
            limit=paging.fetch,
        )
    return paging.page(
        rows,
        key=lambda row: (row.name, row.committee_id),
        item=lambda row: CommitteeLineOut(
            committee_id=row.committee_id, name=row.name, programmes=row.programmes
        ),
    )


@router.get("/committees/{committee_id}")
def show_committee(committee_id: UUID, reader: Prepares) -> CommitteeOut:
    """
    A committee, its seats and rules, its docket and its meetings ahead.

    Who is a member themselves sees nothing of an application on which they have a conflict.
    """
    state, _ = reader.state(committee.DECIDER, streams.committee(committee_id))
    seated = without_conflicts(reader.store, committee.established(state), reader=reader.caller.id)
    ahead = sorted(seated.scheduled.items(), key=lambda each: (each[1].held_on, str(each[0])))
    return CommitteeOut(
        committee_id=committee_id,
        name=seated.name,
        programmes=seated.programmes,
        quorum=seated.quorum,
        members=tuple(
            MemberOut.model_validate(member, from_attributes=True) for member in seated.members
        ),
        chair=seated.chair,
        agenda_closes_days=seated.agenda_closes_days,
        calendar=(
            None
            if seated.calendar is None
            else CalendarRuleOut.model_validate(seated.calendar, from_attributes=True)
        ),
        ballot=seated.ballot,
        scores_visible=seated.scores_visible,
        docket=seated.docket,
        scheduled=tuple(
            SittingOut(
                meeting_id=meeting_id,
                kind=sitting.kind,
                held_on=sitting.held_on,
                closes_on=sitting.closes_on,
                agenda_closes_on=sitting.agenda_closes_on,
                items=sitting.items,
            )
            for meeting_id, sitting in ahead
        ),
    )


@router.post("/committees/{committee_id}/meetings", status_code=201)
def schedule_meeting(committee_id: UUID, body: ScheduleMeetingIn, desk: Secretary) -> CommandAnswer:
    """Schedule a meeting; what waits on the docket goes on its agenda."""
    meeting_id = desk.new_id("meeting")
    desk.created_at(f"/v1/meetings/{meeting_id}")
    call = CallMeeting(
        meeting_id=meeting_id,
        committee_id=committee_id,
        held_on=body.held_on,
        kind=body.kind,
        closes_on=body.closes_on,
        on=desk.today,
    )
    return hand_in(desk, Scheduling(call=call), about=streams.meeting(meeting_id))


@router.get("/meetings")
def list_meetings(
    reader: Attends, paging: AskedPage, committee_id: UUID | None = None
) -> Page[MeetingLineOut]:
    """Meetings by day; a member sees those of the committees they sit on."""
    after = paging.after(date, UUID)
    with reader.view(calendar.PROJECTION) as connection:
        rows = calendar.meetings(
            connection,
            committee_id=committee_id,
            member=only_member(reader.caller),
            on=reader.today,
            after=None if after is None else (after[0], after[1]),
            limit=paging.fetch,
        )
    return paging.page(
        rows,
        key=lambda row: (row.held_on, row.meeting_id),
        item=lambda row: MeetingLineOut.model_validate(row, from_attributes=True),
    )
