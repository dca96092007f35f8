"""The pipeline as it is expected, and how long its stages take."""

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel

from shared.kernel.money import Money, total


class StageTimeLine(BaseModel):
    """How long applications of one programme stayed at one stage, in days."""

    programme_code: str
    stage: str
    count: int
    """The stays that are over, of which the days are taken."""
    median_days: float
    p90_days: float


class StageTimesOut(BaseModel):
    """Stays that are over, however they ended; percentiles are interpolated."""

    lines: list[StageTimeLine]


class BaseLine(BaseModel):
    """What an expected month rests on: the median stay at a stage, and how many stays it is of."""

    programme_code: str
    stage: str
    count: int
    median_days: float


class MonthLine(BaseModel):
    """Applications of one programme at one stage: value = public + match."""

    programme_code: str
    stage: str
    month: str | None
    """``2024-05``: when the decision is expected; null where nothing is known to expect it from."""
    count: int
    public: Money
    match: Money
    value: Money


class Sum(BaseModel):
    """How many applications, worth how much."""

    count: int
    value: Money

    @classmethod
    def of(cls, lines: Sequence[MonthLine]) -> "Sum":
        """What lines add up to."""
        return cls(
            count=sum(line.count for line in lines), value=total(line.value for line in lines)
        )


class MonthsOut(BaseModel):
    """
    Undecided applications by the month in which their decision is expected.

    An application is decided in the month after the one in which it is forwarded to the committee,
    or in the present month if that has passed. Before, it is expected to be forwarded after what
    remains of the median stay at its stage and the median stay at each stage ahead, in its
    programme: ``base``. Only stays that led to the next stage count.
    """

    today: date
    lines: list[MonthLine]
    expected: Sum
    """Those with a month."""
    unknown: Sum
    """Those without."""
    base: list[BaseLine]
