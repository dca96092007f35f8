"""
Where an organisation is paid: which account counts, and who verified it.

The numbers themselves are kept outside events; here an account is an opaque id. Somebody of the
organisation records it and somebody else, on our side, verifies it; other details are another
account, to be verified again. This is what stands between a forged e-mail and a payment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, assert_never
from uuid import UUID

from shared.kernel.decider import Decider
from shared.kernel.identifiers import derived_id
from shared.kernel.refusals import NotAllowed, NotFound, RuleBroken

OURS = derived_id("organisation", "paying")
"""Stands for ourselves: the account that payments leave from."""


class BankAccountUnknown(NotFound):
    """The organisation has no such account, or no longer."""

    en = "The organisation has no such bank account; it may have been replaced."
    fr = "L’organisation n’a pas ce compte bancaire; il a peut-être été remplacé."


class VerifierRecordedTheAccount(NotAllowed):
    """Whoever recorded an account does not verify it."""

    en = "You recorded this bank account; another person verifies it."
    fr = "Vous avez inscrit ce compte bancaire; une autre personne doit le vérifier."


class NoVerifiedAccount(RuleBroken):
    """An organisation is paid to an account that was verified."""

    en = "The organisation has no verified bank account."
    fr = "L’organisation n’a aucun compte bancaire vérifié."


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBankAccount:
    """From now on this account counts."""

    organisation_id: UUID
    account_id: UUID
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyBankAccount:
    """Say that the account was checked with the organisation."""

    account_id: UUID
    by: str
    on: date


BankAccountCommand: TypeAlias = RecordBankAccount | VerifyBankAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountRecorded:
    """The organisation said where it is paid from now on; nobody has verified it."""

    effective_on: date
    organisation_id: UUID
    account_id: UUID
    recorded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountVerified:
    """A second person checked the account: it can be paid to."""

    effective_on: date
    organisation_id: UUID
    account_id: UUID
    verified_by: str


BankAccountEvent: TypeAlias = BankAccountRecorded | BankAccountVerified


@dataclass(frozen=True, slots=True)
class NoAccount:
    """The organisation never said where it is paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAccount:
    """Awaiting verification."""

    organisation_id: UUID
    account_id: UUID
    recorded_by: str
    recorded_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedAccount(RecordedAccount):
    """Can be paid to."""

    verified_by: str
    verified_on: date


BankAccount: TypeAlias = NoAccount | RecordedAccount | VerifiedAccount


def decide(command: BankAccountCommand, account: BankAccount) -> Sequence[BankAccountEvent]:
    """What follows from a command; refuses what the rules do not allow."""
    match command:
        case RecordBankAccount():
            return _record(command, account)
        case VerifyBankAccount():
            return _verify(command, account)
        case unreachable:
            assert_never(unreachable)


def _record(command: RecordBankAccount, account: BankAccount) -> list[BankAccountEvent]:
    if not isinstance(account, NoAccount) and account.account_id == command.account_id:
        return []
    return [
        BankAccountRecorded(
            effective_on=command.on,
            organisation_id=command.organisation_id,
            account_id=command.account_id,
            recorded_by=command.by,
        )
    ]


def _verify(command: VerifyBankAccount, account: BankAccount) -> list[BankAccountEvent]:
    # The id says which details were checked: they may have been replaced since.
    if isinstance(account, NoAccount) or account.account_id != command.account_id:
        raise BankAccountUnknown(field="account_id")
    if isinstance(account, VerifiedAccount):
        return []
    if command.by == account.recorded_by:
        raise VerifierRecordedTheAccount
    return [
        BankAccountVerified(
            effective_on=command.on,
            organisation_id=account.organisation_id,
            account_id=account.account_id,
            verified_by=command.by,
        )
    ]


def evolve(account: BankAccount, event: BankAccountEvent) -> BankAccount:
    """The state after an event."""
    match event:
        case BankAccountRecorded():
            return RecordedAccount(
                organisation_id=event.organisation_id,
                account_id=event.account_id,
                recorded_by=event.recorded_by,
                recorded_on=event.effective_on,
            )
        case BankAccountVerified():
            if isinstance(account, NoAccount):
                raise TypeError(f"account {event.account_id} was verified before it was recorded")
            return VerifiedAccount(
                organisation_id=account.organisation_id,
                account_id=account.account_id,
                recorded_by=account.recorded_by,
                recorded_on=account.recorded_on,
                verified_by=event.verified_by,
                verified_on=event.effective_on,
            )
        case unreachable:
            assert_never(unreachable)


def verified(account: BankAccount) -> VerifiedAccount:
    """The account that can be paid to. Raises ``NoVerifiedAccount``."""
    if not isinstance(account, VerifiedAccount):
        raise NoVerifiedAccount
    return account


DECIDER: Decider[BankAccountCommand, BankAccount, BankAccountEvent] = Decider(
    initial=NoAccount(), decide=decide, evolve=evolve
)
"""One organisation's account, the present one."""
