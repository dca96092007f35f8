"""
Organisations that may be the same: their numbers or their names are nearly equal.

Names are compared as ``folded``: without accents, capitals, punctuation and legal forms. Only pairs
that share a word, or the first letters of their names, are compared at all, so that the time
grows with the organisations that resemble each other and not with the square of all.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

SIMILAR_FROM = 88.0
"""Two names of which rapidfuzz's ``token_sort_ratio`` says this, out of 100, are proposed."""

PREFIX = 4
"""Letters at the beginning of a name that make two worth comparing."""

COMMON_FROM = 200
"""A word that this many organisations have in their name says nothing about any two of them."""

_LEGAL_FORMS = (
    "inc incorporated incorporee ltd limited ltee limitee corp corporation co company compagnie "
    "cie senc sencrl llp lp sec enr ulc"
)
_LITTLE_WORDS = "the le la les l of de du des d and et"
LEFT_OUT = frozenset(f"{_LEGAL_FORMS} {_LITTLE_WORDS}".split())
"""Words that do not tell one organisation from another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is compared of one organisation."""

    organisation_id: UUID
    business_number: str
    number_is_valid: bool
    neq: str | None
    names: tuple[str, ...]
    """As ``folded``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two organisations that may be one, and why."""

    first: UUID
    """The one whose number checks, where only one does: it would stand for both."""
    second: UUID
    reasons: tuple[str, ...]
    """Of ``REASONS``, the strongest first."""
    likeness: int
    """0 to 100: of their names; 100 where a number says it."""


REASONS = {
    "same-neq": (
        "They have the same Québec enterprise number.",
        "Elles ont le même numéro d’entreprise du Québec.",
    ),
    "near-number": (
        "Their business numbers differ by one slip, and one of them does not check.",
        "Leurs numéros d’entreprise diffèrent d’une faute de frappe; l’un d’eux n’est pas valide.",
    ),
    "similar-name": ("Their names are nearly the same.", "Leurs noms sont presque les mêmes."),
}
"""Why two organisations are proposed, in English and in French."""


def folded(name: str) -> str:
    """
    A name as it is compared: ``Les Aciers Fundy inc.`` is ``aciers fundy``.

    A name that consists of such words alone keeps them.
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))
    return " ".join([word for word in words if word not in LEFT_OUT] or words)


def pairs_among(entries: Iterable[Entry]) -> list[Pair]:
    """The pairs to look at, the most alike first, then by id."""
    known = {entry.organisation_id: entry for entry in entries}
    pairs = [
        pair
        for one, other in sorted(_worth_comparing(known.values()))
        if (pair := _pair(known[one], known[other])) is not None
    ]
    return sorted(pairs, key=lambda pair: (-pair.likeness, pair.first, pair.second))


def _pair(one: Entry, other: Entry) -> Pair | None:
    reasons = []
    if one.neq is not None and one.neq == other.neq:
        reasons.append("same-neq")
    if _near(one, other):
        reasons.append("near-number")
    likeness = max(
        (
            fuzz.token_sort_ratio(mine, theirs, score_cutoff=SIMILAR_FROM)
            for mine in one.names
            for theirs in other.names
        ),
        default=0.0,
    )
    by_number = bool(reasons)
    if likeness:
        reasons.append("similar-name")
    if not reasons:
        return None
    first, second = (other, one) if other.number_is_valid > one.number_is_valid else (one, other)
    return Pair(
        first=first.organisation_id,
        second=second.organisation_id,
        reasons=tuple(reasons),
        likeness=100 if by_number else int(likeness),
    )


def _near(one: Entry, other: Entry) -> bool:
    """One digit wrong, missing, too many or exchanged; two numbers that check are two numbers."""
    if one.number_is_valid and other.number_is_valid:
        return False
    return OSA.distance(one.business_number, other.business_number, score_cutoff=1) <= 1


def _worth_comparing(entries: Iterable[Entry]) -> set[tuple[UUID, UUID]]:
    blocks: defaultdict[str, set[UUID]] = defaultdict(set)
    for entry in entries:
        for block in _blocks(entry):
            blocks[block].add(entry.organisation_id)
    return {
        (one, other)
        for block in blocks.values()
        if len(block) < COMMON_FROM
        for one, other in combinations(sorted(block), 2)
    }


def _blocks(entry: Entry) -> Iterator[str]:
    if entry.neq is not None:
        yield f"neq {entry.neq}"
    # One slip leaves the first four or the last four places of a number as they were.
    yield f"number starts {entry.business_number[:4]}"
    yield f"number ends {entry.business_number[-4:]}"
    for name in entry.names:
        words: Sequence[str] = name.split()
        yield from (f"word {word}" for word in words)
        yield f"begins {''.join(words)[:PREFIX]}"
