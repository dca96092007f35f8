"""
Questionnaires: what the surveys of a programme ask, in versions that never change.

A survey asks the version that was the newest when it opened. A definition is checked as a whole
when it is published; see ``questionnaire_checks``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from services.impact.domain.question import Bilingual, Question
from services.impact.domain.questionnaire_checks import must_make_sense
from shared.kernel.decider import Decider
from shared.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishQuestionnaire:
    """From now on, surveys of the programme that open ask this."""

    programme_code: str
    titles: Bilingual
    questions: tuple[Question, ...]
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnairePublished:
    """A version of a programme's questionnaire is there."""

    effective_on: date
    programme_code: str
    version: int
    """From 1."""
    titles: Bilingual
    questions: tuple[Question, ...]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaires:
    """All versions of one programme's questionnaire."""

    versions: Mapping[int, QuestionnairePublished] = field(default_factory=dict)

    @property
    def newest(self) -> int:
        """The newest version; 0 when there is none."""
        return len(self.versions)

    def version(self, number: int) -> QuestionnairePublished:
        """One of them. Raises ``NotFound``."""
        if number not in self.versions:
            raise NotFound(kind="questionnaire")
        return self.versions[number]


def decide(
    command: PublishQuestionnaire, state: Questionnaires
) -> Sequence[QuestionnairePublished]:
    """
    The next version; the newest one again changes nothing.

    Raises ``QuestionnaireNotValid`` with every reason.
    """
    must_make_sense(command.titles, command.questions)
    if state.newest:
        newest = state.versions[state.newest]
        if (newest.titles, newest.questions) == (command.titles, command.questions):
            return []
    return [
        QuestionnairePublished(
            effective_on=command.on,
            programme_code=command.programme_code,
            version=state.newest + 1,
            titles=command.titles,
            questions=command.questions,
            by=command.by,
        )
    ]


def evolve(state: Questionnaires, event: QuestionnairePublished) -> Questionnaires:
    """One version more."""
    return replace(state, versions={**state.versions, event.version: event})


DECIDER = Decider(initial=Questionnaires(), decide=decide, evolve=evolve)
