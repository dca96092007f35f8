"""What pydantic finds wrong with a request, as reasons that a person can act on."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from shared.kernel.language import shown
from shared.kernel.periods import InvalidQuarter
from shared.kernel.refusals import Reason, Refusal
from shared.web.refusals import BodyNotJson, RequestInvalid

_ALTERNATIVE = re.compile(r"[\[(]")
"""Pydantic puts the name of a union's member, such as ``is-instance[Quarter]``, into the path."""

MOST_REASONS = 100
"""A reader is not helped by more, and an answer stays small."""


class _Text(NamedTuple):
    """How one kind of mistake is said; the sentences are format strings over pydantic's context."""

    code: str
    en: str
    fr: str
    accepted: Callable[[Mapping[str, Any]], object] = lambda _: None


def _says(value: object) -> Callable[[Mapping[str, Any]], object]:
    return lambda _: value


def _bound(name: str, key: str) -> Callable[[Mapping[str, Any]], object]:
    return lambda context: {name: context.get(key)}


def _choices(context: Mapping[str, Any]) -> object:
    """Pydantic says ``'a', 'b' or 'c'``."""
    expected = str(context.get("expected", ""))
    return re.findall(r"'([^']*)'", expected) or expected


_WHOLE = _Text(
    "not-a-whole-number",
    "A whole number is needed.",
    "Un nombre entier est nécessaire.",
    _says("integer"),
)
_NUMBER = _Text("not-a-number", "A number is needed.", "Un nombre est nécessaire.", _says("number"))
_TEXT = _Text("not-text", "Text is needed.", "Du texte est nécessaire.", _says("string"))
_YES_NO = _Text(
    "not-true-or-false",
    "Either true or false is needed.",
    "Il faut répondre par true ou false.",
    _says([True, False]),
)
_DATE = _Text(
    "not-a-date",
    "A date is needed, written year-month-day: 2024-03-31.",
    "Une date est nécessaire, écrite année-mois-jour : 2024-03-31.",
    _says("YYYY-MM-DD"),
)
_INSTANT = _Text(
    "not-an-instant",
    "A date and time with its time zone is needed: 2024-03-31T16:00:00-04:00.",
    "Il faut une date et une heure avec leur fuseau : 2024-03-31T16:00:00-04:00.",
    _says("YYYY-MM-DDThh:mm:ss±hh:mm"),
)
_UUID = _Text(
    "not-a-uuid",
    "A UUID is needed.",
    "Un UUID est nécessaire.",
    _says("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"),
)
_LIST = _Text("not-a-list", "A list is needed.", "Une liste est nécessaire.", _says("array"))
_OBJECT = _Text(
    "not-an-object",
    "An object with named fields is needed.",
    "Un objet aux champs nommés est nécessaire.",
    _says("object"),
)
_CHOICE = _Text(
    "not-one-of",
    "One of these is needed: {expected}.",
    "Il faut l’une de ces valeurs : {expected}.",
    _choices,
)

TEXTS: dict[str, _Text] = {
    "missing": _Text(
        "missing", "This is needed.", "Cette donnée est nécessaire.", _says("present")
    ),
    "extra_forbidden": _Text(
        "unexpected",
        "This is not expected here.",
        "Cette donnée n’est pas attendue ici.",
        _says("absent"),
    ),
    "unexpected_keyword_argument": _Text(
        "unexpected",
        "This is not expected here.",
        "Cette donnée n’est pas attendue ici.",
        _says("absent"),
    ),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "string_type": _TEXT,
    "string_sub_type": _TEXT,
    "string_unicode": _TEXT,
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "datetime_object_invalid": _INSTANT,
    "timezone_aware": _INSTANT,
    "uuid_type": _UUID,
    "uuid_parsing": _UUID,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "iterable_type": _LIST,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "mapping_type": _OBJECT,
    "literal_error": _CHOICE,
    "enum": _CHOICE,
    "too_many_mistakes": _Text(
        "too-many-mistakes",
        "There are too many mistakes to name.",
        "Les erreurs sont trop nombreuses pour être nommées.",
    ),
    "none_required": _Text(
        "not-null", "Only null is accepted.", "Seule la valeur null est acceptée.", _says(None)
    ),
    "greater_than": _Text(
        "too-small",
        "More than {gt} is needed.",
        "Il faut plus que {gt}.",
        _bound("more_than", "gt"),
    ),
    "greater_than_equal": _Text(
        "too-small",
        "At least {ge} is needed.",
        "Il faut au moins {ge}.",
        _bound("at_least", "ge"),
    ),
    "less_than": _Text(
        "too-large",
        "Less than {lt} is needed.",
        "Il faut moins que {lt}.",
        _bound("less_than", "lt"),
    ),
    "less_than_equal": _Text(
        "too-large",
        "At most {le} is accepted.",
        "Au plus {le} est accepté.",
        _bound("at_most", "le"),
    ),
    "multiple_of": _Text(
        "not-a-multiple",
        "A multiple of {multiple_of} is needed.",
        "Il faut un multiple de {multiple_of}.",
        _bound("multiple_of", "multiple_of"),
    ),
    "string_too_short": _Text(
        "too-short",
        "At least {min_length} characters are needed.",
        "Il faut au moins {min_length} caractères.",
        _bound("min_length", "min_length"),
    ),
    "string_too_long": _Text(
        "too-long",
        "At most {max_length} characters are accepted.",
        "Au plus {max_length} caractères sont acceptés.",
        _bound("max_length", "max_length"),
    ),
    "string_pattern_mismatch": _Text(
        "wrong-pattern",
        "It is not written as expected: {pattern}.",
        "L’écriture n’est pas celle attendue : {pattern}.",
        _bound("pattern", "pattern"),
    ),
    "too_short": _Text(
        "too-few",
        "At least {min_length} items are needed.",
        "Il faut au moins {min_length} éléments.",
        _bound("min_items", "min_length"),
    ),
    "too_long": _Text(
        "too-many",
        "At most {max_length} items are accepted.",
        "Au plus {max_length} éléments sont acceptés.",
        _bound("max_items", "max_length"),
    ),
}

_OTHERWISE = _Text(
    "not-accepted",
    "This value is not accepted here.",
    "Cette valeur n’est pas acceptée ici.",
)
_QUARTER = _Text(
    "not-a-quarter",
    "A fiscal quarter is needed, written as in 2024-T1 (fiscal years 1900 to 2999).",
    "Un trimestre d’exercice est nécessaire, écrit comme 2024-T1 (exercices 1900 à 2999).",
    _says("YYYY-Tn"),
)


def every_text() -> list[tuple[str, str, str]]:
    """Each code that ``errors`` may carry for a malformed request, with both sentences."""
    texts = {text.code: text for text in (*TEXTS.values(), _QUARTER, _OTHERWISE)}
    return [(text.code, text.en, text.fr) for text in texts.values()]


def refusal_of(errors: Sequence[Mapping[str, Any]]) -> Refusal:
    """The refusal for pydantic's errors on a request."""
    if any(error["type"] == "json_invalid" for error in errors):
        return BodyNotJson(accepted="application/json")
    reasons: dict[str | None, Reason] = {}
    for reason in map(reason_of, errors):
        if len(reasons) == MOST_REASONS:
            break
        # One value that may be written in several ways fails in each: one reason is enough.
        known = reasons.setdefault(reason.field, reason)
        if known.code == _OTHERWISE.code:
            reasons[reason.field] = reason
    return RequestInvalid(reasons=list(reasons.values()))


def reason_of(error: Mapping[str, Any]) -> Reason:
    """One error, without repeating what was sent: it may be personal."""
    context: Mapping[str, Any] = error.get("ctx") or {}
    text = _text_for(error, context)
    return Reason(
        code=text.code,
        en=_filled(text.en, context, "en"),
        fr=_filled(text.fr, context, "fr"),
        field=field_of(error["loc"]),
        accepted=text.accepted(context),
    )


def field_of(location: Iterable[str | int]) -> str | None:
    """``("body", "participants", 1, "business_number")`` is ``participants[1].business_number``."""
    path = ""
    for step in list(location)[1:]:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not _ALTERNATIVE.search(step):
            path += f".{step}" if path else step
    return path or None


def _text_for(error: Mapping[str, Any], context: Mapping[str, Any]) -> _Text:
    about_a_quarter = (
        isinstance(context.get("error"), InvalidQuarter)
        or context.get("class") == "Quarter"
        or "-T[1-4]" in str(context.get("pattern"))
    )
    return _QUARTER if about_a_quarter else TEXTS.get(error["type"], _OTHERWISE)


def _filled(sentence: str, context: Mapping[str, Any], language: Any) -> str:
    return sentence.format(**{name: shown(value, language) for name, value in context.items()})
