from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.claims.domain.assessment import (
    AssessorPreparedOrCertifiedTheClaim,
    ClaimAlreadyApproved,
    ClaimAlreadyAssessed,
    ClaimNotCertified,
    LineUnknown,
    QueryOpen,
    QueryUnknown,
)
from services.claims.domain.claim import (
    CertifierPreparedTheClaim,
    ClaimAlreadyCertified,
    ClaimOfAnotherParticipant,
    NotYourOrganisation,
)
from services.claims.domain.closing import ClaimsAwaitDecision
from services.claims.domain.commands import (
    AgreementCommand,
    AssignClaim,
    RedraftClaim,
    TerminateAgreement,
    WithdrawClaim,
)
from services.claims.domain.events import (
    ClaimAssessed,
    ClaimAssigned,
    ClaimCertified,
    ClaimQueried,
    ClaimQueryAnswered,
)
from services.claims.domain.state import (
    CertifiedClaim,
    QueriedClaim,
    ReopenedClaim,
    SubmittedClaim,
)
from services.claims.domain.values import (
    AcceptedLine,
    DuplicateOf,
    Likeness,
    Question,
    ReductionCode,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from tests.unit.claims.scenario import (
    ADOPTER_ORG,
    ASSESSOR,
    CLAIM,
    OFFICER,
    OTHER_CLAIM,
    PREPARER,
    PROJECT,
    PROVIDER,
    QUERY,
    SIGNATORY,
    STRANGER_ORG,
    T2,
    TERMS,
    TODAY,
    accepted,
    agreement_after,
    answering,
    approving,
    assessing,
    certifying,
    claiming,
    executed,
    form,
    line,
    querying,
    scenario,
)

IN_FORCE = executed()
DRAFTED = (*IN_FORCE, claiming(form()))
CERTIFIED = (*DRAFTED, certifying())
QUERIED = (*CERTIFIED, querying())
ASSESSED = (*CERTIFIED, assessing())
APPROVED = (*ASSESSED, approving())
AGAIN = form(line(400_00))
"""The claim as its answer corrects it."""


def assigning(to: str = ASSESSOR, *, claim_id: UUID = CLAIM) -> AssignClaim:
    return AssignClaim(claim_id=claim_id, assigned_to=to, by="head", on=TODAY)


def partly(
    cash: int,
    *,
    which: int = 0,
    code: ReductionCode | None = ReductionCode.UNREASONABLE,
    reason: str | None = "above the market",
    not_duplicate: str | None = None,
) -> AcceptedLine:
    return AcceptedLine(
        line=which,
        cash=Money(cash),
        in_kind=ZERO,
        reason=reason,
        code=code,
        not_duplicate=not_duplicate,
    )


class TestAssigning:
    def test_gives_a_claim_to_an_analyst(self) -> None:
        """A submitted claim is somebody's to assess, and can be given to another."""
        scenario(
            given=CERTIFIED,
            when=assigning(),
            then=[
                ClaimAssigned(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=CLAIM,
                    assigned_to=ASSESSOR,
                    assigned_by="head",
                )
            ],
        )
        given = [*CERTIFIED, assigning()]
        scenario(given=given, when=assigning(), then=[])
        assert agreement_after(*given, assigning("other")).claims[CLAIM].assigned_to == "other"

    def test_of_what_does_not_wait(self) -> None:
        """A draft and a decided claim are nobody's to assess."""
        scenario(given=DRAFTED, when=assigning(), then=ClaimNotCertified)
        scenario(given=APPROVED, when=assigning(), then=ClaimAlreadyApproved)

    def test_to_who_prepared_or_certified_it(self) -> None:
        """Nobody is given what they may not assess."""
        for person in (PREPARER, SIGNATORY):
            scenario(
                given=CERTIFIED,
                when=assigning(person),
                then=AssessorPreparedOrCertifiedTheClaim,
            )

    def test_outlasts_a_correction(self) -> None:
        """A claim that is corrected and certified again is still the same analyst's."""
        given = [*CERTIFIED, assigning(), querying(), answering(AGAIN), certifying()]
        assert agreement_after(*given).claims[CLAIM].assigned_to == ASSESSOR


class TestQuerying:
    def test_asks_the_participant(self) -> None:
        """Questions are kept, each about a line or about the claim."""
        asked = (Question(text="Why?"), Question(text="Which project?", line=0))
        scenario(
            given=CERTIFIED,
            when=querying(CLAIM, *asked),
            then=[
                ClaimQueried(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=CLAIM,
                    query_id=QUERY,
                    questions=asked,
                    queried_by=ASSESSOR,
                )
            ],
        )
        assert isinstance(agreement_after(*QUERIED).claims[CLAIM], QueriedClaim)

    def test_about_a_line_that_is_not_there(self) -> None:
        """A question is about a line of the claim."""
        scenario(
            given=CERTIFIED, when=querying(CLAIM, Question(text="?", line=1)), then=LineUnknown
        )

    def test_while_a_query_is_open(self) -> None:
        """One query is answered before the next, and before the assessment."""
        other = derived_id("query", "other")
        scenario(given=QUERIED, when=querying(query_id=other), then=QueryOpen)
        scenario(given=QUERIED, when=assessing(), then=QueryOpen)
        scenario(given=QUERIED, when=querying(), then=[])
        assert accepted([*QUERIED, answering()], querying(query_id=other))

    def test_at_another_stage(self) -> None:
        """What is not certified, assessed or approved is not queried."""
        scenario(given=DRAFTED, when=querying(), then=ClaimNotCertified)
        scenario(given=ASSESSED, when=querying(), then=ClaimAlreadyAssessed)
        scenario(given=APPROVED, when=querying(), then=ClaimAlreadyApproved)

    def test_by_who_prepared_or_certified_it(self) -> None:
        """An analyst is not of the participant."""
        scenario(
            given=CERTIFIED,
            when=querying(by=SIGNATORY),
            then=AssessorPreparedOrCertifiedTheClaim,
        )


class TestAnswering:
    def test_with_words(self) -> None:
        """The claim stays as it was certified and awaits its assessment again."""
        scenario(
            given=QUERIED,
            when=answering(),
            then=[
                ClaimQueryAnswered(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=CLAIM,
                    query_id=QUERY,
                    text="For the project.",
                    form=None,
                    answered_by=PREPARER,
                    waiting_since=TODAY,
                )
            ],
        )
        given = [*QUERIED, answering()]
        claim = agreement_after(*given).claims[CLAIM]
        assert isinstance(claim, CertifiedClaim)
        assert [query.answer is not None for query in claim.queries] == [True]
        assert accepted(given, assessing())

    def test_with_the_same_claim_is_words(self) -> None:
        """A form that changes nothing needs no other signature."""
        given = [*QUERIED, answering(form())]
        assert isinstance(agreement_after(*given).claims[CLAIM], CertifiedClaim)

    def test_with_another_claim(self) -> None:
        """A corrected claim is a draft again, and its author may not certify it."""
        given = [*QUERIED, answering(AGAIN, by=SIGNATORY)]
        assert isinstance(agreement_after(*given).claims[CLAIM], ReopenedClaim)
        scenario(given=given, when=assessing(), then=ClaimNotCertified)
        scenario(given=given, when=certifying(), then=CertifierPreparedTheClaim)
        claim = agreement_after(*given, certifying(by="chief")).claims[CLAIM]
        assert isinstance(claim, CertifiedClaim)
        assert (claim.form, claim.certifiers) == (AGAIN, {SIGNATORY, "chief"})

    def test_with_a_claim_that_breaks_the_rules(self) -> None:
        """What is sent in an answer is held to the rules of a draft."""
        scenario(given=QUERIED, when=answering(form(line(-1))), then="amount-negative")

    def test_with_a_claim_of_another_participant(self) -> None:
        """A claim stays with its participant."""
        scenario(
            given=QUERIED,
            when=answering(form(participant=PROVIDER)),
            then=ClaimOfAnotherParticipant,
        )

    def test_by_another_organisation(self) -> None:
        """Only the participant answers."""
        scenario(
            given=QUERIED, when=answering(organisation_id=STRANGER_ORG), then=NotYourOrganisation
        )

    def test_what_was_not_asked(self) -> None:
        """An answer belongs to the open query."""
        scenario(given=CERTIFIED, when=answering(), then=QueryUnknown)
        scenario(given=[*QUERIED, answering()], when=answering(), then=QueryUnknown)
        scenario(
            given=QUERIED, when=answering(query_id=derived_id("query", "no")), then=QueryUnknown
        )


class TestACorrectedClaim:
    GIVEN = (*QUERIED, answering(AGAIN))

    def test_can_be_corrected_further(self) -> None:
        """Until it is certified it changes like a draft, and stays a submitted claim."""
        redraft = RedraftClaim(
            claim_id=CLAIM,
            form=form(line(300_00)),
            by="third",
            by_organisation_id=ADOPTER_ORG,
            on=TODAY,
        )
        claim = agreement_after(*self.GIVEN, redraft).claims[CLAIM]
        assert isinstance(claim, ReopenedClaim)
        assert claim.prepared_by == {PREPARER, "third"}

    def test_is_not_withdrawn(self) -> None:
        """What was submitted is decided."""
        withdrawal = WithdrawClaim(
            claim_id=CLAIM, reason="no", by=PREPARER, by_organisation_id=ADOPTER_ORG, on=TODAY
        )
        scenario(given=self.GIVEN, when=withdrawal, then=ClaimAlreadyCertified)

    @pytest.mark.parametrize("given", [CERTIFIED, QUERIED, GIVEN, ASSESSED])
    def test_awaits_a_decision_like_every_submitted_claim(
        self, given: tuple[AgreementCommand, ...]
    ) -> None:
        """A termination waits for whatever was submitted, wherever it is."""
        termination = TerminateAgreement(terminated_on=TODAY, reason="end", by=OFFICER, on=TODAY)
        scenario(given=given, when=termination, then=ClaimsAwaitDecision)


CERTIFIED_ON, QUERIED_ON, ANSWERED_ON = date(2023, 7, 10), date(2023, 7, 20), date(2023, 8, 4)


def queried_in_july(*more: AgreementCommand, **terms: Any) -> tuple[AgreementCommand, ...]:
    """A claim certified on 10 July and queried on the 20th, and what follows."""
    return (
        *executed(terms=replace(TERMS, **terms)),
        claiming(form(), on=CERTIFIED_ON),
        certifying(on=CERTIFIED_ON),
        querying(on=QUERIED_ON),
        *more,
    )


class TestTheClock:
    def test_stands_still_while_a_query_is_open(self) -> None:
        """Fifteen days with the participant: the age counts from fifteen days later."""
        claim = agreement_after(*queried_in_july(answering(on=ANSWERED_ON))).claims[CLAIM]
        assert isinstance(claim, SubmittedClaim)
        assert claim.waiting_since == date(2023, 7, 25)

    def test_stands_still_until_a_corrected_claim_is_certified(self) -> None:
        """A correction is with the participant until it is signed for; it is not late by that."""
        given = queried_in_july(answering(AGAIN, on=ANSWERED_ON))
        (certified,) = accepted(given, certifying(on=date(2023, 8, 9)))
        assert isinstance(certified, ClaimCertified)
        assert certified.waiting_since == date(2023, 7, 30)

    def test_keeps_how_late_it_was_at_first(self) -> None:
        """A correction made after the due day does not make the claim late."""
        given = queried_in_july(answering(AGAIN, on=ANSWERED_ON), claim_due_days=30)
        (certified,) = accepted(given, certifying(on=date(2023, 8, 9)))
        assert isinstance(certified, ClaimCertified)
        assert certified.days_late == 0


class TestAssessing:
    def test_accepts_what_is_not_named(self) -> None:
        """A line without a decision is accepted as claimed."""
        scenario(
            given=CERTIFIED,
            when=assessing(),
            then=[
                ClaimAssessed(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=CLAIM,
                    accepted=(partly(500_00, code=None, reason=None),),
                    suspected=(),
                    assessed_by=ASSESSOR,
                )
            ],
        )

    def test_a_part_with_code_and_reason(self) -> None:
        """A reduction is kept with its code from the list and its text."""
        (assessed,) = accepted(CERTIFIED, assessing(CLAIM, partly(1_00)))
        assert isinstance(assessed, ClaimAssessed)
        assert assessed.accepted == (partly(1_00),)

    @pytest.mark.parametrize("reason", [None, "", "  "])
    def test_a_part_without_a_reason(self, reason: str | None) -> None:
        """A reduction says why."""
        scenario(
            given=CERTIFIED,
            when=assessing(CLAIM, partly(499_99, reason=reason)),
            then="reduction-needs-reason",
        )

    def test_a_part_without_a_code(self) -> None:
        """A reduction names a reason of the list."""
        scenario(
            given=CERTIFIED,
            when=assessing(CLAIM, partly(0, code=None)),
            then="reduction-needs-reason",
        )

    def test_more_than_was_claimed_or_less_than_nothing(self) -> None:
        """Between nothing and what was claimed is accepted of a line."""
        for cash in (500_01, -1):
            scenario(
                given=CERTIFIED,
                when=assessing(CLAIM, partly(cash)),
                then="accepted-more-than-claimed",
            )

    def test_lines_that_are_not_there(self) -> None:
        """A decision names lines of the claim, each once."""
        scenario(
            given=CERTIFIED,
            when=assessing(CLAIM, partly(1, which=1), partly(1), partly(2)),
            then="line-unknown line-unknown",
        )

    def test_by_who_prepared_or_certified_it(self) -> None:
        """The assessor neither prepared nor certified the claim."""
        for person in (PREPARER, SIGNATORY):
            scenario(
                given=CERTIFIED,
                when=assessing(by=person),
                then=AssessorPreparedOrCertifiedTheClaim,
            )

    def test_at_another_stage(self) -> None:
        """A certified claim is assessed, once."""
        scenario(given=DRAFTED, when=assessing(), then=ClaimNotCertified)
        scenario(given=ASSESSED, when=assessing(), then=ClaimAlreadyAssessed)
        scenario(given=APPROVED, when=assessing(), then=ClaimAlreadyApproved)

    def test_that_leaves_too_much_in_kind(self) -> None:
        """A reduction of the cash costs lowers what of the match may be in kind."""
        terms = replace(TERMS, in_kind_share_bp=2_500)
        given = [
            *executed(terms=terms),
            claiming(form(line(500_00, in_kind=100_00))),
            certifying(),
        ]
        less = AcceptedLine(
            line=0,
            cash=Money(400_00),
            in_kind=Money(100_00),
            reason="private use",
            code=ReductionCode.OTHER,
        )
        scenario(given=given, when=assessing(CLAIM, less), then="in-kind-above-share")
        assert accepted(given, assessing(CLAIM, replace(less, in_kind=Money(80_00))))


class TestASuspectedDuplicate:
    ELSEWHERE = DuplicateOf(
        line=0,
        likeness=Likeness.PAYMENT,
        agreement_id=derived_id("agreement", "elsewhere"),
        claim_id=derived_id("claim", "elsewhere"),
        other_line=0,
    )

    def test_is_accepted_with_an_explanation_only(self) -> None:
        """The assessor says why it is not the same cost."""
        scenario(
            given=CERTIFIED,
            when=assessing(suspected=(self.ELSEWHERE,)),
            then="duplicate-not-explained",
        )
        explained = partly(500_00, code=None, reason=None, not_duplicate="another invoice")
        (assessed,) = accepted(CERTIFIED, assessing(CLAIM, explained, suspected=(self.ELSEWHERE,)))
        assert isinstance(assessed, ClaimAssessed)
        assert assessed.suspected == (self.ELSEWHERE,)

    def test_is_refused_without_one(self) -> None:
        """A line of which nothing is accepted needs no explanation beside its reason."""
        refused = partly(0, code=ReductionCode.DUPLICATE, reason="claimed in T1")
        assert accepted(CERTIFIED, assessing(CLAIM, refused, suspected=(self.ELSEWHERE,)))

    def test_within_the_agreement_is_found_by_the_rule(self) -> None:
        """The same document in another claim of the agreement is suspected without being told."""
        shown = replace(line(), document_sha256="1" * 64)
        same = replace(line(period=T2), document_sha256="1" * 64)
        given = [
            *IN_FORCE,
            claiming(form(same, period=T2), claim_id=OTHER_CLAIM),
            claiming(form(shown)),
            certifying(),
        ]
        scenario(given=given, when=assessing(), then="duplicate-not-explained")
        withdrawal = WithdrawClaim(
            claim_id=OTHER_CLAIM,
            reason="no",
            by=PREPARER,
            by_organisation_id=ADOPTER_ORG,
            on=TODAY,
        )
        assert accepted([*given, withdrawal], assessing())
