"""What a proposal leads to as an event, and what the events of an amendment leave behind."""

from datetime import date
from typing import Literal, TypeAlias, assert_never
from uuid import UUID

from services.claims.domain.amendment_kinds import Effect
from services.claims.domain.budget import budget_after
from services.claims.domain.events import (
    AgreementAmended,
    AmendmentApproved,
    AmendmentProposed,
    AmendmentRejected,
    AmendmentSigned,
    AmendmentWithdrawn,
    IncreaseRefused,
    IncreaseReserved,
)
from services.claims.domain.life import OpenProposal, Proposal, Reservation, SettledProposal
from services.claims.domain.reimbursement import contracted_rate
from services.claims.domain.state import (
    Agreement,
    cells_by_participant,
    contracted_match_after,
    match_after,
    shares_by_participant,
)
from services.claims.domain.tolerance import freely_moved_after
from services.claims.domain.values import Match, ReimbursementRate
from shared.kernel.frozen import replace
from shared.kernel.money import total

AmendmentEvent: TypeAlias = (
    AmendmentProposed
    | AmendmentSigned
    | IncreaseReserved
    | IncreaseRefused
    | AmendmentApproved
    | AmendmentRejected
    | AmendmentWithdrawn
)


def amendment(
    proposal: Proposal, effect: Effect, agreement: Agreement, *, by: str
) -> AgreementAmended:
    """The event of a proposal that takes effect, with the rates that follow from it."""
    signed_by = proposal.signed_by if isinstance(proposal, OpenProposal) else None
    return AgreementAmended(
        effective_on=proposal.effective_on,
        project_id=agreement.project_id,
        programme_code=agreement.programme_code,
        amendment_id=proposal.amendment_id,
        kind=proposal.change.kind,
        ends_on=effect.ends_on,
        funding=tuple(cell for cell in effect.funding if cell.amount),
        match=tuple(cell for cell in effect.match if cell.cash or cell.in_kind),
        rates=_new_rates(agreement, effect),
        amended_by=by,
        budget=tuple(line for line in effect.budget if line.cash or line.in_kind),
        added=effect.added,
        added_signed_by=signed_by,
        withdrawn=effect.withdrawn,
        scope_en=effect.scope[0] if effect.scope else None,
        scope_fr=effect.scope[1] if effect.scope else None,
    )


def _new_rates(agreement: Agreement, effect: Effect) -> tuple[ReimbursementRate, ...]:
    """Of everybody whose contracted amounts change; who leaves keeps the rate it was paid at."""
    contracted = shares_by_participant(agreement.contracted, effect.funding)
    match = contracted_match_after(agreement.contracted_match, effect.match)
    changed = {
        *(cell.participant_id for cell in effect.funding if cell.amount),
        *(cell.participant_id for cell in effect.match if cell.cash or cell.in_kind),
        *(party.participant_id for party in effect.added),
    }
    everybody = (*agreement.participants, *(party.participant_id for party in effect.added))
    return tuple(
        contracted_rate(
            participant_id,
            public=total(contracted.get(participant_id, {}).values()),
            cash_match=match.get(participant_id, Match()).cash,
            ceiling_bp=agreement.terms.reimbursement_rate_bp,
        )
        for participant_id in everybody
        if participant_id in changed and participant_id not in effect.withdrawn
    )


def after_amendment(agreement: Agreement, event: AgreementAmended) -> Agreement:
    """The schedule, the budget, the end, the parties and the rates are others."""
    added = {party.participant_id: party for party in event.added}
    signed_by = dict.fromkeys(added, event.added_signed_by) if event.added_signed_by else {}
    scope = agreement.scope
    if event.scope_en is not None and event.scope_fr is not None:
        scope = (event.scope_en, event.scope_fr)
    after = replace(
        agreement,
        ends_on=event.ends_on,
        participants={**agreement.participants, **added},
        signed_by={**agreement.signed_by, **signed_by},
        joined_on={**agreement.joined_on, **dict.fromkeys(added, event.effective_on)},
        withdrawn_on={
            **agreement.withdrawn_on,
            **dict.fromkeys(event.withdrawn, event.effective_on),
        },
        contracted=shares_by_participant(agreement.contracted, event.funding),
        contracted_match=contracted_match_after(agreement.contracted_match, event.match),
        committed=cells_by_participant(agreement.committed, event.funding),
        match_to_report=match_after(agreement.match_to_report, event.match),
        budget=budget_after(agreement.budget, event.budget),
        rates={**agreement.rates, **{rate.participant_id: rate for rate in event.rates}},
        scope=scope,
        amendments=(*agreement.amendments, event.amendment_id),
    )
    # What an approval changed is what later moves are measured against.
    freely_moved = freely_moved_after(agreement, after) if event.within_tolerance else {}
    after = replace(after, freely_moved=freely_moved)
    if event.amendment_id not in agreement.proposals:
        return after  # it was made before there were proposals
    outcome: Literal["applied", "approved"] = "applied" if event.within_tolerance else "approved"
    return _settled(after, event.amendment_id, outcome, event.effective_on, event.amended_by)


def proposal_of(event: AmendmentProposed) -> OpenProposal:
    """The proposal that waits for a decision."""
    return OpenProposal(
        amendment_id=event.amendment_id,
        change=event.change,
        effective_on=event.counts_from,
        proposed_by=event.proposed_by,
        proposed_on=event.effective_on,
        by_organisation_id=event.by_organisation_id,
        increase=event.funding,
        reservation=Reservation.AWAITED if event.funding else Reservation.NOT_NEEDED,
    )


def after_event(  # noqa: PLR0911  # one branch per event
    agreement: Agreement, event: AmendmentEvent
) -> Agreement:
    """What is known of the proposal."""
    match event:
        case AmendmentProposed():
            return _with(agreement, proposal_of(event))
        case AmendmentApproved():
            return _settled(
                agreement, event.amendment_id, "approved", event.effective_on, event.approved_by
            )
        case AmendmentRejected():
            return _settled(
                agreement, event.amendment_id, "rejected", event.effective_on, event.rejected_by
            )
        case AmendmentWithdrawn():
            return _settled(
                agreement, event.amendment_id, "withdrawn", event.effective_on, event.withdrawn_by
            )
        case AmendmentSigned():
            return _with(agreement, replace(_open(agreement, event), signed_by=event.signed_by))
        case IncreaseReserved():
            reserved = replace(_open(agreement, event), reservation=Reservation.RESERVED)
            return _with(agreement, reserved)
        case IncreaseRefused():
            refused = replace(_open(agreement, event), reservation=Reservation.REFUSED)
            return _with(agreement, refused)
        case unreachable:
            assert_never(unreachable)


def _open(
    agreement: Agreement, event: AmendmentSigned | IncreaseReserved | IncreaseRefused
) -> OpenProposal:
    proposal = agreement.proposals[event.amendment_id]
    if not isinstance(proposal, OpenProposal):
        raise TypeError(f"amendment {event.amendment_id} was settled before")
    return proposal


def _settled(
    agreement: Agreement,
    amendment_id: UUID,
    outcome: Literal["approved", "applied", "rejected", "withdrawn"],
    on: date,
    by: str,
) -> Agreement:
    before = agreement.proposals[amendment_id]
    if isinstance(before, SettledProposal):
        return agreement  # approved: its effect follows
    return _with(
        agreement,
        SettledProposal(
            amendment_id=amendment_id,
            change=before.change,
            effective_on=before.effective_on,
            proposed_by=before.proposed_by,
            proposed_on=before.proposed_on,
            by_organisation_id=before.by_organisation_id,
            increase=before.increase,
            outcome=outcome,
            settled_on=on,
            settled_by=by,
        ),
    )


def _with(agreement: Agreement, proposal: OpenProposal | SettledProposal) -> Agreement:
    return replace(agreement, proposals={**agreement.proposals, proposal.amendment_id: proposal})
