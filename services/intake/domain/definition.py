"""
A programme definition: one set of rules as data, checked as a whole when it is entered.

Every problem is reported at once, each with the field it is in and what would be accepted.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.intake.domain.bilingual import Bilingual
from services.intake.domain.claim_terms import (
    APPROVING_ROLES,
    CLOSING_REQUIREMENTS,
    DOCUMENTS,
    NOTHING_SAID,
    SALES_TAX,
    ClaimTerms,
)
from services.intake.domain.organisation import PROVINCES
from services.intake.domain.rules import RULES, AskedRule, Bounds, Kind, ParameterNotAcceptable
from services.intake.domain.rules.answers import paths_in
from shared.kernel.money import BASIS_POINTS
from shared.kernel.refusals import Invalid, Reason, Refusal

CLAIM_FREQUENCIES = ("monthly", "quarterly", "semi-annual")

REIMBURSEMENT_RATE_BP = Bounds(lowest=1, highest=BASIS_POINTS)
HOLDBACK_BP = Bounds(lowest=0, highest=BASIS_POINTS)
SURVEY_YEARS = Bounds(lowest=0, highest=10)
OUT_OF = Bounds(lowest=1, highest=1_000)
SHARE_BP = Bounds(lowest=1, highest=BASIS_POINTS)
OVERHEAD_BP = Bounds(lowest=0, highest=BASIS_POINTS)
TOLERANCE_BP = Bounds(lowest=0, highest=BASIS_POINTS)
INTEREST_BP = Bounds(lowest=0, highest=BASIS_POINTS)
CLAIM_DUE_DAYS = Bounds(lowest=1, highest=366)

_FROM_TO = (("at_least_months", "at_most_months"), ("lowest_cents", "highest_cents"))
"""Parameters of which the first is not above the second."""

_CODE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")
_CODE_LENGTH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketTerms:
    """How a programme may draw on one pocket."""

    code: str
    provinces: tuple[str, ...] | None = None
    """Only participants of these provinces; None: of all."""
    share_bp: int | None = None
    """Its share of each request it may fund; None: what the shares of others leave."""

    def takes(self, province: str) -> bool:
        """A participant of this province may be funded from it."""
        return self.provinces is None or province in self.provinces


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One line of the scoring grid."""

    criterion: str
    out_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of the application's form."""

    code: str
    titles: Bilingual
    schema: Mapping[str, Any]
    """JSON Schema 2020-12 of its answers, an object; labels in ``title`` and ``x-title-fr``."""
    required: bool = True
    """It must be complete to submit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a version of a programme says."""

    code: str
    names: Bilingual
    purpose: Bilingual
    phase: str
    """The envelope period or initiative it spends under."""
    pockets: tuple[PocketTerms, ...]
    """In the order in which they are drawn on."""
    reimbursement_rate_bp: int
    """Highest public share of eligible cash costs."""
    holdback_bp: int
    """Share of each reimbursement kept until closing (Directive on Transfer Payments)."""
    claim_frequency: str
    survey_years: int
    rules: tuple[AskedRule, ...]
    scoring_grid: tuple[Criterion, ...]
    cost_categories: tuple[str, ...]
    claims: ClaimTerms = NOTHING_SAID
    """Caps, advances, reports, levels of approval and closing."""
    sections: tuple[Section, ...] = ()
    """What an application answers beside consortium and budget, in order."""
    due_diligence: tuple[str, ...] = ()
    """Themes that officers look into before they assess; none: no due diligence is asked."""
    indicators: tuple[str, ...] = ()
    """Codes of what its projects are expected to change; baselines and expectations are asked."""


class DefinitionNotValid(Invalid):
    """A programme definition is published only when all of it makes sense."""

    en = "The programme definition has problems."
    fr = "La définition du programme comporte des problèmes."


class CodeNotValid(Invalid):
    """A code is made of capital letters, digits and hyphens."""

    en = "{code} is not a code."
    fr = "{code} n’est pas un code."


class TextMissing(Invalid):
    """What people read is written in English and in French."""

    en = "This text is needed."
    fr = "Ce texte est requis."


class OutOfBounds(Invalid):
    """A number lies within its bounds."""

    en = "{value} is not between {lowest} and {highest}."
    fr = "{value} n’est pas entre {lowest} et {highest}."


class NotAmongThese(Invalid):
    """A value is one of those that are known."""

    en = "{value} is not known here."
    fr = "{value} n’est pas connu ici."


class ListedTwice(Invalid):
    """Each is listed once."""

    en = "{value} is listed twice."
    fr = "{value} figure deux fois dans la liste."


class NothingListed(Invalid):
    """At least one is needed."""

    en = "At least one is needed."
    fr = "Il en faut au moins un."


class SharesExceedTheWhole(Invalid):
    """The shares of the pockets that may fund one participant add up to at most the whole."""

    en = "The shares of pockets for participants of {province} add up to more than 100%."
    fr = "Les parts des enveloppes pour les participants de {province} dépassent 100\u00a0%."


class NoPocketTakesTheRest(Invalid):
    """Where pockets take shares, one without a share takes what they leave."""

    en = "For participants of {province}, no pocket takes what the shares leave."
    fr = "Pour les participants de {province}, aucune enveloppe ne prend ce que les parts laissent."


class ParameterMissing(Invalid):
    """A rule is listed with every parameter it needs."""

    en = "The rule {rule} needs its parameter {parameter}."
    fr = "La règle {rule} exige son paramètre {parameter}."


class LevelsDoNotRise(Invalid):
    """Levels of approval are listed from the lowest; only the last may be without a bound."""

    en = "Each level of approval reaches further than the one before it."
    fr = "Chaque palier d’approbation va plus loin que le précédent."


class ParametersContradict(Invalid):
    """A lower bound is not above its upper bound."""

    en = "The lower bound is above the upper one."
    fr = "La limite inférieure dépasse la limite supérieure."


def problems_of(definition: Definition) -> list[Reason]:
    """Everything that is wrong with a definition, at once."""
    checks = (_texts, _numbers, _pockets, _rules, _scoring_grid, _cost_categories, _claims)
    return [problem.as_reason() for check in checks for problem in check(definition)]


def _texts(definition: Definition) -> Iterable[Refusal]:
    yield from _code(definition.code, "code")
    if not definition.phase.strip():
        yield TextMissing(field="phase")
    for name, text in (("names", definition.names), ("purpose", definition.purpose)):
        for language, words in (("en", text.en), ("fr", text.fr)):
            if not words.strip():
                yield TextMissing(field=f"{name}.{language}")


def _numbers(definition: Definition) -> Iterable[Refusal]:
    yield from _within(
        definition.reimbursement_rate_bp, REIMBURSEMENT_RATE_BP, "reimbursement_rate_bp"
    )
    yield from _within(definition.holdback_bp, HOLDBACK_BP, "holdback_bp")
    yield from _within(definition.survey_years, SURVEY_YEARS, "survey_years")
    yield from _one_of(definition.claim_frequency, CLAIM_FREQUENCIES, "claim_frequency")


def _pockets(definition: Definition) -> Iterable[Refusal]:
    pockets = definition.pockets
    if not pockets:
        yield NothingListed(field="pockets")
    yield from _once([pocket.code for pocket in pockets], "pockets[{}].code")
    for index, pocket in enumerate(pockets):
        place = f"pockets[{index}]"
        yield from _code(pocket.code, f"{place}.code")
        if pocket.share_bp is not None:
            yield from _within(pocket.share_bp, SHARE_BP, f"{place}.share_bp")
        if pocket.provinces is not None:
            if not pocket.provinces:
                yield NothingListed(field=f"{place}.provinces", accepted=list(PROVINCES))
            yield from _once(pocket.provinces, f"{place}.provinces[{{}}]")
            for ordinal, province in enumerate(pocket.provinces):
                yield from _one_of(province, PROVINCES, f"{place}.provinces[{ordinal}]")
    yield from _shares(pockets)


def _shares(pockets: Iterable[PocketTerms]) -> Iterable[Refusal]:
    for province in PROVINCES:
        taking = [pocket for pocket in pockets if pocket.takes(province)]
        shares = sum(pocket.share_bp or 0 for pocket in taking)
        if shares > BASIS_POINTS:
            yield SharesExceedTheWhole(
                province=province, field="pockets", accepted={"maximum": BASIS_POINTS}
            )
        elif 0 < shares < BASIS_POINTS and all(pocket.share_bp for pocket in taking):
            yield NoPocketTakesTheRest(province=province, field="pockets")


def _rules(definition: Definition) -> Iterable[Refusal]:
    yield from _once([rule.name for rule in definition.rules], "rules[{}].name")
    for index, rule in enumerate(definition.rules):
        place = f"rules[{index}]"
        if rule.name not in RULES:
            yield from _one_of(rule.name, RULES, f"{place}.name")
            continue
        known = RULES[rule.name].parameters
        for name in rule.parameters:
            yield from _one_of(name, known, f"{place}.parameters.{name}")
        for name, kind in known.items():
            yield from _parameter(rule, name, kind, f"{place}.parameters.{name}")
        for low, high in _FROM_TO:
            lowest, highest = rule.parameters.get(low), rule.parameters.get(high)
            if isinstance(lowest, int) and isinstance(highest, int) and lowest > highest:
                yield ParametersContradict(
                    field=f"{place}.parameters.{low}", accepted={"maximum": highest}
                )
        if known.keys() >= {"section", "field"}:
            yield from _answer_place(rule, definition.sections, f"{place}.parameters")


def _parameter(rule: AskedRule, name: str, kind: Kind, field: str) -> Iterable[Refusal]:
    value = rule.parameters.get(name)
    if value is None:
        yield ParameterMissing(
            rule=rule.name, parameter=name, field=field, accepted=kind.accepted()
        )
    elif isinstance(kind, Bounds) and isinstance(value, int):
        yield from _within(value, kind, field)
    elif not kind.takes(value):
        yield ParameterNotAcceptable(
            rule=rule.name, parameter=name, field=field, accepted=kind.accepted()
        )


def _answer_place(rule: AskedRule, sections: Iterable[Section], place: str) -> Iterable[Refusal]:
    section, field = rule.parameters.get("section"), rule.parameters.get("field")
    if not isinstance(section, str) or not isinstance(field, str):
        return
    schemas = {each.code: each.schema for each in sections}
    yield from _one_of(section, schemas, f"{place}.section")
    if section in schemas:
        yield from _one_of(field, paths_in(schemas[section]), f"{place}.field")


def _scoring_grid(definition: Definition) -> Iterable[Refusal]:
    grid = definition.scoring_grid
    yield from _once([line.criterion for line in grid], "scoring_grid[{}].criterion")
    for index, line in enumerate(grid):
        if not line.criterion.strip():
            yield TextMissing(field=f"scoring_grid[{index}].criterion")
        yield from _within(line.out_of, OUT_OF, f"scoring_grid[{index}].out_of")


def _cost_categories(definition: Definition) -> Iterable[Refusal]:
    if not definition.cost_categories:
        yield NothingListed(field="cost_categories")
    yield from _once(definition.cost_categories, "cost_categories[{}]")
    for index, category in enumerate(definition.cost_categories):
        if not category.strip():
            yield TextMissing(field=f"cost_categories[{index}]")


def _claims(definition: Definition) -> Iterable[Refusal]:
    terms = definition.claims
    yield from _once([each.category for each in terms.categories], "claims.categories[{}].category")
    for index, each in enumerate(terms.categories):
        place = f"claims.categories[{index}].category"
        yield from _one_of(each.category, definition.cost_categories, place)
    numbers = [
        ("participant_share_bp", terms.participant_share_bp, SHARE_BP),
        ("stacking_limit_bp", terms.stacking_limit_bp, SHARE_BP),
        ("in_kind_share_bp", terms.in_kind_share_bp, Bounds(lowest=0, highest=BASIS_POINTS)),
        ("reallocation_tolerance_bp", terms.reallocation_tolerance_bp, TOLERANCE_BP),
        ("overdue_interest_bp", terms.overdue_interest_bp, INTEREST_BP),
        ("claim_due_days", terms.claim_due_days, CLAIM_DUE_DAYS),
    ]
    for index, each in enumerate(terms.categories):
        numbers += [
            (f"categories[{index}].overhead_bp", each.overhead_bp, OVERHEAD_BP),
            (f"categories[{index}].share_bp", each.share_bp, SHARE_BP),
        ]
    for name, number, bounds in numbers:
        if number is not None:
            yield from _within(number, bounds, f"claims.{name}")
    yield from _one_of(terms.sales_tax, SALES_TAX, "claims.sales_tax")
    yield from _one_of(terms.documents, DOCUMENTS, "claims.documents")
    yield from _once(terms.closing_requirements, "claims.closing_requirements[{}]")
    for index, requirement in enumerate(terms.closing_requirements):
        place = f"claims.closing_requirements[{index}]"
        yield from _one_of(requirement, CLOSING_REQUIREMENTS, place)
    for index, level in enumerate(terms.approval_levels):
        place = f"claims.approval_levels[{index}].role"
        yield from _one_of(level.role, APPROVING_ROLES, place)
    if not terms.levels_rise():
        yield LevelsDoNotRise(field="claims.approval_levels")


def _code(code: str, field: str) -> Iterable[Refusal]:
    if len(code) > _CODE_LENGTH or _CODE.fullmatch(code) is None:
        yield CodeNotValid(
            code=code,
            field=field,
            accepted={"pattern": _CODE.pattern, "maximum_length": _CODE_LENGTH},
        )


def _within(value: int, bounds: Bounds, field: str) -> Iterable[Refusal]:
    if not bounds.lowest <= value <= bounds.highest:
        yield OutOfBounds(
            value=value,
            lowest=bounds.lowest,
            highest=bounds.highest,
            field=field,
            accepted=_accepted(bounds),
        )


def _one_of(value: str, known: Iterable[str], field: str) -> Iterable[Refusal]:
    accepted = list(known)
    if value not in accepted:
        yield NotAmongThese(value=value, field=field, accepted=accepted)


def _once(values: Iterable[str], field: str) -> Iterable[Refusal]:
    seen: Counter[str] = Counter()
    for index, value in enumerate(values):
        seen[value] += 1
        if seen[value] == 2:
            yield ListedTwice(value=value, field=field.format(index))


def _accepted(bounds: Bounds) -> dict[str, int]:
    return {"minimum": bounds.lowest, "maximum": bounds.highest}
