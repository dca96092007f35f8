from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from services.claims.domain.agreement import AgreementUnknown
from services.claims.domain.changes import TimeExtension
from services.claims.domain.commands import AgreementCommand, CompleteProject
from services.claims.domain.events import AgreementEvent
from services.claims.domain.state import Standing
from services.claims.use_cases.hindsight import agreement_known
from shared.eventstore.store import Actor, Context, Recorded, Stream
from shared.kernel.money import Money, total
from tests.unit.claims.scenario import (
    APPROVED_ON,
    EXECUTED_ON,
    ISED,
    OFFICER,
    PROJECT,
    TODAY,
    amending,
    approved_claim,
    assert_identity,
    executed,
    form,
    happened,
    paying,
)

JULY_20 = date(2023, 7, 20)


def recorded(events: Sequence[AgreementEvent], on: date) -> list[Recorded]:
    """Events that were all heard of on one day."""
    context = Context(
        command_id=uuid4(), actor=Actor(id="p"), correlation_id=uuid4(), causation_id=uuid4()
    )
    return [
        Recorded(
            position=number,
            event_id=uuid4(),
            stream=Stream("agreement", PROJECT),
            version=number,
            type="",
            event=event,
            context=context,
            recorded_at=datetime(on.year, on.month, on.day, 17, tzinfo=UTC),
        )
        for number, event in enumerate(events, start=1)
    ]


def heard(*commands: AgreementCommand, on: date = TODAY) -> list[Recorded]:
    return recorded(happened(*commands), on)


class TestWhatWasKnown:
    def test_is_what_had_been_recorded(self) -> None:
        """What was recorded later was not known, whenever it happened."""
        before = happened(*executed())
        later = happened(*executed(), *amending(TimeExtension(ends_on=date(2024, 9, 30))))
        history = [
            *recorded(before, EXECUTED_ON),
            *recorded(later[len(before) :], TODAY),
        ]
        then = agreement_known(history, as_of=date(2024, 6, 29), until=None)
        assert then.ends_on == date(2024, 6, 30)
        assert agreement_known(history, as_of=TODAY, until=None).ends_on == date(2024, 9, 30)

    def test_before_there_was_one(self) -> None:
        """An agreement that nobody had heard of is not found."""
        with pytest.raises(AgreementUnknown):
            agreement_known(heard(*executed()), as_of=date(2024, 6, 29), until=None)
        with pytest.raises(AgreementUnknown):
            agreement_known(heard(*executed()), as_of=None, until=date(2023, 2, 28))


class TestWhatHadHappened:
    def test_is_what_is_effective_by_then(self) -> None:
        """An agreement is a draft until the day of its execution, however late we hear of it."""
        history = heard(*executed())
        for until, standing in (
            (APPROVED_ON, Standing.DRAFTED),
            (date(2023, 4, 2), Standing.DRAFTED),
            (EXECUTED_ON, Standing.EXECUTED),
        ):
            assert agreement_known(history, as_of=None, until=until).standing is standing

    def test_of_a_claim_follows_its_own_order(self) -> None:
        """A holdback released as of a day before the approval was recorded waits for it."""
        history = heard(
            *executed(),
            *approved_claim(form()),
            *paying(),
            CompleteProject(completed_on=JULY_20, by=OFFICER, on=TODAY),
        )
        then = agreement_known(history, as_of=None, until=JULY_20)
        assert then.standing is Standing.COMPLETED
        assert then.claims == {}
        now = agreement_known(history, as_of=None, until=TODAY)
        assert total(each.payable for each in now.balances().values()) == Money(20_00)

    def test_adds_up_on_every_day(self) -> None:
        """On whichever day one looks, every contracted cent stands somewhere."""
        history = heard(*executed(), *approved_claim(form()), *paying())
        for until in (APPROVED_ON, EXECUTED_ON, JULY_20, TODAY):
            agreement = agreement_known(history, as_of=None, until=until)
            assert_identity(agreement)
            assert agreement.balances()[ISED].contracted == Money(800_00)
