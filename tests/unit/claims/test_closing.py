from dataclasses import replace
from datetime import date

from services.claims.domain.claim import ClaimsNotOpen
from services.claims.domain.closing import ClaimsAwaitDecision, EndedBeforeExecution
from services.claims.domain.commands import CompleteProject, TerminateAgreement
from services.claims.domain.events import (
    AgreementTerminated,
    ClaimApproved,
    CommitmentReleased,
    HoldbackForfeited,
    HoldbackReleased,
    ProjectCompleted,
)
from services.claims.domain.payment import DateInTheFuture
from services.claims.domain.standing import AgreementNotInForce
from services.claims.domain.values import ParticipantShare, PocketShare
from shared.kernel.money import Money
from tests.unit.claims.scenario import (
    ADOPTER,
    CLAIM,
    ISED,
    OFFICER,
    OTHER_CLAIM,
    PROJECT,
    T1,
    T2,
    TODAY,
    accepted,
    agreement_after,
    approved_claim,
    approving,
    assessed_claim,
    cell,
    certifying,
    claiming,
    drafting,
    executed,
    form,
    line,
    match_cell,
    paying,
    scenario,
    scheduling,
)

IN_FORCE = executed()
TERMINATED_ON = date(2023, 8, 15)
TERMINATION = TerminateAgreement(
    terminated_on=TERMINATED_ON, reason="insolvency", by=OFFICER, on=TODAY
)
COMPLETION = CompleteProject(completed_on=TODAY, by=OFFICER, on=TODAY)


class TestTerminating:
    def test_gives_back_what_was_not_claimed(self) -> None:
        """Everything still committed returns; match that was promised is no longer expected."""
        scenario(
            given=[*IN_FORCE, *approved_claim(form())],
            when=TERMINATION,
            then=[
                AgreementTerminated(
                    effective_on=TERMINATED_ON,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    reason="insolvency",
                    terminated_by=OFFICER,
                ),
                HoldbackReleased(
                    effective_on=TERMINATED_ON,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=CLAIM,
                    participant_id=ADOPTER,
                    quarter=T1,
                    released=(PocketShare(pocket=ISED, amount=Money(20_00)),),
                ),
                CommitmentReleased(
                    effective_on=TERMINATED_ON,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    reason="termination",
                    funding=(cell(T1, 200_00), cell(T2, 400_00)),
                    match=(match_cell(T1, 300_00), match_cell(T2, 600_00)),
                ),
            ],
        )

    def test_leaves_payable_what_is_payable(self) -> None:
        """A debt outlives the agreement: the approved claim is still paid, its holdback too."""
        given = [*IN_FORCE, *approved_claim(form()), TERMINATION]
        balance = agreement_after(*given).balances()[ISED]
        assert (balance.committed, balance.payable) == (Money(0), Money(200_00))
        assert balance.released == Money(600_00)
        assert accepted(given, scheduling())

    def test_refuses_later_claims_for_costs_after_it(self) -> None:
        """Costs until the day of the termination are reported, later ones are refused."""
        given = [*IN_FORCE, TERMINATION]
        after = form(line(incurred=(date(2023, 8, 1), date(2023, 8, 16))), period=T2)
        scenario(given=given, when=claiming(after), then="cost-after-termination")
        until = form(line(incurred=(date(2023, 8, 1), TERMINATED_ON)), period=T2)
        assert accepted(given, claiming(until))

    def test_refuses_to_certify_costs_after_it(self) -> None:
        """A draft from before the termination is held to it as well."""
        given = [*IN_FORCE, claiming(form(period=T2)), TERMINATION]
        scenario(given=given, when=certifying(), then="cost-after-termination")

    def test_leaves_nothing_to_draw(self) -> None:
        """Costs reported after the money went back are match, and are not reimbursed."""
        until = form(line(incurred=(date(2023, 8, 1), TERMINATED_ON)), period=T2)
        given = [*IN_FORCE, TERMINATION, *assessed_claim(until)]
        (approved,) = accepted(given, approving())
        assert isinstance(approved, ClaimApproved)
        assert approved.drawn == ()
        assert approved.match_cash == Money(500_00)

    def test_while_a_certified_claim_awaits_a_decision(self) -> None:
        """What a certified claim would draw is not given back before it is decided."""
        given = [*IN_FORCE, claiming(form()), certifying()]
        scenario(given=given, when=TERMINATION, then=ClaimsAwaitDecision)

    def test_of_a_draft_or_twice(self) -> None:
        """Only an agreement in force ends, once."""
        scenario(given=[drafting()], when=TERMINATION, then=AgreementNotInForce)
        scenario(given=[*IN_FORCE, TERMINATION], when=TERMINATION, then=AgreementNotInForce)

    def test_before_execution_or_tomorrow(self) -> None:
        """An agreement ends between its execution and today."""
        scenario(
            given=IN_FORCE,
            when=replace(TERMINATION, terminated_on=date(2023, 4, 2)),
            then=EndedBeforeExecution,
        )
        scenario(
            given=IN_FORCE,
            when=replace(TERMINATION, terminated_on=date(2024, 7, 1)),
            then=DateInTheFuture,
        )


class TestTerminatingWithRecovery:
    paid = (*IN_FORCE, *approved_claim(form()), *paying())
    """180 were paid from ISED, 20 are held back, 600 are committed."""

    def test_gives_up_the_holdback_and_asks_all_back(self) -> None:
        """What was held back goes back to its pocket; what was paid is to be asked back."""
        end = replace(TERMINATION, recovery="all")
        due = ParticipantShare(participant_id=ADOPTER, pocket=ISED, amount=Money(180_00))
        terminated, forfeited, released = accepted(self.paid, end)
        assert isinstance(terminated, AgreementTerminated)
        assert terminated.recovery_due == (due,)
        assert isinstance(forfeited, HoldbackForfeited)
        assert forfeited.forfeited == (PocketShare(pocket=ISED, amount=Money(20_00)),)
        assert isinstance(released, CommitmentReleased)
        agreement = agreement_after(*self.paid, end)
        balance = agreement.balances()[ISED]
        assert (balance.held_back, balance.released) == (Money(0), Money(620_00))
        assert agreement.recovery_due == {ADOPTER: {ISED: Money(180_00)}}

    def test_asks_a_stated_part(self) -> None:
        """A part of what was paid may be asked back, and never more than was."""

        def end(*cents: int) -> TerminateAgreement:
            parts = tuple(
                ParticipantShare(participant_id=ADOPTER, pocket=ISED, amount=Money(each))
                for each in cents
            )
            return replace(TERMINATION, recovery=parts)

        agreement = agreement_after(*self.paid, end(100_00, 80_00))
        assert agreement.recovery_due == {ADOPTER: {ISED: Money(180_00)}}
        for wrong in ((180_01,), (0,), (-1,), (180_00, 1)):
            scenario(given=self.paid, when=end(*wrong), then="recovery-due-more-than-paid")

    def test_asks_nothing_where_nothing_was_paid(self) -> None:
        """Without payments there is nothing to recover."""
        agreement = agreement_after(*IN_FORCE, replace(TERMINATION, recovery="all"))
        assert agreement.recovery_due == {}


class TestCompleting:
    def test_releases_holdback_then_the_rest(self) -> None:
        """Per claim its holdback, then what was never claimed, then the project is completed."""
        scenario(
            given=[
                *IN_FORCE,
                *approved_claim(form()),
                *approved_claim(form(line(100_00, period=T2), period=T2), claim_id=OTHER_CLAIM),
            ],
            when=COMPLETION,
            then=[
                HoldbackReleased(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=CLAIM,
                    participant_id=ADOPTER,
                    quarter=T1,
                    released=(PocketShare(pocket=ISED, amount=Money(20_00)),),
                ),
                HoldbackReleased(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=OTHER_CLAIM,
                    participant_id=ADOPTER,
                    quarter=T2,
                    released=(PocketShare(pocket=ISED, amount=Money(4_00)),),
                ),
                CommitmentReleased(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    reason="completion",
                    funding=(cell(T1, 200_00), cell(T2, 360_00)),
                    match=(match_cell(T1, 300_00), match_cell(T2, 540_00)),
                ),
                ProjectCompleted(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    title="Forecasting of returns",
                    participants=drafting().participants,
                    completed_by=OFFICER,
                ),
            ],
        )

    def test_with_nothing_left_releases_nothing(self) -> None:
        """Where everything was claimed and nothing is held back, the project just completes."""
        given = [
            *executed(funding=[cell(T1, 400_00)], match=[match_cell(T1, 600_00)]),
            *approved_claim(form(line(1_000_00))),
        ]
        events = accepted(given, COMPLETION)
        assert [type(event) for event in events] == [HoldbackReleased, ProjectCompleted]

    def test_settles_match_by_the_quarter_it_was_reported_in(self) -> None:
        """What was reported stays in its quarter: the rest of the promise goes, by quarter."""
        given = [
            *executed(funding=[cell(T1, 400_00)], match=[match_cell(T1, 600_00)]),
            *approved_claim(form(line(1_000_00, period=T2), period=T2)),
        ]
        (_, release, _) = accepted(given, COMPLETION)
        assert isinstance(release, CommitmentReleased)
        assert release.funding == ()
        assert release.match == (match_cell(T1, 600_00), match_cell(T2, -600_00))

    def test_with_open_claims(self) -> None:
        """A draft or an undecided claim keeps the project open."""
        drafted = [*IN_FORCE, claiming(form())]
        scenario(given=drafted, when=COMPLETION, then="claims-still-open")
        scenario(given=[*drafted, certifying()], when=COMPLETION, then="claims-still-open")

    def test_closes_claims(self) -> None:
        """Nothing is claimed after completion, and it happens once."""
        given = [*IN_FORCE, COMPLETION]
        scenario(given=given, when=claiming(form()), then=ClaimsNotOpen)
        scenario(given=given, when=COMPLETION, then=AgreementNotInForce)
        scenario(given=given, when=TERMINATION, then=AgreementNotInForce)

    def test_before_execution_or_tomorrow(self) -> None:
        """A project completes between its execution and today."""
        scenario(
            given=IN_FORCE,
            when=replace(COMPLETION, completed_on=date(2023, 4, 2)),
            then=EndedBeforeExecution,
        )
        scenario(
            given=IN_FORCE,
            when=replace(COMPLETION, completed_on=date(2024, 7, 1)),
            then=DateInTheFuture,
        )
