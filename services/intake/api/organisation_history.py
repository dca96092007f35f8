"""What happened to an organisation, in sentences."""

from typing import assert_never

from services.intake.api.histories import Sentence
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.organisation import (
    Event,
    OrganisationAbsorbed,
    OrganisationAmended,
    OrganisationHeld,
    OrganisationHoldReleased,
    OrganisationMerged,
    OrganisationRegistered,
)
from services.intake.domain.profile import Changed, business_number_is_valid

FIELDS = {
    "neq": Bilingual(en="Québec enterprise number", fr="NEQ"),
    "legal_name": Bilingual(en="legal name", fr="dénomination sociale"),
    "legal_name_en": Bilingual(en="English legal name", fr="dénomination sociale anglaise"),
    "legal_name_fr": Bilingual(en="French legal name", fr="dénomination sociale française"),
    "kind": Bilingual(en="kind", fr="type"),
    "province": Bilingual(en="province", fr="province"),
    "employees": Bilingual(en="employees", fr="nombre d’employés"),
    "for_profit": Bilingual(en="for profit", fr="à but lucratif"),
    "incorporated_in_canada": Bilingual(
        en="incorporated in Canada", fr="constituée en société au Canada"
    ),
    "naics": Bilingual(en="industry (NAICS)", fr="industrie (SCIAN)"),
}


def tell_staff(event: Event) -> Sentence:  # one per event
    """One sentence about one event."""
    match event:
        case OrganisationRegistered():
            return _registered(event)
        case OrganisationAmended():
            return Sentence(
                "Amended: {changed}. Reason: {reason}",
                "Modifiée : {changed}. Motif : {reason}",
                {"changed": _changed(event.changed), "reason": event.reason},
            )
        case OrganisationHeld():
            return Sentence(
                "Put on hold: {reason}", "Suspendue : {reason}", {"reason": event.reason}
            )
        case OrganisationHoldReleased():
            return Sentence(
                "Hold released: {reason}",
                "Suspension levée : {reason}",
                {"reason": event.reason},
            )
        case OrganisationMerged():
            return Sentence(
                "Merged into {into}: {reason}",
                "Fusionnée avec {into} : {reason}",
                {"into": event.into, "reason": event.reason},
            )
        case OrganisationAbsorbed():
            return Sentence(
                "Stands for {absorbed} from now on: {reason}",
                "Représente désormais {absorbed} : {reason}",
                {"absorbed": list(event.absorbed), "reason": event.reason},
            )
        case unreachable:
            assert_never(unreachable)


def tell_its_own(event: Event) -> Sentence | None:
    """As ``tell_staff``; why it was on hold is between officers."""
    if isinstance(event, OrganisationHeld | OrganisationHoldReleased):
        return None
    return tell_staff(event)


def _registered(event: OrganisationRegistered) -> Sentence:
    number = event.profile.business_number
    parameters: dict[str, object] = {"name": event.profile.legal_name, "number": number}
    if business_number_is_valid(number):
        return Sentence(
            "Registered as {name}, business number {number}.",
            "Inscrite sous le nom {name}, numéro d’entreprise {number}.",
            parameters,
        )
    return Sentence(
        "Imported as {name}; its business number {number} does not check.",
        "Importée sous le nom {name}; son numéro d’entreprise {number} n’est pas valide.",
        parameters,
    )


def _changed(changes: tuple[Changed, ...]) -> Bilingual:
    return Bilingual(
        en="; ".join(
            f"{FIELDS[each.field].en} {_shown(each.before, 'en')} → {_shown(each.after, 'en')}"
            for each in changes
        ),
        fr="; ".join(
            f"{FIELDS[each.field].fr} {_shown(each.before, 'fr')} → {_shown(each.after, 'fr')}"
            for each in changes
        ),
    )


_WORDS = {"true": ("yes", "oui"), "false": ("no", "non")}


def _shown(value: str | None, language: str) -> str:
    if value is None:
        return "—"
    return _WORDS.get(value, (value, value))[language == "fr"]
