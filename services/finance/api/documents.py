"""What a fact is about: the things of other services, and of ours, behind an entry."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from services.finance.domain.events import (
    ActualRecorded,
    AuthorityChanged,
    AuthorityLapsed,
    DrawdownCounted,
    DrawdownReceived,
    DrawdownSubmitted,
    FunderAgreementOpened,
    FunderTermsSet,
    FunderYearEnded,
    IncreaseReservationEnded,
    PlanApproved,
    PlanReforecasted,
    PocketOpened,
    ReservationEnded,
)
from shared.contracts.claims import AgreementContract
from shared.contracts.intake import ProgrammePublished
from shared.contracts.selection import AwardApproved, AwardLapsed, IncreaseReserved


class DocumentOut(BaseModel):
    """Something that the owning service knows more of."""

    service: str
    kind: str
    id: str
    """A UUID, or the code of what has one."""
    path: str | None
    """Where that service shows it; null where it is only seen within another one."""


_OF_CLAIMS = {
    "claim": "/v1/agreements/{agreement}/claims/{id}",
    "advance": "/v1/agreements/{agreement}/advances/{id}",
    "recovery": "/v1/agreements/{agreement}/recoveries",
    "amendment": None,
    "payment": None,
}
"""Per kind of thing that a fact about an agreement may name (``{kind}_id``)."""


def documents_of(fact: Any) -> list[DocumentOut]:
    """The things that a fact is about, the largest first."""
    if isinstance(fact, AgreementContract | IncreaseReserved):
        return list(_of_an_agreement(fact))
    return list(_of_others(fact))


def _of_an_agreement(fact: AgreementContract | IncreaseReserved) -> Iterator[DocumentOut]:
    agreement = str(fact.agreement_id)
    yield DocumentOut(
        service="claims", kind="agreement", id=agreement, path=f"/v1/agreements/{agreement}"
    )
    for kind, path in _OF_CLAIMS.items():
        thing = getattr(fact, f"{kind}_id", None)
        if thing is not None:
            yield DocumentOut(
                service="claims",
                kind=kind,
                id=str(thing),
                path=path and path.format(agreement=agreement, id=thing),
            )


def _of_others(fact: Any) -> Iterator[DocumentOut]:
    match fact:
        case AwardApproved(award_id=award_id, meeting_id=meeting_id):
            yield _award(award_id)
            yield DocumentOut(
                service="selection",
                kind="meeting",
                id=str(meeting_id),
                path=f"/v1/meetings/{meeting_id}",
            )
        case AwardLapsed(award_id=award_id) | ReservationEnded(award_id=award_id):
            yield _award(award_id)
        case IncreaseReservationEnded(amendment_id=amendment_id):
            yield DocumentOut(service="claims", kind="amendment", id=str(amendment_id), path=None)
        case ProgrammePublished(code=code):
            yield DocumentOut(
                service="intake", kind="programme", id=code, path=f"/v1/programmes/{code}"
            )
        case FunderAgreementOpened() | FunderTermsSet() | FunderYearEnded():
            code = fact.code
            yield _ours("funder-agreement", code, f"/v1/funder-agreements/{code}")
        case PocketOpened() | AuthorityChanged() | AuthorityLapsed():
            code = fact.funder_agreement
            yield _ours("funder-agreement", code, f"/v1/funder-agreements/{code}")
        case DrawdownSubmitted() | DrawdownReceived() | DrawdownCounted():
            drawdown_id = fact.drawdown_id
            yield _ours("drawdown", str(drawdown_id), f"/v1/drawdowns/{drawdown_id}")
        case PlanApproved() | PlanReforecasted():
            path = f"/v1/plans/{fact.fiscal_year}/versions"
            yield _ours("plan", str(fact.fiscal_year), path)
        case ActualRecorded(actual_id=actual_id):
            yield _ours("actual", str(actual_id), None)
        case _:
            pass


def _award(award_id: object) -> DocumentOut:
    return DocumentOut(
        service="selection", kind="award", id=str(award_id), path=f"/v1/awards/{award_id}"
    )


def _ours(kind: str, name: str, path: str | None) -> DocumentOut:
    return DocumentOut(service="finance", kind=kind, id=name, path=path)
