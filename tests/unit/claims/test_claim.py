from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.claims.domain.claim import (
    CertifierPreparedTheClaim,
    ClaimAlreadyCertified,
    ClaimOfAnotherParticipant,
    ClaimsNotOpen,
    ClaimUnknown,
    NotYourOrganisation,
    ParticipantUnknown,
    PeriodNotOver,
)
from services.claims.domain.commands import AgreementCommand, RedraftClaim, WithdrawClaim
from services.claims.domain.events import (
    ClaimCertified,
    ClaimDrafted,
    ClaimRedrafted,
    ClaimWithdrawn,
)
from services.claims.domain.values import (
    ClaimForm,
    ClaimFrequency,
    Documents,
    SalesTax,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from tests.unit.claims.scenario import (
    ADOPTER_ORG,
    CLAIM,
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
    approved_claim,
    certifying,
    claiming,
    drafting,
    executed,
    form,
    line,
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


def under(**terms: Any) -> tuple[AgreementCommand, ...]:
    """An agreement in force whose programme says more than usual."""
    return executed(terms=replace(TERMS, **terms))


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
        """A claim without a line declares that there were no costs; one with lines does not."""
        empty = replace(form(), lines=())
        scenario(given=IN_FORCE, when=claiming(empty), then="no-costs")
        scenario(
            given=IN_FORCE, when=claiming(replace(form(), nil=True)), then="nil-claim-has-costs"
        )
        nil = replace(empty, nil=True)
        assert accepted(IN_FORCE, claiming(nil))
        plan = replace(nil, forecast=form(forecast=[(T2, 800_00)]).forecast)
        assert accepted(IN_FORCE, claiming(plan))

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

    def test_paid_before_the_agreement_started(self) -> None:
        """What was paid before the first eligible day is not claimed; on that day it is."""
        early = form(line(paid_on=date(2023, 3, 31)))
        scenario(given=IN_FORCE, when=claiming(early), then="cost-paid-too-early")
        assert accepted(IN_FORCE, claiming(form(line(paid_on=date(2023, 4, 1)))))

    def test_without_their_document(self) -> None:
        """A document per line where the programme says so, and on request where it does not."""
        per_line = under(documents=Documents.PER_LINE)
        scenario(given=per_line, when=claiming(form()), then="document-missing")
        shown = replace(line(), document_sha256="0" * 64)
        assert accepted(per_line, claiming(form(shown)))
        assert accepted(IN_FORCE, claiming(form()))

    def test_paid_to_a_related_party(self) -> None:
        """What a related party was paid always shows its supplier and its document."""
        related = replace(line(), related_party=True)
        refused = "related-party-without-document"
        scenario(given=IN_FORCE, when=claiming(form(related)), then=refused)
        with_document = replace(related, document_sha256="0" * 64)
        scenario(given=IN_FORCE, when=claiming(form(with_document)), then=refused)
        shown = replace(with_document, supplier="Sister Inc.")
        assert accepted(IN_FORCE, claiming(form(shown)))

    def test_with_sales_tax(self) -> None:
        """A programme shows sales taxes apart, or takes none."""
        taxed = form(replace(line(), sales_tax=Money(74_88)))
        scenario(given=IN_FORCE, when=claiming(taxed), then="sales-tax-not-taken")
        shown_apart = under(sales_tax=SalesTax.SHOWN_APART)
        assert accepted(shown_apart, claiming(taxed))
        negative = form(replace(line(), sales_tax=Money(-1)))
        scenario(given=shown_apart, when=claiming(negative), then="amount-negative")


class TestTheMatchInKind:
    def test_is_at_most_its_share_of_the_match(self) -> None:
        """500 of cash at 40 % leave 300 of match in cash: 100 in kind are a quarter of 400."""
        given = under(in_kind_share_bp=2_500)
        assert accepted(given, claiming(form(line(500_00, in_kind=100_00))))
        scenario(
            given=given,
            when=claiming(form(line(500_00, in_kind=100_01))),
            then="in-kind-above-share",
        )

    def test_counts_what_was_reported_before(self) -> None:
        """What an earlier claim left room for, a later one may use."""
        given = [*under(in_kind_share_bp=2_500), *approved_claim(form())]
        later = form(line(0, in_kind=100_00, period=T2, paid_on=None), period=T2)
        assert accepted(given, claiming(later, claim_id=OTHER_CLAIM))
        more = form(line(0, in_kind=100_01, period=T2, paid_on=None), period=T2)
        scenario(given=given, when=claiming(more, claim_id=OTHER_CLAIM), then="in-kind-above-share")

    def test_has_no_limit_where_the_programme_names_none(self) -> None:
        """A programme without a share takes any match in kind."""
        assert accepted(IN_FORCE, claiming(form(line(0, in_kind=9_000_00, paid_on=None))))


class TestTheFinalClaim:
    FINAL = replace(form(period=T2), final=True)

    def test_is_about_the_last_period(self) -> None:
        """No later period is claimed when it is drafted, nor after it."""
        later = form(period=T3)
        scenario(
            given=[*IN_FORCE, claiming(later)],
            when=claiming(self.FINAL, claim_id=OTHER_CLAIM),
            then="final-claim-not-last",
        )
        scenario(
            given=[*IN_FORCE, claiming(self.FINAL)],
            when=claiming(later, claim_id=OTHER_CLAIM),
            then="later-than-final-claim",
        )
        assert accepted([*IN_FORCE, claiming(self.FINAL)], claiming(form(), claim_id=OTHER_CLAIM))

    def test_is_one(self) -> None:
        """A participant has one final claim; another participant has its own."""
        again = replace(form(), final=True)
        scenario(
            given=[*IN_FORCE, claiming(self.FINAL)],
            when=claiming(again, claim_id=OTHER_CLAIM),
            then="final-claim-not-last another-final-claim",
        )
        theirs = replace(self.FINAL, participant_id=PROVIDER)
        assert accepted(
            [*IN_FORCE, claiming(self.FINAL)],
            claiming(theirs, claim_id=OTHER_CLAIM, organisation_id=PROVIDER_ORG),
        )

    def test_once_certified_ends_all_claims(self) -> None:
        """No other claim of the participant follows, not even of an earlier period."""
        given = [*IN_FORCE, claiming(self.FINAL), certifying()]
        for what in (form(), form(period=T3)):
            scenario(
                given=given,
                when=claiming(what, claim_id=OTHER_CLAIM),
                then="final-claim-submitted",
            )

    def test_expects_nothing_after_it(self) -> None:
        """A final claim has no forecast."""
        what = replace(form(forecast=[(T2, 600_00)]), final=True)
        scenario(given=IN_FORCE, when=claiming(what), then="final-claim-forecasts")


class TestALateClaim:
    @pytest.mark.parametrize(("on", "days_late"), [(date(2023, 8, 14), 0), (date(2023, 8, 15), 1)])
    def test_is_accepted_and_says_so(self, on: date, days_late: int) -> None:
        """Certified more than 45 days after its period, it is late by the days beyond them."""
        given = [*under(claim_due_days=45), claiming(form(), on=on)]
        (certified,) = accepted(given, certifying(on=on))
        assert isinstance(certified, ClaimCertified)
        assert certified.days_late == days_late

    def test_is_never_late_where_nothing_is_due(self) -> None:
        """A programme without a due day has no late claims."""
        (certified,) = accepted([*IN_FORCE, claiming(form())], certifying())
        assert isinstance(certified, ClaimCertified)
        assert certified.days_late == 0


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
                    waiting_since=TODAY,
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

    @pytest.mark.parametrize(
        "command",
        [
            certifying(organisation_id=STRANGER_ORG),
            replace(redrafting(form()), by_organisation_id=STRANGER_ORG),
            replace(withdrawing(), by_organisation_id=STRANGER_ORG),
        ],
        ids=lambda command: type(command).__name__,
    )
    def test_others_are_not_told_how_far_it_has_got(self, command: AgreementCommand) -> None:
        """Another organisation gets the same answer before and after the certification."""
        scenario(given=[*IN_FORCE, claiming(form())], when=command, then=NotYourOrganisation)
        scenario(given=CERTIFIED, when=command, then=NotYourOrganisation)

    def test_what_does_not_exist(self) -> None:
        """There is nothing to certify before the draft."""
        scenario(given=IN_FORCE, when=certifying(), then=ClaimUnknown)
