"""
One sitting of a committee: who is there, who may vote on what, and what is decided.

Rules per item: a member with a conflict on it has no vote and does not count for its quorum;
at least half of those counted are independent; the majority of the votes cast decides, and the
chair's vote breaks a tie. After sealing nothing in a meeting changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias, assert_never
from uuid import UUID

from services.selection.domain import proceedings
from services.selection.domain.ballots import SecretCount, against_the_count
from services.selection.domain.calendar import MeetingKind
from services.selection.domain.conditions import Condition
from services.selection.domain.membership import BallotRule, Member, enough_independents
from services.selection.domain.proceedings import (
    ConflictWithdrawn,
    CorrectionProposed,
    CorrectionSettled,
    MeetingCancelled,
    MeetingMoved,
    MinutesApproved,
    PackFrozen,
)
from shared.kernel.decider import Decider
from shared.kernel.money import Money
from shared.kernel.refusals import NotFound, Reason, RuleBroken


class Outcome(StrEnum):
    """What a committee can decide about an item."""

    FUND = "fund"
    DECLINE = "decline"
    DEFER = "defer"
    WAITLIST = "waitlist"
    """The committee would fund it, and there is no money."""


class Vote(StrEnum):
    """What a member can say to the question whether to fund."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One member's vote on one item."""

    person_id: str
    vote: Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaItem:
    """An application on the agenda, and who may have no part in it."""

    application_id: UUID
    conflicted: tuple[str, ...] = ()


# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMeeting:
    """Begin the history of a meeting that its committee has scheduled."""

    meeting_id: UUID
    committee_id: UUID
    held_on: date
    kind: MeetingKind = MeetingKind.REGULAR
    closes_on: date | None = None
    """The last day on which votes come in, of a written meeting."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMeeting:
    """Start it, with the committee and the agenda as they are now."""

    members: tuple[Member, ...]
    quorum: int
    chair: str
    present: tuple[str, ...]
    items: tuple[AgendaItem, ...]
    ballot: BallotRule = BallotRule.BY_NAME
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareConflict:
    """A member has an interest in an item."""

    application_id: UUID
    person_id: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDecision:
    """Write down what the committee decided about an item, and by which votes."""

    application_id: UUID
    programme_code: str
    title: str
    outcome: Outcome
    votes: tuple[Ballot, ...]
    reasons: tuple[str, ...]
    asked: Money
    granted: Money
    award_id: UUID | None
    secret: SecretCount | None = None
    """In place of votes, where the committee votes in secret."""
    lead_province: str | None = None
    submitted_on: date | None = None
    deferred_to: UUID | None = None
    conditions: tuple[Condition, ...] = ()
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SealMeeting:
    """End it: its minutes are final."""

    content_hash: str | None = None
    """SHA-256 of the canonical content of the minutes, in hexadecimal."""
    by: str | None = None
    """Who seals it; that approves minutes which nobody approved before."""
    on: date


Command: TypeAlias = CallMeeting | OpenMeeting | DeclareConflict | RecordDecision | SealMeeting


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingCalled:
    """The committee will sit."""

    meeting_id: UUID
    committee_id: UUID
    held_on: date
    kind: MeetingKind = MeetingKind.REGULAR
    closes_on: date | None = None
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingOpened:
    """It began with these members, present or not, and this agenda."""

    meeting_id: UUID
    members: tuple[Member, ...]
    quorum: int
    chair: str
    present: tuple[str, ...]
    items: tuple[AgendaItem, ...]
    ballot: BallotRule = BallotRule.BY_NAME
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictDeclared:
    """This member has no part in this item."""

    meeting_id: UUID
    application_id: UUID
    person_id: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDecided:
    """The committee decided about an application."""

    meeting_id: UUID
    application_id: UUID
    programme_code: str
    title: str
    outcome: Outcome
    votes: tuple[Ballot, ...]
    reasons: tuple[str, ...]
    asked: Money
    granted: Money
    """Zero unless the outcome is to fund."""
    award_id: UUID | None
    secret: SecretCount | None = None
    lead_province: str | None = None
    submitted_on: date | None = None
    deferred_to: UUID | None = None
    """The meeting that was named."""
    conditions: tuple[Condition, ...] = ()
    """Of the award."""
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotCast:
    """A member voted in writing; the last vote they cast on an item counts."""

    meeting_id: UUID
    application_id: UUID
    person_id: str
    vote: Vote
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingSealed:
    """Its minutes are final; what was not decided goes to a later meeting."""

    meeting_id: UUID
    undecided: tuple[UUID, ...]
    content_hash: str | None = None
    """SHA-256 of the canonical content of the minutes, in hexadecimal."""
    approved_by: str | None = None
    """Who approved the minutes: before, or by sealing them."""
    effective_on: date


Event: TypeAlias = (
    MeetingCalled
    | MeetingOpened
    | ConflictDeclared
    | ItemDecided
    | BallotCast
    | MeetingSealed
    | proceedings.Event
)


# State


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCalled:
    """There is no such meeting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """Ahead: its agenda is still the committee's."""

    meeting_id: UUID
    committee_id: UUID
    held_on: date
    kind: MeetingKind = MeetingKind.REGULAR
    closes_on: date | None = None
    pack: PackFrozen | None = None
    """None until the agenda has closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a member found wrong in the minutes, and what became of it."""

    proposed: CorrectionProposed
    settled: CorrectionSettled | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Sitting."""

    meeting_id: UUID
    committee_id: UUID
    held_on: date
    opened_on: date
    kind: MeetingKind = MeetingKind.REGULAR
    closes_on: date | None = None
    pack: PackFrozen | None = None
    members: tuple[Member, ...]
    quorum: int
    chair: str
    present: frozenset[str]
    conflicted: Mapping[UUID, frozenset[str]]
    """Per item of the agenda, in its order."""
    ballot: BallotRule = BallotRule.BY_NAME
    decided: Mapping[UUID, ItemDecided] = field(default_factory=lambda: MappingProxyType({}))
    cast: Mapping[tuple[UUID, str], Vote] = field(default_factory=lambda: MappingProxyType({}))
    """In a written meeting: per item and person."""
    corrections: Mapping[UUID, Correction] = field(default_factory=lambda: MappingProxyType({}))
    approval: MinutesApproved | None = None

    @property
    def undecided(self) -> tuple[UUID, ...]:
        """The items without a decision, in the order of the agenda."""
        return tuple(item for item in self.conflicted if item not in self.decided)

    def counted(self, application_id: UUID) -> tuple[Member, ...]:
        """
        Who counts for the quorum of an item, and has a vote: present, without a conflict.

        In a written meeting those are present who have voted on the item.
        """
        present = self.present
        if self.kind is MeetingKind.WRITTEN:
            present = frozenset(ballot.person_id for ballot in self.cast_on(application_id))
        return tuple(
            member
            for member in self.members
            if member.person_id in present - self.conflicted[application_id]
        )

    def cast_on(self, application_id: UUID) -> tuple[Ballot, ...]:
        """The written votes on an item of those without a conflict, by person."""
        conflicted = self.conflicted[application_id]
        return tuple(
            Ballot(person_id=person_id, vote=vote)
            for (item, person_id), vote in sorted(
                self.cast.items(), key=lambda each: (str(each[0][0]), each[0][1])
            )
            if item == application_id and person_id not in conflicted
        )

    def silent(self, application_id: UUID) -> tuple[str, ...]:
        """Who could still vote on an item in writing."""
        return tuple(
            member.person_id
            for member in self.members
            if member.person_id not in self.conflicted[application_id]
            and (application_id, member.person_id) not in self.cast
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Over: a record of what it was."""

    minutes: Opened
    sealed_on: date
    content_hash: str | None = None
    """None when it was sealed before minutes had one."""
    approved_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """It will not be held."""

    ahead: Called
    cancelled_on: date
    reason: str


Meeting: TypeAlias = NotCalled | Called | Opened | Sealed | Cancelled


# Refusals


class MeetingNotOpen(RuleBroken):
    """The meeting has not been opened yet."""

    en = "The meeting of {held_on} has not been opened yet."
    fr = "La réunion du {held_on} n’est pas encore ouverte."


class MeetingAlreadyOpened(RuleBroken):
    """The meeting was opened before."""

    en = "The meeting was opened before."
    fr = "La réunion a déjà été ouverte."


class MeetingNotYetHeld(RuleBroken):
    """A meeting cannot be opened before its day."""

    en = "The meeting is held on {held_on}: it cannot be opened before."
    fr = "La réunion a lieu le {held_on} : elle ne peut pas être ouverte avant."


class MeetingIsSealed(RuleBroken):
    """The meeting is sealed: nothing in it changes."""

    en = "The minutes were sealed on {sealed_on}: nothing in this meeting changes."
    fr = "Le procès-verbal a été scellé le {sealed_on} : rien ne change dans cette réunion."


class MeetingIsCancelled(RuleBroken):
    """The meeting is cancelled: it will not be held."""

    en = "The meeting was cancelled on {cancelled_on}: it will not be held."
    fr = "La réunion a été annulée le {cancelled_on} : elle n’aura pas lieu."


class MinutesAreApproved(RuleBroken):
    """The minutes are approved: nothing is left to do but to seal them."""

    en = "The minutes were approved on {approved_on}: the meeting can only be sealed now."
    fr = "Le procès-verbal a été approuvé le {approved_on} : il ne reste qu’à le sceller."


class CorrectionsUnsettled(RuleBroken):
    """Every correction is settled before minutes are approved or sealed."""

    en = "{number} proposed corrections of the minutes are not settled yet."
    fr = "Des corrections proposées au procès-verbal restent à trancher : {number}."


class NobodyPresent(RuleBroken):
    """Somebody is present at a meeting that is not written."""

    en = "A meeting opens with those who are present, and nobody is."
    fr = "Une réunion s’ouvre avec les personnes présentes, et il n’y en a pas."


class NotMembers(RuleBroken):
    """Only members of the committee take part."""

    en = "Not members of the committee: {people}."
    fr = "Ne sont pas membres du comité : {people}."


class NotOnTheAgenda(RuleBroken):
    """The application is not on the agenda of this meeting."""

    en = "Application {application_id} is not on the agenda of this meeting."
    fr = "La demande {application_id} n’est pas à l’ordre du jour de cette réunion."


class ItemAlreadyDecided(RuleBroken):
    """The committee decided about this item before."""

    en = "This meeting has already decided about application {application_id}."
    fr = "Cette réunion s’est déjà prononcée sur la demande {application_id}."


class DecisionNotValid(RuleBroken):
    """The decision cannot be recorded like this."""

    en = "The decision cannot be recorded like this."
    fr = "La décision ne peut pas être consignée ainsi."


def called(meeting: Meeting) -> Called | Opened | Sealed:
    """The meeting, if it will be or was held; else ``NotFound`` or ``MeetingIsCancelled``."""
    if isinstance(meeting, NotCalled):
        raise NotFound(kind="meeting")
    if isinstance(meeting, Cancelled):
        raise MeetingIsCancelled(cancelled_on=meeting.cancelled_on)
    return meeting


def sitting(meeting: Meeting) -> Opened:
    """The meeting if it is open and can still change; else the refusal that says why not."""
    opened = to_be_sealed(meeting)
    if opened.approval is not None:
        raise MinutesAreApproved(approved_on=opened.approval.effective_on)
    return opened


def to_be_sealed(meeting: Meeting) -> Opened:
    """The meeting if it is open, its minutes approved or not; else why not."""
    match called(meeting):
        case Called(held_on=held_on):
            raise MeetingNotOpen(held_on=held_on)
        case Sealed(sealed_on=sealed_on):
            raise MeetingIsSealed(sealed_on=sealed_on)
        case Opened() as opened:
            return opened
        case unreachable:
            assert_never(unreachable)


def must_have_settled(opened: Opened) -> None:
    """Refuse while a correction of the minutes is neither accepted nor refused."""
    number = sum(each.settled is None for each in opened.corrections.values())
    if number:
        raise CorrectionsUnsettled(number=number)


def decide(command: Command, meeting: Meeting) -> Sequence[Event]:
    """What follows, or a refusal."""
    match command:
        case CallMeeting():
            if not isinstance(meeting, NotCalled):
                return []
            return [
                MeetingCalled(
                    meeting_id=command.meeting_id,
                    committee_id=command.committee_id,
                    held_on=command.held_on,
                    kind=command.kind,
                    closes_on=command.closes_on,
                    effective_on=command.on,
                )
            ]
        case OpenMeeting():
            return _open(command, meeting)
        case DeclareConflict():
            return _declare(command, meeting)
        case RecordDecision():
            return _record(command, sitting(meeting))
        case SealMeeting():
            opened = to_be_sealed(meeting)
            must_have_settled(opened)
            return [
                MeetingSealed(
                    meeting_id=opened.meeting_id,
                    undecided=opened.undecided,
                    content_hash=command.content_hash,
                    approved_by=opened.approval.person_id if opened.approval else command.by,
                    effective_on=command.on,
                )
            ]
        case unreachable:
            assert_never(unreachable)


def _open(command: OpenMeeting, meeting: Meeting) -> Sequence[Event]:
    match called(meeting):
        case Opened():
            raise MeetingAlreadyOpened
        case Sealed(sealed_on=sealed_on):
            raise MeetingIsSealed(sealed_on=sealed_on)
        case Called() as ahead:
            pass
        case unreachable:
            assert_never(unreachable)
    if command.on < ahead.held_on:
        raise MeetingNotYetHeld(held_on=ahead.held_on)
    if not command.present and ahead.kind is not MeetingKind.WRITTEN:
        raise NobodyPresent(field="present")
    members = {member.person_id for member in command.members}
    strangers = sorted(set(command.present) - members)
    if strangers:
        raise NotMembers(people=", ".join(strangers), field="present", accepted=sorted(members))
    return [
        MeetingOpened(
            meeting_id=ahead.meeting_id,
            members=command.members,
            quorum=command.quorum,
            chair=command.chair,
            present=tuple(sorted(set(command.present))),
            items=command.items,
            ballot=command.ballot,
            effective_on=command.on,
        )
    ]


def _declare(command: DeclareConflict, meeting: Meeting) -> Sequence[Event]:
    match called(meeting):
        case Sealed(sealed_on=sealed_on):
            raise MeetingIsSealed(sealed_on=sealed_on)
        case Opened():
            opened = sitting(meeting)
            if command.person_id not in {member.person_id for member in opened.members}:
                raise NotMembers(people=command.person_id, field="person_id")
            if command.application_id not in opened.conflicted:
                raise NotOnTheAgenda(application_id=command.application_id, field="application_id")
            if command.application_id in opened.decided:
                raise ItemAlreadyDecided(
                    application_id=command.application_id, field="application_id"
                )
            if command.person_id in opened.conflicted[command.application_id]:
                return []
            meeting_id = opened.meeting_id
        case Called() as ahead:
            # Members and agenda are still the committee's: whoever asks has looked there.
            meeting_id = ahead.meeting_id
        case unreachable:
            assert_never(unreachable)
    return [
        ConflictDeclared(
            meeting_id=meeting_id,
            application_id=command.application_id,
            person_id=command.person_id,
            effective_on=command.on,
        )
    ]


def _record(command: RecordDecision, opened: Opened) -> Sequence[Event]:
    if command.application_id not in opened.conflicted:
        raise NotOnTheAgenda(application_id=command.application_id)
    if command.application_id in opened.decided:
        raise ItemAlreadyDecided(application_id=command.application_id)
    if opened.kind is MeetingKind.WRITTEN:
        command = _with_written_votes(command, opened)
    reasons = [*_against_the_votes(command, opened), *_against_the_outcome(command, opened)]
    if reasons:
        raise DecisionNotValid(reasons=reasons)
    return [
        ItemDecided(
            meeting_id=opened.meeting_id,
            application_id=command.application_id,
            programme_code=command.programme_code,
            title=command.title,
            outcome=command.outcome,
            votes=command.votes,
            reasons=command.reasons,
            asked=command.asked,
            granted=command.granted,
            award_id=command.award_id,
            secret=command.secret,
            lead_province=command.lead_province,
            submitted_on=command.submitted_on,
            deferred_to=command.deferred_to,
            conditions=command.conditions,
            effective_on=command.on,
        )
    ]


def _with_written_votes(command: RecordDecision, opened: Opened) -> RecordDecision:
    """The votes are those that came in; the item is decided when no more can."""
    if command.votes:
        came_in = Reason(
            code="votes-came-in-writing",
            en="The votes of a written meeting are those that its members cast.",
            fr="Les votes d’une consultation écrite sont ceux que ses membres ont exprimés.",
            field="votes",
        )
        raise DecisionNotValid(reasons=[came_in])
    silent = opened.silent(command.application_id)
    is_open = opened.closes_on is not None and command.on <= opened.closes_on
    if is_open and silent and command.outcome is not Outcome.DEFER:
        waited_for = Reason(
            code="votes-still-come-in",
            en=f"{len(silent)} members can vote until {opened.closes_on}.",
            fr=f"{len(silent)} membres peuvent voter jusqu’au {opened.closes_on}.",
        )
        raise DecisionNotValid(reasons=[waited_for])
    return replace(command, votes=opened.cast_on(command.application_id))


def has_quorum(counted: Sequence[Member], quorum: int) -> bool:
    """Enough members count, and at least half of them are independent."""
    return len(counted) >= quorum and enough_independents(counted)


def is_carried(votes: Iterable[Ballot], chair: str) -> bool:
    """More for than against; on a tie, the chair's own vote decides. A tie without it fails."""
    ballots = list(votes)
    votes_for = sum(ballot.vote is Vote.FOR for ballot in ballots)
    votes_against = sum(ballot.vote is Vote.AGAINST for ballot in ballots)
    if votes_for != votes_against:
        return votes_for > votes_against
    return any(ballot.person_id == chair and ballot.vote is Vote.FOR for ballot in ballots)


def _against_the_votes(command: RecordDecision, opened: Opened) -> Iterable[Reason]:
    counted = opened.counted(command.application_id)
    entitled = [member.person_id for member in counted]
    conflicted = opened.conflicted[command.application_id]
    seen: set[str] = set()
    yield from _against_the_ballot(command, opened)
    for where, person_id in _voters(command):
        if person_id in seen:
            yield Reason(
                code="voted-twice",
                en="A member votes once.",
                fr="Un membre ne vote qu’une fois.",
                field=where,
            )
        elif person_id in conflicted:
            yield Reason(
                code="conflicted-member-has-no-vote",
                en="A member with a conflict on this item has no vote on it.",
                fr="Un membre en conflit d’intérêts sur ce point n’y a pas de vote.",
                field=where,
                accepted=entitled,
            )
        elif person_id not in entitled:
            yield Reason(
                code="voter-not-present",
                en="Only members who are present vote.",
                fr="Seuls les membres présents votent.",
                field=where,
                accepted=entitled,
            )
        seen.add(person_id)
    # Putting an item off needs no quorum: that is what one does when there is none.
    if command.outcome is not Outcome.DEFER and not has_quorum(counted, opened.quorum):
        independents = sum(member.kind == "independent" for member in counted)
        yield Reason(
            code="no-quorum",
            en=(
                f"{len(counted)} members without a conflict are present, {independents} of them"
                f" independent: the quorum is {opened.quorum}, at least half independent."
            ),
            fr=(
                f"{len(counted)} membres sans conflit sont présents, dont {independents}"
                f" indépendants : le quorum est de {opened.quorum}, dont au moins la moitié"
                " indépendants."
            ),
        )


def _voters(command: RecordDecision) -> Iterable[tuple[str, str]]:
    """Where each voter is named, and who it is."""
    for index, ballot in enumerate(command.votes):
        yield f"votes[{index}].person_id", ballot.person_id
    if command.secret is not None:
        for index, person_id in enumerate(command.secret.voted):
            yield f"secret.voted[{index}]", person_id


def _against_the_ballot(command: RecordDecision, opened: Opened) -> Iterable[Reason]:
    if opened.ballot is BallotRule.SECRET and command.votes:
        yield Reason(
            code="ballot-is-secret",
            en="This committee votes in secret: only the count is recorded, and who voted.",
            fr="Ce comité vote au scrutin secret : seuls le compte et les votants sont consignés.",
            field="votes",
        )
    if opened.ballot is BallotRule.BY_NAME and command.secret is not None:
        yield Reason(
            code="ballot-is-by-name",
            en="This committee votes by name.",
            fr="Ce comité vote par appel nominal.",
            field="secret",
        )
    if command.secret is not None:
        yield from against_the_count(command.secret, opened.chair)


def _against_the_outcome(command: RecordDecision, opened: Opened) -> Iterable[Reason]:
    if command.outcome is Outcome.DEFER:
        return
    if command.secret is None:
        carried = is_carried(command.votes, opened.chair)
        anybody = any(ballot.vote is not Vote.ABSTAIN for ballot in command.votes)
    else:
        carried, anybody = command.secret.is_carried, command.secret.anybody_decided
    if not anybody:
        yield Reason(
            code="nobody-voted",
            en="A decision needs at least one vote for or against.",
            fr="Une décision demande au moins un vote pour ou contre.",
            field="votes",
        )
    elif command.outcome in {Outcome.FUND, Outcome.WAITLIST} and not carried:
        yield Reason(
            code="no-majority",
            en="Funding needs more votes for than against, or a tie that the chair breaks.",
            fr="Financer demande plus de pour que de contre ; la présidence tranche l’égalité.",
            field="outcome",
            accepted=[Outcome.DECLINE.value, Outcome.DEFER.value],
        )
    elif command.outcome is Outcome.DECLINE and carried:
        yield Reason(
            code="majority-is-for",
            en="The majority is for funding.",
            fr="La majorité est pour le financement.",
            field="outcome",
            accepted=[Outcome.FUND.value, Outcome.DEFER.value],
        )
    if command.outcome is Outcome.DECLINE and not any(r.strip() for r in command.reasons):
        yield Reason(
            code="reasons-missing",
            en="Declining needs at least one reason.",
            fr="Un refus demande au moins un motif.",
            field="reasons",
        )


def evolve(meeting: Meeting, event: Event) -> Meeting:
    """The state after ``event``."""
    match event:
        case MeetingCalled():
            return Called(
                meeting_id=event.meeting_id,
                committee_id=event.committee_id,
                held_on=event.held_on,
                kind=event.kind,
                closes_on=event.closes_on,
            )
        case PackFrozen() | MeetingMoved() | MeetingCancelled() | MeetingOpened():
            return _after(_ahead(meeting), event)
        case ConflictDeclared() | ConflictWithdrawn():
            # Before the opening, the application's own stream remembers it.
            return _with_conflict(meeting, event) if isinstance(meeting, Opened) else meeting
        case MeetingSealed():
            return Sealed(
                minutes=to_be_sealed(meeting),
                sealed_on=event.effective_on,
                content_hash=event.content_hash,
                approved_by=event.approved_by,
            )
        case _:
            return _during(to_be_sealed(meeting), event)


def _after(
    ahead: Called, event: PackFrozen | MeetingMoved | MeetingCancelled | MeetingOpened
) -> Called | Cancelled | Opened:
    """What becomes of a meeting ahead."""
    match event:
        case PackFrozen():
            return replace(ahead, pack=event)
        case MeetingMoved():
            return replace(ahead, held_on=event.held_on, closes_on=event.closes_on)
        case MeetingCancelled():
            return Cancelled(ahead=ahead, cancelled_on=event.effective_on, reason=event.reason)
        case MeetingOpened():
            return Opened(
                meeting_id=ahead.meeting_id,
                committee_id=ahead.committee_id,
                held_on=ahead.held_on,
                opened_on=event.effective_on,
                kind=ahead.kind,
                closes_on=ahead.closes_on,
                pack=ahead.pack,
                members=event.members,
                quorum=event.quorum,
                chair=event.chair,
                present=frozenset(event.present),
                conflicted=MappingProxyType(
                    {item.application_id: frozenset(item.conflicted) for item in event.items}
                ),
                ballot=event.ballot,
            )
        case unreachable:
            assert_never(unreachable)


def _with_conflict(opened: Opened, event: ConflictDeclared | ConflictWithdrawn) -> Opened:
    before = opened.conflicted[event.application_id]
    person = {event.person_id}
    after = before | person if isinstance(event, ConflictDeclared) else before - person
    return replace(
        opened, conflicted=MappingProxyType({**opened.conflicted, event.application_id: after})
    )


def _during(
    opened: Opened,
    event: ItemDecided | BallotCast | CorrectionProposed | CorrectionSettled | MinutesApproved,
) -> Opened:
    """What happens to a meeting that is open."""
    match event:
        case ItemDecided():
            return replace(
                opened,
                decided=MappingProxyType({**opened.decided, event.application_id: event}),
            )
        case BallotCast():
            key = (event.application_id, event.person_id)
            return replace(opened, cast=MappingProxyType({**opened.cast, key: event.vote}))
        case CorrectionProposed():
            proposed = {event.correction_id: Correction(proposed=event)}
            return replace(opened, corrections=MappingProxyType({**opened.corrections, **proposed}))
        case CorrectionSettled():
            before = opened.corrections[event.correction_id]
            settled = {event.correction_id: replace(before, settled=event)}
            return replace(opened, corrections=MappingProxyType({**opened.corrections, **settled}))
        case MinutesApproved():
            return replace(opened, approval=event)
        case unreachable:
            assert_never(unreachable)


def _ahead(meeting: Meeting) -> Called:
    # What only a meeting ahead can go through was checked before: else a defect, not an input.
    if not isinstance(meeting, Called):
        raise TypeError("only a meeting ahead is moved, cancelled, packed or opened")
    return meeting


DECIDER: Decider[Command, Meeting, Event] = Decider(
    initial=NotCalled(), decide=decide, evolve=evolve
)
