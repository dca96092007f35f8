"""What a reaction (to a message or a timer) may use, all inside one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Connection

from shared.eventstore.commands import FROM_THE_START, Outcome, carry_out
from shared.eventstore.folds import AnyFolds
from shared.eventstore.store import Context, Event, EventStore, Stream
from shared.eventstore.together import Changes, Loaded, carry_out_together
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
    folds: AnyFolds = FROM_THE_START
    """What is known of states in this transaction."""

    @property
    def today(self) -> date:
        """The civil date in Toronto."""
        return civil_date(self.now)

    def carry_out(self, decider: Decider[C, S, E], stream: Stream, command: C) -> Outcome:
        """Decide and append, for the cause this reaction answers."""
        return carry_out(self.store, decider, stream, command, self.context, folds=self.folds)

    def carry_out_together(self, decide: Callable[[Loaded], Changes], *, about: Stream) -> Outcome:
        """Decide about several streams and append to all or none, for the same cause."""
        return carry_out_together(self.store, self.context, decide, about=about, folds=self.folds)
