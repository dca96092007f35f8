"""The one place where a refusal meets an HTTP status: problem details (RFC 9457)."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from shared.kernel.language import Language
from shared.kernel.money import Money
from shared.kernel.refusals import (
    Invalid,
    NotAllowed,
    NotFound,
    Reason,
    Refusal,
    RuleBroken,
    StaleVersion,
)
from shared.observability.metrics import count_refusal
from shared.web import refusals

MEDIA_TYPE = "application/problem+json"

STATUS_OF: dict[type[Refusal], int] = {
    refusals.BodyNotJson: 400,
    refusals.Unauthenticated: 401,
    NotAllowed: 403,
    NotFound: 404,
    refusals.MethodUnknown: 405,
    refusals.BodyTooSlow: 408,
    RuleBroken: 409,
    StaleVersion: 412,
    refusals.BodyTooLarge: 413,
    refusals.ContentTypeUnknown: 415,
    Invalid: 422,
    refusals.AskedTooOften: 429,
    refusals.SomethingBroke: 500,
    Refusal: 400,
}
"""
The nearest ancestor of a refusal's class says its status; but a class that says when to ask
again (``retry_after_seconds``) is 503 where it has none of its own.
"""

FRENCH_TITLES: dict[type[Refusal], str] = {
    refusals.Unauthenticated: "On ne sait pas qui demande.",
    NotAllowed: "Qui demande n’en a pas le droit.",
    NotFound: "Cet élément n’existe pas, ou ne vous est pas accessible.",
    RuleBroken: "Les règles ne le permettent pas dans l’état actuel.",
    StaleVersion: "L’élément a changé depuis que vous l’avez lu.",
    Invalid: "Ce qui a été envoyé ne peut être juste en aucun cas.",
    refusals.SomethingBroke: "Une erreur de notre part.",
    Refusal: "La demande est refusée.",
}
"""
Titles are docstrings, which are English. In French the title names the kind of refusal,
unless the class says its own as ``title_fr``; the detail says what exactly.
"""

_LONGEST_FIELD = 200


def status_of(kind: type[Refusal]) -> int:
    """The HTTP status of a class of refusals."""
    if hasattr(kind, "retry_after_seconds"):
        return STATUS_OF.get(kind, 503)
    return int(_nearest(kind, STATUS_OF))


def title_of(kind: type[Refusal], language: Language) -> str:
    """What the class refuses, whatever the particulars: one sentence."""
    if language == "fr":
        own = getattr(kind, "title_fr", None)
        return own if isinstance(own, str) else _nearest(kind, FRENCH_TITLES)
    return " ".join((kind.__doc__ or kind.__name__).strip().split("\n\n", maxsplit=1)[0].split())


def problem_of(
    refusal: Refusal, *, language: Language, instance: str, status: int | None = None
) -> dict[str, Any]:
    """The problem details of a refusal, in the reader's language and in both."""
    kind = type(refusal)
    code = kind.code()
    messages = {"en": refusal.says("en"), "fr": refusal.says("fr")}
    reasons = refusal.reasons or ((refusal.as_reason(),) if refusal.field else ())
    return {
        "type": f"/problems/{code}",
        "title": title_of(kind, language),
        "status": status or status_of(kind),
        "detail": messages[language],
        "instance": instance,
        "code": code,
        "messages": messages,
        "errors": [_error_of(reason) for reason in reasons],
    }


def answer(
    refusal: Refusal,
    *,
    language: Language,
    instance: str,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The HTTP answer that says a refusal; each is counted."""
    count_refusal(type(refusal).code())
    body = problem_of(refusal, language=language, instance=instance, status=status)
    response = Response(to_json(body), body["status"], {"Content-Language": language}, MEDIA_TYPE)
    if isinstance(refusal, refusals.Unauthenticated):
        response.headers["WWW-Authenticate"] = refusal.challenge
    retry_after = getattr(refusal, "retry_after_seconds", None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    response.headers.update(headers or {})
    return response


def to_json(body: object) -> bytes:
    """JSON in UTF-8; half characters that a client sent come back as JSON escapes."""
    text = json.dumps(body, ensure_ascii=False, default=_plain, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def _error_of(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "field": reason.field and reason.field[:_LONGEST_FIELD],
        "messages": {"en": reason.en, "fr": reason.fr},
        "accepted": reason.accepted,
    }


def _nearest(kind: type[Refusal], table: Mapping[type[Refusal], Any]) -> Any:
    return next(table[each] for each in kind.__mro__ if each in table)


def _plain(value: object) -> object:
    """What JSON has no form for, among what a refusal may say would be accepted."""
    match value:
        case Money():
            return {"cents": value.cents, "currency": value.currency}
        case set() | frozenset():
            return sorted(value, key=str)
        case _:
            return str(value)
