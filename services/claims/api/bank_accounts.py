"""
Where organisations are paid: recorded by their own people, verified by ours.

Numbers go in and never come out whole: answers show the last three digits of an account.
"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from services.claims.api.doors import RecipientDesk
from services.claims.domain import bank_account
from services.claims.domain.bank_account import (
    OURS,
    NoAccount,
    RecordBankAccount,
    VerifiedAccount,
    VerifyBankAccount,
)
from services.claims.domain.bank_details import BankDetails
from services.claims.domain.claim import NotYourOrganisation
from services.claims.gateways.bank_accounts import details_of
from services.claims.use_cases import streams
from services.claims.use_cases.bank_accounts import current, record
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk
from shared.web.schemas import Request

FinanceDesk = Annotated[Desk, Depends(at_desk("finance-officer"))]
AccountReader = Annotated[Reader, Depends(at_counter("recipient", "payer", "finance-officer"))]
OurReader = Annotated[Reader, Depends(at_counter("payer", "finance-officer"))]

router = APIRouter(prefix="/v1", tags=["bank accounts"])


class NoBankAccount(NotFound):
    """The organisation never said where it is paid."""

    en = "The organisation has no bank account here."
    fr = "L’organisation n’a aucun compte bancaire ici."


class BankAccountIn(Request):
    """A Canadian bank account."""

    institution: str = Field(max_length=10)
    """Three digits."""
    transit: str = Field(max_length=10)
    """Five digits."""
    number: str = Field(max_length=20)
    """Five to twelve digits."""
    holder: str = Field(max_length=200)
    """As the bank knows it: at most 70 characters."""

    def to_domain(self) -> BankDetails:
        """As the domain speaks of it."""
        return BankDetails(
            institution=self.institution,
            transit=self.transit,
            number=self.number,
            holder=self.holder,
        )


class VerificationIn(Request):
    """Which account was checked: it may have been replaced since it was read."""

    account_id: UUID


class BankAccountOut(BaseModel):
    """Where an organisation is paid, as far as it is shown."""

    organisation_id: UUID
    account_id: UUID
    state: Literal["recorded", "verified"]
    institution: str
    transit: str
    number: str
    """All but the last three digits are hidden."""
    holder: str
    recorded_on: date
    verified_on: date | None


@router.put("/organisations/{organisation_id}/bank-account")
def record_bank_account(
    organisation_id: UUID, body: BankAccountIn, desk: RecipientDesk
) -> CommandAnswer:
    """Say where the caller's organisation is paid; other details than before are unverified."""
    if desk.caller.organisation_id != organisation_id:
        raise NotYourOrganisation
    return _record(organisation_id, body, desk)


@router.get("/organisations/{organisation_id}/bank-account")
def read_bank_account(organisation_id: UUID, reader: AccountReader) -> BankAccountOut:
    """Where an organisation is paid; a recipient reads its own organisation's account."""
    if reader.caller.only_organisation not in {None, organisation_id}:
        raise NotYourOrganisation
    return _read(organisation_id, reader)


@router.post("/organisations/{organisation_id}/bank-account/verification")
def verify_bank_account(
    organisation_id: UUID, body: VerificationIn, desk: FinanceDesk
) -> CommandAnswer:
    """Say that the account was checked with the organisation, by somebody who did not record it."""
    return _verify(organisation_id, body, desk)


@router.put("/paying-account")
def record_paying_account(body: BankAccountIn, desk: FinanceDesk) -> CommandAnswer:
    """Say which of our accounts payments leave from; another person verifies it."""
    return _record(OURS, body, desk)


@router.get("/paying-account")
def read_paying_account(reader: OurReader) -> BankAccountOut:
    """The account that payments leave from."""
    return _read(OURS, reader)


@router.post("/paying-account/verification")
def verify_paying_account(body: VerificationIn, desk: FinanceDesk) -> CommandAnswer:
    """Say that the account is ours, by somebody who did not record it."""
    return _verify(OURS, body, desk)


def _record(organisation_id: UUID, body: BankAccountIn, desk: Desk) -> CommandAnswer:
    command = RecordBankAccount(
        organisation_id=organisation_id,
        account_id=desk.new_id("bank-account"),
        by=desk.caller.id,
        on=desk.today,
    )
    with desk.transaction() as connection:
        outcome = record(
            desk.store,
            connection,
            desk.context,
            command,
            body.to_domain(),
            request_hash=desk.request_hash,
        )
    return desk.answer(outcome)


def _read(organisation_id: UUID, reader: Reader) -> BankAccountOut:
    account = current(reader.store, organisation_id)
    if isinstance(account, NoAccount):
        raise NoBankAccount
    with reader.tables() as connection:
        details = details_of(connection, [account.account_id]).get(account.account_id)
    if details is None:
        raise NoBankAccount
    is_verified = isinstance(account, VerifiedAccount)
    return BankAccountOut(
        organisation_id=organisation_id,
        account_id=account.account_id,
        state="verified" if is_verified else "recorded",
        institution=details.institution,
        transit=details.transit,
        number=details.masked,
        holder=details.holder,
        recorded_on=account.recorded_on,
        verified_on=account.verified_on if isinstance(account, VerifiedAccount) else None,
    )


def _verify(organisation_id: UUID, body: VerificationIn, desk: Desk) -> CommandAnswer:
    command = VerifyBankAccount(account_id=body.account_id, by=desk.caller.id, on=desk.today)
    stream = streams.bank_account(organisation_id)
    return desk.carry_out(bank_account.DECIDER, stream, command)
