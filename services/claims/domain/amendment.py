"""
Amendments: an agreement in force changes by a proposal of one person and the approval of another.

Every check is made when it is proposed and again when it is approved, because claims go on
meanwhile. A move of the budget within the tolerance takes effect at once. Money that is added is
reserved in its pockets before an approval. Money that was claimed does not move, so that a
committed cell never becomes negative. What a participant is contracted for decides its rate, so
that the rate follows, for later claims.
"""

from datetime import date
from typing import TypeAlias, assert_never
from uuid import UUID

from services.claims.domain import amendment_kinds, amendment_rules
from services.claims.domain.amended import after_amendment, amendment, proposal_of
from services.claims.domain.changes import (
    BudgetMove,
    Change,
    ParticipantAddition,
    ParticipantWithdrawal,
)
from services.claims.domain.commands import (
    ApproveAmendment,
    NoteIncreaseRefused,
    NoteIncreaseReserved,
    ProposeAmendment,
    RejectAmendment,
    SignAmendment,
    WithdrawAmendment,
)
from services.claims.domain.events import (
    AgreementAmended,
    AgreementEvent,
    AmendmentApproved,
    AmendmentProposed,
    AmendmentRejected,
    AmendmentSigned,
    AmendmentWithdrawn,
    IncreaseRefused,
    IncreaseReserved,
)
from services.claims.domain.life import OpenProposal, Proposal, Reservation, SettledProposal
from services.claims.domain.payment import must_not_be_in_the_future
from services.claims.domain.standing import must_be_in_force, must_not_be_a_recipient
from services.claims.domain.state import Agreement
from services.claims.domain.tolerance import is_within_tolerance
from shared.kernel.frozen import replace
from shared.kernel.refusals import NotAllowed, NotFound, RuleBroken


class AmendmentUnknown(NotFound):
    """The agreement has no such amendment."""

    en = "The agreement has no such amendment."
    fr = "L’entente ne compte pas cette modification."


class AmendmentAlreadySettled(RuleBroken):
    """A proposal is decided once."""

    en = "The amendment was already settled: it is {outcome}."
    fr = "La modification est déjà réglée : elle est à l’état « {outcome} »."


class ApproverProposedTheAmendment(NotAllowed):
    """Whoever proposed an amendment does not decide it."""

    en = "You proposed this amendment; another person decides it."
    fr = "Vous avez proposé cette modification; une autre personne en décide."


class KindForOfficers(NotAllowed):
    """A recipient proposes moves of its own budget, or its own withdrawal."""

    en = "A participant proposes moves of its own budget and its own withdrawal, nothing else."
    fr = "Un participant propose des virements de son propre budget et son propre retrait, rien d’autre."  # noqa: E501  # one sentence


class ProposedForAnother(NotAllowed):
    """A recipient proposes for its own organisation."""

    en = "You do not act for the organisation of every participant that this changes."
    fr = "Vous n’agissez pas pour l’organisation de chaque participant visé."


class NotYourProposal(NotAllowed):
    """A proposal is taken back by the side that made it."""

    en = "The amendment was proposed by another side; it is for them to take it back."
    fr = "La modification vient d’une autre partie; c’est à elle de la retirer."


class NothingToSign(RuleBroken):
    """Only the participant that an amendment adds signs it."""

    en = "The amendment adds no participant."
    fr = "La modification n’ajoute aucun participant."


class NotTheAddedOrganisation(NotAllowed):
    """The participant that is added signs by somebody of its organisation."""

    en = "You do not act for the organisation that is added."
    fr = "Vous n’agissez pas pour l’organisation qui s’ajoute."


class AddedParticipantHasNotSigned(RuleBroken):
    """A participant is added once it has signed."""

    en = "The participant that is added has not signed."
    fr = "Le participant qui s’ajoute n’a pas signé."


class IncreaseNotReserved(RuleBroken):
    """Money is added once its pockets have reserved it."""

    en = "The pockets have not reserved the increase: it is {reservation}."
    fr = "Les enveloppes n’ont pas réservé l’augmentation : elle est à l’état « {reservation} »."


AmendmentCommand: TypeAlias = (
    ProposeAmendment
    | SignAmendment
    | NoteIncreaseReserved
    | NoteIncreaseRefused
    | ApproveAmendment
    | RejectAmendment
    | WithdrawAmendment
)


def decide(command: AmendmentCommand, agreement: Agreement) -> list[AgreementEvent]:  # noqa: PLR0911  # one branch per command
    """What follows from a command about one amendment."""
    match command:
        case ProposeAmendment():
            return _propose(command, agreement)
        case SignAmendment():
            return _sign(command, agreement)
        case NoteIncreaseReserved():
            return _note_reserved(command, agreement)
        case NoteIncreaseRefused():
            return _note_refused(command, agreement)
        case ApproveAmendment():
            return _approve(command, agreement)
        case RejectAmendment():
            return _reject(command, agreement)
        case WithdrawAmendment():
            return _withdraw(command, agreement)
        case unreachable:
            assert_never(unreachable)


def _propose(command: ProposeAmendment, agreement: Agreement) -> list[AgreementEvent]:
    """Ask for an amendment; a move within the tolerance takes effect at once."""
    if command.amendment_id in agreement.proposals:
        return []
    must_be_in_force(agreement)
    if command.by_organisation_id is not None:
        _must_be_for_recipients(command.change, agreement, command.by_organisation_id)
    must_not_be_in_the_future(command.effective_on, command.on, field="effective_on")
    amendment_rules.must_make_sense(command.change, agreement)
    effect = amendment_kinds.effect_of(command.change, agreement)
    proposed = AmendmentProposed(
        effective_on=command.on,
        project_id=agreement.project_id,
        programme_code=agreement.programme_code,
        amendment_id=command.amendment_id,
        change=command.change,
        counts_from=command.effective_on,
        reason=command.reason,
        proposed_by=command.by,
        by_organisation_id=command.by_organisation_id,
        funding=amendment_kinds.increase_of(effect),
    )
    amended = _amended_in_order(proposal_of(proposed), agreement, by=command.by)
    if isinstance(command.change, BudgetMove) and is_within_tolerance(
        agreement, after_amendment(agreement, amended)
    ):
        return [proposed, replace(amended, within_tolerance=True)]
    return [proposed]


def _amended_in_order(proposal: Proposal, agreement: Agreement, *, by: str) -> AgreementAmended:
    """What the proposal leads to; refuses one that breaks rules of the agreement as it stands."""
    effect = amendment_kinds.effect_of(proposal.change, agreement)
    amended = amendment(proposal, effect, agreement, by=by)
    amendment_rules.must_be_in_order(
        amendment_rules.Asked(
            change=proposal.change,
            on=proposal.effective_on,
            effect=effect,
            before=agreement,
            after=after_amendment(agreement, amended),
        )
    )
    return amended


def _must_be_for_recipients(change: Change, agreement: Agreement, organisation_id: UUID) -> None:
    ours = {
        one
        for one, party in agreement.active_participants.items()
        if party.organisation_id == organisation_id
    }
    match change:
        case BudgetMove():
            touched = amendment_kinds.touched_by(change)
        case ParticipantWithdrawal():
            touched = {change.participant_id}
        case _:
            raise KindForOfficers(field="kind", accepted=["budget-moved", "participant-withdrawn"])
    if not ours or not touched <= ours:
        raise ProposedForAnother


def _sign(command: SignAmendment, agreement: Agreement) -> list[AgreementEvent]:
    """Sign for the participant that a proposal adds; once."""
    proposal = _open(agreement, command.amendment_id)
    if not isinstance(proposal.change, ParticipantAddition):
        raise NothingToSign
    if command.by_organisation_id != proposal.change.party.organisation_id:
        raise NotTheAddedOrganisation
    if proposal.signed_by is not None:
        return []
    return [
        AmendmentSigned(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            amendment_id=command.amendment_id,
            organisation_id=proposal.change.party.organisation_id,
            signed_by=command.by,
        )
    ]


def _note_reserved(command: NoteIncreaseReserved, agreement: Agreement) -> list[AgreementEvent]:
    """Its pockets hold the money; nothing where the proposal no longer waits for it."""
    if not _awaits(agreement, command.amendment_id):
        return []
    return [
        IncreaseReserved(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            amendment_id=command.amendment_id,
        )
    ]


def _note_refused(command: NoteIncreaseRefused, agreement: Agreement) -> list[AgreementEvent]:
    """A pocket is short; nothing where the proposal no longer waits for it."""
    if not _awaits(agreement, command.amendment_id):
        return []
    return [
        IncreaseRefused(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            amendment_id=command.amendment_id,
            pockets=command.pockets,
        )
    ]


def _awaits(agreement: Agreement, amendment_id: UUID) -> bool:
    proposal = agreement.proposals.get(amendment_id)
    return isinstance(proposal, OpenProposal) and proposal.reservation is Reservation.AWAITED


def _approve(command: ApproveAmendment, agreement: Agreement) -> list[AgreementEvent]:
    """Approve a proposal of another person; every check is made again."""
    proposal = _open(agreement, command.amendment_id)
    must_be_in_force(agreement)
    _must_be_another(command.by, command.by_organisation_id, proposal, agreement)
    if isinstance(proposal.change, ParticipantAddition) and proposal.signed_by is None:
        raise AddedParticipantHasNotSigned
    if proposal.reservation in {Reservation.AWAITED, Reservation.REFUSED}:
        raise IncreaseNotReserved(reservation=proposal.reservation.value)
    amended = _amended_in_order(proposal, agreement, by=command.by)
    return [
        AmendmentApproved(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            amendment_id=command.amendment_id,
            approved_by=command.by,
        ),
        amended,
    ]


def _reject(command: RejectAmendment, agreement: Agreement) -> list[AgreementEvent]:
    """Reject a proposal of another person, with the reason."""
    proposal = _open(agreement, command.amendment_id)
    _must_be_another(command.by, command.by_organisation_id, proposal, agreement)
    return [
        AmendmentRejected(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            amendment_id=command.amendment_id,
            reason=command.reason,
            rejected_by=command.by,
            funding=proposal.increase,
        )
    ]


def _must_be_another(
    by: str, by_organisation_id: UUID | None, proposal: Proposal, agreement: Agreement
) -> None:
    if by == proposal.proposed_by:
        raise ApproverProposedTheAmendment
    must_not_be_a_recipient(agreement, by, by_organisation_id)


def _withdraw(command: WithdrawAmendment, agreement: Agreement) -> list[AgreementEvent]:
    """Take a proposal back, on the side that made it."""
    proposal = _open(agreement, command.amendment_id)
    if command.by_organisation_id != proposal.by_organisation_id:
        raise NotYourProposal
    return [withdrawn(proposal, agreement, on=command.on, by=command.by, reason=command.reason)]


def withdrawn(
    proposal: Proposal, agreement: Agreement, *, on: date, by: str, reason: str
) -> AmendmentWithdrawn:
    """A proposal that waits for a decision no longer."""
    return AmendmentWithdrawn(
        effective_on=on,
        project_id=agreement.project_id,
        programme_code=agreement.programme_code,
        amendment_id=proposal.amendment_id,
        reason=reason,
        withdrawn_by=by,
        funding=proposal.increase,
    )


def _open(agreement: Agreement, amendment_id: UUID) -> OpenProposal:
    proposal = agreement.proposals.get(amendment_id)
    if proposal is None:
        raise AmendmentUnknown
    if isinstance(proposal, SettledProposal):
        raise AmendmentAlreadySettled(outcome=proposal.outcome)
    return proposal
