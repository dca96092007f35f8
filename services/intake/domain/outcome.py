"""What selection decided about an application."""

from services.intake.domain.application_commands import RecordAward, RecordDecline, RecordLapse
from services.intake.domain.application_events import (
    ApplicationAwarded,
    ApplicationDeclined,
    AwardLapsed,
    Event,
)
from services.intake.domain.application_state import (
    Awarded,
    Forwarded,
    Lapsed,
    Started,
)


def record_award(command: RecordAward, state: Started) -> list[Event]:
    """The committee funds it."""
    # Only an application before its committee can be awarded. One withdrawn while the committee
    # decided stays withdrawn: selection hears of the withdrawal and sees to its award.
    # One whose award was replaced by another is awarded again.
    if not isinstance(state, Forwarded | Lapsed):
        return []
    if isinstance(state, Lapsed) and state.award_id == command.award_id:
        return []
    return [
        ApplicationAwarded(
            effective_on=command.on,
            application_id=state.proposal.application_id,
            award_id=command.award_id,
        )
    ]


def record_decline(command: RecordDecline, state: Started) -> list[Event]:
    """The committee does not fund it."""
    if not isinstance(state, Forwarded):
        return []
    return [
        ApplicationDeclined(
            effective_on=command.on,
            application_id=state.proposal.application_id,
            meeting_id=command.meeting_id,
            reasons=command.reasons,
        )
    ]


def record_lapse(command: RecordLapse, state: Started) -> list[Event]:
    """The award fell."""
    if not isinstance(state, Awarded) or state.award_id != command.award_id:
        return []
    return [
        AwardLapsed(
            effective_on=command.on,
            application_id=state.proposal.application_id,
            award_id=command.award_id,
            reason=command.reason,
        )
    ]
