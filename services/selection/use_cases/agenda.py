"""
The agenda pack: what is before a meeting, what it asks of whom, and what that would leave.

Read straight from the streams, so that it is never behind. A member sees nothing of an item on
which they have a conflict, and no figure from which it could be worked out: what would remain of
a pocket is counted over the items that the reader sees.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.selection.domain import application, committee, meeting
from services.selection.domain.application import Proposal, Withdrawn
from services.selection.domain.calendar import MeetingKind
from services.selection.domain.conflicts import conflicted_members, conflicts_on
from services.selection.domain.membership import Member
from services.selection.domain.pack import asks_of, figures_of
from services.selection.domain.proceedings import PocketAsk, PocketFigures
from services.selection.use_cases import streams
from services.selection.use_cases.loading import applications, meeting_and_committee, pockets
from shared.eventstore.store import EventStore
from shared.eventstore.together import Loaded
from shared.kernel.money import ZERO, Money
from shared.kernel.schedule import total_by_pocket


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
    kind: MeetingKind
    held_on: date
    closes_on: date | None
    """The last day on which votes come in, of a written meeting."""
    agenda_closes_on: date | None
    """Known while the agenda is the committee's: until the meeting opens."""
    state: str
    """``scheduled``, ``open``, ``sealed`` or ``cancelled``."""
    sealed_on: date | None
    reason: str | None
    """Why it was cancelled."""
    members: tuple[Member, ...]
    present: tuple[str, ...]
    items: tuple[PackItem, ...]
    pockets: tuple[PocketOutlook, ...]


def agenda_pack(store: EventStore, meeting_id: UUID, *, reader: str, on: date) -> AgendaPack:
    """The pack for the person ``reader``. Raises ``NotFound``."""
    loaded = Loaded(store)
    sitting = loaded.state(meeting.DECIDER, streams.meeting(meeting_id))
    if isinstance(sitting, meeting.Cancelled):
        return _of_a_cancelled(loaded, sitting, on=on)
    sitting, committee_id, seated = meeting_and_committee(loaded, meeting_id)
    record = sitting.minutes if isinstance(sitting, meeting.Sealed) else sitting
    scheduled = seated.scheduled.get(meeting_id)
    on_agenda = (
        tuple(record.conflicted)
        if isinstance(record, meeting.Opened)
        else (scheduled.items if scheduled else ())
    )
    known = {
        application_id: before
        for application_id, before in applications(loaded, on_agenda).items()
        if not isinstance(before, application.NotReceived)
    }
    items = tuple(
        item
        for application_id, before in known.items()
        if reader not in (item := _item(application_id, before, record, seated)).conflicted
    )
    sealed_on = sitting.sealed_on if isinstance(sitting, meeting.Sealed) else None
    codes = {ask.pocket: None for item in items for ask in item.asks}
    # What was decided about an item that the reader does not see would show in what is left now.
    frozen = record.pack if len(items) < len(known) else None
    return AgendaPack(
        meeting_id=meeting_id,
        committee_id=committee_id,
        kind=record.kind,
        held_on=record.held_on,
        closes_on=record.closes_on,
        agenda_closes_on=scheduled.agenda_closes_on if scheduled else None,
        state=_state(sitting),
        sealed_on=sealed_on,
        reason=None,
        members=_members(record, seated, on),
        present=tuple(sorted(record.present)) if isinstance(record, meeting.Opened) else (),
        items=items,
        # After sealing nothing is before the meeting any more, decided or not.
        pockets=outlook(
            [each for each in frozen.pockets if each.pocket in codes]
            if frozen
            else [figures_of(code, held) for code, held in pockets(loaded, codes).items()],
            () if sealed_on else items,
        ),
    )


def _of_a_cancelled(loaded: Loaded, cancelled: meeting.Cancelled, *, on: date) -> AgendaPack:
    ahead = cancelled.ahead
    seated = loaded.state(committee.DECIDER, streams.committee(ahead.committee_id))
    return AgendaPack(
        meeting_id=ahead.meeting_id,
        committee_id=ahead.committee_id,
        kind=ahead.kind,
        held_on=ahead.held_on,
        closes_on=ahead.closes_on,
        agenda_closes_on=None,
        state="cancelled",
        sealed_on=None,
        reason=cancelled.reason,
        members=_members(ahead, committee.established(seated), on),
        present=(),
        items=(),
        pockets=(),
    )


def _members(
    record: meeting.Called | meeting.Opened, seated: committee.Established, on: date
) -> tuple[Member, ...]:
    if isinstance(record, meeting.Opened):
        return record.members
    return tuple(member for member in seated.members if not member.is_over(on))


def without_conflicts(
    store: EventStore, seated: committee.Established, *, reader: str
) -> committee.Established:
    """The committee without the applications on which ``reader``, a member, has a conflict."""
    if reader not in {member.person_id for member in seated.members}:
        return seated
    waiting = {*seated.docket, *(each for s in seated.scheduled.values() for each in s.items)}
    hidden = {
        application_id
        for application_id, before in applications(Loaded(store), waiting).items()
        if not isinstance(before, application.NotReceived)
        and reader in conflicted_members(seated.members, before)
    }
    return replace(
        seated,
        docket=tuple(each for each in seated.docket if each not in hidden),
        scheduled={
            meeting_id: replace(
                sitting, items=tuple(each for each in sitting.items if each not in hidden)
            )
            for meeting_id, sitting in seated.scheduled.items()
        },
    )


def outlook(
    figures: Iterable[PocketFigures], items: Iterable[PackItem]
) -> tuple[PocketOutlook, ...]:
    """What each pocket has, and what would remain if all that is undecided were funded."""
    asked = total_by_pocket(
        cell for item in items if item.state == "undecided" for cell in item.proposal.funding
    )
    return tuple(
        PocketOutlook(
            pocket=each.pocket,
            authority=each.authority,
            available=each.available,
            asked=asked.get(each.pocket, ZERO),
            would_remain=each.available - asked.get(each.pocket, ZERO),
        )
        for each in figures
    )


def _item(
    application_id: UUID,
    before: application.Known,
    record: meeting.Called | meeting.Opened,
    seated: committee.Established,
) -> PackItem:
    conflicted = conflicts_on(application_id, before, record, seated)
    decision = None
    if isinstance(record, meeting.Opened):
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
