"""What is shown follows from the answers, and what is known once stays known."""

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from services.impact.domain.answer_checks import incomplete, unanswerable
from services.impact.domain.answer_schema import answer_schema
from services.impact.domain.question import Bilingual, Question
from services.impact.domain.questionnaire import QuestionnairePublished
from services.impact.domain.questionnaire_checks import must_make_sense
from services.impact.domain.survey_events import ReplyValue
from services.impact.domain.visibility import Condition, Visibility, visibilities
from tests.support.questions import DAY, number, yes_no

WORDS = Bilingual(en="Effects", fr="Effets")


@st.composite
def conditions(draw: st.DrawFn, codes: list[str], depth: int = 2) -> Condition:
    """A condition on some of these yes-or-no and number questions."""
    operator = draw(st.sampled_from(["compare", "all", "any", "not"])) if depth else "compare"
    if operator == "compare":
        code = draw(st.sampled_from(codes))
        if code.startswith("N"):
            at_least = draw(st.booleans())
            value = draw(st.integers(0, 2))
            return Condition(
                operator="at-least" if at_least else "equals", question=code, value=value
            )
        return Condition(operator="equals", question=code, value=draw(st.booleans()))
    parts = [
        draw(conditions(codes, depth - 1))
        for _ in range(1 if operator == "not" else draw(st.integers(1, 2)))
    ]
    return Condition(operator=operator, parts=tuple(parts))


@st.composite
def questionnaires(draw: st.DrawFn) -> tuple[Question, ...]:
    """Up to six questions, each perhaps depending on those before it."""
    questions: list[Question] = []
    for index in range(draw(st.integers(1, 6))):
        codes = [each.code for each in questions]
        shown = draw(st.none() | conditions(codes)) if codes else None
        make = draw(st.sampled_from([yes_no, number]))
        questions.append(make(index, required=draw(st.booleans()), shown_when=shown))
    return tuple(questions)


def values(draw: st.DrawFn, questions: tuple[Question, ...]) -> dict[str, ReplyValue]:
    """Answers to some of them."""
    found: dict[str, ReplyValue] = {}
    for each in questions:
        if draw(st.booleans()):
            number_or_not = each.kind == "number"
            found[each.code] = draw(st.integers(0, 3) if number_or_not else st.booleans())
    return found


@given(st.data(), questionnaires())
def test_what_is_known_stays_known(data: st.DataObject, questions: tuple[Question, ...]) -> None:
    """Answering more never turns shown into hidden, nor hidden into shown."""
    more = data.draw(st.composite(lambda draw: values(draw, questions))())
    less = {code: more[code] for code in more if data.draw(st.booleans())}
    before, after = visibilities(questions, less), visibilities(questions, more)
    for code, was in before.items():
        assert was in {Visibility.UNDETERMINED, after[code]}


@given(st.data(), questionnaires())
def test_nothing_is_undetermined_in_the_end(
    data: st.DataObject, questions: tuple[Question, ...]
) -> None:
    """Once every question that is shown is answered, it is known of each whether it is."""
    answers: dict[str, ReplyValue] = {}
    for each in questions:
        if visibilities(questions, answers)[each.code] is Visibility.VISIBLE:
            kinds = st.integers(0, 3) if each.kind == "number" else st.booleans()
            answers[each.code] = data.draw(kinds)
    assert Visibility.UNDETERMINED not in visibilities(questions, answers).values()


@given(st.data(), questionnaires())
def test_the_published_schema_takes_what_we_take(
    data: st.DataObject, questions: tuple[Question, ...]
) -> None:
    """A form built from the schema is refused by us exactly where the schema refuses it."""
    must_make_sense(WORDS, questions)
    published = QuestionnairePublished(
        effective_on=DAY,
        programme_code="STEM",
        version=1,
        titles=WORDS,
        questions=questions,
        by="p-1",
    )
    schema = answer_schema(published)
    Draft202012Validator.check_schema(schema)
    answers = data.draw(st.composite(lambda draw: values(draw, questions))())
    if data.draw(st.booleans()):
        answers["OTHER"] = 1
    ours = [*unanswerable(questions, answers), *incomplete(questions, answers)]
    assert Draft202012Validator(schema).is_valid(answers) == (not ours)


def test_a_hidden_question_answers_nothing() -> None:
    """What depends on a hidden question compares with nothing: not equal, and known."""
    never = Condition(operator="equals", question="Y0", value=True)
    second = yes_no(1, shown_when=never)
    third = yes_no(2, shown_when=Condition(operator="equals", question="Y1", value=True))
    found = visibilities((yes_no(0), second, third), {"Y0": False})
    assert [found[code] for code in ("Y0", "Y1", "Y2")] == ["visible", "hidden", "hidden"]
    assert visibilities((yes_no(0), second, third), {})["Y2"] is Visibility.UNDETERMINED
