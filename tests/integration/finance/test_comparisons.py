"""Why a figure is not what it was: the entries that made the difference, to the cent."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from services.finance.projections.ledger import LINES, PROJECTION
from shared.kernel.periods import civil_date
from shared.projecting.reading import ReadModels
from tests.integration.finance.conftest import Finance
from tests.ledgers.stories import story
from tests.unit.finance import facts

pytestmark = pytest.mark.postgres

PATH = "/v1/comparisons"
FIGURES: tuple[dict[str, Any], ...] = (
    {"account": ["committed"], "fiscal_year": 2024},
    {"account": ["paid", "payable", "held-back"]},
    {"pocket": "ISED-P1-PRO", "account": ["available", "reserved"]},
    {},
)


def cents(money: dict[str, Any]) -> int:
    """An amount as it is answered, in cents."""
    assert money["currency"] == "CAD"
    return int(money["cents"])


@pytest.fixture
def told(finance: Finance) -> tuple[Finance, list[date]]:
    """A ledger with a long story in it, and some days of the story."""
    heard_on = []
    for fact, heard in story(Random(3), length=100):  # noqa: S311  # a story, not a secret
        finance.told(fact, heard)
        heard_on.append(civil_date(heard))
    return finance, [heard_on[0], heard_on[len(heard_on) // 3], heard_on[-8], heard_on[-1]]


def test_one_late_payment_is_the_whole_difference(finance: Finance) -> None:
    """A claim approved between two days is named, with its amount and its own day."""
    t1 = facts.T1
    finance.told(
        facts.agreement_executed(("P", t1, 1_000_00)), datetime(2023, 4, 3, 17, tzinfo=UTC)
    )
    finance.told(
        facts.claim_approved(
            t1, ("P", t1, 300_00), payable=facts.shares(P=300_00), on=date(2023, 6, 30)
        ),
        datetime(2023, 7, 10, 17, tzinfo=UTC),
    )
    answer = finance.ask(
        PATH, account="payable", before_as_of="2023-07-09", as_of="2023-07-10"
    ).json()
    figures = [cents(answer[name]) for name in ("before", "after", "difference")]
    assert figures == [0, 300_00, 300_00]
    (cause,) = answer["causes"]
    assert (cents(cause["amount"]), cause["happened_on"]) == (300_00, "2023-06-30")
    assert cause["entry"] == "claim-approved"
    fact = finance.ask(f"/v1/entries/{cause['position']}").json()
    assert fact["event_id"] == cause["event_id"]


def test_a_difference_is_the_sum_of_its_causes(told: tuple[Finance, list[date]]) -> None:
    """Between any two days, whatever the figure, the causes add up, and are the largest first."""
    finance, days = told
    moved = 0
    for figure in FIGURES:
        for before in days:
            for after in days:
                asked = {**figure, "before_as_of": before, "as_of": after, "limit": 500}
                answer = finance.ask(PATH, **asked).json()
                amounts = [cents(cause["amount"]) for cause in answer["causes"]]
                difference = cents(answer["difference"])
                assert difference == cents(answer["after"]) - cents(answer["before"])
                assert sum(amounts) == difference
                assert (answer["rest_entries"], cents(answer["rest"])) == (0, 0)
                assert amounts == sorted(amounts, key=abs, reverse=True)
                for end, bound in (("before", before), ("after", after)):
                    total = finance.ask("/v1/entries", **figure, as_of=bound).json()["total"]
                    assert answer[end] == total
                moved += len(amounts)
    assert moved > 100


def test_causes_are_those_that_a_plain_reading_of_the_lines_finds(
    told: tuple[Finance, list[date]],
) -> None:
    """Both pairs of dates differ: the lines are read one by one and compared in Python."""
    finance, days = told
    before, after = days[1], days[-1]
    was_until, until = after - timedelta(days=30), after - timedelta(days=90)
    asked = {
        "account": "committed",
        "before_as_of": before,
        "before_until": was_until,
        "as_of": after,
        "until": until,
        "limit": 500,
    }
    answer = finance.ask(PATH, **asked).json()
    with ReadModels(finance.database.engine).reading(PROJECTION) as connection:
        rows = connection.execute(select(LINES).where(LINES.c.account == "committed")).all()
    moves: dict[int, int] = defaultdict(int)
    for row in rows:
        recorded_on = civil_date(row.recorded_at)
        counted_before = recorded_on <= before and row.happened_on <= was_until
        counted_after = recorded_on <= after and row.happened_on <= until
        moves[row.position] += row.cents * (counted_after - counted_before)
    expected = {position: cents for position, cents in moves.items() if cents}
    assert {cause["position"]: cents(cause["amount"]) for cause in answer["causes"]} == expected
    assert expected


def test_what_is_not_listed_is_added_up(told: tuple[Finance, list[date]]) -> None:
    """A short list says how many causes there are beside it, and how much they are."""
    finance, days = told
    asked = {"account": "committed", "before_as_of": days[0], "as_of": days[-1]}
    whole = finance.ask(PATH, **asked).json()
    short = finance.ask(PATH, **asked, limit=2).json()
    assert short["causes"] == whole["causes"][:2]
    assert short["rest_entries"] == len(whole["causes"]) - 2
    assert cents(short["rest"]) == sum(cents(cause["amount"]) for cause in whole["causes"][2:])


def test_an_earlier_day_is_needed(finance: Finance) -> None:
    """Without one there is nothing to compare with, and an unknown filter is no comparison."""
    assert finance.ask(PATH).status_code == 422
    assert finance.ask(PATH, before_as_of="2023-07-09", limit=0).status_code == 422
    assert finance.ask(PATH, role="recipient", before_as_of="2023-07-09").status_code == 403
