"""
An award: a committee's decision to fund, and the money reserved for it.

It ends when its agreement is executed (its reservation is then a commitment) or when it lapses
(its reservation returns to the pockets).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, assert_never
from uuid import UUID

from services.selection.domain.application import Participant, Proposal
from shared.kernel.decider import Decider
from shared.kernel.money import ZERO, Money
from shared.kernel.refusals import NotFound, Reason, RuleBroken
from shared.kernel.schedule import FundingCell, MatchCell

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveAward:
    """Promise money to a project."""

    award_id: UUID
    application_id: UUID
    meeting_id: UUID
    proposal: Proposal
    funding: tuple[FundingCell, ...]
    """As asked, or less."""
    lapses_on: date
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseAward:
    """Let the promise fall."""

    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitAward:
    """Its agreement was executed."""

    agreement_id: UUID
    on: date


Command: TypeAlias = ApproveAward | LapseAward | CommitAward


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardApproved:
    """Money is reserved for a project, per participant, pocket and quarter."""

    award_id: UUID
    application_id: UUID
    meeting_id: UUID
    programme_code: str
    programme_version: int
    title: str
    participants: tuple[Participant, ...]
    starts_on: date
    ends_on: date
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    lapses_on: date
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardLapsed:
    """The promise fell before an agreement was executed."""

    award_id: UUID
    application_id: UUID
    programme_code: str
    funding: tuple[FundingCell, ...]
    reason: str
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardCommitted:
    """Its agreement was executed."""

    award_id: UUID
    agreement_id: UUID
    effective_on: date


Event: TypeAlias = AwardApproved | AwardLapsed | AwardCommitted


# State


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApproved:
    """There is no such award."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """Money is reserved for it."""

    terms: AwardApproved


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """It fell; its reservation has returned."""

    terms: AwardApproved
    lapsed_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """Its agreement stands in its place."""

    terms: AwardApproved
    agreement_id: UUID


Award: TypeAlias = NotApproved | Approved | Lapsed | Committed


class AwardNotValid(RuleBroken):
    """The award cannot be made like this."""

    en = "The award cannot be made like this."
    fr = "La décision de financement ne peut pas être prise ainsi."


def approved(award: Award) -> Approved | Lapsed | Committed:
    """The award, whatever became of it, or ``NotFound``."""
    if isinstance(award, NotApproved):
        raise NotFound(kind="award")
    return award


def decide(command: Command, award: Award) -> Sequence[Event]:
    """What follows, or ``AwardNotValid`` with every reason."""
    match command:
        case ApproveAward():
            return _approve(command, award)
        case LapseAward():
            if not isinstance(award, Approved):
                return []  # executed or lapsed before: there is nothing left to fall
            return [
                AwardLapsed(
                    award_id=award.terms.award_id,
                    application_id=award.terms.application_id,
                    programme_code=award.terms.programme_code,
                    funding=award.terms.funding,
                    reason=command.reason,
                    effective_on=command.on,
                )
            ]
        case CommitAward():
            # An agreement executed in time may be heard of after its award has lapsed:
            # it is signed, so it stands.
            if isinstance(award, NotApproved | Committed):
                return []
            return [
                AwardCommitted(
                    award_id=award.terms.award_id,
                    agreement_id=command.agreement_id,
                    effective_on=command.on,
                )
            ]
        case unreachable:
            assert_never(unreachable)


def _approve(command: ApproveAward, award: Award) -> Sequence[Event]:
    if not isinstance(award, NotApproved):
        return []
    reasons = [*_wrong_with_the_funding(command.funding, command.proposal)]
    if command.lapses_on <= command.on:
        reasons.append(
            Reason(
                code="lapses-too-soon",
                en="An award lapses on a later day than that of the decision.",
                fr="Une décision de financement devient caduque un jour postérieur à la réunion.",
                field="lapses_on",
                accepted={"after": str(command.on)},
            )
        )
    if reasons:
        raise AwardNotValid(reasons=reasons)
    proposal = command.proposal
    return [
        AwardApproved(
            award_id=command.award_id,
            application_id=command.application_id,
            meeting_id=command.meeting_id,
            programme_code=proposal.programme_code,
            programme_version=proposal.programme_version,
            title=proposal.title,
            participants=proposal.participants,
            starts_on=proposal.starts_on,
            ends_on=proposal.ends_on,
            funding=command.funding,
            match=proposal.match,
            lapses_on=command.lapses_on,
            effective_on=command.on,
        )
    ]


def _wrong_with_the_funding(
    funding: tuple[FundingCell, ...], proposal: Proposal
) -> Sequence[Reason]:
    reasons = []
    asked = _by_participant_and_pocket(proposal.funding)
    for (participant_id, pocket), granted in _by_participant_and_pocket(funding).items():
        ceiling = asked.get((participant_id, pocket), ZERO)
        if granted > ceiling:
            reasons.append(
                Reason(
                    code="more-than-asked",
                    en=f"Participant {participant_id} did not ask as much of pocket {pocket}.",
                    fr=f"Le participant {participant_id} n’a pas demandé autant à {pocket}.",
                    field="funding",
                    accepted={"participant_id": str(participant_id), "cents": ceiling.cents},
                )
            )
    keys = [(cell.participant_id, cell.pocket, cell.quarter) for cell in funding]
    if len(set(keys)) < len(keys):
        reasons.append(
            Reason(
                code="cell-twice",
                en="A participant, pocket and quarter has one amount.",
                fr="Un participant, une enveloppe et un trimestre n’ont qu’un montant.",
                field="funding",
            )
        )
    if any(
        cell.quarter.ends_on < proposal.starts_on or cell.quarter.starts_on > proposal.ends_on
        for cell in funding
    ):
        reasons.append(
            Reason(
                code="outside-the-project",
                en="Money is planned for quarters in which the project runs.",
                fr="L’argent se prévoit pour des trimestres où le projet est en cours.",
                field="funding",
                accepted={"starts_on": str(proposal.starts_on), "ends_on": str(proposal.ends_on)},
            )
        )
    if not funding or any(cell.amount.cents <= 0 for cell in funding):
        reasons.append(
            Reason(
                code="nothing-granted",
                en="An award grants something, and every amount in it is positive.",
                fr="Une décision de financement accorde quelque chose, par montants positifs.",
                field="funding",
            )
        )
    return reasons


def _by_participant_and_pocket(
    cells: tuple[FundingCell, ...],
) -> dict[tuple[UUID, str], Money]:
    totals: dict[tuple[UUID, str], Money] = {}
    for cell in cells:
        key = (cell.participant_id, cell.pocket)
        totals[key] = totals.get(key, ZERO) + cell.amount
    return totals


def evolve(award: Award, event: Event) -> Award:
    """The state after ``event``."""
    match event:
        case AwardApproved():
            return Approved(terms=event)
        case AwardLapsed():
            return Lapsed(
                terms=approved(award).terms, lapsed_on=event.effective_on, reason=event.reason
            )
        case AwardCommitted():
            return Committed(terms=approved(award).terms, agreement_id=event.agreement_id)
        case unreachable:
            assert_never(unreachable)


DECIDER: Decider[Command, Award, Event] = Decider(
    initial=NotApproved(), decide=decide, evolve=evolve
)
