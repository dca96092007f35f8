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


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One thing that a survey asks about."""

    code: str
    name_en: str
    name_fr: str
    unit: str
    """``cad-cents``, ``count``, ``people``, ``tonnes-co2e``."""
    accrual: Accrual
    may_be_negative: bool = False


INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        code="REVENUE-GROWTH",
        name_en="Growth of revenue because of the project",
        name_fr="Croissance du chiffre d’affaires attribuable au projet",
        unit="cad-cents",
        accrual=Accrual.ADDS_UP,
        may_be_negative=True,
    ),
    Indicator(
        code="COSTS-REDUCED",
        name_en="Costs reduced because of the project",
        name_fr="Coûts réduits grâce au projet",
        unit="cad-cents",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="JOBS-CREATED",
        name_en="Jobs created",
        name_fr="Emplois créés",
        unit="count",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="JOBS-KEPT",
        name_en="Jobs kept",
        name_fr="Emplois maintenus",
        unit="count",
        accrual=Accrual.REPLACES,
    ),
    Indicator(
        code="IP-REGISTERED",
        name_en="Intellectual property registered",
        name_fr="Propriété intellectuelle enregistrée",
        unit="count",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="IP-COMMERCIALISED",
        name_en="Intellectual property commercialised",
        name_fr="Propriété intellectuelle commercialisée",
        unit="count",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="IP-REUSED",
        name_en="Intellectual property reused outside the project",
        name_fr="Propriété intellectuelle réutilisée hors du projet",
        unit="count",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="FOLLOW-ON-INVESTMENT",
        name_en="Follow-on investment",
        name_fr="Investissements subséquents",
        unit="cad-cents",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="EXPORTS",
        name_en="Exports",
        name_fr="Exportations",
        unit="cad-cents",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="NEW-PARTNERSHIPS",
        name_en="New partnerships",
        name_fr="Nouveaux partenariats",
        unit="count",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="CO2E-AVOIDED",
        name_en="Greenhouse gas emissions avoided",
        name_fr="Émissions de gaz à effet de serre évitées",
        unit="tonnes-co2e",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="PATIENTS-SERVED",
        name_en="Patients served",
        name_fr="Patients servis",
        unit="people",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="PEOPLE-TRAINED",
        name_en="People trained",
        name_fr="Personnes formées",
        unit="people",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="CLIENTS-WON",
        name_en="Clients won after the first one",
        name_fr="Clients obtenus après le premier",
        unit="count",
        accrual=Accrual.ADDS_UP,
    ),
    Indicator(
        code="LATEST-ROUND",
        name_en="Amount of the latest round of financing",
        name_fr="Montant de la plus récente ronde de financement",
        unit="cad-cents",
        accrual=Accrual.REPLACES,
    ),
)

BY_CODE = {indicator.code: indicator for indicator in INDICATORS}
