"""Outcomes and scorecards over HTTP on PostgreSQL."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.integration.impact.conftest import LEAD, Impact, completed, programme

pytestmark = pytest.mark.postgres


def answered(impact: Impact) -> None:
    """Two projects of two participants; three of the four answer, on 1 June 2026."""
    impact.hear(programme(1), completed(), completed(UUID(int=9)))
    impact.at(date(2026, 6, 1))
    for number, survey in enumerate(impact.surveys()[:3]):
        of = UUID(survey["organisation_id"])
        answer = impact.respond(survey["survey_id"], {"JOBS-CREATED": number + 1}, of)
        assert answer.status_code == 201, answer.text


def measure(impact: Impact, quarter: str) -> Any:
    headers = impact.headers("programme-manager", None) | {"Idempotency-Key": str(uuid4())}
    answer = impact.client.post("/v1/scorecards", json={"quarter": quarter}, headers=headers)
    impact.settle()
    return answer


class TestIndicators:
    def test_stand_beside_their_base_as_of_any_day(self, impact: Impact) -> None:
        """Four were asked and three answered; the day before nobody had, which is not zero."""
        answered(impact)
        view = impact.get("/v1/outcomes/indicators?by=province")
        [group] = view["groups"]
        assert (group["group"], group["opened"], group["participants"]) == ("QC", 4, 4)
        [jobs] = group["indicators"]
        assert jobs["reported"] == {
            "total": 6, "answers": 3, "participants": 3, "suppressed": False,
        }  # fmt: skip
        assert jobs["validated"]["total"] is None
        assert jobs["expected"] is None
        assert view["estimates"] is None
        before = impact.get("/v1/outcomes/indicators?as_of=2026-05-31")
        assert before["groups"][0]["indicators"] == []
        unknown = impact.get("/v1/outcomes/indicators?by=sector")["groups"]
        assert [each["group"] for each in unknown] == [None]

    def test_are_coarse_from_outside(self, impact: Impact) -> None:
        """A recipient gets the last 31 March, nothing finer, and no figure of few."""
        answered(impact)
        path = "/v1/outcomes/indicators"
        assert impact.get(path, "recipient", LEAD)["as_of"] == "2026-03-31"
        for finer in ("as_of=2026-06-01", "programme=IND-P2", "cohort=2026", "extrapolate=true"):
            assert impact.ask(f"{path}?{finer}", "recipient", LEAD).status_code == 403
        for survey in impact.surveys("&state=submitted"):
            headers = impact.headers("programme-manager", None)
            headers["Idempotency-Key"] = str(uuid4())
            path_of = f"/v1/surveys/{survey['survey_id']}/validation"
            impact.client.post(path_of, headers=headers | {"Authorization": officer(impact)})
        impact.at(date(2027, 4, 2))
        seen = impact.get(path, "recipient", LEAD)["all"]["indicators"][0]
        assert seen["reported"] is None
        assert seen["validated"] == {
            "total": None, "answers": None, "participants": None, "suppressed": True,
        }  # fmt: skip

    def test_rates_have_their_base(self, impact: Impact) -> None:
        """Three of four answered: 75 %; without intellectual property there is no such rate."""
        answered(impact)
        rates = impact.get("/v1/outcomes/rates")
        assert rates["response"] == [
            {"programme": "IND-P2", "year": 1, "opened": 4, "answered": 3, "answered_late": 0,
             "rate_bp": 7500, "suppressed": False},
        ]  # fmt: skip
        assert rates["commercialisation"] == []


class TestScorecards:
    def test_are_measured_once_a_quarter_is_over(self, impact: Impact) -> None:
        """The second measurement keeps the first and says what changed."""
        answered(impact)
        assert measure(impact, "2027-T1").json()["code"] == "quarter-not-over"
        assert measure(impact, "2026-T4").status_code == 201
        impact.at(date(2026, 7, 2))
        assert measure(impact, "2027-T1").status_code == 201
        [newest, _] = impact.get("/v1/scorecards")["items"]
        by_code = {each["code"]: each for each in newest["objectives"]}
        assert by_code["RESPONSE-RATE"]["rate_bp"] == 7500
        assert by_code["JOBS-CREATED"]["numerator"] == 6
        assert by_code["COMMERCIALISATION"]["rate_bp"] is None
        assert impact.ask("/v1/scorecards", "recipient", LEAD).status_code == 403


def officer(impact: Impact) -> str:
    return f"Bearer {impact.issuer.token('p-9', ['programme-manager'])}"
