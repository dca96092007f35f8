"""
The catalogue of indicators: what the yearly surveys ask about.

An answer is a whole number of the indicator's unit. An indicator that was not answered is
missing; it is never taken to be zero.
"""

from dataclasses import dataclass
from enum import StrEnum


class Accrual(StrEnum):
    """How the answers of one participant in several years make one figure."""

    ADDS_UP = "adds-up"
    """Each year's answer is about that year alone: the years add up."""
    REPLACES = "replaces"
    """Each year's answer is the state of things then: the latest one counts."""


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher-is-better"
    LOWER = "lower-is-better"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One thing that a survey asks about."""

    code: str
    name_en: str
    name_fr: str
    definition_en: str
    """What is counted, and what is not."""
    definition_fr: str
    unit: str
    """``cad-cents``, ``count``, ``people``, ``tonnes-co2e``."""
    accrual: Accrual
    may_be_negative: bool = False
    direction: Direction = Direction.HIGHER
    target_bp: int | None = None
    """The share that the corporate plan aims for, in basis points; None: it names none."""


INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        code="REVENUE-GROWTH",
        name_en="Growth of revenue because of the project",
        name_fr="Croissance du chiffre d’affaires attribuable au projet",
        definition_en=(
            "Revenue of the year less that of the year before, as far as it comes from the project."
        ),
        definition_fr=(
            "Chiffre d’affaires de l’année moins celui de l’année précédente, pour la part "
            "qui vient du projet."
        ),
        unit="cad-cents",
        accrual=Accrual.ADDS_UP,
        may_be_negative=True,
    ),
    Indicator(
        code="COSTS-REDUCED",
        name_en="Costs reduced because of the project",
        name_fr="Coûts réduits grâce au projet",
        definition_en="Costs that the year would have had without the project, less those it had.",
        definition_fr=(
            "Coûts que l’année aurait comptés sans le projet, moins ceux qu’elle a comptés."
        ),
        unit="cad-cents",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="JOBS-CREATED",
        name_en="Jobs created",
        name_fr="Emplois créés",
        definition_en=(
            "Full-time equivalent positions that were new this year because of the project."
        ),
        definition_fr="Postes équivalents temps plein nouveaux cette année grâce au projet.",
        unit="count",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="JOBS-KEPT",
        name_en="Jobs kept",
        name_fr="Emplois maintenus",
        definition_en=(
            "Full-time equivalent positions at year end that would not be there without the "
            "project."
        ),
        definition_fr=(
            "Postes équivalents temps plein en fin d’année qui n’existeraient pas sans le projet."
        ),
        unit="count",
        accrual=Accrual.REPLACES,
    ),
    Indicator(
        code="IP-REGISTERED",
        name_en="Intellectual property registered",
        name_fr="Propriété intellectuelle enregistrée",
        definition_en=(
            "Pieces of intellectual property from the project registered or filed this year."
        ),
        definition_fr=(
            "Éléments de propriété intellectuelle issus du projet enregistrés ou déposés "
            "cette année."
        ),
        unit="count",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="IP-COMMERCIALISED",
        name_en="Intellectual property commercialised",
        name_fr="Propriété intellectuelle commercialisée",
        definition_en=(
            "Pieces of intellectual property from the project sold, licensed or put to use "
            "this year."
        ),
        definition_fr=(
            "Éléments de propriété intellectuelle issus du projet vendus, concédés ou "
            "exploités cette année."
        ),
        unit="count",
        accrual=Accrual.ADDS_UP,
        target_bp=9_000,
    ),
    Indicator(
        code="IP-REUSED",
        name_en="Intellectual property reused outside the project",
        name_fr="Propriété intellectuelle réutilisée hors du projet",
        definition_en=(
            "Pieces of intellectual property from the project first used outside it this year."
        ),
        definition_fr=(
            "Éléments de propriété intellectuelle issus du projet utilisés hors de celui-ci "
            "cette année."
        ),
        unit="count",
        accrual=Accrual.ADDS_UP,
        target_bp=10_000,
    ),
    Indicator(
        code="FOLLOW-ON-INVESTMENT",
        name_en="Follow-on investment",
        name_fr="Investissements subséquents",
        definition_en="Money invested this year in what the project began, whoever invested it.",
        definition_fr=(
            "Sommes investies cette année dans ce que le projet a amorcé, quel que soit "
            "l’investisseur."
        ),
        unit="cad-cents",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="EXPORTS",
        name_en="Exports",
        name_fr="Exportations",
        definition_en=(
            "Sales of the year to customers outside Canada of what came from the project."
        ),
        definition_fr=(
            "Ventes de l’année, à des clients hors du Canada, de ce qui est issu du projet."
        ),
        unit="cad-cents",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="NEW-PARTNERSHIPS",
        name_en="New partnerships",
        name_fr="Nouveaux partenariats",
        definition_en=(
            "Agreements signed this year with new partners about what came from the project."
        ),
        definition_fr=(
            "Ententes signées cette année avec de nouveaux partenaires sur ce qui est issu du"
            " projet."
        ),
        unit="count",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="CO2E-AVOIDED",
        name_en="Greenhouse gas emissions avoided",
        name_fr="Émissions de gaz à effet de serre évitées",
        definition_en=(
            "Tonnes of carbon dioxide equivalent that were not emitted this year because of it."
        ),
        definition_fr=(
            "Tonnes d’équivalent CO2 qui n’ont pas été émises cette année grâce au projet."
        ),
        unit="tonnes-co2e",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="PATIENTS-SERVED",
        name_en="Patients served",
        name_fr="Patients servis",
        definition_en="Patients of the year in whose care the project’s solution had a part.",
        definition_fr="Patients de l’année dont les soins ont fait appel à la solution du projet.",
        unit="people",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="PEOPLE-TRAINED",
        name_en="People trained",
        name_fr="Personnes formées",
        definition_en="People who completed a course or an activity of the project this year.",
        definition_fr=(
            "Personnes ayant terminé cette année une formation ou une activité du projet."
        ),
        unit="people",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="CLIENTS-WON",
        name_en="Clients won after the first one",
        name_fr="Clients obtenus après le premier",
        definition_en=(
            "Paying clients of the solution that were new this year, without the first one."
        ),
        definition_fr=(
            "Nouveaux clients payants de la solution cette année, sans compter le premier."
        ),
        unit="count",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="LATEST-ROUND",
        name_en="Amount of the latest round of financing",
        name_fr="Montant de la plus récente ronde de financement",
        definition_en="Amount of the latest closed round of financing, whenever it was.",
        definition_fr=(
            "Montant de la plus récente ronde de financement conclue, quelle qu’en soit la date."
        ),
        unit="cad-cents",
        accrual=Accrual.REPLACES,
    ),
)

BY_CODE = {indicator.code: indicator for indicator in INDICATORS}
