"""Recording where an organisation is paid: the numbers in the register, the fact as an event."""

from uuid import UUID

from sqlalchemy import Connection

from services.claims.domain import bank_account
from services.claims.domain.bank_details import BankDetails, must_be_in_order
from services.claims.gateways.bank_accounts import details_of, keep
from services.claims.use_cases import streams
from shared.eventstore.commands import Outcome, carry_out
from shared.eventstore.store import Context, EventStore


def record(
    store: EventStore,
    connection: Connection,
    context: Context,
    command: bank_account.RecordBankAccount,
    details: BankDetails,
    *,
    request_hash: bytes,
) -> Outcome:
    """
    Make an account the one that counts; ``store`` is bound to the transaction of ``connection``.

    The same details as before change nothing, and stay verified where they were.
    """
    must_be_in_order(details)
    stream = streams.bank_account(command.organisation_id)
    present = bank_account.DECIDER.fold(recorded.event for recorded in store.load(stream))
    if not isinstance(present, bank_account.NoAccount):
        kept = details_of(connection, [present.account_id]).get(present.account_id)
        if kept == details:
            command = bank_account.RecordBankAccount(
                organisation_id=command.organisation_id,
                account_id=present.account_id,
                by=command.by,
                on=command.on,
            )
    outcome = carry_out(
        store, bank_account.DECIDER, stream, command, context, request_hash=request_hash
    )
    if outcome.events:
        keep(
            connection,
            command.account_id,
            organisation_id=command.organisation_id,
            details=details,
            recorded_on=command.on,
        )
    return outcome


def current(store: EventStore, organisation_id: UUID) -> bank_account.BankAccount:
    """The account that counts for an organisation now."""
    history = store.load(streams.bank_account(organisation_id))
    return bank_account.DECIDER.fold(recorded.event for recorded in history)
