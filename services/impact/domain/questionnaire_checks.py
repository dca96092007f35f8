"""Does a questionnaire make sense? Every problem is said at once, with the field it is in."""

import re
from collections.abc import Iterator, Mapping, Sequence

from services.impact.domain.indicators import BY_CODE, INDICATORS
from services.impact.domain.question import (
    CHOICE,
    INDICATOR,
    KINDS,
    NUMBER,
    YES_NO,
    Bilingual,
    Question,
)
from services.impact.domain.visibility import ALL, ANY, AT_LEAST, EQUALS, NOT, OPERATORS, Condition
from shared.kernel.refusals import Invalid, Reason

LARGEST_ANSWER = 10**15
"""Ten trillion dollars in cents; the sums of all answers stay within 64 bits."""
MOST_QUESTIONS = 100
DEEPEST_CONDITION = 5
"""Levels of a condition that people still understand."""
LARGEST_MOVE_BP = 1_000_000
"""A hundredfold."""

_CODE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")
_CODE_LENGTH = 40


class QuestionnaireNotValid(Invalid):
    """A questionnaire is published only when all of it makes sense."""

    en = "The questionnaire has problems."
    fr = "Le questionnaire comporte des problèmes."


def must_make_sense(titles: Bilingual, questions: Sequence[Question]) -> None:
    """Raises ``QuestionnaireNotValid`` with every reason."""
    reasons = [*_text_missing("titles", titles), *_listed(questions)]
    known: dict[str, Question] = {}
    for index, each in enumerate(questions):
        reasons += _of_a_question(f"questions[{index}]", each, known)
        known.setdefault(each.code, each)
    if reasons:
        raise QuestionnaireNotValid(reasons=reasons)


def _listed(questions: Sequence[Question]) -> Iterator[Reason]:
    if not 1 <= len(questions) <= MOST_QUESTIONS:
        yield Reason(
            code="number-of-questions",
            en=f"A questionnaire has 1 to {MOST_QUESTIONS} questions.",
            fr=f"Un questionnaire compte de 1 à {MOST_QUESTIONS} questions.",
            field="questions",
            accepted={"at_least": 1, "at_most": MOST_QUESTIONS},
        )


def _of_a_question(
    field: str, question: Question, earlier: Mapping[str, Question]
) -> Iterator[Reason]:
    yield from _code_wrong(f"{field}.code", question.code)
    if question.code in earlier:
        yield Reason(
            code="asked-twice",
            en=f"{question.code} is asked twice.",
            fr=f"{question.code} est demandé deux fois.",
            field=f"{field}.code",
        )
    yield from _text_missing(f"{field}.titles", question.titles)
    if question.help is not None:
        yield from _text_missing(f"{field}.help", question.help)
    yield from _kind_wrong(field, question)
    yield from _bounds_wrong(field, question)
    yield from _choices_wrong(field, question)
    yield from _move_wrong(field, question)
    if question.shown_when is not None:
        yield from _condition_wrong(f"{field}.shown_when", question.shown_when, earlier, 1)


def _code_wrong(field: str, code: str) -> Iterator[Reason]:
    if len(code) > _CODE_LENGTH or not _CODE.fullmatch(code):
        yield Reason(
            code="code-not-valid",
            en=f"{code} is not a code.",
            fr=f"{code} n’est pas un code.",
            field=field,
            accepted={"pattern": _CODE.pattern, "at_most_characters": _CODE_LENGTH},
        )


def _text_missing(field: str, text: Bilingual) -> Iterator[Reason]:
    for language, words in (("en", text.en), ("fr", text.fr)):
        if not words.strip():
            yield Reason(
                code="text-missing",
                en="This text is needed.",
                fr="Ce texte est requis.",
                field=f"{field}.{language}",
            )


def _kind_wrong(field: str, question: Question) -> Iterator[Reason]:
    if question.kind not in KINDS:
        yield Reason(
            code="kind-unknown",
            en=f"There is no kind of question {question.kind}.",
            fr=f"Le type de question {question.kind} n’existe pas.",
            field=f"{field}.kind",
            accepted=list(KINDS),
        )
    elif (question.kind == INDICATOR) != (question.code in BY_CODE):
        yield Reason(
            code="not-an-indicator",
            en="A question about an indicator has its code, and no other question has.",
            fr="Une question sur un indicateur porte son code; aucune autre ne le porte.",
            field=f"{field}.code",
            accepted=[each.code for each in INDICATORS] if question.kind == INDICATOR else None,
        )


def _bounds_wrong(field: str, question: Question) -> Iterator[Reason]:
    given = [each for each in (question.lowest, question.highest) if each is not None]
    if given and question.kind not in {INDICATOR, NUMBER}:
        yield _out_of_place(
            f"{field}.lowest" if question.lowest is not None else f"{field}.highest"
        )
    elif len(given) == 2 and given[0] > given[1]:  # both of them
        yield Reason(
            code="bounds-crossed",
            en="The lowest value is more than the highest.",
            fr="La valeur minimale dépasse la valeur maximale.",
            field=f"{field}.highest",
            accepted={"at_least": given[0]},
        )
    if any(abs(each) > LARGEST_ANSWER for each in given):
        yield Reason(
            code="bounds-too-wide",
            en=f"Values are within {LARGEST_ANSWER}.",
            fr=f"Les valeurs ne dépassent pas {LARGEST_ANSWER}.",
            field=f"{field}.highest",
            accepted={"at_least": -LARGEST_ANSWER, "at_most": LARGEST_ANSWER},
        )


def _choices_wrong(field: str, question: Question) -> Iterator[Reason]:
    if question.kind != CHOICE:
        if question.choices:
            yield _out_of_place(f"{field}.choices")
        return
    if len(question.choices) < 2:  # one is no choice
        yield Reason(
            code="no-choice",
            en="A choice is between two answers or more.",
            fr="Un choix se fait entre au moins deux réponses.",
            field=f"{field}.choices",
            accepted={"at_least": 2},
        )
    seen: set[str] = set()
    for index, each in enumerate(question.choices):
        yield from _code_wrong(f"{field}.choices[{index}].code", each.code)
        yield from _text_missing(f"{field}.choices[{index}].titles", each.titles)
        if each.code in seen:
            yield Reason(
                code="chosen-twice",
                en=f"{each.code} is there twice.",
                fr=f"{each.code} figure deux fois.",
                field=f"{field}.choices[{index}].code",
            )
        seen.add(each.code)


def _move_wrong(field: str, question: Question) -> Iterator[Reason]:
    move = question.surprising_bp
    if move is None:
        return
    if question.kind != INDICATOR:
        yield _out_of_place(f"{field}.surprising_bp")
    if not 1 <= move <= LARGEST_MOVE_BP:
        yield Reason(
            code="share-out-of-bounds",
            en=f"The share is between 1 and {LARGEST_MOVE_BP} basis points.",
            fr=f"La part est comprise entre 1 et {LARGEST_MOVE_BP} points de base.",
            field=f"{field}.surprising_bp",
            accepted={"at_least": 1, "at_most": LARGEST_MOVE_BP},
        )


def _condition_wrong(
    field: str, condition: Condition, earlier: Mapping[str, Question], level: int
) -> Iterator[Reason]:
    if condition.operator not in OPERATORS:
        yield Reason(
            code="operator-unknown",
            en=f"There is no operator {condition.operator}.",
            fr=f"L’opérateur {condition.operator} n’existe pas.",
            field=f"{field}.operator",
            accepted=list(OPERATORS),
        )
    elif level > DEEPEST_CONDITION:
        yield Reason(
            code="condition-too-deep",
            en=f"A condition has at most {DEEPEST_CONDITION} levels.",
            fr=f"Une condition compte au plus {DEEPEST_CONDITION} niveaux.",
            field=field,
            accepted={"at_most": DEEPEST_CONDITION},
        )
    elif condition.operator in {ALL, ANY, NOT}:
        yield from _parts_wrong(field, condition)
        for index, part in enumerate(condition.parts):
            yield from _condition_wrong(f"{field}.parts[{index}]", part, earlier, level + 1)
    else:
        yield from _comparison_wrong(field, condition, earlier)


def _parts_wrong(field: str, condition: Condition) -> Iterator[Reason]:
    exactly_one = condition.operator == NOT
    if not condition.parts or (exactly_one and len(condition.parts) > 1):
        yield Reason(
            code="number-of-parts",
            en="“not” has one part; “all” and “any” have one or more.",
            fr="« not » a une seule partie; « all » et « any » en ont au moins une.",
            field=f"{field}.parts",
            accepted={"at_least": 1, "at_most": 1} if exactly_one else {"at_least": 1},
        )
    if condition.question or condition.value is not None:
        yield _out_of_place(f"{field}.question")


def _comparison_wrong(
    field: str, condition: Condition, earlier: Mapping[str, Question]
) -> Iterator[Reason]:
    if condition.parts:
        yield _out_of_place(f"{field}.parts")
    question = earlier.get(condition.question)
    if question is None:
        yield Reason(
            code="not-asked-before",
            en=f"{condition.question} is not asked before this question.",
            fr=f"{condition.question} n’est pas demandé avant cette question.",
            field=f"{field}.question",
            accepted=list(earlier),
        )
    elif not _comparable(condition, question):
        yield Reason(
            code="value-not-comparable",
            en=f"{question.code} has no such answer to compare with.",
            fr=f"{question.code} n’admet pas une telle réponse à comparer.",
            field=f"{field}.value",
            accepted=[each.code for each in question.choices] or None,
        )


def _comparable(condition: Condition, question: Question) -> bool:
    value = condition.value
    if question.kind in {NUMBER, INDICATOR}:
        return type(value) is int and condition.operator in {EQUALS, AT_LEAST}
    if condition.operator != EQUALS:
        return False
    if question.kind == YES_NO:
        return isinstance(value, bool)
    return question.kind == CHOICE and value in {each.code for each in question.choices}


def _out_of_place(field: str) -> Reason:
    return Reason(
        code="out-of-place",
        en="This kind of question does not have it.",
        fr="Ce type de question n’en a pas.",
        field=field,
    )
