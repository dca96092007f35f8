"""Closing quarters over HTTP: late facts, reopening, and what never moves."""

import hashlib
import json
from collections import defaultdict
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select

from services.finance.domain.posting import posting_date
from services.finance.projections.closings import FROZEN, closing_steps
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import LINES, PROJECTION
from shared.kernel.periods import Quarter, civil_date
from shared.projecting.reading import ReadModels
from tests.integration.finance.conftest import Finance
from tests.ledgers.stories import story
from tests.unit.finance import facts
from tests.unit.finance.facts import T1, T2, T3

pytestmark = pytest.mark.postgres


def at(year: int, month: int, day: int, hour: int = 17) -> datetime:
    """An instant in the middle of the day."""
    return datetime(year, month, day, hour, tzinfo=UTC)


def close(finance: Finance, quarter: Quarter, expected: int = 200) -> dict[str, Any]:
    """Close a quarter as the ledger stands."""
    finance.projector.catch_up()
    answer = finance.hand_in("POST", f"/v1/periods/{quarter}/closing", {})
    assert answer.status_code == expected, answer.text
    body: dict[str, Any] = answer.json()
    return body


def reopen(finance: Finance, quarter: Quarter) -> None:
    """Open a quarter again: one asks, another confirms."""
    path = f"/v1/periods/{quarter}/reopening"
    assert finance.hand_in("POST", path, {"reason": "Wrong pocket."}).status_code == 200
    finance.tokens["finance-officer"] = finance.issuer.token("p-other", ["finance-officer"])
    assert finance.hand_in("POST", f"{path}/confirmation", {}).status_code == 200
    del finance.tokens["finance-officer"]


def balances(period: dict[str, Any], column: str) -> dict[tuple[str, str | None], int]:
    """A column of the trial balance, without zeros."""
    return {
        (row["account"], row["pocket"]): row[column]["cents"]
        for row in period["trial_balance"]
        if row[column] is not None and row[column]["cents"]
    }


@pytest.fixture
def closed(finance: Finance) -> Finance:
    """T1 is closed with 700.00 committed and 300.00 payable; 50.00 of June is heard of after."""
    finance.told(facts.agreement_executed(("P", T1, 1_000_00)), at(2023, 4, 3))
    finance.told(approved(300_00, on=date(2023, 6, 20)), at(2023, 7, 5))
    finance.clock.instant = at(2023, 7, 20)
    close(finance, T1)
    finance.told(approved(50_00, on=date(2023, 6, 28)), at(2023, 7, 25))
    return finance


def approved(cents: int, on: date) -> Any:
    """A claim of T1 that is owed."""
    return facts.claim_approved(T1, ("P", T1, cents), payable=facts.shares(P=cents), on=on)


def test_a_late_fact_counts_in_the_open_quarter(closed: Finance) -> None:
    """The trial balance stays as frozen; the fact keeps its true date and counts on 1 July."""
    period = closed.ask("/v1/periods/2024-T1", role="auditor").json()
    frozen = {("available", "P"): -1_000_00, ("committed", "P"): 700_00, ("payable", "P"): 300_00}
    assert balances(period, "frozen") == balances(period, "posted") == frozen
    assert balances(period, "happened") == frozen | {
        ("committed", "P"): 650_00,
        ("payable", "P"): 350_00,
    }
    assert (period["closed"], period["unchanged"], period["late_entries"]) == (True, True, 1)
    assert period["sha256_now"] == period["closing"]["sha256"]
    (late,) = period["late"]
    assert (late["happened_on"], late["posted_on"]) == ("2023-06-28", "2023-07-01")
    assert late["amount"]["cents"] == 50_00
    entry = closed.ask("/v1/entries", account="payable").json()["items"][-1]
    assert (entry["happened_on"], entry["posted_on"]) == ("2023-06-28", "2023-07-01")
    following = closed.ask("/v1/periods/2024-T2").json()
    assert balances(following, "posted")["payable", "P"] == 350_00
    assert (following["closed"], following["unchanged"], following["late_entries"]) == (
        False,
        None,
        0,
    )


def test_quarters_are_closed_in_order_once_over(closed: Finance) -> None:
    """T2 is not over yet, T3 is out of order, T1 is closed, and so is everything before it."""
    assert close(closed, T2, 409)["code"] == "period-not-over"
    closed.clock.instant = at(2024, 1, 10)
    assert close(closed, T3, 409)["code"] == "period-out-of-order"
    assert close(closed, T1, 409)["code"] == "period-already-closed"
    assert closed.ask("/v1/periods/2023-T4").json()["closed"] is True
    close(closed, T2)
    periods = closed.ask("/v1/periods").json()
    assert (periods["open_from"], periods["next"]) == ("2023-10-01", "2024-T3")
    assert [(each["quarter"], each["closed_by"]) for each in periods["items"]] == [
        ("2024-T1", "p-finance-officer"),
        ("2024-T2", "p-finance-officer"),
    ]


def test_a_closing_is_a_fact_like_any_other(closed: Finance) -> None:
    """Who closed it and what it froze stay to be read, with the hash to recompute."""
    position = closed.ask("/v1/periods").json()["items"][0]["position"] + 1
    fact = closed.ask(f"/v1/entries/{position}").json()
    assert (fact["event_type"], fact["actor_id"]) == ("period.closed", "p-finance-officer")
    lines = [
        [line["account"], line["pocket"], line["cents"]] for line in fact["data"]["trial_balance"]
    ]
    text = json.dumps(["2024-T1", position - 1, lines], separators=(",", ":"))
    assert fact["data"]["sha256"] == hashlib.sha256(text.encode()).hexdigest()


def test_reopening_needs_two_people(closed: Finance) -> None:
    """Who asked does not confirm; after another did, facts fall in the quarter again."""
    path = "/v1/periods/2024-T1/reopening"
    assert closed.hand_in("POST", f"{path}/confirmation", {}).status_code == 409
    assert closed.hand_in("POST", path, {"reason": "Wrong pocket."}).status_code == 200
    own = closed.hand_in("POST", f"{path}/confirmation", {})
    assert (own.status_code, own.json()["code"]) == (403, "confirmer-asked-for-the-reopening")
    closed.tokens["finance-officer"] = closed.issuer.token("p-other", ["finance-officer"])
    closed.clock.instant = at(2023, 7, 26)
    assert closed.hand_in("POST", f"{path}/confirmation", {}).status_code == 200
    closed.told(approved(20_00, on=date(2023, 6, 29)), at(2023, 7, 27))
    period = closed.ask("/v1/periods/2024-T1").json()
    assert balances(period, "posted")["payable", "P"] == 320_00
    assert (period["closed"], period["unchanged"], period["late_entries"]) == (False, None, 1)
    assert period["closing"]["in_force"] is False
    assert period["closing"]["reopening"] == {
        "reason": "Wrong pocket.",
        "asked_by": "p-finance-officer",
        "asked_on": "2023-07-25",
        "confirmed_by": "p-other",
        "confirmed_on": "2023-07-26",
    }
    before = closed.ask("/v1/periods/2024-T1", as_of="2023-07-25").json()
    assert (before["closed"], before["unchanged"]) == (True, True)
    close(closed, T1)
    again = closed.ask("/v1/periods/2024-T1").json()
    assert balances(again, "frozen")["payable", "P"] == 320_00
    assert (again["unchanged"], again["late_entries"]) == (True, 1)


def test_only_the_latest_closed_quarter_is_reopened(closed: Finance) -> None:
    """The quarters after it must be open too."""
    closed.clock.instant = at(2023, 10, 10)
    close(closed, T2)
    body = {"reason": "Wrong pocket."}
    answer = closed.hand_in("POST", "/v1/periods/2024-T1/reopening", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "not-the-latest-closed")
    reopen(closed, T2)
    reopen(closed, T1)
    assert closed.ask("/v1/periods").json()["open_from"] is None


def test_a_ledger_that_is_behind_closes_nothing(closed: Finance) -> None:
    """The trial balance has seen everything that is recorded, or there is none."""
    closed.clock.instant = at(2023, 10, 10)
    closed.happen(approved(10_00, on=date(2023, 9, 1)))
    answer = closed.hand_in("POST", "/v1/periods/2024-T2/closing", {})
    assert (answer.status_code, answer.json()["code"]) == (503, "view-is-behind")
    close(closed, T2)


def test_closing_again_with_the_same_key_is_answered_again(closed: Finance) -> None:
    """A command is carried out once, whatever was recorded in between."""
    closed.clock.instant = at(2023, 10, 10)
    closed.projector.catch_up()
    key = facts.PROJECT
    first = closed.hand_in("POST", "/v1/periods/2024-T2/closing", {}, key=key)
    closed.happen(approved(10_00, on=date(2023, 9, 1)))
    assert closed.hand_in("POST", "/v1/periods/2024-T2/closing", {}, key=key).json() == first.json()


def test_only_finance_officers_close(closed: Finance) -> None:
    """An auditor reads; what is no quarter is not found."""
    for path in ("closing", "reopening/confirmation"):
        answer = closed.hand_in("POST", f"/v1/periods/2024-T1/{path}", {}, role="auditor")
        assert answer.status_code == 403
    assert closed.ask("/v1/periods/2024-T5").status_code == 422
    assert closed.hand_in("POST", "/v1/periods/2024-T1/reopening", {}).status_code == 422


def identity(finance: Finance, **parameters: Any) -> dict[str, Any]:
    """The identity about closed quarters."""
    items = finance.ask("/v1/identities", **parameters).json()["items"]
    (found,) = [each for each in items if each["name"] == "closed-periods-do-not-move"]
    return dict(found)


def test_the_ledger_sees_a_closed_quarter_that_moved(closed: Finance) -> None:
    """What was frozen is compared with what the lines say: a cent more, and it is named."""
    assert identity(closed)["ok"]
    assert identity(closed)["checked"] == 3
    assert identity(closed, as_of="2023-07-19")["checked"] == 0
    with closed.database.engine.begin() as connection:
        row = {"ordinal": 9, "account": "payable", "pocket": "P", "cents": -1}
        position = closed.ask("/v1/periods").json()["items"][0]["position"] + 1
        placed = {"schema_translate_map": PROJECTION.placed_in(1)}
        connection.execute(insert(FROZEN), [row | {"position": position}], execution_options=placed)
    broken = identity(closed)
    assert (broken["ok"], broken["difference"]["cents"]) == (False, 1)
    assert broken["breaks"][0]["of"] == "2024-T1 payable P"


@pytest.mark.parametrize("seed", [5, 6])
def test_closed_quarters_of_a_story_never_move(finance: Finance, seed: int) -> None:
    """Closed now and then, reopened once: SQL says what a plain reading of the lines says."""
    random = Random(seed)  # noqa: S311  # a story, not a secret
    quarters: list[Quarter] = []
    for fact, heard in story(random, length=100):
        finance.told(fact, heard)
        latest = Quarter.of(civil_date(heard))
        following = quarters[-1].next() if quarters else T1
        if following < latest and random.random() < 0.5:
            close(finance, following)
            quarters.append(following)
        elif len(quarters) > 1 and random.random() < 0.05:
            reopen(finance, quarters.pop())
    assert quarters
    checked = identity(finance)
    assert checked["ok"]
    assert checked["checked"] > 0
    with ReadModels(finance.database.engine).reading(PROJECTION) as connection:
        known = closing_steps(connection, Knowledge())
        lines = connection.execute(select(LINES)).all()
    moved = 0
    for quarter in quarters:
        expected: dict[tuple[str, str | None], int] = defaultdict(int)
        late = set()
        for line in lines:
            posted_on = posting_date(line.happened_on, line.position, known)
            if posted_on <= quarter.ends_on:
                expected[line.account, line.pocket] += line.cents
            elif line.happened_on <= quarter.ends_on:
                late.add(line.position)
        period = finance.ask(f"/v1/periods/{quarter}").json()
        assert balances(period, "posted") == {key: each for key, each in expected.items() if each}
        assert balances(period, "frozen") == balances(period, "posted")
        assert (period["unchanged"], period["late_entries"]) == (True, len(late))
        moved += len(late)
    assert moved > 0


class TestAsOfAnInstant:
    def test_counts_its_second_and_nothing_after(self, finance: Finance) -> None:
        """Two facts of one day are told apart, in any offset; a day is meant to its end."""
        finance.told(facts.agreement_executed(("P", T1, 1_000_00)), at(2023, 4, 3))
        finance.told(facts.forecast_revised(("P", T1, -10_00), ("P", T2, 10_00)), at(2023, 4, 4))
        finance.told(
            approved(300_00, on=date(2023, 4, 4)),
            datetime(2023, 4, 4, 17, 30, 0, 900_000, tzinfo=UTC),
        )
        for moment, cents in (
            ("2023-04-04T17:29:59Z", 0),
            ("2023-04-04T13:30:00-04:00", 300_00),
            ("2023-04-04T17:30:00.1Z", 300_00),
            ("2023-04-04", 300_00),
            ("2023-04-03", 0),
        ):
            asked = {"account": "payable", "as_of": moment}
            assert finance.ask("/v1/entries", **asked).json()["total"]["cents"] == cents, moment
            (pocket,) = finance.ask("/v1/pockets", as_of=moment).json()["items"]
            assert pocket["payable"]["cents"] == cents
            tables = finance.ask("/v1/tables/2024", basis="actual", as_of=moment).json()
            assert tables["tables"]["3"]["total"]["cents"] == cents
            assert finance.ask("/v1/identities", as_of=moment).json()["ok"]
        compared = finance.ask(
            "/v1/comparisons", account="payable", before_as_of="2023-04-04T17:29:59Z"
        ).json()
        assert compared["difference"]["cents"] == 300_00

    def test_shows_what_the_view_showed_then(self, finance: Finance) -> None:
        """After every fact of a story, the pockets as of its second are those seen at it."""
        seen = []
        for fact, heard in story(Random(8), length=60):  # noqa: S311  # a story, not a secret
            finance.told(fact, heard)
            seen.append((heard, finance.ask("/v1/pockets").json()["items"]))
        last_of = {heard.replace(microsecond=0): items for heard, items in seen}
        for heard, items in last_of.items():
            asked = finance.ask("/v1/pockets", as_of=heard.isoformat()).json()
            assert asked["items"] == items

    @pytest.mark.parametrize(
        "moment", ["2023-04-04T17:29:59", "2023-04-04T", "1680000000", "9999-12-31T23:59:59Z"]
    )
    def test_needs_an_offset_and_a_year_in_sight(self, finance: Finance, moment: str) -> None:
        """What is neither a day nor an instant is refused with the parameter's name."""
        answer = finance.ask("/v1/pockets", as_of=moment)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "as_of"

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/pocket-years",
            "/v1/commitments/ages",
            "/v1/payables/ages",
            "/v1/cash-requirement",
            "/v1/year-ends/2024",
            "/v1/tables/2024/explanation?table=3",
            "/v1/tables/2024/comparison?table=3&before_as_of=2023-04-04T13:29:59-04:00",
            "/v1/periods",
            "/v1/periods/2024-T1",
        ],
    )
    def test_is_taken_by_every_view(self, finance: Finance, path: str) -> None:
        """Whatever takes a day takes an instant, and after the last fact they say the same."""
        finance.told(facts.agreement_executed(("P", T1, 1_000_00)), at(2023, 4, 3))
        finance.told(approved(300_00, on=date(2023, 4, 4)), at(2023, 4, 4))
        url = httpx.URL(path)
        instant, day = (
            finance.ask(url.path, **dict(url.params), as_of=as_of)
            for as_of in ("2023-04-04T13:00:00-04:00", "2023-04-04")
        )
        assert instant.status_code == day.status_code == 200, instant.text
        assert instant.json() | {"as_of": None} == day.json() | {"as_of": None}

    def test_a_figure_opens_as_of_its_second(self, finance: Finance) -> None:
        """The address of a figure asked as of an instant leads to what it then was."""
        finance.told(facts.agreement_executed(("P", T1, 1_000_00)), at(2023, 4, 3))
        finance.told(approved(300_00, on=date(2023, 4, 4)), at(2023, 4, 4))
        finance.told(approved(50_00, on=date(2023, 4, 4)), at(2023, 4, 4, 18))
        asked = {"basis": "actual", "as_of": "2023-04-04T13:00:00-04:00"}
        tables = finance.ask("/v1/tables/2024", **asked).json()
        url = httpx.URL(tables["explanation"].partition("{")[0])
        opened = finance.ask(url.path, **dict(url.params), table=3).json()
        assert opened["figure"]["cents"] == tables["tables"]["3"]["total"]["cents"] == 300_00
