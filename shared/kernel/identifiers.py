"""
Identifiers.

New things get their id from the client that asks for them, so that asking twice is asking once.
What follows from something else (an agreement from an award, a timer from a survey) gets an id
derived from it, for the same reason.
"""

from uuid import UUID, uuid5

_JALON = UUID("6a616c6f-6e00-5000-8000-000000000000")


def derived_id(kind: str, *parts: object) -> UUID:
    """The id of the ``kind`` of thing that follows from ``parts``: same parts, same id."""
    return uuid5(_JALON, "/".join((kind, *map(str, parts))))
