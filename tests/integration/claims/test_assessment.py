import hashlib
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.claims.projections import claims_queue, costs
from shared.kernel.identifiers import derived_id
from shared.projecting.rebuild import digests, rebuild
from tests.integration.claims.conftest import (
    ADOPTER,
    AGREEMENT,
    ANALYST,
    APPROVER,
    OFFICER,
    PARTNER,
    PREPARER,
    SIGNATORY,
    House,
    Person,
)

pytestmark = pytest.mark.postgres

INVOICE = b"%PDF-1.7 an invoice"
DOCUMENT = hashlib.sha256(INVOICE).hexdigest()


def cad(cents: int) -> dict[str, Any]:
    return {"cents": cents, "currency": "CAD"}


def line(cash: int = 500_00, **more: Any) -> dict[str, Any]:
    return {
        "category": "labour",
        "cash": cad(cash),
        "incurred_from": "2023-04-03",
        "incurred_to": "2023-06-30",
        "paid_on": "2023-06-30",
        **more,
    }


def claim_body(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "participant_id": str(ADOPTER),
        "period_starts_on": "2023-04-01",
        "period_ends_on": "2023-06-30",
        "lines": lines or [line()],
        **more,
    }


def detail(house: House, claim: UUID, who: Person = ANALYST) -> dict[str, Any]:
    found: dict[str, Any] = house.get(who, f"{house.agreement}/claims/{claim}").json()
    return found


def codes(response: Any) -> list[str]:
    return [error["code"] for error in response.json().get("errors", [])]


@pytest.fixture
def running(house: House) -> House:
    """An agreement in force, on 10 July 2023."""
    house.in_force()
    house.it_is(date(2023, 7, 10))
    return house


class TestAThread:
    def test_goes_back_and_forth(self, running: House) -> None:
        """Questions stop the clock, an answer with another claim is certified again."""
        claim = running.certified(claim_body())
        running.done(ANALYST, f"/claims/{claim}/assignment", {"assigned_to": ANALYST.id})
        running.it_is(date(2023, 7, 20))
        asked = {"questions": [{"text": "Which project?", "line": 0}, {"text": "Is it all?"}]}
        query = running.done(ANALYST, f"/claims/{claim}/queries", asked)
        running.it_is(date(2023, 8, 30))

        def queued(who: Person = ANALYST) -> dict[str, Any]:
            (item,) = running.get(who, "/v1/claims").json()["items"]
            found: dict[str, Any] = item
            return found

        assert (queued()["state"], queued()["age_days"]) == ("queried", 10)
        assert queued()["assigned_to"] == ANALYST.id
        assert queued(PREPARER)["assigned_to"] is None
        seen = detail(running, claim, PREPARER)
        assert [each["text"] for each in seen["queries"][0]["questions"]] == [
            "Which project?",
            "Is it all?",
        ]
        assert seen["age_days"] == 10

        path = f"/claims/{claim}/queries/{query}/answer"
        refused = running.post(PARTNER, path, {"text": "ours"})
        assert (refused.status_code, refused.json()["code"]) == (403, "not-your-organisation")
        answer = {"text": "400 only.", "claim": claim_body(line(400_00))}
        running.done(SIGNATORY, path, answer)
        assert detail(running, claim)["state"] == queued()["state"] == "drafted"
        same = running.post(SIGNATORY, f"/claims/{claim}/certification")
        assert same.json()["code"] == "certifier-prepared-the-claim"
        running.it_is(date(2023, 8, 31))
        chief = replace(SIGNATORY, id="p-chief")
        running.done(chief, f"/claims/{claim}/certification")
        assert (queued()["age_days"], detail(running, claim)["age_days"]) == (10, 10)
        assert detail(running, claim)["queries"][0]["answer"] == "400 only."

        running.it_is(date(2023, 10, 6))
        assert (queued()["age_days"], queued()["overdue"]) == (46, True)
        running.approved(claim)
        assert (queued()["age_days"], queued()["overdue"]) == (46, False)
        assert queued()["claimed_cash"] == cad(400_00)

    def test_with_words_only(self, running: House) -> None:
        """An answer without another claim leaves it certified."""
        claim = running.certified(claim_body())
        asked = {"questions": [{"text": "Which project?"}]}
        query = running.done(ANALYST, f"/claims/{claim}/queries", asked)
        running.it_is(date(2023, 7, 15))
        assert running.post(ANALYST, f"/claims/{claim}/assessment", {}).status_code == 409
        running.done(PREPARER, f"/claims/{claim}/queries/{query}/answer", {"text": "This one."})
        assert detail(running, claim)["age_days"] == 0
        running.approved(claim)

    @pytest.mark.parametrize("text", ["", " ", "x" * 1_001])
    def test_is_written_in_short_words(self, running: House, text: str) -> None:
        """A text of a thread is said, in at most a thousand characters."""
        claim = running.certified(claim_body())
        asked = {"questions": [{"text": text}]}
        assert running.post(ANALYST, f"/claims/{claim}/queries", asked).status_code == 422


class TestAnAssessment:
    def test_is_shown_to_staff_before_it_is_approved(self, running: House) -> None:
        """Decisions and steps are internal until the approval; then the participant sees why."""
        claim = running.certified(claim_body())
        reduced = {
            "line": 0,
            "cash": cad(400_00),
            "code": "unreasonable",
            "reason": "above the market",
        }
        running.done(ANALYST, f"/claims/{claim}/assessment", {"lines": [reduced]})
        inside, outside = detail(running, claim), detail(running, claim, PREPARER)
        assert inside["lines"][0]["code"] == "unreasonable"
        assert (inside["steps"][2]["amount"], outside["steps"][2]["amount"]) == (
            cad(160_00),
            cad(200_00),
        )
        assert outside["lines"][0]["accepted_cash"] is None
        sent_back = {"reason": "show the market"}
        running.done(APPROVER, f"/claims/{claim}/sending-back", sent_back)
        assert detail(running, claim)["sent_back"][0]["reason"] == "show the market"
        assert detail(running, claim, PREPARER)["sent_back"] == []
        assert running.post(APPROVER, f"/claims/{claim}/approval").status_code == 409
        running.approved(claim, reduced)
        outside = detail(running, claim, PREPARER)
        assert outside["lines"][0]["reason"] == "above the market"
        assert [(each["rule"], each["amount"]["cents"]) for each in outside["steps"]] == [
            ("accepted", 400_00),
            ("overhead", 400_00),
            ("rate", 160_00),
            ("category-cap", 160_00),
            ("participant-cap", 160_00),
            ("stacking", 160_00),
            ("commitment", 160_00),
            ("holdback", 144_00),
            ("advance-set-off", 144_00),
            ("recovery-set-off", 144_00),
        ]

    def test_says_everything_that_is_wrong_at_once(self, running: House) -> None:
        """Every decision that makes no sense has its field."""
        claim = running.certified(claim_body())
        wrong = {"lines": [{"line": 0, "cash": cad(1)}, {"line": 7, "cash": cad(1)}]}
        response = running.post(ANALYST, f"/claims/{claim}/assessment", wrong)
        assert response.status_code == 409
        assert [error["field"] for error in response.json()["errors"]] == [
            "lines[0].code",
            "lines[0].reason",
            "lines[1].line",
        ]
        unknown = {"lines": [{"line": 0, "cash": cad(1), "code": "mood", "reason": "bad"}]}
        assert running.post(ANALYST, f"/claims/{claim}/assessment", unknown).status_code == 422

    def test_of_a_claim_or_an_agreement_that_does_not_exist(self, running: House) -> None:
        """There is nothing to assess or approve."""
        for agreement in (running.agreement, f"/v1/agreements/{uuid4()}"):
            elsewhere = replace(running, agreement=agreement)
            for who, path in ((ANALYST, "assessment"), (APPROVER, "approval")):
                assert elsewhere.post(who, f"/claims/{uuid4()}/{path}", {}).status_code == 404


class TestTheQueue:
    def test_is_filtered_by_analyst(self, running: House) -> None:
        """An analyst finds what is theirs."""
        claim = running.certified(claim_body())

        def found(**query: str) -> int:
            return len(running.get(ANALYST, "/v1/claims", **query).json()["items"])

        assert found(assigned_to=ANALYST.id) == 0
        running.done(APPROVER, f"/claims/{claim}/assignment", {"assigned_to": ANALYST.id})
        assert found(assigned_to=ANALYST.id) == found(state="certified") == 1
        assert found(assigned_to="somebody-else") == 0

    def test_is_the_same_when_built_again(self, running: House) -> None:
        """The queue and the marks of costs are what the history says."""
        running.brings(PREPARER, INVOICE)
        claim = running.certified(claim_body(line(document_sha256=DOCUMENT, supplier="Été")))
        asked = {"questions": [{"text": "Which project?"}]}
        query = running.done(ANALYST, f"/claims/{claim}/queries", asked)
        answer = {"text": "400 only.", "claim": claim_body(line(400_00, supplier="Été"))}
        running.done(PREPARER, f"/claims/{claim}/queries/{query}/answer", answer)
        running.done(SIGNATORY, f"/claims/{claim}/certification")
        running.projector.catch_up()
        database, store = running.parts.database, running.parts.store
        for projection in (claims_queue.PROJECTION, costs.PROJECTION):
            number = rebuild(database, store, projection)
            with database.engine.connect() as connection:
                assert digests(connection, projection, number) == digests(
                    connection, projection, number - 1
                )


class TestASuspectedDuplicate:
    def with_another_agreement(self, house: House) -> House:
        """The same organisations in two projects, both in force on 10 July 2023; the other."""
        project = derived_id("project", "another")
        award = derived_id("award", project)
        agreement = derived_id("agreement", award)
        other = replace(house, agreement=f"/v1/agreements/{agreement}")
        house.in_force()
        other.in_force(project)
        house.it_is(date(2023, 7, 10))
        return other

    def test_in_another_agreement_needs_an_explanation(self, house: House) -> None:
        """The assessor sees it, says why it is another cost, and the participant sees neither."""
        other = self.with_another_agreement(house)
        theirs = other.done(PREPARER, "/claims", claim_body(line(1_00, document_sha256=DOCUMENT)))
        house.brings(PREPARER, INVOICE)
        claim = house.certified(claim_body(line(), line(document_sha256=DOCUMENT)))
        (suspect,) = detail(house, claim)["suspects"]
        assert suspect == {
            "line": 1,
            "likeness": "document",
            "agreement_id": other.agreement.rpartition("/")[2],
            "claim_id": str(theirs),
            "other_line": 0,
        }
        response = house.post(ANALYST, f"/claims/{claim}/assessment", {})
        assert codes(response) == ["duplicate-not-explained"]
        explained = {"line": 1, "cash": cad(500_00), "not_duplicate": "shared register"}
        house.approved(claim, explained)
        assert detail(house, claim)["lines"][1]["not_duplicate"] == "shared register"
        outside = detail(house, claim, PREPARER)
        assert outside["suspects"] == []
        assert outside["lines"][1]["not_duplicate"] is None

    def test_that_appears_after_the_assessment_stops_the_approval(self, house: House) -> None:
        """The approval looks again; a withdrawn draft is no duplicate any more."""
        other = self.with_another_agreement(house)
        body = claim_body(line(supplier="Laboratoire Été inc."))
        claim = house.certified(body)
        house.done(ANALYST, f"/claims/{claim}/assessment", {})
        same = claim_body(line(supplier="LABORATOIRE ETE, INC."))
        theirs = other.done(PREPARER, "/claims", same)
        refused = house.post(APPROVER, f"/claims/{claim}/approval")
        assert refused.json()["code"] == "duplicate-found-since-assessment"
        other.done(PREPARER, f"/claims/{theirs}/withdrawal", {"reason": "mistake"})
        house.done(APPROVER, f"/claims/{claim}/approval")

    def test_is_gone_when_the_other_claim_is_rewritten(self, house: House) -> None:
        """Only what the other claim says now counts."""
        other = self.with_another_agreement(house)
        theirs = other.done(PREPARER, "/claims", claim_body(line(document_sha256=DOCUMENT)))
        house.brings(PREPARER, INVOICE)
        claim = house.certified(claim_body(line(document_sha256=DOCUMENT)))
        assert len(detail(house, claim)["suspects"]) == 1
        assert other.put(PREPARER, f"/claims/{theirs}", claim_body()).is_success
        assert detail(house, claim)["suspects"] == []


class TestAForm:
    def test_keeps_all_that_a_line_says(self, running: House) -> None:
        """Supplier, document, related party and other support come back as they were said."""
        said = line(
            supplier="Sister inc.",
            document_sha256=DOCUMENT,
            document_number="2023-17",
            related_party=True,
        )
        claim = running.done(
            PREPARER, "/claims", claim_body(said, final=True, other_government=cad(10_00))
        )
        shown = detail(running, claim, PREPARER)
        assert shown["final"] is True
        assert shown["other_government"] == cad(10_00)
        for name in ("supplier", "document_sha256", "document_number", "related_party"):
            assert shown["lines"][0][name] == said[name]

    def test_of_a_nil_claim(self, running: House) -> None:
        """A period without costs is claimed as nil, and approved like any other."""
        claim = running.certified(claim_body() | {"lines": [], "nil": True})
        running.approved(claim)
        assert detail(running, claim)["state"] == "paid"

    def test_refuses_what_the_programme_does_not_take(self, running: House) -> None:
        """Every new rule says its field."""
        wrong = claim_body(line(related_party=True, sales_tax=cad(5_00)), nil=True)
        response = running.post(PREPARER, "/claims", wrong)
        assert [(error["code"], error["field"]) for error in response.json()["errors"]] == [
            ("nil-claim-has-costs", "nil"),
            ("related-party-without-document", "lines[0].document_sha256"),
            ("sales-tax-not-taken", "lines[0].sales_tax"),
        ]


class TestRates:
    def test_are_overridden_by_an_officer(self, running: House) -> None:
        """The rate of a quarter is the officer's to agree, within the programme's."""
        override = {"participant_id": str(ADOPTER), "rate_bp": 1_000, "quarter": "2024-T1"}
        body = {"overrides": [override], "reason": "agreed"}
        assert running.post(ANALYST, "/rates", body).status_code == 403
        running.done(OFFICER, "/rates", body)
        claim = running.done(PREPARER, "/claims", claim_body())
        assert detail(running, claim)["steps"][2]["amount"] == cad(50_00)
        too_high = {"overrides": [override | {"rate_bp": 4_001}], "reason": "no"}
        assert codes(running.post(OFFICER, "/rates", too_high)) == ["rate-out-of-bounds"]
        assert running.get(OFFICER, f"/v1/agreements/{AGREEMENT}").is_success
