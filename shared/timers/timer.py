"""What a timer is: something to do on a civil date, because of an event."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from shared.eventstore.store import Stream
from shared.kernel.periods import TORONTO

FIRES_AT_LOCAL_TIME = time(0, 5)
"""Never within the hours that a change to or from daylight saving time repeats or leaves out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """
    Do something about ``stream`` on ``fires_on``; ``kind`` says what.

    Arming again moves a timer that has not fired; one that fired never fires again.
    """

    timer_id: UUID
    """Derived from what it is for, so that the same event always arms the same timer."""
    kind: str
    fires_on: date
    """Civil date in Toronto."""
    stream: Stream
    payload: Mapping[str, Any] = field(default_factory=dict)
    """JSON."""


@dataclass(frozen=True, slots=True)
class Disarm:
    """It is no longer needed. One that fired, or never was, is left as it is."""

    timer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A timer that fires now. ``fires_on`` is the day it was meant for, however late it is."""

    timer_id: UUID
    kind: str
    fires_on: date
    stream: Stream
    payload: Mapping[str, Any]


def fires_at(day: date) -> datetime:
    """The instant, in UTC, at which timers for the civil date ``day`` fire."""
    return datetime.combine(day, FIRES_AT_LOCAL_TIME, TORONTO).astimezone(UTC)


def latest(changes: Iterable[Arm | Disarm]) -> dict[UUID, Arm | Disarm]:
    """What counts per timer when it is armed and disarmed several times: the last."""
    return {change.timer_id: change for change in changes}
