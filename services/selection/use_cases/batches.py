"""Decide several consecutive items at once: all of them, or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.selection.domain import application, award, committee, meeting, pocket, waitlist
from services.selection.domain.deliberation import DecideItem
from services.selection.use_cases import streams
from services.selection.use_cases.meetings import Deciding
from shared.eventstore.store import Event, Stream
from shared.eventstore.together import Changes, Loaded
from shared.kernel.decider import Decider
from shared.kernel.refusals import Reason, Refusal, RuleBroken

DECIDERS: Mapping[str, Decider[Any, Any, Any]] = {
    "application": application.DECIDER,
    "award": award.DECIDER,
    "committee": committee.DECIDER,
    "meeting": meeting.DECIDER,
    "pocket": pocket.DECIDER,
    "waitlist": waitlist.DECIDER,
}
"""Of every stream that a decision appends to."""


class ItemsNotConsecutive(RuleBroken):
    """Items are decided together when they follow each other on the agenda."""

    en = "The items to decide together must follow each other on the agenda, in its order."
    fr = "Les points décidés ensemble se suivent à l’ordre du jour, dans son ordre."


class ItemsNotDecided(RuleBroken):
    """Items are decided together, or none of them is."""

    en = "Nothing was decided: {number} of the items cannot be decided like this."
    fr = "Rien n’a été décidé : {number} des points ne peuvent pas être décidés ainsi."


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidingTogether:
    """Decide consecutive items of one meeting, each on what the ones before it leave."""

    meeting_id: UUID
    commands: tuple[DecideItem, ...]

    def __call__(self, loaded: Loaded) -> Changes:
        """Everything that follows, or ``ItemsNotDecided`` with every reason of every item."""
        self._must_be_consecutive(loaded)
        changes: dict[Stream, list[Event]] = {}
        reasons: list[Reason] = []
        refused = 0
        for index, command in enumerate(self.commands):
            try:
                follows = list(Deciding(command=command)(loaded))
            except Refusal as refusal:
                refused += 1
                reasons += _of_item(index, refusal)
                continue
            for stream, events in follows:
                loaded.advance(DECIDERS[stream.type], stream, events)
                changes.setdefault(stream, []).extend(events)
        if refused:
            raise ItemsNotDecided(number=refused, reasons=reasons)
        return changes.items()

    def _must_be_consecutive(self, loaded: Loaded) -> None:
        state = loaded.state(meeting.DECIDER, streams.meeting(self.meeting_id))
        left = meeting.sitting(state).undecided
        named = tuple(command.application_id for command in self.commands)
        first = left.index(named[0]) if named[0] in left else 0
        if left[first : first + len(named)] != named:
            raise ItemsNotConsecutive(field="items", accepted=[str(each) for each in left])


def _of_item(index: int, refusal: Refusal) -> Sequence[Reason]:
    return [
        replace(reason, field=f"items[{index}]" + (f".{reason.field}" if reason.field else ""))
        for reason in refusal.reasons or [refusal.as_reason()]
    ]
