"""An application written by several people and confirmed by its partners, over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.intake.domain import programme
from services.intake.domain.organisation import organisation_id_of
from services.intake.use_cases import streams
from services.intake.use_cases.publishing import to_contract
from shared.contracts.intake import ApplicationForwarded
from shared.eventstore.commands import carry_out
from shared.eventstore.store import Actor, Context
from tests.integration.intake.conftest import (
    ADOPTER,
    BUDGET,
    CONSORTIUM,
    LEAD,
    PROVIDER,
    STRANGER,
    Office,
    beginning,
    money,
)
from tests.unit.intake.writing import with_form

pytestmark = pytest.mark.postgres

APPLICANT, OFFICER, OTHER = f"applicant:{LEAD}", "intake-officer", f"applicant:{STRANGER}"
INVITED = f"applicant:{ADOPTER}"


@pytest.fixture
def path(office: Office, application_id: str) -> str:
    """A draft with its consortium and its budget."""
    path = f"/v1/applications/{application_id}"
    office.do(APPLICANT, "PUT", f"{path}/consortium", CONSORTIUM)
    office.do(APPLICANT, "PUT", f"{path}/budget", BUDGET)
    return path


def invitation(office: Office, who: str, path: str) -> dict[str, Any]:
    """The invitation of that organisation to that application."""
    page = office.see(who, "/v1/invitations")
    (found,) = [each for each in page["items"] if path.endswith(each["application_id"])]
    return dict(found)


class TestInvitations:
    def test_an_invited_organisation_finds_reads_and_confirms(
        self, office: Office, path: str
    ) -> None:
        """It sees its own part only, agrees to it, and is asked again when it changes."""
        mine = invitation(office, INVITED, path)
        assert (mine["role"], mine["standing"]) == ("adopter", "awaiting")
        assert (mine["cash"], mine["requested"]) == (money(300_000), money(100_000))
        assert office.see(INVITED, path)["title"] == "Robots"
        place = f"{path}/participants/{organisation_id_of(ADOPTER)}"
        body = {"content_sha256": mine["content_sha256"]}
        office.do(INVITED, "POST", f"{place}/confirmation", body)
        assert office.see(INVITED, "/v1/invitations?standing=awaiting")["items"] == []
        assert [each["confirmation"] for each in office.see(APPLICANT, path)["participants"]] == [
            None,
            "confirmed",
            "awaiting",
        ]
        costs = [*BUDGET["costs"][:1], {**BUDGET["costs"][1], "cash": money(1)}]
        office.do(APPLICANT, "PUT", f"{path}/budget", {"costs": costs, "requests": []})
        assert invitation(office, INVITED, path)["standing"] == "awaiting"
        problem = office.do(INVITED, "POST", f"{place}/confirmation", body, status=409)
        assert problem["code"] == "part-has-changed"

    def test_it_may_refuse(self, office: Office, path: str) -> None:
        """The lead reads why; other participants read only about themselves."""
        mine = invitation(office, INVITED, path)
        place = f"{path}/participants/{organisation_id_of(ADOPTER)}/refusal"
        body = {"content_sha256": mine["content_sha256"], "reason": "Too little"}
        office.do(INVITED, "POST", place, body)
        seen = office.see(APPLICANT, f"{path}/participants")
        assert [(each["standing"], each["reason"]) for each in seen] == [
            ("refused", "Too little"),
            ("awaiting", None),
        ]
        (theirs,) = office.see(f"applicant:{PROVIDER}", f"{path}/participants")
        assert theirs["organisation_id"] == str(organisation_id_of(PROVIDER))

    def test_nobody_answers_for_another(self, office: Office, path: str) -> None:
        """Who is not invited finds nothing, and the lead cannot agree in its partners' place."""
        assert office.see(OTHER, "/v1/invitations")["items"] == []
        assert office.see(APPLICANT, "/v1/invitations")["items"] == []
        body = {"content_sha256": invitation(office, INVITED, path)["content_sha256"]}
        for who, whose in ((APPLICANT, ADOPTER), (OTHER, ADOPTER), (OTHER, STRANGER)):
            place = f"{path}/participants/{organisation_id_of(whose)}/confirmation"
            office.do(who, "POST", place, body, status=404)


class TestWhoMayWrite:
    def test_people_once_they_are_named(self, office: Office, path: str) -> None:
        """Whoever leads names people; someone who is not named no longer submits."""
        me = f"person-applicant-{LEAD}"
        assert office.see(APPLICANT, f"{path}/people")["named"] is False
        only_writes = [{"person_id": me, "role": "lead"}, {"person_id": "p-2", "role": "signatory"}]
        office.do(APPLICANT, "PUT", f"{path}/people", {"people": only_writes})
        problem = office.do(
            APPLICANT, "POST", f"{path}/submission", {"certified": True}, status=403
        )
        assert problem["code"] == "not-named-for-this"
        office.do(APPLICANT, "PUT", f"{path}/budget", BUDGET)
        office.see(INVITED, f"{path}/people", status=404)
        by_name = {"people": [{"person_id": "someone@example.ca", "role": "lead"}]}
        office.do(APPLICANT, "PUT", f"{path}/people", by_name, status=422)

    @pytest.mark.parametrize("who", [OTHER, INVITED])
    def test_other_organisations(self, office: Office, path: str, who: str) -> None:
        """Of an application that another organisation leads, nothing can be written."""
        for method, place, body in (
            ("PUT", "sections/market", {"answers": {}}),
            ("PUT", "expectations", {"expectations": []}),
            ("PUT", "people", {"people": []}),
            ("POST", "submission", {"certified": True}),
            ("POST", "withdrawal", {"reason": "No"}),
        ):
            office.do(who, method, f"{path}/{place}", body, status=404)

    def test_other_organisations_read_nothing(self, office: Office, path: str) -> None:
        """Who takes no part does not learn that it exists; applicants do not give back."""
        for place in ("", "/sections", "/people", "/participants", "/submissions"):
            office.see(OTHER, f"{path}{place}", status=404)
        body = {"reasons": ["No"], "resubmit_by": "2023-05-01"}
        office.do(APPLICANT, "POST", f"{path}/return", body, status=403)


class TestVersions:
    def test_returned_and_submitted_again(self, office: Office, path: str) -> None:
        """Each version stays readable as it was, with its hash."""
        office.do(APPLICANT, "POST", f"{path}/submission", {"certified": True})
        body = {"reasons": ["Say more"], "sections": [], "resubmit_by": "2023-05-01"}
        office.do(OFFICER, "POST", f"{path}/return", body)
        back = office.see(APPLICANT, path)
        assert (back["stage"], back["returned"]["resubmit_by"]) == ("draft", "2023-05-01")
        less = {**BUDGET, "requests": BUDGET["requests"][:2]}
        office.do(APPLICANT, "PUT", f"{path}/budget", less)
        office.do(APPLICANT, "POST", f"{path}/submission", {"certified": True})
        versions = office.see(APPLICANT, f"{path}/submissions")
        assert [each["number"] for each in versions] == [1, 2]
        assert versions[0]["content_sha256"] != versions[1]["content_sha256"]
        first = office.see(INVITED, f"{path}/submissions/1")
        assert first["application"]["budget"]["totals"]["requested"] == money(350_000)
        assert first["application"]["version"] == 4
        second = office.see(OFFICER, f"{path}/submissions/2")
        assert second["application"]["budget"]["totals"]["requested"] == money(275_000)
        office.see(APPLICANT, f"{path}/submissions/3", status=404)
        office.see(OTHER, f"{path}/submissions/1", status=404)


class TestWritingAtOnce:
    def test_different_parts(self, office: Office, path: str) -> None:
        """People who save different parts at the same time lose nothing."""
        mine = invitation(office, INVITED, path)
        theirs = invitation(office, f"applicant:{PROVIDER}", path)
        steps = [
            (INVITED, "POST", f"{path}/participants/{organisation_id_of(ADOPTER)}/confirmation",
             {"content_sha256": mine["content_sha256"]}),
            (f"applicant:{PROVIDER}", "POST",
             f"{path}/participants/{organisation_id_of(PROVIDER)}/confirmation",
             {"content_sha256": theirs["content_sha256"]}),
            (APPLICANT, "PUT", f"{path}/people",
             {"people": [{"person_id": "p", "role": role} for role in ("lead", "signatory")]}),
        ]  # fmt: skip
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda step: office.do(*step), steps))
        standings = {each["standing"] for each in office.see(OFFICER, f"{path}/participants")}
        assert standings == {"confirmed"}
        assert office.see(OFFICER, f"{path}/people")["named"] is True

    def test_on_what_was_seen(self, office: Office, path: str) -> None:
        """Where a client says which version it saw, a later one is not overwritten."""
        headers = office.headers(APPLICANT) | {"Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
        answer = office.client.put(f"{path}/budget", json=BUDGET, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (412, "stale-version")


@pytest.fixture
def form(office: Office, call_id: str) -> str:
    """A draft that answers a call of a programme with a form and an indicator; its path."""
    assert call_id
    actor = Actor(id="manager", roles=("programme-manager",))
    cause = uuid4()
    context = Context(command_id=cause, actor=actor, correlation_id=cause, causation_id=cause)
    publish = programme.PublishProgramme(
        definition=replace(with_form, code="FORM"), on=date(2023, 4, 3), by="manager"
    )
    carry_out(office.store, programme.DECIDER, streams.programme("FORM"), publish, context)
    call = {
        "programme_code": "FORM",
        "title": {"en": "Call", "fr": "Appel"},
        "opens_at": "2023-03-27T04:00:00Z",
        "closes_at": "2023-05-16T04:00:00Z",
    }
    answered = office.do("programme-manager", "POST", "/v1/calls", call)["id"]
    started = office.do(APPLICANT, "POST", "/v1/applications", beginning(answered))["id"]
    path = f"/v1/applications/{started}"
    office.do(APPLICANT, "PUT", f"{path}/consortium", CONSORTIUM)
    office.do(APPLICANT, "PUT", f"{path}/budget", BUDGET)
    return path


class TestTheForm:
    def test_section_by_section(self, office: Office, form: str) -> None:
        """What is missing is said on reading, never on saving, and all of it on submitting."""
        market = f"{form}/sections/market"
        office.do(APPLICANT, "PUT", market, {"answers": {"size": "large"}})
        first, second = office.see(INVITED, f"{form}/sections")
        assert (first["code"], first["complete"]) == ("market", False)
        assert first["answers"] == {"size": "large"}
        assert [(each["path"], each["code"]) for each in first["problems"]] == [
            ("size", "answer-of-another-kind")
        ]
        assert (second["answers"], second["complete"], second["required"]) == (None, True, False)
        problem = office.do(
            APPLICANT, "POST", f"{form}/submission", {"certified": True}, status=409
        )
        assert {(each["code"], each["field"]) for each in problem["errors"]} >= {
            ("answer-of-another-kind", "sections.market.size"),
            ("expectation-missing", "expectations"),
        }
        office.do(APPLICANT, "PUT", f"{form}/sections/none", {"answers": {}}, status=404)
        office.do(APPLICANT, "PUT", market, {"answers": {"rivals": ["x" * 70_000]}}, status=422)

    def test_from_the_form_to_the_committee(self, office: Office, form: str) -> None:
        """Complete, confirmed and expected: it is submitted, and the committee reads what for."""
        office.do(APPLICANT, "PUT", f"{form}/sections/market", {"answers": {"size": 7}})
        jobs = {"organisation_id": str(organisation_id_of(LEAD)), "indicator": "JOBS-CREATED"}
        expectations = {"expectations": [{**jobs, "baseline": 40, "expected": 12}]}
        office.do(APPLICANT, "PUT", f"{form}/expectations", expectations)
        for number in (ADOPTER, PROVIDER):
            who = f"applicant:{number}"
            place = f"{form}/participants/{organisation_id_of(number)}/confirmation"
            sha256 = invitation(office, who, form)["content_sha256"]
            office.do(who, "POST", place, {"content_sha256": sha256})
        office.do(APPLICANT, "POST", f"{form}/submission", {"certified": True})
        (version,) = office.see(APPLICANT, f"{form}/submissions")
        seen = office.see(OFFICER, f"{form}/submissions/1")
        assert seen["sections"][0]["answers"] == {"size": 7}
        assert seen["application"]["submission"]["content_sha256"] == version["content_sha256"]
        assert seen["application"]["expectations"][0]["expected"] == 12
        office.do(OFFICER, "POST", f"{form}/eligibility", {"confirmed": True, "reasons": []})
        scores = [{"criterion": "team", "score": 4}, {"criterion": "impact", "score": 9}]
        office.do(OFFICER, "POST", f"{form}/assessment", {"scores": scores, "summary": "Strong"})
        office.do(OFFICER, "POST", f"{form}/forwarding", {"funding": None})
        told = [to_contract(each) for each in office.store.tail(0, 1_000)]
        (fact,) = [each for each in told if isinstance(each, ApplicationForwarded)]
        assert [(each.indicator, each.baseline, each.expected) for each in fact.expectations] == [
            ("JOBS-CREATED", 40, 12)
        ]

    def test_two_sections_at_once(self, office: Office, form: str) -> None:
        """Two people who save different sections at the same time lose neither."""
        with ThreadPoolExecutor(2) as pool:
            for number in range(5):
                steps = [
                    (APPLICANT, "PUT", f"{form}/sections/{code}", {"answers": {"size": number + 1}})
                    for code in ("market", "extras")
                ]
                list(pool.map(lambda step: office.do(*step), steps))
                sections = office.see(APPLICANT, f"{form}/sections")
                assert [each["answers"] for each in sections] == [{"size": number + 1}] * 2
