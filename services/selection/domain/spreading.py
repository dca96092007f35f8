"""
Whether pockets can hold what is asked, and how others of the programme may stand in.

What a pocket has goes to what was asked of it, in the order in which that is planned. What is
missing comes from the other pockets of the programme, in its order, as far as its definition
allows: a pocket funds participants of its provinces, and one with a share gives no more than its
share of what a participant is granted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.selection.domain.pocket import Pocket
from services.selection.domain.programme import PocketTerms
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell

_Key = tuple[UUID, str, Quarter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What may be asked of which pocket."""

    terms: tuple[PocketTerms, ...] = ()
    """In the programme's order; none: each pocket stands for itself."""
    provinces: Mapping[UUID, str]
    """Of each participant."""

    def stand_ins(self, cell: FundingCell) -> list[PocketTerms]:
        """The other pockets that may fund a cell."""
        province = self.provinces.get(cell.participant_id, "")
        return [each for each in self.terms if each.code != cell.pocket and each.takes(province)]


class Room:
    """What pockets have left, less what is taken of it along the way."""

    def __init__(self, pockets: Mapping[str, Pocket]) -> None:
        self._pockets = pockets
        self._taken: dict[str, Money] = {}
        self._taken_in: dict[tuple[str, int], Money] = {}

    def copy(self) -> "Room":
        """The same room, to try something in."""
        other = Room(self._pockets)
        other._taken, other._taken_in = dict(self._taken), dict(self._taken_in)
        return other

    def most(self, code: str, fiscal_year: int) -> Money:
        """The most that can still be taken of a pocket for a year."""
        pocket = self._pockets.get(code)
        if pocket is None:
            return ZERO
        most = pocket.available - self._taken.get(code, ZERO)
        in_year = pocket.left_in(fiscal_year)
        if in_year is not None:
            most = min(most, in_year - self._taken_in.get((code, fiscal_year), ZERO))
        return max(most, ZERO)

    def take(self, code: str, fiscal_year: int, amount: Money) -> None:
        """Leave that much less."""
        self._taken[code] = self._taken.get(code, ZERO) + amount
        key = (code, fiscal_year)
        self._taken_in[key] = self._taken_in.get(key, ZERO) + amount


def spread(
    funding: Sequence[FundingCell], room: Room, allowed: Spread
) -> tuple[FundingCell, ...] | None:
    """
    The schedule over pockets that can hold it, as it is where they all can; None when none can.

    ``room`` is smaller afterwards by what was found; it is spent when nothing was.
    """
    found: dict[_Key, Money] = {}
    missing: list[FundingCell] = []
    for cell in funding:
        had = _take(cell, cell.pocket, cell.amount, room, found)
        if had < cell.amount:
            missing.append(replace(cell, amount=cell.amount - had))
    granted = _by_participant(funding)
    for cell in missing:
        rest = cell.amount
        for terms in allowed.stand_ins(cell):
            most = min(rest, _share_left(terms, granted[cell.participant_id], cell, found))
            rest -= _take(cell, terms.code, most, room, found)
        if rest:
            return None
    return tuple(
        FundingCell(participant_id=participant_id, pocket=pocket, quarter=quarter, amount=amount)
        for (participant_id, pocket, quarter), amount in found.items()
    )


def _take(
    cell: FundingCell, pocket: str, wanted: Money, room: Room, found: dict[_Key, Money]
) -> Money:
    year = cell.quarter.fiscal_year
    amount = min(wanted, room.most(pocket, year))
    if amount > ZERO:
        room.take(pocket, year, amount)
        key = (cell.participant_id, pocket, cell.quarter)
        found[key] = found.get(key, ZERO) + amount
    return max(amount, ZERO)


def _share_left(
    terms: PocketTerms, granted: Money, cell: FundingCell, found: Mapping[_Key, Money]
) -> Money:
    if terms.share_bp is None:
        return cell.amount
    given = ZERO
    for (participant_id, pocket, _), amount in found.items():
        if (participant_id, pocket) == (cell.participant_id, terms.code):
            given += amount
    return max(granted.at_rate(terms.share_bp) - given, ZERO)


def _by_participant(funding: Iterable[FundingCell]) -> Mapping[UUID, Money]:
    totals: dict[UUID, Money] = {}
    for cell in funding:
        totals[cell.participant_id] = totals.get(cell.participant_id, ZERO) + cell.amount
    return totals
