"""
A cell of the five tables: which figure it is, and which lines of a plan stand in it.

Table 1 has a row per programme, 2 per source, 3 per phase, 4 and 5 per funder agreement.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.finance.domain.events import MATCH_SOURCE, LineKind, PlanLine
from services.finance.domain.tables import (
    OPERATIONS_ROW,
    OTHER_ROW,
    FiveTables,
    Reference,
    Table,
)
from shared.kernel.periods import Quarter

BY_PROGRAMME, BY_SOURCE, SPENDING, SOURCES_OF_FUNDS, CASH_FLOW = range(1, 6)
"""The tables by number."""

TABLES: Mapping[int, Callable[[FiveTables], Table]] = {
    BY_PROGRAMME: lambda tables: tables.by_programme,
    BY_SOURCE: lambda tables: tables.by_source,
    SPENDING: lambda tables: tables.spending,
    SOURCES_OF_FUNDS: lambda tables: tables.sources_of_funds,
    CASH_FLOW: lambda tables: tables.cash_flow,
}
"""Each table, out of the five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One figure of the five tables."""

    table: int
    row: str | None = None
    """None: the total of all rows."""
    quarter: Quarter | None = None
    """None: the whole year."""


def cents_of(tables: FiveTables, cell: Cell) -> int:
    """The figure; a row that is not in the table has none of anything."""
    table = TABLES[cell.table](tables)
    return sum(
        figure.cents
        for row in table.rows
        if cell.row is None or row.code == cell.row
        for number, figure in enumerate(row.cells, start=1)
        if cell.quarter is None or cell.quarter.number == number
    )


def has(cell: Cell, line: PlanLine, reference: Reference) -> bool:
    """Does the line of the plan stand in the cell?"""
    row = _row_of(cell.table, line, reference)
    return row is not None and cell.row in {None, row} and cell.quarter in {None, line.quarter}


def _row_of(table: int, line: PlanLine, reference: Reference) -> str | None:
    """The row that a line of the plan stands in; None where the table does not count it."""
    if line.kind is not LineKind.NEW_BUSINESS:
        return _row_of_ours(table, line)
    programme = line.programme or ""
    if table == BY_PROGRAMME:
        return programme
    if table == BY_SOURCE:
        return line.code
    if line.code == MATCH_SOURCE:
        return None  # public money only
    if table == SPENDING:
        return reference.phase_of.get(programme, programme)
    return reference.funder_agreement_of.get(line.code, line.code)


def _row_of_ours(table: int, line: PlanLine) -> str | None:
    if line.kind is LineKind.OPERATIONS:
        return OPERATIONS_ROW if table == SPENDING else None
    if table not in {SOURCES_OF_FUNDS, CASH_FLOW}:
        return None
    return OTHER_ROW if line.kind is LineKind.OTHER_REVENUE else line.code
