"""Are answers what a questionnaire asks for? Every problem is said at once, by question."""

from collections.abc import Iterator, Mapping, Sequence

from services.impact.domain.indicators import BY_CODE
from services.impact.domain.question import (
    IP_KINDS,
    LONGEST_TEXT,
    MOST_PROPERTY,
    Asked,
    Question,
)
from services.impact.domain.questionnaire_checks import LARGEST_ANSWER
from services.impact.domain.survey_events import IpEntry, ReplyValue, Surprise
from services.impact.domain.visibility import Visibility, visibilities
from shared.kernel.money import BASIS_POINTS
from shared.kernel.refusals import Reason

SURPRISE_REASONS = ("sale-or-merger", "market", "new-contract", "end-of-contract", "other")
LONGEST_TITLE = 200
"""Characters of the title of a piece of intellectual property."""


def bounds(question: Question) -> tuple[int, int]:
    """The lowest and the highest number that it takes."""
    indicator = BY_CODE.get(question.code)
    lowest = -LARGEST_ANSWER if indicator is None or indicator.may_be_negative else 0
    return (
        lowest if question.lowest is None else max(lowest, question.lowest),
        LARGEST_ANSWER if question.highest is None else question.highest,
    )


def unanswerable(
    questions: Sequence[Question], values: Mapping[str, ReplyValue]
) -> Iterator[Reason]:
    """Answers that no such question takes, whatever else is answered."""
    known = {each.code: each for each in questions}
    for code, value in values.items():
        question = known.get(code)
        if question is None:
            yield Reason(
                code="not-asked",
                en=f"{code} is not asked.",
                fr=f"{code} n’est pas demandé.",
                field=f"answers.{code}",
                accepted=list(known),
            )
        else:
            yield from _value_wrong(f"answers.{code}", question, value)


def incomplete(questions: Sequence[Question], values: Mapping[str, ReplyValue]) -> Iterator[Reason]:
    """Answers that are missing, and answers to questions that are not shown."""
    visible = visibilities(questions, values)
    for each in questions:
        if visible[each.code] is not Visibility.VISIBLE:
            if each.code in values:
                yield Reason(
                    code="not-shown",
                    en="This question is not asked, given the other answers.",
                    fr="Cette question n’est pas posée, compte tenu des autres réponses.",
                    field=f"answers.{each.code}",
                )
        elif each.required and each.code not in values:
            yield Reason(
                code="answer-missing",
                en=f"Answer: {each.titles.en}",
                fr=f"Répondez : {each.titles.fr}",
                field=f"answers.{each.code}",
            )
    if not values:
        yield Reason(
            code="no-answer",
            en="Answer at least one question.",
            fr="Répondez à au moins une question.",
            field="answers",
            accepted={"at_least": 1},
        )


def unexplained(
    asked: Asked, values: Mapping[str, ReplyValue], surprises: Mapping[str, Surprise]
) -> Iterator[Reason]:
    """Answers that moved by more than their usual share since last year, without a reason."""
    for each in asked.questions:
        value, last = values.get(each.code), asked.last_year.get(each.code)
        if each.code not in surprises and _moved_much(each, value, last):
            yield Reason(
                code="surprising-answer",
                en=f"Last year’s answer was {last}: say why it moved so much.",
                fr=f"La réponse de l’an dernier était {last} : dites pourquoi elle a tant changé.",
                field=f"surprises.{each.code}",
                accepted=list(SURPRISE_REASONS),
            )
    for code, surprise in surprises.items():
        yield from _surprise_wrong(f"surprises.{code}", surprise, known=code in values)


def _moved_much(question: Question, value: ReplyValue | None, last: int | None) -> bool:
    if question.surprising_bp is None or last is None or not isinstance(value, int):
        return False
    # From nothing, any move is more than any share of it.
    return abs(value - last) * BASIS_POINTS > question.surprising_bp * abs(last)


def _surprise_wrong(field: str, surprise: Surprise, *, known: bool) -> Iterator[Reason]:
    if not known:
        yield Reason(
            code="nothing-to-explain",
            en="There is no such answer to explain.",
            fr="Il n’y a pas de telle réponse à expliquer.",
            field=field,
        )
    if surprise.reason not in SURPRISE_REASONS:
        yield Reason(
            code="reason-unknown",
            en=f"There is no reason {surprise.reason}.",
            fr=f"Le motif {surprise.reason} n’existe pas.",
            field=f"{field}.reason",
            accepted=list(SURPRISE_REASONS),
        )
    if not 1 <= len(surprise.explanation.strip()) <= LONGEST_TEXT:
        yield _text_wrong(f"{field}.explanation", LONGEST_TEXT)


def _value_wrong(field: str, question: Question, value: ReplyValue) -> Iterator[Reason]:
    match question.kind:
        case "indicator" | "number":
            yield from _number_wrong(field, question, value)
        case "choice" if value not in [each.code for each in question.choices]:
            yield Reason(
                code="not-a-choice",
                en="This is not one of the choices.",
                fr="Cette réponse ne figure pas parmi les choix.",
                field=field,
                accepted=[each.code for each in question.choices],
            )
        case "text" if not (isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_TEXT):
            yield _text_wrong(field, LONGEST_TEXT)
        case "yes-no" if not isinstance(value, bool):
            yield Reason(
                code="not-yes-or-no",
                en="Answer yes or no.",
                fr="Répondez par oui ou par non.",
                field=field,
                accepted=[True, False],
            )
        case "ip-list" if not isinstance(value, tuple) or len(value) > MOST_PROPERTY:
            yield Reason(
                code="not-a-list",
                en=f"This is not a list of at most {MOST_PROPERTY} entries.",
                fr=f"Ce n’est pas une liste d’au plus {MOST_PROPERTY} éléments.",
                field=field,
                accepted={"at_most": MOST_PROPERTY},
            )
        case "ip-list" if isinstance(value, tuple):
            for index, entry in enumerate(value):
                yield from _entry_wrong(f"{field}[{index}]", entry)


def _number_wrong(field: str, question: Question, value: ReplyValue) -> Iterator[Reason]:
    lowest, highest = bounds(question)
    if type(value) is not int or not lowest <= value <= highest:
        yield Reason(
            code="value-out-of-bounds",
            en=f"The value is a whole number between {lowest} and {highest}.",
            fr=f"La valeur est un nombre entier compris entre {lowest} et {highest}.",
            field=field,
            accepted={"at_least": lowest, "at_most": highest},
        )


def _entry_wrong(field: str, entry: IpEntry) -> Iterator[Reason]:
    if not 1 <= len(entry.title.strip()) <= LONGEST_TITLE:
        yield _text_wrong(f"{field}.title", LONGEST_TITLE)
    if entry.kind not in IP_KINDS:
        yield Reason(
            code="kind-unknown",
            en=f"There is no kind of intellectual property {entry.kind}.",
            fr=f"Le type de propriété intellectuelle {entry.kind} n’existe pas.",
            field=f"{field}.kind",
            accepted=list(IP_KINDS),
        )


def _text_wrong(field: str, longest: int) -> Reason:
    return Reason(
        code="text-needed",
        en=f"Write 1 to {longest} characters.",
        fr=f"Écrivez de 1 à {longest} caractères.",
        field=field,
        accepted={"at_least": 1, "at_most": longest},
    )
