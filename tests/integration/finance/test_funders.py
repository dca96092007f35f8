"""Funder agreements and their terms over HTTP, on PostgreSQL."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import MatchCell
from tests.integration.finance.conftest import Finance
from tests.unit.finance import facts

pytestmark = pytest.mark.postgres

PRO, SME = "ISED-P1-PRO", "ISED-P1-SME"
T4 = Quarter(2023, 4)
NAMES = {"en": "Projects", "fr": "Projets"}


def money(dollars: int) -> dict[str, Any]:
    """Dollars as JSON."""
    return {"cents": dollars * 100, "currency": "CAD"}


def ceilings(**dollars: int) -> list[dict[str, Any]]:
    """Ceilings out of ``y2023=5``."""
    return [
        {"fiscal_year": int(year[1:]), "ceiling": money(each)} for year, each in dollars.items()
    ]


TERMS = {
    "claim_frequency": "quarterly",
    "share_bp": 10_000,
    "carry_over_bp": 2_500,
    "yearly": ceilings(y2023=1_000),
}
AGREEMENT = {
    "code": "ISED-P1",
    "funder": "ISED",
    "names": {"en": "Phase 1", "fr": "Phase 1"},
    "opened_on": "2022-04-01",
    "pockets": [
        {
            "code": PRO,
            "names": NAMES,
            "authority": money(1_000),
            "yearly": ceilings(y2023=600, y2024=300),
        },
        {"code": SME, "names": NAMES, "authority": money(500)},
    ],
    "terms": TERMS,
}
PATH = "/v1/funder-agreements/ISED-P1"


@pytest.fixture
def opened(finance: Finance) -> Finance:
    """Finance with one funder agreement and its terms."""
    answer = finance.hand_in("POST", "/v1/funder-agreements", AGREEMENT)
    assert answer.status_code == 201, answer.text
    return finance


def claim(finance: Finance, period: str | None, dollars: int) -> Any:
    """Claim from the funder."""
    return finance.hand_in(
        "POST",
        "/v1/drawdowns",
        {
            "funder_agreement": "ISED-P1",
            "submitted_on": "2023-01-05",
            "period": period,
            "pockets": [{"pocket": PRO, "amount": money(dollars)}],
        },
    )


def sign(finance: Finance, dollars: int) -> None:
    """An agreement commits dollars of the first pocket in the last quarter of 2023."""
    finance.hear(facts.agreement_executed((PRO, T4, dollars * 100)))
    finance.projector.catch_up()


def end(finance: Finance, fiscal_year: int = 2023, **given: Any) -> Any:
    """End a year."""
    finance.projector.catch_up()
    return finance.hand_in("POST", f"{PATH}/year-ends/{fiscal_year}", {}, **given)


class TestTerms:
    def test_are_said_at_opening_or_later(self, opened: Finance) -> None:
        """They are replaced as a whole; drawdowns are then held against the new ones."""
        assert opened.ask(PATH).json()["terms"] == TERMS
        new = {"claim_frequency": "annual", "share_bp": 5_000}
        body = {"terms": new, "effective_on": "2023-01-09"}
        assert opened.hand_in("PUT", f"{PATH}/terms", body).status_code == 200
        assert opened.ask(PATH).json()["terms"] == new | {"carry_over_bp": None, "yearly": []}
        assert claim(opened, "2023", 5_000).status_code == 201

    def test_are_held_to_their_limits(self, opened: Finance) -> None:
        """A share is at most everything, a ceiling at least nothing."""
        for wrong in ({"share_bp": 10_001}, {"yearly": ceilings(y2024=-1)}):
            body = {"terms": wrong, "effective_on": "2023-01-09"}
            assert opened.hand_in("PUT", f"{PATH}/terms", body).status_code == 422
        body = {"terms": {}, "effective_on": "2023-01-09"}
        nowhere = opened.hand_in("PUT", "/v1/funder-agreements/NOBODY/terms", body)
        assert nowhere.status_code == 404
        refused = opened.hand_in("PUT", f"{PATH}/terms", body, role="claims-officer")
        assert refused.status_code == 403


class TestDrawdowns:
    def test_stay_below_the_ceiling_of_the_year(self, opened: Finance) -> None:
        """1,000 may be claimed for 2023: 700 and 300, and no dollar more."""
        assert claim(opened, "2023-T2", 700).status_code == 201
        above = claim(opened, "2023-T3", 301)
        assert (above.status_code, above.json()["code"]) == (409, "above-the-ceiling-of-the-year")
        answer = claim(opened, "2023-T3", 300)
        assert answer.status_code == 201
        assert opened.ask(f"/v1/drawdowns/{answer.json()['id']}").json()["period"] == "2023-T3"

    def test_are_for_one_period_once(self, opened: Finance) -> None:
        """A quarter is named, and claimed for once."""
        none = claim(opened, None, 1)
        assert (none.status_code, none.json()["code"]) == (422, "period-needed")
        assert claim(opened, "2023-01", 1).json()["code"] == "not-a-period-of-the-agreement"
        assert claim(opened, "2023-T5", 1).status_code == 422
        assert claim(opened, "2023-T3", 1).status_code == 201
        again = claim(opened, "2023-T3", 1)
        assert (again.status_code, again.json()["code"]) == (409, "period-already-claimed")

    def test_are_claimed_once_per_key(self, opened: Finance) -> None:
        """Asking again with the same key answers the same, and counts nothing more."""
        key = uuid4()
        body = {
            "funder_agreement": "ISED-P1",
            "submitted_on": "2023-01-05",
            "period": "2023-T3",
            "pockets": [{"pocket": PRO, "amount": money(1_000)}],
        }
        first = opened.hand_in("POST", "/v1/drawdowns", body, key=key)
        again = opened.hand_in("POST", "/v1/drawdowns", body, key=key)
        assert first.status_code == again.status_code == 201
        assert first.json() == again.json()

    def test_are_counted_as_the_ledger_has_them(self, opened: Finance) -> None:
        """What was claimed, year by year, is what the ledger says was claimed in all."""
        for period, dollars in (("2023-T1", 10), ("2023-T4", 20), ("2024-T1", 40)):
            assert claim(opened, period, dollars).status_code == 201
        years = opened.ask(f"{PATH}/years").json()["items"]
        assert [(each["fiscal_year"], each["claimed"]) for each in years] == [
            (2023, money(30)),
            (2024, money(40)),
        ]
        with opened.database.engine.connect() as connection:
            schema = connection.execute(
                text("SELECT table_schema FROM information_schema.tables WHERE table_name = 'line'")
            ).scalar_one()
            drawn = connection.execute(
                text(
                    f'SELECT -sum(cents) FROM "{schema}".line '  # noqa: S608  # our own schema
                    "WHERE entry = 'drawdown-submitted' AND account = 'drawn'"
                )
            ).scalar_one()
        assert drawn == sum(each["claimed"]["cents"] for each in years) == 70_00


class TestTheEndOfAYear:
    def test_carries_over_and_lapses(self, opened: Finance) -> None:
        """Of 600, 400 are signed: 50 go on top of 2024, 150 lapse; everything still adds up."""
        sign(opened, 400)
        opened.clock.instant = datetime(2023, 4, 10, 17, tzinfo=UTC)
        key = uuid4()
        answer = end(opened, key=key)
        assert answer.status_code == 200, answer.text
        assert end(opened, key=key).json() == answer.json()
        pocket = opened.ask("/v1/pockets").json()["items"][0]
        assert (pocket["authority"], pocket["available"]) == (money(850), money(450))
        assert opened.ask(PATH).json()["year_ends"] == [
            {
                "fiscal_year": 2023,
                "carry_over_bp": 2_500,
                "pockets": [
                    {
                        "pocket": PRO,
                        "ceiling": money(600),
                        "used": money(400),
                        "carried": money(50),
                        "lapsed": money(150),
                    }
                ],
            }
        ]
        (year,) = opened.ask(f"{PATH}/years", until="2023-03-31").json()["items"]
        assert (year["carried"], year["lapsed"]) == (money(50), money(150))
        before = opened.ask(f"{PATH}/years", as_of="2023-04-09").json()["items"][0]
        assert (before["carried"], before["lapsed"]) == (None, None)
        just_before = opened.ask(f"{PATH}/years", as_of="2023-04-10T16:59:59Z").json()
        assert just_before["items"][0]["lapsed"] is None
        assert opened.ask("/v1/pockets", as_of="2023-04-09").json()["items"][0][
            "authority"
        ] == money(1_000)
        lapsed = opened.ask("/v1/entries", pocket=PRO, account="authority").json()["items"][-1]
        assert (lapsed["entry"], lapsed["happened_on"]) == ("authority-lapsed", "2023-03-31")
        assert opened.ask("/v1/identities").json()["ok"]
        again = end(opened)
        assert (again.status_code, again.json()["code"]) == (409, "year-already-ended")

    def test_keeps_what_is_promised(self, opened: Finance) -> None:
        """850 of 1,000 are signed for later years: 450 of 600 cannot lapse, and nothing moves."""
        opened.hear(facts.agreement_executed((PRO, Quarter(2025, 1), 850_00)))
        opened.clock.instant = datetime(2023, 4, 10, 17, tzinfo=UTC)
        answer = end(opened)
        assert (answer.status_code, answer.json()["code"]) == (
            409,
            "more-lapses-than-is-available",
        )
        assert opened.ask(PATH).json()["year_ends"] == []
        assert opened.ask("/v1/pockets").json()["items"][0]["authority"] == money(1_000)

    def test_comes_after_its_last_day(self, opened: Finance) -> None:
        """Nothing lapses on 31 March."""
        opened.clock.instant = datetime(2023, 3, 31, 17, tzinfo=UTC)
        answer = end(opened)
        assert (answer.status_code, answer.json()["code"]) == (409, "year-not-over")


def test_match_in_cash_and_in_kind_are_told_apart(finance: Finance) -> None:
    """The entries of a match figure are asked for together, or either alone."""
    promised = MatchCell(
        participant_id=facts.PARTICIPANT, quarter=T4, cash=Money(7_00), in_kind=Money(3_00)
    )
    finance.hear(facts.agreement_executed((PRO, T4, 1), promised=(promised,)))

    def asked(**parameters: Any) -> Any:
        return finance.ask("/v1/entries", account="match-promised", **parameters).json()

    assert asked()["total"] == money(10)
    assert asked(in_kind="false")["total"] == money(7)
    in_kind = asked(in_kind="true")
    assert in_kind["total"] == money(3)
    assert [line["in_kind"] for line in in_kind["items"][0]["lines"]] == [True]
