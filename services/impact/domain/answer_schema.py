"""
The answers to a questionnaire as JSON Schema (2020-12), for whoever builds a form.

It describes the object of answers by question. What it accepts is what ``answer_checks`` accepts,
but for the comparison with last year's answers. Labels are in ``title`` and ``x-title-fr``.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from services.impact.domain.answer_checks import LONGEST_TITLE, bounds
from services.impact.domain.indicators import BY_CODE
from services.impact.domain.question import IP_KINDS, LONGEST_TEXT, MOST_PROPERTY, Question
from services.impact.domain.questionnaire import QuestionnairePublished
from services.impact.domain.visibility import AT_LEAST, Condition

_NOT_BLANK = r"\S"


def answer_schema(published: QuestionnairePublished) -> dict[str, Any]:
    """The schema of one version."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": published.titles.en,
        "x-title-fr": published.titles.fr,
        "type": "object",
        "properties": {each.code: _property(each) for each in published.questions},
        "additionalProperties": False,
        "required": [
            each.code for each in published.questions if each.required and not each.shown_when
        ],
        "allOf": [{"minProperties": 1}, *_routes(published.questions)],
        "$defs": dict(_hidden(published.questions)),
    }


def _property(question: Question) -> dict[str, Any]:
    schema = {"title": question.titles.en, "x-title-fr": question.titles.fr, **_type(question)}
    if question.help is not None:
        schema |= {"description": question.help.en, "x-description-fr": question.help.fr}
    indicator = BY_CODE.get(question.code)
    unit = question.unit if indicator is None else indicator.unit
    return schema | ({"x-unit": unit} if unit else {})


def _type(question: Question) -> dict[str, Any]:
    match question.kind:
        case "indicator" | "number":
            lowest, highest = bounds(question)
            return {"type": "integer", "minimum": lowest, "maximum": highest}
        case "choice":
            return {
                "oneOf": [
                    {"const": each.code, "title": each.titles.en, "x-title-fr": each.titles.fr}
                    for each in question.choices
                ]
            }
        case "yes-no":
            return {"type": "boolean"}
        case "ip-list":
            return {"type": "array", "maxItems": MOST_PROPERTY, "items": _PROPERTY}
        case _:
            return {"type": "string", "pattern": _NOT_BLANK, "maxLength": LONGEST_TEXT}


_PROPERTY = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "pattern": _NOT_BLANK, "maxLength": LONGEST_TITLE},
        "kind": {"enum": list(IP_KINDS)},
        "canadian_owned": {"type": "boolean"},
        "reuse_allowed": {"type": "boolean"},
        "reused": {"type": "boolean"},
        "commercialised": {"type": "boolean"},
        "ip_id": {"type": ["string", "null"], "format": "uuid"},
        "owner_organisation_id": {"type": ["string", "null"], "format": "uuid"},
    },
    "additionalProperties": False,
    "required": ["title", "kind", "canadian_owned", "reuse_allowed", "reused", "commercialised"],
}


def _routes(questions: Sequence[Question]) -> Iterator[dict[str, Any]]:
    for each in questions:
        if each.shown_when is not None:
            yield {
                "if": _holds(each.shown_when),
                "then": {"required": [each.code]} if each.required else {},
                "else": {"not": {"required": [each.code]}},
            }


def _hidden(questions: Sequence[Question]) -> Iterator[tuple[str, dict[str, Any]]]:
    for each in questions:
        never: dict[str, Any] = {"not": {}}
        yield f"hidden-{each.code}", never if each.shown_when is None else _fails(each.shown_when)


def _holds(condition: Condition) -> dict[str, Any]:
    """The answers of which it is known to be true."""
    match condition.operator:
        case "all":
            return {"allOf": [_holds(each) for each in condition.parts]}
        case "any":
            return {"anyOf": [_holds(each) for each in condition.parts]}
        case "not":
            return _fails(condition.parts[0])
        case _:
            return _answered(condition.question, _compared(condition))


def _fails(condition: Condition) -> dict[str, Any]:
    """The answers of which it is known to be false, which what is hidden makes every comparison."""
    match condition.operator:
        case "all":
            return {"anyOf": [_fails(each) for each in condition.parts]}
        case "any":
            return {"allOf": [_fails(each) for each in condition.parts]}
        case "not":
            return _holds(condition.parts[0])
        case _:
            return {
                "anyOf": [
                    _answered(condition.question, {"not": _compared(condition)}),
                    {"$ref": f"#/$defs/hidden-{condition.question}"},
                ]
            }


def _compared(condition: Condition) -> dict[str, Any]:
    if condition.operator == AT_LEAST:
        return {"minimum": condition.value}
    return {"const": condition.value}


def _answered(question: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"required": [question], "properties": {question: value}}
