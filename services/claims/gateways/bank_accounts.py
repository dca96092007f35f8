"""The register of bank details: who is paid where, known to events by an opaque id alone."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, insert, select

from services.claims.domain.bank_details import BankDetails
from services.claims.gateways.tables import BANK_ACCOUNT


def keep(
    connection: Connection,
    account_id: UUID,
    *,
    organisation_id: UUID,
    details: BankDetails,
    recorded_on: date,
) -> None:
    """Write down an account, which never changes from then on."""
    connection.execute(
        insert(BANK_ACCOUNT).values(
            account_id=account_id,
            organisation_id=organisation_id,
            institution=details.institution,
            transit=details.transit,
            number=details.number,
            holder=details.holder,
            recorded_on=recorded_on,
        )
    )


def details_of(connection: Connection, account_ids: Iterable[UUID]) -> dict[UUID, BankDetails]:
    """The details by account; an account that was erased is left out."""
    query = select(BANK_ACCOUNT).where(BANK_ACCOUNT.c.account_id.in_(list(account_ids)))
    return {
        row.account_id: BankDetails(
            institution=row.institution,
            transit=row.transit,
            number=row.number,
            holder=row.holder,
        )
        for row in connection.execute(query)
    }
