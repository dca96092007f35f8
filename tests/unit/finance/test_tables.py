"""How figures are printed, and what a table does with what it does not know."""

import pytest

from services.finance.domain.ledger import Account
from services.finance.domain.tables import (
    Amount,
    Basis,
    FiveTables,
    Reference,
    five_tables,
    printed,
)
from shared.kernel.periods import Quarter

T1, T2, T3, T4 = Quarter.all_of(2024)
MILLION = 1_000_000_00


@pytest.mark.parametrize(
    ("dollars", "decimals", "text"),
    [
        (128_000_000, 1, "128"),
        (61_605_000, 1, "61.6"),
        (61_650_000, 1, "61.7"),
        (395_000, 1, "0.4"),
        (51_000, 1, "0.1"),
        (49_999, 1, "0"),
        (0, 1, "0"),
        (10_000_000, 1, "10"),
        (1_030_000, 2, "1.03"),
        (1_030_000, 1, "1"),
        (1_005_000, 2, "1.01"),
        (1_200_000, 2, "1.2"),
        (-61_650_000, 1, "-61.7"),
        (-49_999, 1, "0"),
        (1_234_567_890_000, 1, "1234567.9"),
    ],
)
def test_figures_are_printed_in_millions(dollars: int, decimals: int, text: str) -> None:
    """Rounded half-up once, away from zero, without trailing zeros and without a minus zero."""
    assert printed(dollars * 100, decimals) == text


def laid_out(*amounts: Amount, reference: Reference | None = None) -> FiveTables:
    """The actual tables of 2024."""
    return five_tables(
        fiscal_year=2024,
        basis=Basis.ACTUAL,
        amounts=amounts,
        lines=(),
        receivables={},
        reference=reference or Reference(phase_of={}, funder_agreement_of={}, funder_agreements=()),
    )


class TestRows:
    def test_codes_that_nothing_is_known_of(self) -> None:
        """Money is never dropped: what is not known yet stands under its own code."""
        tables = laid_out(
            Amount(account=Account.PAID, quarter=T1, cents=5, programme="X", pocket="P")
        )
        assert [row.code for row in tables.spending.rows] == ["X"]
        assert [row.code for row in tables.sources_of_funds.rows] == ["P"]

    def test_their_order(self) -> None:
        """Rows stand in order of appearance; the unknown follow."""
        reference = Reference(
            phase_of={"Z": "P1", "A": "P2"},
            funder_agreement_of={"Q": "AG-2", "P": "AG-1"},
            funder_agreements=("AG-2", "AG-1"),
        )
        tables = laid_out(
            *(
                Amount(account=Account.PAID, quarter=T1, cents=5, programme=code, pocket=pocket)
                for code in ("A", "Z", "M")
                for pocket in ("P", "Q")
            ),
            reference=reference,
        )
        assert [row.code for row in tables.by_programme.rows] == ["Z", "A", "M"]
        assert [row.code for row in tables.by_source.rows] == ["Q", "P"]
        assert [row.code for row in tables.spending.rows] == ["P1", "P2", "M"]
        assert [row.code for row in tables.cash_flow.rows] == ["AG-2", "AG-1"]

    def test_a_row_whose_quarters_cancel_out(self) -> None:
        """A row is left out when no quarter has an amount, not when its total is zero."""
        tables = laid_out(
            Amount(account=Account.PAID, quarter=T1, cents=5, programme="X", pocket="P"),
            Amount(account=Account.PAID, quarter=T2, cents=-5, programme="X", pocket="P"),
            Amount(account=Account.PAID, quarter=T3, cents=5, programme="Y", pocket="R"),
            Amount(account=Account.PAYABLE, quarter=T3, cents=-5, programme="Y", pocket="R"),
        )
        assert [row.code for row in tables.cash_flow.rows] == ["P"]

    def test_what_is_committed_is_bound_and_not_spent(self) -> None:
        """Actual: tables 1 and 2 show what agreements bind, tables 3 to 5 what was spent."""
        tables = laid_out(
            Amount(account=Account.COMMITTED, quarter=T4, cents=7, programme="X", pocket="P"),
            Amount(account=Account.HELD_BACK, quarter=T1, cents=2, programme="X", pocket="P"),
            Amount(account=Account.MATCH_PROMISED, quarter=T1, cents=3, programme="X"),
        )
        assert tables.by_programme.total.cents == tables.by_source.total.cents == 12
        assert tables.spending.total.cents == tables.sources_of_funds.total.cents == 2

    def test_operations_funding_in_the_cash_flow(self) -> None:
        """Its quarters are printed to ten thousand dollars, its total as the others."""
        tables = laid_out(
            Amount(
                account=Account.OPERATIONS_FUNDING,
                quarter=T1,
                cents=103 * MILLION // 100,
                code="ISED-OPERATIONS",
            )
        )
        (row,) = tables.cash_flow.rows
        assert [cell.printed for cell in row.cells] == ["1.03", "0", "0", "0"]
        assert row.total.printed == "1"
        assert [cell.printed for cell in tables.cash_flow.totals] == ["1", "0", "0", "0"]
