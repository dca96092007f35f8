"""What finance tells the others."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.finance.domain.events import (
    AuthorityChanged,
    AuthorityLapsed,
    PlanApproved,
    PocketOpened,
    YearlyCeiling,
)
from services.finance.use_cases.event_types import EVENT_TYPES
from services.finance.use_cases.publishing import to_contract
from shared.contracts.finance import PocketChanged
from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.store import Actor, Append, Context, Recorded, Stream
from shared.kernel.clock import FixedClock
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from tests.unit.finance.facts import DAY

OPENED = PocketOpened(
    pocket="P",
    funder="ISED",
    funder_agreement="ISED-P1",
    name_en="Projects",
    name_fr="Projets",
    authority=Money(500),
    effective_on=DAY,
)
CHANGED = AuthorityChanged(
    pocket="P",
    funder="ISED",
    funder_agreement="ISED-P1",
    previous=Money(500),
    authority=Money(700),
    effective_on=DAY,
)
LAPSED = AuthorityLapsed(
    pocket="P",
    funder="ISED",
    funder_agreement="ISED-P1",
    fiscal_year=2023,
    lapsed=Money(30),
    authority=Money(670),
    effective_on=DAY,
    yearly=(),
)
PLANNED = PlanApproved(fiscal_year=2024, version=1, lines=(), effective_on=DAY)


def recorded(event: object) -> Recorded:
    """An event as the store gives it back."""
    store = MemoryEventStore(EVENT_TYPES, FixedClock(datetime(2023, 4, 3, 13, tzinfo=UTC)))
    command_id = derived_id("command", 1)
    context = Context(
        command_id=command_id,
        actor=Actor(id="p-1"),
        correlation_id=command_id,
        causation_id=command_id,
    )
    store.append([Append(Stream("any", command_id), 0, [event])], context)  # type: ignore[list-item]
    return store.tail(0, 1)[0]


@pytest.mark.parametrize(("event", "cents"), [(OPENED, 500), (CHANGED, 700), (LAPSED, 670)])
def test_a_pocket_is_published_with_its_total(event: object, cents: int) -> None:
    """Opened, changed or lapsed, others hear what the funder has granted in all."""
    assert to_contract(recorded(event)) == PocketChanged(
        pocket="P",
        funder="ISED",
        funder_agreement="ISED-P1",
        authority=Money(cents),
        effective_on=DAY,
    )


@pytest.mark.parametrize("event", [OPENED, CHANGED, LAPSED])
def test_yearly_ceilings_are_published(
    event: PocketOpened | AuthorityChanged | AuthorityLapsed,
) -> None:
    """Others hear what the funder allows for each fiscal year."""
    ceiling = YearlyCeiling(fiscal_year=2024, ceiling=Money(300))
    told = to_contract(recorded(replace(event, yearly=(ceiling,))))
    assert isinstance(told, PocketChanged)
    assert [(each.fiscal_year, each.ceiling) for each in told.yearly] == [(2024, Money(300))]


def test_plans_stay_at_home() -> None:
    """Nothing is published that is not meant to be."""
    assert to_contract(recorded(PLANNED)) is None
