"""What the answer about a pack looks like."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from services.selection.api.schemas import AskOut, ParticipantOut, ScoreOut
from services.selection.domain.application import Proposal
from services.selection.use_cases.packs import MeetingPack
from shared.kernel.money import Money
from shared.kernel.schedule import FundingCell, MatchCell


class YearOutlookOut(BaseModel):
    """One fiscal year of a pocket."""

    fiscal_year: int
    asked: Money
    available: Money | None
    """Null where the funder sets no ceiling for the year."""
    would_remain: Money | None


class PocketOutlookOut(BaseModel):
    """One pocket: what it holds, what is asked, and what would remain."""

    pocket: str
    authority: Money
    available: Money
    asked: Money
    would_remain: Money
    """Negative when not everything can be funded."""
    years: tuple[YearOutlookOut, ...]


class ProposalOut(BaseModel):
    """What an application says."""

    programme_code: str
    programme_version: int
    title: str
    summary: str
    """Of its due diligence."""
    risks: tuple[str, ...]
    lead_organisation_id: UUID
    participants: tuple[ParticipantOut, ...]
    starts_on: date
    ends_on: date
    scores: tuple[ScoreOut, ...]
    asked: Money
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]


class ChangedSinceOut(BaseModel):
    """What became of an application after the pack was frozen."""

    fields: tuple[str, ...]
    now: ProposalOut


class PackItemOut(BaseModel):
    """One item of the pack."""

    application_id: UUID
    money_available: bool
    """Money has returned for it: it comes first."""
    proposal: ProposalOut
    """As it was when the pack was frozen."""
    asks: tuple[AskOut, ...]
    after: tuple[PocketOutlookOut, ...]
    """Its pockets and years, if it and all before it were funded."""
    changed_since: ChangedSinceOut | None


class PackOut(BaseModel):
    """The pack of a meeting."""

    meeting_id: UUID
    committee_id: UUID
    frozen_on: date | None
    """The last day of its agenda; null while that is open."""
    items: tuple[PackItemOut, ...]
    pockets: tuple[PocketOutlookOut, ...]
    """If all items were funded."""


def pack_out(pack: MeetingPack) -> PackOut:
    """The answer about a pack."""
    return PackOut.model_validate(
        {
            "meeting_id": pack.meeting_id,
            "committee_id": pack.committee_id,
            "frozen_on": pack.frozen_on,
            "items": [
                {
                    "application_id": line.item.application_id,
                    "money_available": line.item.money_available,
                    "proposal": _proposal(line.proposal),
                    "asks": line.item.asks,
                    "after": line.after,
                    "changed_since": None
                    if line.changed_since is None
                    else {
                        "fields": line.changed_since.fields,
                        "now": _proposal(line.changed_since.now),
                    },
                }
                for line in pack.lines
            ],
            "pockets": pack.pockets,
        },
        from_attributes=True,
    )


def _proposal(proposal: Proposal) -> ProposalOut:
    return ProposalOut.model_validate(proposal, from_attributes=True)
