"""The statement and the queue as tables, with their headings in both languages."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from services.claims.api.schemas import StatementOut
from shared.kernel.language import Language
from shared.kernel.money import Money
from shared.spreadsheets.writing import Table

_FRENCH = {
    "Balances": "Soldes",
    "Claims": "Réclamations",
    "Payments": "Paiements",
    "participant": "participant",
    "pocket": "enveloppe",
    "contracted": "engagé au contrat",
    "committed": "à réclamer",
    "payable": "à payer",
    "held back": "retenu",
    "paid": "payé",
    "released": "dégagé",
    "claim": "réclamation",
    "agreement": "entente",
    "programme": "volet",
    "state": "état",
    "quarter": "trimestre",
    "period starts on": "début de la période",
    "period ends on": "fin de la période",
    "claimed cash": "réclamé comptant",
    "claimed in kind": "réclamé en nature",
    "certified on": "attestée le",
    "approved on": "approuvée le",
    "payment": "paiement",
    "paid on": "payé le",
    "returned on": "retourné le",
    "amount": "montant",
}

_BALANCES = (
    "participant",
    "pocket",
    "contracted",
    "committed",
    "payable",
    "held back",
    "paid",
    "released",
)
_AMOUNTS = ("claimed cash", "claimed in kind", "payable", "held back", "paid")
_PERIOD = ("state", "quarter", "period starts on", "period ends on")
_CLAIMS = ("claim", "participant", *_PERIOD, "certified on", "approved on", *_AMOUNTS)
_PAYMENTS = ("payment", "claim", "paid on", "returned on", "amount")
_QUEUE = ("claim", "agreement", "programme", *_CLAIMS[1:])


def statement(shown: StatementOut, language: Language) -> list[Table]:
    """Balances per participant and pocket, claims, and payments."""
    names = {each.participant_id: each.name for each in shown.participants}
    balances = [
        (
            participant.name,
            balance.pocket,
            balance.contracted,
            balance.committed,
            balance.payable,
            balance.held_back,
            balance.paid,
            balance.released,
        )
        for participant in shown.participants
        for balance in participant.balances
    ]
    claims = [
        (
            str(claim.claim_id),
            names[claim.participant_id],
            claim.state,
            str(claim.quarter),
            claim.period_starts_on,
            claim.period_ends_on,
            claim.certified_on,
            claim.approved_on,
            claim.claimed_cash,
            claim.claimed_in_kind,
            claim.payable,
            claim.held_back,
            claim.paid,
        )
        for claim in shown.claims
    ]
    payments = [
        (
            str(payment.payment_id),
            str(payment.claim_id or payment.advance_id),
            payment.paid_on,
            payment.returned_on,
            payment.amount,
        )
        for payment in shown.payments
    ]
    return [
        _table("Balances", _BALANCES, balances, language),
        _table("Claims", _CLAIMS, claims, language),
        _table("Payments", _PAYMENTS, payments, language),
    ]


def queue(rows: Iterable[Row[Any]], language: Language) -> Table:
    """Claims of the queue, one a line."""
    lines = [
        (
            str(row.claim_id),
            str(row.agreement_id),
            row.programme_code,
            str(row.participant_id),
            row.state,
            row.quarter,
            row.period_starts_on,
            row.period_ends_on,
            row.certified_on,
            row.approved_on,
            Money(row.claimed_cash_cents),
            Money(row.claimed_in_kind_cents),
            Money(row.payable_cents),
            Money(row.held_back_cents),
            Money(row.paid_cents),
        )
        for row in rows
    ]
    return _table("Claims", _QUEUE, lines, language)


def _table(
    name: str, headings: tuple[str, ...], rows: list[tuple[Any, ...]], language: Language
) -> Table:
    if language == "fr":
        name, headings = _FRENCH[name], tuple(_FRENCH[each] for each in headings)
    return Table(name=name, headings=headings, rows=rows)
