"""
The ledger: every fact that moves money becomes one entry of lines that add up to zero.

One function per kind of entry, and nothing else writes lines. An entry adds up to zero in every
pocket it touches, not only in all, so that for every pocket and at every moment

    authority = available + reserved + committed + payable + held back
                + paid + to be recovered − recovered

Accounts whose balance is negative by nature (``authority``, ``match expected``, ``drawn``,
``recovered``, ``operating result``) are the other side of the rest; views show them positive.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from uuid import UUID

from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell


class Account(StrEnum):
    """What a line is kept under."""

    AUTHORITY = "authority"
    """What funders have granted: the other side of everything public."""
    AVAILABLE = "available"
    """Granted and promised to nobody."""
    RESERVED = "reserved"
    """Awarded by a committee, not yet signed."""
    COMMITTED = "committed"
    """Signed and not yet owed, by planned quarter."""
    PAYABLE = "payable"
    """Approved and not yet paid, by the claim's quarter."""
    HELD_BACK = "held-back"
    """Approved and kept until closing, by the claim's quarter."""
    PAID = "paid"
    """Paid to participants, by the claim's quarter."""
    TO_BE_RECOVERED = "to-be-recovered"
    """Paid and asked back, by the quarter in which it was spent."""
    RECOVERED = "recovered"
    """Paid and given back (negative), by the quarter it came in: a year that is over stays."""
    DUE_FROM_FUNDER = "due-from-funder"
    """Claimed from a funder and not yet received."""
    CASH = "cash"
    """Received and not yet paid out."""
    DRAWN = "drawn"
    """Claimed from a funder less what was paid out of it: deferred contributions."""
    MATCH_EXPECTED = "match-expected"
    """The other side of the participants' own money."""
    MATCH_PROMISED = "match-promised"
    """The participants' own money, signed and not yet reported, in cash and in kind."""
    MATCH_REPORTED = "match-reported"
    """The participants' own money, reported with approved claims."""
    OPERATIONS = "operations"
    """Our own operations and administration."""
    OPERATIONS_FUNDING = "operations-funding"
    """What funders give for operations."""
    OTHER_REVENUE = "other-revenue"
    """Memberships, interest and the like."""
    OPERATING_RESULT = "operating-result"
    """The other side of operations and of revenue."""


OF_A_POCKET = (
    Account.AVAILABLE,
    Account.RESERVED,
    Account.COMMITTED,
    Account.PAYABLE,
    Account.HELD_BACK,
    Account.PAID,
    Account.TO_BE_RECOVERED,
    Account.RECOVERED,
)
"""What the authority of a pocket is made of."""

SPENT = (
    Account.PAYABLE,
    Account.HELD_BACK,
    Account.PAID,
    Account.TO_BE_RECOVERED,
    Account.RECOVERED,
)
"""Public money owed or paid, less what came back. What is only asked back is still spent."""

IN_FORCE = (Account.COMMITTED, *SPENT)
"""Public money that agreements bind, spent or not. What is only reserved does not count."""

MATCH = (Account.MATCH_PROMISED, Account.MATCH_REPORTED)
"""The participants' own money; reporting moves it within a quarter and changes no total."""

OPERATING = (Account.OPERATIONS, Account.OPERATIONS_FUNDING, Account.OTHER_REVENUE)
"""Our own operations and revenue, beside the projects."""


class EntryKind(StrEnum):
    """What happened, in the words of the ledger."""

    POCKET_OPENED = "pocket-opened"
    AUTHORITY_CHANGED = "authority-changed"
    AUTHORITY_LAPSED = "authority-lapsed"
    AWARD_APPROVED = "award-approved"
    RESERVATION_ENDED = "reservation-ended"
    INCREASE_RESERVED = "increase-reserved"
    INCREASE_RESERVATION_ENDED = "increase-reservation-ended"
    AGREEMENT_EXECUTED = "agreement-executed"
    AGREEMENT_AMENDED = "agreement-amended"
    FORECAST_REVISED = "forecast-revised"
    CLAIM_APPROVED = "claim-approved"
    HOLDBACK_RELEASED = "holdback-released"
    HOLDBACK_FORFEITED = "holdback-forfeited"
    PAYMENT_DISBURSED = "payment-disbursed"
    PAYMENT_RETURNED = "payment-returned"
    COMMITMENT_RELEASED = "commitment-released"
    ADVANCE_APPROVED = "advance-approved"
    ADVANCE_CANCELLED = "advance-cancelled"
    ADVANCE_DISBURSED = "advance-disbursed"
    ADVANCE_RETURNED = "advance-returned"
    RECOVERY_REQUESTED = "recovery-requested"
    RECOVERY_RECEIVED = "recovery-received"
    RECOVERY_WRITTEN_OFF = "recovery-written-off"
    RECOVERY_CANCELLED = "recovery-cancelled"
    DRAWDOWN_SUBMITTED = "drawdown-submitted"
    DRAWDOWN_RECEIVED = "drawdown-received"
    ACTUAL_RECORDED = "actual-recorded"


CONTRACTING = (EntryKind.AGREEMENT_EXECUTED, EntryKind.AGREEMENT_AMENDED)
"""The entries that say how much is contracted with a project."""

GIVING_BACK = (EntryKind.COMMITMENT_RELEASED, EntryKind.HOLDBACK_FORFEITED)
"""The entries that say how much of it went back to its pockets, unspent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One amount in one account."""

    account: Account
    amount: Money
    pocket: str | None = None
    """Absent for match and for operations."""
    programme: str | None = None
    project_id: UUID | None = None
    participant_id: UUID | None = None
    quarter: Quarter | None = None
    """Planned quarter while committed; the claim's quarter once owed."""
    code: str | None = None
    """Of an operating line, e.g. ``MEMBERSHIPS``."""
    in_kind: bool | None = None
    """Of match: work and goods (true) or cash."""


class UnbalancedEntry(ValueError):
    """The lines of an entry do not add up to zero in every pocket, or are not in dollars."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one fact moved. Lines of zero are left out."""

    kind: EntryKind
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        sums: dict[str | None, int] = {}
        for line in self.lines:
            if line.amount.currency != ZERO.currency:
                raise UnbalancedEntry(f"{self.kind}: {line.amount.currency}")
            sums[line.pocket] = sums.get(line.pocket, 0) + line.amount.cents
        off = {pocket: cents for pocket, cents in sums.items() if cents}
        if off:
            raise UnbalancedEntry(f"{self.kind}: {off}")


@dataclass(frozen=True, slots=True)
class Project:
    """What every line of a project says."""

    programme: str
    project_id: UUID


Shares = Mapping[str, Money]
"""An amount per pocket code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfClaim:
    """Whose claim or advance it is, and the quarter in which its spending stands."""

    project: Project
    participant_id: UUID
    quarter: Quarter


def entry_with(kind: EntryKind, lines: Iterable[Line]) -> Entry:
    """An entry; lines of zero are left out."""
    return Entry(kind, tuple(line for line in lines if line.amount))


def funding_lines(account: Account, project: Project, cells: Iterable[FundingCell]) -> list[Line]:
    """Cells in an account, each in its own quarter."""
    return [
        Line(
            account=account,
            amount=cell.amount,
            pocket=cell.pocket,
            programme=project.programme,
            project_id=project.project_id,
            participant_id=cell.participant_id,
            quarter=cell.quarter,
        )
        for cell in cells
    ]


def _match(account: Account, project: Project, cells: Iterable[MatchCell]) -> list[Line]:
    return [
        Line(
            account=account,
            amount=amount,
            programme=project.programme,
            project_id=project.project_id,
            participant_id=cell.participant_id,
            quarter=cell.quarter,
            in_kind=in_kind,
        )
        for cell in cells
        for in_kind, amount in ((False, cell.cash), (True, cell.in_kind))
    ]


def share_lines(account: Account, claim: OfClaim, shares: Shares) -> list[Line]:
    """Amounts per pocket in an account, in the quarter of the claim."""
    return [
        Line(
            account=account,
            amount=amount,
            pocket=pocket,
            programme=claim.project.programme,
            project_id=claim.project.project_id,
            participant_id=claim.participant_id,
            quarter=claim.quarter,
        )
        for pocket, amount in shares.items()
    ]


def _of_funder(account: Account, shares: Shares) -> list[Line]:
    return [Line(account=account, amount=amount, pocket=code) for code, amount in shares.items()]


def reversed_lines(lines: Iterable[Line]) -> Iterable[Line]:
    """The same lines with every sign turned."""
    for line in lines:
        yield Line(
            account=line.account,
            amount=-line.amount,
            pocket=line.pocket,
            programme=line.programme,
            project_id=line.project_id,
            participant_id=line.participant_id,
            quarter=line.quarter,
            code=line.code,
            in_kind=line.in_kind,
        )


def pocket_opened(pocket: str, authority: Money) -> Entry:
    """A funder granted an envelope: authority → available."""
    return _authority(EntryKind.POCKET_OPENED, pocket, authority)


def authority_changed(pocket: str, previous: Money, authority: Money) -> Entry:
    """A funder changed an envelope: the difference only, authority → available."""
    return _authority(EntryKind.AUTHORITY_CHANGED, pocket, authority - previous)


def authority_lapsed(pocket: str, lapsed: Money) -> Entry:
    """A year ended, and what it did not use is granted no more: available → authority."""
    return _authority(EntryKind.AUTHORITY_LAPSED, pocket, -lapsed)


def _authority(kind: EntryKind, pocket: str, granted: Money) -> Entry:
    return entry_with(
        kind,
        (
            Line(account=Account.AUTHORITY, amount=-granted, pocket=pocket),
            Line(account=Account.AVAILABLE, amount=granted, pocket=pocket),
        ),
    )


def award_approved(project: Project, funding: Iterable[FundingCell]) -> Entry:
    """A committee decided to fund: available → reserved."""
    return _between(
        EntryKind.AWARD_APPROVED, Account.AVAILABLE, Account.RESERVED, project, tuple(funding)
    )


def reservation_ended(project: Project, funding: Iterable[FundingCell]) -> Entry:
    """
    An award lapsed, or an agreement takes its place: reserved → available.

    What was signed is then committed from there, so that the difference stays in, or comes from,
    what is available.
    """
    return _between(
        EntryKind.RESERVATION_ENDED, Account.RESERVED, Account.AVAILABLE, project, tuple(funding)
    )


def increase_reserved(project: Project, funding: Iterable[FundingCell]) -> Entry:
    """A proposed amendment would add money: available → reserved."""
    return _between(
        EntryKind.INCREASE_RESERVED, Account.AVAILABLE, Account.RESERVED, project, tuple(funding)
    )


def increase_reservation_ended(project: Project, funding: Iterable[FundingCell]) -> Entry:
    """
    The amendment took effect, or never will: reserved → available.

    What it added is then committed from there, as with an award.
    """
    return _between(
        EntryKind.INCREASE_RESERVATION_ENDED,
        Account.RESERVED,
        Account.AVAILABLE,
        project,
        tuple(funding),
    )


def agreement_executed(
    project: Project, funding: Iterable[FundingCell], match: Iterable[MatchCell]
) -> Entry:
    """All parties signed: available → committed per planned quarter, and match promised."""
    return _committing(EntryKind.AGREEMENT_EXECUTED, project, tuple(funding), tuple(match))


def agreement_amended(
    project: Project, funding: Iterable[FundingCell], match: Iterable[MatchCell]
) -> Entry:
    """The schedule changed: the differences only, as at execution."""
    return _committing(EntryKind.AGREEMENT_AMENDED, project, tuple(funding), tuple(match))


def commitment_released(
    project: Project, funding: Iterable[FundingCell], match: Iterable[MatchCell]
) -> Entry:
    """What will not be used goes back: committed → available, and match is no longer promised."""
    cells, promised = tuple(funding), tuple(match)
    return entry_with(
        EntryKind.COMMITMENT_RELEASED,
        chain(
            reversed_lines(funding_lines(Account.COMMITTED, project, cells)),
            funding_lines(Account.AVAILABLE, project, cells),
            reversed_lines(_match(Account.MATCH_PROMISED, project, promised)),
            _match(Account.MATCH_EXPECTED, project, promised),
        ),
    )


def forecast_revised(project: Project, funding: Iterable[FundingCell]) -> Entry:
    """Committed of one quarter → committed of another; the differences add up to zero."""
    return entry_with(
        EntryKind.FORECAST_REVISED, funding_lines(Account.COMMITTED, project, funding)
    )


def claim_approved(
    claim: OfClaim,
    *,
    drawn: Iterable[FundingCell],
    payable: Shares,
    held_back: Shares,
    match: MatchCell,
    set_off: Iterable[Line] = (),
) -> Entry:
    """
    A claim is owed: committed (planned quarters) → payable and held back (the claim's quarter).

    The match it reports moves from promised to reported within the claim's quarter, cash and in
    kind apart. ``set_off`` is what of the claim settled an advance or a recovery (see
    ``ledger_recoveries``).
    """
    return entry_with(
        EntryKind.CLAIM_APPROVED,
        chain(
            reversed_lines(funding_lines(Account.COMMITTED, claim.project, drawn)),
            share_lines(Account.PAYABLE, claim, payable),
            share_lines(Account.HELD_BACK, claim, held_back),
            reversed_lines(_match(Account.MATCH_PROMISED, claim.project, (match,))),
            _match(Account.MATCH_REPORTED, claim.project, (match,)),
            set_off,
        ),
    )


def holdback_released(claim: OfClaim, released: Shares) -> Entry:
    """What was held back becomes payable."""
    return entry_with(
        EntryKind.HOLDBACK_RELEASED,
        chain(
            reversed_lines(share_lines(Account.HELD_BACK, claim, released)),
            share_lines(Account.PAYABLE, claim, released),
        ),
    )


def holdback_forfeited(claim: OfClaim, forfeited: Shares) -> Entry:
    """What was held back is given up: held back → available."""
    return entry_with(
        EntryKind.HOLDBACK_FORFEITED,
        chain(
            reversed_lines(share_lines(Account.HELD_BACK, claim, forfeited)),
            share_lines(Account.AVAILABLE, claim, forfeited),
        ),
    )


def payment_disbursed(claim: OfClaim, paid: Shares) -> Entry:
    """Money left for a participant: payable → paid, and cash → what was drawn for it."""
    return entry_with(EntryKind.PAYMENT_DISBURSED, payment_lines(claim, paid))


def payment_returned(claim: OfClaim, returned: Shares) -> Entry:
    """A payment came back: the reverse of its disbursement."""
    return entry_with(EntryKind.PAYMENT_RETURNED, reversed_lines(payment_lines(claim, returned)))


def payment_lines(claim: OfClaim, paid: Shares) -> Iterable[Line]:
    """Payable → paid, and cash → what was drawn for it."""
    return chain(
        reversed_lines(share_lines(Account.PAYABLE, claim, paid)),
        share_lines(Account.PAID, claim, paid),
        reversed_lines(share_lines(Account.CASH, claim, paid)),
        share_lines(Account.DRAWN, claim, paid),
    )


def drawdown_submitted(shares: Shares) -> Entry:
    """We claimed from a funder: it owes us, and what we drew waits to be paid out."""
    return entry_with(
        EntryKind.DRAWDOWN_SUBMITTED,
        chain(
            _of_funder(Account.DUE_FROM_FUNDER, shares),
            reversed_lines(_of_funder(Account.DRAWN, shares)),
        ),
    )


def drawdown_received(shares: Shares) -> Entry:
    """A funder paid: due from funder → cash."""
    return entry_with(
        EntryKind.DRAWDOWN_RECEIVED,
        chain(
            reversed_lines(_of_funder(Account.DUE_FROM_FUNDER, shares)),
            _of_funder(Account.CASH, shares),
        ),
    )


def actual_recorded(account: Account, *, code: str, quarter: Quarter, amount: Money) -> Entry:
    """Our own operations or revenue, in one of the ``OPERATING`` accounts, beside the projects."""
    return entry_with(
        EntryKind.ACTUAL_RECORDED,
        (
            Line(account=account, amount=amount, code=code, quarter=quarter),
            Line(account=Account.OPERATING_RESULT, amount=-amount, code=code, quarter=quarter),
        ),
    )


def _between(
    kind: EntryKind,
    source: Account,
    target: Account,
    project: Project,
    cells: tuple[FundingCell, ...],
) -> Entry:
    return entry_with(
        kind,
        chain(
            reversed_lines(funding_lines(source, project, cells)),
            funding_lines(target, project, cells),
        ),
    )


def _committing(
    kind: EntryKind,
    project: Project,
    funding: tuple[FundingCell, ...],
    match: tuple[MatchCell, ...],
) -> Entry:
    return entry_with(
        kind,
        chain(
            reversed_lines(funding_lines(Account.AVAILABLE, project, funding)),
            funding_lines(Account.COMMITTED, project, funding),
            reversed_lines(_match(Account.MATCH_EXPECTED, project, match)),
            _match(Account.MATCH_PROMISED, project, match),
        ),
    )
