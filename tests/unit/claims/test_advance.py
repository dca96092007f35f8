from dataclasses import replace
from datetime import date

import pytest

from services.claims.domain.advance import (
    AdvanceAlreadyDecided,
    AdvanceNotUnpaid,
    AdvanceUnknown,
    ApproverRequestedTheAdvance,
)
from services.claims.domain.approval import AmountAboveYourLevel
from services.claims.domain.changes import Reduction
from services.claims.domain.claim import NotYourOrganisation
from services.claims.domain.commands import (
    MarkAdvanceOverdue,
    ReturnPayment,
    TerminateAgreement,
)
from services.claims.domain.events import (
    AdvanceApproved,
    AdvanceCancelled,
    AdvanceMarkedOverdue,
    AdvanceRequested,
    CommitmentReleased,
)
from services.claims.domain.recovery_rules import PaymentAskedBack
from services.claims.domain.standing import AgreementNotInForce
from services.claims.domain.state import ApprovedAdvance, DroppedAdvance
from services.claims.domain.values import AdvanceMonth, ApprovalLevel, PocketShare
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from shared.kernel.refusals import Refusal
from tests.unit.claims.advances import (
    ADVANCE,
    APRIL,
    ASKED_ON,
    GRANTED,
    GRANTED_ON,
    IN_FORCE,
    JUNE,
    MAY,
    OTHER_ADVANCE,
    PAID,
    PAID_ON,
    PAYMENT_OF_ADVANCE,
    RECOVERY,
    TERMS_OF_ADVANCES,
    after,
    asking,
    cancelling,
    granting,
    in_all,
    lived,
    outstanding,
    pay_advance,
    recovering,
    refusing,
    withdrawing,
)
from tests.unit.claims.scenario import (
    ADOPTER,
    ADOPTER_ORG,
    APPROVER,
    ISED,
    NEXT_T1,
    OFFICER,
    OTHER_CLAIM,
    PREPARER,
    PROJECT,
    PROVIDER_ORG,
    T1,
    T2,
    T3,
    T4,
    TODAY,
    approved_claim,
    approving_amendment,
    cell,
    drafting,
    executed,
    form,
    line,
    match_cell,
    proposing,
    scenario,
    told,
)

WHOSE = {"project_id": PROJECT, "programme_code": "IND-P1", "participant_id": ADOPTER}


def wrong_with(*given: object, asked: object = None) -> list[str]:
    """The codes of all reasons for which a request is refused."""
    with pytest.raises(Refusal) as refused:
        lived(*given, asked or asking(advance_id=OTHER_ADVANCE))  # type: ignore[arg-type]
    return [reason.code for reason in refused.value.reasons]


class TestRequesting:
    def test_says_how_much_in_which_month(self) -> None:
        """The request keeps its months, in order, and moves nothing."""
        scenario(
            given=IN_FORCE,
            when=asking((MAY, 200_00), (APRIL, 100_00)),
            then=[
                AdvanceRequested(
                    **WHOSE,
                    effective_on=ASKED_ON,
                    advance_id=ADVANCE,
                    organisation_id=ADOPTER_ORG,
                    months=(
                        AdvanceMonth(month=APRIL, amount=Money(100_00)),
                        AdvanceMonth(month=MAY, amount=Money(200_00)),
                    ),
                    requested_by=PREPARER,
                )
            ],
        )
        assert in_all(after(asking())) == {"committed": 800}

    def test_twice_is_once(self) -> None:
        """The same request again changes nothing."""
        scenario(given=[*IN_FORCE, asking()], when=asking(), then=[])

    def test_needs_terms_that_allow_it(self) -> None:
        """A programme that says nothing of advances pays none."""
        scenario(given=executed(), when=asking(), then="advances-not-allowed")

    def test_needs_an_agreement_in_force(self) -> None:
        """Nothing is advanced before the execution."""
        scenario(given=[drafting(terms=TERMS_OF_ADVANCES)], when=asking(), then=AgreementNotInForce)

    def test_is_for_the_callers_own_organisation(self) -> None:
        """Nobody asks for another organisation."""
        scenario(
            given=IN_FORCE, when=asking(organisation_id=PROVIDER_ORG), then=NotYourOrganisation
        )

    @pytest.mark.parametrize(
        "months",
        [
            [(date(2023, 8, 1), 1_00)],
            [(date(2023, 3, 1), 1_00)],
            [(date(2023, 4, 2), 1_00)],
            [(APRIL, 1_00), (APRIL, 1_00)],
            [(APRIL, 1), (MAY, 1), (JUNE, 1), (date(2023, 7, 1), 1)],
        ],
        ids=["too late", "past", "no first day", "twice", "four"],
    )
    def test_is_for_three_months_from_now(self, months: list[tuple[date, int]]) -> None:
        """At most three of the months until three months from now, each once."""
        scenario(given=IN_FORCE, when=asking(*months), then="advance-months-wrong")

    def test_says_everything_that_is_wrong_with_it(self) -> None:
        """Months and amounts are refused together."""
        when = asking((APRIL, 0), (date(2024, 1, 1), -1))
        codes = "advance-months-wrong advance-amount-not-positive advance-amount-not-positive"
        scenario(given=executed(), when=when, then=f"{codes} advances-not-allowed")

    def test_is_within_what_is_planned_for_those_months(self) -> None:
        """What is committed for the quarters of the next three months is the most."""
        funding = [cell(T1, 100_00), cell(T2, 50_00), cell(T3, 500_00)]
        given = executed(funding=funding, match=[match_cell(T1, 900_00)], terms=TERMS_OF_ADVANCES)
        assert list(after(asking((APRIL, 150_00)), given=given).advances) == [ADVANCE]
        scenario(given=given, when=asking((APRIL, 150_01)), then="advance-above-plan")

    def test_is_within_what_is_planned_for_the_fiscal_year(self) -> None:
        """In March, money of April cannot be advanced: it belongs to the next year."""
        given = executed(
            funding=[cell(T4, 100_00), cell(NEXT_T1, 500_00)],
            match=[match_cell(T4, 900_00)],
            terms=TERMS_OF_ADVANCES,
        )
        march = date(2024, 3, 1)
        when = asking((march, 100_01), on=date(2024, 3, 5))
        scenario(given=given, when=when, then="advance-above-year")
        fits = asking((march, 100_00), on=date(2024, 3, 5))
        assert list(after(fits, given=given).advances) == [ADVANCE]

    def test_waits_for_the_one_before(self) -> None:
        """A participant has one advance at a time, from its request until it is settled."""
        still_open = ["advance-still-open"]
        assert wrong_with(asking()) == still_open
        assert wrong_with(*GRANTED) == still_open
        assert wrong_with(*PAID) == still_open
        on = date(2023, 8, 15)
        asked_back = recovering(due_on=on, on=on)
        later = asking((date(2023, 8, 1), 1_00), advance_id=OTHER_ADVANCE, on=on)
        assert wrong_with(*PAID, asked_back, asked=later) == still_open
        settled = approved_claim(form(line(1000_00)))
        assert OTHER_ADVANCE in after(*PAID, *settled, later).advances

    def test_is_free_again_after_a_refusal(self) -> None:
        """Refused, withdrawn and cancelled advances stand in nobody's way."""
        again = asking(advance_id=OTHER_ADVANCE)
        assert OTHER_ADVANCE in after(asking(), refusing(), again).advances
        assert OTHER_ADVANCE in after(asking(), withdrawing(), again).advances
        assert OTHER_ADVANCE in after(*GRANTED, cancelling(), again).advances


class TestApproving:
    def test_draws_as_a_claim_of_that_day_would(self) -> None:
        """First the quarter of the approval, then the next; it is payable from there."""
        given = executed(
            funding=[cell(T1, 200_00), cell(T2, 400_00)],
            match=[match_cell(T1, 900_00)],
            terms=TERMS_OF_ADVANCES,
        )
        scenario(
            given=[*given, asking()],
            when=granting(),
            then=[
                AdvanceApproved(
                    **WHOSE,
                    effective_on=GRANTED_ON,
                    advance_id=ADVANCE,
                    quarter=T1,
                    drawn=(cell(T1, 200_00), cell(T2, 100_00)),
                    payable=(PocketShare(pocket=ISED, amount=Money(300_00)),),
                    approved_by=APPROVER,
                )
            ],
        )
        assert in_all(after(*GRANTED)) == {"committed": 500, "payable": 300}

    def test_needs_another_person(self) -> None:
        """Whoever asked does not decide, whatever roles they hold."""
        given = [*IN_FORCE, asking()]
        scenario(given=given, when=granting(by=PREPARER), then=ApproverRequestedTheAdvance)
        scenario(given=given, when=refusing(by=PREPARER), then=ApproverRequestedTheAdvance)

    def test_needs_the_level_of_its_amount(self) -> None:
        """Above a role's level, a higher one decides."""
        levels = (
            ApprovalLevel(role="claims-approver", up_to=Money(299_99)),
            ApprovalLevel(role="finance-officer"),
        )
        terms = replace(TERMS_OF_ADVANCES, approval_levels=levels)
        given = [*executed(terms=terms), asking()]
        scenario(given=given, when=granting(), then=AmountAboveYourLevel)
        higher = granting(roles=("claims-approver", "finance-officer"))
        assert in_all(after(higher, given=given))["payable"] == 300
        within = [*executed(terms=terms), asking((APRIL, 299_99))]
        assert in_all(after(granting(), given=within))["payable"] == 299.99

    def test_judges_the_amount_again(self) -> None:
        """What was reduced since the request can no longer be advanced."""
        change = Reduction(funding=(cell(T1, -400_00), cell(T2, -200_00)))
        reduction = (
            replace(proposing(change, effective_on=ASKED_ON), on=ASKED_ON),
            replace(approving_amendment(), on=ASKED_ON),
        )
        then = "advance-above-plan advance-above-year"
        scenario(given=[*IN_FORCE, asking(), *reduction], when=granting(), then=then)

    @pytest.mark.parametrize("decision", [granting(), refusing(), withdrawing()])
    def test_happens_once(self, decision: object) -> None:
        """A decided request is decided; an unknown one does not exist."""
        given = [*IN_FORCE, asking(), refusing()]
        scenario(given=given, when=decision, then=AdvanceAlreadyDecided)  # type: ignore[arg-type]
        scenario(given=IN_FORCE, when=decision, then=AdvanceUnknown)  # type: ignore[arg-type]

    def test_a_withdrawal_is_for_the_own_organisation(self) -> None:
        """Nobody takes another organisation's request back, or is told what became of it."""
        theirs = withdrawing(organisation_id=PROVIDER_ORG)
        scenario(given=[*IN_FORCE, asking()], when=theirs, then=NotYourOrganisation)
        scenario(given=[*IN_FORCE, asking(), refusing()], when=theirs, then=NotYourOrganisation)

    def test_a_refusal_says_why(self) -> None:
        """The reason stays with the advance; no money has moved."""
        agreement = after(asking(), refusing())
        dropped = agreement.advances[ADVANCE]
        assert isinstance(dropped, DroppedAdvance)
        assert (dropped.how, dropped.reason) == ("refused", "no need")
        assert in_all(agreement) == {"committed": 800}


class TestCancelling:
    def test_gives_back_where_it_came_from(self) -> None:
        """What was drawn is committed again, for the same quarters."""
        (event,) = told(lived(*GRANTED, cancelling())[-1:])
        assert isinstance(event, AdvanceCancelled)
        assert event.drawn == (cell(T1, 300_00),)
        assert after(*GRANTED, cancelling()).committed == after().committed

    def test_releases_what_an_ended_agreement_would_commit(self) -> None:
        """After a termination nothing becomes committed again."""
        end = TerminateAgreement(terminated_on=GRANTED_ON, reason="end", by=OFFICER, on=GRANTED_ON)
        events = lived(*GRANTED, end, cancelling())
        assert isinstance(events[-1], CommitmentReleased)
        assert in_all(after(*GRANTED, end, cancelling())) == {"released": 800}

    def test_is_for_what_was_granted_and_not_paid(self) -> None:
        """A request is refused or withdrawn; what was paid is recovered."""
        scenario(given=[*IN_FORCE, asking()], when=cancelling(), then=AdvanceNotUnpaid)
        with pytest.raises(AdvanceNotUnpaid):
            lived(*PAID, cancelling())
        with pytest.raises(AdvanceNotUnpaid):
            lived(*GRANTED, cancelling(), cancelling())


class TestPaying:
    def test_makes_it_outstanding(self) -> None:
        """It is to be accounted for until 45 days after the quarter in which it was paid."""
        agreement = after(*PAID)
        advance = agreement.advances[ADVANCE]
        assert isinstance(advance, ApprovedAdvance)
        assert advance.outstanding == {(T1, ISED): Money(300_00)}
        assert (advance.paid_on, advance.reconcile_by) == (PAID_ON, date(2023, 8, 14))
        assert in_all(agreement) == {"committed": 500, "paid": 300}

    def test_that_comes_back_can_be_repeated_or_cancelled(self) -> None:
        """A returned advance is payable again, and nothing is outstanding."""
        back = ReturnPayment(
            payment_id=PAYMENT_OF_ADVANCE, returned_on=PAID_ON, reason="closed", on=TODAY
        )
        agreement = after(*PAID, back)
        assert in_all(agreement) == {"committed": 500, "payable": 300}
        assert not outstanding(agreement)
        assert in_all(after(*PAID, back, *pay_advance(on=TODAY))) == {"committed": 500, "paid": 300}
        assert in_all(after(*PAID, back, cancelling())) == {"committed": 800}

    def test_that_a_claim_accounted_for_stays_paid(self) -> None:
        """Once something of it is set off or asked back, the payment cannot come back whole."""
        back = ReturnPayment(
            payment_id=PAYMENT_OF_ADVANCE, returned_on=TODAY, reason="closed", on=TODAY
        )
        for given in (approved_claim(form(line(1_00))), (recovering(),)):
            with pytest.raises(PaymentAskedBack):
                lived(*PAID, *given, back)


class TestMarkingOverdue:
    def test_once_the_time_to_account_for_it_is_over(self) -> None:
        """On the day after the 45 days, once; with what is outstanding."""
        late = MarkAdvanceOverdue(advance_id=ADVANCE, on=date(2023, 8, 15))
        events = lived(*PAID, late, late)
        (marked,) = [each for each in events if isinstance(each, AdvanceMarkedOverdue)]
        assert marked.reconcile_by == date(2023, 8, 14)
        assert [cell.amount for cell in marked.outstanding] == [Money(300_00)]

    def test_not_before_nor_where_claims_accounted_for_it(self) -> None:
        """In time, or with nothing outstanding, there is nothing to note."""
        in_time = MarkAdvanceOverdue(advance_id=ADVANCE, on=date(2023, 8, 14))
        late = MarkAdvanceOverdue(advance_id=ADVANCE, on=date(2023, 8, 15))
        for given in ((in_time,), (*approved_claim(form(line(1_000_00))), late)):
            kinds = {type(each) for each in lived(*PAID, *given)}
            assert AdvanceMarkedOverdue not in kinds


class TestSettingOff:
    def test_over_two_claims(self) -> None:
        """Costs account for it first: nothing is payable until the advance is used up."""
        first = approved_claim(form(line(500_00)))
        agreement = after(*PAID, *first)
        # 200.00 reimbursed: 20.00 held back, 180.00 of the advance
        assert in_all(agreement) == {"committed": 480, "held_back": 20, "paid": 300}
        assert outstanding(agreement) == Money(120_00)
        second = approved_claim(form(line(1_000_00, period=T2), period=T2), claim_id=OTHER_CLAIM)
        agreement = after(*PAID, *first, *second)
        # 400.00 reimbursed: 40.00 held back, 120.00 of the advance, 240.00 payable
        assert in_all(agreement) == {
            "committed": 200,
            "held_back": 60,
            "payable": 240,
            "paid": 300,
        }
        assert not outstanding(agreement)
        paid_of_first = agreement.claims[derived_id("claim", "one")].paid  # type: ignore[union-attr]
        assert paid_of_first == {ISED: Money(180_00)}

    def test_reaches_beyond_what_is_committed(self) -> None:
        """With nothing committed any more, a claim still accounts for the advance."""
        given = executed(
            funding=[cell(T1, 300_00)], match=[match_cell(T1, 450_00)], terms=TERMS_OF_ADVANCES
        )
        agreement = after(*PAID, *approved_claim(form(line(500_00))), given=given)
        assert in_all(agreement) == {"paid": 300}
        assert outstanding(agreement) == Money(100_00)

    def test_leaves_what_is_asked_back(self) -> None:
        """An advance that is asked back is recovered from what a claim would pay instead."""
        agreement = after(*PAID, recovering(), *approved_claim(form(line(500_00))))
        # 200.00 drawn: 20.00 held back and 180.00 kept of the 300.00 to be recovered
        assert in_all(agreement) == {
            "committed": 300,
            "held_back": 20,
            "paid": 300,
            "released": 180,
        }
        assert agreement.recoveries[RECOVERY].to_recover == Money(120_00)
