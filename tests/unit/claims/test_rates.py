from services.claims.domain.commands import OverrideRates, TerminateAgreement
from services.claims.domain.events import ClaimApproved, RatesOverridden
from services.claims.domain.rates import RatesFixed
from services.claims.domain.values import RateOverride
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from tests.unit.claims.scenario import (
    ADOPTER,
    OFFICER,
    PROJECT,
    PROVIDER,
    T1,
    T2,
    TODAY,
    accepted,
    approving,
    assessed_claim,
    drafting,
    executed,
    form,
    line,
    scenario,
)

IN_FORCE = executed()
EQUIPMENT = RateOverride(participant_id=ADOPTER, rate_bp=2_000, category="equipment")
FIRST_QUARTER = RateOverride(participant_id=ADOPTER, rate_bp=1_000, quarter=T1)


def overriding(*overrides: RateOverride) -> OverrideRates:
    return OverrideRates(overrides=overrides, reason="agreed", by=OFFICER, on=TODAY)


class TestOverridingRates:
    def test_is_agreed_on_a_draft_or_in_force(self) -> None:
        """The rates that are agreed are said whole; saying the same again says nothing."""
        agreed = RatesOverridden(
            effective_on=TODAY,
            project_id=PROJECT,
            programme_code="IND-P1",
            overrides=(EQUIPMENT,),
            reason="agreed",
            overridden_by=OFFICER,
        )
        scenario(given=[drafting()], when=overriding(EQUIPMENT), then=[agreed])
        scenario(given=IN_FORCE, when=overriding(EQUIPMENT), then=[agreed])
        given = [*IN_FORCE, overriding(EQUIPMENT)]
        scenario(given=given, when=overriding(EQUIPMENT), then=[])
        assert accepted(given, overriding())

    def test_after_the_end(self) -> None:
        """An agreement that ended keeps its rates."""
        end = TerminateAgreement(terminated_on=TODAY, reason="end", by=OFFICER, on=TODAY)
        scenario(given=[*IN_FORCE, end], when=overriding(EQUIPMENT), then=RatesFixed)

    def test_by_category_and_by_quarter(self) -> None:
        """With both kinds in one agreement nobody could say which applies."""
        theirs = RateOverride(participant_id=PROVIDER, rate_bp=1, quarter=T2)
        scenario(given=IN_FORCE, when=overriding(EQUIPMENT, theirs), then="rates-of-both-kinds")

    def test_that_makes_no_sense(self) -> None:
        """Everything that is wrong with the rates is said at once."""
        unknown = RateOverride(participant_id=derived_id("nobody"), rate_bp=1, quarter=T1)
        neither = RateOverride(participant_id=ADOPTER, rate_bp=4_001)
        champagne = RateOverride(participant_id=ADOPTER, rate_bp=-1, category="champagne")
        scenario(
            given=IN_FORCE,
            when=overriding(unknown, neither, champagne, champagne),
            then="rate-of-unknown-participant rate-out-of-bounds rate-for-nothing-or-both"
            " rate-out-of-bounds category-unknown rate-out-of-bounds category-unknown"
            " rate-given-twice rates-of-both-kinds",
        )


class TestAnOverride:
    def test_of_a_category_leaves_the_others_at_the_contracted_rate(self) -> None:
        """100 of labour at 40 % and 100 of equipment at 20 % are 60."""
        given = [
            *IN_FORCE,
            overriding(EQUIPMENT),
            *assessed_claim(form(line(100_00), line(100_00, category="equipment"))),
        ]
        (approved,) = accepted(given, approving())
        assert isinstance(approved, ClaimApproved)
        assert approved.reimbursable == Money(60_00)

    def test_of_a_quarter_is_for_its_claims_only(self) -> None:
        """A claim of T1 is at 10 %, one of T2 at the contracted 40 %."""
        for quarter, worth in ((T1, 10_00), (T2, 40_00)):
            given = [
                *IN_FORCE,
                overriding(FIRST_QUARTER),
                *assessed_claim(form(line(100_00, period=quarter), period=quarter)),
            ]
            (approved,) = accepted(given, approving())
            assert isinstance(approved, ClaimApproved)
            assert approved.reimbursable == Money(worth)
