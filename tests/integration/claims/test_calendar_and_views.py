import io
from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

import openpyxl
import pytest

from services.claims.settings import SERVICE
from services.claims.use_cases.timers import TIMER_HANDLERS, timers_of
from shared.contracts.intake import ClaimTerms
from shared.timers.loop import TimerLoop
from tests.integration.claims.conftest import (
    ADOPTER,
    ANALYST,
    APPROVER,
    OFFICER,
    PARTNER,
    PREPARER,
    PROVIDER,
    SIGNATORY,
    STRANGER,
    House,
    award_approved,
    programme_published,
)

pytestmark = pytest.mark.postgres


class Calendar:
    """An agreement whose timers fire as its clock moves."""

    def __init__(self, house: House, *, claim_due_days: int | None = 45) -> None:
        parts = house.parts
        self.house = house
        self.loop = TimerLoop(
            SERVICE, parts.database, parts.store, parts.clock, timers_of, TIMER_HANDLERS
        )
        terms = ClaimTerms(claim_due_days=claim_due_days)
        house.hears(programme_published().model_copy(update={"claims": terms}))
        house.hears(award_approved())
        house.done(SIGNATORY, "/signatures", {"participant_id": str(ADOPTER)})
        house.done(PARTNER, "/signatures", {"participant_id": str(PROVIDER)})
        house.done(OFFICER, "/execution", {"executed_on": "2023-04-03"})
        self.loop.step()

    def it_is(self, day: date) -> None:
        """Time passes, and what is due fires."""
        self.house.it_is(day)
        self.loop.step()

    def facts(self) -> Counter[str]:
        """How often the calendar has spoken, by kind."""
        told = [each.type for each in self.house.parts.store.tail(0, 1_000)]
        return Counter(each for each in told if each.startswith("claim-period."))

    def periods(self, **query: str) -> list[tuple[str, str, str]]:
        """Whose periods there are, where they start, and how they stand."""
        names = {str(ADOPTER): "adopter", str(PROVIDER): "provider"}
        items = self.house.get(ANALYST, "/v1/claim-periods", **query).json()["items"]
        return [(names[each["participant_id"]], each["starts_on"], each["state"]) for each in items]


def claim(
    house: House,
    quarter: tuple[date, date],
    cash: int = 500_00,
    *,
    forecast: list[dict[str, Any]] | None = None,
) -> UUID:
    """A claim of the adopter, certified."""
    first, last = (day.isoformat() for day in quarter)
    line = {"category": "labour", "cash": {"cents": cash}, "paid_on": last}
    body = {
        "participant_id": str(ADOPTER),
        "period_starts_on": first,
        "period_ends_on": last,
        "lines": [line | {"incurred_from": first, "incurred_to": last}],
        "forecast": forecast,
    }
    claim_id = house.done(PREPARER, "/claims", body)
    house.done(SIGNATORY, f"/claims/{claim_id}/certification")
    return claim_id


def approve(house: House, claim_id: UUID) -> None:
    house.done(ANALYST, f"/claims/{claim_id}/assessment", {"lines": []})
    house.done(APPROVER, f"/claims/{claim_id}/approval")


Q1 = (date(2023, 4, 1), date(2023, 6, 30))
Q2 = (date(2023, 7, 1), date(2023, 9, 30))
Q4 = (date(2024, 1, 1), date(2024, 3, 31))


class TestTheCalendar:
    def test_periods_open_and_reminders_go_to_those_who_have_not_claimed(
        self, house: House
    ) -> None:
        """Each period opens on its first day; only who has not claimed is reminded."""
        calendar = Calendar(house)
        assert calendar.periods() == [
            (name, "2023-04-01", "open") for name in sorted_by_id("adopter", "provider")
        ]
        calendar.it_is(date(2023, 6, 30))
        assert calendar.facts() == {"claim-period.opened": 1}
        calendar.it_is(date(2023, 7, 10))
        claim(house, Q1)
        assert calendar.facts() == {"claim-period.opened": 2}
        calendar.it_is(date(2023, 8, 14))
        assert calendar.facts() == {"claim-period.opened": 2, "claim-period.reminded": 2}
        assert ("adopter", "2023-04-01", "claimed") in calendar.periods()
        assert ("provider", "2023-04-01", "ended") in calendar.periods()
        calendar.it_is(date(2023, 8, 28))
        (overdue,) = house.get(ANALYST, "/v1/claim-periods", state="overdue").json()["items"]
        assert (overdue["participant_id"], overdue["days_overdue"]) == (str(PROVIDER), 14)
        assert overdue["reminded"] == "late"

    def test_a_year_on_one_day(self, house: House) -> None:
        """However late the timers are, each fact has the day that it was meant for."""
        calendar = Calendar(house)
        calendar.it_is(date(2024, 12, 31))
        assert calendar.facts() == {"claim-period.opened": 4, "claim-period.reminded": 12}
        assert len(calendar.periods(state="overdue")) == 8
        days = [
            each.event.effective_on
            for each in house.parts.store.tail(0, 1_000)
            if each.type == "claim-period.opened"
        ]
        assert days == [date(2023, 4, 3), Q2[0], date(2023, 10, 1), Q4[0]]

    def test_without_a_due_day(self, house: House) -> None:
        """A programme that never finds a claim late opens periods and reminds nobody."""
        calendar = Calendar(house, claim_due_days=None)
        calendar.it_is(date(2024, 12, 31))
        assert calendar.facts() == {"claim-period.opened": 4}
        assert {state for _, _, state in calendar.periods()} == {"ended"}

    def test_after_a_termination(self, house: House) -> None:
        """The period that is open ends with the agreement, and no other opens."""
        calendar = Calendar(house, claim_due_days=None)
        calendar.it_is(date(2023, 7, 20))
        end = {"terminated_on": "2023-07-20", "reason": "insolvency"}
        house.done(OFFICER, "/termination", end)
        calendar.it_is(date(2024, 12, 31))
        assert calendar.facts() == {"claim-period.opened": 2, "claim-period.rescheduled": 1}
        items = house.get(ANALYST, "/v1/claim-periods", agreement_id=agreement_id(house)).json()
        assert {each["ends_on"] for each in items["items"]} == {"2023-06-30", "2023-07-20"}

    def test_pages_and_who_sees_them(self, house: House) -> None:
        """A recipient sees the periods of its own organisation, a stranger none."""
        calendar = Calendar(house)
        calendar.it_is(date(2023, 7, 10))
        own = house.get(PREPARER, "/v1/claim-periods").json()["items"]
        assert {each["participant_id"] for each in own} == {str(ADOPTER)}
        assert house.get(STRANGER, "/v1/claim-periods").json()["items"] == []
        first = house.get(ANALYST, "/v1/claim-periods", limit="3").json()
        rest = house.get(ANALYST, "/v1/claim-periods", limit="3", cursor=first["next"]).json()
        assert [len(first["items"]), len(rest["items"]), rest["next"]] == [3, 1, None]
        assert len(calendar.periods(programme="IND-P1")) == 4
        assert calendar.periods(programme="NONE") == []


def sorted_by_id(*names: str) -> list[str]:
    ids = {"adopter": ADOPTER, "provider": PROVIDER}
    return sorted(names, key=lambda name: ids[name].int)


def agreement_id(house: House) -> str:
    return house.agreement.rpartition("/")[2]


class TestTheBacklog:
    def test_what_was_planned_and_what_was_carried_over(self, house: House) -> None:
        """The share is of what was planned for the year with what earlier years left over."""
        calendar = Calendar(house)

        def backlog(year: int, **query: str) -> dict[str, Any]:
            answer = house.get(ANALYST, "/v1/claims/backlog", fiscal_year=str(year), **query)
            assert answer.json()["base"] == "planned-and-carried-over"
            (found,) = answer.json()["programmes"]
            assert found["base"] == found["planned"] + found["carried_over"]
            sums = found["processed"] + found["waiting"] + found["not_claimed"]
            assert found["base"] == sums
            programme: dict[str, Any] = found
            return programme

        assert (backlog(2024)["planned"], backlog(2024)["share_bp"]) == (8, 0)
        calendar.it_is(date(2023, 7, 10))
        approve(house, claim(house, Q1))
        calendar.it_is(date(2023, 10, 10))
        late = claim(house, Q2)
        calendar.it_is(date(2024, 4, 10))
        year = backlog(2024)
        assert (year["processed"], year["waiting"], year["not_claimed"]) == (1, 1, 6)
        assert year["share_bp"] == 1_250
        following = backlog(2025)
        assert (following["planned"], following["carried_over"], following["waiting"]) == (0, 1, 1)
        approve(house, late)
        assert backlog(2025)["processed_of_carried_over"] == 1
        assert backlog(2025, as_of="2024-04-09")["processed"] == 0
        assert backlog(2024)["processed_of_planned"] == 2

    def test_is_for_staff(self, house: House) -> None:
        """A recipient does not see how much there is to do."""
        answer = house.get(PREPARER, "/v1/claims/backlog", fiscal_year="2024")
        assert answer.json()["code"] == "role-missing"


class TestForecastAgainstActual:
    def test_per_participant_and_quarter(self, house: House) -> None:
        """What was contracted, is still planned, was approved and was paid."""
        calendar = Calendar(house)
        calendar.it_is(date(2023, 7, 10))
        forecast = [{"quarter": "2024-T3", "amount": {"cents": 800_00}}]
        approve(house, claim(house, Q1, forecast=forecast))
        answer = house.get(PARTNER, f"{house.agreement}/forecasts").json()
        cells = {
            each["quarter"]: {name: each[name]["cents"] for name in AMOUNTS}
            for each in answer["cells"]
            if each["participant_id"] == str(ADOPTER)
        }
        assert cells == {
            "2024-T1": dict(zip(AMOUNTS, (500_00, 0, 200_00, 200_00, 0), strict=True)),
            "2024-T2": dict(zip(AMOUNTS, (500_00, 0, 0, 0, 0), strict=True)),
            "2024-T3": dict(zip(AMOUNTS, (0, 800_00, 0, 800_00, 0), strict=True)),
        }
        assert house.get(STRANGER, f"{house.agreement}/forecasts").status_code == 404


AMOUNTS = ("contracted", "committed", "approved", "expected", "paid")


class TestTables:
    def test_the_statement_as_a_workbook(self, house: House) -> None:
        """The same statement gives the same bytes, with numbers that add up."""
        calendar = Calendar(house)
        calendar.it_is(date(2023, 7, 10))
        approve(house, claim(house, Q1))
        path = f"{house.agreement}/statement.xlsx"
        first, again = (house.get(OFFICER, path) for _ in range(2))
        assert first.content == again.content
        workbook = openpyxl.load_workbook(io.BytesIO(first.content))
        assert workbook.sheetnames == ["Balances", "Claims", "Payments"]
        _, *rows = workbook["Balances"].values
        for row in rows:
            assert row[2] == pytest.approx(sum(row[3:]))  # type: ignore[arg-type]
        assert sum(row[2] for row in rows) == 1_200  # type: ignore[misc]
        house.projector.catch_up()
        headers = house._headers(PARTNER) | {"Accept-Language": "fr-CA"}
        french = house.client.get(path, headers=headers)
        workbook = openpyxl.load_workbook(io.BytesIO(french.content))
        assert workbook.sheetnames == ["Soldes", "Réclamations", "Paiements"]
        assert house.get(STRANGER, path).status_code == 404

    def test_the_queue_as_csv(self, house: House) -> None:
        """A recipient's claims, with amounts as its language writes them."""
        calendar = Calendar(house)
        calendar.it_is(date(2023, 7, 10))
        claim_id = claim(house, Q1)
        house.projector.catch_up()
        headers = house._headers(PREPARER) | {"Accept-Language": "fr"}
        text = house.client.get("/v1/claims.csv", headers=headers).content.decode("utf-8-sig")
        headings, line = text.splitlines()
        assert headings.startswith("réclamation;entente;volet;")
        assert line.startswith(f"{claim_id};")
        assert ";500,00;0,00;" in line
        assert len(house.get(PARTNER, "/v1/claims.csv").text.splitlines()) == 1
        assert len(house.get(ANALYST, "/v1/claims.csv", state="paid").text.splitlines()) == 1
