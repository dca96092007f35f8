"""The timer loop: leads ``firing`` on PostgreSQL, told of new events and of time passing."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from shared.eventstore.effects import Effects
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Context, Recorded, Stream
from shared.kernel.clock import Clock
from shared.observability import tracing
from shared.postgres.clock import shared_time
from shared.postgres.database import Database
from shared.postgres.news import News
from shared.timers.firing import Change, Due, Firing
from shared.timers.tables import CHECKPOINT, TIMER
from shared.timers.timer import Arm, Disarm, Timer, fires_at, latest

POLL_SECONDS = 1.0
GATHER_SECONDS = 0.1

Handler = Callable[[Timer, Effects], None]


class UnknownTimerKind(LookupError):
    """A timer is due and this code has nothing to do for it: a defect, never skipped."""

    says_no_data = True


class TimerLoop:
    """
    Timers of one service.

    ``timers_of`` says what each event arms and disarms; ``handlers`` say what to do, by kind.
    A timer fires at 00:05 in Toronto of its date, in one transaction with what its handler does,
    however late that is. Several loops may run: each timer still fires once. What time it is, the
    database says (see ``shared_time``): a machine whose clock is ahead fires nothing early.
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
        self._database = database
        timetable = PostgresTimetable(service, database, store, handlers)
        now = partial(shared_time, database.autocommit, clock)
        self._firing = Firing(store, now, timetable, timers_of)

    def run(self, stop: threading.Event) -> None:
        """Follow events and fire until told to stop."""
        with self._database.listening("jalon_events") as events:
            news = News(events, gather_seconds=GATHER_SECONDS)
            while not stop.is_set():
                if not self.step():
                    # An event may arm a timer that is due; time passes by itself.
                    news.wait(POLL_SECONDS)

    def step(self) -> bool:
        """See ``Firing.step``."""
        return self._firing.step()


class PostgresTimetable:
    """Timers in the service's own database; see ``firing.Timetable``."""

    def __init__(
        self,
        service: str,
        database: Database,
        store: PostgresEventStore,
        handlers: Mapping[str, Handler],
    ) -> None:
        self.actor = Actor(id=f"timer:{service}")
        self.store = store
        self.handlers = handlers
        self._database = database

    @contextmanager
    def turn(self) -> Iterator["PostgresTurn"]:
        """See ``firing.Timetable.turn``."""
        with self._database.engine.begin() as connection:
            yield PostgresTurn(connection, self)


class PostgresTurn:
    """One transaction; see ``firing.Turn``."""

    def __init__(self, connection: Connection, timetable: PostgresTimetable) -> None:
        self._connection = connection
        self._timetable = timetable

    def followed(self) -> int | None:
        """See ``firing.Turn.followed``."""
        return self._connection.execute(
            select(CHECKPOINT.c.position).with_for_update(skip_locked=True)
        ).scalar_one_or_none()

    def follow(self, changes: Sequence[Change], position: int) -> None:
        """See ``firing.Turn.follow``."""
        _write(self._connection, changes)
        self._connection.execute(update(CHECKPOINT).values(position=position))

    def due(self, now: datetime, limit: int) -> list[Due]:
        """See ``firing.Turn.due``."""
        rows = self._connection.execute(
            select(TIMER)
            .where(_due_at(now))
            .order_by(TIMER.c.fires_at, TIMER.c.timer_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [_due(row) for row in rows]

    def carry_out(self, due: Due, now: datetime) -> None:
        """See ``firing.Turn.carry_out``. Raises ``UnknownTimerKind``."""
        timer = due.timer
        handler = self._timetable.handlers.get(timer.kind)
        if handler is None:
            raise UnknownTimerKind(timer.kind)
        attributes: tracing.Attributes = {
            "jalon.timer_id": str(timer.timer_id),
            "jalon.stream": str(timer.stream),
            "jalon.fires_on": timer.fires_on.isoformat(),
            "jalon.correlation_id": str(due.correlation_id),
        }
        # A trace of its own: what armed it may be months ago.
        with tracing.span(f"fire {timer.kind}", parent=None, attributes=attributes) as span:
            context = Context(
                command_id=timer.timer_id,
                actor=self._timetable.actor,
                correlation_id=due.correlation_id,
                causation_id=timer.timer_id,
                traceparent=tracing.traceparent_of(span),
            )
            connection = self._connection
            store = self._timetable.store.bound_to(connection)
            handler(timer, Effects(store=store, connection=connection, context=context, now=now))

    def attempt(self) -> AbstractContextManager[object]:
        """See ``firing.Turn.attempt``."""
        return self._connection.begin_nested()

    def mark(
        self, timers: Sequence[UUID], state: str, now: datetime, reason: str | None = None
    ) -> None:
        """See ``firing.Turn.mark``."""
        self._connection.execute(
            update(TIMER)
            .where(TIMER.c.timer_id.in_(timers), TIMER.c.state == "armed")
            .values(state=state, fired_at=now, reason=reason)
        )


def _due(row: Row[Any]) -> Due:
    timer = Timer(
        timer_id=row.timer_id,
        kind=row.kind,
        fires_on=row.fires_on,
        stream=Stream(row.stream_type, row.stream_id),
        payload=row.payload,
    )
    return Due(timer=timer, correlation_id=row.correlation_id)


def _due_at(now: datetime) -> ColumnElement[bool]:
    return and_(TIMER.c.state == "armed", TIMER.c.fires_at <= now)


def _write(connection: Connection, batch: Sequence[Change]) -> None:
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
