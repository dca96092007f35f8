"""Which streams the consequences of a decision about money go to."""

from uuid import UUID

from services.selection.domain.promises import Consequences
from services.selection.use_cases import streams
from shared.eventstore.together import Changes


def changes_of(
    consequences: Consequences,
    *,
    meeting_id: UUID | None = None,
    application_id: UUID | None = None,
    committee_id: UUID | None = None,
    replaced_id: UUID | None = None,
    award_id: UUID | None = None,
    amendment_id: UUID | None = None,
) -> Changes:
    """Which streams the consequences of a decision go to."""
    if meeting_id is not None:
        yield streams.meeting(meeting_id), consequences.meeting
    if application_id is not None:
        yield streams.application(application_id), consequences.application
    if committee_id is not None:
        yield streams.committee(committee_id), consequences.committee
    if replaced_id is not None:
        # Before the new award: whoever hears of both hears of the end of the old one first.
        yield streams.award(replaced_id), consequences.replaced
    if award_id is not None:
        yield streams.award(award_id), consequences.award
    if amendment_id is not None:
        yield streams.increase(amendment_id), consequences.increase
    for code, events in consequences.pockets.items():
        yield streams.pocket(code), events
    if consequences.waitlist:
        yield streams.waitlist(), consequences.waitlist
