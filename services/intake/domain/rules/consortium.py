"""Rules about who stands behind an application: how many, in which roles, of which kinds."""

from collections.abc import Iterable

from services.intake.domain.rules.parameters import Parameters, number, words
from services.intake.domain.rules.submission import Submission
from shared.kernel.refusals import Refusal, RuleBroken


class AdopterMissing(RuleBroken):
    """At least one participant adopts the solution."""

    en = "No participant has the role of adopter."
    fr = "Aucun participant n’a le rôle d’adoptant."


class AiProviderMissing(RuleBroken):
    """At least one participant provides the artificial intelligence."""

    en = "No participant has the role of AI provider."
    fr = "Aucun participant n’a le rôle de fournisseur d’IA."


class TooFewParticipants(RuleBroken):
    """A consortium has at least the number of participants its programme asks for."""

    en = "The consortium has {actual} participants; at least {at_least} are needed."
    fr = "Le consortium compte {actual} participants; il en faut au moins {at_least}."


class TooFewSmes(RuleBroken):
    """A consortium has at least the number of small or medium-sized enterprises asked for."""

    en = "The consortium has {actual} SMEs; at least {at_least} are needed."
    fr = "Le consortium compte {actual} PME; il en faut au moins {at_least}."


class TooFewPostSecondary(RuleBroken):
    """A consortium has at least the number of post-secondary institutions asked for."""

    en = "The consortium has {actual} post-secondary institutions; at least {at_least} are needed."
    fr = (
        "Le consortium compte {actual} établissements d’enseignement postsecondaire; il en faut "
        "au moins {at_least}."
    )


class AdopterOfAnotherKind(RuleBroken):
    """At least one adopter is an organisation of the kind that its programme helps."""

    en = "No adopter is an organisation of one of these kinds: {kinds}."
    fr = "Aucun adoptant n’est une organisation de l’un de ces types : {kinds}."


class PartNotConfirmed(RuleBroken):
    """Every participant has confirmed its part itself."""

    en = "{name} has not confirmed its part."
    fr = "{name} n’a pas confirmé sa participation."


def adopter_and_ai_provider(submission: Submission, _parameters: Parameters) -> Iterable[Refusal]:
    """Someone provides the AI and someone uses it."""
    roles = {participant.role for participant in submission.participants}
    if "adopter" not in roles:
        yield AdopterMissing(field="participants", accepted={"role": "adopter"})
    if "ai-provider" not in roles:
        yield AiProviderMissing(field="participants", accepted={"role": "ai-provider"})


def minimum_participants(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """At least ``at_least`` participants."""
    actual, at_least = len(submission.participants), number(parameters, "at_least")
    if actual < at_least:
        yield TooFewParticipants(
            actual=actual,
            at_least=at_least,
            field="participants",
            accepted={"minimum": at_least},
        )


def minimum_smes(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """At least ``at_least`` small or medium-sized enterprises."""
    actual = sum(participant.profile.sme for participant in submission.participants)
    if actual < number(parameters, "at_least"):
        yield TooFewSmes(
            actual=actual,
            at_least=number(parameters, "at_least"),
            field="participants",
            accepted={"minimum": number(parameters, "at_least")},
        )


def minimum_post_secondary(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """At least ``at_least`` universities, colleges or other post-secondary institutions."""
    actual = sum(each.profile.kind == "post-secondary" for each in submission.participants)
    at_least = number(parameters, "at_least")
    if actual < at_least:
        yield TooFewPostSecondary(
            actual=actual,
            at_least=at_least,
            field="participants",
            accepted={"minimum": at_least},
        )


def adopter_kind(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """At least one adopter is of one of ``kinds``."""
    kinds = words(parameters, "kinds")
    if not any(
        each.role == "adopter" and each.profile.kind in kinds for each in submission.participants
    ):
        yield AdopterOfAnotherKind(
            kinds=kinds, field="participants", accepted={"role": "adopter", "kind": list(kinds)}
        )


def participants_confirmed(submission: Submission, _parameters: Parameters) -> Iterable[Refusal]:
    """Everyone but the lead has confirmed its role, its costs and its requests."""
    missing = {participant.participant_id for participant in submission.unconfirmed}
    for index, participant in enumerate(submission.participants):
        if participant.participant_id in missing:
            yield PartNotConfirmed(
                name=participant.profile.legal_name,
                field=f"participants[{index}].confirmed",
                accepted=True,
            )
