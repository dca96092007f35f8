"""
What a claim leaves of the advances and recoveries that it was set off against.

How much it sets off is part of what the claim is worth (see ``calculation``): the costs for which
an advance was given account for it, and money to be recovered is kept instead of paid
(FAA s. 155).
"""

from dataclasses import replace
from uuid import UUID

from services.claims.domain.events import ClaimApproved
from services.claims.domain.reimbursement import Cells
from services.claims.domain.state import Agreement, added
from services.claims.domain.values import SetOff
from shared.kernel.money import Money


def paid_by_set_off(event: ClaimApproved) -> dict[str, Money]:
    """
    What of a claim is paid without a payment, per pocket.

    What an advance had paid, from the advance's pockets; and what the participant owes back,
    from the pockets of the claim: of what is drawn, neither payable nor held back.
    """
    kept = [(share.pocket, -share.amount) for share in (*event.payable, *event.held_back)]
    advanced = ((part.pocket, part.amount) for part in event.advance_set_off)
    drawn = ((cell.pocket, cell.amount) for cell in event.drawn)
    return added({}, (*drawn, *kept, *advanced))


def after_set_offs(agreement: Agreement, event: ClaimApproved) -> Agreement:
    """The advances and recoveries that a claim accounted for are smaller by it."""
    if not event.advance_set_off and not event.recovery_set_off:
        return agreement
    advances = {
        each.advance_id: replace(
            each, outstanding=_less(each.outstanding, each.advance_id, event.advance_set_off)
        )
        for each in agreement.advances.values()
    }
    recoveries = {
        each.recovery_id: replace(
            each, outstanding=_less(each.outstanding, each.recovery_id, event.recovery_set_off)
        )
        for each in agreement.recoveries.values()
    }
    return replace(agreement, advances=advances, recoveries=recoveries)


def _less(outstanding: Cells, of: UUID, settled: tuple[SetOff, ...]) -> Cells:
    parts = (((part.quarter, part.pocket), -part.amount) for part in settled if part.of == of)
    return added(outstanding, parts)
