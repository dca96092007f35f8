"""
Who sits on a committee, from when until when, and by which rules it works.

A committee is sound when at least half of those who serve are independent, its chair serves, and
its quorum can be reached. A change that would make it less sound is refused; time alone may make
it so (a term ends), and then a change that mends part of it is allowed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeAlias, assert_never
from uuid import UUID

from services.selection.domain.calendar import CalendarRule
from shared.kernel.refusals import Reason, RuleBroken


class MemberKind(StrEnum):
    """Where a member comes from; at least half must be independent."""

    EMPLOYEE = "employee"
    INDEPENDENT = "independent"


class BallotRule(StrEnum):
    """How votes are kept."""

    BY_NAME = "by-name"
    SECRET = "secret"  # noqa: S105  # a way to vote
    """Only how many said what, and who voted."""


class ScoresVisible(StrEnum):
    """When a member sees what the others scored."""

    AFTER_OWN = "after-own"
    """From the moment that their own score of the item is in."""
    AT_MEETING = "at-meeting"
    """From then on, but not before the meeting opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One who sits on a committee."""

    person_id: str
    """Opaque."""
    kind: MemberKind
    organisation_id: UUID | None = None
    """The organisation they belong to: they have a conflict on its applications."""
    since: date | None = None
    """First day of their term; None: from the beginning."""
    until: date | None = None
    """Last day of their term, inclusive; None: without end."""
    interests: tuple[UUID, ...] = ()
    """Other organisations in which they declared an interest: the same conflict."""

    def serves(self, on: date) -> bool:
        """Their term has begun and not ended."""
        return (self.since is None or self.since <= on) and not self.is_over(on)

    def is_over(self, on: date) -> bool:
        """Their term ended before that day."""
        return self.until is not None and self.until < on

    def overlaps(self, other: "Member") -> bool:
        """There is a day on which both terms run."""
        first = max(self.since or date.min, other.since or date.min)
        return first <= min(self.until or date.max, other.until or date.max)


def enough_independents(members: Iterable[Member]) -> bool:
    """At least half are independent."""
    kinds = [member.kind for member in members]
    return 2 * kinds.count(MemberKind.INDEPENDENT) >= len(kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """Who sits, who presides, and how many make a quorum."""

    members: tuple[Member, ...]
    chair: str
    quorum: int

    def serving(self, on: date) -> tuple[Member, ...]:
        """Those whose term runs on that day."""
        return tuple(member for member in self.members if member.serves(on))


# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinCommittee:
    """Give someone a seat."""

    member: Member
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveCommittee:
    """Take a seat away, from today on."""

    person_id: str
    reason: str
    chair: str | None = None
    """Who presides from now on, when the chair leaves."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceMember:
    """Give somebody's seat to somebody else, from today on."""

    person_id: str
    member: Member
    reason: str
    chair: str | None = None
    """Who presides from now on, when the chair is replaced."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeChair:
    """Let another member preside."""

    chair: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareInterest:
    """A member has an interest in an organisation: a conflict on all of its applications."""

    person_id: str
    organisation_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EndInterest:
    """The interest is over, or was never there."""

    person_id: str
    organisation_id: UUID
    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRules:
    """Let the committee work by other rules from now on."""

    quorum: int
    agenda_closes_days: int
    calendar: CalendarRule | None
    ballot: BallotRule
    scores_visible: ScoresVisible
    on: date


Command: TypeAlias = (
    JoinCommittee
    | LeaveCommittee
    | ReplaceMember
    | ChangeChair
    | DeclareInterest
    | EndInterest
    | ChangeRules
)


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined:
    """Someone has a seat."""

    member: Member
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft:
    """Someone is not a member any more, from that day on."""

    person_id: str
    reason: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberReplaced:
    """Someone has the seat of someone else, from that day on."""

    person_id: str
    """Who had it."""
    member: Member
    reason: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ChairChanged:
    """Another member presides."""

    chair: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestDeclared:
    """A member has a conflict on the applications of an organisation."""

    person_id: str
    organisation_id: UUID
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestEnded:
    """That conflict is no more."""

    person_id: str
    organisation_id: UUID
    reason: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesChanged:
    """The committee works by these rules."""

    quorum: int
    agenda_closes_days: int
    calendar: CalendarRule | None
    ballot: BallotRule
    scores_visible: ScoresVisible
    effective_on: date


SeatEvent: TypeAlias = (
    MemberJoined | MemberLeft | MemberReplaced | ChairChanged | InterestDeclared | InterestEnded
)
Event: TypeAlias = SeatEvent | RulesChanged


# Refusals


class CommitteeNotSound(RuleBroken):
    """A committee cannot be made up like this."""

    en = "The committee cannot be made up like this."
    fr = "Le comité ne peut pas être constitué ainsi."


class NotAMember(RuleBroken):
    """Only a member leaves, is replaced, presides or has interests."""

    en = "{person_id} is not a member of this committee."
    fr = "{person_id} n’est pas membre de ce comité."


def decide(command: Command, seats: Seats) -> Sequence[Event]:
    """What follows, or a refusal; repeating a command is no change."""
    match command:
        case JoinCommittee():
            if command.member in seats.members:
                return []
            events: list[Event] = [MemberJoined(member=command.member, effective_on=command.on)]
        case LeaveCommittee():
            _must_be_member(command.person_id, seats, command.on)
            left = MemberLeft(
                person_id=command.person_id, reason=command.reason, effective_on=command.on
            )
            events = [left, *_new_chair(command.chair, command.on)]
        case ReplaceMember():
            _must_be_member(command.person_id, seats, command.on)
            replaced = MemberReplaced(
                person_id=command.person_id,
                member=command.member,
                reason=command.reason,
                effective_on=command.on,
            )
            events = [replaced, *_new_chair(command.chair, command.on)]
        case ChangeChair():
            if command.chair == seats.chair:
                return []
            events = [*_new_chair(command.chair, command.on)]
        case DeclareInterest() | EndInterest():
            return _interest(command, seats)
        case ChangeRules():
            return _change_rules(command, seats)
        case unreachable:
            assert_never(unreachable)
    _must_stay_sound(seats, events, command.on)
    return events


def _must_be_member(person_id: str, seats: Seats, on: date) -> None:
    people = [member.person_id for member in seats.members if not member.is_over(on)]
    if person_id not in people:
        raise NotAMember(person_id=person_id, field="person_id", accepted=people)


def _new_chair(chair: str | None, on: date) -> list[ChairChanged]:
    return [] if chair is None else [ChairChanged(chair=chair, effective_on=on)]


def _interest(command: DeclareInterest | EndInterest, seats: Seats) -> Sequence[Event]:
    _must_be_member(command.person_id, seats, command.on)
    declared = any(
        command.organisation_id in member.interests
        for member in seats.members
        if member.person_id == command.person_id
    )
    if isinstance(command, DeclareInterest):
        if declared:
            return []
        return [
            InterestDeclared(
                person_id=command.person_id,
                organisation_id=command.organisation_id,
                effective_on=command.on,
            )
        ]
    if not declared:
        return []
    return [
        InterestEnded(
            person_id=command.person_id,
            organisation_id=command.organisation_id,
            reason=command.reason,
            effective_on=command.on,
        )
    ]


def _change_rules(command: ChangeRules, seats: Seats) -> Sequence[Event]:
    changed = replace(seats, quorum=command.quorum)
    reasons = [
        *(each for each in unsound(changed, command.on) if each.field == "quorum"),
        *unsound_rules(command.agenda_closes_days, command.calendar),
    ]
    if reasons:
        raise CommitteeNotSound(reasons=reasons)
    return [
        RulesChanged(
            quorum=command.quorum,
            agenda_closes_days=command.agenda_closes_days,
            calendar=command.calendar,
            ballot=command.ballot,
            scores_visible=command.scores_visible,
            effective_on=command.on,
        )
    ]


def _must_stay_sound(seats: Seats, events: Sequence[Event], on: date) -> None:
    after = seats
    for event in events:
        if not isinstance(event, RulesChanged):
            after = evolve(after, event)
    before = _shortfalls(seats, on)
    worse = {code for code, short in _shortfalls(after, on).items() if short > before[code]}
    reasons = [reason for reason in unsound(after, on) if reason.code in worse]
    if reasons:
        raise CommitteeNotSound(reasons=reasons)


def _shortfalls(seats: Seats, on: date) -> dict[str, int]:
    """How far from sound, per reason."""
    serving = seats.serving(on)
    independents = sum(member.kind is MemberKind.INDEPENDENT for member in serving)
    return {
        "member-twice": _overlaps(seats.members),
        "term-ends-before-it-begins": len(_backwards(seats.members)),
        "too-few-independents": max(0, len(serving) - 2 * independents),
        "chair-not-a-member": int(seats.chair not in {member.person_id for member in serving}),
        "quorum-out-of-reach": max(0, seats.quorum - len(serving), 1 - seats.quorum),
    }


def _overlaps(members: Sequence[Member]) -> int:
    return sum(
        one.person_id == other.person_id and one.overlaps(other)
        for index, one in enumerate(members)
        for other in members[:index]
    )


def _backwards(members: Iterable[Member]) -> list[Member]:
    return [each for each in members if each.since and each.until and each.until < each.since]


def unsound(seats: Seats, on: date) -> Iterable[Reason]:
    """Everything that keeps a committee of these members from being sound on that day."""
    people = list(dict.fromkeys(member.person_id for member in seats.serving(on)))
    short = _shortfalls(seats, on)
    if short["member-twice"]:
        yield Reason(
            code="member-twice",
            en="A person is a member once.",
            fr="Une personne n’est membre qu’une fois.",
            field="members",
        )
    if short["term-ends-before-it-begins"]:
        yield Reason(
            code="term-ends-before-it-begins",
            en="A term ends on the day it begins at the earliest.",
            fr="Un mandat prend fin au plus tôt le jour où il commence.",
            field="members",
        )
    if short["too-few-independents"]:
        yield Reason(
            code="too-few-independents",
            en="At least half of the members must be independent.",
            fr="Au moins la moitié des membres doivent être indépendants.",
            field="members",
        )
    if short["chair-not-a-member"]:
        yield Reason(
            code="chair-not-a-member",
            en="The chair must be a member.",
            fr="La personne qui préside doit être membre.",
            field="chair",
            accepted=people,
        )
    if short["quorum-out-of-reach"]:
        yield Reason(
            code="quorum-out-of-reach",
            en="The quorum is at least 1 and at most the number of members.",
            fr="Le quorum est d’au moins 1 et d’au plus le nombre de membres.",
            field="quorum",
            accepted={"minimum": 1, "maximum": len(people)},
        )


def unsound_rules(agenda_closes_days: int, calendar: CalendarRule | None) -> Iterable[Reason]:
    """What is wrong with the rules about days."""
    if agenda_closes_days < 0:
        yield Reason(
            code="agenda-closes-after-meeting",
            en="An agenda closes on the day of the meeting at the latest.",
            fr="L’ordre du jour se ferme au plus tard le jour de la réunion.",
            field="agenda_closes_days",
            accepted={"minimum": 0},
        )
    if calendar is not None:
        yield from calendar.wrong()


def evolve(seats: Seats, event: SeatEvent) -> Seats:
    """The seats after ``event``."""
    match event:
        case MemberJoined():
            return replace(seats, members=(*seats.members, _known(seats, event.member)))
        case MemberLeft():
            return replace(seats, members=_without(seats, event.person_id, event.effective_on))
        case MemberReplaced():
            others = _without(seats, event.person_id, event.effective_on)
            return replace(seats, members=(*others, _known(seats, event.member)))
        case ChairChanged():
            return replace(seats, chair=event.chair)
        case InterestDeclared():
            return _with_interests(seats, event.person_id, added={event.organisation_id})
        case InterestEnded():
            return _with_interests(seats, event.person_id, ended={event.organisation_id})
        case unreachable:
            assert_never(unreachable)


def _without(seats: Seats, person_id: str, on: date) -> tuple[Member, ...]:
    """Terms that ended before stay as they were."""
    return tuple(
        member for member in seats.members if member.person_id != person_id or member.is_over(on)
    )


def _known(seats: Seats, member: Member) -> Member:
    """Whoever had a seat before keeps the interests they declared."""
    kept = {
        organisation_id
        for each in seats.members
        if each.person_id == member.person_id
        for organisation_id in each.interests
    }
    return replace(member, interests=tuple(sorted({*member.interests} | kept, key=str)))


def _with_interests(
    seats: Seats,
    person_id: str,
    *,
    added: frozenset[UUID] | set[UUID] = frozenset(),
    ended: frozenset[UUID] | set[UUID] = frozenset(),
) -> Seats:
    return replace(
        seats,
        members=tuple(
            replace(
                member,
                interests=tuple(sorted(({*member.interests} | added) - ended, key=str)),
            )
            if member.person_id == person_id
            else member
            for member in seats.members
        ),
    )
