"""
What a meeting does beyond itself, as pure functions over several streams.

They look at the meeting, its committee, the applications before it and the pockets they ask for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import assert_never
from uuid import UUID

from services.selection.domain import application, award, committee, meeting, pocket
from services.selection.domain.application import Waiting, waiting
from services.selection.domain.award import AwardNotValid
from services.selection.domain.committee import MeetingNotScheduled
from services.selection.domain.conflicts import conflicted_members, with_present_links
from services.selection.domain.meeting import AgendaItem, Ballot, Called, NotOnTheAgenda, Outcome
from services.selection.domain.pack import agenda_of, in_order
from services.selection.domain.promises import Consequences, reserve
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, total
from shared.kernel.refusals import Reason
from shared.kernel.schedule import FundingCell, total_by_pocket


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideItem:
    """Decide about one application at one meeting."""

    meeting_id: UUID
    application_id: UUID
    outcome: Outcome
    votes: tuple[Ballot, ...]
    reasons: tuple[str, ...] = ()
    funding: tuple[FundingCell, ...] | None = None
    """Less than was asked; None funds all of it."""
    lapses_on: date | None = None
    """When the award falls if no agreement is executed; an award needs it."""
    on: date

    @property
    def award_id(self) -> UUID:
        """The id of the award that this decision makes."""
        return derived_id("award", self.application_id, self.meeting_id)


def open_meeting(
    sitting: meeting.Meeting,
    seated: committee.Committee,
    applications: Mapping[UUID, application.Application],
    *,
    present: tuple[str, ...],
    on: date,
) -> Consequences:
    """Open a meeting with its committee as it is, and take over its agenda."""
    meeting.called(sitting)
    meeting_id = sitting.meeting_id if isinstance(sitting, Called) else None
    members = committee.established(seated)
    agenda = agenda_of(members, meeting_id) if meeting_id else ()
    items = tuple(
        AgendaItem(
            application_id=application_id,
            conflicted=tuple(sorted(conflicted_members(members.members, before))),
        )
        for application_id, before in in_order(
            agenda, applications, members.money_available
        ).items()
    )
    opened = meeting.decide(
        meeting.OpenMeeting(
            members=members.serving(on),
            quorum=members.quorum,
            chair=members.chair,
            present=present,
            items=items,
            on=on,
        ),
        sitting,
    )
    if meeting_id is None:
        raise MeetingNotScheduled
    handed_over = committee.decide(committee.HandOverAgenda(meeting_id=meeting_id, on=on), seated)
    return Consequences(meeting=opened, committee=handed_over)


def declare_conflict(
    command: meeting.DeclareConflict,
    sitting: meeting.Meeting,
    seated: committee.Committee,
    before: application.Application,
) -> Consequences:
    """Keep a conflict, for this meeting and any later one that the application comes to."""
    if isinstance(sitting, Called):
        members = committee.established(seated)
        agenda = members.scheduled.get(sitting.meeting_id)
        if agenda is None or command.application_id not in agenda.items:
            raise NotOnTheAgenda(application_id=command.application_id, field="application_id")
        people = [member.person_id for member in members.members if not member.is_over(command.on)]
        if command.person_id not in people:
            raise meeting.NotMembers(people=command.person_id, field="person_id", accepted=people)
    declared = meeting.decide(command, sitting)
    noted = application.decide(
        application.NoteConflict(
            application_id=command.application_id, person_id=command.person_id, on=command.on
        ),
        before,
    )
    if isinstance(sitting, Called) and not noted:
        return Consequences()  # said before
    return Consequences(meeting=declared, application=noted)


def pockets_asked(command: DecideItem, before: application.Application) -> tuple[str, ...]:
    """The pockets whose state the decision depends on."""
    if command.outcome is not Outcome.FUND or not isinstance(before, Waiting):
        return ()
    return tuple(total_by_pocket(_granted(command, before)))


def decide_item(
    command: DecideItem,
    sitting: meeting.Meeting,
    before: application.Application,
    *,
    seated: committee.Committee,
    promised: award.Award,
    pockets: Mapping[str, pocket.Pocket],
) -> Consequences:
    """
    Decide about an item: what follows for the meeting, the application, its award, its pockets.

    An item that is deferred goes to the next meeting of the committee with an open agenda, or to
    its docket. Refused by the rules of the meeting and of the award, and by ``NotEnoughInPocket``
    when a pocket has less left than is asked of it.
    """
    item = waiting(command.application_id, meeting_item(command, sitting, before))
    sitting = with_present_links(
        meeting.sitting(sitting), command.application_id, item, committee.established(seated)
    )
    _must_grant_only_when_funding(command)
    granted = _granted(command, item) if command.outcome is Outcome.FUND else ()
    recorded = meeting.decide(
        meeting.RecordDecision(
            application_id=command.application_id,
            programme_code=item.proposal.programme_code,
            title=item.proposal.title,
            outcome=command.outcome,
            votes=command.votes,
            reasons=command.reasons,
            asked=item.proposal.asked,
            granted=total(cell.amount for cell in granted),
            award_id=command.award_id if command.outcome is Outcome.FUND else None,
            on=command.on,
        ),
        sitting,
    )
    match command.outcome:
        case Outcome.FUND:
            made = _approve(command, item, promised, granted)
            return Consequences(
                meeting=recorded,
                application=application.decide(
                    application.FundApplication(
                        application_id=command.application_id,
                        meeting_id=command.meeting_id,
                        award_id=command.award_id,
                        on=command.on,
                    ),
                    item,
                ),
                award=made,
                pockets=reserve(pockets, granted, award_id=command.award_id, on=command.on),
            )
        case Outcome.DECLINE:
            return Consequences(
                meeting=recorded,
                application=application.decide(
                    application.DeclineApplication(
                        application_id=command.application_id,
                        meeting_id=command.meeting_id,
                        reasons=command.reasons,
                        on=command.on,
                    ),
                    item,
                ),
            )
        case Outcome.DEFER:
            return Consequences(
                meeting=recorded,
                committee=committee.decide(
                    committee.PlaceApplication(
                        application_id=command.application_id, on=command.on
                    ),
                    seated,
                ),
            )
        case unreachable:
            assert_never(unreachable)


def meeting_item(
    command: DecideItem, sitting: meeting.Meeting, before: application.Application
) -> application.Application:
    """The application, once it is clear that the meeting is open and has it on its agenda."""
    opened = meeting.sitting(sitting)
    if command.application_id not in opened.conflicted:
        raise NotOnTheAgenda(application_id=command.application_id)
    if command.application_id in opened.decided:
        raise meeting.ItemAlreadyDecided(application_id=command.application_id)
    return before


def seal(
    sitting: meeting.Meeting,
    seated: committee.Committee,
    applications: Mapping[UUID, application.Application],
    *,
    content_hash: str | None = None,
    by: str | None = None,
    on: date,
) -> Consequences:
    """End a meeting: what it did not decide, and still waits, goes to a later one."""
    opened = meeting.to_be_sealed(sitting)
    left_over = [
        application_id
        for application_id in opened.undecided
        if isinstance(applications[application_id], Waiting)
    ]
    return Consequences(
        meeting=meeting.decide(
            meeting.SealMeeting(content_hash=content_hash, by=by, on=on), sitting
        ),
        committee=[
            event
            for application_id in left_over
            for event in committee.decide(
                committee.PlaceApplication(application_id=application_id, on=on), seated
            )
        ],
    )


def _must_grant_only_when_funding(command: DecideItem) -> None:
    if command.outcome is not Outcome.FUND and command.funding is not None:
        misplaced = Reason(
            code="funding-without-award",
            en="Amounts are granted only when the outcome is to fund.",
            fr="Des montants ne s’accordent que si la décision est de financer.",
            field="funding",
        )
        raise AwardNotValid(reasons=[misplaced])


def _granted(command: DecideItem, item: Waiting) -> tuple[FundingCell, ...]:
    # Cells of nothing say nothing: an application split over pockets may hold some.
    cells = item.proposal.funding if command.funding is None else command.funding
    return tuple(cell for cell in cells if cell.amount != ZERO)


def _approve(
    command: DecideItem, item: Waiting, promised: award.Award, granted: tuple[FundingCell, ...]
) -> list[award.Event]:
    if command.lapses_on is None:
        missing = Reason(
            code="lapses-on-missing",
            en="An award needs the day on which it lapses.",
            fr="Une décision de financement demande le jour où elle devient caduque.",
            field="lapses_on",
        )
        raise AwardNotValid(reasons=[missing])
    return list(
        award.decide(
            award.ApproveAward(
                award_id=command.award_id,
                application_id=command.application_id,
                meeting_id=command.meeting_id,
                proposal=item.proposal,
                funding=granted,
                lapses_on=command.lapses_on,
                on=command.on,
            ),
            promised,
        )
    )
