"""
Which questions are shown, given the answers so far: yes, no, or not known yet.

A condition looks at answers to earlier questions. While one of those is not answered it may be
*undetermined*, as in Kleene's three-valued logic: what is known once stays so, whatever is
answered next. A question that is hidden has no answer: nothing it is compared with is true of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from services.impact.domain.survey_events import ReplyValue

EQUALS, AT_LEAST, ALL, ANY, NOT = "equals", "at-least", "all", "any", "not"
OPERATORS = (EQUALS, AT_LEAST, ALL, ANY, NOT)


class Visibility(StrEnum):
    """Is a question shown?"""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """
    What must hold for a question to be shown.

    ``equals`` and ``at-least`` compare the answer to ``question`` with ``value``; ``all`` and
    ``any`` join ``parts``, and ``not`` turns its only part around.
    """

    operator: str
    question: str = ""
    value: bool | int | str | None = None
    parts: "tuple[Condition, ...]" = ()


class Routed(Protocol):
    """A question, as far as routing goes."""

    @property
    def code(self) -> str: ...  # noqa: D102  # said by the class

    @property
    def shown_when(self) -> Condition | None: ...  # noqa: D102  # said by the class


def visibilities(
    questions: Sequence[Routed], answers: Mapping[str, ReplyValue]
) -> dict[str, Visibility]:
    """Each question's visibility. Conditions look only at questions before their own."""
    found: dict[str, Visibility] = {}
    for each in questions:
        condition = each.shown_when
        found[each.code] = (
            Visibility.VISIBLE
            if condition is None
            else _visibility(_holds(condition, answers, found))
        )
    return found


def _visibility(holds: bool | None) -> Visibility:
    if holds is None:
        return Visibility.UNDETERMINED
    return Visibility.VISIBLE if holds else Visibility.HIDDEN


def _holds(
    condition: Condition,
    answers: Mapping[str, ReplyValue],
    visible: Mapping[str, Visibility],
) -> bool | None:
    match condition.operator:
        case "all":
            return _all(_holds(each, answers, visible) for each in condition.parts)
        case "any":
            return _not(_all(_not(_holds(each, answers, visible)) for each in condition.parts))
        case "not":
            return _not(_holds(condition.parts[0], answers, visible))
        case _:
            return _compares(condition, answers, visible)


def _compares(
    condition: Condition,
    answers: Mapping[str, ReplyValue],
    visible: Mapping[str, Visibility],
) -> bool | None:
    if visible[condition.question] is Visibility.HIDDEN:
        return False
    answer = answers.get(condition.question)
    if visible[condition.question] is Visibility.UNDETERMINED or answer is None:
        return None
    value = condition.value
    if condition.operator == EQUALS:
        return type(answer) is type(value) and answer == value
    return isinstance(answer, int) and isinstance(value, int) and answer >= value


def _not(holds: bool | None) -> bool | None:  # a value of the logic, not a switch
    return None if holds is None else not holds


def _all(parts: Iterable[bool | None]) -> bool | None:
    values = set(parts)
    if False in values:
        return False
    return None if None in values else True
