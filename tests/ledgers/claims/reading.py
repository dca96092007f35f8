"""
How a worked ledger of one agreement is read.

A page is read from top to bottom, and the first column of a table says what the table is.
What is agreed comes first: ``term`` (the programme's rules) and ``participant`` (the schedule,
with which the agreement is signed and executed). A table that begins with ``on`` holds what people
then do; a row without a date goes on with the step above. All other tables hold what follows from
that: ``pocket`` (the statement; with a column ``participant``, of each of them), ``quarter`` (what
is still committed, and for when), ``rule`` (how the claim approved last was calculated), ``part``
(where its money stands, or came from) and ``outstanding`` (advances to be accounted for, and
recoveries). Such a table is complete; where nothing is left, a row of nil may say so.
"""

from collections.abc import Iterator
from pathlib import Path

from shared.kernel.money import total
from shared.kernel.refusals import Refusal
from tests.ledgers.claims.agreed import Ledger, conclude
from tests.ledgers.claims.following import SAID, STANDING
from tests.ledgers.claims.steps import carry_out
from tests.ledgers.reading import Grid, Row, dollars, grids


def check(page: Path) -> int:
    """
    Read a page and compare all that it says; the number of tables that were compared.

    Raises ``AssertionError`` with the page, the line and the column of the first wrong cell.
    """
    ledger, compared = Ledger(), 0
    for grid in grids(page):
        what = grid.header[0]
        if what == "term":
            ledger.terms |= {row["term"]: row["value"] for row in grid.rows}
        elif what == "participant":
            conclude(ledger, grid.rows)
        elif what == "on":
            for number, rows in _steps(grid):
                try:
                    carry_out(ledger, rows)
                except (AssertionError, Refusal) as wrong:
                    raise AssertionError(f"{page.name}, line {number}: {wrong}") from wrong
        else:
            assert what in SAID, f"{page.name}, line {grid.line}: no such table: {what}"
            _compare(page, grid, SAID[what](ledger, grid))
            compared += 1
    return compared


def _steps(grid: Grid) -> Iterator[tuple[int, list[Row]]]:
    """Each step, and the line it starts at."""
    groups: list[tuple[int, list[Row]]] = []
    for index, row in enumerate(grid.rows):
        if row["on"]:
            groups.append((_line(grid, index), []))
        groups[-1][1].append(row)
    yield from groups


def _line(grid: Grid, index: int) -> int:
    """The line of the page on which a row of a table stands."""
    return grid.line + 2 + index


def _is_nil(row: Row) -> bool:
    """A row of amounts that are all nil, which says that nothing is left."""
    amounts = [cell for name, cell in row.items() if name in {"committed", "amount"}]
    return bool(amounts) and all(cell == "0.00" for cell in amounts)


def _compare(page: Path, grid: Grid, said: list[Row]) -> None:
    """Every cell of a table is what the agreement gives, and the table has all of its rows."""
    written = [
        (index, row)
        for index, row in enumerate(grid.rows)
        if not (grid.header[0] in {"quarter", "outstanding"} and _is_nil(row))
    ]
    for (index, row), right in zip(written, said, strict=False):
        for column in grid.header:
            assert row[column] == right[column], (
                f"{page.name}, line {_line(grid, index)}, {column}: "
                f"{row[column]!r} should be {right[column]!r}"
            )
        if grid.header[0] == "pocket":
            stands = total(dollars(row[name]) for name in STANDING)
            assert dollars(row["contracted"]) == stands, (
                f"{page.name}, line {_line(grid, index)}, contracted: not where it all stands"
            )
    assert len(written) == len(said), (
        f"{page.name}, line {grid.line}: the table has {len(written)} rows, "
        f"and {len(said)} are right: {said}"
    )
