"""Rules about each organisation of the consortium: what it is, and whether it may take part."""

from collections.abc import Iterable

from services.intake.domain.organisation import business_number_is_valid
from services.intake.domain.rules.parameters import Parameters, words
from services.intake.domain.rules.submission import Submission
from shared.kernel.refusals import Refusal, RuleBroken


class ParticipantsNumberNotValid(RuleBroken):
    """Every participant has a valid business number."""

    en = "The business number of {name}, {number}, is not valid."
    fr = "Le numéro d’entreprise de {name}, {number}, n’est pas valide."


class LeadNotIncorporatedInCanada(RuleBroken):
    """The lead is incorporated in Canada."""

    en = "The lead, {name}, is not incorporated in Canada."
    fr = "Le responsable, {name}, n’est pas constitué en société au Canada."


class LeadNotForProfit(RuleBroken):
    """The lead is a for-profit firm."""

    en = "The lead, {name}, is not for profit."
    fr = "Le responsable, {name}, n’est pas à but lucratif."


class LeadOfAnotherKind(RuleBroken):
    """The lead is an organisation of a kind that may lead in its programme."""

    en = "The lead, {name}, is not of one of these kinds: {kinds}."
    fr = "Le responsable, {name}, n’est pas de l’un de ces types : {kinds}."


class ParticipantOnHold(RuleBroken):
    """An organisation that is on hold takes part in no new application."""

    en = "{name} is on hold and cannot take part until the hold is lifted."
    fr = "{name} est en attente et ne peut pas participer avant que l’attente soit levée."


def business_numbers_valid(submission: Submission, _parameters: Parameters) -> Iterable[Refusal]:
    """Every participant's business number passes its check digit, however it was entered."""
    for index, participant in enumerate(submission.participants):
        if not business_number_is_valid(participant.profile.business_number):
            yield ParticipantsNumberNotValid(
                name=participant.profile.legal_name,
                number=participant.profile.business_number,
                field=f"participants[{index}].business_number",
                accepted="nine digits with a valid check digit, e.g. 123026635",
            )


def lead_is_incorporated_for_profit(
    submission: Submission, _parameters: Parameters
) -> Iterable[Refusal]:
    """The lead is a Canadian company that does business for profit."""
    for index, participant in enumerate(submission.participants):
        if participant.organisation_id != submission.lead_organisation_id:
            continue
        name = participant.profile.legal_name
        if not participant.profile.incorporated_in_canada:
            yield LeadNotIncorporatedInCanada(
                name=name,
                field=f"participants[{index}].incorporated_in_canada",
                accepted=True,
            )
        if not participant.profile.for_profit:
            yield LeadNotForProfit(
                name=name, field=f"participants[{index}].for_profit", accepted=True
            )


def kind_of_lead(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """The lead is of one of ``kinds``."""
    kinds = words(parameters, "kinds")
    for index, participant in enumerate(submission.participants):
        is_lead = participant.organisation_id == submission.lead_organisation_id
        if is_lead and participant.profile.kind not in kinds:
            yield LeadOfAnotherKind(
                name=participant.profile.legal_name,
                kinds=kinds,
                field=f"participants[{index}].kind",
                accepted=list(kinds),
            )


def no_organisation_on_hold(submission: Submission, _parameters: Parameters) -> Iterable[Refusal]:
    """No participant is on hold; why one is, its officers say to it alone."""
    for index, participant in enumerate(submission.participants):
        if participant.organisation_id in submission.on_hold:
            yield ParticipantOnHold(
                name=participant.profile.legal_name,
                field=f"participants[{index}].organisation_id",
            )
