"""
The bank's files of a payment run: made from the run's events and the register of accounts.

Nothing is stored but the SHA-256 of each file. Asked again, the same bytes are made again, or none:
once an account was replaced, a file that pays to it is not given out any more.
"""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Connection

from services.claims.domain import bank_account, payment_run
from services.claims.domain.bank_details import BankDetails
from services.claims.domain.payment_run_life import (
    ExportedRun,
    ExportRun,
    FileHash,
    PaymentRun,
    Run,
)
from services.claims.gateways.bank_accounts import details_of
from services.claims.gateways.payment_file import FORMATS, Instruction, Order
from services.claims.use_cases import streams
from services.claims.use_cases.payment_runs import must_be_free_to_leave
from shared.eventstore.store import EventStore
from shared.eventstore.together import Changes, Loaded
from shared.kernel.periods import civil_date
from shared.kernel.refusals import NotFound, RuleBroken


class NoPayingAccount(RuleBroken):
    """Payments leave from an account of ours that was verified."""

    en = "There is no verified account to pay from."
    fr = "Il n’y a aucun compte vérifié d’où payer."


class BankDetailsErased(RuleBroken):
    """A file is made from the accounts that the run was proposed with."""

    en = "Bank details that the payment run was proposed with were erased."
    fr = "Des coordonnées bancaires avec lesquelles le lot a été proposé ont été effacées."


class FileNotMade(NotFound):
    """The files of a run exist once it was exported."""

    en = "No file of this payment run was made yet."
    fr = "Aucun fichier de ce lot de paiements n’a encore été produit."


class FileWouldDiffer(RuleBroken):
    """A file is given out again only as it was."""

    en = "Bank details have changed since: the file can no longer be made as it was."
    fr = "Des coordonnées bancaires ont changé depuis : le fichier ne peut plus être reproduit."


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFile:
    """A file for the bank."""

    content: bytes
    media_type: str
    name: str


def export(
    loaded: Loaded, connection: Connection, *, run_id: UUID, by: str, on: date, at: datetime
) -> Changes:
    """Make the files of an approved run and keep their hashes."""
    stream = streams.payment_run(run_id)
    state = loaded.state(payment_run.DECIDER, stream)
    run = payment_run.must_be_approved(payment_run.proposed(state))
    must_be_free_to_leave(loaded, run, on)
    ours = loaded.state(bank_account.DECIDER, streams.bank_account(bank_account.OURS))
    if not isinstance(ours, bank_account.VerifiedAccount):
        raise NoPayingAccount
    written_at = at.replace(microsecond=0)
    order = _order(
        run, _details(connection, run, ours.account_id), ours.account_id, written_at=written_at
    )
    command = ExportRun(
        paying_account_id=ours.account_id,
        files=tuple(
            FileHash(format=name, sha256=sha256(each.write(order)).hexdigest())
            for name, each in FORMATS.items()
        ),
        written_at=written_at,
        by=by,
        on=on,
    )
    return [(stream, payment_run.DECIDER.decide(command, run))]


def made_again(
    store: EventStore, connection: Connection, state: PaymentRun, file_format: str
) -> MadeFile:
    """The file as it was made; refuses when it would be another."""
    run = payment_run.proposed(state)
    if not isinstance(run, ExportedRun):
        raise FileNotMade
    hashes = {each.format: each.sha256 for each in run.files}
    if file_format not in hashes or file_format not in FORMATS:
        raise FileNotMade
    paid_to = {item.organisation_id: item.account_id for item in run.items}
    for organisation_id, account_id in {
        **paid_to,
        bank_account.OURS: run.paying_account_id,
    }.items():
        history = store.load(streams.bank_account(organisation_id))
        account = bank_account.DECIDER.fold(recorded.event for recorded in history)
        if isinstance(account, bank_account.NoAccount) or account.account_id != account_id:
            raise FileWouldDiffer
    details = _details(connection, run, run.paying_account_id)
    order = _order(run, details, run.paying_account_id, written_at=run.written_at)
    how = FORMATS[file_format]
    content = how.write(order)
    if sha256(content).hexdigest() != hashes[file_format]:
        raise FileWouldDiffer
    return MadeFile(
        content=content,
        media_type=how.media_type,
        name=f"payment-run-{run.run_id}.{how.extension}",
    )


def _details(connection: Connection, run: Run, paying_account_id: UUID) -> dict[UUID, BankDetails]:
    wanted = {paying_account_id, *(item.account_id for item in run.items)}
    details = details_of(connection, wanted)
    if details.keys() != wanted:
        raise BankDetailsErased
    return details


def _order(
    run: Run, details: dict[UUID, BankDetails], paying_account_id: UUID, *, written_at: datetime
) -> Order:
    return Order(
        run_id=run.run_id,
        written_at=written_at,
        # A run that was approved late is executed when its file is made, not in the past.
        execution_on=max(run.execution_on, civil_date(written_at)),
        paid_from=details[paying_account_id],
        instructions=[
            Instruction(
                payment_id=item.payment_id,
                amount=item.amount,
                to=details[item.account_id],
                reference=str(item.claim_id or item.advance_id),
            )
            for item in run.items
        ],
    )
