"""
How much two applications are alike: the words of their titles, and who takes part.

Titles are compared without case, accents and punctuation. To *flag* an application to officers,
every word of the shorter title found in the longer one is alike (token set); to *refuse* it the
titles must be nearly the same words, in whatever order (token sort), from the same lead.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from rapidfuzz import fuzz

FLAGGED_FROM = 60
"""From this score (0 to 100) on, officers are shown an application beside another one."""
SAME_TITLE_FROM = 90
"""From this likeness of titles on, the same lead is taken to submit the same project."""

TITLE_WEIGHT, ORGANISATIONS_WEIGHT = 7, 3

_ENDED_WITHOUT_MONEY = frozenset({"draft", "withdrawn", "ineligible", "declined", "lapsed"})
"""At these stages an application stands in no other's way: it may be improved and sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """An application beside which another one is held."""

    application_id: UUID
    title: str
    lead_organisation_id: UUID
    organisations: frozenset[UUID]
    """All that take part, the lead included."""
    stage: str

    @property
    def is_alive(self) -> bool:
        """It is before those who decide, or was funded."""
        return self.stage not in _ENDED_WITHOUT_MONEY


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How much one application is like another, and why."""

    other: Other
    title: int
    """Likeness of the titles, 0 to 100."""
    shared: frozenset[UUID]
    """Organisations that take part in both."""
    same_lead: bool
    score: int
    """Titles count for seven tenths, organisations in common for three; 0 to 100."""


def likeness(title: str, lead: UUID, organisations: frozenset[UUID], other: Other) -> Likeness:
    """How much an application is like another one."""
    titles = round(fuzz.token_set_ratio(_words(title), _words(other.title)))
    shared = organisations & other.organisations
    smaller = min(len(organisations), len(other.organisations))
    in_common = 100 * len(shared) // smaller if smaller else 0
    return Likeness(
        other=other,
        title=titles,
        shared=shared,
        same_lead=lead == other.lead_organisation_id,
        score=(TITLE_WEIGHT * titles + ORGANISATIONS_WEIGHT * in_common)
        // (TITLE_WEIGHT + ORGANISATIONS_WEIGHT),
    )


def most_alike(
    title: str, lead: UUID, organisations: frozenset[UUID], others: Iterable[Other]
) -> list[Likeness]:
    """Those that officers should look at, the most alike first."""
    found = (likeness(title, lead, organisations, other) for other in others)
    flagged = [each for each in found if each.score >= FLAGGED_FROM]
    return sorted(flagged, key=lambda each: (-each.score, str(each.other.application_id)))


def same_project(title: str, lead: UUID, other: Other) -> bool:
    """The same lead has sent nearly the same title, and it still stands."""
    return (
        other.is_alive
        and other.lead_organisation_id == lead
        and fuzz.token_sort_ratio(_words(title), _words(other.title)) >= SAME_TITLE_FROM
    )


def _words(title: str) -> str:
    """The words of a title: no accents, no case, no punctuation."""
    plain = unicodedata.normalize("NFKD", title.casefold())
    kept = (each for each in plain if not unicodedata.combining(each))
    return " ".join("".join(each if each.isalnum() else " " for each in kept).split())
