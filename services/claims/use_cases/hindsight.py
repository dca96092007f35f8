"""
An agreement as it was at a date, folded from the part of its history that counts then.

Two dates, as everywhere: what was known at the end of a day (recorded on or before it), and what
had happened by the end of a day (effective on or before it).
"""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from services.claims.domain.agreement import DECIDER, AgreementUnknown
from services.claims.domain.events import AgreementEvent
from services.claims.domain.state import Agreement, NotDrafted
from shared.eventstore.store import Recorded
from shared.kernel.periods import civil_date


def agreement_known(
    history: Iterable[Recorded], *, as_of: date | None, until: date | None
) -> Agreement:
    """The agreement as of a day; ``AgreementUnknown`` where there was none."""
    known = [each for each in history if as_of is None or civil_date(each.recorded_at) <= as_of]
    state = DECIDER.fold(_happened(known, until))
    if isinstance(state, NotDrafted):
        raise AgreementUnknown
    return state


def _happened(known: Iterable[Recorded], until: date | None) -> Iterator[AgreementEvent]:
    """
    Events that had happened by a day.

    A claim's holdback may be released as of a day before its approval was recorded: what happens
    to a claim, an advance or a payment has not happened before what made it.
    """
    last: dict[UUID, date] = {}
    drafted_on: date | None = None
    for recorded in known:
        event: AgreementEvent = recorded.event
        drafted_on = drafted_on or event.effective_on
        happened_on = max(drafted_on, event.effective_on)
        for name in ("claim_id", "advance_id", "payment_id"):
            thing = getattr(event, name, None)
            if thing is not None:
                happened_on = last[thing] = max(happened_on, last.get(thing, happened_on))
        if until is None or happened_on <= until:
            yield event
