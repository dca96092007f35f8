"""
A call: one published invitation to apply to a programme, for a time or continuously.

A call applies the version of its programme that was in force when it was published, to everyone
who answers it: rules do not change between opening and closing. Another version needs another call.

When it opens and closes are instants. Something counts when it is received at or after the opening
and **before** the closing; the closing instant itself is too late. How a call may change while
people are answering it is in ``call_changes``.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from services.intake.domain import call_changes
from services.intake.domain.call_changes import (
    CallAlreadyPublished,
    CallClosesBeforeItOpens,
    CallTitleMissing,
)
from services.intake.domain.call_facts import (
    AmendCall,
    Announcement,
    Call,
    CallAmended,
    CallClosedEarly,
    CallExtended,
    CallPublished,
    CloseCall,
    Command,
    Event,
    ExtendCall,
    PublishCall,
    State,
    Unpublished,
)
from shared.kernel.decider import Decider
from shared.kernel.refusals import NotFound

__all__ = [
    "DECIDER",
    "AmendCall",
    "Announcement",
    "Call",
    "CallAlreadyPublished",
    "CallAmended",
    "CallClosedEarly",
    "CallClosesBeforeItOpens",
    "CallExtended",
    "CallPublished",
    "CallTitleMissing",
    "CloseCall",
    "Command",
    "Event",
    "ExtendCall",
    "PublishCall",
    "State",
    "Unpublished",
]


def decide(command: Command, state: State) -> Sequence[Event]:
    """Publish once, with a period that makes sense; then change it openly."""
    if isinstance(command, PublishCall):
        if isinstance(state, Call):
            raise call_changes.CallAlreadyPublished
        return [call_changes.publish(command)]
    if isinstance(state, Unpublished):
        raise NotFound(kind="call")
    if not command.reason.is_complete:
        raise call_changes.InOneLanguageOnly(field="reason", accepted=["en", "fr"])
    if state.closes_at is not None and state.has_closed_by(command.now):
        raise call_changes.CallHasClosed(closes_at=state.closes_at)
    match command:
        case AmendCall():
            return call_changes.amend(command, state)
        case ExtendCall():
            return call_changes.extend(command, state)
        case CloseCall():
            return call_changes.close(command, state)
        case unreachable:
            assert_never(unreachable)


def evolve(state: State, event: Event) -> State:
    """What a call says of itself after it was published or changed."""
    if isinstance(event, CallPublished):
        return Call(
            call_id=event.call_id,
            programme_code=event.programme_code,
            programme_version=event.programme_version,
            title=event.title,
            opens_at=event.opens_at,
            closes_at=event.closes_at,
            instructions=event.instructions,
        )
    if isinstance(state, Unpublished):
        raise TypeError(f"{event} happened to a call that is not published")
    match event:
        case CallAmended():
            after = event.after
            return replace(
                state,
                title=after.title,
                opens_at=after.opens_at,
                closes_at=after.closes_at,
                instructions=after.instructions,
            )
        case CallExtended() | CallClosedEarly():
            return replace(state, closes_at=event.closes_at)
        case unreachable:
            assert_never(unreachable)


DECIDER: Decider[Command, State, Event] = Decider(
    initial=Unpublished(), decide=decide, evolve=evolve
)
