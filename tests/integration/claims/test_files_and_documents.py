import hashlib
import io
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import openpyxl
import pytest
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.claims.api.claim_sheet import COLUMNS
from shared.documents.contents import MOST_BYTES
from shared.documents.scanning import Clamd
from shared.spreadsheets.reading import CSV, XLSX
from tests.integration.claims.conftest import (
    ADOPTER,
    ANALYST,
    OFFICER,
    PARTNER,
    PREPARER,
    SIGNATORY,
    STRANGER,
    House,
    Person,
)
from tests.support.clamd import EICAR, clamd

pytestmark = pytest.mark.postgres

HEADINGS = "category;comptant;engagé du;engagé au;payé le;fournisseur\r\n"
GOOD = "labour;1 500,05;2023-04-03;2023-06-30;2023-06-30;Calculs inc.\r\n"
PERIOD = {
    "participant_id": str(ADOPTER),
    "period_starts_on": "2023-04-01",
    "period_ends_on": "2023-06-30",
}
PDF = b"%PDF-1.7\nan invoice"


def send(
    house: House,
    who: Person,
    path: str,
    content: bytes,
    *,
    media_type: str = "application/octet-stream",
    key: UUID | None = None,
    query: dict[str, str] | None = None,
) -> Response:
    """A file, as somebody."""
    headers = house._headers(who) | {
        "Idempotency-Key": str(key or uuid4()),
        "Content-Type": media_type,
    }
    return house.client.post(
        house.agreement + path, content=content, headers=headers, params=query or {}
    )


def imported(
    house: House,
    content: bytes,
    *,
    who: Person = PREPARER,
    media_type: str = CSV,
    key: UUID | None = None,
    **query: str,
) -> Response:
    return send(
        house,
        who,
        "/claims/import",
        content,
        media_type=media_type,
        key=key,
        query=PERIOD | query,
    )


def claim_of(response: Response) -> UUID:
    assert response.status_code == 201, response.text
    return UUID(response.json()["id"])


@pytest.fixture
def july(house: House) -> House:
    """The agreement is in force and its first quarter is over."""
    house.in_force()
    house.it_is(date(2023, 7, 10))
    return house


class TestImportingAClaim:
    def test_from_csv(self, july: House) -> None:
        """A French CSV becomes a draft, to the cent."""
        claim = claim_of(imported(july, (HEADINGS + GOOD).encode()))
        detail = july.get(PREPARER, f"{july.agreement}/claims/{claim}").json()
        (line,) = detail["lines"]
        assert (detail["state"], line["cash"]["cents"]) == ("drafted", 1_500_05)
        assert line["supplier"] == "Calculs inc."

    def test_from_a_filled_template(self, july: House) -> None:
        """The template of either language, filled in by a spreadsheet, becomes a draft."""
        for language, period in (("en", ("2023-04-01", "2023-05-31")), ("fr", ("2023-06-01",) * 2)):
            headers = july._headers(PREPARER) | {"Accept-Language": language}
            template = july.client.get("/v1/claims/template.xlsx", headers=headers)
            assert template.headers["Content-Language"] == language
            workbook = openpyxl.load_workbook(io.BytesIO(template.content))
            sheet = workbook.worksheets[0]
            assert [each.value for each in sheet[1]] == [c.heading(language) for c in COLUMNS]  # type: ignore[arg-type]
            first, last = date.fromisoformat(period[0]), date.fromisoformat(period[1])
            sheet.append(["labour", 5.05, None, first, last, date(2023, 6, 30)])
            file = io.BytesIO()
            workbook.save(file)
            query = {"period_starts_on": period[0], "period_ends_on": period[-1]}
            claim_of(imported(july, file.getvalue(), media_type=XLSX, **query))

    def test_the_template_as_csv(self, july: House) -> None:
        """The CSV template has the headings of the reader's language."""
        headers = july._headers(PREPARER) | {"Accept-Language": "fr"}
        template = july.client.get("/v1/claims/template.csv", headers=headers)
        assert template.content.decode("utf-8-sig").startswith("catégorie;comptant;en nature;")
        assert template.headers["Content-Disposition"] == 'attachment; filename="claim.csv"'

    def test_everything_wrong_is_said_at_once(self, july: House) -> None:
        """What cannot be read and what the rules refuse are told together, each with its cell."""
        wrong = (
            "champagne;1;2023-04-03;2023-06-30;2023-06-30;x\r\n"
            "labour;ten;2023-04-03;June;2023-06-30;x\r\n"
            "labour;1;2023-03-03;2023-06-30;;x\r\n"
        )
        head = july.parts.store.head()
        response = imported(july, (HEADINGS + GOOD + wrong).encode())
        assert (response.status_code, response.json()["code"]) == (422, "sheet-not-in-order")
        found = {(each["field"], each["code"]) for each in response.json()["errors"]}
        assert found == {
            ("A3", "category-unknown"),
            ("B4", "amount-unreadable"),
            ("D4", "day-unreadable"),
            ("C5", "cost-outside-period"),
            ("C5", "cost-not-eligible-yet-or-anymore"),
            ("E5", "cost-not-paid"),
        }
        assert july.parts.store.head() == head

    def test_what_only_the_rules_refuse(self, july: House) -> None:
        """A file that can be read is refused as its claim would be, cell by cell."""
        response = imported(july, (HEADINGS + GOOD + GOOD.replace("labour", "x")).encode())
        assert (response.status_code, response.json()["code"]) == (409, "claim-not-in-order")
        (error,) = response.json()["errors"]
        assert (error["field"], error["code"]) == ("A3", "category-unknown")
        assert error["accepted"] == ["labour", "equipment"]

    def test_twice(self, july: House) -> None:
        """The same key and file draft one claim; another file under the key is refused."""
        key = uuid4()
        content = (HEADINGS + GOOD).encode()
        first, again = (imported(july, content, key=key) for _ in range(2))
        assert claim_of(first) == claim_of(again)
        other = imported(july, content + b"\r\n", key=key)
        assert other.json()["code"] == "command-id-reused"

    def test_whose_it_is_not(self, july: House) -> None:
        """A recipient imports for its own organisation; nobody else does."""
        for content in ((HEADINGS + GOOD).encode(), (HEADINGS + GOOD + "?\r\n").encode()):
            refused = imported(july, content, who=PARTNER)
            assert (refused.status_code, refused.json()["code"]) == (403, "not-your-organisation")
        assert imported(july, b"", who=ANALYST).json()["code"] == "role-missing"
        unknown = imported(july, (HEADINGS + GOOD).encode(), participant_id=str(uuid4()))
        assert unknown.status_code == 404

    @pytest.mark.parametrize(
        ("media_type", "status"),
        [("application/json", 415), ("multipart/form-data; boundary=x", 415), (XLSX, 422)],
    )
    def test_of_another_type(self, july: House, media_type: str, status: int) -> None:
        """Only XLSX and CSV are read, and a file is what it is said to be."""
        content = (HEADINGS + GOOD).encode()
        assert imported(july, content, media_type=media_type).status_code == status

    def test_that_is_too_large(self, july: House) -> None:
        """Five megabytes are read; more is refused with the limit."""
        response = imported(july, b" " * 5_000_001)
        assert (response.status_code, response.json()["code"]) == (413, "body-too-large")

    def test_a_query_that_makes_no_sense(self, july: House) -> None:
        """The period is asked for in the query, and nothing else is."""
        assert imported(july, b"x", period_ends_on="June").status_code == 422
        assert imported(july, b"x", surprise="1").status_code == 422

    @settings(
        max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(content=st.binary(max_size=400), media_type=st.sampled_from([XLSX, CSV]))
    def test_whatever_the_file(self, july: House, content: bytes, media_type: str) -> None:
        """Any bytes are refused in both languages, and never break anything."""
        response = imported(july, content, media_type=media_type)
        assert response.status_code == 422, response.text
        assert response.json()["messages"]["fr"]


def upload(house: House, content: bytes = PDF, who: Person = PREPARER) -> Response:
    return send(house, who, "/documents", content)


class TestDocuments:
    def test_are_kept_once_by_their_content(self, july: House) -> None:
        """The same content twice is one document, named by its SHA-256."""
        answers = [upload(july).json() for _ in range(2)]
        sha256 = hashlib.sha256(PDF).hexdigest()
        kept = {"sha256": sha256, "size": len(PDF), "media_type": "application/pdf"}
        assert answers == [kept | {"scan": "not-scanned"}] * 2

    def test_are_read_by_staff_and_their_own_organisation(self, july: House) -> None:
        """For everybody else the document does not exist."""
        path = f"{july.agreement}/documents/{upload(july).json()['sha256']}"
        for who in (PREPARER, SIGNATORY, ANALYST, OFFICER):
            response = july.get(who, path)
            assert (response.content, response.headers["Content-Type"]) == (PDF, "application/pdf")
            assert response.headers["Content-Disposition"].startswith("attachment")
        for who in (PARTNER, STRANGER):
            assert july.get(who, path).status_code == 404
        upload(july, who=PARTNER)
        assert july.get(PARTNER, path).content == PDF

    @pytest.mark.parametrize(
        ("content", "media_type"),
        [
            (b"\x89PNG\r\n\x1a\n" + b"\x00" * 30, "image/png"),
            (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
            ("date;montant\r\né;1\r\n".encode(), "text/plain"),
            ("date;montant\r\né;1\r\n".encode("cp1252"), "text/plain"),
        ],
    )
    def test_that_are_kept(self, july: House, content: bytes, media_type: str) -> None:
        """What a document is, is decided by its content."""
        assert upload(july, content).json()["media_type"] == media_type

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "document-empty"),
            (b"MZ\x90\x00" + b"\x00" * 60, "document-of-other-type"),
            (b"PK\x03\x04archive", "document-of-other-type"),
            (b"\x00\x01\x02", "document-of-other-type"),
        ],
    )
    def test_that_are_not(self, july: House, content: bytes, code: str) -> None:
        """Programs, archives and what nobody knows are refused."""
        response = upload(july, content)
        assert (response.status_code, response.json()["code"]) == (422, code)

    def test_that_are_too_large(self, july: House) -> None:
        """A document has at most 25 megabytes."""
        assert upload(july, PDF.ljust(MOST_BYTES)).status_code == 201
        assert upload(july, PDF.ljust(MOST_BYTES + 1)).status_code == 413

    def test_are_scanned_for_viruses(self, july: House) -> None:
        """One that is infected, or cannot be scanned now, is not kept; a clean one says so."""
        path = f"{july.agreement}/documents/"
        with clamd() as daemon:
            july.client.app.state.scanner = Clamd(daemon.address)  # type: ignore[attr-defined]
            assert upload(july).json()["scan"] == "clean"
            infected = upload(july, EICAR)
            assert (infected.status_code, infected.json()["code"]) == (422, "document-infected")
            daemon.mood = "hangs-up"
            other = b"%PDF-1.7\nanother"
            down = upload(july, other)
        assert (down.status_code, down.json()["code"]) == (503, "scanner-down")
        for content in (EICAR, other):
            read = july.get(ANALYST, path + hashlib.sha256(content).hexdigest())
            assert read.status_code == 404

    def test_by_whom(self, july: House) -> None:
        """Only organisations of the agreement bring documents to it."""
        assert upload(july, who=STRANGER).json()["code"] == "not-your-organisation"
        assert upload(july, who=ANALYST).json()["code"] == "role-missing"

    @settings(
        max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(content=st.binary(max_size=300))
    def test_whatever_the_content(self, july: House, content: bytes) -> None:
        """Any bytes are kept as they are or refused."""
        response = upload(july, content)
        assert response.status_code in {201, 422}
        if response.status_code == 201:
            path = response.headers["Location"]
            assert july.get(ANALYST, path).content == content


def body(**line: Any) -> dict[str, Any]:
    return PERIOD | {
        "lines": [
            {
                "category": "labour",
                "cash": {"cents": 500_00},
                "incurred_from": "2023-04-03",
                "incurred_to": "2023-06-30",
                "paid_on": "2023-06-30",
                **line,
            }
        ]
    }


class TestADocumentThatAClaimNames:
    def test_is_there_when_the_claim_is_certified(self, july: House) -> None:
        """A line may name a document before it is brought; a signatory may not."""
        sha256 = hashlib.sha256(PDF).hexdigest()
        claim = july.done(PREPARER, "/claims", body(document_sha256=sha256))
        upload(july, who=PARTNER)
        response = july.post(SIGNATORY, f"/claims/{claim}/certification")
        assert (response.status_code, response.json()["code"]) == (409, "documents-unknown")
        (error,) = response.json()["errors"]
        assert error["field"] == "lines[0].document_sha256"
        stranger = july.post(PARTNER, f"/claims/{claim}/certification")
        assert stranger.json()["code"] == "not-your-organisation"
        upload(july)
        july.done(SIGNATORY, f"/claims/{claim}/certification")

    def test_is_asked_for_and_supplied(self, july: House) -> None:
        """A sampled line is missing its document until its participant shows one it brought."""
        claim = july.done(PREPARER, "/claims", body())
        asked = f"/claims/{claim}/document-requests"
        shown = f"/claims/{claim}/lines/0/document"
        early = july.post(ANALYST, asked, {"line": 0})
        assert early.json()["code"] == "claim-not-under-assessment"
        july.done(SIGNATORY, f"/claims/{claim}/certification")
        assert july.post(PREPARER, asked, {"line": 0}).json()["code"] == "role-missing"
        july.done(ANALYST, asked, {"line": 0, "note": "the invoice"})
        named = {"document_sha256": hashlib.sha256(PDF).hexdigest()}
        assert july.put(PREPARER, shown, named).json()["code"] == "document-unknown"
        upload(july)
        upload(july, who=PARTNER)
        assert july.put(PARTNER, shown, named).json()["code"] == "not-your-organisation"
        assert july.put(PREPARER, shown, named).is_success
        elsewhere = july.put(PREPARER, shown.replace("/0/", "/1/"), named)
        assert elsewhere.json()["code"] == "document-not-requested"

    def test_of_a_claim_that_does_not_exist(self, july: House) -> None:
        """Nothing is certified that is not there, whatever its documents."""
        unknown = july.post(SIGNATORY, f"/claims/{uuid4()}/certification")
        assert unknown.json()["code"] == "claim-unknown"
