"""
In which month an application is expected to be decided.

The committee meets every month. An application is decided in the month after the one in which it
is forwarded, or in the present month if that has passed. One that is not forwarded yet is expected
to be forwarded after what remains of the median stay at its present stage, and the median stay at
each stage ahead. A stay counts once it is over and led to the next stage; where a stage has none,
nothing is expected.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from math import ceil

from shared.kernel.periods import months_after

PATH = ("draft", "submitted", "eligible", "assessed", "forwarded")
"""The stages before the decision, in their order."""

_LONGEST_DAYS = 36_500


def expected_month(
    stage: str, since: date, *, today: date, medians: Mapping[str, float]
) -> date | None:
    """
    The first day of the month; None where there is nothing to expect it from.

    ``since`` is when it came to its stage, one of ``PATH``; ``medians`` are days per stage.
    """
    forwarded_on: date | None = since
    if stage != "forwarded":
        forwarded_on = _forwarded_on(stage, since, today=today, medians=medians)
    if forwarded_on is None:
        return None
    return max(months_after(forwarded_on.replace(day=1), 1), today.replace(day=1))


def _forwarded_on(
    stage: str, since: date, *, today: date, medians: Mapping[str, float]
) -> date | None:
    ahead = PATH[PATH.index(stage) : -1]
    if any(each not in medians for each in ahead):
        return None
    here, *later = (ceil(medians[each]) for each in ahead)
    days = max(0, here - (today - since).days) + sum(later)
    return today + timedelta(days=min(days, _LONGEST_DAYS))
