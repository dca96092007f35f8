"""The service on a database of its own, without HTTP: what it hears, does and shows."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar
from uuid import UUID, uuid4

from services.selection.domain import application, committee, meeting, pocket
from services.selection.projections import calendar, decisions
from services.selection.projections import pockets as balances
from services.selection.settings import SERVICE
from services.selection.use_cases import streams
from services.selection.use_cases.event_types import EVENT_TYPES
from services.selection.use_cases.policies import HANDLERS
from services.selection.use_cases.timers import TIMER_HANDLERS, timers_of
from shared.contracts.base import Contract
from shared.eventstore.commands import Outcome
from shared.eventstore.effects import Effects
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import (
    Actor,
    Append,
    CommandRecord,
    Context,
    EventStore,
    Stream,
)
from shared.eventstore.together import Changes, Loaded, carry_out_together
from shared.kernel.clock import FixedClock
from shared.kernel.decider import Decider
from shared.kernel.periods import TORONTO
from shared.postgres.database import Database
from shared.projecting.projector import Projector
from shared.projecting.reading import ReadModels
from shared.timers.loop import TimerLoop

S = TypeVar("S")


class Interrupted:
    """A store bound to a transaction, in which something else happens before the first append."""

    def __init__(self, store: EventStore, interruption: Callable[[], None]) -> None:
        self.load, self.events = store.load, store.events
        self.version, self.tail, self.head = store.version, store.tail, store.head
        self.find_command = store.find_command
        self._store = store
        self._interruptions = [interruption]

    def append(
        self,
        appends: Sequence[Append],
        context: Context,
        *,
        command: CommandRecord | None = None,
    ) -> int:
        """Let the other thing happen, once; then append."""
        if self._interruptions:
            self._interruptions.pop()()
        return self._store.append(appends, context, command=command)


class House:
    """The service's database, and its loops moved by hand."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database = database
        self.clock = clock
        self.store = PostgresEventStore(database.engine, EVENT_TYPES, clock)
        self.read_models = ReadModels(database.engine)
        self.projector = Projector(
            database,
            self.store,
            [calendar.PROJECTION, decisions.PROJECTION, balances.PROJECTION],
        )
        self.timers = TimerLoop(SERVICE, database, self.store, clock, timers_of, TIMER_HANDLERS)
        self.projector.prepare()

    def goes_to(self, day: date) -> None:
        """It is now nine in the morning of that day, in Toronto; what is due has happened."""
        self.clock.instant = datetime.combine(day, time(9), TORONTO).astimezone(UTC)
        self.timers.step()

    def hears(
        self,
        fact: Contract,
        *,
        message_id: UUID | None = None,
        while_others: Callable[[], None] = lambda: None,
    ) -> None:
        """React to a contract in one transaction, as the consumer does."""
        cause = message_id or uuid4()
        with self.database.engine.begin() as connection:
            effects = Effects(
                store=Interrupted(self.store.bound_to(connection), while_others),
                connection=connection,
                context=context(cause),
                now=self.clock.now(),
            )
            HANDLERS[type(fact)](fact, effects)

    def does(
        self,
        decide: Callable[[Loaded], Changes],
        about: Stream,
        *,
        command_id: UUID | None = None,
        request_hash: bytes = b"asked",
        expected_version: int | None = None,
    ) -> Outcome:
        """Carry out a command that spans streams, once per command id."""
        return carry_out_together(
            self.store,
            context(command_id or uuid4()),
            decide,
            about=about,
            request_hash=request_hash,
            expected_version=expected_version,
        )

    def catches_up(self) -> None:
        """Bring the read models up to the head."""
        self.projector.catch_up()

    def application(self, application_id: UUID) -> application.Application:
        """An application as it is now."""
        return self._state(application.DECIDER, streams.application(application_id))

    def committee(self, committee_id: UUID) -> committee.Established:
        """A committee as it is now."""
        return committee.established(
            self._state(committee.DECIDER, streams.committee(committee_id))
        )

    def meeting(self, meeting_id: UUID) -> meeting.Meeting:
        """A meeting as it is now."""
        return self._state(meeting.DECIDER, streams.meeting(meeting_id))

    def pocket(self, code: str) -> pocket.Pocket:
        """A pocket as it is now."""
        return self._state(pocket.DECIDER, streams.pocket(code))

    def events(self, stream: Stream) -> list[Any]:
        """The history of a stream."""
        return [recorded.event for recorded in self.store.load(stream)]

    def _state(self, decider: Decider[Any, S, Any], stream: Stream) -> S:
        return decider.fold(self.events(stream))


def context(cause: UUID) -> Context:
    """Why something happens, in tests."""
    return Context(
        command_id=cause,
        actor=Actor(id="secretary"),
        correlation_id=cause,
        causation_id=cause,
    )
