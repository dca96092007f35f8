"""The ledger in PostgreSQL says what a fold in plain Python says."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from services.finance.domain.events import PlanApproved
from services.finance.domain.ledger import Account
from services.finance.domain.tables import Basis
from services.finance.projections.ledger import LINES, PROJECTION
from services.finance.projections.tables import tables_of
from shared.kernel.periods import TORONTO, civil_date
from shared.projecting.reading import ReadModels
from shared.projecting.rebuild import digests, rebuild
from tests.integration.finance.conftest import Finance
from tests.ledgers.books import Books
from tests.ledgers.stories import story

pytestmark = pytest.mark.postgres

SEEDS = (1, 2)


@pytest.fixture(params=SEEDS)
def told(request: pytest.FixtureRequest, finance: Finance) -> tuple[Finance, Books]:
    """A story that both finance and the books in memory were told."""
    books = Books()
    for fact, heard in story(Random(request.param), length=120):  # noqa: S311  # a story, not a secret
        finance.told(fact, heard)
        books.hear(fact, heard)
    finance.projector.catch_up()
    return finance, books


def days(books: Books) -> list[date]:
    """Some days at which to ask."""
    first, last = (civil_date(books.log[index].recorded_at) for index in (0, -1))
    step = max((last - first) // 5, timedelta(days=1))
    return [first + step * number for number in range(1, 7)]


def test_tables_are_those_of_the_books(told: tuple[Finance, Books]) -> None:
    """Every table, on every basis, as of and until any day, to the cent."""
    finance, books = told
    compared = 0
    with ReadModels(finance.database.engine).reading(PROJECTION) as connection:
        for as_of in days(books):
            is_planned = any(isinstance(kept.fact, PlanApproved) for kept in books.known(as_of))
            for basis in Basis:
                if basis is Basis.PLAN and not is_planned:
                    continue
                for until in (None, as_of - timedelta(days=30)):
                    asked = tables_of(
                        connection, fiscal_year=2024, basis=basis, as_of=as_of, until=until
                    )
                    assert asked.tables == books.tables(2024, basis, as_of, until)
                    compared += 1
    assert compared >= 24


def test_pockets_are_those_of_the_books(told: tuple[Finance, Books]) -> None:
    """Every balance of every pocket, as of any day."""
    finance, books = told
    for as_of in days(books):
        answer = finance.ask("/v1/pockets", as_of=as_of.isoformat())
        assert answer.status_code == 200
        for item in answer.json()["items"]:
            assert item["difference"]["cents"] == 0
            for account in (Account.AVAILABLE, Account.COMMITTED, Account.PAID, Account.CASH):
                expected = books.balance(
                    account, where=lambda line, code=item["code"]: line.pocket == code, as_of=as_of
                )
                assert item[account.replace("-", "_")]["cents"] == expected


def test_every_identity_holds(told: tuple[Finance, Books]) -> None:
    """The ledger checks itself, now and as of any day, and has something to check."""
    finance, books = told
    for as_of in (None, *days(books)):
        answer = finance.ask("/v1/identities", **({"as_of": as_of.isoformat()} if as_of else {}))
        body = answer.json()
        assert body["ok"], body
    # No quarter of the story is closed; test_periods closes some.
    assert {item["name"] for item in body["items"] if not item["checked"]} == {
        "closed-periods-do-not-move"
    }


def test_a_rebuild_gives_the_same_rows(told: tuple[Finance, Books]) -> None:
    """Replaying from nothing gives the same ledger, row for row."""
    finance, _ = told
    number = rebuild(finance.database, finance.store, PROJECTION)
    with finance.database.engine.connect() as connection:
        before = digests(connection, PROJECTION, number - 1)
        assert digests(connection, PROJECTION, number) == before
    assert before["line"][0] > 100


class TestAnEntryThatDoesNotAddUp:
    def line(self, **values: Any) -> dict[str, Any]:
        """A line of an entry that nobody posted."""
        return {
            "position": 999_999,
            "ordinal": 0,
            "entry": "claim-approved",
            "event_id": "00000000-0000-4000-8000-000000000000",
            "event_type": "claim",
            "happened_on": date(2023, 4, 1),
            "recorded_at": datetime(2023, 4, 1, tzinfo=TORONTO),
            "account": "payable",
            "pocket": "P",
            "cents": 1,
        } | values

    def test_is_refused_whoever_writes_it(self, finance: Finance) -> None:
        """PostgreSQL itself keeps entries balanced in every pocket, and lines as they are."""
        engine = finance.database.engine.execution_options(
            schema_translate_map=PROJECTION.placed_in(1)
        )
        unbalanced = [self.line(), self.line(ordinal=1, cents=-1, pocket="Q")]
        balanced = [self.line(), self.line(ordinal=1, cents=-1, account="paid")]
        with engine.begin() as connection:
            connection.execute(insert(LINES).values(balanced))
        for statement, why in (
            (insert(LINES).values([line | {"position": 5} for line in unbalanced]), "add up"),
            (insert(LINES).values(self.line(ordinal=2)), "add up"),
            (update(LINES).values(cents=5), "never changed"),
            (delete(LINES), "never changed"),
        ):
            with pytest.raises(IntegrityError, match=why), engine.begin() as connection:
                connection.execute(statement)

    def test_is_seen_by_the_ledger_itself(self, finance: Finance) -> None:
        """What the identities check can fail: a broken entry is named, with what it is off by."""
        with finance.database.engine.begin() as connection:
            placed = {"schema_translate_map": PROJECTION.placed_in(1)}
            connection.exec_driver_sql("ALTER TABLE ledger_1.line DISABLE TRIGGER ALL")
            connection.execute(insert(LINES), [self.line()], execution_options=placed)
        body = finance.ask("/v1/identities").json()
        broken = {item["name"]: item for item in body["items"] if not item["ok"]}
        assert not body["ok"]
        assert set(broken) == {
            "every-entry-adds-up-to-zero-in-every-pocket",
            "authority-is-what-became-of-it",
        }
        (entry,) = broken["every-entry-adds-up-to-zero-in-every-pocket"]["breaks"]
        assert entry == {"of": "999999 P", "difference": {"cents": 1, "currency": "CAD"}}
