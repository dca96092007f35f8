"""
What a section of the application's form may ask: a small part of JSON Schema 2020-12.

Every keyword that is allowed can be shown as a form, checked in bounded time and explained in
both languages; what points elsewhere or runs patterns is not among them. Answers become part of
events, which are kept for ever: a section asks nothing about persons.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from shared.kernel.refusals import Invalid, Refusal

Schema: TypeAlias = Mapping[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LARGEST_SCHEMA = 32_768
"""Bytes of UTF-8, written without spaces."""
DEEPEST_SCHEMA = 5
"""Levels of objects and lists in the answers, the section itself being the first."""
LONGEST_LABEL = 300

TYPES = ("object", "array", "string", "integer", "number", "boolean")
FORMATS = ("date",)
KEYWORDS = frozenset(
    {
        "$schema",
        "type",
        "title",
        "x-title-fr",
        "description",
        "x-description-fr",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "x-enum-titles",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "uniqueItems",
        "format",
    }
)
"""``x-…`` are ours: French labels, and ``{value: {en, fr}}`` for the values of ``enum``."""

PERSONAL_FORMATS = frozenset({"email", "idn-email", "phone", "tel"})
PERSONAL_WORDS = frozenset(
    {
        "email",
        "courriel",
        "phone",
        "telephone",
        "mobile",
        "birthdate",
        "birthday",
        "firstname",
        "lastname",
        "surname",
        "prenom",
        "nas",
    }
)
"""Words of a property's name that say that it is about a person."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


class SchemaNotValid(Invalid):
    """The schema of a section follows JSON Schema 2020-12."""

    en = "This is not valid JSON Schema 2020-12: {problem}"
    fr = "Ceci n’est pas un schéma JSON 2020-12 valide\u00a0: {problem}"


class SchemaNotAnObject(Invalid):
    """The answers of a section are an object of named properties."""

    en = "The schema of a section is of type object, with properties."
    fr = "Le schéma d’une section est de type object, avec des propriétés."


class KeywordNotSupported(Invalid):
    """A section is described by the keywords that forms can show."""

    en = "The keyword {keyword} cannot be used in a section."
    fr = "Le mot-clé {keyword} ne peut pas être utilisé dans une section."


class LabelMissing(Invalid):
    """Whatever an applicant fills in has a label in both languages."""

    en = "This property has no label here."
    fr = "Cette propriété n’a pas de libellé ici."


class AsksPersonalData(Invalid):
    """Answers are kept for ever: a section asks nothing about persons."""

    en = "A section may not ask for personal data."
    fr = "Une section ne peut pas demander de renseignements personnels."


class PropertyNameNotValid(Invalid):
    """A property is named by small letters, digits and underscores."""

    en = "{name} cannot be the name of a property."
    fr = "{name} ne peut pas être le nom d’une propriété."


class SchemaTooLarge(Invalid):
    """The schema of a section has a size that a form can show."""

    en = "The schema has {actual} bytes; at most {limit} are allowed."
    fr = "Le schéma compte {actual} octets; au plus {limit} sont permis."


class SchemaTooDeep(Invalid):
    """Answers are nested only as far as a form can show."""

    en = "The answers are nested more than {limit} levels deep."
    fr = "Les réponses sont imbriquées sur plus de {limit} niveaux."


class PropertyUnknown(Invalid):
    """What is required is one of the properties."""

    en = "{name} is required, and is not a property."
    fr = "{name} est requis, mais n’est pas une propriété."


def problems_of_schema(schema: Schema, field: str) -> Iterable[Refusal]:
    """Everything that keeps a schema from being a section's; ``field`` is where it stands."""
    if _deeper_than(schema, 2 * DEEPEST_SCHEMA + 2):
        yield SchemaTooDeep(limit=DEEPEST_SCHEMA, field=field, accepted={"maximum": DEEPEST_SCHEMA})
        return
    written = json.dumps(schema, ensure_ascii=False, separators=(",", ":")).encode()
    if len(written) > LARGEST_SCHEMA:
        yield SchemaTooLarge(
            actual=len(written),
            limit=LARGEST_SCHEMA,
            field=field,
            accepted={"maximum_bytes": LARGEST_SCHEMA},
        )
        return
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        yield SchemaNotValid(problem=error.message[:300], field=_path(field, error.absolute_path))
        return
    if schema.get("$schema", DIALECT) != DIALECT:
        yield SchemaNotValid(problem="$schema", field=f"{field}.$schema", accepted=DIALECT)
    if schema.get("type") != "object" or not schema.get("properties"):
        yield SchemaNotAnObject(field=f"{field}.type", accepted="object")
        return
    yield from _node(schema, field, level=1)


def _node(schema: Any, field: str, *, level: int) -> Iterable[Refusal]:
    if not isinstance(schema, Mapping):  # true and false are schemas too, and ask nothing
        yield SchemaNotAnObject(field=field, accepted="an object with a type")
        return
    if schema.get("x-personal") or schema.get("format") in PERSONAL_FORMATS:
        yield AsksPersonalData(field=field)
        return
    for keyword in schema:
        if keyword not in KEYWORDS:
            yield KeywordNotSupported(
                keyword=keyword, field=f"{field}.{keyword}", accepted=sorted(KEYWORDS)
            )
    for keyword, known in (("type", TYPES), ("format", FORMATS)):
        given = schema.get(keyword)
        if (given is not None or keyword == "type") and given not in known:
            yield KeywordNotSupported(
                keyword=f"{keyword}: {given}", field=f"{field}.{keyword}", accepted=list(known)
            )
    if level > DEEPEST_SCHEMA:
        yield SchemaTooDeep(limit=DEEPEST_SCHEMA, field=field, accepted={"maximum": DEEPEST_SCHEMA})
        return
    yield from _choices(schema, field)
    if schema.get("type") == "object":
        yield from _properties(schema, field, level=level)
    if schema.get("type") == "array":
        yield from _node(schema.get("items"), f"{field}.items", level=level + 1)


def _properties(schema: Schema, field: str, *, level: int) -> Iterable[Refusal]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    for name, part in properties.items():
        place = f"{field}.properties.{name}"
        if not _NAME.fullmatch(name):
            yield PropertyNameNotValid(name=name, field=place, accepted={"pattern": _NAME.pattern})
        if PERSONAL_WORDS & set(name.lower().split("_")):
            yield AsksPersonalData(field=place)
            continue
        if isinstance(part, Mapping):
            yield from _labels(part, place)
        yield from _node(part, place, level=level + 1)
    for name in schema.get("required", ()):
        if name not in properties:
            yield PropertyUnknown(name=name, field=f"{field}.required", accepted=list(properties))
    # Nothing that was not asked for finds its way into an event.
    if schema.get("additionalProperties", False) is not False:
        yield KeywordNotSupported(
            keyword="additionalProperties", field=f"{field}.additionalProperties", accepted=False
        )


def _labels(schema: Schema, field: str) -> Iterable[Refusal]:
    for keyword in ("title", "x-title-fr"):
        if not _is_label(schema.get(keyword)):
            yield LabelMissing(field=f"{field}.{keyword}", accepted=_LABEL)
    if ("description" in schema) != ("x-description-fr" in schema):
        yield LabelMissing(field=f"{field}.x-description-fr", accepted=_LABEL)


def _choices(schema: Schema, field: str) -> Iterable[Refusal]:
    titles = schema.get("x-enum-titles", {})
    if "enum" not in schema:
        return
    for value in schema["enum"]:
        labels = titles.get(value) if isinstance(value, str) and isinstance(titles, Mapping) else {}
        for language in ("en", "fr"):
            if not (isinstance(labels, Mapping) and _is_label(labels.get(language))):
                yield LabelMissing(
                    field=f"{field}.x-enum-titles.{value}.{language}", accepted=_LABEL
                )


def _is_label(text: Any) -> bool:
    return isinstance(text, str) and bool(text.strip()) and len(text) <= LONGEST_LABEL


_LABEL = {"type": "string", "maximum_length": LONGEST_LABEL}


def _deeper_than(value: Any, limit: int) -> bool:
    """Whether a value is nested deeper than ``limit``; asked before anything recurses into it."""
    level = [value]
    for _ in range(limit):
        level = [
            part
            for each in level
            for part in (
                each.values()
                if isinstance(each, Mapping)
                else each
                if isinstance(each, list | tuple)
                else ()
            )
        ]
        if not level:
            return False
    return True


def _path(field: str, steps: Iterable[str | int]) -> str:
    return field + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
