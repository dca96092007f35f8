from dataclasses import replace
from datetime import date

from services.claims.domain.agreement import (
    AgreementUnknown,
    ExecutedAfterAwardLapsed,
    SignaturesMissing,
)
from services.claims.domain.claim import NotYourOrganisation, ParticipantUnknown
from services.claims.domain.commands import LapseAgreement, RecordProgrammeTerms
from services.claims.domain.events import (
    AgreementExecuted,
    AgreementLapsed,
    AgreementSigned,
    ProgrammeTermsRecorded,
)
from services.claims.domain.payment import DateInTheFuture
from services.claims.domain.programme import DECIDER as PROGRAMME
from services.claims.domain.standing import AgreementNoLongerADraft
from services.claims.domain.state import Standing
from services.claims.domain.values import ReimbursementRate
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from tests.unit.claims.scenario import (
    ADOPTER,
    ADOPTER_ORG,
    AWARD,
    EXECUTED_ON,
    EXECUTION,
    OFFICER,
    PROJECT,
    PROVIDER,
    SIGNATORY,
    SIGNATURES,
    STRANGER_ORG,
    T1,
    T2,
    TERMS,
    agreement_after,
    cell,
    drafting,
    executed,
    match_cell,
    scenario,
    signing,
)

LAPSE = LapseAgreement(reason="deadline", on=date(2023, 7, 1))


class TestDrafting:
    def test_freezes_the_terms_and_the_rate_of_every_participant(self) -> None:
        """Contracted shares become rates as two integers; nobody's is above the programme's."""
        agreement = agreement_after(drafting())
        assert agreement.terms == TERMS
        assert agreement.rates[ADOPTER] == ReimbursementRate(
            participant_id=ADOPTER, public=800_00, costs=2_000_00
        )
        assert agreement.rates[PROVIDER].public == 0

    def test_adds_up_what_is_contracted(self) -> None:
        """The award's cells are what is contracted and committed, per pocket."""
        agreement = agreement_after(drafting())
        (balance,) = agreement.balances().values()
        assert balance.contracted == balance.committed == Money(800_00)

    def test_happens_once_per_award(self) -> None:
        """Hearing of the award again changes nothing."""
        scenario(given=[drafting()], when=drafting(), then=[])


class TestSigning:
    def test_by_the_participant(self) -> None:
        """Somebody of the participant's organisation signs for it."""
        scenario(
            given=[drafting()],
            when=signing(ADOPTER, ADOPTER_ORG),
            then=[
                AgreementSigned(
                    effective_on=EXECUTED_ON,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    participant_id=ADOPTER,
                    signed_by=SIGNATORY,
                )
            ],
        )

    def test_by_another_organisation(self) -> None:
        """Nobody signs for another organisation."""
        scenario(given=[drafting()], when=signing(ADOPTER, STRANGER_ORG), then=NotYourOrganisation)

    def test_by_somebody_without_an_organisation(self) -> None:
        """Staff of the programme do not sign for participants."""
        scenario(given=[drafting()], when=signing(ADOPTER, None), then=NotYourOrganisation)

    def test_for_nobody(self) -> None:
        """Only participants sign."""
        scenario(
            given=[drafting()],
            when=signing(derived_id("participant", "none"), ADOPTER_ORG),
            then=ParticipantUnknown,
        )

    def test_twice(self) -> None:
        """A second signature of the same participant changes nothing."""
        scenario(given=[drafting(), *SIGNATURES], when=signing(ADOPTER, ADOPTER_ORG), then=[])

    def test_what_does_not_exist(self) -> None:
        """There is nothing to sign before the award."""
        scenario(given=[], when=signing(ADOPTER, ADOPTER_ORG), then=AgreementUnknown)

    def test_what_has_lapsed(self) -> None:
        """A lapsed draft takes no signature."""
        scenario(
            given=[drafting(), LAPSE],
            when=signing(ADOPTER, ADOPTER_ORG),
            then=AgreementNoLongerADraft,
        )


class TestExecuting:
    def test_what_everybody_signed(self) -> None:
        """Execution commits the whole schedule, per participant, pocket and quarter."""
        scenario(
            given=[drafting(), *SIGNATURES],
            when=EXECUTION,
            then=[
                AgreementExecuted(
                    effective_on=EXECUTED_ON,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    award_id=AWARD,
                    participants=drafting().participants,
                    starts_on=date(2023, 4, 1),
                    ends_on=date(2024, 6, 30),
                    funding=(cell(T1, 400_00), cell(T2, 400_00)),
                    match=(match_cell(T1, 600_00), match_cell(T2, 600_00)),
                    executed_by=OFFICER,
                )
            ],
        )

    def test_what_somebody_has_not_signed(self) -> None:
        """One missing signature is enough to refuse."""
        scenario(given=[drafting(), SIGNATURES[0]], when=EXECUTION, then=SignaturesMissing)

    def test_tomorrow(self) -> None:
        """An execution is recorded once it has happened."""
        scenario(
            given=[drafting(), *SIGNATURES],
            when=replace(EXECUTION, executed_on=date(2023, 4, 4)),
            then=DateInTheFuture,
        )

    def test_on_the_day_before_the_award_lapses(self) -> None:
        """The last day on which the reservation still stands is in time."""
        last = date(2023, 6, 29)
        agreement = agreement_after(
            drafting(), *SIGNATURES, replace(EXECUTION, executed_on=last, on=last)
        )
        assert agreement.standing is Standing.EXECUTED

    def test_once_the_award_has_lapsed(self) -> None:
        """The money returns to its pockets on the day of the lapse, also for earlier days."""
        lapses_on = date(2023, 6, 30)
        for executed_on in (lapses_on, EXECUTED_ON):
            scenario(
                given=[drafting(), *SIGNATURES],
                when=replace(EXECUTION, executed_on=executed_on, on=lapses_on),
                then=ExecutedAfterAwardLapsed,
            )

    def test_twice(self) -> None:
        """An agreement is executed once."""
        scenario(given=executed(), when=EXECUTION, then=AgreementNoLongerADraft)


class TestLapsing:
    def test_of_a_draft(self) -> None:
        """A draft whose award has lapsed is given up."""
        scenario(
            given=[drafting(), *SIGNATURES],
            when=LAPSE,
            then=[
                AgreementLapsed(
                    effective_on=date(2023, 7, 1),
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    reason="deadline",
                )
            ],
        )

    def test_forbids_execution(self) -> None:
        """A lapsed agreement cannot be executed."""
        scenario(
            given=[drafting(), *SIGNATURES, LAPSE], when=EXECUTION, then=AgreementNoLongerADraft
        )

    def test_of_nothing_in_force_or_lapsed_before(self) -> None:
        """An agreement in force stays, and hearing of the lapse again changes nothing."""
        scenario(given=executed(), when=LAPSE, then=[])
        scenario(given=[drafting(), LAPSE], when=LAPSE, then=[])
        scenario(given=[], when=LAPSE, then=[])


class TestProgrammeTerms:
    def test_are_kept_version_by_version(self) -> None:
        """A later version stands beside the earlier ones, and a version is kept once."""
        first = RecordProgrammeTerms(
            programme_code="IND-P1", terms=TERMS, effective_on=date(2022, 4, 1)
        )
        second = replace(first, terms=replace(TERMS, version=2, holdback_bp=0))
        recorded = [*PROGRAMME.decide(first, PROGRAMME.initial)]
        assert recorded == [
            ProgrammeTermsRecorded(
                effective_on=date(2022, 4, 1), programme_code="IND-P1", terms=TERMS
            )
        ]
        assert PROGRAMME.decide(first, PROGRAMME.fold(recorded)) == []
        recorded += PROGRAMME.decide(second, PROGRAMME.fold(recorded))
        versions = PROGRAMME.fold(recorded).versions
        assert [terms.holdback_bp for terms in versions.values()] == [1_000, 0]
