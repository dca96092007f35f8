"""What finance publishes: the envelopes that funders open and change."""

from services.finance.domain.events import AuthorityChanged, AuthorityLapsed, PocketOpened
from shared.contracts.base import Contract
from shared.contracts.finance import PocketChanged, YearlyCeiling
from shared.eventstore.store import Recorded


def to_contract(recorded: Recorded) -> Contract | None:
    """The contract of one event; nothing for what stays at home."""
    match recorded.event:
        case PocketOpened() | AuthorityChanged() | AuthorityLapsed() as event:
            return PocketChanged(
                pocket=event.pocket,
                funder=event.funder,
                funder_agreement=event.funder_agreement,
                authority=event.authority,
                effective_on=event.effective_on,
                yearly=tuple(
                    YearlyCeiling(fiscal_year=each.fiscal_year, ceiling=each.ceiling)
                    for each in event.yearly
                ),
            )
        case _:
            return None
