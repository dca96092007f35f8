"""
The calendar of a committee, kept: meetings six months ahead, moved, and cancelled.

Every month has at most one regular meeting. One that was cancelled is not scheduled again: what
was on its agenda goes to the next that is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, assert_never
from uuid import UUID

from services.selection.domain import committee
from services.selection.domain.calendar import first_of, months_ahead
from services.selection.domain.committee import (
    ApplicationPlaced,
    CalendarExtended,
    Committee,
    Established,
    Event,
    MeetingCancelled,
    MeetingInThePast,
    MeetingMoved,
    MeetingNotScheduled,
    MeetingScheduled,
    PlaceApplication,
    Sitting,
    closing_before,
    established,
    place,
)
from shared.kernel.decider import Decider
from shared.kernel.identifiers import derived_id
from shared.kernel.refusals import RuleBroken

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendCalendar:
    """Make sure that this month and the six after it have their regular meeting."""

    committee_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveMeeting:
    """Hold a meeting on another day."""

    meeting_id: UUID
    held_on: date
    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelMeeting:
    """Do not hold a meeting."""

    meeting_id: UUID
    reason: str
    on: date


Command: TypeAlias = ExtendCalendar | MoveMeeting | CancelMeeting


class MovedOutOfItsMonth(RuleBroken):
    """The regular meeting of a month is held in that month."""

    en = "It is the regular meeting of another month than that of {held_on}: cancel it instead."
    fr = "C’est la réunion ordinaire d’un autre mois que celui du {held_on} : annulez-la plutôt."


def decide(command: Command, state: Committee) -> Sequence[Event]:
    """What follows, or a refusal."""
    seated = established(state)
    match command:
        case ExtendCalendar():
            return _extend(command, seated)
        case MoveMeeting():
            return _move(command, seated)
        case CancelMeeting():
            return _cancel(command, seated)
        case unreachable:
            assert_never(unreachable)


def meeting_of_month(committee_id: UUID, month: date) -> UUID:
    """The id of a committee's regular meeting of a month: scheduling it again is the same."""
    return derived_id("meeting", committee_id, month)


def _extend(command: ExtendCalendar, seated: Established) -> Sequence[Event]:
    rule = seated.calendar
    if rule is None:
        return []
    months = months_ahead(command.on)
    events: list[Event] = []
    for month in months:
        held_on = rule.day_in(month)
        if month in seated.months or held_on < command.on:
            continue
        events.append(
            MeetingScheduled(
                meeting_id=meeting_of_month(command.committee_id, month),
                held_on=held_on,
                agenda_closes_on=closing_before(held_on, seated),
                month=month,
                effective_on=command.on,
            )
        )
    events.append(CalendarExtended(through=months[-1], effective_on=command.on))
    return [*events, *_from_the_docket(_after(seated, events), command.on)]


def _from_the_docket(seated: Established, on: date) -> Sequence[Event]:
    """What waits goes on the first agenda that is open, if one is."""
    meeting_id = seated.next_with_open_agenda(on)
    if meeting_id is None:
        return []
    return [
        ApplicationPlaced(
            application_id=application_id,
            meeting_id=meeting_id,
            money_available=application_id in seated.money_available,
            effective_on=on,
        )
        for application_id in seated.docket
    ]


def _move(command: MoveMeeting, seated: Established) -> Sequence[Event]:
    sitting = _ahead(command.meeting_id, seated)
    if sitting.held_on == command.held_on:
        return []
    if command.held_on < command.on:
        raise MeetingInThePast(held_on=command.held_on, field="held_on", accepted=str(command.on))
    if sitting.month is not None and first_of(command.held_on) != sitting.month:
        raise MovedOutOfItsMonth(
            held_on=command.held_on, field="held_on", accepted={"month": str(sitting.month)[:7]}
        )
    # An agenda that has closed stays closed: its pack has gone out.
    has_closed = sitting.agenda_closes_on < command.on
    later = command.held_on - sitting.held_on
    return [
        MeetingMoved(
            meeting_id=command.meeting_id,
            held_on=command.held_on,
            agenda_closes_on=(
                sitting.agenda_closes_on if has_closed else closing_before(command.held_on, seated)
            ),
            closes_on=None if sitting.closes_on is None else sitting.closes_on + later,
            reason=command.reason,
            effective_on=command.on,
        )
    ]


def _cancel(command: CancelMeeting, seated: Established) -> Sequence[Event]:
    sitting = _ahead(command.meeting_id, seated)
    cancelled = MeetingCancelled(
        meeting_id=command.meeting_id, reason=command.reason, effective_on=command.on
    )
    without = _after(seated, [cancelled])
    return [
        cancelled,
        *(
            place(
                PlaceApplication(
                    application_id=application_id,
                    money_available=application_id in seated.money_available,
                    on=command.on,
                ),
                without,
            )
            for application_id in sitting.items
        ),
    ]


def _ahead(meeting_id: UUID, seated: Established) -> Sitting:
    if meeting_id not in seated.scheduled:
        raise MeetingNotScheduled
    return seated.scheduled[meeting_id]


def _after(seated: Established, events: Sequence[Event]) -> Established:
    state: Committee = seated
    for event in events:
        state = committee.evolve(state, event)
    return established(state)


DECIDER: Decider[Command, Committee, Event] = Decider(
    initial=committee.DECIDER.initial, decide=decide, evolve=committee.evolve
)
