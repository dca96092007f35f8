"""Personal links: what opens a survey, and everything that does not."""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest

from services.impact.api.link_door import BURST
from services.impact.domain.links import LIVES_DAYS
from tests.integration.impact.post_office import (
    ADOPTER,
    DUE,
    KEY,
    LEAD,
    OPENS,
    PostOffice,
    completed,
    post_office,
    tokens_in,
)
from tests.support.mail import mail_server
from tests.support.postgres import Databases

pytestmark = pytest.mark.postgres

ADA, BOB = "ada@example.org", "bob@example.org"


@pytest.fixture
def office(migrated_database: str, databases: Databases, tmp_path: Path) -> Iterator[PostOffice]:
    """A survey that has just opened, with a link in Ada's mailbox."""
    with (
        mail_server() as mailbox,
        post_office(migrated_database, databases, tmp_path, mailbox) as office,
    ):
        office.hear(completed())
        office.name(ADA)
        office.at(OPENS)
        yield office


@pytest.fixture
def token(office: PostOffice) -> str:
    """The token of Ada's link."""
    [token] = tokens_in(office.mailbox.received[0])
    return token


def read(office: PostOffice, token: str) -> tuple[int, Any]:
    answer = office.ask("GET", "/v1/my-survey", token=token)
    return answer.status_code, answer.json()


def signed(key: str | None, algorithm: str, **claims: Any) -> str:
    return jwt.encode(claims, key, algorithm=algorithm)


class TestALink:
    def test_opens_one_survey_without_an_account(self, office: PostOffice, token: str) -> None:
        """Whoever holds it reads the survey, answers it once, and keeps the receipt."""
        status, survey = read(office, token)
        assert (status, survey["survey_id"]) == (200, office.survey_of(LEAD))
        assert (survey["project_title"], survey["state"]) == ("Predictive yards", "open")
        assert office.answer(token, EXPORTS=5).status_code == 201
        status, survey = read(office, token)
        assert survey["receipt"]["answers"] == [{"code": "EXPORTS", "value": 5}]
        again = office.answer(token, EXPORTS=6)
        assert (again.status_code, again.json()["code"]) == (409, "survey-already-answered")

    def test_keeps_a_draft(self, office: PostOffice, token: str) -> None:
        """Answers can be saved and come back to; what cannot be an answer is refused at once."""
        draft = {"answers": {"EXPORTS": 7}}
        saved = office.ask("PUT", "/v1/my-survey/draft", token=token, json=draft)
        assert saved.status_code == 200, saved.text
        assert read(office, token)[1]["draft"] == [{"code": "EXPORTS", "value": 7}]
        wrong = {"answers": {"EXPORTS": -1}}
        refused = office.ask("PUT", "/v1/my-survey/draft", token=token, json=wrong)
        assert refused.status_code == 422

    def test_answers_an_officer(self, office: PostOffice, token: str) -> None:
        """Its holder sees what an officer asks, and answers it, correcting what was wrong."""
        reply = {"text": "A typing error.", "changes": {"EXPORTS": 6}}
        path = "/v1/my-survey/query-answer"
        office.answer(token, EXPORTS=5)
        assert office.ask("POST", path, token=token, json=reply).status_code == 409
        query = {"codes": ["EXPORTS"], "text": "Is this per year?"}
        asked = office.ask("POST", f"/v1/surveys/{office.survey_of(LEAD)}/query", json=query)
        assert asked.status_code == 201, asked.text
        assert read(office, token)[1]["query"]["text"] == "Is this per year?"
        answered = office.ask("POST", path, token=token, json=reply)
        assert answered.status_code == 201, answered.text
        survey = read(office, token)[1]
        assert (survey["query"], survey["state"]) == (None, "answered")
        assert survey["receipt"]["answers"] == [{"code": "EXPORTS", "value": 6}]

    def test_is_renewed_for_an_officers_question(self, office: PostOffice, token: str) -> None:
        """Whose link has expired is sent another with the question, and replies with it."""
        office.answer(token, EXPORTS=5)
        office.at(OPENS + timedelta(days=LIVES_DAYS + 1))
        path = f"/v1/surveys/{office.survey_of(LEAD)}"
        asked = office.ask("POST", f"{path}/query", json={"text": "Is this per year?"})
        assert asked.status_code == 201, asked.text
        assert read(office, token)[1]["code"] == "link-expired"
        office.deliver()
        message = office.mailbox.to(ADA)[-1]
        body = message.get_body(("plain",))
        assert body is not None
        assert "there is a question about your answers" in body.get_content()
        [fresh] = tokens_in(message)
        reply = {"text": "Yes.", "changes": {}}
        replied = office.ask("POST", "/v1/my-survey/query-answer", token=fresh, json=reply)
        assert replied.status_code == 201, replied.text
        assert read(office, fresh)[1]["state"] == "answered"

    def test_that_lives_is_sent_again_with_a_question(self, office: PostOffice, token: str) -> None:
        """A used link that still lives stays the one; without a reply another can be asked for."""
        office.answer(token, EXPORTS=5)
        path = f"/v1/surveys/{office.survey_of(LEAD)}"
        office.at(OPENS + timedelta(days=1))
        office.ask("POST", f"{path}/query", json={"text": "Is this per year?"})
        office.deliver()
        assert tokens_in(office.mailbox.to(ADA)[-1]) == [token]
        asked = office.ask("POST", f"{path}/links", "recipient", LEAD, json={})
        assert asked.status_code == 201, asked.text

    def test_told_of_a_question_that_is_answered_meanwhile(
        self, office: PostOffice, token: str
    ) -> None:
        """Nobody is written to about a question that has its reply, and none waits any more."""
        office.answer(token, EXPORTS=5)
        path = f"/v1/surveys/{office.survey_of(LEAD)}"
        office.ask("POST", f"{path}/query", json={"text": "Is this per year?"})
        reply = {"text": "Yes.", "changes": {}}
        office.ask("POST", "/v1/my-survey/query-answer", token=token, json=reply)
        before = len(office.mailbox.to(ADA))
        office.at(OPENS + timedelta(days=1))
        assert len(office.mailbox.to(ADA)) == before
        waiting = office.get("/v1/reminders", "programme-manager")["items"]
        assert [each for each in waiting if each["survey_id"] == office.survey_of(LEAD)] == []

    def test_shows_what_is_routed_and_last_years_answers(self, office: PostOffice) -> None:
        """Its page has what a form needs: conditions, bounds, choices, and what was said before."""
        words = {"en": "Effects", "fr": "Effets"}
        questions = [
            {"code": "IN-USE", "kind": "yes-no", "titles": words},
            {
                "code": "EXPORTS",
                "kind": "indicator",
                "titles": words,
                "help": words,
                "highest": 900,
                "surprising_bp": 5_000,
                "shown_when": {"operator": "equals", "question": "IN-USE", "value": True},
            },
            {
                "code": "WHERE",
                "kind": "choice",
                "titles": words,
                "choices": [{"code": "HERE", "titles": words}, {"code": "AFAR", "titles": words}],
            },
        ]
        body = {"titles": words, "questions": questions}
        assert office.ask("POST", "/v1/questionnaires/IND-P2", json=body).status_code == 201
        [first] = tokens_in(office.mailbox.received[0])
        assert office.answer(first, EXPORTS=5).status_code == 201
        page = read(office, first)[1]
        assert (page["questionnaire_version"], page["last_year"]) == (0, [])
        assert (page["answers_schema"], page["questions"][0]["visibility"]) == (None, "visible")
        office.at(OPENS.replace(year=OPENS.year + 1) + timedelta(days=3))
        [second] = tokens_in(office.mailbox.to(ADA)[-1])
        page = read(office, second)[1]
        assert (page["year"], page["questionnaire_version"]) == (2, 1)
        assert page["last_year"] == [{"code": "EXPORTS", "value": 5}]
        in_use, exports, where = page["questions"]
        assert (in_use["visibility"], exports["visibility"]) == ("visible", "undetermined")
        assert (exports["lowest"], exports["highest"], exports["surprising_bp"]) == (0, 900, 5_000)
        assert exports["shown_when"]["question"] == "IN-USE"
        assert (in_use["lowest"], where["choice_titles"]["AFAR"]) == (None, words)
        assert page["answers_schema"]["properties"]["EXPORTS"]["maximum"] == 900
        for answer, shown in ((False, "hidden"), (True, "visible")):
            draft = {"answers": {"IN-USE": answer}}
            saved = office.ask("PUT", "/v1/my-survey/draft", token=second, json=draft)
            assert saved.status_code == 200, saved.text
            assert read(office, second)[1]["questions"][1]["visibility"] == shown

    def test_says_who_answered(self, office: PostOffice, token: str) -> None:
        """What is submitted with a link is submitted by its contact."""
        office.answer(token, EXPORTS=5)
        with office.database.engine.connect() as connection:
            by, actor = connection.exec_driver_sql(
                "SELECT data->>'by', meta->'actor'->>'id' FROM eventstore.event"
                " WHERE type = 'survey.response-submitted'"
            ).one()
        [contact] = office.get(f"/v1/contacts/{LEAD}")
        assert by == actor == contact["contact_id"]

    def test_needs_the_certification(self, office: PostOffice, token: str) -> None:
        """Without an account as with one, answers are certified."""
        body = {"answers": [{"indicator": "EXPORTS", "value": 1}], "certified": False}
        answer = office.ask("POST", "/v1/my-survey/response", token=token, json=body)
        assert answer.status_code == 422
        assert [each["code"] for each in answer.json()["errors"]] == ["not-certified"]

    def test_is_good_for_nothing_else(self, office: PostOffice, token: str) -> None:
        """It opens no other endpoint; and nobody's ordinary token opens this one."""
        survey_id = office.survey_of(LEAD)
        for path in ("/v1/surveys", f"/v1/surveys/{survey_id}", f"/v1/contacts/{LEAD}"):
            assert office.ask("GET", path, token=token).status_code == 401
        body = {"answers": [], "certified": True}
        path = f"/v1/surveys/{office.survey_of(ADOPTER)}/response"
        assert office.ask("POST", path, token=token, json=body).status_code == 401
        for role, of in (("recipient", LEAD), ("operator", None)):
            assert office.ask("GET", "/v1/my-survey", role, of).status_code == 401

    def test_expires(self, office: PostOffice, token: str) -> None:
        """Used again after its last day it opens nothing, whatever it opened before."""
        office.at(OPENS + timedelta(days=LIVES_DAYS), 23, 59)
        assert read(office, token)[0] == 200
        office.at(OPENS + timedelta(days=LIVES_DAYS + 1), 0, 0)
        status, problem = read(office, token)
        assert (status, problem["code"]) == (401, "link-expired")
        assert office.answer(token, EXPORTS=5).status_code == 401

    def test_is_revoked(self, office: PostOffice, token: str) -> None:
        """A link that was withdrawn opens nothing; another can be asked for."""
        survey_id = office.survey_of(LEAD)
        [link] = office.get(f"/v1/surveys/{survey_id}/links")
        path = f"/v1/surveys/{survey_id}/links/{link['link_id']}/revocation"
        assert office.ask("POST", path, "recipient", ADOPTER, json={}).status_code == 404
        assert office.ask("POST", path, "recipient", LEAD, json={}).status_code == 200
        status, problem = read(office, token)
        assert (status, problem["code"]) == (401, "link-revoked")
        asked = office.ask("POST", f"/v1/surveys/{survey_id}/links", "recipient", LEAD, json={})
        assert asked.status_code == 201
        assert office.get(f"/v1/surveys/{survey_id}/links")[1]["revoked_on"] is None
        office.at(OPENS + timedelta(days=1))
        [fresh] = tokens_in(office.mailbox.received[1])
        assert read(office, fresh)[0] == 200
        assert read(office, token)[0] == 401

    def test_ends_with_its_contact(self, office: PostOffice, token: str) -> None:
        """Once somebody else is named, or the contact is erased, their link opens nothing."""
        office.name(BOB)
        assert read(office, token)[1]["code"] == "link-revoked"

    def test_ends_when_its_contact_is_erased(self, office: PostOffice, token: str) -> None:
        """Who asked to be forgotten is not known any more."""
        [contact] = office.get(f"/v1/contacts/{LEAD}")
        path = f"/v1/contacts/{LEAD}/{contact['contact_id']}/erasure"
        office.ask("POST", path, json={})
        assert read(office, token)[1]["code"] == "link-revoked"

    def test_lives_as_long_as_it_is_needed(self, office: PostOffice, token: str) -> None:
        """Reminders send the same link while it lives, and a new one before it ends."""
        office.at(DUE)
        assert tokens_in(office.mailbox.received[1]) == [token]
        office.at(DUE + timedelta(days=30))
        [renewed] = tokens_in(office.mailbox.received[2])
        assert renewed != token
        assert read(office, renewed)[0] == 200
        assert read(office, token)[1]["code"] == "link-revoked"


class TestHandingOver:
    def test_gives_the_survey_to_a_colleague(self, office: PostOffice, token: str) -> None:
        """The colleague is sent a link of their own; the one that was there is revoked."""
        colleague = {"name": "Bob", "email": BOB, "language": "fr"}
        answer = office.ask("POST", "/v1/my-survey/hand-over", token=token, json=colleague)
        assert answer.status_code == 200, answer.text
        assert read(office, token)[1]["code"] == "link-revoked"
        office.deliver()
        [message] = office.mailbox.to(BOB)
        body = message.get_body(("plain",))
        assert body is not None
        assert "vous demande de répondre à sa place" in body.get_content()
        [theirs] = tokens_in(message)
        assert read(office, theirs)[1]["survey_id"] == office.survey_of(LEAD)
        office.at(DUE)
        assert len(office.mailbox.to(BOB)) == 2
        assert len(office.mailbox.to(ADA)) == 1

    def test_is_not_for_what_is_answered(self, office: PostOffice, token: str) -> None:
        """There is nothing to hand over once the survey is submitted."""
        office.answer(token, EXPORTS=5)
        colleague = {"name": "Bob", "email": BOB, "language": "fr"}
        answer = office.ask("POST", "/v1/my-survey/hand-over", token=token, json=colleague)
        assert (answer.status_code, answer.json()["code"]) == (409, "survey-not-awaiting-answer")

    def test_needs_an_address(self, office: PostOffice, token: str) -> None:
        """Nothing changes where the colleague cannot be written to."""
        colleague = {"name": "Bob", "email": "bob", "language": "fr"}
        answer = office.ask("POST", "/v1/my-survey/hand-over", token=token, json=colleague)
        assert answer.status_code == 422
        assert read(office, token)[0] == 200


class TestATokenThatWasMadeUp:
    @pytest.fixture
    def claims(self, token: str) -> dict[str, Any]:
        """What Ada's token says."""
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
        return claims

    def test_with_another_signature(self, office: PostOffice, token: str) -> None:
        """Any change of any part is seen."""
        # The last letter of a part may hold bits that stand for nothing: it is left as it is.
        ends = {len(token) - 1, *(each.start() - 1 for each in re.finditer(r"\.", token))}
        for place in set(range(0, len(token), 7)) - ends:
            changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
            headers = {"Authorization": f"Bearer {changed}"}
            assert office.client.get("/v1/my-survey", headers=headers).status_code == 401

    def test_with_another_key(self, office: PostOffice, claims: dict[str, Any]) -> None:
        """Knowing everything but the key is not enough."""
        assert read(office, signed("x" * 40, "HS256", **claims))[0] == 401

    def test_without_a_signature(self, office: PostOffice, claims: dict[str, Any]) -> None:
        """``alg: none`` signs nothing, and nothing signed otherwise is read."""
        assert read(office, signed(None, "none", **claims))[0] == 401
        assert read(office, signed(2 * KEY, "HS384", **claims))[0] == 401

    @pytest.mark.parametrize("of", ["sub", "survey", "exp", "aud", "iss"])
    def test_that_leaves_something_out(
        self, office: PostOffice, claims: dict[str, Any], of: str
    ) -> None:
        """Even with the key, a token says everything that a link says."""
        assert read(office, signed(KEY, "HS256", **claims))[0] == 200
        assert read(office, signed(KEY, "HS256", **{**claims, of: "other"}))[0] == 401
        del claims[of]
        assert read(office, signed(KEY, "HS256", **claims))[0] == 401

    def test_for_another_survey(self, office: PostOffice, claims: dict[str, Any]) -> None:
        """A link belongs to the survey that it was issued to."""
        others = {**claims, "survey": office.survey_of(ADOPTER)}
        assert read(office, signed(KEY, "HS256", **others))[0] == 401
        nowhere = {**claims, "survey": str(uuid4())}
        assert read(office, signed(KEY, "HS256", **nowhere))[0] == 401

    def test_that_outlives_its_link(self, office: PostOffice, claims: dict[str, Any]) -> None:
        """What was decided of the link counts, not what a token says of it."""
        longer = signed(KEY, "HS256", **{**claims, "exp": claims["exp"] + 10**7})
        assert read(office, longer)[0] == 200
        office.at(OPENS + timedelta(days=LIVES_DAYS + 1))
        assert read(office, longer)[1]["code"] == "link-expired"

    @pytest.mark.parametrize("nonsense", ["", "x", "a.b.c", "é.é.é", "." * 50, "A" * 3000])
    def test_that_makes_no_sense(self, office: PostOffice, nonsense: str) -> None:
        """Nothing that is sent as a token breaks anything."""
        headers = {"Authorization": f"Bearer {nonsense}".encode()}
        assert office.client.get("/v1/my-survey", headers=headers).status_code == 401


class TestAbuse:
    def test_one_link_is_let_in_so_often(self, office: PostOffice, token: str) -> None:
        """A runaway script is told to wait; other links are not concerned."""
        statuses = [read(office, token)[0] for _ in range(BURST + 5)]
        assert 429 in statuses
        answer = office.ask("GET", "/v1/my-survey", token=token)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")

    def test_no_token_is_ever_logged_or_stored(
        self, office: PostOffice, token: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Neither logs nor the database hold anything that opens a survey, nor any address."""
        with caplog.at_level(logging.DEBUG):
            read(office, token)
            read(office, token + "x")
            office.answer(token, HAPPINESS=1)
            office.answer(token, EXPORTS=1)
            office.mailbox.unknown.add(BOB)
            office.name(BOB)
            office.at(DUE)
        logged = "\n".join(
            f"{record.getMessage()} {vars(record)}"
            for record in caplog.records
            if record.name not in {"httpx", "httpx2", "mail.log", "asyncio"}
            and not record.name.startswith("aiosmtpd")
        )
        assert "request answered" in logged
        assert not re.search(r"eyJ[\w-]+\.", logged)
        assert ADA not in logged
        assert BOB not in logged
        with office.database.engine.connect() as connection:
            kept = connection.exec_driver_sql(
                "SELECT string_agg(data::text || meta::text, '') FROM eventstore.event"
            ).scalar_one()
        assert "eyJ" not in kept
