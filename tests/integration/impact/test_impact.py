"""Impact over HTTP on PostgreSQL: from a completion to outcomes, years later."""

from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.impact import worker
from services.impact.domain.follow_up_dates import anniversary
from shared.contracts.intake import ApplicationForwarded, Expectation
from shared.settings import ServiceSettings
from tests.integration.impact.conftest import (
    ADOPTER,
    COMPLETED_ON,
    LEAD,
    PROJECT,
    Impact,
    completed,
    party,
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
        """Surveys whose time has passed when we hear of the project open, and lapse, at once."""
        impact.hear(programme(2), completed(completed_on=date(2020, 2, 29)))
        assert [(each["due_on"], each["state"]) for each in impact.surveys()] == [
            ("2021-02-28", "lapsed"),
            ("2021-02-28", "lapsed"),
            ("2022-02-28", "lapsed"),
            ("2022-02-28", "lapsed"),
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
        assert answer.json()["version"] == 4
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
        assert impact.respond(survey_id, {"EXPORTS": 5}, stranger).status_code == 404
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
        """Relay, consumer, projections, timers and courier run together."""
        names = [loop.name for loop in worker.build(app_settings)._loops]
        assert names == ["impact.relay", "impact.consumer", "projector", "timers", "courier"]


QUESTIONS = {
    "titles": {"en": "Effects", "fr": "Effets"},
    "questions": [
        {"code": "IN-USE", "kind": "yes-no", "titles": {"en": "In use?", "fr": "Utilisé ?"},
         "required": True},
        {"code": "EXPORTS", "kind": "indicator", "titles": {"en": "Exports", "fr": "Exportations"},
         "required": True, "surprising_bp": 5_000,
         "shown_when": {"operator": "equals", "question": "IN-USE", "value": True}},
        {"code": "PIECES", "kind": "ip-list", "titles": {"en": "Which?", "fr": "Lesquels ?"}},
    ],
}  # fmt: skip
PIECE = {
    "title": "Yard scheduler", "kind": "copyright", "canadian_owned": True,
    "reuse_allowed": True, "reused": False, "commercialised": True,
}  # fmt: skip


def forwarded() -> ApplicationForwarded:
    return ApplicationForwarded(
        effective_on=date(2023, 6, 1),
        project_id=PROJECT,
        programme_code="IND-P2",
        programme_version=1,
        title="Predictive yards",
        lead_organisation_id=LEAD,
        participants=(party(1, LEAD), party(2, ADOPTER)),
        starts_on=date(2023, 9, 1),
        ends_on=date(2025, 6, 30),
        funding=(),
        match=(),
        scores=(),
        summary="Yards",
        expectations=(
            Expectation(
                participant_id=UUID(int=1), indicator="EXPORTS", baseline=None, expected=900
            ),
        ),
    )


@pytest.fixture
def asked(impact: Impact) -> Impact:
    """A questionnaire is published, and the lead's first survey is open."""
    published = impact.send("/v1/questionnaires/IND-P2", QUESTIONS, "programme-manager")
    assert published.status_code == 201, published.text
    impact.hear(programme(2), forwarded(), completed())
    impact.at(date(2026, 6, 1))
    return impact


def lead_survey(impact: Impact, year: int = 1) -> str:
    (found,) = (each for each in impact.surveys(f"&organisation_id={LEAD}") if each["year"] == year)
    return f"/v1/surveys/{found['survey_id']}"


class TestAQuestionnaire:
    def test_is_published_in_versions_with_its_schema(self, asked: Impact) -> None:
        """Every version stays readable, with the JSON Schema of its answers."""
        second = QUESTIONS | {"questions": QUESTIONS["questions"][:1]}  # type: ignore[index]
        path = "/v1/questionnaires/IND-P2"
        assert asked.send(path, second, "programme-manager").json()["version"] == 2
        first = asked.get(f"{path}?version=1", "recipient", LEAD)
        assert (first["newest"], set(first["answers"]["properties"])) == (
            2, {"IN-USE", "EXPORTS", "PIECES"},
        )  # fmt: skip
        assert set(asked.get(path)["answers"]["properties"]) == {"IN-USE"}
        assert asked.get(lead_survey(asked))["questionnaire_version"] == 1
        assert asked.ask(f"{path}?version=3").status_code == 404
        assert asked.ask("/v1/questionnaires/STEM").status_code == 404

    def test_says_everything_that_is_wrong_with_it(self, asked: Impact) -> None:
        """A definition with problems is not published; only programme managers publish."""
        wrong = {"titles": {"en": "", "fr": "Effets"}, "questions": []}
        answer = asked.send("/v1/questionnaires/IND-P2", wrong, "programme-manager")
        assert [each["code"] for each in answer.json()["errors"]] == [
            "text-missing", "number-of-questions",
        ]  # fmt: skip
        path = "/v1/questionnaires/IND-P2"
        assert asked.send(path, QUESTIONS, "recipient", LEAD).status_code == 403


class TestTheLifeOfAnAnswer:
    def test_from_draft_to_validation_and_correction(self, asked: Impact) -> None:
        """Drafted, submitted, asked about, corrected, validated; corrected, validated again."""
        path = lead_survey(asked)
        answers = {"IN-USE": True, "EXPORTS": 500, "PIECES": [PIECE]}
        draft = asked.send(f"{path}/draft", {"answers": {"IN-USE": True}}, of=LEAD, method="PUT")
        assert draft.status_code == 200, draft.text
        assert asked.get(path, "recipient", LEAD)["draft"]["replies"] == [
            {"question": "IN-USE", "value": True}
        ]
        assert asked.get(path)["draft"] is None
        sent = {"answers": answers, "certified": True}
        assert asked.send(f"{path}/response", sent, of=LEAD).status_code == 201
        receipt = asked.get(f"{path}/receipt", "recipient", LEAD)
        assert receipt["sha256"] == sha256(receipt["content"].encode()).hexdigest()
        question = {"codes": ["EXPORTS"], "text": "In cents?"}
        officer = "programme-manager"
        assert asked.send(f"{path}/query", question, officer, by="o-1").status_code == 201
        assert asked.send(f"{path}/validation", {}, officer, by="o-1").status_code == 409
        reply = {"text": "No: corrected.", "changes": {"EXPORTS": 50_000}}
        assert asked.send(f"{path}/query-answer", reply, of=LEAD).status_code == 201
        assert asked.send(f"{path}/validation", {}, officer, by="p-5").status_code == 403
        assert asked.send(f"{path}/validation", {}, officer, by="o-1").status_code == 201
        read = asked.get(path, "recipient", LEAD)
        assert (read["state"], read["answers"]) == (
            "validated", [{"indicator": "EXPORTS", "value": 50_000}],
        )  # fmt: skip
        assert read["expectations"] == [{"indicator": "EXPORTS", "baseline": None, "expected": 900}]
        change = {"changes": {"IN-USE": False, "EXPORTS": None}, "reason": "new-information"}
        assert asked.send(f"{path}/correction", change, of=LEAD).status_code == 201
        read = asked.get(path)
        assert (read["state"], read["validated_on"], read["answers"]) == ("submitted", None, [])
        assert [(each["code"], each["old"], each["new"]) for each in read["corrections"]] == [
            ("EXPORTS", 500, 50_000), ("IN-USE", True, False), ("EXPORTS", 50_000, None),
        ]  # fmt: skip
        assert asked.get("/v1/outcomes")["yearly"] == []
        assert asked.get(f"{path}/receipt")["sha256"] == receipt["sha256"]

    def test_tells_the_register_of_intellectual_property(self, asked: Impact) -> None:
        """A piece told in a survey is in the register once an officer took the answers, once."""
        path = lead_survey(asked)
        sent = {"answers": {"IN-USE": False, "PIECES": [PIECE]}, "certified": True}
        assert asked.send(f"{path}/response", sent, of=LEAD).status_code == 201
        assert asked.get("/v1/ip-register")["items"] == []
        officer = "programme-manager"
        assert asked.send(f"{path}/validation", {}, officer, by="o-1").status_code == 201
        (piece,) = asked.get("/v1/ip-register")["items"]
        assert (piece["title"], piece["owner_organisation_id"]) == ("Yard scheduler", str(LEAD))
        again = {"changes": {"PIECES": [PIECE | {"reused": True}]}, "reason": "new-information"}
        assert asked.send(f"{path}/correction", again, of=LEAD).status_code == 201
        assert asked.get("/v1/ip-register")["items"][0]["reused"] is False
        assert asked.send(f"{path}/validation", {}, officer, by="o-1").status_code == 201
        (piece,) = asked.get("/v1/ip-register")["items"]
        assert piece["reused"] is True

    def test_a_surprising_move_is_explained(self, asked: Impact) -> None:
        """An answer far from last year's asks for a reason, and takes one."""
        first = {"answers": {"IN-USE": True, "EXPORTS": 100}, "certified": True}
        assert asked.send(f"{lead_survey(asked)}/response", first, of=LEAD).status_code == 201
        asked.at(date(2027, 6, 1))
        path = lead_survey(asked, 2)
        assert asked.get(path)["last_year"] == [{"indicator": "EXPORTS", "value": 100}]
        moved: dict[str, Any] = {"answers": {"IN-USE": True, "EXPORTS": 900}, "certified": True}
        refused = asked.send(f"{path}/response", moved, of=LEAD)
        assert [each["code"] for each in refused.json()["errors"]] == ["surprising-answer"]
        moved["surprises"] = {"EXPORTS": {"reason": "new-contract", "explanation": "Europe."}}
        assert asked.send(f"{path}/response", moved, of=LEAD).status_code == 201

    def test_is_nobody_elses(self, asked: Impact) -> None:
        """To another organisation the survey does not exist, whatever it asks."""
        path, other = lead_survey(asked), ADOPTER
        answers = {"answers": {"IN-USE": True}}
        for method, end, body in (
            ("PUT", "draft", answers),
            ("POST", "response", answers | {"certified": True}),
            ("POST", "query-answer", {"text": "?"}),
            ("POST", "correction", {"changes": {"IN-USE": True}, "reason": "slip"}),
        ):
            answer = asked.send(f"{path}/{end}", body, of=other, method=method)
            assert answer.status_code == 404, end
        assert asked.ask(f"{path}/receipt", "recipient", other).status_code == 404
        for end in ("query", "validation", "excuse"):
            body = {"text": "?"} if end == "query" else {"reason": "closed"}
            assert asked.send(f"{path}/{end}", body, of=LEAD).status_code == 403

    def test_values_of_another_kind_are_refused_by_question(self, asked: Impact) -> None:
        """What no question takes is said, question by question, and never breaks anything."""
        path = lead_survey(asked)
        wrong = {"IN-USE": "yes", "EXPORTS": [PIECE], "PIECES": 3, "X": True}
        answer = asked.send(f"{path}/response", {"answers": wrong, "certified": True}, of=LEAD)
        assert answer.status_code == 422
        assert {each["field"] for each in answer.json()["errors"]} >= {
            "answers.IN-USE", "answers.EXPORTS", "answers.PIECES", "answers.X",
        }  # fmt: skip

    def test_lapses_and_is_still_taken(self, asked: Impact) -> None:
        """180 days after it was due nobody is asked any more; an answer is taken and marked."""
        asked.at(date(2026, 12, 27))
        path = lead_survey(asked)
        assert asked.get(path)["state"] == "lapsed"
        sent = {"answers": {"IN-USE": False}, "certified": True}
        assert asked.send(f"{path}/response", sent, of=LEAD).status_code == 201
        assert asked.get(path)["answered_late"] is True


class TestParticipants:
    def test_that_merged_or_closed(self, asked: Impact) -> None:
        """The new organisation answers what was not answered; the excused are not asked."""
        sent = {"answers": {"IN-USE": False}, "certified": True}
        assert asked.send(f"{lead_survey(asked)}/response", sent, of=LEAD).status_code == 201
        people = f"/v1/follow-ups/{PROJECT}/participants"
        heir = uuid4()
        merged = {"organisation_id": str(heir), "reason": "merged"}
        officer = "programme-manager"
        first = f"{people}/{UUID(int=1)}/replacement"
        assert asked.send(first, merged, officer).status_code == 201
        second = f"{people}/{UUID(int=2)}/excuse"
        assert asked.send(second, {"reason": "closed"}, officer).status_code == 201
        assert asked.send(second, {"reason": "tired"}, officer).status_code == 422
        other = f"{people}/{uuid4()}/excuse"
        assert asked.send(other, {"reason": "closed"}, officer).status_code == 404
        assert sorted(
            (each["year"], each["organisation_id"], each["state"]) for each in asked.surveys()
        ) == sorted(
            [
                (1, str(LEAD), "submitted"),
                (2, str(heir), "planned"),
                (1, str(ADOPTER), "excused"),
                (2, str(ADOPTER), "excused"),
            ]
        )
        assert asked.get("/v1/outcomes")["responses"][0]["opened"] == 1

    def test_of_a_project_that_is_completed_again(self, asked: Impact) -> None:
        """What has not opened moves; what was answered stays, with its id and its answers."""
        path = lead_survey(asked)
        sent = {"answers": {"IN-USE": False}, "certified": True}
        assert asked.send(f"{path}/response", sent, of=LEAD).status_code == 201
        before = {each["survey_id"] for each in asked.surveys()}
        asked.hear(completed(completed_on=date(2025, 9, 15)))
        after = asked.surveys()
        assert {each["survey_id"] for each in after} == before
        assert {(each["year"], each["due_on"]) for each in after} == {
            (1, "2026-06-30"), (2, "2027-09-15"),
        }  # fmt: skip
        assert asked.get(path)["replies"] == [{"question": "IN-USE", "value": False}]
        asked.at(date(2027, 7, 17))
        assert asked.get(lead_survey(asked, 2))["state"] == "open"
