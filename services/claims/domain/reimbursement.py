"""
The arithmetic of reimbursement: exact, in cents, and the same for everybody.

Every function is about one participant and is pure. ``Cells`` are its committed public money by
planned quarter and pocket; no cell is ever negative, and nothing here can make one so.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias
from uuid import UUID

from services.claims.domain.values import (
    ForecastLine,
    PocketShare,
    ReimbursementRate,
    SetOff,
)
from shared.kernel.money import BASIS_POINTS, ZERO, Money, total
from shared.kernel.periods import Quarter

Cell: TypeAlias = tuple[Quarter, str]
"""A planned quarter and the code of a pocket; sorts by quarter, then by code."""

Cells: TypeAlias = Mapping[Cell, Money]


class Outstanding(NamedTuple):
    """A cell of an advance or of a recovery; sorts by quarter, pocket, then by its id."""

    quarter: Quarter
    pocket: str
    of: UUID
    amount: Money


def contracted_rate(
    participant_id: UUID, *, public: Money, cash_match: Money, ceiling_bp: int
) -> ReimbursementRate:
    """
    The share of a participant's cash costs that is reimbursed.

    It is what was contracted, ``public`` of ``public + cash_match``, and never above the
    programme's ceiling (in basis points). A participant without public money has a rate of nil.
    Directive on Transfer Payments: the programme's terms set the maximum share of eligible costs.
    """
    costs = public.cents + cash_match.cents
    if public.cents * BASIS_POINTS > ceiling_bp * costs:
        return ReimbursementRate(
            participant_id=participant_id, public=ceiling_bp, costs=BASIS_POINTS
        )
    return ReimbursementRate(
        participant_id=participant_id, public=public.cents, costs=max(costs, 1)
    )


def reimbursable(costs: Money, rate: ReimbursementRate) -> Money:
    """
    The public part of cash ``costs``, before any cap.

    It is the first part of a split of the costs between ``public`` and ``costs - public``, so
    that the reimbursement and the participant's own part always add up to the costs.
    """
    return costs.split([rate.public, rate.costs - rate.public])[0]


def draw(cells: Cells, *, quarter: Quarter, amount: Money) -> dict[Cell, Money]:
    """
    What a claim of ``amount`` in ``quarter`` takes from each committed cell.

    The order, exactly: first the claim's own quarter, then earlier quarters, oldest first, then
    later quarters, nearest first. In each quarter it takes the lesser of what is still to be
    taken and what the quarter holds over all pockets, split over the pockets by largest
    remainder with that quarter's cells as weights, pockets in the order of their codes.
    ``amount`` must not exceed what the cells hold (``ValueError``: a defect of the caller).
    """
    if amount > total(cells.values()):
        raise ValueError("a claim cannot draw more than what is committed")
    planned = sorted({planned for planned, _ in cells})
    order = [
        *(each for each in planned if each == quarter),
        *(each for each in planned if each < quarter),
        *(each for each in planned if each > quarter),
    ]
    left = amount
    drawn: dict[Cell, Money] = {}
    for each in order:
        row = [cell for cell in sorted(cells) if cell[0] == each]
        holds = total(cells[cell] for cell in row)
        taken = min(left, holds)
        if not taken:
            continue
        parts = taken.split([cells[cell].cents for cell in row])
        drawn.update((cell, part) for cell, part in zip(row, parts, strict=True) if part)
        left -= taken
    return drawn


def by_pocket(cells: Cells) -> dict[str, Money]:
    """What cells hold per pocket, pockets in the order of their codes."""
    shares: dict[str, Money] = {}
    for (_, pocket), amount in sorted(cells.items(), key=lambda each: each[0][1]):
        shares[pocket] = shares.get(pocket, ZERO) + amount
    return shares


def taken_from(shares: Mapping[str, Money], amount: Money) -> dict[str, Money]:
    """
    How ``amount`` is taken from pockets: by largest remainder, with what each holds as weight.

    Pockets in the order of their codes. No pocket gives more than it holds, because the whole
    ``amount`` must not exceed what they hold (``ValueError``: a defect of the caller).
    """
    if amount > total(shares.values()):
        raise ValueError("more cannot be taken from pockets than they hold")
    if not amount:
        return {}
    pockets = sorted(shares)
    parts = amount.split([shares[pocket].cents for pocket in pockets])
    return {pocket: part for pocket, part in zip(pockets, parts, strict=True) if part}


def without(shares: Mapping[str, Money], taken: Mapping[str, Money]) -> dict[str, Money]:
    """What pockets hold after something was taken; nothing where nil."""
    left = {pocket: amount - taken.get(pocket, ZERO) for pocket, amount in shares.items()}
    return {pocket: amount for pocket, amount in left.items() if amount}


def as_shares(amounts: Mapping[str, Money]) -> tuple[PocketShare, ...]:
    """Amounts by pocket as an event says them, in the order of the codes."""
    return tuple(
        PocketShare(pocket=pocket, amount=amount) for pocket, amount in sorted(amounts.items())
    )


def set_off(outstanding: Iterable[Outstanding], amount: Money) -> tuple[SetOff, ...]:
    """
    What ``amount`` settles of outstanding cells, the oldest quarter first.

    Within a quarter it is split over the cells by largest remainder with what each holds as
    weight, cells in the order of pocket and id. ``amount`` must not exceed what the cells hold
    (``ValueError``: a defect of the caller).
    """
    cells = sorted(outstanding)
    if amount > total(cell.amount for cell in cells):
        raise ValueError("more cannot be set off than what is outstanding")
    left = amount
    settled: list[SetOff] = []
    for quarter in sorted({cell.quarter for cell in cells}):
        row = [cell for cell in cells if cell.quarter == quarter and cell.amount]
        taken = min(left, total(cell.amount for cell in row))
        if not taken:
            continue
        parts = taken.split([cell.amount.cents for cell in row])
        settled += [
            SetOff(of=cell.of, pocket=cell.pocket, quarter=quarter, amount=part)
            for cell, part in zip(row, parts, strict=True)
            if part
        ]
        left -= taken
    return tuple(settled)


def spread_over_forecast(cells: Cells, forecast: Sequence[ForecastLine]) -> dict[Cell, Money]:
    """
    How cells change when what remains is planned again as the ``forecast`` says.

    Pocket by pocket, in the order of their codes, all that remains committed is spread over the
    forecast's quarters, oldest first, by largest remainder with the forecast as weights; cells
    outside the forecast become nil. The differences add up to zero per pocket; only those that
    are not nil are given. A forecast of nothing at all leaves the cells as they are: it says that
    nothing is expected, not where.
    """
    expected = sorted(forecast, key=lambda line: line.quarter)
    weights = [line.amount.cents for line in expected]
    if not any(weights):
        return {}
    differences: dict[Cell, Money] = {cell: -amount for cell, amount in cells.items()}
    for pocket in sorted({pocket for _, pocket in cells}):
        remains = total(amount for (_, of), amount in cells.items() if of == pocket)
        for line, part in zip(expected, remains.split(weights), strict=True):
            cell = (line.quarter, pocket)
            differences[cell] = differences.get(cell, ZERO) + part
    return {cell: amount for cell, amount in sorted(differences.items()) if amount}
