"""Leverage, released money and plan beside actual: figures that name what they stand on."""

from dataclasses import dataclass
from enum import StrEnum

from services.finance.domain.cells import TABLES, Cell, cents_of
from services.finance.domain.tables import Basis, FiveTables
from shared.kernel.money import BASIS_POINTS
from shared.kernel.periods import Quarter


class LeverageBase(StrEnum):
    """What leverage is measured on."""

    CONTRACTED = "contracted"
    """What agreements bind: match promised or reported, to public money in force."""
    PAID = "paid"
    """Match reported, to public money paid less what came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leverage:
    """The participants' own money beside public money, in cents."""

    base: LeverageBase
    match: int
    public: int

    @property
    def rate_bp(self) -> int | None:
        """Match in basis points of public money, rounded half-up; None where there is none."""
        if self.public <= 0:
            return None
        return (2 * self.match * BASIS_POINTS + self.public) // (2 * self.public)


class ReleaseReason(StrEnum):
    """Why money that was promised or paid went back to its pockets."""

    TERMINATION = "termination"
    """An agreement ended before its end."""
    COMPLETION = "completion"
    """A project was closed and had not needed all of it."""
    AMENDMENT = "amendment"
    """An amendment took more away than it added."""
    HOLDBACK_FORFEITED = "holdback-forfeited"
    """What was held back of a claim was given up."""
    RECOVERED = "recovered"
    """It was paid and came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What went back to the pockets for one reason, in cents."""

    reason: str
    """A ``ReleaseReason``, or what a contract says that this code does not know."""
    programme: str | None
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One cell as planned, as forecast and as it turned out, in cents."""

    cell: Cell
    plan: int | None
    """None where no plan is approved."""
    forecast: int
    actual: int

    @property
    def variance(self) -> int | None:
        """Actual less plan."""
        return None if self.plan is None else self.actual - self.plan


def side_by_side(fiscal_year: int, tables: dict[Basis, FiveTables]) -> list[Compared]:
    """Every row of every table, and its total, by quarter and for the year."""
    found = []
    for number in TABLES:
        rows = dict.fromkeys(
            row.code for each in tables.values() for row in TABLES[number](each).rows
        )
        for row in (*rows, None):
            for quarter in (*Quarter.all_of(fiscal_year), None):
                cell = Cell(table=number, row=row, quarter=quarter)
                planned = tables.get(Basis.PLAN)
                found.append(
                    Compared(
                        cell=cell,
                        plan=None if planned is None else cents_of(planned, cell),
                        forecast=cents_of(tables[Basis.FORECAST], cell),
                        actual=cents_of(tables[Basis.ACTUAL], cell),
                    )
                )
    return found
