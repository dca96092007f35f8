"""A quarter's trial balance as a person reads it."""

from services.finance.domain.period import digest
from services.finance.domain.period_view import PeriodView, TrialRow, reports
from services.finance.domain.posting import PeriodChange
from shared.kernel.periods import Quarter

T1 = Quarter(2024, 1)


def view(posted: int, **values: object) -> PeriodView:
    """A closed quarter with 10 frozen."""
    row = TrialRow(account="cash", pocket="P", frozen=10, posted=posted, happened=12)
    sha256 = digest(T1, 7, ())
    closing = PeriodChange(position=8, quarter=T1, closed_at=7, sha256=sha256)
    given = {"closed_by": closing, "rows": (row,), "sha256": sha256} | values
    return PeriodView(quarter=T1, late=(), late_entries=0, **given)  # type: ignore[arg-type]


def test_shows_the_three_balances_and_their_sums() -> None:
    """Frozen, by posting date, by true date; both languages have a title."""
    balance, late = reports(view(10))
    assert balance.rows == (("cash", "P", 10, 10, 12),)
    assert balance.total == (None, None, 10, 10, 12)
    assert "2024-T1" in balance.title.en
    assert "2024-T1" in balance.title.fr
    assert late.rows == ()


def test_is_unchanged_only_while_every_row_and_the_hash_are() -> None:
    """A cent or another hash tells; where nothing is frozen there is no answer."""
    assert view(10).is_unchanged is True
    assert view(11).is_unchanged is False
    assert view(10, sha256="other").is_unchanged is False
    assert view(10, closed_by=None).is_unchanged is None
    assert reports(view(10, closed_by=None))[0].total == (None, None, None, 10, 12)
