"""A questionnaire is checked as a whole, kept in versions, and fixes what answers may be."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.impact.api.questionnaires import QuestionnaireIn
from services.impact.domain import questionnaire
from services.impact.domain.answer_checks import incomplete, unanswerable, unexplained
from services.impact.domain.answer_schema import answer_schema
from services.impact.domain.question import Asked, Bilingual, Choice, Question
from services.impact.domain.questionnaire import PublishQuestionnaire, QuestionnairePublished
from services.impact.domain.questionnaire_checks import QuestionnaireNotValid
from services.impact.domain.survey_events import IpEntry, Surprise
from services.impact.domain.visibility import Condition
from tests.support.questions import DAY, number, yes_no

DEFAULTS = Path(__file__).parents[3] / "deploy" / "questionnaires"
PROGRAMMES = (
    "IND-P1",
    "IND-P2",
    "HEALTH",
    "FIRST-CLIENT",
    "SME-SCALE",
    "TRAINING",
    "STEM",
    "CHAIRS",
)
WORDS = Bilingual(en="Effects", fr="Effets")
JOBS = Question(
    code="JOBS-CREATED", kind="indicator", titles=WORDS, required=True, surprising_bp=5_000
)


def publish(*questions: Question) -> PublishQuestionnaire:
    return PublishQuestionnaire(
        programme_code="STEM", titles=WORDS, questions=questions, by="p-1", on=DAY
    )


def published(*questions: Question) -> QuestionnairePublished:
    (event,) = questionnaire.decide(publish(*questions), questionnaire.DECIDER.initial)
    return event


class TestPublishing:
    def test_versions_follow_each_other(self) -> None:
        """Each publication is the next version; the same again is none."""
        first = published(yes_no(0))
        state = questionnaire.DECIDER.fold([first])
        assert questionnaire.decide(publish(yes_no(0)), state) == []
        (second,) = questionnaire.decide(publish(yes_no(1)), state)
        assert (first.version, second.version) == (1, 2)
        assert questionnaire.DECIDER.fold([first, second]).version(1) == first

    def test_every_problem_at_once(self) -> None:
        """Whoever writes a questionnaire learns everything that is wrong with it."""
        choice = Question(
            code="C", kind="choice", titles=WORDS, choices=(Choice(code="A", titles=WORDS),)
        )
        later = Condition(operator="equals", question="Y9", value=True)
        wrong = Condition(operator="at-least", question="Y0", value=3)
        with pytest.raises(QuestionnaireNotValid) as refused:
            published(
                yes_no(0),
                yes_no(0),
                choice,
                yes_no(3, shown_when=later),
                yes_no(4, shown_when=wrong),
                Question(code="HAPPINESS", kind="indicator", titles=WORDS),
                Question(code="x", kind="poem", titles=Bilingual(en="", fr="Vers")),
            )
        assert [(each.code, each.field) for each in refused.value.reasons] == [
            ("asked-twice", "questions[1].code"),
            ("no-choice", "questions[2].choices"),
            ("not-asked-before", "questions[3].shown_when.question"),
            ("value-not-comparable", "questions[4].shown_when.value"),
            ("not-an-indicator", "questions[5].code"),
            ("code-not-valid", "questions[6].code"),
            ("text-missing", "questions[6].titles.en"),
            ("kind-unknown", "questions[6].kind"),
        ]


class TestAnswers:
    def test_every_problem_at_once(self) -> None:
        """Whoever answers learns of every answer that is missing or impossible."""
        choice = Question(
            code="C",
            kind="choice",
            titles=WORDS,
            choices=(Choice(code="A", titles=WORDS), Choice(code="B", titles=WORDS)),
        )
        text = Question(code="T", kind="text", titles=WORDS)
        property_ = Question(code="P", kind="ip-list", titles=WORDS)
        questions = (JOBS, yes_no(0, required=True), number(1), choice, text, property_)
        entry = IpEntry(
            title=" ",
            kind="song",
            canadian_owned=True,
            reuse_allowed=True,
            reused=False,
            commercialised=False,
        )
        values: dict[str, Any] = {
            "JOBS-CREATED": -1, "N1": True, "C": "Z", "T": "x" * 2_001, "P": (entry,), "Q": 1
        }  # fmt: skip
        found = [*unanswerable(questions, values), *incomplete(questions, values)]
        assert [(each.code, each.field) for each in found] == [
            ("value-out-of-bounds", "answers.JOBS-CREATED"),
            ("value-out-of-bounds", "answers.N1"),
            ("not-a-choice", "answers.C"),
            ("text-needed", "answers.T"),
            ("text-needed", "answers.P[0].title"),
            ("kind-unknown", "answers.P[0].kind"),
            ("not-asked", "answers.Q"),
            ("answer-missing", "answers.Y0"),
        ]
        assert all(each.en and each.fr for each in found)

    @pytest.mark.parametrize(
        ("last", "value", "surprises"),
        [(10, 15, False), (10, 16, True), (10, 4, True), (0, 1, True), (0, 0, False)],
    )
    def test_a_move_beyond_the_usual_share_is_explained(
        self, last: int, value: int, surprises: bool
    ) -> None:
        """An answer that moved by more than its share of last year's needs a known reason."""
        asked = Asked(questions=(JOBS,), last_year={"JOBS-CREATED": last})
        found = list(unexplained(asked, {"JOBS-CREATED": value}, {}))
        assert [each.code for each in found] == ["surprising-answer"] * surprises
        why = {"JOBS-CREATED": Surprise(reason="market", explanation="Orders doubled.")}
        assert list(unexplained(asked, {"JOBS-CREATED": value}, why)) == []
        bad = {"JOBS-CREATED": Surprise(reason="luck", explanation="")}
        assert len(list(unexplained(asked, {"JOBS-CREATED": value}, bad))) == 2


@pytest.mark.parametrize("code", PROGRAMMES)
def test_every_programme_has_a_default_questionnaire(code: str) -> None:
    """Each can be published as it is, in both languages, and has a schema of its answers."""
    sent = QuestionnaireIn.model_validate(
        json.loads((DEFAULTS / f"{code}.json").read_text("utf-8"))
    )
    command = PublishQuestionnaire(
        programme_code=code,
        titles=sent.titles.to_domain(),
        questions=tuple(each.to_domain() for each in sent.questions),
        by="p-1",
        on=DAY,
    )
    (event,) = questionnaire.decide(command, questionnaire.DECIDER.initial)
    assert set(answer_schema(event)["properties"]) == {each.code for each in event.questions}
    adapter = TypeAdapter(QuestionnairePublished)
    assert adapter.validate_json(adapter.dump_json(event)) == event


def test_no_default_questionnaire_is_of_no_programme() -> None:
    """What is there is what the plan has."""
    assert {path.stem for path in DEFAULTS.glob("*.json")} == set(PROGRAMMES)
