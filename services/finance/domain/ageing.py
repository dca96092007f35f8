"""How old what is outstanding is: bands of days, and the oldest settled first."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

COMMITMENTS = (90, 180, 365, 730)
"""Days after which a commitment is in the next band: agreements run for one to three years."""
PAYABLES = (30, 60, 90)
"""Days after which an amount payable is in the next band: it is due within 30."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """An amount and the day since which it is outstanding."""

    since: date
    cents: int


def bands(ages: Iterable[Aged], *, on: date, edges: Sequence[int]) -> tuple[int, ...]:
    """
    Cents per band of age in days: up to each edge, and above the last.

    What is outstanding since a later day than ``on`` is in the first band.
    """
    sums = [0] * (len(edges) + 1)
    for each in ages:
        days = (on - each.since).days
        sums[sum(days > edge for edge in edges)] += each.cents
    return tuple(sums)


def outstanding(moves: Iterable[Aged]) -> list[Aged]:
    """
    What is left of amounts that came (positive) and were settled (negative), oldest first.

    A settlement takes from the oldest that is left. One that came before what it settles, as
    facts heard out of order may say, takes from what comes next.
    """
    left: deque[Aged] = deque()
    ahead = 0
    for move in moves:
        if move.cents >= 0:
            used = min(ahead, move.cents)
            ahead -= used
            if move.cents > used:
                left.append(Aged(since=move.since, cents=move.cents - used))
            continue
        owing = -move.cents
        while owing and left:
            oldest = left.popleft()
            used = min(owing, oldest.cents)
            owing -= used
            if oldest.cents > used:
                left.appendleft(Aged(since=oldest.since, cents=oldest.cents - used))
        ahead += owing
    return list(left)
