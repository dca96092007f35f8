"""Impact over HTTP on PostgreSQL: from a completion to outcomes, years later."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.impact import worker
from services.impact.domain.follow_up_dates import anniversary
from shared.settings import ServiceSettings
from tests.integration.impact.conftest import (
    ADOPTER,
    COMPLETED_ON,
    LEAD,
    PROJECT,
    Impact,
    completed,
    programme,
)

pytestmark = pytest.mark.postgres


class TestAFollowUp:
    def test_is_planned_when_a_project_completes(self, impact: Impact) -> None:
        """Two participants, five years: ten surveys, each due on an anniversary."""
        impact.hear(programme(), completed())
        follow_up = impact.get(f"/v1/follow-ups/{PROJECT}")
        assert follow_up["completed_on"] == "2025-06-30"
        assert [each["due_on"] for each in follow_up["surveys"]] == [
            anniversary(COMPLETED_ON, year).isoformat() for year in range(1, 6) for _ in range(2)
        ]
        assert {each["state"] for each in follow_up["surveys"]} == {"planned"}

    def test_is_planned_once(self, impact: Impact) -> None:
        """A completion that is delivered twice plans the same surveys, not twice as many."""
        impact.hear(programme(3), completed(), completed())
        assert len(impact.surveys()) == 6

    def test_shows_a_participant_its_own_surveys(self, impact: Impact) -> None:
        """A recipient sees its organisation's surveys, and nothing of projects of others."""
        impact.hear(completed())
        mine = impact.get(f"/v1/follow-ups/{PROJECT}", "recipient", LEAD)
        assert {each["organisation_id"] for each in mine["surveys"]} == {str(LEAD)}
        assert impact.ask(f"/v1/follow-ups/{PROJECT}", "recipient", uuid4()).status_code == 404
        listed = impact.get("/v1/surveys", "recipient", LEAD)["items"]
        assert {each["organisation_id"] for each in listed} == {str(LEAD)}
        others = f"/v1/surveys?organisation_id={ADOPTER}"
        assert impact.ask(others, "recipient", LEAD).status_code == 404

    def test_of_a_project_that_is_not_completed(self, impact: Impact) -> None:
        """There is no follow-up before completion."""
        assert impact.ask(f"/v1/follow-ups/{PROJECT}").status_code == 404

    def test_of_a_project_completed_long_ago(self, impact: Impact) -> None:
        """Surveys whose time has passed when we hear of the project open, and are late, at once."""
        impact.hear(programme(2), completed(completed_on=date(2020, 2, 29)))
        assert [(each["due_on"], each["state"]) for each in impact.surveys()] == [
            ("2021-02-28", "late"),
            ("2021-02-28", "late"),
            ("2022-02-28", "late"),
            ("2022-02-28", "late"),
        ]


class TestASurvey:
    def test_opens_is_answered_and_its_neighbour_is_late(self, impact: Impact) -> None:
        """A survey opens 60 days before, is answered once, or is late the day after."""
        impact.hear(programme(1), completed())
        impact.at(date(2026, 4, 30))
        assert {each["state"] for each in impact.surveys()} == {"planned"}
        impact.at(date(2026, 5, 1))
        opened = impact.surveys("&state=open")
        mine = next(each for each in opened if each["organisation_id"] == str(LEAD))
        answer = impact.respond(mine["survey_id"], {"JOBS-CREATED": 3}, LEAD)
        assert answer.status_code == 201
        assert answer.json()["version"] == 3
        impact.at(date(2026, 6, 30))
        assert len(impact.surveys("&state=late")) == 0
        impact.at(date(2026, 7, 1))
        (late,) = impact.surveys("&state=late")
        assert late["organisation_id"] == str(ADOPTER)
        read = impact.get(f"/v1/surveys/{mine['survey_id']}", "recipient", LEAD)
        assert read["answers"] == [{"indicator": "JOBS-CREATED", "value": 3}]
        assert (read["state"], read["answered_late"]) == ("submitted", False)

    def test_a_late_answer_is_marked(self, impact: Impact) -> None:
        """Answering after the due date is better than not answering."""
        impact.hear(programme(1), completed())
        impact.at(date(2026, 9, 1))
        survey_id = impact.surveys()[0]["survey_id"]
        of = UUID(impact.surveys()[0]["organisation_id"])
        assert impact.respond(survey_id, {"EXPORTS": 1_000_00}, of).status_code == 201
        assert impact.get(f"/v1/surveys/{survey_id}")["answered_late"] is True

    def test_the_same_request_again(self, impact: Impact) -> None:
        """A client that does not know whether it was heard may ask again."""
        impact.hear(programme(1), completed())
        impact.at(date(2026, 6, 1))
        survey = impact.surveys()[0]
        of, key = UUID(survey["organisation_id"]), uuid4()
        first = impact.respond(survey["survey_id"], {"EXPORTS": 5}, of, key)
        again = impact.respond(survey["survey_id"], {"EXPORTS": 5}, of, key)
        assert again.json() == first.json()
        other = impact.respond(survey["survey_id"], {"EXPORTS": 6}, of)
        assert (other.status_code, other.json()["code"]) == (409, "survey-already-answered")

    def test_for_somebody_else(self, impact: Impact) -> None:
        """An organisation neither answers nor reads the survey of another."""
        impact.hear(programme(1), completed())
        impact.at(date(2026, 6, 1))
        survey_id = impact.surveys()[0]["survey_id"]
        stranger = uuid4()
        assert impact.respond(survey_id, {"EXPORTS": 5}, stranger).status_code == 403
        assert impact.ask(f"/v1/surveys/{survey_id}", "recipient", stranger).status_code == 404

    def test_that_does_not_exist(self, impact: Impact) -> None:
        """An unknown survey is not found."""
        assert impact.respond(str(uuid4()), {"EXPORTS": 5}, LEAD).status_code == 404
        assert impact.ask(f"/v1/surveys/{uuid4()}").status_code == 404

    def test_every_reason_is_told_at_once(self, impact: Impact) -> None:
        """A response that cannot be taken says everything that is wrong with it."""
        impact.hear(programme(1), completed())
        impact.at(date(2026, 6, 1))
        survey = impact.surveys()[0]
        of = UUID(survey["organisation_id"])
        answer = impact.respond(survey["survey_id"], {"HAPPINESS": 1, "EXPORTS": -1}, of)
        assert answer.status_code == 422
        assert [each["code"] for each in answer.json()["errors"]] == [
            "unknown-indicator",
            "value-out-of-bounds",
        ]

    def test_lists_go_in_pages(self, impact: Impact) -> None:
        """Pages put together are the whole list, each survey once, by due date."""
        impact.hear(completed())
        seen: list[Any] = []
        path: str | None = "/v1/surveys?limit=3"
        while path:
            page = impact.get(path)
            seen += page["items"]
            path = f"/v1/surveys?limit=3&cursor={page['next']}" if page["next"] else None
        assert seen == impact.surveys()
        assert len(seen) == 10


class TestOutcomes:
    def test_missing_is_not_zero(self, impact: Impact) -> None:
        """Sums count only what was answered, and stand beside the response rate and its base."""
        other = UUID(int=9)
        impact.hear(programme(2), completed(), completed(other))
        for year, jobs_kept in ((2026, 10), (2027, 4)):
            impact.at(date(year, 6, 1))
            for survey in impact.surveys(f"&state=open&project_id={PROJECT}"):
                if survey["organisation_id"] == str(LEAD):
                    answers = {"JOBS-KEPT": jobs_kept, "EXPORTS": 100}
                    impact.respond(survey["survey_id"], answers, LEAD)
                elif year == 2026:
                    impact.respond(survey["survey_id"], {"EXPORTS": 30}, ADOPTER)
        outcomes = impact.get("/v1/outcomes?programme=IND-P2")
        assert outcomes["responses"] == [
            {"programme": "IND-P2", "year": 1, "opened": 4, "answered": 2, "answered_late": 0,
             "rate_bp": 5000},
            {"programme": "IND-P2", "year": 2, "opened": 4, "answered": 1, "answered_late": 0,
             "rate_bp": 2500},
        ]  # fmt: skip
        assert outcomes["yearly"] == [
            {"programme": "IND-P2", "indicator": "EXPORTS", "year": 1, "total": 130, "answers": 2},
            {"programme": "IND-P2", "indicator": "EXPORTS", "year": 2, "total": 100, "answers": 1},
            {"programme": "IND-P2", "indicator": "JOBS-KEPT", "year": 1, "total": 10, "answers": 1},
            {"programme": "IND-P2", "indicator": "JOBS-KEPT", "year": 2, "total": 4, "answers": 1},
        ]
        assert outcomes["to_date"] == [
            {"programme": "IND-P2", "indicator": "EXPORTS", "total": 230, "participants": 2},
            {"programme": "IND-P2", "indicator": "JOBS-KEPT", "total": 4, "participants": 1},
        ]
        assert impact.get("/v1/outcomes?programme=STEM") == {
            "responses": [], "yearly": [], "to_date": [],
        }  # fmt: skip

    def test_are_not_for_recipients(self, impact: Impact) -> None:
        """What others answered is not shown outside, not even in sums."""
        assert impact.ask("/v1/outcomes", "recipient", LEAD).status_code == 403
        assert impact.ask("/v1/outcomes", "auditor").status_code == 200


class TestTheProcess:
    def test_is_ready_and_says_how_far_it_is(self, impact: Impact) -> None:
        """Readiness and positions tell an operator that nothing is stuck."""
        impact.hear(programme(1), completed())
        assert impact.client.get("/ready").json()["checks"]["projections"] == "ok"
        positions = impact.client.get("/positions").json()
        assert positions["projections"]["surveys"]["position"] == positions["head"] == 4
        assert positions["timers_due"] == 0

    def test_reads_its_own_writes(self, impact: Impact) -> None:
        """A list asked for with a position that it has not reached asks to come back."""
        headers = impact.headers("programme-manager", None) | {"X-Jalon-Min-Position": "99"}
        answer = impact.client.get("/v1/surveys", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (503, "view-is-behind")
        assert "Retry-After" in answer.headers

    def test_names_its_indicators(self, impact: Impact) -> None:
        """A form can be built from the catalogue, in both languages."""
        named = {each["code"]: each for each in impact.get("/v1/indicators")}
        assert named["JOBS-KEPT"]["accrual"] == "replaces"
        assert named["JOBS-KEPT"]["names"]["fr"] == "Emplois maintenus"

    def test_its_worker_has_all_loops(self, app_settings: ServiceSettings) -> None:
        """Relay, consumer, projections and timers run together."""
        names = [loop.name for loop in worker.build(app_settings)._loops]
        assert names == ["impact.relay", "impact.consumer", "projector", "timers"]
