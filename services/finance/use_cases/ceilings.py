"""The yearly ceilings of pockets, as they were known."""

from collections.abc import Mapping
from datetime import date

from services.finance.domain import pocket
from services.finance.use_cases import streams
from shared.eventstore.store import EventStore
from shared.kernel.money import Money
from shared.kernel.periods import civil_date


def ceilings_of(store: EventStore, code: str, as_of: date | None) -> Mapping[int, Money]:
    """Per fiscal year, the most that a pocket may be promised; a year without one is not there."""
    history = [
        recorded.event
        for recorded in store.load(streams.pocket(code))
        if as_of is None or civil_date(recorded.recorded_at) <= as_of
    ]
    state = pocket.DECIDER.fold(history)
    if isinstance(state, pocket.NotOpened):
        return {}
    return {each.fiscal_year: each.ceiling for each in state.yearly}
