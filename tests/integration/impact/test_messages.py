"""Messages to those who are asked, through a real mail server."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from tests.integration.impact.post_office import (
    ADOPTER,
    DUE,
    LEAD,
    OPENS,
    OTHER_PROJECT,
    PROJECT,
    PostOffice,
    completed,
    post_office,
    tokens_in,
)
from tests.support.mail import Mailbox, mail_server
from tests.support.postgres import Databases

pytestmark = pytest.mark.postgres

ADA = "ada@example.org"


@pytest.fixture
def office(migrated_database: str, databases: Databases, tmp_path: Path) -> Iterator[PostOffice]:
    """The service with a mail server, and a completed project of two participants."""
    with (
        mail_server() as mailbox,
        post_office(migrated_database, databases, tmp_path, mailbox) as office,
    ):
        office.hear(completed())
        yield office


class TestReminders:
    def test_go_out_on_four_days_and_an_officer_is_told(self, office: PostOffice) -> None:
        """At opening, 14 days before, on the day and 30 days after; then it is escalated."""
        office.name(ADA)
        days = [OPENS, DUE - timedelta(days=14), DUE, DUE + timedelta(days=30)]
        for day in days:
            before = len(office.mailbox.received)
            office.at(day - timedelta(days=1))
            assert len(office.mailbox.received) == before
            office.at(day)
            assert len(office.mailbox.received) == before + 1
        listed = office.get("/v1/escalations")["items"]
        assert {each["kind"] for each in listed} == {"unanswered"}
        assert {each["survey_id"] for each in listed} == {
            office.survey_of(LEAD),
            office.survey_of(ADOPTER),
        }

    def test_stop_once_it_is_answered(self, office: PostOffice) -> None:
        """Nobody is reminded of what is done, and nothing of it is escalated."""
        office.name(ADA)
        office.at(OPENS)
        [token] = tokens_in(office.mailbox.received[0])
        assert office.answer(token, EXPORTS=5).status_code == 201
        for day in (DUE - timedelta(days=14), DUE, DUE + timedelta(days=30)):
            office.at(day)
        assert len(office.mailbox.received) == 1
        escalated = [each["survey_id"] for each in office.get("/v1/escalations")["items"]]
        assert escalated == [office.survey_of(ADOPTER)]

    def test_several_surveys_join_one_message(self, office: PostOffice) -> None:
        """One person is written to once a day, whatever there is to say that day."""
        office.hear(completed(OTHER_PROJECT, title="Cold chains"))
        office.name(ADA)
        office.name(ADA.upper(), of=ADOPTER)  # the same person, asked for another organisation
        office.at(OPENS)
        [message] = office.mailbox.received
        assert len(set(tokens_in(message))) == 4
        office.ask("POST", f"/v1/surveys/{office.survey_of(LEAD)}/links", json={})
        office.at(OPENS, 15)
        assert len(office.mailbox.received) == 1
        office.at(OPENS + timedelta(days=1))
        assert len(office.mailbox.received) == 2
        assert len(tokens_in(office.mailbox.received[1])) == 1

    def test_are_written_in_the_language_of_the_person(self, office: PostOffice) -> None:
        """French and English, as text and as HTML, with dates as each writes them."""
        office.hear(completed(OTHER_PROJECT, title="Gels & <b>froids</b>"))
        office.name(ADA, language="fr", project_id=str(OTHER_PROJECT))
        office.name("bob@example.org", of=ADOPTER, project_id=str(OTHER_PROJECT))
        office.at(OPENS)
        [french], [english] = office.mailbox.to(ADA), office.mailbox.to("bob@example.org")
        text, html = french.get_body(("plain",)), french.get_body(("html",))
        assert text is not None
        assert html is not None
        assert "30 juin 2026" in text.get_content()
        assert "Bonjour Ada L’Écuyer," in text.get_content()
        assert "Gels &amp; &lt;b&gt;froids&lt;/b&gt;" in html.get_content()
        assert french["Content-Language"] == "fr-CA"
        body = english.get_body(("plain",))
        assert body is not None
        assert "June 30, 2026" in body.get_content()

    def test_are_sent_by_day(self, office: PostOffice) -> None:
        """Nobody is written to at night."""
        office.name(ADA)
        office.at(OPENS, 7, 59)
        assert office.mailbox.received == []
        office.at(OPENS, 8)
        assert len(office.mailbox.received) == 1

    def test_wait_for_somebody_to_write_to(self, office: PostOffice) -> None:
        """Without a contact reminders wait visibly, and go out once somebody is named."""
        office.at(OPENS)
        waiting = office.get("/v1/reminders")["items"]
        assert {each["not_sent_because"] for each in waiting} == {"no-contact"}
        office.name(ADA)
        office.at(OPENS, 11)
        assert len(office.mailbox.received) == 1
        assert [each["organisation_id"] for each in office.get("/v1/reminders")["items"]] == [
            str(ADOPTER)
        ]


class TestAMailServer:
    def test_that_is_busy_is_asked_again(self, office: PostOffice) -> None:
        """A failure is tried again after a while, under the same Message-ID, then the next day."""
        office.name(ADA)
        office.mailbox.is_busy = True
        office.at(OPENS)
        [message] = office.get("/v1/messages")["items"]
        assert (message["state"], message["attempts"], message["code"]) == ("composed", 1, 451)
        office.mailbox.is_busy = False
        office.at(OPENS, 9, 4)
        assert office.mailbox.received == []
        office.at(OPENS, 9, 5)
        [sent] = office.mailbox.received
        assert sent["Message-ID"] == f"<{message['message_id']}@jalon.example.org>"
        assert office.get("/v1/messages")["items"][0]["state"] == "sent"

    def test_that_stays_busy_is_given_up_for_the_day(self, office: PostOffice) -> None:
        """Five attempts a day; what was to be said is said by the next day's message."""
        office.name(ADA)
        office.mailbox.is_busy = True
        for hour in (8, 9, 10, 12, 16, 17, 18):
            office.at(OPENS, hour)
        [message] = office.get("/v1/messages")["items"]
        assert (message["state"], message["attempts"]) == ("failed", 5)
        office.mailbox.is_busy = False
        office.at(OPENS, 19)
        assert office.mailbox.received == []
        office.at(OPENS + timedelta(days=1))
        assert len(office.mailbox.received) == 1

    def test_that_knows_nobody_there(self, office: PostOffice) -> None:
        """An address that does not exist is not written to again, and an officer is told."""
        contact_id = office.name(ADA)
        office.mailbox.unknown.add(ADA)
        office.at(OPENS)
        [escalation] = office.get("/v1/escalations")["items"]
        assert (escalation["kind"], escalation["contact_id"]) == ("unreachable", contact_id)
        office.mailbox.unknown.clear()
        office.at(DUE)
        assert office.mailbox.received == []
        office.name("bob@example.org")
        office.at(DUE, 10)
        assert len(office.mailbox.to("bob@example.org")) == 1
        assert office.get("/v1/escalations")["items"] == []

    def test_whose_bounce_is_recorded(self, office: PostOffice) -> None:
        """An operator records what came back; a permanent bounce flags the contact."""
        contact_id = office.name(ADA)
        office.at(OPENS)
        [message] = office.get("/v1/messages")["items"]
        path = f"/v1/messages/{message['message_id']}/bounce"
        refused = office.ask("POST", path, "programme-manager", json={"permanent": True})
        assert refused.status_code == 403
        key = uuid4()
        for _ in range(2):
            answer = office.ask("POST", path, "operator", json={"permanent": True}, key=key)
            assert answer.status_code == 200, answer.text
        [contact] = office.get(f"/v1/contacts/{LEAD}")
        assert (contact["contact_id"], contact["is_reachable"]) == (contact_id, False)
        [told] = office.get(f"/v1/contacts/{LEAD}", "recipient", LEAD)
        assert told["is_reachable"] is None
        assert [each["kind"] for each in office.get("/v1/escalations")["items"]] == ["unreachable"]
        unknown = office.ask(
            "POST", f"/v1/messages/{uuid4()}/bounce", "operator", json={"permanent": True}
        )
        assert unknown.status_code == 404


class TestWithoutAMailServer:
    def test_everything_waits_and_says_so(
        self, migrated_database: str, databases: Databases, tmp_path: Path
    ) -> None:
        """No message is lost and none pretends to be sent."""
        with post_office(
            migrated_database, databases, tmp_path, Mailbox(), with_mail=False
        ) as office:
            office.hear(completed())
            office.name(ADA)
            office.at(OPENS)
            waiting = office.get("/v1/reminders")["items"]
            assert {each["not_sent_because"] for each in waiting} == {"no-mail-server"}
            assert office.get("/v1/messages")["items"] == []


class TestContacts:
    def test_are_named_for_one_s_own_organisation(self, office: PostOffice) -> None:
        """A recipient neither names nor sees the contacts of another organisation."""
        body = {"name": "Eve", "email": "eve@example.org", "language": "en"}
        path = f"/v1/contacts/{LEAD}"
        assert office.ask("PUT", path, "recipient", ADOPTER, json=body).status_code == 404
        assert office.ask("GET", path, "recipient", ADOPTER).status_code == 404
        assert office.ask("PUT", path, "agreement-officer", json=body).status_code == 200

    def test_are_written_to_where_that_is_possible(self, office: PostOffice) -> None:
        """A name is one line and an address an address; every problem is told at once."""
        body = {
            "name": "Eve\u0000",
            "email": "eve@example.org\nBcc: x@example.org",
            "language": "en",
        }
        answer = office.ask("PUT", f"/v1/contacts/{LEAD}", "recipient", LEAD, json=body)
        assert answer.status_code == 422
        body = {"name": " \n ", "email": "eve@example", "language": "fr"}
        answer = office.ask("PUT", f"/v1/contacts/{LEAD}", "recipient", LEAD, json=body)
        assert [each["field"] for each in answer.json()["errors"]] == ["name", "email"]

    def test_are_found_by_the_narrowest_scope(self, office: PostOffice) -> None:
        """A contact for the project goes before the one for the organisation."""
        office.name(ADA)
        office.name("bob@example.org", project_id=str(PROJECT))
        office.at(OPENS)
        assert [each["To"] for each in office.mailbox.received] == [
            "Ada L’Écuyer <bob@example.org>"
        ]

    def test_are_erased_when_they_ask(self, office: PostOffice) -> None:
        """Nothing is left of the person but opaque ids; events never held more."""
        contact_id = office.name(ADA)
        office.at(OPENS)
        path = f"/v1/contacts/{LEAD}/{contact_id}/erasure"
        assert office.ask("POST", path, "recipient", LEAD, json={}).status_code == 200
        with office.database.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT name, email, language FROM impact.contact")
            assert [tuple(row) for row in rows] == [(None, None, None)]
            kept = connection.exec_driver_sql(
                "SELECT string_agg(data::text || meta::text, '') FROM eventstore.event"
            ).scalar_one()
        assert ADA not in kept
        assert "Ada" not in kept
        assert office.get(f"/v1/contacts/{LEAD}") == []
        office.at(DUE)
        assert len(office.mailbox.received) == 1
