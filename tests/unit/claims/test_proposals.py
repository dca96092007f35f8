from dataclasses import replace
from datetime import date
from uuid import UUID

from services.claims.domain.agreement import DECIDER
from services.claims.domain.amendment import (
    AddedParticipantHasNotSigned,
    AmendmentAlreadySettled,
    AmendmentUnknown,
    ApproverProposedTheAmendment,
    IncreaseNotReserved,
    KindForOfficers,
    NothingToSign,
    NotTheAddedOrganisation,
    NotYourProposal,
    ProposedForAnother,
)
from services.claims.domain.changes import (
    BudgetMove,
    Change,
    Increase,
    ParticipantAddition,
    ParticipantWithdrawal,
    TimeExtension,
)
from services.claims.domain.commands import (
    NoteIncreaseRefused,
    RejectAmendment,
    TerminateAgreement,
    WithdrawAmendment,
)
from services.claims.domain.events import (
    AgreementAmended,
    AmendmentProposed,
    AmendmentRejected,
    AmendmentSigned,
    AmendmentWithdrawn,
)
from services.claims.domain.life import Reservation, SettledProposal
from services.claims.domain.standing import DecidedByRecipient
from services.claims.domain.state import Agreement
from shared.kernel.identifiers import derived_id
from tests.unit.claims.scenario import (
    ADOPTER_ORG,
    AMENDMENT,
    MANAGER,
    OFFICER,
    PROJECT,
    PROVIDER,
    PROVIDER_ORG,
    SIGNATORY,
    STRANGER_ORG,
    T1,
    T2,
    T3,
    TERMS,
    TODAY,
    accepted,
    agreement_after,
    amending,
    approved_claim,
    approving_amendment,
    cell,
    executed,
    form,
    happened,
    match_cell,
    party,
    proposing,
    reserving,
    scenario,
    signing_amendment,
)

IN_FORCE = executed()
EXTENSION = TimeExtension(ends_on=date(2024, 9, 30))
MORE = Increase(funding=(cell(T3, 100_00),))
MOVE = BudgetMove(funding=(cell(T1, -20_00), cell(T2, 20_00)))
TOLERANT = executed(terms=replace(TERMS, reallocation_tolerance_bp=1_000))
"""A tenth of each part of the budget may move: 40 dollars of a quarter."""


def rejecting(by: str = MANAGER) -> RejectAmendment:
    return RejectAmendment(
        amendment_id=AMENDMENT, reason="no", by=by, by_organisation_id=None, on=TODAY
    )


def withdrawing(organisation_id: UUID | None = None) -> WithdrawAmendment:
    return WithdrawAmendment(
        amendment_id=AMENDMENT,
        reason="changed our minds",
        by=OFFICER,
        by_organisation_id=organisation_id,
        on=TODAY,
    )


class TestAProposal:
    def test_changes_nothing_until_another_person_approves(self) -> None:
        """One officer proposes, and somebody else decides."""
        proposed = (*IN_FORCE, proposing(EXTENSION))
        assert agreement_after(*proposed).ends_on == date(2024, 6, 30)
        same = approving_amendment(by=OFFICER)
        scenario(given=proposed, when=same, then=ApproverProposedTheAmendment)
        approved = agreement_after(*proposed, approving_amendment())
        assert approved.ends_on == date(2024, 9, 30)
        settled = approved.proposals[AMENDMENT]
        assert isinstance(settled, SettledProposal)
        assert (settled.outcome, settled.settled_by) == ("approved", MANAGER)

    def test_is_not_decided_by_a_recipient(self) -> None:
        """Whoever signed for a participant, or belongs to one, decides no amendment."""
        proposed = (*IN_FORCE, proposing(EXTENSION))
        for decision in (
            approving_amendment(by=SIGNATORY),
            approving_amendment(organisation_id=ADOPTER_ORG),
        ):
            scenario(given=proposed, when=decision, then=DecidedByRecipient)

    def test_is_checked_again_when_approved(self) -> None:
        """What was claimed meanwhile is not taken: a claim came between."""
        change = BudgetMove(funding=(cell(T1, -400_00), cell(T3, 400_00)))
        given = [*IN_FORCE, proposing(change), *approved_claim(form())]
        scenario(given=given, when=approving_amendment(), then="commitment-below-zero")

    def test_releases_what_is_left_at_its_approval(self) -> None:
        """A withdrawal takes what is committed then, not when it was proposed."""
        leave = ParticipantWithdrawal(participant_id=PROVIDER)
        more = BudgetMove(funding=(cell(T2, -100_00), cell(T2, 100_00, participant=PROVIDER)))
        between = amending(more, amendment_id=derived_id("amendment", "between"))
        given = [*IN_FORCE, proposing(leave), *between]
        (_, amended) = accepted(given, approving_amendment())
        assert isinstance(amended, AgreementAmended)
        assert amended.funding == (cell(T2, -100_00, participant=PROVIDER),)

    def test_is_rejected_by_another_person(self) -> None:
        """A rejection has its reason, and ends it."""
        proposed = (*IN_FORCE, proposing(EXTENSION))
        scenario(given=proposed, when=rejecting(OFFICER), then=ApproverProposedTheAmendment)
        rejected = AmendmentRejected(
            effective_on=TODAY,
            project_id=PROJECT,
            programme_code="IND-P1",
            amendment_id=AMENDMENT,
            reason="no",
            rejected_by=MANAGER,
            funding=(),
        )
        scenario(given=proposed, when=rejecting(), then=[rejected])
        scenario(
            given=[*proposed, rejecting()],
            when=approving_amendment(),
            then=AmendmentAlreadySettled,
        )

    def test_is_taken_back_by_the_side_that_made_it(self) -> None:
        """Officers take back what officers proposed, a participant what it proposed."""
        ours = (*IN_FORCE, proposing(EXTENSION))
        scenario(given=ours, when=withdrawing(ADOPTER_ORG), then=NotYourProposal)
        assert accepted(ours, withdrawing())
        theirs = (*IN_FORCE, proposing(MOVE, by=SIGNATORY, organisation_id=ADOPTER_ORG))
        for other in (withdrawing(), withdrawing(PROVIDER_ORG)):
            scenario(given=theirs, when=other, then=NotYourProposal)
        assert accepted(theirs, withdrawing(ADOPTER_ORG))

    def test_twice(self) -> None:
        """The same proposal again changes nothing, and an unknown one is not found."""
        scenario(given=[*IN_FORCE, proposing(EXTENSION)], when=proposing(EXTENSION), then=[])
        scenario(given=IN_FORCE, when=approving_amendment(), then=AmendmentUnknown)

    def test_falls_with_its_agreement(self) -> None:
        """A termination takes back what waits, so that its pockets get their money back."""
        end = TerminateAgreement(terminated_on=TODAY, reason="end", by=OFFICER, on=TODAY)
        events = accepted([*IN_FORCE, proposing(MORE), reserving()], end)
        (fallen,) = [event for event in events if isinstance(event, AmendmentWithdrawn)]
        assert fallen.funding == MORE.funding


class TestAProposalOfARecipient:
    def test_moves_its_own_budget(self) -> None:
        """A participant asks for moves of its own; an officer decides."""
        asked = proposing(MOVE, by=SIGNATORY, organisation_id=ADOPTER_ORG)
        assert accepted(IN_FORCE, asked)
        assert accepted([*IN_FORCE, asked], approving_amendment(by=OFFICER))

    def test_touches_nobody_else(self) -> None:
        """Neither the money of a partner nor its withdrawal is for it to ask."""
        others: tuple[Change, ...] = (
            BudgetMove(funding=(cell(T1, -1), cell(T1, 1, participant=PROVIDER))),
            ParticipantWithdrawal(participant_id=PROVIDER),
        )
        for change in others:
            asked = proposing(change, by=SIGNATORY, organisation_id=ADOPTER_ORG)
            scenario(given=IN_FORCE, when=asked, then=ProposedForAnother)
        stranger = proposing(BudgetMove(), by="stranger", organisation_id=STRANGER_ORG)
        scenario(given=IN_FORCE, when=stranger, then=ProposedForAnother)

    def test_is_its_own_withdrawal(self) -> None:
        """A participant asks to leave; an officer decides."""
        leave = ParticipantWithdrawal(participant_id=PROVIDER)
        assert accepted(IN_FORCE, proposing(leave, by="p", organisation_id=PROVIDER_ORG))

    def test_is_no_other_kind(self) -> None:
        """More money and more time are for officers to propose."""
        for change in (EXTENSION, MORE):
            asked = proposing(change, by=SIGNATORY, organisation_id=ADOPTER_ORG)
            scenario(given=IN_FORCE, when=asked, then=KindForOfficers)


class TestAMoveWithinTheTolerance:
    def test_takes_effect_at_once(self) -> None:
        """A tenth of a quarter moves without an approval, for an officer or a participant."""
        for change in (
            proposing(BudgetMove(funding=(cell(T1, -40_00), cell(T2, 40_00)))),
            proposing(MOVE, by=SIGNATORY, organisation_id=ADOPTER_ORG),
        ):
            (_, amended) = accepted(TOLERANT, change)
            assert isinstance(amended, AgreementAmended)
            assert amended.within_tolerance
        settled = agreement_after(*TOLERANT, proposing(MOVE)).proposals[AMENDMENT]
        assert isinstance(settled, SettledProposal)
        assert settled.outcome == "applied"

    def test_waits_above_it(self) -> None:
        """One cent more than a tenth needs another person; so does everything without one."""
        above = BudgetMove(funding=(cell(T1, -40_01), cell(T2, 40_01)))
        for given, change in ((TOLERANT, above), (IN_FORCE, MOVE)):
            (only,) = accepted(given, proposing(change))
            assert isinstance(only, AmendmentProposed)

    def test_counts_what_moved_before(self) -> None:
        """Many small moves are not larger than one: 20 and 20 dollars go, the next cent waits."""
        twice = [
            *TOLERANT,
            proposing(MOVE),
            proposing(MOVE, amendment_id=derived_id("amendment", 2)),
        ]
        a_cent = BudgetMove(funding=(cell(T1, -1), cell(T2, 1)))
        third = proposing(a_cent, amendment_id=derived_id("amendment", 3))
        (only,) = accepted(twice, third)
        assert isinstance(only, AmendmentProposed)

    def test_counts_from_the_last_approval(self) -> None:
        """What another person approved is what later moves are measured against."""
        approved = amending(EXTENSION, amendment_id=derived_id("amendment", 2))
        full = BudgetMove(funding=(cell(T1, -40_00), cell(T2, 40_00)))
        third = proposing(
            BudgetMove(funding=(cell(T1, -36_00), cell(T2, 36_00))),
            amendment_id=derived_id("amendment", 3),
        )
        assert len(accepted([*TOLERANT, proposing(full), *approved], third)) == 2
        assert len(accepted([*TOLERANT, proposing(full)], third)) == 1

    def test_covers_match_as_well(self) -> None:
        """A participant's own money moves as freely as public money, and not more."""
        for cents, events in ((60_00, 2), (60_01, 1)):
            change = BudgetMove(match=(match_cell(T1, -cents), match_cell(T2, cents)))
            assert len(accepted(TOLERANT, proposing(change))) == events

    def test_is_for_moves_only(self) -> None:
        """However small, more time needs an approval."""
        assert len(accepted(TOLERANT, proposing(EXTENSION))) == 1


class TestTheReservationOfAnIncrease:
    refusing = NoteIncreaseRefused(amendment_id=AMENDMENT, pockets=("ISED-P1",), on=TODAY)

    def test_comes_before_its_approval(self) -> None:
        """Money is added once its pockets hold it."""
        proposed = (*IN_FORCE, proposing(MORE))
        assert agreement_after(*proposed).open_proposals()[0].reservation is Reservation.AWAITED
        scenario(given=proposed, when=approving_amendment(), then=IncreaseNotReserved)
        assert accepted([*proposed, reserving()], approving_amendment())

    def test_is_refused(self) -> None:
        """Where a pocket is short the proposal cannot be approved, only ended."""
        given = [*IN_FORCE, proposing(MORE), self.refusing]
        scenario(given=given, when=approving_amendment(), then=IncreaseNotReserved)
        assert accepted(given, withdrawing())

    def test_is_heard_once_and_only_while_it_waits(self) -> None:
        """Answers that come twice, late or for nothing change nothing."""
        for given in (
            [*IN_FORCE],
            [*IN_FORCE, proposing(EXTENSION)],
            [*IN_FORCE, proposing(MORE), reserving()],
            [*IN_FORCE, proposing(MORE), withdrawing()],
        ):
            scenario(given=given, when=reserving(), then=[])
            scenario(given=given, when=self.refusing, then=[])


class TestTheSignatureOfANewParticipant:
    newcomer = party(derived_id("participant", "new"), STRANGER_ORG, "other")
    proposed = (*IN_FORCE, proposing(ParticipantAddition(party=newcomer)))

    def test_comes_before_the_approval(self) -> None:
        """Nobody becomes a party without signing."""
        scenario(given=self.proposed, when=approving_amendment(), then=AddedParticipantHasNotSigned)
        signed = (*self.proposed, signing_amendment())
        grown = agreement_after(*signed, approving_amendment())
        assert grown.signed_by[self.newcomer.participant_id] == SIGNATORY

    def test_is_of_its_own_organisation(self) -> None:
        """Somebody of the new organisation signs, once."""
        for other in (ADOPTER_ORG, None):
            scenario(
                given=self.proposed,
                when=signing_amendment(organisation_id=other),
                then=NotTheAddedOrganisation,
            )
        (signed,) = accepted(self.proposed, signing_amendment())
        assert isinstance(signed, AmendmentSigned)
        scenario(given=[*self.proposed, signing_amendment()], when=signing_amendment(), then=[])

    def test_is_of_nothing_else(self) -> None:
        """An amendment that adds nobody is signed by nobody."""
        scenario(
            given=[*IN_FORCE, proposing(EXTENSION)], when=signing_amendment(), then=NothingToSign
        )


class TestAnAmendmentOfBefore:
    def test_still_folds(self) -> None:
        """Amendments that were made without a proposal count as they did."""
        old = AgreementAmended(
            effective_on=TODAY,
            project_id=PROJECT,
            programme_code="IND-P1",
            amendment_id=AMENDMENT,
            kind="reprofile",
            ends_on=date(2024, 6, 30),
            funding=(cell(T1, -1_00), cell(T3, 1_00)),
            match=(),
            rates=(),
            amended_by=OFFICER,
        )
        state = DECIDER.fold([*happened(*IN_FORCE), old])
        assert isinstance(state, Agreement)
        assert state.amendments == (AMENDMENT,)
        assert state.proposals == {}
