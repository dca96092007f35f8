"""Sections are saved as they are, and a submission names everything they still miss."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from services.intake.domain.answers import objections
from services.intake.domain.application import DECIDER
from services.intake.domain.application_events import SectionSaved
from services.intake.domain.sections import (
    SectionTooDeep,
    SectionTooLarge,
    problems_of_section,
    problems_of_sections,
)
from services.intake.domain.stages import ApplicationNotAtThisStage
from services.intake.domain.submission import ApplicationNotAcceptable
from shared.kernel.refusals import NotFound
from tests.unit.intake.examples import adopter, provider, scenario
from tests.unit.intake.test_application import common, draft, reasons, started, submitted
from tests.unit.intake.writing import (
    EXTRAS,
    MARKET,
    confirmed,
    expected,
    save,
    saved,
    submit_form,
    with_form,
)

ready = [*draft, expected, confirmed(draft, adopter), confirmed(draft, provider)]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.sampled_from(["size", "rivals", "x"]), inside, max_size=3)
    ),
    max_leaves=6,
)
answers = st.dictionaries(st.sampled_from(["size", "rivals", "x"]), json_values, max_size=3)


class TestSaving:
    def test_complete_or_not(self) -> None:
        """A section is kept as it is, and its event says whether it is complete."""
        scenario(DECIDER, given=[started], when=save, then=[saved])
        scenario(
            DECIDER,
            given=[started],
            when=replace(save, answers={"size": "large"}),
            then=[replace(saved, answers={"size": "large"}, complete=False)],
        )

    def test_the_same_again(self) -> None:
        """Saving what is already there changes nothing."""
        scenario(DECIDER, given=[started, saved], when=save, then=[])

    def test_another_section_keeps_the_first(self) -> None:
        """Sections stand beside one another: saving one leaves the others."""
        other = replace(save, code="extras", answers={"size": 1})
        history = [started, saved, *DECIDER.decide(other, DECIDER.fold([started, saved]))]
        state: Any = DECIDER.fold(history)
        assert state.proposal.answers == {"market": {"size": 7}, "extras": {"size": 1}}

    def test_a_section_that_is_not_asked(self) -> None:
        """Only the sections of the programme are answered."""
        scenario(DECIDER, given=[started], when=replace(save, code="weather"), then=NotFound)

    def test_too_large(self) -> None:
        """A section has at most 64 KiB of answers."""
        large = replace(save, answers={"rivals": ["x" * 65_536]})
        scenario(DECIDER, given=[started], when=large, then=SectionTooLarge)

    def test_too_deep(self) -> None:
        """Answers are at most twelve lists or objects deep."""
        deep: Any = 1
        for _ in range(11):
            deep = [deep]
        scenario(
            DECIDER,
            given=[started],
            when=replace(save, answers={"size": deep}),
            then=[replace(saved, answers={"size": deep}, complete=False)],
        )
        scenario(
            DECIDER,
            given=[started],
            when=replace(save, answers={"size": [deep]}),
            then=SectionTooDeep,
        )

    def test_after_submission(self) -> None:
        """What is submitted is no longer written."""
        scenario(DECIDER, given=[*draft, submitted], when=save, then=ApplicationNotAtThisStage)

    @given(answers)
    def test_saving_never_fails(self, written: dict[str, Any]) -> None:
        """Whatever is answered, a draft keeps it."""
        (event,) = DECIDER.decide(replace(save, answers=written), DECIDER.fold([started]))
        valid = Draft202012Validator(MARKET.schema).is_valid(written)
        assert event == replace(saved, answers=written, complete=valid)


class TestProblems:
    def test_each_with_its_place_and_label(self) -> None:
        """A problem says where, in both languages, and what would be accepted."""
        found = problems_of_section(MARKET, {"size": 0, "rivals": ["", 3], "sky": "blue"})
        assert [(each.code, each.field, each.accepted) for each in found] == [
            ("answer-not-asked", "sky", None),
            ("answer-missing", "rivals[0]", {"minLength": 1}),
            ("answer-of-another-kind", "rivals[1]", {"type": "string"}),
            ("answer-too-small", "size", {"minimum": 1}),
        ]
        assert found[3].en == "“Size of the market” is 0; it must be 1 or more."
        assert found[3].fr == "«\u00a0Taille du marché\u00a0» vaut 0; le minimum est 1."

    def test_a_required_answer(self) -> None:
        """A missing answer is named by its label, with what it would have to be."""
        (problem,) = problems_of_section(MARKET, {})
        assert (problem.code, problem.field) == ("answer-missing", "size")
        assert problem.accepted == {"type": "integer", "minimum": 1}
        assert problem.en == "“Size of the market” is not answered."

    @pytest.mark.parametrize(
        ("schema", "answer", "code"),
        [
            ({"maxLength": 2}, "abc", "answer-too-long"),
            ({"minItems": 2}, ["a"], "answer-too-short"),
            ({"maximum": 2}, 3, "answer-too-large"),
            ({"enum": ["a", "b"]}, "c", "answer-not-among-these"),
            ({"const": True}, False, "answer-not-among-these"),
            ({"pattern": "^[0-9]+$"}, "x", "answer-not-in-this-form"),
            ({"format": "date"}, "soon", "answer-not-in-this-form"),
            ({"uniqueItems": True}, [1, 1], "answer-twice"),
            ({"exclusiveMinimum": 2}, 2, "answer-not-accepted"),
            ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "answer-not-accepted"),
            ({"type": ["string", "null"]}, 1, "answer-of-another-kind"),
        ],
    )
    def test_every_keyword_has_its_sentence(
        self, schema: dict[str, Any], answer: Any, code: str
    ) -> None:
        """What a schema says no to is said in both languages."""
        (refusal,) = objections({"properties": {"field": schema}}, {"field": answer})
        assert (refusal.code(), refusal.field) == (code, "field")
        assert "field" in refusal.says("en")
        assert "field" in refusal.says("fr")

    def test_no_more_than_anyone_mends(self) -> None:
        """A section names its first hundred problems."""
        assert len(problems_of_section(MARKET, {"rivals": [0] * 500})) == 100

    @given(answers)
    def test_none_where_the_schema_has_none(self, written: dict[str, Any]) -> None:
        """A section has problems exactly when its schema objects."""
        valid = Draft202012Validator(MARKET.schema).is_valid(written)
        assert (not problems_of_section(MARKET, written)) == valid


class TestSubmitting:
    def test_what_is_missing(self) -> None:
        """A required section that was never saved is named; one that is optional is not."""
        assert reasons(ready, submit_form, ApplicationNotAcceptable) == [
            ("section-missing", "sections.market")
        ]

    def test_an_optional_section_that_was_begun(self) -> None:
        """What is answered is complete, asked for or not; an emptied section counts as none."""
        begun = replace(saved, code="extras", answers={"rivals": []}, complete=False)
        assert reasons([*ready, saved, begun], submit_form, ApplicationNotAcceptable) == [
            ("answer-missing", "sections.extras.size")
        ]
        emptied = replace(begun, answers={})
        assert DECIDER.decide(submit_form, DECIDER.fold([*ready, saved, begun, emptied]))

    @given(answers, answers | st.none())
    def test_it_lists_exactly_the_problems(
        self, market: dict[str, Any], extras: dict[str, Any] | None
    ) -> None:
        """A submission names the problems of its sections, all of them and nothing else."""
        history: list[Any] = [*ready]
        kept = {"market": market} | ({} if extras is None else {"extras": extras})
        for code, written in kept.items():
            history.append(
                SectionSaved(**common, code=code, answers=written, complete=False, by="p1")
            )
        wanted = [
            (each.code, f"sections.{section.code}.{each.field}")
            for section in (MARKET, EXTRAS)
            for each in problems_of_section(section, kept.get(section.code))
        ]
        assert [
            (each.code, each.field) for each in problems_of_sections(with_form.sections, kept)
        ] == wanted
        if wanted:
            assert reasons(history, submit_form, ApplicationNotAcceptable) == wanted
        else:
            assert len(DECIDER.decide(submit_form, DECIDER.fold(history))) == 1

    def test_a_section_the_programme_no_longer_asks(self) -> None:
        """Answers to what is not asked any more keep nobody from submitting."""
        old = replace(saved, code="old", answers={"size": "?"})
        assert DECIDER.decide(submit_form, DECIDER.fold([*ready, saved, old]))
