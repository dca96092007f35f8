from dataclasses import replace
from datetime import date

import pytest

from services.claims.domain.claim import (
    ApproverPreparedOrCertifiedTheClaim,
    CertifierPreparedTheClaim,
    ClaimAlreadyApproved,
    ClaimAlreadyCertified,
    ClaimNotCertified,
    ClaimOfAnotherParticipant,
    ClaimsNotOpen,
    ClaimUnknown,
    NotYourOrganisation,
    ParticipantUnknown,
    PeriodNotOver,
)
from services.claims.domain.commands import AgreementCommand, RedraftClaim, WithdrawClaim
from services.claims.domain.events import (
    ClaimApproved,
    ClaimCertified,
    ClaimDrafted,
    ClaimRedrafted,
    ClaimWithdrawn,
    ForecastRevised,
)
from services.claims.domain.values import AcceptedLine, ClaimForm, ClaimFrequency, PocketShare
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from tests.unit.claims.scenario import (
    ADOPTER,
    ADOPTER_ORG,
    APPROVER,
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
    STRANGER_ORG,
    T1,
    T2,
    T3,
    T4,
    TERMS,
    TODAY,
    accepted,
    agreement_after,
    approved_claim,
    approving,
    cell,
    certifying,
    claiming,
    drafting,
    executed,
    form,
    line,
    match_cell,
    scenario,
)

IN_FORCE = executed()
CERTIFIED = (*IN_FORCE, claiming(form()), certifying())


def redrafting(what: ClaimForm, *, by: str = PREPARER) -> RedraftClaim:
    return RedraftClaim(claim_id=CLAIM, form=what, by=by, by_organisation_id=ADOPTER_ORG, on=TODAY)


def withdrawing() -> WithdrawClaim:
    return WithdrawClaim(
        claim_id=CLAIM, reason="mistake", by=PREPARER, by_organisation_id=ADOPTER_ORG, on=TODAY
    )


def in_programme(frequency: ClaimFrequency) -> tuple[AgreementCommand, ...]:
    return executed(terms=replace(TERMS, claim_frequency=frequency))


def partly(
    cash: int, *, in_kind: int = 0, reason: str | None = "not eligible", which: int = 0
) -> AcceptedLine:
    return AcceptedLine(line=which, cash=Money(cash), in_kind=Money(in_kind), reason=reason)


class TestDrafting:
    def test_by_the_participant(self) -> None:
        """A draft keeps the form and who prepared it."""
        scenario(
            given=IN_FORCE,
            when=claiming(form()),
            then=[
                ClaimDrafted(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=CLAIM,
                    organisation_id=ADOPTER_ORG,
                    form=form(),
                    prepared_by=PREPARER,
                )
            ],
        )

    def test_before_execution(self) -> None:
        """Costs are claimed only once the agreement is executed."""
        scenario(given=[drafting()], when=claiming(form()), then=ClaimsNotOpen)

    def test_for_another_organisation(self) -> None:
        """Nobody claims for another organisation."""
        scenario(
            given=IN_FORCE,
            when=claiming(form(), organisation_id=STRANGER_ORG),
            then=NotYourOrganisation,
        )

    def test_for_nobody(self) -> None:
        """Only participants claim."""
        stranger = form(participant=derived_id("participant", "none"))
        scenario(given=IN_FORCE, when=claiming(stranger), then=ParticipantUnknown)

    def test_again(self) -> None:
        """The same claim is drafted once."""
        scenario(given=[*IN_FORCE, claiming(form())], when=claiming(form()), then=[])

    def test_says_everything_that_is_wrong_at_once(self) -> None:
        """Every rule is asked of a form, so a participant learns everything at once."""
        wrong = form(
            line(-1, category="champagne", incurred=(date(2023, 3, 1), date(2023, 5, 1))),
            ends_on=date(2023, 8, 1),
        )
        scenario(
            given=IN_FORCE,
            when=claiming(wrong),
            then="period-too-long category-unknown amount-negative cost-outside-period"
            " cost-not-eligible-yet-or-anymore",
        )


class TestThePeriod:
    def test_crossing_31_march(self) -> None:
        """Costs of March and of April are claimed separately."""
        starts_on, ends_on = date(2024, 3, 1), date(2024, 4, 30)
        across = form(line(incurred=(starts_on, ends_on)), starts_on=starts_on, ends_on=ends_on)
        scenario(
            given=in_programme(ClaimFrequency.SEMI_ANNUAL),
            when=claiming(across),
            then="period-crosses-fiscal-year",
        )

    @pytest.mark.parametrize(
        ("frequency", "starts_on", "ends_on"),
        [
            (ClaimFrequency.MONTHLY, date(2024, 2, 1), date(2024, 2, 29)),
            (ClaimFrequency.QUARTERLY, date(2024, 1, 1), date(2024, 3, 31)),
            (ClaimFrequency.QUARTERLY, date(2024, 2, 10), date(2024, 2, 20)),
            (ClaimFrequency.SEMI_ANNUAL, date(2023, 10, 1), date(2024, 3, 31)),
            (ClaimFrequency.SEMI_ANNUAL, date(2023, 4, 1), date(2023, 9, 30)),
        ],
    )
    def test_within_the_frequency(
        self, frequency: ClaimFrequency, starts_on: date, ends_on: date
    ) -> None:
        """A period of at most a month, fiscal quarter or half-year is in order."""
        what = form(line(incurred=(starts_on, ends_on)), starts_on=starts_on, ends_on=ends_on)
        (drafted,) = accepted(in_programme(frequency), claiming(what))
        assert isinstance(drafted, ClaimDrafted)
        assert drafted.form.quarter == Quarter.of(ends_on)

    @pytest.mark.parametrize(
        ("frequency", "starts_on", "ends_on"),
        [
            (ClaimFrequency.MONTHLY, date(2024, 2, 1), date(2024, 3, 1)),
            (ClaimFrequency.QUARTERLY, date(2023, 6, 30), date(2023, 7, 1)),
            (ClaimFrequency.SEMI_ANNUAL, date(2023, 9, 1), date(2023, 10, 1)),
        ],
    )
    def test_beyond_the_frequency(
        self, frequency: ClaimFrequency, starts_on: date, ends_on: date
    ) -> None:
        """A period that leaves its month, fiscal quarter or half-year is refused."""
        what = form(line(incurred=(starts_on, ends_on)), starts_on=starts_on, ends_on=ends_on)
        scenario(given=in_programme(frequency), when=claiming(what), then="period-too-long")

    def test_ending_before_it_starts(self) -> None:
        """A period ends on or after its first day."""
        what = form(line(0), starts_on=date(2023, 5, 2), ends_on=date(2023, 5, 1))
        scenario(
            given=IN_FORCE,
            when=claiming(what),
            then="period-ends-before-it-starts cost-outside-period",
        )

    def test_overlapping_another_claim_of_the_participant(self) -> None:
        """Periods of one participant never share a day."""
        overlapping = form(
            line(incurred=(T1.ends_on, T1.ends_on)), starts_on=T1.ends_on, ends_on=T1.ends_on
        )
        scenario(
            given=[*IN_FORCE, claiming(form())],
            when=claiming(overlapping, claim_id=OTHER_CLAIM),
            then="period-overlaps",
        )

    def test_beside_another_claim(self) -> None:
        """The next period, and the same period of another participant, are in order."""
        given = [*IN_FORCE, claiming(form())]
        assert accepted(given, claiming(form(period=T2), claim_id=OTHER_CLAIM))
        theirs = claiming(
            form(participant=PROVIDER), claim_id=OTHER_CLAIM, organisation_id=PROVIDER_ORG
        )
        assert accepted(given, theirs)

    def test_of_a_withdrawn_claim_is_free_again(self) -> None:
        """A withdrawn draft no longer stands in the way."""
        given = [*IN_FORCE, claiming(form()), withdrawing()]
        assert accepted(given, claiming(form(), claim_id=OTHER_CLAIM))


class TestTheLines:
    def test_none(self) -> None:
        """A claim without a line is refused."""
        empty = replace(form(), lines=())
        scenario(given=IN_FORCE, when=claiming(empty), then="no-costs")

    def test_negative(self) -> None:
        """No amount is negative, in cash or in kind."""
        scenario(given=IN_FORCE, when=claiming(form(line(-1))), then="amount-negative")
        scenario(given=IN_FORCE, when=claiming(form(line(1, in_kind=-1))), then="amount-negative")

    def test_in_another_currency(self) -> None:
        """An agreement has one currency."""
        dollars = replace(line(), cash=Money(1, "USD"), in_kind=Money(1, "USD"))
        scenario(
            given=IN_FORCE,
            when=claiming(form(dollars)),
            then="amount-in-other-currency amount-in-other-currency",
        )

    def test_of_an_unknown_category(self) -> None:
        """A cost belongs to a category that the programme names."""
        scenario(
            given=IN_FORCE, when=claiming(form(line(category="travel"))), then="category-unknown"
        )

    def test_of_any_category_where_the_programme_names_none(self) -> None:
        """A programme without categories of its own accepts any."""
        given = executed(terms=replace(TERMS, cost_categories=()))
        assert accepted(given, claiming(form(line(category="travel"))))

    def test_incurred_outside_the_period(self) -> None:
        """A cost counts in the period in which it was incurred, both ends included."""
        early = form(line(incurred=(date(2023, 6, 30), date(2023, 7, 2))), period=T2)
        scenario(given=IN_FORCE, when=claiming(early), then="cost-outside-period")
        late = form(line(incurred=(date(2023, 9, 30), date(2023, 10, 1))), period=T2)
        scenario(given=IN_FORCE, when=claiming(late), then="cost-outside-period")
        backwards = form(line(incurred=(date(2023, 9, 2), date(2023, 9, 1))), period=T2)
        scenario(given=IN_FORCE, when=claiming(backwards), then="cost-outside-period")

    def test_incurred_before_the_agreement_starts(self) -> None:
        """Costs are eligible from the first day of the agreement, not from the award."""
        before = Quarter(2023, 4)
        scenario(
            given=IN_FORCE,
            when=claiming(form(period=before)),
            then="cost-not-eligible-yet-or-anymore",
        )

    def test_incurred_after_the_agreement_ended(self) -> None:
        """Costs are eligible until the last day of the agreement."""
        after = Quarter(2025, 2)
        scenario(
            given=IN_FORCE,
            when=claiming(form(period=after), on=date(2024, 10, 1)),
            then="cost-not-eligible-yet-or-anymore",
        )

    def test_not_paid(self) -> None:
        """A cash cost is claimed once it is paid; a cost in kind never is."""
        unpaid = form(line(paid_on=None))
        scenario(given=IN_FORCE, when=claiming(unpaid), then="cost-not-paid")
        tomorrow = form(line(paid_on=date(2024, 7, 1)))
        scenario(given=IN_FORCE, when=claiming(tomorrow), then="cost-not-paid")
        assert accepted(IN_FORCE, claiming(form(line(0, in_kind=5, paid_on=None))))


class TestTheForecast:
    def test_adds_up_to_what_would_remain(self) -> None:
        """500 of costs at 40 % take 200 of 800: the forecast plans the other 600."""
        assert accepted(IN_FORCE, claiming(form(forecast=[(T2, 100_00), (T4, 500_00)])))

    def test_that_plans_more_or_less(self) -> None:
        """A forecast that does not add up is refused, saying the amount."""
        what = claiming(form(forecast=[(T2, 599_99)]))
        scenario(given=IN_FORCE, when=what, then="forecast-does-not-add-up")

    def test_of_the_quarter_of_the_claim(self) -> None:
        """A forecast is about later quarters only."""
        what = claiming(form(forecast=[(T1, 600_00)]))
        scenario(given=IN_FORCE, when=what, then="forecast-not-after-period")

    def test_that_names_a_quarter_twice(self) -> None:
        """A forecast names a quarter once."""
        what = claiming(form(forecast=[(T2, 300_00), (T2, 300_00)]))
        scenario(given=IN_FORCE, when=what, then="forecast-not-after-period")

    def test_negative(self) -> None:
        """A forecast is nil or more in every quarter."""
        what = claiming(form(forecast=[(T2, 700_00), (T3, -100_00)]))
        scenario(given=IN_FORCE, when=what, then="amount-negative")

    def test_is_checked_again_at_certification(self) -> None:
        """Another claim approved since the draft has changed what would remain."""
        later = form(period=T2, forecast=[(T3, 600_00)])
        given = [
            *IN_FORCE,
            claiming(later, claim_id=OTHER_CLAIM),
            *approved_claim(form()),
        ]
        scenario(given=given, when=certifying(OTHER_CLAIM), then="forecast-does-not-add-up")


class TestRedrafting:
    def test_replaces_the_form(self) -> None:
        """A draft is replaced whole; its own period does not stand in the way."""
        what = form(line(1_00))
        scenario(
            given=[*IN_FORCE, claiming(form())],
            when=redrafting(what),
            then=[
                ClaimRedrafted(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=CLAIM,
                    form=what,
                    prepared_by=PREPARER,
                )
            ],
        )

    def test_after_certification(self) -> None:
        """A certified claim no longer changes."""
        scenario(given=CERTIFIED, when=redrafting(form()), then=ClaimAlreadyCertified)

    def test_for_another_participant(self) -> None:
        """A draft stays with its participant."""
        scenario(
            given=[*IN_FORCE, claiming(form())],
            when=redrafting(form(participant=PROVIDER)),
            then=ClaimOfAnotherParticipant,
        )

    def test_asks_the_rules_again(self) -> None:
        """A redraft is held to the same rules as a draft."""
        scenario(
            given=[*IN_FORCE, claiming(form())],
            when=redrafting(form(line(-1))),
            then="amount-negative",
        )

    def test_bars_its_author_from_certifying(self) -> None:
        """Everybody who wrote the draft prepared it."""
        scenario(
            given=[*IN_FORCE, claiming(form()), redrafting(form(), by=SIGNATORY)],
            when=certifying(),
            then=CertifierPreparedTheClaim,
        )


class TestWithdrawing:
    def test_a_draft(self) -> None:
        """A draft can be taken back."""
        scenario(
            given=[*IN_FORCE, claiming(form())],
            when=withdrawing(),
            then=[
                ClaimWithdrawn(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=CLAIM,
                    reason="mistake",
                    withdrawn_by=PREPARER,
                )
            ],
        )

    def test_a_certified_claim(self) -> None:
        """What was submitted is decided, not withdrawn."""
        scenario(given=CERTIFIED, when=withdrawing(), then=ClaimAlreadyCertified)


class TestCertifying:
    def test_by_another_person_of_the_organisation(self) -> None:
        """A second person of the same organisation submits the claim."""
        scenario(
            given=[*IN_FORCE, claiming(form())],
            when=certifying(),
            then=[
                ClaimCertified(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    claim_id=CLAIM,
                    certified_by=SIGNATORY,
                )
            ],
        )

    def test_by_the_preparer(self) -> None:
        """Nobody certifies what they prepared."""
        scenario(
            given=[*IN_FORCE, claiming(form())],
            when=certifying(by=PREPARER),
            then=CertifierPreparedTheClaim,
        )

    def test_by_another_organisation(self) -> None:
        """The certifier belongs to the participant."""
        scenario(
            given=[*IN_FORCE, claiming(form())],
            when=certifying(organisation_id=STRANGER_ORG),
            then=NotYourOrganisation,
        )

    def test_before_the_period_is_over(self) -> None:
        """A period is certified once it is over; on its last day it is."""
        paid = line(paid_on=date(2023, 6, 1))
        given = [*IN_FORCE, claiming(form(paid), on=date(2023, 6, 1))]
        scenario(given=given, when=certifying(on=date(2023, 6, 29)), then=PeriodNotOver)
        assert accepted(given, certifying(on=date(2023, 6, 30)))

    def test_twice(self) -> None:
        """A claim is certified once."""
        scenario(given=CERTIFIED, when=certifying(by="third"), then=ClaimAlreadyCertified)

    def test_what_does_not_exist(self) -> None:
        """There is nothing to certify before the draft."""
        scenario(given=IN_FORCE, when=certifying(), then=ClaimUnknown)


class TestApproving:
    def test_the_whole_claim(self) -> None:
        """500 at 40 % is 200: 180 payable, 20 held back, 300 the participant's own."""
        scenario(
            given=CERTIFIED,
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
                    accepted=(partly(500_00, reason=None),),
                    reimbursable=Money(200_00),
                    drawn=(cell(T1, 200_00),),
                    payable=(PocketShare(pocket=ISED, amount=Money(180_00)),),
                    held_back=(PocketShare(pocket=ISED, amount=Money(20_00)),),
                    match_cash=Money(300_00),
                    match_in_kind=ZERO,
                    approved_by=APPROVER,
                )
            ],
        )

    @pytest.mark.parametrize("by", [PREPARER, SIGNATORY])
    def test_by_who_prepared_or_certified_it(self, by: str) -> None:
        """The approver neither prepared nor certified the claim."""
        scenario(given=CERTIFIED, when=approving(by=by), then=ApproverPreparedOrCertifiedTheClaim)

    def test_a_draft(self) -> None:
        """Only what is certified is approved."""
        scenario(given=[*IN_FORCE, claiming(form())], when=approving(), then=ClaimNotCertified)

    def test_twice(self) -> None:
        """A claim is decided once."""
        scenario(given=[*CERTIFIED, approving()], when=approving(), then=ClaimAlreadyApproved)

    def test_a_part_with_a_reason(self) -> None:
        """What is not accepted is neither reimbursed nor match."""
        given = [*IN_FORCE, claiming(form(line(500_00, in_kind=50_00), line(10_00))), certifying()]
        (approved,) = accepted(given, approving(CLAIM, partly(400_00, in_kind=40_00)))
        assert isinstance(approved, ClaimApproved)
        assert approved.reimbursable == Money(164_00)
        assert approved.match_cash == Money(246_00)
        assert approved.match_in_kind == Money(40_00)
        assert [each.cash for each in approved.accepted] == [Money(400_00), Money(10_00)]

    def test_nothing_of_it(self) -> None:
        """A claim of which nothing is accepted is decided, and nothing moves."""
        (approved,) = accepted(CERTIFIED, approving(CLAIM, partly(0)))
        assert isinstance(approved, ClaimApproved)
        assert approved.drawn == approved.payable == approved.held_back == ()
        assert approved.match_cash == ZERO

    @pytest.mark.parametrize("reason", [None, "", "  "])
    def test_a_part_without_a_reason(self, reason: str | None) -> None:
        """A reduction says why."""
        scenario(
            given=CERTIFIED,
            when=approving(CLAIM, partly(499_99, reason=reason)),
            then="reduction-needs-reason",
        )

    def test_more_than_was_claimed_or_less_than_nothing(self) -> None:
        """Between nothing and what was claimed is accepted of a line."""
        for cash in (500_01, -1):
            scenario(
                given=CERTIFIED,
                when=approving(CLAIM, partly(cash)),
                then="accepted-more-than-claimed",
            )

    def test_lines_that_are_not_there(self) -> None:
        """A decision names lines of the claim, each once."""
        scenario(
            given=CERTIFIED,
            when=approving(CLAIM, partly(1, which=1), partly(1), partly(2)),
            then="line-unknown line-unknown",
        )

    def test_never_more_than_is_committed_to_the_participant(self) -> None:
        """5 000 at 40 % would be 2 000; 800 remain, and the rest is the participant's own."""
        given = [*IN_FORCE, claiming(form(line(5_000_00))), certifying()]
        (approved,) = accepted(given, approving())
        assert isinstance(approved, ClaimApproved)
        assert approved.reimbursable == Money(2_000_00)
        assert approved.drawn == (cell(T1, 400_00), cell(T2, 400_00))
        assert approved.match_cash == Money(4_200_00)

    def test_of_a_participant_without_public_money(self) -> None:
        """Costs of a participant that asked for nothing are its match, whole."""
        theirs = claiming(form(participant=PROVIDER), organisation_id=PROVIDER_ORG)
        given = [*IN_FORCE, theirs, certifying(organisation_id=PROVIDER_ORG)]
        (approved,) = accepted(given, approving())
        assert isinstance(approved, ClaimApproved)
        assert approved.drawn == ()
        assert approved.match_cash == Money(500_00)

    def test_with_a_forecast_moves_what_remains(self) -> None:
        """What remains of the participant's commitment goes where its forecast says."""
        given = [
            *IN_FORCE,
            claiming(form(forecast=[(T2, 100_00), (T4, 500_00)])),
            certifying(),
        ]
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
        given = [*IN_FORCE, claiming(form(line(1_000_00), forecast=[(T2, 400_00)])), certifying()]
        (approved,) = accepted(given, approving())
        assert isinstance(approved, ClaimApproved)

    def test_with_a_forecast_and_a_reduction(self) -> None:
        """What a reduction leaves over is spread in the forecast's proportions."""
        given = [
            *IN_FORCE,
            claiming(form(forecast=[(T2, 150_00), (T4, 450_00)])),
            certifying(),
            approving(CLAIM, partly(0)),
        ]
        agreement = agreement_after(*given)
        assert agreement.committed[ADOPTER] == {
            (T2, ISED): Money(200_00),
            (T4, ISED): Money(600_00),
        }

    def test_draws_another_quarter_of_two_pockets(self) -> None:
        """A claim of a quarter that was not planned draws the oldest one, pocket by pocket."""
        given = [
            *executed(
                funding=[cell(T1, 300_00), cell(T1, 100_00, pocket=MEIE), cell(NEXT_T1, 1_00)],
                match=[match_cell(T1, 601_50)],
            ),
            claiming(form(line(100_01, period=T3), period=T3)),
            certifying(),
        ]
        (approved,) = accepted(given, approving())
        assert isinstance(approved, ClaimApproved)
        assert approved.reimbursable == Money(40_00)
        assert approved.drawn == (cell(T1, 30_00), cell(T1, 10_00, pocket=MEIE))
