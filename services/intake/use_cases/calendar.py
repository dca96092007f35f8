"""What the calendar starts: information that was asked for is overdue when nobody answered."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from services.intake.domain.application import DECIDER
from services.intake.domain.review_commands import MarkInformationOverdue
from services.intake.domain.review_events import (
    InformationRequestClosed,
    InformationRequested,
    InformationSupplied,
)
from services.intake.use_cases import streams
from shared.eventstore.effects import Effects
from shared.eventstore.store import Recorded
from shared.kernel.identifiers import derived_id
from shared.timers.loop import Handler
from shared.timers.timer import Arm, Disarm, Timer

INFORMATION_OVERDUE = "information-overdue"


def timers_of(recorded: Recorded) -> Iterable[Arm | Disarm]:
    """A request for information is overdue the day after it was due, unless it is answered."""
    match recorded.event:
        case InformationRequested() as event:
            yield Arm(
                timer_id=_timer_id(event.request_id),
                kind=INFORMATION_OVERDUE,
                fires_on=event.due_on + timedelta(days=1),
                stream=streams.application(event.application_id),
                payload={"request_id": str(event.request_id)},
            )
        case InformationSupplied() | InformationRequestClosed() as event:
            yield Disarm(_timer_id(event.request_id))


def _timer_id(request_id: UUID) -> UUID:
    return derived_id("timer", request_id, INFORMATION_OVERDUE)


def _mark_overdue(timer: Timer, effects: Effects) -> None:
    command = MarkInformationOverdue(
        request_id=UUID(timer.payload["request_id"]), on=timer.fires_on
    )
    effects.carry_out(DECIDER, timer.stream, command)


TIMERS: Mapping[str, Handler] = {INFORMATION_OVERDUE: _mark_overdue}
