"""Answers where no questionnaire was published: to any indicator of the catalogue."""

from collections.abc import Iterable, Iterator, Sequence

from services.impact.domain.indicators import BY_CODE, INDICATORS
from services.impact.domain.questionnaire_checks import LARGEST_ANSWER
from services.impact.domain.survey_events import Answer, Reply
from shared.kernel.refusals import Reason


def answers_unacceptable(answers: Sequence[Answer]) -> Iterator[Reason]:
    """What is wrong with them."""
    if not answers:
        yield Reason(
            code="no-answer",
            en="Answer at least one indicator.",
            fr="Répondez pour au moins un indicateur.",
            field="answers",
            accepted={"at_least": 1},
        )
    seen: set[str] = set()
    for index, answer in enumerate(answers):
        indicator = BY_CODE.get(answer.indicator)
        lowest = -LARGEST_ANSWER if indicator is None or indicator.may_be_negative else 0
        if indicator is None:
            yield Reason(
                code="unknown-indicator",
                en=f"There is no indicator {answer.indicator}.",
                fr=f"L’indicateur {answer.indicator} n’existe pas.",
                field=f"answers[{index}].indicator",
                accepted=[each.code for each in INDICATORS],
            )
        elif answer.indicator in seen:
            yield Reason(
                code="answered-twice",
                en=f"{indicator.name_en} is answered twice.",
                fr=f"{indicator.name_fr} : il y a deux réponses.",
                field=f"answers[{index}].indicator",
            )
        if not lowest <= answer.value <= LARGEST_ANSWER:
            yield Reason(
                code="value-out-of-bounds",
                en=f"The value is between {lowest} and {LARGEST_ANSWER}.",
                fr=f"La valeur est comprise entre {lowest} et {LARGEST_ANSWER}.",
                field=f"answers[{index}].value",
                accepted={"at_least": lowest, "at_most": LARGEST_ANSWER},
            )
        seen.add(answer.indicator)


def not_indicators(replies: Iterable[Reply]) -> Iterator[Reason]:
    """Replies that the catalogue does not take."""
    for each in replies:
        yield Reason(
            code="not-asked",
            en=f"{each.question} is not an indicator, or not a whole number of one.",
            fr=f"{each.question} n’est pas un indicateur, ou sa valeur n’est pas un nombre entier.",
            field=f"answers.{each.question}",
            accepted=list(BY_CODE),
        )
