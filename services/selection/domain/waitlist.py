"""
The waiting list: what a committee would fund if there were money, ranked within each programme.

Money that returns to a pocket is offered to the first that it can hold. An offer reserves
nothing: the item comes first on the next agenda, and the committee decides. What is offered is
not offered to another meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias, assert_never
from uuid import UUID

from services.selection.domain.spreading import Room, Spread, spread
from shared.kernel.decider import Decider
from shared.kernel.refusals import NotFound
from shared.kernel.schedule import FundingCell

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistApplication:
    """Put an application on the list, or on another place of it."""

    application_id: UUID
    programme_code: str
    committee_id: UUID
    meeting_id: UUID
    funding: tuple[FundingCell, ...]
    """What would be granted."""
    rank: int | None
    """1 is first of its programme; None: last."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RankApplication:
    """Give an application another place."""

    application_id: UUID
    rank: int
    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMoney:
    """The pockets can hold it now."""

    application_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveApplication:
    """It waits no more."""

    application_id: UUID
    reason: str
    on: date


Command: TypeAlias = WaitlistApplication | RankApplication | OfferMoney | RemoveApplication


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationWaitlisted:
    """A committee would fund it if there were money."""

    application_id: UUID
    programme_code: str
    committee_id: UUID
    meeting_id: UUID
    funding: tuple[FundingCell, ...]
    rank: int
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRanked:
    """It has another place among those of its programme."""

    application_id: UUID
    rank: int
    reason: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyOffered:
    """Money has returned that its pockets can hold it with: it comes before the committee."""

    application_id: UUID
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRemoved:
    """It waits no more: ``funded``, ``declined`` or ``withdrawn``."""

    application_id: UUID
    reason: str
    effective_on: date


Event: TypeAlias = ApplicationWaitlisted | ApplicationRanked | MoneyOffered | ApplicationRemoved


# State


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One application that waits for money."""

    application_id: UUID
    programme_code: str
    committee_id: UUID
    funding: tuple[FundingCell, ...]
    since: date
    offered_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waitlist:
    """Everything that waits for money; within a programme, the first has rank 1."""

    entries: tuple[Entry, ...] = ()

    def of(self, programme_code: str) -> tuple[Entry, ...]:
        """What waits in one programme, by rank."""
        return tuple(each for each in self.entries if each.programme_code == programme_code)

    def entry(self, application_id: UUID) -> Entry | None:
        """An application on the list."""
        return next((e for e in self.entries if e.application_id == application_id), None)

    @property
    def offered(self) -> frozenset[UUID]:
        """To whom money was offered."""
        return frozenset(e.application_id for e in self.entries if e.offered_on is not None)

    def rank(self, entry: Entry) -> int:
        """Its place among those of its programme; 1 is first."""
        return self.of(entry.programme_code).index(entry) + 1


def decide(  # noqa: PLR0911  # one case per command
    command: Command, waitlist: Waitlist
) -> Sequence[Event]:
    """What follows; only ranking what does not wait is refused."""
    match command:
        case WaitlistApplication():
            others = _without(waitlist, command.application_id)
            return [
                ApplicationWaitlisted(
                    application_id=command.application_id,
                    programme_code=command.programme_code,
                    committee_id=command.committee_id,
                    meeting_id=command.meeting_id,
                    funding=command.funding,
                    rank=_bounded(command.rank, len(others.of(command.programme_code))),
                    effective_on=command.on,
                )
            ]
        case RankApplication():
            entry = waitlist.entry(command.application_id)
            if entry is None:
                raise NotFound(kind="application")
            rank = _bounded(command.rank, len(waitlist.of(entry.programme_code)) - 1)
            if rank == waitlist.rank(entry):
                return []
            return [
                ApplicationRanked(
                    application_id=command.application_id,
                    rank=rank,
                    reason=command.reason,
                    effective_on=command.on,
                )
            ]
        case OfferMoney():
            entry = waitlist.entry(command.application_id)
            if entry is None or entry.offered_on is not None:
                return []
            return [MoneyOffered(application_id=command.application_id, effective_on=command.on)]
        case RemoveApplication():
            if waitlist.entry(command.application_id) is None:
                return []
            return [
                ApplicationRemoved(
                    application_id=command.application_id,
                    reason=command.reason,
                    effective_on=command.on,
                )
            ]
        case unreachable:
            assert_never(unreachable)


def within_reach(
    waitlist: Waitlist, room: Room, allowed: Mapping[UUID, Spread]
) -> tuple[UUID, ...]:
    """
    To whom the money that there is can be offered, by rank and then by how long they wait.

    What was offered before is left for whom it was offered to. A smaller request may pass a
    larger one that the pockets cannot hold.
    """
    found = []
    for entry in sorted(
        waitlist.entries,
        key=lambda each: (each.offered_on is None, waitlist.rank(each), each.since),
    ):
        trial = room.copy()
        if spread(entry.funding, trial, allowed[entry.application_id]) is None:
            continue
        room = trial
        if entry.offered_on is None:
            found.append(entry.application_id)
    return tuple(found)


def evolve(waitlist: Waitlist, event: Event) -> Waitlist:
    """The list after ``event``."""
    match event:
        case ApplicationWaitlisted():
            entry = Entry(
                application_id=event.application_id,
                programme_code=event.programme_code,
                committee_id=event.committee_id,
                funding=event.funding,
                since=event.effective_on,
            )
            return _with(_without(waitlist, event.application_id), entry, event.rank)
        case ApplicationRanked():
            return _with(
                _without(waitlist, event.application_id),
                _known(waitlist, event.application_id),
                event.rank,
            )
        case MoneyOffered():
            return replace(
                waitlist,
                entries=tuple(
                    replace(each, offered_on=event.effective_on)
                    if each.application_id == event.application_id
                    else each
                    for each in waitlist.entries
                ),
            )
        case ApplicationRemoved():
            return _without(waitlist, event.application_id)
        case unreachable:
            assert_never(unreachable)


def _bounded(rank: int | None, others: int) -> int:
    return others + 1 if rank is None else max(1, min(rank, others + 1))


def _known(waitlist: Waitlist, application_id: UUID) -> Entry:
    entry = waitlist.entry(application_id)
    if entry is None:
        raise TypeError("only what waits is ranked")
    return entry


def _without(waitlist: Waitlist, application_id: UUID) -> Waitlist:
    return Waitlist(
        entries=tuple(e for e in waitlist.entries if e.application_id != application_id)
    )


def _with(waitlist: Waitlist, entry: Entry, rank: int) -> Waitlist:
    same = list(waitlist.of(entry.programme_code))
    same.insert(rank - 1, entry)
    others = tuple(e for e in waitlist.entries if e.programme_code != entry.programme_code)
    return Waitlist(entries=(*others, *same))


DECIDER: Decider[Command, Waitlist, Event] = Decider(
    initial=Waitlist(), decide=decide, evolve=evolve
)
