"""
What the timer loop does, without saying where timers are kept: no connection, no thread.

Events arm and disarm timers; those that are due are carried out, each in the transaction in which
it is marked as fired.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from shared.eventstore.store import EventStore, Recorded, readable
from shared.kernel.refusals import Refusal
from shared.observability.errors import without_texts
from shared.timers.timer import Arm, Disarm, Timer

log = logging.getLogger(__name__)

EVENTS_AT_ONCE = 1_000
TIMERS_AT_ONCE = 25
BATCH_SECONDS = 0.1

Change = tuple[Recorded, Arm | Disarm]
"""What an event arms or disarms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A timer whose time has come."""

    timer: Timer
    correlation_id: UUID
    """The chain of commands that armed it."""


class Turn(Protocol):
    """One transaction at the timetable."""

    def followed(self) -> int | None:
        """Up to which position events have been followed; None while another does it."""
        ...

    def follow(self, changes: Sequence[Change], position: int) -> None:
        """Write what events arm and disarm; one that fired stays as it is."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[Due]:
        """The next timers whose time has come, by time, kept from others until the end."""
        ...

    def carry_out(self, due: Due, now: datetime) -> None:
        """Do what the timer is for. Raises refusals."""
        ...

    def attempt(self) -> AbstractContextManager[object]:
        """What is done inside is undone when it raises; the rest of the turn goes on."""
        ...

    def mark(
        self, timers: Sequence[UUID], state: str, now: datetime, reason: str | None = None
    ) -> None:
        """Note what became of timers."""
        ...


class Timetable(Protocol):
    """Where a service keeps its timers."""

    def any_due(self, now: datetime) -> bool:
        """Has the time of any timer come? Seldom: asked before a turn is taken for it."""
        ...

    def turn(self) -> AbstractContextManager[Turn]:
        """All or nothing of what is done in it."""
        ...


class Firing:
    """Arms timers from events, and fires those that are due: each once, never early."""

    def __init__(
        self,
        store: EventStore,
        now: Callable[[], datetime],
        timetable: Timetable,
        timers_of: Callable[[Recorded], Iterable[Arm | Disarm]],
    ) -> None:
        self._store = store
        self._now = now
        self._timetable = timetable
        self._timers_of = timers_of

    def step(self) -> bool:
        """Follow all events there are, then fire what is due; whether anything fired."""
        self.follow()
        fired = False
        while self._fire():
            fired = True
            # What these timers led to may disarm the next.
            self.follow()
        return fired

    def follow(self) -> None:
        """Follow all events there are."""
        while self._follow():
            pass

    def _follow(self) -> bool:
        """Arm and disarm what the next events say; whether there may be more."""
        with self._timetable.turn() as turn:
            position = turn.followed()
            if position is None:
                return False  # another loop is at it
            batch, unreadable = readable(self._store, position, EVENTS_AT_ONCE)
            if not batch:
                if unreadable is not None:
                    # Before anything fires that it may have disarmed.
                    raise unreadable
                return False
            changes = [(each, change) for each in batch for change in self._timers_of(each)]
            turn.follow(changes, batch[-1].position)
            return unreadable is not None or len(batch) == EVENTS_AT_ONCE

    def _fire(self) -> bool:
        """Fire the next timers that are due, in one transaction; whether there were any."""
        now = self._now()
        if not self._timetable.any_due(now):
            return False
        try:
            return self._fire_together(now)
        except Refusal:
            # One of them is refused: each by itself, until the one that is.
            return self._fire_alone(now)

    def _fire_together(self, now: datetime) -> bool:
        began = time.monotonic()
        fired: list[UUID] = []
        with self._timetable.turn() as turn:
            for due in _one_of_each_stream(turn.due(now, TIMERS_AT_ONCE)):
                turn.carry_out(due, now)
                fired.append(due.timer.timer_id)
                # From its first append a transaction keeps other commands waiting.
                if time.monotonic() - began > BATCH_SECONDS:
                    break
            if fired:
                turn.mark(fired, "fired", now)
        return bool(fired)

    def _fire_alone(self, now: datetime) -> bool:
        with self._timetable.turn() as turn:
            for due in turn.due(now, 1):
                timer_id = due.timer.timer_id
                try:
                    with turn.attempt():
                        turn.carry_out(due, now)
                except Refusal as refusal:
                    # It stays visible with its reason; trying again by itself would not change
                    # the rules.
                    reason = f"{refusal.code()}: {without_texts(refusal)}"
                    turn.mark([timer_id], "refused", now, reason)
                    log.warning(
                        "timer refused", extra={"timer_id": str(timer_id), "code": refusal.code()}
                    )
                else:
                    turn.mark([timer_id], "fired", now)
                return True
        return False


def _one_of_each_stream(timers: Iterable[Due]) -> Iterator[Due]:
    """
    Up to the second timer of one stream.

    What the first leads to may disarm the second, so that it has to wait for the next look.
    """
    seen: set[UUID] = set()
    for due in timers:
        if due.timer.stream.id in seen:
            return
        seen.add(due.timer.stream.id)
        yield due
