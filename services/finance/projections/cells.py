"""From a cell of the five tables to the lines of the ledger that it counts."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, and_, false, or_, select, true

from services.finance.domain.cells import (
    BY_PROGRAMME,
    BY_SOURCE,
    CASH_FLOW,
    SPENDING,
    Cell,
    cents_of,
    has,
)
from services.finance.domain.events import MATCH_SOURCE
from services.finance.domain.ledger import IN_FORCE, MATCH, SPENT, Account
from services.finance.domain.tables import (
    OPERATIONS_ROW,
    OTHER_ROW,
    RECEIVABLE_ROW,
    Basis,
    CountedLine,
)
from services.finance.projections.ledger import LINES, POCKETS
from services.finance.projections.tables import TablesAsked
from shared.kernel.periods import Quarter, fiscal_year_ends_on


def plan_lines_of(asked: TablesAsked, cell: Cell) -> tuple[CountedLine, ...]:
    """What the cell counts of the plan."""
    return tuple(each for each in asked.lines if has(cell, each.line, asked.reference))


def figure_of(asked: TablesAsked, cell: Cell) -> int:
    """The figure of the cell, in cents."""
    return cents_of(asked.tables, cell)


def counted(connection: Connection, asked: TablesAsked, cell: Cell) -> ColumnElement[bool]:
    """
    The lines of the ledger that the cell counts.

    Their sum and what the cell counts of the plan are its figure.
    """
    in_the_year = LINES.c.fiscal_year == asked.fiscal_year
    if cell.quarter is not None:
        in_the_year &= LINES.c.quarter == str(cell.quarter)
    condition = and_(asked.seen.of(LINES), in_the_year, _in_a_row(asked, cell))
    first = Quarter(asked.fiscal_year, 1)
    if cell.table == CASH_FLOW and cell.quarter in {None, first}:
        condition |= _receivable(connection, asked, cell)
    return condition


def _in_a_row(asked: TablesAsked, cell: Cell) -> ColumnElement[bool]:
    if cell.table == BY_PROGRAMME:
        return _any_of((*IN_FORCE, *MATCH)) & _is(LINES.c.programme, cell.row)
    if cell.table == BY_SOURCE:
        from_a_pocket = _any_of(IN_FORCE) & _is(LINES.c.pocket, cell.row)
        return (
            or_(from_a_pocket, _any_of(MATCH))
            if cell.row in {None, MATCH_SOURCE}
            else (from_a_pocket)
        )
    public = _any_of(SPENT if asked.basis is Basis.ACTUAL else IN_FORCE)
    ours = asked.basis is not Basis.PLAN  # a plan has its own lines for what is ours
    if cell.table == SPENDING:
        phase_of = asked.reference.phase_of
        operations = ours and cell.row in {None, OPERATIONS_ROW}
        return or_(
            public & _stands_for(LINES.c.programme, cell.row, phase_of),
            _any_of((Account.OPERATIONS,)) if operations else false(),
        )
    funder_agreement_of = asked.reference.funder_agreement_of
    other = ours and cell.row in {None, OTHER_ROW}
    return or_(
        public & _stands_for(LINES.c.pocket, cell.row, funder_agreement_of),
        _any_of((Account.OPERATIONS_FUNDING,)) & _is(LINES.c.code, cell.row) if ours else false(),
        _any_of((Account.OTHER_REVENUE,)) if other else false(),
    )


def _receivable(connection: Connection, asked: TablesAsked, cell: Cell) -> ColumnElement[bool]:
    """What funders owed when the year began: known now, happened before it."""
    funder_of = {
        row.code: RECEIVABLE_ROW.format(funder=row.funder)
        for row in connection.execute(select(POCKETS.c.code, POCKETS.c.funder))
    }
    unknown = RECEIVABLE_ROW.format(funder="")
    row = cell.row
    of_the_row: ColumnElement[bool] = true()
    if row is not None:
        codes = [code for code, named in funder_of.items() if named == row]
        if row.startswith(unknown) and row.removeprefix(unknown) not in funder_of:
            codes.append(row.removeprefix(unknown))
        of_the_row = LINES.c.pocket.in_(codes)
    return and_(
        asked.known.of(LINES),
        _any_of((Account.DUE_FROM_FUNDER,)),
        LINES.c.happened_on <= fiscal_year_ends_on(asked.fiscal_year - 1),
        of_the_row,
    )


def _any_of(accounts: Sequence[Account]) -> ColumnElement[bool]:
    return LINES.c.account.in_([str(account) for account in accounts])


def _is(column: ColumnElement[str | None], row: str | None) -> ColumnElement[bool]:
    return true() if row is None else _one_of(column, [row])


def _stands_for(
    column: ColumnElement[str | None], row: str | None, row_of: Mapping[str, str]
) -> ColumnElement[bool]:
    """Codes that stand in the row; one that nothing is known of stands for itself."""
    if row is None:
        return true()
    codes = [code for code, named in row_of.items() if named == row]
    if row not in row_of:
        codes.append(row)
    return _one_of(column, codes)


def _one_of(column: ColumnElement[str | None], codes: Sequence[str]) -> ColumnElement[bool]:
    """What has no code stands in the row of the empty one."""
    return column.in_(codes) | column.is_(None) if "" in codes else column.in_(codes)
