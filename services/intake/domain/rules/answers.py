"""Rules about what an application answers in the sections of its form, and what it attaches."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.intake.domain.rules.parameters import Parameters, word, words
from services.intake.domain.rules.submission import Submission
from shared.kernel.refusals import Refusal, RuleBroken

_DEEPEST = 10
"""Levels of a form within which rules find answers."""


class WorkNotInCanada(RuleBroken):
    """The work is done in Canada."""

    en = "It is not declared that the work is done in Canada."
    fr = "Il n’est pas déclaré que les travaux se font au Canada."


class IpNotOwnedInCanada(RuleBroken):
    """Canadian organisations own the intellectual property that a project produces."""

    en = "It is not declared that Canadian organisations own all intellectual property produced."
    fr = (
        "Il n’est pas déclaré que toute la propriété intellectuelle produite appartient à des "
        "organisations canadiennes."
    )


class ReuseNotAllowed(RuleBroken):
    """Intellectual property produced may be reused outside the project."""

    en = (
        "It is not declared that reuse of the intellectual property outside the project is allowed."
    )
    fr = (
        "Il n’est pas déclaré que la propriété intellectuelle peut être réutilisée à l’extérieur "
        "du projet."
    )


class DocumentMissing(RuleBroken):
    """Documents of every kind that its programme asks for are attached."""

    en = "No document of this kind is attached: {kind}."
    fr = "Aucun document de ce type n’est joint : {kind}."


def declared(
    objection: type[RuleBroken],
) -> Callable[[Submission, Parameters], Iterable[Refusal]]:
    """The rule that asks for a ``true`` in ``section`` at ``field``, and else objects so."""

    def rule(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
        section, field = word(parameters, "section"), word(parameters, "field")
        if answer_at(submission.answers, section, field) is not True:
            yield objection(field=f"sections.{section}.{field}", accepted=True)

    return rule


work_in_canada = declared(WorkNotInCanada)
ip_owned_in_canada = declared(IpNotOwnedInCanada)
reuse_allowed = declared(ReuseNotAllowed)


def documents_attached(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """At least one document of each of ``kinds`` is attached."""
    for kind in words(parameters, "kinds"):
        if kind not in submission.documents:
            yield DocumentMissing(kind=kind, field="documents", accepted={"kind": kind})


def answer_at(answers: Mapping[str, Mapping[str, Any]], section: str, path: str) -> Any:
    """What a section answers at a dotted path; None when it answers nothing there."""
    found: Any = answers.get(section)
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def counted(answers: Mapping[str, Mapping[str, Any]], section: str, path: str) -> int:
    """How many a section answers: a whole number, or the length of a list; else none."""
    match answer_at(answers, section, path):
        case bool():
            return 0
        case int() as number:
            return max(0, number)
        case list() | tuple() as listed:
            return len(listed)
        case _:
            return 0


def paths_in(schema: Mapping[str, Any], depth: int = _DEEPEST) -> list[str]:
    """The dotted paths of the properties that a section's JSON Schema knows."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or depth == 0:
        return []
    found: list[str] = []
    for name, below in properties.items():
        found.append(name)
        if isinstance(below, Mapping):
            found += [f"{name}.{each}" for each in paths_in(below, depth - 1)]
    return found
