"""Trying an application without an account, over HTTP."""

from typing import Any
from uuid import uuid4

import pytest

from services.intake.api.eligibility_check import VISITORS
from tests.integration.intake.conftest import LEAD, Office
from tests.unit.intake.test_application_document import document, member

pytestmark = pytest.mark.postgres


def check(office: Office, call_id: str, body: Any) -> Any:
    """The answer to somebody who does not say who they are."""
    return office.client.post(f"/v1/calls/{call_id}/eligibility-check", json=body)


class TestSelfCheck:
    def test_nothing_against_it(self, office: Office, call_id: str) -> None:
        """Without a token, a document that breaks no rule hears so, and nothing is recorded."""
        before = office.store.head()
        answer = check(office, call_id, document())
        assert answer.status_code == 200, answer.text
        assert answer.json() == {
            "eligible": True,
            "programme_code": "IND-P1",
            "programme_version": 1,
            "reasons": [],
            "more": 0,
        }
        assert office.store.head() == before

    def test_everything_against_it(self, office: Office, call_id: str) -> None:
        """Every reason comes at once, in both languages, with its place and what instead."""
        body = document(participants=[member(LEAD, "lead", kind="large", employees=600)])
        body["costs"] = body["costs"][:1]
        body["requests"] = [{**body["requests"][0], "amount": {"cents": 175_000_01}}]
        answer = check(office, call_id, body).json()
        assert not answer["eligible"]
        assert [(each["code"], each["field"]) for each in answer["reasons"]] == [
            ("adopter-missing", "participants"),
            ("ai-provider-missing", "participants"),
            ("too-few-smes", "participants"),
            ("public-share-above-rate", "requests"),
        ]
        last = answer["reasons"][-1]
        assert last["accepted"] == {"maximum_cents": 175_000_00}
        assert last["messages"]["fr"].startswith("175\u202f000,01\u202f$ sont demandés")

    def test_what_the_submission_hears(
        self, office: Office, call_id: str, application_id: str
    ) -> None:
        """The self-check and the submission object to the same, with the same words."""
        who = f"applicant:{LEAD}"
        body = document(participants=[member(LEAD, "lead")], costs=[], requests=[])
        said = check(office, call_id, body).json()["reasons"]
        refused = office.do(
            who, "POST", f"/v1/applications/{application_id}/submission", {"certified": True}, 409
        )
        assert [each["code"] for each in refused["errors"]] == [each["code"] for each in said]

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"surprise": 1}, 422),
            ({"title": "x" * 201}, 422),
            ({"costs": [{}]}, 422),
            ({"sections": {"ip": []}}, 422),
            ({"title": "a\x00b"}, 422),
        ],
    )
    def test_what_cannot_be_read(
        self, office: Office, call_id: str, change: dict[str, Any], status: int
    ) -> None:
        """A document of another shape is refused with the place of the mistake."""
        answer = check(office, call_id, {**document(), **change})
        assert answer.status_code == status, answer.text
        assert answer.json()["errors"]

    def test_a_call_that_is_not_there(self, office: Office) -> None:
        """There is nothing to check against, and that is all that is said."""
        assert check(office, str(uuid4()), document()).status_code == 404

    def test_the_door_is_documented(self, office: Office) -> None:
        """OpenAPI says that everyone may ask, and asks for neither token nor command id."""
        paths = office.client.get("/openapi.json").json()["paths"]
        asked = paths["/v1/calls/{call_id}/eligibility-check"]["post"]
        assert "For everyone" in asked["description"]
        assert "security" not in asked
        assert "401" not in asked["responses"]
        headers = {each["name"] for each in asked["parameters"]}
        assert "Idempotency-Key" not in headers

    def test_visitors_do_not_keep_others_out(
        self, office: Office, call_id: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """When its few places are taken a visitor is asked to come back; nobody else is."""
        monkeypatch.setattr(VISITORS, "places", 0)
        busy = check(office, call_id, document())
        assert busy.status_code == 503
        assert busy.headers["Retry-After"]
        assert office.client.get("/health").status_code == 200

    def test_whoever_leaves_makes_room(
        self, office: Office, call_id: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A place is free again however a visit ends."""
        monkeypatch.setattr(VISITORS, "places", 1)
        for body, status in (({}, 422), (document(), 200), ({"title": "\x00"}, 422)):
            assert check(office, call_id, body).status_code == status
        assert check(office, str(uuid4()), document()).status_code == 404
        assert check(office, call_id, document()).status_code == 200
