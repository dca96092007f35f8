"""Officers' work over HTTP, on PostgreSQL, with the calendar: questions, due diligence, queue."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.intake.api.programme_schemas import ProgrammeIn
from services.intake.domain import programme
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.definition import Section
from services.intake.use_cases import streams
from services.intake.use_cases.calendar import TIMERS, timers_of
from services.intake.use_cases.publishing import to_contract
from shared.contracts.intake import ApplicationForwarded
from shared.eventstore.commands import carry_out
from shared.eventstore.store import Actor, Context
from shared.postgres.clock import SimulatedClock
from shared.timers.loop import TimerLoop
from shared.timers.timer import fires_at
from tests.integration.intake.conftest import (
    ADOPTER,
    LEAD,
    PROGRAMME,
    STRANGER,
    Office,
    beginning,
)
from tests.integration.intake.test_intake import APPLICANT, OFFICER, forwarded, submitted

pytestmark = pytest.mark.postgres

ANALYST, COLLEAGUE = "person-intake-officer", "person-colleague"
SHA256 = "9f" * 32
QUESTIONS = {
    "questions": [
        {"text": "Which clients have signed?", "section": "market"},
        {"text": "Why so much equipment?", "section": "budget"},
    ],
    "due_on": "2023-04-17",
}
ANSWERS = {
    "answers": [
        {"text": "Two of five.", "document_sha256": SHA256},
        {"text": "The sensors wear out."},
    ]
}
SCORES = {
    "scores": [{"criterion": "team", "score": 4}, {"criterion": "impact", "score": 9}],
    "summary": "Strong",
}
BLOCKING = {
    "theme": "financial",
    "severity": "blocking",
    "text": "The match is not secured.",
    "document_sha256": SHA256,
}
CONFIRMED = {"confirmed": True, "findings": [{"rule": "call-open", "met": True}]}


@dataclass
class Officers:
    """The office with a second officer, and the calendar, moved by hand."""

    office: Office
    clock: SimulatedClock
    timers: TimerLoop

    def colleague(self, path: str, body: Any, status: int = 200) -> Any:
        """Hand in a command as the second officer."""
        token = self.office.issuer.token(COLLEAGUE, ["intake-officer"])
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        answer = self.office.client.post(path, json=body, headers=headers)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json()

    def at(self, day: date) -> None:
        """Move the clock to just after midnight of a day, and let things happen."""
        self.clock.move(fires_at(day))
        while self.timers.step():
            pass

    def queue(self, query: str = "") -> list[Any]:
        """The lines of the queue."""
        lines: list[Any] = self.office.see(OFFICER, f"/v1/queue?{query}")["items"]
        return lines


@pytest.fixture
def officers(office: Office) -> Officers:
    """Two officers, on the third of April."""
    clock = SimulatedClock(office.database.engine)
    timers = TimerLoop("intake", office.database, office.store, clock, timers_of, TIMERS)
    return Officers(office, clock, timers)


@pytest.fixture
def diligent_call_id(office: Office, call_id: str) -> str:  # noqa: ARG001  # it follows that one
    """A call of a later version of the programme, which asks for due diligence."""
    definition = replace(
        ProgrammeIn.model_validate(PROGRAMME).to_domain(),
        sections=(
            Section(
                code="market",
                titles=Bilingual(en="Market", fr="Marché"),
                schema={
                    "type": "object",
                    "properties": {
                        "size": {
                            "type": "string",
                            "title": "Size",
                            "x-title-fr": "Taille",
                            "maxLength": 200,
                        }
                    },
                },
                required=False,
            ),
        ),
        due_diligence=("financial", "emissions"),
    )
    cause = uuid4()
    carry_out(
        office.store,
        programme.DECIDER,
        streams.programme("IND-P1"),
        programme.PublishProgramme(definition=definition, on=date(2023, 4, 3), by="m1"),
        Context(command_id=cause, actor=Actor(id="m1"), correlation_id=cause, causation_id=cause),
    )
    body = {
        "programme_code": "IND-P1",
        "title": {"en": "Second call", "fr": "Deuxième appel"},
        "opens_at": "2023-03-27T04:00:00Z",
    }
    return str(office.do("programme-manager", "POST", "/v1/calls", body)["id"])


@pytest.fixture
def path(office: Office, diligent_call_id: str) -> str:
    """A submitted application to a programme that asks for due diligence."""
    started = office.do(APPLICANT, "POST", "/v1/applications", beginning(diligent_call_id))
    return submitted(office, started["id"])


def asked(office: Office, path: str, due_on: str = "2023-04-17") -> str:
    """The path of a request for information."""
    body = QUESTIONS | {"due_on": due_on}
    office.do(OFFICER, "POST", f"{path}/information-requests", body, status=201)
    request = office.see(OFFICER, f"{path}/information-requests")["items"][-1]
    return f"{path}/information-requests/{request['id']}"


class TestInformation:
    def test_asked_answered_and_closed(self, office: Office, path: str) -> None:
        """The applicant reads the questions and answers; an officer reads that and closes."""
        request = asked(office, path)
        seen = office.see(APPLICANT, request)
        assert (seen["status"], seen["due_on"]) == ("open", "2023-04-17")
        assert [each["answer"] for each in seen["questions"]] == [None, None]
        office.do(APPLICANT, "POST", f"{request}/answer", ANSWERS)
        office.do(OFFICER, "POST", f"{request}/closing", {})
        [seen] = office.see(f"applicant:{ADOPTER}", f"{path}/information-requests")["items"]
        assert (seen["status"], seen["late"]) == ("closed", False)
        assert seen["questions"][0] == {
            "text": "Which clients have signed?",
            "section": "market",
            "answer": "Two of five.",
            "document_sha256": SHA256,
        }
        assert ANALYST not in str(seen)

    def test_overdue_by_the_calendar(self, officers: Officers, path: str) -> None:
        """Nobody answered by the day: overdue the day after, and a late answer is marked."""
        office = officers.office
        request = asked(office, path)
        officers.at(date(2023, 4, 17))
        assert office.see(OFFICER, request)["status"] == "open"
        assert officers.queue("overdue=true") == []
        officers.at(date(2023, 4, 18))
        assert office.see(OFFICER, request)["status"] == "overdue"
        [line] = officers.queue("overdue=true")
        assert (line["overdue"], line["next_due_on"]) == (True, "2023-04-17")
        office.do(APPLICANT, "POST", f"{request}/answer", ANSWERS)
        seen = office.see(APPLICANT, request)
        assert (seen["status"], seen["late"], seen["answered_on"]) == (
            "answered", True, "2023-04-18",
        )  # fmt: skip
        assert officers.queue("overdue=true") == []

    def test_answered_in_time(self, officers: Officers, path: str) -> None:
        """What was answered is never overdue, however long an officer takes to read it."""
        request = asked(officers.office, path)
        officers.office.do(APPLICANT, "POST", f"{request}/answer", ANSWERS)
        officers.at(date(2023, 5, 1))
        assert officers.office.see(OFFICER, request)["status"] == "answered"

    def test_of_others(self, office: Office, path: str) -> None:
        """To strangers nothing is there; a participant reads, and the lead answers."""
        request = asked(office, path)
        stranger, partner = f"applicant:{STRANGER}", f"applicant:{ADOPTER}"
        office.see(stranger, request, status=404)
        office.see(stranger, f"{path}/information-requests", status=404)
        for who in (stranger, partner):
            office.do(who, "POST", f"{request}/answer", ANSWERS, status=404)
        office.do(APPLICANT, "POST", f"{request}/closing", {}, status=403)
        office.see(OFFICER, f"{path}/information-requests/{uuid4()}", status=404)

    def test_every_problem_at_once(self, office: Office, path: str) -> None:
        """A question is about a part there is, and the date leaves time to answer."""
        bad = {"questions": [{"text": "", "section": "weather"}], "due_on": "2023-04-03"}
        problem = office.do(OFFICER, "POST", f"{path}/information-requests", bad, status=422)
        assert {error["field"] for error in problem["errors"]} == {
            "questions[0].text", "questions[0].section", "due_on",
        }  # fmt: skip


class TestDueDiligence:
    def test_to_the_committee(self, officers: Officers, path: str) -> None:
        """From questions to risks: each open point is told, and the committee reads the rest."""
        office = officers.office
        office.do(OFFICER, "POST", f"{path}/assignment", {"officer_id": ANALYST})
        office.do(OFFICER, "POST", f"{path}/eligibility", CONFIRMED)
        office.do(OFFICER, "POST", f"{path}/due-diligence")
        office.do(OFFICER, "POST", f"{path}/findings", BLOCKING, status=201)
        request = asked(office, path)

        problem = office.do(OFFICER, "POST", f"{path}/assessment", SCORES, status=409)
        assert problem["code"] == "review-has-open-points"
        assert [error["code"] for error in problem["errors"]] == [
            "theme-not-concluded",
            "theme-not-concluded",
            "information-request-open",
            "blocking-finding-stands",
        ]
        review = office.see(OFFICER, f"{path}/review")
        assert [point["code"] for point in review["open_points"]] == [
            error["code"] for error in problem["errors"]
        ]
        [line] = officers.queue()
        assert (line["themes_asked"], line["themes_concluded"]) == (2, 0)
        assert (line["open_requests"], line["blocking_findings"]) == (1, 1)

        office.do(APPLICANT, "POST", f"{request}/answer", ANSWERS)
        office.do(OFFICER, "POST", f"{request}/closing", {})
        finding = f"{path}/findings/{review['findings'][0]['id']}"
        settled = {"resolution": "The bank confirmed it."}
        problem = office.do(OFFICER, "POST", f"{finding}/resolution", settled, status=409)
        assert problem["code"] == "author-cannot-unblock"
        officers.colleague(f"{finding}/resolution", settled)
        correction = BLOCKING | {"severity": "major", "reason": "A letter came."}
        del correction["theme"]
        officers.colleague(f"{finding}/correction", correction)
        conclusion = {"score": 7, "text": "Sound."}
        office.do(OFFICER, "POST", f"{path}/themes/financial/conclusion", conclusion)
        emissions = {"tonnes": 1_200, "method": "ISO 14064-2"}
        office.do(
            OFFICER,
            "POST",
            f"{path}/themes/emissions/conclusion",
            conclusion | {"emissions": emissions},
        )
        office.do(OFFICER, "POST", f"{path}/assessment", SCORES)
        problem = office.do(OFFICER, "POST", f"{path}/forwarding", {}, status=409)
        assert problem["code"] == "assessor-cannot-forward"
        officers.colleague(f"{path}/forwarding", {})

        review = office.see("committee-secretary", f"{path}/review")
        assert (review["stage"], review["officer_id"]) == ("forwarded", ANALYST)
        assert review["eligibility"] == [{"rule": "call-open", "met": True, "note": None}]
        assert [theme["theme"] for theme in review["themes"]] == ["financial", "emissions"]
        assert review["themes"][1]["conclusion"]["emissions"] == emissions
        assert [each["severity"] for each in review["findings"][0]["versions"]] == [
            "blocking",
            "major",
        ]
        told = [to_contract(each) for each in office.store.tail(0, 1_000)]
        [fact] = [each for each in told if isinstance(each, ApplicationForwarded)]
        assert list(fact.risks) == review["risks"] == [
            "The match is not secured. → The bank confirmed it."
        ]  # fmt: skip
        assert officers.queue() == []

    def test_a_theme_that_is_opened_again(self, officers: Officers, path: str) -> None:
        """A conclusion that is taken back is an open point again."""
        office = officers.office
        office.do(OFFICER, "POST", f"{path}/eligibility", {"confirmed": True})
        office.do(OFFICER, "POST", f"{path}/due-diligence")
        theme = f"{path}/themes/financial"
        office.do(OFFICER, "POST", f"{theme}/conclusion", {"score": 7, "text": "Sound."})
        assert officers.queue()[0]["themes_concluded"] == 1
        office.do(OFFICER, "POST", f"{theme}/reopening", {"reason": "New statements."})
        assert officers.queue()[0]["themes_concluded"] == 0
        review = office.see(OFFICER, f"{path}/review")
        assert review["themes"][0]["conclusion"] is None

    def test_not_for_applicants(self, office: Office, path: str) -> None:
        """What officers find is for staff."""
        office.see(APPLICANT, f"{path}/review", status=403)
        office.see(APPLICANT, "/v1/queue", status=403)
        office.do(APPLICANT, "POST", f"{path}/findings", BLOCKING, status=403)
        assert office.see("auditor", f"{path}/review")["findings"] == []

    @pytest.mark.parametrize(
        ("what", "body", "field"),
        [
            ("findings", BLOCKING | {"text": "x" * 2_001}, "text"),
            ("findings", BLOCKING | {"document_sha256": "letter.pdf"}, "document_sha256"),
            ("themes/financial/conclusion", {"score": "7", "text": "Sound."}, "score"),
            ("assignment", {"officer_id": ""}, "officer_id"),
            ("information-requests", QUESTIONS | {"colour": "red"}, "colour"),
        ],
    )
    def test_what_is_refused(
        self, office: Office, path: str, what: str, body: Any, field: str
    ) -> None:
        """Limits and unknown fields are told where they are, never a defect of ours."""
        problem = office.do(OFFICER, "POST", f"{path}/{what}", body, status=422)
        assert [error["field"] for error in problem["errors"]] == [field]


class TestTheQueue:
    def test_filters_and_pages(self, officers: Officers, call_id: str) -> None:
        """The longest waiting first, by officer, stage, programme and page."""
        office, paths = officers.office, []
        for day in (4, 5, 6):
            officers.at(date(2023, 4, day))
            begun = office.do(APPLICANT, "POST", "/v1/applications", beginning(call_id))
            paths.append(submitted(office, begun["id"]))
        office.do(APPLICANT, "POST", "/v1/applications", beginning(call_id))  # a draft
        given = {"officer_id": COLLEAGUE}
        office.do("programme-manager", "POST", f"{paths[1]}/assignment", given)
        office.do(OFFICER, "POST", f"{paths[2]}/eligibility", {"confirmed": True})
        officers.at(date(2023, 4, 9))

        def listed(query: str) -> list[str]:
            return [f"/v1/applications/{line['application_id']}" for line in officers.queue(query)]

        first = office.see(OFFICER, "/v1/queue?limit=2")
        rest = office.see(OFFICER, f"/v1/queue?limit=2&cursor={first['next']}")
        lines = first["items"] + rest["items"]
        assert [f"/v1/applications/{line['application_id']}" for line in lines] == paths
        assert [line["days_waiting"] for line in lines] == [5, 4, 3]
        assert rest["next"] is None
        assert listed(f"officer={COLLEAGUE}") == listed("assigned=true") == paths[1:2]
        assert listed("assigned=false") == [paths[0], paths[2]]
        assert listed("stage=eligible") == paths[2:]
        assert listed("programme=HEALTH") == []
        assert listed("overdue=false") == paths

    def test_who_leaves_it(self, office: Office, officers: Officers, application_id: str) -> None:
        """An application leaves the queue with its forwarding or its withdrawal."""
        path = submitted(office, application_id)
        assert len(officers.queue()) == 1
        office.do(APPLICANT, "POST", f"{path}/withdrawal", {"reason": "No partner"})
        assert officers.queue() == []

    def test_without_due_diligence_one_officer_does_it_all(
        self, office: Office, officers: Officers, application_id: str
    ) -> None:
        """A programme that asks for no due diligence goes its short way."""
        path = forwarded(office, application_id)
        review = office.see(OFFICER, f"{path}/review")
        assert (review["stage"], review["themes"], review["risks"]) == ("forwarded", [], [])
        assert officers.queue() == []


class TestSegregation:
    def test_the_lead_cannot_review_itself(self, office: Office, path: str) -> None:
        """An application is not given to whoever submitted it."""
        body = {"officer_id": f"person-applicant-{LEAD}"}
        problem = office.do(OFFICER, "POST", f"{path}/assignment", body, status=409)
        assert problem["code"] == "officer-submitted-it"
