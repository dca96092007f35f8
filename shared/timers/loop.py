"""The loop that arms timers from events and carries out those that are due."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from shared.eventstore.effects import Effects
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Context, Recorded, Stream
from shared.kernel.clock import Clock
from shared.kernel.refusals import Refusal
from shared.postgres.database import Database
from shared.postgres.news import News
from shared.timers.tables import CHECKPOINT, TIMER
from shared.timers.timer import Arm, Disarm, Timer, fires_at, latest

log = logging.getLogger(__name__)

EVENTS_AT_ONCE = 1_000
TIMERS_AT_ONCE = 100
BATCH_SECONDS = 0.1
POLL_SECONDS = 1.0
GATHER_SECONDS = 0.1

Handler = Callable[[Timer, Effects], None]


class UnknownTimerKind(LookupError):
    """A timer is due and this code has nothing to do for it: a defect, never skipped."""


class TimerLoop:
    """
    Timers of one service.

    ``timers_of`` says what each event arms and disarms; ``handlers`` say what to do, by kind.
    A timer fires at 00:05 in Toronto of its date, in one transaction with what its handler does,
    however late that is. Several loops may run: each timer still fires once.
    """

    def __init__(  # noqa: PLR0917  # a composition root passes them once, in this order
        self,
        service: str,
        database: Database,
        store: PostgresEventStore,
        clock: Clock,
        timers_of: Callable[[Recorded], Iterable[Arm | Disarm]],
        handlers: Mapping[str, Handler],
    ) -> None:
        self.name = "timers"
        self._actor = Actor(id=f"timer:{service}")
        self._database = database
        self._store = store
        self._clock = clock
        self._timers_of = timers_of
        self._handlers = handlers

    def run(self, stop: threading.Event) -> None:
        """Follow events and fire until told to stop."""
        with self._database.listening("jalon_events") as events:
            news = News(events, gather_seconds=GATHER_SECONDS)
            while not stop.is_set():
                if not self.step():
                    # An event may arm a timer that is due; time passes by itself.
                    news.wait(POLL_SECONDS)

    def step(self) -> bool:
        """Follow all events there are, then fire what is due; whether anything fired."""
        self._follow_all()
        fired = False
        while self._fire():
            fired = True
            # What these timers led to may disarm the next.
            self._follow_all()
        return fired

    def _follow_all(self) -> None:
        while self._follow():
            pass

    def _follow(self) -> bool:
        """Arm and disarm what the next events say; whether there may be more."""
        with self._database.engine.begin() as connection:
            position = connection.execute(
                select(CHECKPOINT.c.position).with_for_update(skip_locked=True)
            ).scalar_one_or_none()
            if position is None:
                return False  # another loop is at it
            batch = self._store.tail(position, EVENTS_AT_ONCE)
            if not batch:
                return False
            _write(connection, [(r, change) for r in batch for change in self._timers_of(r)])
            connection.execute(update(CHECKPOINT).values(position=batch[-1].position))
            return len(batch) == EVENTS_AT_ONCE

    def _fire(self) -> bool:
        """Fire the next timers that are due, in one transaction; whether there were any."""
        now = self._clock.now()
        try:
            return self._fire_together(now, TIMERS_AT_ONCE)
        except Refusal:
            # One of them is refused: each by itself, until the one that is.
            return self._fire_alone(now)

    def _fire_together(self, now: datetime, limit: int) -> bool:
        began = time.monotonic()
        fired: list[UUID] = []
        with self._database.engine.begin() as connection:
            for row in _due_rows(connection, now, limit):
                self._carry_out(connection, row, now)
                fired.append(row.timer_id)
                # From its first append a transaction keeps other commands waiting.
                if time.monotonic() - began > BATCH_SECONDS:
                    break
            _mark(connection, fired, "fired", now)
        return bool(fired)

    def _fire_alone(self, now: datetime) -> bool:
        with self._database.engine.begin() as connection:
            for row in _due_rows(connection, now, limit=1):
                try:
                    with connection.begin_nested():
                        self._carry_out(connection, row, now)
                except Refusal as refusal:
                    # It stays visible with its reason; trying again by itself would not change
                    # the rules.
                    reason = f"{refusal.code()}: {refusal}"
                    _mark(connection, [row.timer_id], "refused", now, reason)
                    log.warning(
                        "timer refused",
                        extra={"timer_id": str(row.timer_id), "code": refusal.code()},
                    )
                else:
                    _mark(connection, [row.timer_id], "fired", now)
                return True
        return False

    def _carry_out(self, connection: Connection, row: Row[Any], now: datetime) -> None:
        handler = self._handlers.get(row.kind)
        if handler is None:
            raise UnknownTimerKind(row.kind)
        context = Context(
            command_id=row.timer_id,
            actor=self._actor,
            correlation_id=row.correlation_id,
            causation_id=row.timer_id,
        )
        timer = Timer(
            timer_id=row.timer_id,
            kind=row.kind,
            fires_on=row.fires_on,
            stream=Stream(row.stream_type, row.stream_id),
            payload=row.payload,
        )
        store = self._store.bound_to(connection)
        handler(timer, Effects(store=store, connection=connection, context=context, now=now))


def _due_at(now: datetime) -> ColumnElement[bool]:
    return and_(TIMER.c.state == "armed", TIMER.c.fires_at <= now)


def _due_rows(connection: Connection, now: datetime, limit: int) -> Iterator[Row[Any]]:
    """
    The next timers that are due, locked, in order; up to the second of one stream.

    What the first leads to may disarm the second, so that it has to wait for the next look.
    """
    rows = connection.execute(
        select(TIMER)
        .where(_due_at(now))
        .order_by(TIMER.c.fires_at, TIMER.c.timer_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    seen: set[UUID] = set()
    for row in rows:
        if row.stream_id in seen:
            return
        seen.add(row.stream_id)
        yield row


def _mark(
    connection: Connection,
    timers: Sequence[UUID],
    state: str,
    now: datetime,
    reason: str | None = None,
) -> None:
    connection.execute(
        update(TIMER)
        .where(TIMER.c.timer_id.in_(timers), TIMER.c.state == "armed")
        .values(state=state, fired_at=now, reason=reason)
    )


def _write(connection: Connection, batch: Sequence[tuple[Recorded, Arm | Disarm]]) -> None:
    """Write what a batch of events arms and disarms; a timer that fired stays as it is."""
    causes = {change.timer_id: recorded for recorded, change in batch}
    changes = latest(change for _, change in batch).values()
    armed = [
        {
            "timer_id": arm.timer_id,
            "kind": arm.kind,
            "fires_on": arm.fires_on,
            "fires_at": fires_at(arm.fires_on),
            "stream_type": arm.stream.type,
            "stream_id": arm.stream.id,
            "payload": dict(arm.payload),
            "correlation_id": causes[arm.timer_id].context.correlation_id,
            "state": "armed",
        }
        for arm in changes
        if isinstance(arm, Arm)
    ]
    if armed:
        arming = insert(TIMER)
        moved = {name: arming.excluded[name] for name in armed[0] if name != "timer_id"}
        connection.execute(
            arming.on_conflict_do_update(
                index_elements=["timer_id"],
                set_=moved,
                where=TIMER.c.fired_at.is_(None),
            ),
            armed,
        )
    disarmed = [{"id": change.timer_id} for change in changes if isinstance(change, Disarm)]
    if disarmed:
        connection.execute(
            update(TIMER)
            .where(TIMER.c.timer_id == bindparam("id"), TIMER.c.state == "armed")
            .values(state="disarmed"),
            disarmed,
        )


def due(connection: Connection, now: datetime) -> int:
    """How many timers should have fired by ``now``, for ``/positions``."""
    return connection.execute(
        select(func.count()).select_from(TIMER).where(_due_at(now))
    ).scalar_one()


def followed_position(connection: Connection) -> int:
    """Up to which position events have armed and disarmed timers, for ``/positions``."""
    position: int = connection.execute(select(CHECKPOINT.c.position)).scalar_one()
    return position
