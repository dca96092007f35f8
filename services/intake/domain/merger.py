"""
Two organisations that are one: a wrong number was imported, or a number was typed otherwise.

The id of an organisation follows from its business number, so that the same number is never
registered twice; a merger joins what stands under two. One of them stands for both from then on.

What was merged is never changed again and absorbs nothing, so that no chain of mergers comes back
to where it began. A hold is not lost in a merger: one that is on hold is merged only into one that
is on hold as well.
"""

from datetime import date

from services.intake.domain.organisation import (
    AmendmentReasonMissing,
    Organisation,
    OrganisationAbsorbed,
    OrganisationMerged,
    must_stand_for_itself,
)
from shared.kernel.refusals import Invalid, RuleBroken


class MergedIntoItself(Invalid):
    """An organisation is merged into another one."""

    en = "An organisation is not merged into itself."
    fr = "Une organisation ne se fusionne pas avec elle-même."


class MergerWouldGoRound(RuleBroken):
    """An organisation is not merged into one that it stands for."""

    en = "This organisation already stands for the other one."
    fr = "Cette organisation représente déjà l’autre."


class OtherIsMerged(RuleBroken):
    """An organisation is merged into one that stands for itself."""

    en = "The other organisation was itself merged; {into} stands for it."
    fr = "L’autre organisation a elle-même été fusionnée; {into} la représente."


class HoldWouldBeLost(RuleBroken):
    """An organisation on hold is merged only into one that is on hold as well."""

    en = "This organisation is on hold and the other one is not: hold both, or release this one."
    fr = "Cette organisation est suspendue et l’autre ne l’est pas : suspendez les deux, ou levez la suspension."  # noqa: E501  # one sentence


def merge(
    merged: Organisation, into: Organisation, *, reason: str, on: date, by: str
) -> tuple[OrganisationMerged, OrganisationAbsorbed]:
    """What happens to each of the two. Raises what keeps them apart."""
    if merged.organisation_id == into.organisation_id:
        raise MergedIntoItself(field="into")
    if not reason.strip():
        raise AmendmentReasonMissing(field="reason")
    must_stand_for_itself(merged)
    if into.organisation_id in merged.absorbed:
        raise MergerWouldGoRound(field="into")
    if into.merged_into is not None:
        raise OtherIsMerged(
            into=into.merged_into, field="into", accepted={"id": str(into.merged_into)}
        )
    if merged.on_hold and not into.on_hold:
        raise HoldWouldBeLost
    return (
        OrganisationMerged(
            effective_on=on,
            organisation_id=merged.organisation_id,
            into=into.organisation_id,
            reason=reason,
            by=by,
        ),
        OrganisationAbsorbed(
            effective_on=on,
            organisation_id=into.organisation_id,
            absorbed=(merged.organisation_id, *merged.absorbed),
            reason=reason,
            by=by,
        ),
    )
