from dataclasses import replace

import pytest

from services.claims.domain.agreement import DECIDER
from services.claims.domain.approval import (
    AmountAboveYourLevel,
    ApproverHandledTheClaim,
    ClaimNotAssessed,
    DuplicateFoundSinceAssessment,
)
from services.claims.domain.assessment import (
    ClaimAlreadyApproved,
    ClaimNotCertified,
    QueryOpen,
)
from services.claims.domain.calculation import RULES
from services.claims.domain.commands import AgreementCommand
from services.claims.domain.events import (
    ClaimApproved,
    ClaimSentBack,
    ForecastRevised,
)
from services.claims.domain.state import Agreement, ApprovedClaim, CertifiedClaim
from services.claims.domain.values import (
    AcceptedLine,
    ApprovalLevel,
    DuplicateOf,
    Likeness,
    PocketShare,
    ReductionCode,
    Step,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from tests.unit.claims.scenario import (
    ADOPTER,
    APPROVER,
    ASSESSOR,
    CLAIM,
    ISED,
    MEIE,
    NEXT_T1,
    OTHER_CLAIM,
    PREPARER,
    PROJECT,
    PROVIDER,
    PROVIDER_ORG,
    SIGNATORY,
    T1,
    T2,
    T3,
    T4,
    TERMS,
    TODAY,
    accepted,
    agreement_after,
    answering,
    approving,
    assessed_claim,
    assessing,
    cell,
    certifying,
    claiming,
    executed,
    form,
    line,
    match_cell,
    querying,
    scenario,
    sending_back,
)

IN_FORCE = executed()
CERTIFIED = (*IN_FORCE, claiming(form()), certifying())
ASSESSED = (*CERTIFIED, assessing())


def partly(cash: int, *, in_kind: int = 0, which: int = 0) -> AcceptedLine:
    return AcceptedLine(
        line=which,
        cash=Money(cash),
        in_kind=Money(in_kind),
        reason="not for the project",
        code=ReductionCode.OTHER,
    )


def approved_of(*given: AgreementCommand) -> ClaimApproved:
    approved = accepted(given, approving())[0]
    assert isinstance(approved, ClaimApproved)
    return approved


def claim_under_levels(cash: int) -> list[AgreementCommand]:
    """An assessed claim where an approver approves up to 200, and a programme manager anything."""
    levels = (
        ApprovalLevel(role="claims-approver", up_to=Money(200_00)),
        ApprovalLevel(role="programme-manager"),
    )
    in_force = executed(terms=replace(TERMS, approval_levels=levels))
    return [*in_force, *assessed_claim(form(line(cash)))]


class TestApproving:
    def test_the_whole_claim(self) -> None:
        """500 at 40 % is 200: 180 payable, 20 held back, 300 the participant's own."""
        left = (500, 500, 200, 200, 200, 200, 200, 180, 180, 180)
        scenario(
            given=ASSESSED,
            when=approving(),
            then=[
                ClaimApproved(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=CLAIM,
                    participant_id=ADOPTER,
                    quarter=T1,
                    period_starts_on=T1.starts_on,
                    period_ends_on=T1.ends_on,
                    accepted=(AcceptedLine(line=0, cash=Money(500_00), in_kind=ZERO, reason=None),),
                    reimbursable=Money(200_00),
                    drawn=(cell(T1, 200_00),),
                    payable=(PocketShare(pocket=ISED, amount=Money(180_00)),),
                    held_back=(PocketShare(pocket=ISED, amount=Money(20_00)),),
                    match_cash=Money(300_00),
                    match_in_kind=ZERO,
                    approved_by=APPROVER,
                    steps=tuple(
                        Step(rule=rule, amount=Money(dollars * 100))
                        for rule, dollars in zip(RULES, left, strict=True)
                    ),
                )
            ],
        )

    @pytest.mark.parametrize("by", [PREPARER, SIGNATORY, ASSESSOR])
    def test_by_who_handled_it_before(self, by: str) -> None:
        """The approver neither prepared, certified nor assessed the claim."""
        scenario(given=ASSESSED, when=approving(by=by), then=ApproverHandledTheClaim)

    def test_by_who_queried_it(self) -> None:
        """To query is a part of the assessment."""
        given = [*CERTIFIED, querying(by=APPROVER), answering(), assessing()]
        scenario(given=given, when=approving(), then=ApproverHandledTheClaim)
        assert accepted(given, approving(by="another"))

    def test_what_is_not_assessed(self) -> None:
        """Only an assessed claim is approved, whatever its stage before."""
        scenario(given=[*IN_FORCE, claiming(form())], when=approving(), then=ClaimNotCertified)
        scenario(given=CERTIFIED, when=approving(), then=ClaimNotAssessed)
        scenario(given=[*CERTIFIED, querying()], when=approving(), then=QueryOpen)

    def test_twice(self) -> None:
        """A claim is decided once."""
        scenario(given=[*ASSESSED, approving()], when=approving(), then=ClaimAlreadyApproved)

    def test_a_part(self) -> None:
        """What is not accepted is neither reimbursed nor match."""
        approved = approved_of(
            *IN_FORCE,
            *assessed_claim(
                form(line(500_00, in_kind=50_00), line(10_00)), partly(400_00, in_kind=40_00)
            ),
        )
        assert approved.reimbursable == Money(164_00)
        assert approved.match_cash == Money(246_00)
        assert approved.match_in_kind == Money(40_00)
        assert [each.cash for each in approved.accepted] == [Money(400_00), Money(10_00)]

    def test_nothing_of_it(self) -> None:
        """A claim of which nothing is accepted is decided, and nothing moves."""
        approved = approved_of(*IN_FORCE, *assessed_claim(form(), partly(0)))
        assert approved.drawn == approved.payable == approved.held_back == ()
        assert approved.match_cash == ZERO

    def test_a_nil_claim(self) -> None:
        """A claim without costs is decided like any other, and its forecast counts."""
        nil = replace(form(forecast=[(T3, 800_00)]), lines=(), nil=True)
        approved, revised = accepted([*IN_FORCE, *assessed_claim(nil)], approving())
        assert isinstance(approved, ClaimApproved)
        assert (approved.drawn, approved.match_cash) == ((), ZERO)
        assert isinstance(revised, ForecastRevised)

    def test_never_more_than_is_committed_to_the_participant(self) -> None:
        """5 000 at 40 % would be 2 000; 800 remain, and the rest is the participant's own."""
        approved = approved_of(*IN_FORCE, *assessed_claim(form(line(5_000_00))))
        assert approved.reimbursable == Money(2_000_00)
        assert approved.drawn == (cell(T1, 400_00), cell(T2, 400_00))
        assert approved.match_cash == Money(4_200_00)

    def test_counts_what_was_approved_since_the_assessment(self) -> None:
        """800 are committed; a claim of 700 approved in between leaves 100 of the 200 assessed."""
        other = form(line(1_750_00, period=T2), period=T2)
        approved = approved_of(
            *ASSESSED, *assessed_claim(other, claim_id=OTHER_CLAIM), approving(OTHER_CLAIM)
        )
        assert approved.reimbursable == Money(200_00)
        assert approved.drawn == (cell(T1, 100_00),)

    def test_of_a_participant_without_public_money(self) -> None:
        """Costs of a participant that asked for nothing are its match, whole."""
        theirs = assessed_claim(form(participant=PROVIDER), organisation_id=PROVIDER_ORG)
        approved = approved_of(*IN_FORCE, *theirs)
        assert approved.drawn == ()
        assert approved.match_cash == Money(500_00)

    def test_with_a_forecast_moves_what_remains(self) -> None:
        """What remains of the participant's commitment goes where its forecast says."""
        given = [*IN_FORCE, *assessed_claim(form(forecast=[(T2, 100_00), (T4, 500_00)]))]
        approved, revised = accepted(given, approving())
        assert isinstance(approved, ClaimApproved)
        assert revised == ForecastRevised(
            effective_on=TODAY,
            project_id=PROJECT,
            programme_code="IND-P1",
            claim_id=CLAIM,
            funding=(cell(T1, -200_00), cell(T2, -300_00), cell(T4, 500_00)),
        )

    def test_with_a_forecast_that_changes_nothing(self) -> None:
        """A forecast that says what was planned anyway moves nothing."""
        what = form(line(1_000_00), forecast=[(T2, 400_00)])
        (approved,) = accepted([*IN_FORCE, *assessed_claim(what)], approving())
        assert isinstance(approved, ClaimApproved)

    def test_with_a_forecast_and_a_reduction(self) -> None:
        """What a reduction leaves over is spread in the forecast's proportions."""
        what = form(forecast=[(T2, 150_00), (T4, 450_00)])
        agreement = agreement_after(*IN_FORCE, *assessed_claim(what, partly(0)), approving())
        assert agreement.committed[ADOPTER] == {
            (T2, ISED): Money(200_00),
            (T4, ISED): Money(600_00),
        }

    def test_draws_another_quarter_of_two_pockets(self) -> None:
        """A claim of a quarter that was not planned draws the oldest one, pocket by pocket."""
        approved = approved_of(
            *executed(
                funding=[cell(T1, 300_00), cell(T1, 100_00, pocket=MEIE), cell(NEXT_T1, 1_00)],
                match=[match_cell(T1, 601_50)],
            ),
            *assessed_claim(form(line(100_01, period=T3), period=T3)),
        )
        assert approved.reimbursable == Money(40_00)
        assert approved.drawn == (cell(T1, 30_00), cell(T1, 10_00, pocket=MEIE))


class TestAnApprovalOfBefore:
    def test_follows_a_certification(self) -> None:
        """A claim approved before there were assessments is approved, with no steps to show."""
        certified = agreement_after(*CERTIFIED)
        event = replace(approved_of(*ASSESSED), steps=())
        agreement = DECIDER.evolve(certified, event)
        assert isinstance(agreement, Agreement)
        claim = agreement.claims[CLAIM]
        assert isinstance(claim, ApprovedClaim)
        assert (claim.assessors, claim.steps) == (frozenset(), ())


class TestTheLevel:
    def test_reaches_the_amount(self) -> None:
        """Up to its bound, included, a role approves what is reimbursed."""
        assert accepted(claim_under_levels(500_00), approving())

    def test_does_not_reach_the_amount(self) -> None:
        """One cent above the bound, the next level approves."""
        given = claim_under_levels(500_03)
        scenario(given=given, when=approving(), then=AmountAboveYourLevel)
        assert accepted(given, approving(by_roles=("claims-approver", "programme-manager")))

    def test_is_an_approvers_where_the_programme_names_none(self) -> None:
        """Without levels a claims approver approves any amount, and nobody else any."""
        assert accepted(ASSESSED, approving())
        scenario(
            given=ASSESSED, when=approving(by_roles=("finance-officer",)), then=AmountAboveYourLevel
        )


class TestSendingBack:
    def test_has_the_claim_assessed_again(self) -> None:
        """The reason stays, the claim ages on, and another assessment follows."""
        scenario(
            given=ASSESSED,
            when=sending_back(),
            then=[
                ClaimSentBack(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=CLAIM,
                    reason="look at line 0 again",
                    sent_back_by=APPROVER,
                )
            ],
        )
        given = [*ASSESSED, sending_back()]
        claim = agreement_after(*given).claims[CLAIM]
        assert isinstance(claim, CertifiedClaim)
        assert [each.reason for each in claim.sent_back] == ["look at line 0 again"]
        scenario(given=given, when=approving(), then=ClaimNotAssessed)
        assert accepted([*given, assessing()], approving())

    def test_by_who_assessed_it(self) -> None:
        """It is for the approver, who did nothing else with the claim."""
        scenario(given=ASSESSED, when=sending_back(by=ASSESSOR), then=ApproverHandledTheClaim)

    def test_bars_every_assessor_from_approving(self) -> None:
        """Who assessed it the first time does not approve the second assessment."""
        given = [*ASSESSED, sending_back(), assessing(by="second assessor")]
        scenario(given=given, when=approving(by=ASSESSOR), then=ApproverHandledTheClaim)

    def test_what_is_not_assessed(self) -> None:
        """Only an assessment is sent back."""
        scenario(given=CERTIFIED, when=sending_back(), then=ClaimNotAssessed)


class TestADuplicateFoundSinceTheAssessment:
    ELSEWHERE = DuplicateOf(
        line=0,
        likeness=Likeness.DOCUMENT,
        agreement_id=derived_id("agreement", "elsewhere"),
        claim_id=derived_id("claim", "elsewhere"),
        other_line=3,
    )

    def test_is_assessed_first(self) -> None:
        """The approver sends the claim back; what the assessor knew of is approved."""
        scenario(
            given=ASSESSED,
            when=approving(suspected=(self.ELSEWHERE,)),
            then=DuplicateFoundSinceAssessment,
        )
        explained = AcceptedLine(
            line=0,
            cash=Money(500_00),
            in_kind=ZERO,
            reason=None,
            not_duplicate="another month of the same service",
        )
        known = [*CERTIFIED, assessing(CLAIM, explained, suspected=(self.ELSEWHERE,))]
        assert accepted(known, approving(suspected=(self.ELSEWHERE,)))

    def test_of_a_refused_line_matters_no_more(self) -> None:
        """Nothing of the line is accepted, so nothing is paid twice."""
        given = [*IN_FORCE, *assessed_claim(form(), partly(0))]
        assert accepted(given, approving(suspected=(self.ELSEWHERE,)))

    def test_within_the_agreement(self) -> None:
        """A claim drafted since, with the same document, is a reason to look again."""
        shown = replace(line(), document_sha256="1" * 64)
        same = replace(line(period=T2), document_sha256="1" * 64)
        given = [
            *IN_FORCE,
            *assessed_claim(form(shown)),
            claiming(form(same, period=T2), claim_id=OTHER_CLAIM),
        ]
        scenario(given=given, when=approving(), then=DuplicateFoundSinceAssessment)
