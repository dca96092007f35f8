"""A list of organisations that was brought in at once."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationsImported:
    """Each of ``registered`` has an event of its own, appended together with this one."""

    effective_on: date
    import_id: UUID
    registered: tuple[UUID, ...]
    """In the order of the list."""
    unchanged: tuple[UUID, ...]
    """Those that were known as they are described, in the order of the list."""
    refused: int
    """How many rows were left out because something was wrong with them."""
    by: str
