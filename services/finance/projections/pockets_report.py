"""The pockets as a person reads them."""

from collections.abc import Sequence
from datetime import date

from services.finance.domain.account_names import ACCOUNT_NAMES
from services.finance.domain.ledger import Account
from services.finance.domain.report import Column, ColumnKind, Report, Value, Words, based
from services.finance.projections.pockets import PocketBalances

_AMOUNTS = {
    account.replace("-", "_"): ACCOUNT_NAMES[account]
    for account in (
        Account.AUTHORITY,
        Account.AVAILABLE,
        Account.RESERVED,
        Account.COMMITTED,
        Account.PAYABLE,
        Account.HELD_BACK,
        Account.PAID,
        Account.TO_BE_RECOVERED,
        Account.RECOVERED,
        Account.DUE_FROM_FUNDER,
        Account.CASH,
    )
}
_TEXTS = (
    Column(code="code", heading=Words(en="Code", fr="Code"), kind=ColumnKind.CODE),
    Column(code="pocket", heading=Words(en="Envelope", fr="Enveloppe"), kind=ColumnKind.TEXT),
    Column(
        code="funder_agreement",
        heading=Words(en="Funder agreement", fr="Entente de financement"),
        kind=ColumnKind.TEXT,
    ),
)


def reports(pockets: Sequence[PocketBalances], *, as_of: date, until: date | None) -> list[Report]:
    """What remains of every pocket, and what its money is doing."""
    return [
        Report(
            code="pockets",
            title=Words(en="Funding envelopes", fr="Enveloppes de financement"),
            base=based(as_of, until),
            columns=(
                *_TEXTS,
                *(
                    Column(code=code, heading=heading, kind=ColumnKind.MONEY)
                    for code, heading in _AMOUNTS.items()
                ),
            ),
            rows=tuple(
                (*_texts(each), *(getattr(each, amount) for amount in _AMOUNTS)) for each in pockets
            ),
            total=(
                None,
                Words(en="Total", fr="Total"),
                None,
                *(sum(getattr(each, amount) for each in pockets) for amount in _AMOUNTS),
            ),
            footnotes=(
                Words(
                    en="Authority is available, reserved, committed, payable, held back, paid and "
                    "to be recovered, less recovered.",
                    fr="L’autorisation est la somme du disponible, du réservé, de l’engagé, de l’à "
                    "payer, du retenu, du payé et de l’à recouvrer, moins le recouvré.",
                ),
            ),
        )
    ]


def _texts(pocket: PocketBalances) -> tuple[Value, ...]:
    names = pocket.names
    is_named = names.name_en is not None and names.name_fr is not None
    name = Words(en=names.name_en or "", fr=names.name_fr or "") if is_named else names.code
    return names.code, name, names.funder_agreement
