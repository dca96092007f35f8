from collections.abc import Iterable
from datetime import date

import pytest

from services.claims.domain.amendment_rules import (
    AmendmentInOtherCurrency,
    AmendmentOfUnknownParticipant,
)
from services.claims.domain.changes import (
    BudgetMove,
    Change,
    Increase,
    ParticipantAddition,
    ParticipantWithdrawal,
    Reduction,
    ScopeChange,
    TimeExtension,
)
from services.claims.domain.commands import AgreementCommand
from services.claims.domain.events import AgreementAmended, AmendmentApproved
from services.claims.domain.payment import DateInTheFuture
from services.claims.domain.standing import AgreementNotInForce
from services.claims.domain.values import Match, ReimbursementRate
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from shared.kernel.schedule import FundingCell, MatchCell
from tests.unit.claims.scenario import (
    ADOPTER,
    AMENDMENT,
    ISED,
    MANAGER,
    MEIE,
    PROJECT,
    PROVIDER,
    PROVIDER_ORG,
    STRANGER_ORG,
    T1,
    T2,
    T3,
    TODAY,
    accepted,
    agreement_after,
    amending,
    approved_claim,
    approving_amendment,
    cell,
    claiming,
    drafting,
    executed,
    form,
    match_cell,
    party,
    proposing,
    scenario,
    signing_amendment,
)

IN_FORCE = executed()
LATER = date(2024, 9, 30)
END = date(2024, 6, 30)
NEWCOMER = derived_id("participant", "newcomer")


def refused(change: Change, *codes: str, given: Iterable[AgreementCommand] = IN_FORCE) -> None:
    """The change is refused when proposed, for exactly these reasons."""
    scenario(given=list(given), when=proposing(change), then=" ".join(codes))


class TestATimeExtension:
    def test_moves_the_end(self) -> None:
        """A time extension ends later, and costs until then are eligible."""
        change = TimeExtension(ends_on=LATER)
        scenario(
            given=[*IN_FORCE, proposing(change)],
            when=approving_amendment(),
            then=[
                AmendmentApproved(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    amendment_id=AMENDMENT,
                    approved_by=MANAGER,
                ),
                AgreementAmended(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    amendment_id=AMENDMENT,
                    kind="time-extension",
                    ends_on=LATER,
                    funding=(),
                    match=(),
                    rates=(),
                    amended_by=MANAGER,
                ),
            ],
        )
        assert agreement_after(*IN_FORCE, *amending(change)).ends_on == LATER

    @pytest.mark.parametrize("ends_on", [END, date(2024, 6, 29)])
    def test_to_the_same_or_an_earlier_end(self, ends_on: date) -> None:
        """A time extension that extends nothing is refused."""
        moved = (cell(T1, -1), cell(T2, 1))
        refused(TimeExtension(ends_on=ends_on, funding=moved), "end-not-later")

    def test_that_adds_money(self) -> None:
        """A time extension adds and takes nothing."""
        refused(TimeExtension(ends_on=LATER, funding=(cell(T3, 1),)), "money-added-or-taken")


class TestAMoveOfTheBudget:
    def test_between_quarters(self) -> None:
        """Money moves, and the rates stay what they were."""
        change = BudgetMove(funding=(cell(T1, -1_00), cell(T3, 1_00)))
        moved = agreement_after(*IN_FORCE, *amending(change))
        assert moved.committed[ADOPTER] == {
            (T1, ISED): Money(399_00),
            (T2, ISED): Money(400_00),
            (T3, ISED): Money(1_00),
        }
        assert moved.rates == agreement_after(*IN_FORCE).rates

    def test_between_participants(self) -> None:
        """Who gets less is reimbursed at less, who gets more at more, under the same ceiling."""
        change = BudgetMove(
            funding=(cell(T1, -400_00), cell(T1, 400_00, participant=PROVIDER)),
            match=(match_cell(T1, -600_00), match_cell(T1, 600_00, participant=PROVIDER)),
        )
        (_, amended) = accepted([*IN_FORCE, proposing(change)], approving_amendment())
        assert isinstance(amended, AgreementAmended)
        assert amended.rates == (
            ReimbursementRate(participant_id=ADOPTER, public=400_00, costs=1_000_00),
            ReimbursementRate(participant_id=PROVIDER, public=400_00, costs=1_000_00),
        )

    @pytest.mark.parametrize(
        ("funding", "match"),
        [
            ([cell(T1, -1), cell(T2, 1, pocket=MEIE)], []),
            ([cell(T1, 1)], []),
            ([], [match_cell(T1, 1)]),
            ([], [match_cell(T1, 0, 1)]),
        ],
        ids=["another pocket", "more money", "more cash", "more in kind"],
    )
    def test_that_does_not_add_up_to_zero(
        self, funding: list[FundingCell], match: list[MatchCell]
    ) -> None:
        """Money stays in its pocket, and match stays match."""
        refused(BudgetMove(funding=tuple(funding), match=tuple(match)), "money-added-or-taken")

    def test_of_what_was_claimed(self) -> None:
        """Of 400 planned, 200 were claimed: 200 can still move, and no cent more."""
        given = [*IN_FORCE, *approved_claim(form())]
        assert accepted(given, proposing(BudgetMove(funding=(cell(T1, -200_00), cell(T3, 200_00)))))
        refused(
            BudgetMove(funding=(cell(T1, -200_01), cell(T3, 200_01))),
            "commitment-below-zero",
            given=given,
        )


class TestAReduction:
    def test_takes_money_and_lowers_the_rate(self) -> None:
        """400 to 1 200 is a quarter; what was contracted is less by 400."""
        change = Reduction(funding=(cell(T2, -400_00),))
        reduced = agreement_after(*IN_FORCE, *amending(change))
        assert reduced.balances()[ISED].contracted == Money(400_00)
        rate = reduced.rates[ADOPTER]
        assert (rate.public, rate.costs) == (400_00, 1_600_00)

    def test_that_adds(self) -> None:
        """A reduction adds to no pocket and takes something."""
        refused(Reduction(funding=(cell(T1, 1),)), "not-a-reduction")
        refused(Reduction(funding=(cell(T1, -2), cell(T1, 1, pocket=MEIE))), "not-a-reduction")
        refused(Reduction(funding=(), match=(match_cell(T1, -1),)), "not-a-reduction")

    def test_of_more_match_than_was_promised(self) -> None:
        """Contracted match is never negative."""
        refused(
            Reduction(funding=(cell(T1, -1),), match=(match_cell(T1, -1_200_01),)),
            "match-below-zero",
        )

    def test_that_ends_before_claimed_costs(self) -> None:
        """An agreement does not end before costs that were claimed."""
        given = [*IN_FORCE, claiming(form(period=T2))]
        funding = (cell(T1, -1),)
        early = Reduction(funding=funding, ends_on=date(2023, 9, 29))
        refused(early, "end-before-claims", given=given)
        assert accepted(given, proposing(Reduction(funding=funding, ends_on=date(2023, 9, 30))))


class TestAnIncrease:
    def test_adds_money_never_above_the_ceiling(self) -> None:
        """More public money without more match leaves the rate at the programme's ceiling."""
        increased = agreement_after(*IN_FORCE, *amending(Increase(funding=(cell(T3, 100_00),))))
        assert increased.balances()[ISED].contracted == Money(900_00)
        assert increased.committed_to(ADOPTER) == Money(900_00)
        rate = increased.rates[ADOPTER]
        assert (rate.public, rate.costs) == (4_000, 10_000)

    def test_that_takes(self) -> None:
        """An increase takes from no pocket."""
        refused(Increase(funding=(cell(T1, -1),)), "not-an-increase")


class TestAddingAParticipant:
    newcomer = party(NEWCOMER, STRANGER_ORG, "research")
    from_the_adopter = (cell(T2, -100_00), cell(T2, 100_00, participant=NEWCOMER))
    with_match = (match_cell(T2, 300_00, participant=NEWCOMER),)

    def test_with_money_of_another(self) -> None:
        """The newcomer has its own rate, its own cells and its own match, from that day on."""
        change = ParticipantAddition(
            party=self.newcomer, funding=self.from_the_adopter, match=self.with_match
        )
        grown = agreement_after(
            *IN_FORCE, proposing(change), signing_amendment(), approving_amendment()
        )
        assert grown.participants[NEWCOMER] == self.newcomer
        assert grown.committed[NEWCOMER] == {(T2, ISED): Money(100_00)}
        assert grown.contracted_match[NEWCOMER] == Match(Money(300_00))
        assert grown.rates[NEWCOMER] == ReimbursementRate(
            participant_id=NEWCOMER, public=100_00, costs=400_00
        )
        assert grown.joined_on == {NEWCOMER: TODAY}
        assert grown.balances()[ISED].contracted == Money(800_00)

    def test_with_new_money(self) -> None:
        """What no other participant gives is an increase, and reserved like one."""
        change = ParticipantAddition(
            party=self.newcomer, funding=(cell(T2, 100_00, participant=NEWCOMER),)
        )
        (proposed,) = accepted(IN_FORCE, proposing(change))
        assert proposed.funding == change.funding  # type: ignore[union-attr]

    def test_that_takes_part_or_left(self) -> None:
        """An organisation takes part once."""
        again = ParticipantAddition(party=party(NEWCOMER, PROVIDER_ORG, "other"))
        refused(again, "participant-already-there")
        leave = ParticipantWithdrawal(participant_id=PROVIDER)
        gone = amending(leave, amendment_id=derived_id("amendment", "leave"))
        refused(again, "participant-already-there", given=[*IN_FORCE, *gone])

    def test_that_gives_money_back(self) -> None:
        """Money goes to the newcomer, not back to a pocket."""
        change = ParticipantAddition(party=self.newcomer, funding=(cell(T2, -1),))
        refused(change, "addition-takes-money")


class TestWithdrawingAParticipant:
    given = (*IN_FORCE, *approved_claim(form()))
    """200 of 800 were claimed: 200 are left in T1 and 400 in T2, and 900 of match."""

    def test_releases_what_nobody_gets(self) -> None:
        """What the participant has not claimed is not contracted any more; its history stays."""
        leave = ParticipantWithdrawal(participant_id=ADOPTER)
        left = agreement_after(*self.given, *amending(leave))
        balance = left.balances()[ISED]
        assert (balance.contracted, balance.committed) == (Money(200_00), ZERO)
        assert (balance.payable, balance.held_back) == (Money(180_00), Money(20_00))
        assert left.withdrawn_on == {ADOPTER: TODAY}
        assert ADOPTER in left.participants
        assert left.contracted_match[ADOPTER] == Match(Money(300_00))
        assert left.match_left() == ()

    def test_gives_what_is_named_to_others(self) -> None:
        """Named others get their part, the pocket gets the rest."""
        leave = ParticipantWithdrawal(
            participant_id=ADOPTER,
            funding=(cell(T3, 500_00, participant=PROVIDER),),
            match=(match_cell(T3, 750_00, participant=PROVIDER),),
        )
        left = agreement_after(*self.given, *amending(leave))
        assert left.committed == {ADOPTER: {}, PROVIDER: {(T3, ISED): Money(500_00)}}
        assert left.balances()[ISED].contracted == Money(700_00)
        rate = left.rates[PROVIDER]
        assert (rate.public, rate.costs) == (500_00, 1_250_00)

    def test_gives_no_more_than_is_left(self) -> None:
        """Others get at most what was not claimed, per pocket and for match."""
        refused(
            ParticipantWithdrawal(
                participant_id=ADOPTER,
                funding=(
                    cell(T3, 600_01, participant=PROVIDER),
                    cell(T3, 1, pocket=MEIE, participant=PROVIDER),
                ),
                match=(match_cell(T3, 900_01, 1, participant=PROVIDER),),
            ),
            *["given-more-than-left"] * 4,
            given=self.given,
        )

    def test_gives_nothing_to_itself(self) -> None:
        """What it leaves goes to others."""
        leave = ParticipantWithdrawal(participant_id=ADOPTER, funding=(cell(T3, 1),))
        refused(leave, "given-to-leaver", given=self.given)

    def test_with_an_open_claim(self) -> None:
        """Its claims are decided or taken back first."""
        given = [*IN_FORCE, claiming(form())]
        leave = ParticipantWithdrawal(participant_id=ADOPTER)
        refused(leave, "claims-of-participant-open", given=given)

    def test_before_its_claimed_costs(self) -> None:
        """It cannot have left before costs that it was reimbursed for."""
        leave = ParticipantWithdrawal(participant_id=ADOPTER)
        early = proposing(leave, effective_on=date(2023, 6, 29))
        scenario(given=self.given, when=early, then="left-before-its-claims")
        assert accepted(self.given, proposing(leave, effective_on=date(2023, 6, 30)))

    def test_twice_or_the_last(self) -> None:
        """A withdrawal is final, and somebody stays."""
        gone = [*self.given, *amending(ParticipantWithdrawal(participant_id=ADOPTER))]
        again = derived_id("amendment", "again")
        for who, code in ((ADOPTER, "participant-has-left"), (PROVIDER, "last-participant")):
            leave = proposing(ParticipantWithdrawal(participant_id=who), amendment_id=again)
            scenario(given=gone, when=leave, then=code)

    def test_and_money_for_it_afterwards(self) -> None:
        """Who left gets nothing any more."""
        gone = [*self.given, *amending(ParticipantWithdrawal(participant_id=ADOPTER))]
        again = proposing(
            Increase(funding=(cell(T3, 1),)), amendment_id=derived_id("amendment", "again")
        )
        scenario(given=gone, when=again, then="money-for-leaver")


class TestAChangeOfScope:
    def test_changes_words(self) -> None:
        """The work is another; no amount and no day changes."""
        before = agreement_after(*IN_FORCE)
        change = ScopeChange(text_en="Other returns", text_fr="D’autres retours")
        after = agreement_after(*IN_FORCE, *amending(change))
        assert after.scope == ("Other returns", "D’autres retours")
        assert (after.committed, after.ends_on) == (before.committed, before.ends_on)


class TestAnyAmendment:
    def test_that_changes_nothing(self) -> None:
        """An amendment changes something."""
        refused(BudgetMove(), "amendment-changes-nothing")

    def test_before_execution(self) -> None:
        """A draft is not amended, and nothing is amended before it was in force."""
        extension = TimeExtension(ends_on=LATER)
        scenario(given=[drafting()], when=proposing(extension), then=AgreementNotInForce)
        early = proposing(extension, effective_on=date(2023, 4, 2))
        scenario(given=IN_FORCE, when=early, then="amendment-before-execution")

    def test_tomorrow(self) -> None:
        """An amendment counts from a day that has come."""
        late = proposing(TimeExtension(ends_on=LATER), effective_on=date(2024, 7, 1))
        scenario(given=IN_FORCE, when=late, then=DateInTheFuture)

    def test_of_somebody_else(self) -> None:
        """Money moves among the participants of the agreement."""
        nobody = derived_id("participant", "none")
        for change in (
            Increase(funding=(cell(T1, 1, participant=nobody),)),
            ParticipantWithdrawal(participant_id=nobody),
        ):
            scenario(given=IN_FORCE, when=proposing(change), then=AmendmentOfUnknownParticipant)

    def test_in_another_currency(self) -> None:
        """An agreement has one currency."""
        dollars = FundingCell(
            participant_id=ADOPTER, pocket=ISED, quarter=T1, amount=Money(1, "USD")
        )
        increase = proposing(Increase(funding=(dollars,)))
        scenario(given=IN_FORCE, when=increase, then=AmendmentInOtherCurrency)
