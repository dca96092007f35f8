"""An application written by several people and confirmed by its partners, over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from services.intake.domain.organisation import organisation_id_of
from tests.integration.intake.conftest import (
    ADOPTER,
    BUDGET,
    CONSORTIUM,
    LEAD,
    PROVIDER,
    STRANGER,
    Office,
    money,
)

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
