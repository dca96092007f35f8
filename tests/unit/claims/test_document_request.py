from dataclasses import replace

import pytest

from services.claims.domain.agreement import DECIDER
from services.claims.domain.claim import NotYourOrganisation
from services.claims.domain.commands import RequestDocument, SupplyDocument
from services.claims.domain.document_request import (
    ClaimNotUnderAssessment,
    CostUnknown,
    DocumentNotRequested,
    DocumentsMissing,
    SamplerPreparedOrCertifiedTheClaim,
    must_all_be_supplied,
)
from services.claims.domain.events import DocumentRequested, DocumentSupplied
from services.claims.domain.state import Agreement
from tests.unit.claims.scenario import (
    ADOPTER,
    ADOPTER_ORG,
    CLAIM,
    PREPARER,
    PROJECT,
    SIGNATORY,
    STRANGER_ORG,
    TODAY,
    agreement_after,
    approving,
    assessing,
    certifying,
    claiming,
    executed,
    form,
    happened,
    line,
    scenario,
)

ANALYST = "analyst"
SHA256, OTHER_SHA256 = "a" * 64, "b" * 64
DRAFTED = (*executed(), claiming(form(line(), line(100_00))))
CERTIFIED = (*DRAFTED, certifying())


def asking(at: int = 1, by: str = ANALYST) -> RequestDocument:
    return RequestDocument(claim_id=CLAIM, line=at, note="the invoice", by=by, on=TODAY)


def supplying(at: int = 1, sha256: str = SHA256) -> SupplyDocument:
    return SupplyDocument(
        claim_id=CLAIM,
        line=at,
        document_sha256=sha256,
        by=PREPARER,
        by_organisation_id=ADOPTER_ORG,
        on=TODAY,
    )


class TestAskingForADocument:
    def test_of_a_certified_claim(self) -> None:
        """An analyst asks for the document behind one line."""
        scenario(
            given=CERTIFIED,
            when=asking(),
            then=[
                DocumentRequested(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=CLAIM,
                    participant_id=ADOPTER,
                    line=1,
                    note="the invoice",
                    requested_by=ANALYST,
                )
            ],
        )

    def test_twice(self) -> None:
        """What is asked for already is not asked for again, until it is supplied."""
        scenario(given=(*CERTIFIED, asking()), when=asking(), then=[])

    def test_of_a_draft(self) -> None:
        """A draft is nobody's business yet."""
        scenario(given=DRAFTED, when=asking(), then=ClaimNotUnderAssessment)

    def test_of_a_line_that_is_not_there(self) -> None:
        """A document shows a line of the claim."""
        scenario(given=CERTIFIED, when=asking(2), then=CostUnknown)

    @pytest.mark.parametrize("person", [PREPARER, SIGNATORY])
    def test_by_whoever_claims(self, person: str) -> None:
        """Whoever prepared or certified a claim does not sample it."""
        scenario(given=CERTIFIED, when=asking(by=person), then=SamplerPreparedOrCertifiedTheClaim)


class TestSupplyingADocument:
    GIVEN = (*CERTIFIED, asking())

    def test_that_was_asked_for(self) -> None:
        """The participant shows the document, by its SHA-256."""
        scenario(
            given=self.GIVEN,
            when=supplying(),
            then=[
                DocumentSupplied(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=CLAIM,
                    participant_id=ADOPTER,
                    line=1,
                    document_sha256=SHA256,
                    supplied_by=PREPARER,
                )
            ],
        )

    def test_twice(self) -> None:
        """The same document again says nothing new; another one replaces it."""
        given = (*self.GIVEN, supplying())
        scenario(given=given, when=supplying(), then=[])
        after = agreement_after(*given, supplying(sha256=OTHER_SHA256))
        assert after.document_requests[CLAIM, 1].supplied == OTHER_SHA256

    def test_that_nobody_asked_for(self) -> None:
        """A document is supplied where one was asked for."""
        scenario(given=self.GIVEN, when=supplying(0), then=DocumentNotRequested)

    def test_of_another_organisation(self) -> None:
        """Only the participant's organisation shows what is behind its costs."""
        stranger = replace(supplying(), by_organisation_id=STRANGER_ORG)
        scenario(given=self.GIVEN, when=stranger, then=NotYourOrganisation)


class TestWhatIsMissing:
    def test_until_it_is_supplied(self) -> None:
        """A claim with an unanswered request does not go on, and every line is named."""
        waiting = agreement_after(*CERTIFIED, asking(0), asking(1))
        assert waiting.documents_missing(CLAIM) == (0, 1)
        with pytest.raises(DocumentsMissing) as refused:
            must_all_be_supplied(CLAIM, waiting)
        fields = [reason.field for reason in refused.value.reasons]
        assert fields == ["lines[0].document_sha256", "lines[1].document_sha256"]
        shown = agreement_after(*CERTIFIED, asking(0), supplying(0))
        assert shown.documents_missing(CLAIM) == ()
        must_all_be_supplied(CLAIM, shown)

    def test_holds_the_approval(self) -> None:
        """A claim is not approved before the documents that were asked for are there."""
        assessed = (*CERTIFIED, asking(), assessing())
        scenario(given=assessed, when=approving(), then="documents-missing")
        assert agreement_after(*assessed, supplying(), approving()).committed

    def test_a_line_that_has_changed_since(self) -> None:
        """A request about a cost that the participant took back or corrected falls."""
        corrected = form(line(), line(90_00))
        before = DECIDER.fold(happened(*CERTIFIED, asking(0), asking(1)))
        assert isinstance(before, Agreement)
        claim = replace(before.claims[CLAIM], form=corrected)
        after = replace(before, claims={CLAIM: claim})
        assert after.documents_missing(CLAIM) == (0,)
