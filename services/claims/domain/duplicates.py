"""
Duplicates: the same cost claimed twice, in one agreement or in several.

A likeness is a reason to look, never a proof: the same invoice is rightly claimed in two periods
when its costs cross 31 March. So a suspected line is not refused; it is accepted only with the
assessor's explanation. Duplicates within the agreement are found here; those of other agreements
come in on the command, from a read model made of the same ``marks``.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from services.claims.domain.state import Agreement
from services.claims.domain.values import ClaimForm, ClaimLine, DuplicateOf, Likeness


def marks(form: ClaimForm) -> dict[str, list[int]]:
    """
    By which a line is known again, with the lines that bear each.

    The document's hash; and, where a supplier is named, its name with the amount and the day it
    was paid, or the days it was incurred.
    """
    found: dict[str, list[int]] = {}
    for index, line in enumerate(form.lines):
        for mark in _marks_of(line):
            found.setdefault(mark, []).append(index)
    return found


def _marks_of(line: ClaimLine) -> Iterator[str]:
    if line.document_sha256 is not None:
        yield f"{Likeness.DOCUMENT}:{line.document_sha256}"
    supplier = normalised(line.supplier or "")
    cents = (line.cash + line.in_kind).cents
    if not supplier or not cents:
        return
    if line.paid_on is not None:
        yield f"{Likeness.PAYMENT}:{supplier}:{cents}:{line.paid_on}"
    yield f"{Likeness.INVOICE}:{supplier}:{cents}:{line.incurred_from}:{line.incurred_to}"


def normalised(supplier: str) -> str:
    """A supplier's name without case, accents, blanks and punctuation."""
    plain = unicodedata.normalize("NFKD", supplier).casefold()
    return "".join(each for each in plain if each.isalnum())


def alike(
    ours: Mapping[str, Sequence[int]],
    theirs: Mapping[str, Sequence[int]],
    *,
    claim_id: UUID,
    agreement_id: UUID | None,
) -> Iterator[DuplicateOf]:
    """Every line of ours beside the first of theirs that bears the same mark."""
    for mark, lines in ours.items():
        for line in lines if mark in theirs else ():
            yield DuplicateOf(
                line=line,
                likeness=Likeness(mark.partition(":")[0]),
                agreement_id=agreement_id,
                claim_id=claim_id,
                other_line=theirs[mark][0],
            )


def within_the_agreement(
    claim_id: UUID, form: ClaimForm, agreement: Agreement
) -> Iterator[DuplicateOf]:
    """Lines that look like one of another claim of the agreement, or like an earlier line."""
    ours = marks(form)
    for mark, (first, *others) in ours.items():
        likeness = Likeness(mark.partition(":")[0])
        if likeness is Likeness.DOCUMENT:
            continue  # one invoice often has lines of several categories
        for line in others:
            yield DuplicateOf(
                line=line,
                likeness=likeness,
                agreement_id=None,
                claim_id=claim_id,
                other_line=first,
            )
    for other in agreement.claims.values():
        if other.claim_id != claim_id:
            yield from alike(ours, marks(other.form), claim_id=other.claim_id, agreement_id=None)
