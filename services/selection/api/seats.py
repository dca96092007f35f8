"""Who sits on a committee, and by which rules it works."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from services.selection.api.doors import MEMBER, SECRETARY, hand_in, only_member
from services.selection.api.schemas import CalendarRuleIn, MemberIn, PersonId
from services.selection.domain import membership
from services.selection.domain.membership import BallotRule, ScoresVisible
from services.selection.use_cases import streams
from services.selection.use_cases.calendars import Changing
from shared.kernel.refusals import NotAllowed
from shared.web.desk import CommandAnswer, Desk, at_desk
from shared.web.schemas import Request

router = APIRouter(prefix="/v1/committees/{committee_id}", tags=["committees"])

Secretary = Annotated[Desk, Depends(at_desk(SECRETARY))]
Because = Annotated[str, Field(min_length=1, max_length=2_000)]
"""Why; without personal data."""


class JoinIn(Request):
    """A new seat, or a new term of somebody who had one."""

    member: MemberIn


class LeaveIn(Request):
    """Somebody's seat ends today."""

    reason: Because
    chair: PersonId | None = None
    """Who presides from now on, when the chair leaves."""


class ReplaceIn(LeaveIn):
    """Somebody's seat goes to somebody else today."""

    member: MemberIn


class ChairIn(Request):
    """Who presides from now on."""

    chair: PersonId


class RulesIn(Request):
    """The rules from now on, all of them."""

    quorum: int = Field(ge=0, le=100)
    agenda_closes_days: int = Field(ge=0, le=365)
    """For meetings that are scheduled or moved from now on."""
    calendar: CalendarRuleIn | None = None
    """For months that have no regular meeting yet; null: meetings are scheduled by hand."""
    ballot: BallotRule = BallotRule.BY_NAME
    scores_visible: ScoresVisible = ScoresVisible.AFTER_OWN


class InterestIn(Request):
    """A member has an interest in an organisation."""

    person_id: PersonId
    organisation_id: UUID


class EndInterestIn(InterestIn):
    """They have it no more, or never had."""

    reason: Because


class InterestOfAnother(NotAllowed):
    """A member declares their own interests; the secretary records anybody's."""

    en = "You can declare your own interests only."
    fr = "Vous ne pouvez déclarer que vos propres intérêts."


@router.post("/members")
def join(committee_id: UUID, body: JoinIn, desk: Secretary) -> CommandAnswer:
    """Give someone a seat; refused when too few members would be independent."""
    command = membership.JoinCommittee(member=body.member.to_domain(), on=desk.today)
    return _change(desk, committee_id, command)


@router.post("/members/{person_id}/departure")
def leave(committee_id: UUID, person_id: str, body: LeaveIn, desk: Secretary) -> CommandAnswer:
    """End somebody's seat today; refused when that leaves the committee unsound."""
    command = membership.LeaveCommittee(
        person_id=person_id, reason=body.reason, chair=body.chair, on=desk.today
    )
    return _change(desk, committee_id, command)


@router.post("/members/{person_id}/replacement")
def replace(committee_id: UUID, person_id: str, body: ReplaceIn, desk: Secretary) -> CommandAnswer:
    """Give somebody's seat to somebody else today."""
    command = membership.ReplaceMember(
        person_id=person_id,
        member=body.member.to_domain(),
        reason=body.reason,
        chair=body.chair,
        on=desk.today,
    )
    return _change(desk, committee_id, command)


@router.post("/chair")
def change_chair(committee_id: UUID, body: ChairIn, desk: Secretary) -> CommandAnswer:
    """Let another member preside, from the next meeting that opens."""
    return _change(desk, committee_id, membership.ChangeChair(chair=body.chair, on=desk.today))


@router.post("/rules")
def change_rules(committee_id: UUID, body: RulesIn, desk: Secretary) -> CommandAnswer:
    """Change quorum, days and ways of voting; a calendar schedules its meetings at once."""
    command = membership.ChangeRules(
        quorum=body.quorum,
        agenda_closes_days=body.agenda_closes_days,
        calendar=None if body.calendar is None else body.calendar.to_domain(),
        ballot=body.ballot,
        scores_visible=body.scores_visible,
        on=desk.today,
    )
    return _change(desk, committee_id, command)


@router.post("/interests")
def declare_interest(
    committee_id: UUID,
    body: InterestIn,
    desk: Annotated[Desk, Depends(at_desk(SECRETARY, MEMBER))],
) -> CommandAnswer:
    """Declare an interest in an organisation: a conflict on all of its applications."""
    if only_member(desk.caller) not in {None, body.person_id}:
        raise InterestOfAnother(field="person_id")
    command = membership.DeclareInterest(
        person_id=body.person_id, organisation_id=body.organisation_id, on=desk.today
    )
    return _change(desk, committee_id, command)


@router.post("/interests/end")
def end_interest(committee_id: UUID, body: EndInterestIn, desk: Secretary) -> CommandAnswer:
    """End an interest; by the secretary, with a reason."""
    command = membership.EndInterest(
        person_id=body.person_id,
        organisation_id=body.organisation_id,
        reason=body.reason,
        on=desk.today,
    )
    return _change(desk, committee_id, command)


def _change(desk: Desk, committee_id: UUID, command: membership.Command) -> CommandAnswer:
    changing = Changing(committee_id=committee_id, command=command)
    return hand_in(desk, changing, about=streams.committee(committee_id))
