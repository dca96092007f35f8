"""The yearly ceilings of pockets, as they were known."""

from collections.abc import Mapping
from datetime import datetime

from services.finance.domain import pocket
from services.finance.use_cases import streams
from shared.eventstore.store import EventStore
from shared.kernel.money import Money


def ceilings_of(store: EventStore, code: str, before: datetime | None) -> Mapping[int, Money]:
    """
    Per fiscal year, the most that a pocket may be promised; a year without one is not there.

    As it was known ``before`` an instant, where one is given.
    """
    history = [
        recorded.event
        for recorded in store.load(streams.pocket(code))
        if before is None or recorded.recorded_at < before
    ]
    state = pocket.DECIDER.fold(history)
    if isinstance(state, pocket.NotOpened):
        return {}
    return {each.fiscal_year: each.ceiling for each in state.yearly}
