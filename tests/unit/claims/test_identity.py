"""Whatever legal commands come in whatever order, every contracted cent stands somewhere."""
# ruff: noqa: D102  # the names of the steps say what they do

from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Literal
from uuid import UUID

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.claims.domain.agreement import DECIDER
from services.claims.domain.changes import (
    BudgetMove,
    Change,
    Increase,
    ParticipantAddition,
    ParticipantWithdrawal,
    Reduction,
    TimeExtension,
)
from services.claims.domain.checklist import checklist
from services.claims.domain.commands import (
    AgreementCommand,
    CancelPayment,
    CompleteProject,
    ReturnPayment,
    TerminateAgreement,
)
from services.claims.domain.events import (
    AgreementEvent,
    ClaimApproved,
    CommitmentReleased,
    ForecastRevised,
    HoldbackForfeited,
    PaymentDisbursed,
    PaymentReturned,
)
from services.claims.domain.state import (
    Agreement,
    AnyClaim,
    ApprovedClaim,
    AssessedClaim,
    CertifiedClaim,
    DraftedClaim,
    QueriedClaim,
    Standing,
)
from services.claims.domain.values import AcceptedLine, ForecastLine, ReductionCode
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, total_by_pocket
from tests.unit.claims.scenario import (
    ADOPTER,
    ADOPTER_ORG,
    ISED,
    MEIE,
    OFFICER,
    PROVIDER,
    PROVIDER_ORG,
    STRANGER_ORG,
    TERMS,
    TODAY,
    answering,
    approving,
    approving_amendment,
    assert_identity,
    assessing,
    cell,
    certifying,
    claiming,
    disbursing,
    drafting,
    executed,
    form,
    line,
    match_cell,
    party,
    proposing,
    querying,
    reserving,
    scheduling,
    sending_back,
    signing_amendment,
)

QUARTERS = [*Quarter.all_of(2024), Quarter(2025, 1)]
NEWCOMER = derived_id("participant", "newcomer")
ORGANISATION = {ADOPTER: ADOPTER_ORG, PROVIDER: PROVIDER_ORG, NEWCOMER: STRANGER_ORG}

cents = st.integers(0, 500_00)


@st.composite
def schedules(draw: st.DrawFn) -> list[FundingCell]:
    """Odd amounts for two participants, over one or two pockets and any quarters."""
    keys = draw(
        st.lists(
            st.tuples(
                st.sampled_from([ADOPTER, PROVIDER]),
                st.sampled_from([ISED, MEIE]),
                st.sampled_from(QUARTERS),
            ),
            unique=True,
            min_size=1,
            max_size=8,
        )
    )
    return [
        cell(quarter, draw(st.integers(1, 300_00)), pocket=pocket, participant=participant)
        for participant, pocket, quarter in keys
    ]


class LifeOfAnAgreement(RuleBasedStateMachine):
    """Random legal commands on one agreement; its identities hold after each."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[AgreementEvent] = []
        self.agreement: Agreement
        self.numbers = count()

    def carry_out(self, command: AgreementCommand) -> None:
        fresh = DECIDER.decide(command, DECIDER.fold(self.events))
        assert fresh, "the command is legal and changes something"
        self.events += fresh
        state = DECIDER.fold(self.events)
        assert isinstance(state, Agreement)
        self.agreement = state

    @initialize(
        funding=schedules(),
        match=st.integers(0, 2_000_00),
        rate=st.integers(1, 10_000),
        holdback=st.integers(0, 10_000),
    )
    def execute(self, funding: list[FundingCell], match: int, rate: int, holdback: int) -> None:
        terms = replace(TERMS, reimbursement_rate_bp=rate, holdback_bp=holdback)
        matching = [
            match_cell(QUARTERS[0], match, participant=participant)
            for participant in (ADOPTER, PROVIDER)
        ]
        for command in executed(funding=funding, match=matching, terms=terms):
            self.carry_out(command)

    def in_standing(self, *standings: Standing) -> bool:
        return self.agreement.standing in standings

    def claims(self, stage: type) -> list[AnyClaim]:
        return [claim for claim in self.agreement.claims.values() if isinstance(claim, stage)]

    def free_quarters(self, participant: UUID) -> list[Quarter]:
        """Those that the participant took part in and has not claimed."""
        taken = {claim.form.quarter for claim in self.agreement.claims_of(participant)}
        since = self.agreement.joined_on.get(participant, QUARTERS[0].starts_on)
        return [each for each in QUARTERS if each not in taken and each.starts_on >= since]

    @rule()
    def hear_of_the_award_again(self) -> None:
        assert DECIDER.decide(drafting(), self.agreement) == []

    @precondition(lambda self: self.in_standing(Standing.EXECUTED))
    @rule(data=st.data(), amounts=st.lists(cents, min_size=1, max_size=3), in_kind=cents)
    def draft_a_claim(self, data: st.DataObject, amounts: list[int], in_kind: int) -> None:
        participant = data.draw(st.sampled_from(self.present()))
        free = self.free_quarters(participant)
        if not free:
            return
        quarter = data.draw(st.sampled_from(free))
        lines = [line(each, in_kind=in_kind, period=quarter) for each in amounts]
        lines = [replace(each, paid_on=TODAY) for each in lines]
        what = form(*lines, period=quarter, participant=participant)
        later = [each for each in QUARTERS if each > quarter]
        if later and data.draw(st.booleans()):
            rate = self.agreement.rates[participant]
            committed = self.agreement.committed_to(participant)
            claimed = what.cash.split([rate.public, rate.costs - rate.public])[0]
            weights = data.draw(
                st.lists(st.integers(1, 9), min_size=len(later), max_size=len(later))
            )
            parts = (committed - min(claimed, committed)).split(weights)
            forecast = zip(later, parts, strict=True)
            what = replace(
                what,
                forecast=tuple(ForecastLine(quarter=each, amount=part) for each, part in forecast),
            )
        self.carry_out(
            claiming(
                what,
                claim_id=derived_id("claim", next(self.numbers)),
                organisation_id=ORGANISATION[participant],
            )
        )

    @precondition(
        lambda self: self.in_standing(Standing.EXECUTED) and self.claims(DraftedClaim) != []
    )
    @rule(data=st.data())
    def certify_a_claim(self, data: st.DataObject) -> None:
        claim = data.draw(st.sampled_from(self.claims(DraftedClaim)))
        participant = claim.form.participant_id
        if claim.form.forecast is not None:
            rate = self.agreement.rates[participant]
            committed = self.agreement.committed_to(participant)
            claimed = claim.form.cash.split([rate.public, rate.costs - rate.public])[0]
            planned = total(each.amount for each in claim.form.forecast)
            if planned != committed - min(claimed, committed):
                return  # overtaken by another claim: to be redrafted
        organisation = ORGANISATION[participant]
        self.carry_out(certifying(claim.claim_id, organisation_id=organisation))

    @precondition(lambda self: self.claims(CertifiedClaim) != [])
    @rule(data=st.data(), share=st.integers(0, 100))
    def assess_a_claim(self, data: st.DataObject, share: int) -> None:
        claim = data.draw(st.sampled_from(self.claims(CertifiedClaim)))
        first = claim.form.lines[0]
        accepted = AcceptedLine(
            line=0,
            cash=Money(first.cash.cents * share // 100),
            in_kind=first.in_kind,
            reason="part of it",
            code=ReductionCode.OTHER,
        )
        self.carry_out(assessing(claim.claim_id, accepted))

    @precondition(lambda self: self.claims(CertifiedClaim) != [])
    @rule(data=st.data())
    def query_a_claim(self, data: st.DataObject) -> None:
        claim = data.draw(st.sampled_from(self.claims(CertifiedClaim)))
        query_id = derived_id("query", next(self.numbers))
        self.carry_out(querying(claim.claim_id, query_id=query_id))

    @precondition(lambda self: self.claims(QueriedClaim) != [])
    @rule(data=st.data(), changed=st.booleans())
    def answer_a_query(self, data: st.DataObject, *, changed: bool) -> None:
        claim = data.draw(st.sampled_from(self.claims(QueriedClaim)))
        what = replace(claim.form, lines=claim.form.lines[:1], forecast=None) if changed else None
        self.carry_out(
            answering(
                what,
                claim_id=claim.claim_id,
                query_id=claim.queries[-1].query_id,
                organisation_id=ORGANISATION[claim.form.participant_id],
            )
        )

    @precondition(lambda self: self.claims(AssessedClaim) != [])
    @rule(data=st.data())
    def send_a_claim_back(self, data: st.DataObject) -> None:
        claim = data.draw(st.sampled_from(self.claims(AssessedClaim)))
        self.carry_out(sending_back(claim.claim_id))

    @precondition(lambda self: self.claims(AssessedClaim) != [])
    @rule(data=st.data())
    def approve_a_claim(self, data: st.DataObject) -> None:
        claim = data.draw(st.sampled_from(self.claims(AssessedClaim)))
        self.carry_out(approving(claim.claim_id))

    def payable(self) -> list[ApprovedClaim]:
        scheduled = {payment.claim_id for payment in self.agreement.scheduled.values()}
        return [
            claim
            for claim in self.agreement.claims.values()
            if isinstance(claim, ApprovedClaim)
            and claim.payable
            and claim.claim_id not in scheduled
        ]

    @precondition(lambda self: self.payable() != [])
    @rule(data=st.data())
    def schedule_a_payment(self, data: st.DataObject) -> None:
        claim = data.draw(st.sampled_from(self.payable()))
        payment_id = derived_id("payment", next(self.numbers))
        self.carry_out(scheduling(claim.claim_id, payment_id=payment_id))

    @precondition(lambda self: self.agreement.scheduled != {})
    @rule(data=st.data(), fails=st.booleans())
    def settle_a_payment(self, data: st.DataObject, fails: bool) -> None:
        payment_id = data.draw(st.sampled_from(list(self.agreement.scheduled)))
        self.carry_out(
            CancelPayment(payment_id=payment_id, reason="refused", on=TODAY)
            if fails
            else disbursing(payment_id)
        )

    def standing_payments(self) -> list[object]:
        payments = self.agreement.payments.values()
        return [payment.payment_id for payment in payments if payment.returned_on is None]

    @precondition(lambda self: self.standing_payments() != [])
    @rule(data=st.data())
    def return_a_payment(self, data: st.DataObject) -> None:
        payment_id = data.draw(st.sampled_from(self.standing_payments()))
        self.carry_out(
            ReturnPayment(payment_id=payment_id, returned_on=TODAY, reason="refused", on=TODAY)
        )

    def amend(self, change: Change, *, effective_on: date = TODAY) -> None:
        amendment_id = derived_id("amendment", next(self.numbers))
        self.carry_out(proposing(change, amendment_id=amendment_id, effective_on=effective_on))
        (proposal,) = self.agreement.open_proposals()
        if proposal.increase:
            self.carry_out(reserving(amendment_id))
        if isinstance(change, ParticipantAddition):
            self.carry_out(signing_amendment(amendment_id))
        self.carry_out(approving_amendment(amendment_id))

    @precondition(
        lambda self: self.in_standing(Standing.EXECUTED) and self.agreement.funding_left() != ()
    )
    @rule(data=st.data(), share=st.integers(1, 100), to=st.sampled_from(QUARTERS))
    def move_or_take_money(self, data: st.DataObject, share: int, to: Quarter) -> None:
        taken = data.draw(st.sampled_from(self.agreement.funding_left()))
        amount = Money(-(-taken.amount.cents * share // 100))
        less = replace(taken, amount=-amount)
        if data.draw(st.booleans()):
            self.amend(Reduction(funding=(less,)))
        else:
            other = data.draw(st.sampled_from(self.present()))
            moved = replace(taken, participant_id=other, quarter=to, amount=amount)
            if moved != replace(taken, amount=amount):
                self.amend(BudgetMove(funding=(less, moved)))

    def present(self) -> list[UUID]:
        return list(self.agreement.active_participants)

    @precondition(lambda self: self.in_standing(Standing.EXECUTED))
    @rule(data=st.data(), amount=st.integers(1, 100_00), to=st.sampled_from(QUARTERS))
    def add_money(self, data: st.DataObject, amount: int, to: Quarter) -> None:
        who = data.draw(st.sampled_from(self.present()))
        self.amend(Increase(funding=(cell(to, amount, pocket=MEIE, participant=who),)))

    @precondition(lambda self: self.in_standing(Standing.EXECUTED))
    @rule(days=st.integers(1, 300))
    def extend(self, days: int) -> None:
        self.amend(TimeExtension(ends_on=self.agreement.ends_on + timedelta(days=days)))

    @precondition(
        lambda self: (
            self.in_standing(Standing.EXECUTED) and NEWCOMER not in self.agreement.participants
        )
    )
    @rule(data=st.data(), share=st.integers(0, 100), added=st.integers(0, 50_00))
    def add_a_participant(self, data: st.DataObject, share: int, added: int) -> None:
        funding = []
        if share and self.agreement.funding_left():
            taken = data.draw(st.sampled_from(self.agreement.funding_left()))
            amount = Money(-(-taken.amount.cents * share // 100))
            funding = [
                replace(taken, amount=-amount),
                replace(taken, participant_id=NEWCOMER, amount=amount),
            ]
        if added:
            funding.append(cell(QUARTERS[1], added, pocket=MEIE, participant=NEWCOMER))
        who = party(NEWCOMER, STRANGER_ORG, "other")
        promised = (match_cell(QUARTERS[1], 100_00, participant=NEWCOMER),)
        addition = ParticipantAddition(party=who, funding=tuple(funding), match=promised)
        self.amend(addition, effective_on=QUARTERS[1].starts_on)

    def leavers(self) -> list[UUID]:
        return [
            one
            for one in self.present()
            if len(self.present()) > 1
            and not self.agreement.advances_unsettled(one)
            and all(isinstance(each, ApprovedClaim) for each in self.agreement.claims_of(one))
            and all(
                part.incurred_to <= TODAY
                for each in self.agreement.claims_of(one)
                for part in each.form.lines
            )
        ]

    @precondition(lambda self: self.in_standing(Standing.EXECUTED) and self.leavers() != [])
    @rule(data=st.data(), share=st.integers(0, 100), odds=st.integers(0, 3))
    def withdraw_a_participant(self, data: st.DataObject, share: int, odds: int) -> None:
        if odds:
            return
        leaver = data.draw(st.sampled_from(self.leavers()))
        heir = data.draw(st.sampled_from([one for one in self.present() if one != leaver]))
        given = tuple(
            replace(each, participant_id=heir, amount=Money(each.amount.cents * share // 100))
            for each in self.agreement.funding_left()
            if each.participant_id == leaver
        )
        self.amend(ParticipantWithdrawal(participant_id=leaver, funding=given))
        assert self.agreement.committed_to(leaver) == ZERO

    @precondition(
        lambda self: self.in_standing(Standing.EXECUTED) and self.agreement.undecided() == []
    )
    @rule(odds=st.integers(0, 9), recovers=st.booleans())
    def terminate(self, odds: int, *, recovers: bool) -> None:
        if odds == 7:  # rarely, or lives would be short
            recovery: Literal["all"] | None = "all" if recovers else None
            self.carry_out(
                TerminateAgreement(
                    terminated_on=TODAY, reason="end", recovery=recovery, by=OFFICER, on=TODAY
                )
            )

    @precondition(
        lambda self: (
            self.in_standing(Standing.EXECUTED)
            and all(item.missing is None for item in checklist(self.agreement))
        )
    )
    @rule(odds=st.integers(0, 9))
    def complete(self, odds: int) -> None:
        if odds == 7:  # rarely, or lives would be short
            self.carry_out(CompleteProject(completed_on=TODAY, by=OFFICER, on=TODAY))

    @invariant()
    def every_contracted_cent_stands_somewhere(self) -> None:
        assert_identity(self.agreement)

    @invariant()
    def no_participant_is_paid_more_than_was_contracted(self) -> None:
        for participant in self.agreement.participants:
            for balance in self.agreement.balances(participant).values():
                owed = balance.payable + balance.held_back + balance.paid
                assert owed <= balance.contracted

    @invariant()
    def events_say_what_the_state_says(self) -> None:
        paid = returned = ZERO
        for event in self.events:
            if isinstance(event, PaymentDisbursed):
                paid += total(share.amount for share in event.paid)
            if isinstance(event, PaymentReturned):
                returned += total(share.amount for share in event.returned)
        drawn = total(
            each.amount
            for event in self.events
            if isinstance(event, ClaimApproved)
            for each in event.drawn
        )
        forfeited = total(
            share.amount
            for event in self.events
            if isinstance(event, HoldbackForfeited)
            for share in event.forfeited
        )
        balances = self.agreement.balances().values()
        owed = total(each.payable + each.held_back + each.paid for each in balances)
        assert drawn == owed + forfeited
        assert paid - returned == total(each.paid for each in balances)

    @invariant()
    def nothing_drawn_or_released_is_negative_and_forecasts_cancel_out(self) -> None:
        for event in self.events:
            if isinstance(event, ClaimApproved):
                assert all(each.amount > ZERO for each in event.drawn)
                assert event.match_cash >= ZERO
            if isinstance(event, CommitmentReleased):
                assert all(each.amount > ZERO for each in event.funding)
            if isinstance(event, ForecastRevised):
                assert not any(total_by_pocket(event.funding).values())

    @invariant()
    def an_ended_agreement_commits_nothing(self) -> None:
        if self.in_standing(Standing.TERMINATED, Standing.COMPLETED):
            assert self.agreement.funding_left() == ()
            assert self.agreement.match_left() == ()


def test_every_contracted_cent_stands_somewhere() -> None:
    """Per pocket and participant: contracted = committed + payable + held back + paid + released.

    It holds after every step of any legal life of an agreement, and no cell is ever negative.
    """
    run_state_machine_as_test(
        LifeOfAnAgreement,
        settings=settings(max_examples=60, stateful_step_count=40, deadline=None),
    )
