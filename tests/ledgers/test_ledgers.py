"""Every page of this folder is a test: its facts in, its balances out."""

from pathlib import Path

import pytest

from services.finance.domain.ledger import EntryKind
from tests.ledgers.books import Books
from tests.ledgers.reading import check_identities, facts, grids, said_by

PAGES = sorted(Path(__file__).parent.glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_books_say_what_the_page_says(page: Path) -> None:
    """Every balance of a worked ledger is what the ledger gives, and all identities hold."""
    books = Books()
    compared = 0
    for grid in grids(page):
        if grid.header[0] == "on":
            for fact, heard in facts(grid):
                books.hear(fact, heard)
                check_identities(books)
        else:
            assert said_by(books, grid) == list(grid.rows), f"{page.name}, line {grid.line}"
            compared += 1
    assert compared, f"{page.name} compares nothing"


def test_one_page_is_a_whole_year_with_everything_in_it() -> None:
    """Every kind of entry there is has its place in one fiscal year that adds up."""
    books = Books()
    for grid in grids(Path(__file__).parent / "whole_year.md"):
        if grid.header[0] == "on":
            for fact, heard in facts(grid):
                books.hear(fact, heard)
    assert {kept.kind for kept in books.log if kept.kind} == set(EntryKind)
