"""What is true of the books after any possible story, at every point of it."""

from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.finance.domain.events import PlanApproved
from services.finance.domain.tables import Basis, FiveTables
from shared.kernel.periods import civil_date
from tests.ledgers.books import Books
from tests.ledgers.reading import check_identities
from tests.ledgers.stories import story

SEEDS = st.integers(min_value=0, max_value=2**32)


@given(seed=SEEDS)
@settings(max_examples=40, deadline=None)
def test_every_identity_holds_at_every_position(seed: int) -> None:
    """Whatever happens, in whatever order it is heard, nothing is lost between accounts."""
    books = Books()
    for fact, heard in story(Random(seed), length=40):  # noqa: S311  # a story, not a secret
        books.hear(fact, heard)
        check_identities(books)


@given(seed=SEEDS)
@settings(max_examples=40, deadline=None)
def test_a_plan_is_not_touched_by_later_facts(seed: int) -> None:
    """As of any day, the plan is the same whenever it is asked for."""
    books = Books()
    told: dict[date, FiveTables] = {}
    previous: date | None = None
    for fact, heard in story(Random(seed), length=60):  # noqa: S311  # a story, not a secret
        today = civil_date(heard)
        if previous is not None and today > previous and planned(books):
            told[previous] = books.tables(2024, Basis.PLAN, previous)
        books.hear(fact, heard)
        previous = today
    for day, tables in told.items():
        assert books.tables(2024, Basis.PLAN, day) == tables


def planned(books: Books) -> bool:
    """Is there a plan?"""
    return any(isinstance(kept.fact, PlanApproved) for kept in books.log)


@given(seed=SEEDS)
@settings(max_examples=40, deadline=None)
def test_the_tables_agree_with_each_other(seed: int) -> None:
    """Tables 1 and 2 have one total; table 5 less receivables is table 4."""
    books = Books()
    heard = None
    for fact, heard in story(Random(seed), length=60):  # noqa: S311  # a story, not a secret
        books.hear(fact, heard)
    assert heard is not None
    today = civil_date(heard)
    bases = [Basis.FORECAST, Basis.ACTUAL] + ([Basis.PLAN] if planned(books) else [])
    for basis in bases:
        tables = books.tables(2024, basis, today)
        assert tables.by_programme.total == tables.by_source.total
        receivables = sum(
            row.total.cents for row in tables.cash_flow.rows if row.code.startswith("RECEIVABLE-")
        )
        assert tables.cash_flow.total.cents - receivables == tables.sources_of_funds.total.cents
