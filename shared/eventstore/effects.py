"""What a reaction (to a message or a timer) may use, all inside one transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Connection

from shared.eventstore.commands import Outcome, carry_out
from shared.eventstore.store import Context, Event, EventStore, Stream
from shared.kernel.decider import Decider
from shared.kernel.periods import civil_date

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """The store bound to the transaction in which the cause is marked as handled."""

    store: EventStore
    connection: Connection
    context: Context
    now: datetime

    @property
    def today(self) -> date:
        """The civil date in Toronto."""
        return civil_date(self.now)

    def carry_out(self, decider: Decider[C, S, E], stream: Stream, command: C) -> Outcome:
        """Decide and append, for the cause this reaction answers."""
        return carry_out(self.store, decider, stream, command, self.context)
