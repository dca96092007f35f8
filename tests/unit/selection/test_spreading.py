"""Which pockets stand in for one that is short."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.selection.domain import programme
from services.selection.domain.pocket import Pocket
from services.selection.domain.programme import NoteTerms, PocketTerms, TermsNoted
from services.selection.domain.spreading import Room, Spread, spread
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, total_by_pocket
from tests.unit.selection.examples import ADOPTER, MARCH_1, PROVIDER, cell, scenario

PROVINCES = {ADOPTER: "QC", PROVIDER: "ON"}
FEDERAL = PocketTerms(code="FED")
QUEBEC = PocketTerms(code="QC", provinces=("QC",))
SPARE = PocketTerms(code="SPARE")


def holding(**dollars: int) -> dict[str, Pocket]:
    return {code: Pocket(authority=Money(amount * 100)) for code, amount in dollars.items()}


def over(
    funding: Sequence[FundingCell], pockets: Mapping[str, Pocket], *terms: PocketTerms
) -> tuple[FundingCell, ...] | None:
    return spread(funding, Room(pockets), Spread(terms=terms, provinces=PROVINCES))


class TestSpreading:
    asked = (cell(ADOPTER, "FED", "2024-T1", 60), cell(PROVIDER, "FED", "2024-T2", 40))

    def test_what_fits(self) -> None:
        """What the pockets can hold is granted as it was asked, to the cent."""
        assert over(self.asked, holding(FED=100, QC=100), FEDERAL, QUEBEC) == self.asked

    def test_what_is_missing(self) -> None:
        """A pocket gives what it has; the next that may fund the participant gives the rest."""
        assert over(
            (cell(ADOPTER, "FED", "2024-T1", 60),), holding(FED=45, QC=100), FEDERAL, QUEBEC
        ) == (cell(ADOPTER, "FED", "2024-T1", 45), cell(ADOPTER, "QC", "2024-T1", 15))

    def test_in_the_order_of_the_programme(self) -> None:
        """Several pockets stand in, in the programme's order."""
        found = over(
            (cell(ADOPTER, "FED", "2024-T1", 60),),
            holding(FED=10, QC=20, SPARE=100),
            SPARE,
            FEDERAL,
            QUEBEC,
        )
        assert found is not None
        assert total_by_pocket(found) == {"FED": Money(10_00), "SPARE": Money(50_00)}

    def test_across_a_border(self) -> None:
        """A pocket of a province does not stand in for a participant of another."""
        asked = (cell(PROVIDER, "FED", "2024-T2", 40),)
        assert over(asked, holding(FED=39, QC=100), FEDERAL, QUEBEC) is None
        assert over(asked, holding(FED=39, QC=100, SPARE=1), FEDERAL, QUEBEC, SPARE) is not None

    def test_beyond_a_share(self) -> None:
        """A pocket with a share gives no more than its share of what a participant is granted."""
        fifth = replace(QUEBEC, share_bp=2_000)
        asked = (cell(ADOPTER, "FED", "2024-T1", 80), cell(ADOPTER, "QC", "2024-T1", 10))
        found = over(asked, holding(FED=72, QC=100), FEDERAL, fifth)
        assert found is not None
        assert total_by_pocket(found) == {"FED": Money(72_00), "QC": Money(18_00)}
        assert over(asked, holding(FED=71, QC=100), FEDERAL, fifth) is None

    def test_without_terms(self) -> None:
        """Where the programme's terms are not known, each pocket stands for itself."""
        assert over(self.asked, holding(FED=99, QC=100)) is None

    def test_within_the_years(self) -> None:
        """What a funder allows for a year bounds what is taken of its pocket for that year."""
        capped = replace(holding(FED=100)["FED"], yearly={2024: Money(30_00)})
        asked = (cell(ADOPTER, "FED", "2024-T1", 40), cell(ADOPTER, "FED", "2025-T1", 40))
        found = over(asked, {"FED": capped, **holding(QC=10)}, FEDERAL, QUEBEC)
        assert found == (
            cell(ADOPTER, "FED", "2024-T1", 30),
            cell(ADOPTER, "FED", "2025-T1", 40),
            cell(ADOPTER, "QC", "2024-T1", 10),
        )

    def test_own_money_first(self) -> None:
        """No pocket stands in with money that is asked of it within the same request."""
        asked = (cell(ADOPTER, "FED", "2024-T1", 50), cell(ADOPTER, "QC", "2024-T2", 50))
        assert over(asked, holding(FED=40, QC=55), FEDERAL, QUEBEC) is None
        found = over(asked, holding(FED=40, QC=60), FEDERAL, QUEBEC)
        assert found is not None
        assert total_by_pocket(found) == {"FED": Money(40_00), "QC": Money(60_00)}


CODES = ("FED", "QC", "SPARE")
AMOUNTS = st.integers(0, 80).map(Money)
TERMS = st.permutations(
    [
        st.just(FEDERAL),
        st.sampled_from([QUEBEC, replace(QUEBEC, share_bp=2_500)]),
        st.just(replace(SPARE, share_bp=3_000)),
    ]
).flatmap(lambda each: st.tuples(*each))


@given(
    st.lists(
        st.builds(
            FundingCell,
            participant_id=st.sampled_from([ADOPTER, PROVIDER]),
            pocket=st.sampled_from(CODES),
            quarter=st.sampled_from([Quarter(2024, 1), Quarter(2025, 1)]),
            amount=AMOUNTS,
        ),
        max_size=6,
        unique_by=lambda each: (each.participant_id, each.pocket, each.quarter),
    ),
    st.tuples(AMOUNTS, AMOUNTS, AMOUNTS),
    TERMS,
)
def test_nothing_is_made_or_lost(
    asked: list[FundingCell],
    authorities: tuple[Money, Money, Money],
    terms: tuple[PocketTerms, ...],
) -> None:
    """
    Every participant gets in every quarter what it asked for, and no pocket gives what it has not.

    A pocket that was not asked funds only participants of its provinces.
    """
    pockets = {
        code: Pocket(authority=authority)
        for code, authority in zip(CODES, authorities, strict=True)
    }
    found = over(asked, pockets, *terms)
    if found is None:
        return
    for each in (ADOPTER, PROVIDER):
        for quarter in (Quarter(2024, 1), Quarter(2025, 1)):
            key = (each, quarter)
            assert total(c.amount for c in found if (c.participant_id, c.quarter) == key) == total(
                c.amount for c in asked if (c.participant_id, c.quarter) == key
            )
    for code, amount in total_by_pocket(found).items():
        assert ZERO < amount <= pockets[code].authority
    keys = {(each.participant_id, each.pocket, each.quarter) for each in asked}
    for each in found:
        if (each.participant_id, each.pocket, each.quarter) not in keys:
            [term] = [term for term in terms if term.code == each.pocket]
            assert term.takes(PROVINCES[each.participant_id])


class TestTerms:
    def test_are_noted_once(self) -> None:
        """A version of a programme is kept once, and each version by itself."""
        note = NoteTerms(programme_code="P", version=1, pockets=(FEDERAL, QUEBEC), on=MARCH_1)
        noted = TermsNoted(
            programme_code="P", version=1, pockets=(FEDERAL, QUEBEC), effective_on=MARCH_1
        )
        scenario(programme.DECIDER, given=[], when=note, then=[noted])
        scenario(programme.DECIDER, given=[noted], when=replace(note, pockets=()), then=[])
        second = replace(noted, version=2, pockets=(SPARE,))
        state = programme.DECIDER.fold([noted, second])
        assert (state.terms(1), state.terms(2), state.terms(3)) == (
            (FEDERAL, QUEBEC),
            (SPARE,),
            (),
        )
