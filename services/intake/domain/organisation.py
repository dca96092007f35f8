"""
Who may take part: an organisation, registered once per business number.

It is described, amended openly, put on hold and released by two people, and, when it turns out to
be another one under a second number, merged into that one (``merger``). What it is stays with the
applications it joined as it was then (``Participant.profile``).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from services.intake.domain.organisation_facts import (
    AmendOrganisation,
    Command,
    Event,
    Hold,
    HoldOrganisation,
    ImportOrganisation,
    Organisation,
    OrganisationAbsorbed,
    OrganisationAmended,
    OrganisationHeld,
    OrganisationHoldReleased,
    OrganisationMerged,
    OrganisationRegistered,
    RegisterOrganisation,
    ReleaseOrganisation,
    State,
    Unregistered,
)
from services.intake.domain.profile import (
    KINDS,
    PROVINCES,
    SME_EMPLOYEES_BELOW,
    BusinessNumberNotValid,
    OrganisationNotValid,
    Profile,
    business_number_is_valid,
    changes_between,
    neq_is_valid,
    normalised_business_number,
    organisation_id_of,
    problems_of,
    without_separators,
)
from shared.kernel.decider import Decider
from shared.kernel.refusals import Invalid, NotFound, RuleBroken

__all__ = [
    "DECIDER",
    "KINDS",
    "PROVINCES",
    "SME_EMPLOYEES_BELOW",
    "AmendOrganisation",
    "BusinessNumberNotValid",
    "Command",
    "Event",
    "Hold",
    "HoldOrganisation",
    "ImportOrganisation",
    "Organisation",
    "OrganisationAbsorbed",
    "OrganisationAmended",
    "OrganisationHeld",
    "OrganisationHoldReleased",
    "OrganisationMerged",
    "OrganisationNotValid",
    "OrganisationRegistered",
    "Profile",
    "RegisterOrganisation",
    "ReleaseOrganisation",
    "State",
    "Unregistered",
    "business_number_is_valid",
    "neq_is_valid",
    "normalised_business_number",
    "organisation_id_of",
    "problems_of",
    "without_separators",
]

# Refusals


class OrganisationAlreadyRegistered(RuleBroken):
    """An organisation is registered once per business number, and this one is already known."""

    en = "Business number {business_number} is already registered."
    fr = "Le numéro d’entreprise {business_number} est déjà inscrit."


class OrganisationIsMerged(RuleBroken):
    """What was merged into another organisation is no longer changed."""

    en = "This organisation was merged; {into} stands for it."
    fr = "Cette organisation a été fusionnée; {into} la représente."


class AmendmentInTheFuture(Invalid):
    """An organisation is described as it is, not as it will be."""

    en = "An amendment takes effect on {today} at the latest."
    fr = "Une modification prend effet au plus tard le {today}."


class AmendmentReasonMissing(Invalid):
    """Whoever changes an organisation or its standing says why."""

    en = "The reason is missing."
    fr = "Le motif est absent."


class AlreadyOnHold(RuleBroken):
    """An organisation is put on hold once."""

    en = "This organisation has been on hold since {since}."
    fr = "Cette organisation est suspendue depuis le {since}."


class NotOnHold(RuleBroken):
    """Only what is on hold is released."""

    en = "This organisation is not on hold."
    fr = "Cette organisation n’est pas suspendue."


class HoldReleasedByWhoSetIt(RuleBroken):
    """Whoever put an organisation on hold does not release it: two people see to it."""

    en = "You put this organisation on hold; someone else releases it."
    fr = "Vous avez suspendu cette organisation; quelqu’un d’autre lève la suspension."


def decide(command: Command, state: State) -> Sequence[Event]:
    """Register once; then amend, hold and release what is not merged."""
    if isinstance(command, RegisterOrganisation | ImportOrganisation):
        return _register(command, state)
    if isinstance(state, Unregistered):
        raise NotFound(kind="organisation")
    must_stand_for_itself(state)
    if not command.reason.strip():
        raise AmendmentReasonMissing(field="reason")
    match command:
        case AmendOrganisation():
            return _amend(command, state)
        case HoldOrganisation():
            if state.hold is not None:
                raise AlreadyOnHold(since=state.hold.since)
            return [
                OrganisationHeld(
                    effective_on=command.on,
                    organisation_id=state.organisation_id,
                    reason=command.reason,
                    by=command.by,
                )
            ]
        case ReleaseOrganisation():
            if state.hold is None:
                raise NotOnHold
            if state.hold.by == command.by:
                raise HoldReleasedByWhoSetIt
            return [
                OrganisationHoldReleased(
                    effective_on=command.on,
                    organisation_id=state.organisation_id,
                    reason=command.reason,
                    by=command.by,
                )
            ]
        case unreachable:
            assert_never(unreachable)


def must_stand_for_itself(state: Organisation) -> None:
    """Refuse what was merged. Raises ``OrganisationIsMerged``."""
    if state.merged_into is not None:
        raise OrganisationIsMerged(into=state.merged_into, accepted={"id": str(state.merged_into)})


def _register(
    command: RegisterOrganisation | ImportOrganisation, state: State
) -> list[OrganisationRegistered]:
    """The same description again changes nothing."""
    profile, imported = command.profile, isinstance(command, ImportOrganisation)
    if reasons := problems_of(profile, any_number=imported):
        raise OrganisationNotValid(reasons=reasons)
    if isinstance(state, Organisation):
        must_stand_for_itself(state)
        if state.profile == profile:
            return []
        raise OrganisationAlreadyRegistered(
            business_number=profile.business_number, field="business_number"
        )
    return [
        OrganisationRegistered(
            effective_on=command.on,
            organisation_id=organisation_id_of(profile.business_number),
            profile=profile,
            by=command.by,
            imported=imported,
        )
    ]


def _amend(command: AmendOrganisation, state: Organisation) -> list[OrganisationAmended]:
    """What is described as it was changes nothing."""
    number = state.profile.business_number
    profile = replace(command.profile, business_number=number)
    if command.effective_on > command.on:
        raise AmendmentInTheFuture(
            today=command.on, field="effective_on", accepted={"maximum": command.on.isoformat()}
        )
    # A number that was imported wrong is flagged, and keeps nobody from correcting the rest.
    if reasons := problems_of(profile, any_number=not business_number_is_valid(number)):
        raise OrganisationNotValid(reasons=reasons)
    changed = changes_between(state.profile, profile)
    if not changed:
        return []
    return [
        OrganisationAmended(
            effective_on=command.effective_on,
            organisation_id=state.organisation_id,
            profile=profile,
            changed=changed,
            reason=command.reason,
            by=command.by,
        )
    ]


def evolve(state: State, event: Event) -> State:
    """What an organisation is after something happened to it."""
    if isinstance(event, OrganisationRegistered):
        return Organisation(organisation_id=event.organisation_id, profile=event.profile)
    if isinstance(state, Unregistered):
        raise TypeError(f"{event} happened to an organisation that is not registered")
    match event:
        case OrganisationAmended():
            return replace(state, profile=event.profile)
        case OrganisationHeld():
            hold = Hold(reason=event.reason, since=event.effective_on, by=event.by)
            return replace(state, hold=hold)
        case OrganisationHoldReleased():
            return replace(state, hold=None)
        case OrganisationMerged():
            return replace(state, merged_into=event.into)
        case OrganisationAbsorbed():
            return replace(state, absorbed=(*state.absorbed, *event.absorbed))
        case unreachable:
            assert_never(unreachable)


DECIDER: Decider[Command, State, Event] = Decider(
    initial=Unregistered(), decide=decide, evolve=evolve
)
