import base64
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.web.paging import Paging
from shared.web.refusals import CursorUnknown
from tests.support.toy import Toy


@settings(deadline=None)
@given(limit=st.integers(1, 50), count=st.integers(0, 120))
def test_pages_give_every_item_once_in_order(limit: int, count: int) -> None:
    """Following the cursors shows each item once, whatever the size of the page."""
    rows = [(date(2024, 3, 31), UUID(int=number)) for number in range(count)]
    seen: list[UUID] = []
    cursor: str | None = None
    while True:
        paging = Paging(limit=limit, cursor=cursor)
        after = paging.after(date, UUID)
        rest = [row for row in rows if after is None or row > after]
        page = paging.page(rest[: paging.fetch], key=lambda row: row, item=lambda row: row[1])
        assert len(page.items) <= limit
        seen += page.items
        cursor = page.next
        if cursor is None:
            break
    assert seen == [row[1] for row in rows]


@given(st.text() | st.binary().map(lambda key: base64.urlsafe_b64encode(key).decode()))
def test_a_cursor_that_another_made(cursor: str) -> None:
    """A cursor is a sort key of this list or it is refused."""
    with pytest.raises(CursorUnknown):
        Paging(cursor=cursor).after(date, UUID)


def test_a_cursor_of_another_list() -> None:
    """Keys of other kinds, other lengths or with what no database keeps do not pass."""
    page = Paging(limit=1).page([1, 2], key=lambda row: ("a\x00", UUID(int=row)), item=str)
    with pytest.raises(CursorUnknown):
        Paging(cursor=page.next).after(str, UUID)
    with pytest.raises(CursorUnknown):
        Paging(cursor=page.next).after(str)


def test_pages_over_http(toy: Toy) -> None:
    """The last page has no next."""
    first = toy.client.get("/v1/jars?limit=60", headers=toy.headers()).json()
    path = f"/v1/jars?limit=60&cursor={first['next']}"
    last = toy.client.get(path, headers=toy.headers()).json()
    assert (len(first["items"]), last["items"][0], len(last["items"])) == (60, 60, 40)
    assert last["next"] is None
