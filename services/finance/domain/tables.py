"""
The five tables of a fiscal year, as planned, as forecast and as it turned out.

1. commitments by programme, all sources, match included: what agreements bind in the year;
2. the same by source: its total is that of table 1;
3. spending by phase, public money only, plus operations;
4. sources of public money and other revenue: less table 3, it is the surplus;
5. table 4 by quarter, plus what funders owed when the year began, in T1: its total less that
   is the total of table 4.

Pure: from sums of ledger lines and the lines of the plan to figures in cents. A figure is rounded
once, where it is printed; nothing is ever summed after rounding.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import chain
from typing import TypeVar

from services.finance.domain.events import MATCH_SOURCE, LineKind, PlanLine
from services.finance.domain.ledger import IN_FORCE, MATCH, OPERATING, SPENT, Account
from shared.kernel.money import Money
from shared.kernel.periods import Quarter

CENTS_IN_A_MILLION = 100_000_000


class Basis(StrEnum):
    """Which question a table answers."""

    PLAN = "plan"
    """The ledger where the board approved the plan, and the plan's lines."""
    FORECAST = "forecast"
    """The ledger now, and what is left of the lines."""
    ACTUAL = "actual"
    """The ledger now: what is bound in tables 1 and 2, what is spent in tables 3 to 5."""


def rounded(cents: int, *, unit: int, decimals: int = 0) -> Decimal:
    """
    An amount in units of so many cents, rounded half-up (away from zero), never a minus zero.

    Whatever is shown of the books is rounded here, and once.
    """
    amount = (Decimal(cents) / unit).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return amount + 0


def printed(cents: int, decimals: int = 1) -> str:
    """
    An amount in millions, rounded half-up (away from zero), without trailing zeros.

    61 605 000 dollars is ``"61.6"``, 128 million is ``"128"``; nothing, however little is left
    of it, is ``"0"`` and never ``"-0"``.
    """
    text = f"{rounded(cents, unit=CENTS_IN_A_MILLION, decimals=decimals):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount in cents, and how precisely it is printed."""

    cents: int
    decimals: int = 1

    @property
    def printed(self) -> str:
        """In millions; see ``printed``."""
        return printed(self.cents, self.decimals)


@dataclass(frozen=True, slots=True)
class Row:
    """One row by quarter, T1 to T4."""

    code: str
    cells: tuple[Figure, ...]

    @property
    def total(self) -> Figure:
        """Of the year."""
        return Figure(sum(cell.cents for cell in self.cells))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in the order in which funder agreements were opened and programmes published."""

    rows: tuple[Row, ...]

    @property
    def totals(self) -> tuple[Figure, ...]:
        """Of each quarter."""
        return tuple(Figure(sum(row.cells[index].cents for row in self.rows)) for index in range(4))

    @property
    def total(self) -> Figure:
        """Of the year, in cents: what is printed need not add up."""
        return Figure(sum(row.total.cents for row in self.rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class FiveTables:
    """The five tables of one fiscal year."""

    by_programme: Table
    by_source: Table
    spending: Table
    sources_of_funds: Table
    cash_flow: Table

    @property
    def surplus(self) -> Figure:
        """Table 4 less table 3."""
        return Figure(self.sources_of_funds.total.cents - self.spending.total.cents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """The sum of the lines of one account that share programme, pocket or code, and quarter."""

    account: Account
    quarter: Quarter
    cents: int
    programme: str | None = None
    pocket: str | None = None
    code: str | None = None
    new: bool = False
    """
    Of a project whose agreement was executed after the plan was approved (or reforecast); of
    operations and revenue, recorded after that.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What codes stand for, in order of appearance. What is not known stands for itself."""

    phase_of: Mapping[str, str]
    """Per programme: the envelope period or initiative under which it spends."""
    funder_agreement_of: Mapping[str, str]
    """Per pocket."""
    funder_agreements: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLine:
    """A line of a plan, and what of it a table counts."""

    line: PlanLine
    cents: int
    """All of it as planned; as forecast, what has not come yet."""

    @property
    def counted_line(self) -> PlanLine:
        """The line with what counts as its amount."""
        return replace(self.line, amount=Money(self.cents))


_Cell = tuple[str, str, Quarter]
"""Programme, source (pocket or ``MATCH``) and quarter."""
_Operating = tuple[LineKind, str, Quarter]
"""Kind, code and quarter of what is ours."""
_Grid = dict[tuple[str, Quarter], int]
"""Cents per row and quarter."""

K = TypeVar("K", bound=Hashable)

_KIND_OF = {
    Account.OPERATIONS: LineKind.OPERATIONS,
    Account.OPERATIONS_FUNDING: LineKind.OPERATIONS_FUNDING,
    Account.OTHER_REVENUE: LineKind.OTHER_REVENUE,
}

OPERATIONS_ROW = "OPERATIONS"
OTHER_ROW = "OTHER"
RECEIVABLE_ROW = "RECEIVABLE-{funder}"

USED_ACCOUNTS = (*IN_FORCE, *MATCH, *OPERATING)
"""The accounts that the tables are made of."""


def five_tables(
    *,
    fiscal_year: int,
    basis: Basis,
    amounts: Iterable[Amount],
    lines: Iterable[CountedLine],
    receivables: Mapping[str, int],
    reference: Reference,
) -> FiveTables:
    """
    Lay out the tables.

    ``amounts`` are those of the year known at the plan's approval (plan) or at the day asked for
    (the others); ``lines`` is what is counted beside them (``counted_lines``); ``receivables`` is
    what each funder owed on the last day of the year before, in cents.
    """
    known, counted = tuple(amounts), tuple(lines)
    new_business: dict[_Cell, int] = _sums(
        ((each.line.programme or "", each.line.code, each.line.quarter), each.cents)
        for each in counted
        if each.line.kind is LineKind.NEW_BUSINESS
    )
    budget: dict[_Operating, int] = _sums(
        ((each.line.kind, each.line.code, each.line.quarter), each.cents)
        for each in counted
        if each.line.kind is not LineKind.NEW_BUSINESS
    )
    bound = _added(_project_cells(known, (*IN_FORCE, *MATCH)), new_business)
    spent = _project_cells(known, SPENT) if basis is Basis.ACTUAL else bound
    ours = budget if basis is Basis.PLAN else _added(_operating_cells(known), budget)

    spending, funds = _spending_and_funds(spent, ours, reference)
    owed = {RECEIVABLE_ROW.format(funder=funder): cents for funder, cents in receivables.items()}
    for_operations = frozenset(
        code for kind, code, _ in ours if kind is LineKind.OPERATIONS_FUNDING
    )
    first, *_ = quarters = Quarter.all_of(fiscal_year)
    order_of_funds = (*reference.funder_agreements, *sorted(for_operations), OTHER_ROW, *owed)
    return FiveTables(
        by_programme=_table(
            _sums(((programme, q), cents) for (programme, _, q), cents in bound.items()),
            quarters,
            reference.phase_of,
        ),
        by_source=_table(
            _sums(((source, q), cents) for (_, source, q), cents in bound.items()),
            quarters,
            (*reference.funder_agreement_of, MATCH_SOURCE),
        ),
        spending=_table(spending, quarters, (*reference.phase_of.values(), OPERATIONS_ROW)),
        sources_of_funds=_table(funds, quarters, order_of_funds),
        cash_flow=_table(
            _added(funds, {(row, first): cents for row, cents in owed.items()}),
            quarters,
            order_of_funds,
            finer=for_operations,
        ),
    )


def counted_lines(
    *,
    basis: Basis,
    as_of: date,
    amounts: Iterable[Amount],
    lines: Iterable[PlanLine],
    is_reforecast: bool = False,
) -> tuple[CountedLine, ...]:
    """
    What the tables count of each line of the plan, beside the ledger (``amounts``).

    All of it as planned and none of it as it turned out. As forecast, what has not come yet, and
    nothing once its quarter is over: new business comes with the agreements executed since the
    plan was approved, operations and revenue with what is recorded of them. Where the plan
    ``is_reforecast``, the lines are what was left of it then: only what is new comes off them.
    """
    if basis is Basis.ACTUAL:
        return ()
    if basis is Basis.PLAN:
        return tuple(CountedLine(line=line, cents=line.amount.cents) for line in lines)
    known = tuple(amounts)
    new = tuple(amount for amount in known if amount.new)
    come = _project_cells(new, (*IN_FORCE, *MATCH))
    ours_come = _operating_cells(new if is_reforecast else known)
    return tuple(
        CountedLine(
            line=line,
            cents=max(
                0,
                line.amount.cents
                - (
                    come.get((line.programme or "", line.code, line.quarter), 0)
                    if line.kind is LineKind.NEW_BUSINESS
                    else ours_come.get((line.kind, line.code, line.quarter), 0)
                ),
            ),
        )
        for line in lines
        if line.quarter.ends_on >= as_of
    )


def _spending_and_funds(
    spent: dict[_Cell, int], ours: dict[_Operating, int], reference: Reference
) -> tuple[_Grid, _Grid]:
    """Tables 3 and 4, which show the same public money by where it goes and whence it comes."""
    public = {cell: cents for cell, cents in spent.items() if cell[1] != MATCH_SOURCE}
    phase_of, agreement_of = reference.phase_of, reference.funder_agreement_of
    spending = chain(
        (((phase_of.get(code, code), q), cents) for (code, _, q), cents in public.items()),
        (
            ((OPERATIONS_ROW, quarter), cents)
            for (kind, _, quarter), cents in ours.items()
            if kind is LineKind.OPERATIONS
        ),
    )
    funds = chain(
        (((agreement_of.get(code, code), q), cents) for (_, code, q), cents in public.items()),
        (
            ((OTHER_ROW if kind is LineKind.OTHER_REVENUE else code, quarter), cents)
            for (kind, code, quarter), cents in ours.items()
            if kind is not LineKind.OPERATIONS
        ),
    )
    return _sums(spending), _sums(funds)


def _project_cells(amounts: Iterable[Amount], accounts: Sequence[Account]) -> dict[_Cell, int]:
    return _sums(
        (
            (
                amount.programme or "",
                MATCH_SOURCE if amount.account in MATCH else amount.pocket or "",
                amount.quarter,
            ),
            amount.cents,
        )
        for amount in amounts
        if amount.account in accounts
    )


def _operating_cells(amounts: Iterable[Amount]) -> dict[_Operating, int]:
    return _sums(
        ((_KIND_OF[amount.account], amount.code or "", amount.quarter), amount.cents)
        for amount in amounts
        if amount.account in OPERATING
    )


def _sums(items: Iterable[tuple[K, int]]) -> dict[K, int]:
    sums: dict[K, int] = {}
    for key, cents in items:
        sums[key] = sums.get(key, 0) + cents
    return sums


def _added(one: dict[K, int], other: dict[K, int]) -> dict[K, int]:
    return _sums(chain(one.items(), other.items()))


def _table(
    grid: _Grid,
    quarters: Sequence[Quarter],
    order: Collection[str],
    finer: frozenset[str] = frozenset(),
) -> Table:
    """Rows that have an amount, in ``order``; what is not in it follows by code."""
    with_amounts = {row for (row, _), cents in grid.items() if cents}
    rows = (*dict.fromkeys(order), *sorted(with_amounts.difference(order)))
    return Table(
        tuple(
            Row(
                row,
                tuple(
                    Figure(grid.get((row, quarter), 0), 2 if row in finer else 1)
                    for quarter in quarters
                ),
            )
            for row in rows
            if row in with_amounts
        )
    )
