"""
What a claim leaves of the advances and recoveries that it was set off against.

How much it sets off is part of what the claim is worth (see ``calculation``): the costs for
which an advance was given account for it, and money to be recovered is kept instead of paid
(FAA s. 155).
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from services.claims.domain.events import ClaimApproved
from services.claims.domain.interest import Movement
from services.claims.domain.reimbursement import Cells
from services.claims.domain.state import Agreement, ApprovedAdvance, Shares, added
from services.claims.domain.values import SetOff
from shared.kernel.frozen import replace
from shared.kernel.money import Money, total


def paid_by_set_off(event: ClaimApproved) -> dict[str, Money]:
    """
    What of a claim is paid without a payment, per pocket.

    What an advance had paid, from the advance's pockets; and what the participant owes back,
    from the pockets of the claim: of what is drawn, neither payable nor held back.
    """
    if not event.advance_set_off and not event.recovery_set_off:
        return {}
    kept = [(share.pocket, -share.amount) for share in (*event.payable, *event.held_back)]
    advanced = ((part.pocket, part.amount) for part in event.advance_set_off)
    drawn = ((cell.pocket, cell.amount) for cell in event.drawn)
    return added({}, (*drawn, *kept, *advanced))


def after_set_offs(agreement: Agreement, event: ClaimApproved) -> Agreement:
    """The advances and recoveries that a claim accounted for are smaller by it."""
    if not event.advance_set_off and not event.recovery_set_off:
        return agreement
    advances, recoveries = dict(agreement.advances), dict(agreement.recoveries)
    for advance_id, parts in _grouped(event.advance_set_off):
        advance = advances[advance_id]
        if not isinstance(advance, ApprovedAdvance):
            raise TypeError(f"advance {advance_id} was set off without being approved")
        advances[advance_id] = replace(
            advance,
            paid=added(advance.paid, ((part.pocket, -part.amount) for part in parts)),
            outstanding=_less(advance.outstanding, parts),
        )
    for recovery_id, parts in _grouped(event.recovery_set_off):
        recovery = recoveries[recovery_id]
        amount = total(part.amount for part in parts)
        recoveries[recovery_id] = replace(
            recovery,
            outstanding=_less(recovery.outstanding, parts),
            movements=(*recovery.movements, Movement(on=event.effective_on, amount=amount)),
        )
    back = added({}, ((part.pocket, part.amount) for part in event.recovery_set_off))
    return replace(
        agreement,
        advances=advances,
        recoveries=recoveries,
        recovered=recovered_after(agreement.recovered, event.participant_id, back),
    )


def recovered_after(
    recovered: Mapping[UUID, Shares], participant_id: UUID, more: Shares
) -> Mapping[UUID, Shares]:
    """What came back, by participant and pocket, after more did."""
    return {**recovered, participant_id: added(recovered.get(participant_id, {}), more.items())}


def _less(cells: Cells, parts: Iterable[SetOff]) -> Cells:
    return added(cells, (((part.quarter, part.pocket), -part.amount) for part in parts))


def _grouped(parts: Iterable[SetOff]) -> Iterable[tuple[UUID, list[SetOff]]]:
    groups: dict[UUID, list[SetOff]] = {}
    for part in parts:
        groups.setdefault(part.of, []).append(part)
    return groups.items()
