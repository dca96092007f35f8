"""
What changed between two versions of a programme: each change with its place and a sentence.

What has a code or a name (pockets, rules, criteria, sections, …) is compared by it, so that one
that is added in front does not make all others look changed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from services.intake.domain.bilingual import Bilingual, percent_en, percent_fr
from services.intake.domain.definition import Definition
from shared.kernel.language import Language, shown
from shared.kernel.money import Money

LABELS: Mapping[str, tuple[str, str]] = {
    "code": ("Code", "Code"),
    "names": ("Name", "Nom"),
    "purpose": ("Purpose", "Objet"),
    "phase": ("Phase", "Phase"),
    "pockets": ("Pockets", "Enveloppes"),
    "provinces": ("provinces", "provinces"),
    "share_bp": ("share", "part"),
    "reimbursement_rate_bp": ("Reimbursement rate", "Taux de remboursement"),
    "holdback_bp": ("Holdback", "Retenue"),
    "claim_frequency": ("Frequency of claims", "Fréquence des demandes de remboursement"),
    "survey_years": ("Years of follow-up", "Années de suivi"),
    "rules": ("Rules", "Règles"),
    "parameters": ("parameters", "paramètres"),
    "at_least": ("at least", "au moins"),
    "at_most_bp": ("at most", "au plus"),
    "at_least_months": ("at least, in months", "au moins, en mois"),
    "at_most_months": ("at most, in months", "au plus, en mois"),
    "scoring_grid": ("Scoring grid", "Grille d’évaluation"),
    "out_of": ("out of", "note maximale"),
    "cost_categories": ("Cost categories", "Catégories de coûts"),
    "claims": ("Claims", "Demandes de remboursement"),
    "categories": ("terms of categories", "modalités par catégorie"),
    "overhead_bp": ("overhead", "frais généraux"),
    "participant_share_bp": ("share of one participant", "part d’un participant"),
    "stacking_limit_bp": ("stacking limit", "limite de cumul"),
    "in_kind_share_bp": ("share in kind", "part en nature"),
    "sales_tax": ("sales tax", "taxes de vente"),
    "documents": ("documents", "pièces justificatives"),
    "reallocation_tolerance_bp": ("tolerance of reallocation", "marge de réaffectation"),
    "advances_allowed": ("advances", "avances"),
    "reports_hold_payments": (
        "payments held by overdue reports",
        "paiements retenus par les rapports en retard",
    ),
    "claim_due_days": ("days to claim", "jours pour demander"),
    "closing_requirements": ("closing requirements", "exigences de clôture"),
    "up_to": ("up to", "jusqu’à"),
    "approval_levels": ("levels of approval", "paliers d’approbation"),
    "overdue_interest_bp": ("interest on overdue amounts", "intérêts sur les montants en retard"),
    "sections": ("Sections", "Sections"),
    "titles": ("title", "titre"),
    "schema": ("form", "formulaire"),
    "properties": ("fields", "champs"),
    "required": ("required", "requis"),
    "items": ("each line", "chaque ligne"),
    "title": ("label in English", "libellé en anglais"),
    "x-title-fr": ("label in French", "libellé en français"),
    "description": ("explanation in English", "explication en anglais"),
    "x-description-fr": ("explanation in French", "explication en français"),
    "enum": ("choices", "choix"),
    "x-enum-titles": ("labels of choices", "libellés des choix"),
    "en": ("in English", "en anglais"),
    "fr": ("in French", "en français"),
    "due_diligence": ("Due diligence", "Contrôle préalable"),
    "indicators": ("Indicators", "Indicateurs"),
}
"""What parts are called; a part that is not listed is called by its own name."""

KEYS = ("code", "name", "criterion", "category", "role")
"""By which of these the parts of a list are told apart."""

_MONEY = {"cents", "currency"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference."""

    path: str
    """As in the document; members of lists by their code or name: ``pockets[MEIE-P1].share_bp``."""
    before: Any
    """JSON; None where it is added."""
    after: Any
    """JSON; None where it is removed."""
    sentence: Bilingual


def changes(before: Definition, after: Definition) -> list[Change]:
    """Every difference, in the order of the document; none between equals."""
    return list(_compare(asdict(before), asdict(after), "", ()))


def _compare(
    before: Any, after: Any, path: str, steps: tuple[tuple[str, str], ...]
) -> Iterable[Change]:
    if before == after:
        return
    if _is_object(before) and _is_object(after):
        for name in dict.fromkeys([*before, *after]):
            place = f"{path}.{name}" if path else name
            label = LABELS.get(name, (name, name))
            yield from _compare(before.get(name), after.get(name), place, (*steps, label))
    elif _by_key(before) is not None and _by_key(after) is not None:
        yield from _compare_lists(before, after, path, steps)
    else:
        yield _change(before, after, path, steps)


def _compare_lists(
    before: Any, after: Any, path: str, steps: tuple[tuple[str, str], ...]
) -> Iterable[Change]:
    old, new = _by_key(before) or {}, _by_key(after) or {}
    for key in dict.fromkeys([*old, *new]):
        place = f"{path}[{key}]"
        yield from _compare(old.get(key), new.get(key), place, (*steps, (key, key)))
    stayed = [key for key in old if key in new]
    order = [key for key in new if key in old]
    if stayed != order:
        yield Change(
            path=path,
            before=stayed,
            after=order,
            sentence=_sentence(
                steps,
                lambda language: (
                    f"{'the order is now' if language == 'en' else 'l’ordre est maintenant'} "
                    f"{', '.join(order)}"
                ),
            ),
        )


def _change(before: Any, after: Any, path: str, steps: tuple[tuple[str, str], ...]) -> Change:
    percent = path.endswith("_bp")

    def said(language: Language) -> str:
        old, new = (_value(each, language, percent=percent) for each in (before, after))
        match language, before, after:
            case "en", None, _:
                return f"{new} is added"
            case "en", _, None:
                return f"{old} is removed"
            case "en", _, _:
                return f"{old} becomes {new}"
            case _, None, _:
                return f"ajout de {new}"
            case _, _, None:
                return f"retrait de {old}"
            case _:
                return f"{old} devient {new}"

    return Change(path=path, before=before, after=after, sentence=_sentence(steps, said))


def _sentence(steps: tuple[tuple[str, str], ...], said: Callable[[Language], str]) -> Bilingual:
    english, french = (", ".join(step[each] for step in steps) for each in (0, 1))
    return Bilingual(en=f"{english}: {said('en')}.", fr=f"{french}\u00a0: {said('fr')}.")


def _value(value: Any, language: Language, *, percent: bool) -> str:
    """A value as it is read; rates are basis points where ``percent``."""
    if not isinstance(value, bool) and isinstance(value, int) and percent:
        return percent_en(value) if language == "en" else percent_fr(value)
    if isinstance(value, Mapping):
        return _part(value, language)
    if isinstance(value, list | tuple) and value:
        return ", ".join(_value(each, language, percent=percent) for each in value)
    if isinstance(value, str):
        return f"“{value}”" if language == "en" else f"«\u00a0{value}\u00a0»"
    if isinstance(value, bool):
        return _YES_NO[language][value]
    return _NOTHING[language] if value is None or value == () else str(value)


_YES_NO: Mapping[Language, tuple[str, str]] = {"en": ("no", "yes"), "fr": ("non", "oui")}
_NOTHING: Mapping[Language, str] = {"en": "nothing", "fr": "rien"}


def _part(value: Mapping[str, Any], language: Language) -> str:
    """An amount, a named part, or anything else by all that it says."""
    if set(value) == _MONEY:
        return str(shown(Money(value["cents"], value["currency"]), language))
    return _name(value, language) or ", ".join(
        f"{LABELS.get(key, (key, key))[language == 'fr']} "
        f"{_value(each, language, percent=key.endswith('_bp'))}"
        for key, each in value.items()
    )


def _name(value: Mapping[str, Any], language: Language) -> str | None:
    """What a part is called: by its label or title where it has one, else by its key."""
    titles = value.get("titles", {})
    title = titles.get(language) or value.get("title" if language == "en" else "x-title-fr")
    if title:
        return _value(title, language, percent=False)
    key = next((value[name] for name in KEYS if name in value), None)
    rest = {
        name: each
        for name, each in value.items()
        if name not in KEYS and each is not None and each != {}
    }
    if key is None:
        return None
    details = _value(rest.get("parameters", rest), language, percent=False) if rest else ""
    return f"{_value(key, language, percent=False)}{f' ({details})' if details else ''}"


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) != _MONEY


def _by_key(value: Any) -> dict[str, Any] | None:
    """The members of a list by their code, name or value; None of what is no such list."""
    if not isinstance(value, list | tuple):
        return None
    keyed: dict[str, Any] = {}
    for each in value:
        key = (
            each
            if isinstance(each, str)
            else next((each[name] for name in KEYS if name in each), None)
            if isinstance(each, Mapping)
            else None
        )
        if key is None or key in keyed:
            return None
        keyed[key] = each
    return keyed
