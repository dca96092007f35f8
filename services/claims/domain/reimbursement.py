"""
The arithmetic of reimbursement: exact, in cents, and the same for everybody.

Every function is about one participant and is pure. ``Cells`` are its committed public money by
planned quarter and pocket; no cell is ever negative, and nothing here can make one so.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from services.claims.domain.values import ForecastLine, PocketShare, ReimbursementRate
from shared.kernel.money import BASIS_POINTS, ZERO, Money, total
from shared.kernel.periods import Quarter

Cell: TypeAlias = tuple[Quarter, str]
"""A planned quarter and the code of a pocket; sorts by quarter, then by code."""

Cells: TypeAlias = Mapping[Cell, Money]


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


def keep_holdback(
    drawn: Cells, *, holdback_bp: int
) -> tuple[tuple[PocketShare, ...], tuple[PocketShare, ...]]:
    """
    What of a drawn amount is payable now and what is held back until closing, per pocket.

    Each pocket's share is held back at ``holdback_bp`` (largest remainder between the rate and
    the rest) and the rest is payable; pockets in the order of their codes, nothing where nil.
    """
    payable: list[PocketShare] = []
    held_back: list[PocketShare] = []
    for pocket in sorted({pocket for _, pocket in drawn}):
        share = total(amount for (_, of), amount in drawn.items() if of == pocket)
        held = share.at_rate(holdback_bp)
        if share - held:
            payable.append(PocketShare(pocket=pocket, amount=share - held))
        if held:
            held_back.append(PocketShare(pocket=pocket, amount=held))
    return tuple(payable), tuple(held_back)


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
