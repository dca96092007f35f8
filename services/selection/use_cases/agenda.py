"""
The agenda pack: what is before a meeting, what it asks of whom, and what that would leave.

Read straight from the streams, so that it is never behind. A member sees nothing of an item on
which they have a conflict, and no figure from which it could be worked out: what would remain of
a pocket is counted over the items that the reader sees.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.selection.domain import application, committee, meeting, pocket
from services.selection.domain.application import Proposal, Withdrawn
from services.selection.domain.deliberation import conflicted_members
from services.selection.use_cases.meetings import applications, meeting_and_committee, pockets
from shared.eventstore.store import EventStore
from shared.eventstore.together import Loaded
from shared.kernel.money import ZERO, Money
from shared.kernel.schedule import FundingCell, total_by_pocket


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketAsk:
    """What an item asks of one pocket in one fiscal year."""

    pocket: str
    fiscal_year: int
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PackItem:
    """One application on the agenda."""

    application_id: UUID
    state: str
    """``undecided``, ``withdrawn``, or what was decided: ``fund``, ``decline``, ``defer``."""
    proposal: Proposal
    asks: tuple[PocketAsk, ...]
    conflicted: tuple[str, ...]
    """The members who have no part in it."""
    decision: meeting.ItemDecided | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketOutlook:
    """What a pocket has now, and what it would have if every undecided item were funded."""

    pocket: str
    authority: Money
    available: Money
    asked: Money
    would_remain: Money
    """Negative when not everything can be funded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaPack:
    """A meeting as one reader may see it."""

    meeting_id: UUID
    committee_id: UUID
    held_on: date
    agenda_closes_on: date | None
    """Known while the agenda is the committee's: until the meeting opens."""
    state: str
    """``scheduled``, ``open`` or ``sealed``."""
    sealed_on: date | None
    members: tuple[committee.Member, ...]
    present: tuple[str, ...]
    items: tuple[PackItem, ...]
    pockets: tuple[PocketOutlook, ...]


def agenda_pack(store: EventStore, meeting_id: UUID, *, reader: str) -> AgendaPack:
    """The pack for the person ``reader``. Raises ``NotFound``."""
    loaded = Loaded(store)
    sitting, committee_id, seated = meeting_and_committee(loaded, meeting_id)
    record = sitting.minutes if isinstance(sitting, meeting.Sealed) else sitting
    scheduled = seated.scheduled.get(meeting_id)
    on_agenda = (
        tuple(record.conflicted)
        if isinstance(record, meeting.Opened)
        else (scheduled.items if scheduled else ())
    )
    items = tuple(
        item
        for application_id, before in applications(loaded, on_agenda).items()
        if not isinstance(before, application.NotReceived)
        and reader not in (item := _item(application_id, before, record, seated)).conflicted
    )
    sealed_on = sitting.sealed_on if isinstance(sitting, meeting.Sealed) else None
    codes = {ask.pocket: None for item in items for ask in item.asks}
    return AgendaPack(
        meeting_id=meeting_id,
        committee_id=committee_id,
        held_on=record.held_on,
        agenda_closes_on=scheduled.agenda_closes_on if scheduled else None,
        state=_state(sitting),
        sealed_on=sealed_on,
        members=record.members if isinstance(record, meeting.Opened) else seated.members,
        present=tuple(sorted(record.present)) if isinstance(record, meeting.Opened) else (),
        items=items,
        # After sealing nothing is before the meeting any more, decided or not.
        pockets=outlook(pockets(loaded, codes), () if sealed_on else items),
    )


def outlook(
    held: Mapping[str, pocket.Pocket], items: Iterable[PackItem]
) -> tuple[PocketOutlook, ...]:
    """What each pocket has, and what would remain if all that is undecided were funded."""
    asked = total_by_pocket(
        cell for item in items if item.state == "undecided" for cell in item.proposal.funding
    )
    return tuple(
        PocketOutlook(
            pocket=code,
            authority=each.authority,
            available=each.available,
            asked=asked.get(code, ZERO),
            would_remain=each.available - asked.get(code, ZERO),
        )
        for code, each in held.items()
    )


def asks_of(funding: Iterable[FundingCell]) -> tuple[PocketAsk, ...]:
    """What is asked, per pocket and fiscal year, in that order."""
    sums: dict[tuple[str, int], Money] = {}
    for cell in funding:
        key = (cell.pocket, cell.quarter.fiscal_year)
        sums[key] = sums.get(key, ZERO) + cell.amount
    return tuple(
        PocketAsk(pocket=code, fiscal_year=year, amount=amount)
        for (code, year), amount in sorted(sums.items())
        if amount
    )


def _item(
    application_id: UUID,
    before: application.Known,
    record: meeting.Called | meeting.Opened,
    seated: committee.Established,
) -> PackItem:
    members = record.members if isinstance(record, meeting.Opened) else seated.members
    conflicted = conflicted_members(members, before)
    decision = None
    if isinstance(record, meeting.Opened):
        conflicted |= record.conflicted[application_id]
        decision = record.decided.get(application_id)
    if decision is not None:
        state = decision.outcome.value
    elif isinstance(before, Withdrawn):
        state = "withdrawn"
    else:
        state = "undecided"
    return PackItem(
        application_id=application_id,
        state=state,
        proposal=before.proposal,
        asks=asks_of(before.proposal.funding),
        conflicted=tuple(sorted(conflicted)),
        decision=decision,
    )


def _state(sitting: meeting.Called | meeting.Opened | meeting.Sealed) -> str:
    match sitting:
        case meeting.Called():
            return "scheduled"
        case meeting.Opened():
            return "open"
        case meeting.Sealed():
            return "sealed"
