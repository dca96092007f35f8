"""What every step of an application asks first: is it there yet, and is this another person?"""

from services.intake.domain.application_state import (
    STAGES,
    Started,
    UnderReview,
    stage_of,
)
from shared.kernel.refusals import Invalid, RuleBroken


class ApplicationNotAtThisStage(RuleBroken):
    """Each step follows the one before it."""

    en = "The application is {stage}; this step needs it to be {needed}."
    fr = "L’état de la demande est « {stage_fr} »; cette étape exige « {needed_fr} »."


class ApplicationNotUnderReview(RuleBroken):
    """Officers review what is submitted and not yet before its committee."""

    en = "The application is {stage}; it is not under review."
    fr = "L’état de la demande est «\u00a0{stage_fr}\u00a0»; elle n’est pas à l’étude."


class SubmitterCannotDecide(RuleBroken):
    """Whoever submitted an application neither assesses it nor passes it on."""

    en = "You submitted this application; someone else decides about it."
    fr = "Vous avez déposé cette demande; quelqu’un d’autre en décide."


class ReasonMissing(Invalid):
    """Whoever says no says why."""

    en = "At least one reason is needed."
    fr = "Il faut au moins une raison."


def must_be_another(by: str, state: UnderReview) -> None:
    """Whoever submitted reviews nothing. Raises ``SubmitterCannotDecide``."""
    if is_of_the_applicant(by, state):
        raise SubmitterCannotDecide


def is_of_the_applicant(person_id: str, state: UnderReview) -> bool:
    """The person stands behind the application."""
    return person_id == state.sent.by or any(
        person.person_id == person_id for person in state.proposal.people
    )


def may_still_be_reviewed(state: Started) -> UnderReview:
    """The application that a step of its review needs. Raises ``ApplicationNotUnderReview``."""
    if not isinstance(state, UnderReview):
        raise ApplicationNotUnderReview(stage=stage_of(state), stage_fr=STAGES[stage_of(state)])
    return state


def not_at_stage(state: Started, needed: str) -> ApplicationNotAtThisStage:
    """The refusal that names where it is and where it would have to be."""
    stage = stage_of(state)
    return ApplicationNotAtThisStage(
        stage=stage, stage_fr=STAGES[stage], needed=needed, needed_fr=STAGES[needed]
    )
