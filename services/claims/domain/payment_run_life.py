"""What a payment run is made of: what can be asked, what has happened, and where it stands."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias
from uuid import UUID

from shared.kernel.money import Money, total


@dataclass(frozen=True, slots=True, kw_only=True)
class RunItem:
    """One payment: all that was payable of one claim, or of one advance."""

    payment_id: UUID
    agreement_id: UUID
    claim_id: UUID | None
    advance_id: UUID | None
    participant_id: UUID
    organisation_id: UUID
    account_id: UUID
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Disbursed:
    """A payment left."""

    payment_id: UUID
    paid_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A payment did not leave."""

    payment_id: UUID
    reason: str


ItemResult: TypeAlias = Disbursed | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHash:
    """What was made, to know it again: the bytes themselves hold bank numbers."""

    format: str
    """``pain.001`` or ``csv``."""
    sha256: str


# What can be asked.


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeRun:
    """Put payments together."""

    run_id: UUID
    execution_on: date
    """The day on which the bank is asked to pay."""
    items: tuple[RunItem, ...]
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRun:
    """Let the run leave."""

    handlers: frozenset[str]
    """Everybody who had a hand in what it pays."""
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRun:
    """Do not let the run leave."""

    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRun:
    """Keep by what the run's files are known."""

    paying_account_id: UUID
    files: tuple[FileHash, ...]
    written_at: datetime
    """The instant that the files name."""
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmRun:
    """Say what came of payments."""

    results: tuple[ItemResult, ...]
    by: str
    on: date


PaymentRunCommand: TypeAlias = ProposeRun | ApproveRun | RejectRun | ExportRun | ConfirmRun


# What has happened.


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRunProposed:
    """Payments are to leave together; each is locked on its agreement."""

    effective_on: date
    run_id: UUID
    execution_on: date
    items: tuple[RunItem, ...]
    amount: Money
    """Over all items."""
    proposed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRunApproved:
    """A second person looked at all that is about to leave."""

    effective_on: date
    run_id: UUID
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRunRejected:
    """It does not leave: everything in it is payable again."""

    effective_on: date
    run_id: UUID
    reason: str
    rejected_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRunExported:
    """The bank's files were made; they can be made again, and are known by their hashes."""

    effective_on: date
    run_id: UUID
    paying_account_id: UUID
    files: tuple[FileHash, ...]
    written_at: datetime
    exported_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRunConfirmed:
    """What came of some payments."""

    effective_on: date
    run_id: UUID
    disbursed: tuple[Disbursed, ...]
    failed: tuple[Failed, ...]
    confirmed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRunClosed:
    """Every payment has a result."""

    effective_on: date
    run_id: UUID
    disbursed: Money
    failed: Money


PaymentRunEvent: TypeAlias = (
    PaymentRunProposed
    | PaymentRunApproved
    | PaymentRunRejected
    | PaymentRunExported
    | PaymentRunConfirmed
    | PaymentRunClosed
)


# Where it stands.


@dataclass(frozen=True, slots=True)
class NotProposed:
    """Nothing has happened yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What every payment run has, whatever its stage."""

    run_id: UUID
    execution_on: date
    items: tuple[RunItem, ...]
    proposed_by: str
    proposed_on: date

    @property
    def amount(self) -> Money:
        """Over all items."""
        return total(item.amount for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedRun(Run):
    """Awaiting approval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRun(Run):
    """It never left."""

    rejected_by: str
    rejected_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedRun(Run):
    """Its file can be made."""

    approved_by: str
    approved_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedRun(ApprovedRun):
    """Awaiting what comes of its payments."""

    paying_account_id: UUID
    files: tuple[FileHash, ...]
    written_at: datetime
    exported_by: str
    exported_on: date
    results: dict[UUID, ItemResult] = field(default_factory=dict)
    """By payment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedRun(ExportedRun):
    """Every payment has a result."""

    closed_on: date


PaymentRun: TypeAlias = NotProposed | Run


Stage: TypeAlias = Literal["proposed", "approved", "rejected", "exported", "closed"]


def stage_of(run: Run) -> Stage:
    """The stage as it is shown."""
    match run:
        case ClosedRun():
            return "closed"
        case ExportedRun():
            return "exported"
        case ApprovedRun():
            return "approved"
        case RejectedRun():
            return "rejected"
        case _:
            return "proposed"
