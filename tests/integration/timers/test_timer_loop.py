"""Timers on PostgreSQL: armed by events, fired exactly once, never early, never dropped."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.effects import Effects
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Append, Context, Recorded, Stream, Unreadable
from shared.kernel.clock import FixedClock
from shared.kernel.decider import Decider
from shared.kernel.periods import civil_date
from shared.kernel.refusals import RuleBroken
from shared.postgres.database import Database
from shared.timers.loop import TimerLoop, UnknownTimerKind
from shared.timers.tables import CHECKPOINT, TIMER
from shared.timers.timer import Arm, Disarm, Timer, fires_at
from tests.support.clocks import WrongClock
from tests.support.otlp import traced

pytestmark = pytest.mark.postgres

TODAY = date(2023, 4, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    effective_on: date = TODAY
    fires_on: date
    kind: str = "ring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    effective_on: date = TODAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    effective_on: date


class NoBell(RuleBroken):
    """There is no bell to ring."""

    en = "There is no bell."
    fr = "Il n’y a pas de cloche."


TYPES = EventTypes(
    EventType("bell.promised", Promised),
    EventType("bell.cancelled", Cancelled),
    EventType("bell.rung", Rung),
)
BELL: Decider[date, int, Any] = Decider(
    initial=0, decide=lambda day, _: [Rung(effective_on=day)], evolve=lambda n, _: n + 1
)


def timers_of(recorded: Recorded) -> Iterable[Arm | Disarm]:
    match recorded.event:
        case Promised(fires_on=fires_on, kind=kind):
            yield Arm(
                timer_id=recorded.stream.id,
                kind=kind,
                fires_on=fires_on,
                stream=recorded.stream,
                payload={"at": recorded.version},
            )
        case Cancelled():
            yield Disarm(recorded.stream.id)


def ring(timer: Timer, effects: Effects) -> None:
    effects.carry_out(BELL, timer.stream, timer.fires_on)


def refuse(timer: Timer, effects: Effects) -> None:
    effects.carry_out(BELL, timer.stream, timer.fires_on)
    raise NoBell


def break_down(timer: Timer, effects: Effects) -> None:
    effects.carry_out(BELL, timer.stream, timer.fires_on)
    raise ZeroDivisionError


@dataclass
class Tower:
    """A database with bells, and a clock to move."""

    database: Database
    store: PostgresEventStore
    clock: Any
    """A ``FixedClock`` that tests move, or one that is wrong."""
    heard: list[tuple[UUID, datetime]] = field(default_factory=list)

    def loop(self) -> TimerLoop:
        """A loop as a worker would run it."""

        def ring_and_hear(timer: Timer, effects: Effects) -> None:
            ring(timer, effects)
            self.heard.append((timer.timer_id, effects.now))

        handlers = {"ring": ring_and_hear, "refuse": refuse, "break": break_down}
        return TimerLoop("bells", self.database, self.store, self.clock, timers_of, handlers)

    def record(self, bell: UUID, *events: Promised | Cancelled) -> UUID:
        """Append to a bell; the command's id."""
        stream = Stream("bell", bell)
        command_id = uuid4()
        context = Context(
            command_id=command_id,
            actor=Actor(id="p-1"),
            correlation_id=command_id,
            causation_id=command_id,
        )
        self.store.append([Append(stream, len(self.store.load(stream)), events)], context)
        return command_id

    def at(self, day: date) -> None:
        """Move the clock to the instant at which timers of a day fire."""
        self.clock.instant = fires_at(day)

    def rings(self, bell: UUID) -> list[Recorded]:
        """How a bell has rung."""
        history = self.store.load(Stream("bell", bell))
        return [recorded for recorded in history if isinstance(recorded.event, Rung)]

    def timer(self, bell: UUID) -> Any:
        """The row of a bell's timer."""
        with self.database.engine.connect() as connection:
            return connection.execute(select(TIMER).where(TIMER.c.timer_id == bell)).one()


@pytest.fixture
def tower(database: Database, clock: FixedClock) -> Tower:
    """A tower without promises."""
    return Tower(
        database=database, store=PostgresEventStore(database.engine, TYPES, clock), clock=clock
    )


class TestFiring:
    def test_on_its_day(self, tower: Tower) -> None:
        """A timer does nothing a second before 00:05 of its date, and its work then, once."""
        bell, day = uuid4(), date(2024, 2, 29)
        tower.record(bell, Promised(fires_on=day))
        tower.clock.instant = fires_at(day) - timedelta(seconds=1)
        assert not tower.loop().step()
        assert tower.rings(bell) == []
        tower.at(day)
        assert tower.loop().step()
        assert not tower.loop().step()
        assert [recorded.event.effective_on for recorded in tower.rings(bell)] == [day]
        assert tower.timer(bell).state == "fired"
        assert tower.timer(bell).fired_at == fires_at(day)

    def test_its_events_say_why(self, tower: Tower) -> None:
        """What a timer leads to carries the timer as its command and the chain it belongs to."""
        bell = uuid4()
        first_command = tower.record(bell, Promised(fires_on=TODAY))
        tower.loop().step()
        (rung,) = tower.rings(bell)
        assert rung.context == Context(
            command_id=bell,
            actor=Actor(id="timer:bells"),
            correlation_id=first_command,
            causation_id=bell,
        )

    def test_however_late(self, tower: Tower) -> None:
        """A timer that was due while nothing ran fires late, and knows the day it was meant for."""
        bell = uuid4()
        tower.record(bell, Promised(fires_on=TODAY))
        tower.at(date(2031, 1, 1))
        tower.loop().step()
        assert [recorded.event.effective_on for recorded in tower.rings(bell)] == [TODAY]

    def test_in_the_order_in_which_they_are_due(self, tower: Tower) -> None:
        """Timers that are all late fire in the order of their dates."""
        days = [TODAY + timedelta(days=offset) for offset in (3, 1, 2)]
        bells = {day: uuid4() for day in days}
        for day, bell in bells.items():
            tower.record(bell, Promised(fires_on=day))
        tower.at(date(2024, 1, 1))
        tower.loop().step()
        assert [bell for bell, _ in tower.heard] == [bells[day] for day in sorted(days)]

    def test_more_than_one_batch(self, tower: Tower) -> None:
        """When very many are due, the loop comes back until none is left."""
        for _ in range(250):
            tower.record(uuid4(), Promised(fires_on=TODAY))
        loop = tower.loop()
        while loop.step():
            pass
        assert len({bell for bell, _ in tower.heard}) == len(tower.heard) == 250

    def test_two_loops_at_once(self, tower: Tower) -> None:
        """However many loops run, each timer fires once."""
        bells = [uuid4() for _ in range(40)]
        for bell in bells:
            tower.record(bell, Promised(fires_on=TODAY))
        failed: list[BaseException] = []

        def work() -> None:
            loop = tower.loop()
            try:
                for _ in range(5):
                    loop.step()
            except BaseException as error:  # noqa: BLE001  # told to the test below
                failed.append(error)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert [len(tower.rings(bell)) for bell in bells] == [1] * 40


class TestChangingOnesMind:
    def test_disarmed(self, tower: Tower) -> None:
        """A timer that is no longer needed never fires."""
        bell = uuid4()
        tower.record(bell, Promised(fires_on=TODAY))
        tower.loop()._firing.follow()
        tower.record(bell, Cancelled())
        tower.loop().step()
        assert tower.rings(bell) == []
        assert tower.timer(bell).state == "disarmed"

    def test_moved(self, tower: Tower) -> None:
        """Armed again, a timer fires on the new date only."""
        bell, later = uuid4(), TODAY + timedelta(days=5)
        tower.record(bell, Promised(fires_on=TODAY), Promised(fires_on=later))
        tower.loop().step()
        assert tower.rings(bell) == []
        tower.at(later)
        tower.loop().step()
        assert [recorded.event.effective_on for recorded in tower.rings(bell)] == [later]

    def test_armed_again_after_it_fired(self, tower: Tower) -> None:
        """A timer fires once, whatever is said about it afterwards."""
        bell = uuid4()
        tower.record(bell, Promised(fires_on=TODAY))
        tower.loop().step()
        tower.record(bell, Promised(fires_on=TODAY))
        tower.loop().step()
        assert len(tower.rings(bell)) == 1

    def test_forgotten_timers_come_back_from_the_events(self, tower: Tower) -> None:
        """Timers are a projection: lost, they are made again from the first event."""
        bell = uuid4()
        tower.record(bell, Promised(fires_on=date(2024, 1, 1)))
        tower.loop().step()
        before = tower.timer(bell)
        with tower.database.engine.begin() as connection:
            connection.execute(delete(TIMER))
            connection.execute(update(CHECKPOINT).values(position=0))
        tower.loop().step()
        assert tower.timer(bell) == before


class TestTrouble:
    def test_a_refusal_is_kept(self, tower: Tower) -> None:
        """A handler that refuses leaves no event, and its timer says why; others still fire."""
        refused, rung = uuid4(), uuid4()
        tower.record(refused, Promised(fires_on=TODAY, kind="refuse"))
        tower.record(rung, Promised(fires_on=TODAY))
        tower.loop().step()
        assert tower.rings(refused) == []
        assert len(tower.rings(rung)) == 1
        timer = tower.timer(refused)
        assert (timer.state, timer.reason) == ("refused", "no-bell: There is no bell.")

    def test_a_defect_stops_the_loop(self, tower: Tower) -> None:
        """Anything else undoes the fire and stops the loop: the timer is still armed."""
        bell = uuid4()
        tower.record(bell, Promised(fires_on=TODAY, kind="break"))
        with pytest.raises(ZeroDivisionError):
            tower.loop().run(threading.Event())
        assert tower.rings(bell) == []
        assert tower.timer(bell).state == "armed"

    def test_a_kind_nobody_knows(self, tower: Tower) -> None:
        """A timer that the code has no handler for is never skipped in silence."""
        tower.record(uuid4(), Promised(fires_on=TODAY, kind="sing"))
        with pytest.raises(UnknownTimerKind, match="sing"):
            tower.loop().step()

    def test_an_event_that_newer_code_wrote(self, tower: Tower) -> None:
        """The loop stops before it, and fires nothing: it may have disarmed what is due."""
        first, second = uuid4(), uuid4()
        tower.record(first, Promised(fires_on=TODAY))
        older = EventTypes(EventType("bell.promised", Promised), EventType("bell.rung", Rung))
        tower.record(first, Cancelled())
        tower.record(second, Promised(fires_on=TODAY))
        newer, tower.store = (
            tower.store,
            PostgresEventStore(tower.database.engine, older, tower.clock),
        )
        for _ in range(2):
            with pytest.raises(Unreadable, match=r"event 2 .*bell\.cancelled version 1"):
                tower.loop().step()
        assert tower.timer(first).state == "armed"
        tower.store = newer
        tower.loop().step()
        assert (len(tower.rings(first)), len(tower.rings(second))) == (0, 1)


class TestClocksThatDisagree:
    """Under the system clock, of which each machine has its own."""

    @staticmethod
    def tower(database: Database, ahead: timedelta) -> Tower:
        """A tower on a machine whose clock is so far ahead."""
        clock = WrongClock(ahead)
        store = PostgresEventStore(database.engine, TYPES, clock)
        return Tower(database=database, store=store, clock=clock)

    @pytest.mark.parametrize("days", [1, -1])
    def test_the_database_says_what_is_due(self, database: Database, days: int) -> None:
        """A worker whose machine is a day ahead fires nothing early; a day behind, nothing late."""
        # The day whose 00:05 was last.
        today = civil_date(datetime.now(UTC) - timedelta(minutes=5))
        wrong = self.tower(database, timedelta(days=days))
        right = self.tower(database, timedelta(0))
        due, not_yet = uuid4(), uuid4()
        right.record(due, Promised(fires_on=today))
        right.record(not_yet, Promised(fires_on=today + timedelta(days=1)))
        assert wrong.loop().step()
        assert not right.loop().step()
        assert (len(right.rings(due)), right.rings(not_yet)) == (1, [])
        [(rung, at)] = wrong.heard
        assert rung == due
        assert abs(datetime.now(UTC) - at) < timedelta(minutes=5)
        assert right.timer(not_yet).state == "armed"


DAYS = st.integers(0, 400)


@given(
    promised=st.lists(st.tuples(st.integers(0, 5), DAYS), max_size=8),
    hours=st.lists(st.integers(1, 24 * 90), min_size=1, max_size=6),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_each_timer_fires_exactly_once_and_never_early(
    tower: Tower, promised: list[tuple[int, int]], hours: list[int]
) -> None:
    """Whatever is promised when, and however the clock moves: once, not before its day."""
    start = datetime(2023, 10, 20, 12, tzinfo=UTC)
    tower.clock.instant = start
    tower.heard.clear()
    bells = {n: uuid4() for n in range(6)}
    due: dict[UUID, date] = {}
    loop = tower.loop()
    waiting = list(promised)
    for step in [*hours, 24 * 500]:
        if waiting:
            n, offset = waiting.pop()
            if bells[n] not in {bell for bell, _ in tower.heard}:
                due[bells[n]] = start.date() + timedelta(days=offset)
            tower.record(bells[n], Promised(fires_on=start.date() + timedelta(days=offset)))
        while loop.step():
            pass
        tower.clock.instant += timedelta(hours=step)
    while loop.step():
        pass
    assert sorted(bell for bell, _ in tower.heard) == sorted(due)
    assert all(instant >= fires_at(due[bell]) for bell, instant in tower.heard)


def test_the_tables_are_what_the_code_says(database: Database) -> None:
    """One checkpoint row exists from the start, so that nothing is armed twice."""
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT * FROM timers.checkpoint")).all() == [(True, 0)]


def test_a_timer_is_the_beginning_of_a_trace(tower: Tower) -> None:
    """What it leads to is below its firing, and the span says which timer it was."""
    bell = uuid4()
    tower.record(bell, Promised(fires_on=TODAY))
    tower.at(TODAY)
    with traced("bells") as collector:
        assert tower.loop().step()
    fired, appended = collector.named("fire ring"), collector.named("append bell")
    assert (fired.parent_id, appended.parent_id) == ("", fired.span_id)
    assert fired.attributes["jalon.timer_id"] == str(bell)
    [rung] = tower.rings(bell)
    assert appended.attributes["jalon.position"] == rung.position
    assert rung.context.traceparent is not None
    assert appended.span_id in rung.context.traceparent
