"""
What a committee asks before an award may stand: conditions, each with a day and who confirms it.

A condition is met when someone in the role it names says so, by its day at the latest. The award
lapses on the day after one that is not met, unless its agreement was executed by then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.kernel.refusals import NotAllowed, NotFound, Reason, RuleBroken

CONFIRMING_ROLES = (
    "agreement-officer",
    "committee-secretary",
    "finance-officer",
    "intake-officer",
    "programme-manager",
)
"""Who may be named to confirm a condition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One thing that must be met."""

    condition_id: UUID
    text_en: str
    text_fr: str
    due_on: date
    """The last day on which it can be met."""
    confirmed_by: str
    """The role of whoever says that it is met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmCondition:
    """Say that a condition is met."""

    condition_id: UUID
    met_on: date
    """When it was met; today or before."""
    on: date
    by: str
    by_roles: tuple[str, ...]


class ConditionConfirmedByAnother(NotAllowed):
    """A condition is confirmed in the role that the committee named."""

    en = "This condition is confirmed by someone who acts as {role}."
    fr = "Cette condition est confirmée par une personne qui agit comme {role}."


class ConditionMetBeforehand(RuleBroken):
    """A condition was confirmed before."""

    en = "This condition was met on {met_on}."
    fr = "Cette condition a été remplie le {met_on}."


class ConditionPastItsDay(RuleBroken):
    """A condition cannot be met after its last day, nor on a day to come."""

    en = "This condition was to be met by {due_on}, and is confirmed on {on} as met on {met_on}."
    fr = (
        "Cette condition devait être remplie au plus tard le {due_on} ;"
        " elle est confirmée le {on} comme remplie le {met_on}."
    )


def against_the_conditions(
    conditions: Sequence[Condition], *, lapses_on: date, decided_on: date
) -> Iterable[Reason]:
    """What is wrong with the conditions of a new award; each with its place."""
    for index, each in enumerate(conditions):
        where = f"conditions[{index}]"
        for language, text in (("en", each.text_en), ("fr", each.text_fr)):
            if not text.strip():
                yield Reason(
                    code="condition-text-missing",
                    en="A condition is written in English and in French.",
                    fr="Une condition est écrite en anglais et en français.",
                    field=f"{where}.text.{language}",
                )
        if not decided_on < each.due_on < lapses_on:
            yield Reason(
                code="condition-day-out-of-bounds",
                en="A condition is due after the day of the decision and before the award lapses.",
                fr="Une condition échoit après la décision et avant que celle-ci soit caduque.",
                field=f"{where}.due_on",
                accepted={"after": str(decided_on), "before": str(lapses_on)},
            )
        if each.confirmed_by not in CONFIRMING_ROLES:
            yield Reason(
                code="role-cannot-confirm",
                en="Nobody in this role confirms conditions.",
                fr="Personne dans ce rôle ne confirme de conditions.",
                field=f"{where}.confirmed_by",
                accepted=list(CONFIRMING_ROLES),
            )


def confirmable(
    command: ConfirmCondition, conditions: Sequence[Condition], *, met_before: Mapping[UUID, date]
) -> Condition:
    """The condition that can be confirmed like this, or the refusal that says why not."""
    asked = next((each for each in conditions if each.condition_id == command.condition_id), None)
    if asked is None:
        raise NotFound(kind="condition")
    if asked.confirmed_by not in command.by_roles:
        raise ConditionConfirmedByAnother(role=asked.confirmed_by)
    if command.condition_id in met_before:
        raise ConditionMetBeforehand(met_on=met_before[command.condition_id])
    latest = min(command.on, asked.due_on)
    if command.met_on > latest:
        raise ConditionPastItsDay(
            due_on=asked.due_on,
            on=command.on,
            met_on=command.met_on,
            field="met_on",
            accepted={"at_most": str(latest)},
        )
    return asked
