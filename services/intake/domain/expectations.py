"""What an application expects of its project: by participant and indicator, in whole numbers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.intake.domain.consortium import Participant
from services.intake.domain.definition import ListedTwice, NotAmongThese, OutOfBounds
from services.intake.domain.funding import NotInConsortium
from shared.kernel.refusals import Invalid, Reason, Refusal, RuleBroken

LARGEST = 10**12
"""In whole units of any indicator, dollars among them: what is larger is a slip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What one participant expects by one indicator, five years after completion."""

    participant_id: UUID
    indicator: str
    baseline: int | None = None
    """Before the project, in whole units of the indicator; None: not known."""
    expected: int
    """Because of the project, in whole units of the indicator."""


class ExpectationsNotValid(Invalid):
    """Expectations are about the consortium and the indicators of the programme."""

    en = "The expectations cannot be as described."
    fr = "Les attentes ne peuvent pas être telles que décrites."


class ExpectationMissing(RuleBroken):
    """Where a programme follows an indicator, an application says what to expect by it."""

    en = "Nothing is expected by the indicator {indicator}."
    fr = "Aucune attente n’est donnée pour l’indicateur {indicator}."


def problems_of_expectations(
    expectations: Sequence[Expectation],
    *,
    participants: Sequence[Participant],
    indicators: Sequence[str],
) -> list[Reason]:
    """Everything that is wrong with expectations, at once."""
    return [problem.as_reason() for problem in _problems(expectations, participants, indicators)]


def _problems(
    expectations: Sequence[Expectation],
    participants: Sequence[Participant],
    indicators: Sequence[str],
) -> Iterable[Refusal]:
    known = {participant.participant_id for participant in participants}
    seen: Counter[tuple[UUID, str]] = Counter()
    for index, each in enumerate(expectations):
        place = f"expectations[{index}]"
        if each.participant_id not in known:
            yield NotInConsortium(
                field=f"{place}.organisation_id",
                accepted=[str(participant.organisation_id) for participant in participants],
            )
        if each.indicator not in indicators:
            yield NotAmongThese(
                value=each.indicator, field=f"{place}.indicator", accepted=list(indicators)
            )
        for name, value in (("baseline", each.baseline), ("expected", each.expected)):
            if value is not None and not -LARGEST <= value <= LARGEST:
                yield OutOfBounds(
                    value=value,
                    lowest=-LARGEST,
                    highest=LARGEST,
                    field=f"{place}.{name}",
                    accepted={"minimum": -LARGEST, "maximum": LARGEST},
                )
        seen[each.participant_id, each.indicator] += 1
        if seen[each.participant_id, each.indicator] == 2:
            yield ListedTwice(value=each.indicator, field=place)


def indicators_without(
    expectations: Iterable[Expectation], indicators: Iterable[str]
) -> list[Reason]:
    """The indicators by which nobody expects anything."""
    given = {each.indicator for each in expectations}
    return [
        ExpectationMissing(
            indicator=indicator, field="expectations", accepted={"indicator": indicator}
        ).as_reason()
        for indicator in indicators
        if indicator not in given
    ]
