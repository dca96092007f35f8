"""Documents of surveys over HTTP, on PostgreSQL, with an account and with a personal link."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.impact.gateways.tables import DOCUMENT, DOCUMENT_OF
from shared.documents.contents import MOST_BYTES
from shared.documents.scanning import Clamd
from tests.integration.impact.post_office import (
    ADOPTER,
    LEAD,
    OPENS,
    PostOffice,
    completed,
    post_office,
    tokens_in,
)
from tests.support.clamd import EICAR, clamd
from tests.support.mail import mail_server
from tests.support.postgres import Databases

pytestmark = pytest.mark.postgres

PDF = b"%PDF-1.7\nsales"
SHA256 = hashlib.sha256(PDF).hexdigest()
MINE = "/v1/my-survey/documents"


@pytest.fixture
def office(migrated_database: str, databases: Databases, tmp_path: Path) -> Iterator[PostOffice]:
    """A survey that has just opened, with a link in somebody's mailbox."""
    with (
        mail_server() as mailbox,
        post_office(migrated_database, databases, tmp_path, mailbox) as office,
    ):
        office.hear(completed())
        office.name("ada@example.org")
        office.at(OPENS)
        yield office


@pytest.fixture
def token(office: PostOffice) -> str:
    """The token of the link."""
    [token] = tokens_in(office.mailbox.received[0])
    return token


@pytest.fixture
def path(office: PostOffice) -> str:
    """Where the documents of the survey are."""
    return f"/v1/surveys/{office.survey_of(LEAD)}/documents"


@pytest.fixture
def daemon(office: PostOffice) -> Iterator[Any]:
    """A daemon that scans what impact takes in."""
    with clamd() as server:
        office.client.app.state.scanner = Clamd(server.address, seconds=1.0)  # type: ignore[attr-defined]
        yield server


def attach(
    office: PostOffice,
    path: str,
    content: bytes = PDF,
    *,
    of: UUID | None = LEAD,
    token: str | None = None,
    key: UUID | None = None,
    title: str = "Sales",
) -> Any:
    """A file, with an account or with a link."""
    return office.ask(
        "POST",
        path,
        "recipient",
        of,
        token=token,
        key=key,
        content=content,
        params={"title": title},
        headers={"Content-Type": "application/octet-stream"},
    )


def kept(office: PostOffice) -> tuple[list[str], list[str]]:
    """What the tables hold: contents, and of which surveys they are."""
    with office.database.engine.connect() as connection:
        return (
            sorted(connection.execute(select(DOCUMENT.c.sha256)).scalars()),
            sorted(connection.execute(select(DOCUMENT_OF.c.sha256)).scalars()),
        )


class TestWithAnAccount:
    def test_is_attached_and_read(self, office: PostOffice, path: str) -> None:
        """Whoever answers attaches a file, finds it listed, and reads it as it was sent."""
        answer = attach(office, path)
        assert answer.status_code == 201, answer.text
        body = answer.json()
        assert (body["sha256"], body["size"], body["scan"]) == (SHA256, len(PDF), "not-scanned")
        assert body["media_type"] == "application/pdf"
        [listed] = office.get(path, "recipient", LEAD)["items"]
        assert (listed["document_id"], listed["handed_in"]) == (body["id"], False)
        read = office.ask("GET", answer.headers["Location"], "recipient", LEAD)
        assert (read.content, read.headers["X-Jalon-Scan"]) == (PDF, "not-scanned")
        assert read.headers["Content-Disposition"].startswith("attachment")

    def test_is_read_by_officers_once_handed_in(self, office: PostOffice, path: str) -> None:
        """Officers and auditors see what came with the response; other organisations nothing."""
        attach(office, path)
        at = f"{path}/{SHA256}"
        assert office.get(path)["items"] == []
        assert office.ask("GET", at).status_code == 404
        response = {"answers": {"EXPORTS": 5}, "certified": True}
        survey = path.removesuffix("/documents")
        sent = office.ask("POST", f"{survey}/response", "recipient", LEAD, json=response)
        assert sent.status_code == 201, sent.text
        for role in ("programme-manager", "agreement-officer", "auditor"):
            assert [each["handed_in"] for each in office.get(path, role)["items"]] == [True]
            assert office.ask("GET", at, role).content == PDF
        for refused, role, of in ((404, "recipient", ADOPTER), (403, "finance-officer", None)):
            assert office.ask("GET", path, role, of).status_code == refused
            assert office.ask("GET", at, role, of).status_code == refused
        assert SHA256 in office.get(f"{survey}/receipt")["content"]
        late = attach(office, path, b"%PDF late")
        assert (late.status_code, late.json()["code"]) == (409, "survey-already-answered")

    def test_is_taken_off(self, office: PostOffice, path: str) -> None:
        """The content goes with the last survey that names it; asking again changes nothing."""
        first, key = attach(office, path).json()["id"], uuid4()
        other = f"/v1/surveys/{office.survey_of(ADOPTER)}/documents"
        second = attach(office, other, of=ADOPTER).json()["id"]
        assert kept(office) == ([SHA256], [SHA256, SHA256])
        stranger = office.ask("POST", f"{path}/{first}/removal", "recipient", ADOPTER)
        assert stranger.status_code == 404
        for _ in range(2):
            gone = office.ask("POST", f"{path}/{first}/removal", "recipient", LEAD, key=key)
            assert (gone.status_code, gone.json()["id"]) == (200, first)
        assert kept(office) == ([SHA256], [SHA256])
        unknown = office.ask("POST", f"{path}/{first}/removal", "recipient", LEAD)
        assert (unknown.status_code, unknown.json()["code"]) == (404, "document-unknown")
        office.ask("POST", f"{other}/{second}/removal", "recipient", ADOPTER)
        assert kept(office) == ([], [])
        assert attach(office, path).status_code == 201

    def test_is_attached_once_however_often_it_is_sent(self, office: PostOffice, path: str) -> None:
        """The same command again is the same document; another with the same content is none."""
        key = uuid4()
        first, again = attach(office, path, key=key), attach(office, path, key=key)
        assert first.json() == again.json()
        assert attach(office, path).json()["code"] == "document-already-attached"
        assert kept(office) == ([SHA256], [SHA256])

    def test_of_another_survey_is_not_found(self, office: PostOffice, path: str) -> None:
        """A document of one survey is not found under another, nor attached to one."""
        attach(office, path)
        other = f"/v1/surveys/{office.survey_of(ADOPTER)}/documents"
        assert office.ask("GET", f"{other}/{SHA256}", "recipient", ADOPTER).status_code == 404
        assert attach(office, other).status_code == 404
        assert attach(office, f"/v1/surveys/{uuid4()}/documents").status_code == 404


class TestScanning:
    def test_finds_nothing(self, office: PostOffice, path: str, daemon: Any) -> None:
        """A scanned document says so, also in the event."""
        assert attach(office, path).json()["scan"] == "clean"
        assert daemon.scanned == [len(PDF)]
        [*_, last] = office.store.tail(0, 100)
        assert (last.type, last.event.scan) == ("survey.document-attached", "clean")

    def test_finds_a_virus(self, office: PostOffice, path: str, token: str, daemon: Any) -> None:
        """The virus is named, and nothing is kept, whoever sends it."""
        head = office.store.head()
        for where, link in ((path, None), (MINE, token)):
            answer = attach(office, where, EICAR, token=link)
            assert (answer.status_code, answer.json()["code"]) == (422, "document-infected")
        assert (kept(office), office.store.head()) == (([], []), head)
        assert len(daemon.scanned) == 2

    def test_comes_after_what_is_refused_anyway(
        self, office: PostOffice, path: str, token: str, daemon: Any
    ) -> None:
        """Another type, no title or too large a file never reaches the scanner."""
        for where, link in ((path, None), (MINE, token)):
            for content in (b"", b"MZ\x90\x00" + b"\x00" * 60, b"\x00\x01"):
                assert attach(office, where, content, token=link).status_code == 422
            assert attach(office, where, title=" ", token=link).status_code == 422
            assert attach(office, where, title="x" * 201, token=link).status_code == 422
            large = attach(office, where, PDF.ljust(MOST_BYTES + 1), token=link)
            assert (large.status_code, daemon.scanned) == (413, [])


class TestWithALink:
    def test_is_attached_and_shown(self, office: PostOffice, token: str, path: str) -> None:
        """Whoever holds a link attaches, reads and takes off documents of its survey alone."""
        answer = attach(office, MINE, token=token)
        assert answer.status_code == 201, answer.text
        [shown] = office.ask("GET", "/v1/my-survey", token=token).json()["documents"]
        assert (shown["sha256"], shown["handed_in"]) == (SHA256, False)
        assert office.ask("GET", answer.headers["Location"], token=token).content == PDF
        assert office.get(path, "recipient", LEAD)["items"] == [shown]
        removal = f"{MINE}/{shown['document_id']}/removal"
        assert office.ask("POST", removal, token=token).status_code == 200
        assert kept(office) == ([], [])
        assert office.ask("GET", f"{MINE}/{SHA256}", token=token).status_code == 404

    def test_needs_a_link(self, office: PostOffice, token: str, path: str) -> None:
        """An account does not open the link's door, nor a link that of accounts."""
        assert attach(office, MINE).status_code == 401
        assert attach(office, path, token=token).status_code == 401
        assert attach(office, MINE, token=token + "x").status_code == 401

    def test_comes_with_the_answer_to_an_officer(
        self, office: PostOffice, token: str, path: str
    ) -> None:
        """Asked by an officer, the holder attaches what shows the answer."""
        office.answer(token, EXPORTS=5)
        assert attach(office, MINE, token=token).status_code == 409
        query = {"codes": ["EXPORTS"], "text": "What shows this?"}
        office.ask("POST", path.replace("/documents", "/query"), json=query)
        assert attach(office, MINE, token=token).status_code == 201
        assert office.get(path)["items"] == []
        reply = {"text": "See the file.", "changes": {}}
        answered = office.ask("POST", "/v1/my-survey/query-answer", token=token, json=reply)
        assert answered.status_code == 201, answered.text
        assert [each["sha256"] for each in office.get(path)["items"]] == [SHA256]
