"""
Conditions of an agreement: what must come true before it is executed, paid, or by a day.

They are part of what is signed, so that they are set before the first signature. Whoever receives
money under the agreement confirms none of them.
"""

from datetime import date
from typing import Literal
from uuid import UUID

from services.claims.domain.commands import ConfirmCondition, SetCondition, WaiveCondition
from services.claims.domain.events import (
    AgreementEvent,
    ConditionMet,
    ConditionSet,
    ConditionWaived,
)
from services.claims.domain.life import OpenCondition, SettledCondition
from services.claims.domain.payment import must_not_be_in_the_future
from services.claims.domain.standing import must_be_unsigned, must_not_be_a_recipient
from services.claims.domain.state import Agreement
from services.claims.domain.values import ConditionDue
from shared.kernel.frozen import replace
from shared.kernel.refusals import Invalid, NotFound, RuleBroken


class ConditionUnknown(NotFound):
    """The agreement has no such condition."""

    en = "The agreement has no such condition."
    fr = "L’entente ne compte pas cette condition."


class ConditionCodeTaken(RuleBroken):
    """The conditions of an agreement have different codes."""

    en = "The agreement has another condition {condition}."
    fr = "L’entente a une autre condition {condition}."


class ConditionDayMissing(Invalid):
    """A condition due on a day names the day, and no other condition does."""

    en = "A condition that is due on a day names it; another names none."
    fr = "Une condition à échéance fixe indique sa date; une autre n’en indique pas."


class ConditionAlreadySettled(RuleBroken):
    """A condition is met or waived once."""

    en = "The condition was already settled: it is {outcome}."
    fr = "La condition est déjà réglée : elle est à l’état « {outcome} »."


class ConditionsUnmet(RuleBroken):
    """An agreement is executed once what must come before is met or waived."""

    en = "Conditions to be met before the execution are open: {conditions}."
    fr = "Des conditions à remplir avant la signature sont ouvertes : {conditions}."


def set_condition(command: SetCondition, agreement: Agreement) -> list[AgreementEvent]:
    """Ask for something, on a draft that nobody signed yet."""
    if command.condition_id in agreement.conditions:
        return []
    must_be_unsigned(agreement)
    if (command.due is ConditionDue.ON_DATE) != (command.due_on is not None):
        raise ConditionDayMissing(field="due_on")
    if any(each.code == command.code for each in agreement.conditions.values()):
        raise ConditionCodeTaken(field="code", condition=command.code)
    return [
        ConditionSet(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            condition_id=command.condition_id,
            code=command.code,
            text_en=command.text_en,
            text_fr=command.text_fr,
            due=command.due,
            due_on=command.due_on,
            set_by=command.by,
        )
    ]


def confirm(command: ConfirmCondition, agreement: Agreement) -> list[AgreementEvent]:
    """Confirm that a condition is met, by somebody who acts for no participant."""
    _open(agreement, command.condition_id)
    must_not_be_a_recipient(agreement, command.by, command.by_organisation_id)
    must_not_be_in_the_future(command.met_on, command.on, field="met_on")
    return [
        ConditionMet(
            effective_on=command.met_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            condition_id=command.condition_id,
            document_sha256=command.document_sha256,
            confirmed_by=command.by,
        )
    ]


def waive(command: WaiveCondition, agreement: Agreement) -> list[AgreementEvent]:
    """Ask for a condition no longer, with the reason."""
    _open(agreement, command.condition_id)
    must_not_be_a_recipient(agreement, command.by, command.by_organisation_id)
    return [
        ConditionWaived(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            condition_id=command.condition_id,
            reason=command.reason,
            waived_by=command.by,
        )
    ]


def must_be_met_before_execution(agreement: Agreement) -> None:
    """Refuse an execution that comes too early."""
    unmet = agreement.open_conditions(ConditionDue.BEFORE_EXECUTION)
    if unmet:
        codes = [each.code for each in unmet]
        raise ConditionsUnmet(accepted=codes, conditions=codes)


def _open(agreement: Agreement, condition_id: UUID) -> OpenCondition:
    condition = agreement.conditions.get(condition_id)
    if condition is None:
        raise ConditionUnknown
    if isinstance(condition, SettledCondition):
        raise ConditionAlreadySettled(outcome=condition.outcome)
    return condition


def after_condition(agreement: Agreement, event: ConditionSet) -> Agreement:
    """One more is asked."""
    condition = OpenCondition(
        condition_id=event.condition_id,
        code=event.code,
        text_en=event.text_en,
        text_fr=event.text_fr,
        due=event.due,
        due_on=event.due_on,
    )
    return _with(agreement, condition)


def after_met(agreement: Agreement, event: ConditionMet) -> Agreement:
    """It is met."""
    return _settled(agreement, event.condition_id, "met", event.effective_on, event.confirmed_by)


def after_waived(agreement: Agreement, event: ConditionWaived) -> Agreement:
    """It is asked no longer."""
    return _settled(agreement, event.condition_id, "waived", event.effective_on, event.waived_by)


def _settled(
    agreement: Agreement, condition_id: UUID, outcome: Literal["met", "waived"], on: date, by: str
) -> Agreement:
    before = agreement.conditions[condition_id]
    return _with(
        agreement,
        SettledCondition(
            condition_id=condition_id,
            code=before.code,
            text_en=before.text_en,
            text_fr=before.text_fr,
            due=before.due,
            due_on=before.due_on,
            outcome=outcome,
            settled_on=on,
            settled_by=by,
        ),
    )


def _with(agreement: Agreement, condition: OpenCondition | SettledCondition) -> Agreement:
    conditions = {**agreement.conditions, condition.condition_id: condition}
    return replace(agreement, conditions=conditions)
