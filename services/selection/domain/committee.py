"""
A selection committee: who sits on it, when it meets, and what waits for it.

Applications wait on the agenda of the next meeting whose agenda is still open, or else on the
docket until a meeting is scheduled. When a meeting opens, its agenda leaves the committee and
becomes the meeting's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import TypeAlias, assert_never
from uuid import UUID

from services.selection.domain import membership
from services.selection.domain.calendar import CalendarRule, MeetingKind, first_of
from services.selection.domain.membership import (
    BallotRule,
    ChairChanged,
    CommitteeNotSound,
    InterestDeclared,
    InterestEnded,
    Member,
    MemberJoined,
    MemberLeft,
    MemberReplaced,
    RulesChanged,
    ScoresVisible,
    Seats,
)
from shared.kernel.decider import Decider
from shared.kernel.refusals import NotFound, Reason, RuleBroken

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class EstablishCommittee:
    """Set up a committee, with what already waits for it."""

    committee_id: UUID
    name: str
    programmes: tuple[str, ...]
    quorum: int
    members: tuple[Member, ...]
    chair: str
    """The ``person_id`` of the member whose vote breaks a tie."""
    agenda_closes_days: int
    """Days before a meeting at the end of which its agenda closes."""
    calendar: CalendarRule | None = None
    """On which day of a month it meets; None: meetings are scheduled by hand."""
    ballot: BallotRule = BallotRule.BY_NAME
    scores_visible: ScoresVisible = ScoresVisible.AFTER_OWN
    waiting: tuple[UUID, ...] = ()
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleMeeting:
    """Fix the day of a meeting."""

    meeting_id: UUID
    held_on: date
    kind: MeetingKind = MeetingKind.REGULAR
    closes_on: date | None = None
    """The last day on which votes come in, of a written meeting."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceApplication:
    """Put an application before the committee, as soon as its agendas allow."""

    application_id: UUID
    money_available: bool = False
    """Money has returned for it: it comes first."""
    meeting_id: UUID | None = None
    """On the agenda of this meeting; None: of the next whose agenda is open."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveApplication:
    """Take an application off whatever it waits on."""

    application_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverAgenda:
    """The meeting opens: from here on its agenda is the meeting's."""

    meeting_id: UUID
    on: date


Command: TypeAlias = (
    EstablishCommittee | ScheduleMeeting | PlaceApplication | RemoveApplication | HandOverAgenda
)


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeEstablished:
    """A committee was set up."""

    committee_id: UUID
    name: str
    programmes: tuple[str, ...]
    quorum: int
    members: tuple[Member, ...]
    chair: str
    agenda_closes_days: int
    calendar: CalendarRule | None = None
    ballot: BallotRule = BallotRule.BY_NAME
    scores_visible: ScoresVisible = ScoresVisible.AFTER_OWN
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingScheduled:
    """A meeting has its day."""

    meeting_id: UUID
    held_on: date
    agenda_closes_on: date
    """The last day on which its agenda is open."""
    kind: MeetingKind = MeetingKind.REGULAR
    month: date | None = None
    """First day of the month whose regular meeting it is; None without a calendar."""
    closes_on: date | None = None
    """The last day on which votes come in, of a written meeting."""
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingMoved:
    """A meeting has another day."""

    meeting_id: UUID
    held_on: date
    agenda_closes_on: date
    closes_on: date | None = None
    reason: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingCancelled:
    """A meeting will not be held; what was on its agenda goes elsewhere."""

    meeting_id: UUID
    reason: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarExtended:
    """The regular meetings are scheduled up to and including a month."""

    through: date
    """First day of that month."""
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDocketed:
    """No scheduled meeting has an open agenda: the application waits for one."""

    application_id: UUID
    money_available: bool = False
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationPlaced:
    """The application is on the agenda of a meeting."""

    application_id: UUID
    meeting_id: UUID
    money_available: bool = False
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRemoved:
    """The application waits for this committee no more."""

    application_id: UUID
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaHandedOver:
    """The meeting opened with the agenda as it was."""

    meeting_id: UUID
    effective_on: date


Event: TypeAlias = (
    CommitteeEstablished
    | MeetingScheduled
    | MeetingMoved
    | MeetingCancelled
    | CalendarExtended
    | ApplicationDocketed
    | ApplicationPlaced
    | ApplicationRemoved
    | AgendaHandedOver
    | membership.Event
)


# State


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """A scheduled meeting that has not opened, and its agenda."""

    held_on: date
    agenda_closes_on: date
    kind: MeetingKind = MeetingKind.REGULAR
    month: date | None = None
    closes_on: date | None = None
    items: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEstablished:
    """There is no such committee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Established:
    """A committee that can meet."""

    name: str
    programmes: tuple[str, ...]
    quorum: int
    members: tuple[Member, ...]
    chair: str
    agenda_closes_days: int
    docket: tuple[UUID, ...] = ()
    scheduled: Mapping[UUID, Sitting] = field(default_factory=lambda: MappingProxyType({}))
    calendar: CalendarRule | None = None
    ballot: BallotRule = BallotRule.BY_NAME
    scores_visible: ScoresVisible = ScoresVisible.AFTER_OWN
    months: frozenset[date] = frozenset()
    """The months (first days) that have or had their regular meeting."""
    money_available: frozenset[UUID] = frozenset()
    """Those that wait and come first, because money has returned for them."""

    @property
    def seats(self) -> Seats:
        """Who sits, who presides, and the quorum."""
        return Seats(members=self.members, chair=self.chair, quorum=self.quorum)

    def serving(self, on: date) -> tuple[Member, ...]:
        """The members whose term runs on that day."""
        return self.seats.serving(on)

    def next_with_open_agenda(self, on: date) -> UUID | None:
        """The earliest scheduled meeting whose agenda is still open on that day."""
        still_open = [
            (sitting.held_on, str(meeting_id), meeting_id)
            for meeting_id, sitting in self.scheduled.items()
            if on <= sitting.agenda_closes_on
        ]
        return min(still_open)[2] if still_open else None

    def waits(self, application_id: UUID) -> bool:
        """It is on the docket or on an agenda."""
        return application_id in self.docket or any(
            application_id in sitting.items for sitting in self.scheduled.values()
        )


Committee: TypeAlias = NotEstablished | Established


# Refusals


class CommitteeExists(RuleBroken):
    """This committee was established before."""

    en = "This committee exists already."
    fr = "Ce comité existe déjà."


class MeetingInThePast(RuleBroken):
    """A meeting is scheduled for today or later."""

    en = "{held_on} is past: a meeting is scheduled for today or later."
    fr = "Le {held_on} est passé : une réunion se tient aujourd’hui ou plus tard."


class MonthHasItsMeeting(RuleBroken):
    """A committee with a calendar has one regular meeting a month."""

    en = "The month of {held_on} has its regular meeting: another one is extraordinary or written."
    fr = "Le mois du {held_on} a sa réunion ordinaire : une autre est extraordinaire ou écrite."


class VotingNeedsDays(RuleBroken):
    """A written meeting, and no other, has a last day for votes."""

    en = "A written meeting has a last day for votes, not before it opens; another has none."
    fr = (
        "Une consultation écrite a un dernier jour de vote, au plus tôt celui de l’ouverture ;"
        " une autre réunion n’en a pas."
    )


class WrittenVotesHaveNames(RuleBroken):
    """A written vote comes in under a name: a committee that votes in secret cannot have one."""

    en = "This committee votes in secret, and written votes have names."
    fr = "Ce comité vote au scrutin secret, et un vote écrit porte un nom."


class MeetingNotScheduled(RuleBroken):
    """The committee has no such meeting ahead."""

    en = "This committee has no such meeting ahead: it was never scheduled, or it has opened."
    fr = "Ce comité n’a pas cette réunion devant lui : jamais convoquée, ou déjà ouverte."


class AgendaIsClosed(RuleBroken):
    """An item goes on an agenda that is open."""

    en = "The agenda of that meeting closed on {closed_on}."
    fr = "L’ordre du jour de cette réunion s’est fermé le {closed_on}."


def established(committee: Committee) -> Established:
    """The committee, or ``NotFound``."""
    if isinstance(committee, NotEstablished):
        raise NotFound(kind="committee")
    return committee


def decide(command: Command, committee: Committee) -> Sequence[Event]:
    """What follows, or a refusal."""
    match command:
        case EstablishCommittee():
            return _establish(command, committee)
        case ScheduleMeeting():
            return _schedule(command, established(committee))
        case PlaceApplication():
            return _place(command, established(committee))
        case RemoveApplication():
            if not established(committee).waits(command.application_id):
                return []
            return [
                ApplicationRemoved(application_id=command.application_id, effective_on=command.on)
            ]
        case HandOverAgenda():
            if command.meeting_id not in established(committee).scheduled:
                raise MeetingNotScheduled
            return [AgendaHandedOver(meeting_id=command.meeting_id, effective_on=command.on)]
        case unreachable:
            assert_never(unreachable)


def _establish(command: EstablishCommittee, committee: Committee) -> Sequence[Event]:
    if isinstance(committee, Established):
        raise CommitteeExists
    reasons = list(_unsound(command))
    if reasons:
        raise CommitteeNotSound(reasons=reasons)
    return [
        CommitteeEstablished(
            committee_id=command.committee_id,
            name=command.name,
            programmes=command.programmes,
            quorum=command.quorum,
            members=command.members,
            chair=command.chair,
            agenda_closes_days=command.agenda_closes_days,
            calendar=command.calendar,
            ballot=command.ballot,
            scores_visible=command.scores_visible,
            effective_on=command.on,
        ),
        *(
            ApplicationDocketed(application_id=application_id, effective_on=command.on)
            for application_id in command.waiting
        ),
    ]


def _unsound(command: EstablishCommittee) -> Iterable[Reason]:
    seats = Seats(members=command.members, chair=command.chair, quorum=command.quorum)
    yield from membership.unsound(seats, command.on)
    yield from membership.unsound_rules(command.agenda_closes_days, command.calendar)
    if not command.programmes or len(set(command.programmes)) < len(command.programmes):
        yield Reason(
            code="programmes-not-distinct",
            en="A committee decides for at least one programme, each named once.",
            fr="Un comité décide pour au moins un programme, chacun nommé une fois.",
            field="programmes",
        )


def _schedule(command: ScheduleMeeting, committee: Established) -> Sequence[Event]:
    if command.meeting_id in committee.scheduled:
        return []
    if command.held_on < command.on:
        raise MeetingInThePast(held_on=command.held_on, field="held_on", accepted=str(command.on))
    _must_close_when_written(command.kind, command.held_on, command.closes_on)
    if command.kind is MeetingKind.WRITTEN and committee.ballot is BallotRule.SECRET:
        raise WrittenVotesHaveNames(field="kind")
    month = None
    if command.kind is MeetingKind.REGULAR and committee.calendar is not None:
        month = first_of(command.held_on)
        if month in committee.months:
            raise MonthHasItsMeeting(held_on=command.held_on, field="kind")
    return [
        MeetingScheduled(
            meeting_id=command.meeting_id,
            held_on=command.held_on,
            agenda_closes_on=closing_before(command.held_on, committee),
            kind=command.kind,
            month=month,
            closes_on=command.closes_on,
            effective_on=command.on,
        ),
        # Whatever waits goes on it, even when it is called at short notice: a meeting is called
        # for what waits. Only what arrives later meets a closed agenda.
        *(
            ApplicationPlaced(
                application_id=application_id,
                meeting_id=command.meeting_id,
                money_available=application_id in committee.money_available,
                effective_on=command.on,
            )
            for application_id in committee.docket
        ),
    ]


def closing_before(held_on: date, committee: Established) -> date:
    """The last day on which the agenda of a meeting on that day is open."""
    return held_on - timedelta(days=committee.agenda_closes_days)


def _must_close_when_written(kind: MeetingKind, held_on: date, closes_on: date | None) -> None:
    if (kind is MeetingKind.WRITTEN) != (closes_on is not None):
        raise VotingNeedsDays(field="closes_on")
    if closes_on is not None and closes_on < held_on:
        raise VotingNeedsDays(field="closes_on", accepted={"minimum": str(held_on)})


def _place(command: PlaceApplication, committee: Established) -> Sequence[Event]:
    if committee.waits(command.application_id):
        return []
    return [place(command, committee)]


def place(
    command: PlaceApplication, committee: Established
) -> ApplicationPlaced | ApplicationDocketed:
    """Onto the agenda that is named or the next that is open on that day, else onto the docket."""
    meeting_id = _meeting_for(command, committee)
    if meeting_id is None:
        return ApplicationDocketed(
            application_id=command.application_id,
            money_available=command.money_available,
            effective_on=command.on,
        )
    return ApplicationPlaced(
        application_id=command.application_id,
        meeting_id=meeting_id,
        money_available=command.money_available,
        effective_on=command.on,
    )


def _meeting_for(command: PlaceApplication, committee: Established) -> UUID | None:
    if command.meeting_id is None:
        return committee.next_with_open_agenda(command.on)
    named = committee.scheduled.get(command.meeting_id)
    if named is None:
        raise MeetingNotScheduled(field="defer_to", accepted=_open(committee, command.on))
    if command.on > named.agenda_closes_on:
        raise AgendaIsClosed(
            closed_on=named.agenda_closes_on,
            field="defer_to",
            accepted=_open(committee, command.on),
        )
    return command.meeting_id


def _open(committee: Established, on: date) -> list[str]:
    return [
        str(meeting_id)
        for meeting_id, sitting in committee.scheduled.items()
        if on <= sitting.agenda_closes_on
    ]


def evolve(committee: Committee, event: Event) -> Committee:
    """The state after ``event``."""
    if isinstance(event, CommitteeEstablished):
        return Established(
            name=event.name,
            programmes=event.programmes,
            quorum=event.quorum,
            members=event.members,
            chair=event.chair,
            agenda_closes_days=event.agenda_closes_days,
            calendar=event.calendar,
            ballot=event.ballot,
            scores_visible=event.scores_visible,
        )
    seated = established(committee)
    match event:
        case RulesChanged():
            return replace(
                seated,
                quorum=event.quorum,
                agenda_closes_days=event.agenda_closes_days,
                calendar=event.calendar,
                ballot=event.ballot,
                scores_visible=event.scores_visible,
            )
        case (
            MemberJoined()
            | MemberLeft()
            | MemberReplaced()
            | ChairChanged()
            | InterestDeclared()
            | InterestEnded()
        ):
            seats = membership.evolve(seated.seats, event)
            return replace(seated, members=seats.members, chair=seats.chair)
        case ApplicationDocketed() | ApplicationPlaced() | ApplicationRemoved():
            return _marked(_with_place(seated, event), event)
        case _:
            return _with_meetings(seated, event)


def _with_meetings(
    seated: Established,
    event: MeetingScheduled | MeetingMoved | MeetingCancelled | AgendaHandedOver | CalendarExtended,
) -> Established:
    """With what an event says about its calendar."""
    match event:
        case MeetingScheduled():
            sitting = Sitting(
                held_on=event.held_on,
                agenda_closes_on=event.agenda_closes_on,
                kind=event.kind,
                month=event.month,
                closes_on=event.closes_on,
            )
            months = seated.months if event.month is None else seated.months | {event.month}
            return _with_scheduled(
                replace(seated, months=months), {**seated.scheduled, event.meeting_id: sitting}
            )
        case MeetingMoved():
            sitting = replace(
                seated.scheduled[event.meeting_id],
                held_on=event.held_on,
                agenda_closes_on=event.agenda_closes_on,
                closes_on=event.closes_on,
            )
            return _with_scheduled(seated, {**seated.scheduled, event.meeting_id: sitting})
        case MeetingCancelled() | AgendaHandedOver():
            return _leaving(seated, event.meeting_id)
        case CalendarExtended():
            return seated  # it is for the timer of the next month
        case unreachable:
            assert_never(unreachable)


def _with_place(
    seated: Established, event: ApplicationDocketed | ApplicationPlaced | ApplicationRemoved
) -> Established:
    """With an application on the docket, on an agenda, or nowhere."""
    without = replace(seated, docket=_without(seated.docket, event.application_id))
    match event:
        case ApplicationDocketed():
            return replace(seated, docket=(*seated.docket, event.application_id))
        case ApplicationPlaced():
            sitting = seated.scheduled[event.meeting_id]
            placed = replace(sitting, items=(*sitting.items, event.application_id))
            return _with_scheduled(without, {**seated.scheduled, event.meeting_id: placed})
        case ApplicationRemoved():
            return _with_scheduled(
                without,
                {
                    meeting_id: replace(
                        sitting, items=_without(sitting.items, event.application_id)
                    )
                    for meeting_id, sitting in seated.scheduled.items()
                },
            )
        case unreachable:
            assert_never(unreachable)


def _leaving(committee: Established, meeting_id: UUID) -> Established:
    """Without a meeting and what was on its agenda."""
    ahead = {**committee.scheduled}
    gone = ahead.pop(meeting_id)
    kept = committee.money_available.difference(gone.items)
    return _with_scheduled(replace(committee, money_available=kept), ahead)


def _marked(
    committee: Established, event: ApplicationDocketed | ApplicationPlaced | ApplicationRemoved
) -> Established:
    marked = committee.money_available - {event.application_id}
    if not isinstance(event, ApplicationRemoved) and event.money_available:
        marked |= {event.application_id}
    return replace(committee, money_available=marked)


def _with_scheduled(committee: Established, scheduled: Mapping[UUID, Sitting]) -> Established:
    return replace(committee, scheduled=MappingProxyType(dict(scheduled)))


def _without(items: tuple[UUID, ...], gone: UUID) -> tuple[UUID, ...]:
    return tuple(item for item in items if item != gone)


DECIDER: Decider[Command, Committee, Event] = Decider(
    initial=NotEstablished(), decide=decide, evolve=evolve
)
