"""
What a meeting does beyond itself, as pure functions over several streams.

They look at the meeting, its committee, the applications before it and the pockets they ask for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import assert_never
from uuid import UUID

from services.selection.domain import (
    application,
    award,
    committee,
    granting,
    meeting,
    pocket,
    waitlist,
)
from services.selection.domain.application import Waiting, waiting
from services.selection.domain.award import AwardNotValid
from services.selection.domain.ballots import SecretCount
from services.selection.domain.committee import MeetingNotScheduled
from services.selection.domain.conflicts import conflicted_members, with_present_links
from services.selection.domain.granting import AskedCondition, Grant, WhenShort
from services.selection.domain.meeting import AgendaItem, Ballot, Called, NotOnTheAgenda, Outcome
from services.selection.domain.pack import agenda_of, in_order
from services.selection.domain.programme import PocketTerms
from services.selection.domain.promises import Consequences, reserve
from shared.kernel.identifiers import derived_id
from shared.kernel.money import total
from shared.kernel.schedule import FundingCell

DECLINED = "declined"
"""Why an award fell: the committee decided again, and declined."""


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
    secret: SecretCount | None = None
    conditions: tuple[AskedCondition, ...] = ()
    defer_to: UUID | None = None
    """None: the next meeting with an open agenda."""
    rank: int | None = None
    """On the waiting list; None: last."""
    when_short: WhenShort = WhenShort.REFUSE
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
            ballot=members.ballot,
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


def pockets_asked(
    command: DecideItem,
    before: application.Application,
    terms: tuple[PocketTerms, ...] = (),
    standing: award.Award | None = None,
) -> tuple[str, ...]:
    """The pockets whose state the decision depends on."""
    if not isinstance(before, Waiting):
        return ()
    asked = granting.asked_of(before, command.funding)
    codes = granting.pockets_of(command.outcome, command.when_short, asked, terms)
    if isinstance(standing, award.Approved):
        codes = (*codes, *(cell.pocket for cell in standing.terms.funding))
    return tuple(dict.fromkeys(codes))


def decide_item(
    command: DecideItem,
    sitting: meeting.Meeting,
    before: application.Application,
    *,
    seated: committee.Committee,
    promised: award.Award,
    pockets: Mapping[str, pocket.Pocket],
    terms: tuple[PocketTerms, ...] = (),
    standing: award.Award | None = None,
    waiting_list: waitlist.Waitlist | None = None,
) -> Consequences:
    """
    Decide about an item: what follows for the meeting, the application, its award, its pockets.

    An item that is deferred goes to the meeting that was named, else to the next meeting of the
    committee with an open agenda, or to its docket. ``standing`` is the award of an earlier
    decision that this one replaces. Refused by the rules of the meeting and of the award, and by
    ``NotEnoughInPocket`` when a pocket has less left than is asked of it.
    """
    item = waiting(command.application_id, meeting_item(command, sitting, before))
    sitting = with_present_links(
        meeting.sitting(sitting), command.application_id, item, committee.established(seated)
    )
    listed = waiting_list or waitlist.Waitlist()
    _must_have_its_place(command)
    freed = _freed(command, standing, pockets)
    held = granting.after(pockets, freed.pockets)
    grant = granting.granted(
        command.outcome,
        command.when_short,
        granting.asked_of(item, command.funding),
        allowed=granting.allowed_for(item, terms),
        pockets=held,
    )
    funds = grant.outcome is Outcome.FUND
    recorded = meeting.decide(
        meeting.RecordDecision(
            application_id=command.application_id,
            programme_code=item.proposal.programme_code,
            title=item.proposal.title,
            outcome=grant.outcome,
            votes=command.votes,
            reasons=command.reasons,
            asked=item.proposal.asked,
            granted=total(cell.amount for cell in grant.funding if funds),
            award_id=command.award_id if funds else None,
            secret=command.secret,
            lead_province=item.proposal.lead_province,
            submitted_on=item.proposal.submitted_on,
            deferred_to=command.defer_to,
            conditions=(
                granting.conditions_of(command.award_id, command.conditions) if funds else ()
            ),
            on=command.on,
        ),
        sitting,
    )
    match grant.outcome:
        case Outcome.FUND:
            made = _approve(command, item, promised, grant)
            reserved = reserve(held, grant.funding, award_id=command.award_id, on=command.on)
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
                replaced=freed.award,
                award=made,
                pockets=granting.together(freed.pockets, reserved),
                waitlist=_off(command, listed, "funded"),
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
                replaced=freed.award,
                pockets=freed.pockets,
                waitlist=_off(command, listed, "declined"),
            )
        case Outcome.DEFER:
            entry = listed.entry(command.application_id)
            return Consequences(
                meeting=recorded,
                committee=committee.decide(
                    committee.PlaceApplication(
                        application_id=command.application_id,
                        money_available=entry is not None and entry.offered_on is not None,
                        meeting_id=command.defer_to,
                        on=command.on,
                    ),
                    seated,
                ),
            )
        case Outcome.WAITLIST:
            return Consequences(
                meeting=recorded, waitlist=_on(command, item, sitting, listed, grant)
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
    money_available: frozenset[UUID] = frozenset(),
    on: date,
) -> Consequences:
    """
    End a meeting: what it did not decide, and still waits, goes to a later one.

    There too those of ``money_available`` come first.
    """
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
                committee.PlaceApplication(
                    application_id=application_id,
                    money_available=application_id in money_available,
                    on=on,
                ),
                seated,
            )
        ],
    )


def _must_have_its_place(command: DecideItem) -> None:
    reasons = list(
        granting.misplaced(
            command.outcome,
            funding=command.funding is not None,
            conditions=bool(command.conditions),
            deferred=command.defer_to is not None,
            rank=command.rank is not None,
        )
    )
    if reasons:
        raise AwardNotValid(reasons=reasons)


def _freed(
    command: DecideItem, standing: award.Award | None, pockets: Mapping[str, pocket.Pocket]
) -> Consequences:
    match command.outcome:
        case Outcome.FUND if standing is not None:
            replace = award.ReplaceAward(by_award_id=command.award_id, on=command.on)
            return granting.freed_by(standing, replace, pockets)
        case Outcome.DECLINE if standing is not None:
            fall = award.LapseAward(reason=DECLINED, on=command.on)
            return granting.freed_by(standing, fall, pockets)
        case _:
            return Consequences()


def _approve(
    command: DecideItem, item: Waiting, promised: award.Award, grant: Grant
) -> list[award.Event]:
    return list(
        award.decide(
            award.ApproveAward(
                award_id=command.award_id,
                application_id=command.application_id,
                meeting_id=command.meeting_id,
                proposal=item.proposal,
                funding=grant.funding,
                lapses_on=granting.lapse_day(command.lapses_on),
                conditions=granting.conditions_of(command.award_id, command.conditions),
                over_other_pockets=grant.over_other_pockets,
                on=command.on,
            ),
            promised,
        )
    )


def _on(
    command: DecideItem,
    item: Waiting,
    sitting: meeting.Meeting,
    listed: waitlist.Waitlist,
    grant: Grant,
) -> list[waitlist.Event]:
    award.must_be_grantable(grant.funding, item.proposal)
    return list(
        waitlist.decide(
            waitlist.WaitlistApplication(
                application_id=command.application_id,
                programme_code=item.proposal.programme_code,
                committee_id=meeting.sitting(sitting).committee_id,
                meeting_id=command.meeting_id,
                funding=grant.funding,
                rank=command.rank,
                on=command.on,
            ),
            listed,
        )
    )


def _off(command: DecideItem, listed: waitlist.Waitlist, reason: str) -> list[waitlist.Event]:
    return list(
        waitlist.decide(
            waitlist.RemoveApplication(
                application_id=command.application_id, reason=reason, on=command.on
            ),
            listed,
        )
    )
