"""What selection decides becomes the status of an application, so that its applicant knows."""

from collections.abc import Callable, Mapping
from typing import Any

from services.intake.domain import application_commands as commands
from services.intake.domain.application import DECIDER
from services.intake.use_cases import streams
from shared.contracts.base import Contract
from shared.contracts.selection import ApplicationDeclined, AwardApproved, AwardLapsed
from shared.eventstore.effects import Effects


def whenever_an_award_is_approved_record_it(fact: AwardApproved) -> commands.RecordAward:
    """The committee funds it."""
    return commands.RecordAward(award_id=fact.award_id, on=fact.effective_on)


def whenever_an_application_is_declined_record_it(
    fact: ApplicationDeclined,
) -> commands.RecordDecline:
    """The committee does not fund it, for these reasons."""
    return commands.RecordDecline(
        meeting_id=fact.meeting_id, reasons=fact.reasons, on=fact.effective_on
    )


def whenever_an_award_lapses_record_it(fact: AwardLapsed) -> commands.RecordLapse:
    """The award fell before an agreement was executed."""
    return commands.RecordLapse(award_id=fact.award_id, reason=fact.reason, on=fact.effective_on)


def _record_award(fact: AwardApproved, effects: Effects) -> None:
    command = whenever_an_award_is_approved_record_it(fact)
    effects.carry_out(DECIDER, streams.application(fact.project_id), command)


def _record_decline(fact: ApplicationDeclined, effects: Effects) -> None:
    command = whenever_an_application_is_declined_record_it(fact)
    effects.carry_out(DECIDER, streams.application(fact.project_id), command)


def _record_lapse(fact: AwardLapsed, effects: Effects) -> None:
    command = whenever_an_award_lapses_record_it(fact)
    effects.carry_out(DECIDER, streams.application(fact.project_id), command)


LISTENS_TO = ("selection",)
"""The services whose contracts these are."""

HANDLERS: Mapping[type[Contract], Callable[[Any, Effects], None]] = {
    AwardApproved: _record_award,
    ApplicationDeclined: _record_decline,
    AwardLapsed: _record_lapse,
}
