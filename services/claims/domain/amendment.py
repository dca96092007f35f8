"""
Amendments: the schedule and the end of an agreement in force change by differences.

Money that was claimed does not move, so a committed cell never becomes negative. What a
participant is contracted for decides its rate, so the rate follows, for later claims.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.claims.domain.commands import AmendAgreement
from services.claims.domain.events import AgreementAmended, AgreementEvent
from services.claims.domain.payment import must_not_be_in_the_future
from services.claims.domain.reimbursement import Cells, contracted_rate
from services.claims.domain.state import (
    Agreement,
    Standing,
    cells_by_participant,
    contracted_match_after,
    match_after,
    shares_by_participant,
)
from services.claims.domain.values import Match, ReimbursementRate
from shared.kernel.frozen import replace
from shared.kernel.money import ZERO, Money, total
from shared.kernel.refusals import Invalid, Refusal, RuleBroken
from shared.kernel.schedule import FundingCell, MatchCell, total_by_pocket


class AmendmentKind(StrEnum):
    """What an amendment is for; it may do nothing else."""

    TIME_EXTENSION = "time-extension"
    """A later end; money may move, none is added or taken."""
    REPROFILE = "reprofile"
    """Money moves between quarters or participants, pocket by pocket; the end stays."""
    REDUCTION = "reduction"
    """Public money is taken, from every pocket that changes."""
    INCREASE = "increase"
    """Public money is added, to every pocket that changes."""


class AgreementNotInForce(RuleBroken):
    """Only an executed agreement that has not ended can change or end."""

    en = "The agreement is not in force: it is {standing}."
    fr = "L’entente n’est pas en vigueur : elle est à l’état « {standing} »."


class AmendmentNotInOrder(RuleBroken):
    """The amendment breaks rules; every one is named."""

    en = "The amendment is not in order; see the reasons."
    fr = "La modification n’est pas en règle; voir les motifs."


class AmendmentKindUnknown(Invalid):
    """An amendment is of a known kind."""

    en = "{kind} is not a kind of amendment."
    fr = "{kind} n’est pas un type de modification."


class AmendmentChangesNothing(Invalid):
    """An amendment changes the schedule or the end."""

    en = "The amendment changes nothing."
    fr = "La modification ne change rien."


class AmendmentBeforeExecution(RuleBroken):
    """An agreement is amended on or after the day it was executed."""

    en = "The agreement was executed on {executed_on}; it cannot be amended before."
    fr = "L’entente a été signée le {executed_on}; elle ne peut être modifiée avant."


class AmendmentOfUnknownParticipant(RuleBroken):
    """An amendment moves money of the agreement's participants."""

    en = "The agreement has no such participant."
    fr = "L’entente ne compte pas ce participant."


class AmendmentInOtherCurrency(Invalid):
    """An agreement has one currency."""

    en = "Amounts of this agreement are in {currency}."
    fr = "Les montants de cette entente sont en {currency}."


class EndNotLater(RuleBroken):
    """A time extension moves the end to a later day."""

    en = "A time extension ends after {ends_on}."
    fr = "Une prolongation se termine après le {ends_on}."


class EndMoved(RuleBroken):
    """Moving money between quarters leaves the end where it is."""

    en = "Moving money leaves the end on {ends_on}; a time extension changes it."
    fr = "Un déplacement de fonds laisse la fin au {ends_on}; une prolongation la change."


class EndBeforeClaims(RuleBroken):
    """An agreement does not end before a period that was claimed."""

    en = "Costs were claimed until {claimed_until}; the agreement cannot end before."
    fr = "Des coûts ont été réclamés jusqu’au {claimed_until}; l’entente ne peut se terminer avant."


class MoneyAddedOrTaken(RuleBroken):
    """An amendment of this kind adds and takes no money, pocket by pocket."""

    en = "Differences of {kind} add up to zero in each pocket, and for match."
    fr = "Les écarts d’une modification « {kind} » s’annulent dans chaque enveloppe et pour la contrepartie."  # noqa: E501  # one sentence


class NotAReduction(RuleBroken):
    """A reduction takes public money and adds none to any pocket."""

    en = "A reduction takes public money and adds none to any pocket."
    fr = "Une réduction retire des fonds publics et n’en ajoute à aucune enveloppe."


class NotAnIncrease(RuleBroken):
    """An increase adds public money and takes none from any pocket."""

    en = "An increase adds public money and takes none from any pocket."
    fr = "Une augmentation ajoute des fonds publics et n’en retire d’aucune enveloppe."


class CommitmentBelowZero(RuleBroken):
    """What was claimed cannot be taken back by an amendment."""

    en = "Only {committed} is still committed from {pocket} in {quarter}."
    fr = "Il ne reste que {committed} engagé de {pocket} pour {quarter}."


class MatchBelowZero(RuleBroken):
    """Contracted match is nil or more."""

    en = "The match of a participant would be negative."
    fr = "La contrepartie d’un participant deviendrait négative."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """An amendment with what it would leave behind."""

    kind: AmendmentKind
    command: AmendAgreement
    agreement: Agreement
    ends_on: date
    committed: Mapping[UUID, Cells]
    match: Mapping[UUID, Match]


def amend(command: AmendAgreement, agreement: Agreement) -> list[AgreementEvent]:
    """Change the schedule or the end by differences."""
    if command.amendment_id in agreement.amendments:
        return []
    must_be_in_force(agreement)
    must_not_be_in_the_future(command.effective_on, command.on, field="effective_on")
    if command.kind not in set(AmendmentKind):
        raise AmendmentKindUnknown(
            field="kind", accepted=[kind.value for kind in AmendmentKind], kind=command.kind
        )
    _must_make_sense(command, agreement)
    asked = _Asked(
        kind=AmendmentKind(command.kind),
        command=command,
        agreement=agreement,
        ends_on=agreement.ends_on if command.ends_on is None else command.ends_on,
        committed=cells_by_participant(agreement.committed, command.funding),
        match=contracted_match_after(agreement.contracted_match, command.match),
    )
    refusals = [*_reasons_of_kind(asked), *_reasons_of_schedule(asked)]
    if refusals:
        raise AmendmentNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])
    funding = tuple(cell for cell in command.funding if cell.amount)
    match = tuple(cell for cell in command.match if cell.cash or cell.in_kind)
    return [
        AgreementAmended(
            effective_on=command.effective_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            amendment_id=command.amendment_id,
            kind=asked.kind.value,
            ends_on=asked.ends_on,
            funding=funding,
            match=match,
            rates=_new_rates(agreement, funding, asked.match, match),
            amended_by=command.by,
        )
    ]


def must_be_in_force(agreement: Agreement) -> None:
    """Refuse what an agreement allows only between its execution and its end."""
    if agreement.standing is not Standing.EXECUTED:
        raise AgreementNotInForce(standing=agreement.standing.value)


def _must_make_sense(command: AmendAgreement, agreement: Agreement) -> None:
    """Refuse what could not even be added up."""
    cells = (
        *(
            (f"funding[{index}]", cell.participant_id, (cell.amount,))
            for index, cell in enumerate(command.funding)
        ),
        *(
            (f"match[{index}]", cell.participant_id, (cell.cash, cell.in_kind))
            for index, cell in enumerate(command.match)
        ),
    )
    for where, participant_id, amounts in cells:
        if participant_id not in agreement.participants:
            raise AmendmentOfUnknownParticipant(field=f"{where}.participant_id")
        if any(amount.currency != ZERO.currency for amount in amounts):
            raise AmendmentInOtherCurrency(
                field=where, accepted=ZERO.currency, currency=ZERO.currency
            )


def _reasons_of_kind(asked: _Asked) -> Iterator[Refusal]:
    """An amendment does what its kind says, and nothing else."""
    command, ends_on = asked.command, asked.agreement.ends_on
    pockets = total_by_pocket(command.funding)
    if asked.kind in {AmendmentKind.TIME_EXTENSION, AmendmentKind.REPROFILE} and (
        any(pockets.values())
        or total(cell.cash for cell in command.match)
        or total(cell.in_kind for cell in command.match)
    ):
        yield MoneyAddedOrTaken(field="funding", kind=asked.kind.value)
    if asked.kind is AmendmentKind.TIME_EXTENSION and asked.ends_on <= ends_on:
        yield EndNotLater(field="ends_on", ends_on=ends_on)
    if asked.kind is AmendmentKind.REPROFILE and asked.ends_on != ends_on:
        yield EndMoved(field="ends_on", accepted=ends_on.isoformat(), ends_on=ends_on)
    if asked.kind is AmendmentKind.REDUCTION and not _all_point(pockets, sign=-1):
        yield NotAReduction(field="funding")
    if asked.kind is AmendmentKind.INCREASE and not _all_point(pockets, sign=1):
        yield NotAnIncrease(field="funding")


def _all_point(pockets: Mapping[str, Money], *, sign: int) -> bool:
    signed = [sign * amount.cents for amount in pockets.values()]
    return any(signed) and min(signed) >= 0


def _reasons_of_schedule(asked: _Asked) -> Iterator[Refusal]:
    """What the amendment leaves behind is a schedule that what was claimed still fits."""
    command, agreement = asked.command, asked.agreement
    if asked.ends_on == agreement.ends_on and not command.funding and not command.match:
        yield AmendmentChangesNothing()
    if agreement.executed_on is not None and command.effective_on < agreement.executed_on:
        yield AmendmentBeforeExecution(field="effective_on", executed_on=agreement.executed_on)
    claimed_until = max(
        (line.incurred_to for claim in agreement.claims.values() for line in claim.form.lines),
        default=agreement.starts_on,
    )
    if asked.ends_on < claimed_until:
        yield EndBeforeClaims(
            field="ends_on", accepted=claimed_until.isoformat(), claimed_until=claimed_until
        )
    for index, cell in enumerate(command.funding):
        after = asked.committed[cell.participant_id].get((cell.quarter, cell.pocket), ZERO)
        if after < ZERO:
            before = agreement.committed.get(cell.participant_id, {})
            yield CommitmentBelowZero(
                field=f"funding[{index}].amount",
                committed=before.get((cell.quarter, cell.pocket), ZERO),
                pocket=cell.pocket,
                quarter=cell.quarter,
            )
    for match in asked.match.values():
        if match.cash < ZERO or match.in_kind < ZERO:
            yield MatchBelowZero(field="match")


def _new_rates(
    agreement: Agreement,
    funding: tuple[FundingCell, ...],
    contracted_match: Mapping[UUID, Match],
    match: tuple[MatchCell, ...],
) -> tuple[ReimbursementRate, ...]:
    contracted = shares_by_participant(agreement.contracted, funding)
    changed = {cell.participant_id for cell in funding} | {cell.participant_id for cell in match}
    return tuple(
        contracted_rate(
            participant_id,
            public=total(contracted.get(participant_id, {}).values()),
            cash_match=contracted_match.get(participant_id, Match()).cash,
            ceiling_bp=agreement.terms.reimbursement_rate_bp,
        )
        for participant_id in agreement.participants
        if participant_id in changed
    )


def after_amendment(agreement: Agreement, event: AgreementAmended) -> Agreement:
    """The schedule, the end and the rates are others."""
    return replace(
        agreement,
        ends_on=event.ends_on,
        contracted=shares_by_participant(agreement.contracted, event.funding),
        contracted_match=contracted_match_after(agreement.contracted_match, event.match),
        committed=cells_by_participant(agreement.committed, event.funding),
        match_to_report=match_after(agreement.match_to_report, event.match),
        rates={**agreement.rates, **{rate.participant_id: rate for rate in event.rates}},
        amendments=(*agreement.amendments, event.amendment_id),
    )
