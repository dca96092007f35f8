"""
Lists in pages: each page says with which cursor the next one begins.

A cursor is the sort key of the last item, so that items which come or go never shift a page.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.web.interoperable import must_be_interoperable
from shared.web.refusals import BodyNotJson, CursorUnknown, TextUnstorable

LARGEST_PAGE = 200
USUAL_PAGE = 50

T = TypeVar("T")
R = TypeVar("R")


class Page(BaseModel, Generic[T]):
    """Some of a list, and how to go on."""

    items: list[T]
    next: str | None = None
    """Pass it as ``cursor`` for the page after this one; null on the last page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """
    The page a reader asks for.

    Query ``fetch`` rows that sort after ``after(…)``, then give them to ``page``.
    """

    limit: int = USUAL_PAGE
    cursor: str | None = None

    @property
    def fetch(self) -> int:
        """One more row than is shown: it tells whether there is a next page."""
        return self.limit + 1

    def after(self, *kinds: Any) -> tuple[Any, ...] | None:
        """
        The sort key after which the page begins, as values of ``kinds``; None at the beginning.

        Raises ``CursorUnknown`` for a cursor that this list cannot have given.
        """
        if self.cursor is None:
            return None
        try:
            padded = self.cursor + "=" * (-len(self.cursor) % 4)
            key = base64.b64decode(padded, altchars=b"-_", validate=True)
            must_be_interoperable(key)
            adapter: TypeAdapter[tuple[Any, ...]] = TypeAdapter(tuple[kinds])  # type: ignore[valid-type]
            return adapter.validate_json(key)
        except (binascii.Error, ValueError, ValidationError, BodyNotJson, TextUnstorable):
            raise CursorUnknown(field="cursor") from None

    def page(
        self,
        rows: Sequence[R],
        *,
        key: Callable[[R], tuple[Any, ...]],
        item: Callable[[R], T],
    ) -> Page[T]:
        """The page of ``rows``, each shown as ``item``; ``key`` is what the query sorts by."""
        shown, more = rows[: self.limit], len(rows) > self.limit
        return Page(
            items=[item(row) for row in shown], next=_cursor(key(shown[-1])) if more else None
        )


def _cursor(key: tuple[Any, ...]) -> str:
    text = json.dumps(key, default=str, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


async def _paging(
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = USUAL_PAGE,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> Paging:
    return Paging(limit=limit, cursor=cursor)


AskedPage = Annotated[Paging, Depends(_paging)]
"""For the signature of an endpoint: ``paging: AskedPage``."""
