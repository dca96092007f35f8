"""
The closing checklist: what a project shows before it is completed, and what is missing of it.

Every project has its claims and its amendments decided and is not suspended. Final claims,
reports, audit, equipment and intellectual property are asked where the programme asks for
anything at closing. Directive on Transfer Payments: final payment follows final reporting.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from services.claims.domain.claim import party_acted_for
from services.claims.domain.commands import DeclareIp, DeclareNoIp, MeetRequirement
from services.claims.domain.events import (
    AgreementEvent,
    IpDeclared,
    NoIpDeclared,
    RequirementMet,
)
from services.claims.domain.life import MetRequirement
from services.claims.domain.payment import must_not_be_in_the_future
from services.claims.domain.reporting import AcceptedReport
from services.claims.domain.standing import (
    AgreementIsSuspended,
    AgreementNotInForce,
    must_not_be_a_recipient,
)
from services.claims.domain.state import Agreement, ApprovedClaim, Standing
from services.claims.domain.values import ClosingRequirement, Match
from shared.kernel.frozen import replace
from shared.kernel.money import total
from shared.kernel.refusals import Refusal, RuleBroken


class ClaimsStillOpen(RuleBroken):
    """A project is completed once every claim is decided or withdrawn."""

    en = "{count} claims are still open; they are decided or withdrawn first."
    fr = "{count} réclamations sont encore ouvertes; elles doivent être décidées ou retirées."


class AmendmentsStillOpen(RuleBroken):
    """A project is completed once every proposed amendment is decided or withdrawn."""

    en = "{count} amendments are still open; they are decided or withdrawn first."
    fr = "{count} modifications sont encore ouvertes; elles doivent être décidées ou retirées."


class FinalClaimsMissing(RuleBroken):
    """Every participant that takes part has a final claim approved."""

    en = "The final claim of {count} participants is not approved."
    fr = "La réclamation finale de {count} participants n’est pas approuvée."


class AdvancesUnsettled(RuleBroken):
    """A project is completed once every advance is decided, paid and accounted for, or back."""

    en = "{amount} of advances is not settled."
    fr = "Il reste {amount} d’avances à régler."


class RecoveriesOutstanding(RuleBroken):
    """A project is completed once what was asked back has come back, or is written off."""

    en = "{amount} is still owed back."
    fr = "Il reste {amount} à rembourser."


class RequirementMissing(RuleBroken):
    """What the programme asks at closing is shown by a document."""

    en = "The closing requirement {requirement} is not met."
    fr = "L’exigence de clôture « {requirement} » n’est pas remplie."


class IpDeclarationsMissing(RuleBroken):
    """Every participant declares its intellectual property, or that it has none."""

    en = "{count} participants have declared neither intellectual property nor that there is none."
    fr = "{count} participants n’ont déclaré ni propriété intellectuelle ni son absence."


class RequirementNotAsked(RuleBroken):
    """Only what the programme asks at closing, and a document shows, is confirmed."""

    en = "The programme does not ask for {requirement}, or no document shows it."
    fr = "Le programme n’exige pas « {requirement} », ou aucun document ne le montre."


class IpAlreadyDeclared(RuleBroken):
    """Who has declared intellectual property cannot say that there is none."""

    en = "The participant has declared intellectual property."
    fr = "Le participant a déclaré de la propriété intellectuelle."


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the checklist."""

    code: str
    missing: Refusal | None
    """Why it is not done; None: it is."""


def checklist(agreement: Agreement) -> list[Item]:
    """Everything that the project shows before it is completed."""
    return [
        Item(code="claims-decided", missing=_open_claims(agreement)),
        Item(code="amendments-decided", missing=_open_amendments(agreement)),
        Item(code="not-suspended", missing=_suspended(agreement)),
        Item(code="advances-settled", missing=_advances(agreement)),
        Item(code="recoveries-settled", missing=_recoveries(agreement)),
        *_of_programme(agreement),
    ]


def _open_claims(agreement: Agreement) -> Refusal | None:
    still_open = [each for each in agreement.claims.values() if not isinstance(each, ApprovedClaim)]
    return ClaimsStillOpen(count=len(still_open)) if still_open else None


def _open_amendments(agreement: Agreement) -> Refusal | None:
    still_open = agreement.open_proposals()
    return AmendmentsStillOpen(count=len(still_open)) if still_open else None


def _suspended(agreement: Agreement) -> Refusal | None:
    since = agreement.suspended_on
    return None if since is None else AgreementIsSuspended(suspended_on=since)


def _advances(agreement: Agreement) -> Refusal | None:
    left = total(agreement.advances_unsettled(one) for one in agreement.participants)
    return AdvancesUnsettled(amount=left) if left else None


def _recoveries(agreement: Agreement) -> Refusal | None:
    left = total(
        part.amount
        for one in agreement.participants
        for part in agreement.recovery_outstanding(one)
    )
    return RecoveriesOutstanding(amount=left) if left else None


def _of_programme(agreement: Agreement) -> Iterator[Item]:
    asked = agreement.terms.closing_requirements
    if asked:
        yield Item(code="final-claims", missing=_final_claims(agreement))
    for requirement in asked:
        if requirement is ClosingRequirement.IP_DECLARATIONS:
            yield Item(code=requirement.value, missing=_ip(agreement))
        else:
            met = requirement in agreement.requirements_met or (
                requirement is ClosingRequirement.FINAL_REPORT and _all_reported(agreement)
            )
            missing = None if met else RequirementMissing(requirement=requirement.value)
            yield Item(code=requirement.value, missing=missing)


def _all_reported(agreement: Agreement) -> bool:
    """The final report of everybody is accepted: nobody need confirm it again."""
    return all(
        isinstance(agreement.reports.get((one, None)), AcceptedReport)
        for one in agreement.active_participants
    )


def _final_claims(agreement: Agreement) -> Refusal | None:
    final = {
        claim.form.participant_id
        for claim in agreement.claims.values()
        if isinstance(claim, ApprovedClaim) and claim.form.final
    }
    missing = [
        str(one)
        for one in agreement.active_participants
        if one not in final and _has_something_to_claim(agreement, one)
    ]
    return FinalClaimsMissing(accepted=missing, count=len(missing)) if missing else None


def _has_something_to_claim(agreement: Agreement, participant_id: UUID) -> bool:
    """A participant that contracted nothing, neither public nor its own, claims nothing."""
    public = agreement.contracted.get(participant_id, {})
    return any(public.values()) or bool(agreement.contracted_match.get(participant_id, Match()))


def _ip(agreement: Agreement) -> Refusal | None:
    declared = {one for one, _ in agreement.ip_declared.values()} | agreement.no_ip_declared
    missing = [str(one) for one in agreement.active_participants if one not in declared]
    return IpDeclarationsMissing(accepted=missing, count=len(missing)) if missing else None


def meet(command: MeetRequirement, agreement: Agreement) -> list[AgreementEvent]:
    """Confirm what a document shows, by somebody who acts for no participant; once."""
    _must_have_begun(agreement)
    must_not_be_a_recipient(agreement, command.by, command.by_organisation_id)
    shown = [
        each
        for each in agreement.terms.closing_requirements
        if each is not ClosingRequirement.IP_DECLARATIONS
    ]
    if command.requirement not in shown:
        raise RequirementNotAsked(
            field="requirement",
            accepted=[each.value for each in shown],
            requirement=command.requirement.value,
        )
    must_not_be_in_the_future(command.met_on, command.on, field="met_on")
    if command.requirement in agreement.requirements_met:
        return []
    return [
        RequirementMet(
            effective_on=command.met_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            requirement=command.requirement,
            document_sha256=command.document_sha256,
            confirmed_by=command.by,
        )
    ]


def declare_ip(command: DeclareIp, agreement: Agreement) -> list[AgreementEvent]:
    """Declare a piece of intellectual property, by somebody of the participant's organisation."""
    party_acted_for(agreement, command.participant_id, command.by_organisation_id)
    if command.declaration_id in agreement.ip_declared:
        return []
    _must_have_begun(agreement)
    return [
        IpDeclared(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            declaration_id=command.declaration_id,
            participant_id=command.participant_id,
            intellectual_property=command.intellectual_property,
            declared_by=command.by,
        )
    ]


def declare_no_ip(command: DeclareNoIp, agreement: Agreement) -> list[AgreementEvent]:
    """Declare that there is none, by somebody of the participant's organisation; once."""
    party_acted_for(agreement, command.participant_id, command.by_organisation_id)
    _must_have_begun(agreement)
    if any(one == command.participant_id for one, _ in agreement.ip_declared.values()):
        raise IpAlreadyDeclared
    if command.participant_id in agreement.no_ip_declared:
        return []
    return [
        NoIpDeclared(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            participant_id=command.participant_id,
            declared_by=command.by,
        )
    ]


def _must_have_begun(agreement: Agreement) -> None:
    # What a project made may be declared after its end as well.
    if agreement.standing in {Standing.DRAFTED, Standing.LAPSED}:
        raise AgreementNotInForce(standing=agreement.standing.value)


def after_requirement(agreement: Agreement, event: RequirementMet) -> Agreement:
    """It is met."""
    met = MetRequirement(
        document_sha256=event.document_sha256,
        met_on=event.effective_on,
        confirmed_by=event.confirmed_by,
    )
    return replace(
        agreement, requirements_met={**agreement.requirements_met, event.requirement: met}
    )


def after_ip(agreement: Agreement, event: IpDeclared) -> Agreement:
    """One more is in the register; who had none has some now."""
    return replace(
        agreement,
        ip_declared={
            **agreement.ip_declared,
            event.declaration_id: (event.participant_id, event.intellectual_property),
        },
        no_ip_declared=agreement.no_ip_declared - {event.participant_id},
    )


def after_no_ip(agreement: Agreement, event: NoIpDeclared) -> Agreement:
    """The participant has none."""
    return replace(agreement, no_ip_declared=agreement.no_ip_declared | {event.participant_id})
