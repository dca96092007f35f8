"""What programmes, pockets and funder agreements are called."""

from sqlalchemy import Connection, Table, select

from services.finance.domain.report import Words
from services.finance.domain.tables_report import Names
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import FUNDER_AGREEMENTS, POCKETS, PROGRAMMES


def names_of(connection: Connection, known: Knowledge) -> Names:
    """The names as they were known; a pocket is named after its funder agreement and itself."""
    agreements = _names(connection, FUNDER_AGREEMENTS, known)
    pockets = _names(connection, POCKETS, known)
    for row in connection.execute(select(POCKETS.c.code, POCKETS.c.funder_agreement)):
        granted = agreements.get(row.funder_agreement)
        if granted is not None and row.code in pockets:
            own = pockets[row.code]
            pockets[row.code] = Words(en=f"{granted.en} — {own.en}", fr=f"{granted.fr} — {own.fr}")
    return Names(
        programmes=_names(connection, PROGRAMMES, known),
        pockets=pockets,
        funder_agreements=agreements,
    )


def _names(connection: Connection, table: Table, known: Knowledge) -> dict[str, Words]:
    """The latest names by code; what was named by nothing has none."""
    rows = connection.execute(
        select(table.c.code, table.c.name_en, table.c.name_fr)
        .where(known.recorded(table))
        .order_by(table.c.position)
    )
    return {row.code: Words(en=row.name_en, fr=row.name_fr) for row in rows if row.name_en}
