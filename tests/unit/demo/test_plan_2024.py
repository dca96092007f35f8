"""The built-in portfolio says what the corporate plan 2023-2024 says, whatever the seed."""

import json
from collections import Counter
from datetime import date
from typing import Any

import pytest

from deploy.demo.checks import problems_of
from deploy.demo.consortia import PROVINCES, SECTORS
from deploy.demo.days import Step, happenings
from deploy.demo.plan_2024 import plan_2024
from deploy.demo.portfolio import Portfolio
from deploy.demo.published import PRINTED_QUARTERS, PRINTED_ROWS, PRINTED_SURPLUS_DOLLARS
from tests.unit.demo.oracle import Tables, projects_on

MILLION = 100_000_000
APPROVED = date(2023, 3, 31)


@pytest.fixture(scope="module", params=[2024, 7])
def portfolio(request: pytest.FixtureRequest) -> Portfolio:
    return plan_2024(request.param)


@pytest.fixture(scope="module")
def document(portfolio: Portfolio) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(portfolio.model_dump_json())
    return found


@pytest.fixture(scope="module")
def plan(document: dict[str, Any]) -> dict[str, Any]:
    tables: dict[str, Any] = Tables(document, "plan").as_json()["tables"]
    return tables


def phase_1(portfolio: Portfolio) -> list[Any]:
    return [p for p in portfolio.projects if p.programme in {"IND-P1", "SME-SCALE", "TRAINING"}]


class TestThePlan:
    @pytest.mark.parametrize("number", ["1", "2", "3", "4"])
    def test_every_row_is_as_published(self, plan: dict[str, Any], number: str) -> None:
        """Each printed row of tables 1 to 4, and their totals, are those of the plan."""
        found = {row["code"]: row["printed"] for row in plan[number]["rows"]}
        found["total"] = plan[number]["total"]["printed"]
        assert found == PRINTED_ROWS[number]

    def test_every_quarter_is_as_published(self, plan: dict[str, Any]) -> None:
        """Each printed cell of table 5 is that of the plan."""
        table = plan["5"]
        found = {
            row["code"]: (*(c["printed"] for c in row["cells"]), row["total"]["printed"])
            for row in [*table["rows"], {"code": "total", **table["total"]}]
        }
        assert found == PRINTED_QUARTERS

    def test_the_surplus_is_exact(self, plan: dict[str, Any]) -> None:
        """The budgeted surplus is 51 000 dollars to the cent."""
        assert plan["4"]["surplus"]["cents"] == PRINTED_SURPLUS_DOLLARS * 100

    def test_tables_agree_with_each_other(self, plan: dict[str, Any]) -> None:
        """Table 2 adds up to table 1, and table 5 less the receivable to table 4."""
        assert plan["1"]["total"] == plan["2"]["total"]
        receivable = next(r for r in plan["5"]["rows"] if r["code"] == "RECEIVABLE-ISED")
        assert (
            plan["5"]["total"]["total"]["cents"] - receivable["total"]["cents"]
            == plan["4"]["total"]["cents"]
        )
        assert receivable["cells"][0]["cents"] == 240_000_000


class TestPhaseOne:
    def test_what_is_committed_and_cancelled(
        self, portfolio: Portfolio, document: dict[str, Any]
    ) -> None:
        """Of 230 M$ of ISED, 219 M$ were committed and 60 M$ of those cancelled, to the cent."""
        (ised,) = [a for a in portfolio.funder_agreements if a.code == "ISED-P1"]
        pockets = {pocket.code for pocket in ised.pockets}
        assert sum(pocket.authority_cents for pocket in ised.pockets) == 230 * MILLION
        before = [p for p in phase_1(portfolio) if p.executed_on and p.executed_on <= APPROVED]
        committed = sum(cell.cents for p in before for cell in p.funding if cell.pocket in pockets)
        assert committed == 219 * MILLION
        in_force = sum(
            cents
            for project, sums in projects_on(document, APPROVED)
            if project["programme"] in {"IND-P1", "SME-SCALE", "TRAINING"}
            for (pocket, _), cents in sums.in_force().items()
            if pocket in pockets
        )
        assert committed - in_force == 60 * MILLION

    def test_what_industry_puts_in(self, document: dict[str, Any]) -> None:
        """Industry puts 308 M$ into phase 1, about 1.6 dollars per public dollar."""
        found = [
            sums
            for project, sums in projects_on(document, APPROVED)
            if project["programme"] in {"IND-P1", "SME-SCALE", "TRAINING"}
        ]
        industry = sum(sum(sums.match().values()) for sums in found)
        public = sum(sum(sums.in_force().values()) for sums in found)
        assert industry == pytest.approx(308 * MILLION, rel=1e-6)
        assert industry / public == pytest.approx(1.6, abs=0.1)

    def test_who_takes_part(self, portfolio: Portfolio) -> None:
        """Sixty projects of three to five participants, in every province and sector."""
        projects = [p for p in portfolio.projects if p.programme == "IND-P1"]
        province = {o.code: o.province for o in portfolio.organisations}
        assert len(projects) == 60
        assert {len(p.participants) for p in projects} == {3, 4, 5}
        assert {province[each.organisation] for p in projects for each in p.participants} == {
            code for code, _ in PROVINCES
        }
        assert {p.title.split("(")[1].rstrip(")") for p in projects} == {s for s, _ in SECTORS}

    def test_only_quebec_is_funded_by_quebec(self, portfolio: Portfolio) -> None:
        """The pocket of the MEIE only funds participants in Québec."""
        province = {o.code: o.province for o in portfolio.organisations}
        funded = {
            province[cell.participant]
            for project in portfolio.projects
            for cell in project.funding
            if cell.pocket == "MEIE-P1"
        }
        assert funded == {"QC"}


class TestTheYear:
    def test_what_phase_2_comes_to(self, portfolio: Portfolio) -> None:
        """Phase 2 signs 28 projects: 35 M$ public to 65 M$ of industry."""
        signed = [p for p in portfolio.projects if p.programme == "IND-P2" and p.executed_on]
        assert len(signed) == 28
        assert sum(cell.cents for p in signed for cell in p.funding) == 35 * MILLION
        match = sum(c.cash_cents + c.in_kind_cents for p in signed for c in p.match)
        assert match == 65 * MILLION

    def test_what_happens(self, portfolio: Portfolio) -> None:
        """The year has an extension, two cancellations, declined and lapsed applications."""
        year = range(date(2023, 4, 1).toordinal(), date(2024, 4, 1).toordinal())
        cancelled = [
            p.programme
            for p in portfolio.projects
            if p.termination and p.termination.terminated_on.toordinal() in year
        ]
        extended = [a for p in portfolio.projects for a in p.amendments]
        assert sorted(cancelled) == ["IND-P1", "IND-P2"]
        assert [amendment.kind for amendment in extended] == ["time-extension"]
        assert sum(p.decision == "decline" for p in portfolio.projects) == 2
        assert sum(p.lapses_on is not None for p in portfolio.projects) == 1

    def test_some_claims_wait(self, portfolio: Portfolio) -> None:
        """On the last day of the year before, about 15 % of the claims of phase 1 waited."""
        claims = [c for p in phase_1(portfolio) for c in p.claims]
        latest = [c for c in claims if c.submitted_on == date(2022, 11, 15)]
        waiting = [c for c in latest if c.approved_on and c.approved_on > date(2022, 12, 31)]
        assert 0.05 < len(waiting) / len(latest) < 0.3

    def test_how_much_there_is_to_do(self, portfolio: Portfolio) -> None:
        """The demo stays small enough to be watched: some six thousand commands in all."""
        steps = Counter(happening.step for happening in happenings(portfolio))
        participants = sum(len(p.participants) for p in portfolio.projects)
        assert (
            7 * steps[Step.APPLY]
            + steps[Step.DECIDE]
            + participants
            + 2 * steps[Step.SUBMIT_CLAIM]
            + steps[Step.APPROVE_CLAIM]
            + steps[Step.PAY]
            + len(portfolio.organisations)
            < 6_000
        )


def test_it_can_be_run(portfolio: Portfolio) -> None:
    """The built-in portfolio passes the checks that every file passes."""
    assert problems_of(portfolio) == []


def test_the_seed_decides_everything() -> None:
    """The same seed gives the same portfolio, and another seed another one."""
    assert plan_2024(3) == plan_2024(3)
    assert plan_2024(3) != plan_2024(4)
