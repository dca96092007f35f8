"""What every step of an application asks first: is it there yet, and is this another person?"""

from services.intake.domain.application_state import (
    STAGES,
    Sent,
    Started,
    stage_of,
)
from shared.kernel.refusals import Invalid, RuleBroken


class ApplicationNotAtThisStage(RuleBroken):
    """Each step follows the one before it."""

    en = "The application is {stage}; this step needs it to be {needed}."
    fr = "L’état de la demande est « {stage_fr} »; cette étape exige « {needed_fr} »."


class SubmitterCannotDecide(RuleBroken):
    """Whoever submitted an application neither assesses it nor passes it on."""

    en = "You submitted this application; someone else decides about it."
    fr = "Vous avez déposé cette demande; quelqu’un d’autre en décide."


class ReasonMissing(Invalid):
    """Whoever says no says why."""

    en = "At least one reason is needed."
    fr = "Il faut au moins une raison."


def must_be_another(by: str, sent: Sent) -> None:
    """Whoever submitted decides nothing. Raises ``SubmitterCannotDecide``."""
    if by == sent.by:
        raise SubmitterCannotDecide


def not_at_stage(state: Started, needed: str) -> ApplicationNotAtThisStage:
    """The refusal that names where it is and where it would have to be."""
    stage = stage_of(state)
    return ApplicationNotAtThisStage(
        stage=stage, stage_fr=STAGES[stage], needed=needed, needed_fr=STAGES[needed]
    )
