"""The timer loop: leads ``firing`` on PostgreSQL, told of new events and of time passing."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Row, Uuid, and_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from shared.eventstore.effects import Effects
from shared.eventstore.folds import Folds, FoldsInTransaction
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

_ARMED = TIMER.c.state == "armed"
_IS_DUE = and_(_ARMED, TIMER.c.fires_at <= bindparam("now"))
_ANY_DUE = select(select(TIMER.c.timer_id).where(_IS_DUE).exists())
_DUE = (
    select(TIMER)
    .where(_IS_DUE)
    .order_by(TIMER.c.fires_at, TIMER.c.timer_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_MARK = (
    update(TIMER)
    .where(TIMER.c.timer_id == func.any(bindparam("timers", type_=ARRAY(Uuid))), _ARMED)
    .values(state=bindparam("became"), fired_at=bindparam("at"), reason=bindparam("because"))
)
_ARM = insert(TIMER)
_ARM = _ARM.on_conflict_do_update(
    index_elements=["timer_id"],
    set_={each.name: _ARM.excluded[each.name] for each in TIMER.c if not each.primary_key},
    where=TIMER.c.fired_at.is_(None),
)
_DISARM = update(TIMER).where(TIMER.c.timer_id == bindparam("id"), _ARMED).values(state="disarmed")
_FOLLOWED = select(CHECKPOINT.c.position).with_for_update(skip_locked=True)
_REACHED = update(CHECKPOINT).values(position=bindparam("reached"))


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
        self._folds = Folds()

    def any_due(self, now: datetime) -> bool:
        """See ``firing.Timetable.any_due``."""
        with self._database.autocommit.connect() as connection:
            found: bool = connection.execute(_ANY_DUE, {"now": now}).scalar_one()
            return found

    @contextmanager
    def turn(self) -> Iterator["PostgresTurn"]:
        """See ``firing.Timetable.turn``."""
        with self._folds.in_transaction() as folds, self._database.engine.begin() as connection:
            yield PostgresTurn(connection, self, folds)


class PostgresTurn:
    """One transaction; see ``firing.Turn``."""

    def __init__(
        self, connection: Connection, timetable: PostgresTimetable, folds: FoldsInTransaction
    ) -> None:
        self._connection = connection
        self._timetable = timetable
        self._folds = folds

    def followed(self) -> int | None:
        """See ``firing.Turn.followed``."""
        return self._connection.execute(_FOLLOWED).scalar_one_or_none()

    def follow(self, changes: Sequence[Change], position: int) -> None:
        """See ``firing.Turn.follow``."""
        _write(self._connection, changes)
        self._connection.execute(_REACHED, {"reached": position})

    def due(self, now: datetime, limit: int) -> list[Due]:
        """See ``firing.Turn.due``."""
        rows = self._connection.execute(_DUE, {"now": now, "most": limit})
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
            effects = Effects(
                store=self._timetable.store.bound_to(self._connection),
                connection=self._connection,
                context=context,
                now=now,
                folds=self._folds,
            )
            handler(timer, effects)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """See ``firing.Turn.attempt``."""
        try:
            with self._connection.begin_nested():
                yield
        except BaseException:
            self._folds.forget()
            raise

    def mark(
        self, timers: Sequence[UUID], state: str, now: datetime, reason: str | None = None
    ) -> None:
        """See ``firing.Turn.mark``."""
        became = {"timers": list(timers), "became": state, "at": now, "because": reason}
        self._connection.execute(_MARK, became)


def _due(row: Row[Any]) -> Due:
    timer = Timer(
        timer_id=row.timer_id,
        kind=row.kind,
        fires_on=row.fires_on,
        stream=Stream(row.stream_type, row.stream_id),
        payload=row.payload,
    )
    return Due(timer=timer, correlation_id=row.correlation_id)


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
        connection.execute(_ARM, armed)
    disarmed = [{"id": change.timer_id} for change in changes if isinstance(change, Disarm)]
    if disarmed:
        connection.execute(_DISARM, disarmed)


def due(connection: Connection, now: datetime) -> int:
    """How many timers should have fired by ``now``, for ``/positions``."""
    return connection.execute(
        select(func.count()).select_from(TIMER).where(_IS_DUE), {"now": now}
    ).scalar_one()


def followed_position(connection: Connection) -> int:
    """Up to which position events have armed and disarmed timers, for ``/positions``."""
    position: int = connection.execute(select(CHECKPOINT.c.position)).scalar_one()
    return position
