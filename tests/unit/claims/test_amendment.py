from collections.abc import Iterable
from datetime import date

import pytest

from services.claims.domain.amendment import (
    AgreementNotInForce,
    AmendmentInOtherCurrency,
    AmendmentKindUnknown,
    AmendmentOfUnknownParticipant,
)
from services.claims.domain.commands import AmendAgreement
from services.claims.domain.events import AgreementAmended
from services.claims.domain.payment import DateInTheFuture
from services.claims.domain.values import ReimbursementRate
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from shared.kernel.schedule import FundingCell, MatchCell
from tests.unit.claims.scenario import (
    ADOPTER,
    ISED,
    MEIE,
    OFFICER,
    PROJECT,
    PROVIDER,
    T1,
    T2,
    T3,
    TODAY,
    accepted,
    agreement_after,
    approved_claim,
    cell,
    claiming,
    drafting,
    executed,
    form,
    match_cell,
    scenario,
)

IN_FORCE = executed()
AMENDMENT = derived_id("amendment", "one")
LATER = date(2024, 9, 30)
END = date(2024, 6, 30)


def amending(
    kind: str,
    funding: Iterable[FundingCell] = (),
    match: Iterable[MatchCell] = (),
    *,
    ends_on: date | None = None,
    effective_on: date = TODAY,
) -> AmendAgreement:
    return AmendAgreement(
        amendment_id=AMENDMENT,
        kind=kind,
        ends_on=ends_on,
        funding=tuple(funding),
        match=tuple(match),
        effective_on=effective_on,
        by=OFFICER,
        on=TODAY,
    )


class TestATimeExtension:
    def test_moves_the_end(self) -> None:
        """A time extension ends later, and costs until then are eligible."""
        scenario(
            given=IN_FORCE,
            when=amending("time-extension", ends_on=LATER),
            then=[
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
                    amended_by=OFFICER,
                )
            ],
        )
        extended = agreement_after(*IN_FORCE, amending("time-extension", ends_on=LATER))
        assert extended.ends_on == LATER

    @pytest.mark.parametrize("ends_on", [None, END, date(2024, 6, 29)])
    def test_to_the_same_or_an_earlier_end(self, ends_on: date | None) -> None:
        """A time extension that extends nothing is refused."""
        moving = [cell(T1, -1), cell(T2, 1)]
        scenario(
            given=IN_FORCE,
            when=amending("time-extension", moving, ends_on=ends_on),
            then="end-not-later",
        )

    def test_that_adds_money(self) -> None:
        """A time extension adds and takes nothing."""
        scenario(
            given=IN_FORCE,
            when=amending("time-extension", [cell(T3, 1)], ends_on=LATER),
            then="money-added-or-taken",
        )


class TestAReprofile:
    def test_moves_money_between_quarters(self) -> None:
        """Money moves, and the rates stay what they were."""
        moved = agreement_after(*IN_FORCE, amending("reprofile", [cell(T1, -1_00), cell(T3, 1_00)]))
        assert moved.committed[ADOPTER] == {
            (T1, ISED): Money(399_00),
            (T2, ISED): Money(400_00),
            (T3, ISED): Money(1_00),
        }
        assert moved.rates == agreement_after(*IN_FORCE).rates

    def test_moves_money_between_participants(self) -> None:
        """Who gets less is reimbursed at less, who gets more at more, under the same ceiling."""
        moving = [cell(T1, -400_00), cell(T1, 400_00, participant=PROVIDER)]
        matching = [match_cell(T1, -600_00), match_cell(T1, 600_00, participant=PROVIDER)]
        (amended,) = accepted(IN_FORCE, amending("reprofile", moving, matching))
        assert isinstance(amended, AgreementAmended)
        assert amended.rates == (
            ReimbursementRate(participant_id=ADOPTER, public=400_00, costs=1_000_00),
            ReimbursementRate(participant_id=PROVIDER, public=400_00, costs=1_000_00),
        )

    def test_that_does_not_add_up_to_zero(self) -> None:
        """Money stays in its pocket, and match stays match."""
        for funding, match in (
            ([cell(T1, -1), cell(T2, 1, pocket=MEIE)], []),
            ([cell(T1, 1)], []),
            ([], [match_cell(T1, 1)]),
            ([], [match_cell(T1, 0, 1)]),
        ):
            scenario(
                given=IN_FORCE,
                when=amending("reprofile", funding, match),
                then="money-added-or-taken",
            )

    def test_that_moves_the_end(self) -> None:
        """A reprofile leaves the end where it is."""
        scenario(
            given=IN_FORCE,
            when=amending("reprofile", [cell(T1, -1), cell(T2, 1)], ends_on=LATER),
            then="end-moved",
        )

    def test_that_takes_what_was_claimed(self) -> None:
        """Of 400 planned, 200 were claimed: 200 can still move, and no cent more."""
        given = [*IN_FORCE, *approved_claim(form())]
        assert accepted(given, amending("reprofile", [cell(T1, -200_00), cell(T3, 200_00)]))
        scenario(
            given=given,
            when=amending("reprofile", [cell(T1, -200_01), cell(T3, 200_01)]),
            then="commitment-below-zero",
        )


class TestAReduction:
    def test_takes_money_and_lowers_the_rate(self) -> None:
        """400 to 1 200 is a quarter; what was contracted is less by 400."""
        reduced = agreement_after(*IN_FORCE, amending("reduction", [cell(T2, -400_00)]))
        assert reduced.balances()[ISED].contracted == Money(400_00)
        rate = reduced.rates[ADOPTER]
        assert (rate.public, rate.costs) == (400_00, 1_600_00)

    def test_that_adds(self) -> None:
        """A reduction adds to no pocket and takes something."""
        for funding in ([cell(T1, 1)], [cell(T1, -2), cell(T1, 1, pocket=MEIE)]):
            scenario(given=IN_FORCE, when=amending("reduction", funding), then="not-a-reduction")
        scenario(
            given=IN_FORCE,
            when=amending("reduction", match=[match_cell(T1, -1)]),
            then="not-a-reduction",
        )

    def test_of_more_match_than_was_promised(self) -> None:
        """Contracted match is never negative."""
        scenario(
            given=IN_FORCE,
            when=amending("reduction", [cell(T1, -1)], [match_cell(T1, -1_200_01)]),
            then="match-below-zero",
        )


class TestAnIncrease:
    def test_adds_money_never_above_the_ceiling(self) -> None:
        """More public money without more match leaves the rate at the programme's ceiling."""
        increased = agreement_after(*IN_FORCE, amending("increase", [cell(T3, 100_00)]))
        assert increased.balances()[ISED].contracted == Money(900_00)
        assert increased.committed_to(ADOPTER) == Money(900_00)
        rate = increased.rates[ADOPTER]
        assert (rate.public, rate.costs) == (4_000, 10_000)

    def test_that_takes(self) -> None:
        """An increase takes from no pocket."""
        scenario(given=IN_FORCE, when=amending("increase", [cell(T1, -1)]), then="not-an-increase")


class TestAnyAmendment:
    def test_of_an_unknown_kind(self) -> None:
        """Kinds are known."""
        scenario(given=IN_FORCE, when=amending("rescope"), then=AmendmentKindUnknown)

    def test_that_changes_nothing(self) -> None:
        """An amendment changes something."""
        scenario(given=IN_FORCE, when=amending("reprofile"), then="amendment-changes-nothing")

    def test_before_execution(self) -> None:
        """A draft is not amended, and nothing is amended before it was in force."""
        extension = amending("time-extension", ends_on=LATER)
        scenario(given=[drafting()], when=extension, then=AgreementNotInForce)
        early = amending("time-extension", ends_on=LATER, effective_on=date(2023, 4, 2))
        scenario(given=IN_FORCE, when=early, then="amendment-before-execution")

    def test_tomorrow(self) -> None:
        """An amendment is recorded once it has happened."""
        late = amending("time-extension", ends_on=LATER, effective_on=date(2024, 7, 1))
        scenario(given=IN_FORCE, when=late, then=DateInTheFuture)

    def test_of_somebody_else(self) -> None:
        """Money moves among the participants of the agreement."""
        nobody = derived_id("participant", "none")
        scenario(
            given=IN_FORCE,
            when=amending("increase", [cell(T1, 1, participant=nobody)]),
            then=AmendmentOfUnknownParticipant,
        )

    def test_in_another_currency(self) -> None:
        """An agreement has one currency."""
        dollars = FundingCell(
            participant_id=ADOPTER, pocket=ISED, quarter=T1, amount=Money(1, "USD")
        )
        scenario(
            given=IN_FORCE, when=amending("increase", [dollars]), then=AmendmentInOtherCurrency
        )

    def test_that_ends_before_claimed_costs(self) -> None:
        """An agreement does not end before costs that were claimed."""
        given = [*IN_FORCE, claiming(form(period=T2))]
        reduction = [cell(T1, -1)]
        scenario(
            given=given,
            when=amending("reduction", reduction, ends_on=date(2023, 9, 29)),
            then="end-before-claims",
        )
        assert accepted(given, amending("reduction", reduction, ends_on=date(2023, 9, 30)))

    def test_twice(self) -> None:
        """The same amendment again changes nothing."""
        extension = amending("time-extension", ends_on=LATER)
        scenario(given=[*IN_FORCE, extension], when=extension, then=[])
