"""What an agreement allows at each point of its life, and whom it never lets decide."""

from uuid import UUID

from services.claims.domain.state import Agreement, Standing
from shared.kernel.refusals import NotAllowed, RuleBroken


class AgreementNoLongerADraft(RuleBroken):
    """Only a draft is written, signed and executed."""

    en = "The agreement is no longer a draft: it is {standing}."
    fr = "L’entente n’est plus un projet : elle est à l’état « {standing} »."


class AgreementAlreadySigned(RuleBroken):
    """What a participant signed does not change under its signature."""

    en = "A participant has already signed; the draft can no longer change."
    fr = "Un participant a déjà signé; le projet d’entente ne peut plus changer."


class AgreementNotInForce(RuleBroken):
    """Only an executed agreement that has not ended can change or end."""

    en = "The agreement is not in force: it is {standing}."
    fr = "L’entente n’est pas en vigueur : elle est à l’état « {standing} »."


class AgreementIsSuspended(RuleBroken):
    """What a suspension holds waits for the resumption."""

    en = "The agreement has been suspended since {suspended_on}."
    fr = "L’entente est suspendue depuis le {suspended_on}."


class DecidedByRecipient(NotAllowed):
    """Whoever acts for a participant does not decide what the participant must show."""

    en = "You act for a participant of this agreement; somebody else confirms or decides."
    fr = "Vous agissez pour un participant de cette entente; une autre personne confirme ou décide."


def must_be_a_draft(agreement: Agreement) -> None:
    """Refuse what can only be done before the execution."""
    if agreement.standing is not Standing.DRAFTED:
        raise AgreementNoLongerADraft(standing=agreement.standing.value)


def must_be_unsigned(agreement: Agreement) -> None:
    """Refuse to change a draft that somebody signed."""
    must_be_a_draft(agreement)
    if agreement.signed_by:
        raise AgreementAlreadySigned


def must_be_in_force(agreement: Agreement) -> None:
    """Refuse what an agreement allows only between its execution and its end."""
    if agreement.standing is not Standing.EXECUTED:
        raise AgreementNotInForce(standing=agreement.standing.value)


def must_not_be_suspended(agreement: Agreement) -> None:
    """Refuse what waits while an agreement is suspended: payments, above all."""
    if agreement.suspended_on is not None:
        raise AgreementIsSuspended(suspended_on=agreement.suspended_on)


def must_not_be_a_recipient(agreement: Agreement, by: str, by_organisation_id: UUID | None) -> None:
    """Refuse somebody of a participating organisation, or who signed for one."""
    organisations = {party.organisation_id for party in agreement.participants.values()}
    if by_organisation_id in organisations or by in agreement.signed_by.values():
        raise DecidedByRecipient
