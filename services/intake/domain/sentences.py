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
from services.intake.domain import call_facts as call
from services.intake.domain import review_events as review
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
    review.OfficerAssigned: Sentence(
        "intake-officer",
        "An officer was assigned.",
        "La demande a été confiée à un responsable.",
        internal=True,
    ),
    review.InformationRequested: Sentence(
        "intake-officer",
        "Information is asked for, due on {due_on}.",
        "Des renseignements sont demandés, au plus tard le {due_on}.",
        notice=True,
    ),
    review.InformationSupplied: Sentence(
        "applicant", "The information was supplied.", "Les renseignements ont été fournis."
    ),
    review.InformationMarkedOverdue: Sentence(
        "system",
        "The information asked for by {due_on} is overdue.",
        "Les renseignements demandés pour le {due_on} sont en retard.",
        notice=True,
    ),
    review.InformationRequestClosed: Sentence(
        "intake-officer",
        "The request for information was closed.",
        "La demande de renseignements est close.",
        internal=True,
    ),
    review.DueDiligenceOpened: Sentence(
        "intake-officer",
        "Due diligence was opened.",
        "La vérification diligente a été ouverte.",
        internal=True,
    ),
    review.FindingRecorded: Sentence(
        "intake-officer", "A finding was recorded.", "Un constat a été consigné.", internal=True
    ),
    review.FindingCorrected: Sentence(
        "intake-officer", "A finding was corrected.", "Un constat a été corrigé.", internal=True
    ),
    review.FindingResolved: Sentence(
        "intake-officer", "A finding was resolved.", "Un constat a été réglé.", internal=True
    ),
    review.ThemeConcluded: Sentence(
        "intake-officer",
        "A theme of the due diligence was concluded.",
        "Un thème de la vérification diligente a été conclu.",
        internal=True,
    ),
    review.ThemeReopened: Sentence(
        "intake-officer",
        "A theme of the due diligence was reopened.",
        "Un thème de la vérification diligente a été rouvert.",
        internal=True,
        reasons="reason",
    ),
    review.DueDiligenceCompleted: Sentence(
        "intake-officer",
        "Due diligence was completed.",
        "La vérification diligente est terminée.",
        internal=True,
    ),
    call.CallAmended: Sentence(
        "programme-manager",
        "The call was amended ({reason.en}).",
        "L’appel a été modifié ({reason.fr}).",
        notice=True,
    ),
    call.CallExtended: Sentence(
        "programme-manager",
        "The call is open until {closes_at} ({reason.en}).",
        "L’appel est ouvert jusqu’au {closes_at} ({reason.fr}).",
        notice=True,
    ),
    call.CallClosedEarly: Sentence(
        "programme-manager",
        "The call closes earlier, on {closes_at} ({reason.en}).",
        "L’appel ferme plus tôt, le {closes_at} ({reason.fr}).",
        notice=True,
    ),
    application.SectionSaved: Sentence(
        "applicant", "The section {code} was saved.", "La section {code} a été enregistrée."
    ),
    application.PeopleNamed: Sentence(
        "applicant",
        "The people who work on the application were named.",
        "Les personnes qui travaillent à la demande ont été désignées.",
    ),
    application.ParticipationConfirmed: Sentence(
        "applicant",
        "A participant confirmed its part.",
        "Un participant a confirmé sa part.",
    ),
    application.ParticipationRefused: Sentence(
        "applicant", "A participant refused its part.", "Un participant a refusé sa part."
    ),
    application.ExpectationsSet: Sentence(
        "applicant",
        "The expected outcomes were set.",
        "Les résultats attendus ont été établis.",
    ),
    application.ApplicationReturned: Sentence(
        "intake-officer",
        "The application was returned; it can be submitted again until {resubmit_by}.",
        "La demande a été retournée; elle peut être déposée de nouveau jusqu’au {resubmit_by}.",
        notice=True,
        reasons="reasons",
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
    names = (field.partition(".")[0] for field in fields)
    return {name: getattr(event, name) for name in names}
