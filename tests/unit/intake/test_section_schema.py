"""A section asks what a form can show, in both languages, and nothing about persons."""

from dataclasses import replace
from typing import Any

import pytest

from services.intake.domain.bilingual import Bilingual
from services.intake.domain.definition import Section, problems_of
from services.intake.domain.section_schema import LARGEST_SCHEMA, problems_of_schema
from services.intake.use_cases.event_types import EVENT_TYPES
from tests.unit.intake.examples import definition
from tests.unit.intake.test_programme import published


def labelled(**schema: Any) -> dict[str, Any]:
    return {"title": "Answer", "x-title-fr": "Réponse", **schema}


def asking(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def nested(levels: int) -> dict[str, Any]:
    inner = labelled(type="string")
    for _ in range(levels):
        inner = labelled(**asking(deeper=inner))
    return asking(top=inner)


CHOICE = labelled(
    type="string", enum=["a"], **{"x-enum-titles": {"a": {"en": "This", "fr": "Ceci"}}}
)
GOOD = asking(
    choice=CHOICE,
    count=labelled(type="integer", minimum=0),
    lines=labelled(type="array", items=asking(day=labelled(type="string", format="date"))),
) | {"required": ["choice"], "additionalProperties": False}


class TestASchema:
    def test_in_order(self) -> None:
        """Texts, choices, numbers, dates, groups and lists of them are what a form shows."""
        assert list(problems_of_schema(GOOD, "schema")) == []

    @pytest.mark.parametrize(
        ("schema", "problem", "field"),
        [
            ({"type": "strange"}, "schema-not-valid", "schema.type"),
            ({"type": "array"}, "schema-not-an-object", "schema.type"),
            ({"type": "object"}, "schema-not-an-object", "schema.type"),
            (asking(x=True), "schema-not-an-object", "schema.properties.x"),
            (asking(x={"type": "string"}), "label-missing", "schema.properties.x.title"),
            (
                asking(x={"type": "string", "title": "X"}),
                "label-missing",
                "schema.properties.x.x-title-fr",
            ),
            (
                asking(x=labelled(type="string", description="Only in English")),
                "label-missing",
                "schema.properties.x.x-description-fr",
            ),
            (
                asking(x=CHOICE | {"enum": ["a", "b"]}),
                "label-missing",
                "schema.properties.x.x-enum-titles.b.en",
            ),
            (
                asking(x=labelled(type="array", items=asking(y={"type": "string"}))),
                "label-missing",
                "schema.properties.x.items.properties.y.title",
            ),
            (
                asking(x=labelled(type="string", format="email")),
                "asks-personal-data",
                "schema.properties.x",
            ),
            (
                asking(x=labelled(type="string", **{"x-personal": True})),
                "asks-personal-data",
                "schema.properties.x",
            ),
            (
                asking(contact_phone=labelled(type="string")),
                "asks-personal-data",
                "schema.properties.contact_phone",
            ),
            (
                asking(x=labelled(type="string", pattern="(a+)+$")),
                "keyword-not-supported",
                "schema.properties.x.pattern",
            ),
            (
                asking(x=labelled(type="string", **{"$ref": "https://example.com/x"})),
                "keyword-not-supported",
                "schema.properties.x.$ref",
            ),
            (
                asking(x=labelled(type=["string", "null"])),
                "keyword-not-supported",
                "schema.properties.x.type",
            ),
            (
                asking(x=labelled(type="string")) | {"additionalProperties": True},
                "keyword-not-supported",
                "schema.additionalProperties",
            ),
            (
                asking(x=labelled(type="string")) | {"required": ["y"]},
                "property-unknown",
                "schema.required",
            ),
            (
                asking(**{"Un nom": labelled(type="string")}),
                "property-name-not-valid",
                "schema.properties.Un nom",
            ),
            (
                GOOD | {"$schema": "http://json-schema.org/draft-07/schema#"},
                "schema-not-valid",
                "schema.$schema",
            ),
            (
                asking(x=labelled(type="string", description="x" * LARGEST_SCHEMA)),
                "schema-too-large",
                "schema",
            ),
            (nested(10), "schema-too-deep", "schema"),
        ],
    )
    def test_with_a_problem(self, schema: dict[str, Any], problem: str, field: str) -> None:
        """Each problem is told by its code and the place in the schema, the first one first."""
        first, *others = problems_of_schema(schema, "schema")
        assert (first.code(), first.field) == (problem, field)
        assert all(other.code() == "label-missing" for other in others)

    def test_nested_deeper_than_a_form_shows(self) -> None:
        """Five levels of answers, the section being the first, are enough."""
        assert [each.code() for each in problems_of_schema(nested(3), "schema")] == []
        assert [each.code() for each in problems_of_schema(nested(4), "schema")] == [
            "schema-too-deep"
        ]


class TestADefinition:
    def test_sections_themes_and_indicators(self) -> None:
        """Codes are known or well formed, titles are in both languages, nothing is there twice."""
        section = Section(code="ip", titles=Bilingual(en="IP", fr="PI"), schema=GOOD)
        assert problems_of(replace(definition, sections=(section,))) == []
        bad = replace(
            definition,
            sections=(
                section,
                replace(section, titles=Bilingual(en="IP", fr=" ")),
                replace(section, code="Not A Code", schema={}),
            ),
            due_diligence=("technical", "astrology", "technical"),
            indicators=("JOBS-CREATED", "HAPPINESS", "JOBS-CREATED"),
        )
        assert [(problem.code, problem.field) for problem in problems_of(bad)] == [
            ("listed-twice", "sections[1].code"),
            ("text-missing", "sections[1].titles.fr"),
            ("code-not-valid", "sections[2].code"),
            ("schema-not-an-object", "sections[2].schema.type"),
            ("listed-twice", "due_diligence[2]"),
            ("not-among-these", "due_diligence[1]"),
            ("listed-twice", "indicators[2]"),
            ("not-among-these", "indicators[1]"),
        ]

    def test_is_stored_and_read_again(self) -> None:
        """A schema comes back from the store as it was published."""
        section = Section(code="ip", titles=Bilingual(en="IP", fr="PI"), schema=GOOD)
        event = published(
            replace(
                definition,
                sections=(section,),
                due_diligence=("technical",),
                indicators=("EXPORTS",),
            ),
            1,
        )
        assert EVENT_TYPES.decode(*EVENT_TYPES.encode(event)) == event
