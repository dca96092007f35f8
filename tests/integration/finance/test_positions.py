"""What is outstanding, remaining and needed, by hand and beside a fold in plain Python."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from services.finance.domain.ledger import SPENT, Account, Line
from shared.kernel.periods import civil_date, fiscal_year_ends_on
from tests.integration.finance.conftest import Finance
from tests.integration.finance.test_doors import AGREEMENT, money
from tests.ledgers.books import Books
from tests.ledgers.stories import story
from tests.unit.finance import facts
from tests.unit.finance.facts import T1, T2

pytestmark = pytest.mark.postgres


def noon(year: int, month: int, day: int) -> datetime:
    """About noon in Toronto."""
    return datetime(year, month, day, 17, tzinfo=UTC)


@pytest.fixture
def told(finance: Finance) -> tuple[Finance, Books, list[date]]:
    """A story that both finance and the books in memory were told, and some days of it."""
    books = Books()
    for fact, heard in story(Random(11), length=140):  # noqa: S311  # a story, not a secret
        finance.told(fact, heard)
        books.hear(fact, heard)
    days = [civil_date(kept.recorded_at) for kept in books.log]
    return finance, books, [days[len(days) // 2], days[-1]]


def of_pocket(code: str) -> Callable[[Line], bool]:
    """The lines of a pocket."""
    return lambda line: line.pocket == code


def bands(ages: dict[str, Any]) -> list[int]:
    """The amounts of the bands, youngest first."""
    return [band["amount"]["cents"] for band in ages["bands"]]


class TestCommitmentsByAge:
    def test_by_hand(self, finance: Finance) -> None:
        """$500 of $800 is left, 120 days after signing; $300 of it was planned for T1, over."""
        finance.told(
            facts.agreement_executed(("P", T1, 600_00), ("P", T2, 200_00)),
            noon(2023, 4, 3),
        )
        finance.told(
            facts.claim_approved(T1, ("P", T1, 300_00), payable=facts.shares(P=300_00)),
            noon(2023, 7, 10),
        )
        body = finance.ask("/v1/commitments/ages", as_of="2023-08-01").json()
        (pocket,) = body["items"]
        assert (body["on"], pocket["pocket"]) == ("2023-08-01", "P")
        assert bands(pocket) == [0, 500_00, 0, 0, 0]
        assert [band["up_to_days"] for band in pocket["bands"]] == [90, 180, 365, 730, None]
        assert pocket["overdue"]["cents"] == 300_00
        at_noon = finance.ask("/v1/commitments/ages", as_of="2023-08-01T17:00:00Z").json()
        assert at_noon == body
        before = finance.ask("/v1/commitments/ages", as_of="2023-06-30").json()
        assert bands(before["items"][0]) == [800_00, 0, 0, 0, 0]
        assert before["overdue"]["cents"] == 0

    def test_adds_up_to_what_is_committed(self, told: tuple[Finance, Books, list[date]]) -> None:
        """Per pocket, as of any day."""
        finance, books, days = told
        for as_of in days:
            body = finance.ask("/v1/commitments/ages", as_of=as_of).json()
            assert body["items"]
            for item in body["items"]:
                expected = books.balance(
                    Account.COMMITTED, where=of_pocket(item["pocket"]), as_of=as_of
                )
                assert item["total"]["cents"] == sum(bands(item)) == expected
            assert body["total"]["total"]["cents"] == books.balance(Account.COMMITTED, as_of=as_of)


class TestPayablesByAge:
    def test_by_hand(self, finance: Finance) -> None:
        """$100 of June and $50 of August are owed; $120 is paid: $30 of August is left."""
        finance.told(facts.agreement_executed(("P", T1, 600_00)), noon(2023, 4, 3))
        for quarter, cents, on in ((T1, 100_00, date(2023, 6, 1)), (T2, 50_00, date(2023, 8, 1))):
            finance.told(
                facts.claim_approved(
                    quarter, ("P", T1, cents), payable=facts.shares(P=cents), on=on
                ),
                noon(on.year, on.month, on.day),
            )
        finance.told(
            facts.payment_disbursed(T1, on=date(2023, 8, 20), P=120_00),
            noon(2023, 8, 20),
        )
        body = finance.ask("/v1/payables/ages", as_of="2023-09-05").json()
        assert bands(body["items"][0]) == [0, 30_00, 0, 0]
        before = finance.ask("/v1/payables/ages", as_of="2023-08-10").json()
        assert bands(before["total"]) == [50_00, 0, 100_00, 0]

    def test_adds_up_to_what_is_payable(self, told: tuple[Finance, Books, list[date]]) -> None:
        """Per pocket, as of any day."""
        finance, books, days = told
        for as_of in days:
            body = finance.ask("/v1/payables/ages", as_of=as_of).json()
            assert body["items"]
            assert body["total"]["total"]["cents"] == books.balance(Account.PAYABLE, as_of=as_of)


class TestCashRequirement:
    def test_by_hand(self, finance: Finance) -> None:
        """As of 10 July: T1's claim now with what is overdue, T2 in October."""
        finance.hand_in("POST", "/v1/funder-agreements", AGREEMENT)
        finance.told(
            facts.agreement_executed(("ISED-P1-PRO", T1, 600_00), ("ISED-P1-PRO", T2, 200_00)),
            noon(2023, 4, 3),
        )
        finance.told(
            facts.claim_approved(
                T1,
                ("ISED-P1-PRO", T1, 300_00),
                payable=facts.shares(**{"ISED-P1-PRO": 270_00}),
                held_back=facts.shares(**{"ISED-P1-PRO": 30_00}),
            ),
            noon(2023, 7, 10),
        )
        body = finance.ask("/v1/cash-requirement", as_of="2023-07-10").json()
        july, *_, october = body["months"][:4]
        assert (july["payable"], july["committed"]) == (money(270), money(300))
        assert (october["starts_on"], october["committed"]) == ("2023-10-01", money(200))
        assert october["held_back"] == money(30)
        assert (len(body["months"]), body["total"]) == (25, money(800))
        assert july["to_be_drawn"] == money(570)
        of_the_agreement = finance.ask(
            "/v1/cash-requirement", as_of="2023-07-10", funder_agreement="ISED-P1"
        ).json()
        assert of_the_agreement == body
        none = finance.ask("/v1/cash-requirement", funder_agreement="MEIE-P1").json()
        assert none["total"] == money(0)

    def test_needs_all_that_is_owed(self, told: tuple[Finance, Books, list[date]]) -> None:
        """Over all months and later: what is committed, payable and held back, to the cent."""
        finance, books, days = told
        for as_of in days:
            body = finance.ask("/v1/cash-requirement", as_of=as_of).json()
            owed = (Account.COMMITTED, Account.PAYABLE, Account.HELD_BACK)
            assert body["total"]["cents"] == books.balance(*owed, as_of=as_of) > 0
            for account in owed:
                name = account.replace("-", "_")
                needed = sum(month[name]["cents"] for month in body["months"])
                assert needed == books.balance(account, as_of=as_of)
            assert body["cash"]["cents"] == books.balance(Account.CASH, as_of=as_of)


class TestPocketYears:
    def test_what_remains_under_a_ceiling(self, finance: Finance) -> None:
        """Ceiling less reserved, committed and spent; as it was before the ceiling was changed."""
        ceiling = {"fiscal_year": 2024, "ceiling": money(1_000)}
        with_ceiling = AGREEMENT["pockets"][0] | {"yearly": [ceiling]}
        finance.hand_in("POST", "/v1/funder-agreements", AGREEMENT | {"pockets": [with_ceiling]})
        finance.told(facts.award_approved(("ISED-P1-PRO", T1, 100_00)), noon(2023, 4, 3))
        finance.clock.instant = noon(2023, 5, 2)
        changed = {
            "authority": money(1_000_000),
            "effective_on": "2023-05-02",
            "yearly": [ceiling | {"ceiling": money(700)}],
        }
        finance.hand_in("PUT", "/v1/funder-agreements/ISED-P1/pockets/ISED-P1-PRO", changed)
        for as_of, of_year, remaining in (
            ("2023-05-01", 1_000, 900),
            ("2023-05-02T12:59:59-04:00", 1_000, 900),
            ("2023-05-02T13:00:00-04:00", 700, 600),
            ("2023-05-02", 700, 600),
        ):
            (pocket,) = finance.ask("/v1/pocket-years", as_of=as_of).json()["items"]
            (year,) = pocket["years"]
            assert (year["fiscal_year"], year["ceiling"]) == (2024, money(of_year))
            assert (year["reserved"], year["remaining"]) == (money(100), money(remaining))
            assert pocket["available"] == money(999_900)

    def test_add_up_to_the_pocket(self, told: tuple[Finance, Books, list[date]]) -> None:
        """Over all years: reserved, committed and spent as the books have them."""
        finance, books, days = told
        for as_of in days:
            for pocket in finance.ask("/v1/pocket-years", as_of=as_of).json()["items"]:
                mine = of_pocket(pocket["pocket"])
                for name, accounts in (
                    ("reserved", (Account.RESERVED,)),
                    ("committed", (Account.COMMITTED,)),
                    ("spent", SPENT),
                ):
                    of_years = sum(year[name]["cents"] for year in pocket["years"])
                    assert of_years == books.balance(*accounts, where=mine, as_of=as_of)


class TestYearEnds:
    def test_are_those_of_the_books(self, told: tuple[Finance, Books, list[date]]) -> None:
        """What had happened by 31 March, as it is known later; paid out of drawdowns as well."""
        finance, books, days = told
        for year, as_of in ((2023, days[0]), (2024, days[1])):
            body = finance.ask(f"/v1/year-ends/{year}", as_of=as_of).json()
            expected = {
                account: sum(
                    line.amount.cents
                    for kept in books.known(as_of)
                    if kept.fact.effective_on <= fiscal_year_ends_on(year)
                    for line in kept.lines
                    if line.account is account
                )
                for account in (
                    Account.DUE_FROM_FUNDER,
                    Account.TO_BE_RECOVERED,
                    Account.PAYABLE,
                    Account.HELD_BACK,
                    Account.DRAWN,
                )
            }
            found = dict.fromkeys(expected, 0)
            for item in body["receivables"] + body["payables"]:
                found[Account(item["account"])] += item["amount"]["cents"]
            expected[Account.DRAWN] *= -1
            assert found == expected
            assert body["receivable"]["cents"] == (
                found[Account.DUE_FROM_FUNDER] + found[Account.TO_BE_RECOVERED]
            )
        assert found[Account.PAYABLE] > 0
        assert found[Account.HELD_BACK] > 0

    def test_name_their_parties(self, finance: Finance) -> None:
        """Participants by project; a payment after the year's end does not change the year."""
        finance.told(facts.agreement_executed(("P", T1, 600_00)), noon(2023, 4, 3))
        finance.told(
            facts.claim_approved(
                T1, ("P", T1, 100_00), payable=facts.shares(P=100_00), on=date(2024, 3, 20)
            ),
            noon(2024, 3, 20),
        )
        paid_on = date(2024, 4, 2)
        finance.told(facts.payment_disbursed(T1, on=paid_on, P=100_00), noon(2024, 4, 2))
        body = finance.ask("/v1/year-ends/2024").json()
        (payable,) = body["payables"]
        assert payable["participant_id"] == str(facts.PARTICIPANT)
        assert (payable["amount"], body["payable"]) == (money(100), money(100))
        finance.clock.instant += timedelta(days=365)
        later = finance.ask("/v1/year-ends/2025").json()
        # Paid without a drawdown: cash was spent that was never drawn.
        assert [item["account"] for item in later["payables"]] == ["drawn"]


def test_only_finance_and_auditors_ask(finance: Finance) -> None:
    """Every position is for finance officers and auditors."""
    for path in (
        "/v1/commitments/ages",
        "/v1/payables/ages",
        "/v1/pocket-years",
        "/v1/cash-requirement",
        "/v1/year-ends/2024",
    ):
        assert finance.ask(path, role="recipient").status_code == 403
        assert finance.ask(path, role="auditor").status_code == 200
