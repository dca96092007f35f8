"""Where the history of each thing is kept."""

from uuid import UUID

from shared.eventstore.store import Stream
from shared.kernel.identifiers import derived_id


def agreement(agreement_id: UUID) -> Stream:
    """One agreement, with its claims and payments."""
    return Stream("agreement", agreement_id)


def agreement_of_award(award_id: UUID) -> Stream:
    """The agreement that an award becomes: the same award, the same agreement."""
    return agreement(derived_id("agreement", award_id))


def programme(code: str) -> Stream:
    """The terms of one programme."""
    return Stream("programme", derived_id("programme", code))


def payment_run(run_id: UUID) -> Stream:
    """One payment run."""
    return Stream("payment-run", run_id)


def bank_account(organisation_id: UUID) -> Stream:
    """Where one organisation is paid, now and before."""
    return Stream("bank-account", organisation_id)
