"""The time that all processes of one service share: their database's, or one moved by hand."""

from datetime import datetime

from sqlalchemy import Engine, text

from shared.kernel.clock import Clock, SystemClock
from shared.kernel.refusals import RuleBroken
from shared.settings import ServiceSettings

_TIME = text("SELECT clock_timestamp()")


class ClockWouldGoBack(RuleBroken):
    """The simulated clock only goes forward."""

    en = "The clock is at {now}; it cannot go back to {asked}."
    fr = "L’horloge est à {now}; elle ne peut pas revenir à {asked}."


class SimulatedClock:
    """Stands where it was last put. It starts at the real instant of the first question."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    def now(self) -> datetime:
        """The simulated instant."""
        with self._engine.connect() as connection:
            instant: datetime = connection.execute(
                text("SELECT coalesce((SELECT instant FROM eventstore.clock), now())")
            ).scalar_one()
            return instant

    def at(self, machine: datetime) -> datetime:  # noqa: ARG002  # it stands still
        """The simulated instant: it moves by hand only, so not while somebody waits."""
        return self.now()

    def move(self, instant: datetime) -> None:
        """Put the clock at ``instant``. Raises ``ClockWouldGoBack``."""
        statement = text(
            "INSERT INTO eventstore.clock (single, instant) VALUES (true, :instant)"
            " ON CONFLICT (single) DO UPDATE SET instant = excluded.instant"
            " WHERE eventstore.clock.instant <= excluded.instant"
        )
        with self._engine.connect() as connection:
            if connection.execute(statement, {"instant": instant}).rowcount == 0:
                raise ClockWouldGoBack(now=self.now(), asked=instant, field="instant")
            # Loops that wait for time to pass look again at once.
            connection.execute(text("NOTIFY jalon_events"))


def shared_time(engine: Engine, clock: Clock) -> datetime:
    """
    The instant by which a service's processes decide what is due, wherever each of them runs.

    Under the system clock that is the database's time, as it is for ``recorded_at``: machines need
    not agree. Any other clock (simulated, fixed in tests) is asked.
    """
    if not isinstance(clock, SystemClock):
        return clock.now()
    with engine.connect() as connection:
        instant: datetime = connection.execute(_TIME).scalar_one()
        return instant


def clock_for(settings: ServiceSettings, engine: Engine) -> Clock:
    """The clock that the settings ask for."""
    return SimulatedClock(engine) if settings.clock == "simulated" else SystemClock()
