"""
The pack of a meeting: frozen when its agenda closes, and shown with what has changed since.

A member sees nothing of an item on which they have a conflict, and no figure from which it could
be worked out: what would remain is counted over the items that the reader sees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from services.selection.domain import application, committee, meeting, pack
from services.selection.domain.application import Proposal, Withdrawn
from services.selection.domain.conflicts import conflicts_on
from services.selection.domain.meeting import Called, Opened, Sealed
from services.selection.domain.pack import PocketOutlook
from services.selection.domain.proceedings import PackedItem, PackFrozen
from services.selection.use_cases import streams
from services.selection.use_cases.loading import applications, meeting_and_committee, pockets
from shared.eventstore.store import EventStore
from shared.eventstore.together import Changes, Loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Freezing:
    """The last day of an agenda is over: its pack goes out."""

    meeting_id: UUID
    on: date
    """That last day."""

    def __call__(self, loaded: Loaded) -> Changes:
        """The meeting; nothing when it was moved, cancelled, opened or packed in between."""
        sitting = loaded.state(meeting.DECIDER, streams.meeting(self.meeting_id))
        if not isinstance(sitting, Called):
            return
        seated = committee.established(
            loaded.state(committee.DECIDER, streams.committee(sitting.committee_id))
        )
        ahead = seated.scheduled.get(self.meeting_id)
        if ahead is not None and ahead.agenda_closes_on <= self.on:
            yield (
                streams.meeting(self.meeting_id),
                frozen(loaded, sitting, seated, self.meeting_id, on=self.on),
            )


def frozen(
    loaded: Loaded,
    sitting: meeting.Meeting,
    seated: committee.Established,
    meeting_id: UUID,
    *,
    on: date,
) -> Sequence[PackFrozen]:
    """The pack of a meeting ahead as it stands, unless it was frozen before."""
    agenda = pack.agenda_of(seated, meeting_id)
    before = applications(loaded, agenda)
    codes = {
        ask.pocket: None
        for each in pack.in_order(agenda, before, seated.money_available).values()
        for ask in pack.asks_of(each.proposal.funding)
    }
    command = pack.FreezePack(
        agenda=agenda,
        money_available=seated.money_available,
        applications=before,
        versions={each: loaded.version(streams.application(each)) for each in agenda},
        pockets=pockets(loaded, sorted(codes)),
        on=on,
    )
    return pack.freeze(command, sitting)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedSince:
    """What became of an application after the pack was frozen."""

    fields: tuple[str, ...]
    """Which parts of it are not as they were; ``withdrawn`` when it was taken back."""
    now: Proposal
    """As it is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackLine:
    """One item of the pack."""

    item: PackedItem
    proposal: Proposal
    """As it was when the pack was frozen."""
    after: tuple[PocketOutlook, ...]
    """Its pockets, if it and all shown before it were funded."""
    changed_since: ChangedSince | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPack:
    """The pack as one reader may see it."""

    meeting_id: UUID
    committee_id: UUID
    members: frozenset[str]
    frozen_on: date | None
    """None while the agenda is open: the pack so far."""
    lines: tuple[PackLine, ...]
    pockets: tuple[PocketOutlook, ...]


def meeting_pack(store: EventStore, meeting_id: UUID, *, reader: str, on: date) -> MeetingPack:
    """The pack for the person ``reader``. Raises ``NotFound``."""
    loaded = Loaded(store)
    sitting, committee_id, seated = meeting_and_committee(loaded, meeting_id)
    record = sitting.minutes if isinstance(sitting, Sealed) else sitting
    kept = record.pack
    if kept is None:  # a meeting opened before packs were kept has an empty one
        so_far = frozen(loaded, sitting, seated, meeting_id, on=on)
        kept = (
            so_far[0]
            if so_far
            else PackFrozen(meeting_id=meeting_id, items=(), pockets=(), effective_on=on)
        )
    now = applications(loaded, [item.application_id for item in kept.items])
    seen = [item for item in kept.items if reader not in _conflicts(item, now, record, seated)]
    asked_of = {ask.pocket for item in seen for ask in item.asks}
    figures = [each for each in kept.pockets if each.pocket in asked_of]
    asks = [item.asks for item in seen]
    members = (
        record.members
        if isinstance(record, Opened)
        else [each for each in seated.members if not each.is_over(on)]
    )
    return MeetingPack(
        meeting_id=meeting_id,
        committee_id=committee_id,
        members=frozenset(each.person_id for each in members),
        frozen_on=record.pack.effective_on if record.pack else None,
        lines=tuple(
            _line(store, item, now, after)
            for item, after in zip(seen, pack.cumulative(figures, asks), strict=True)
        ),
        pockets=pack.outlook(figures, asks),
    )


def _conflicts(
    item: PackedItem,
    now: Mapping[UUID, application.Application],
    record: Called | Opened,
    seated: committee.Established,
) -> frozenset[str]:
    return conflicts_on(item.application_id, _known(now[item.application_id]), record, seated)


def _known(state: application.Application) -> application.Known:
    if isinstance(state, application.NotReceived):
        raise TypeError("what is in a pack was received")
    return state


def _line(
    store: EventStore,
    item: PackedItem,
    now: Mapping[UUID, application.Application],
    after: tuple[PocketOutlook, ...],
) -> PackLine:
    present = _known(now[item.application_id])
    history = store.load(streams.application(item.application_id))
    then = application.DECIDER.fold(each.event for each in history[: item.version])
    before = _known(then).proposal
    changed = tuple(
        each.name
        for each in fields(Proposal)
        if getattr(before, each.name) != getattr(present.proposal, each.name)
    )
    if isinstance(present, Withdrawn):
        changed = ("withdrawn", *changed)
    return PackLine(
        item=item,
        proposal=before,
        after=after,
        changed_since=ChangedSince(fields=changed, now=present.proposal) if changed else None,
    )
