"""Everything that the calendar does in impact: to surveys, and to have them answered."""

from collections.abc import Iterable, Mapping

from services.impact.use_cases import calendar, reminding
from shared.eventstore.store import Recorded
from shared.timers.loop import Handler
from shared.timers.timer import Arm, Disarm


def timers_of(recorded: Recorded) -> Iterable[Arm | Disarm]:
    """What an event arms and disarms."""
    yield from calendar.timers_of(recorded)
    yield from reminding.timers_of(recorded)


TIMERS: Mapping[str, Handler] = {**calendar.TIMERS, **reminding.TIMERS}
