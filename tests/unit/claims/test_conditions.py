from datetime import date
from uuid import UUID

import pytest

from services.claims.domain.commands import ConfirmCondition, SetCondition, WaiveCondition
from services.claims.domain.conditions import (
    ConditionAlreadySettled,
    ConditionCodeTaken,
    ConditionDayMissing,
    ConditionsUnmet,
    ConditionUnknown,
)
from services.claims.domain.events import ConditionMet, ConditionSet, ConditionWaived
from services.claims.domain.payment import DateInTheFuture
from services.claims.domain.standing import AgreementAlreadySigned, DecidedByRecipient
from services.claims.domain.values import ConditionDue
from shared.kernel.identifiers import derived_id
from tests.unit.claims.scenario import (
    ADOPTER_ORG,
    EXECUTED_ON,
    EXECUTION,
    OFFICER,
    PROJECT,
    SIGNATORY,
    SIGNATURES,
    TODAY,
    accepted,
    agreement_after,
    approved_claim,
    drafting,
    form,
    scenario,
    scheduling,
)

CONDITION = derived_id("condition", "one")
DRAFT = drafting()


def asking(
    due: ConditionDue = ConditionDue.BEFORE_EXECUTION,
    *,
    due_on: date | None = None,
    condition_id: UUID = CONDITION,
    code: str = "ip-plan",
) -> SetCondition:
    return SetCondition(
        condition_id=condition_id,
        code=code,
        text_en="An IP plan",
        text_fr="Un plan de PI",
        due=due,
        due_on=due_on,
        by=OFFICER,
        on=EXECUTED_ON,
    )


def confirming(
    by: str = OFFICER, organisation_id: UUID | None = None, met_on: date = EXECUTED_ON
) -> ConfirmCondition:
    return ConfirmCondition(
        condition_id=CONDITION,
        met_on=met_on,
        document_sha256="0" * 64,
        by=by,
        by_organisation_id=organisation_id,
        on=EXECUTED_ON,
    )


def waiving(by: str = OFFICER) -> WaiveCondition:
    return WaiveCondition(
        condition_id=CONDITION,
        reason="not needed",
        by=by,
        by_organisation_id=None,
        on=EXECUTED_ON,
    )


class TestSettingACondition:
    def test_on_a_draft(self) -> None:
        """A condition has its code, its text in both languages, and by when it is met."""
        scenario(
            given=[DRAFT],
            when=asking(),
            then=[
                ConditionSet(
                    effective_on=EXECUTED_ON,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    condition_id=CONDITION,
                    code="ip-plan",
                    text_en="An IP plan",
                    text_fr="Un plan de PI",
                    due=ConditionDue.BEFORE_EXECUTION,
                    due_on=None,
                    set_by=OFFICER,
                )
            ],
        )
        scenario(given=[DRAFT, asking()], when=asking(), then=[])

    def test_under_a_signature(self) -> None:
        """What somebody signed gets no new condition."""
        scenario(given=[DRAFT, SIGNATURES[0]], when=asking(), then=AgreementAlreadySigned)

    @pytest.mark.parametrize(
        ("due", "due_on"),
        [(ConditionDue.ON_DATE, None), (ConditionDue.BEFORE_EXECUTION, TODAY)],
    )
    def test_with_a_day_too_few_or_too_many(self, due: ConditionDue, due_on: date | None) -> None:
        """A day is named where it is due on a day, and nowhere else."""
        scenario(given=[DRAFT], when=asking(due, due_on=due_on), then=ConditionDayMissing)
        assert accepted([DRAFT], asking(ConditionDue.ON_DATE, due_on=TODAY))

    def test_with_a_code_that_is_taken(self) -> None:
        """Codes tell conditions apart."""
        other = asking(condition_id=derived_id("condition", "other"))
        scenario(given=[DRAFT, asking()], when=other, then=ConditionCodeTaken)


class TestMeetingACondition:
    def test_before_the_execution(self) -> None:
        """An agreement with an open condition is not executed; met or waived, it is."""
        given = [DRAFT, asking(), *SIGNATURES]
        scenario(given=given, when=EXECUTION, then=ConditionsUnmet)
        (met,) = accepted(given, confirming())
        assert isinstance(met, ConditionMet)
        (waived,) = accepted(given, waiving())
        assert isinstance(waived, ConditionWaived)
        for settled in (confirming(), waiving()):
            assert accepted([*given, settled], EXECUTION)

    def test_before_the_first_payment(self) -> None:
        """It does not hold the execution, and blocks payments until it is met."""
        given = [DRAFT, asking(ConditionDue.BEFORE_FIRST_PAYMENT), *SIGNATURES, EXECUTION]
        (blocking,) = agreement_after(*given).conditions_blocking_payment()
        assert blocking.code == "ip-plan"
        assert agreement_after(*given, confirming()).conditions_blocking_payment() == []

    def test_holds_payments_until_then(self) -> None:
        """Nothing is put in a payment run before it is met or waived."""
        due = asking(ConditionDue.BEFORE_FIRST_PAYMENT)
        given = [DRAFT, due, *SIGNATURES, EXECUTION, *approved_claim(form())]
        scenario(given=given, when=scheduling(), then="condition-holds-payment")
        for settled in (confirming(), waiving()):
            assert accepted([*given, settled], scheduling())

    def test_on_a_day(self) -> None:
        """A condition with a day blocks neither."""
        given = [DRAFT, asking(ConditionDue.ON_DATE, due_on=TODAY), *SIGNATURES, EXECUTION]
        assert agreement_after(*given).conditions_blocking_payment() == []

    def test_is_confirmed_by_somebody_who_receives_nothing(self) -> None:
        """Nobody who acts for a participant confirms or waives."""
        given = [DRAFT, asking(), *SIGNATURES]
        for command in (
            confirming(SIGNATORY),
            confirming(organisation_id=ADOPTER_ORG),
            waiving(SIGNATORY),
        ):
            scenario(given=given, when=command, then=DecidedByRecipient)

    def test_once_and_not_tomorrow(self) -> None:
        """It is settled once, on a day that has come, and only if it is there."""
        given = [DRAFT, asking()]
        for settled in (confirming(), waiving()):
            for again in (confirming(), waiving()):
                scenario(given=[*given, settled], when=again, then=ConditionAlreadySettled)
        scenario(given=given, when=confirming(met_on=date(2023, 4, 4)), then=DateInTheFuture)
        scenario(given=[DRAFT], when=confirming(), then=ConditionUnknown)
