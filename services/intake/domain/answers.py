"""What a JSON Schema objects to in answers, said in both languages, with where and what instead."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry

from shared.kernel.refusals import Refusal, RuleBroken

Path: TypeAlias = Sequence[str | int]

_NOTHING_FROM_AFAR: Registry[Any] = Registry()
"""A schema refers to itself only: nothing is fetched to check an answer."""


class AnswerMissing(RuleBroken):
    """A required question is answered."""

    en = "“{label}” is not answered."
    fr = "«\u00a0{label_fr}\u00a0» est sans réponse."


class AnswerOfAnotherKind(RuleBroken):
    """A question for a number is answered with a number, one for a text with a text."""

    en = "“{label}” must be {kind}."
    fr = "«\u00a0{label_fr}\u00a0» doit être {kind_fr}."


class AnswerTooShort(RuleBroken):
    """A text or a list has at least the length that is asked for."""

    en = "“{label}” is too short: it has {actual}, at least {limit} are needed."
    fr = "«\u00a0{label_fr}\u00a0» est trop court : {actual} sur au moins {limit}."


class AnswerTooLong(RuleBroken):
    """A text or a list has at most the length that is allowed."""

    en = "“{label}” is too long: it has {actual}, at most {limit} are allowed."
    fr = "«\u00a0{label_fr}\u00a0» est trop long : {actual} pour un maximum de {limit}."


class AnswerTooSmall(RuleBroken):
    """A number is not below what is asked for."""

    en = "“{label}” is {actual}; it must be {limit} or more."
    fr = "«\u00a0{label_fr}\u00a0» vaut {actual}; le minimum est {limit}."


class AnswerTooLarge(RuleBroken):
    """A number is not above what is allowed."""

    en = "“{label}” is {actual}; it must be {limit} or less."
    fr = "«\u00a0{label_fr}\u00a0» vaut {actual}; le maximum est {limit}."


class AnswerNotAmongThese(RuleBroken):
    """A choice is one of those that are offered."""

    en = "“{label}” is not one of the choices."
    fr = "«\u00a0{label_fr}\u00a0» ne fait pas partie des choix."


class AnswerNotInThisForm(RuleBroken):
    """A text has the form that is asked for, such as that of a date."""

    en = "“{label}” does not have the expected form."
    fr = "«\u00a0{label_fr}\u00a0» n’a pas la forme attendue."


class AnswerTwice(RuleBroken):
    """Where each answer counts once, none is given twice."""

    en = "“{label}” holds the same answer twice."
    fr = "«\u00a0{label_fr}\u00a0» contient deux fois la même réponse."


class AnswerNotAsked(RuleBroken):
    """Only what is asked is answered."""

    en = "“{label}” is not asked here."
    fr = "«\u00a0{label_fr}\u00a0» n’est pas demandé ici."


class AnswerNotAccepted(RuleBroken):
    """An answer is what its schema describes."""

    en = "“{label}” is not as it is asked for."
    fr = "«\u00a0{label_fr}\u00a0» ne correspond pas à ce qui est demandé."


_KINDS = {
    "string": ("a text", "un texte"),
    "number": ("a number", "un nombre"),
    "integer": ("a whole number", "un nombre entier"),
    "boolean": ("yes or no", "oui ou non"),
    "array": ("a list", "une liste"),
    "object": ("a group of answers", "un groupe de réponses"),
    "null": ("empty", "vide"),
}
_SAID: Mapping[str, tuple[type[Refusal], Callable[[Any], object]]] = {
    **dict.fromkeys(("minLength", "minItems", "minProperties"), (AnswerTooShort, len)),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), (AnswerTooLong, len)),
    "minimum": (AnswerTooSmall, lambda answer: answer),
    "maximum": (AnswerTooLarge, lambda answer: answer),
    **dict.fromkeys(("enum", "const"), (AnswerNotAmongThese, str)),
    **dict.fromkeys(("pattern", "format"), (AnswerNotInThisForm, str)),
    "uniqueItems": (AnswerTwice, str),
}
"""What each keyword of a schema objects with, and what of the answer the sentence shows."""


def objections(schema: Mapping[str, Any], answers: Mapping[str, Any]) -> Iterator[Refusal]:
    """Everything the schema objects to, in the order of the answers; ``field`` is the path."""
    validator = Draft202012Validator(
        schema,
        registry=_NOTHING_FROM_AFAR,
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    said = set()
    errors = sorted(validator.iter_errors(answers), key=lambda error: list(map(str, error.path)))
    for error in errors:
        for refusal in _refusals(error):
            # A list of required answers objects once per answer; each is named once.
            if (type(refusal), refusal.field) not in said:
                said.add((type(refusal), refusal.field))
                yield refusal


def _refusals(error: ValidationError) -> Iterator[Refusal]:
    keyword, answer = str(error.validator), error.instance
    limit: Any = error.validator_value
    path = list(error.absolute_path)
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    if keyword == "required":
        yield from _missing(limit, schema, answer, path)
    elif keyword in {"additionalProperties", "unevaluatedProperties"}:
        yield from _not_asked(schema, answer, path)
    else:
        yield _objection(keyword, limit, answer, schema, path)


def _missing(names: Any, schema: Mapping[str, Any], answer: Any, path: Path) -> Iterator[Refusal]:
    for name in names:
        if name not in answer:
            wanted = _property(schema, name)
            yield _said(AnswerMissing, wanted, [*path, name], accepted=_wanted(wanted))


def _not_asked(schema: Mapping[str, Any], answer: Any, path: Path) -> Iterator[Refusal]:
    asked = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    for name in answer:
        if name not in asked and not any(re.search(pattern, name) for pattern in patterns):
            yield _said(AnswerNotAsked, {}, [*path, name])


def _objection(
    keyword: str, limit: Any, answer: Any, schema: Mapping[str, Any], path: Path
) -> Refusal:
    if keyword == "type":
        kinds = [limit] if isinstance(limit, str) else list(limit)
        return _said(
            AnswerOfAnotherKind,
            schema,
            path,
            accepted={"type": limit},
            kind=" or ".join(_KINDS[kind][0] for kind in kinds),
            kind_fr=" ou ".join(_KINDS[kind][1] for kind in kinds),
        )
    sentence, shown = _SAID.get(keyword, (AnswerNotAccepted, str))
    if sentence is AnswerTooShort and not answer:
        sentence = AnswerMissing
    accepted = {keyword: limit}
    return _said(sentence, schema, path, accepted=accepted, limit=limit, actual=shown(answer))


def _said(
    sentence: type[Refusal],
    schema: Mapping[str, Any],
    path: Path,
    accepted: object = None,
    **parameters: Any,
) -> Refusal:
    """The sentence, with the question's label in both languages, or else its field's name."""
    name = next((part for part in reversed(path) if isinstance(part, str)), "")
    title = str(schema.get("title") or name)
    return sentence(
        field=_written(path) or None,
        accepted=accepted,
        label=title,
        label_fr=str(schema.get("x-title-fr") or title),
        **parameters,
    )


def _property(schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    described = schema.get("properties", {}).get(name)
    return described if isinstance(described, Mapping) else {}


def _wanted(schema: Mapping[str, Any]) -> Any:
    """What a missing answer would have to be, in the words of its schema."""
    words = ("type", "enum", "const", "format", "minLength", "minimum", "maximum", "minItems")
    return {word: schema[word] for word in words if word in schema} or None


def _written(parts: Path) -> str:
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text
