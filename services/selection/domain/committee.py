"""
A selection committee: who sits on it, when it meets, and what waits for it.

Applications wait on the agenda of the next meeting whose agenda is still open, or else on the
docket until a meeting is scheduled. When a meeting opens, its agenda leaves the committee and
becomes the meeting's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias, assert_never
from uuid import UUID

from shared.kernel.decider import Decider
from shared.kernel.refusals import NotFound, Reason, RuleBroken


class MemberKind(StrEnum):
    """Where a member comes from; at least half must be independent."""

    EMPLOYEE = "employee"
    INDEPENDENT = "independent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One who sits on a committee."""

    person_id: str
    """Opaque."""
    kind: MemberKind
    organisation_id: UUID | None = None
    """The organisation they belong to: they have a conflict on its applications."""


def enough_independents(members: Iterable[Member]) -> bool:
    """At least half are independent."""
    kinds = [member.kind for member in members]
    return 2 * kinds.count(MemberKind.INDEPENDENT) >= len(kinds)


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
    waiting: tuple[UUID, ...] = ()
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleMeeting:
    """Fix the day of a meeting."""

    meeting_id: UUID
    held_on: date
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceApplication:
    """Put an application before the committee, as soon as its agendas allow."""

    application_id: UUID
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
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingScheduled:
    """A meeting has its day."""

    meeting_id: UUID
    held_on: date
    agenda_closes_on: date
    """The last day on which its agenda is open."""
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDocketed:
    """No scheduled meeting has an open agenda: the application waits for one."""

    application_id: UUID
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationPlaced:
    """The application is on the agenda of a meeting."""

    application_id: UUID
    meeting_id: UUID
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
    | ApplicationDocketed
    | ApplicationPlaced
    | ApplicationRemoved
    | AgendaHandedOver
)


# State


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """A scheduled meeting that has not opened, and its agenda."""

    held_on: date
    agenda_closes_on: date
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


class CommitteeNotSound(RuleBroken):
    """A committee cannot be made up like this."""

    en = "The committee cannot be made up like this."
    fr = "Le comité ne peut pas être constitué ainsi."


class MeetingInThePast(RuleBroken):
    """A meeting is scheduled for today or later."""

    en = "{held_on} is past: a meeting is scheduled for today or later."
    fr = "Le {held_on} est passé : une réunion se tient aujourd’hui ou plus tard."


class MeetingNotScheduled(RuleBroken):
    """The committee has no such meeting ahead."""

    en = "This committee has no such meeting ahead: it was never scheduled, or it has opened."
    fr = "Ce comité n’a pas cette réunion devant lui : jamais convoquée, ou déjà ouverte."


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
            effective_on=command.on,
        ),
        *(
            ApplicationDocketed(application_id=application_id, effective_on=command.on)
            for application_id in command.waiting
        ),
    ]


def _unsound(command: EstablishCommittee) -> Iterable[Reason]:
    people = [member.person_id for member in command.members]
    if len(set(people)) < len(people):
        yield Reason(
            code="member-twice",
            en="A person is a member once.",
            fr="Une personne n’est membre qu’une fois.",
            field="members",
        )
    if not enough_independents(command.members):
        yield Reason(
            code="too-few-independents",
            en="At least half of the members must be independent.",
            fr="Au moins la moitié des membres doivent être indépendants.",
            field="members",
        )
    if command.chair not in people:
        yield Reason(
            code="chair-not-a-member",
            en="The chair must be a member.",
            fr="La personne qui préside doit être membre.",
            field="chair",
            accepted=people,
        )
    if not 1 <= command.quorum <= len(people):
        yield Reason(
            code="quorum-out-of-reach",
            en="The quorum is at least 1 and at most the number of members.",
            fr="Le quorum est d’au moins 1 et d’au plus le nombre de membres.",
            field="quorum",
            accepted={"minimum": 1, "maximum": len(people)},
        )
    if command.agenda_closes_days < 0:
        yield Reason(
            code="agenda-closes-after-meeting",
            en="An agenda closes on the day of the meeting at the latest.",
            fr="L’ordre du jour se ferme au plus tard le jour de la réunion.",
            field="agenda_closes_days",
            accepted={"minimum": 0},
        )
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
    return [
        MeetingScheduled(
            meeting_id=command.meeting_id,
            held_on=command.held_on,
            agenda_closes_on=command.held_on - timedelta(days=committee.agenda_closes_days),
            effective_on=command.on,
        ),
        # Whatever waits goes on it, even when it is called at short notice: a meeting is called
        # for what waits. Only what arrives later meets a closed agenda.
        *(
            ApplicationPlaced(
                application_id=application_id,
                meeting_id=command.meeting_id,
                effective_on=command.on,
            )
            for application_id in committee.docket
        ),
    ]


def _place(command: PlaceApplication, committee: Established) -> Sequence[Event]:
    if committee.waits(command.application_id):
        return []
    meeting_id = committee.next_with_open_agenda(command.on)
    if meeting_id is None:
        return [ApplicationDocketed(application_id=command.application_id, effective_on=command.on)]
    return [
        ApplicationPlaced(
            application_id=command.application_id, meeting_id=meeting_id, effective_on=command.on
        )
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
        )
    seated = established(committee)
    match event:
        case MeetingScheduled():
            sitting = Sitting(held_on=event.held_on, agenda_closes_on=event.agenda_closes_on)
            return _with_scheduled(seated, {**seated.scheduled, event.meeting_id: sitting})
        case ApplicationDocketed():
            return replace(seated, docket=(*seated.docket, event.application_id))
        case ApplicationPlaced():
            sitting = seated.scheduled[event.meeting_id]
            return _with_scheduled(
                replace(seated, docket=_without(seated.docket, event.application_id)),
                {
                    **seated.scheduled,
                    event.meeting_id: replace(
                        sitting, items=(*sitting.items, event.application_id)
                    ),
                },
            )
        case ApplicationRemoved():
            return _with_scheduled(
                replace(seated, docket=_without(seated.docket, event.application_id)),
                {
                    meeting_id: replace(
                        sitting, items=_without(sitting.items, event.application_id)
                    )
                    for meeting_id, sitting in seated.scheduled.items()
                },
            )
        case AgendaHandedOver():
            ahead = {**seated.scheduled}
            del ahead[event.meeting_id]
            return _with_scheduled(seated, ahead)
        case unreachable:
            assert_never(unreachable)


def _with_scheduled(committee: Established, scheduled: Mapping[UUID, Sitting]) -> Established:
    return replace(committee, scheduled=MappingProxyType(dict(scheduled)))


def _without(items: tuple[UUID, ...], gone: UUID) -> tuple[UUID, ...]:
    return tuple(item for item in items if item != gone)


DECIDER: Decider[Command, Committee, Event] = Decider(
    initial=NotEstablished(), decide=decide, evolve=evolve
)
