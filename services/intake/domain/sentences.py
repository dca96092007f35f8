"""
What each event of an application, and of the call it answers, is in words.

One line per event. The timeline of an application says all of them, its applicant's notices those
that are marked. An event that is not here is in ``SILENT``; a test sees to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Literal

from services.intake.domain import application_events as application
from services.intake.domain import call
from services.intake.domain.bilingual import Bilingual
from shared.kernel.language import said

Who = Literal["applicant", "intake-officer", "programme-manager", "committee", "system"]

ACTORS: Mapping[Who, Bilingual] = {
    "applicant": Bilingual(en="applicant", fr="auteur de la demande"),
    "intake-officer": Bilingual(en="intake officer", fr="responsable de la réception"),
    "programme-manager": Bilingual(en="programme manager", fr="responsable du programme"),
    "committee": Bilingual(en="committee", fr="comité"),
    "system": Bilingual(en="system", fr="système"),
}
"""Who may have acted: a role, never a person."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """
    An event in words. ``en`` and ``fr`` are format strings over the event's own fields.

    Everybody who takes part reads it: it names no person, and nothing that is one participant's
    alone.
    """

    by: Who
    en: str
    fr: str
    internal: bool = False
    """For staff only: what happens within the review."""
    notice: bool = False
    """Applicants are told of it in their notices."""
    reasons: str | None = None
    """The field that holds a reason or several, in the words of whoever gave them."""


SENTENCES: Mapping[type, Sentence] = {
    application.ApplicationStarted: Sentence(
        "applicant", "The application was started.", "La demande a été commencée."
    ),
    application.ConsortiumSet: Sentence(
        "applicant", "The consortium was described.", "Le consortium a été décrit."
    ),
    application.BudgetSet: Sentence("applicant", "The budget was set.", "Le budget a été établi."),
    application.DocumentAttached: Sentence(
        "applicant", "A document was attached.", "Un document a été joint."
    ),
    application.DocumentDetached: Sentence(
        "applicant", "A document was taken off.", "Un document a été retiré."
    ),
    application.ApplicationSubmitted: Sentence(
        "applicant",
        "The application was submitted (version {number}).",
        "La demande a été déposée (version {number}).",
    ),
    application.ApplicationWithdrawn: Sentence(
        "applicant",
        "The application was withdrawn.",
        "La demande a été retirée.",
        reasons="reason",
    ),
    application.EligibilityConfirmed: Sentence(
        "intake-officer",
        "The application was found eligible.",
        "La demande a été jugée admissible.",
    ),
    application.EligibilityRefused: Sentence(
        "intake-officer",
        "The application was found ineligible.",
        "La demande a été jugée non admissible.",
        notice=True,
        reasons="reasons",
    ),
    application.ApplicationAssessed: Sentence(
        "intake-officer",
        "The application was assessed.",
        "La demande a été évaluée.",
        internal=True,
    ),
    application.ApplicationForwarded: Sentence(
        "intake-officer",
        "The application was forwarded to the committee.",
        "La demande a été transmise au comité.",
    ),
    application.ApplicationAwarded: Sentence(
        "committee",
        "The committee decided to fund the application.",
        "Le comité a décidé de financer la demande.",
        notice=True,
    ),
    application.ApplicationDeclined: Sentence(
        "committee",
        "The committee decided not to fund the application.",
        "Le comité a décidé de ne pas financer la demande.",
        notice=True,
        reasons="reasons",
    ),
    application.AwardLapsed: Sentence(
        "committee",
        "The award lapsed before an agreement was executed.",
        "La décision de financement est devenue caduque avant la signature d’une entente.",
        notice=True,
        reasons="reason",
    ),
}

SILENT: frozenset[type] = frozenset({call.CallPublished})
"""Events that nobody is told of here, and why: a call is published before anyone answers it."""


def in_words(event: object) -> Bilingual:
    """The sentence of an event, with its dates and amounts as each language writes them."""
    sentence = SENTENCES[type(event)]
    return Bilingual(
        en=said(sentence.en, _named_in(sentence.en, event), "en"),
        fr=said(sentence.fr, _named_in(sentence.fr, event), "fr"),
    )


def reasons_of(event: object) -> tuple[str, ...]:
    """The reasons an event gives, if it gives any."""
    field = SENTENCES[type(event)].reasons
    given: str | tuple[str, ...] = () if field is None else getattr(event, field)
    return (given,) if isinstance(given, str) else tuple(given)


def _named_in(sentence: str, event: object) -> Mapping[str, object]:
    fields = (field for _, field, _, _ in Formatter().parse(sentence) if field)
    return {field: getattr(event, field) for field in fields}
