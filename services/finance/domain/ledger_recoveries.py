"""
The ledger's entries for advances and recoveries: money that leaves early, and money that returns.

An advance is spent in the quarter of its approval until a claim accounts for it in its own. What
is asked back stays spent until it comes; what comes counts negative in the quarter of that day,
and is available again.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

from services.finance.domain.ledger import (
    Account,
    Entry,
    EntryKind,
    Line,
    OfClaim,
    Project,
    Shares,
    UnbalancedEntry,
    entry_with,
    funding_lines,
    payment_lines,
    reversed_lines,
    share_lines,
)
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, total_by_pocket

INTEREST = "INTEREST"
"""The code of interest among our other revenue."""


def advance_approved(advance: OfClaim, drawn: Iterable[FundingCell], payable: Shares) -> Entry:
    """An advance is owed: committed (planned quarters) → payable (the advance's quarter)."""
    return entry_with(EntryKind.ADVANCE_APPROVED, _owed(advance, drawn, payable))


def advance_cancelled(advance: OfClaim, drawn: Sequence[FundingCell]) -> Entry:
    """An unpaid advance was given up: payable → committed, where it came from."""
    lines = _owed(advance, drawn, total_by_pocket(drawn))
    return entry_with(EntryKind.ADVANCE_CANCELLED, reversed_lines(lines))


def advance_disbursed(advance: OfClaim, paid: Shares) -> Entry:
    """An advance was paid, like a claim: payable → paid, and cash → what was drawn for it."""
    return entry_with(EntryKind.ADVANCE_DISBURSED, payment_lines(advance, paid))


def advance_returned(advance: OfClaim, returned: Shares) -> Entry:
    """Its payment came back: the reverse of its disbursement."""
    return entry_with(EntryKind.ADVANCE_RETURNED, reversed_lines(payment_lines(advance, returned)))


def recovery_requested(project: Project, parts: Sequence[FundingCell]) -> Entry:
    """What was paid is asked back: paid → to be recovered, in the quarter it was spent in."""
    return entry_with(EntryKind.RECOVERY_REQUESTED, _asked(project, parts))


def recovery_written_off(project: Project, parts: Sequence[FundingCell]) -> Entry:
    """It was given up: to be recovered → paid."""
    return entry_with(EntryKind.RECOVERY_WRITTEN_OFF, reversed_lines(_asked(project, parts)))


def recovery_cancelled(project: Project, parts: Sequence[FundingCell]) -> Entry:
    """It is not asked back any more: to be recovered → paid."""
    return entry_with(EntryKind.RECOVERY_CANCELLED, reversed_lines(_asked(project, parts)))


def recovery_received(
    project: Project, parts: Sequence[FundingCell], *, interest: Money, on: Quarter
) -> Entry:
    """
    Money came back: to be recovered → paid, and recovered → available, with the cash for it.

    Interest is revenue of our own, and no pocket's money.
    """
    return entry_with(
        EntryKind.RECOVERY_RECEIVED,
        chain(
            _recovered(project, parts, on=on),
            _cash(project, total_by_pocket(parts)),
            (
                Line(account=Account.OTHER_REVENUE, amount=interest, code=INTEREST, quarter=on),
                Line(account=Account.OPERATING_RESULT, amount=-interest, code=INTEREST, quarter=on),
            ),
        ),
    )


def set_off_lines(
    claim: OfClaim,
    *,
    kept: Shares,
    advances: Sequence[FundingCell],
    recoveries: Sequence[FundingCell],
    on: Quarter,
) -> Iterable[Line]:
    """
    What of a claim settled an advance or a recovery instead of being paid.

    What an advance had paid moves to the claim's quarter. ``kept`` is what of the claim, by its
    pockets, is paid without a payment because as much is recovered: it leaves no cash, unless one
    pocket's claim pays another pocket's debt. Raises ``UnbalancedEntry`` when the two differ.
    """
    if total(kept.values()) != total(part.amount for part in recoveries):
        raise UnbalancedEntry(f"{EntryKind.CLAIM_APPROVED}: set-off")
    project, back = claim.project, total_by_pocket(recoveries)
    between_pockets = {
        pocket: back.get(pocket, ZERO) - kept.get(pocket, ZERO) for pocket in {*back, *kept}
    }
    return chain(
        reversed_lines(funding_lines(Account.PAID, project, advances)),
        share_lines(Account.PAID, claim, total_by_pocket(advances)),
        share_lines(Account.PAID, claim, kept),
        _recovered(project, recoveries, on=on),
        _cash(project, between_pockets),
    )


def _owed(advance: OfClaim, drawn: Iterable[FundingCell], payable: Shares) -> Iterable[Line]:
    return chain(
        reversed_lines(funding_lines(Account.COMMITTED, advance.project, drawn)),
        share_lines(Account.PAYABLE, advance, payable),
    )


def _asked(project: Project, parts: Sequence[FundingCell]) -> Iterable[Line]:
    return chain(
        reversed_lines(funding_lines(Account.PAID, project, parts)),
        funding_lines(Account.TO_BE_RECOVERED, project, parts),
    )


def _recovered(project: Project, parts: Sequence[FundingCell], *, on: Quarter) -> Iterable[Line]:
    came = [
        FundingCell(
            participant_id=part.participant_id,
            pocket=part.pocket,
            quarter=on,
            amount=part.amount,
        )
        for part in parts
    ]
    return chain(
        reversed_lines(_asked(project, parts)),
        reversed_lines(funding_lines(Account.RECOVERED, project, came)),
        funding_lines(Account.AVAILABLE, project, came),
    )


def _cash(project: Project, shares: Shares) -> Iterable[Line]:
    for pocket, amount in sorted(shares.items()):
        for account, change in ((Account.CASH, amount), (Account.DRAWN, -amount)):
            yield Line(
                account=account,
                amount=change,
                pocket=pocket,
                programme=project.programme,
                project_id=project.project_id,
            )
