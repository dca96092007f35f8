"""What people call the accounts of the ledger, in both languages."""

from services.finance.domain.ledger import Account
from services.finance.domain.report import Words

ACCOUNT_NAMES = {
    Account.AUTHORITY: Words(en="Authority", fr="Autorisation"),
    Account.AVAILABLE: Words(en="Available", fr="Disponible"),
    Account.RESERVED: Words(en="Reserved", fr="Réservé"),
    Account.COMMITTED: Words(en="Committed", fr="Engagé"),
    Account.PAYABLE: Words(en="Payable", fr="À payer"),
    Account.HELD_BACK: Words(en="Held back", fr="Retenu"),
    Account.PAID: Words(en="Paid", fr="Payé"),
    Account.TO_BE_RECOVERED: Words(en="To be recovered", fr="À recouvrer"),
    Account.RECOVERED: Words(en="Recovered", fr="Recouvré"),
    Account.DUE_FROM_FUNDER: Words(en="Due from funder", fr="À recevoir du bailleur de fonds"),
    Account.CASH: Words(en="Cash", fr="Encaisse"),
    Account.DRAWN: Words(en="Deferred contributions", fr="Apports reportés"),
}
"""Those of public money; another account stands under its own code."""
