"""What an endpoint decides together with the service's own tables."""

from sqlalchemy import Connection

from services.impact.use_cases.contacts import Transaction
from shared.web.desk import Desk


def transaction_of(desk: Desk, connection: Connection) -> Transaction:
    """The transaction that the desk has begun."""
    return Transaction(
        store=desk.store,
        connection=connection,
        context=desk.context,
        request_hash=desk.request_hash,
    )
