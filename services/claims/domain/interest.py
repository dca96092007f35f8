"""
Interest on what is owed back after its due date: exact fractions, rounded once.

Interest and Administrative Charges Regulations (SOR/96-188), s. 5: calculated and compounded
monthly, from the due date to the day before the payment. The yearly rate is the agreement's own
(``terms.overdue_interest_bp``, in basis points), where the regulations follow the bank rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import count, pairwise
from math import floor

from shared.kernel.money import BASIS_POINTS, ZERO, Money
from shared.kernel.periods import months_after

_MONTHS_IN_A_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What of a debt went away on a day, and which interest was received with it."""

    on: date
    amount: Money
    interest: Money = ZERO


def interest_due(
    *,
    asked: Money,
    movements: Sequence[Movement],
    due_on: date,
    yearly_rate_bp: int,
    on: date,
) -> Money:
    """
    The interest owed on the day ``on``, less what was received of it until then.

    ``asked`` is the debt at first and ``movements`` what went off it. Months run from the due
    date to the same day of the next month. A whole month costs a twelfth of the yearly rate; a
    part of one, the days that passed of the days it has. Interest of a month that is over, and
    still unpaid, bears interest itself. What is paid on the due date costs nothing, the day after
    it costs one day. The exact sum is rounded half-up to a cent, once.
    """
    rate = Fraction(yearly_rate_bp, BASIS_POINTS * _MONTHS_IN_A_YEAR)
    known = [each for each in movements if each.on <= on]
    earned = Fraction(0)
    for month in count():
        opens, closes = months_after(due_on, month), months_after(due_on, month + 1)
        if opens >= on:
            break
        until = min(closes, on)
        turns = sorted({opens, until, *(each.on for each in known if opens < each.on < until)})
        in_month = Fraction(0)
        for first, last in pairwise(turns):
            gone = [each for each in known if each.on <= first]
            principal = asked.cents - sum(each.amount.cents for each in gone)
            unpaid = earned - sum(each.interest.cents for each in gone)
            part = Fraction((last - first).days, (closes - opens).days)
            in_month += (principal + max(unpaid, Fraction(0))) * rate * part
        earned += in_month
    due = earned - sum(each.interest.cents for each in known)
    return Money(max(0, floor(due + Fraction(1, 2))))
