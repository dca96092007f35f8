"""Documents of applications over HTTP, on PostgreSQL, before a daemon that scans them."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx2 import Response
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from services.intake.gateways import document_store
from services.intake.gateways.tables import DOCUMENT, DOCUMENT_OF
from shared.documents.contents import MOST_BYTES, document_of
from shared.documents.scanning import Clamd
from tests.integration.intake.conftest import ADOPTER, PROVIDER, STRANGER, Office, beginning
from tests.integration.intake.test_intake import APPLICANT, CONSORTIUM, OFFICER, submitted
from tests.support.clamd import EICAR, clamd

pytestmark = pytest.mark.postgres

PDF = b"%PDF-1.7\na letter"
SHA256 = hashlib.sha256(PDF).hexdigest()
PARTICIPANT = f"applicant:{PROVIDER}"


def attach(
    office: Office,
    application_id: str,
    content: bytes = PDF,
    who: str = APPLICANT,
    key: UUID | None = None,
    **query: str,
) -> Response:
    """A file, as somebody."""
    headers = office.headers(who) | {
        "Idempotency-Key": str(key or uuid4()),
        "Content-Type": "application/octet-stream",
    }
    return office.client.post(
        f"/v1/applications/{application_id}/documents",
        content=content,
        headers=headers,
        params={"kind": "letter-of-intent", "title": "Letter"} | query,
    )


def kept(office: Office) -> tuple[list[str], list[str]]:
    """What the tables hold: contents, and whose."""
    with office.database.engine.connect() as connection:
        return (
            sorted(connection.execute(select(DOCUMENT.c.sha256)).scalars()),
            sorted(connection.execute(select(DOCUMENT_OF.c.sha256)).scalars()),
        )


@pytest.fixture
def daemon(office: Office) -> Iterator[Any]:
    """A daemon that scans what intake takes in."""
    with clamd() as server:
        office.client.app.state.scanner = Clamd(server.address, seconds=1.0)  # type: ignore[attr-defined]
        yield server


@pytest.fixture
def joined(office: Office, application_id: str) -> str:
    """A draft with its participants."""
    path = f"/v1/applications/{application_id}/consortium"
    office.do(APPLICANT, "PUT", path, CONSORTIUM)
    return application_id


class TestDocuments:
    def test_that_nobody_scans(self, office: Office, application_id: str) -> None:
        """Without a scanner a document is kept, and every answer says that it was not scanned."""
        answer = attach(office, application_id)
        assert answer.status_code == 201, answer.text
        body = answer.json()
        assert (body["sha256"], body["size"], body["scan"]) == (SHA256, len(PDF), "not-scanned")
        [listed] = office.see(APPLICANT, f"/v1/applications/{application_id}/documents")["items"]
        assert (listed["document_id"], listed["scan"]) == (body["id"], "not-scanned")
        read = office.client.get(answer.headers["Location"], headers=office.headers(APPLICANT))
        assert (read.content, read.headers["X-Jalon-Scan"]) == (PDF, "not-scanned")
        assert read.headers["Content-Disposition"].startswith("attachment")
        assert read.headers["X-Content-Type-Options"] == "nosniff"

    def test_that_are_clean(self, office: Office, application_id: str, daemon: Any) -> None:
        """A scanned document says so, also in the event."""
        answer = attach(office, application_id).json()
        assert (answer["scan"], daemon.scanned) == ("clean", [len(PDF)])
        [*_, last] = office.store.tail(0, 100)
        assert (last.type, last.event.scan) == ("application.document-attached", "clean")
        assert last.event.document_id == UUID(answer["id"])

    def test_that_are_infected(self, office: Office, application_id: str, daemon: Any) -> None:
        """The virus is named, and nothing is kept."""
        head = office.store.head()
        answer = attach(office, application_id, EICAR)
        assert (answer.status_code, answer.json()["code"]) == (422, "document-infected")
        assert "EICAR" in answer.json()["messages"]["fr"]
        assert kept(office) == ([], [])
        assert office.store.head() == head
        assert len(daemon.scanned) == 1

    def test_while_the_scanner_is_down(
        self, office: Office, application_id: str, daemon: Any
    ) -> None:
        """Nothing is half done; with the same key it is done once the scanner is back."""
        key, head = uuid4(), office.store.head()
        daemon.mood = "hangs-up"
        answer = attach(office, application_id, key=key)
        assert (answer.status_code, answer.json()["code"]) == (503, "scanner-down")
        assert answer.headers["Retry-After"] == "30"
        assert (kept(office), office.store.head()) == (([], []), head)
        daemon.mood = "well"
        first = attach(office, application_id, key=key)
        daemon.mood = "hangs-up"
        again = attach(office, application_id, key=key)
        assert first.json() == again.json()
        assert office.store.head() == head + 1

    def test_are_refused_before_they_are_scanned(
        self, office: Office, application_id: str, daemon: Any
    ) -> None:
        """A wrong kind, another type or too large a file never reaches the scanner."""
        assert attach(office, application_id, kind="selfie").json()["code"] == (
            "document-kind-unknown"
        )
        assert attach(office, application_id, title=" ").status_code == 422
        assert attach(office, application_id, title="x" * 201).status_code == 422
        for content in (b"", b"MZ\x90\x00" + b"\x00" * 60, b"\x00\x01"):
            assert attach(office, application_id, content).status_code == 422
        large = attach(office, application_id, PDF.ljust(MOST_BYTES + 1))
        assert (large.status_code, daemon.scanned) == (413, [])
        assert attach(office, application_id, PDF.ljust(MOST_BYTES)).status_code == 201

    def test_are_those_of_their_organisation(self, office: Office, joined: str) -> None:
        """A participant sees what it brought; the lead and staff see all; others nothing."""
        path = f"/v1/applications/{joined}/documents"
        ours, theirs = b"%PDF ours", b"%PDF theirs"
        attach(office, joined, ours)
        brought = attach(office, joined, theirs, PARTICIPANT).json()
        seen = {
            who: len(office.see(who, path)["items"])
            for who in (APPLICANT, PARTICIPANT, f"applicant:{ADOPTER}", OFFICER, "auditor")
        }
        assert list(seen.values()) == [2, 1, 0, 2, 2]
        office.see(f"applicant:{STRANGER}", path, 404)
        at = f"{path}/{hashlib.sha256(ours).hexdigest()}"
        for who, status in ((APPLICANT, 200), (OFFICER, 200), (PARTICIPANT, 404)):
            assert office.client.get(at, headers=office.headers(who)).status_code == status
        assert attach(office, joined, who=f"applicant:{STRANGER}").status_code == 404
        assert attach(office, joined, who=OFFICER).status_code == 403
        removal = f"{path}/{brought['id']}/removal"
        office.do(f"applicant:{ADOPTER}", "POST", removal, status=404)
        office.do(APPLICANT, "POST", removal)

    def test_that_are_taken_off(self, office: Office, joined: str) -> None:
        """The content of a draft's document goes with the last one that names it."""
        first = attach(office, joined).json()["id"]
        attach(office, joined, who=PARTICIPANT)
        assert kept(office) == ([SHA256], [SHA256, SHA256])
        path, key = f"/v1/applications/{joined}/documents", uuid4()
        for _ in range(2):
            assert office.do(APPLICANT, "POST", f"{path}/{first}/removal", key=key)["id"] == first
        assert kept(office) == ([SHA256], [SHA256])
        [left] = office.see(APPLICANT, path)["items"]
        office.do(PARTICIPANT, "POST", f"{path}/{left['document_id']}/removal")
        assert kept(office) == ([], [])
        gone = office.client.get(f"{path}/{SHA256}", headers=office.headers(APPLICANT))
        assert gone.json()["code"] == "document-unknown"
        office.do(PARTICIPANT, "POST", f"{path}/{left['document_id']}/removal", status=404)

    def test_once_submitted(self, office: Office, application_id: str) -> None:
        """What is submitted takes no more documents, and keeps those it has."""
        document_id = attach(office, application_id).json()["id"]
        path = submitted(office, application_id)
        late = attach(office, application_id, b"%PDF late")
        assert (late.status_code, late.json()["code"]) == (409, "application-not-at-this-stage")
        office.do(APPLICANT, "POST", f"{path}/documents/{document_id}/removal", status=409)
        assert kept(office) == ([SHA256], [SHA256])

    def test_of_another_application(self, office: Office, call_id: str, joined: str) -> None:
        """A document of one application is not found under another."""
        attach(office, joined)
        other = office.do(APPLICANT, "POST", "/v1/applications", beginning(call_id))["id"]
        path = f"/v1/applications/{other}/documents"
        assert office.see(APPLICANT, path)["items"] == []
        read = office.client.get(f"{path}/{SHA256}", headers=office.headers(APPLICANT))
        assert read.status_code == 404
        office.do(APPLICANT, "POST", f"{path}/{uuid4()}/removal", status=404)

    def test_kept_and_let_go_at_once(self, office: Office) -> None:
        """Whoever lets go of a content waits for whoever keeps it, and then leaves it there."""
        document = document_of(PDF)
        first, second, theirs = uuid4(), uuid4(), uuid4()

        def keep(connection: Connection, application_id: UUID) -> None:
            document_store.keep(
                connection,
                PDF,
                document,
                application_id=application_id,
                organisation_id=theirs,
                scan="clean",
                received_on=date(2023, 4, 3),
            )

        def forget() -> None:
            with office.database.engine.begin() as connection:
                document_store.forget(
                    connection, SHA256, application_id=first, organisation_id=theirs
                )

        with office.database.engine.begin() as connection:
            keep(connection, first)
        with ThreadPoolExecutor(1) as other:
            with office.database.engine.begin() as connection:
                keep(connection, second)
                forgetting = other.submit(forget)
                with pytest.raises(TimeoutError):
                    forgetting.result(0.3)
            forgetting.result(10)
        assert kept(office) == ([SHA256], [SHA256])

    @tried(
        max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(content=st.binary(max_size=200), title=st.text(max_size=20))
    def test_whatever_is_sent(
        self, office: Office, application_id: str, content: bytes, title: str
    ) -> None:
        """Any bytes under any title are attached or refused in both languages."""
        answer = attach(office, application_id, content, title=title)
        assert answer.status_code in {201, 409, 422}, answer.text
        if answer.status_code != 201:
            assert answer.json()["messages"]["fr"]

    def test_the_settings_name_the_scanner(self, office: Office) -> None:
        """Without ``JALON_CLAMD`` the process scans nothing."""
        assert office.client.app.state.scanner.scan(EICAR) == "not-scanned"  # type: ignore[attr-defined]
