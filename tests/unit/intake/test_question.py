"""Questions about a call: asked by one, answered to everyone."""

from dataclasses import replace
from uuid import UUID

from services.intake.domain.bilingual import Bilingual
from services.intake.domain.call_changes import InOneLanguageOnly
from services.intake.domain.question import (
    DECIDER,
    AnswerQuestion,
    AskQuestion,
    QuestionAnswered,
    QuestionAsked,
    QuestionEmpty,
    QuestionTooLate,
)
from shared.kernel.refusals import NotFound
from tests.unit.intake.examples import CALL, NOW, TODAY, call, lead, scenario

QUESTION = UUID(int=9)
ANSWER = Bilingual(en="Yes", fr="Oui")

ask = AskQuestion(
    question_id=QUESTION,
    call=call,
    organisation_id=lead.organisation_id,
    text="May universities lead?",
    now=NOW,
    on=TODAY,
    by="p1",
)
asked = QuestionAsked(
    effective_on=TODAY,
    question_id=QUESTION,
    call_id=CALL,
    organisation_id=lead.organisation_id,
    text="May universities lead?",
    by="p1",
)
give = AnswerQuestion(call_id=CALL, restated=None, answer=ANSWER, on=TODAY, by="o1")
answered = QuestionAnswered(
    effective_on=TODAY, question_id=QUESTION, call_id=CALL, restated=None, answer=ANSWER, by="o1"
)


class TestAsking:
    def test_until_the_call_closes(self) -> None:
        """A question is taken until the closing instant, which is too late."""
        assert call.closes_at is not None
        scenario(DECIDER, given=[], when=ask, then=[asked])
        scenario(DECIDER, given=[], when=replace(ask, now=call.closes_at), then=QuestionTooLate)

    def test_nothing(self) -> None:
        """A question says something."""
        scenario(DECIDER, given=[], when=replace(ask, text="  "), then=QuestionEmpty)


class TestAnswering:
    def test_once_and_corrected(self) -> None:
        """An answer may be corrected; the same answer again changes nothing."""
        better = Bilingual(en="No", fr="Non")
        scenario(DECIDER, given=[asked], when=give, then=[answered])
        scenario(DECIDER, given=[asked, answered], when=give, then=[])
        scenario(
            DECIDER,
            given=[asked, answered],
            when=replace(give, answer=better),
            then=[replace(answered, answer=better)],
        )

    def test_in_both_languages(self) -> None:
        """An answer, and a question put otherwise, are in English and in French."""
        half = Bilingual(en="Yes", fr="")
        scenario(DECIDER, given=[asked], when=replace(give, answer=half), then=InOneLanguageOnly)
        scenario(DECIDER, given=[asked], when=replace(give, restated=half), then=InOneLanguageOnly)

    def test_of_another_call(self) -> None:
        """A question is answered where it was asked."""
        scenario(DECIDER, given=[asked], when=replace(give, call_id=QUESTION), then=NotFound)
        scenario(DECIDER, given=[], when=give, then=NotFound)
