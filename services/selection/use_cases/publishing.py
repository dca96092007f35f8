"""Which of our facts others learn of, and in what words. Everything else stays here."""

from services.selection.domain.application import ApplicationDeclined
from services.selection.domain.award import (
    AwardApproved,
    AwardLapsed,
    AwardReplaced,
    AwardWithdrawn,
)
from services.selection.domain.increase import IncreaseRefused, IncreaseReserved
from shared.contracts import selection as contracts
from shared.contracts.base import Contract, Party
from shared.eventstore.store import Recorded


def to_contract(  # noqa: PLR0911  # one branch per published event
    recorded: Recorded,
) -> Contract | None:
    """The contract of a recorded event, or None when it is nobody else's business."""
    match recorded.event:
        case AwardApproved() as approved:
            return contracts.AwardApproved(
                effective_on=approved.effective_on,
                project_id=approved.application_id,
                award_id=approved.award_id,
                meeting_id=approved.meeting_id,
                programme_code=approved.programme_code,
                programme_version=approved.programme_version,
                title=approved.title,
                participants=tuple(
                    Party(
                        participant_id=participant.participant_id,
                        organisation_id=participant.organisation_id,
                        role=participant.role,
                        name=participant.name,
                        province=participant.province,
                        sme=participant.sme,
                        naics=participant.naics,
                    )
                    for participant in approved.participants
                ),
                starts_on=approved.starts_on,
                ends_on=approved.ends_on,
                funding=approved.funding,
                match=approved.match,
                lapses_on=approved.lapses_on,
                conditions=tuple(
                    contracts.AwardCondition(
                        condition_id=each.condition_id,
                        text_en=each.text_en,
                        text_fr=each.text_fr,
                        due_on=each.due_on,
                        confirmed_by=each.confirmed_by,
                    )
                    for each in approved.conditions
                ),
            )
        case AwardLapsed() as lapsed:
            return _fallen(lapsed, lapsed.reason)
        case AwardWithdrawn() as withdrawn:
            return _fallen(withdrawn, "withdrawn")
        case AwardReplaced() as replaced:
            return _fallen(replaced, "replaced")
        case ApplicationDeclined() as declined:
            return contracts.ApplicationDeclined(
                effective_on=declined.effective_on,
                project_id=declined.application_id,
                meeting_id=declined.meeting_id,
                reasons=declined.reasons,
            )
        case IncreaseReserved() as kept:
            return contracts.IncreaseReserved(
                effective_on=kept.effective_on,
                project_id=kept.project_id,
                amendment_id=kept.amendment_id,
                agreement_id=kept.agreement_id,
                programme_code=kept.programme_code,
                funding=kept.funding,
            )
        case IncreaseRefused() as refused:
            return contracts.IncreaseRefused(
                effective_on=refused.effective_on,
                project_id=refused.project_id,
                amendment_id=refused.amendment_id,
                agreement_id=refused.agreement_id,
                programme_code=refused.programme_code,
                pockets=refused.pockets,
            )
        case _:
            return None


def _fallen(
    fallen: AwardLapsed | AwardWithdrawn | AwardReplaced, reason: str
) -> contracts.AwardLapsed:
    return contracts.AwardLapsed(
        effective_on=fallen.effective_on,
        project_id=fallen.application_id,
        award_id=fallen.award_id,
        programme_code=fallen.programme_code,
        funding=fallen.funding,
        reason=reason,
    )
