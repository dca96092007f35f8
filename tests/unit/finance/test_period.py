"""Closing and reopening quarters, and when a late fact counts."""

import hashlib
from datetime import date
from typing import Any

import pytest

from services.finance.domain import period
from services.finance.domain.events import (
    PeriodClosed,
    PeriodReopened,
    PeriodReopeningAsked,
    TrialBalanceLine,
)
from services.finance.domain.posting import PeriodChange, Step, in_force, posting_date, steps
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Refusal

T1, T2, T3, T4 = Quarter.all_of(2024)
TODAY = date(2024, 4, 10)
BALANCE = (
    TrialBalanceLine(account="available", pocket="P", cents=100),
    TrialBalanceLine(account="authority", pocket="P", cents=-100),
)


def close(quarter: Quarter, **values: Any) -> period.ClosePeriod:
    """Close a quarter with a balance that is right."""
    usual: dict[str, Any] = {
        "quarter": quarter,
        "position": 7,
        "trial_balance": BALANCE,
        "seen": 0,
        "by": "p-1",
        "on": TODAY,
    }
    return period.ClosePeriod(**(usual | values))


def closed(quarter: Quarter) -> PeriodClosed:
    """It was closed."""
    return PeriodClosed(
        quarter=quarter,
        position=7,
        trial_balance=(),
        sha256="",
        closed_by="p-1",
        effective_on=TODAY,
    )


def asked(quarter: Quarter) -> PeriodReopeningAsked:
    """Its reopening was asked for."""
    return PeriodReopeningAsked(
        quarter=quarter, reason="Wrong pocket.", asked_by="p-1", effective_on=TODAY
    )


def reopened(quarter: Quarter) -> PeriodReopened:
    """It was opened again."""
    return PeriodReopened(quarter=quarter, asked_by="p-1", confirmed_by="p-2", effective_on=TODAY)


def ask(quarter: Quarter) -> period.AskForReopening:
    """Ask for its reopening."""
    return period.AskForReopening(quarter=quarter, reason="Wrong pocket.", by="p-1", on=TODAY)


def confirm(quarter: Quarter, by: str = "p-2") -> period.ConfirmReopening:
    """Confirm its reopening."""
    return period.ConfirmReopening(quarter=quarter, by=by, on=TODAY)


def then(command: period.Command, *given: period.Event) -> list[period.Event]:
    """What follows."""
    return list(period.DECIDER.decide(command, period.DECIDER.fold(given)))


class TestClosing:
    def test_freezes_the_trial_balance_with_its_hash(self) -> None:
        """The hash is that of the text which the contract describes, lines in order."""
        text = '["2024-T1",7,[["authority","P",-100],["available","P",100]]]'
        (event,) = then(close(T1))
        assert isinstance(event, PeriodClosed)
        assert event.sha256 == hashlib.sha256(text.encode()).hexdigest()
        assert [line.account for line in event.trial_balance] == ["authority", "available"]
        assert (event.quarter, event.position, event.closed_by) == (T1, 7, "p-1")

    def test_goes_on_with_the_next_quarter(self) -> None:
        """The first may be any; each later one follows the last."""
        assert then(close(T2, seen=1), closed(T1))
        assert then(close(T1, seen=3), closed(T1), asked(T1), reopened(T1))

    @pytest.mark.parametrize(
        ("command", "given", "code"),
        [
            (close(T4, on=date(2024, 3, 31)), (), "period-not-over"),
            (close(T1, seen=1), (closed(T1),), "period-already-closed"),
            (close(Quarter(2023, 4), seen=1), (closed(T1),), "period-already-closed"),
            (close(T3, seen=1), (closed(T1),), "period-out-of-order"),
            (close(T2), (closed(T1),), "periods-changed-meanwhile"),
            (close(T1, trial_balance=BALANCE[:1]), (), "trial-balance-is-off"),
        ],
    )
    def test_is_refused(
        self, command: period.Command, given: tuple[period.Event, ...], code: str
    ) -> None:
        """Not before its end, twice, out of order, on an old view, or when it does not add up."""
        with pytest.raises(Refusal) as refused:
            then(command, *given)
        assert refused.value.code() == code


class TestReopening:
    def test_takes_two_people(self) -> None:
        """One asks, another confirms; both are named."""
        assert then(ask(T1), closed(T1)) == [asked(T1)]
        assert then(confirm(T1), closed(T1), asked(T1)) == [reopened(T1)]

    @pytest.mark.parametrize(
        ("command", "given", "code"),
        [
            (ask(T1), (), "not-the-latest-closed"),
            (ask(T1), (closed(T1), closed(T2)), "not-the-latest-closed"),
            (ask(T1), (closed(T1), asked(T1)), "reopening-already-asked"),
            (confirm(T1), (closed(T1),), "reopening-not-asked"),
            (confirm(T1), (closed(T1), asked(T1), closed(T2)), "reopening-not-asked"),
            (confirm(T1, "p-1"), (closed(T1), asked(T1)), "confirmer-asked-for-the-reopening"),
        ],
    )
    def test_is_refused(
        self, command: period.Command, given: tuple[period.Event, ...], code: str
    ) -> None:
        """Only the latest closed one, asked for once, and by somebody else."""
        with pytest.raises(Refusal) as refused:
            then(command, *given)
        assert refused.value.code() == code


T1_CLOSED = PeriodChange(position=12, quarter=T1, closed_at=10)
T2_CLOSED = PeriodChange(position=20, quarter=T2, closed_at=19)
T2_REOPENED = PeriodChange(position=30, quarter=T2, closed_at=None)


class TestPostingDate:
    def test_steps_follow_closings_and_reopenings(self) -> None:
        """A closing counts from its trial balance on, a reopening from where it stands."""
        changes = (T1_CLOSED, T2_CLOSED, T2_REOPENED)
        assert steps(changes) == (
            Step(11, T2.starts_on),
            Step(20, T3.starts_on),
            Step(30, T2.starts_on),
        )
        assert in_force(changes) == [T1_CLOSED]

    @pytest.mark.parametrize(
        ("happened_on", "position", "posted_on"),
        [
            (date(2023, 5, 2), 10, date(2023, 5, 2)),
            (date(2023, 5, 2), 11, date(2023, 7, 1)),
            (date(2022, 5, 2), 11, date(2023, 7, 1)),
            (date(2023, 8, 2), 11, date(2023, 8, 2)),
            (date(2023, 8, 2), 20, date(2023, 10, 1)),
            (date(2023, 5, 2), 29, date(2023, 10, 1)),
            (date(2023, 5, 2), 30, date(2023, 7, 1)),
            (date(2023, 8, 2), 30, date(2023, 8, 2)),
        ],
    )
    def test_is_the_first_day_that_was_open(
        self, happened_on: date, position: int, posted_on: date
    ) -> None:
        """Its own day while that is open; else the first day open when it was recorded."""
        known = steps((T1_CLOSED, T2_CLOSED, T2_REOPENED))
        assert posting_date(happened_on, position, known) == posted_on

    def test_without_closings_is_the_day_itself(self) -> None:
        """Nothing closed, nothing moved."""
        assert posting_date(date(2023, 5, 2), 1, ()) == date(2023, 5, 2)
