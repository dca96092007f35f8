"""What changed between two versions of a plan, line by line."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.finance.domain.events import LineKind, PlanLine
from services.finance.domain.plan import cell_of
from services.finance.domain.report import Column, ColumnKind, Report, Words
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """One line that is not the same in both; a line that is not there expects nothing."""

    kind: LineKind
    code: str
    programme: str | None
    quarter: Quarter
    before: Money
    after: Money

    @property
    def difference(self) -> Money:
        """After less before."""
        return self.after - self.before


def differences(before: Iterable[PlanLine], after: Iterable[PlanLine]) -> tuple[LineChange, ...]:
    """The lines that changed, in the order of the later version; those that went come last."""
    was = {cell_of(line): line.amount for line in before}
    will_be = {cell_of(line): line.amount for line in after}
    return tuple(
        LineChange(
            kind=kind,
            code=code,
            programme=programme,
            quarter=quarter,
            before=was.get(cell, ZERO),
            after=will_be.get(cell, ZERO),
        )
        for cell in (*will_be, *(gone for gone in was if gone not in will_be))
        for kind, programme, code, quarter in (cell,)
        if was.get(cell, ZERO) != will_be.get(cell, ZERO)
    )


_TEXTS = (
    Column(code="kind", heading=Words(en="Kind", fr="Type"), kind=ColumnKind.TEXT),
    Column(code="programme", heading=Words(en="Programme", fr="Volet"), kind=ColumnKind.TEXT),
    Column(code="code", heading=Words(en="Source", fr="Source"), kind=ColumnKind.TEXT),
    Column(code="quarter", heading=Words(en="Quarter", fr="Trimestre"), kind=ColumnKind.TEXT),
)


def reports(changes: Iterable[LineChange]) -> list[Report]:
    """The differences as a person reads them."""
    rows = tuple(
        (
            str(change.kind),
            change.programme,
            change.code,
            str(change.quarter),
            change.before.cents,
            change.after.cents,
            change.difference.cents,
        )
        for change in changes
    )
    return [
        Report(
            code="plan-differences",
            title=Words(
                en="Differences between two versions of the plan",
                fr="Écarts entre deux versions du plan",
            ),
            columns=(
                *_TEXTS,
                Column(
                    code="before", heading=Words(en="Before", fr="Avant"), kind=ColumnKind.MONEY
                ),
                Column(code="after", heading=Words(en="After", fr="Après"), kind=ColumnKind.MONEY),
                Column(
                    code="difference",
                    heading=Words(en="Difference", fr="Écart"),
                    kind=ColumnKind.MONEY,
                ),
            ),
            rows=rows,
        )
    ]
